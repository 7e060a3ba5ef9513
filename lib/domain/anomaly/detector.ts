/**
 * Detectors of anomalies behind one shape: values of one series in, one after another, a score in [0, 1) of each out, judged by those before it alone, in
 * bounded memory. The score of a single method is a rarity: 0.5 is what happens once in ten thousand records, whatever the series. That of the ensemble
 * weighs rarity by size. What is fixed here was compared on made-up series with marked anomalies (bench/models/lib/synthetic.ts), some of it with scores of
 * public benchmarks in sight (bench/README.md).
 */
import type { Millis } from '#record'
import { Changes } from './changes.ts'
import { FOREST, meanPath, type Draw } from './isolation_forest.ts'
import { Ranges, Stretches } from './novelty.ts'
import { Onsets, Rarity, scoreOf } from './rarity.ts'
import { SlidingForest, type SlidingTerms } from './sliding_forest.ts'
import { figure, Standing, TOO_LITTLE } from './standing.ts'
import { RobustZ } from './zscore.ts'

export const METHODS = ['zscore', 'iforest', 'changepoint', 'ensemble'] as const
export type Method = (typeof METHODS)[number]

export interface Detector {
  /** The score of the next values. */
  see(values: Float64Array, atMs: Millis | undefined): number
  /** What the last score rests on, in short words with figures. */
  why(): string
}

export interface DetectorTerms {
  readonly dimensions: number
  /** Values that medians are taken of. */
  readonly window: number
  /** Records in a cycle; undefined for the day and the week of the clock. */
  readonly season: number | undefined
  readonly draw: Draw
}

/** Something that is surprised, in logarithms, or NaN while too little was seen, and says why. */
interface Member {
  see(values: Float64Array, atMs: Millis | undefined): number
  why(): string
}

const logOf = (size: number): number => Math.log(1 + size)
const placeOf = (dimension: number, dimensions: number): string => (dimensions === 1 ? '' : `[${dimension}]: `)

/** The largest of what each dimension says. */
abstract class Widest implements Member {
  #worst = 0
  readonly #dimensions: number

  constructor(dimensions: number) {
    this.#dimensions = dimensions
  }

  see(values: Float64Array, atMs: Millis | undefined): number {
    let most = -1
    for (let d = 0; d < this.#dimensions; d++) {
      const size = this.sizeOf(d, values[d] ?? 0, atMs)
      if (size > most) [most, this.#worst] = [size, d]
    }
    return most < 0 ? NaN : logOf(most)
  }

  why(): string {
    return `${placeOf(this.#worst, this.#dimensions)}${this.words(this.#worst)}`
  }

  protected abstract sizeOf(dimension: number, value: number, atMs: Millis | undefined): number
  protected abstract words(dimension: number): string
}

/** How far from the median, or from what is usual now. */
class FarOff extends Widest {
  readonly standings: readonly Standing[]

  constructor({ dimensions, window, season }: DetectorTerms) {
    super(dimensions)
    this.standings = Array.from({ length: dimensions }, () => new Standing(window, season))
  }

  protected sizeOf(dimension: number, value: number, atMs: Millis | undefined): number {
    const standing = this.standings[dimension]
    standing?.see(value, atMs)
    return Math.abs(standing?.z ?? NaN)
  }

  protected words(dimension: number): string {
    return this.standings[dimension]?.why() ?? ''
  }
}

/** How large the step from the value before is. */
class Steps extends Widest {
  readonly #scores: readonly RobustZ[]
  readonly #before: Float64Array
  readonly #steps: Float64Array
  /** The z-score of each step; NaN while too little was seen. */
  readonly z: Float64Array

  constructor({ dimensions, window }: DetectorTerms) {
    super(dimensions)
    this.#scores = Array.from({ length: dimensions }, () => new RobustZ(window))
    this.#before = new Float64Array(dimensions).fill(NaN)
    this.#steps = new Float64Array(dimensions)
    this.z = new Float64Array(dimensions)
  }

  protected sizeOf(dimension: number, value: number): number {
    const before = this.#before[dimension] ?? NaN, step = Number.isNaN(before) ? 0 : value - before
    this.#before[dimension] = value
    this.#steps[dimension] = step
    this.z[dimension] = this.#scores[dimension]?.see(step) ?? NaN
    return Math.abs(this.z[dimension] ?? NaN)
  }

