/**
 * Calibrated spreads: a method is asked from many origins of the series' own past, and what it was off by, step by step, says how far the next values may
 * lie from its path (conformal prediction by rolling origins: Vovk, Gammerman and Shafer, "Algorithmic Learning in a Random World", 2005, ch. 2; for
 * horizons of several steps: Stankevičiūtė and others, NeurIPS 2021). It is fitted on what comes before the first of these origins, so that the errors
 * are those of values it has not seen.
 */
import { normalQuantile } from '../statistics/normal.ts'
import { autocorrelation } from './seasonal.ts'
import { LEVELS, Unforecastable, type Forecast, type History, type PointMethod, type Question } from './forecaster.ts'

/** Origins that are asked from at most; older ones say less of what is to come. */
const ORIGINS_MOST = 100
/** Share of the values that the method is fitted on, at least, before it is judged. */
const FITTED_LEAST = 0.5
/** A form that was chosen on so many values is not chosen anew for those that follow. */
const SETTLED = 200
/** With so many errors of one step it speaks for itself; with fewer, all steps speak together, each in units of its own size. */
const ALONE = 20
/** With fewer errors of all steps together, the spread is that of a random walk. */
const TOGETHER = 6

/** What a method said: the path ahead, and paths from origins of the past. */
export interface Trial {
  readonly name: string
  readonly path: Float64Array
  readonly past: readonly Float64Array[]
}

/** Ascending; the last have fewer than `horizon` values after them only where the series is too short for enough others. */
export function originsOf(n: number, { horizon, apart = 1 }: Pick<Question, 'horizon' | 'apart'>): number[] {
  const first = Math.max(2, Math.ceil(n * FITTED_LEAST))
  const whole = n - horizon
  const last = (whole - first) / apart + 1 >= ALONE ? whole : n - 1
  const count = Math.max(0, Math.min(ORIGINS_MOST, Math.floor((last - first) / apart) + 1))
  return Array.from({ length: count }, (_, i) => last - (count - 1 - i) * apart)
}

/** Undefined where the method cannot be fitted. */
export async function trialOf(
  method: PointMethod, history: History, { horizon, season, stepsMs }: Question, origins: readonly number[],
): Promise<Trial | undefined> {
  const first = origins[0]
  const early = first === undefined ? undefined : await method.fit(headOf(history, first), season)
  const settled = first !== undefined && first >= SETTLED ? early?.again?.(history) : undefined
  const whole = settled ?? await method.fit(history, season)
  const [path] = await whole?.paths(history, [history.values.length], horizon, stepsMs) ?? []
  if (path === undefined || !path.every(Number.isFinite)) return undefined
  const past = await early?.paths(history, origins, horizon, stepsMs) ?? []
  return { name: method.name, path, past: past.every((one) => one.every(Number.isFinite)) ? past : [] }
}

export const headOf = ({ values, timesMs }: History, length: number): History => ({
  values: values.subarray(0, length), ...(timesMs === undefined ? {} : { timesMs: timesMs.subarray(0, length) }),
})

/** By step, what was off: value less path; fewer for later steps where the series ends before. */
export function errorsOf({ past }: Pick<Trial, 'past'>, values: Float64Array, origins: readonly number[], horizon: number): number[][] {
  const errors: number[][] = Array.from({ length: horizon }, () => [])
  past.forEach((path, k) => {
    const origin = origins[k] ?? 0
    for (let step = 0; step < horizon && origin + step < values.length; step++) errors[step]?.push((values[origin + step] ?? 0) - (path[step] ?? 0))
  })
  return errors
}

/**
 * The path of a trial with the spread that its past gives it. The path is the mean; the median leaves it only where the past says so. Throws Unforecastable
 * where numbers overflow.
 */
