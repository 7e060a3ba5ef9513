/**
 * ForexFactory's calendar (https://www.forexfactory.com/calendar, exports at nfs.faireconomy.media): JSON with offsets, and XML whose
 * dates are month first by the week and day first by the month, with clocks of a zone that is not said.
 */
import type { Reading } from '#port/payload'
import { readMoment } from '../dates.ts'
import { decodeEntities } from '../html_text.ts'
import { exactId, exactList, exactObject, exactString, type Exact, type ExactObject } from '../json_exact.ts'
import { elementsIn, textIn, type Document, type Element } from '../feed/xml.ts'
import { instantIn, minuteOf, zoneOf, type Shown, type Zone } from './clock.ts'
import type { Event } from './event.ts'

const CALENDAR = 'forexfactory'

/** Whether a list is of this calendar's events. */
export function forexFactoryRows(value: Exact): readonly ExactObject[] | undefined {
  const rows = exactList(value)?.map((each) => exactObject(each) ?? {})
  const isRow = (row: ExactObject): boolean => ['title', 'country', 'date', 'impact'].every((member) => row[member] !== undefined)
  return rows?.some(isRow) === true ? rows : undefined
}

export function* jsonEvents(rows: readonly ExactObject[], reading: Reading): Generator<Event> {
  for (const [i, row] of rows.entries()) {
    const text = (name: string): string | undefined => exactString(row[name])?.trim()
    const title = text('title'), region = text('country'), moment = readMoment(text('date') ?? '')
    if (title === undefined || region === undefined) reading.reject(`event ${i + 1}`, 'no title or no currency')
    else if (moment === undefined) reading.reject(`event ${i + 1}`, 'no date')
    else {
      yield {
        calendar: CALENDAR, id: exactId(row['id']), title, region, atMs: moment.ms, zoneUnknown: !moment.zoned && moment.unit !== 'day',
        time: moment.unit === 'day' ? 'day' : undefined,
        impact: text('impact'), forecast: text('forecast'), previous: text('previous'), actual: text('actual'),
      }
    }
  }
}

export const isForexFactory = ({ root }: Document): boolean => /^(weekly|monthly|daily)events$/.test(root.name)

interface Read extends Shown {
  readonly place: string
  readonly time: string
  field(name: string): string | undefined
}

export function* xmlEvents({ root, fault }: Document, name: string, reading: Reading): Generator<Event> {
  if (fault !== undefined) reading.log.warn(`${name}: not well formed (${fault}); read as far as it goes`)
  const rows: Read[] = []
  // Where two exports were joined, the second stands beside the first, or what is left of it.
  const elements = eventsIn(root)
  const monthFirst = isMonthFirst(elements, root.name)
  for (const [i, element] of elements.entries()) {
    const field = (tag: string): string | undefined => fieldOf(element, tag)
    const title = field('title'), region = field('currency') ?? field('country'), date = isoDate(field('date') ?? '', monthFirst)
    const place = `event ${i + 1}`
    if (!element.whole) reading.reject(place, 'cut off: the calendar ends within it')
    else if (title === undefined || region === undefined) reading.reject(place, 'no title or no currency')
    else if (date === undefined) reading.reject(place, 'no date')
    else {
      const time = field('time') ?? ''
      rows.push({ place, title, region, date, time, minute: minuteOf(time), field })
    }
  }
  if (elements.length === 0) reading.reject('calendar', 'a calendar without events')
  const told = zoneOf(rows)
  const zone: Zone = told ?? (root.name === 'monthlyevents' ? 'New York' : 'UTC')
  for (const { title, region, date, time, minute, field, place } of rows) {
    const atMs = instantIn(zone, date, minute ?? 0)
    if (atMs === undefined) {
      reading.reject(place, 'no date')
      continue
    }
    yield {
      calendar: CALENDAR, title, region, atMs, time: minute === undefined ? (time === '' ? 'day' : time.toLowerCase()) : undefined,
      zoneUnknown: told === undefined && minute !== undefined,
      impact: field('impact'), forecast: field('forecast'), previous: field('previous'), actual: field('actual'),
    }
  }
}

const eventsIn = (element: Element): readonly Element[] =>
  elementsIn(element).flatMap((each) => (each.name === 'event' ? [each, ...eventsIn(each)] : /events$/.test(each.name) ? eventsIn(each) : []))

/** Some copies hold the marks of CDATA as text, escaped once too often. */
function fieldOf(element: Element, tag: string): string | undefined {
  const child = elementsIn(element).find(({ name }) => name === tag)
  const text = child === undefined ? '' : textIn(child).trim()
  const inside = /^<!\[CDATA\[([^]*)\]\]>$/.exec(text)?.[1] ?? text
  const plain = decodeEntities(inside).trim()
  return plain === '' ? undefined : plain
}

/** A number above twelve is a day; else it is as the export of its length writes it. */
function isMonthFirst(elements: readonly Element[], root: string): boolean {
  for (const element of elements) {
    const [, first, second] = DATE.exec(fieldOf(element, 'date') ?? '') ?? []
    if (Number(first) > 12) return false
    if (Number(second) > 12) return true
  }
  return root !== 'monthlyevents'
}

const DATE = /^(\d\d?)-(\d\d?)-(\d{4})$/

function isoDate(text: string, monthFirst: boolean): string | undefined {
  const [, first = '', second = '', year = ''] = DATE.exec(text) ?? []
  if (year === '') return undefined
  const [month, day] = monthFirst ? [first, second] : [second, first]
  const date = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`
  return readMoment(date) === undefined ? undefined : date
}
