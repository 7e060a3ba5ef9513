/**
 * Bayesian online changepoint detection (Adams & MacKay 2007, arXiv 0710.3742): the posterior of how long the present segment has run. Values of a segment
 * are normal with unknown mean and variance (normal-inverse-gamma prior, so that the next value is Student's t; Murphy 2007, "Conjugate Bayesian analysis
 * of the Gaussian distribution"), several dimensions independent. A segment ends at each step with the chance `hazard`.
 *
 * Beside the sum over all segmentations it keeps the best of them (Viterbi), whose starts are the changes. Run lengths of next to no probability are
 * dropped, and the least probable beyond a cap: memory and time a value are bounded.
 */
export interface ChangeTerms {
  readonly hazard: number
  /** Of the prior: how many values its mean counts for, and its shape. */
  readonly kappa: number
  readonly alpha: number
  /** Run lengths of less probability are dropped. */
  readonly least: number
  /** Most run lengths kept. */
  readonly most: number
  /** Whether the best segmentation is kept: it grows with every change. */
  readonly history: boolean
}
export const CHANGE: ChangeTerms = { hazard: 1 / 250, kappa: 0.1, alpha: 1, least: 1e-6, most: 128, history: false }

/** The segments that a best segmentation is made of, the last first. */
interface Segments {
  readonly start: number
  readonly before: Segments | undefined
}

/** What each dimension is expected to be in a segment that begins now. */
export interface SegmentPrior {
  readonly mean: ArrayLike<number>
  readonly variance: ArrayLike<number>
}

export class RunLengths {
  readonly #terms: ChangeTerms
  readonly #dimensions: number
  /** One of each run length that is kept, in order of where it began. */
  #size = 0
  readonly #starts: Int32Array
  readonly #probabilities: Float64Array
  readonly #best: Float64Array
  readonly #segments: (Segments | undefined)[] = []
  /** By run length, then dimension: the mean, and half the sum of squares with the prior's share (beta). */
  readonly #means: Float64Array
  readonly #betas: Float64Array
  readonly #logs: Float64Array
  #index = 0

  constructor(dimensions: number, terms: Partial<ChangeTerms> = {}) {
    this.#terms = { ...CHANGE, ...terms }
    this.#dimensions = dimensions
    const room = this.#terms.most + 1
    this.#starts = new Int32Array(room)
    this.#probabilities = new Float64Array(room)
    this.#best = new Float64Array(room)
    this.#logs = new Float64Array(room)
    this.#means = new Float64Array(room * dimensions)
    this.#betas = new Float64Array(room * dimensions)
  }

  /**
   * Take the next values. `prior` is of a segment that begins with them, and may follow from all before. Returns minus the log of how probable they were
   * before they were seen.
   */
  see(values: ArrayLike<number>, prior: SegmentPrior): number {
    const { hazard } = this.#terms
    const first = this.#index === 0
    this.#begin(prior)
    const size = this.#size, probabilities = this.#probabilities, logs = this.#logs, best = this.#best
    let most = -Infinity
    for (let i = 0; i < size; i++) {
      const log = this.#predict(i, values)
      logs[i] = log
      if (log > most) most = log
    }
    let sum = 0
    const stays = first ? 0 : Math.log(1 - hazard)
    for (let i = 0; i < size; i++) {
      const log = logs[i] ?? 0
      const joint = (probabilities[i] ?? 0) * (i === size - 1 ? (first ? 1 : hazard) : 1 - hazard) * Math.exp(log - most)
      probabilities[i] = joint
      sum += joint
      best[i] = (best[i] ?? 0) + log + (i === size - 1 ? 0 : stays)
    }
    for (let i = 0; i < size; i++) {
      probabilities[i] = (probabilities[i] ?? 0) / sum
      this.#learn(i, values)
    }
    this.#drop()
    this.#index++
    return -(most + Math.log(sum))
  }

