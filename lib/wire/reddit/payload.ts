/** A recorded Reddit payload, told by its content and never by its name, as signals in the payload's own order. */
import type { Signal } from '#record'
import { Failure } from '#port/failure'
import type { Log } from '#port/log'
import { apiError, signalsOfThing, thingsOf } from './api.ts'
import { signalsOfFeed } from './feed.ts'
import { isRow, isSnapshotHeader, isThingRow, signalsOfRow, snapshotReader, type Fault } from './rows.ts'
import type { Hearing } from './signals.ts'

export interface Reading extends Hearing {
  readonly log: Log
  /** End at the first bad row with Failure `data`, instead of saying where it is and going on. */
  readonly strict?: boolean
}

/** So many bad rows are named; of the others only the number is told. */
const NAMED_FAULTS = 5

/**
 * Read one payload: NDJSON of posts or comments, the CSV of hourly snapshots, an API answer, a feed. `name` is for messages.
 * Throws Failure `data` on HTML, an error body and anything that is no Reddit payload.
 */
export function* redditSignals(name: string, content: Buffer, reading: Reading): Generator<Signal> {
  const text = content.toString('utf8').replace(/^\ufeff/, '')
  let bad = 0
  for (const { place, signal, fault } of read(name, text, reading)) {
    if (signal !== undefined) {
      yield signal
      continue
    }
    const message = `${name}:${place}: ${fault ?? 'expected an id and a time'}`
    if (reading.strict === true) throw new Failure('data', message)
    if (++bad <= NAMED_FAULTS) reading.log.warn(message)
  }
  if (bad > 0) reading.log.warn(`${name}: ${bad} bad rows left out`, { bad })
}

interface Read {
  /** Line, or entry of an answer or feed, from 1. */
  readonly place: number | string
  readonly signal?: Signal | undefined
  readonly fault?: string
}

function read(name: string, text: string, reading: Reading): Iterable<Read> {
  const start = text.trimStart()
  if (start === '') throw new Failure('data', `${name}: empty`)
  if (isFeed(start)) return readFeed(name, start, reading)
  if (start.startsWith('<')) return refuse(name, 'an HTML page, not a Reddit payload')
  if (start.startsWith('{') || start.startsWith('[')) return readJson(name, text, reading)
  const header = text.slice(0, endOfLine(text, 0)).trimEnd()
  if (isSnapshotHeader(header)) return readSnapshots(header, text, reading)
  return refuse(name, `not a Reddit payload (it starts ${JSON.stringify(header.slice(0, 40))})`)
}

function refuse(name: string, what: string): never {
  throw new Failure('data', `${name}: ${what}`)
}

const isFeed = (xml: string): boolean => /^(?:<\?xml[^>]*\?>)?\s*(?:<!--.*?-->\s*)*<(?:feed|rss)[\s>]/s.test(xml)
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

function readJson(name: string, text: string, reading: Reading): Iterable<Read> {
  let probed = 0
  for (const { line } of linesOf(text)) {
    if (isThingRow(parse(line)?.value)) return readRows(text, reading)
    if (++probed >= PROBED) break
  }
  const answer = parse(text)
  if (answer === undefined) return refuse(name, 'neither JSON nor NDJSON of posts or comments')
  const things = thingsOf(answer.value)
  const error = apiError(answer.value)
  if (error !== undefined) return refuse(name, `Reddit answered with an error: ${error}`)
  return things === undefined ? refuse(name, 'JSON, but no Reddit listing, thread or posts') : readThings(things, reading)
}

function* readRows(text: string, reading: Reading): Generator<Read> {
  for (const { line, number: place } of linesOf(text)) {
    const row = parse(line)?.value
    const signals = isRow(row) ? signalsOfRow(row, reading) : { expected: 'expected a JSON object' }
    if (isFault(signals)) yield { place, fault: signals.expected }
    else for (const signal of signals) yield { place, signal }
  }
}

const isFault = (result: object): result is Fault => 'expected' in result

function* readSnapshots(header: string, text: string, reading: Reading): Generator<Read> {
  const snapshotOf = snapshotReader(header, reading)
  for (const { line, number: place } of linesOf(text)) {
    if (place === 1) continue
    const signal = snapshotOf(line.trimEnd())
    yield isFault(signal) ? { place, fault: signal.expected } : { place, signal }
  }
}

function* readThings(things: ReturnType<typeof thingsOf> & object, reading: Reading): Generator<Read> {
  for (const [i, thing] of things.entries()) {
    for (const signal of signalsOfThing(thing, reading)) yield { place: `thing ${i + 1}`, signal }
  }
}

function* readFeed(name: string, xml: string, reading: Reading): Generator<Read> {
  const signals = signalsOfFeed(xml, reading)
  for (let i = 1; ; i++) {
    const next = attempt(name, () => signals.next())
    if (next.done === true) return
    yield { place: `entry ${i}`, signal: next.value }
  }
}

function attempt<T>(name: string, step: () => T): T {
  try {
    return step()
  } catch (error) {
    throw new Failure('data', `${name}: ${error instanceof Error ? error.message : String(error)}`, error)
  }
}
