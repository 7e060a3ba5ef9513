/**
 * Prophet (Taylor and Letham, The American Statistician 72, 2018): a trend of straight pieces and seasons of the calendar, as a function of time. What fits
 * it comes from outside; here is what it is asked, and how it stands beside the other methods.
 */
import type { PointMethod } from './forecaster.ts'

/** What Stan's optimiser finds: all that is needed, beside the history, to have the same fit again. */
export interface ProphetParameters {
  /** Rate and offset of the trend, in scaled units. */
  readonly k: number
  readonly m: number
  /** Changes of the rate, by changepoint. */
  readonly delta: readonly number[]
  /** Of the Fourier terms of the seasons. */
  readonly beta: readonly number[]
  readonly sigmaObs: number
  /** Of the trend at each time of the history. */
  readonly trend: readonly number[]
}

export interface ProphetFit {
  readonly parameters: ProphetParameters
  /** What it expects at these times. */
  at(timesMs: Float64Array): Float64Array
}

export interface Prophet {
  /**
   * With default settings: yearly, weekly and daily seasons where the history spans two of them. With `kept`, what an earlier fit of the same history found
   * is taken as found. Undefined where nothing can be fitted.
   */
  fit(timesMs: Float64Array, values: Float64Array, kept?: ProphetParameters): Promise<ProphetFit | undefined>
}

/** It goes by times alone: undefined for series without them. */
export const prophetMethod = (prophet: Prophet): PointMethod => ({
  name: 'prophet',
  async fit({ values, timesMs }) {
    const fitted = timesMs === undefined ? undefined : await prophet.fit(timesMs, values)
    if (fitted === undefined) return undefined
    return {
      paths(history, origins, horizon, stepsMs) {
        const first = origins[0] ?? 0, known = history.timesMs ?? new Float64Array(0)
        const times = new Float64Array(known.length - first + (stepsMs?.length ?? 0))
        times.set(known.subarray(first))
        if (stepsMs !== undefined) times.set(stepsMs, known.length - first)
        const expected = fitted.at(times)
        return origins.map((origin) => Float64Array.from({ length: horizon }, (_, step) => expected[origin - first + step] ?? NaN))
      },
    }
  },
})

