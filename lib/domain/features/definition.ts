/**
 * What a feature is, said once for training and for serving. A *view* says which records tell of what: of whom, when it happened, when it could have
 * been known, and numbers. A *feature* is an aggregate of one of those numbers over the span before the moment that is asked for.
 *
 * At a moment t counts what happened in (t - window, t], was known by t, and was not corrected by t.
 */
import { sha256Of } from '#record/sha256'
import { canonicalize, isKind, parseDuration, formatDuration, type Json, type Kind, type Millis } from '#record'
import { isObject, list, literal, object, oneOf, optional, pattern, text, type Fault, type Shape } from '#record/shape'

export const AGGREGATES = ['last', 'count', 'sum', 'mean', 'min', 'max', 'std'] as const
export type Aggregate = (typeof AGGREGATES)[number]

/** Where a number stands in a record: a path such as `facts.shares`, decimals as text included; `words` gives numbers to words. */
export interface Field {
  readonly path: readonly string[]
  readonly words?: Readonly<Record<string, number>>
}

export interface View {
  readonly name: string
  readonly kind: Kind
  /** By path, the words that are meant; records with others are none of the view's. */
  readonly where: readonly (readonly [path: readonly string[], words: readonly string[]])[]
  /** The path of whom it tells. */
  readonly entity: readonly string[]
  /** What tells facts of one entity and one moment apart. Two records that agree in these are the same fact; the one known later corrects the other. */
  readonly key: readonly (readonly string[])[]
  readonly values: ReadonlyMap<string, Field>
  /** Made from other records on the way in, instead of read off one. */
  readonly derived?: 'momentum'
}

export interface Feature {
  readonly name: string
  readonly view: string
  readonly value: string
  readonly aggregate: Aggregate
  /** Undefined: since ever, which only `last` may ask for. */
  readonly windowMs: Millis | undefined
  /** An answer that rests on nothing younger is stale: served with that mark, and missing in what is trained on. */
  readonly ttlMs: Millis
}

export interface Definitions {
  readonly views: ReadonlyMap<string, View>
  readonly features: ReadonlyMap<string, Feature>
}

/** Names of views, values and features: also columns of tables, and folders. */
const NAME = /^[a-z][a-z0-9_]{0,62}$/
const name = pattern(NAME, 'a name of small letters, digits and "_"')
const path = pattern(/^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z0-9_]+)*$/, 'a path such as "facts.shares"')
const duration = pattern(/^\d+(\.\d+)?(ms|s|m|h|d|w)$/, 'a duration like 15m, 6h or 5d')

const field = object({ path, words: optional(mapOf({ holds: (v) => typeof v === 'number' && Number.isFinite(v), expected: 'a number' })) })
const viewShape = object({
  kind: text, where: optional(mapOf({ holds: isWords, expected: 'a word, or a list of words' })), entity: optional(path), key: optional(list(path)),
  values: mapOf({ holds: (v) => path.holds(v) || field.holds(v), expected: 'a path, or {"path": ..., "words": {...}}' }),
  derived: optional(literal('momentum')),
})
const featureShape = object({ view: name, value: name, aggregate: oneOf(...AGGREGATES), window: optional(duration), ttl: optional(duration) })

function isWords(value: unknown): boolean {
  return typeof value === 'string' || (Array.isArray(value) && value.every((one) => typeof one === 'string'))
}

/** An object whose members are all alike. */
function mapOf({ holds, expected }: { readonly holds: (value: unknown) => boolean; readonly expected: string }): Shape<{ [name: string]: unknown }> {
  const fault = (value: unknown): Fault | undefined => {
    if (!isObject(value)) return { path: '', message: 'expected an object' }
    const wrong = Object.keys(value).find((key) => !holds(value[key]))
    return wrong === undefined ? undefined : { path: wrong, message: `expected ${expected}` }
  }
  return { schema: { type: 'object' }, holds: (value) => fault(value) === undefined, fault }
}

/** Columns that the rows of every view have. */
export const OWN_COLUMNS = ['entity', 'event_at', 'known_at', 'key', 'id'] as const
const reserved: ReadonlySet<string> = new Set(OWN_COLUMNS)

/**
 * `{"views": {NAME: ...}, "features": {NAME: ...}}`, on top of what is defined already. Throws RangeError that names the place: on what has not that
 * shape, a feature of nothing, a window that its aggregate needs, and on a name that is taken.
 */
export function readDefinitions(value: unknown, base: Definitions = { views: new Map(), features: new Map() }): Definitions {
  if (!isObject(value)) throw new RangeError('expected an object with "views" and "features"')
  const views = new Map(base.views), features = new Map(base.features)
  const other = Object.keys(value).find((key) => key !== 'views' && key !== 'features' && key !== 'version')
  if (other !== undefined) throw new RangeError(`unknown field "${other}": there are "views" and "features"`)
  for (const [key, entry] of entriesOf(value['views'], 'views')) {
    if (views.has(key)) throw new RangeError(`views.${key}: the name is taken`)
    views.set(key, viewOf(key, entry))
  }
  for (const [key, entry] of entriesOf(value['features'], 'features')) {
    if (features.has(key)) throw new RangeError(`features.${key}: the name is taken`)
    features.set(key, featureOf(key, entry, views))
  }
  return { views, features }
}

