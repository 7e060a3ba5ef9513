/**
 * When a job is due: one type, from which the slots, the calendar of a systemd timer and the cron expression follow. All times are UTC, so that
 * no slot is doubled or left out where clocks are put forward or back; what goes by a market goes by its session besides.
 */
import { DAY_MS, HOUR_MS, MINUTE_MS, type Millis } from '#record'
import { isInSession } from '#domain/market/session'

export interface Schedule {
  /** Minutes of the hour, ascending. */
  readonly minutes: readonly number[]
  /** Hours of the day in UTC, ascending; absent: all. */
  readonly hours?: readonly number[]
  /** Days of the week, 1 is Monday, 7 Sunday, ascending; absent: all. */
  readonly weekdays?: readonly number[]
  /** Only in the regular session of the US exchanges. A timer of systemd cannot tell; whoever it starts does. */
  readonly session?: true
}

const range = (from: number, to: number, step = 1): readonly number[] =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, i) => from + i * step)

const WORKDAYS = range(1, 5)
/** Hours that the regular session may touch, in summer and in winter. */
const SESSION_HOURS = range(13, 21)

/** Every so many minutes, a divisor of 60, from `minute` of the hour on. */
export const everyMinutes = (step: number, minute = 0): Schedule => ({ minutes: range(minute % step, 59, step) })
/** Every so many hours, a divisor of 24, at `minute` past. */
export const everyHours = (step: number, minute = 0): Schedule => ({ minutes: [minute], ...(step > 1 && { hours: range(0, 23, step) }) })
/** Once a day. */
export const daily = (hour: number, minute: number): Schedule => ({ minutes: [minute], hours: [hour] })
/** Once every day from Monday to Friday. */
export const workdays = (hour: number, minute: number): Schedule => ({ ...daily(hour, minute), weekdays: WORKDAYS })
/** Every so many minutes while the US exchanges are open. */
export const inSession = (step: number, minute = 0): Schedule => ({ ...everyMinutes(step, minute), hours: SESSION_HOURS, weekdays: WORKDAYS, session: true })

/** 1970-01-01 was a Thursday. */
const isoWeekday = (day: number): number => ((((day + 3) % 7) + 7) % 7) + 1

const EVERY_HOUR = range(0, 23)

/** The slots after one moment, up to and with another, in order. */
export function* slotsBetween(schedule: Schedule, afterMs: Millis, untilMs: Millis): Generator<Millis, void, undefined> {
  const { minutes, hours = EVERY_HOUR, weekdays, session } = schedule
  for (let day = Math.floor(afterMs / DAY_MS); day * DAY_MS <= untilMs; day++) {
    if (weekdays?.includes(isoWeekday(day)) === false) continue
    for (const hour of hours) {
      for (const minute of minutes) {
        const slotMs = day * DAY_MS + hour * HOUR_MS + minute * MINUTE_MS
        if (slotMs > untilMs) return
        if (slotMs > afterMs && (session !== true || isInSession(slotMs))) yield slotMs
      }
    }
  }
}

/** No calendar leaves out more days than this. */
const LONGEST_MS = 15 * DAY_MS

/** The first slot after a moment. */
export function nextSlot(schedule: Schedule, afterMs: Millis): Millis | undefined {
  for (const slotMs of slotsBetween(schedule, afterMs, afterMs + LONGEST_MS)) return slotMs
  return undefined
}

/** The latest slot at a moment or before. */
export function lastSlot(schedule: Schedule, atMs: Millis): Millis | undefined {
  for (let spanMs = DAY_MS; spanMs < 2 * LONGEST_MS; spanMs *= 2) {
    let last: Millis | undefined
    for (const slotMs of slotsBetween(schedule, atMs - spanMs, atMs)) last = slotMs
    if (last !== undefined) return last
  }
  return undefined
}

/** The shortest time from one slot to the next, of all slots that its calendar has, in session or not. */
export function shortestGap({ session: _, ...calendar }: Schedule): Millis {
  let shortestMs = LONGEST_MS, beforeMs: Millis | undefined
  for (const slotMs of slotsBetween(calendar, 0, LONGEST_MS)) {
    if (beforeMs !== undefined) shortestMs = Math.min(shortestMs, slotMs - beforeMs)
    beforeMs = slotMs
  }
  return shortestMs
}

const two = (value: number): string => String(value).padStart(2, '0')

/** The step of an arithmetic row that goes on to the end of its round; undefined where it is none. */
function stepOf(values: readonly number[], round: number): number | undefined {
  const [first = 0, second = 0] = values, step = second - first
  return values.length > 2 && first < step && values.every((value, i) => value === first + i * step) && first + values.length * step >= round ? step : undefined
}

/** A run of neighbours. */
const isRun = (values: readonly number[]): boolean => values.length > 2 && values.every((value, i) => value === (values[0] ?? 0) + i)

const DAYS = ['', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

/** The text of `OnCalendar=` (systemd.time(7)), such as `Mon..Fri *-*-* 13..21:00/5:00 UTC`. */
export function onCalendar({ minutes, hours, weekdays }: Schedule): string {
  const part = (values: readonly number[], round: number): string => {
    const step = stepOf(values, round)
    if (step !== undefined) return `${two(values[0] ?? 0)}/${step}`
    return isRun(values) ? `${two(values[0] ?? 0)}..${two(values.at(-1) ?? 0)}` : values.map(two).join(',')
  }
  const named = (weekdays ?? []).map((day) => DAYS[day] ?? ''), days = isRun(weekdays ?? []) ? `${named[0] ?? ''}..${named.at(-1) ?? ''}` : named.join(',')
  return `${days === '' ? '' : `${days} `}*-*-* ${hours === undefined ? '*' : part(hours, 24)}:${part(minutes, 60)}:00 UTC`
}

/** The five fields of a crontab (crontab(5)), to be read in UTC: minute, hour, day, month, weekday with Sunday as 0. */
export function cronOf({ minutes, hours, weekdays }: Schedule): string {
  const part = (values: readonly number[], round: number): string => {
    const step = stepOf(values, round)
    if (step !== undefined) return `${values[0] === 0 ? '*' : `${values[0] ?? 0}-${round - 1}`}/${step}`
    return isRun(values) ? `${values[0] ?? 0}-${values.at(-1) ?? 0}` : values.join(',')
  }
  const days = weekdays?.map((day) => day % 7).sort((a, b) => a - b)
  return `${part(minutes, 60)} ${hours === undefined ? '*' : part(hours, 24)} * * ${days === undefined ? '*' : part(days, 7)}`
}
