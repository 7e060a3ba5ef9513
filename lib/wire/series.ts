/** Series to learn from, in one file: CSV with a header or a JSON object a line, a value a row, oldest first. */
import { Failure } from '#port/failure'
import { Unforecastable } from '#domain/forecast/forecaster'
import { SeriesPast } from '#domain/forecast/past'
import type { Field } from '#domain/learn/coding'
import { fieldsIn } from './fields.ts'

export interface SeriesTerms {
  /** Fields by name: which series (undefined: all rows are one), its value, its time. */
  readonly key?: string | undefined
  readonly value: string
  readonly time?: string | undefined
  /** Rows before it, and rows of this time and later, are left out; times are numbers, or texts that are compared as they stand, which is right for ISO. */
  readonly since?: string | undefined
  readonly until?: string | undefined
  /** Series that are wanted; all where there are none. */
  readonly only?: readonly string[] | undefined
  /** For filling what is missing. */
  readonly season: number
}

/** By the name of the series, in the order of their first rows; those with too few known values are left out. Throws Failure `data`, naming what is wrong. */
export function seriesIn(bytes: Buffer, name: string, { key, value, time, since, until, only = [], season }: SeriesTerms): ReadonlyMap<string, Float64Array> {
  const { fields, rows } = fieldsIn(bytes, name)
  const field = (wanted: string): Field => {
    const found = fields.find((one) => one.name === wanted)
    if (found === undefined) throw new Failure('data', `${name}: no field "${wanted}"; there are ${fields.map((one) => one.name).join(', ')}`)
    return found
  }
  const values = field(value), keys = key === undefined ? undefined : field(key), times = time === undefined ? undefined : field(time)
  if (values.kind !== 'number') throw new Failure('data', `${name}: field "${value}" is not of numbers`)
  if ((until ?? since) !== undefined && times === undefined) throw new Failure('usage', '--since and --until need --time')
  const wanted = new Set(only)
  const bound = (text: string | undefined): string | number | undefined => (text !== undefined && times?.kind === 'number' ? Number(text) : text)
  const from = bound(since), to = bound(until)
  const pasts = new Map<string, { readonly past: SeriesPast; last: string | number | undefined }>()
  for (let row = 0; row < rows; row++) {
    const at = times?.values[row]
    if ((to !== undefined && !(at !== undefined && at < to)) || (from !== undefined && !(at !== undefined && at >= from))) continue
    const of = keys === undefined ? '' : String(keys.values[row] ?? '')
    if (wanted.size > 0 && !wanted.has(of)) continue
    let series = pasts.get(of)
    if (series === undefined) pasts.set(of, (series = { past: new SeriesPast(), last: undefined }))
    if (at !== undefined && series.last !== undefined && at < series.last) {
      throw new Failure('data', `${name}: series "${of}", row ${row + 1}: ${at} comes after ${series.last}`)
    }
    series.last = at
    series.past.add(values.values[row] ?? NaN)
  }
  return new Map([...pasts].flatMap(([of, { past }]) => {
    try {
      return [[of, past.history(season).values] as const]
    } catch (error) {
      if (error instanceof Unforecastable) return []
      throw error
    }
  }))
}
