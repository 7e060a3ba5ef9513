/** Scores and comment counts of posts hour by hour, as CSV: what was known of each when. */
import { parseInstant, type Signal } from '#record'
import type { Fault } from './rows.ts'
import { postKey, removalSignal, snapshotSignal, textOr, type Hearing } from './signals.ts'

const COLUMNS = ['snapshot_utc', 'id', 'score', 'num_comments'] as const

export const isSnapshotHeader = (columns: readonly string[]): boolean => COLUMNS.every((column) => columns.includes(column))

/** A reader of lines under this header. A post's removal is said once, where it is first seen to be gone. */
export function snapshotReader(columns: readonly string[], hearing: Hearing): (line: string) => readonly Signal[] | Fault {
  const at = (name: string): number => columns.indexOf(name)
  const [seenAt, idAt, scoreAt, ratioAt, commentsAt, removedAt] =
    [at('snapshot_utc'), at('id'), at('score'), at('upvote_ratio'), at('num_comments'), at('removed_by_category')]
  const gone = new Set<string>()
  return (line) => {
    const cells = line.split(',')
    if (cells.length !== columns.length) return { expected: `expected ${columns.length} columns, found ${cells.length}` }
    const seenMs = parseInstant(cells[seenAt] ?? '')
    if (seenMs === undefined) return { expected: 'column "snapshot_utc": expected an ISO 8601 UTC instant' }
    const score = cellNumber(cells[scoreAt]), comments = cellNumber(cells[commentsAt]), upvote_ratio = cellNumber(cells[ratioAt])
    if (score === null || comments === null || upvote_ratio === null) return { expected: 'expected numbers as counts and ratio' }
    const key = postKey(cells[idAt] ?? ''), removed = textOr(cells[removedAt])
    const snapshot = snapshotSignal(key, seenMs, { score, comments, upvote_ratio, removed }, undefined, hearing)
    if (snapshot === undefined) return { expected: 'expected a score, a comment count or a ratio' }
    if (removed === undefined || gone.has(key)) return [snapshot]
    gone.add(key)
    return [snapshot, removalSignal(key, seenMs, { by: removed, shown: undefined }, undefined, hearing)]
  }
}

/** Undefined where empty, null where no number. */
function cellNumber(cell: string | undefined): number | undefined | null {
  if (cell === undefined || cell === '') return undefined
  const value = Number(cell)
  return Number.isFinite(value) ? value : null
}
