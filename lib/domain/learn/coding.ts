/**
 * Rows of numbers and words as tables of numbers. A word becomes what its rows were like: for each score the share of rows of a class,
 * drawn to that of all rows where there are few (Micci-Barreca, "A preprocessing scheme for high-cardinality categorical attributes",
 * SIGKDD Explorations 3, 2001). While learning, what a row's own class did to that share is left out, by taking it from the other folds
 * (Prokhorenkova et al., "CatBoost", NeurIPS 2018, on why). Frequent words have a feature of their own besides.
 */
import type { Table } from './table.ts'

export type Cell = number | string | undefined

/** One field of all rows, numbers only or words only; NaN and undefined are missing values. */
export type Field =
  | { readonly name: string; readonly kind: 'number'; readonly values: Float64Array }
  | { readonly name: string; readonly kind: 'word'; readonly values: readonly (string | undefined)[] }

/** Plain JSON: how a field is read. */
export type FieldCode =
  | { readonly name: string; readonly kind: 'number' }
  | {
      readonly name: string
      readonly kind: 'word'
      /** Words that are known, most frequent first; any other is missing. */
      readonly words: readonly string[]
      /** `shares[s][w]`: what word w says of score s. */
      readonly shares: readonly (readonly number[])[]
      /** This many words, from the first, have a feature that is 1 for the word and 0 for others. */
      readonly own: number
    }

export interface CodingTerms {
  /** A word in fewer rows is not known. */
  readonly minRows: number
  /** Rows of the common share that are added to those of each word. */
  readonly drawn: number
  readonly folds: number
  /** Most words of a field that have a feature of their own, and the least share of rows of such a word. */
  readonly own: number
  readonly ownShare: number
}
export const CODING: CodingTerms = { minRows: 3, drawn: 10, folds: 5, own: 12, ownShare: 0.01 }

/** What is written where there is no value. */
export const isMissing = (text: string): boolean => text === '' || text === '?'

/** What the classes are counted as: one statistic for two classes (the share of the second), else one a class. */
const statisticsOf = (classes: number): readonly number[] => (classes === 2 ? [1] : Array.from({ length: classes }, (_, k) => k))

/** Learn how fields are read. `labels` are classes, 0 up. */
export function learnCoding(fields: readonly Field[], labels: ArrayLike<number>, classes: number, terms: CodingTerms = CODING): FieldCode[] {
  return fields.map((field) => {
    if (field.kind === 'number') return { name: field.name, kind: 'number' }
    const counts = countsOf(field.values, labels, classes, () => true)
    const words = [...counts].filter(([, { rows }]) => rows >= terms.minRows)
      .sort(([a, one], [b, other]) => other.rows - one.rows || (a < b ? -1 : 1)).map(([word]) => word)
    const whole = commonOf(labels, classes, () => true)
    const own = words.length <= 2 ? 0
      : words.slice(0, terms.own).filter((word) => (counts.get(word)?.rows ?? 0) >= terms.ownShare * field.values.length).length
    const shares = statisticsOf(classes).map((k) => words.map((word) => nine(shareOf(counts.get(word), whole, k, terms.drawn))))
    return { name: field.name, kind: 'word', words, shares, own }
  })
}

/** The names of the features, in their order. `classes` are their names. */
export const featuresOf = (codes: readonly FieldCode[], classes: readonly string[]): string[] => codes.flatMap((code) => {
  if (code.kind === 'number') return [code.name]
  const shares = code.shares.length === 1 ? [code.name] : classes.map((name) => `${code.name}~${name}`)
  return [...shares, ...code.words.slice(0, code.own).map((word) => `${code.name}=${word}`)]
})

/** Of each feature the place of the field that it is of. */
export const fieldOfFeatures = (codes: readonly FieldCode[]): number[] =>
  codes.flatMap((code, f) => (code.kind === 'number' ? [f] : new Array<number>(code.shares.length + code.own).fill(f)))