  /** A segment that begins with the next values, after the best of those before. */
  #begin({ mean, variance }: SegmentPrior): void {
    const { hazard, alpha, history } = this.#terms
    const i = this.#size++, dimensions = this.#dimensions
    let total = 0, before = -1
    for (let j = 0; j < i; j++) {
      total += this.#probabilities[j] ?? 0
      if (before === -1 || (this.#best[j] ?? 0) > (this.#best[before] ?? 0)) before = j
    }
    this.#starts[i] = this.#index
    this.#probabilities[i] = before === -1 ? 1 : total
    this.#best[i] = before === -1 ? 0 : (this.#best[before] ?? 0) + Math.log(hazard)
    this.#segments[i] = { start: this.#index, before: before === -1 || !history ? undefined : this.#segments[before] }
    for (let d = 0; d < dimensions; d++) {
      this.#means[i * dimensions + d] = mean[d] ?? 0
      this.#betas[i * dimensions + d] = alpha * (variance[d] ?? 1)
    }
  }

  /** The log density of the values in the i-th segment: Student's t of 2 alpha degrees around its mean. */
  #predict(i: number, values: ArrayLike<number>): number {
    const dimensions = this.#dimensions, n = this.#index - (this.#starts[i] ?? 0)
    const kappa = this.#terms.kappa + n, alpha = this.#terms.alpha + n / 2
    const spread = (2 * (kappa + 1)) / kappa
    let log = dimensions * gammaRatio(alpha)
    for (let d = 0; d < dimensions; d++) {
      const width = spread * (this.#betas[i * dimensions + d] ?? 1)
      const distance = (values[d] ?? 0) - (this.#means[i * dimensions + d] ?? 0)
      log -= 0.5 * Math.log(Math.PI * width) + (alpha + 0.5) * Math.log(1 + (distance * distance) / width)
    }
    return log
  }

  #learn(i: number, values: ArrayLike<number>): void {
    const dimensions = this.#dimensions, kappa = this.#terms.kappa + this.#index - (this.#starts[i] ?? 0)
    for (let d = 0; d < dimensions; d++) {
      const at = i * dimensions + d, mean = this.#means[at] ?? 0, distance = (values[d] ?? 0) - mean
      this.#means[at] = mean + distance / (kappa + 1)
      this.#betas[at] = (this.#betas[at] ?? 0) + (kappa * distance * distance) / (2 * (kappa + 1))
    }
  }

  /** Let go of the improbable; the best segmentation stays, and what is left is made to sum to 1 again. */
  #drop(): void {
    const { least, most } = this.#terms, dimensions = this.#dimensions
    const best = this.#bestOf()
    let weakest = -1
    if (this.#size > most) {
      for (let i = 0; i < this.#size; i++) {
        if (i !== best && (weakest === -1 || (this.#probabilities[i] ?? 0) < (this.#probabilities[weakest] ?? 0))) weakest = i
      }
    }
    let kept = 0, total = 0
    for (let i = 0; i < this.#size; i++) {
      const probability = this.#probabilities[i] ?? 0
      // The one that has just begun has had no time to show itself.
      if (i === weakest || (probability < least && i !== best && i !== this.#size - 1)) continue
      total += probability
      if (kept !== i) {
        this.#starts[kept] = this.#starts[i] ?? 0
        this.#probabilities[kept] = probability
        this.#best[kept] = this.#best[i] ?? 0
        this.#segments[kept] = this.#segments[i]
        this.#means.copyWithin(kept * dimensions, i * dimensions, (i + 1) * dimensions)
        this.#betas.copyWithin(kept * dimensions, i * dimensions, (i + 1) * dimensions)
      }
      kept++
    }
    if (kept !== this.#size) for (let i = 0; i < kept; i++) this.#probabilities[i] = (this.#probabilities[i] ?? 0) / total
    this.#size = kept
    this.#segments.length = kept
  }

  #bestOf(): number {
    let best = 0
    for (let i = 1; i < this.#size; i++) if ((this.#best[i] ?? 0) > (this.#best[best] ?? 0)) best = i
    return best
  }

  /** The posterior: where the present segment may have begun, with its probability, the earliest first. */
  posterior(): readonly { readonly start: number; readonly probability: number }[] {
    return Array.from({ length: this.#size }, (_, i) => ({ start: this.#starts[i] ?? 0, probability: this.#probabilities[i] ?? 0 }))
  }

  /** The chance that the present segment began within the last `within` values. */
  began(within: number): number {
    let sum = 0
    for (let i = this.#size - 1; i >= 0 && (this.#starts[i] ?? 0) >= this.#index - within; i--) sum += this.#probabilities[i] ?? 0
    return sum
  }

  /** How long the present segment has run, in the best segmentation. */
  lengthNow(): number {
    return this.#index - (this.#starts[this.#bestOf()] ?? 0)
  }

  /** Where new segments begin in the best segmentation of all values so far, as indices from 0; the first is none. Only where `history` is kept. */
  changes(): number[] {
    const starts: number[] = []
    for (let segment = this.#segments[this.#bestOf()]; segment?.before !== undefined; segment = segment.before) starts.push(segment.start)
    return starts.reverse()
  }
}

/** Ratios worked out once, by twice the shape. */
const known: number[] = []

/** ln gamma(a + 1/2) - ln gamma(a). */
export function gammaRatio(a: number): number {
  if (a >= 2048 || 2 * a !== Math.floor(2 * a)) return ratioOf(a)
  return (known[2 * a] ??= ratioOf(a))
}

/** Raised to where the asymptotic series is exact to rounding (Tricomi & Erdelyi 1951), by gamma(a + 1) = a gamma(a). */
function ratioOf(a: number): number {
  let raised = a, less = 0
  for (; raised < 32; raised++) less += Math.log((raised + 0.5) / raised)
  const square = 1 / (raised * raised)
  return 0.5 * Math.log(raised) - (1 / (8 * raised)) * (1 - square * (1 / 24 - square * (1 / 80 - square * (17 / 1792)))) - less
}
