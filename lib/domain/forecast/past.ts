/** The past of one series as it comes in, row by row: what is missing is noted, and filled when it is asked for. */
import { Unforecastable, type History } from './forecaster.ts'

/** Fewer values say nothing of what is to come. */
const VALUES_LEAST = 3
/** With a larger share missing, what is filled would say more than what is known. */
const MISSING_MOST = 0.5
/** More steps in a gap than this are a wrong `step`, not a gap. */
const GAP_MOST = 100_000

export class SeriesPast {
  readonly #values: number[] = []
  readonly #timesMs: number[] = []
  readonly #stepMs: number | undefined

  /** `stepMs`: the distance of its rows, where rows that are not there are missing values. */
  constructor(stepMs?: number) {
    this.#stepMs = stepMs
  }

  /** NaN is a missing value. Answers what is wrong with its time, in words, and leaves it out then. */
  add(value: number, ms?: number): string | undefined {
    const lastMs = this.#timesMs[this.#timesMs.length - 1]
    if (ms !== undefined && lastMs !== undefined) {
      if (ms <= lastMs) return ms === lastMs ? 'has the time of the row before it' : 'is earlier than the row before it'
      if (this.#stepMs !== undefined) {
        const steps = (ms - lastMs) / this.#stepMs
        if (!Number.isInteger(steps)) return 'is not a whole number of steps after the row before it'
        if (steps > GAP_MOST) return `is ${steps} steps after the row before it`
        for (let k = 1; k < steps; k++) this.#put(NaN, lastMs + k * this.#stepMs)
      }
    }
    this.#put(value, ms)
    return undefined
  }

  #put(value: number, ms: number | undefined): void {
    this.#values.push(value)
    if (ms !== undefined) this.#timesMs.push(ms)
  }

  /**
   * Missing values before the first known are left out; between two known they lie on the line between them; behind the last they are what was known
   * one season before, or the last value. Throws Unforecastable where too few are known.
   */
  history(season: number): History {
    const first = this.#values.findIndex((value) => !Number.isNaN(value))
    const values = Float64Array.from(first < 0 ? [] : this.#values.slice(first))
    const known = values.reduce((count, value) => count + (Number.isNaN(value) ? 0 : 1), 0)
    if (known < VALUES_LEAST) throw new Unforecastable(`has ${known} known value${known === 1 ? '' : 's'}, and takes ${VALUES_LEAST}`)
    if (values.length - known > values.length * MISSING_MOST) throw new Unforecastable(`lacks ${values.length - known} of its ${values.length} values`)
    fill(values, season)
    return this.#timesMs.length === 0 ? { values } : { values, timesMs: Float64Array.from(this.#timesMs.slice(first)) }
  }
}

/** In place; the first value is known. */
function fill(values: Float64Array, season: number): void {
  let last = 0
  for (let i = 1; i < values.length; i++) {
    if (Number.isNaN(values[i] ?? 0)) continue
    const from = values[last] ?? 0, to = values[i] ?? 0
    for (let k = last + 1; k < i; k++) values[k] = from + ((to - from) * (k - last)) / (i - last)
    last = i
  }
  for (let k = last + 1; k < values.length; k++) values[k] = values[season > 1 && k >= season ? k - season : last] ?? 0
}
