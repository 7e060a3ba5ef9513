/**
 * Detectors of anomalies behind one shape: values of one series in, one after another, a score in [0, 1) of each out, judged by those before it alone, in
 * bounded memory. A score says the same whatever the method and the series: 0.5 is what happens once in ten thousand records ({@link scoreOf}).
 */
import type { Millis } from '#record'
import { Changes } from './changes.ts'
import type { Draw } from './isolation_forest.ts'
import { Gap, Patterns } from './novelty.ts'
import { Onsets, Rarity, scoreOf } from './rarity.ts'
import { SlidingForest } from './sliding_forest.ts'
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
  readonly #z: Float64Array

  constructor({ dimensions, window }: DetectorTerms) {
    super(dimensions)
    this.#scores = Array.from({ length: dimensions }, () => new RobustZ(window))
    this.#before = new Float64Array(dimensions).fill(NaN)
    this.#steps = new Float64Array(dimensions)
    this.#z = new Float64Array(dimensions)
  }

  protected sizeOf(dimension: number, value: number): number {
    const before = this.#before[dimension] ?? NaN, step = Number.isNaN(before) ? 0 : value - before
    this.#before[dimension] = value
    this.#steps[dimension] = step
    this.#z[dimension] = this.#scores[dimension]?.see(step) ?? NaN
    return Math.abs(this.#z[dimension] ?? NaN)
  }

  protected words(dimension: number): string {
    if (Number.isNaN(this.#z[dimension] ?? NaN)) return TOO_LITTLE
    return `step of ${figure(this.#steps[dimension] ?? 0)}, ${figure(Math.abs(this.#z[dimension] ?? 0))} deviations`
  }
}

/** How far from any value seen. */
class Unseen extends Widest {
  readonly #gaps: readonly Gap[]
  readonly #sizes: Float64Array
  /** Usual ranges of the values before. */
  readonly units: Float64Array

  constructor({ dimensions }: DetectorTerms) {
    super(dimensions)
    this.#gaps = Array.from({ length: dimensions }, () => new Gap())
    this.#sizes = new Float64Array(dimensions)
    this.units = new Float64Array(dimensions)
  }

  protected sizeOf(dimension: number, value: number): number {
    const gap = this.#gaps[dimension], size = gap?.see(value) ?? 0
    this.units[dimension] = gap?.range ?? 0
    this.#sizes[dimension] = size
    return 100 * size
  }

  protected words(dimension: number): string {
    return `${figure(100 * (this.#sizes[dimension] ?? 0))}% of the range from any value seen`
  }
}

/** How far from any stretch of values seen. */
class UnseenStretch implements Member {
  readonly #patterns: Patterns
  readonly #units: Float64Array
  #distance = 0

  /** Of the same values, which are shown to it first. */
  constructor({ dimensions }: DetectorTerms, unseen: Unseen) {
    this.#patterns = new Patterns(dimensions)
    this.#units = unseen.units
  }

  see(values: Float64Array): number {
    this.#distance = this.#patterns.see(values, this.#units)
    return logOf(100 * this.#distance)
  }

  why(): string {
    return `${figure(100 * this.#distance)}% of the range from any stretch seen`
  }
}

/** How few cuts set the value and what was just before it apart. */
class Isolated implements Member {
  readonly #forest: SlidingForest
  readonly #row: Float64Array
  readonly #recent: Float64Array
  readonly #dimensions: number
  #seen = 0
  #score = 0

  constructor({ dimensions, draw }: DetectorTerms) {
    this.#dimensions = dimensions
    this.#forest = new SlidingForest(dimensions * FEATURES, draw)
    this.#row = new Float64Array(dimensions * FEATURES)
    this.#recent = new Float64Array(dimensions * RECENT)
  }

  see(values: Float64Array): number {
    const held = Math.min(RECENT, this.#seen + 1)
    for (let d = 0; d < this.#dimensions; d++) {
      const value = values[d] ?? 0, from = d * RECENT
      const before = this.#seen === 0 ? value : (this.#recent[from + ((this.#seen - 1) % RECENT)] ?? 0)
      this.#recent[from + (this.#seen % RECENT)] = value
      let sum = 0, least = Infinity, most = -Infinity
      for (let i = 0; i < held; i++) {
        const other = this.#recent[from + i] ?? 0
        sum += other
        least = Math.min(least, other)
        most = Math.max(most, other)
      }
      this.#row.set([value, value - before, sum / held, most - least], d * FEATURES)
    }
    this.#seen++
    this.#score = this.#forest.see(this.#row)
    return this.#score === 0 ? NaN : 4 * this.#score
  }

  why(): string {
    return this.#score === 0 ? TOO_LITTLE : `isolation ${figure(this.#score)} (0.5 is plain)`
  }
}
/** Of the values just before and this one: the value, the step to it, their mean, their spread. */
const FEATURES = 4, RECENT = 8

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

/** One member, calibrated. */
class Alone implements Detector {
  readonly #member: Member
  readonly #rarity = new Rarity()
  readonly #onsets = new Onsets()

  constructor(member: Member) {
    this.#member = member
  }

  see(values: Float64Array, atMs: Millis | undefined): number {
    return scoreOf(this.#onsets.see(this.#rarity.see(this.#member.see(values, atMs))))
  }

  why(): string {
    return this.#member.why()
  }
}

/**
 * The mean rarity over all members: each is calibrated on its own past, so that none speaks louder than another, and what several see at once counts for
 * more than what one sees alone (logarithms of p-values added, Fisher 1932).
 */
class Ensemble implements Detector {
  readonly #members: readonly { readonly name: string; readonly member: Member; readonly rarity: Rarity }[]
  readonly #onsets = new Onsets()
  #loudest = 0

  constructor(members: Readonly<Record<string, Member>>) {
    this.#members = Object.entries(members).map(([name, member]) => ({ name, member, rarity: new Rarity() }))
  }

  see(values: Float64Array, atMs: Millis | undefined): number {
    let sum = 0, most = -1
    this.#members.forEach(({ member, rarity }, i) => {
      const rare = rarity.see(member.see(values, atMs))
      sum += rare
      if (rare > most) [most, this.#loudest] = [rare, i]
    })
    return scoreOf(this.#onsets.see(sum / this.#members.length))
  }

  why(): string {
    const loudest = this.#members[this.#loudest]
    return loudest === undefined ? '' : `${loudest.name}: ${loudest.member.why()}`
  }
}

/** A detector of one series. */
export function detectorOf(method: Method, terms: DetectorTerms): Detector {
  switch (method) {
    case 'zscore':
      return new Alone(new FarOff(terms))
    case 'iforest':
      return new Alone(new Isolated(terms))
    case 'changepoint':
      return new Alone(new Unlikely(terms))
    case 'ensemble': {
      const unseen = new Unseen(terms)
      return new Ensemble({
        zscore: new FarOff(terms), step: new Steps(terms), changepoint: new Unlikely(terms), iforest: new Isolated(terms), value: unseen,
        stretch: new UnseenStretch(terms, unseen),
      })
    }
  }
}
