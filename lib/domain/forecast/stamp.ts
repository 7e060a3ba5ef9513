/** Times as rows of any kind write them, and the same form again for what is to come. */
import { DAY_MS, formatInstant, parseMoment, type Millis } from '#record'

export interface Stamp {
  readonly ms: Millis
  readonly form: Form
}
type Form = 'date' | 'seconds' | 'spaced' | 'instant' | 'epochS' | 'epochMs'

/** Numbers below are seconds since 1970, others milliseconds: the year 5138, and 3 March 1973. */
const SECONDS_BELOW = 1e11
const TEXT = /^(\d{4}-\d\d-\d\d)(?:([ T])(\d\d:\d\d)(:\d\d(?:\.\d{1,9})?)?(Z?))?$/

/** ISO dates and instants, with a space or without `Z` too (taken as UTC), or seconds or milliseconds since 1970; undefined for anything else. */
export function readStamp(value: unknown): Stamp | undefined {
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) return undefined
    return Math.abs(value) < SECONDS_BELOW ? { ms: Math.round(value * 1000), form: 'epochS' } : { ms: Math.round(value), form: 'epochMs' }
  }
  const match = typeof value === 'string' ? TEXT.exec(value) : null
  if (match === null) return undefined
  const [, day = '', gap, clock, seconds = ':00', zone] = match
  const ms = parseMoment(clock === undefined ? day : `${day}T${clock}${seconds}Z`)
  if (ms === undefined) return undefined
  return { ms, form: clock === undefined ? 'date' : gap === ' ' ? 'spaced' : seconds.includes('.') || zone !== 'Z' ? 'instant' : 'seconds' }
}

export function writeStamp(ms: Millis, form: Form): string | number {
  if (form === 'epochMs') return ms
  if (form === 'epochS') return ms / 1000
  const text = formatInstant(ms)
  if (form === 'date' && ms % DAY_MS === 0) return text.slice(0, 10)
  if (form === 'spaced' && ms % 1000 === 0) return `${text.slice(0, 10)} ${text.slice(11, 19)}`
  return form === 'instant' ? text : `${text.slice(0, 19)}Z`
}

/**
 * The times of the next steps where those so far are regular: a fixed distance, the same day of every month (or every third ...),
 * or every weekday at one time of day. Undefined where they are not, or are fewer than two.
 */
export function stepsAfter(timesMs: Float64Array, horizon: number): Float64Array | undefined {
  const n = timesMs.length, last = timesMs[n - 1], before = timesMs[n - 2]
  if (last === undefined || before === undefined) return undefined
  const stepMs = last - before
  const ahead = (at: (k: number) => Millis): Float64Array => Float64Array.from({ length: horizon }, (_, k) => at(k + 1))
  if (timesMs.every((ms, i) => i === 0 || ms - (timesMs[i - 1] ?? NaN) === stepMs)) return ahead((k) => last + k * stepMs)
  if (areWeekdays(timesMs)) return weekdaysAfter(last, horizon)
  const months = monthsBetween(before, last)
  if (!(months > 0) || !timesMs.every((ms, i) => i === 0 || monthsBetween(timesMs[i - 1] ?? NaN, ms) === months)) return undefined
  return ahead((k) => monthsLater(last, k * months))
}

/** Which day of the week, 0 to 6 from Monday. */
const weekday = (ms: Millis): number => (Math.floor(ms / DAY_MS) + 3) % 7

/** One a day, most days, and never on a weekend: what exchanges publish. Holidays are left out without harm. */
function areWeekdays(timesMs: Float64Array): boolean {
  const first = timesMs[0] ?? 0, last = timesMs[timesMs.length - 1] ?? 0, n = timesMs.length
  if (n < 5 || n < (0.9 * 5 * (last - first)) / (7 * DAY_MS)) return false
  return timesMs.every((ms) => weekday(ms) < 5 && (ms - first) % DAY_MS === 0)
}

function weekdaysAfter(lastMs: Millis, horizon: number): Float64Array {
  let ms = lastMs
  return Float64Array.from({ length: horizon }, () => {
    do ms += DAY_MS
    while (weekday(ms) > 4)
    return ms
  })
}

/** Whole months from one to the other on the same day and time of the month; NaN where the day is not the same. */
function monthsBetween(fromMs: Millis, toMs: Millis): number {
  const from = new Date(fromMs), to = new Date(toMs)
  if (from.getUTCDate() !== to.getUTCDate() || fromMs % DAY_MS !== toMs % DAY_MS || from.getUTCDate() > 28) return NaN
  return (to.getUTCFullYear() - from.getUTCFullYear()) * 12 + to.getUTCMonth() - from.getUTCMonth()
}

function monthsLater(ms: Millis, months: number): Millis {
  const date = new Date(ms)
  return date.setUTCMonth(date.getUTCMonth() + months)
}
