/**
 * How X is asked: recent search and the filtered stream of the API v2 with an application's bearer token, and pages and feeds without
 * (https://docs.x.com/x-api/posts/search/introduction, https://docs.x.com/x-api/posts/filtered-stream/introduction).
 */
import { DAY_MS, formatInstant, MINUTE_MS, parseInstant, SECOND_MS, type Json, type Millis } from '#record'
import { AnswerFailure, Failure } from '#port/failure'
import type { Request } from '#port/outside'
import { fieldsOf } from '../cursor.ts'
import { exactId, exactList, exactObject, exactString, parseExact, type ExactObject } from '../json_exact.ts'
import { idOf, objectsIn } from './fields.ts'
import { isTweetId, snowflakeMs } from './tweet.ts'

export const API = 'https://api.x.com'
export const EMBED = 'https://syndication.twitter.com'

/** All that is read of a tweet, its author and what it refers to. */
const FIELDS: Readonly<Record<string, string>> = {
  'tweet.fields': 'author_id,conversation_id,created_at,edit_history_tweet_ids,entities,lang,note_tweet,public_metrics,referenced_tweets,withheld',
  'expansions': 'author_id,referenced_tweets.id,referenced_tweets.id.author_id',
  'user.fields': 'public_metrics,username',
}

/** X counts each route by itself. */
function ask(path: string, query: Readonly<Record<string, string | undefined>>, bearer: string, more: Partial<Request> = {}): Request {
  const url = new URL(path, API)
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value)
  return { url: url.href, limit: path, ...more, secret: { headers: { authorization: `Bearer ${bearer}` } } }
}

/** Longest query of the lowest access (https://docs.x.com/x-api/posts/search/integrate/build-a-query). */
const LONGEST_QUERY = 512

/** One query for what is asked for and as few as there can be for accounts. Throws Failure `usage` where there is nothing to ask for. */
export function queriesOf(query: string | undefined, accounts: readonly string[] = []): readonly string[] {
  const queries = query === undefined ? [] : [query]
  let names: string[] = []
  const whole = (): string => names.map((name) => `from:${name}`).join(' OR ')
  for (const account of accounts.map(accountName)) {
    names.push(account)
    if (whole().length <= LONGEST_QUERY || names.length === 1) continue
    names.pop()
    queries.push(whole())
    names = [account]
  }
  if (names.length > 0) queries.push(whole())
  if (queries.length === 0) throw new Failure('usage', '--query or --account says what to ask for, such as --query \'$GME lang:en\'')
  return queries
}

/** `@name` → `name`. Throws Failure `usage` where it can be no name: it becomes part of addresses. */
export function accountName(typed: string): string {
  const name = typed.trim().replace(/^@/, '')
  if (!/^[A-Za-z0-9_]{1,20}$/.test(name)) throw new Failure('usage', `--account: no account is called "${typed}"`)
  return name
}

/** The place in a search may be forgotten by the service, which says 400: then it is searched anew. */
export const searchRequest = (query: string, { since, token }: Pick<SearchState, 'since' | 'token'>, bearer: string): Request =>
  ask('/2/tweets/search/recent', { query, max_results: '100', since_id: since, next_token: token, ...FIELDS }, bearer, {
    ...(token !== undefined && { accepts: [400] }),
  })

export const streamRequest = (backfillMinutes: number, bearer: string): Request =>
  ask('/2/tweets/search/stream', { ...(backfillMinutes > 0 && { backfill_minutes: String(backfillMinutes) }), ...FIELDS }, bearer)

export const rulesRequest = (bearer: string): Request => ask('/2/tweets/search/stream/rules', {}, bearer)

export const rulesChange = (change: Json, bearer: string): Request =>
  ask('/2/tweets/search/stream/rules', {}, bearer, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(change) })

export const embedRequest = (account: string): Request => ({ url: `${EMBED}/srv/timeline-profile/screen-name/${account}` })
export const nitterRequest = (origin: string, account: string): Request => ({ url: `${origin}/${account}/rss` })

/** `https://nitter.net/` → its origin. Throws Failure `usage` where it is no address. */
export function originOf(typed: string): string {
  const url = URL.canParse(typed) ? new URL(typed) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) throw new Failure('usage', `--nitter: expected an address like https://nitter.net, got "${typed}"`)
  return url.origin
}

/** Where a search stands: what is new has a larger id than `since`; while its pages are read, where to go on and the newest of them. */
export interface SearchState {
  readonly since: string | undefined
  readonly newest: string | undefined
  readonly token: string | undefined
}

export function searchState(state: Json | undefined): SearchState {
  const { since, newest, token } = fieldsOf(state)
  const id = (value: Json | undefined): string | undefined => (typeof value === 'string' && isTweetId(value) ? value : undefined)
  return { since: id(since), newest: id(newest), token: typeof token === 'string' ? token : undefined }
}

