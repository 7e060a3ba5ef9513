/**
 * Answers and stream messages of the API v2 (https://docs.x.com/x-api/fundamentals/data-dictionary): tweets under `data` and, as far as others
 * refer to them, under `includes`; what could not be given under `errors`. Each may be one line of NDJSON with `__twarc` of its collector.
 */
import { formatInstant, make, type Signal } from '#record'
import { exactList, exactObject, exactString, type Exact, type ExactObject } from '../json_exact.ts'
import { countOf } from '../json_fields.ts'
import { idOf, instantOf, linksOf, objectsIn, stringsIn, tagsOf } from './fields.ts'
import { removalSignal, signalsOfTweet, unescapeText, type Hearing, type Tweet } from './tweet.ts'

/** Whether an object has the form of an answer of the API v2. */
export const isV2 = (answer: ExactObject): boolean =>
  ('data' in answer && (exactList(answer['data']) !== undefined || isV2Thing(exactObject(answer['data'])))) || 'includes' in answer ||
  (exactObject(answer['meta'])?.['result_count'] !== undefined)

const isV2Thing = (data: ExactObject | undefined): boolean => data !== undefined && ('id' in data || 'delete' in data)

export function* signalsOfV2(answer: ExactObject, url: string | undefined, hearing: Hearing): Generator<Signal> {
  const twarc = exactObject(answer['__twarc'])
  const here: Hearing = { ...hearing, seenMs: instantOf(twarc?.['retrieved_at']) ?? hearing.seenMs }
  const includes = exactObject(answer['includes'])
  const users = usersOf(includes?.['users'])
  const data = exactList(answer['data']) === undefined ? [answer['data']] : exactList(answer['data']) ?? []
  let profiles = 0
  const counts: ExactObject[] = []
  for (const [i, each] of data.entries()) {
    const thing = exactObject(each)
    if (thing === undefined) continue
    if ('tweet_count' in thing) counts.push(thing)
    else if ('username' in thing && !('text' in thing)) profiles++
    else yield* signalsOfThing(thing, `data ${i + 1}`, users, here)
  }
  for (const [i, tweet] of objectsIn(includes?.['tweets']).entries()) yield* signalsOfThing(tweet, `included tweet ${i + 1}`, users, here)
  for (const [i, error] of objectsIn(answer['errors']).entries()) yield* signalsOfError(error, `error ${i + 1}`, here)
  yield* signalsOfCounts(counts, queryOf(exactString(twarc?.['url'])) ?? queryOf(url), here)
  if (profiles > 0) here.reject(`${profiles} users`, 'profiles, no tweets')
  if (countOf(exactObject(answer['meta'])?.['result_count']) === 0) here.reject('answer', 'nothing was found')
}

interface User {
  readonly username: string | undefined
  readonly followers: number | undefined
}

function usersOf(users: Exact | undefined): ReadonlyMap<string, User> {
  return new Map(objectsIn(users).map((user) => [
    idOf(user) ?? '',
    { username: exactString(user['username']), followers: countOf(exactObject(user['public_metrics'])?.['followers_count']) },
  ]))
}

function* signalsOfThing(thing: ExactObject, place: string, users: ReadonlyMap<string, User>, hearing: Hearing): Generator<Signal> {
  const id = idOf(thing)
  if (id === undefined || !('text' in thing)) return hearing.reject(place, 'expected an id and a text')
  yield* signalsOfTweet(tweetOf(id, thing, users), place, hearing)
}

/** A tweet of the API v2; flattened lines carry their author inside. */
function tweetOf(id: string, thing: ExactObject, users: ReadonlyMap<string, User>): Tweet {
  const userId = idOf(thing, 'author_id')
  const inner = exactObject(thing['author'])
  const user = users.get(userId ?? '') ?? (inner === undefined ? undefined : usersOf([inner]).values().next().value)
  const entities = exactObject(thing['entities'])
  const metrics = exactObject(thing['public_metrics'])
  const references = new Map(objectsIn(thing['referenced_tweets']).map((reference) => [exactString(reference['type']), idOf(reference)]))
  const note = exactObject(thing['note_tweet'])
  const text = exactString(note?.['text']) ?? exactString(thing['text'])
  return {
    id, userId, username: user?.username, createdMs: instantOf(thing['created_at']),
    text: text === undefined ? undefined : unescapeText(text),
    language: exactString(thing['lang']),
    cashtags: tagsOf(entities?.['cashtags'], 'tag'), links: linksOf(entities?.['urls']),
    replyTo: references.get('replied_to'), quotes: references.get('quoted'), retweets: references.get('retweeted'),
    conversation: idOf(thing, 'conversation_id'), versions: stringsIn(thing['edit_history_tweet_ids']),
    counts: {
      likes: countOf(metrics?.['like_count']), retweets: countOf(metrics?.['retweet_count']), replies: countOf(metrics?.['reply_count']),
      quotes: countOf(metrics?.['quote_count']), bookmarks: countOf(metrics?.['bookmark_count']), impressions: countOf(metrics?.['impression_count']),
      followers: user?.followers,
    },
    withheld: stringsIn(exactObject(thing['withheld'])?.['country_codes']),
  }
}

/** The last part of a problem's address: `resource-not-found` (https://docs.x.com/x-api/fundamentals/response-codes-and-errors). */
const problemOf = (error: ExactObject): string | undefined => /\/problems\/([a-z-]+)$/.exec(exactString(error['type']) ?? '')?.[1]

/** Problems that tell that a tweet is gone, for everybody. */
const GONE: ReadonlySet<string | undefined> = new Set(['resource-not-found', 'resource-unavailable', 'disallowed-resource'])

function* signalsOfError(error: ExactObject, place: string, hearing: Hearing): Generator<Signal> {
  const title = exactString(error['title']) ?? exactString(error['message']) ?? 'unknown'
  const kind = exactString(error['resource_type'])
  const id = idOf(error, 'resource_id') ?? idOf(error, 'value')
  const problem = problemOf(error)
  if (kind === 'tweet' && id !== undefined && GONE.has(problem)) yield removalSignal(id, undefined, { problem, title }, hearing)
  else if (kind !== undefined) hearing.reject(place, `of a ${kind}: ${title}`)
  else hearing.reject(place, `X says: ${title}`)
}

/** What was asked for, from an address without secrets. */
function queryOf(url: string | undefined): string | undefined {
  const query = /[?&]query=([^&]*)/.exec(url ?? '')?.[1]
  try {
    return query === undefined || query === '' ? undefined : decodeURIComponent(query.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}

/** How many tweets matched in each span: known when the span is over. */
function* signalsOfCounts(counts: readonly ExactObject[], query: string | undefined, { by, seenMs, reject }: Hearing): Generator<Signal> {
  if (counts.length > 0 && query === undefined) return reject(`${counts.length} counts`, 'they do not say of what query')
  for (const [i, { start, end, tweet_count: count }] of counts.entries()) {
    const startMs = instantOf(start), endMs = instantOf(end), tweets = countOf(count)
    if (startMs === undefined || endMs === undefined || tweets === undefined || endMs < startMs) {
      reject(`count ${i + 1}`, 'expected a span and a count')
      continue
    }
    const from = formatInstant(startMs), to = formatInstant(endMs)
    yield make('signal', {
      at: from, known_at: formatInstant(Math.max(endMs, seenMs)), source: 'twitter/counts', by, type: 'tweet_count',
      key: `twitter:count/${query}/${from}/${to}`, facts: { query: query ?? '', until: to, tweets },
    })
  }
}
