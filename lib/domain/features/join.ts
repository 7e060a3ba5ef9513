/** Features of many entities, each at a moment of its own: what a model is trained on. */
import type { Millis } from '#record'
import type { Feature } from './definition.ts'
import { answer, isStale, type Timeline } from './timeline.ts'

/** By view and entity. */
export type Timelines = ReadonlyMap<string, ReadonlyMap<string, Timeline>>

/** A column a feature, in the order of the rows; NaN where it is missing or stale. Nothing in a row was known after its moment. */
export function joinedFeatures(
  features: readonly Feature[], timelines: Timelines, entities: readonly string[], asOfMs: Float64Array,
): ReadonlyMap<string, Float64Array> {
  return new Map(features.map((feature) => {
    const column = new Float64Array(entities.length), byEntity = timelines.get(feature.view)
    for (let row = 0; row < column.length; row++) column[row] = trainedOn(byEntity?.get(entities[row] ?? ''), feature, asOfMs[row] ?? NaN)
    return [feature.name, column]
  }))
}

function trainedOn(timeline: Timeline | undefined, feature: Feature, asOfMs: Millis): number {
  const said = answer(timeline, feature, asOfMs)
  return said.value === null || isStale(said, feature, asOfMs) ? NaN : said.value
}
