/** The last step of a model that tells quantiles: what it promises on truths it has not met, and that it touches nothing it need not. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { LEVELS } from '#domain/forecast/forecaster'
import { AS_TOLD, learnPlaces, placeOf, valueAt } from '#domain/forecast/neural/calibrate'
import { seededRandom } from '#tool/random'
import { normalQuantile } from '#domain/statistics/normal'

const rising = fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: LEVELS.length, maxLength: LEVELS.length })
  .map((values) => values.sort((a, b) => a - b))

test('places and values are inverse, and neither ever falls', () => {
  fc.assert(fc.property(rising, fc.double({ min: -3, max: 3, noNaN: true }), fc.double({ min: 0, max: 2, noNaN: true }), (quantiles, place, more) => {
    const value = valueAt(quantiles, place)
    assert.ok(valueAt(quantiles, place + more) >= value - 1e-9 * (1 + Math.abs(value)))
    assert.ok(placeOf(quantiles, value + more) >= placeOf(quantiles, value) - 1e-9)
    if (new Set(quantiles).size === LEVELS.length) {
      const back = valueAt(quantiles, placeOf(quantiles, value))
      assert.ok(Math.abs(back - value) <= 1e-6 * (1 + Math.abs(value)) || Math.abs(placeOf(quantiles, value)) === 4, `${back}, ${value}`)
    }
  }))
  const plain = [1, 2, 3, 4, 5, 6, 7, 8, 9]
  assert.deepEqual(AS_TOLD.map((place) => valueAt(plain, place)), plain)
  assert.deepEqual(plain.map((value) => placeOf(plain, value)), [...AS_TOLD])
  assert.deepEqual([placeOf([5, 5, 5, 5, 5, 5, 5, 5, 5], 4), placeOf([5, 5, 5, 5, 5, 5, 5, 5, 5], 5), placeOf([5, 5, 5, 5, 5, 5, 5, 5, 5], 6)], [-4, 0, 4])
})

/** Windows of three steps; what is told is a normal distribution, what comes true another one. */
function places(random: () => number, windows: number, shift: number, stretch: number): number[][] {
  const told = LEVELS.map((level) => normalQuantile(level))
  return Array.from({ length: windows }, () => Array.from({ length: 3 }, () => placeOf(told, shift + stretch * normalQuantile(random()))))
}

for (const [name, shift, stretch] of [['too wide', 0, 0.5], ['too narrow', 0, 2], ['too low', 0.8, 1], ['too high and too narrow', -0.5, 1.5]] as const) {
  test(`what is told ${name} holds what it promises once it is calibrated, at every level`, () => {
    const random = seededRandom('1', name), told = LEVELS.map((level) => normalQuantile(level)), runs = 60, asked = 100
    const below = new Float64Array(LEVELS.length)
    for (let run = 0; run < runs; run++) {
      const learned = learnPlaces(places(random.next, 150, shift, stretch), 1).map((place) => valueAt(told, place))
      for (let i = 0; i < asked; i++) {
        const truth = shift + stretch * normalQuantile(random.next())
        learned.forEach((quantile, k) => (below[k] = (below[k] ?? 0) + (truth <= quantile ? 1 : 0)))
      }
    }
    // Chance of 6,000 truths and of 60 calibrations by 450 steps each: 0.008 at most; beyond the outermost quantiles lines stand in for tails.
    LEVELS.forEach((level, k) => assert.ok(Math.abs((below[k] ?? 0) / runs / asked - level) < 0.04, `${(below[k] ?? 0) / runs / asked} below ${level}`))
  })
}

test('what holds already is hardly moved, and by few windows nothing is', () => {
  const random = seededRandom('2', 'sound')
  let moved = 0
  for (let run = 0; run < 100; run++) learnPlaces(places(random.next, 100, 0, 1), 2).forEach((place, k) => (moved += Math.abs(place - (AS_TOLD[k] ?? 0))))
  assert.ok(moved / 100 / LEVELS.length < 0.03, String(moved / 100 / LEVELS.length))
  assert.deepEqual(learnPlaces(places(random.next, 6, 3, 1), 2), AS_TOLD)
  assert.deepEqual(learnPlaces([], 1), AS_TOLD)
})

test('steps of a window that hang together count as one: a common shift of few windows is not believed as one of many is', () => {
  const told = (windows: number): number => {
    const random = seededRandom('3', 'together')
    const all = Array.from({ length: windows }, () => Array.from({ length: 50 }, ((place) => () => place)(normalQuantile(random.next()) + 0.3)))
    return Math.abs(learnPlaces(all, 1)[4] ?? NaN)
  }
  assert.ok(told(400) > 0.2, String(told(400)))
  assert.ok(told(6) < 0.3, String(told(6)))
})

test('places never fall', () => {
  const windows = fc.array(fc.array(fc.double({ min: -4, max: 4, noNaN: true }), { maxLength: 5 }), { maxLength: 30 })
  fc.assert(fc.property(windows, fc.integer({ min: 1, max: 3 }), (windows, apart) => {
    const learned = learnPlaces(windows, apart)
    learned.forEach((place, k) => assert.ok(Number.isFinite(place) && place >= (learned[k - 1] ?? -Infinity)))
  }))
})
