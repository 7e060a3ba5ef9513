/**
 * Answers of Ethplorer (https://github.com/EverexIO/Ethplorer/wiki/Ethplorer-API): what addresses hold, who holds most of a token, transfers of
 * tokens and addresses, and tokens themselves.
 */
import type { Signal } from '#record'
import { evmAddress, evmHash } from '#domain/chain/address'
import { scaled } from '#domain/chain/quantity'
import { exactDecimal, exactList, exactObject, type Exact } from '../json_exact.ts'
import { field, isOfChain, OTHER_CHAIN } from './evm.ts'
import { count, holdingSignal, integer, momentOf, moveSignal, signal, text, type Move, type Row, type Scope } from './signals.ts'

const CHAIN = 'ethereum'

/** Undefined where `doc` is no answer of Ethplorer. */
export function readEthplorer(doc: Exact, scope: Scope): Iterable<Signal> | undefined {
  const answer = exactObject(doc)
  if (answer === undefined) return undefined
  const holders = exactList(answer['holders'])
  if (holders !== undefined && 'share' in (exactObject(holders[0]) ?? {})) return readHolders(holders, scope)
  const operations = exactList(answer['operations'])
  if (operations !== undefined) return readOperations(operations, answer, scope)
  if (isToken(answer)) return readTokens([answer], scope)
  const tokens = exactList(answer['tokens'])
  const first = exactObject(tokens?.[0])
  if (tokens === undefined || first === undefined) return undefined
  if ('tokenInfo' in first && 'address' in answer) return readBalances(answer, tokens, scope)
  return isToken(first) ? readTokens(tokens, scope) : undefined
}

const isToken = (row: Row): boolean => ['address', 'totalSupply', 'holdersCount'].every((name) => name in row)

/** The token stands only in what was asked: `getTopTokenHolders/0x...`. Balances are doubles on this service: rounded, in the smallest unit. */
function* readHolders(holders: readonly Exact[], scope: Scope): Iterable<Signal> {
  const token = evmAddress(/getTopTokenHolders\/(0x[0-9a-fA-F]{40})/.exec(scope.url ?? '')?.[1]) ?? 'unnamed'
  for (const [i, each] of holders.entries()) {
    const row = exactObject(each) ?? {}
    const holder = evmAddress(text(row['address'])), units = exactDecimal(row['balance'])
    if (holder === undefined || units === undefined) scope.reject(`holder ${i + 1}`, 'a holder without address or balance')
    else yield holdingSignal(scope, { chain: CHAIN, holder, token, more: { units_rounded: units, share_percent: exactDecimal(row['share']) } })
  }
}

function* readBalances(answer: Row, tokens: readonly Exact[], scope: Scope): Iterable<Signal> {
  const holder = evmAddress(text(answer['address']))
  const own = integer(exactObject(answer['ETH'])?.['rawBalance'])
  if (holder !== undefined && own !== undefined && own > 0n) yield holdingSignal(scope, { chain: CHAIN, holder, units: own })
  for (const [i, each] of tokens.entries()) {
    const row = exactObject(each) ?? {}
    const info = exactObject(row['tokenInfo']) ?? {}
    const token = evmAddress(text(info['address'])), units = integer(row['rawBalance'])
    const isWhole = holder !== undefined && token !== undefined && units !== undefined
    if (!isWhole) scope.reject(`token ${i + 1}`, 'a holding without address, token or balance')
    else yield holdingSignal(scope, {
      chain: CHAIN, holder, token, units, decimals: count(info['decimals']), more: { symbol: text(info['symbol']) },
    })
  }
}

function* readOperations(operations: readonly Exact[], answer: Row, scope: Scope): Iterable<Signal> {
  if (operations.length === 0) scope.reject('operations', 'nothing was found')
  const seen = new Map<string, number>()
  for (const [i, each] of operations.entries()) {
    const found = operationOf(exactObject(each) ?? {}, answer, seen, scope)
    if (typeof found === 'string') scope.reject(`operation ${i + 1}`, found)
    else yield found
  }
}

/** No log index is told: token, ends and value name a transfer within its transaction, and those that say the same are counted. */
function operationOf(row: Row, answer: Row, seen: Map<string, number>, scope: Scope): Signal | string {
  const tx = evmHash(text(row['transactionHash'])) ?? evmHash(text(answer['hash']))
  const info = exactObject(row['tokenInfo']) ?? {}
  const token = evmAddress(text(info['address'])), units = integer(field(row, 'intValue', 'value'))
  const kind = text(row['type']) ?? 'transfer'
  const block = integer(answer['blockNumber']), atMs = momentOf(row['timestamp']) ?? momentOf(answer['timestamp'])
  if (tx === undefined || token === undefined || units === undefined) return 'a token transfer without transaction, token or value'
  if (!KINDS.has(kind)) return 'an operation that moves nothing'
  if (!isOfChain(scope, block, atMs)) return OTHER_CHAIN(scope.chain)
  const from = evmAddress(text(field(row, 'from', 'address'))), to = evmAddress(text(row['to']))
  const name = `${token}:${from}:${to}:${units}`
  const before = seen.get(`${tx} ${name}`) ?? 0
  seen.set(`${tx} ${name}`, before + 1)
  return moveSignal(scope, {
    chain: CHAIN, tx, part: before === 0 ? name : `${name}:${before + 1}`, token, symbol: text(info['symbol']), decimals: count(info['decimals']),
    from, to, units, block: block?.toString(), atMs, state: 'confirmed', made: KINDS.get(kind),
  })
}

const KINDS: ReadonlyMap<string, Move['made']> = new Map([
  ['transfer', undefined], ['mint', { type: 'mint', how: 'stated' }], ['issuance', { type: 'mint', how: 'stated' }],
  ['burn', { type: 'burn', how: 'stated' }],
])

function* readTokens(tokens: readonly Exact[], scope: Scope): Iterable<Signal> {
  for (const [i, each] of tokens.entries()) {
    const row = exactObject(each) ?? {}
    const token = evmAddress(text(row['address'])), units = integer(row['totalSupply']), decimals = count(row['decimals'])
    const price = exactObject(row['price'])
    if (token === undefined || units === undefined) scope.reject(`token ${i + 1}`, 'a token without address or supply')
    else {
      yield signal(scope, {
        type: 'supply', key: `${CHAIN}:supply:${token}`, source: `${CHAIN}/supply`, subject: `token:${CHAIN}:${token}`,
        atMs: momentOf(row['lastUpdated']),
        facts: {
          chain: CHAIN, token, symbol: text(row['symbol']), name: text(row['name']), units: units.toString(), decimals,
          supply: decimals === undefined ? undefined : scaled(units, decimals), holders: count(row['holdersCount']),
          transfers: count(row['transfersCount']),
          price_usd: exactDecimal(price?.['rate']),
        },
      })
    }
  }
}
