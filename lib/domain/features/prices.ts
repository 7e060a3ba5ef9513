/**
 * What a model is told of a subject's prices at the close of a session: {@link PRICE_FEATURES}, one definition for training, back-tests and live tools, all of
 * which feed it bars in the order in which they were known. Moves are in units of what chance does over as many sessions, so that subjects and times compare.
 */
import { millisOf, type Bar, type Millis } from '#record'
import { BarPasts, MONTH, QUARTER, volatilityOf, WEEK, YEAR, type OfAYear, type PastBar } from './bar_past.ts'
import { momentumOf } from './momentum.ts'

export const PRICE_FEATURES = [
  'session', 'week', 'month', 'quarter', 'year_less_month', 'below_high', 'above_low', 'volatility', 'calm', 'range', 'turnover',
] as const
/** Of a model's file: it is told features of this definition only. */
export const PRICES_VERSION = 'prices/1'

export interface Prices extends OfAYear {
  /** In the order of {@link PRICE_FEATURES}; NaN where a feature is not known. */
  readonly values: Float64Array
}

export class PriceFeatures {
  readonly #pasts = new BarPasts()

  /** Take in a daily bar; its features once there is a year. */
  add(bar: Bar): Prices | undefined {
    const bars = this.#pasts.add(bar)
    return bars === undefined ? undefined : pricesOf(bar.subject, millisOf(bar.known_at), bars)
  }
}

function pricesOf(subject: string, knownMs: Millis, bars: readonly PastBar[]): Prices | undefined {
  const momentum = momentumOf(subject, knownMs, bars)
  if (momentum === undefined) return undefined
  const last = bars.length - 1, at = (sessionsAgo: number): number => bars[last - sessionsAgo]?.logClose ?? NaN
  const { volatility, month, quarter, yearLessMonth, parents } = momentum
  const score = (move: number, sessions: number): number => move / (volatility * Math.sqrt(sessions))
  let high = -Infinity, low = Infinity
  for (const { logClose } of bars) {
    if (logClose > high) high = logClose
    if (logClose < low) low = logClose
  }
  const volume = meanOf(bars, QUARTER, 'volume'), turned = meanOf(bars, WEEK, 'volume'), lately = volatilityOf(bars, MONTH)
  return {
    subject, knownMs, parents,
    values: Float64Array.of(
      score(at(0) - at(1), 1), score(at(0) - at(WEEK), WEEK), score(month, MONTH), score(quarter, QUARTER), score(yearLessMonth, YEAR - MONTH),
      score(high - at(0), YEAR), score(at(0) - low, YEAR), Math.log(volatility), lately > 0 ? Math.log(lately / volatility) : NaN,
      meanOf(bars, WEEK, 'range') / volatility, volume > 0 && turned > 0 ? Math.log(turned / volume) : NaN,
    ),
  }
}

/** Over the last sessions. */
function meanOf(bars: readonly PastBar[], sessions: number, of: 'range' | 'volume'): number {
  let sum = 0
  for (let k = 0; k < sessions; k++) sum += bars[bars.length - 1 - k]?.[of] ?? NaN
  return sum / sessions
}
