/** How far sources say the same of the same things at the same time: what one of two that always agree adds is nothing. */
import { millisOf, type Json, type Millis, type Signal } from '#record'
import type { OverlapOf } from '../conviction/independence.ts'

export const OVERLAP_FILE = 'overlap.json'

export interface Overlap {
  /** By name. */
  readonly sources: readonly string[]
  /** Cosine of what two sources said, cell by cell, 0 .. 1 (opposite views overlap in nothing). */
  readonly matrix: readonly (readonly number[])[]
  /** Cells in which each source said anything. */
  readonly cells: readonly number[]
  /**
   * How many independent sources they are worth: the square of the trace over the sum of squares of the matrix, which is the participation
   * ratio of its eigenvalues. Five copies of one are worth 1, five that share nothing 5.
   */
  readonly effective: number
}

/** Sums of what each source says of a subject in a span of time, polarity by loudness. */
export class OverlapCounter {
  readonly #bucketMs: Millis
  readonly #said = new Map<string, Map<string, number>>()

  constructor(bucketMs: Millis) {
    this.#bucketMs = bucketMs
  }

  /** A reading; what has neither subject nor polarity says nothing. */
  hear({ source, subject, polarity = 0, magnitude = 0.5, at }: Signal): void {
    if (subject === undefined || polarity === 0) return
    const cell = `${subject} ${Math.floor(millisOf(at) / this.#bucketMs)}`
    let cells = this.#said.get(source)
    if (cells === undefined) this.#said.set(source, (cells = new Map()))
    // Loudness grows ever more slowly, so that one loud post is not the whole of a source.
    cells.set(cell, (cells.get(cell) ?? 0) + (polarity * (1 + magnitude)) / (2 + magnitude))
  }

  overlap(least = 1): Overlap {
    // Who says one thing as often as its opposite says nothing.
    const sources = [...this.#said].filter(([, cells]) => cells.size >= least && squares(cells) > 0).map(([source]) => source).sort()
    const matrix = sources.map((a) => sources.map((b) => (a === b ? 1 : this.#cosine(a, b))))
    return { sources, matrix, cells: sources.map((source) => this.#said.get(source)?.size ?? 0), effective: effectiveOf(matrix) }
  }

  #cosine(a: string, b: string): number {
    const left = this.#said.get(a) ?? new Map<string, number>(), right = this.#said.get(b) ?? new Map<string, number>()
    const [few, many] = left.size <= right.size ? [left, right] : [right, left]
    let dot = 0
    for (const [cell, value] of few) dot += value * (many.get(cell) ?? 0)
    const norm = Math.sqrt(squares(left) * squares(right))
    return norm === 0 ? 0 : Math.max(0, Math.min(1, dot / norm))
  }
}

/** What is kept in memory of it, at a moment. */
export const overlapMemory = ({ sources, matrix, effective }: Overlap, at: string): { [field: string]: Json } =>
  ({ at, sources: [...sources], matrix: matrix.map((row) => [...row]), effective })

/** How far two sources overlap, by the memory; 0 for one that is not in it. Throws RangeError on a memory that is none of ours. */
export function overlapIn(memory: { readonly [field: string]: unknown }): OverlapOf {
  const { sources, matrix } = memory
  const size = Array.isArray(sources) ? sources.length : -1
  if (!Array.isArray(sources) || !Array.isArray(matrix) || matrix.length !== size) throw new RangeError('expected sources and a matrix of as many rows')
  const places = new Map(sources.map((source, i) => [String(source), i] as const))
  const rows = matrix.map((row: unknown, i) => {
    const values = Array.isArray(row) ? row : []
    if (values.length !== size || !values.every((value): value is number => typeof value === 'number' && value >= 0 && value <= 1)) {
      throw new RangeError(`matrix.${i}: expected ${size} numbers from 0 to 1`)
    }
    return values
  })
  return (a, b) => rows[places.get(a) ?? -1]?.[places.get(b) ?? -1] ?? 0
}

function squares(cells: ReadonlyMap<string, number>): number {
  let sum = 0
  for (const value of cells.values()) sum += value * value
  return sum
}

export function effectiveOf(matrix: readonly (readonly number[])[]): number {
  let squares = 0
  for (const row of matrix) for (const value of row) squares += value * value
  return squares === 0 ? 0 : (matrix.length * matrix.length) / squares
}
