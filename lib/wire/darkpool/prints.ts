/** Prints in shares: those off the exchanges as signals, and what part of a day's volume they are. */
import { formatInstant, type Millis, type Signal } from '#record'
import { divRound, formatFixed, parseFixed, toNumber } from '#domain/money/decimal'
import { newYorkDate } from '#domain/market/session'
import { counts, type Correction, type SaleCondition } from '#domain/market/sale_condition'
import { happened, type Facts } from '../signal.ts'

/** One trade, wherever it was made. */
export interface SharePrint {
  readonly service: string
  readonly key: string
  readonly subject: string | undefined
  /** When it was executed, and when the tape told it. */
  readonly atMs: Millis
  readonly knownMs: Millis
  readonly price: string
  readonly shares: string
  readonly exchange: string | undefined
  /** What tells that it was made off the exchanges; undefined where it was not. */
  readonly offExchange: 'exchange' | 'facility' | 'both' | undefined
  /** It comes from a list of such prints alone, beside which the others are not told: no share can be made of it. */
  readonly isSelected?: true
  /** As the tape writes them. */
  readonly conditions: string | readonly string[] | undefined
  readonly meanings: readonly SaleCondition[]
  readonly correction: Correction | undefined
  readonly facts: Facts
}

/** FINRA gives ten seconds to report a trade (rules 6282, 6380A and 6380B): later is late. */
const LATE_MS = 10_000

/** The print as a signal, where it was made off the exchanges. */
export function printSignal(print: SharePrint, by: string): Signal | undefined {
  const { service, key, subject, atMs, knownMs, price, shares, exchange, offExchange, conditions, meanings, correction, facts } = print
  if (offExchange === undefined) return undefined
  const reportedAfterMs = knownMs - atMs
  const names = meanings.map(({ name }) => name)
  return happened({
    atMs, knownMs, source: `${service}/prints`, type: 'off_exchange_print', key, subject,
    facts: {
      price, shares, value: valueOf(price, shares), exchange, told_by: offExchange,
      conditions: conditions === undefined || conditions.length === 0 ? undefined : conditions,
      condition_names: names.length === 0 ? undefined : names, correction,
      reported_after_ms: reportedAfterMs === 0 ? undefined : reportedAfterMs,
      late: reportedAfterMs > LATE_MS || meanings.some(({ late }) => late === true) ? true : undefined,
      ...facts,
    },
  }, by)
}

/** Price x shares, exactly; undefined where that needs more than eight decimals. */
function valueOf(price: string, shares: string): string | undefined {
  const a = parseFixed(price), b = parseFixed(shares)
  if (a === undefined || b === undefined || (a * b) % 100_000_000n !== 0n) return undefined
  return formatFixed((a * b) / 100_000_000n)
}

interface Day {
  readonly first: SharePrint
  readonly date: string
  volume: bigint
  offVolume: bigint
  prints: number
  offPrints: number
  uncounted: number
  uncountedVolume: bigint
  fromMs: Millis
  toMs: Millis
  knownMs: Millis
}

/** Sums prints by symbol and New York day. */
export class ShareBook {
  readonly #days = new Map<string, Day>()

  add(print: SharePrint): void {
    const date = newYorkDate(print.atMs), name = `${print.service} ${print.subject ?? ''} ${date}`
    let day = this.#days.get(name)
    if (day === undefined) {
      const nothing = { volume: 0n, offVolume: 0n, prints: 0, offPrints: 0, uncounted: 0, uncountedVolume: 0n }
      day = { first: print, date, ...nothing, fromMs: print.atMs, toMs: print.atMs, knownMs: print.knownMs }
      this.#days.set(name, day)
    }
    const shares = parseFixed(print.shares)
    if (shares === undefined || !counts(print.meanings, print.correction)) {
      day.uncounted++
      day.uncountedVolume += shares ?? 0n
      return
    }
    day.volume += shares
    day.prints++
    if (print.offExchange !== undefined) {
      day.offVolume += shares
      day.offPrints++
    }
    day.fromMs = Math.min(day.fromMs, print.atMs)
    day.toMs = Math.max(day.toMs, print.atMs)
    day.knownMs = Math.max(day.knownMs, print.knownMs)
  }

  /** One signal for each day that has volume: prints of the official open and close, and cancelled ones, are no part of it, and said apart. */
  *signals(by: string): Generator<Signal> {
    for (const { first, date, volume, offVolume, prints, offPrints, uncounted, uncountedVolume, fromMs, toMs, knownMs } of this.#days.values()) {
      if (volume === 0n) continue
      const { service, subject } = first
      yield happened({
        atMs: toMs, knownMs: Math.max(toMs, knownMs), source: `${service}/prints`, type: 'dark_share',
        key: `${service}:dark_share:${subject ?? ''}:${date}`, subject,
        facts: {
          date, share: Math.round(toNumber(divRound(offVolume, volume)) * 1e6) / 1e6, off_exchange_volume: formatFixed(offVolume),
          volume: formatFixed(volume),
          off_exchange_prints: offPrints, prints, not_counted: uncounted, not_counted_volume: formatFixed(uncountedVolume),
          from: formatInstant(fromMs),
        },
      }, by)
    }
  }
}
