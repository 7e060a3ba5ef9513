/** Payloads of X, each told by its content and never by its name. */
import type { Signal } from '#record'
import { Failure } from '#port/failure'
import type { Parser, Payload, Reading } from '#port/payload'
import { openCsv } from '../csv/rows.ts'
import { isFeed } from '../feed_entries.ts'
import { exactList, exactObject, exactString, parseExact, type Exact, type ExactObject } from '../json_exact.ts'
import { textOf } from '../text.ts'
import { idOf, instantOf, objectsIn } from './fields.ts'
import { isNitterPage, scriptOf, signalsOfNitterFeed, signalsOfNitterPage } from './pages.ts'
import { isCompliance, isStockTwits, isTweetRow, signalsOfMessage, signalsOfTweetRow, twitterTable } from './rows.ts'
import { removalSignal, type Hearing } from './tweet.ts'
import { signalsOfDocument, signalsOfNotice } from './v1.ts'
import { isV2, signalsOfV2 } from './v2.ts'

/**
 * Answers and stream messages of the API v2 and v1.1 (single, in lists, or one a line), the site's GraphQL answers, pages and feeds, and dumps.
 * `read` throws Failure `data` on problems that X reports instead of an answer, and on anything that is no payload of X.
 */
export const twitterParser = ({ by, reject }: Reading): Parser => ({
  read: (payload) => read(payload, { by, seenMs: payload.heardMs, reject }),
})

function read({ name, bytes, contentType, url }: Payload, hearing: Hearing): Iterable<Signal> {
  const text = textOf(bytes, contentType)
  const start = text.trimStart()
  if (start === '') return refuse(name, 'empty')
  if (isFeed(start)) return readFeed(name, start, hearing)
  if (start.startsWith('<')) return readPage(name, start, hearing)
  if (start.startsWith('{') || start.startsWith('[')) return readJson(name, start, url, hearing)
  return readTable(name, text, hearing)
}

function refuse(name: string, what: string): never {
  throw new Failure('data', `${name}: ${what}`)
}

function readFeed(name: string, xml: string, hearing: Hearing): Iterable<Signal> {
  try {
    return signalsOfNitterFeed(xml, hearing) ?? refuse(name, 'a feed, but not of tweets')
  } catch (error) {
    if (error instanceof Failure) throw error
    return refuse(name, error instanceof Error ? error.message : String(error))
  }
}

function* readPage(name: string, html: string, hearing: Hearing): Generator<Signal> {
  const script = scriptOf(html)
  if (script !== undefined) yield* readDocument(name, parseExact(script, name), hearing)
  else if (isNitterPage(html)) yield* signalsOfNitterPage(html, hearing)
  else refuse(name, 'a page, but not of tweets')
}

/** Lines that tell whether JSON is one a line: the first may be the bad one. */
const PROBED = 5

function* readJson(name: string, text: string, url: string | undefined, hearing: Hearing): Generator<Signal> {
  const lines = text.split('\n').map((line) => line.trim())
  const filled = lines.flatMap((line, i) => (line === '' ? [] : [{ line, place: `line ${i + 1}` }]))
  const isLines = filled.length > 1 && filled.slice(0, PROBED).some(({ line }) => objectIn(line) !== undefined)
  if (!isLines) {
    const whole = parseExact(text, name)
    yield* readDocument(name, whole, hearing, url)
    return
  }
  for (const { line, place } of filled) {
    const message = objectIn(line)
    if (message === undefined) hearing.reject(place, 'no JSON object')
    else yield* readMessage(message, place, url, hearing)
  }
}

function objectIn(line: string): ExactObject | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    return exactObject(parseExact(line, 'line'))
  } catch {
    return undefined
  }
}

/** One answer that is the whole payload: a problem is its failure. */
function* readDocument(name: string, document: Exact, hearing: Hearing, url?: string): Generator<Signal> {
  const answer = exactObject(document)
  const rows = exactList(document)
  if (rows !== undefined && rows.length > 0 && rows.every((row) => isRow(exactObject(row)))) {
    for (const [i, row] of objectsIn(rows).entries()) yield* readMessage(row, `row ${i + 1}`, url, hearing)
    return
  }
  if (answer !== undefined) {
    const problem = problemIn(answer)
    if (problem !== undefined) refuse(name, `X answered with a problem: ${problem}`)
    const signals = signalsOfAnswer(answer, 'answer', url, hearing)
    if (signals !== undefined) {
      yield* signals
      return
    }
  }
  if (!(yield* signalsOfDocument(document, hearing))) refuse(name, 'JSON, but nothing of X that is known')
}

