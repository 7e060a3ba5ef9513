/** Reddit's things in our words: what a post or comment says, and how loud it is at one moment. */
import { DAY_MS, formatInstant, make, SECOND_MS, type Mention, type Millis, type Signal } from '#record'

/** What the parsers know of their surroundings. */
export interface Hearing {
  /** Tool and version, the `by` of every record. */
  readonly by: string
  /** When payloads that carry no time of their own were heard. */
  readonly nowMs: Millis
  /** The forum of rows that do not name theirs. */
  readonly subreddit: string | undefined
  /** A part that should have been a signal and is broken: where, and what was expected of it. */
  fault(place: string, why: string): void
  /** A part that is no signal by its nature. */
  pass(place: string, why: string): void
}

interface Thing {
  readonly id: string
  readonly subreddit: string | undefined
  readonly author: string | undefined
  readonly createdMs: Millis
  readonly knownMs: Millis
}
export interface Post extends Thing {
  readonly title: string | undefined
  readonly text: string | undefined
  readonly flair: string | undefined
  readonly mentions?: Mention[] | undefined
  readonly fingerprint?: string | undefined
}
export interface Comment extends Thing {
  readonly text: string | undefined
  /** Id of the post it stands under. */
  readonly postId: string | undefined
}
export interface Counts {
  readonly score?: number | undefined
  readonly comments?: number | undefined
  readonly upvote_ratio?: number | undefined
  readonly removed?: string | undefined
}

export const sourceOf = (subreddit: string | undefined): string =>
  subreddit === undefined ? 'reddit' : `reddit/${subreddit.toLowerCase()}`
export const postKey = (id: string): string => `reddit:t3_${id}`
export const commentKey = (id: string): string => `reddit:t1_${id}`

/** A field that is there only where it says something. */
type Field<N extends string, V> = { [name in N]?: V }
function field<N extends string, V>(name: N, value: V | undefined): Field<N, V> {
  return (value === undefined ? {} : { [name]: value }) as Field<N, V>
}

export function presentOf(facts: { readonly [name: string]: unknown }): { [name: string]: unknown } {
  const present: { [name: string]: unknown } = {}
  for (const name in facts) if (facts[name] !== undefined) present[name] = facts[name]
  return present
}

export function postSignal(post: Post, { by, subreddit }: Hearing): Signal {
  return make('signal', {
    ...timesOf(post),
    source: sourceOf(post.subreddit ?? subreddit),
    by,
    type: 'post',
    key: postKey(post.id),
    ...field('author', authorOf(post.author)),
    ...field('mentions', post.mentions),
    ...field('fingerprint', post.fingerprint),
    facts: presentOf({ title: post.title, text: post.text, flair: post.flair }),
  })
}

export function commentSignal(comment: Comment, { by, subreddit }: Hearing): Signal {
  return make('signal', {
    ...timesOf(comment),
    source: sourceOf(comment.subreddit ?? subreddit),
    by,
    type: 'comment',
    key: commentKey(comment.id),
    ...field('author', authorOf(comment.author)),
    facts: presentOf({ text: comment.text, post: comment.postId === undefined ? undefined : postKey(comment.postId) }),
  })
}

/** How loud a post or comment was at one moment; undefined where nothing is known of it. */
export function snapshotSignal(
  key: string, seenMs: Millis, counts: Counts, subreddit: string | undefined, hearing: Hearing,
): Signal | undefined {
  const facts = presentOf({ ...counts })
  if (Object.keys(facts).length === 0) return undefined
  const seen = formatInstant(seenMs)
  const source = sourceOf(subreddit ?? hearing.subreddit)
  return make('signal', { at: seen, known_at: seen, source, by: hearing.by, type: 'snapshot', key, facts })
}

