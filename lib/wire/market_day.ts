/** Days as tables of the market write them, and the day of trading that something belongs to. */
import { DAY_MS, formatInstant, parseInstant, type Millis } from '#record'
import { tradingDayUntil } from '#domain/market/calendar'
import { newYorkDay } from '#domain/market/session'

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC']

/** `2021-01-15` from that, `20210115`, `01/15/2021`, `01/15/21` (month first) or `15JAN21`; undefined where it is no day of the calendar. */
export function dayText(text: string | undefined): string | undefined {
  const trimmed = text?.trim().toUpperCase() ?? ''
  const [, year, month, day] = /^(\d{4})-?(\d\d)-?(\d\d)(?!\d)/.exec(trimmed) ?? american(trimmed) ?? short(trimmed) ?? []
  if (year === undefined || month === undefined || day === undefined) return undefined
  const date = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`
  return parseInstant(`${date}T00:00:00Z`) === undefined ? undefined : date
}

function american(text: string): readonly string[] | undefined {
  const [, month, day, year] = /^(\d\d?)\/(\d\d?)\/(\d{4}|\d\d)$/.exec(text) ?? []
  if (month === undefined || day === undefined || year === undefined) return undefined
  return ['', year.length === 2 ? `20${year}` : year, month, day]
}

function short(text: string): readonly string[] | undefined {
  const [, day, name = '', year = ''] = /^(\d\d?)([A-Z]{3})(\d\d)$/.exec(text) ?? []
  const month = MONTHS.indexOf(name) + 1
  return day === undefined || month === 0 ? undefined : ['', `20${year}`, String(month), day]
}

/** Whether something can have happened then: after 1970, and before what was heard of it, but for a clock that runs ahead by a day. */
export const isBelievable = (atMs: Millis, heardMs: Millis): boolean => atMs > 0 && atMs <= heardMs + DAY_MS

const dateOf = (day: number): string => formatInstant(day * DAY_MS).slice(0, 10)

/** The day of the US exchanges to which a moment belongs: its own in New York, or the last one with trading. */
export const tradingDayOf = (atMs: Millis): string => dateOf(tradingDayUntil(newYorkDay(atMs)))

/** The last day with trading before a date, which has been checked. */
export function tradingDayBefore(date: string): string {
  const ms = parseInstant(`${date}T00:00:00Z`)
  return ms === undefined ? date : dateOf(tradingDayUntil(ms / DAY_MS - 1))
}
