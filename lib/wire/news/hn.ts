/**
 * Hacker News: answers of the Algolia search (https://hn.algolia.com/api) and items of the official API
 * (https://github.com/HackerNews/API). Points and comments are snapshots, of the moment at which the index was updated.
 */
import type { Json, Millis, Signal } from '#record'
import type { Reading } from '#port/payload'
import { readEpoch, readMillis } from '../dates.ts'
import { plainTitle, proseOf } from '../feed/prose.ts'
import { exactId, exactList, exactNumber, exactObject, exactString, type Exact, type ExactObject } from '../json_exact.ts'
import { happened, type Hearing } from '../signal.ts'

const SOURCE = 'news/news.ycombinator.com'

/** The things of an answer; undefined where it is none. */
export function hnThings(value: Exact): readonly ExactObject[] | undefined {
  const object = exactObject(value)
  const hits = exactList(object?.['hits'])
  if (hits !== undefined) return hits.map((hit) => exactObject(hit) ?? {})
  if (object !== undefined && isItem(object)) return [object]
  const list = exactList(value)?.map((each) => exactObject(each) ?? {})
  return list !== undefined && list.length > 0 && list.every(isItem) ? list : undefined
}

const KINDS = /^(story|comment|job|poll|pollopt)$/
const isItem = (object: ExactObject): boolean =>
  exactId(object['id']) !== undefined && exactId(object['time']) !== undefined && KINDS.test(exactString(object['type']) ?? '')

export function* hnSignals(things: readonly ExactObject[], hearing: Hearing, reading: Reading): Generator<Signal> {
  if (things.length === 0) reading.reject('hits', 'a search that found nothing')
  for (const [i, thing] of things.entries()) {
    const place = `hit ${i + 1}`
    const id = exactId(thing['objectID']) ?? exactId(thing['id'])
    const atMs = momentOf(thing['created_at_i'] ?? thing['time']) ?? readMillis(exactString(thing['created_at']) ?? '')
    if (thing['deleted'] === true || thing['dead'] === true) reading.reject(place, 'deleted or dead')
    else if (id === undefined || atMs === undefined) reading.reject(place, 'neither id nor time')
    else yield* thingSignals(thing, id, atMs, hearing)
  }
}

const momentOf = (value: Exact | undefined): Millis | undefined => readEpoch(exactId(value) ?? '')

function* thingSignals(thing: ExactObject, id: string, atMs: Millis, { by, heardMs }: Hearing): Generator<Signal> {
  const author = exactString(thing['author']) ?? exactString(thing['by'])
  const text = (name: string): string | undefined => exactString(thing[name])
  const body = text('comment_text') ?? text('story_text') ?? text('text')
  const parent = exactId(thing['parent_id']) ?? exactId(thing['parent'])
  const isComment = text('comment_text') !== undefined || parent !== undefined || text('type') === 'comment'
  yield happened({
    type: isComment ? 'comment' : 'article',
    key: `hn:${id}`, source: SOURCE, atMs, knownMs: heardMs,
    author: author === undefined ? undefined : `hn:${author}`,
    facts: {
      title: plainTitle(text('title')),
      text: proseOf(body),
      link: text('url') ?? text('story_url'),
      post: isComment ? keyOf(exactId(thing['story_id']) ?? parent) : undefined,
    },
  }, by)
  const counts: { [name: string]: Json } = {}
  const score = exactNumber(thing['points'] ?? thing['score']), comments = exactNumber(thing['num_comments'] ?? thing['descendants'])
  if (score !== undefined) counts['score'] = score
  if (comments !== undefined) counts['comments'] = comments
  if (Object.keys(counts).length === 0) return
  const seenMs = readMillis(text('updated_at') ?? '') ?? heardMs
  yield happened({ type: 'snapshot', key: `hn:${id}`, source: SOURCE, atMs: Math.max(seenMs, atMs), knownMs: heardMs, facts: counts }, by)
}

const keyOf = (id: string | undefined): string | undefined => (id === undefined ? undefined : `hn:${id}`)
