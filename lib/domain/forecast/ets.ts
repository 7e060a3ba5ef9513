/**
 * Exponential smoothing as state space models (Hyndman, Koehler, Ord and Snyder, "Forecasting with Exponential Smoothing", Springer 2008): additive or
 * multiplicative error, no, additive or damped trend, no, additive or multiplicative season; the form of the least corrected AIC. Multiplicative trends, and
 * additive errors on multiplicative seasons, are left out because they are not stable.
 */
import type { History, PointFit, PointMethod } from './forecaster.ts'
import { nelderMead, type Corner } from './nelder_mead.ts'
import { isPositive, seasonalIndices } from './seasonal.ts'

type Kind = 'none' | 'additive' | 'multiplicative'
export interface Form {
  readonly error: 'additive' | 'multiplicative'
  readonly trend: 'none' | 'additive' | 'damped'
  readonly season: Kind
}
export interface Parameters {
  readonly alpha: number
  readonly beta: number
  readonly gamma: number
  readonly phi: number
}
interface State {
  level: number
  slope: number
  /** By place in the season; index 0 is the place of the first value. */
  readonly places: Float64Array
}
export interface EtsFit {
  readonly form: Form
  readonly parameters: Parameters
  readonly initial: Readonly<State>
  /** Corrected AIC, up to a constant of the series. */
  readonly aicc: number
}

/** As R's forecast::ets bounds them ("usual"), so that every form is stable. */
const SHARE_LEAST = 1e-4, SHARE_MOST = 0.9999, PHI_LEAST = 0.8, PHI_MOST = 0.98
const SEARCH = { evaluations: 300, tolerance: 1e-7 }
const RESTARTS = 4
/** In units of twice the log likelihood. */
const GAIN = 0.5
/** Longer seasons have too many states for their information to be weighed. */
const SEASON_MOST = 60
const LEAST = 4

export const ets: PointMethod = etsOf('ets', formsOf)

/** The one form with a damped trend that the M competitions ran as "Damped". */
export const damped: PointMethod = etsOf('damped', (_, seasonal) => [
  { error: 'additive', trend: 'damped', season: seasonal ? 'additive' : 'none' },
])

function etsOf(name: string, forms: (values: Float64Array, seasonal: boolean) => readonly Form[]): PointMethod {
  return {
    name,
    fit({ values }, season) {
      if (values.length < LEAST) return undefined
      const seasonal = season > 1 && season <= SEASON_MOST && values.length >= 2 * season + 5
      let best: EtsFit | undefined
      for (const form of forms(values, seasonal)) {
        const fit = fitForm(values, season, form)
        if (fit !== undefined && (best === undefined || fit.aicc < best.aicc)) best = fit
      }
      return best === undefined ? undefined : repeatable(best, season)
    },
  }
}

/** A fit whose form can be fitted to other values. */
function repeatable(fit: EtsFit, season: number): PointFit {
  return {
    ...pathsOf(fit),
    again({ values }) {
      const other = fitForm(values, season, fit.form)
      return other && repeatable(other, season)
    },
  }
}

function formsOf(values: Float64Array, seasonal: boolean): readonly Form[] {
  const positive = isPositive(values)
  const forms: Form[] = []
  for (const season of seasonal ? (['none', 'additive', 'multiplicative'] as const) : (['none'] as const)) {
    for (const trend of ['none', 'additive', 'damped'] as const) {
      for (const error of ['additive', 'multiplicative'] as const) {
        if ((error === 'multiplicative' || season === 'multiplicative') && !positive) continue
        if (season === 'multiplicative' && error === 'additive') continue
        forms.push({ error, trend, season })
      }
    }
  }
  return forms
}

