/** Transactions and blocks of Bitcoin, as Esplora and mempool.space (https://mempool.space/docs/api/rest) and blockchain.info give them. */
import type { Millis, Signal } from '#record'
import { bitcoinAddress, bitcoinHash } from '#domain/chain/address'
import { scaled } from '#domain/chain/quantity'
import { exactDecimal, exactList, exactNumber, exactObject, type Exact } from '../json_exact.ts'
import { field } from './evm.ts'
import { count, integer, integerText, momentOf, moveSignal, signal, text, type Move, type Row, type Scope, type State } from './signals.ts'

const BITCOIN = 'bitcoin'
const SATOSHI_DECIMALS = 8
export const btc = (satoshis: Exact | undefined): string | undefined => {
  const units = integer(satoshis)
  return units === undefined ? undefined : scaled(units, SATOSHI_DECIMALS)
}

interface Output {
  readonly index: string
  readonly to: string | undefined
  readonly value: bigint | undefined
  /** `op_return`, `p2pk` ...; what an output without an address is. */
  readonly script: string | undefined
}
interface Spending {
  readonly tx: string
  /** Addresses that are spent from, each once. */
  readonly from: readonly string[]
  readonly isCoinbase: boolean
  readonly outputs: readonly Output[]
  readonly fee: string | undefined
  readonly block: string | undefined
  readonly blockHash: string | undefined
  readonly atMs: Millis | undefined
  readonly state: State
}

/** So many senders are named. */
const MOST_SENDERS = 50

/**
 * Every output with a value is a transfer to its address, from all that the transaction spends; one that returns to a sender is marked as change,
 * since nobody was paid. New coins are minted by the first transaction of a block, and burnt where a script can never be spent.
 */
function* signalsOfSpending(
  { tx, from, isCoinbase, outputs, fee, block, blockHash, atMs, state }: Spending, scope: Scope, place: string,
): Iterable<Signal> {
  let given = 0
  for (const { index, to, value, script } of outputs) {
    if (value === undefined || value === 0n) continue
    given++
    const burnt: Move['made'] = script === 'op_return' ? { type: 'burn', how: 'op_return' } : undefined
    const made: Move['made'] = isCoinbase ? { type: 'mint', how: 'coinbase' } : burnt
    yield moveSignal(scope, {
      chain: BITCOIN, tx, part: index, from: from.length === 0 ? undefined : from.slice(0, MOST_SENDERS), to, units: value, block, blockHash, atMs,
      state, made,
      more: {
        senders: from.length > MOST_SENDERS ? from.length : undefined, change: to !== undefined && from.includes(to) ? true : undefined,
        script: to === undefined ? script : undefined, fee,
      },
    })
  }
  if (given === 0) scope.reject(place, 'a transaction whose outputs hold nothing')
}

const addressIn = (value: Exact | undefined): string | undefined => {
  const said = text(value)
  return said === undefined ? undefined : bitcoinAddress(said) ?? said
}
const once = (addresses: readonly (string | undefined)[]): readonly string[] =>
  [...new Set(addresses.filter((address) => address !== undefined))].sort()

export const isEsploraTx = (row: Row): boolean => 'txid' in row && 'vin' in row && 'vout' in row

export function* signalsOfEsploraTx(row: Row, scope: Scope, place: string): Iterable<Signal> {
  const tx = bitcoinHash(text(row['txid']))
  const inputs = (exactList(row['vin']) ?? []).map((input) => exactObject(input) ?? {})
  if (tx === undefined || inputs.length === 0) {
    scope.reject(place, 'a transaction without id or inputs')
    return
  }
  const status = exactObject(row['status']) ?? {}
  const isConfirmed = status['confirmed'] === true
  yield* signalsOfSpending({
    tx, from: once(inputs.map((input) => addressIn(exactObject(input['prevout'])?.['scriptpubkey_address']))),
    isCoinbase: inputs.some((input) => input['is_coinbase'] === true),
    outputs: (exactList(row['vout']) ?? []).map((output, i) => {
      const { scriptpubkey_address: to, value, scriptpubkey_type: script } = exactObject(output) ?? {}
      return { index: String(i), to: addressIn(to), value: integer(value), script: text(script) }
    }),
    fee: btc(row['fee']), block: integerText(status['block_height']), blockHash: bitcoinHash(text(status['block_hash'])),
    atMs: isConfirmed ? momentOf(status['block_time']) : momentOf(row['firstSeen']), state: isConfirmed ? 'confirmed' : 'unconfirmed',
  }, scope, place)
}

export const isInfoTx = (row: Row): boolean => 'hash' in row && 'inputs' in row && 'out' in row

