/** A forecaster that is to be kept: learned, and judged on what it did not learn from. */
import { LEVELS } from '../forecaster.ts'
import { DRAWN } from './deepar.ts'
import type { Fitting, FitTerms } from './fit.ts'
import { servingModel, type Spec } from './model.ts'
import { serve } from './serve.ts'
import { SEEN } from './tft.ts'
import { train, type Trained } from './together.ts'
import { KNOWN, STATIC, type Window } from './window.ts'

export interface LearnedForecast {
  readonly trained: Trained
  readonly judged: { readonly [name: string]: number | string }
}

/** Throws RangeError where no series is long enough to learn from. */
export async function learnForecast(
  series: readonly Float64Array[], spec: Spec, fitting: Fitting, terms: Partial<FitTerms>,
): Promise<LearnedForecast> {
  const { trained, fitted: { kept, steps } } = await train(series.map((values) => ({ values })), spec, fitting, terms)
  const model = await fitting.open(servingModel(spec, trained.theta))
  try {
    return { trained, judged: { steps, split: 'the last tenth of each series, a horizon at least: the earlier half chose and judges, the later half calibrated',
      ...await judge(model, trained, kept, fitting.draw) } }
  } finally {
    await model.close()
  }
}

type Model = Parameters<typeof serve>[0]

/** In units of how far a season is from the one before it: twice the mean pinball loss, the mean absolute error, that of the seasonal naive path. */
async function judge(model: Model, { spec, places }: Trained, kept: readonly Window[], draw: () => number): Promise<{ readonly [name: string]: number }> {
  if (kept.length === 0) return { windows: 0 }
  const said = await serve(model, spec, kept, draw, { places })
  let loss = 0, absolute = 0, naive = 0, covered = 0
  kept.forEach((window, w) => said[w]?.forEach(({ quantiles }, t) => {
    const place = window.origin + t, truth = window.at(place)
    LEVELS.forEach((level, k) => {
      const off = truth - (quantiles[k] ?? NaN)
      loss += (2 * Math.max(level * off, (level - 1) * off)) / LEVELS.length / window.scale
    })
    absolute += Math.abs(truth - (quantiles[LEVELS.indexOf(0.5)] ?? NaN)) / window.scale
    naive += Math.abs(truth - window.anchor(place)) / window.scale
    if (truth >= (quantiles[0] ?? NaN) && truth <= (quantiles[LEVELS.length - 1] ?? NaN)) covered++
  }))
  const steps = kept.length * spec.horizon, four = (sum: number): number => Math.round((sum / steps) * 1e4) / 1e4
  return { windows: kept.length, loss: four(loss), error: four(absolute), error_seasonal_naive: four(naive), coverage_80: four(covered) }
}

/** What the model is told, by name. */
export const featuresOf = ({ method }: Spec): readonly string[] => [...(method === 'tft' ? SEEN : DRAWN), ...KNOWN, ...STATIC]
