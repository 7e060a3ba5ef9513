/** Do convictions mean what they say? Each is held against the prices at the end of the horizon that it states. */
import { parseDuration, DAY_MS, type Direction, type Millis, type Summary } from '#record'
import { brierOf, calibrationError, reliability } from '../learn/scores.ts'
import { hits, moveAfter, sessionAfter, type Sessions } from './precision.ts'
import { rounded } from './rounded.ts'

export type Calibration = NonNullable<Summary['calibration']>

/** A conviction as it was said; `stands` is false where it took an earlier one back. */
export interface Stated {
  readonly atMs: Millis
  readonly subject: string
  readonly direction: Direction
  readonly score: number
  /** A day is a session. */
  readonly horizon: string
  readonly stands: boolean
}

/** Bins of two hundredths: convictions lie close together. */
const BINS = 50

/**
 * Of all that was said of a subject between two of its opens, the last before the second is judged, where it still stands: who enters at that open
 * acts on it. `unjudged` are those whose horizon reaches beyond the prices. `stated` in the order of time.
 */
export function calibrationOf(stated: Iterable<Stated>, universe: ReadonlyMap<string, Sessions>): Calibration {
  const standing = new Map<string, Stated>()
  for (const one of stated) {
    const sessions = universe.get(one.subject)
    if (sessions !== undefined) standing.set(`${one.subject} ${sessionAfter(sessions.openMs, one.atMs)}`, one)
  }
  const probabilities: number[] = [], outcomes: number[] = []
  let unjudged = 0
  for (const { subject, atMs, direction, score, horizon, stands } of standing.values()) {
    if (!stands) continue
    const sessions = universe.get(subject), days = Math.round((parseDuration(horizon) ?? NaN) / DAY_MS)
    const move = sessions === undefined || !(days >= 1) ? undefined : moveAfter(sessions, atMs, days)
    if (move === undefined) unjudged++
    else {
      probabilities.push(score)
      outcomes.push(hits(move, direction) ? 1 : 0)
    }
  }
  const n = outcomes.length
  const share = (values: readonly number[]): number | null => (n === 0 ? null : rounded(values.reduce((sum, value) => sum + value, 0) / n))
  return {
    n, unjudged, happened: share(outcomes), said: share(probabilities),
    brier: n === 0 ? null : rounded(brierOf(probabilities, outcomes)),
    error: n === 0 ? null : rounded(calibrationError(probabilities, outcomes, BINS)),
    bins: reliability(probabilities, outcomes, BINS).map(({ low, high, count, said, happened }) =>
      ({ low, high, count, said: rounded(said), happened: rounded(happened) })),
  }
}