const isRow = (row: ExactObject | undefined): boolean => row !== undefined && (isTweetRow(row) || isStockTwits(row) || isFlat(row))
/** A tweet of the API v2 on its own, as it is flattened out of its answer. */
const isFlat = (row: ExactObject): boolean => 'id' in row && 'text' in row && ('author_id' in row || 'edit_history_tweet_ids' in row)

/** One of many: whatever is wrong with it is its own. */
function* readMessage(message: ExactObject, place: string, url: string | undefined, hearing: Hearing): Generator<Signal> {
  const problem = problemIn(message)
  if (problem !== undefined) return hearing.reject(place, `X says: ${problem}`)
  const signals = signalsOfAnswer(message, place, url, hearing)
  if (signals !== undefined) yield* signals
  else if (!(yield* signalsOfNotice(message, place, hearing)) && !(yield* signalsOfDocument(message, hearing))) {
    hearing.reject(place, 'nothing of X that is known')
  }
}

function signalsOfAnswer(answer: ExactObject, place: string, url: string | undefined, hearing: Hearing): Iterable<Signal> | undefined {
  if (isFlat(answer) && !('data' in answer)) {
    const { __twarc, ...tweet } = answer
    return signalsOfV2({ data: tweet, __twarc }, url, hearing)
  }
  if (isTweetRow(answer)) return signalsOfTweetRow(answer, place, hearing)
  if (isStockTwits(answer)) return signalsOfMessage(answer, place, hearing, true)
  if (isCompliance(answer)) return signalsOfCompliance(answer, place, hearing)
  const messages = objectsIn(answer['messages'])
  if (messages.length > 0 && messages.every(isStockTwits)) {
    return messages.flatMap((message, i) => [...signalsOfMessage(message, `message ${i + 1}`, hearing, false)])
  }
  return isV2(answer) || isErrorsOnly(answer) ? signalsOfV2(answer, url, hearing) : undefined
}

/** Only errors about single resources: what was asked for by id is gone. */
const isErrorsOnly = (answer: ExactObject): boolean =>
  answer['data'] === undefined && objectsIn(answer['errors']).length > 0 && objectsIn(answer['errors']).every((error) => 'resource_type' in error)

/**
 * What an answer reports instead of data: a problem (RFC 9457), the errors of a stream that X ends, or the errors of older APIs;
 * undefined where it is an answer. Errors about single resources are parts of one.
 */
function problemIn(answer: ExactObject): string | undefined {
  if (answer['data'] !== undefined && answer['data'] !== null && Object.keys(exactObject(answer['data']) ?? { list: true }).length > 0) return undefined
  const said = (object: ExactObject): string | undefined => {
    const parts = [object['title'] ?? object['message'] ?? object['error'], object['detail']].flatMap((part) => exactString(part) ?? [])
    return parts.length === 0 ? undefined : [...new Set(parts)].join(': ')
  }
  const isProblem = ('title' in answer && ('type' in answer || 'detail' in answer || 'status' in answer)) || ('error' in answer && !('data' in answer))
  if (isProblem) return said(answer)
  const errors = objectsIn(answer['errors'])
  if (errors.length === 0 || errors.every((error) => 'resource_type' in error)) return undefined
  return errors.map((error) => said(error) ?? 'an error without words').join('; ')
}

/** Tweets and users share this form; only some reasons and fields are of tweets alone. */
function* signalsOfCompliance(row: ExactObject, place: string, hearing: Hearing): Generator<Signal> {
  const id = idOf(row), reason = exactString(row['reason'])
  const isTweet = 'redacted_at' in row || reason === 'deleted'
  if (id === undefined || !isTweet || exactString(row['action']) !== 'delete') {
    return hearing.reject(place, 'of compliance, and not said to be of a deleted tweet')
  }
  yield removalSignal(id, instantOf(row['redacted_at']), { reason }, hearing)
}

function* readTable(name: string, text: string, hearing: Hearing): Generator<Signal> {
  const firstLine = text.slice(0, text.indexOf('\n') < 0 ? undefined : text.indexOf('\n')).trimEnd()
  const csv = firstLine.includes(',') ? openCsv(text, name) : undefined
  const reader = csv === undefined ? undefined : twitterTable(csv, hearing)
  if (csv === undefined || reader === undefined) return refuse(name, `no payload of X (it starts ${JSON.stringify(firstLine.slice(0, 40))})`)
  let rows = 0
  for (const row of csv.rows()) {
    rows++
    const signal = row.whole ? reader(row) : `expected ${csv.columns.length} columns, found ${row.cells.length}`
    if (typeof signal === 'string') hearing.reject(`line ${row.line}`, signal)
    else yield signal
  }
  if (rows === 0) hearing.reject('table', 'no rows')
}
