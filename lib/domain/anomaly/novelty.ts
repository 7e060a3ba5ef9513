/**
 * How far a stretch of values is from all that was seen, in units of the whole range of values so far: near zero where it was there before, however rare it
 * is. What is new is learned at once, as by the vigilance of adaptive resonance (Carpenter & Grossberg 1987), so that it is new only once.
 */

/** Stretches nearer than this to a known one are the same. */
const SAME = 0.01
/** Most stretches kept: the newest. */
const MOST = 1000
/** Stretches that there is room for at first. */
const FIRST = 50
/** Values before anything is said. */
const LEAST = 10

/** The least and the most of each dimension so far. */
export class Ranges {
  readonly #least: Float64Array
  readonly #most: Float64Array
  #seen = 0
  /** Of the values before the last ones. */
  readonly widths: Float64Array
  /** Whether those were enough. */
  isReady = false

  constructor(dimensions: number) {
    this.#least = new Float64Array(dimensions).fill(Infinity)
    this.#most = new Float64Array(dimensions).fill(-Infinity)
    this.widths = new Float64Array(dimensions)
  }

  see(values: Float64Array): void {
    for (let d = 0; d < values.length; d++) {
      const least = this.#least[d] ?? 0, most = this.#most[d] ?? 0, value = values[d] ?? 0
      this.widths[d] = Math.max(0, most - least)
      this.#least[d] = Math.min(least, value)
      this.#most[d] = Math.max(most, value)
    }
    this.isReady = this.#seen++ > LEAST
  }
}

/** Distances to the nearest stretch seen. A stretch is told by its means, exponentially weighted over so many records each. */
export class Stretches {
  readonly #spans: readonly number[]
  readonly #size: number
  readonly #means: Float64Array
  /** Grows until it holds the most. */
  #known: Float64Array
  readonly #units: Float64Array
  #count = 0
  #isBegun = false

  constructor(dimensions: number, spans: readonly number[]) {
    this.#spans = spans
    this.#size = dimensions * spans.length
    this.#means = new Float64Array(this.#size)
    this.#units = new Float64Array(this.#size)
    this.#known = new Float64Array(FIRST * this.#size)
  }

  /** NaN while `isReady` is false: nothing is learned then. `widths` are the ranges that distances are told in. */
  see(values: Float64Array, widths: Float64Array, isReady: boolean): number {
    const means = this.#means, spans = this.#spans
    for (let d = 0, at = 0; d < values.length; d++) {
      const value = values[d] ?? 0
      for (let s = 0; s < spans.length; s++, at++) {
        means[at] = this.#isBegun ? (means[at] ?? 0) + (value - (means[at] ?? 0)) / (spans[s] ?? 1) : value
        this.#units[at] = widths[d] ?? 0
      }
    }
    this.#isBegun = true
    if (!isReady) return NaN
    const distance = this.#nearest()
    if (distance > SAME) this.#learn()
    return distance === Infinity ? 0 : distance
  }

  #learn(): void {
    const at = (this.#count++ % MOST) * this.#size
    if (at === this.#known.length) {
      const known = new Float64Array(Math.min(2 * at, MOST * this.#size))
      known.set(this.#known)
      this.#known = known
    }
    this.#known.set(this.#means, at)
  }

  /** Infinity where nothing is known. What never differed before is one range off where it does. */
  #nearest(): number {
    const means = this.#means, known = this.#known, size = this.#size, units = this.#units
    const end = Math.min(this.#count, MOST) * size
    let least = Infinity
    for (let from = 0; from < end; from += size) {
      let sum = 0
      for (let i = 0; i < size && sum < least; i++) {
        const unit = units[i] ?? 0, apart = (means[i] ?? 0) - (known[from + i] ?? 0)
        const off = unit > 0 ? apart / unit : apart === 0 ? 0 : 1
        sum += off * off
      }
      if (sum < least) least = sum
    }
    return Math.sqrt(least)
  }
}
