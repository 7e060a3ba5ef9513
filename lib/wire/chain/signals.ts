/**
 * What happens on chains, in our words: the records that all parsers of this room make, in one place so that a fact reads the same whoever tells
 * it.
 */
import { formatInstant, HOUR_MS, make, SECOND_MS, type Millis, type Signal } from '#record'
import { canonicalAddress, chainNamed, ZERO_ADDRESS } from '#domain/chain/address'
import { flowOf, type Label, type Labels } from '#domain/chain/labels'
import { integerOf, scaled, shortest } from '#domain/chain/quantity'
import { tokenAt } from '#domain/chain/tokens'
import { exactDecimal, exactId, exactString, Numeral, type Exact, type ExactObject } from '../json_exact.ts'

/** What a parser knows of its surroundings. */
export interface Scope {
  readonly by: string
  /** Of the payload, for messages. */
  readonly name: string
  readonly url: string | undefined
  readonly heardMs: Millis
  /** The chain of payloads that do not name theirs. */
  readonly chain: string
  /** Whether the user, or the address that was asked, names that chain. */
  readonly isNamed: boolean
  /** The coin of tables that do not name theirs. */
  readonly coin: string | undefined
  readonly labels: Labels
  reject(place: string, why: string): void
}

export type Facts = { readonly [name: string]: unknown }

/** Facts without those that are missing. */
export function present(facts: Facts): { [name: string]: unknown } {
  const known: { [name: string]: unknown } = {}
  for (const name in facts) if (facts[name] !== undefined) known[name] = facts[name]
  return known
}

export interface Draft {
  readonly type: string
  readonly key: string
  readonly source: string
  readonly subject?: string | undefined
  /** When it happened, as the payload states it; undefined where it does not. */
  readonly atMs: Millis | undefined
  readonly facts: Facts
}

/** Blocks may be stamped so far ahead of the time (https://developer.bitcoin.org/reference/block_chain.html). */
const AHEAD_MS = 2 * HOUR_MS
/** The first block of the first chain. */
const FIRST_MS = 1_231_006_505 * SECOND_MS

/** Where no sensible time is stated it is the time of hearing, and `time` says so. */
export function signal(scope: Scope, { type, key, source, subject, atMs, facts }: Draft): Signal {
  const isSensible = atMs !== undefined && atMs >= FIRST_MS && atMs <= scope.heardMs + AHEAD_MS
  const happenedMs = isSensible ? atMs : scope.heardMs
  return make('signal', {
    at: formatInstant(happenedMs),
    known_at: formatInstant(Math.max(scope.heardMs, happenedMs)),
    source,
    by: scope.by,
    type,
    key,
    ...(subject !== undefined && { subject }),
    facts: present({ ...facts, time: isSensible ? undefined : 'heard' }),
  })
}

export type State = 'confirmed' | 'unconfirmed' | 'removed'

/** Value that moved, or was made or destroyed. */
export interface Move {
  readonly chain: string
  readonly tx: string
  /** What names it within its transaction: a log index, an output, a trace. The key is chain, transaction and this. */
  readonly part: string
  /** The token's contract; undefined for the chain's own coin. */
  readonly token?: string | undefined
  /** As the payload states them; a token that is known by its contract needs none. */
  readonly symbol?: string | undefined
  readonly decimals?: number | undefined
  readonly from?: string | readonly string[] | undefined
  readonly to?: string | undefined
  /** In the smallest unit. */
  readonly units?: bigint | undefined
  readonly tokenId?: string | undefined
  readonly block?: string | undefined
  readonly blockHash?: string | undefined
  readonly atMs: Millis | undefined
  readonly state: State
  /** Where it is known to be no plain transfer, and how. */
  readonly made?: { readonly type: 'mint' | 'burn' | 'stake' | 'unstake'; readonly how: string } | undefined
  readonly more?: Facts | undefined
}

export function moveSignal(scope: Scope, move: Move): Signal {
  const { chain, tx, part, token, from, to, units, more } = move
  const native = chainNamed(chain)
  const known = token === undefined ? native : tokenAt(chain, token)
  const decimals = known?.decimals ?? move.decimals
  const one = typeof from === 'string' ? from : from?.length === 1 ? from[0] : undefined
  // The zero address is nobody, whatever it is called.
  const labelOf = (end: string | undefined): Label | undefined =>
    end === undefined || end === ZERO_ADDRESS ? undefined : scope.labels.of(chain, end)
  const fromLabel = labelOf(one), toLabel = labelOf(to)
  const made = move.made ?? madeBy(one, to, fromLabel, toLabel, known?.coin)
  return signal(scope, {
    type: made?.type ?? 'transfer',
    key: `${chain}:${tx}${part === '' ? '' : `:${part}`}`,
    source: `${chain}/transfers`,
    subject: known !== undefined ? `coin:${known.coin}` : token === undefined ? undefined : `token:${chain}:${token}`,
    atMs: move.atMs,
    facts: {
      chain, tx, part: part === '' ? undefined : part, token, coin: known?.coin, symbol: known === undefined ? move.symbol : undefined,
      from: one ?? from, to, units: units?.toString(), decimals,
      amount: units === undefined || decimals === undefined ? undefined : scaled(units, decimals),
      token_id: move.tokenId, block: move.block, block_hash: move.blockHash, state: move.state, how: made?.how,
      ...(made === undefined && flowOf(fromLabel, toLabel)),
      labels: fromLabel === undefined && toLabel === undefined ? undefined : present({ from: fromLabel, to: toLabel }),
      ...more,
    },
  })
}