/** Undefined where there are too few values for so many parameters, or none that is admissible. */
export function fitForm(values: Float64Array, season: number, form: Form): EtsFit | undefined {
  const places = form.season === 'none' ? 1 : season
  const free = 2 + (form.trend === 'none' ? 0 : form.trend === 'additive' ? 2 : 3) + (form.season === 'none' ? 0 : places)
  if (values.length <= free + 2) return undefined
  const start = initialOf(values, places, form)
  const size = Math.max(Math.abs(start.level), Math.abs(start.slope), 1e-12)
  const scale = form.trend === 'none' ? size : Math.max(spanOf(values), 1e-12)
  // Parameters that the form lacks are not searched.
  const startsAt = (alpha: number, share: number): Float64Array => Float64Array.from([
    alpha, start.level / scale, ...(form.trend === 'none' ? [] : [share, start.slope / scale]), ...(form.trend === 'damped' ? [0.95] : []),
    ...(form.season === 'none' ? [] : [0.1]),
  ])
  const steps = Float64Array.from([
    0.1, 0.05, ...(form.trend === 'none' ? [] : [0.1, 0.02]), ...(form.trend === 'damped' ? [-0.05] : []), ...(form.season === 'none' ? [] : [0.1]),
  ])
  const read = (at: Float64Array): { parameters: Parameters; initial: State } => {
    let i = 0
    const next = (): number => at[i++] ?? 0
    const alpha = next(), level = next() * scale
    // beta and gamma as shares of what alpha leaves them, so that their bounds do not depend on one another.
    const beta = form.trend === 'none' ? 0 : next() * alpha
    const slope = form.trend === 'none' ? 0 : next() * scale
    const phi = form.trend === 'damped' ? next() : 1
    const gamma = form.season === 'none' ? 0 : next() * (1 - alpha)
    return { parameters: { alpha, beta, gamma, phi }, initial: { level, slope, places: start.places } }
  }
  const lossAt = (at: Float64Array): number => {
    const { parameters, initial } = read(at)
    return admissible(form, parameters) ? lossOf(values, form, parameters, initial) : Infinity
  }
  // The likelihood has more than one hill: sluggish and nimble smoothing both have a start.
  const found = [startsAt(0.2, 0.1), startsAt(0.85, 0.7)].map((from) => climbed(lossAt, from, steps)).reduce((a, b) => (b.loss < a.loss ? b : a))
  if (!Number.isFinite(found.loss)) return undefined
  const { parameters, initial } = read(found.at)
  const n = values.length, k = free + 1
  return { form, parameters, initial, aicc: found.loss + 2 * k + (2 * k * (k + 1)) / Math.max(1, n - k - 1) }
}

/** A simplex collapses on bounds: a fresh one from where it stopped goes on, until it finds no more. */
function climbed(lossAt: (at: Float64Array) => number, from: Float64Array, steps: Float64Array): Corner {
  let found = nelderMead(lossAt, from, steps, SEARCH)
  for (let again = 0; again < RESTARTS; again++) {
    const before = found.loss
    found = nelderMead(lossAt, found.at, steps.map((step, i) => ((found.at[i] ?? 0) + step > 0.99 ? -step : step)), SEARCH)
    if (!(before - found.loss > GAIN)) break
  }
  return found
}

const within = (share: number): boolean => share >= SHARE_LEAST && share <= SHARE_MOST

function admissible({ trend, season }: Form, { alpha, beta, gamma, phi }: Parameters): boolean {
  if (!within(alpha)) return false
  if (trend !== 'none' && !within(beta / alpha)) return false
  if (trend === 'damped' && !(phi >= PHI_LEAST && phi <= PHI_MOST)) return false
  return season === 'none' || within(gamma / (1 - alpha))
}

function spanOf(values: Float64Array): number {
  let least = Infinity, most = -Infinity
  for (const value of values) {
    least = Math.min(least, value)
    most = Math.max(most, value)
  }
  return most - least
}

