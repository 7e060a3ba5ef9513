/** Observations of one view as columns: many of them, read and written at once. */
import type { Millis } from '#record'
import type { Observation } from './observe.ts'

export interface Rows {
  readonly length: number
  readonly entities: readonly string[]
  readonly eventMs: Float64Array
  readonly knownMs: Float64Array
  readonly keys: readonly string[]
  /** Records they were read from; equal ones say the same. */
  readonly ids: readonly string[]
  /** NaN where there is none. A column that is not here was not asked for when the rows were written, which is not the same. */
  readonly values: ReadonlyMap<string, Float64Array>
}

export function rowsOf(observations: readonly Observation[], columns: readonly string[]): Rows {
  const values = columns.map((column, place): [string, Float64Array] => [column, Float64Array.from(observations, (one) => one.values[place] ?? NaN)])
  return {
    length: observations.length, entities: observations.map(({ entity }) => entity),
    keys: observations.map(({ key }) => key), ids: observations.map(({ id }) => id),
    eventMs: Float64Array.from(observations, ({ eventMs }) => eventMs), knownMs: Float64Array.from(observations, ({ knownMs }) => knownMs),
    values: new Map(values),
  }
}

/** The numbers in these places, in this order; by a loop, because `Float64Array.from` with a function takes ten times as long. */
export function picked(numbers: Float64Array, places: ArrayLike<number>): Float64Array {
  const found = new Float64Array(places.length)
  for (let i = 0; i < found.length; i++) found[i] = numbers[places[i] ?? -1] ?? NaN
  return found
}

/** The rows in these places, in this order. */
export function taken(rows: Rows, places: ArrayLike<number>): Rows {
  const { length } = places
  const text = (from: readonly string[]): string[] => Array.from({ length }, (_, i) => from[places[i] ?? -1] ?? '')
  const numbers = (from: Float64Array): Float64Array => picked(from, places)
  return {
    length, entities: text(rows.entities), keys: text(rows.keys), ids: text(rows.ids), eventMs: numbers(rows.eventMs), knownMs: numbers(rows.knownMs),
    values: new Map([...rows.values].map(([column, of]) => [column, numbers(of)])),
  }
}

/** Calendar month of a moment, UTC: `2021-01`; what happened in one lies in one partition. */
export function monthOf(eventMs: Millis): string {
  const day = new Date(eventMs)
  return `${String(day.getUTCFullYear()).padStart(4, '0')}-${String(day.getUTCMonth() + 1).padStart(2, '0')}`
}

/** The first and the last of moments; Infinity and -Infinity where there are none. */
export const spanOf = (ms: Float64Array): readonly [firstMs: Millis, lastMs: Millis] =>
  [ms.reduce((least, one) => Math.min(least, one), Infinity), ms.reduce((most, one) => Math.max(most, one), -Infinity)]

/** Several parts of one view as one, without what is said twice, in the order of entity, moment, key and when it was known. */
export function merged(parts: readonly Rows[]): Rows {
  const { all, placesOf } = grouped(parts)
  return taken(all, [...placesOf.keys()].sort().flatMap((entity) => [...(placesOf.get(entity) ?? [])]))
}

export interface Grouped {
  readonly all: Rows
  /** The rows of each entity in the order of moment, key and when it was known; no record twice. */
  readonly placesOf: ReadonlyMap<string, readonly number[]>
}

/** Parts of one view, in the order in which they were written, by entity; of those that are wanted. */
export function grouped(parts: readonly Rows[], isWanted: (entity: string) => boolean = () => true): Grouped {
  const { all, partOf } = joined(parts), placesOf = new Map<string, number[]>()
  for (let row = 0; row < all.length; row++) {
    const entity = all.entities[row] ?? '', places = placesOf.get(entity)
    if (places !== undefined) places.push(row)
    else if (isWanted(entity)) placesOf.set(entity, [row])
  }
  for (const [entity, places] of placesOf) {
    if (!inOrder(all, places)) places.sort((a, b) => compare(all, a, b))
    placesOf.set(entity, once(all, places, (run) => settle(all, parts, partOf, run)))
  }
  return { all, placesOf }
}

function inOrder(all: Rows, places: readonly number[]): boolean {
  for (let i = 1; i < places.length; i++) if (compare(all, places[i - 1] ?? 0, places[i] ?? 0) > 0) return false
  return true
}

/** Of one entity: by moment, key, when it was known, record, and the order of the parts. */
const compare = ({ eventMs, knownMs, keys, ids }: Rows, a: number, b: number): number =>
  (eventMs[a] ?? 0) - (eventMs[b] ?? 0) || compareText(keys, a, b) || (knownMs[a] ?? 0) - (knownMs[b] ?? 0) || compareText(ids, a, b) || a - b

function compareText(texts: readonly string[], a: number, b: number): number {
  const one = texts[a] ?? '', other = texts[b] ?? ''
  return one < other ? -1 : one > other ? 1 : 0
}

/** Whether two rows of one entity are of one fact: the one known later corrects the other. */
export const isSameFact = ({ eventMs, keys }: Rows, a: number, b: number): boolean => eventMs[a] === eventMs[b] && keys[a] === keys[b]

const isSameRecord = (rows: Rows, a: number, b: number): boolean =>
  isSameFact(rows, a, b) && rows.knownMs[a] === rows.knownMs[b] && rows.ids[a] === rows.ids[b]

function once(all: Rows, places: number[], settleRun: (run: readonly number[]) => void): number[] {
  if (places.every((place, i) => i === 0 || !isSameRecord(all, places[i - 1] ?? 0, place))) return places
  const kept: number[] = []
  for (let from = 0, to = 0; from < places.length; from = to) {
    to = from + 1
    while (to < places.length && isSameRecord(all, places[from] ?? 0, places[to] ?? 0)) to++
    if (to - from > 1) settleRun(places.slice(from, to))
    kept.push(places[to - 1] ?? 0)
  }
  return kept
}

/** All parts behind one another, and which part each row is of. */
function joined(parts: readonly Rows[]): { readonly all: Rows; readonly partOf: Uint32Array } {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  const columns = [...new Set(parts.flatMap((part) => [...part.values.keys()]))]
  const eventMs = new Float64Array(length), knownMs = new Float64Array(length), partOf = new Uint32Array(length)
  const values = new Map(columns.map((column): [string, Float64Array] => [column, new Float64Array(length).fill(NaN)]))
  let from = 0
  for (const [nth, part] of parts.entries()) {
    eventMs.set(part.eventMs, from)
    knownMs.set(part.knownMs, from)
    partOf.fill(nth, from, from + part.length)
    for (const [column, of] of part.values) values.get(column)?.set(of, from)
    from += part.length
  }
  // By concat, because flatMap goes from one text to the next.
  const texts = (of: (part: Rows) => readonly string[]): readonly string[] => ([] as string[]).concat(...parts.map(of))
  const entities = texts((part) => part.entities), keys = texts((part) => part.keys), ids = texts((part) => part.ids)
  return { all: { length, entities, eventMs, knownMs, keys, ids, values }, partOf }
}

/**
 * One record, read several times: what the part written last says of a column, of those that have the column at all. So that a column asked for later
 * is filled in by reading the records once more. The last row of the run takes all of it.
 */
function settle(all: Rows, parts: readonly Rows[], partOf: Uint32Array, run: readonly number[]): void {
  const last = run[run.length - 1] ?? 0
  for (const [column, values] of all.values) {
    const row = run.findLast((one) => parts[partOf[one] ?? -1]?.values.has(column) === true)
    values[last] = row === undefined ? NaN : (values[row] ?? NaN)
  }
}
