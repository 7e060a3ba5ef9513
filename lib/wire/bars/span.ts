/** How long a bar is, in the words of those who send it, and when one that starts at a moment begins and ends. */
import { DAY_MS, HOUR_MS, MINUTE_MS, formatDuration, parseDuration, type Millis } from '#record'
import { CLOSE_MINUTE, OPEN_MINUTE, closeMinuteOf, tradingDayFrom, tradingDayUntil } from '#domain/market/calendar'
import { yearOf } from '#domain/market/days'
import { newYorkDay, newYorkInstant, sessionOf, type Session } from '#domain/market/session'

/** `1m`, `5m`, `1h`, `1d`, `1w`; months are `1mo`. */
export type Span = string
const MONTH = '1mo'

const UNITS: Readonly<Record<string, string>> = {
  m: 'm', t: 'm', min: 'm', minute: 'm', h: 'h', hour: 'h', d: 'd', day: 'd', w: 'w', week: 'w', s: 's', second: 's', mo: 'mo', month: 'mo',
}

/** `1Min`, `15T`, `1Hour`, `1Day`, `1 week`, `1m`; undefined where it is none of them. A single capital `M` is a month. */
export function readSpan(text: string): Span | undefined {
  const match = /^(\d{1,4})\s*([a-z]+?)s?$/i.exec(text.trim())
  const unit = match?.[2] === 'M' ? 'mo' : UNITS[match?.[2]?.toLowerCase() ?? '']
  if (match === null || unit === undefined) return undefined
  const count = Number(match[1])
  if (unit === 'mo') return count === 1 ? MONTH : undefined
  const ms = parseDuration(`${count}${unit}`)
  if (ms === undefined) return undefined
  return ms % (7 * DAY_MS) === 0 ? `${ms / (7 * DAY_MS)}w` : formatDuration(ms)
}

/** The span in milliseconds; a month has 30 days here. */
export const spanMs = (span: Span): Millis => (span === MONTH ? 30 * DAY_MS : (parseDuration(span) ?? MINUTE_MS))

/**
 * The span of bars that start at these moments, by the smallest distance between two: thin stocks skip many minutes, but not all. Undefined
 * where there is but one.
 */
export function inferSpan(startsMs: readonly Millis[]): Span | undefined {
  const sorted = [...new Set(startsMs)].sort((a, b) => a - b)
  let stepMs = Infinity
  for (let i = 1; i < sorted.length; i++) stepMs = Math.min(stepMs, (sorted[i] ?? NaN) - (sorted[i - 1] ?? NaN))
  if (!Number.isFinite(stepMs) || stepMs < 1000) return undefined
  if (stepMs >= 27 * DAY_MS) return MONTH
  // Clocks that change make days of 23 hours, and weeks an hour short.
  if (stepMs >= 7 * DAY_MS - HOUR_MS) return '1w'
  return stepMs >= 20 * HOUR_MS ? '1d' : formatDuration(stepMs)
}

/** Where a bar lies in time. */
export interface Bounds {
  readonly startMs: Millis
  readonly endMs: Millis
  /** From when on it no longer changes but for corrections: trades after the close still count into a day's volume. */
  readonly finalMs: Millis
  /** Whether some of it lies in a regular session; a market that never closes is all session. */
  readonly regular: boolean
}

/** Extended hours end so long after the close. */
const AFTER_HOURS_MS = 4 * HOUR_MS

/** Bounds of a bar of a market that never closes. */
export function boundsAlways(startMs: Millis, span: Span): Bounds {
  const endMs = span === MONTH ? monthAfter(startMs) : startMs + spanMs(span)
  return { startMs, endMs, finalMs: endMs, regular: true }
}

function monthAfter(startMs: Millis): Millis {
  const date = new Date(startMs)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate())
}

/** Bounds of a bar of a US stock: days, weeks and months run from the first session's open to the last one's close. */
export function boundsOfStock(startMs: Millis, span: Span): Bounds {
  const day = newYorkDay(startMs)
  if (span === MONTH || spanMs(span) >= DAY_MS) {
    const next = span === MONTH ? monthFrom(day) : day + spanMs(span) / DAY_MS
    const first = tradingDayFrom(day), last = tradingDayUntil(next - 1)
    // A bar of a day without a session is no fault of the bar's: exchanges have opened on days that the calendar does not know.
    const opens = first < next ? sessionOn(first) : sessionOn(day), closes = last >= day ? sessionOn(last) : sessionOn(day)
    return { startMs: opens.openMs, endMs: closes.closeMs, finalMs: closes.closeMs + AFTER_HOURS_MS, regular: true }
  }
  const endMs = startMs + spanMs(span)
  const session = sessionOf(day)
  return { startMs, endMs, finalMs: endMs, regular: session !== undefined && startMs < session.closeMs && endMs > session.openMs }
}

/** The first day of the month after. */
function monthFrom(day: number): number {
  const date = new Date(day * DAY_MS)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1) / DAY_MS
}

function sessionOn(day: number): Session {
  const at = (minute: number): Millis => newYorkInstant(yearOf(day), day, minute * MINUTE_MS)
  return { openMs: at(OPEN_MINUTE), closeMs: at(closeMinuteOf(day) ?? CLOSE_MINUTE) }
}
