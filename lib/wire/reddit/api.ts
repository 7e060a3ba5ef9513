/**
 * Answers of Reddit's own API: listings, threads (a listing of one post, then one of its comments) and `morechildren`
 * (https://www.reddit.com/dev/api/). Whatever they tell was known when they were fetched.
 */
import type { Signal } from '#record'
import { isRow, type Row } from './rows.ts'
import {
  commentKey, commentSignal, flairOf, numberOr, postKey, postSignal, secondsOr, snapshotSignal, standing, textOr,
  type Counts, type Hearing,
} from './signals.ts'

/** The things of an answer, or undefined where it is none. */
export function thingsOf(answer: unknown): readonly Row[] | undefined {
  if (Array.isArray(answer)) {
    const lists = answer.map(childrenOf)
    return lists.length > 0 && lists.every((list) => list !== undefined) ? lists.flat() : undefined
  }
  return childrenOf(answer)
}

function childrenOf(answer: unknown): readonly Row[] | undefined {
  if (!isRow(answer)) return undefined
  const body = isRow(answer['json']) ? answer['json']['data'] : answer['kind'] === 'Listing' ? answer['data'] : undefined
  if (!isRow(body)) return undefined
  const things = body['children'] ?? body['things']
  return Array.isArray(things) ? things.filter(isRow) : undefined
}

/** What an error body says of itself, or undefined where it is none. */
export function apiError(answer: unknown): string | undefined {
  if (!isRow(answer)) return undefined
  const inner = isRow(answer['json']) && Array.isArray(answer['json']['errors']) ? answer['json']['errors'] : []
  if (inner.length > 0) return JSON.stringify(inner[0])
  const said = answer['message'] ?? answer['reason'] ?? answer['error']
  return typeof said === 'string' || typeof said === 'number' ? String(said) : undefined
}

const DEEPEST = 1000

/** Posts and comments (replies under their parents) with their counts now; other things, such as forums, are passed over. */
export function* signalsOfThing(thing: Row, hearing: Hearing, depth = 0): Generator<Signal | undefined> {
  const { kind, data } = thing
  if (!isRow(data) || (kind !== 't3' && kind !== 't1')) return
  const id = textOr(data['id'])
  const createdMs = secondsOr(data['created_utc'])
  if (id === undefined || createdMs === undefined) {
    yield undefined
    return
  }
  const subreddit = textOr(data['subreddit'])
  const known = { id, createdMs, subreddit, knownMs: hearing.nowMs, author: standing(data['author']) }
  if (kind === 't3') {
    const title = standing(data['title']), text = standing(data['selftext'])
    yield postSignal({ ...known, title, text, flair: flairOf(data) }, hearing)
  } else {
    const postId = textOr(data['link_id'])?.replace(/^t3_/, '')
    yield commentSignal({ ...known, postId, text: standing(data['body']) }, hearing)
  }
  const key = kind === 't3' ? postKey(id) : commentKey(id)
  const snapshot = snapshotSignal(key, Math.max(hearing.nowMs, createdMs), countsOf(data), subreddit, hearing)
  if (snapshot !== undefined) yield snapshot
  if (depth < DEEPEST) for (const reply of childrenOf(data['replies']) ?? []) yield* signalsOfThing(reply, hearing, depth + 1)
}

/** A hidden score is no score. */
function countsOf(data: Row): Counts {
  const hidden = data['hide_score'] === true || data['score_hidden'] === true
  return {
    score: hidden ? undefined : numberOr(data['score']),
    comments: numberOr(data['num_comments']),
    upvote_ratio: numberOr(data['upvote_ratio']),
    removed: textOr(data['removed_by_category']),
  }
}
