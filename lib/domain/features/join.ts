/** Features of many entities, each at a moment of its own: what a model is trained on. */
import type { Feature } from './definition.ts'
import { happened, reckoned, settledMs, youngest, type Timeline } from './timeline.ts'

/** By view and entity. */
export type Timelines = ReadonlyMap<string, ReadonlyMap<string, Timeline>>

/** A column a feature, in the order of the rows; NaN where it is missing or stale. Nothing in a row was known after its moment. */
export function joinedFeatures(
  features: readonly Feature[], timelines: Timelines, entities: readonly string[], asOfMs: Float64Array,
): ReadonlyMap<string, Float64Array> {
  const asked = features.map((feature) => ({ feature, column: new Float64Array(entities.length).fill(feature.aggregate === 'count' ? 0 : NaN) }))
  const byEntity = rowsByEntity(entities)
  for (const view of new Set(features.map((feature) => feature.view))) {
    const of = asked.filter(({ feature }) => feature.view === view), ofView = timelines.get(view)
    for (const [entity, rows] of byEntity) {
      const timeline = ofView?.get(entity)
      if (timeline !== undefined) fill(of, timeline, rows, asOfMs)
    }
  }
  return new Map(asked.map(({ feature, column }) => [feature.name, column]))
}

interface Asked {
  readonly feature: Feature
  readonly column: Float64Array
}

/** Features of one view in the rows of one entity. */
function fill(asked: readonly Asked[], timeline: Timeline, rows: Uint32Array, asOfMs: Float64Array): void {
  const of = asked.flatMap(({ feature, column }) => {
    const values = timeline.values.get(feature.value)
    return values === undefined ? [] : [{ feature, column, values }]
  })
  const sinceMs = settledMs(timeline)
  for (const row of rows) {
    const ms = asOfMs[row] ?? NaN, to = happened(timeline.eventMs, ms)
    for (const { feature, column, values } of of) {
      const last = youngest(timeline, values, feature, ms, to)
      if (last < 0) continue
      column[row] = ms - (timeline.eventMs[last] ?? 0) > feature.ttlMs ? NaN : reckoned(timeline, values, feature, ms, last, ms >= (sinceMs[last] ?? Infinity))
    }
  }
}

/** Rows of one entity together, so that its facts stay near at hand. */
function rowsByEntity(entities: readonly string[]): ReadonlyMap<string, Uint32Array> {
  const codeOf = new Map<string, number>(), codes = new Uint32Array(entities.length), counts: number[] = []
  for (const [row, entity] of entities.entries()) {
    let code = codeOf.get(entity)
    if (code === undefined) codeOf.set(entity, code = counts.push(0) - 1)
    codes[row] = code
    counts[code] = (counts[code] ?? 0) + 1
  }
  const rows = counts.map((count) => new Uint32Array(count)), filled = new Uint32Array(counts.length)
  for (const [row, code] of codes.entries()) {
    const at = filled[code] ?? 0, of = rows[code]
    if (of !== undefined) of[at] = row
    filled[code] = at + 1
  }
  return new Map([...codeOf].map(([entity, code]) => [entity, rows[code] ?? new Uint32Array()]))
}