/** Coins whose issuer's treasury brings them into circulation and takes them out. */
const ISSUED: ReadonlySet<string> = new Set(['USDT', 'USDC', 'TUSD', 'PAX', 'BUSD', 'GUSD'])
const isTreasury = (label: Label | undefined): boolean => label?.kind === 'issuer' && /treasury/i.test(label.name)

function madeBy(
  from: string | undefined, to: string | undefined, fromLabel: Label | undefined, toLabel: Label | undefined, coin: string | undefined,
): Move['made'] {
  if (from === ZERO_ADDRESS && to !== ZERO_ADDRESS) return { type: 'mint', how: 'zero_address' }
  if (to === ZERO_ADDRESS && from !== ZERO_ADDRESS) return { type: 'burn', how: 'zero_address' }
  if (coin !== undefined && ISSUED.has(coin)) {
    if (isTreasury(fromLabel) && !isTreasury(toLabel)) return { type: 'mint', how: 'treasury' }
    if (isTreasury(toLabel) && !isTreasury(fromLabel)) return { type: 'burn', how: 'treasury' }
  }
  return toLabel?.kind === 'burn' ? { type: 'burn', how: 'burn_address' } : undefined
}

export interface Holding {
  readonly chain: string
  readonly holder: string
  /** The token's contract; undefined for the chain's own coin. */
  readonly token?: string | undefined
  readonly units?: bigint | undefined
  readonly decimals?: number | undefined
  readonly more?: Facts | undefined
}

/** What an address holds, as of the hearing. */
export function holdingSignal(scope: Scope, { chain, holder, token, units, decimals: stated, more }: Holding): Signal {
  const known = token === undefined ? chainNamed(chain) : tokenAt(chain, token)
  const decimals = known?.decimals ?? stated
  const label = scope.labels.of(chain, holder)
  return signal(scope, {
    type: 'holding', key: `${chain}:holding:${token ?? known?.coin ?? ''}:${holder}`, source: `${chain}/holdings`,
    subject: `wallet:${chain}:${holder}`,
    atMs: undefined,
    facts: {
      chain, holder, token, coin: known?.coin, units: units?.toString(), decimals,
      amount: units === undefined || decimals === undefined ? undefined : scaled(units, decimals), ...more,
      labels: label === undefined ? undefined : { holder: label },
    },
  })
}

/** A whole number, in hex or decimal, as a number or a string. */
export function integer(value: Exact | undefined): bigint | undefined {
  const text = value instanceof Numeral ? value.text : value
  return typeof text === 'string' ? integerOf(text) : undefined
}

export const integerText = (value: Exact | undefined): string | undefined => integer(value)?.toString()
/** A plain count, as a number. */
export function count(value: Exact | undefined): number | undefined {
  const whole = integer(value)
  return whole === undefined || whole > BigInt(Number.MAX_SAFE_INTEGER) ? undefined : Number(whole)
}

/** Seconds since 1970, in hex or decimal; `2026-02-04 05:43:23.000000Z` and its like as well: the times of chains are UTC, said or not. */
export function momentOf(value: Exact | undefined): Millis | undefined {
  const seconds = integer(value) ?? integer(wholeOf(value))
  if (seconds !== undefined) return seconds > 0n && seconds < 1n << 40n ? Number(seconds) * SECOND_MS : undefined
  const text = exactString(value)
  const match = text === undefined ? null : DATE_TIME.exec(text)
  if (match === null) return undefined
  const ms = Date.parse(`${match[1]}T${match[2] ?? '00:00:00'}Z`)
  return Number.isNaN(ms) ? undefined : ms
}
const DATE_TIME = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d:\d\d)(?:\.\d+)?(?:Z| UTC|\+00:?00)?)?$/

/** `1701115200.0`, which tables write for whole seconds. */
const wholeOf = (value: Exact | undefined): string | undefined => {
  const decimal = exactDecimal(value)
  return decimal === undefined ? undefined : /^(\d+)\.0+$/.exec(decimal)?.[1]
}

/** An amount that the payload states in whole coins, exactly. */
export function amount(value: Exact | undefined): string | undefined {
  const decimal = exactDecimal(value)
  return decimal === undefined ? undefined : shortest(decimal)
}

export const address = (value: Exact | undefined): string | undefined => {
  const text = exactString(value)
  return text === undefined ? undefined : canonicalAddress(text)
}

export { exactId as id, exactString as text }
export type { ExactObject as Row }