export const stateOfSearch = ({ since, newest, token }: SearchState): Json =>
  ({ ...(since !== undefined && { since }), ...(token !== undefined && { token, ...(newest !== undefined && { newest }) }) })

/** Recent search goes back seven days, and refuses ids from before. */
const REACH_MS = 7 * DAY_MS - 10 * MINUTE_MS

/** The id to search from; undefined where it lies too far back. */
export function reachable(since: string | undefined, nowMs: Millis): string | undefined {
  const sinceMs = since === undefined ? undefined : snowflakeMs(since)
  return sinceMs !== undefined && sinceMs < nowMs - REACH_MS ? undefined : since
}

/** What of a page tells where to go on. */
export interface Found {
  readonly ids: readonly string[]
  readonly next: string | undefined
  /** Nothing was found, and no error is told. */
  readonly isEmpty: boolean
}

/** Of what is no answer, nothing: whoever reads it says so. */
export function foundIn(bytes: Buffer): Found {
  let answer: ExactObject
  try {
    answer = objectIn(bytes, 'answer')
  } catch {
    return { ids: [], next: undefined, isEmpty: false }
  }
  const meta = exactObject(answer['meta'])
  const ids = objectsIn(answer['data']).flatMap((tweet) => idOf(tweet) ?? [])
  return {
    ids, next: exactString(meta?.['next_token']),
    isEmpty: meta !== undefined && ids.length === 0 && exactList(answer['errors']) === undefined,
  }
}

function objectIn(bytes: Buffer, name: string): ExactObject {
  return exactObject(parseExact(bytes.toString('utf8'), name)) ?? {}
}

/** Ids are compared as numbers: a longer one is larger. */
export const later = (a: string | undefined, b: string | undefined): string | undefined =>
  a === undefined ? b : b === undefined || b.length < a.length || (b.length === a.length && b < a) ? a : b

/** An id of so long before: tweets may arrive a little out of order. */
export function before(id: string, ms: Millis): string {
  const value = BigInt(id) - (BigInt(ms) << 22n)
  return String(value > 0n ? value : 0n)
}

/** Marks the rules that are ours among those of an application. */
const TAG = 'vanta'

/** What must change for the stream's rules to be these: ours are replaced, those of others left alone. */
export function rulesToChange(bytes: Buffer, name: string, wanted: readonly string[]): readonly Json[] {
  const rules = objectsIn(objectIn(bytes, name)['data'])
  const add = wanted.filter((value) => !rules.some((rule) => rule['value'] === value)).map((value) => ({ value, tag: TAG }))
  const ids = rules.filter((rule) => rule['tag'] === TAG && !wanted.includes(exactString(rule['value']) ?? '')).flatMap((rule) => exactId(rule['id']) ?? [])
  return [...(add.length > 0 ? [{ add }] : []), ...(ids.length > 0 ? [{ delete: { ids } }] : [])]
}

/** Throws Failure `config` where a rule was not taken; one that is there already is as good as taken. */
export function checkRules(bytes: Buffer, name: string): void {
  const errors = objectsIn(objectIn(bytes, name)['errors']).filter((error) => exactString(error['title']) !== 'DuplicateRule')
  const said = errors.map((error) => [error['title'], error['value'], ...objectsIn(error['details'])].flatMap((part) => exactString(part) ?? []).join(': '))
  if (said.length > 0) throw new Failure('config', `${name}: X does not take the rule: ${said.join('; ')}`)
}

/**
 * When to open a stream again (https://docs.x.com/x-api/fundamentals/handling-disconnections): 250 ms later each time where the network is
 * at fault, up to 16 s; from 5 s doubling up to 320 s where an error was answered, from a minute where it was 429. A stream that X ends in
 * good order is opened again a second later, since it might end at once again.
 */
export function reconnectMs(failures: number, failure: Failure | undefined): Millis {
  if (failure === undefined || failures === 0) return SECOND_MS
  const doubling = 2 ** Math.min(failures - 1, 10)
  if (!(failure instanceof AnswerFailure)) return Math.min(16 * SECOND_MS, 250 * failures)
  return failure.status === 429 ? Math.min(15 * MINUTE_MS, MINUTE_MS * doubling) : Math.min(320 * SECOND_MS, 5 * SECOND_MS * doubling)
}

/** Minutes to be sent again after a gap; none where the gap is longer than X keeps, or than is wanted. */
export function backfillMinutes(heardAt: Json | undefined, nowMs: Millis, most: number): number {
  const heardMs = typeof heardAt === 'string' ? parseInstant(heardAt) : undefined
  const minutes = heardMs === undefined ? 0 : Math.ceil((nowMs - heardMs) / MINUTE_MS)
  return minutes > 0 && minutes <= Math.min(5, most) ? minutes : 0
}

export const heardState = (nowMs: Millis): Json => ({ at: formatInstant(nowMs) })
