/**
 * The queue of unconfirmed Bitcoin transactions, and the other things that mempool.space and Esplora tell over REST and WebSocket
 * (https://mempool.space/docs/api/websocket): one message may hold several.
 */
import type { Signal } from '#record'
import { bitcoinHash } from '#domain/chain/address'
import { weightedPercentile } from '#domain/chain/anomaly'
import { exactDecimal, exactList, exactNumber, exactObject, type Exact } from '../json_exact.ts'
import {
  btc, isBitcoinBlock, isEsploraTx, isInfoTx, isShortTx, signalsOfBitcoinBlock, signalsOfEsploraTx, signalsOfInfoTx, signalsOfReplacement,
  signalsOfReplacementSummary, signalsOfShortTx,
} from './bitcoin.ts'
import {
  address, amount, count, holdingSignal, integer, integerText, momentOf, signal, text, type Facts, type Row, type Scope,
} from './signals.ts'

export function mempoolSignal(scope: Scope, facts: Facts, atMs?: number): Signal {
  return signal(scope, {
    type: 'mempool', key: 'bitcoin:mempool', source: 'bitcoin/mempool', subject: 'coin:BTC', atMs, facts: { chain: 'bitcoin', ...facts },
  })
}

const PERCENTILES = [10, 25, 50, 75, 90] as const

/** Fee rates (satoshi a virtual byte) below which so many hundredths of the queue's size lie. */
export function feePercentiles(pairs: readonly (readonly [number, number])[]): Facts {
  return Object.fromEntries(PERCENTILES.map((percent) => [`fee_p${percent}`, weightedPercentile(pairs, percent / 100)]))
}

/** Undefined where `doc` is nothing of a Bitcoin explorer. */
export function readBitcoin(doc: Exact, scope: Scope, place: string): Iterable<Signal> | undefined {
  const list = exactList(doc)
  if (list !== undefined) return readList(list, scope, place)
  const row = exactObject(doc)
  if (row === undefined) return undefined
  const reader = readerOf(row)
  if (reader !== undefined) return reader(row, scope, place)
  const queues = Object.values(row).map((value) => exactList(value ?? null) ?? [])
  const areQueues = !('mempool-blocks' in row) && queues.length > 0 && queues.every((queue) => isQueueBlock(exactObject(queue[0]) ?? {}))
  if (areQueues) return queues.flatMap((queue) => [...readQueue(queue, scope)])
  const parts = Object.keys(row).filter((name) => Object.hasOwn(PARTS, name))
  return parts.length === 0 ? undefined : readParts(row, parts, scope)
}

type Reader = (row: Row, scope: Scope, place: string) => Iterable<Signal>

function readerOf(row: Row): Reader | undefined {
  if (isEsploraTx(row)) return signalsOfEsploraTx
  if (isInfoTx(row)) return signalsOfInfoTx
  if (isBitcoinBlock(row)) return signalsOfBitcoinBlock
  if (isShortTx(row)) return signalsOfShortTx
  if ('count' in row && 'vsize' in row && 'total_fee' in row) return readStatistics
  if ('added' in row && 'vsizes' in row && 'count' in row) return readStatisticsRow
  if ('mempoolminfee' in row && 'bytes' in row) return (info, scope) => [mempoolSignal(scope, infoFacts(info))]
  if ('chain_stats' in row && 'address' in row) return readAddress
  if ('fastestFee' in row && 'hourFee' in row) return (fees, scope) => [mempoolSignal(scope, recommended(fees))]
  if ('tx' in row && 'replaces' in row && 'time' in row) return signalsOfReplacement
  if ('op' in row && 'x' in row) return readInfoMessage
  const other = OTHERS.find(([names]) => names.every((name) => name in row))
  return other === undefined ? undefined : (_row, scope, place) => nothing(scope, place, other[1])
}

/** Of blockchain.info's WebSocket: `utx` holds a transaction. */
function readInfoMessage(message: Row, scope: Scope, place: string): Iterable<Signal> {
  const transaction = exactObject(message['x']) ?? {}
  return isInfoTx(transaction) ? signalsOfInfoTx(transaction, scope, place) : nothing(scope, place, 'a message without a transaction')
}

/** What the explorers tell besides, told by its fields: known, and no signal. */
const OTHERS: readonly (readonly [names: readonly string[], why: string])[] = [
  [['txSummary', 'targetFeeRate'], 'an offer to speed a transaction up: no signal'],
  [['gitCommit'], 'a version: no signal'],
  [['coinbase_tags'], 'a list of mining pools: no signal'],
  [['ancestors', 'descendants'], 'the relatives of a transaction: no signal'],
  [['poolId', 'blockCount'], 'a mining pool: no signal'],
  [['progressPercent', 'remainingBlocks'], 'how the difficulty will change: no signal'],
  [['time', 'USD', 'EUR'], 'prices of another service: no signal'],
  [['txid', 'vout', 'value', 'status'], 'an output that is not spent: nothing moved'],
  [['hashrates'], 'the work of miners: no signal'],
]

