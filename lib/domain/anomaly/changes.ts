/**
 * Changes in a series of any scale: run lengths whose prior is what the series has been so far, so that neither units nor origin matter. The first values
 * are held until they can say what the scale is.
 */
import { RunLengths, type ChangeTerms } from './changepoint.ts'

/** Values before anything is said. */
const LEAST = 10
/** Values that never differed vary by this share of their size, or by this. */
const RIGID = 1e-6

export class Changes {
  readonly #dimensions: number
  readonly #terms: Partial<ChangeTerms>
  #held: Float64Array[] = []
  #count = 0
  readonly #means: Float64Array
  readonly #squares: Float64Array
  readonly #variances: Float64Array
  /** Undefined while too little was seen. */
  runs: RunLengths | undefined
  /** How improbable the last values were, in nats over those of a normal distribution as wide as the series, at its mode without its constant. */
  surprise = NaN

  constructor(dimensions: number, terms: Partial<ChangeTerms> = {}) {
    this.#dimensions = dimensions
    this.#terms = terms
    this.#means = new Float64Array(dimensions)
    this.#squares = new Float64Array(dimensions)
    this.#variances = new Float64Array(dimensions)
  }

  /** Take the next values; their surprise, NaN while too little was seen. */
  see(values: Float64Array): number {
    if (this.runs === undefined) {
      this.#held.push(values.slice())
      this.#widen(values)
      if (this.#held.length >= LEAST) this.#begin()
      return NaN
    }
    this.#next(this.runs, values)
    this.#widen(values)
    return this.surprise
  }

  /** Indices where new segments begin in all values so far. */
  changes(): number[] {
    if (this.runs === undefined && this.#held.length > 1) this.#begin()
    return this.runs?.changes() ?? []
  }

  #begin(): void {
    this.#scale()
    this.runs = new RunLengths(this.#dimensions, this.#terms)
    for (const values of this.#held) this.runs.see(values, { mean: this.#means, variance: this.#variances })
    this.#held = []
  }

  #next(runs: RunLengths, values: Float64Array): void {
    this.#scale()
    let surprise = runs.see(values, { mean: this.#means, variance: this.#variances })
    for (const variance of this.#variances) surprise -= Math.log(variance) / 2
    this.surprise = surprise
  }

  /** Welford's running mean and sum of squares. */
  #widen(values: Float64Array): void {
    this.#count++
    for (let d = 0; d < this.#dimensions; d++) {
      const value = values[d] ?? 0, mean = this.#means[d] ?? 0, off = value - mean
      this.#means[d] = mean + off / this.#count
      this.#squares[d] = (this.#squares[d] ?? 0) + off * (value - (this.#means[d] ?? 0))
    }
  }

  #scale(): void {
    for (let d = 0; d < this.#dimensions; d++) {
      const rigid = RIGID * (Math.abs(this.#means[d] ?? 0) || 1)
      this.#variances[d] = Math.max((this.#squares[d] ?? 0) / this.#count, rigid * rigid)
    }
  }
}
