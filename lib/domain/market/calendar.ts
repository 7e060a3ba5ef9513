/**
 * The days on which the US stock exchanges trade, and until when, from 1990 on: holidays by rule (NYSE rule 7.2; Nasdaq Equity 4 keeps the same
 * days), closures that no rule foretells as a table (NYSE, "Special closings"). Before 1990 the rules of 1990 are used.
 */
import {
  MONDAY, SATURDAY, SUNDAY, THURSDAY, TUESDAY, WEDNESDAY, easterOf, epochDay, weekdayFrom, weekdayOf, yearOf,
} from './days.ts'

/** Minutes of the New York day at which the regular session opens and closes. */
export const OPEN_MINUTE = 9 * 60 + 30
export const CLOSE_MINUTE = 16 * 60
/** The early close; until 1992 it was at 14:00. */
const EARLY_CLOSE_MINUTE = 13 * 60
const EARLY_CLOSE_MINUTE_UNTIL_1992 = 14 * 60

/** Whole days without trading. */
const SPECIAL_CLOSURES: readonly (readonly [year: number, month: number, day: number, why: string])[] = [
  [1994, 4, 27, 'Mourning for Richard Nixon'],
  [2001, 9, 11, 'Attacks of September 11'], [2001, 9, 12, 'Attacks of September 11'],
  [2001, 9, 13, 'Attacks of September 11'], [2001, 9, 14, 'Attacks of September 11'],
  [2004, 6, 11, 'Mourning for Ronald Reagan'],
  [2007, 1, 2, 'Mourning for Gerald Ford'],
  [2012, 10, 29, 'Hurricane Sandy'], [2012, 10, 30, 'Hurricane Sandy'],
  [2018, 12, 5, 'Mourning for George H. W. Bush'],
  [2025, 1, 9, 'Mourning for Jimmy Carter'],
]

/** Early closes that follow no rule. Storms and halts that cut a session short at other times are not kept. */
const SPECIAL_EARLY_CLOSES: readonly (readonly [year: number, month: number, day: number, why: string])[] = [
  [1997, 12, 26, 'Day after Christmas'], [1999, 12, 31, 'Last day of the century'], [2003, 12, 26, 'Day after Christmas'],
]

/** What is unlike other days of a year: holidays by name (no close), early closes (a close). */
export interface OddDay {
  readonly name: string
  /** Minute of the New York day at which trading ends; undefined where there is none. */
  readonly closeMinute: number | undefined
}

const oddDaysByYear = new Map<number, ReadonlyMap<number, OddDay>>()

/** Every weekday of a year that is a holiday or closes early, as days since 1970. */
export function oddDaysOf(year: number): ReadonlyMap<number, OddDay> {
  let odd = oddDaysByYear.get(year)
  if (odd === undefined) {
    odd = findOddDays(year)
    if (oddDaysByYear.size < 1000) oddDaysByYear.set(year, odd)
  }
  return odd
}

let lastDay = NaN
let lastClose: number | undefined

/** The minute of the New York day at which the regular session of a day ends; undefined where there is none. */
export function closeMinuteOf(day: number): number | undefined {
  // Bars come in runs of one day.
  if (day === lastDay) return lastClose
  const weekday = weekdayOf(day)
  const odd = oddDaysOf(yearOf(day)).get(day)
  lastDay = day
  return (lastClose = weekday === SATURDAY || weekday === SUNDAY ? undefined : odd === undefined ? CLOSE_MINUTE : odd.closeMinute)
}

export const isTradingDay = (day: number): boolean => closeMinuteOf(day) !== undefined

/** The first trading day on or after a day. */
export function tradingDayFrom(day: number): number {
  let trading = day
  while (!isTradingDay(trading)) trading++
  return trading
}

/** The last trading day on or before a day. */
export function tradingDayUntil(day: number): number {
  let trading = day
  while (!isTradingDay(trading)) trading--
  return trading
}

function findOddDays(year: number): ReadonlyMap<number, OddDay> {
  const odd = new Map<number, OddDay>()
  const close = (day: number | undefined, name: string): void => void (day !== undefined && odd.set(day, { name, closeMinute: undefined }))
  close(newYearsDay(year), "New Year's Day")
  if (year >= 1998) close(weekdayFrom(epochDay(year, 1, 15), MONDAY), 'Martin Luther King Day')
  close(weekdayFrom(epochDay(year, 2, 15), MONDAY), "Washington's Birthday")
  close(easterOf(year) - 2, 'Good Friday')
  close(weekdayFrom(epochDay(year, 5, 25), MONDAY), 'Memorial Day')
  if (year >= 2022) close(nearestWeekday(epochDay(year, 6, 19)), 'Juneteenth')
  close(nearestWeekday(epochDay(year, 7, 4)), 'Independence Day')
  close(weekdayFrom(epochDay(year, 9, 1), MONDAY), 'Labor Day')
  const thanksgiving = weekdayFrom(epochDay(year, 11, 22), THURSDAY)
  close(thanksgiving, 'Thanksgiving')
  close(nearestWeekday(epochDay(year, 12, 25)), 'Christmas')
  for (const [y, month, day, why] of SPECIAL_CLOSURES) if (y === year) close(epochDay(y, month, day), why)

  const closeMinute = year < 1993 ? EARLY_CLOSE_MINUTE_UNTIL_1992 : EARLY_CLOSE_MINUTE
  const shorten = (day: number | undefined, name: string): void => void (day !== undefined && !odd.has(day) && odd.set(day, { name, closeMinute }))
  shorten(besideIndependenceDay(year), 'Independence Day')
  if (year >= 1992) shorten(thanksgiving + 1, 'Thanksgiving')
  const christmasEve = epochDay(year, 12, 24)
  if (weekdayOf(christmasEve) >= MONDAY && weekdayOf(christmasEve) <= THURSDAY) shorten(christmasEve, 'Christmas')
  for (const [y, month, day, why] of SPECIAL_EARLY_CLOSES) if (y === year) shorten(epochDay(y, month, day), why)
  return odd
}

/** A holiday on a Sunday is kept on Monday, one on a Saturday on Friday. */
function nearestWeekday(day: number): number {
  const weekday = weekdayOf(day)
  return weekday === SUNDAY ? day + 1 : weekday === SATURDAY ? day - 1 : day
}

/** On a Saturday it is not kept: the Friday before is the last day of the year's accounts. */
function newYearsDay(year: number): number | undefined {
  const day = epochDay(year, 1, 1)
  return weekdayOf(day) === SATURDAY ? undefined : nearestWeekday(day)
}

/**
 * From 1995: 3 July before a holiday on a Tuesday, Wednesday or Friday; where it is a Thursday, the Friday after until 2012, the Wednesday
 * before since.
 */
function besideIndependenceDay(year: number): number | undefined {
  if (year < 1995) return undefined
  const eve = epochDay(year, 7, 3)
  switch (weekdayOf(eve)) {
    case MONDAY: case TUESDAY: case THURSDAY: return eve
    case WEDNESDAY: return year < 2013 ? eve + 2 : eve
    default: return undefined
  }
}
