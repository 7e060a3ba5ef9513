/**
 * Tweets of the API v1.1 and of what is made like it: the pages for embedding (syndication), and the GraphQL answers of the site itself,
 * whose tweets hold one of the old form under `legacy`. They are found wherever they stand, in the order of the document.
 */
import { formatInstant, make, type Signal } from '#record'
import { exactList, exactObject, exactString, type Exact, type ExactObject } from '../json_exact.ts'
import { countOf } from '../json_fields.ts'
import { idOf, instantOf, linksOf, stringsIn, tagsOf } from './fields.ts'
import { presentOf, removalSignal, signalsOfTweet, unescapeText, type Hearing, type Tweet } from './tweet.ts'

/** What was met in a document besides tweets. */
interface Met {
  tweets: number
  users: number
  trends: number
  lists: number
}

/**
 * Signals of all tweets in a document; false where it holds nothing of X. A stack of our own walks it: recursion would be as deep as the
 * document.
 */
export function* signalsOfDocument(root: Exact, hearing: Hearing): Generator<Signal, boolean> {
  const met: Met = { tweets: 0, users: 0, trends: 0, lists: 0 }
  const waiting: Exact[] = [root]
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    const list = exactList(value), object = exactObject(value)
    if (list !== undefined) for (let i = list.length - 1; i >= 0; i--) waiting.push(list[i] ?? null)
    if (object === undefined) continue
    if ('promotedMetadata' in object) {
      hearing.reject('entry', 'an advertisement')
      continue
    }
    yield* signalsOfObject(object, met, hearing)
    for (const each of Object.values(object).reverse()) if (typeof each === 'object' && each !== null) waiting.push(each)
  }
  if (met.tweets + met.trends === 0) {
    if (met.users > 0) hearing.reject(`${met.users} users`, 'profiles, no tweets')
    else if (met.lists > 0) hearing.reject('answer', 'nothing was found')
    else return false
  }
  return true
}

function* signalsOfObject(object: ExactObject, met: Met, hearing: Hearing): Generator<Signal> {
  const type = object['__typename']
  const tweet = tweetIn(object)
  if (tweet !== undefined) yield* signalsOfTweet(tweet, `tweet ${++met.tweets}`, hearing)
  else if (type === 'TweetTombstone' || type === 'TweetUnavailable') hearing.reject(`tweet ${++met.tweets}`, 'a tweet that is not shown')
  else if (type === 'User' || ('screen_name' in object && 'followers_count' in object)) met.users++
  else if (type === 'TimelineTrend') yield* trendSignal(object, ++met.trends, hearing)
  else if ('instructions' in object || 'statuses' in object || exactList(object['entries']) !== undefined) met.lists++
}

/** A tweet that this very object is; undefined for anything else, such as a user or a picture. */
function tweetIn(object: ExactObject): Tweet | undefined {
  const legacy = exactObject(object['legacy'])
  if (legacy !== undefined && ('full_text' in legacy || object['__typename'] === 'Tweet')) return siteTweet(object, legacy)
  if (object['__typename'] === 'Tweet' && 'text' in object) return oldTweet(object)
  return ('id_str' in object || 'id' in object) && 'user' in object && ('full_text' in object || 'text' in object) ? oldTweet(object) : undefined
}

function oldTweet(status: ExactObject): Tweet | undefined {
  const id = idOf(status)
  if (id === undefined) return undefined
  const user = exactObject(status['user'])
  const entities = exactObject(status['entities'])
  // Streams cut the text at 140 characters and give the rest apart.
  const extended = exactObject(status['extended_tweet'])
  const text = exactString(extended?.['full_text']) ?? exactString(status['full_text']) ?? exactString(status['text'])
  const whole = exactObject(extended?.['entities']) ?? entities
  return {
    id, userId: idOf(user), username: exactString(user?.['screen_name']), createdMs: instantOf(status['created_at']),
    text: text === undefined ? undefined : unescapeText(text),
    isCut: status['truncated'] === true && extended === undefined,
    language: exactString(status['lang']),
    cashtags: tagsOf(whole?.['symbols'], 'text'), links: linksOf(whole?.['urls']),
    replyTo: idOf(status, 'in_reply_to_status_id'),
    quotes: idOf(status, 'quoted_status_id') ?? idOf(exactObject(status['quoted_tweet'])),
    retweets: idOf(exactObject(status['retweeted_status'])),
    conversation: idOf(status, 'conversation_id'),
    versions: stringsIn(exactObject(status['edit_control'])?.['edit_tweet_ids']),
    counts: {
      likes: countOf(status['favorite_count']), retweets: countOf(status['retweet_count']), quotes: countOf(status['quote_count']),
      replies: countOf(status['reply_count']) ?? countOf(status['conversation_count']),
      bookmarks: countOf(status['bookmark_count']), followers: countOf(user?.['followers_count']),
    },
    withheld: stringsIn(status['withheld_in_countries']),
  }
}

