/** Reddit payloads, each told by its content and never by its name, as signals in the payload's own order. */
import type { Signal } from '#record'
import { Failure } from '#port/failure'
import type { Parser, Payload, Reading } from '#port/payload'
import { openCsv } from '../csv/rows.ts'
import { isFeed } from '../feed_entries.ts'
import { textOf } from '../text.ts'
import { apiError, signalsOfThings, thingsOf } from './api.ts'
import { signalsOfFeed } from './feed.ts'
import { isRedditPage, signalsOfPage } from './page.ts'
import { isRow, isThingRow, signalsOfRow, type Fault } from './rows.ts'
import type { Hearing } from './signals.ts'
import { isSnapshotHeader, snapshotReader } from './snapshots.ts'
import { tableReader } from './tables.ts'

export interface RedditOptions {
  /** Only these forums; rows that name none are taken to be of the one given. */
  readonly subreddit?: readonly string[] | undefined
  /** End at the first bad row with Failure `data`, instead of naming it and going on. */
  readonly strict?: boolean
}

/** `r/Stocks`, `/r/stocks` → `stocks`. */
export const forumName = (typed: string): string => typed.trim().toLowerCase().replace(/^\/?r\//, '').replace(/\/$/, '')

/**
 * NDJSON of posts or comments, CSV tables, answers of the API, feeds, pages of old Reddit. `read` throws Failure `data` on other pages,
 * an error body and anything that is no Reddit payload.
 */
export function redditParser({ subreddit, strict = false }: RedditOptions, { by, reject }: Reading): Parser {
  const forums = subreddit?.map(forumName)
  const wanted = forums === undefined ? undefined : new Set(forums.map((name) => `reddit/${name}`))
  return {
    *read(payload) {
      const hearing: Hearing = {
        by, nowMs: payload.heardMs, subreddit: forums?.length === 1 ? forums[0] : undefined, pass: reject,
        fault: strict ? (place, why) => refuse(`${payload.name}: ${place}`, why) : reject,
      }
      let others = 0, given = 0
      for (const signal of read(payload, hearing)) {
        if (wanted !== undefined && !wanted.has(signal.source)) others++
        else {
          given++
          yield signal
        }
      }
      if (others > 0 && given === 0) reject(`${others} signals`, 'of other forums than those asked for')
    },
  }
}

function read({ name, bytes, contentType }: Payload, hearing: Hearing): Iterable<Signal> {
  const text = textOf(bytes, contentType)
  const start = text.trimStart()
  if (start === '') return refuse(name, 'empty')
  if (isFeed(start)) return readFeed(name, start, hearing)
  if (start.startsWith('<')) return isRedditPage(start) ? signalsOfPage(start, hearing) : refuse(name, 'an HTML page, not a Reddit payload')
  if (start.startsWith('{') || start.startsWith('[')) return readJson(name, text, hearing)
  return readTable(name, text, hearing)
}

function refuse(name: string, what: string): never {
  throw new Failure('data', `${name}: ${what}`)
}

const endOfLine = (text: string, from: number): number => {
  const end = text.indexOf('\n', from)
  return end < 0 ? text.length : end
}

function* linesOf(text: string): Generator<{ readonly line: string; readonly number: number }> {
  let number = 0
  for (let from = 0; from < text.length; ) {
    const end = endOfLine(text, from)
    number++
    const line = text.slice(from, end)
    from = end + 1
    if (line.trim() !== '') yield { line, number }
  }
}

const parse = (json: string): { readonly value: unknown } | undefined => {
  try {
    return { value: JSON.parse(json) }
  } catch {
    return undefined
  }
}

/** Rows that tell whether JSON is one a line: the first may be the bad one. */
const PROBED = 5

function readJson(name: string, text: string, hearing: Hearing): Iterable<Signal> {
  let probed = 0
  for (const { line } of linesOf(text)) {
    if (isThingRow(parse(line)?.value)) return readRows(text, hearing)
    if (++probed >= PROBED) break
  }
  const answer = parse(text)
  if (answer === undefined) return refuse(name, 'neither JSON nor NDJSON of posts or comments')
  const error = apiError(answer.value)
  if (error !== undefined) return refuse(name, `Reddit answered with an error: ${error}`)
  const rows = listOf(answer.value)
  if (rows !== undefined) return signalsOfRows(rows, hearing)
  const things = thingsOf(answer.value)
  return things === undefined ? refuse(name, 'JSON, but no Reddit listing, thread or posts') : signalsOfThings(things, hearing)
}

/** Rows as one JSON list, or as archives of Pushshift's kind wrap them: `{"data": [...]}`. */
function listOf(answer: unknown): readonly unknown[] | undefined {
  const list: unknown = isRow(answer) ? answer['data'] : answer
  return Array.isArray(list) && list.some(isThingRow) ? list : undefined
}

function* readRows(text: string, hearing: Hearing): Generator<Signal> {
  for (const { line, number } of linesOf(text)) yield* signalsOrFault(rowSignals(parse(line)?.value, hearing), `line ${number}`, hearing)
}

function* signalsOfRows(rows: readonly unknown[], hearing: Hearing): Generator<Signal> {
  for (const [i, row] of rows.entries()) yield* signalsOrFault(rowSignals(row, hearing), `row ${i + 1}`, hearing)
}

const rowSignals = (row: unknown, hearing: Hearing): readonly Signal[] | Fault =>
  isRow(row) ? signalsOfRow(row, hearing) : { expected: 'expected a JSON object' }

const isFault = (result: object): result is Fault => 'expected' in result

function signalsOrFault(result: readonly Signal[] | Fault, place: string, hearing: Hearing): readonly Signal[] {
  if (!isFault(result)) return result
  hearing.fault(place, result.expected)
  return []
}

function readTable(name: string, text: string, hearing: Hearing): Iterable<Signal> {
  const header = text.slice(0, endOfLine(text, 0)).trimEnd()
  const columns = header.split(',')
  if (isSnapshotHeader(columns)) return readSnapshots(columns, text, hearing)
  const csv = columns.length > 1 ? openCsv(text, name) : undefined
  const reader = csv === undefined ? undefined : tableReader(csv.columns, hearing)
  if (csv === undefined || reader === undefined) return refuse(name, `not a Reddit payload (it starts ${JSON.stringify(header.slice(0, 40))})`)
  return readCsv(csv, reader, hearing)
}

function* readSnapshots(columns: readonly string[], text: string, hearing: Hearing): Generator<Signal> {
  const signalsOf = snapshotReader(columns, hearing)
  if (endOfLine(text, 0) >= text.trimEnd().length) hearing.pass('table', 'no rows')
  for (const { line, number } of linesOf(text)) {
    if (number > 1) yield* signalsOrFault(signalsOf(line.trimEnd()), `line ${number}`, hearing)
  }
}

function* readCsv(csv: ReturnType<typeof openCsv>, signalsOf: NonNullable<ReturnType<typeof tableReader>>, hearing: Hearing): Generator<Signal> {
  let rows = 0
  for (const row of csv.rows()) {
    rows++
    const signals = row.whole ? signalsOf(row) : { expected: `expected ${csv.columns.length} columns, found ${row.cells.length}` }
    yield* signalsOrFault(signals, `line ${row.line}`, hearing)
  }
  if (rows === 0) hearing.pass('table', 'no rows')
}

function* readFeed(name: string, xml: string, hearing: Hearing): Generator<Signal> {
  const signals = signalsOfFeed(xml, hearing)
  for (;;) {
    const next = attempt(name, () => signals.next())
    if (next.done === true) return
    yield next.value
  }
}

function attempt<T>(name: string, step: () => T): T {
  try {
    return step()
  } catch (error) {
    if (error instanceof Failure) throw error
    throw new Failure('data', `${name}: ${error instanceof Error ? error.message : String(error)}`, error)
  }
}