  protected words(dimension: number): string {
    if (Number.isNaN(this.z[dimension] ?? NaN)) return TOO_LITTLE
    return `step of ${figure(this.#steps[dimension] ?? 0)}, ${figure(Math.abs(this.z[dimension] ?? 0))} deviations`
  }
}

/** How far a stretch of values is from any seen. */
class Unseen implements Member {
  readonly #stretches: Stretches
  readonly #ranges: Ranges
  /** In ranges of the values so far; NaN while too little was seen. */
  distance = NaN

  /** With or without the last value alone. `ranges` is shown the values before it. */
  constructor({ dimensions }: DetectorTerms, ranges: Ranges, spans: readonly number[]) {
    this.#stretches = new Stretches(dimensions, spans)
    this.#ranges = ranges
  }

  see(values: Float64Array): number {
    this.distance = this.#stretches.see(values, this.#ranges.widths, this.#ranges.isReady)
    return logOf(100 * this.distance)
  }

  why(): string {
    return Number.isNaN(this.distance) ? TOO_LITTLE : `${figure(100 * this.distance)}% of the range from any stretch seen`
  }
}
/** Records that the means of a stretch are over. */
const SHORT = [1, 4, 16, 64], LONG = [4, 16, 64]

/** How few cuts set the value and what was just before it apart. */
class Isolated implements Member {
  readonly #forest: SlidingForest
  readonly #farOff: FarOff
  readonly #steps: Steps
  readonly #row: Float64Array
  readonly #recent: Float64Array
  /** The first and the least spread that was more than nothing. */
  readonly #firstSpread: Float64Array
  readonly #leastSpread: Float64Array
  readonly #dimensions: number
  #seen = 0
  #score = 0

  /** Of the same values, which both others are shown before it. */
  constructor({ dimensions, draw }: DetectorTerms, farOff: FarOff, steps: Steps, forest: Partial<SlidingTerms> = {}) {
    this.#dimensions = dimensions
    this.#forest = new SlidingForest(dimensions * FEATURES, draw, forest)
    this.#farOff = farOff
    this.#steps = steps
    this.#row = new Float64Array(dimensions * FEATURES)
    this.#recent = new Float64Array(dimensions * RECENT)
    this.#firstSpread = new Float64Array(dimensions)
    this.#leastSpread = new Float64Array(dimensions).fill(Infinity)
  }

