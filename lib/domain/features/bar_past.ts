/** The last year of daily bars of many subjects, in the order in which they were known: what every feature of prices rests on. */
import { DAY_MS, millisOf, type Bar, type Millis } from '#record'
import { splitLike } from '../market/split.ts'

/** Sessions. */
export const WEEK = 5, MONTH = 21, QUARTER = 63, YEAR = 252
/** After a longer silence a subject begins anew. */
const SILENCE_MS = 15 * DAY_MS

export interface PastBar {
  readonly id: string
  /** When its session began: of each there is one bar. */
  readonly atMs: Millis
  readonly close: number
  readonly logClose: number
  /** High over low, as a logarithm. */
  readonly range: number
  /** In units of the subject. */
  readonly volume: number
}

/** Of whom features of a year of bars are, and what they rest on. */
export interface OfAYear {
  readonly subject: string
  /** When the last bar was known. */
  readonly knownMs: Millis
  /** The bars that it rests on, first and last, by id. */
  readonly parents: readonly [string, string]
}

interface Past {
  /** In the order of their sessions, whenever they were known. */
  readonly bars: PastBar[]
  readonly basis: Bar['basis']
}

export class BarPasts {
  readonly #pasts = new Map<string, Past>()

  /**
   * Take in a daily bar; it and the 252 before it once there are as many. A subject begins anew after a silence, where the basis of its prices changes,
   * and where prices as traded jump like a split: for a year nothing is said of it then. A bar of a session that is there corrects it, one that comes late
   * takes the place of its session; nothing new is said where that is not the last.
   */
  add(bar: Bar): readonly PastBar[] | undefined {
    const close = Number(bar.close)
    if (!(close > 0)) return undefined
    const high = Number(bar.high), low = Number(bar.low)
    const one: PastBar = {
      id: bar.id, atMs: millisOf(bar.at), close, logClose: Math.log(close), range: high > low && low > 0 ? Math.log(high / low) : 0, volume: Number(bar.volume),
    }
    let past = this.#pasts.get(bar.subject)
    if (past?.basis !== bar.basis) this.#pasts.set(bar.subject, (past = { bars: [], basis: bar.basis }))
    const isLast = placed(past, one)
    return isLast && past.bars.length > YEAR ? past.bars : undefined
  }
}

/** Puts a bar where its session belongs, and takes away what is no year with it. Whether it is the last then. */
function placed({ bars, basis }: Past, one: PastBar): boolean {
  const at = bars.findLastIndex(({ atMs }) => atMs <= one.atMs), before = bars[at]
  if (before?.atMs === one.atMs) bars[at] = one
  else {
    const next = bars[at + 1]
    // Others have begun anew after it.
    if (next !== undefined && isBreak(one, next, basis)) {
      bars.splice(0, at + 1)
      return false
    }
    bars.splice(at + 1, 0, one)
    if (before !== undefined && isBreak(before, one, basis)) bars.splice(0, at + 1)
    if (bars.length > YEAR + 1) bars.shift()
  }
  return bars[bars.length - 1] === one
}

/** Whether a subject begins anew between two sessions. */
const isBreak = (before: PastBar, after: PastBar, basis: Bar['basis']): boolean =>
  after.atMs - before.atMs > SILENCE_MS || (basis === 'as_traded' && splitLike(before.close, after.close) !== undefined)

/** Standard deviation of a session's logarithmic return over the last sessions. */
export function volatilityOf(bars: readonly PastBar[], sessions: number): number {
  const last = bars.length - 1
  let sum = 0, squares = 0
  for (let k = 0; k < sessions; k++) {
    const step = (bars[last - k]?.logClose ?? NaN) - (bars[last - k - 1]?.logClose ?? NaN)
    sum += step
    squares += step * step
  }
  return Math.sqrt(Math.max(0, squares - (sum * sum) / sessions) / (sessions - 1))
}
