/** How Alpaca's history is asked: batches of symbols, page after page, from where the last round ended to the last bar that is complete. */
import { DAY_MS, HOUR_MS, formatInstant, isAfter, millisOf, parseInstant, type Json, type Millis, type Vanta } from '#record'
import type { Answer, Cursor, Secret } from '#port/outside'
import { Failure } from '#port/failure'
import { spanMs, type Span } from '../bars/span.ts'
import { fieldsOf } from '../cursor.ts'
import { exactObject, exactString, parseExact } from '../json_exact.ts'

export const ORIGIN = 'https://data.alpaca.markets'

export interface Wish {
  readonly symbols: readonly string[]
  readonly span: Span
  readonly feed: string
  readonly adjustment: 'raw' | 'split'
  /** Where to begin without a cursor, and where to end. */
  readonly sinceMs?: Millis | undefined
  readonly untilMs?: Millis | undefined
  /** How late the service may say what happened: free plans see the consolidated tape 15 minutes later. */
  readonly delayMs: Millis
}

/** What the walk is handed of the world. */
export interface Asking {
  readonly secret: Secret
  get(request: { readonly url: string; readonly secret: Secret; readonly accepts?: readonly number[] }): Promise<Answer>
  read(answer: Answer): AsyncIterable<Vanta>
  cursor(stream: string): Cursor
  now(): Millis
}

/** Symbols of one request: addresses stay below 2,000 characters. */
const BATCH = 100
/** So many bars before the cursor are asked for again: those of thin stocks come late, and some are corrected. Of many symbols fewer, ... */
const OVERLAP = 5
/** ... so that the runner, which drops what was said before, can remember them all. */
const MOST_AGAIN = 2000
/** Pages of one round and batch: what is left then is asked for in the next. */
const MOST_PAGES = 1000
const PAGE_LIMIT = '10000'

interface Window {
  readonly start: string
  readonly end: string
  readonly token: string | undefined
}

const textIn = (state: Json | undefined, name: string): string | undefined => {
  const value = fieldsOf(state)[name]
  return typeof value === 'string' ? value : undefined
}

/** Symbols in order, cut into batches: the same symbols give the same batches, whatever order they were typed in. */
function batchesOf(symbols: readonly string[]): readonly (readonly string[])[] {
  const sorted = [...new Set(symbols)].sort()
  return Array.from({ length: Math.ceil(sorted.length / BATCH) }, (_, i) => sorted.slice(i * BATCH, (i + 1) * BATCH))
}

const cursorOf = ({ span, feed, adjustment }: Wish, batch: readonly string[], asking: Asking): Cursor =>
  asking.cursor(`bars ${span} ${feed} ${adjustment} ${batch.join(',')}`)

/** All complete bars of some symbols since the last round. */
export async function* askBars(wish: Wish, asking: Asking): AsyncGenerator<Vanta> {
  const { span, feed, adjustment } = wish
  for (const batch of batchesOf(wish.symbols)) {
    const cursor = cursorOf(wish, batch, asking)
    const until = textIn(cursor.state, 'until')
    const window = windowOf(cursor.state, until, wish, asking.now())
    if (window === undefined) continue
    const query = {
      symbols: batch.join(','), timeframe: timeframeOf(span), start: window.start, end: window.end, feed, adjustment, sort: 'asc', limit: PAGE_LIMIT,
    }
    let last = until
    const turned = (token: string): Promise<void> =>
      cursor.save({ ...(until !== undefined && { until }), window: { start: window.start, end: window.end, token } })
    for await (const record of pagesOf('/v2/stocks/bars', query, window, asking, turned)) {
      if (record.kind === 'bar' && (last === undefined || isAfter(record.known_at, last))) last = record.known_at
      yield until === undefined ? record : lateAware(record, until, asking.now())
    }
    if (last !== undefined) await cursor.save({ until: last })
  }
}

/** Minute bars of the stream: they move the cursors on, once they have left, as those of a page do. */
export async function* noted(records: AsyncIterable<Vanta>, wish: Wish, asking: Asking): AsyncGenerator<Vanta> {
  const endsMs = new Map<string, Millis>()
  for await (const record of records) {
    yield record
    if (record.kind !== 'bar') continue
    const symbol = record.subject.slice(record.subject.indexOf(':') + 1)
    endsMs.set(symbol, Math.max(endsMs.get(symbol) ?? 0, millisOf(record.at) + spanMs(record.span)))
  }
  for (const batch of batchesOf(wish.symbols)) {
    const cursor = cursorOf(wish, batch, asking)
    const until = formatInstant(Math.max(0, ...batch.map((symbol) => endsMs.get(symbol) ?? 0)))
    if (isAfter(until, textIn(cursor.state, 'until') ?? formatInstant(0))) await cursor.save({ until })
  }
}

