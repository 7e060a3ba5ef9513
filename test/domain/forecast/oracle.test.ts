/**
 * Other implementations on the same made-up series: statsmodels 0.15 (Theta, ETS) and prophet 1.5 for Python, with the Stan that it ships. What they said is
 * kept in oracle.json.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { augursProphet } from '#adapter/prophet/lazy'
import { fitForm, pathsOf, type Form } from '#domain/forecast/ets'
import { prophetMethod } from '#domain/forecast/prophet'
import { theta } from '#domain/forecast/theta'

interface Oracle {
  readonly theta: readonly { name: string; season: number; values: number[]; mean: number[] }[]
  readonly ets: readonly {
    name: string; error: 'add' | 'mul'; trend: 'add' | null; damped: boolean; seasonal: 'add' | 'mul' | null
    values: number[]; params: Record<string, number>; deviance: number; mean: number[]
  }[]
  readonly prophet: readonly { from: string; values: number[]; beta: number[]; sigma: number; trend: number[]; mean: number[] }[]
}
const oracle = JSON.parse(readFileSync(join(import.meta.dirname, 'oracle.json'), 'utf8')) as Oracle
const DAY_MS = 86_400_000

const near = (is: ArrayLike<number> | undefined, expected: ArrayLike<number>, tolerance: number): void => {
  assert.equal(is?.length, expected.length)
  for (let i = 0; i < expected.length; i++) {
    assert.ok(Math.abs((is?.[i] ?? NaN) - (expected[i] ?? NaN)) <= tolerance, `step ${i + 1}: ${is?.[i]}, not ${expected[i]}`)
  }
}

for (const { name, season, values, mean } of oracle.theta) {
  test(`Theta as statsmodels has it: ${name}, season ${season}`, async () => {
    const history = { values: Float64Array.from(values) }
    const fit = await theta.fit(history, season)
    const spread = Math.max(...values) - Math.min(...values)
    near((await fit?.paths(history, [values.length], mean.length))?.[0], mean, 0.005 * spread)
  })
}

const kindOf = (kind: 'add' | 'mul' | null): 'additive' | 'multiplicative' | 'none' => (kind === null ? 'none' : kind === 'add' ? 'additive' : 'multiplicative')

for (const { name, error, trend, damped, seasonal, values, params, deviance, mean } of oracle.ets) {
  const form: Form = {
    error: error === 'add' ? 'additive' : 'multiplicative', trend: trend === null ? 'none' : damped ? 'damped' : 'additive', season: kindOf(seasonal),
  }
  const said = `${name}, ${form.error} error, ${form.trend} trend, ${form.season} season`
  const history = { values: Float64Array.from(values) }

  test(`ETS with the parameters of statsmodels takes its path: ${said}`, async () => {
    const p = (key: string, otherwise = 0): number => params[key] ?? otherwise
    const places = Float64Array.from({ length: seasonal === null ? 1 : 12 }, (_, i) => p(`initial_seasonal.${11 - i}`))
    const parameters = { alpha: p('smoothing_level'), beta: p('smoothing_trend'), gamma: p('smoothing_seasonal'), phi: p('damping_trend', 1) }
    const fit = pathsOf({ form, parameters, initial: { level: p('initial_level'), slope: p('initial_trend'), places }, aicc: 0 })
    near((await fit.paths(history, [values.length], mean.length))[0], mean, 1e-4)
  })

  test(`ETS finds no less likely a fit than statsmodels: ${said}`, () => {
    const fit = fitForm(history.values, 12, form)
    const free = 2 + (trend === null ? 0 : damped ? 3 : 2) + (seasonal === null ? 0 : 12), k = free + 1, n = values.length
    const own = (fit?.aicc ?? NaN) - 2 * k - (2 * k * (k + 1)) / (n - k - 1)
    // First places of the season are decomposed here and searched for there, which may cost what the criterion charges for a parameter each.
    assert.ok(own <= deviance + (seasonal === null ? 2 : 2 + 2 * 12), `${own}, not ${deviance}`)
  })
}

for (const { from, values, beta, sigma, trend, mean } of oracle.prophet) {
  // Changes of the rate are not compared one by one: their prior has a kink, on which Stan stops early, here as there, and neighbours share a change
  // differently. What they add up to, the trend, agrees.
  test(`Prophet has the seasons, noise and trend of Stan to 1e-3 (${values.length} days), and what was kept is the same fit again`, async () => {
    const timesMs = Float64Array.from(values, (_, i) => Date.parse(from) + i * DAY_MS)
    const ahead = Float64Array.from(mean, (_, i) => Date.parse(from) + (values.length + i) * DAY_MS)
    const fit = await augursProphet.fit(timesMs, Float64Array.from(values))
    near(fit?.parameters.beta, beta, 1e-3)
    near(fit && [fit.parameters.sigmaObs], [sigma], 1e-3)
    near(fit?.parameters.trend.filter((_, i) => i % 30 === 0), trend, 1e-3)
    near(fit?.at(ahead), mean, 2e-3 * Math.max(...values))
    const again = await augursProphet.fit(timesMs, Float64Array.from(values), fit?.parameters)
    assert.deepEqual(again?.at(ahead), fit?.at(ahead))
    const history = { values: Float64Array.from(values), timesMs }
    const method = await prophetMethod(augursProphet).fit(history, 1)
    assert.deepEqual((await method?.paths(history, [values.length], mean.length, ahead))?.[0], fit?.at(ahead))
  })
}

test('Prophet says no to what cannot be fitted', async () => {
  assert.equal(await augursProphet.fit(Float64Array.of(0), Float64Array.of(1)), undefined)
  assert.equal(await prophetMethod(augursProphet).fit({ values: Float64Array.of(1, 2, 3) }, 1), undefined)
})
