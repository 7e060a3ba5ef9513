import { bisect } from '../lookup/bisect.ts'

/** Values that there is room for at first. */
const FIRST = 64

/** The last values of a stream, kept sorted: exact medians, quantiles and ranks in O(log n), with one move of memory a value. */
export class SortedWindow {
  readonly capacity: number
  /** Both grow until they hold the capacity: most windows of many series stay small. */
  #ring: Float64Array
  #sorted: Float64Array
  #next = 0
  #size = 0

  constructor(capacity: number) {
    this.capacity = capacity
    this.#ring = new Float64Array(Math.min(capacity, FIRST))
    this.#sorted = new Float64Array(Math.min(capacity, FIRST))
  }

  get size(): number {
    return this.#size
  }

  /** Take one value; the oldest goes where the window is full. NaN has no place in an order: throws RangeError. */
  push(value: number): void {
    if (value !== value) throw new RangeError('NaN has no rank')
    if (this.#size === this.#ring.length && this.#size < this.capacity) this.#widen()
    const sorted = this.#sorted
    if (this.#size < this.capacity) {
      const at = this.countBelow(value)
      sorted.copyWithin(at + 1, at, this.#size)
      sorted[at] = value
      this.#size++
    } else {
      const from = this.countBelow(this.#ring[this.#next] ?? 0)
      const below = this.countBelow(value)
      const to = from < below ? below - 1 : below
      if (from < to) sorted.copyWithin(from, from + 1, to + 1)
      else sorted.copyWithin(to + 1, to, from)
      sorted[to] = value
    }
    this.#ring[this.#next] = value
    this.#next = this.#next + 1 === this.capacity ? 0 : this.#next + 1
  }

  #widen(): void {
    const room = Math.min(this.capacity, 2 * this.#size), ring = new Float64Array(room), sorted = new Float64Array(room)
    ring.set(this.#ring)
    sorted.set(this.#sorted)
    this.#ring = ring
    this.#sorted = sorted
  }

  /** How many of the window are smaller. */
  countBelow(value: number): number {
    const sorted = this.#sorted
    return bisect(0, this.#size, (place) => (sorted[place] ?? 0) < value)
  }

  /** The `rank`-th smallest, from 0; NaN beyond the window. */
  at(rank: number): number {
    return rank < this.#size ? (this.#sorted[rank] ?? NaN) : NaN
  }

  /** The value at a share of the order, from 0 to 1, the lower of two neighbours; NaN while the window is empty. */
  quantile(share: number): number {
    return this.at(Math.floor(share * (this.#size - 1)))
  }

  /** The middle value, or the mean of the two middle ones; NaN while the window is empty. */
  median(): number {
    const half = this.#size >>> 1
    return this.#size % 2 === 1 ? this.at(half) : (this.at(half - 1) + this.at(half)) / 2
  }

  /**
   * The median of the distances from `center` (the lower of the two middle ones): the values nearest to it stand side by side, and a binary search
   * finds where they begin.
   */
  medianDistance(center: number): number {
    if (this.#size === 0) return NaN
    const sorted = this.#sorted, further = (this.#size - 1) >>> 1
    const low = bisect(0, this.#size - 1 - further, (place) => center - (sorted[place] ?? 0) > (sorted[place + further + 1] ?? 0) - center)
    return Math.max(center - (sorted[low] ?? 0), (sorted[low + further] ?? 0) - center)
  }

  /** The mean of the values from a rank upwards; NaN where there are none. */
  meanFrom(rank: number): number {
    const sorted = this.#sorted
    let sum = 0
    for (let i = rank; i < this.#size; i++) sum += sorted[i] ?? 0
    return sum / (this.#size - rank)
  }
}
