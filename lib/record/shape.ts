/**
 * Shapes: one description of a JSON value from which its TypeScript type, its check and its JSON Schema are all derived.
 * Checks are plain closures, some ten nanoseconds a field, so that every record can be checked at every edge.
 */
import type { Json } from './canonical.ts'
import { parseInstant } from './time.ts'

/** What is wrong: `path` names the field ("" for the whole value), `message` what was expected there. */
export interface Fault {
  readonly path: string
  readonly message: string
}

export interface Shape<T> {
  /** Undefined where `value` has this shape, else the first fault found. */
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
  return { schema, fault: (value) => (holds(value) ? undefined : fault) }
}

export const text: Shape<string> = shape({ type: 'string', minLength: 1 }, 'a string', (v) => typeof v === 'string' && v !== '')
export const anyText: Shape<string> = shape({ type: 'string' }, 'a string', (v) => typeof v === 'string')
export const truth: Shape<boolean> = shape({ type: 'boolean' }, 'true or false', (v) => typeof v === 'boolean')
export const unknown: Shape<unknown> = shape({}, 'a value', (v) => v !== undefined)
export const instant: Shape<string> = shape(
  { type: 'string', format: 'date-time' }, 'an ISO 8601 UTC instant like "2021-01-15T14:30:00.000Z"',
  (v) => typeof v === 'string' && parseInstant(v) !== undefined,
)

export function pattern(source: RegExp, expected: string): Shape<string> {
  return shape({ type: 'string', pattern: source.source }, expected, (v) => typeof v === 'string' && source.test(v))
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

export function optional<T>(inner: Shape<T>): Optional<T> {
  return { optional: true, schema: inner.schema, fault: (value) => (value === undefined ? undefined : inner.fault(value)) }
}

/** Known to be absent: null. */
export function orNull<T>(inner: Shape<T>): Shape<T | null> {
  return { schema: { anyOf: [inner.schema, { type: 'null' }] }, fault: (value) => (value === null ? undefined : inner.fault(value)) }
}

export function list<T>(of: Shape<T>): Shape<T[]> {
  const not: Fault = { path: '', message: 'expected an array' }
  return {
    schema: { type: 'array', items: of.schema },
    fault(value) {
      if (!Array.isArray(value)) return not
      for (let i = 0; i < value.length; i++) {
        const fault = of.fault(value[i])
        if (fault !== undefined) return under(String(i), fault)
      }
      return undefined
    },
  }
}

/** An object of any members. */
export const members: Shape<{ [name: string]: unknown }> = shape(
  { type: 'object' }, 'an object', (v) => typeof v === 'object' && v !== null && !Array.isArray(v),
)

/** An object with at least these fields; others pass. */
export function object<const F extends Fields>(fields: F): Shape<ObjectOf<F>> {
  const entries = Object.entries(fields)
  const schemas: { [name: string]: Json } = {}
  for (const [name, field] of entries) schemas[name] = field.schema
  const required = entries.filter(([, field]) => !('optional' in field)).map(([name]) => name)
  return {
    schema: { type: 'object', properties: schemas, required },
    fault(value) {
      const fault = members.fault(value)
      if (fault !== undefined) return fault
      const holder = value as { readonly [name: string]: unknown }
      for (const [name, field] of entries) {
        const inner = field.fault(holder[name])
        if (inner !== undefined) return under(name, inner)
      }
      return undefined
    },
  }
}

function under(name: string, fault: Fault): Fault {
  return { path: fault.path === '' ? name : `${name}.${fault.path}`, message: fault.message }
}
