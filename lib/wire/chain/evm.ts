/** Blocks, transactions, logs and traces of EVM chains in one form, whoever tells them, and the signals they give. */
import type { Millis, Signal } from '#record'
import { chainNamed, evmAddress, evmHash } from '#domain/chain/address'
import { couldBeEthereumBy, fitsEthereum } from '#domain/chain/clock'
import { DEPOSIT_CONTRACT, gweiAmount, isKnownEvent, signalsOfLog, WEI_PER_GWEI, type EvmLog } from './evm_log.ts'
import { count, integer, integerText, momentOf, moveSignal, signal, text, type Row, type Scope, type State } from './signals.ts'
import { exactList, exactObject, type Exact } from '../json_exact.ts'

/** The first of several spellings of a field: JSON-RPC has `blockNumber`, ethereum-etl `block_number`. */
export const field = (row: Row, ...names: readonly string[]): Exact | undefined => {
  for (const name of names) {
    const value = row[name]
    if (value !== undefined && value !== null && value !== '') return value
  }
  return undefined
}

/** When blocks stand, learnt from blocks, for logs that do not say it. */
class BlockTimes {
  readonly #byHash = new Map<string, Millis>()
  learn(hash: string | undefined, ms: Millis | undefined): void {
    if (hash !== undefined && ms !== undefined) this.#byHash.set(hash, ms)
  }
  of(hash: string | undefined): Millis | undefined {
    return hash === undefined ? undefined : this.#byHash.get(hash)
  }
}

/** Logs that wait for the time of their block, the most that wait at once. */
const MOST_HELD = 200_000

export class Held {
  readonly times = new BlockTimes()
  #waiting: { readonly log: EvmLog; readonly scope: Scope; readonly place: string }[] = []

  /** Its signals, or none yet where it waits. */
  log(log: EvmLog, scope: Scope, place: string): readonly Signal[] {
    const atMs = log.atMs ?? this.times.of(log.blockHash)
    const canWait = isKnownEvent(log) && log.state !== 'unconfirmed' && this.#waiting.length < MOST_HELD
    if (atMs !== undefined || !canWait) return signalsOfLog({ ...log, atMs }, scope, place)
    this.#waiting.push({ log, scope, place })
    return []
  }

  /** What waited, with the times that came, or with none. */
  *release(): Iterable<Signal> {
    const waiting = this.#waiting
    this.#waiting = []
    for (const { log, scope, place } of waiting) yield* signalsOfLog({ ...log, atMs: this.times.of(log.blockHash) }, scope, place)
  }
}

export const OTHER_CHAIN = (chain: string): string => `its block is none of ${chain}: name its chain with --chain`

/** Payloads rarely name their chain. What is taken for Ethereum must at least keep Ethereum's time. */
export function isOfChain(scope: Scope, block: bigint | undefined, atMs: Millis | undefined): boolean {
  if (scope.chain !== 'ethereum' || scope.isNamed || block === undefined) return true
  return atMs === undefined ? couldBeEthereumBy(block, scope.heardMs) : block === 0n || fitsEthereum(block, atMs)
}

/** A log of any of its writers; undefined where it is none. */
export function logOf(row: Row, scope: Scope): EvmLog | undefined {
  const contract = evmAddress(text(row['address']))
  const topics = topicsOf(row['topics'])
  const tx = evmHash(text(field(row, 'transactionHash', 'transaction_hash')))
  const index = integerText(field(row, 'logIndex', 'log_index'))
  if (contract === undefined || topics === undefined || tx === undefined || index === undefined) return undefined
  const block = integer(field(row, 'blockNumber', 'block_number'))
  return {
    chain: scope.chain, contract, topics, data: text(row['data']) ?? '0x', tx, index, block: block?.toString(),
    blockHash: evmHash(text(field(row, 'blockHash', 'block_hash'))),
    atMs: momentOf(field(row, 'blockTimestamp', 'block_timestamp', 'timeStamp')),
    state: row['removed'] === true || row['removed'] === 'true' ? 'removed' : block === undefined ? 'unconfirmed' : 'confirmed',
  }
}

/** A list, or as tables write it: separated by commas. */
function topicsOf(value: Exact | undefined): readonly string[] | undefined {
  const list = exactList(value) ?? (typeof value === 'string' ? value.split(',') : undefined)
  return list?.filter((topic) => typeof topic === 'string' && topic !== '').map(String).map((topic) => topic.toLowerCase())
}

interface EvmValue {
  readonly tx: string
  readonly part: string
  readonly from: string | undefined
  readonly to: string | undefined
  readonly value: bigint | undefined
  readonly block: bigint | undefined
  readonly blockHash?: string | undefined
  readonly atMs: Millis | undefined
  readonly failed: boolean
  readonly state: State
}

