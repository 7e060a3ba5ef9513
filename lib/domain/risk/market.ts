/**
 * The market as its closes tell, session by session: how much the benchmark and the others move, how much they move together, how far the benchmark
 * has fallen, and how many have a price at all.
 */
import { bisect } from '../lookup/bisect.ts'
import { median } from '../pnl/performance.ts'

/** Sessions of a realised volatility, and how many of them must have a return. */
const VOLATILITY_SESSIONS = 20
const VOLATILITY_LEAST = 10
const SESSIONS_A_YEAR = 252
/** Sessions that correlation and the highest close look back on; the least that correlation needs, of so many subjects. */
const CORRELATION_SESSIONS = 60
const CORRELATION_LEAST = 30
const SUBJECTS_LEAST = 10
const HIGH_SESSIONS = 252
/** A rank among fewer readings says nothing; those of more than five years ago are forgotten. */
const RANKED_LEAST = 60
const RANKED_MOST = 5 * SESSIONS_A_YEAR
/** A subject without a price for so many sessions is gone, and missed no longer. */
const MISSED_SESSIONS = 5

/** Undefined where it cannot be told yet. */
export interface MarketReading {
  /** Of the benchmark, a year: 0.25 is 25 %. */
  readonly volatility: number | undefined
  /** Where volatility stands among what it was at each session before, 0 to 1; that of the benchmark, and the median of the others'. */
  readonly rank: number | undefined
  readonly spreadRank: number | undefined
  /** Mean correlation of pairs. */
  readonly correlation: number | undefined
  /** How far the benchmark is below its highest close: 0.2 is 20 %. */
  readonly drawdown: number | undefined
  /** Sessions in a row without any price, and without one of the benchmark. */
  readonly silent: number
  readonly benchmarkSilent: number | undefined
  /** Share of the subjects of late that have no price of this session. */
  readonly missing: number | undefined
}

interface Series {
  close: number
  /** The latest session with a price, counted from the first. */
  session: number
  /** A price of the session under way. */
  latest: number | undefined
  /** By session, its latest log return, the last {@link CORRELATION_SESSIONS}; undefined where there was none. */
  readonly returns: (number | undefined)[]
}

export class MarketWatch {
  readonly #benchmark: string
  readonly #series = new Map<string, Series>()
  readonly #closes: number[] = []
  readonly #volatilities = new Ranked()
  readonly #spreads = new Ranked()
  #session = 0
  #silent = 0
  #isHeard = false

  constructor(benchmark: string) {
    this.#benchmark = benchmark
  }

  /** The last price of a subject in the session under way. */
  hear(subject: string, price: number): void {
    if (!(price > 0)) return
    this.#isHeard = true
    const series = this.#series.get(subject)
    if (series === undefined) this.#series.set(subject, { close: NaN, session: -1, latest: price, returns: [] })
    else series.latest = price
  }

