/** Whether a stream that is connected has gone mute: silence counted only while its market or its people are awake. */
import { MINUTE_MS, type Millis } from '#record'
import { CLOSE_MINUTE, OPEN_MINUTE, closeMinuteOf } from '../market/calendar.ts'
import { yearOf } from '../market/days.ts'
import { newYorkDay, newYorkInstant } from '../market/session.ts'

/** When a stream is expected to speak: `equity` 09:30 to 16:00 New York on trading days, `extended` 04:00 to 20:00. Early closes end both so much sooner. */
export type Hours = 'always' | 'equity' | 'extended'

const WINDOW: Readonly<Record<Exclude<Hours, 'always'>, readonly [fromMinute: number, toMinute: number]>> = {
  equity: [OPEN_MINUTE, CLOSE_MINUTE],
  extended: [4 * 60, 20 * 60],
}

/** Time between two instants that lies within the hours; weekends and holidays are left out. At most 30 days are counted. */
export function awakeMs(fromMs: Millis, toMs: Millis, hours: Hours): Millis {
  if (toMs <= fromMs) return 0
  if (hours === 'always') return toMs - fromMs
  const [open, close] = WINDOW[hours]
  const lastDay = newYorkDay(toMs)
  let sum = 0
  for (let day = Math.max(newYorkDay(fromMs), lastDay - 30); day <= lastDay; day++) {
    const closeMinute = closeMinuteOf(day)
    if (closeMinute === undefined) continue
    const year = yearOf(day)
    const start = Math.max(fromMs, newYorkInstant(year, day, open * MINUTE_MS))
    const end = Math.min(toMs, newYorkInstant(year, day, (close - (CLOSE_MINUTE - closeMinute)) * MINUTE_MS))
    if (end > start) sum += end - start
  }
  return sum
}

/** `live`: heard within its time; `mute`: connected and silent for too long; `down`: out of reach. */
export type StreamState = 'live' | 'mute' | 'down'

/** `live` or `mute`, from when a stream was last heard to say something new. */
export function stateAt(heardMs: Millis, nowMs: Millis, { hours, quietMs }: { readonly hours: Hours; readonly quietMs: Millis }): StreamState {
  return awakeMs(heardMs, nowMs, hours) > quietMs ? 'mute' : 'live'
}