/** https://www.blockchain.com/explorer/api: `time` is when the transaction was first seen. */
export function* signalsOfInfoTx(row: Row, scope: Scope, place: string): Iterable<Signal> {
  const tx = bitcoinHash(text(row['hash']))
  const sources = (exactList(row['inputs']) ?? []).map((input) => exactObject(exactObject(input)?.['prev_out']))
  if (tx === undefined) {
    scope.reject(place, 'a transaction without id or inputs')
    return
  }
  const block = integerText(field(row, 'block_height', 'block_index'))
  yield* signalsOfSpending({
    tx, from: once(sources.map((source) => addressIn(source?.['addr']))),
    isCoinbase: sources.length > 0 && sources.every((source) => source === undefined),
    outputs: (exactList(row['out']) ?? []).map((output, i) => {
      const { addr, value, n, script } = exactObject(output) ?? {}
      return {
        index: integerText(n) ?? String(i), to: addressIn(addr), value: integer(value),
        script: text(script)?.startsWith('6a') === true ? 'op_return' : undefined,
      }
    }),
    fee: btc(row['fee']), block, blockHash: undefined, atMs: momentOf(row['time']), state: block === undefined ? 'unconfirmed' : 'confirmed',
  }, scope, place)
}

/** A transaction in short, as lists of the newest give it: all its outputs together, without its ends. */
export const isShortTx = (row: Row): boolean => 'txid' in row && 'vsize' in row && 'value' in row && 'fee' in row && !('vin' in row)

export function* signalsOfShortTx(row: Row, scope: Scope, place: string): Iterable<Signal> {
  const tx = bitcoinHash(text(row['txid'])), units = integer(row['value'])
  if (tx === undefined || units === undefined) scope.reject(place, 'a transaction without id or value')
  else {
    yield moveSignal(scope, {
      chain: BITCOIN, tx, part: '', units, atMs: momentOf(row['time']), state: 'unconfirmed',
      more: { total_of_outputs: true, fee: btc(row['fee']), fee_rate: exactDecimal(row['rate']) },
    })
  }
}

export const isBitcoinBlock = (row: Row): boolean => 'height' in row && 'merkle_root' in row && 'timestamp' in row

export function* signalsOfBitcoinBlock(row: Row, scope: Scope, place: string): Iterable<Signal> {
  const hash = bitcoinHash(text(row['id'])), height = integerText(row['height'])
  if (hash === undefined || height === undefined) {
    scope.reject(place, 'a block without id or height')
    return
  }
  const extras = exactObject(row['extras']) ?? {}
  yield signal(scope, {
    type: 'block', key: `${BITCOIN}:block:${height}`, source: `${BITCOIN}/blocks`, subject: 'coin:BTC', atMs: momentOf(row['timestamp']),
    facts: {
      chain: BITCOIN, block: height, block_hash: hash, parent_hash: bitcoinHash(text(row['previousblockhash'])),
      transactions: count(row['tx_count']), size: count(row['size']),
      weight: count(row['weight']), fees: btc(extras['totalFees']), reward: btc(extras['reward']), moved: btc(extras['totalOutputAmt']),
      median_fee_rate: exactDecimal(extras['medianFee']),
      pool: text(exactObject(extras['pool'])?.['name']), state: row['stale'] === true ? 'removed' : undefined,
    },
  })
}

/** A tree of replacements by higher fee: who replaced whom. What was replaced will not be confirmed. */
export function* signalsOfReplacement(node: Row, scope: Scope, place: string, depth = 0): Iterable<Signal> {
  const by = bitcoinHash(text(exactObject(node['tx'])?.['txid']))
  for (const each of exactList(node['replaces']) ?? []) {
    const replaced = exactObject(each), old = exactObject(replaced?.['tx'])
    const tx = bitcoinHash(text(old?.['txid']))
    if (by === undefined || tx === undefined || replaced === undefined) {
      scope.reject(place, 'a replacement without its transactions')
      continue
    }
    yield signal(scope, {
      type: 'replaced', key: `${BITCOIN}:${tx}`, source: `${BITCOIN}/mempool`, subject: 'coin:BTC', atMs: momentOf(node['time']),
      facts: {
        chain: BITCOIN, tx, by, state: 'removed', amount: btc(old?.['value']), fee: btc(old?.['fee']),
        fee_by: btc(exactObject(node['tx'])?.['fee']), full: node['fullRbf'] === true,
      },
    })
    if (depth < MOST_SENDERS) yield* signalsOfReplacement(replaced, scope, place, depth + 1)
  }
}

/** Replacements in short: the transaction that replaced and both fees. */
export function* signalsOfReplacementSummary(row: Row, scope: Scope, place: string): Iterable<Signal> {
  const tx = bitcoinHash(text(row['txid']))
  if (tx === undefined) scope.reject(place, 'a replacement without its transactions')
  else {
    yield signal(scope, {
      type: 'replacement', key: `${BITCOIN}:${tx}`, source: `${BITCOIN}/mempool`, subject: 'coin:BTC', atMs: undefined,
      facts: {
        chain: BITCOIN, tx, fee: btc(row['newFee']), fee_before: btc(row['oldFee']), size: exactNumber(row['newVsize']),
        size_before: exactNumber(row['oldVsize']), full: row['fullRbf'] === true,
      },
    })
  }
}