function* nothing(scope: Scope, place: string, why: string): Iterable<Signal> {
  scope.reject(place, why)
}

function readList(list: readonly Exact[], scope: Scope, place: string): Iterable<Signal> | undefined {
  const first = exactObject(list[0])
  if (first !== undefined && isQueueBlock(first)) return readQueue(list, scope)
  return first === undefined || readerOf(first) === undefined ? undefined : readEach(list, scope, place)
}

function* readEach(list: readonly Exact[], scope: Scope, place: string): Iterable<Signal> {
  for (const [i, each] of list.entries()) {
    const row = exactObject(each) ?? {}
    const reader = readerOf(row)
    if (reader === undefined) scope.reject(`${place} ${i + 1}`, 'nothing of a Bitcoin explorer')
    else yield* reader(row, scope, `${place} ${i + 1}`)
  }
}

/** Members of messages and answers, each read by itself. */
const PARTS: { readonly [name: string]: (value: Exact, scope: Scope, name: string, whole: Row) => Iterable<Signal> } = {
  mempoolInfo: function* (value, scope, _name, whole) {
    const info = exactObject(value)
    if (info === undefined) return
    const more = {
      inflow_per_s: exactNumber(whole['vBytesPerSecond']), ...recommended(exactObject(whole['fees']) ?? {}), ...nextBlock(whole['mempool-blocks']),
    }
    yield mempoolSignal(scope, { ...infoFacts(info), ...more })
  },
  'mempool-blocks': function* (value, scope, _name, whole) {
    if (!('mempoolInfo' in whole)) yield* readQueue(exactList(value) ?? [], scope)
  },
  fees: function* (value, scope, _name, whole) {
    if (!('mempoolInfo' in whole)) yield mempoolSignal(scope, recommended(exactObject(value) ?? {}))
  },
  transactions: (value, scope, name) => readEach(exactList(value) ?? [], scope, name),
  txs: function* (value, scope, name) {
    const txs = exactList(value) ?? []
    if (txs.length === 0) scope.reject(name, 'no transactions')
    yield* readEach(txs, scope, name)
  },
  tx: (value, scope, name) => readEach(Array.isArray(value) ? (value as readonly Exact[]) : [value], scope, name),
  'block-transactions': (value, scope, name) => readEach(exactList(value) ?? [], scope, name),
  'address-transactions': (value, scope, name) => readEach(exactList(value) ?? [], scope, name),
  blocks: (value, scope, name) => readEach(exactList(value) ?? [], scope, name),
  block: (value, scope, name) => readEach([value], scope, name),
  rbfLatest: (value, scope, name) => readTrees(exactList(value) ?? [], scope, name),
  replacements: (value, scope, name) => readTrees([value], scope, name),
  rbfSummary: function* (value, scope, name) {
    for (const [i, row] of (exactList(value) ?? []).entries()) yield* signalsOfReplacementSummary(exactObject(row) ?? {}, scope, `${name} ${i + 1}`)
  },
  rbfLatestSummary: function* (value, scope, name) {
    for (const [i, row] of (exactList(value) ?? []).entries()) yield* signalsOfReplacementSummary(exactObject(row) ?? {}, scope, `${name} ${i + 1}`)
  },
  rbfInfo: (value, scope, name) => readTrees([value], scope, name),
  'live-2h-chart': (value, scope, name) => readEach([value], scope, name),
  txConfirmed: (value, scope, name, whole) => readConfirmed(value, exactObject(whole['block']) ?? {}, scope, name),
  utxoSpent: (_value, scope, name) => nothing(scope, name, 'outputs that were spent, without their values'),
  'projected-block-transactions': (_value, scope, name) => nothing(scope, name, 'a place in the queue: no signal'),
  txReplaced: (_value, scope, name) => nothing(scope, name, 'a replacement that names only one of the two'),
  txPosition: (_value, scope, name) => nothing(scope, name, 'a place in the queue: no signal'),
  stratumJobs: (_value, scope, name) => nothing(scope, name, 'the work of miners: no signal'),
  pools: (_value, scope, name) => nothing(scope, name, 'a mining pool: no signal'),
  conversions: (_value, scope, name) => nothing(scope, name, 'prices of another service: no signal'),
  da: (_value, scope, name) => nothing(scope, name, 'how the difficulty will change: no signal'),
  loadingIndicators: (_value, scope, name) => nothing(scope, name, 'the service of itself: no signal'),
  backendInfo: (_value, scope, name) => nothing(scope, name, 'the service of itself: no signal'),
}

function* readParts(row: Row, names: readonly string[], scope: Scope): Iterable<Signal> {
  for (const name of names) {
    const value = row[name], read = PARTS[name]
    if (value !== undefined && value !== null && read !== undefined) yield* read(value, scope, name, row)
  }
}

