/**
 * When a measure leaves its own past. The rule, exactly: of the values within `windowMs` before this one (at least 24 of them) take the
 * median m and the scale s = 1.4826 x the median of |x - m|, which for normal values estimates the standard deviation; where that is
 * nought (more than half of them equal), s = 1.2533 x the mean of |x - m|. A value is beyond where |value - m| / s >= threshold and s > 0. It
 * is said when the measure goes beyond on one side, and not again before it has come back: one fact an excursion.
 */
import type { Millis } from '#record'

/** Values that a window needs before it judges, and the most it remembers. */
const FEWEST = 24, MOST = 5000

export interface Beyond {
  readonly median: number
  readonly scale: number
  readonly z: number
  readonly observations: number
}

interface Past {
  readonly at: Millis[]
  readonly values: number[]
  side: number
}

/** What a watch remembers, as plain data. */
export interface WatchState {
  readonly [measure: string]: Past
}

export class AnomalyWatch {
  readonly windowMs: Millis
  readonly threshold: number
  readonly #pasts: Map<string, Past>

  constructor(windowMs: Millis, threshold: number, state: WatchState = {}) {
    this.windowMs = windowMs
    this.threshold = threshold
    this.#pasts = new Map(Object.entries(state))
  }

  /** The next value of one measure; what it is beyond, where it goes beyond. */
  next(measure: string, at: Millis, value: number): Beyond | undefined {
    let past = this.#pasts.get(measure)
    if (past === undefined) this.#pasts.set(measure, (past = { at: [], values: [], side: 0 }))
    let old = 0
    while (old < past.at.length && ((past.at[old] ?? 0) < at - this.windowMs || past.at.length - old >= MOST)) old++
    past.at.splice(0, old)
    past.values.splice(0, old)
    const beyond = this.#judge(past.values, value)
    past.at.push(at)
    past.values.push(value)
    const side = beyond === undefined ? 0 : Math.sign(beyond.z)
    const isNew = side !== 0 && side !== past.side
    past.side = side
    return isNew ? beyond : undefined
  }

  #judge(values: readonly number[], value: number): Beyond | undefined {
    if (values.length < FEWEST) return undefined
    const median = medianOf(values)
    const distances = values.map((each) => Math.abs(each - median))
    const scale = 1.4826 * medianOf(distances) || 1.2533 * (distances.reduce((sum, each) => sum + each, 0) / distances.length)
    const z = (value - median) / scale
    return scale > 0 && Math.abs(z) >= this.threshold ? { median, scale, z, observations: values.length } : undefined
  }

  state(): WatchState {
    return Object.fromEntries(this.#pasts)
  }
}

export function medianOf(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort()
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? (sorted[middle] ?? NaN) : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2
}

/** The value below or at which `part` (0 to 1) of all weight lies. `pairs` are value and weight; undefined where nothing weighs. */
export function weightedPercentile(pairs: readonly (readonly [value: number, weight: number])[], part: number): number | undefined {
  const sorted = [...pairs].sort(([a], [b]) => a - b)
  const total = sorted.reduce((sum, [, weight]) => sum + weight, 0)
  if (!(total > 0)) return undefined
  let sum = 0
  for (const [value, weight] of sorted) {
    sum += weight
    if (sum >= part * total) return value
  }
  return sorted.at(-1)?.[0]
}
