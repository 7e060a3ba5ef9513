/** Posts of X in our words, however they came: what was said, how loud it was at one moment, what was edited and what is gone. */
import { DAY_MS, formatInstant, make, SECOND_MS, type Millis, type Signal } from '#record'

/** What the parsers know of their surroundings. */
export interface Hearing {
  /** Tool and version, the `by` of every record. */
  readonly by: string
  /** When the answer was given: as it says itself, or when it was heard. */
  readonly seenMs: Millis
  /** A part that gives no signal. */
  reject(place: string, why: string): void
}

/** Counts as of the answer. */
export interface Counts {
  readonly likes?: number | undefined
  readonly retweets?: number | undefined
  readonly replies?: number | undefined
  readonly quotes?: number | undefined
  readonly bookmarks?: number | undefined
  /** How often it was shown. */
  readonly impressions?: number | undefined
  /** Of its author. */
  readonly followers?: number | undefined
}

export interface Tweet {
  /** 64 bits as decimal digits: a double would lose the last of them. */
  readonly id: string
  /** When it was made, as stated; undefined where it is not, or not with its zone. */
  readonly createdMs: Millis | undefined
  /** Where the service escapes `&`, `<` and `>`, already undone. */
  readonly text: string | undefined
  /** The text goes on, but not here. */
  readonly isCut?: boolean
  readonly username: string | undefined
  readonly userId: string | undefined
  readonly language: string | undefined
  readonly cashtags: readonly string[]
  readonly links: readonly string[]
  readonly replyTo?: string | undefined
  readonly quotes?: string | undefined
  readonly retweets?: string | undefined
  readonly conversation?: string | undefined
  /** Ids of all its versions, the first one first. */
  readonly versions?: readonly string[]
  readonly counts?: Counts
  /** Countries in which it is withheld. */
  readonly withheld?: readonly string[]
}

const tweetKey = (id: string): string => `twitter:${id}`
const keyOf = (id: string | undefined): string | undefined => (id === undefined ? undefined : tweetKey(id))
export const isTweetId = (text: string | undefined): text is string => text !== undefined && /^\d{1,20}$/.test(text)

/** Facts that are there; lists only where something is on them. */
export function presentOf(facts: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0)))
}

/**
 * A tweet as signals: `tweet`, `retweet`, or `edit` for a later version, which has the key of the first; then its counts as of the
 * answer. Known when the answer was given, or with `isRow` from its own moment on: rows of a dump say nothing of when they were read.
 */
export function* signalsOfTweet(tweet: Tweet, place: string, hearing: Hearing, isRow = false): Generator<Signal> {
  const { id, versions = [], counts, withheld } = tweet
  const moment = momentOf(tweet, isRow ? undefined : hearing.seenMs)
  if (moment === undefined) return hearing.reject(place, 'no time that can be, neither stated nor in the id')
  const version = Math.max(0, versions.indexOf(id))
  const isEdit = version > 0
  const key = tweetKey(isEdit ? versions[0] ?? id : id)
  const author = tweet.username !== undefined ? `twitter:${tweet.username}` : tweet.userId !== undefined ? `twitter:id:${tweet.userId}` : undefined
  const at = formatInstant(moment.ms)
  yield make('signal', {
    at, known_at: isRow ? at : formatInstant(Math.max(moment.ms, hearing.seenMs)), source: 'twitter/tweets', by: hearing.by,
    type: isEdit ? 'edit' : tweet.retweets === undefined ? 'tweet' : 'retweet', key,
    ...(author !== undefined && { author }),
    ...(isLanguage(tweet.language) && { language: tweet.language }),
    facts: presentOf({
      text: tweet.text, ...(tweet.isCut === true && { is_cut: true }), cashtags: tweet.cashtags, links: tweet.links, of: keyOf(tweet.retweets),
      quotes: keyOf(tweet.quotes), reply_to: keyOf(tweet.replyTo), ...(tweet.conversation !== id && { conversation: keyOf(tweet.conversation) }),
      ...(isEdit && { version: version + 1, as: tweetKey(id) }), ...(moment.isOfId && { time: 'of the id' }),
    }),
  })
  // The counts of a retweet are those of what it repeats; those of a version that was edited stand still.
  if (isRow || tweet.retweets !== undefined || version < versions.length - 1) return
  const { followers, ...own } = counts ?? {}
  const facts = presentOf({ ...own, withheld })
  const seen = formatInstant(Math.max(moment.ms, hearing.seenMs))
  if (Object.keys(facts).length > 0) {
    if (followers !== undefined) facts['followers'] = followers
    yield make('signal', { at: seen, known_at: seen, source: 'twitter/tweets', by: hearing.by, type: 'snapshot', key, facts })
  }
}

