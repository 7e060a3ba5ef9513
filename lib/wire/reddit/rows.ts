/** Recorded posts and comments: one row a thing, as crawls and Pushshift keep them. */
import { check, parseInstant, type Mention, type Signal } from '#record'
import {
  commentKey, commentSignal, flairOf, numberOr, postKey, postSignal, removalOf, removalSignal, secondsOr, snapshotSignal, standing, textOr,
  type Counts, type Hearing,
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
  if (firstSeen !== undefined && seenMs === undefined) return { expected: 'field "first_seen_utc": expected an ISO 8601 instant' }
  const thing = { id, createdMs, knownMs: seenMs ?? createdMs, subreddit: textOr(row['subreddit']), author: standing(row['author']) }
  const postId = textOr(row['post_id']) ?? textOr(row['link_id'])?.replace(/^t3_/, '')
  const isComment = postId !== undefined || ('body' in row && !('title' in row))
  if (!isComment && !('title' in row) && !('mentions' in row)) return { expected: 'expected a title, mentions or a post_id' }
  const mentions = isComment ? undefined : mentionsOf(row)
  if (mentions === null) return { expected: 'field "mentions": expected a list of subject, polarity and how' }
  const said = isComment
    ? commentSignal({ ...thing, postId, text: standing(row['body']) }, hearing)
    : postSignal({
        ...thing, mentions, fingerprint: textOr(row['fingerprint']),
        title: standing(row['title']), text: standing(row['selftext']), flair: flairOf(row),
      }, hearing)
  if (seenMs === undefined) return [said]
  const key = isComment ? commentKey(id) : postKey(id)
  const snapshot = snapshotSignal(key, seenMs, firstCounts(row), thing.subreddit, hearing)
  const removal = removalOf(row)
  return [
    said, ...(snapshot === undefined ? [] : [snapshot]),
    ...(removal === undefined ? [] : [removalSignal(key, Math.max(seenMs, createdMs), removal, thing.subreddit, hearing)]),
  ]
}

/**
 * Only counts of the first sight are counts of a known moment: plain `score` is as of a later crawl. So it is with Pushshift, whose
 * counts were written over after `retrieved_on`: posts ten seconds old have dozens of comments there.
 */
const firstCounts = (row: Row): Counts => ({ score: numberOr(row['score_first']), comments: numberOr(row['num_comments_first']) })

/** Null where there are mentions but not of our shape. */
function mentionsOf(row: Row): Mention[] | undefined | null {
  const mentions = row['mentions']
  if (mentions === undefined) return undefined
  return isMentions(mentions) ? mentions : null
}

/** A signal that is right but for the mentions to be checked. */
const PROBE = {
  kind: 'signal', id: '0'.repeat(40), parents: [], source: 'x', by: 'x', type: 'x', key: 'x',
  at: '2000-01-01T00:00:00.000Z', known_at: '2000-01-01T00:00:00.000Z',
}
const isMentions = (mentions: unknown): mentions is Mention[] => !('fault' in check({ ...PROBE, mentions }))
