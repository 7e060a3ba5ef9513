/**
 * How far a value, or a stretch of values, is from all that was seen: zero where it was there before, however rare. Distances are in units of the range
 * that values usually have, from the 2nd to the 98th of a hundred.
 */
import { SortedWindow } from './window.ts'

const REMEMBERED = 4000
const USUAL = 0.02
const LEAST = 10
/** Patterns nearer than this to a known one are the same. */
const SAME = 0.02
const MOST_PATTERNS = 1000
/** A stretch of values is told by its means over so many records, exponentially weighted. */
const SPANS = [1, 4, 16, 64]

/** Distances to the nearest value seen. */
export class Gap {
  readonly #seen = new SortedWindow(REMEMBERED)
  /** The usual range of the values before the last one; 0 where they never differed. */
  range = 0

  /** In units of the usual range; 0 while little was seen, or nothing ever differed. Then the value is remembered. */
  see(value: number): number {
    const seen = this.#seen, n = seen.size
    let gap = 0
    if (n >= LEAST) {
      const usual = seen.quantile(1 - USUAL) - seen.quantile(USUAL)
      this.range = usual > 0 ? usual : seen.at(n - 1) - seen.at(0)
      const at = seen.countBelow(value)
      const above = at < n ? seen.at(at) - value : Infinity, below = at > 0 ? value - seen.at(at - 1) : Infinity
      const nearest = Math.min(above, below)
      gap = nearest === 0 ? 0 : this.range > 0 ? nearest / this.range : 1
    }
    seen.push(value)
    return gap
  }
}

/** Distances to the nearest stretch of values seen, over all dimensions. */
export class Patterns {
  readonly #size: number
  readonly #means: Float64Array
  readonly #known: Float64Array
  #count = 0
  #isBegun = false

  constructor(dimensions: number) {
    this.#size = dimensions * SPANS.length
    this.#means = new Float64Array(this.#size)
    this.#known = new Float64Array(MOST_PATTERNS * this.#size)
  }

  /** `units` are the usual ranges of each dimension. Patterns that are new are remembered, in place of the oldest. */
  see(values: Float64Array, units: Float64Array): number {
    const means = this.#means, spans = SPANS.length
    for (let d = 0; d < values.length; d++) {
      const value = values[d] ?? 0
      for (let s = 0; s < spans; s++) {
        const at = d * spans + s
        means[at] = this.#isBegun ? (means[at] ?? 0) + (value - (means[at] ?? 0)) / (SPANS[s] ?? 1) : value
      }
    }
    this.#isBegun = true
    if (units.every((unit) => unit === 0)) return 0
    const distance = this.#nearest(units)
    if (distance > SAME) this.#known.set(means, (this.#count++ % MOST_PATTERNS) * this.#size)
    return distance === Infinity ? 0 : distance
  }

  /** Infinity where nothing is known. */
  #nearest(units: Float64Array): number {
    const means = this.#means, known = this.#known, size = this.#size, spans = SPANS.length
    const end = Math.min(this.#count, MOST_PATTERNS) * size
    let least = Infinity
    for (let from = 0; from < end; from += size) {
      let sum = 0
      for (let i = 0; i < size && sum < least; i++) {
        const unit = units[(i / spans) | 0] ?? 0
        const off = unit > 0 ? ((means[i] ?? 0) - (known[from + i] ?? 0)) / unit : 0
        sum += off * off
      }
      if (sum < least) least = sum
    }
    return Math.sqrt(least)
  }
}
