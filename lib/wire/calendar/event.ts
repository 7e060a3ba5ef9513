/**
 * Events of economic calendars as signals. A forecast is known when it was heard, an actual only after the event. An event that is moved
 * keeps its key, so the key holds no time: calendars give no ids, and name an event by what it is and the period it falls into.
 */
import { DAY_MS, formatInstant, HOUR_MS, type Millis, type Signal } from '#record'
import { signalOf, type Hearing } from '../signal.ts'
import { figureOf, surpriseOf } from './figures.ts'

export interface Event {
  /** `forexfactory`. */
  readonly calendar: string
  /** The calendar's own id, where it gives one. */
  readonly id?: string | undefined
  readonly title: string
  /** The currency that it moves, `USD`; else the country. */
  readonly region: string
  readonly atMs: Millis
  /** What stands in place of a time of day: `tentative`, `all day`, `day 2`; `day` where only a date is stated. */
  readonly time?: string | undefined
  /** Its clock has no zone that was stated or could be told. */
  readonly zoneUnknown?: boolean
  readonly impact?: string | undefined
  readonly forecast?: string | undefined
  readonly previous?: string | undefined
  readonly actual?: string | undefined
  /** It stands in a record of the past: public by the time of the event, if that is over. */
  readonly isHistory?: boolean
}

/** The events of one payload. Of several with the same name in the same period, the later ones are numbered by their time. */
export function eventSignals(events: readonly Event[], hearing: Hearing): Signal[] {
  const byKey = new Map<string, Event[]>()
  for (const event of events) {
    const key = periodKey(event)
    const same = byKey.get(key)
    if (same === undefined) byKey.set(key, [event])
    else same.push(event)
  }
  const keys = new Map<Event, string>()
  for (const [key, same] of byKey) {
    const times = [...new Set(same.map(({ atMs }) => atMs))].sort((a, b) => a - b)
    for (const [nth, atMs] of times.entries()) {
      const numbered = nth === 0 ? key : `${key}#${nth + 1}`
      for (const [i, event] of same.filter((each) => each.atMs === atMs).entries()) {
        // The same event told again is the same. Records of the past do not tell apart several figures of one release: by their order.
        keys.set(event, event.isHistory === true && i > 0 ? `${numbered}/${i + 1}` : numbered)
      }
    }
  }
  return events.map((event) => eventSignal(event, keys.get(event) ?? periodKey(event), hearing))
}

/** Told every week, or oftener; everything else comes once a month or less. */
const WEEKLY = new RegExp([
  'claims', 'inventor', 'storage', 'stocks? change', 'auction', 'speaks', 'speech', 'testif', 'weekly', 'redbook', 'rig count',
  'net positions', 'balance sheet', 'mortgage applications', 'mba ', 'bill ', 'holiday', 'meeting', 'press conference',
  'votes?\\b',
].join('|'), 'i')

function periodKey({ calendar, id, title, region, atMs }: Event): string {
  if (id !== undefined) return `calendar:${calendar}/${id}`
  const period = WEEKLY.test(title) ? weekOf(atMs) : formatInstant(atMs).slice(0, 7)
  return `calendar:${calendar}/${region}/${title}/${period}`
}

/** The Monday of the week, `2026-08-17w`; weeks are New York's near enough, whose Sunday evening is the markets' Monday. */
function weekOf(atMs: Millis): string {
  // 1970-01-01 was a Thursday.
  const day = Math.floor((atMs + 2 * HOUR_MS) / DAY_MS)
  return `${formatInstant((day - ((((day + 3) % 7) + 7) % 7)) * DAY_MS).slice(0, 10)}w`
}

function eventSignal(event: Event, key: string, { by, heardMs }: Hearing): Signal {
  const { calendar, title, region, atMs, time, impact, zoneUnknown, isHistory } = event
  const actual = figureOf(event.actual), forecast = figureOf(event.forecast), previous = figureOf(event.previous)
  // Of a day alone, or of something that takes a day, all is over when the day is.
  const overMs = time === undefined ? atMs : atMs + DAY_MS
  const knownMs = isHistory === true && overMs <= heardMs ? overMs : actual === undefined ? heardMs : Math.max(heardMs, overMs)
  const figure = actual ?? forecast ?? previous
  return signalOf({
    type: 'event', key, source: `calendar/${calendar}`, subject: `event:${region}/${title}`, atMs, knownMs,
    facts: {
      title, impact: impact?.toLowerCase(), time, dated: zoneUnknown === true ? 'no zone' : undefined,
      actual: actual?.text, forecast: forecast?.text, previous: previous?.text,
      actual_value: actual?.value, forecast_value: forecast?.value, previous_value: previous?.value,
      unit: figure?.unit === '' ? undefined : figure?.unit,
      surprise: surpriseOf(actual, forecast),
    },
  }, by)
}
