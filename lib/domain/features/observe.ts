/** Records as observations of views: of whom, when it happened, when it was known, what it is called there, and numbers. */
import { millisOf, type Millis, type Vanta } from '#record'
import type { Field, View } from './definition.ts'

export interface Observation {
  readonly view: string
  readonly entity: string
  readonly eventMs: Millis
  readonly knownMs: Millis
  /** Two of one entity and moment with the same key are the same fact, one a correction of the other. */
  readonly key: string
  /** The record it was read from. */
  readonly id: string
  /** By the view's columns, in their order; NaN where the record says none. */
  readonly values: readonly number[]
}

type Fields = { readonly [name: string]: unknown }

/** Every observation that a record is, by the views that are not derived. */
export function* observationsIn(record: Vanta, views: Iterable<View>): Generator<Observation> {
  const fields = record as Fields
  for (const view of views) {
    if (view.derived !== undefined || !isOfView(record, view)) continue
    const entity = at(fields, view.entity)
    if (typeof entity !== 'string' || entity === '') continue
    yield {
      view: view.name, entity, eventMs: millisOf(record.at), knownMs: millisOf(record.known_at), id: record.id,
      key: view.key.length === 1 ? wordAt(fields, view.key[0] ?? []) : view.key.map((path) => wordAt(fields, path)).join('\u001f'),
      values: valuesIn(fields, view),
    }
  }
}

/** Whether a view speaks of such records. */
export const isOfView = (record: Vanta, { kind, where }: View): boolean =>
  record.kind === kind && where.every(([path, words]) => words.includes(wordAt(record as Fields, path)))

/** The numbers of a view, in the order of its columns; NaN where there is none. */
export const valuesIn = (fields: Fields, { values }: View): number[] => [...values.values()].map((field) => numberAt(fields, field))

function at(record: Fields, path: readonly string[]): unknown {
  let value: unknown = record
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
    value = (value as Fields)[name]
  }
  return value
}

function wordAt(record: Fields, path: readonly string[]): string {
  const value = at(record, path)
  return typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
}

const DECIMAL = /^-?\d+(\.\d+)?$/

function numberAt(record: Fields, { path, words }: Field): number {
  const value = at(record, path)
  if (words !== undefined) return typeof value === 'string' && Object.hasOwn(words, value) ? (words[value] ?? NaN) : NaN
  if (typeof value === 'number') return Number.isFinite(value) ? value : NaN
  if (typeof value === 'boolean') return value ? 1 : 0
  return typeof value === 'string' && DECIMAL.test(value) ? Number(value) : NaN
}
