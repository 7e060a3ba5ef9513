/**
 * Instants on the wire are ISO 8601 UTC strings with three fractional digits (`2021-01-15T14:30:00.000Z`), so that `sort`,
 * `grep` and `jq` order them; inside they are integer milliseconds since 1970. Durations are `90s`, `15m`, `6h`, `5d`, `2w`.
 */

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type Millis = number

export const SECOND_MS = 1000
export const MINUTE_MS = 60 * SECOND_MS
export const HOUR_MS = 60 * MINUTE_MS
export const DAY_MS = 24 * HOUR_MS

const DAYS_IN_MONTH = [0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
const ZERO = 48, DASH = 45, COLON = 58, POINT = 46, T = 84, Z = 90
/** Where the `Z` stands after seconds, and after nine digits of a fraction. */
const SHORTEST = 19, LONGEST = 29
/** Length of the form that we write. */
const WIRE_LENGTH = 24

/**
 * The instant in milliseconds, finer digits cut off; undefined where `text` is no ISO 8601 UTC instant of the real calendar.
 * Read digit by digit, since every record has two: Date.parse is slower, and rolls 30 February over into March.
 */
export function parseInstant(text: string): Millis | undefined {
  const end = text.length - 1
  if (end < SHORTEST || end > LONGEST || text.charCodeAt(end) !== Z || text.charCodeAt(10) !== T) return undefined
  if (text.charCodeAt(4) !== DASH || text.charCodeAt(7) !== DASH || text.charCodeAt(13) !== COLON || text.charCodeAt(16) !== COLON) return undefined
  const year = pair(text, 0) * 100 + pair(text, 2), month = pair(text, 5), day = pair(text, 8)
  const hour = pair(text, 11), minute = pair(text, 14), second = pair(text, 17)
  const fractionMs = end === SHORTEST ? 0 : millisOfFraction(text, end)
  if (year < 0 || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 || fractionMs < 0) return undefined
  if (day < 1 || day > (DAYS_IN_MONTH[month] ?? 0)) return undefined
  if (month === 2 && day === 29 && !(year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0))) return undefined
  return (daysSinceEpoch(year, month, day) * 24 + hour) * HOUR_MS + minute * MINUTE_MS + second * SECOND_MS + fractionMs
}

/** Days that every month has; the others are left to {@link parseInstant}, at three times the cost. */
const COMMON = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?Z$/

/** Whether {@link parseInstant} finds an instant. */
export const isInstant = (text: string): boolean => COMMON.test(text) || parseInstant(text) !== undefined

/** What stands for anything but digits: far below any sum that it may go into. */
const NO_DIGITS = -1_000_000

function digit(text: string, at: number): number {
  const value = text.charCodeAt(at) - ZERO
  return value >= 0 && value <= 9 ? value : NO_DIGITS
}

const pair = (text: string, at: number): number => digit(text, at) * 10 + digit(text, at + 1)

/** Of the digits between the point at 19 and `end`; below zero where there are none, or others. */
function millisOfFraction(text: string, end: number): Millis {
  if (text.charCodeAt(SHORTEST) !== POINT || end === SHORTEST + 1) return NO_DIGITS
  let ms = 0
  for (let at = SHORTEST + 1; at <= SHORTEST + 3; at++) ms = ms * 10 + (at < end ? digit(text, at) : 0)
  for (let at = SHORTEST + 4; at < end; at++) if (digit(text, at) < 0) return NO_DIGITS
  return ms
}

/** Days from 1970-01-01 in the proleptic Gregorian calendar, years starting in March so that leap days come last. */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const y = month > 2 ? year : year - 1
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1
  return 365 * y + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400) + dayOfYear - 719468
}

const DATE = /^\d{4}-\d\d-\d\d$/

/** Like {@link parseInstant}, but also takes a bare date (its first moment, UTC). For flags that people type. */
export function parseMoment(text: string): Millis | undefined {
  return parseInstant(DATE.test(text) ? `${text}T00:00:00.000Z` : text)
}

/** The instant of a field that a schema has already checked; a failure here is our own bug. */
export function millisOf(instant: string): Millis {
  const ms = parseInstant(instant)
  if (ms === undefined) throw new RangeError(`not an instant: ${instant}`)
  return ms
}

/** Whether one instant lies after another, both checked. In the form that we write they order as text, at a fifth of the cost. */
export function isAfter(instant: string, other: string): boolean {
  return instant.length === WIRE_LENGTH && other.length === WIRE_LENGTH ? instant > other : millisOf(instant) > millisOf(other)
}

/** ISO 8601 UTC with milliseconds; throws RangeError on a value outside the calendar. */
export function formatInstant(ms: Millis): string {
  const slot = (ms / 1000) & (FORMATTED - 1)
  if (formattedMs[slot] === ms) return formatted[slot] ?? ''
  const text = new Date(ms).toISOString()
  formattedMs[slot] = ms
  formatted[slot] = text
  return text
}

/** Most instants are said many times in a row, by all the records of one moment; a power of two. */
const FORMATTED = 64
const formattedMs = new Float64Array(FORMATTED).fill(NaN)
const formatted = new Array<string>(FORMATTED).fill('')

/** The UTC calendar day of an instant, `2021-01-15`. */
export function dayOf(instant: string): string {
  return instant.slice(0, 10)
}

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1, s: SECOND_MS, m: MINUTE_MS, h: HOUR_MS, d: DAY_MS, w: 7 * DAY_MS,
}

/** `90s`, `1.5h`, `5d` as milliseconds; undefined where the text is no duration above zero. */
export function parseDuration(text: string): Millis | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d|w)$/.exec(text)
  const unitMs = UNIT_MS[match?.[2] ?? '']
  if (match?.[1] === undefined || unitMs === undefined) return undefined
  const ms = Math.round(Number(match[1]) * unitMs)
  return ms > 0 && Number.isSafeInteger(ms) ? ms : undefined
}

/** The shortest whole-unit duration text: 21600000 → `6h`, 90000 → `90s`. */
export function formatDuration(ms: Millis): string {
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    const unitMs = UNIT_MS[unit] ?? 1
    if (ms % unitMs === 0) return `${ms / unitMs}${unit}`
  }
  return `${ms}ms`
}

/** A bare date typed for the end of a span names its first moment; it is meant whole. */
export const endOfDay = (ms: Millis): Millis => (ms % DAY_MS === 0 ? ms + DAY_MS - 1 : ms)
