/** Seasons: whether a series has one, and what it is. */

/** Critical value of a two-sided test at 90%. */
const CRITICAL = 1.645

/** Correlation of a series with itself, `lags` steps and less apart; index 0 is lag 1. All zero where it does not vary. */
export function autocorrelation(values: ArrayLike<number>, lags: number): Float64Array {
  const n = values.length, found = new Float64Array(lags)
  let mean = 0, variance = 0
  for (let i = 0; i < n; i++) mean += (values[i] ?? 0) / n
  const off = Float64Array.from(values, (value) => value - mean)
  for (const one of off) variance += one * one
  if (!(variance > 0)) return found
  for (let lag = 1; lag <= lags; lag++) {
    let sum = 0
    for (let i = lag; i < n; i++) sum += (off[i] ?? 0) * (off[i - lag] ?? 0)
    found[lag - 1] = sum / variance
  }
  return found
}

/**
 * Whether there is a season of so many steps: the test of the M3 and M4 competitions (Makridakis and others, Int. J. of Forecasting 36, 2020, appendix A):
 * the correlation at that lag against the limits of Bartlett, from three seasons on.
 */
export function isSeasonal(values: ArrayLike<number>, season: number): boolean {
  if (season < 2 || values.length < 3 * season) return false
  const correlations = autocorrelation(values, season)
  let sum = 1
  for (let lag = 0; lag < season - 1; lag++) sum += 2 * (correlations[lag] ?? 0) * (correlations[lag] ?? 0)
  return Math.abs(correlations[season - 1] ?? 0) > CRITICAL * Math.sqrt(sum / values.length)
}

export const isPositive = (values: ArrayLike<number>): boolean => {
  for (let i = 0; i < values.length; i++) if (!((values[i] ?? 0) > 0)) return false
  return true
}

/** Centred moving average over one season (half weights at the ends where it is even); NaN where it does not reach. */
function movingAverage(values: Float64Array, season: number): Float64Array {
  const n = values.length, half = Math.floor(season / 2), even = season % 2 === 0
  const smooth = new Float64Array(n).fill(NaN)
  for (let i = half; i < n - half; i++) {
    let sum = 0
    for (let k = -half; k <= half; k++) sum += (values[i + k] ?? 0) * (even && (k === -half || k === half) ? 0.5 : 1)
    smooth[i] = sum / season
  }
  return smooth
}

/**
 * Classical decomposition: what each place in the season adds (sums to 0) or by what it multiplies (averages 1) against the centred moving average.
 * Index 0 is the place of the first value. Takes two seasons.
 */
export function seasonalIndices(values: Float64Array, season: number, multiplies: boolean): Float64Array {
  const trend = movingAverage(values, season)
  const sums = new Float64Array(season), counts = new Float64Array(season)
  for (let i = 0; i < values.length; i++) {
    const level = trend[i] ?? NaN
    if (Number.isNaN(level)) continue
    sums[i % season] = (sums[i % season] ?? 0) + (multiplies ? (values[i] ?? 0) / level : (values[i] ?? 0) - level)
    counts[i % season] = (counts[i % season] ?? 0) + 1
  }
  const means = sums.map((sum, place) => sum / Math.max(1, counts[place] ?? 0))
  const overall = means.reduce((sum, one) => sum + one, 0) / season
  return means.map((one) => (multiplies ? one / overall : one - overall))
}
