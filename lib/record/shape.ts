/**
 * Shapes: one description of a JSON value from which its TypeScript type, its check and its JSON Schema are all derived.
 * Checks are plain closures, some ten nanoseconds a field, so that every record can be checked at every edge.
 */
import type { Json } from './canonical.ts'
import { isInstant } from './time.ts'

/** What is wrong: `path` names the field ("" for the whole value), `message` what was expected there. */
export interface Fault {
  readonly path: string
  readonly message: string
}

export interface Shape<T> {
  /** Whether a value has this shape: the quick check. */
  readonly holds: (value: unknown) => boolean
  /** Where it has not, the first fault found; else undefined. */
  readonly fault: (value: unknown) => Fault | undefined
  /** JSON Schema, draft 2020-12. */
  readonly schema: { readonly [key: string]: Json }
  /** Type only: never present at run time. */
  readonly type?: T
}

export interface Optional<T> extends Shape<T> {
  readonly optional: true
}

export type Typed<S> = S extends Shape<infer T> ? T : never
type Fields = { readonly [name: string]: Shape<unknown> }
type OptionalKeys<F extends Fields> = { [K in keyof F]: F[K] extends Optional<unknown> ? K : never }[keyof F]
type Flat<T> = { [K in keyof T]: T[K] }
export type ObjectOf<F extends Fields> = Flat<
  { [K in Exclude<keyof F, OptionalKeys<F>>]: Typed<F[K]> } & { [K in OptionalKeys<F>]?: Typed<F[K]> }
>

function shape<T>(schema: Shape<T>['schema'], expected: string, holds: (value: unknown) => boolean): Shape<T> {
  const fault: Fault = { path: '', message: `expected ${expected}` }
  return { schema, holds, fault: (value) => (holds(value) ? undefined : fault) }
}

export const text: Shape<string> = shape({ type: 'string', minLength: 1 }, 'a string', (v) => typeof v === 'string' && v !== '')
export const anyText: Shape<string> = shape({ type: 'string' }, 'a string', (v) => typeof v === 'string')
export const truth: Shape<boolean> = shape({ type: 'boolean' }, 'true or false', (v) => typeof v === 'boolean')
export const unknown: Shape<unknown> = shape({}, 'a value', (v) => v !== undefined)
export const instant: Shape<string> = shape(
  { type: 'string', format: 'date-time' }, 'an ISO 8601 UTC instant like "2021-01-15T14:30:00.000Z"',
  (v) => typeof v === 'string' && isInstant(v),
)

export function pattern(source: RegExp, expected: string): Shape<string> {
  return shape({ type: 'string', pattern: source.source }, expected, (v) => typeof v === 'string' && source.test(v))
}

const isHexDigit = Uint8Array.from({ length: 128 }, (_, code) => ('0123456789abcdef'.includes(String.fromCharCode(code)) ? 1 : 0))

/** Exactly so many lower-case hex digits: a pattern, three times as fast. */
export function hex(digits: number, expected: string): Shape<string> {
  return shape({ type: 'string', pattern: `^[0-9a-f]{${digits}}$` }, expected, (v) => {
    if (typeof v !== 'string' || v.length !== digits) return false
    let all = 1
    for (let i = 0; i < digits; i++) all &= isHexDigit[v.charCodeAt(i)] ?? 0
    return all === 1
  })
}

export function number(minimum = -Infinity, maximum = Infinity): Shape<number> {
  const bounds = {
    ...(Number.isFinite(minimum) && { minimum }),
    ...(Number.isFinite(maximum) && { maximum }),
  }
  const range = Number.isFinite(minimum) ? (Number.isFinite(maximum) ? ` from ${minimum} to ${maximum}` : ` of at least ${minimum}`) : ''
  return shape({ type: 'number', ...bounds }, `a number${range}`, (v) => typeof v === 'number' && v >= minimum && v <= maximum)
}

export function integer(minimum: number): Shape<number> {
  return shape({ type: 'integer', minimum }, `an integer of at least ${minimum}`, (v) => Number.isSafeInteger(v) && Number(v) >= minimum)
}

