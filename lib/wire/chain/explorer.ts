/**
 * Answers of Etherscan's API and its like (https://docs.etherscan.io/api-endpoints/accounts): Blockscout, Routescan, and rows that client libraries
 * record.
 */
import type { Signal } from '#record'
import { evmAddress, evmHash } from '#domain/chain/address'
import { scaled } from '#domain/chain/quantity'
import { Failure } from '#port/failure'
import { exactDecimal, exactList, exactObject, type Exact } from '../json_exact.ts'
import { coinSubject, field, isOfChain, OTHER_CHAIN, signalsOfValue, signalsOfWithdrawal, type Held } from './evm.ts'
import { nothing, readLog, readResult } from './rpc.ts'
import { holdingSignal, integer, integerText, momentOf, moveSignal, signal, text, type Row, type Scope } from './signals.ts'

/** Words of an explorer that wants to be asked more slowly. They come with status 200. */
export const RATE_LIMITED = /rate limit|max calls|too many/i

/** Undefined where `doc` is no answer of an explorer. */
export function readExplorer(doc: Exact, held: Held, scope: Scope, place: string): Iterable<Signal> | undefined {
  const answer = exactObject(doc)
  if (answer === undefined) return undefined
  if ('status' in answer && 'message' in answer && 'result' in answer) return readAnswer(answer, held, scope, place)
  // A call as client libraries record it: what was asked, and `res`.
  if ('method' in answer && 'module' in answer && 'res' in answer) {
    return readRows(answer['res'] ?? null, text(exactObject(answer['kwargs'])?.['txhash']), held, scope, place)
  }
  const items = exactList(answer['items'])
  return items !== undefined && 'next_page_params' in answer ? readItems(items, scope) : undefined
}

function readAnswer(answer: Row, held: Held, scope: Scope, place: string): Iterable<Signal> {
  const { result } = answer
  const message = text(answer['message']) ?? ''
  // "No transactions found" is an answer, and so is a part of them (status 2); a refusal has its reason as the result.
  if (typeof result === 'string' && (text(answer['status']) === '0' || /NOTOK/i.test(message))) {
    throw new Failure('data', `${scope.name}: the explorer refused: ${(result === '' ? message : result).slice(0, 200)}`)
  }
  if (result === null && text(answer['status']) === '0') throw new Failure('data', `${scope.name}: the explorer refused: ${message}`)
  return readRows(result ?? null, txOf(scope.url), held, scope, place)
}

/** The transaction that was asked for, where rows do not repeat it. */
const txOf = (url: string | undefined): string | undefined => evmHash(/[?&]txhash=(0x[0-9a-fA-F]{64})/.exec(url ?? '')?.[1])

function readRows(result: Exact, tx: string | undefined, held: Held, scope: Scope, place: string): Iterable<Signal> {
  const rows = exactList(result)
  if (rows?.length === 0) return nothing(scope, place, 'the explorer found nothing')
  const first = exactObject(rows?.[0] ?? result)
  if (first === undefined) return nothing(scope, place, 'a bare value: no signal')
  const reader = readerOf(first)
  if (reader === undefined) return readResult(result, held, scope, place) ?? nothing(scope, place, 'an answer of an explorer without transfers')
  return readEach(rows ?? [first], reader, { tx, held, seen: new Map() }, scope)
}

interface About {
  readonly tx: string | undefined
  readonly held: Held
  /** Rows that say the same, counted: without a log index nothing else tells them apart. */
  readonly seen: Map<string, number>
}
type Reader = (row: Row, about: About, scope: Scope, place: string) => Iterable<Signal>

function* readEach(rows: readonly Exact[], reader: Reader, about: About, scope: Scope): Iterable<Signal> {
  for (const [i, each] of rows.entries()) {
    const row = exactObject(each)
    if (row === undefined) scope.reject(`row ${i + 1}`, 'no row of an explorer')
    else yield* reader(row, about, scope, `row ${i + 1}`)
  }
}

function readerOf(row: Row): Reader | undefined {
  if ('topics' in row && 'data' in row) return readExplorerLog
  if ('withdrawalIndex' in row) return readWithdrawal
  if ('timeStamp' in row && ('tokenSymbol' in row || 'tokenID' in row)) return readTokenTransfer
  if ('timeStamp' in row && 'from' in row && 'to' in row) return 'nonce' in row ? readTransaction : readInternal
  if ('blockReward' in row || ('blockNumber' in row && 'timeStamp' in row && Object.keys(row).length <= 3)) return rejectReward
  if ('SafeGasPrice' in row && 'FastGasPrice' in row) return readGas
  if ('totalSupply' in row && 'contractAddress' in row) return readSupply
  if (('account' in row && 'balance' in row) || 'TokenHolderQuantity' in row) return readBalance
  if ('ethusd' in row && 'ethusd_timestamp' in row) return readPrice
  return undefined
}

