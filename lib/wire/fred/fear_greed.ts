/**
 * Indices of fear and greed, from 0 (fear) to 100, as series of observations: CNN's for stocks (its JSON, what others keep of it, its old page),
 * and that of alternative.me for crypto. An index is a measure that somebody computes every day, no event that was scheduled.
 */
import { DAY_MS, formatInstant, type Millis, type Signal } from '#record'
import type { Reading } from '#port/payload'
import { newYorkMillis } from '#domain/market/session'
import { readEpoch, readMillis, readMoment } from '../dates.ts'
import { exactDecimal, exactId, exactList, exactObject, exactString, Numeral, type Exact, type ExactObject } from '../json_exact.ts'
import { happened, type Hearing } from '../signal.ts'
import { textOfHtml } from '../html_text.ts'

interface Point {
  readonly series: string
  readonly service: 'cnn' | 'alternative.me'
  readonly atMs: Millis
  readonly value: string
  readonly rating: string | undefined
  readonly dated?: string | undefined
  readonly statedDate?: string | undefined
}

function pointSignal({ series, service, atMs, value, rating, dated, statedDate }: Point, { by, heardMs }: Hearing): Signal {
  return happened({
    type: 'observation', key: `${service}:${series}/${formatInstant(atMs)}`, source: `${service}/fear_greed`, subject: `series:${series}`,
    atMs, knownMs: heardMs,
    facts: { value, rating: rating?.toLowerCase(), dated, stated_date: statedDate },
  }, by)
}

/** Whether the value is one of these indices. */
export function isFearGreed(value: Exact): value is ExactObject {
  const object = exactObject(value)
  return object !== undefined && (isScore(object) || exactObject(object['fear_and_greed']) !== undefined || isAlternative(object))
}

const isScore = (object: ExactObject): boolean => object['score'] !== undefined && object['rating'] !== undefined && object['timestamp'] !== undefined
const isAlternative = (object: ExactObject): boolean =>
  /fear (and|&) greed/i.test(exactString(object['name']) ?? '') && exactList(object['data']) !== undefined

export function* fearGreedSignals(object: ExactObject, hearing: Hearing, reading: Reading): Generator<Signal> {
  if (isAlternative(object)) {
    for (const [i, each] of (exactList(object['data']) ?? []).entries()) {
      const row = exactObject(each) ?? {}
      const atMs = readEpoch(exactId(row['timestamp']) ?? '')
      yield* point('CRYPTO_FEAR_GREED', 'alternative.me', atMs, row['value'], row['value_classification'], `day ${i + 1}`, hearing, reading)
    }
    return
  }
  if (isScore(object)) yield* score('CNN_FEAR_GREED', object, 'score', hearing, reading)
  for (const [name, each] of Object.entries(object)) {
    const part = exactObject(each)
    if (part === undefined) continue
    const series = /^fear_and_greed(_historical)?$/.test(name) ? 'CNN_FEAR_GREED' : `CNN_FEAR_GREED/${name}`
    if (isScore(part)) yield* score(series, part, name, hearing, reading)
    // Only of the index itself is the history a history of scores: that of its parts is of what they measure.
    for (const [i, day] of (name === 'fear_and_greed_historical' ? (exactList(part['data']) ?? []) : []).entries()) {
      const { x, y, rating } = exactObject(day) ?? {}
      yield* point(series, 'cnn', epochOf(x), y, rating, `${name}, day ${i + 1}`, hearing, reading)
    }
  }
}

function* score(series: string, object: ExactObject, place: string, hearing: Hearing, reading: Reading): Generator<Signal> {
  const text = exactString(object['timestamp'])
  const moment = text === undefined ? undefined : readMoment(text)
  const atMs = moment?.ms ?? epochOf(object['timestamp'])
  yield* point(series, 'cnn', atMs, object['score'], object['rating'], place, hearing, reading, moment?.zoned === false ? 'no zone' : undefined)
}

/** Milliseconds, which CNN writes as `1705352400000.0`. */
const epochOf = (value: Exact | undefined): Millis | undefined =>
  value instanceof Numeral ? readEpoch(value.text.replace(/\.0*$/, '')) : readMillis(exactString(value) ?? '')

function* point(
  series: string, service: Point['service'], atMs: Millis | undefined, value: Exact | undefined, rating: Exact | undefined, place: string,
  hearing: Hearing, reading: Reading, dated?: string,
): Generator<Signal> {
  const decimal = exactDecimal(value)
  if (atMs === undefined || decimal === undefined) reading.reject(place, 'no moment or no value')
  else yield pointSignal({ series, service, atMs, value: decimal, rating: exactString(rating), dated }, hearing)
}

/** Whether a page is CNN's of the index. */
export const isFearGreedPage = (html: string): boolean => /Fear (&amp;|&) Greed Now:/.test(html)

/** The page's own words: its clock is New York's, and it does not say the year. */
export function* pageSignals(html: string, hearing: Hearing): Generator<Signal> {
  const from = html.search(/Fear (&amp;|&) Greed Now:/)
  const text = textOfHtml(html.slice(from, from + 4000))
  const [, value, rating] = /^Fear & Greed Now: (\d{1,3}) \(([A-Za-z ]+)\)/.exec(text) ?? []
  const stated = /Last updated ([A-Z][a-z]{2} \d{1,2} at \d{1,2}:\d\d[ap]m)/.exec(text)?.[1]
  if (value === undefined) return
  const atMs = lately(stated, hearing.heardMs)
  const day = Math.floor(hearing.heardMs / DAY_MS) * DAY_MS
  const standIn = atMs === undefined ? { atMs: day, dated: 'hearing', statedDate: stated } : { atMs }
  yield pointSignal({ series: 'CNN_FEAR_GREED', service: 'cnn', value, rating, ...standIn }, hearing)
}

/** The page is renewed every day: the date is of the week before it was heard, or of a year that is not said. */
const RENEWED_MS = 7 * DAY_MS

function lately(stated: string | undefined, heardMs: Millis): Millis | undefined {
  const [, words = '', hour, minute, half] = /^([A-Z][a-z]{2} \d{1,2}) at (\d{1,2}):(\d\d)([ap]m)$/.exec(stated ?? '') ?? []
  const year = new Date(heardMs).getUTCFullYear()
  for (const each of [year, year - 1]) {
    const day = readMoment(`${words} ${each}`)
    if (day?.unit !== 'day') continue
    const ms = newYorkMillis(formatInstant(day.ms).slice(0, 10), (Number(hour) % 12) + (half === 'pm' ? 12 : 0), Number(minute))
    if (ms !== undefined && ms <= heardMs && ms > heardMs - RENEWED_MS) return ms
  }
  return undefined
}
