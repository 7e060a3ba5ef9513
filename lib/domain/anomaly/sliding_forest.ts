/**
 * An isolation forest over the last rows of a stream: a row is scored by trees that grew on rows before it, as if it had been among
 * them, and every few rows the oldest tree makes way for one grown on what the window holds now.
 */
import { drawPlaces, forestScore, IsolationTree, type Draw } from './isolation_forest.ts'

export interface SlidingTerms {
  readonly window: number
  readonly trees: number
  readonly sample: number
  /** Rows from one new tree to the next. */
  readonly every: number
}
/** All trees are new after as many rows as the window holds. */
const SLIDING: SlidingTerms = { window: 1000, trees: 50, sample: 128, every: 20 }

/** Rows before the first tree. */
const LEAST = 32

export class SlidingForest {
  readonly #dimensions: number
  readonly #next: Draw
  readonly #terms: SlidingTerms
  readonly #rows: Float64Array
  #trees: IsolationTree[] = []
  #samples: number[] = []
  #seen = 0

  constructor(dimensions: number, next: Draw, terms: Partial<SlidingTerms> = {}) {
    this.#terms = { ...SLIDING, ...terms }
    this.#dimensions = dimensions
    this.#next = next
    this.#rows = new Float64Array(this.#terms.window * dimensions)
  }

  /** The score of a row by those before it, in (0, 1); 0 while they are too few. Then it is remembered. */
  see(row: Float64Array): number {
    const score = this.#score(row)
    const { window, every, trees } = this.#terms
    this.#rows.set(row, (this.#seen % window) * this.#dimensions)
    this.#seen++
    if (this.#seen === LEAST) for (let i = 0; i < trees; i++) this.#plant()
    else if (this.#seen > LEAST && (this.#seen % every === 0 || (this.#seen < window && this.#seen % 4 === 0))) this.#plant()
    return score
  }

  #plant(): void {
    const { window, trees, sample } = this.#terms
    const held = Math.min(this.#seen, window), size = Math.min(sample, held)
    const tree = new IsolationTree({ values: this.#rows, dimensions: this.#dimensions }, drawPlaces(held, size, this.#next), this.#next, true)
    if (this.#trees.length === trees) {
      this.#trees.shift()
      this.#samples.shift()
    }
    this.#trees.push(tree)
    this.#samples.push(size)
  }

  #score(row: Float64Array): number {
    if (this.#trees.length === 0) return 0
    let length = 0, sample = 0
    for (const tree of this.#trees) length += tree.joinedPathLength(row, 0)
    for (const size of this.#samples) sample += size
    return forestScore(length / this.#trees.length, sample / this.#samples.length)
  }
}
