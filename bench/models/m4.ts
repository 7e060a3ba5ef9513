/** The M4 competition, hourly and weekly: one origin, 48 and 13 steps ahead, every method with the same settings for all series. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { forecasterNamed } from '#domain/forecast/methods'
import { sampled, type Part, type Rival, type Score } from '../../scripts/reason/score.ts'

interface Series {
  readonly train: readonly number[]
  readonly test: readonly number[]
}
const SETS = [
  { set: 'hourly', horizon: 48, season: 24, rivals: { 'seasonal naive': 1.193, 'auto-ARIMA': 0.92, 'ES-RNN': 0.893, FFORMA: 0.819, Prophet: 1.78 } },
  { set: 'weekly', horizon: 13, season: 1, rivals: { naive: 2.777, 'auto-ARIMA': 2.34, 'ES-RNN': 2.356, FFORMA: 2.108, Prophet: 7.29 } },
] as const
const METHODS = ['naive', 'snaive', 'theta', 'ets', 'sar', 'auto']

/** Mean absolute error in units of the mean absolute change over one season of the past; the share of values in the middle 80 %. */
async function judge(method: string, all: readonly Series[], horizon: number, season: number): Promise<{ mase: number; covered: number }> {
  const forecaster = forecasterNamed(method)
  if (forecaster === undefined) throw new Error(`no method ${method}`)
  let mase = 0, covered = 0
  for (const { train, test } of all) {
    const { mean, quantiles } = await forecaster.forecast({ values: Float64Array.from(train) }, { horizon, season, seed: 1 })
    let scale = 0
    for (let i = season; i < train.length; i++) scale += Math.abs((train[i] ?? 0) - (train[i - season] ?? 0)) / (train.length - season)
    test.forEach((value, step) => {
      mase += Math.abs(value - (mean[step] ?? NaN)) / scale / horizon / all.length
      if (value >= (quantiles[0]?.[step] ?? NaN) && value <= (quantiles[8]?.[step] ?? NaN)) covered += 1 / horizon / all.length
    })
  }
  return { mase, covered }
}

export default {
  name: 'm4',
  needs: ['bench/m4/hourly.ndjson.gz', 'bench/m4/weekly.ndjson.gz'],
  async measure(data, asked) {
    const scores: Score[] = []
    for (const { set, horizon, season, rivals } of SETS) {
      const all = sampled(gunzipSync(readFileSync(join(data, 'bench', 'm4', `${set}.ndjson.gz`))).toString().trim().split('\n').map((line) => JSON.parse(line) as Series), asked, 24)
      const published = Object.entries(rivals).map(([name, value]): Rival => ({ name, value, how: 'published' }))
      for (const method of METHODS.filter((one) => season > 1 || !['snaive', 'sar'].includes(one))) {
        const { mase, covered } = await judge(method, all, horizon, season)
        const said = { part: `forecast ${method}`, set: `M4 ${set}`, split: 'last values, two of three series', rows: all.length }
        scores.push({ ...said, metric: 'MASE (less is better)', ours: mase, rivals: published })
        scores.push({ ...said, metric: 'coverage of the 80 % interval', ours: covered, rivals: [{ name: 'nominal', value: 0.8, how: 'published' }] })
      }
    }
    return scores
  },
} satisfies Part