/** A transaction that was waited for stands in the block of the same message. */
function* readConfirmed(value: Exact, block: Row, scope: Scope, name: string): Iterable<Signal> {
  const tx = bitcoinHash(text(value))
  if (tx === undefined) scope.reject(name, 'a confirmation without its transaction')
  else {
    yield signal(scope, {
      type: 'confirmed', key: `bitcoin:${tx}`, source: 'bitcoin/transfers', subject: 'coin:BTC', atMs: momentOf(block['timestamp']),
      facts: { chain: 'bitcoin', tx, state: 'confirmed', block: integerText(block['height']), block_hash: bitcoinHash(text(block['id'])) },
    })
  }
}

function* readTrees(trees: readonly Exact[], scope: Scope, name: string): Iterable<Signal> {
  for (const [i, each] of trees.entries()) {
    const tree = exactObject(each)
    if (tree === undefined || (exactList(tree['replaces']) ?? []).length === 0) scope.reject(`${name} ${i + 1}`, 'a transaction that replaced none')
    else yield* signalsOfReplacement(tree, scope, `${name} ${i + 1}`)
  }
}

/** Esplora's statistics: `fee_histogram` is pairs of fee rate and size. */
function* readStatistics(row: Row, scope: Scope): Iterable<Signal> {
  const pairs = (exactList(row['fee_histogram']) ?? []).flatMap((pair) => {
    const [rate, size] = (exactList(pair) ?? []).map((each) => exactNumber(each))
    return rate === undefined || size === undefined ? [] : [[rate, size] as const]
  })
  yield mempoolSignal(scope, {
    count: count(row['count']), vsize: exactNumber(row['vsize']), total_fee: btc(row['total_fee']), ...feePercentiles(pairs),
  })
}

/** Bitcoin Core's getmempoolinfo (https://developer.bitcoin.org/reference/rpc/getmempoolinfo.html): `bytes` is virtual size. */
function infoFacts(info: Row): Facts {
  return {
    count: count(info['size']), vsize: exactNumber(info['bytes']), total_fee: amount(info['total_fee']), usage: count(info['usage']),
    min_fee_per_kvb: exactDecimal(info['mempoolminfee']),
  }
}

/** Lower bounds of mempool.space's buckets of size by fee rate, in satoshi a virtual byte. */
const BUCKETS = [
  1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 30, 40, 50, 60, 70, 80, 90, 100, 125, 150, 175, 200, 250, 300, 350, 400, 500, 600, 700, 800, 900, 1000, 1200,
  1400, 1600, 1800,
  2000,
] as const

/** One moment of mempool.space's history (`/api/v1/statistics/2h`): the size of the queue by fee rate. */
function* readStatisticsRow(row: Row, scope: Scope): Iterable<Signal> {
  const sizes = (exactList(row['vsizes']) ?? []).map((size) => exactNumber(size) ?? 0)
  const pairs = sizes.length === BUCKETS.length ? BUCKETS.map((rate, i) => [rate, sizes[i] ?? 0] as const) : []
  yield mempoolSignal(scope, {
    count: count(row['count']), vsize: sizes.reduce((sum, size) => sum + size, 0), total_fee: btc(row['total_fee']),
    inflow_per_s: exactNumber(row['vbytes_per_second']),
    ...feePercentiles(pairs),
  }, momentOf(row['added']))
}

/** Esplora's statistics of an address: what it received less what it spent, confirmed. */
function* readAddress(row: Row, scope: Scope, place: string): Iterable<Signal> {
  const stats = exactObject(row['chain_stats']) ?? {}
  const holder = address(row['address']), funded = integer(stats['funded_txo_sum']), spent = integer(stats['spent_txo_sum'])
  if (holder === undefined || funded === undefined || spent === undefined) scope.reject(place, 'a holder without address or balance')
  else yield holdingSignal(scope, {
    chain: 'bitcoin', holder, units: funded - spent, more: { received: btc(stats['funded_txo_sum']), transactions: count(stats['tx_count']) },
  })
}

function recommended(fees: Row): Facts {
  const rate = (name: string): number | undefined => exactNumber(fees[name])
  return {
    fee_fastest: rate('fastestFee'), fee_half_hour: rate('halfHourFee'), fee_hour: rate('hourFee'), fee_economy: rate('economyFee'),
    fee_minimum: rate('minimumFee'),
  }
}

const isQueueBlock = (row: Row): boolean => 'blockVSize' in row && 'nTx' in row && 'feeRange' in row

/** The queue as blocks to come: the first is what the next block would hold. */
function nextBlock(value: Exact | undefined): Facts {
  const first = exactObject((exactList(value) ?? [])[0])
  if (first === undefined) return {}
  const range = (exactList(first['feeRange']) ?? []).map((fee) => exactNumber(fee))
  return {
    next_count: count(first['nTx']), next_vsize: exactNumber(first['blockVSize']), next_fees: btc(first['totalFees']),
    next_fee_median: exactNumber(first['medianFee']),
    next_fee_low: range[0], next_fee_high: range.at(-1),
  }
}

function* readQueue(list: readonly Exact[], scope: Scope): Iterable<Signal> {
  if (list.length === 0) scope.reject('mempool-blocks', 'an empty queue')
  else yield mempoolSignal(scope, { ...nextBlock(list), blocks: list.length })
}
