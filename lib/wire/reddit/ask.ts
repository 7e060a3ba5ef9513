/**
 * How Reddit is asked: addresses, the token of an application, and what of an answer tells where to go on
 * (https://www.reddit.com/dev/api/, https://github.com/reddit-archive/reddit/wiki/OAuth2, https://support.reddithelp.com/hc/articles/16160319875092).
 */
import { SECOND_MS, type Json, type Millis } from '#record'
import { Failure } from '#port/failure'
import type { Answer, Request, Validators } from '#port/outside'
import type { Credentials } from '#port/secrets'
import { fieldsOf, validatorsIn, validatorState } from '../cursor.ts'
import { tagsOf } from '../html_tags.ts'
import { thingsOf } from './api.ts'
import { isRow } from './rows.ts'
import { numberOr, textOr } from './signals.ts'

/** What is asked for: the API with a token, or without one the public JSON, feeds, or old Reddit's pages. */
export type Format = 'json' | 'rss' | 'html'

/** The form that Reddit wants: `<platform>:<application>:<version> (by <who>)`. `by` is a record's, `vanta-reddit/0.1.0`. */
export const userAgent = (by: string, contact: string | undefined): string =>
  `node:${by.replace('/', ':')}${contact === undefined ? '' : ` (by ${contact})`}`

export const tokenRequest = ({ client_id = '', client_secret = '' }: Credentials, agent: string): Request => ({
  url: 'https://www.reddit.com/api/v1/access_token', method: 'POST',
  headers: { 'user-agent': agent, 'content-type': 'application/x-www-form-urlencoded' },
  body: 'grant_type=client_credentials',
  secret: { headers: { authorization: `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString('base64')}` } },
})

export interface Token {
  readonly token: string
  readonly untilMs: Millis
}

/** A token is used no longer than this before its end. */
const MARGIN_MS = 60 * SECOND_MS
const SHORTEST_S = 120

/** Throws Failure `config` where the answer, though 200, says that there is none. */
export function tokenOf({ bytes, url, heardMs }: Answer): Token {
  const answer = parsed(bytes)
  const token = isRow(answer) ? textOr(answer['access_token']) : undefined
  if (!isRow(answer) || token === undefined) {
    const error = isRow(answer) ? textOr(answer['error']) ?? numberOr(answer['error']) : undefined
    if (error === undefined) throw new Failure('data', `${url}: no token, and no reason why`)
    throw new Failure('config', `${url}: ${error}; see client_id and client_secret in the credentials`)
  }
  const lifetimeS = Math.max(SHORTEST_S, numberOr(answer['expires_in']) ?? 0)
  return { token, untilMs: heardMs + lifetimeS * SECOND_MS - MARGIN_MS }
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    return undefined
  }
}

export interface How {
  readonly format: Format
  readonly token: Token | undefined
  readonly agent: string
}

/** One address of Reddit in each of its forms. Without `raw_json` texts are escaped. */
export function askFor(path: string, query: Readonly<Record<string, string | undefined>>, { format, token, agent }: How): Request {
  const url = new URL(path, token !== undefined ? 'https://oauth.reddit.com' : format === 'html' ? 'https://old.reddit.com' : 'https://www.reddit.com')
  if (token === undefined && format !== 'html') url.pathname += `.${format}`
  for (const [name, value] of Object.entries({ ...query, ...((token !== undefined || format === 'json') && { raw_json: '1' }) })) {
    if (value !== undefined) url.searchParams.set(name, value)
  }
  return {
    url: url.href, headers: { 'user-agent': agent },
    ...(token !== undefined && { secret: { headers: { authorization: `Bearer ${token.token}` } } }),
  }
}

/** What of a page tells where to go on. */
export interface Page {
  /** Full names of its posts, in their order. */
  readonly names: readonly string[]
  readonly after: string | undefined
  /** Comment counts by a post's id, where they are told. */
  readonly comments: ReadonlyMap<string, number>
}

export function pageOf(bytes: Buffer): Page {
  const answer = parsed(bytes)
  if (answer === undefined) return pageOfMarkup(bytes.toString('utf8'))
  const posts = (thingsOf(answer) ?? []).filter(({ kind }) => kind === 't3').map(({ data }) => (isRow(data) ? data : {}))
  const names: string[] = []
  const comments = new Map<string, number>()
  for (const { id, num_comments: count } of posts) {
    if (typeof id !== 'string') continue
    names.push(`t3_${id}`)
    if (typeof count === 'number') comments.set(id, count)
  }
  const body = isRow(answer) && isRow(answer['data']) ? answer['data'] : {}
  return { names, after: textOr(body['after']), comments }
}

/** Feeds have one page; old Reddit's end with a link to the next. */
function pageOfMarkup(text: string): Page {
  const names = [...text.matchAll(/<id>(t3_[a-z0-9]+)<\/id>/g)].map(([, name = '']) => name)
  const comments = new Map<string, number>()
  for (const { attributes } of text.includes('data-fullname') ? tagsOf(text) : []) {
    const id = /^t3_([a-z0-9]+)$/.exec(attributes['data-fullname'] ?? '')?.[1]
    if (id === undefined || attributes['data-promoted'] === 'true') continue
    names.push(`t3_${id}`)
    const count = attributes['data-comments-count']
    if (count !== undefined && /^\d{1,9}$/.test(count)) comments.set(id, Number(count))
  }
  return { names, after: [...text.matchAll(/[?&;]after=(t3_[a-z0-9]+)/g)].at(-1)?.[1], comments }
}

/**
 * Where to go on after a page. Reddit's `after` names a post, and where that post was removed meanwhile the next page comes back empty:
 * then the post before it is named instead, and so on.
 */
export function* placesAfter({ names, after }: Page): Generator<string> {
  if (after === undefined) return
  yield after
  for (const name of [...names].reverse().filter((each) => each !== after).slice(0, 3)) yield name
}

/** What is remembered of a listing. */
export interface Seen {
  readonly names: readonly string[]
  readonly validators: Validators
}

/** So many names are remembered: a page more than the largest. */
const REMEMBERED = 200

export function seenOf(state: Json | undefined): Seen {
  const { names } = fieldsOf(state)
  return { names: Array.isArray(names) ? names.filter((name) => typeof name === 'string') : [], validators: validatorsIn(state) }
}

export const seenState = (names: readonly string[], before: Seen, validators: Validators): Json =>
  ({ names: [...new Set([...names, ...before.names])].slice(0, REMEMBERED), ...validatorState(validators) })
