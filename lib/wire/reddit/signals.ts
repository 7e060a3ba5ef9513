/** Reddit's things in our words: what a post or comment says, and how loud it is at one moment. */
import { formatInstant, make, SECOND_MS, type Mention, type Millis, type Signal } from '#record'

/** What the parsers know of their surroundings. */
export interface Hearing {
  /** Tool and version, the `by` of every record. */
  readonly by: string
  /** When payloads that carry no time of their own were heard. */
  readonly nowMs: Millis
  /** The forum of rows that do not name theirs. */
  readonly subreddit: string | undefined
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

const sourceOf = (subreddit: string | undefined): string =>
  subreddit === undefined ? 'reddit' : `reddit/${subreddit.toLowerCase()}`
export const postKey = (id: string): string => `reddit:t3_${id}`
export const commentKey = (id: string): string => `reddit:t1_${id}`

/** A field that is there only where it says something. */
type Field<N extends string, V> = { [name in N]?: V }
function field<N extends string, V>(name: N, value: V | undefined): Field<N, V> {
  return (value === undefined ? {} : { [name]: value }) as Field<N, V>
}

function presentOf(facts: { readonly [name: string]: unknown }): { [name: string]: unknown } {
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

/** A crawl's time is that of its start: a thing made while it ran was known only once it existed. */
function timesOf({ createdMs, knownMs }: Thing): { at: string; known_at: string } {
  return { at: formatInstant(createdMs), known_at: formatInstant(Math.max(createdMs, knownMs)) }
}

const authorOf = (name: string | undefined): string | undefined => (name === undefined ? undefined : `reddit:${name}`)

const GONE = new Set(['', '[removed]', '[deleted]', '[deleted by user]'])
/** A text that still stands; undefined for none, or one taken down. */
export const standing = (value: unknown): string | undefined =>
  typeof value === 'string' && !GONE.has(value) ? unescapeHtml(value) : undefined
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

const BARE_AMPERSAND = /&(?!amp;|lt;|gt;|#x200B;)/
const ENTITIES: Readonly<Record<string, string>> = { '&lt;': '<', '&gt;': '>', '&amp;': '&' }
/** Without `raw_json=1` the API escapes `<`, `>` and `&`; a text with any other ampersand was never escaped. */
export function unescapeHtml(text: string): string {
  if (!text.includes('&') || BARE_AMPERSAND.test(text)) return text
  return text.replace(/&(?:lt|gt|amp);/g, (entity) => ENTITIES[entity] ?? entity).replaceAll('&#x200B;', ' ')
}
