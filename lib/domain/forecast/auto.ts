/**
 * A method for each series: all that can be fitted are asked from origins of its own past, and those that did well there are mixed, the better the more.
 * Mixtures of a few simple methods beat each of them on most series (Bates and Granger, Operational Research Quarterly 20, 1969; the M4 competition).
 */
import { seasonRegression, stepRegression } from './autoregression.ts'
import { calibrated, errorsOf, originsOf, trialOf, type Trial } from './conformal.ts'
import { damped, ets } from './ets.ts'
import type { Forecaster, PointMethod } from './forecaster.ts'
import { drift, naive, seasonalNaive } from './naive.ts'
import { autocorrelation } from './seasonal.ts'
import { theta } from './theta.ts'

/** Methods that are off by more than this times the best have no part. */
const KEPT = 1.5
const METHODS_MOST = 4
/**
 * Seasons that calendars make, of hours, days, weeks, months and parts of hours (364: a year of days that keeps to the week): what a longer season beside
 * the given one may be.
 */
const CALENDAR = [7, 12, 24, 48, 52, 96, 144, 168, 288, 336, 364, 365, 672, 1008, 2016]

const atSeason = (method: PointMethod, season: number): PointMethod => ({
  name: `${method.name}:${season}`, fit: (history) => method.fit(history, season),
})

export const auto: Forecaster = {
  name: 'auto',
  async forecast(history, question) {
    const { values } = history, { horizon, season } = question
    const origins = originsOf(values.length, question)
    const longer = longerSeason(values.subarray(0, origins[0] ?? values.length), season)
    const methods = [
      naive, drift, theta, ets, damped, stepRegression,
      ...(season > 1 ? [seasonalNaive, seasonRegression] : []),
      ...(longer === undefined ? [] : [atSeason(seasonalNaive, longer), atSeason(theta, longer), atSeason(seasonRegression, longer)]),
    ]
    const judged: { trial: Trial; loss: number }[] = []
    for (const method of methods) {
      const trial = await trialOf(method, history, question, origins)
      if (trial !== undefined) judged.push({ trial, loss: lossOf(trial, values, origins, horizon) })
    }
    return calibrated(mixed(judged, season > 1 ? 'snaive' : 'naive'), history, origins)
  },
}

/** Mean absolute error over steps and origins, all steps alike; Infinity where it was never asked. */
function lossOf(trial: Trial, values: Float64Array, origins: readonly number[], horizon: number): number {
  if (trial.past.length === 0) return Infinity
  let sum = 0, steps = 0
  for (const of of errorsOf(trial, values, origins, horizon)) {
    if (of.length === 0) continue
    sum += of.reduce((total, error) => total + Math.abs(error), 0) / of.length
    steps++
  }
  return steps === 0 ? Infinity : sum / steps
}

/** Weights are inverse squares of the losses. Where nothing could be judged, `standby` alone. */
function mixed(judged: readonly { readonly trial: Trial; readonly loss: number }[], standby: string): Trial {
  const known = judged.filter(({ loss }) => Number.isFinite(loss)).sort((a, b) => a.loss - b.loss)
  const best = known[0] ?? judged.find(({ trial }) => trial.name === standby) ?? judged[0]
  if (best === undefined) throw new RangeError('a naive path always stands')
  if (!(best.loss > 0) || !Number.isFinite(best.loss)) return { ...best.trial, name: `auto(${best.trial.name})` }
  const kept = known.filter(({ loss }) => loss <= KEPT * best.loss).slice(0, METHODS_MOST)
  const weights = kept.map(({ loss }) => (best.loss / loss) * (best.loss / loss))
  const whole = weights.reduce((sum, weight) => sum + weight, 0)
  const mix = (paths: readonly (Float64Array | undefined)[]): Float64Array => best.trial.path.map((_, step) =>
    paths.reduce((sum, path, i) => sum + ((weights[i] ?? 0) * (path?.[step] ?? 0)) / whole, 0))
  return {
    name: `auto(${kept.map(({ trial }) => trial.name).join('+')})`,
    path: mix(kept.map(({ trial }) => trial.path)),
    past: best.trial.past.map((_, k) => mix(kept.map(({ trial }) => trial.past[k]))),
  }
}

/** The calendar's season above the given one (a whole number of it) at which the changes of the series agree most; undefined where none stands out. */
function longerSeason(values: Float64Array, season: number): number | undefined {
  const able = CALENDAR.filter((one) => one > season && one % season === 0 && values.length >= 2.5 * one)
  const longest = able[able.length - 1]
  if (longest === undefined) return undefined
  const changes = Float64Array.from({ length: values.length - 1 }, (_, i) => (values[i + 1] ?? 0) - (values[i] ?? 0))
  const correlations = autocorrelation(changes, longest)
  let best: number | undefined, most = season > 1 ? Math.max(0, correlations[season - 1] ?? 0) : 0
  for (const one of able) {
    const at = correlations[one - 1] ?? 0
    if (at > most && at > 2.6 / Math.sqrt(changes.length)) {
      best = one
      most = at
    }
  }
  return best
}
