/**
 * What prices have done, as features of one subject at the close of a session. There is one definition, a stream of bars in the order in which they were
 * known: training, back-tests and live tools all feed it the same way, so that none can see what another does not.
 */
import { DAY_MS, millisOf, type Bar, type Millis } from '#record'
import { splitLike } from '../market/split.ts'

export interface Momentum {
  readonly subject: string
  /** When the last bar was known. */
  readonly knownMs: Millis
  /** The bars that it rests on, first and last, by id. */
  readonly parents: readonly [string, string]
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

export const MONTH = 21, QUARTER = 63, YEAR = 252
/** After a longer silence a subject begins anew. */
const SILENCE_MS = 15 * DAY_MS

interface Known {
  readonly id: string
  readonly logClose: number
}
interface Past {
  readonly bars: Known[]
  basis: Bar['basis']
  lastMs: Millis
}

export class MomentumFeatures {
  readonly #pasts = new Map<string, Past>()

  /**
   * Take in a daily bar; its features once there is a year. A subject begins anew after a silence, where the basis of its prices changes, and where prices
   * as traded jump like a split: for a year nothing is said of it then.
   */
  add(bar: Bar): Momentum | undefined {
    const close = Number(bar.close), knownMs = millisOf(bar.known_at)
    if (!(close > 0)) return undefined
    let past = this.#pasts.get(bar.subject)
    const before = past?.bars[past.bars.length - 1]
    const anew = past === undefined || before === undefined || past.basis !== bar.basis || knownMs - past.lastMs > SILENCE_MS ||
      (bar.basis === 'as_traded' && splitLike(Math.exp(before.logClose), close) !== undefined)
    if (past === undefined || anew) this.#pasts.set(bar.subject, (past = { bars: [], basis: bar.basis, lastMs: knownMs }))
    past.lastMs = knownMs
    past.bars.push({ id: bar.id, logClose: Math.log(close) })
    if (past.bars.length > YEAR + 1) past.bars.shift()
    return past.bars.length > YEAR ? featuresOf(bar.subject, knownMs, past.bars) : undefined
  }
}

function featuresOf(subject: string, knownMs: Millis, bars: readonly Known[]): Momentum | undefined {
  const last = bars.length - 1
  const at = (sessionsAgo: number): number => bars[last - sessionsAgo]?.logClose ?? NaN
  let sum = 0, squares = 0
  for (let k = 0; k < QUARTER; k++) {
    const step = at(k) - at(k + 1)
    sum += step
    squares += step * step
  }
  const volatility = Math.sqrt(Math.max(0, squares - (sum * sum) / QUARTER) / (QUARTER - 1))
  if (!(volatility > 0)) return undefined
  const year = at(0) - at(YEAR)
  return {
    subject, knownMs, parents: [bars[0]?.id ?? '', bars[last]?.id ?? ''], month: at(0) - at(MONTH), quarter: at(0) - at(QUARTER), year,
    yearLessMonth: at(MONTH) - at(YEAR), volatility, yearScore: year / (volatility * Math.sqrt(YEAR)),
  }
}
