/** The hot part of reading bars: numbers and times straight out of the text, with no string made on the way. */
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, type Millis } from '#record'
import { epochDay, newYorkInstant } from '#domain/market/session'

const QUOTE = 34, PLUS = 43, COMMA = 44, DASH = 45, POINT = 46, ZERO = 48, COLON = 58, ZULU = 90

/**
 * Where the cells of a row without quotes end: `ends[i]` is the place after cell i. Returns the number of cells (one more than
 * `ends` can hold where there are more), or -1 where the row has a quote.
 */
export function scanRow(text: string, from: number, to: number, ends: Int32Array): number {
  let cells = 0
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at)
    if (code === COMMA) {
      if (cells === ends.length - 1) return ends.length + 1
      ends[cells++] = at
    } else if (code === QUOTE) return -1
  }
  ends[cells++] = to
  return cells
}

/** A plain decimal (`12`, `12.50`) between two places, as a double; NaN for anything else, a blank and a sign included. */
export function plainNumber(text: string, from: number, to: number): number {
  if (to <= from || to - from > 24) return NaN
  let value = 0
  let scale = 0
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at)
    if (code === POINT) {
      if (scale !== 0 || at === from || at === to - 1) return NaN
      scale = 1
    } else {
      const digit = code - ZERO
      if (digit < 0 || digit > 9) return NaN
      value = value * 10 + digit
      scale *= 10
    }
  }
  return scale > 1 ? value / scale : value
}

/** Digits between two places; NaN where there is something else. */
function digits(text: string, from: number, to: number): number {
  let value = 0
  for (let at = from; at < to; at++) {
    const digit = text.charCodeAt(at) - ZERO
    if (digit < 0 || digit > 9) return NaN
    value = value * 10 + digit
  }
  return value
}

const DAYS_IN_MONTH = [0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** The session open (09:30 New York) of the date between two places; NaN where it is no date. */
export function dailyStart(text: string, from: number, to: number): Millis {
  return to - from === 10 ? newYorkTime(text, from, 9 * HOUR_MS + 30 * MINUTE_MS) : NaN
}

/** The first moment, UTC, of the date between two places; NaN where it is no date. */
export const utcDay = (text: string, from: number, to: number): Millis => (to - from === 10 ? dayAt(text, from) * DAY_MS : NaN)

/** New York wall-clock time on the date that starts at `from`; NaN where it is no date. */
function newYorkTime(text: string, from: number, msOfDay: number): Millis {
  const day = dayAt(text, from)
  return Number.isNaN(day) ? NaN : newYorkInstant(digits(text, from, from + 4), day, msOfDay)
}

function dayAt(text: string, from: number): number {
  const year = digits(text, from, from + 4), month = digits(text, from + 5, from + 7), day = digits(text, from + 8, from + 10)
  if (!(month >= 1 && day >= 1 && day <= (DAYS_IN_MONTH[month] ?? 0) && year >= 1970)) return NaN
  if (text.charCodeAt(from + 4) !== DASH || text.charCodeAt(from + 7) !== DASH) return NaN
  if (month === 2 && day === 29 && !(year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0))) return NaN
  return epochDay(year, month, day)
}

/** `2021-01-04T09:30:00-05:00`, with `Z`, a blank for the T, or no offset (then New York's clocks); NaN where it is no time. */
export function timestamp(text: string, from: number, to: number): Millis {
  if (to - from < 19 || text.charCodeAt(from + 13) !== COLON || text.charCodeAt(from + 16) !== COLON) return NaN
  const hour = digits(text, from + 11, from + 13), minute = digits(text, from + 14, from + 16)
  const second = digits(text, from + 17, from + 19)
  if (!(hour < 24 && minute < 60 && second < 60)) return NaN
  const msOfDay = hour * HOUR_MS + minute * MINUTE_MS + second * SECOND_MS
  if (to - from === 19) return newYorkTime(text, from, msOfDay)
  const utcMs = dayAt(text, from) * DAY_MS + msOfDay
  const zone = text.charCodeAt(from + 19)
  if (to - from === 20 && zone === ZULU) return utcMs
  if (to - from !== 25 || text.charCodeAt(from + 22) !== COLON) return NaN
  const aheadMs = digits(text, from + 20, from + 22) * HOUR_MS + digits(text, from + 23, from + 25) * MINUTE_MS
  if (zone === DASH) return utcMs + aheadMs
  return zone === PLUS ? utcMs - aheadMs : NaN
}

/** Milliseconds since 1970 as 12 or 13 digits (from 1973 on); NaN where it is something else. */
export const epochTime = (text: string, from: number, to: number): Millis => (to - from === 13 || to - from === 12 ? digits(text, from, to) : NaN)