/** Rows that are learned from: each word by the other folds. */
export function learnedTable(
  fields: readonly Field[], codes: readonly FieldCode[], labels: ArrayLike<number>, classes: readonly string[], terms: CodingTerms = CODING,
): Table {
  const columns = fields.flatMap((field, f) => {
    const code = codes[f]
    if (field.kind === 'number' || code?.kind !== 'word') return field.kind === 'number' ? [field.values] : []
    const known = new Map(code.words.map((word, w) => [word, w]))
    const apart = Array.from({ length: terms.folds }, (_, fold) => ({
      counts: countsOf(field.values, labels, classes.length, (row) => row % terms.folds !== fold),
      whole: commonOf(labels, classes.length, (row) => row % terms.folds !== fold),
    }))
    const shares = statisticsOf(classes.length).map((k) => Float64Array.from(field.values, (word, row) => {
      const fold = apart[row % terms.folds]
      return word === undefined || !known.has(word) || fold === undefined ? NaN : nine(shareOf(fold.counts.get(word), fold.whole, k, terms.drawn))
    }))
    return [...shares, ...ownColumns(field.values, code)]
  })
  return { rows: labels.length, features: featuresOf(codes, classes), columns }
}

/** Reads rows that are asked about, as the model has learned to. */
export class Coder {
  readonly features: readonly string[]
  readonly #codes: readonly FieldCode[]
  readonly #known: readonly ReadonlyMap<string, number>[]

  constructor(codes: readonly FieldCode[], classes: readonly string[]) {
    this.features = featuresOf(codes, classes)
    this.#codes = codes
    this.#known = codes.map((code) => new Map(code.kind === 'word' ? code.words.map((word, w) => [word, w]) : []))
  }

  /** Put one row into columns at `at`; `cell` gives the value of a field. */
  put(columns: readonly Float64Array[], at: number, cell: (code: FieldCode, field: number) => Cell): void {
    let next = 0
    const set = (value: number): void => {
      const column = columns[next++]
      if (column !== undefined) column[at] = value
    }
    this.#codes.forEach((code, f) => {
      const value = cell(code, f)
      if (code.kind === 'number') return set(typeof value === 'number' ? value : NaN)
      const word = value === undefined ? -1 : this.#known[f]?.get(String(value)) ?? -1
      for (const share of code.shares) set(share[word] ?? NaN)
      for (let own = 0; own < code.own; own++) set(value === undefined ? NaN : own === word ? 1 : 0)
    })
  }

  table(fields: readonly Field[]): Table {
    const rows = fields[0]?.values.length ?? 0
    const columns = this.features.map(() => new Float64Array(rows))
    for (let row = 0; row < rows; row++) this.put(columns, row, (_, f) => fields[f]?.values[row])
    return { rows, features: this.features, columns }
  }
}

function ownColumns(values: readonly (string | undefined)[], { words, own }: Extract<FieldCode, { kind: 'word' }>): Float64Array[] {
  return words.slice(0, own).map((mine) => Float64Array.from(values, (word) => (word === undefined ? NaN : word === mine ? 1 : 0)))
}

interface Counts {
  rows: number
  readonly byClass: number[]
}

function countsOf(values: readonly (string | undefined)[], labels: ArrayLike<number>, classes: number, counts: (row: number) => boolean): Map<string, Counts> {
  const all = new Map<string, Counts>()
  values.forEach((word, row) => {
    if (word === undefined || !counts(row)) return
    let mine = all.get(word)
    if (mine === undefined) all.set(word, (mine = { rows: 0, byClass: new Array<number>(classes).fill(0) }))
    mine.rows++
    mine.byClass[labels[row] ?? 0] = (mine.byClass[labels[row] ?? 0] ?? 0) + 1
  })
  return all
}

function commonOf(labels: ArrayLike<number>, classes: number, counts: (row: number) => boolean): readonly number[] {
  const sums = new Array<number>(classes).fill(0)
  let all = 0
  for (let row = 0; row < labels.length; row++) if (counts(row)) {
    sums[labels[row] ?? 0] = (sums[labels[row] ?? 0] ?? 0) + 1
    all++
  }
  return sums.map((sum) => sum / all)
}

const shareOf = (counts: Counts | undefined, whole: readonly number[], k: number, drawn: number): number =>
  ((counts?.byClass[k] ?? 0) + drawn * (whole[k] ?? 0)) / ((counts?.rows ?? 0) + drawn)

const nine = (value: number): number => Number(value.toPrecision(9))