/** That a tweet is gone, at the moment of going where that is told, else of the answer. */
export function removalSignal(id: string, goneMs: Millis | undefined, facts: Readonly<Record<string, unknown>>, { by, seenMs }: Hearing): Signal {
  const at = goneMs ?? seenMs
  return make('signal', {
    at: formatInstant(at), known_at: formatInstant(Math.max(at, seenMs)), source: 'twitter/tweets', by, type: 'removal', key: tweetKey(id),
    facts: presentOf(facts),
  })
}

/** X opened on 2006-03-21. */
const FIRST_MS = Date.UTC(2006, 2, 21)
/** Ids count milliseconds from here in the bits above the 22nd, since 2010-11-04 (https://docs.x.com/resources/fundamentals/x-ids). */
const SNOWFLAKE_EPOCH_MS = 1_288_834_974_657
const FIRST_SNOWFLAKE = 29_700_859_247n

/** When a tweet was made as its id says, in milliseconds; undefined for the small ids of the years before 2010-11-04. */
export function snowflakeMs(id: string): Millis | undefined {
  const value = BigInt(id)
  if (value < FIRST_SNOWFLAKE || value > 0x7fff_ffff_ffff_ffffn) return undefined
  return Number(value >> 22n) + SNOWFLAKE_EPOCH_MS
}

/**
 * The second in which it was made. Stated times are believed where they can be: after X opened, and not a day after the answer. Where
 * they cannot, or there is none, the id tells. (Where our own clock stands at 1970, in a replay, nothing is told from it.)
 */
function momentOf({ id, createdMs }: Tweet, seenMs: Millis | undefined): { readonly ms: Millis; readonly isOfId: boolean } | undefined {
  const latestMs = seenMs === undefined || seenMs < FIRST_MS ? Infinity : seenMs + DAY_MS
  const canBe = (ms: Millis | undefined): ms is Millis => ms !== undefined && ms >= FIRST_MS && ms <= latestMs && ms < Date.UTC(2100, 0, 1)
  const idMs = snowflakeMs(id)
  const idSecondMs = idMs === undefined ? undefined : Math.floor(idMs / SECOND_MS) * SECOND_MS
  if (canBe(createdMs)) return { ms: createdMs, isOfId: false }
  return canBe(idSecondMs) ? { ms: idSecondMs, isOfId: createdMs !== undefined } : undefined
}

/** X names no language: und, zxx, art, and codes of its own for texts of tags, links and the like, which begin with q. */
const isLanguage = (code: string | undefined): code is string => code !== undefined && /^(?!und$|zxx$|art$|q)[a-z]{2,3}(?:-[A-Za-z]+)?$/.test(code)

const ESCAPED: Readonly<Record<string, string>> = { '&lt;': '<', '&gt;': '>', '&amp;': '&' }
/** The API escapes these three, and nothing else. */
export const unescapeText = (text: string): string => (text.includes('&') ? text.replace(/&(?:lt|gt|amp);/g, (entity) => ESCAPED[entity] ?? entity) : text)

/** Links that X puts in itself, to the pictures of a tweet or to its own page, are no links. */
export const isOwnLink = (url: string): boolean => /^https?:\/\/(?:twitter|x)\.com\/(?:[^/]+\/status\/\d+\/(?:photo|video)\/|i\/web\/status\/)/.test(url)
