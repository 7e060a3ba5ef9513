import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { axisOf, dayTicks, finest, periodsOf, roundStep, startOf } from '#domain/report/scale'

const day = fc.integer({ min: 3000, max: 30_000 }).map((days) => new Date(days * 86_400_000).toISOString().slice(0, 10))

test('an axis holds every value, with few ticks at round places', () => {
  fc.assert(fc.property(fc.array(fc.double({ min: -50, max: 50, noNaN: true }), { minLength: 1 }), (values) => {
    const axis = axisOf(values)
    for (const value of values) assert.ok(value >= axis.low - 1e-6 && value <= axis.high + 1e-6, `${value} outside ${axis.low}..${axis.high}`)
    assert.ok(axis.ticks.length >= 2 && axis.ticks.length <= 8, `${axis.ticks.length} ticks`)
  }))
})

test('steps are 1, 2, 2.5 or 5 times a power of ten', () => {
  assert.deepEqual([roundStep(10, 5), roundStep(0.11, 5), roundStep(0.031, 4), roundStep(7, 6), roundStep(1000, 2)].map((step) => Number(step.toPrecision(6))), [2, 0.025, 0.01, 2, 500])
})

test('labels have the decimals that tell them apart', () => {
  assert.equal(axisOf([0, 0.1]).percentDigits, 0)
  assert.equal(axisOf([0, 0.011]).percentDigits, 2)
  assert.equal(axisOf([0, 0.01]).percentDigits, 1)
})

test('periods begin where they should', () => {
  assert.equal(startOf('week', '2021-01-17'), '2021-01-11')
  assert.equal(startOf('week', '2021-01-11'), '2021-01-11')
  assert.equal(startOf('month', '2021-01-17'), '2021-01-01')
  assert.equal(startOf('quarter', '2020-12-31'), '2020-10-01')
  assert.equal(startOf('year', '2020-12-31'), '2020-01-01')
  assert.deepEqual(periodsOf('day', '2020-12-30', '2021-01-02'), ['2020-12-30', '2020-12-31', '2021-01-01', '2021-01-02'])
})

test('a span is cut into the finest periods that fit', () => {
  assert.equal(finest('2020-11-25', '2021-01-17', 92).period, 'day')
  assert.equal(finest('2020-11-25', '2021-01-17', 20).period, 'week')
  assert.equal(finest('2014-01-01', '2020-12-31', 92).period, 'month')
  assert.equal(finest('1970-01-01', '2020-12-31', 3).period, 'year')
})

test('every day falls into the period it is counted in', () => {
  fc.assert(fc.property(day, day, fc.integer({ min: 1, max: 120 }), (a, b, limit) => {
    const [from, to] = a < b ? [a, b] : [b, a]
    const { period, starts } = finest(from, to, limit)
    assert.ok(starts.includes(startOf(period, from)) && starts.includes(startOf(period, to)))
    assert.ok(period === 'year' || starts.length <= limit)
    assert.ok(dayTicks(from, to).length <= 6)
  }), { numRuns: 30 })
})