  see(values: Float64Array): number {
    const held = Math.min(RECENT, this.#seen + 1), row = this.#row
    for (let d = 0; d < this.#dimensions; d++) {
      const from = d * RECENT, to = d * FEATURES
      this.#recent[from + (this.#seen % RECENT)] = values[d] ?? 0
      let sum = 0, least = Infinity, most = -Infinity
      for (let i = 0; i < held; i++) {
        const other = this.#recent[from + i] ?? 0
        sum += other
        least = Math.min(least, other)
        most = Math.max(most, other)
      }
      const spread = most - least
      if (spread > 0) {
        this.#firstSpread[d] ||= spread
        this.#leastSpread[d] = Math.min(this.#leastSpread[d] ?? Infinity, spread)
      }
      // In logarithms, so that one outlier among the rows leaves room for cuts between the others.
      row[to] = signedLog(this.#farOff.standings[d]?.z ?? NaN)
      row[to + 1] = signedLog(this.#steps.z[d] ?? NaN)
      row[to + 2] = sum / held
      const first = this.#firstSpread[d] ?? 0
      row[to + 3] = first === 0 ? 0 : Math.log(Math.max(spread, this.#leastSpread[d] ?? 0) / first)
    }
    this.#seen++
    this.#score = this.#forest.see(row)
    return this.#score === 0 ? NaN : FULL_PATH * Math.log(this.#score)
  }

  why(): string {
    return this.#score === 0 ? TOO_LITTLE : `isolation ${figure(this.#score)} (0.5 is plain)`
  }
}
/**
 * The logarithm of a score is its path's length, and that the logarithm of how many rows are near: a surprise. In paths of a full sample, whatever has been
 * seen so far.
 */
const FULL_PATH = meanPath(FOREST.sample)
/** The z-scores of the value and of the step to it; of the last values their mean, and their spread. */
const FEATURES = 4, RECENT = 8
const signedLog = (z: number): number => (Number.isNaN(z) ? 0 : z < 0 ? -logOf(-z) : logOf(z))

/** How improbable the value is to the run of values that it stands in. */
class Unlikely implements Member {
  readonly #changes: Changes

  constructor({ dimensions }: DetectorTerms) {
    this.#changes = new Changes(dimensions, FEW)
  }

  see(values: Float64Array): number {
    return this.#changes.see(values)
  }

  why(): string {
    const { present, surprise } = this.#changes
    if (present === undefined) return TOO_LITTLE
    const began = present.runs.began(RECENT)
    return `${figure(surprise)} nats, ${present.kind} of ${present.runs.lengthNow()}${began >= 0.01 ? `, began just now ${figure(began)}` : ''}`
  }
}
/** Run lengths kept where only the next value is asked for. */
const FEW = { most: 48, least: 1e-4 }

/** One member, calibrated; others are shown the values before it. */
class Alone implements Detector {
  readonly #member: Member
  readonly #before: readonly Member[]
  readonly #rarity = new Rarity()
  readonly #onsets = new Onsets()

  constructor(member: Member, before: readonly Member[] = []) {
    this.#member = member
    this.#before = before
  }

  see(values: Float64Array, atMs: Millis | undefined): number {
    for (const member of this.#before) member.see(values, atMs)
    return scoreOf(this.#onsets.see(this.#rarity.see(this.#member.see(values, atMs))), HALF_RARITY)
  }

  why(): string {
    return this.#member.why()
  }
}
/** Powers of ten: once in ten thousand. */
const HALF_RARITY = 4

/** A forest that judges by itself has three times the trees of the paper's: with fewer, what is found hangs on chance (two points of NAB from seed to seed). */
const ALONE: SlidingTerms = { window: 1000, trees: 300, sample: 256, every: 4 }

interface Calibrated {
  readonly name: string
  readonly member: Member
  readonly rarity: Rarity
}

/**
 * How rare, by how much: the mean rarity over all members (each is calibrated on its own past, so that none speaks louder than another, and what several see at
 * once counts for more than what one sees alone), times how far the stretch of values is from any seen, in ranges of the series so far.
 */
class Ensemble implements Detector {
  readonly #members: readonly Calibrated[]
  readonly #ranges: Ranges
  readonly #unseen: readonly [Unseen, Unseen]
  readonly #onsets = new Onsets()
  #loudest = 0
  #size = 0

  constructor(terms: DetectorTerms) {
    this.#ranges = new Ranges(terms.dimensions)
    const zscore = new FarOff(terms), step = new Steps(terms)
    const stretch = new Unseen(terms, this.#ranges, SHORT), drift = new Unseen(terms, this.#ranges, LONG)
    this.#unseen = [stretch, drift]
    const members: Readonly<Record<string, Member>> = {
      zscore, step, changepoint: new Unlikely(terms), iforest: new Isolated(terms, zscore, step), stretch, drift,
    }
    this.#members = Object.entries(members).map(([name, member]) => ({ name, member, rarity: new Rarity() }))
  }

  see(values: Float64Array, atMs: Millis | undefined): number {
    this.#ranges.see(values)
    let sum = 0, most = -1
    for (let i = 0; i < this.#members.length; i++) {
      const one = this.#members[i]
      const rare = one === undefined ? 0 : one.rarity.see(one.member.see(values, atMs))
      sum += rare
      if (rare > most) [most, this.#loudest] = [rare, i]
    }
    const [stretch, drift] = this.#unseen
    this.#size = Number.isNaN(stretch.distance) ? 0 : stretch.distance + drift.distance
    return scoreOf(this.#onsets.see((sum / this.#members.length) * this.#size), HALF_STRENGTH)
  }

  why(): string {
    const loudest = this.#members[this.#loudest]
    return loudest === undefined ? '' : `${loudest.name}: ${loudest.member.why()}; size ${figure(this.#size)}`
  }
}
/** The strength above which alarms did best on made-up series. */
const HALF_STRENGTH = 0.18

/** A detector of one series. */
export function detectorOf(method: Method, terms: DetectorTerms): Detector {
  switch (method) {
    case 'zscore':
      return new Alone(new FarOff(terms))
    case 'iforest': {
      const zscore = new FarOff(terms), step = new Steps(terms)
      return new Alone(new Isolated(terms, zscore, step, ALONE), [zscore, step])
    }
    case 'changepoint':
      return new Alone(new Unlikely(terms))
    case 'ensemble':
      return new Ensemble(terms)
  }
}