export function literal<const T extends string>(value: T): Shape<T> {
  return shape({ const: value }, JSON.stringify(value), (v) => v === value)
}

export function oneOf<const T extends string>(...values: readonly T[]): Shape<T> {
  const set: ReadonlySet<unknown> = new Set(values)
  return shape({ enum: values }, `one of ${values.join(', ')}`, (v) => set.has(v))
}

export function optional<T>({ schema, holds, fault }: Shape<T>): Optional<T> {
  return { optional: true, schema, holds: (v) => v === undefined || holds(v), fault: (v) => (v === undefined ? undefined : fault(v)) }
}

/** Known to be absent: null. */
export function orNull<T>({ schema, holds, fault }: Shape<T>): Shape<T | null> {
  return {
    schema: { anyOf: [schema, { type: 'null' }] },
    holds: (v) => v === null || holds(v),
    fault: (v) => (v === null ? undefined : fault(v)),
  }
}

export function list<T>({ schema, holds, fault }: Shape<T>): Shape<T[]> {
  const not: Fault = { path: '', message: 'expected an array' }
  return {
    schema: { type: 'array', items: schema },
    holds: (value) => Array.isArray(value) && value.every(holds),
    fault(value) {
      if (!Array.isArray(value)) return not
      for (const [i, entry] of value.entries()) {
        const inner = fault(entry)
        if (inner !== undefined) return under(String(i), inner)
      }
      return undefined
    },
  }
}

export const notObject: Fault = { path: '', message: 'expected an object' }
type Members = { readonly [name: string]: unknown }
export const isObject = (value: unknown): value is Members => typeof value === 'object' && value !== null && !Array.isArray(value)

/** An object of any members. */
export const members: Shape<{ [name: string]: unknown }> = shape({ type: 'object' }, 'an object', isObject)

/** An object with at least these fields; others pass. What is needed to check or describe it is made when first asked for. */
export function object<const F extends Fields>(fields: F): Shape<ObjectOf<F>> {
  let holds: ((value: Members) => boolean) | undefined
  return {
    get schema() {
      const properties: { [name: string]: Json } = {}
      for (const [name, { schema }] of Object.entries<Shape<unknown>>(fields)) properties[name] = schema
      return { type: 'object', properties, required: [...requiredOf(fields)] }
    },
    holds: (value) => isObject(value) && (holds ??= holder(fields))(value),
    fault(value) {
      if (!isObject(value)) return notObject
      for (const [name, { fault }] of Object.entries<Shape<unknown>>(fields)) {
        const inner = fault(value[name])
        if (inner !== undefined) return under(name, inner)
      }
      return undefined
    },
  }
}

const requiredOf = (fields: Fields): ReadonlySet<string> => new Set(Object.keys(fields).filter((name) => !('optional' in (fields[name] ?? {}))))

interface Field {
  readonly name: string
  readonly holds: (value: unknown) => boolean
  /** 1 where the field must be there, 0 where it may be absent: added up. */
  readonly required: 0 | 1
}

const MOST_REMEMBERED = 64

/**
 * Whether an object has all of these fields as they should be. It goes by the members that are there, not by the fields, and
 * remembers which field stood where in the last object: those of one writer have their members in one order.
 */
function holder(fields: Fields): (value: Members) => boolean {
  const required = requiredOf(fields)
  const byName = new Map(Object.entries(fields).map(([name, { holds }]): [string, Field] => [name, { name, holds, required: required.has(name) ? 1 : 0 }]))
  const recent: Field[] = []
  return (value) => {
    let place = 0, found = 0
    for (const name in value) {
      let field = recent[place]
      if (field?.name !== name) {
        field = byName.get(name) ?? { name, holds: () => true, required: 0 }
        if (place < MOST_REMEMBERED) recent[place] = field
      }
      if (!field.holds(value[name])) return false
      found += field.required
      place++
    }
    return found === required.size
  }
}

function under(name: string, fault: Fault): Fault {
  return { path: fault.path === '' ? name : `${name}.${fault.path}`, message: fault.message }
}
