/**
 * What an online store keeps of an entity: not answers, which grow old, but the facts that answers rest on from one moment on. So a feature is
 * reckoned when it is asked for, by the function that training uses, from the same facts.
 */
import type { Millis } from '#record'
import { integer, isObject, number, object, text, type Typed } from '#record/shape'
import { reachOf, type Definitions } from './definition.ts'
import type { Timelines } from './join.ts'
import type { Timeline } from './timeline.ts'

export interface Tail {
  readonly entity: string
  /** It answers for this moment and later ones. */
  readonly asOfMs: Millis
  readonly timelines: ReadonlyMap<string, Timeline>
}

/** Of every entity of which something stands at a moment. Nothing in it was known later. */
export function* tailsOf({ views, features }: Definitions, timelines: Timelines, asOfMs: Millis): Generator<Tail> {
  const entities = new Set([...timelines.values()].flatMap((byEntity) => [...byEntity.keys()]))
  for (const entity of [...entities].sort()) {
    const kept = new Map<string, Timeline>()
    for (const view of views.keys()) {
      const timeline = timelines.get(view)?.get(entity), of = [...features.values()].filter((feature) => feature.view === view)
      if (timeline === undefined) continue
      const endless = of.filter(({ windowMs }) => windowMs === undefined).map(({ value }) => value)
      const reachMs = reachOf(of.filter(({ windowMs }) => windowMs !== undefined), view, 'all')
      const tail = tailOf(timeline, asOfMs, asOfMs - reachMs, new Set(endless), [...new Set(of.map(({ value }) => value))])
      if (tail.length > 0) kept.set(view, tail)
    }
    if (kept.size > 0) yield { entity, asOfMs, timelines: kept }
  }
}

/** What stands at a moment and happened after another; before that, of each `endless` value the youngest. */
function tailOf(timeline: Timeline, asOfMs: Millis, afterMs: Millis, endless: ReadonlySet<string>, columns: readonly string[]): Timeline {
  const { length, eventMs, knownMs, untilMs, values } = timeline
  const places: number[] = [], wanted = new Set(endless)
  for (let i = length - 1; i >= 0; i--) {
    if ((knownMs[i] ?? 0) > asOfMs || asOfMs >= (untilMs[i] ?? 0)) continue
    const found = [...wanted].filter((column) => !Number.isNaN(values.get(column)?.[i] ?? NaN))
    const isInReach = (eventMs[i] ?? 0) > afterMs
    if (!isInReach && wanted.size === 0) break
    if (isInReach || found.length > 0) places.push(i)
    // What has not happened yet is not the last before it has.
    if ((eventMs[i] ?? 0) <= asOfMs) for (const column of found) wanted.delete(column)
  }
  places.reverse()
  const numbers = (of: Float64Array | undefined): Float64Array => Float64Array.from(places, (place) => of?.[place] ?? NaN)
  return standing(numbers(eventMs), new Map(columns.map((column) => [column, numbers(values.get(column))])))
}

/** Facts that all stand. */
const standing = (eventMs: Float64Array, values: ReadonlyMap<string, Float64Array>): Timeline => ({
  length: eventMs.length, eventMs, values,
  knownMs: new Float64Array(eventMs.length).fill(-Infinity), untilMs: new Float64Array(eventMs.length).fill(Infinity),
})

/** One line of JSON; numbers as 64-bit floats in base64, little-endian, because most of the time of an answer is reading them. */
export function textOfTail({ entity, asOfMs, timelines }: Tail): string {
  const views = [...timelines].map(([view, { eventMs, values }]) => [
    view, { event_ms: packed(eventMs), values: Object.fromEntries([...values].map(([column, of]) => [column, packed(of)])) },
  ])
  return JSON.stringify({ entity, as_of_ms: asOfMs, views: Object.fromEntries(views) as object })
}

const aboutShape = object({ as_of_ms: number(), definitions: text, entities: integer(0) })

/** What a store says of all that it serves. Throws RangeError on what is no such word. */
export function readAbout(line: string): Typed<typeof aboutShape> {
  const value = parsed(line), fault = aboutShape.fault(value)
  if (fault !== undefined) throw new RangeError(`${fault.path === '' ? '' : `${fault.path}: `}${fault.message}`)
  return value as Typed<typeof aboutShape>
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

/** Throws RangeError on what is no such line. */
export function readTail(line: string): Tail {
  const value = parsed(line)
  if (!isObject(value) || typeof value['entity'] !== 'string' || typeof value['as_of_ms'] !== 'number' || !isObject(value['views'])) {
    throw new RangeError('no line of an online store')
  }
  const timelines = Object.entries(value['views']).map(([view, held]): [string, Timeline] => {
    if (!isObject(held) || !isObject(held['values'])) throw new RangeError(`view "${view}": expected moments and values`)
    const eventMs = unpacked(held['event_ms'])
    const values = Object.entries(held['values']).map(([column, of]): [string, Float64Array] => [column, unpacked(of)])
    if (values.some(([, of]) => of.length !== eventMs.length)) throw new RangeError(`view "${view}": as many values as moments were expected`)
    return [view, standing(eventMs, new Map(values))]
  })
  return { entity: value['entity'], asOfMs: value['as_of_ms'], timelines: new Map(timelines) }
}

function packed(numbers: Float64Array): string {
  const bytes = Buffer.allocUnsafe(numbers.length * 8)
  for (let i = 0; i < numbers.length; i++) bytes.writeDoubleLE(numbers[i] ?? NaN, i * 8)
  return bytes.toString('base64')
}

function unpacked(value: unknown): Float64Array {
  if (typeof value !== 'string') throw new RangeError('expected numbers in base64')
  const bytes = Buffer.from(value, 'base64')
  if (bytes.length % 8 !== 0) throw new RangeError('expected numbers of eight bytes in base64')
  return Float64Array.from({ length: bytes.length / 8 }, (_, i) => bytes.readDoubleLE(i * 8))
}
