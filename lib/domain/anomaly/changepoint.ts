/**
 * Bayesian online changepoint detection (Adams & MacKay 2007, arXiv 0710.3742): the posterior of how long the present segment has run. Within a segment values
 * are normal around a line of regressors with unknown coefficients and variance (normal-inverse-gamma prior, so that the next value is Student's t; Murphy
 * 2007, "Conjugate Bayesian analysis of the Gaussian distribution"; Fearnhead 2005 for regressions): a level, and where asked for the value before (what
 * follows closely on itself) and the time since the segment began (a trend). Dimensions are independent. A segment ends at each step with the chance `hazard`.
 *
 * Beside the sum over all segmentations it keeps the best of them (Viterbi), whose starts are the changes. Run lengths of next to no probability are
 * dropped, and the least probable beyond a cap: memory and time a value are bounded.
 */
export interface ChangeTerms {
  readonly hazard: number
  /** Whether values of a segment follow the value before, and whether they have a trend. */
  readonly follows: boolean
  readonly trends: boolean
  /** Of the prior: how many values its level counts for, the shape of the variance, and what share of the series' variance a segment has. */
  readonly kappa: number
  readonly alpha: number
  readonly share: number
  /** Run lengths of less probability are dropped. */
  readonly least: number
  /** Most run lengths kept. */
  readonly most: number
  /** Whether the best segmentation is kept: it grows with every change. */
  readonly history: boolean
}
/** Hazard, kappa, alpha and share were chosen on made-up series whose changes are known (bench/models/made_up.ts). */
const CHANGE: ChangeTerms = {
  hazard: 1 / 100, follows: false, trends: false, kappa: 0.1, alpha: 1, share: 0.1, least: 1e-8, most: 256, history: false,
}

/** Prior variance of the coefficient of the value before, in units of the segment's variance over the series'; and of a step of the trend. */
const FOLLOWING = 10, TREND = 0.1

/** The segments that a best segmentation is made of, the last first. */
interface Segments {
  readonly start: number
  readonly before: Segments | undefined
}

/** What each dimension is expected to be in a segment that begins now: its level, and the variance of the series. */
export interface SegmentPrior {
  readonly mean: ArrayLike<number>
  readonly variance: ArrayLike<number>
}

export class RunLengths {
  readonly #terms: ChangeTerms
  readonly #dimensions: number
  /** Coefficients a dimension. */
  readonly #width: number
  /** Run lengths that are kept, in no order: where each began, its probability, and the log evidence of the best segmentation that ends in it. */
  #size = 0
  readonly #starts: Float64Array
  readonly #probabilities: Float64Array
  readonly #best: Float64Array
  readonly #segments: (Segments | undefined)[] = []
  /** By run length and dimension: coefficients, their covariance over the variance, beta of the variance, and the level that values before are told from. */
  readonly #coefficients: Float64Array
  readonly #covariances: Float64Array
  readonly #betas: Float64Array
  readonly #origins: Float64Array
  readonly #logs: Float64Array
  readonly #errors: Float64Array
  readonly #gains: Float64Array
  readonly #spreads: Float64Array
  readonly #before: Float64Array
  #index = 0

