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

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/
const DAYS_IN_MONTH = [0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** The instant in milliseconds, or undefined where `text` is no ISO 8601 UTC instant of the real calendar. */
export function parseInstant(text: string): Millis | undefined {
  return INSTANT.test(text) ? calendarMillis(text) : undefined
}

/** Of a text in the right form: Date.parse is four times slower, and rolls 30 February over into March. */
function calendarMillis(text: string): Millis | undefined {
  const year = digits(text, 0, 4), month = digits(text, 5, 7), day = digits(text, 8, 10)
  const hour = digits(text, 11, 13), minute = digits(text, 14, 16), second = digits(text, 17, 19)
  if (day === 0 || day > (DAYS_IN_MONTH[month] ?? 0) || hour > 23 || minute > 59 || second > 59) return undefined
  if (month === 2 && day === 29 && !(year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0))) return undefined
  const fraction = text.length > 20 ? Math.floor(Number(text.slice(19, -1)) * 1000 + 1e-6) : 0
  return (daysSinceEpoch(year, month, day) * 24 + hour) * HOUR_MS + minute * MINUTE_MS + second * SECOND_MS + fraction
}

function digits(text: string, from: number, to: number): number {
  let value = 0
  for (let i = from; i < to; i++) value = value * 10 + text.charCodeAt(i) - 48
  return value
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
  const ms = calendarMillis(instant)
  if (ms === undefined || Number.isNaN(ms)) throw new RangeError(`not an instant: ${instant}`)
  return ms
}

/** ISO 8601 UTC with milliseconds; throws RangeError on a value outside the calendar. */
export function formatInstant(ms: Millis): string {
  return new Date(ms).toISOString()
}

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