export function calibrated(trial: Trial, { values }: History, origins: readonly number[]): Forecast {
  const horizon = trial.path.length
  const errors = errorsOf(trial, values, origins, horizon)
  const spread = spreadOf(errors, values)
  const quantiles = LEVELS.map((level) => Float64Array.from({ length: horizon }, (_, step) => (trial.path[step] ?? 0) + spread(level, step)))
  if (!quantiles.every((path) => path.every(Number.isFinite))) throw new Unforecastable('has values too large to reckon with')
  const median = quantiles[(LEVELS.length - 1) / 2] ?? trial.path
  return { method: trial.name, mean: trial.path, median, quantiles, hindsight: { origins: origins.slice(0, trial.past.length), paths: trial.past } }
}

type Spread = (level: number, step: number) => number

function spreadOf(errors: readonly number[][], values: Float64Array): Spread {
  const known = errors.reduce((sum, of) => sum + of.length, 0)
  if (known < TOGETHER) return walkOf(values)
  const sizes = sizesOf(errors)
  const pooled = sortedFinite(errors.flatMap((of, step) => of.map((error) => error / (sizes[step] ?? 1))))
  const pooledChance = chanceIn(errors.flat(), pooled)
  const alone = errors.map((of) => (of.length < ALONE ? undefined : sortedFinite(of)))
  const chances = alone.map((sorted, step) => (sorted === undefined ? 0 : chanceIn(errors[step] ?? [], sorted)))
  return (level, step) => {
    const own = alone[step]
    return own !== undefined ? quantileOf(own, level) - (chances[step] ?? 0) : (quantileOf(pooled, level) - pooledChance) * (sizes[step] ?? 1)
  }
}

const sortedFinite = (errors: readonly number[]): Float64Array => Float64Array.from(errors.filter(Number.isFinite)).sort()

/** Root mean square of each step's errors, never less for a later step; where there are none, it grows as that of a random walk. */
function sizesOf(errors: readonly number[][]): Float64Array {
  const sizes = new Float64Array(errors.length)
  let before = 0, at = 0
  errors.forEach((of, step) => {
    const own = of.length < 3 ? before * Math.sqrt((step + 1) / Math.max(1, at)) : Math.sqrt(of.reduce((sum, error) => sum + error * error, 0) / of.length)
    sizes[step] = Math.max(own, before)
    if (of.length >= 3) {
      before = sizes[step] ?? 0
      at = step + 1
    }
  })
  return sizes.map((size) => (size > 0 ? size : Number.MIN_VALUE))
}

/**
 * What is to be taken off the errors so that their middle is the path: of their median, as much as chance may have put there (the positive-part estimate of
 * James and Stein, with the spread of Student's t for a standard error that is itself estimated). Errors of neighbouring origins hang together, so that they
 * count as fewer where each is like the one before; of three and fewer nothing is learned.
 */
function chanceIn(errors: readonly number[], sorted: Float64Array): number {
  const middle = quantileOf(sorted, 0.5)
  const deviation = (quantileOf(sorted, 0.75) - quantileOf(sorted, 0.25)) / 1.349
  const alike = Math.max(0, autocorrelation(errors, 1)[0] ?? 0)
  const independent = (sorted.length * (1 - alike)) / (1 + alike)
  if (independent <= 3 || middle === 0) return middle
  const variance = (1.2533 * 1.2533 * deviation * deviation) / independent * ((independent - 1) / (independent - 3))
  return middle * Math.min(1, variance / (middle * middle))
}

/** At place (n + 1) level, between neighbours: with exchangeable errors the next lies below with that probability. */
export function quantileOf(sorted: Float64Array, level: number): number {
  const at = Math.min(sorted.length - 1, Math.max(0, level * (sorted.length + 1) - 1))
  const below = sorted[Math.floor(at)] ?? 0, above = sorted[Math.ceil(at)] ?? 0
  return below + (above - below) * (at - Math.floor(at))
}

/** Steps as large as the values' own, normal and independent. */
function walkOf(values: Float64Array): Spread {
  let squares = 0
  for (let i = 1; i < values.length; i++) {
    const step = (values[i] ?? 0) - (values[i - 1] ?? 0)
    squares += step * step
  }
  const size = Math.sqrt(squares / Math.max(1, values.length - 1))
  return (level, step) => normalQuantile(level) * size * Math.sqrt(step + 1)
}
