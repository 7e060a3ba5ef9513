/** Forecasts of prices are believed as far as they were right before. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Belief } from '#record'
import { beliefsOf, type PriceForecast } from '#domain/forecast/beliefs'
import { forecasterNamed } from '#domain/forecast/methods'
import { normalQuantile } from '#domain/statistics/normal'
import { seededRandom } from '#tool/random'

const DAY_MS = 86_400_000, SESSIONS = 400

/** Logarithms of prices whose steps take after the one before, by a share. */
async function believed(alike: number, horizon: number): Promise<{ beliefs: Belief[]; all: PriceForecast[] }> {
  const random = seededRandom('beliefs', String(alike)), forecaster = forecasterNamed('ar')
  assert.ok(forecaster !== undefined)
  const all: PriceForecast[] = []
  for (let s = 0; s < 12; s++) {
    let step = 0, log = 3
    const values = Float64Array.from({ length: SESSIONS }, () => {
      step = alike * step + 0.01 * normalQuantile(Math.min(0.999, Math.max(0.001, random.next())))
      return (log += step)
    })
    const forecast = await forecaster.forecast({ values }, { horizon, season: 1, seed: 1, apart: horizon })
    const knownMs = Float64Array.from({ length: SESSIONS }, (_, i) => i * DAY_MS)
    all.push({ subject: `ticker:S${String(s).padStart(2, '0')}`, values, knownMs, parents: ['0'.repeat(40)], forecast })
  }
  return { beliefs: beliefsOf(all, { by: 'test/1', horizon }), all }
}

test('where steps take after one another, the next is believed to, on the side of the last', async () => {
  const { beliefs, all } = await believed(0.6, 1)
  const strong = beliefs.filter(({ model }) => model?.includes('strongly'))
  assert.ok(strong.length >= 4, String(strong.length))
  for (const { subject, direction, p_up: pUp = NaN, log_odds: logOdds } of strong) {
    const values = all.find((one) => one.subject === subject)?.values ?? new Float64Array(2)
    assert.equal(direction, (values[SESSIONS - 1] ?? 0) > (values[SESSIONS - 2] ?? 0) ? 'up' : 'down')
    assert.ok(Math.abs(pUp - 0.5) > 0.08 && Math.abs(pUp - 0.5) < 0.4, String(pUp))
    assert.ok(Math.abs(logOdds - Math.abs(Math.log(pUp / (1 - pUp)))) < 1e-4)
  }
})

test('of walks little or nothing is believed', async () => {
  for (const horizon of [1, 5]) {
    const { beliefs } = await believed(0, horizon)
    for (const { p_up: pUp = NaN } of beliefs) assert.ok(Math.abs(pUp - 0.5) < 0.06, String(pUp))
  }
})

test('hindsight: asked after the first values alone, it would have said the same', async () => {
  const { all: [one] } = await believed(0.6, 5)
  const { origins, paths } = one?.forecast.hindsight ?? { origins: [], paths: [] }
  assert.ok(origins.length > 20)
  const first = origins[0] ?? 0, values = one?.values ?? new Float64Array(0)
  origins.forEach((origin, i) => assert.equal(origin, first + 5 * i))
  const early = await forecasterNamed('ar')?.forecast({ values: values.slice(0, first) }, { horizon: 5, season: 1, seed: 1 })
  assert.deepEqual(paths[0], early?.mean)
})
