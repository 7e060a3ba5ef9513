/** The standing rivals: the last value, the value one season ago, and the last value with the mean step since the first. */
import type { History, PointMethod } from './forecaster.ts'

const pathsBy = (at: (values: Float64Array, origin: number, step: number) => number) =>
  ({ values }: History, origins: readonly number[], horizon: number): Float64Array[] =>
    origins.map((origin) => Float64Array.from({ length: horizon }, (_, step) => at(values, origin, step)))

/** All steps are the last value. */
export const naive: PointMethod = {
  name: 'naive',
  fit: () => ({ paths: pathsBy((values, origin) => values[origin - 1] ?? NaN) }),
}

/** Each step is the latest known value of the same place in the season. */
export const seasonalNaive: PointMethod = {
  name: 'snaive',
  fit: ({ values }, season) => (values.length < season ? undefined : {
    paths: pathsBy((known, origin, step) => known[origin - season + (step % season)] ?? NaN),
  }),
}

/** The last value and, each step, the mean change so far. */
export const drift: PointMethod = {
  name: 'drift',
  fit: () => ({
    paths: pathsBy((values, origin, step) => {
      const last = values[origin - 1] ?? NaN
      return origin < 2 ? last : last + ((step + 1) * (last - (values[0] ?? NaN))) / (origin - 1)
    }),
  }),
}
