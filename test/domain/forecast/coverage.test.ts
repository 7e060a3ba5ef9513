/** The promise of the quantiles: of values that could have come in any order, the next lies below the quantile of level q with probability q. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LEVELS } from '#domain/forecast/forecaster'
import { quantileOf } from '#domain/forecast/conformal'
import { forecasterNamed } from '#domain/forecast/methods'
import { seededRandom } from '#tool/random'
import { normalQuantile } from '#domain/statistics/normal'

const SERIES: Readonly<Record<string, number>> = { snaive: 400, ets: 100, auto: 60 }
const HORIZON = 3
/** Where the share of n with probability q lies with 99.99 %: 3.9 standard deviations. */
const bound = (q: number, n: number): number => 3.9 * Math.sqrt(q * (1 - q) / n)

const KINDS: Readonly<Record<string, (draw: () => number) => number>> = {
  normal: (draw) => normalQuantile(draw()),
  // Long to the right: the quantiles are not those of a normal distribution, nor symmetric.
  exponential: (draw) => -Math.log(1 - draw()),
}

for (const [kind, drawn] of Object.entries(KINDS)) {
  // Methods whose errors have the same law ahead as behind; a mean that is learned adds little at this length.
  for (const [method, n] of Object.entries(SERIES)) {
    test(`${method}: quantiles of ${kind} noise hold what they promise, on one side and on both`, async () => {
      const random = seededRandom('coverage', `${method}:${kind}`), draw = (): number => random.next()
      const forecaster = forecasterNamed(method)
      const below = new Float64Array(LEVELS.length)
      let inside = 0
      for (let s = 0; s < n; s++) {
        const values = Float64Array.from({ length: 120 + HORIZON }, () => drawn(draw))
        const { quantiles } = (await forecaster?.forecast({ values: values.subarray(0, 120) }, { horizon: HORIZON, season: 4, seed: 1 })) ?? { quantiles: [] }
        const next = values[120 + HORIZON - 1] ?? NaN, at = (i: number): number => quantiles[i]?.[HORIZON - 1] ?? NaN
        LEVELS.forEach((_, i) => (below[i] = (below[i] ?? 0) + (next <= at(i) ? 1 : 0)))
        if (next >= at(0) && next <= at(8)) inside++
      }
      // What choosing and fitting on some tens of values adds to chance: three in a hundred.
      LEVELS.forEach((level, i) => {
        const share = (below[i] ?? 0) / n
        assert.ok(Math.abs(share - level) <= bound(level, n) + 0.03, `${share} below the quantile ${level}`)
      })
      assert.ok(Math.abs(inside / n - 0.8) <= bound(0.8, n) + 0.03, `${inside / n} in the middle 80 %`)
    })
  }
}

test('the quantile of n exchangeable errors covers the next with its very level', () => {
  // By enumeration: of n + 1 distinct values each is equally likely to be the next; the quantile of the others lies at or above it with probability q.
  for (const n of [9, 19, 39]) {
    const all = Array.from({ length: n + 1 }, (_, i) => i * i)
    for (const level of LEVELS) {
      const covered = all.filter((next) => next <= quantileOf(Float64Array.from(all.filter((one) => one !== next)), level)).length
      assert.ok(Math.abs(covered / (n + 1) - level) < 1e-9, `${covered} of ${n + 1} at ${level}`)
    }
  }
})
