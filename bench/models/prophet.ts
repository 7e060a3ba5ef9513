/**
 * Prophet on its own examples, against the errors that its tests and documentation publish, beside auto on the same splits. What ships is fitted by augurs
 * with Stan's optimiser.
 */
import { join } from 'node:path'
import { augursProphet } from '#adapter/prophet/lazy'
import type { Forecast } from '#domain/forecast/forecaster'
import { forecasterNamed } from '#domain/forecast/methods'
import type { Part, Score } from '../../scripts/reason/score.ts'
import { csvOf } from './lib/shared.ts'

const DAY_MS = 86_400_000
const INITIAL_DAYS = 730, PERIOD_DAYS = 180, HORIZON_DAYS = 365
/** Prophet's performance metrics are means over a tenth of all rows, by horizon; the first ends near 37 days. */
const WINDOW = 0.1

interface Series {
  readonly timesMs: Float64Array
  readonly values: Float64Array
}

function seriesOf(path: string): Series {
  const rows = csvOf(path).rows.map(([ds = '', y = '']) => ({ ms: Date.parse(`${ds.replaceAll('"', '')}T00:00:00Z`), value: Number(y) }))
    .filter(({ value }) => Number.isFinite(value)).sort((a, b) => a.ms - b.ms)
  return { timesMs: Float64Array.from(rows, ({ ms }) => ms), values: Float64Array.from(rows, ({ value }) => value) }
}

async function ahead(method: string, { timesMs, values }: Series, from: number, to: number, season: number): Promise<Forecast> {
  const forecaster = forecasterNamed(method, { prophet: augursProphet })
  if (forecaster === undefined) throw new Error(`no method ${method}`)
  return forecaster.forecast({ values: values.slice(0, from), timesMs: timesMs.slice(0, from) },
    { horizon: to - from, season, seed: 1, stepsMs: timesMs.slice(from, to) })
}

interface Row {
  readonly days: number
  readonly error: number
  readonly inside: boolean
}

/** Eleven origins half a year apart, a year ahead each: the first tenth of all rows by horizon. */
async function crossValidated(method: string, series: Series): Promise<{ rmse: number; mae: number; covered: number; n: number }> {
  const { timesMs, values } = series, first = timesMs[0] ?? 0, last = timesMs[timesMs.length - 1] ?? 0
  const rows: Row[] = []
  for (let cutoff = last - HORIZON_DAYS * DAY_MS; cutoff >= first + INITIAL_DAYS * DAY_MS; cutoff -= PERIOD_DAYS * DAY_MS) {
    const from = timesMs.findIndex((ms) => ms > cutoff), end = timesMs.findIndex((ms) => ms > cutoff + HORIZON_DAYS * DAY_MS)
    const to = end < 0 ? timesMs.length : end
    const { mean, quantiles } = await ahead(method, series, from, to, 7)
    for (let i = from; i < to; i++) {
      const k = i - from, value = values[i] ?? NaN
      const inside = value >= (quantiles[0]?.[k] ?? NaN) && value <= (quantiles[8]?.[k] ?? NaN)
      rows.push({ days: ((timesMs[i] ?? 0) - cutoff) / DAY_MS, error: value - (mean[k] ?? NaN), inside })
    }
  }
  const window = rows.sort((a, b) => a.days - b.days).slice(0, Math.floor(rows.length * WINDOW))
  const meanOf = (of: (row: Row) => number): number => window.reduce((sum, row) => sum + of(row), 0) / window.length
  return {
    rmse: Math.sqrt(meanOf(({ error }) => error * error)), mae: meanOf(({ error }) => Math.abs(error)), covered: meanOf(({ inside }) => Number(inside)),
    n: window.length,
  }
}

export default {
  name: 'prophet',
  needs: ['bench/prophet/tests_daily_univariate.csv.gz', 'bench/prophet/peyton_manning.csv.gz'],
  async measure(data) {
    const scores: Score[] = []
    const daily = seriesOf(join(data, 'bench', 'prophet', 'tests_daily_univariate.csv.gz')), n = daily.values.length
    const peyton = seriesOf(join(data, 'bench', 'prophet', 'peyton_manning.csv.gz'))
    for (const method of ['prophet', 'auto']) {
      const { mean } = await ahead(method, daily, n - 30, n, 5)
      const rmse = Math.sqrt(mean.reduce((sum, one, k) => sum + (one - (daily.values[n - 30 + k] ?? NaN)) ** 2, 0) / 30)
      scores.push({
        part: `forecast ${method}`, set: 'Prophet daily univariate', split: 'last 30 rows', rows: 30, metric: 'RMSE (less is better)', ours: rmse,
        rivals: [{ name: 'Prophet', value: 10.64, how: 'published' }],
      })
      const { rmse: cvRmse, mae, covered, n: rows } = await crossValidated(method, peyton)
      const said = { part: `forecast ${method}`, set: 'Prophet Peyton Manning', split: '11 origins, to 37 days', rows }
      scores.push({ ...said, metric: 'RMSE (less is better)', ours: cvRmse, rivals: [{ name: 'Prophet', value: 0.702, how: 'published' }] })
      scores.push({ ...said, metric: 'MAE (less is better)', ours: mae, rivals: [{ name: 'Prophet', value: 0.504, how: 'published' }] })
      scores.push({ ...said, metric: 'coverage of the 80 % interval', ours: covered, rivals: [{ name: 'Prophet', value: 0.677, how: 'published' }] })
    }
    return scores
  },
} satisfies Part
