/** Moments as exchanges write them, in milliseconds; undefined where there is none. Whether they make sense is judged where they are used. */
import { formatInstant, parseInstant, type Millis } from '#record'
import type { Levels } from '#domain/market/levels'
import { decimalOf, stringOf, wholeOf, type Told } from './told.ts'

/** Milliseconds since 1970. */
export const millisIn = (value: Told | undefined): Millis | undefined => wholeOf(value)

/** Seconds since 1970 with a fraction (`1618678142.557535`). */
export function secondsIn(value: Told | undefined): Millis | undefined {
  const text = typeof value === 'string' ? value : decimalOf(value)
  if (text === undefined || !/^\d{1,12}(\.\d+)?$/.test(text)) return undefined
  const point = text.indexOf('.')
  if (point < 0) return Number(text) * 1000
  return Number(text.slice(0, point)) * 1000 + Number(text.slice(point + 1, point + 4).padEnd(3, '0'))
}

/** Seconds, milliseconds, microseconds or nanoseconds since 1970, by the number of digits that today's have. */
export function finelyIn(text: string): Millis | undefined {
  if (!/^\d{1,19}$/.test(text)) return undefined
  if (text.length > 16) return Number(text.slice(0, -6))
  if (text.length > 13) return Number(text.slice(0, -3))
  return text.length > 10 ? Number(text) : Number(text) * 1000
}

/** ISO 8601 in UTC, however fine. */
export function isoIn(value: Told | undefined): Millis | undefined {
  const text = stringOf(value)
  if (text === undefined) return undefined
  return parseInstant(text.endsWith('Z') ? text : text.replace(/\+00:?00$/, 'Z'))
}

/** The end of the calendar of {@link formatInstant}. */
const LAST_MS = 253_402_300_799_999

/** Milliseconds since 1970 as an instant, for a moment that is told among facts. */
export function instantIn(value: Told | undefined): string | undefined {
  const ms = wholeOf(value)
  return ms === undefined || ms <= 0 || ms > LAST_MS ? undefined : formatInstant(ms)
}

/** The newest of the moments that stand with levels, in seconds to the microsecond. */
export function newestOf(...sides: readonly Levels[]): Millis | undefined {
  const seconds = Math.max(...sides.map(({ newest }) => (Number.isNaN(newest) ? 0 : newest)))
  return seconds > 0 ? Math.floor(Math.round(seconds * 1_000_000) / 1000) : undefined
}
