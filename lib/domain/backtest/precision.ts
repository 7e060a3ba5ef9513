/** Precision of ranked convictions: of the top k of each session, how many moved as stated over the horizon, beside the base rate. */
import type { Direction, Millis } from '#record'
import { bisect } from '../lookup/bisect.ts'

/** A subject's daily sessions, oldest first; the three lists run in step. */
export interface Sessions {
  readonly openMs: Millis[]
  readonly open: number[]
  readonly close: number[]
  /** What its holders got, where it ceased to trade. */
  ended?: number
}

export interface Pick {
  readonly subject: string
  readonly direction: Direction
  readonly rank: number
}

/** The order of convictions from a moment on, until the next. */
export interface Ranked {
  readonly atMs: Millis
  readonly picks: readonly Pick[]
}

export interface Judged extends Pick {
  /** The open it was entered at. */
  readonly openMs: Millis
  /** Exit over entry, less one. */
  readonly move: number
  readonly hit: boolean
}

export interface Precision {
  /** Hits over picks judged; undefined where none could be. */
  readonly precision: number | undefined
  /** The share of hits that picking blindly from the same universe in the same sessions and directions would have had. */
  readonly baseRate: number | undefined
  /** 95 % Wilson score interval, as if picks did not overlap in time. */
  readonly interval: readonly [number, number] | undefined
  readonly judged: readonly Judged[]
}

/** The first session that opens at or after a moment; the lists' length where there is none. */
export function sessionAfter(openMs: readonly Millis[], atMs: Millis): number {
  return bisect(0, openMs.length, (place) => (openMs[place] ?? Infinity) < atMs)
}

/**
 * Entered at the first open at or after the decision, left at the close `horizon` sessions on (1: the same day's close).
 * Of what ended before, with what its holders got. Undefined where prices do not reach that far.
 */
export function moveAfter(sessions: Sessions, atMs: Millis, horizon: number): number | undefined {
  const entry = sessionAfter(sessions.openMs, atMs)
  const from = sessions.open[entry], to = sessions.close[entry + horizon - 1] ?? sessions.ended
  return from === undefined || to === undefined || from <= 0 ? undefined : to / from - 1
}

/** Whether a price moved as stated; one that stands still has not. */
export const hits = (move: number, direction: Direction): boolean => (direction === 'up' ? move > 0 : move < 0)

/**
 * At each session's open (`calendar`: all opens, ascending) the ranking that stands then is judged, so that the many rankings of
 * one night are one decision: the first k of it that trade in that session, as anyone could know then. Of these a pick is judged
 * where it has prices over the whole horizon.
 * `rankings` ascend in time.
 */
export function precisionAt(
  k: number, horizon: number, rankings: readonly Ranked[], universe: ReadonlyMap<string, Sessions>, calendar: readonly Millis[],
): Precision {
  const judged: Judged[] = []
  let baseSum = 0
  let next = 0
  let standing: Ranked | undefined
  for (const openMs of calendar) {
    for (let ranking = rankings[next]; ranking !== undefined && ranking.atMs <= openMs; ranking = rankings[++next]) standing = ranking
    if (next === rankings.length && standing === undefined) break
    const trading = (standing?.picks ?? []).filter(({ subject }) => tradesAt(universe.get(subject), openMs)).slice(0, k)
    if (trading.length === 0) continue
    const moves = [...universe.values()].flatMap((sessions) => moveFrom(sessions, openMs, horizon) ?? [])
    for (const pick of trading) {
      const sessions = universe.get(pick.subject)
      const move = sessions === undefined ? undefined : moveFrom(sessions, openMs, horizon)
      if (move === undefined) continue
      judged.push({ ...pick, openMs, move, hit: hits(move, pick.direction) })
      baseSum += moves.filter((other) => hits(other, pick.direction)).length / moves.length
    }
  }
  const n = judged.length
  if (n === 0) return { precision: undefined, baseRate: undefined, interval: undefined, judged }
  const hitCount = judged.filter(({ hit }) => hit).length
  return { precision: hitCount / n, baseRate: baseSum / n, interval: wilson(hitCount, n), judged }
}

function tradesAt(sessions: Sessions | undefined, openMs: Millis): boolean {
  return sessions !== undefined && sessions.openMs[sessionAfter(sessions.openMs, openMs)] === openMs
}

/** The move of a subject that trades in this very session. */
function moveFrom(sessions: Sessions, openMs: Millis, horizon: number): number | undefined {
  return tradesAt(sessions, openMs) ? moveAfter(sessions, openMs, horizon) : undefined
}

/** E. B. Wilson (1927), "Probable inference, the law of succession, and statistical inference", at 95 %. */
export function wilson(hitCount: number, n: number): readonly [number, number] {
  const z = 1.959963984540054
  const share = hitCount / n
  const centre = share + (z * z) / (2 * n)
  const spread = z * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n))
  const scale = 1 + (z * z) / n
  return [Math.max(0, (centre - spread) / scale), Math.min(1, (centre + spread) / scale)]
}
