/** What every forecaster owes, whatever the series: ordered quantiles, exact constants, units that do not matter. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { LEVELS, type Forecast } from '#domain/forecast/forecaster'
import { forecasterNamed, methodNames } from '#domain/forecast/methods'

const SEASON = 4
const SMOOTHED = new Set(['ets', 'damped', 'auto'])
const series = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 3, maxLength: 60 })
const ask = async (method: string, values: readonly number[], horizon = 6, season = SEASON): Promise<Forecast> => {
  const forecaster = forecasterNamed(method)
  assert.ok(forecaster !== undefined)
  return forecaster.forecast({ values: Float64Array.from(values) }, { horizon, season, seed: 1 })
}
const near = (is: number | undefined, expected: number | undefined, size: number): void =>
  assert.ok(Math.abs((is ?? NaN) - (expected ?? NaN)) <= 1e-6 * size, `${is} for ${expected}`)

// Prophet goes by times, and is held against Stan.
for (const method of methodNames.filter((name) => name !== 'prophet')) {
  test(`${method}: every step has a finite mean, and quantiles that never cross`, () =>
    fc.assert(fc.asyncProperty(series, async (values) => {
      const { mean, median, quantiles } = await ask(method, values)
      assert.equal(quantiles.length, LEVELS.length)
      assert.deepEqual(median, quantiles[4])
      for (let step = 0; step < 6; step++) {
        assert.ok(Number.isFinite(mean[step]))
        for (let i = 1; i < LEVELS.length; i++) assert.ok((quantiles[i]?.[step] ?? NaN) >= (quantiles[i - 1]?.[step] ?? NaN))
      }
    }), { numRuns: 40 }))

  test(`${method}: a constant, negative or zero, goes on for certain`, () =>
    fc.assert(fc.asyncProperty(fc.integer({ min: -1000, max: 1000 }), fc.integer({ min: 3, max: 50 }), async (value, n) => {
      const { mean, quantiles } = await ask(method, Array.from({ length: n }, () => value))
      for (const path of [mean, ...quantiles]) for (const one of path) near(one, value, 1 + Math.abs(value))
    }), { numRuns: 40 }))

  test(`${method}: in other units it says the same in those units`, () =>
    fc.assert(fc.asyncProperty(series, fc.constantFrom(0.0625, 8, 1024), async (values, unit) => {
      const one = await ask(method, values), other = await ask(method, values.map((value) => value * unit))
      const size = unit * Math.max(1, ...values.map(Math.abs))
      // Powers of two change no digit, so that searches take the same way; but what is weighed by logarithms rounds.
      if (!SMOOTHED.has(method)) one.mean.forEach((mean, step) => near(other.mean[step], mean * unit, size))
      if (!SMOOTHED.has(method)) one.quantiles.forEach((path, i) => path.forEach((value, step) => near(other.quantiles[i]?.[step], value * unit, size)))
    }), { numRuns: 40 }))
}

for (const method of ['naive', 'snaive', 'ar', 'sar']) {
  test(`${method}: what is added to all values is added to all that is said`, () =>
    fc.assert(fc.asyncProperty(series, fc.integer({ min: -5000, max: 5000 }), async (values, shift) => {
      const one = await ask(method, values), other = await ask(method, values.map((value) => value + shift))
      one.quantiles.forEach((path, i) => path.forEach((value, step) => near(other.quantiles[i]?.[step], value + shift, 6000)))
    }), { numRuns: 40 }))
}
