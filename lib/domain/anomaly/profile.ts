/** What a series is at this time of its day or week, from the days before alone. */
import { DAY_MS, type Millis } from '#record'

/** Values kept of each place in the cycle: their median is what is expected. */
const KEPT = 7
/** Least values before a place speaks. */
const LEAST = 2
/** Steps whose median says how many places a cycle has. */
const STEPS = 9
const MOST_PLACES = 336

/** The place in a cycle; undefined where it is not known yet, or never. */
export type Place = (index: number, atMs: Millis | undefined) => number | undefined

export class Profile {
  readonly #values: Float64Array
  readonly #counts: Uint32Array
  readonly #sorted = new Float64Array(KEPT)

  constructor(places: number) {
    this.#values = new Float64Array(places * KEPT)
    this.#counts = new Uint32Array(places)
  }

  /** The median of what was there in the cycles before; NaN where too few were. */
  expected(place: number): number {
    const kept = Math.min(KEPT, this.#counts[place] ?? 0)
    if (kept < LEAST) return NaN
    const sorted = this.#sorted
    for (let i = 0; i < kept; i++) {
      const value = this.#values[place * KEPT + i] ?? 0
      let at = i
      for (; at > 0 && (sorted[at - 1] ?? 0) > value; at--) sorted[at] = sorted[at - 1] ?? 0
      sorted[at] = value
    }
    const half = kept >>> 1
    return kept % 2 === 1 ? (sorted[half] ?? 0) : ((sorted[half - 1] ?? 0) + (sorted[half] ?? 0)) / 2
  }

  learn(place: number, value: number): void {
    const count = this.#counts[place] ?? 0
    this.#values[place * KEPT + (count % KEPT)] = value
    this.#counts[place] = count + 1
  }
}

/** How far apart a series' records are, from the first of them. */
export class Pace {
  readonly #steps: number[] = []
  #lastMs: Millis | undefined
  /** The median of the first steps forward; undefined until there are enough. */
  stepMs: Millis | undefined

  see(atMs: Millis): void {
    if (this.stepMs !== undefined) return
    const step = this.#lastMs === undefined ? 0 : atMs - this.#lastMs
    this.#lastMs = atMs
    if (step <= 0) return
    this.#steps.push(step)
    if (this.#steps.length === STEPS) this.stepMs = this.#steps.sort((a, b) => a - b)[STEPS >>> 1]
  }
}

/** A cycle of the clock, in as many places as the series has steps in it, at most 336; none where it has fewer than four. */
export class Cycle {
  readonly #periodMs: Millis
  #profile: Profile | undefined
  #places = 0
  #place = -1

  constructor(periodMs: Millis) {
    this.#periodMs = periodMs
  }

  /** What is expected at this moment; NaN where that is not known. */
  expected(atMs: Millis, stepMs: Millis | undefined): number {
    if (this.#profile === undefined) {
      const places = stepMs === undefined ? 0 : Math.min(MOST_PLACES, Math.round(this.#periodMs / stepMs))
      if (places < 4) return NaN
      this.#places = places
      this.#profile = new Profile(places)
    }
    const phase = ((atMs % this.#periodMs) + this.#periodMs) % this.#periodMs
    this.#place = Math.floor((phase / this.#periodMs) * this.#places)
    return this.#profile.expected(this.#place)
  }

  /** What it was, after it was asked what is expected. */
  learn(value: number): void {
    this.#profile?.learn(this.#place, value)
  }
}

export const WEEK_MS = 7 * DAY_MS