  /** Its shares are others from now on: there is no return across that. */
  breaks(subject: string): void {
    const series = this.#series.get(subject)
    if (series === undefined) return
    series.close = NaN
    series.latest = undefined
    if (subject === this.#benchmark) this.#closes.length = 0
  }

  /** The session is over. */
  close(): MarketReading {
    this.#session++
    this.#silent = this.#isHeard ? 0 : this.#silent + 1
    this.#isHeard = false
    let known = 0, missing = 0
    for (const [subject, series] of this.#series) {
      const { latest } = series
      const change = latest === undefined ? undefined : Math.log(latest / series.close)
      series.returns.push(change !== undefined && Number.isFinite(change) ? change : undefined)
      if (series.returns.length > CORRELATION_SESSIONS) series.returns.shift()
      if (latest !== undefined) {
        series.close = latest
        series.session = this.#session
        series.latest = undefined
      } else if (this.#session - series.session <= MISSED_SESSIONS) missing++
      else if (subject !== this.#benchmark && this.#session - series.session > CORRELATION_SESSIONS) this.#series.delete(subject)
      if (this.#session - series.session <= MISSED_SESSIONS) known++
    }
    const benchmark = this.#series.get(this.#benchmark)
    const volatility = benchmark === undefined ? undefined : volatilityOf(benchmark.returns)
    const spread = this.#spread()
    return {
      volatility, rank: this.#volatilities.take(volatility), spreadRank: this.#spreads.take(spread),
      correlation: this.#correlation(), drawdown: this.#drawdown(benchmark),
      silent: this.#silent, missing: known === 0 ? undefined : missing / known,
      benchmarkSilent: benchmark === undefined ? undefined : this.#session - benchmark.session,
    }
  }

  #drawdown(benchmark: Series | undefined): number | undefined {
    if (benchmark === undefined || !(benchmark.close > 0)) return undefined
    if (benchmark.session === this.#session) this.#closes.push(benchmark.close)
    if (this.#closes.length > HIGH_SESSIONS) this.#closes.shift()
    return 1 - benchmark.close / this.#closes.reduce((highest, close) => Math.max(highest, close), benchmark.close)
  }

  /** The median volatility of all but the benchmark. */
  #spread(): number | undefined {
    const each: number[] = []
    for (const [subject, { returns }] of this.#series) {
      const volatility = subject === this.#benchmark ? undefined : volatilityOf(returns)
      if (volatility !== undefined) each.push(volatility)
    }
    return each.length < SUBJECTS_LEAST ? undefined : median(each) ?? undefined
  }

  /**
   * Of the subjects with a return in every session of the span. The variance of the sum of n standardised returns is n + n (n - 1) r, with r the mean
   * over all pairs: no pair need be looked at.
   */
  #correlation(): number | undefined {
    const sessions = Math.min(CORRELATION_SESSIONS, this.#session - 1)
    if (sessions < CORRELATION_LEAST) return undefined
    const sums = new Float64Array(sessions)
    let count = 0
    for (const { returns } of this.#series.values()) {
      const span = returns.slice(-sessions).filter((one) => one !== undefined)
      if (span.length < sessions) continue
      const mean = span.reduce((sum, one) => sum + one, 0) / sessions
      const deviation = Math.sqrt(span.reduce((sum, one) => sum + (one - mean) * (one - mean), 0) / sessions)
      if (!(deviation > 1e-12)) continue
      count++
      span.forEach((one, i) => (sums[i] = (sums[i] ?? 0) + (one - mean) / deviation))
    }
    if (count < SUBJECTS_LEAST) return undefined
    return (sums.reduce((sum, one) => sum + one * one, 0) / sessions / count - 1) / (count - 1)
  }
}

/** Realised, from squared returns without a mean: over weeks the mean is noise. Undefined where there are too few. */
function volatilityOf(returns: readonly (number | undefined)[]): number | undefined {
  let squares = 0, count = 0
  for (const one of returns.slice(-VOLATILITY_SESSIONS)) {
    if (one === undefined) continue
    squares += one * one
    count++
  }
  return count < VOLATILITY_LEAST ? undefined : Math.sqrt((squares / count) * SESSIONS_A_YEAR)
}

/** Where a reading stands among those before it, never among later ones. */
class Ranked {
  readonly #inOrder: number[] = []
  readonly #sorted: number[] = []

  /** The share of readings before that were lower, and half of those that were the same. */
  take(value: number | undefined): number | undefined {
    if (value === undefined) return undefined
    const { length } = this.#sorted
    const from = this.#placeOf(value), to = bisect(from, length, (place) => (this.#sorted[place] ?? 0) <= value)
    this.#sorted.splice(from, 0, value)
    this.#inOrder.push(value)
    const oldest = this.#inOrder.length > RANKED_MOST ? this.#inOrder.shift() : undefined
    if (oldest !== undefined) this.#sorted.splice(this.#placeOf(oldest), 1)
    return length < RANKED_LEAST ? undefined : (from + to) / 2 / length
  }

  #placeOf(value: number): number {
    return bisect(0, this.#sorted.length, (place) => (this.#sorted[place] ?? 0) < value)
  }
}
