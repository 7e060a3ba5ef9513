/**
 * What prices have done, as features of one subject at the close of a session. There is one definition, a stream of bars in the order in which they were
 * known: training, back-tests and live tools all feed it the same way, so that none can see what another does not.
 */
import { millisOf, type Bar, type Millis } from '#record'
import { BarPasts, MONTH, QUARTER, volatilityOf, YEAR, type OfAYear, type PastBar } from './bar_past.ts'

export interface Momentum extends OfAYear {
  /** Logarithmic returns over a month, a quarter and a year of sessions. */
  readonly month: number
  readonly quarter: number
  readonly year: number
  /** Of the year without its last month, which tends to turn back (Jegadeesh and Titman, Journal of Finance 48, 1993). */
  readonly yearLessMonth: number
  /** Standard deviation of a session's logarithmic return over the last quarter. */
  readonly volatility: number
  /** The year in units of what chance would do in it. */
  readonly yearScore: number
}

export class MomentumFeatures {
  readonly #pasts = new BarPasts()

  /** Take in a daily bar; its features once there is a year. */
  add(bar: Bar): Momentum | undefined {
    const bars = this.#pasts.add(bar)
    return bars === undefined ? undefined : momentumOf(bar.subject, millisOf(bar.known_at), bars)
  }
}

/** Of a year of bars; undefined where they did not move. */
export function momentumOf(subject: string, knownMs: Millis, bars: readonly PastBar[]): Momentum | undefined {
  const last = bars.length - 1
  const at = (sessionsAgo: number): number => bars[last - sessionsAgo]?.logClose ?? NaN
  const volatility = volatilityOf(bars, QUARTER)
  if (!(volatility > 0)) return undefined
  const year = at(0) - at(YEAR)
  return {
    subject, knownMs, parents: [bars[0]?.id ?? '', bars[last]?.id ?? ''], month: at(0) - at(MONTH), quarter: at(0) - at(QUARTER), year,
    yearLessMonth: at(MONTH) - at(YEAR), volatility, yearScore: year / (volatility * Math.sqrt(YEAR)),
  }
}
