/** The records to be told apart, as fields that are prepared once for all comparisons. */
import { tokensOf, trigramsOf } from './likeness.ts'

export type Fields = { readonly [field: string]: string }

/** What a field holds, which decides how it is compared. */
export type FieldKind = 'number' | 'code' | 'text'

export interface Value {
  /** Tokens joined by one blank; empty where nothing is known. */
  readonly plain: string
  readonly tokens: readonly string[]
  readonly set: ReadonlySet<string>
  readonly grams: ReadonlySet<string>
  /** Tokens with a digit: model numbers, years, house numbers. */
  readonly figures: ReadonlySet<string>
  readonly number: number
}

export interface Prepared {
  readonly values: readonly Value[]
  /** All fields as one. */
  readonly whole: Value
}

export interface Corpus {
  readonly fields: readonly string[]
  readonly kinds: readonly FieldKind[]
  /** Of each token by field, and of all fields under the last: how much it tells. */
  readonly weights: readonly ReadonlyMap<string, number>[]
  /** The weight of a token never seen. */
  readonly rarest: number
}

const NUMBER = /^[-+]?[\d,]*\.?\d+$/
const MISSING = new Set(['', 'nan', 'null', 'none', 'n/a', 'na', '-', '--'])

export function valueOf(text: string): Value {
  const tokens = MISSING.has(text.trim().toLowerCase()) ? [] : tokensOf(text)
  const trimmed = text.trim().replace(/^\$/, '')
  return {
    plain: tokens.join(' '), tokens, set: new Set(tokens), grams: trigramsOf(tokens), figures: new Set(tokens.filter((token) => /\p{N}/u.test(token))),
    number: NUMBER.test(trimmed) ? Number(trimmed.replaceAll(',', '')) : NaN,
  }
}

export function prepare(record: Fields, fields: readonly string[]): Prepared {
  const values = fields.map((field) => valueOf(record[field] ?? ''))
  return { values, whole: valueOf(values.map(({ plain }) => plain).join(' ')) }
}

/** Judge the fields by what they hold: no label is looked at. */
export function corpusOf(records: readonly Fields[]): Corpus {
  const fields = [...new Set(records.flatMap((record) => Object.keys(record)))].sort()
  const prepared = records.map((record) => prepare(record, fields))
  const perField = fields.map((_, f) => weightsOf(prepared.map(({ values }) => values[f]?.set ?? new Set())))
  const weights = [...perField, weightsOf(prepared.map(({ whole }) => whole.set))]
  return { fields, kinds: fields.map((_, f) => kindOf(prepared.map(({ values }) => values[f] ?? valueOf('')))), weights, rarest: Math.log(1 + records.length) }
}

/** A code is one word with digits whose order is all there is to it; a number can be near another. */
function kindOf(values: readonly Value[]): FieldKind {
  const known = values.filter(({ plain }) => plain !== '')
  const share = (test: (value: Value) => boolean): number => known.filter(test).length / Math.max(1, known.length)
  const lengths = new Set(known.map(({ plain }) => plain.length))
  if (share(({ number }) => !Number.isNaN(number)) > 0.9) return lengths.size <= 3 && share(({ plain }) => plain.length >= 6) > 0.8 ? 'code' : 'number'
  return share(({ tokens, figures }) => figures.size === tokens.length && tokens.length <= 4) > 0.8 ? 'code' : 'text'
}

/** log(1 + N / df): a token in every record tells little, one in a single record nearly all. */
function weightsOf(sets: readonly ReadonlySet<string>[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const set of sets) for (const token of set) counts.set(token, (counts.get(token) ?? 0) + 1)
  return new Map([...counts].map(([token, count]) => [token, Math.log(1 + sets.length / count)]))
}