/** Season by decomposition, level and slope by a line through the first values without it. */
function initialOf(values: Float64Array, places: number, { trend, season }: Form): State {
  const indices = season === 'none' ? Float64Array.of(0)
    : seasonalIndices(values, places, season === 'multiplicative')
  const length = Math.min(values.length, Math.max(10, 2 * places))
  let sum = 0, weighted = 0
  for (let i = 0; i < length; i++) {
    const place = indices[i % places] ?? 0
    const value = season === 'multiplicative' ? (values[i] ?? 0) / place : (values[i] ?? 0) - place
    sum += value
    weighted += (i - (length - 1) / 2) * value
  }
  const slope = trend === 'none' ? 0 : (12 * weighted) / (length * (length * length - 1))
  return { level: trend === 'none' ? sum / length : sum / length - (slope * (length + 1)) / 2, slope, places: indices }
}

/**
 * Twice the negative log likelihood, up to a constant of the series; Infinity where a multiplicative form meets zero. The steps are those of
 * {@link advance}, written out over local variables: nearly all the time of a fit is spent here.
 */
function lossOf(values: Float64Array, form: Form, { alpha, beta, gamma, phi }: Parameters, initial: Readonly<State>): number {
  const n = values.length, multiplies = form.error === 'multiplicative', seasonal = form.season !== 'none', times = form.season === 'multiplicative'
  const trending = form.trend !== 'none', places = initial.places.slice(), season = places.length, share = beta / alpha
  let level = initial.level, slope = initial.slope, at = 0, squares = 0, logs = 0
  // Logarithms are taken of products, while these are in range.
  let product = 1
  for (let i = 0; i < n; i++) {
    const value = values[i] ?? 0, place = seasonal ? places[at] ?? 0 : 0
    const onward = trending ? phi * slope : 0, before = level + onward
    const expected = seasonal ? (times ? before * place : before + place) : before
    const next = before + alpha * ((seasonal ? (times ? value / place : value - place) : value) - before)
    if (trending) slope = onward + share * (next - level - onward)
    if (seasonal) {
      places[at] = place + gamma * ((times ? value / before : value - before) - place)
      if (++at === season) at = 0
    }
    level = next
    if (multiplies) {
      if (!(expected > 0)) return Infinity
      const off = value / expected - 1
      squares += off * off
      product *= expected
      if (product > 1e200 || product < 1e-200) {
        logs += Math.log(product)
        product = 1
      }
    } else squares += (value - expected) * (value - expected)
  }
  if (multiplies) logs += Math.log(product)
  // A series that is fitted exactly has no likelihood: bounded, so that the simplest form wins.
  return n * Math.log(Math.max(squares, 1e-300)) + 2 * logs
}

/** Take in value `i`; what was expected of it is returned. */
function advance(state: State, i: number, value: number, { trend, season }: Form, { alpha, beta, gamma, phi }: Parameters): number {
  const { places } = state, at = i % places.length, place = places[at] ?? 0
  const slope = trend === 'none' ? 0 : phi * state.slope
  const before = state.level + slope
  const expected = season === 'none' ? before : season === 'additive' ? before + place : before * place
  const adjusted = season === 'none' ? value : season === 'additive' ? value - place : value / place
  const level = before + alpha * (adjusted - before)
  if (trend !== 'none') state.slope = slope + (beta / alpha) * (level - state.level - slope)
  if (season !== 'none') places[at] = place + gamma * ((season === 'additive' ? value - before : value / before) - place)
  state.level = level
  return expected
}

export function pathsOf({ form, parameters, initial }: EtsFit): PointFit {
  return {
    paths({ values }: History, origins, horizon) {
      const state: State = { ...initial, places: initial.places.slice() }
      let at = 0
      return origins.map((origin) => {
        for (; at < origin; at++) advance(state, at, values[at] ?? 0, form, parameters)
        let level = state.level, slope = state.slope
        return Float64Array.from({ length: horizon }, (_, step) => {
          slope *= parameters.phi
          level += slope
          const place = state.places[(origin + step) % state.places.length] ?? 0
          return form.season === 'none' ? level : form.season === 'additive' ? level + place : level * place
        })
      })
    },
  }
}
