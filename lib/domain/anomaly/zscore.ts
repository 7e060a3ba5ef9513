/**
 * Rolling robust z-scores: distance from the median in units of 1.4826 median absolute deviations (Hampel 1974; Iglewicz & Hoaglin 1993), of the value
 * itself or of what is left of it once what is usual at this time of day or week is taken away, whichever has erred less so far.
 */
import { DAY_MS, type Millis } from '#record'
import { Cycle, Pace, Profile, WEEK_MS } from './profile.ts'
import { SortedWindow } from './window.ts'

/** The median absolute deviation of a normal distribution is its standard deviation by this. */
const NORMAL = 1.482602218505602
const WINDOW = 1000
/** Values before a z-score says anything. */
const LEAST = 10
/** A distance from values that never differed is as large as this many deviations, no larger. */
const MOST = 1e6
/** Errors are remembered over so many records. */
const MEMORY = 500
/** What is usual at this time must err so much less than the level to be preferred. */
const PREFERRED = 0.8

export class RobustZ {
  readonly #window: SortedWindow
  #center = NaN
  #deviation = NaN

  constructor(window = WINDOW) {
    this.#window = new SortedWindow(window)
  }

  get center(): number {
    return this.#center
  }

  /** Of the values before: their deviation, as a normal standard deviation. */
  get deviation(): number {
    return this.#deviation
  }

  get size(): number {
    return this.#window.size
  }

  /** The z-score of a value, signed, judged by those before it; NaN while they are fewer than ten. Then it is remembered. */
  see(value: number): number {
    const window = this.#window
    let z = NaN
    if (window.size >= LEAST) {
      this.#center = window.median()
      const middle = NORMAL * window.medianDistance(this.#center)
      // Where most values are the same, the rest still says how far values go.
      this.#deviation = middle > 0 ? middle : this.#meanDistance()
      const distance = value - this.#center
      z = distance === 0 ? 0 : Math.max(-MOST, Math.min(MOST, distance / this.#deviation))
    }
    window.push(value)
    return z
  }

  #meanDistance(): number {
    let sum = 0
    for (let i = 0; i < this.#window.size; i++) sum += Math.abs(this.#window.at(i) - this.#center)
    return sum / this.#window.size
  }
}

/** Values that were expected, each by its own rule, and how far they were off of late. */
export class Expectation {
  readonly #pace = new Pace()
  readonly #cycles: readonly Cycle[]
  readonly #season: Profile | undefined
  readonly #seasonRecords: number
  readonly #errors: Float64Array
  readonly #expected: Float64Array
  #index = 0
  /** What was usual at the time of the last value, by what came before; NaN where nothing is known of it. */
  usual = NaN
  /** It has erred less than the level. */
  isBetter = false

  /** `season`: records in a cycle; undefined for the day and the week of the clock. */
  constructor(season?: number) {
    this.#seasonRecords = season ?? 0
    this.#season = season === undefined ? undefined : new Profile(season)
    this.#cycles = season === undefined ? [new Cycle(DAY_MS), new Cycle(WEEK_MS)] : []
    this.#errors = new Float64Array(1 + (season === undefined ? this.#cycles.length : 1)).fill(NaN)
    this.#expected = new Float64Array(this.#errors.length)
  }

  /** Take a value, of which `level` is the median of those before. */
  see(value: number, atMs: Millis | undefined, level: number): void {
    const expected = this.#expected
    expected[0] = level
    if (this.#season !== undefined) expected[1] = this.#season.expected(this.#index % this.#seasonRecords)
    else {
      if (atMs !== undefined) this.#pace.see(atMs)
      this.#cycles.forEach((cycle, i) => (expected[i + 1] = atMs === undefined ? NaN : cycle.expected(atMs, this.#pace.stepMs)))
    }
    this.#choose()
    this.#judge(value)
    this.#season?.learn(this.#index % this.#seasonRecords, value)
    if (atMs !== undefined) for (const cycle of this.#cycles) cycle.learn(value)
    this.#index++
  }

  /** The cycle that has erred least, where one has something to say. */
  #choose(): void {
    let best = 0
    for (let i = 1; i < this.#errors.length; i++) {
      if (!Number.isNaN(this.#expected[i] ?? NaN) && (best === 0 || (this.#errors[i] ?? NaN) < (this.#errors[best] ?? NaN))) best = i
    }
    this.usual = best === 0 ? NaN : (this.#expected[best] ?? NaN)
    this.isBetter = best > 0 && (this.#errors[best] ?? NaN) < PREFERRED * (this.#errors[0] ?? NaN)
  }

  #judge(value: number): void {
    const errors = this.#errors
    this.#expected.forEach((expected, i) => {
      if (Number.isNaN(expected)) return
      const error = Math.abs(value - expected), before = errors[i] ?? NaN
      errors[i] = Number.isNaN(before) ? error : before + (error - before) / MEMORY
    })
  }
}
