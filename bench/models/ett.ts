/**
 * ETTh1 (electricity transformers, hourly): 20 rolling origins, 168 steps ahead. The neural models are trained once, on what comes before the first
 * origin, and then asked at each; all settings are those of `vanta-forecast`.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { onnxInference } from '#adapter/onnx/lazy'
import { LEVELS, type Forecast } from '#domain/forecast/forecaster'
import { forecasterNamed } from '#domain/forecast/methods'
import type { OpenModel } from '#domain/forecast/neural/fit'
import { servingModel, type NeuralMethod } from '#domain/forecast/neural/model'
import { forecastWith, specOf, train } from '#domain/forecast/neural/together'
import { encodeModel } from '#domain/onnx/encode'
import { seededRandom } from '#tool/random'
import type { Part, Rival, Score } from '../../scripts/reason/score.ts'

const HORIZON = 168, ORIGINS = 20, SEASON = 24
const QUESTION = { horizon: HORIZON, season: SEASON, seed: 1 }
/** Means over ETTh1 and ETTh2: of ETTh1 alone nothing is published. */
const PUBLISHED: Readonly<Record<'loss' | 'error', readonly Rival[]>> = {
  loss: rivals({ 'seasonal naive (h1+h2)': 1.2069, 'AutoARIMA (h1+h2)': 1.0524, 'DeepAR (h1+h2)': 0.9923, 'TFT (h1+h2)': 0.951 }),
  error: rivals({ 'seasonal naive (h1+h2)': 1.3227, 'AutoARIMA (h1+h2)': 1.2616, 'DeepAR (h1+h2)': 1.2306, 'TFT (h1+h2)': 1.2013 }),
}

function rivals(values: { readonly [name: string]: number }): Rival[] {
  return Object.entries(values).map(([name, value]) => ({ name, value, how: 'published' }))
}

const open: OpenModel = (model) => onnxInference.open({ name: model.name, bytes: encodeModel(model), sha256: 'own' })

type Ask = (pasts: readonly Float64Array[]) => Promise<readonly Forecast[]>

async function neural(method: NeuralMethod, pasts: readonly Float64Array[], quick: boolean): Promise<Ask> {
  const random = seededRandom('1', `ett ${method}`), draw = (): number => random.next(), spec = specOf(method, QUESTION)
  const { trained } = await train(pasts.map((values) => ({ values })), spec, { open, draw }, quick ? { steps: 20 } : {})
  return async (now) => forecastWith(await open(servingModel(spec, trained.theta)), trained, now.map((values) => ({ values })), QUESTION, draw)
}

function alone(name: string): Ask {
  const forecaster = forecasterNamed(name)
  if (forecaster === undefined) throw new Error(`no method ${name}`)
  return (now) => Promise.all(now.map((values) => forecaster.forecast({ values }, QUESTION)))
}

/** Sums over steps: twice the mean pinball loss, the absolute error of the median, how often the middle 80 % holds. */
function judge({ quantiles, median }: Forecast, past: Float64Array, truth: Float64Array): { loss: number; error: number; covered: number } {
  let scale = 0, loss = 0, error = 0, covered = 0
  for (let i = SEASON; i < past.length; i++) scale += Math.abs((past[i] ?? NaN) - (past[i - SEASON] ?? NaN)) / (past.length - SEASON)
  truth.forEach((value, t) => {
    LEVELS.forEach((level, k) => {
      const off = value - (quantiles[k]?.[t] ?? NaN)
      loss += (2 * Math.max(level * off, (level - 1) * off)) / LEVELS.length / scale
    })
    error += Math.abs(value - (median[t] ?? NaN)) / scale
    covered += value >= (quantiles[0]?.[t] ?? NaN) && value <= (quantiles[LEVELS.length - 1]?.[t] ?? NaN) ? 1 : 0
  })
  return { loss: loss / truth.length, error: error / truth.length, covered: covered / truth.length }
}

export default {
  name: 'ett',
  needs: ['bench/ett/etth1.csv.gz'],
  async measure(data, { quick }) {
    const [head = '', ...lines] = gunzipSync(readFileSync(join(data, 'bench', 'ett', 'etth1.csv.gz'))).toString().trim().split(/\r?\n/)
    const cells = lines.map((line) => line.split(',').slice(1).map(Number))
    const series = head.split(',').slice(1).map((_, k) => Float64Array.from(cells, (row) => row[k] ?? NaN))
    const first = lines.length - ORIGINS * HORIZON
    const scores: Score[] = []
    const early = series.map((values) => values.subarray(0, first))
    const methods: { readonly [name: string]: () => Ask | Promise<Ask> } = {
      snaive: () => alone('snaive'), tft: () => neural('tft', early, quick), deepar: () => neural('deepar', early, quick),
    }
    for (const [method, ready] of Object.entries(methods)) {
      const ask = await ready()
      let loss = 0, error = 0, covered = 0
      for (let w = 0; w < ORIGINS; w++) {
        const origin = first + w * HORIZON, said = await ask(series.map((values) => values.subarray(0, origin)))
        series.forEach((values, k) => {
          const forecast = said[k]
          if (forecast === undefined) throw new Error(`${method} says nothing`)
          const one = judge(forecast, values.subarray(0, origin), values.subarray(origin, origin + HORIZON)), share = 1 / series.length / ORIGINS
          loss += one.loss * share
          error += one.error * share
          covered += one.covered * share
        })
      }
      const said = { part: `forecast ${method}`, set: 'ETTh1', split: 'trained before the first of 20 rolling origins', rows: series.length * ORIGINS }
      scores.push({ ...said, metric: 'scaled quantile loss (less is better)', ours: loss, rivals: PUBLISHED.loss })
      scores.push({ ...said, metric: 'MASE (less is better)', ours: error, rivals: PUBLISHED.error })
      scores.push({ ...said, metric: 'coverage of the 80 % interval', ours: covered, rivals: [{ name: 'nominal', value: 0.8, how: 'published' }] })
    }
    return scores
  },
} satisfies Part
