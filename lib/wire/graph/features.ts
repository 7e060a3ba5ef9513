/** Rows of vanta-graph features, to be looked up by entity and time. */
import { Failure } from '#port/failure'
import { instant, integer, list, number, object, text, type Typed } from '#record/shape'
import { millisOf, type Millis } from '#record/time'
import { bisect } from '#domain/lookup/bisect'
import { textOf } from '../text.ts'

const shape = object({
  entity: text, at: instant, neighbours: integer(0), weight: number(0), page_rank: number(0), community: text, community_size: integer(1),
  within: number(0), vector: list(number()),
})
const isRow = (value: unknown): value is Typed<typeof shape> => shape.holds(value)

interface Moment {
  readonly atMs: Millis
  /** Features by name as JSON: `neighbours`, .. `v0`, `v1` .. */
  readonly members: readonly (readonly [name: string, json: string])[]
}

class KnownFeatures {
  readonly #byEntity: ReadonlyMap<string, readonly Moment[]>

  constructor(byEntity: ReadonlyMap<string, readonly Moment[]>) {
    this.#byEntity = byEntity
  }

  /** What was last said of an entity at or before a moment; undefined where nothing was. */
  of(entity: string, ms: Millis): Moment['members'] | undefined {
    const moments = this.#byEntity.get(entity) ?? []
    return moments[bisect(0, moments.length, (i) => (moments[i]?.atMs ?? 0) <= ms) - 1]?.members
  }
}

/** Throws Failure `data` with the line that is no such row, or that a second one says of the same entity and moment. */
export function featuresIn(bytes: Buffer, name: string): KnownFeatures {
  const byEntity = new Map<string, Moment[]>()
  textOf(bytes).split('\n').forEach((line, i) => {
    if (line.trim() === '') return
    const place = `${name}:${i + 1}`, value = jsonIn(line, place)
    if (!isRow(value)) {
      const { path, message } = shape.fault(value) ?? { path: '', message: 'no row of vanta-graph features' }
      throw new Failure('data', `${place}: ${path === '' ? message : `field "${path}": ${message}`}`)
    }
    const { entity, at, vector, ...others } = value
    const members = [...Object.entries(others), ...vector.map((one, d) => [`v${d}`, one] as const)].map(([member, is]) => [member, JSON.stringify(is)] as const)
    const moments = byEntity.get(entity)
    if (moments === undefined) byEntity.set(entity, [{ atMs: millisOf(at), members }])
    else moments.push({ atMs: millisOf(at), members })
  })
  for (const [entity, moments] of byEntity) {
    moments.sort((a, b) => a.atMs - b.atMs)
    if (moments.some(({ atMs }, i) => atMs === moments[i - 1]?.atMs)) throw new Failure('data', `${name}: two rows of ${entity} at one moment`)
  }
  return new KnownFeatures(byEntity)
}

function jsonIn(line: string, place: string): unknown {
  try {
    return JSON.parse(line)
  } catch (error) {
    throw new Failure('data', `${place}: not JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
}
