/**
 * The Theta method (Assimakopoulos and Nikolopoulos, Int. J. of Forecasting 16, 2000) as the M3 and M4 competitions ran it: seasonally adjusted where
 * the test finds a season, then simple exponential smoothing with half the slope of the linear trend as drift (the form of Hyndman and Billah, Int. J. of
 * Forecasting 19, 2003, which is the mean of the theta lines 0 and 2).
 */
import type { PointFit, PointMethod } from './forecaster.ts'
import { isPositive, isSeasonal, seasonalIndices } from './seasonal.ts'
import { fitSmoothing } from './smoothing.ts'

/** Fewer values have no trend to speak of. */
const LEAST = 5

export const theta: PointMethod = {
  name: 'theta',
  fit: ({ values }, season) => (values.length < LEAST ? undefined : thetaFit(values, season)),
}

function thetaFit(values: Float64Array, season: number): PointFit {
  const seasonal = isSeasonal(values, season), multiplies = seasonal && isPositive(values)
  const indices = seasonal ? seasonalIndices(values, season, multiplies) : Float64Array.of(0)
  const place = (i: number): number => indices[i % indices.length] ?? 0
  const adjusted = (known: Float64Array): Float64Array => known.map((value, i) => (multiplies ? value / place(i) : value - place(i)))
  const { alpha, initial } = fitSmoothing(adjusted(values))
  return {
    paths({ values: known }, origins, horizon) {
      const smooth = adjusted(known), slope = new RunningSlope()
      let level = initial, at = 0
      return origins.map((origin) => {
        for (; at < origin; at++) {
          const value = smooth[at] ?? 0
          level += alpha * (value - level)
          slope.add(value)
        }
        // What the level lags behind the trend: (1 - (1 - alpha)^n) / alpha steps.
        const lag = (1 - Math.exp(origin * Math.log(1 - alpha))) / alpha
        return Float64Array.from({ length: horizon }, (_, step) => {
          const path = level + (slope.value / 2) * (step + lag)
          return multiplies ? path * place(origin + step) : path + place(origin + step)
        })
      })
    },
  }
}

/** Least squares slope over places 0, 1, 2 ... of the values so far, about the first of them so that large values lose no digits. */
class RunningSlope {
  #n = 0
  #first = 0
  #sum = 0
  #weighted = 0

  add(value: number): void {
    if (this.#n === 0) this.#first = value
    this.#sum += value - this.#first
    this.#weighted += this.#n * (value - this.#first)
    this.#n++
  }

  get value(): number {
    const n = this.#n
    return n < 2 ? 0 : (12 * (this.#weighted - ((n - 1) / 2) * this.#sum)) / (n * (n * n - 1))
  }
}