/** As the site's own client is given it: parts that grew later stand beside the old form. */
function siteTweet(result: ExactObject, legacy: ExactObject): Tweet | undefined {
  const user = exactObject(exactObject(exactObject(result['core'])?.['user_results'])?.['result'])
  const userLegacy = exactObject(user?.['legacy']), userCore = exactObject(user?.['core'])
  const tweet = oldTweet({ ...legacy, id_str: result['rest_id'] ?? legacy['id_str'], id: undefined, user: undefined, edit_control: editControl(result) })
  if (tweet === undefined) return undefined
  const note = exactObject(exactObject(exactObject(result['note_tweet'])?.['note_tweet_results'])?.['result'])
  const noteText = exactString(note?.['text'])
  const noteEntities = exactObject(note?.['entity_set'])
  const inner = (name: string): string | undefined => idOf(unveiled(exactObject(exactObject(legacy[name] ?? result[name])?.['result'])), 'rest_id')
  return {
    ...tweet,
    ...(noteText !== undefined && {
      text: unescapeText(noteText), cashtags: tagsOf(noteEntities?.['symbols'], 'text'), links: linksOf(noteEntities?.['urls']),
    }),
    username: exactString(userCore?.['screen_name']) ?? exactString(userLegacy?.['screen_name']),
    userId: idOf(user, 'rest_id') ?? idOf(legacy, 'user_id'),
    retweets: inner('retweeted_status_result'),
    quotes: tweet.quotes ?? inner('quoted_status_result'),
    counts: {
      ...tweet.counts, impressions: countOf(exactObject(result['views'])?.['count']),
      followers: countOf(exactObject(user?.['relationship_counts'])?.['followers']) ?? countOf(userLegacy?.['followers_count']),
    },
  }
}

/** A tweet of limited visibility stands one level deeper. */
const unveiled = (result: ExactObject | undefined): ExactObject | undefined => exactObject(result?.['tweet']) ?? result

/** Of an edited tweet the list of versions stands under `edit_control_initial`. */
function editControl(result: ExactObject): Exact | undefined {
  const control = exactObject(result['edit_control'])
  return control?.['edit_control_initial'] ?? control
}

function* trendSignal(trend: ExactObject, rank: number, { by, seenMs, reject }: Hearing): Generator<Signal> {
  const name = exactString(trend['name'])
  if (name === undefined) return reject(`trend ${rank}`, 'expected a name')
  const at = formatInstant(seenMs)
  const context = exactString(exactObject(trend['social_context'])?.['text']) ?? exactString(exactObject(trend['trend_metadata'])?.['meta_description'])
  const facts = presentOf({ name, rank, context })
  yield make('signal', { at, known_at: at, source: 'twitter/trends', by, type: 'trend', key: `twitter:trend/${name}`, facts })
}

/** Notices in a stream of the API v1.1: only deletions are facts about tweets. */
export function* signalsOfNotice(message: ExactObject, place: string, hearing: Hearing): Generator<Signal, boolean> {
  const gone = exactObject(message['delete'])
  const id = idOf(exactObject(gone?.['status']))
  if (gone !== undefined && id !== undefined) {
    const ms = countOf(gone['timestamp_ms'])
    yield removalSignal(id, ms, {}, hearing)
    return true
  }
  const name = Object.keys(message).find((key) => NOTICES.has(key))
  if (name === undefined) return false
  hearing.reject(place, `a notice of the stream: ${name}`)
  return true
}

const NOTICES: ReadonlySet<string> = new Set(['limit', 'warning', 'disconnect', 'scrub_geo', 'status_withheld', 'user_withheld', 'friends', 'event'])