function entriesOf(value: unknown, place: string): readonly (readonly [string, unknown])[] {
  if (value === undefined) return []
  if (!isObject(value)) throw new RangeError(`${place}: expected an object`)
  const entries = Object.entries(value)
  const wrong = entries.find(([key]) => !NAME.test(key))
  if (wrong !== undefined) throw new RangeError(`${place}.${wrong[0]}: expected a name of small letters, digits and "_"`)
  return entries
}

function shaped<T>(shape: Shape<T>, value: unknown, place: string): T {
  const fault = shape.fault(value)
  if (fault !== undefined) throw new RangeError(`${place}${fault.path === '' ? '' : `.${fault.path}`}: ${fault.message}`)
  return value as T
}

function viewOf(viewName: string, value: unknown): View {
  const place = `views.${viewName}`, { kind, where = {}, entity = 'subject', key = ['id'], values, derived } = shaped(viewShape, value, place)
  if (!isKind(kind)) throw new RangeError(`${place}.kind: there are no records of kind "${kind}"`)
  const wrong = Object.keys(values).find((column) => !NAME.test(column) || reserved.has(column))
  if (wrong !== undefined) throw new RangeError(`${place}.values.${wrong}: expected a name of small letters, none of ${OWN_COLUMNS.join(', ')}`)
  return {
    name: viewName, kind, entity: entity.split('.'), key: key.map((one) => one.split('.')),
    where: Object.entries(where).map(([at, words]) => [at.split('.'), (Array.isArray(words) ? words : [words]) as readonly string[]] as const),
    values: new Map(Object.entries(values).map(([column, of]) => [column, fieldOf(of as string | { path: string; words?: Record<string, number> })])),
    ...(derived !== undefined && { derived }),
  }
}

function fieldOf(of: string | { readonly path: string; readonly words?: Readonly<Record<string, number>> }): Field {
  if (typeof of === 'string') return { path: of.split('.') }
  return { path: of.path.split('.'), ...(of.words !== undefined && { words: of.words }) }
}

function featureOf(featureName: string, value: unknown, views: ReadonlyMap<string, View>): Feature {
  const place = `features.${featureName}`, { view, value: column, aggregate, window, ttl } = shaped(featureShape, value, place)
  const of = views.get(view)
  if (of === undefined) throw new RangeError(`${place}.view: there is no view "${view}"`)
  if (!of.values.has(column)) throw new RangeError(`${place}.value: the view "${view}" has no value "${column}"; it has ${[...of.values.keys()].join(', ')}`)
  if (window === undefined && aggregate !== 'last') throw new RangeError(`${place}.window: "${aggregate}" needs one`)
  const windowMs = window === undefined ? undefined : parseDuration(window), ttlMs = ttl === undefined ? windowMs : parseDuration(ttl)
  if (ttlMs === undefined) throw new RangeError(`${place}.ttl: needed where there is no window`)
  return { name: featureName, view, value: column, aggregate, windowMs, ttlMs }
}

/** As a file of definitions has it. */
export const saidOf = ({ view, value, aggregate, windowMs, ttlMs }: Feature): { readonly [field: string]: Json } =>
  ({ view, value, aggregate, ...(windowMs !== undefined && { window: formatDuration(windowMs) }), ttl: formatDuration(ttlMs) })

/**
 * How long before the moment asked for facts of a view may matter: to all answers, for ever where a `last` has no window; or to those that are not stale.
 */
export function reachOf(features: Iterable<Feature>, view: string, which: 'all' | 'fresh'): Millis {
  let reachMs = 0
  for (const feature of features) {
    if (feature.view !== view) continue
    reachMs = Math.max(reachMs, feature.windowMs ?? (which === 'all' ? Infinity : feature.ttlMs))
  }
  return reachMs
}

/** 16 hex digits that change with what is said of features and their views. */
export function digestOf({ views, features }: Definitions): string {
  const said = [...features.values()].map((feature) => ({ name: feature.name, ...saidOf(feature) }))
  return digested({ views: [...views.values()].map(plainOf), features: said } as Json)
}

/** The same of views alone: of how records are read. */
export const digestOfViews = (views: Iterable<View>): string => digested([...views].map(plainOf) as Json)

const digested = (said: Json): string => sha256Of(canonicalize(said)).slice(0, 16)

const plainOf = ({ values, key, where, entity, ...view }: View): unknown => ({
  ...view, entity: [...entity], key: key.map((path) => [...path]), where: where.map(([path, words]) => [[...path], [...words]]),
  values: [...values].map(([column, { path, words }]) => [column, [...path], words ?? null]),
})

/** Only these features, in this order, with the views they need. Throws RangeError on a name that there is not. */
export function chosen({ views, features }: Definitions, names: readonly string[] | undefined): Definitions {
  if (names === undefined) return { views, features }
  const picked = new Map<string, Feature>()
  for (const one of names) {
    const feature = features.get(one)
    if (feature === undefined) throw new RangeError(`there is no feature "${one}"; vanta-features list says which there are`)
    picked.set(one, feature)
  }
  const needed = new Set([...picked.values()].map(({ view }) => view))
  return { views: new Map([...views].filter(([one]) => needed.has(one))), features: picked }
}