/** The text as its author changed it, at the moment of the change; undefined where it was taken down since, or there is none. */
export function editSignal(
  key: string, editedMs: Millis, text: string | undefined, { knownMs, subreddit }: Pick<Thing, 'knownMs' | 'subreddit'>, { by, ...hearing }: Hearing,
): Signal {
  const source = sourceOf(subreddit ?? hearing.subreddit)
  return make('signal', { ...timesOf({ createdMs: editedMs, knownMs }), source, by, type: 'edit', key, facts: presentOf({ text }) })
}

/** That something was gone at a moment of observation; when it went nobody tells. */
export function removalSignal(key: string, seenMs: Millis, removal: Removal, subreddit: string | undefined, hearing: Hearing): Signal {
  const seen = formatInstant(seenMs)
  const source = sourceOf(subreddit ?? hearing.subreddit)
  return make('signal', { at: seen, known_at: seen, source, by: hearing.by, type: 'removal', key, facts: presentOf({ ...removal }) })
}

/** A crawl's time is that of its start: a thing made while it ran was known only once it existed. */
function timesOf({ createdMs, knownMs }: Pick<Thing, 'createdMs' | 'knownMs'>): { at: string; known_at: string } {
  return { at: formatInstant(createdMs), known_at: formatInstant(Math.max(createdMs, knownMs)) }
}

const authorOf = (name: string | undefined): string | undefined => (name === undefined ? undefined : `reddit:${name}`)

/** How a thing was taken down. */
interface Removal {
  /** Whom Reddit names: `moderator`, `deleted` (the author), `reddit`, `automod_filtered`, `copyright_takedown` ... */
  readonly by: string | undefined
  /** What stands in the place of the text. */
  readonly shown: string | undefined
}

/** What Reddit puts in the place of a text: removed by moderators, deleted by its author, removed by Reddit itself. */
const TAKEN_DOWN = new Set(['[removed]', '[deleted]', '[deleted by user]', '[ removed by reddit ]'])
const isTakenDown = (text: unknown): text is string => typeof text === 'string' && TAKEN_DOWN.has(text.trim().toLowerCase())

/** Undefined where it stands, as far as is told. A deleted account's posts stand. */
export function removalOf(thing: { readonly [column: string]: unknown }): Removal | undefined {
  const by = textOr(thing['removed_by_category'])
  const shown = [thing['selftext'], thing['body'], thing['title']].find(isTakenDown)
  return by === undefined && shown === undefined ? undefined : { by, shown }
}

/** A text that still stands; undefined for none, or one taken down. */
export const standing = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' && !isTakenDown(value) ? unescapeHtml(value) : undefined
export const textOr = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)
export const numberOr = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined
export const flairOf = (row: { readonly [column: string]: unknown }): string | undefined => standing(row['link_flair_text'])

/** Reddit's first post is of 2005; later than 2100 is no time in seconds. */
const EARLIEST_S = 1_100_000_000, LATEST_S = 4_102_444_800
export function secondsOr(value: unknown): Millis | undefined {
  const seconds = typeof value === 'string' && value !== '' ? Number(value) : value
  return typeof seconds === 'number' && seconds >= EARLIEST_S && seconds <= LATEST_S ? Math.floor(seconds) * SECOND_MS : undefined
}

/** Clocks differ a little, never by days. Where our own stands at 1970, in a replay, nothing is told from it. */
export const isPast = (ms: Millis, nowMs: Millis): boolean => nowMs < DAY_MS || ms <= nowMs + DAY_MS

const BARE_AMPERSAND = /&(?!amp;|lt;|gt;|#x200B;)/
const ENTITIES: Readonly<Record<string, string>> = { '&lt;': '<', '&gt;': '>', '&amp;': '&' }
/** Without `raw_json=1` the API escapes `<`, `>` and `&`; a text with any other ampersand was never escaped. */
export function unescapeHtml(text: string): string {
  if (!text.includes('&') || BARE_AMPERSAND.test(text)) return text
  return text.replace(/&(?:lt|gt|amp);/g, (entity) => ENTITIES[entity] ?? entity).replaceAll('&#x200B;', ' ')
}