function* rejectReward(_row: Row, _about: About, scope: Scope, place: string): Iterable<Signal> {
  scope.reject(place, 'a reward for a block: nobody moved it')
}

/** Index 0 is written `0x`, or left out. */
const readExplorerLog: Reader = (row, { held }, scope, place) => readLog({ ...row, logIndex: field(row, 'logIndex') ?? '0x0' }, held, scope, place)
const readWithdrawal: Reader = (row, _about, scope, place) =>
  signalsOfWithdrawal(row, { block: integer(row['blockNumber']), atMs: momentOf(row['timestamp']) }, scope, place)

const failedOf = (row: Row): boolean => text(row['isError']) === '1' || text(row['txreceipt_status']) === '0'

/** Coins of the first block came from nowhere: `GENESIS_<address>`. */
function* readTransaction(row: Row, _about: About, scope: Scope, place: string): Iterable<Signal> {
  const hash = text(row['hash']) ?? ''
  const isGenesis = hash.startsWith('GENESIS')
  const tx = isGenesis ? hash : evmHash(hash)
  const block = integer(row['blockNumber']), atMs = momentOf(row['timeStamp']), to = evmAddress(text(field(row, 'to', 'contractAddress')))
  if (tx === undefined) scope.reject(place, 'a transaction without a hash')
  else if (isGenesis) {
    const made = { type: 'mint', how: 'genesis' } as const
    yield moveSignal(scope, {
      chain: scope.chain, tx, part: '', to, units: integer(row['value']), block: block?.toString(), atMs, state: 'confirmed', made,
    })
  } else {
    yield* signalsOfValue({
      tx, part: '', from: evmAddress(text(row['from'])), to, value: integer(row['value']), block, blockHash: evmHash(text(row['blockHash'])), atMs,
      failed: failedOf(row), state: block === undefined ? 'unconfirmed' : 'confirmed',
    }, scope, place)
  }
}

function* readInternal(row: Row, { tx: asked, seen }: About, scope: Scope, place: string): Iterable<Signal> {
  const tx = evmHash(text(field(row, 'hash', 'transactionHash'))) ?? asked
  if (tx === undefined) {
    scope.reject(place, 'an internal transfer that does not say its transaction')
    return
  }
  const trace = text(field(row, 'traceId')), index = integerText(row['index'])
  const callType = text(row['callType'])
  const from = evmAddress(text(row['from'])), to = evmAddress(text(field(row, 'to', 'contractAddress')))
  if (callType !== undefined && callType !== 'call') scope.reject(place, 'a call that cannot move coins')
  else {
    yield* signalsOfValue({
      tx, part: partOf(trace, index) ?? alike(seen, `internal:${from}:${to}:${integerText(row['value'])}`, tx), from, to,
      value: integer(row['value']), block: integer(row['blockNumber']), atMs: momentOf(row['timeStamp']), failed: failedOf(row), state: 'confirmed',
    }, scope, place)
  }
}

/** Etherscan writes the path of a call, Blockscout its place in the list. */
function partOf(trace: string | undefined, index: string | undefined): string | undefined {
  if (trace !== undefined) return `trace:${trace.replaceAll('_', '.')}`
  return index === undefined ? undefined : `internal:${index}`
}

/** A name that counts those before it which say the same. */
function alike(seen: Map<string, number>, name: string, tx: string): string {
  const before = seen.get(`${tx} ${name}`) ?? 0
  seen.set(`${tx} ${name}`, before + 1)
  return before === 0 ? name : `${name}:${before + 1}`
}

