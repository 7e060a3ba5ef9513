/** Many series at once: one model learns from all of them what each alone would be too short to teach, and then says what comes next of each. */
import { LEVELS, type Forecast, type History, type Question } from '../forecaster.ts'
import { forecasterOf } from '../methods.ts'
import { naive, seasonalNaive } from '../naive.ts'
import { AS_TOLD, learnPlaces, placeOf, type Places } from './calibrate.ts'
import { fit, FIT, OVERLAP, TooShort, type Fitted, type Fitting, type FitTerms, type Running } from './fit.ts'
import { servingModel, type NeuralMethod, type Spec } from './model.ts'
import { serve, type Distribution } from './serve.ts'
import { Window } from './window.ts'

export const NEURAL_METHODS: readonly NeuralMethod[] = ['deepar', 'tft']

/** Settings for whatever the series are: chosen by reason and on series that are scored nowhere, and the same for all. */
export function specOf(method: NeuralMethod, { horizon, season }: Pick<Question, 'horizon' | 'season'>): Spec {
  const context = Math.min(168, Math.max(24, horizon, 3 * season))
  return { method, horizon, season, context, hidden: method === 'tft' ? 16 : 32, heads: 4 }
}

/** A model that was trained: all that is needed to go on from it, or to serve it. */
export interface Trained {
  readonly spec: Spec
  readonly theta: Float32Array
  readonly places: Places
}

export async function train(
  histories: readonly History[], spec: Spec, fitting: Fitting, terms: Partial<FitTerms> = {},
): Promise<{ readonly trained: Trained; readonly fitted: Fitted }> {
  const fitted = await fit(histories.map(({ values }) => values), spec, fitting, { ...FIT, ...terms })
  return { trained: { spec, theta: fitted.theta, places: await placesOf(spec, fitted, fitting) }, fitted }
}

/** By the windows that nothing was chosen by. */
async function placesOf(spec: Spec, { theta, later }: Fitted, { open, draw }: Fitting): Promise<Places> {
  if (later.length === 0) return AS_TOLD
  const model = await open(servingModel(spec, theta))
  try {
    const said = await serve(model, spec, later, draw)
    return learnPlaces(later.map((window, w) => (said[w] ?? []).map(({ quantiles }, t) => placeOf(quantiles, window.at(window.origin + t)))), OVERLAP)
  } finally {
    await model.close()
  }
}

/** Fitted on these very series, and asked of each. Where no series is long enough to learn from, the seasonal naive or naive path stands in. */
export async function fitAndForecast(
  histories: readonly History[], method: NeuralMethod, question: Question, fitting: Fitting, why = false,
): Promise<readonly Forecast[]> {
  const spec = specOf(method, question)
  let trained: Trained
  try {
    trained = (await train(histories, spec, fitting)).trained
  } catch (error) {
    if (!(error instanceof TooShort)) throw error
    return Promise.all(histories.map((history) => standIn(history, question)))
  }
  return forecastWith(await fitting.open(servingModel(spec, trained.theta)), trained, histories, question, fitting.draw, why)
}

/** By a model that is trained; it is closed at the end. The horizon may be shorter than the model's. */
export async function forecastWith(
  model: Running, { spec, places }: Pick<Trained, 'spec' | 'places'>, histories: readonly History[], question: Question, draw: () => number, why = false,
): Promise<readonly Forecast[]> {
  const able = (history: History): boolean => history.values.length > 2 * question.season
  try {
    const windows = histories.filter(able).map(({ values }) => new Window(values, values.length, spec))
    const said = (await serve(model, spec, windows, draw, { why, places }))[Symbol.iterator]()
    return await Promise.all(histories.map((history) =>
      (able(history) ? told(spec.method, said.next().value ?? [], question.horizon) : standIn(history, question))))
  } finally {
    await model.close()
  }
}

const standIn = async (history: History, question: Question): Promise<Forecast> =>
  forecasterOf(question.season > 1 && history.values.length >= question.season ? seasonalNaive : naive).forecast(history, question)

function told(method: string, steps: readonly Distribution[], horizon: number): Forecast {
  const some = steps.slice(0, horizon)
  const quantiles = LEVELS.map((_, i) => Float64Array.from(some, (step) => step.quantiles[i] ?? NaN))
  const why = some.flatMap((step) => (step.why === undefined ? [] : [step.why]))
  const path = { mean: Float64Array.from(some, ({ mean }) => mean), median: quantiles[LEVELS.indexOf(0.5)] ?? new Float64Array(0) }
  return { method, ...path, quantiles, ...(why.length === 0 ? {} : { why }) }
}
