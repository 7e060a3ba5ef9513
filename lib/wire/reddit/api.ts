/**
 * Answers of Reddit's own API: listings, threads (a listing of one post, then one of its comments) and `morechildren`
 * (https://www.reddit.com/dev/api/). Whatever they tell was known when they were fetched.
 */
import type { Millis, Signal } from '#record'
import { isRow, type Row } from './rows.ts'
import {
  commentKey, commentSignal, editSignal, flairOf, isPast, numberOr, postKey, postSignal, removalOf, removalSignal, secondsOr, snapshotSignal,
  standing, textOr, type Counts, type Hearing,
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

/** What things are called that are neither posts nor comments (https://www.reddit.com/dev/api/#fullnames). */
const OTHERS: { readonly [kind: string]: string } = {
  t2: 'an account', t4: 'a message', t5: 'a forum', t6: 'an award', LiveUpdate: 'an update of a live thread', UserList: 'a list of users',
}

/**
 * Posts and comments (replies after their parents) with their counts now, and what became of them. A tree of replies is walked with
 * a stack of our own: it may be nested as deeply as a payload is long.
 */
export function* signalsOfThings(things: readonly Row[], hearing: Hearing): Generator<Signal> {
  if (things.length === 0) hearing.pass('listing', 'nothing is listed')
  const waiting = [...things].reverse()
  let seen = 0, unseen = 0
  for (let thing = waiting.pop(); thing !== undefined; thing = waiting.pop()) {
    const { kind, data } = thing
    const place = `thing ${++seen}`
    if (kind === 'more' && isRow(data)) unseen += numberOr(data['count']) ?? 0
    else if ((kind === 't3' || kind === 't1') && isRow(data)) {
      yield* signalsOfThing(kind, data, place, hearing)
      for (const reply of [...(childrenOf(data['replies']) ?? [])].reverse()) waiting.push(reply)
    } else if (isRow(data) && typeof kind === 'string' && Object.hasOwn(OTHERS, kind)) hearing.pass(place, `${OTHERS[kind]}: no post or comment`)
    else hearing.fault(place, 'expected a post (t3) or a comment (t1)')
  }
  if (unseen > 0) hearing.pass(`${unseen} comments`, 'counted in the answer, but not shown')
}

function* signalsOfThing(kind: 't1' | 't3', data: Row, place: string, hearing: Hearing): Generator<Signal> {
  const id = textOr(data['id'])
  const createdMs = secondsOr(data['created_utc'])
  if (id === undefined || createdMs === undefined) return hearing.fault(place, 'expected an id and a time')
  if (!isPast(createdMs, hearing.nowMs)) return hearing.fault(place, 'made in the future')
  const subreddit = textOr(data['subreddit'])
  const knownMs = Math.max(hearing.nowMs, createdMs)
  const known = { id, createdMs, subreddit, knownMs, author: standing(data['author']) }
  const text = standing(kind === 't3' ? data['selftext'] : data['body'])
  const key = kind === 't3' ? postKey(id) : commentKey(id)
  if (kind === 't3') yield postSignal({ ...known, title: standing(data['title']), text, flair: flairOf(data) }, hearing)
  else yield commentSignal({ ...known, postId: textOr(data['link_id'])?.replace(/^t3_/, ''), text }, hearing)
  const snapshot = snapshotSignal(key, knownMs, countsOf(data), subreddit, hearing)
  if (snapshot !== undefined) yield snapshot
  const editedMs = editedAt(data['edited'], createdMs, knownMs)
  if (editedMs !== undefined) yield editSignal(key, editedMs, text, known, hearing)
  const removal = removalOf(data)
  if (removal !== undefined) yield removalSignal(key, knownMs, removal, subreddit, hearing)
}

/** `edited` is false, the second of the last change, or true for changes of long ago, of which only the observation has a time. */
function editedAt(edited: unknown, createdMs: Millis, seenMs: Millis): Millis | undefined {
  if (edited === true) return seenMs
  const editedMs = typeof edited === 'number' ? secondsOr(edited) : undefined
  return editedMs !== undefined && editedMs >= createdMs && isPast(editedMs, seenMs) ? editedMs : undefined
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