  constructor(dimensions: number, terms: Partial<ChangeTerms> = {}) {
    this.#terms = { ...CHANGE, ...terms }
    const { most, follows, trends } = this.#terms
    this.#dimensions = dimensions
    const width = (this.#width = 1 + Number(follows) + Number(trends)), room = most + 1
    this.#starts = new Float64Array(room)
    this.#probabilities = new Float64Array(room)
    this.#best = new Float64Array(room)
    this.#logs = new Float64Array(room)
    this.#coefficients = new Float64Array(room * dimensions * width)
    this.#covariances = new Float64Array(room * dimensions * width * width)
    this.#betas = new Float64Array(room * dimensions)
    this.#origins = new Float64Array(room * dimensions)
    this.#errors = new Float64Array(room * dimensions)
    this.#gains = new Float64Array(room * dimensions * width)
    this.#spreads = new Float64Array(room * dimensions)
    this.#before = new Float64Array(dimensions)
  }

  /**
   * Take the next values. `prior` is of a segment that begins with them, and may follow from all before. Returns minus the log of how probable they were
   * before they were seen.
   */
  see(values: ArrayLike<number>, prior: SegmentPrior): number {
    const { hazard } = this.#terms, isFirst = this.#index === 0
    this.#begin(prior)
    const size = this.#size, newest = size - 1, probabilities = this.#probabilities, logs = this.#logs, best = this.#best
    let most = -Infinity
    for (let i = 0; i < size; i++) {
      const log = this.#predict(i, values)
      logs[i] = log
      if (log > most) most = log
    }
    let sum = 0
    const stays = isFirst ? 0 : Math.log(1 - hazard)
    for (let i = 0; i < size; i++) {
      const log = logs[i] ?? 0
      const joint = (probabilities[i] ?? 0) * (i !== newest ? 1 - hazard : isFirst ? 1 : hazard) * Math.exp(log - most)
      probabilities[i] = joint
      sum += joint
      best[i] = (best[i] ?? 0) + log + (i === newest ? 0 : stays)
    }
    for (let i = 0; i < size; i++) {
      probabilities[i] = (probabilities[i] ?? 0) / sum
      this.#learn(i)
    }
    for (let d = 0; d < this.#dimensions; d++) this.#before[d] = values[d] ?? 0
    this.#index++
    this.#drop()
    return -(most + Math.log(sum))
  }

  /** A segment that begins with the next values, after the best of those before. */
  #begin({ mean, variance }: SegmentPrior): void {
    const { hazard, alpha, kappa, share, follows, trends, history } = this.#terms, width = this.#width
    const i = this.#size, isFirst = this.#index === 0, before = isFirst ? -1 : this.#bestOf()
    let total = 0
    for (let j = 0; j < i; j++) total += this.#probabilities[j] ?? 0
    this.#size++
    this.#starts[i] = this.#index
    this.#probabilities[i] = isFirst ? 1 : total
    this.#best[i] = isFirst ? 0 : (this.#best[before] ?? 0) + Math.log(hazard)
    this.#segments[i] = { start: this.#index, before: isFirst || !history ? undefined : this.#segments[before] }
    for (let d = 0; d < this.#dimensions; d++) {
      const at = i * this.#dimensions + d, whole = variance[d] ?? 1
      this.#coefficients.fill(0, at * width, (at + 1) * width)
      this.#covariances.fill(0, at * width * width, (at + 1) * width * width)
      this.#coefficients[at * width] = mean[d] ?? 0
      this.#covariances[at * width * width] = 1 / kappa
      if (follows) this.#covariances[at * width * width + width + 1] = FOLLOWING / whole
      if (trends) this.#covariances[(at + 1) * width * width - 1] = TREND
      this.#betas[at] = alpha * share * whole
      this.#origins[at] = mean[d] ?? 0
    }
  }

  /** The k-th regressor of a run length: one, the value before, the time since it began. */
  #regressor(k: number, i: number, d: number): number {
    if (k === 0) return 1
    const since = this.#index - (this.#starts[i] ?? 0)
    if (k === 2 || !this.#terms.follows) return since
    // The first value of a segment follows nothing: what was before is of another.
    return since === 0 ? 0 : (this.#before[d] ?? 0) - (this.#origins[i * this.#dimensions + d] ?? 0)
  }

  /** The log density of the values in the i-th segment: Student's t of 2 alpha degrees around the line of its regressors. */
  #predict(i: number, values: ArrayLike<number>): number {
    const dimensions = this.#dimensions, width = this.#width, gains = this.#gains
    const alpha = this.#terms.alpha + (this.#index - (this.#starts[i] ?? 0)) / 2
    let log = dimensions * gammaRatio(alpha)
    for (let d = 0; d < dimensions; d++) {
      const at = i * dimensions + d, from = at * width
      let spread = 1, expected = 0
      for (let a = 0; a < width; a++) {
        let gain = 0
        for (let b = 0; b < width; b++) gain += (this.#covariances[(from + a) * width + b] ?? 0) * (b === 0 ? 1 : this.#regressor(b, i, d))
        const x = a === 0 ? 1 : this.#regressor(a, i, d)
        gains[from + a] = gain
        spread += x * gain
        expected += (this.#coefficients[from + a] ?? 0) * x
      }
      const error = (values[d] ?? 0) - expected, breadth = 2 * spread * (this.#betas[at] ?? 1)
      this.#errors[at] = error
      this.#spreads[at] = spread
      log -= 0.5 * Math.log(Math.PI * breadth) + (alpha + 0.5) * Math.log(1 + (error * error) / breadth)
    }
    return log
  }

  /** What was predicted, corrected by what came (recursive least squares). */
  #learn(i: number): void {
    const dimensions = this.#dimensions, width = this.#width, gains = this.#gains
    for (let d = 0; d < dimensions; d++) {
      const at = i * dimensions + d, from = at * width, error = this.#errors[at] ?? 0, spread = this.#spreads[at] ?? 1
      for (let a = 0; a < width; a++) {
        const gain = (gains[from + a] ?? 0) / spread
        this.#coefficients[from + a] = (this.#coefficients[from + a] ?? 0) + gain * error
        for (let b = 0; b < width; b++) {
          const entry = (from + a) * width + b
          this.#covariances[entry] = (this.#covariances[entry] ?? 0) - gain * (gains[from + b] ?? 0)
        }
      }
      this.#betas[at] = (this.#betas[at] ?? 0) + (error * error) / (2 * spread)
    }
  }

  /** Let go of the improbable; the best segmentation stays, and so does what has just begun and has had no time to show itself. */
  #drop(): void {
    const { least, most } = this.#terms, newest = this.#index - 1
    let best = this.#bestOf(), isLess = false
    for (let i = 0; i < this.#size; i++) {
      if ((this.#probabilities[i] ?? 0) >= least || i === best || this.#starts[i] === newest) continue
      best = this.#remove(i, best)
      isLess = true
      i--
    }
    if (this.#size > most) {
      let weakest = -1
      for (let i = 0; i < this.#size; i++) {
        if (i !== best && this.#starts[i] !== newest && (weakest === -1 || (this.#probabilities[i] ?? 0) < (this.#probabilities[weakest] ?? 0))) weakest = i
      }
      this.#remove(weakest, best)
      isLess = true
    }
    if (!isLess) return
    let total = 0
    for (let i = 0; i < this.#size; i++) total += this.#probabilities[i] ?? 0
    for (let i = 0; i < this.#size; i++) this.#probabilities[i] = (this.#probabilities[i] ?? 0) / total
  }

  /** The last takes the place of the i-th; where `best` stands then. */
  #remove(i: number, best: number): number {
    const last = --this.#size, segment = this.#segments.pop()
    if (i === last) return best
    for (const one of [this.#starts, this.#probabilities, this.#best]) one[i] = one[last] ?? 0
    this.#segments[i] = segment
    const dimensions = this.#dimensions, width = this.#width
    this.#betas.copyWithin(i * dimensions, last * dimensions, (last + 1) * dimensions)
    this.#origins.copyWithin(i * dimensions, last * dimensions, (last + 1) * dimensions)
    this.#coefficients.copyWithin(i * dimensions * width, last * dimensions * width, (last + 1) * dimensions * width)
    this.#covariances.copyWithin(i * dimensions * width * width, last * dimensions * width * width, (last + 1) * dimensions * width * width)
    return best === last ? i : best
  }

  /** The run length that the best segmentation ends in; of equals the longest. */
  #bestOf(): number {
    const best = this.#best, starts = this.#starts
    let found = 0
    for (let i = 1; i < this.#size; i++) {
      const more = (best[i] ?? 0) - (best[found] ?? 0)
      if (more > 0 || (more === 0 && (starts[i] ?? 0) < (starts[found] ?? 0))) found = i
    }
    return found
  }

  /** The posterior: where the present segment may have begun, with its probability, the earliest first. */
  posterior(): readonly { readonly start: number; readonly probability: number }[] {
    return Array.from({ length: this.#size }, (_, i) => ({ start: this.#starts[i] ?? 0, probability: this.#probabilities[i] ?? 0 }))
      .sort((a, b) => a.start - b.start)
  }

  /** The chance that the present segment began within the last `within` values. */
  began(within: number): number {
    let sum = 0
    for (let i = 0; i < this.#size; i++) if ((this.#starts[i] ?? 0) >= this.#index - within) sum += this.#probabilities[i] ?? 0
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
