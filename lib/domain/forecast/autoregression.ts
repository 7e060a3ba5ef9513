/**
 * Autoregression of what changed: over one step, or over one season. The change is regressed on its own past (the steps just before, and the same place in
 * seasons before) with a ridge, so that what the past does not show stays at nothing, and the path is then that of the naive or seasonal naive method.
 * ARIMA(p, 1, 0) and its seasonal kin (Box and Jenkins, "Time Series Analysis", 1970), fitted by conditional least squares.
 */
import { solvePositive } from '../statistics/solve.ts'
import type { PointFit, PointMethod } from './forecaster.ts'

/** Steps just before that are looked at, and seasons. */
const NEAR_MOST = 24, SEASONS_MOST = 7
/** Observations for each coefficient, at least. */
const ROWS_PER_LAG = 5
/** Of the ridge, as a share of the mean square of the changes: as if so many more rows had shown nothing. */
const PRIOR_ROWS = 5

/** Changes over one step. */
export const stepRegression: PointMethod = { name: 'ar', fit: ({ values }) => fitOver(values, 1, 1) }

/** Changes over one season. */
export const seasonRegression: PointMethod = { name: 'sar', fit: ({ values }, season) => (season < 2 ? undefined : fitOver(values, season, season)) }

/** Changes over `lag` steps, with terms of `season` where they differ: a week of hours, days within it. */
function fitOver(values: Float64Array, lag: number, season: number): PointFit | undefined {
  const n = values.length - lag
  if (n < 8) return undefined
  const changes = Float64Array.from({ length: n }, (_, i) => (values[i + lag] ?? 0) - (values[i] ?? 0))
  const lags = lagsFor(n, season)
  const weights = ridge(changes, lags)
  if (weights === undefined) return undefined
  return {
    paths: ({ values: known }, origins, horizon) => origins.map((origin) => pathFrom(known, origin, horizon, lag, lags, weights)),
  }
}

function lagsFor(n: number, season: number): number[] {
  const lags = new Set<number>()
  const fits = (lag: number): boolean => n - lag >= ROWS_PER_LAG * (lags.size + 1)
  for (let lag = 1; lag <= Math.min(NEAR_MOST, Math.floor(n / 10)); lag++) if (fits(lag)) lags.add(lag)
  for (let k = 1; season > 1 && k <= SEASONS_MOST; k++) if (n >= 2 * k * season && fits(k * season)) lags.add(k * season)
  return [...lags].sort((a, b) => a - b)
}

/** Weights of least squares by lag; undefined where the changes are all alike nothing. */
function ridge(changes: Float64Array, lags: readonly number[]): Float64Array | undefined {
  const d = lags.length, from = lags[d - 1] ?? 0, rows = changes.length - from
  if (d === 0 || rows < d) return undefined
  let size = 0
  for (let t = from; t < changes.length; t++) size += ((changes[t] ?? 0) * (changes[t] ?? 0)) / rows
  if (!(size > 0)) return new Float64Array(d)
  const squares = new Float64Array(d * d), right = new Float64Array(d)
  for (let t = from; t < changes.length; t++) {
    for (let i = 0; i < d; i++) {
      const one = changes[t - (lags[i] ?? 0)] ?? 0
      right[i] = (right[i] ?? 0) + one * (changes[t] ?? 0)
      for (let j = 0; j <= i; j++) squares[i * d + j] = (squares[i * d + j] ?? 0) + one * (changes[t - (lags[j] ?? 0)] ?? 0)
    }
  }
  for (let i = 0; i < d; i++) squares[i * d + i] = (squares[i * d + i] ?? 0) + PRIOR_ROWS * size
  return solvePositive(squares, right)
}

function pathFrom(values: Float64Array, origin: number, horizon: number, lag: number, lags: readonly number[], weights: Float64Array): Float64Array {
  const reach = lags[lags.length - 1] ?? 0, from = Math.max(0, origin - reach - lag)
  const path = new Float64Array(origin - from + horizon)
  path.set(values.subarray(from, origin))
  const changes = new Float64Array(path.length)
  for (let i = lag; i < origin - from; i++) changes[i] = (path[i] ?? 0) - (path[i - lag] ?? 0)
  for (let i = origin - from; i < path.length; i++) {
    let change = 0
    for (let k = 0; k < lags.length; k++) change += (weights[k] ?? 0) * (changes[i - (lags[k] ?? 0)] ?? 0)
    changes[i] = change
    path[i] = (path[i - lag] ?? 0) + change
  }
  return path.slice(origin - from)
}
