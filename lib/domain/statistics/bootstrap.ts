/**
 * The stationary bootstrap (Politis and Romano, J. of the American Statistical Association 89, 1994): runs of neighbouring observations, of random
 * length, are drawn until there are as many as before, so that what hangs together in time hangs together in the resample too.
 */
import { observed } from './moments.ts'

/** Uniform in [0, 1). */
export type Draw = () => number

export interface BootstrapTerms {
  readonly resamples: number
  /** Of the interval: 0.95, say. */
  readonly level: number
}
export const BOOTSTRAP: BootstrapTerms = { resamples: 2000, level: 0.95 }

export interface Interval {
  readonly low: number
  readonly high: number
  /** Observations. */
  readonly n: number
  /** Mean length of the runs that were drawn. */
  readonly block: number
}

/** Places of one resample into `into`: a run goes on with probability 1 - 1 / block, past the end from the beginning. */
export function resample(into: Int32Array, block: number, draw: Draw): void {
  const n = into.length, ends = 1 / block
  let place = 0
  for (let i = 0; i < n; i++) {
    place = i === 0 || draw() < ends ? Math.floor(draw() * n) : place + 1 === n ? 0 : place + 1
    into[i] = place
  }
}

/**
 * The interval of a statistic of `n` observations between two percentiles of its resamples; `statistic` is given places, and answers undefined
 * where it cannot be said of them. Undefined for fewer than two observations, or where more than a tenth of the resamples could not be said.
 */
export function bootstrap(
  n: number, statistic: (places: Int32Array) => number | undefined, block: number, draw: Draw, { resamples, level }: BootstrapTerms = BOOTSTRAP,
): Interval | undefined {
  if (n < 2) return undefined
  const places = new Int32Array(n), values: number[] = []
  for (let i = 0; i < resamples; i++) {
    resample(places, block, draw)
    const value = statistic(places)
    if (value !== undefined && Number.isFinite(value)) values.push(value)
  }
  if (values.length < resamples * 0.9) return undefined
  values.sort((a, b) => a - b)
  const tail = (1 - level) / 2
  // Outwards to the next order statistic: an interval is never narrower than asked for.
  const low = values[Math.floor(tail * (values.length - 1))], high = values[Math.ceil((1 - tail) * (values.length - 1))]
  return low === undefined || high === undefined ? undefined : { low, high, n, block }
}

/** The same, of a statistic of the values themselves. */
export function bootstrapValues(
  values: readonly (number | null | undefined)[], statistic: (sample: readonly number[]) => number | null | undefined, draw: Draw,
  terms: BootstrapTerms & { readonly block?: number } = BOOTSTRAP,
): Interval | undefined {
  const known = observed(values)
  const sample = Array.from(known)
  const of = (places: Int32Array): number | undefined => {
    for (let i = 0; i < places.length; i++) sample[i] = known[places[i] ?? 0] ?? 0
    return statistic(sample) ?? undefined
  }
  return bootstrap(known.length, of, terms.block ?? blockLength(known), draw, terms)
}

/** Lags in a row whose correlation must be negligible, for those before them to be all there is. */
const leastRun = (n: number): number => Math.max(5, Math.ceil(Math.sqrt(Math.log(n) / Math.LN10)))

/**
 * The mean length of runs that keeps the error of the variance of the mean least (Politis and White, Econometric Reviews 23, 2004, with the
 * correction of Patton, Politis and White, the same 28, 2009); from 1 to min(3 sqrt(n), n / 3).
 */
export function blockLength(values: readonly number[]): number {
  const n = values.length
  if (n < 8) return 1
  const run = leastRun(n), most = Math.ceil(Math.sqrt(n)) + run
  const covariances = autocovariances(values, Math.min(most, n - 1))
  const own = covariances[0] ?? 0
  if (!(own > 0)) return 1
  const negligible = 2 * Math.sqrt(Math.log(n) / Math.LN10 / n)
  const isSmall = (lag: number): boolean => Math.abs((covariances[lag] ?? 0) / own) < negligible
  let last = 0
  // The largest lag before a run of negligible ones; where there is no such run, the last that is not negligible.
  for (let lag = 1; lag < covariances.length; lag++) {
    if (!isSmall(lag)) last = lag
    else if (lag - last >= run) break
  }
  const window = Math.min(2 * Math.max(1, last), most)
  let slope = 0, spectrum = own
  for (let lag = 1; lag <= window && lag < covariances.length; lag++) {
    // The trapezoidal flat-top window of Politis and Romano (J. of Time Series Analysis 16, 1995).
    const share = lag / window, weight = share <= 0.5 ? 1 : 2 * (1 - share)
    slope += 2 * weight * lag * (covariances[lag] ?? 0)
    spectrum += 2 * weight * (covariances[lag] ?? 0)
  }
  const ceiling = Math.min(3 * Math.sqrt(n), n / 3)
  if (spectrum === 0) return 1
  const cube = (slope * slope * n) / (spectrum * spectrum)
  return Math.max(1, Math.min(ceiling, cubeRoot(cube)))
}

function autocovariances(values: readonly number[], most: number): number[] {
  const n = values.length, mean = values.reduce((sum, value) => sum + value, 0) / n
  return Array.from({ length: most + 1 }, (_, lag) => {
    let sum = 0
    for (let i = lag; i < n; i++) sum += ((values[i] ?? 0) - mean) * ((values[i - lag] ?? 0) - mean)
    return sum / n
  })
}

/** Newton's iteration from above: `Math.cbrt` differs between engines. */
function cubeRoot(value: number): number {
  if (!(value > 0)) return 0
  let root = Math.max(1, value)
  for (let next = root; ; root = next) {
    next = (2 * root + value / (root * root)) / 3
    if (!(next < root)) return root
  }
}
