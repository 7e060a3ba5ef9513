/** Economic calendars of the past as people keep them, in CSV: what their columns are called differs, what they hold does not. */
import { DAY_MS, MINUTE_MS, type Millis } from '#record'
import type { Reading } from '#port/payload'
import { openCsv } from '../csv/rows.ts'
import { readMoment } from '../dates.ts'
import { instantIn, minuteOf, zoneOf, type Shown } from './clock.ts'
import type { Event } from './event.ts'

/** What each column may be called, the first that is there. */
const NAMES = {
  event: ['event', 'title', 'name'],
  currency: ['currency', 'ccy'],
  country: ['country'],
  impact: ['impact', 'importance'],
  actual: ['actual'],
  forecast: ['forecast', 'consensus', 'estimate'],
  previous: ['previous', 'prior'],
  stamp: ['ts_utc', 'timestamp_utc', 'datetime_utc', 'time_utc_iso', 'timestamp', 'datetime'],
  date: ['date'],
  time: ['time', 'time_et'],
  timeUtc: ['time_utc'],
} as const
type Column = keyof typeof NAMES
type Columns = { readonly [C in Column]: string | undefined }

/** Undefined where the header is of no calendar: it names no event, no place or no date. */
export function calendarColumns(header: string): Columns | undefined {
  const present = header.split(',').map((column) => column.trim().replaceAll('"', ''))
  const called = (name: string): string | undefined => present.find((column) => column.toLowerCase() === name)
  const find = (names: readonly string[]): string | undefined => names.map(called).find((column) => column !== undefined)
  const columns = Object.fromEntries(Object.entries(NAMES).map(([column, names]) => [column, find(names)])) as Columns
  const { event, currency, country, stamp, date } = columns
  return event === undefined || (currency ?? country) === undefined || (stamp ?? date) === undefined ? undefined : columns
}

interface Row extends Shown {
  readonly line: number
  readonly time: string
  readonly utcMinute: number | undefined
  readonly event: Omit<Event, 'atMs' | 'time'>
}

export function* tableEvents(text: string, name: string, columns: Columns, reading: Reading): Generator<Event> {
  const rows: Row[] = []
  for (const { line, whole, cell } of openCsv(text, name).rows()) {
    const at = (column: Column): string | undefined => {
      const value = columns[column] === undefined ? '' : cell(columns[column])
      return value === '' ? undefined : value
    }
    const title = at('event'), region = at('currency') ?? regionOf(at('country'))
    if (!whole) reading.reject(`line ${line}`, 'more or fewer cells than the header')
    else if (title === undefined || region === undefined) reading.reject(`line ${line}`, 'no title or no currency')
    else {
      const event = {
        calendar: 'history', title, region, impact: at('impact'),
        forecast: at('forecast'), previous: at('previous'), actual: at('actual'), isHistory: true,
      }
      const stamp = at('stamp')
      if (stamp !== undefined) yield* stamped(stamp, line, event, reading)
      else {
        const time = at('time') ?? at('timeUtc') ?? ''
        rows.push({ line, date: at('date') ?? '', time, minute: minuteOf(time), utcMinute: minuteOf(at('timeUtc') ?? ''), title, region, event })
      }
    }
  }
  yield* clocked(rows, reading)
}

const COUNTRIES: Readonly<Record<string, string>> = { 'united states': 'USD', us: 'USD', usa: 'USD' }
const regionOf = (country: string | undefined): string | undefined =>
  country === undefined ? undefined : Object.hasOwn(COUNTRIES, country.toLowerCase()) ? COUNTRIES[country.toLowerCase()] : country

/** Midnight to the second stands for a date without a time. */
function* stamped(stamp: string, line: number, event: Omit<Event, 'atMs' | 'time'>, reading: Reading): Generator<Event> {
  const moment = readMoment(stamp)
  if (moment === undefined) return reading.reject(`line ${line}`, 'no date')
  const isDay = moment.unit === 'day' || moment.ms % DAY_MS === 0
  yield { ...event, atMs: moment.ms, time: isDay ? 'day' : undefined, zoneUnknown: !moment.zoned && !isDay }
}

function* clocked(rows: readonly Row[], reading: Reading): Generator<Event> {
  const told = zoneOf(rows)
  for (const row of rows) {
    const { date, minute, utcMinute, time, line, event } = row
    const atMs = minute !== undefined && utcMinute !== undefined ? inOwnZone(date, minute, utcMinute) : instantIn(told ?? 'UTC', date, minute ?? 0)
    if (atMs === undefined) reading.reject(`line ${line}`, 'no date')
    else {
      yield {
        ...event, atMs, time: minute === undefined ? (time === '' ? 'day' : time.toLowerCase()) : undefined,
        zoneUnknown: minute !== undefined && utcMinute === undefined && told === undefined,
      }
    }
  }
}

/** The date is of the same clock as the time; beside it stands the time in UTC, so the difference of the two is the zone. */
function inOwnZone(date: string, minute: number, utcMinute: number): Millis | undefined {
  const DAY = 24 * 60
  const ahead = ((minute - utcMinute + DAY + DAY / 2) % DAY) - DAY / 2
  const midnight = instantIn('UTC', date, 0)
  return midnight === undefined ? undefined : midnight + (minute - ahead) * MINUTE_MS
}
