/**
 * What is known of one entity in one view, when. Each fact has the span in which it was what one knew: from when it was known until a correction of it
 * was. So a question about a moment sees what was known at that moment, and nothing else.
 */
import type { Millis } from '#record'
import { bisect } from '../lookup/bisect.ts'
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

/**
 * A feature at a moment. Sums run over the facts from the oldest to the youngest, whatever else is held, so that every store that holds the facts of
 * the window gives the same last digit. `std` is of a sample (n - 1), in two passes; missing of fewer than two.
 */
export function answer(timeline: Timeline | undefined, { value: column, aggregate, windowMs }: Feature, asOfMs: Millis): Answer {
  const { length, eventMs, knownMs, untilMs, values } = timeline ?? nothing, of = values.get(column)
  const to = bisect(0, length, (place) => (eventMs[place] ?? 0) <= asOfMs), after = windowMs === undefined ? -Infinity : asOfMs - windowMs
  const counts = (i: number): boolean => {
    const known = knownMs[i] ?? 0, until = untilMs[i] ?? 0, value = of?.[i] ?? NaN
    return known <= asOfMs && asOfMs < until && !Number.isNaN(value)
  }
  let last = to - 1
  while (last >= 0 && (eventMs[last] ?? 0) > after && !counts(last)) last--
  if (of === undefined || last < 0 || (eventMs[last] ?? 0) <= after) return { value: aggregate === 'count' ? 0 : null, eventMs: undefined }
  const youngestMs = eventMs[last] ?? 0
  if (aggregate === 'last') return { value: of[last] ?? null, eventMs: youngestMs }
  let count = 0, sum = 0, min = Infinity, max = -Infinity
  const from = bisect(0, last, (place) => (eventMs[place] ?? 0) <= after)
  for (let i = from; i <= last; i++) {
    if (!counts(i)) continue
    const value = of[i] ?? 0
    count++
    sum += value
    if (value < min) min = value
    if (value > max) max = value
  }
  switch (aggregate) {
    case 'count': return { value: count, eventMs: youngestMs }
    case 'sum': return { value: sum, eventMs: youngestMs }
    case 'mean': return { value: sum / count, eventMs: youngestMs }
    case 'min': return { value: min, eventMs: youngestMs }
    case 'max': return { value: max, eventMs: youngestMs }
    case 'std': break
  }
  if (count < 2) return { value: null, eventMs: youngestMs }
  const mean = sum / count
  let squares = 0
  for (let i = from; i <= last; i++) if (counts(i)) squares += ((of[i] ?? 0) - mean) * ((of[i] ?? 0) - mean)
  return { value: Math.sqrt(squares / (count - 1)), eventMs: youngestMs }
}
