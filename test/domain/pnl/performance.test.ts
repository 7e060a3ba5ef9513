import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { maxDrawdown, mean, median, sharpe, stepReturns } from '#domain/pnl/performance'

const equities = fc.array(fc.integer({ min: 1, max: 10_000 }), { minLength: 1, maxLength: 40 })

test('max drawdown is the worst of all pairs peak, later', () => {
  fc.assert(fc.property(equities, (values) => {
    let worst = 0
    for (let i = 0; i < values.length; i++) {
      for (let j = i; j < values.length; j++) {
        const peak = values[i] ?? 0, later = values[j] ?? 0
        worst = Math.max(worst, (peak - later) / peak)
      }
    }
    assert.equal(maxDrawdown(values), worst)
  }))
  assert.equal(maxDrawdown([100, 120, 90, 110]), 0.25)
})

test('step returns compound back to the last value', () => {
  fc.assert(fc.property(equities, (values) => {
    const last = stepReturns(values).reduce((value, step) => value * (1 + step), values[0] ?? 0)
    assert.ok(Math.abs(last / (values.at(-1) ?? 1) - 1) < 1e-9)
  }))
  assert.deepEqual(stepReturns([0, 5]), [])
})

test('sharpe: known value, unmoved by scale, null where it cannot be said', () => {
  // Mean 0.01, sample deviation 0.01: sqrt(252).
  assert.ok(Math.abs((sharpe([0, 0.01, 0.02]) ?? 0) - Math.sqrt(252)) < 1e-9)
  assert.equal(sharpe([0.01]), null)
  assert.equal(sharpe([0.01, 0.01, 0.01]), null)
  fc.assert(fc.property(fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 2, maxLength: 30 }), (ticks) => {
    const once = sharpe(ticks.map((tick) => tick / 1000)), twice = sharpe(ticks.map((tick) => tick / 500))
    if (once === null || twice === null) assert.equal(once, twice)
    else assert.ok(Math.abs(once - twice) < 1e-9 * Math.max(1, Math.abs(once)))
  }))
})

test('median splits the values in two, mean balances them', () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: -99, max: 99 }), { minLength: 1, maxLength: 30 }), (values) => {
    const middle = median(values) ?? NaN
    assert.ok(values.filter((value) => value < middle).length <= values.length / 2)
    assert.ok(values.filter((value) => value > middle).length <= values.length / 2)
    const average = mean(values) ?? NaN
    assert.ok(Math.abs(values.reduce((sum, value) => sum + value - average, 0)) < 1e-9)
  }))
  assert.equal(median([]), null)
})