/** tokentx, tokennfttx, token1155tx. The explorer gives no log index: token, ends and value name the transfer within its transaction. */
function* readTokenTransfer(row: Row, { seen }: About, scope: Scope, place: string): Iterable<Signal> {
  const tx = evmHash(text(row['hash'])), token = evmAddress(text(row['contractAddress']))
  const from = evmAddress(text(row['from'])), to = evmAddress(text(row['to']))
  const units = integer(field(row, 'value', 'tokenValue')), tokenId = integerText(row['tokenID']), decimals = integer(row['tokenDecimal'])
  const block = integer(row['blockNumber']), atMs = momentOf(row['timeStamp'])
  const isWhole = tx !== undefined && token !== undefined && (units !== undefined || tokenId !== undefined)
  if (!isWhole) scope.reject(place, 'a token transfer without transaction, token or value')
  else if (!isOfChain(scope, block, atMs)) scope.reject(place, OTHER_CHAIN(scope.chain))
  else {
    const index = integerText(field(row, 'logIndex'))
    yield moveSignal(scope, {
      chain: scope.chain, tx,
      part: index ?? alike(seen, `${token}:${from}:${to}:${tokenId ?? ''}${tokenId === undefined ? '' : '#'}${units ?? ''}`, tx), token,
      symbol: text(row['tokenSymbol']), decimals: tokenId !== undefined || decimals === undefined ? undefined : Number(decimals), from, to, units,
      tokenId,
      block: block?.toString(), blockHash: evmHash(text(row['blockHash'])), atMs, state: block === undefined ? 'unconfirmed' : 'confirmed',
    })
  }
}

/** Withdrawals as Blockscout's second API gives them, in wei. */
function* readItems(items: readonly Exact[], scope: Scope): Iterable<Signal> {
  if (items.length === 0) scope.reject('items', 'the explorer found nothing')
  for (const [i, each] of items.entries()) {
    const row = exactObject(each) ?? {}
    if (!('validator_index' in row)) scope.reject(`item ${i + 1}`, 'no withdrawal')
    else {
      const address = text(exactObject(row['receiver'])?.['hash']) ?? null
      yield* signalsOfWithdrawal({ ...row, address }, {
        block: integer(row['block_number']), atMs: momentOf(row['timestamp']),
      }, scope, `item ${i + 1}`, true)
    }
  }
}

/** Prices of gas now, in gwei. */
function* readGas(row: Row, _about: About, scope: Scope): Iterable<Signal> {
  const { chain } = scope
  const gwei = (name: string): string | undefined => exactDecimal(row[name])
  yield signal(scope, {
    type: 'fees', key: `${chain}:fees`, source: `${chain}/fees`, subject: coinSubject(chain), atMs: undefined,
    facts: {
      chain, block: integerText(row['LastBlock']), slow_gwei: gwei('SafeGasPrice'), usual_gwei: gwei('ProposeGasPrice'),
      fast_gwei: gwei('FastGasPrice'),
      base_gwei: gwei('suggestBaseFee'),
    },
  })
}

function* readSupply(row: Row, _about: About, scope: Scope, place: string): Iterable<Signal> {
  const token = evmAddress(text(row['contractAddress'])), units = integer(row['totalSupply']), decimals = integer(row['divisor'])
  if (token === undefined || units === undefined) scope.reject(place, 'a token without address or supply')
  else {
    const { chain } = scope
    yield signal(scope, {
      type: 'supply', key: `${chain}:supply:${token}`, source: `${chain}/supply`, subject: `token:${chain}:${token}`, atMs: undefined,
      facts: {
        chain, token, symbol: text(row['symbol']), name: text(row['tokenName']), units: units.toString(),
        decimals: decimals === undefined ? undefined : Number(decimals),
        supply: decimals === undefined ? undefined : scaled(units, Number(decimals)),
      },
    })
  }
}

/** What an account holds in the chain's coin, or of a token that only the question names. */
function* readBalance(row: Row, _about: About, scope: Scope, place: string): Iterable<Signal> {
  const { chain } = scope
  const holder = evmAddress(text(field(row, 'account', 'TokenHolderAddress'))), units = integer(field(row, 'balance', 'TokenHolderQuantity'))
  const token = evmAddress(/[?&]contractaddress=(0x[0-9a-fA-F]{40})/.exec(scope.url ?? '')?.[1])
  if (holder === undefined || units === undefined) scope.reject(place, 'a holder without address or balance')
  else if ('account' in row) yield holdingSignal(scope, { chain, holder, units })
  else yield holdingSignal(scope, { chain, holder, token: token ?? 'unnamed', units })
}

function* readPrice(row: Row, _about: About, scope: Scope, place: string): Iterable<Signal> {
  const price = exactDecimal(row['ethusd'])
  if (price === undefined) scope.reject(place, 'a coin without a price')
  else {
    yield signal(scope, {
      type: 'quote', key: 'ethereum:price', source: 'ethereum/prices', subject: 'coin:ETH', atMs: momentOf(row['ethusd_timestamp']),
      facts: { price_usd: price, price_btc: exactDecimal(row['ethbtc']) },
    })
  }
}
