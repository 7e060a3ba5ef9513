/**
 * What is known of one entity in one view, when. Each fact has the span in which it was what one knew: from when it was known until a correction of it
 * was. So a question about a moment sees what was known at that moment, and nothing else.
 */
import type { Millis } from '#record'
import type { Feature } from './definition.ts'
import { grouped, isSameFact, picked, type Rows } from './rows.ts'

/** In the order of the moments, and of their keys within one. */
export interface Timeline {
  readonly length: number
  readonly eventMs: Float64Array
  readonly knownMs: Float64Array
  /** When it was corrected; Infinity where it was not. */
  readonly untilMs: Float64Array
  readonly values: ReadonlyMap<string, Float64Array>
}

const nothing: Timeline = { length: 0, eventMs: new Float64Array(), knownMs: new Float64Array(), untilMs: new Float64Array(), values: new Map() }

/** The facts of each entity that is wanted, from parts in the order in which they were written. */
export function timelinesOf(parts: readonly Rows[], isWanted?: (entity: string) => boolean): ReadonlyMap<string, Timeline> {
  const { all, placesOf } = grouped(parts, isWanted)
  return new Map([...placesOf].map(([entity, places]) => [entity, timelineOf(all, places)]))
}

function timelineOf(rows: Rows, places: readonly number[]): Timeline {
  const untilMs = new Float64Array(places.length).fill(Infinity)
  for (let i = 1; i < places.length; i++) {
    const row = places[i] ?? 0
    if (isSameFact(rows, places[i - 1] ?? 0, row)) untilMs[i - 1] = rows.knownMs[row] ?? 0
  }
  const numbers = (of: Float64Array): Float64Array => picked(of, places)
  return {
    length: places.length, eventMs: numbers(rows.eventMs), knownMs: numbers(rows.knownMs), untilMs,
    values: new Map([...rows.values].map(([column, of]) => [column, numbers(of)])),
  }
}

/** Whether anything of it was known at a moment. */
export const isHeardOf = ({ knownMs }: Timeline, asOfMs: Millis): boolean => knownMs.some((ms) => ms <= asOfMs)

export interface Answer {
  /** Null where nothing says anything; a count is 0 then. */
  readonly value: number | null
  /** Moment of the youngest fact that it rests on. */
  readonly eventMs: Millis | undefined
}

/** Whether an answer rests on nothing that is young enough. */
export const isStale = ({ eventMs }: Answer, { ttlMs }: Feature, asOfMs: Millis): boolean => eventMs !== undefined && asOfMs - eventMs > ttlMs

/** A feature at a moment; a `std` of fewer than two is missing. */
export function answer(timeline: Timeline | undefined, feature: Feature, asOfMs: Millis): Answer {
  const { value: column, aggregate } = feature, { eventMs, values } = timeline ?? nothing, of = values.get(column)
  const last = timeline === undefined || of === undefined ? -1 : youngest(timeline, of, feature, asOfMs, happened(eventMs, asOfMs))
  if (timeline === undefined || of === undefined || last < 0) return { value: aggregate === 'count' ? 0 : null, eventMs: undefined }
  const value = reckoned(timeline, of, feature, asOfMs, last)
  return { value: Number.isNaN(value) ? null : value, eventMs: eventMs[last] }
}

/** How many facts had happened by a moment. By hand, because this and what follows are asked for each cell of what models are trained on. */
export function happened(eventMs: Float64Array, asOfMs: Millis): number {
  let low = 0, high = eventMs.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((eventMs[middle] ?? 0) <= asOfMs) low = middle + 1
    else high = middle
  }
  return low
}

const isStanding = ({ knownMs, untilMs }: Timeline, asOfMs: Millis, place: number): boolean =>
  (knownMs[place] ?? 0) <= asOfMs && asOfMs < (untilMs[place] ?? 0)

/** By place, since when all facts up to there stand: Infinity behind one that was corrected. */
export function settledMs({ knownMs, untilMs }: Timeline): Float64Array {
  let latestMs = -Infinity
  return knownMs.map((ms, place) => (latestMs = Math.max(latestMs, untilMs[place] === Infinity ? ms : Infinity)))
}

/** The place, of those before `to`, of the youngest fact that counts; -1 where none does. */
export function youngest(timeline: Timeline, of: Float64Array, { windowMs }: Feature, asOfMs: Millis, to: number): number {
  const { eventMs } = timeline, afterMs = windowMs === undefined ? -Infinity : asOfMs - windowMs
  for (let place = to - 1; place >= 0 && (eventMs[place] ?? 0) > afterMs; place--) {
    if (isStanding(timeline, asOfMs, place) && !Number.isNaN(of[place])) return place
  }
  return -1
}

/**
 * A feature of which the youngest fact that counts stands at a place. Sums run over the facts from the oldest to the youngest, whatever else is held, so
 * that every store that holds the facts of the window gives the same last digit. `std` is of a sample (n - 1), in two passes; NaN of fewer than two.
 * Where it is known that all up to the place stand, none is asked.
 */
export function reckoned(
  timeline: Timeline, of: Float64Array, { aggregate, windowMs }: Feature, asOfMs: Millis, last: number, areStanding = false,
): number {
  if (aggregate === 'last') return of[last] ?? NaN
  const from = windowMs === undefined ? 0 : happened(timeline.eventMs, asOfMs - windowMs)
  let count = 0, sum = 0, min = Infinity, max = -Infinity
  for (let place = from; place <= last; place++) {
    const value = of[place] ?? NaN
    if (Number.isNaN(value) || !(areStanding || isStanding(timeline, asOfMs, place))) continue
    count++
    sum += value
    if (value < min) min = value
    if (value > max) max = value
  }
  switch (aggregate) {
    case 'count': return count
    case 'sum': return sum
    case 'mean': return sum / count
    case 'min': return min
    case 'max': return max
    case 'std': break
  }
  if (count < 2) return NaN
  const mean = sum / count
  let squares = 0
  for (let place = from; place <= last; place++) {
    const value = of[place] ?? NaN
    if (!Number.isNaN(value) && (areStanding || isStanding(timeline, asOfMs, place))) squares += (value - mean) * (value - mean)
  }
  return Math.sqrt(squares / (count - 1))
}