/** A bar that ended before the last round and is new now was not known when it ended: the round would have heard it. */
function lateAware(record: Vanta, until: string, nowMs: Millis): Vanta {
  return record.kind === 'bar' && !isAfter(record.known_at, until) ? { ...record, known_at: formatInstant(nowMs) } : record
}

/** From where to where to ask; a window that was left half-way is walked to its end first. */
function windowOf(state: Json | undefined, until: string | undefined, wish: Wish, nowMs: Millis): Window | undefined {
  const left = fieldsOf(state)['window']
  const token = textIn(left, 'token'), start = textIn(left, 'start'), end = textIn(left, 'end')
  if (token !== undefined && start !== undefined && end !== undefined) return { start, end, token }
  const lengthMs = spanMs(wish.span)
  const untilMs = until === undefined ? undefined : parseInstant(until)
  const again = Math.min(OVERLAP, Math.ceil(MOST_AGAIN / wish.symbols.length))
  const startMs = untilMs === undefined ? (wish.sinceMs ?? nowMs - Math.max(DAY_MS, 10 * lengthMs)) : untilMs - again * lengthMs
  const endMs = Math.min(wish.untilMs ?? Infinity, lastStart(nowMs - wish.delayMs, wish.span))
  return endMs < startMs ? undefined : { start: formatInstant(startMs), end: formatInstant(endMs), token: undefined }
}

/** No later than the start of the last bar that is complete; what still forms besides is left out by the reader. */
function lastStart(nowMs: Millis, span: Span): Millis {
  const lengthMs = spanMs(span)
  if (lengthMs < DAY_MS) return nowMs - (nowMs % lengthMs) - lengthMs
  // A day begins at midnight and is final at 20:00; a week on Friday.
  return nowMs - Math.floor(lengthMs / DAY_MS) * DAY_MS + (lengthMs > DAY_MS ? 2 * DAY_MS : 0) + 4 * HOUR_MS
}

const TIMEFRAMES: Readonly<Record<string, string>> = { m: 'Min', h: 'Hour', d: 'Day', w: 'Week', mo: 'Month' }
const timeframeOf = (span: Span): string => span.replace(/[a-z]+$/, (unit) => TIMEFRAMES[unit] ?? unit)

/** Corporate actions of some symbols, from a week before the last round to three months ahead. */
export async function* askActions({ symbols, sinceMs }: Pick<Wish, 'symbols' | 'sinceMs'>, everyMs: Millis, asking: Asking): AsyncGenerator<Vanta> {
  for (const batch of batchesOf(symbols).map((names) => names.join(','))) {
    const cursor = asking.cursor(`actions ${batch}`)
    const asked = textIn(cursor.state, 'asked'), askedMs = asked === undefined ? undefined : parseInstant(asked)
    const nowMs = asking.now()
    if (askedMs !== undefined && nowMs - askedMs < everyMs) continue
    const date = (ms: Millis): string => formatInstant(ms).slice(0, 10)
    const start = date(askedMs === undefined ? (sinceMs ?? nowMs - 30 * DAY_MS) : askedMs - 7 * DAY_MS)
    const end = date(nowMs + 90 * DAY_MS)
    const query = { symbols: batch, start, end, sort: 'asc', limit: '1000' }
    yield* pagesOf('/v1/corporate-actions', query, { start, end, token: undefined }, asking, async () => undefined)
    await cursor.save({ asked: formatInstant(nowMs) })
  }
}

/** Statuses of a page token that the service no longer knows. */
const UNKNOWN_TOKEN = [400, 422]

/**
 * Page after page; `turned` is awaited between two. The end is a page without a token, with one that was there before, or (whatever its
 * token) one whose records were all there before. Empty pages are holes, and are passed.
 */
async function* pagesOf(
  path: string, query: Readonly<Record<string, string>>, { token: resumed }: Window, asking: Asking, turned: (token: string) => Promise<void>,
): AsyncGenerator<Vanta> {
  const tokens = new Set<string>(), seen = new Set<string>()
  let token = resumed
  for (let page = 0; page < MOST_PAGES; page++) {
    const url = new URL(path, ORIGIN)
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
    if (token !== undefined) url.searchParams.set('page_token', token)
    const answer = await asking.get({ url: url.href, secret: asking.secret, ...(token !== undefined && { accepts: UNKNOWN_TOKEN }) })
    if (UNKNOWN_TOKEN.includes(answer.status)) {
      if (page > 0) throw new Failure('upstream', `${url.href}: HTTP ${answer.status} for its own page token`)
      token = undefined
      continue
    }
    let records = 0, fresh = 0
    for await (const record of asking.read(answer)) {
      records++
      if (seen.has(record.id)) continue
      seen.add(record.id)
      fresh++
      yield record
    }
    token = exactString(exactObject(parseExact(answer.bytes.toString('utf8'), url.href))?.['next_page_token'])
    if (token === undefined || tokens.has(token) || (records > 0 && fresh === 0)) return
    tokens.add(token)
    await turned(token)
  }
}
