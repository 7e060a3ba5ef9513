/**
 * New York time and the regular session of the US exchanges (09:30 to 16:00), from the rules of daylight saving alone, so that no
 * machine's zone database decides what was known when. Rules: Uniform Time Act as amended in 1986 (first Sunday of April to
 * last Sunday of October) and the Energy Policy Act of 2005, from 2007 on (second Sunday of March to first Sunday of
 * November), each at 02:00 local time. Years before 1987 get the rule of 1987. Which days have a session, and which close early, is
 * in calendar.ts.
 */
import { DAY_MS, HOUR_MS, MINUTE_MS, formatInstant, parseInstant, type Millis } from '#record'
import { OPEN_MINUTE, closeMinuteOf } from './calendar.ts'
import { SUNDAY, epochDay, weekdayFrom, yearOf } from './days.ts'

export { epochDay } from './days.ts'

const STANDARD_MS = -5 * HOUR_MS
const DAYLIGHT_MS = -4 * HOUR_MS
const MS_PER_YEAR = 365.2425 * DAY_MS

interface Daylight {
  /** First and last day of daylight saving, as days since 1970. */
  readonly from: number
  readonly to: number
}
const daylightByYear = new Map<number, Daylight>()

function daylightOf(year: number): Daylight {
  let daylight = daylightByYear.get(year)
  if (daylight === undefined) {
    daylight = year >= 2007
      ? { from: sundayFrom(year, 3, 8), to: sundayFrom(year, 11, 1) }
      : { from: sundayFrom(year, 4, 1), to: sundayFrom(year, 10, 25) }
    if (daylightByYear.size < 1000) daylightByYear.set(year, daylight)
  }
  return daylight
}

const sundayFrom = (year: number, month: number, day: number): number => weekdayFrom(epochDay(year, month, day), SUNDAY)

/** How far New York is ahead of UTC at an instant from 1970 on: minus five hours, minus four in summer. */
export function newYorkOffset(atMs: Millis): number {
  // A day off around New Year does no harm: both sides of it are winter.
  const { from, to } = daylightOf(1970 + Math.floor(atMs / MS_PER_YEAR))
  const daylight = atMs >= from * DAY_MS + 7 * HOUR_MS && atMs < to * DAY_MS + 6 * HOUR_MS
  return daylight ? DAYLIGHT_MS : STANDARD_MS
}

/**
 * The instant of a wall-clock time in New York, on the day `day` counted from 1970-01-01. A time that occurs twice is the
 * first of the two, one that the clocks skip is read as standard time.
 */
export function newYorkInstant(year: number, day: number, msOfDay: number): Millis {
  const { from, to } = daylightOf(year)
  const local = day * DAY_MS + msOfDay
  const daylight = local >= from * DAY_MS + 3 * HOUR_MS && local < to * DAY_MS + 2 * HOUR_MS
  return local - (daylight ? DAYLIGHT_MS : STANDARD_MS)
}

/** The instant of a New York wall-clock time; undefined where `date` is no day of the calendar (`2021-01-15`). */
export function newYorkMillis(date: string, hour: number, minute: number, second = 0): Millis | undefined {
  const midnight = parseInstant(`${date}T00:00:00Z`)
  if (midnight === undefined) return undefined
  return newYorkInstant(Number(date.slice(0, 4)), midnight / DAY_MS, hour * HOUR_MS + minute * MINUTE_MS + second * 1000)
}

/** 09:30 New York on a trading date; undefined where it is no date. */
export const sessionOpen = (date: string): Millis | undefined => newYorkMillis(date, 9, 30)

/**
 * 16:00 New York on a date, when even the longest session is over; undefined where it is no date. What is dated by it says so whether or not
 * there was a session.
 */
export const sessionClose = (date: string): Millis | undefined => newYorkMillis(date, 16, 0)

/** The New York calendar date of an instant, `2021-01-15`. */
export const newYorkDate = (atMs: Millis): string => formatInstant(atMs + newYorkOffset(atMs)).slice(0, 10)

/** Days from 1970-01-01 to the New York date of an instant. */
export const newYorkDay = (atMs: Millis): number => Math.floor((atMs + newYorkOffset(atMs)) / DAY_MS)

/** Minutes since midnight on New York's clocks, with fractions. */
export function newYorkMinute(atMs: Millis): number {
  const localMs = atMs + newYorkOffset(atMs)
  return (localMs - Math.floor(localMs / DAY_MS) * DAY_MS) / MINUTE_MS
}

export interface Session {
  readonly openMs: Millis
  readonly closeMs: Millis
}

/** The regular session of a New York day, counted from 1970: early closes are kept; undefined where there is none. */
export function sessionOf(day: number): Session | undefined {
  const closeMinute = closeMinuteOf(day)
  if (closeMinute === undefined) return undefined
  const year = yearOf(day)
  return { openMs: newYorkInstant(year, day, OPEN_MINUTE * MINUTE_MS), closeMs: newYorkInstant(year, day, closeMinute * MINUTE_MS) }
}

/** Whether an instant lies within a regular session, its end excluded. */
export function isInSession(atMs: Millis): boolean {
  const minute = newYorkMinute(atMs)
  return minute >= OPEN_MINUTE && minute < (closeMinuteOf(newYorkDay(atMs)) ?? OPEN_MINUTE)
}
