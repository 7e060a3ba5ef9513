/**
 * Answers of Ethplorer (https://github.com/EverexIO/Ethplorer/wiki/Ethplorer-API): what addresses hold, who holds most of a token, and the busiest
 * tokens.
 */
import type { Signal } from '#record'
import { evmAddress } from '#domain/chain/address'
import { scaled } from '#domain/chain/quantity'
import { exactDecimal, exactList, exactObject, type Exact } from '../json_exact.ts'
import { present, count, integer, momentOf, signal, text, type Row, type Scope } from './signals.ts'

const CHAIN = 'ethereum'

/** Undefined where `doc` is no answer of Ethplorer. */
export function readEthplorer(doc: Exact, scope: Scope): Iterable<Signal> | undefined {
  const answer = exactObject(doc)
  if (answer === undefined) return undefined
  const holders = exactList(answer['holders'])
  if (holders !== undefined && 'share' in (exactObject(holders[0]) ?? {})) return readHolders(holders, scope)
  const tokens = exactList(answer['tokens'])
  const first = exactObject(tokens?.[0])
  if (tokens === undefined || first === undefined) return undefined
  if ('tokenInfo' in first && 'address' in answer) return readBalances(answer, tokens, scope)
  return 'holdersCount' in first && 'totalSupply' in first ? readTokens(tokens, scope) : undefined
}

interface Holding {
  readonly holder: string | undefined
  readonly token: string | undefined
  readonly facts: { readonly [name: string]: unknown }
}

function holding(scope: Scope, { holder, token, facts }: Holding): Signal {
  const label = holder === undefined ? undefined : scope.labels.of(CHAIN, holder)
  return signal(scope, {
    type: 'holding', key: `${CHAIN}:holding:${token ?? 'unnamed'}:${holder ?? ''}`, source: `${CHAIN}/holdings`,
    subject: `wallet:${CHAIN}:${holder ?? ''}`, atMs: undefined,
    facts: { chain: CHAIN, holder, token, ...facts, labels: label === undefined ? undefined : present({ holder: label }) },
  })
}

/** The token stands only in what was asked: `getTopTokenHolders/0x...`. Balances are doubles on this service: rounded, in the smallest unit. */
function* readHolders(holders: readonly Exact[], scope: Scope): Iterable<Signal> {
  const token = evmAddress(/getTopTokenHolders\/(0x[0-9a-fA-F]{40})/.exec(scope.url ?? '')?.[1])
  for (const [i, each] of holders.entries()) {
    const row = exactObject(each) ?? {}
    const holder = evmAddress(text(row['address'])), units = exactDecimal(row['balance'])
    if (holder === undefined || units === undefined) scope.reject(`holder ${i + 1}`, 'a holder without address or balance')
    else yield holding(scope, { holder, token, facts: { units_rounded: units, share_percent: exactDecimal(row['share']) } })
  }
}

function* readBalances(answer: Row, tokens: readonly Exact[], scope: Scope): Iterable<Signal> {
  const holder = evmAddress(text(answer['address']))
  for (const [i, each] of tokens.entries()) {
    const row = exactObject(each) ?? {}
    const info = exactObject(row['tokenInfo']) ?? {}
    const token = evmAddress(text(info['address'])), units = integer(row['rawBalance'])
    const decimals = count(info['decimals'])
    const isWhole = holder !== undefined && token !== undefined && units !== undefined
    if (!isWhole) scope.reject(`token ${i + 1}`, 'a holding without address, token or balance')
    else {
      yield holding(scope, {
        holder, token,
        facts: {
          symbol: text(info['symbol']), units: units.toString(), decimals, amount: decimals === undefined ? undefined : scaled(units, decimals),
        },
      })
    }
  }
}

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
          supply: decimals === undefined ? undefined : scaled(units, decimals),
          holders: count(row['holdersCount']), transfers: count(row['transfersCount']), price_usd: exactDecimal(price?.['rate']),
        },
      })
    }
  }
}
