/**
 * What is usual for a source, so that a figure is told by how far it is from its own past: running means and variances of many series at once,
 * the recent past counting most (West, "Updating Mean and Variance Estimates", CACM 22, 1979, with weights that do not fall below 1 in `MEMORY`).
 */

/** A value so many ago counts about a third of the newest. */
const MEMORY = 100
/** Fewer values are no past. */
export const LEAST_LOUD = 5, LEAST_USUAL = 20
/** What is further from usual than that counts as that. */
export const FURTHEST = 4

interface Past {
  count: number
  mean: number
  variance: number
}

const three = (value: number): number => Math.round(1000 * value) / 1000 + 0

export class Scales {
  readonly #limit: number
  /** Least recently used first. */
  readonly #pasts = new Map<string, Past>()

  /** Holds the past of `limit` series, those last heard of. */
  constructor(limit = 20_000) {
    this.#limit = limit
  }

  get size(): number {
    return this.#pasts.size
  }

  /**
   * log2(1 + value / typical), where typical is the geometric mean of the values before: 1 for the usual, a unit more for about each doubling,
   * at most `FURTHEST`, three digits. Undefined where there are too few before, or it is not above zero.
   */
  loudness(series: string, value: number): number | undefined {
    if (!(value > 0) || !Number.isFinite(value)) return undefined
    const size = Math.log(value)
    const { count, mean } = this.#see(series, size)
    return count < LEAST_LOUD ? undefined : three(Math.min(FURTHEST, Math.log(1 + Math.exp(size - mean)) / Math.LN2))
  }

  /**
   * Standard deviations from the mean of the values before, between -`FURTHEST` and `FURTHEST`, three digits. Undefined where there are too few
   * before, or they were all alike.
   */
  surprise(series: string, value: number): number | undefined {
    if (!Number.isFinite(value)) return undefined
    const { count, mean, variance } = this.#see(series, value)
    return count < LEAST_USUAL || variance <= 0 ? undefined : three(Math.max(-FURTHEST, Math.min(FURTHEST, (value - mean) / Math.sqrt(variance))))
  }

  /** The past before this value, which is added to it. */
  #see(series: string, value: number): Past {
    const known = this.#pasts.get(series)
    this.#pasts.delete(series)
    const before = known ?? { count: 0, mean: 0, variance: 0 }
    const share = 1 / Math.min(before.count + 1, MEMORY)
    const off = value - before.mean
    this.#pasts.set(series, {
      count: before.count + 1, mean: before.mean + share * off, variance: before.count === 0 ? 0 : (1 - share) * (before.variance + share * off * off),
    })
    if (this.#pasts.size > this.#limit) for (const [oldest] of this.#pasts) {
      this.#pasts.delete(oldest)
      break
    }
    return before
  }
}