/** Coins that a transaction or a call moved; or one reject. */
export function* signalsOfValue({ value, block, failed, ...rest }: EvmValue, scope: Scope, place: string): Iterable<Signal> {
  if (value === undefined) scope.reject(place, 'a transaction without a value')
  else if (failed) scope.reject(place, 'it failed: nothing moved')
  else if (value === 0n) scope.reject(place, 'it moved no coins')
  else if (!isOfChain(scope, block, rest.atMs)) scope.reject(place, OTHER_CHAIN(scope.chain))
  else {
    const made = rest.to === DEPOSIT_CONTRACT && rest.part === '' ? ({ type: 'stake', how: 'transaction' } as const) : undefined
    yield moveSignal(scope, { chain: scope.chain, units: value, block: block?.toString(), made, ...rest })
  }
}

/** A transaction as JSON-RPC or ethereum-etl gives it, `atMs` that of its block. */
export function* signalsOfTransaction(row: Row, atMs: Millis | undefined, scope: Scope, place: string): Iterable<Signal> {
  const hash = evmHash(text(row['hash']))
  if (hash === undefined) {
    scope.reject(place, 'a transaction without a hash')
    return
  }
  const block = integer(field(row, 'blockNumber', 'block_number'))
  const status = integer(field(row, 'receipt_status'))
  yield* signalsOfValue({
    tx: hash, part: '', from: evmAddress(text(field(row, 'from', 'from_address'))),
    to: evmAddress(text(field(row, 'to', 'to_address'))) ?? evmAddress(text(field(row, 'creates', 'receipt_contract_address'))),
    value: integer(row['value']), block, blockHash: evmHash(text(field(row, 'blockHash', 'block_hash'))),
    atMs: momentOf(field(row, 'blockTimestamp', 'block_timestamp')) ?? atMs, failed: status === 0n,
    state: block === undefined ? 'unconfirmed' : 'confirmed',
  }, scope, place)
}

/** The block itself: how full it was, and what gas cost. */
export function* signalsOfBlock(row: Row, held: Held, scope: Scope, place: string): Iterable<Signal> {
  const number = integer(row['number']), hash = evmHash(text(row['hash'])), atMs = momentOf(row['timestamp'])
  if (number === undefined || hash === undefined) {
    scope.reject(place, 'a block that is not yet one: without number or hash')
    return
  }
  held.times.learn(hash, atMs)
  if (!isOfChain(scope, number, atMs)) {
    scope.reject(place, OTHER_CHAIN(scope.chain))
    return
  }
  const { chain } = scope
  const transactions = exactList(row['transactions'])
  yield signal(scope, {
    type: 'block', key: `${chain}:block:${number}`, source: `${chain}/blocks`, subject: coinSubject(chain), atMs,
    facts: {
      chain, block: number.toString(), block_hash: hash, parent_hash: evmHash(text(field(row, 'parentHash', 'parent_hash'))),
      transactions: transactions?.length ?? count(field(row, 'transaction_count')), gas_used: integerText(field(row, 'gasUsed', 'gas_used')),
      gas_limit: integerText(field(row, 'gasLimit', 'gas_limit')), base_fee_wei: integerText(field(row, 'baseFeePerGas', 'base_fee_per_gas')),
    },
  })
  for (const [i, transaction] of (transactions ?? []).entries()) {
    const whole = exactObject(transaction)
    if (whole !== undefined) yield* signalsOfTransaction(whole, atMs, scope, `${place}, transaction ${i}`)
  }
  for (const [i, withdrawal] of (exactList(row['withdrawals']) ?? []).entries()) {
    yield* signalsOfWithdrawal(exactObject(withdrawal) ?? {}, { block: number, blockHash: hash, atMs }, scope, `${place}, withdrawal ${i}`)
  }
}

export const coinSubject = (chain: string): string | undefined => {
  const coin = chainNamed(chain)?.coin
  return coin === undefined ? undefined : `coin:${coin}`
}

/**
 * Staked coins that come back to an address: rewards above the stake and the stake itself alike, which nothing here tells apart. Amounts are in gwei
 * (EIP-4895); some explorers write wei.
 */
export function* signalsOfWithdrawal(
  row: Row, { block, atMs }: { readonly block: bigint | undefined; readonly blockHash?: string | undefined; readonly atMs: Millis | undefined },
  scope: Scope, place: string, inWei = false,
): Iterable<Signal> {
  const index = integerText(field(row, 'index', 'withdrawalIndex')), units = integer(row['amount'])
  const gwei = units === undefined ? undefined : inWei ? units / WEI_PER_GWEI : units
  if (index === undefined || gwei === undefined) {
    scope.reject(place, 'a withdrawal without index or amount')
    return
  }
  if (!isOfChain(scope, block, atMs)) {
    scope.reject(place, OTHER_CHAIN(scope.chain))
    return
  }
  const { chain } = scope
  const to = evmAddress(text(row['address']))
  const label = to === undefined ? undefined : scope.labels.of(chain, to)
  yield signal(scope, {
    type: 'unstake', key: `${chain}:withdrawal:${index}`, source: `${chain}/staking`, subject: coinSubject(chain), atMs,
    facts: {
      chain, how: 'withdrawal', index, validator: integerText(field(row, 'validatorIndex', 'validator_index')), to, amount: gweiAmount(gwei),
      block: block?.toString(), labels: label === undefined ? undefined : { to: label },
    },
  })
}
