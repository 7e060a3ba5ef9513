/** Recorded posts, comments and hourly snapshots: one row a line, as crawls and Pushshift keep them. */
import { check, parseInstant, type Mention, type Millis, type Signal } from '#record'
import {
  commentKey, commentSignal, numberOr, postKey, postSignal, secondsOr, snapshotSignal, standing, textOr, unescapeHtml, type Hearing,
} from './signals.ts'

/** What is wrong with one row. */
export interface Fault {
  readonly expected: string
}
export type Row = { readonly [column: string]: unknown }

export const isRow = (value: unknown): value is Row => typeof value === 'object' && value !== null && !Array.isArray(value)
/** A row of ours: a thing with an id and the moment it was made. */
export const isThingRow = (value: unknown): value is Row => isRow(value) && 'id' in value && 'created_utc' in value

/** Signals of one post or comment row, or what is wrong with it. */
export function signalsOfRow(row: Row, hearing: Hearing): readonly Signal[] | Fault {
  const id = textOr(row['id'])
  if (id === undefined || !/^[a-z0-9]+$/.test(id)) return { expected: 'field "id": expected a base-36 id' }
  const createdMs = secondsOr(row['created_utc'])
  if (createdMs === undefined) return { expected: 'field "created_utc": expected seconds since 1970' }
  const firstSeen = row['first_seen_utc']
  const seenMs = typeof firstSeen === 'string' ? parseInstant(firstSeen) : undefined
  if (firstSeen !== undefined && seenMs === undefined) return { expected: 'field "first_seen_utc": expected an ISO 8601 UTC instant' }
  const thing = { id, createdMs, knownMs: seenMs ?? createdMs, subreddit: textOr(row['subreddit']), author: authorOf(row) }
  const postId = textOr(row['post_id']) ?? textOr(row['link_id'])?.replace(/^t3_/, '')
  const isComment = postId !== undefined
  if (!isComment && !('title' in row) && !('mentions' in row)) return { expected: 'expected a title, mentions or the post_id of a comment' }
  const mentions = isComment ? undefined : mentionsOf(row)
  if (mentions === null) return { expected: 'field "mentions": expected a list of subject, polarity and how' }
  const said = isComment
    ? commentSignal({ ...thing, postId, text: standing(row['body']) }, hearing)
    : postSignal({
        ...thing, mentions, title: standing(row['title']), text: standing(row['selftext']), flair: flairOf(row), fingerprint: textOr(row['fingerprint']),
      }, hearing)
  return [said, ...firstCounts(row, isComment ? commentKey(id) : postKey(id), seenMs, thing.subreddit, hearing)]
}

/** Only counts of the first sight are counts of a known moment: plain `score` is as of a later crawl. */
function firstCounts(row: Row, key: string, seenMs: Millis | undefined, subreddit: string | undefined, hearing: Hearing): readonly Signal[] {
  if (seenMs === undefined) return []
  const snapshot = snapshotSignal(key, seenMs, { score: numberOr(row['score_first']), comments: numberOr(row['num_comments_first']) }, subreddit, hearing)
  return snapshot === undefined ? [] : [snapshot]
}

const authorOf = (row: Row): string | undefined => standing(row['author'])
const flairOf = (row: Row): string | undefined => {
  const flair = textOr(row['link_flair_text'])
  return flair === undefined ? undefined : unescapeHtml(flair)
}

/** Null where there are mentions but not of our shape. */
function mentionsOf(row: Row): Mention[] | undefined | null {
  const mentions = row['mentions']
  if (mentions === undefined) return undefined
  return isMentions(mentions) ? mentions : null
}

const PROBE = { kind: 'signal', id: '0'.repeat(40), parents: [], at: '2000-01-01T00:00:00.000Z', known_at: '2000-01-01T00:00:00.000Z', source: 'x', by: 'x', type: 'x', key: 'x' }
const isMentions = (mentions: unknown): mentions is Mention[] => !('fault' in check({ ...PROBE, mentions }))

const SNAPSHOT_COLUMNS = ['snapshot_utc', 'id', 'score', 'num_comments'] as const
export const isSnapshotHeader = (line: string): boolean => {
  const columns = line.split(',')
  return SNAPSHOT_COLUMNS.every((column) => columns.includes(column))
}

/** A reader of snapshot lines under this header. */
export function snapshotReader(header: string, hearing: Hearing): (line: string) => Signal | Fault {
  const columns = header.split(',')
  const at = (name: string): number => columns.indexOf(name)
  const [seenAt, idAt, scoreAt, ratioAt, commentsAt, removedAt] =
    [at('snapshot_utc'), at('id'), at('score'), at('upvote_ratio'), at('num_comments'), at('removed_by_category')]
  return (line) => {
    const cells = line.split(',')
    if (cells.length !== columns.length) return { expected: `expected ${columns.length} columns, found ${cells.length}` }
    const seenMs = parseInstant(cells[seenAt] ?? '')
    if (seenMs === undefined) return { expected: 'column "snapshot_utc": expected an ISO 8601 UTC instant' }
    const counts = { score: cellNumber(cells[scoreAt]), comments: cellNumber(cells[commentsAt]), upvote_ratio: cellNumber(cells[ratioAt]), removed: textOr(cells[removedAt]) }
    const { score, comments, upvote_ratio } = counts
    if (score === null || comments === null || upvote_ratio === null) return { expected: 'expected numbers as score, num_comments and upvote_ratio' }
    const snapshot = snapshotSignal(postKey(cells[idAt] ?? ''), seenMs, { score, comments, upvote_ratio, removed: counts.removed }, undefined, hearing)
    return snapshot ?? { expected: 'expected a score, a comment count or a ratio' }
  }
}

/** Undefined where empty, null where no number. */
function cellNumber(cell: string | undefined): number | undefined | null {
  if (cell === undefined || cell === '') return undefined
  const value = Number(cell)
  return Number.isFinite(value) ? value : null
}
