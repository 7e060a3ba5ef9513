/**
 * Changes in a series of any scale. Four kinds of segment are held against one another by their evidence: a level, a trend, and each of them with values that
 * follow the value before. Priors are what the series has been so far, so that neither units nor origin matter; the first values are held until they can say
 * what the scale is.
 */
import { RunLengths, type ChangeTerms } from './changepoint.ts'

/** Values before anything is said. */
const LEAST = 10
/** Values that never differed vary by this share of their size, or by this. */
const RIGID = 1e-6
/** What a kind has shown counts for so much less with each value (dynamic model averaging, Raftery, Karny & Ettler 2010). */
const FORGETTING = 0.99

export type Kind = 'level' | 'trend' | 'following' | 'following trend'
const KINDS: readonly Kind[] = ['level', 'trend', 'following', 'following trend']

interface Model {
  readonly kind: Kind
  readonly runs: RunLengths
  /** Log evidence of all values, and of the late ones. */
  evidence: number
  weight: number
}

export class Changes {
  readonly #dimensions: number
  readonly #models: readonly Model[]
  #held: Float64Array[] | undefined = []
  #count = 0
  /** Values missing before the first. */
  #lead = 0
  readonly #last: Float64Array
  readonly #means: Float64Array
  readonly #squares: Float64Array
  readonly #variances: Float64Array
  /** How improbable the last values were over all kinds, in nats, in units in which the series has the variance one; NaN while too little was seen. */
  surprise = NaN

  constructor(dimensions: number, terms: Partial<ChangeTerms> = {}, kinds: readonly Kind[] = KINDS) {
    this.#dimensions = dimensions
    this.#models = kinds.map((kind) => ({
      kind, runs: new RunLengths(dimensions, { ...terms, follows: kind.startsWith('following'), trends: kind.endsWith('trend') }), evidence: 0, weight: 0,
    }))
    this.#last = new Float64Array(dimensions)
    this.#means = new Float64Array(dimensions)
    this.#squares = new Float64Array(dimensions)
    this.#variances = new Float64Array(dimensions)
  }

  /** Take the next values; their surprise, NaN while too little was seen. */
  see(values: Float64Array): number {
    this.#last.set(values)
    if (this.#held !== undefined) {
      this.#held.push(values.slice())
      this.#widen(values)
      if (this.#held.length >= LEAST) this.#release(this.#held)
      return NaN
    }
    this.#scale()
    this.surprise = this.#next(values)
    this.#widen(values)
    return this.surprise
  }

  /** A value that is missing: it is taken to be as the one before, so that the values after it keep their places. */
  skip(): void {
    if (this.#count === 0) this.#lead++
    else this.see(this.#last)
  }

  /** The kind of segment that the late values speak for; undefined while too little was seen. */
  get present(): Model | undefined {
    return this.#held === undefined ? this.#leading('weight') : undefined
  }

  /** Indices where new segments begin in all values so far, by the kind that has explained them best. */
  changes(): number[] {
    if (this.#held !== undefined && this.#held.length > 1) this.#release(this.#held)
    return this.#leading('evidence')?.runs.changes().map((start) => start + this.#lead) ?? []
  }

  #leading(by: 'weight' | 'evidence'): Model | undefined {
    let leading = this.#models[0]
    for (const model of this.#models) if (leading === undefined || model[by] > leading[by]) leading = model
    return leading
  }

  #release(held: readonly Float64Array[]): void {
    this.#scale()
    this.#held = undefined
    for (const values of held) this.#next(values)
  }

  /** Minus the log of the mean probability over the kinds, each by what it has shown of late. */
  #next(values: Float64Array): number {
    let most = -Infinity
    for (const { weight } of this.#models) most = Math.max(most, weight)
    let total = 0, scale = 0
    for (const variance of this.#variances) scale += Math.log(variance) / 2
    const logs = this.#models.map((model) => {
      total += Math.exp(model.weight - most)
      return -model.runs.see(values, { mean: this.#means, variance: this.#variances })
    })
    let best = -Infinity
    for (const log of logs) best = Math.max(best, log)
    let sum = 0
    this.#models.forEach((model, i) => {
      const log = logs[i] ?? 0
      sum += Math.exp(model.weight - most + log - best)
      model.evidence += log
      model.weight = FORGETTING * model.weight + log
    })
    return -(best + Math.log(sum / total)) - scale
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
