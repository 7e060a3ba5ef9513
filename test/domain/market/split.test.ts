import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { formatFixed, parseFixed } from '#domain/money/decimal'
import { inferSplit, rescale, simpleRatio, splitLike } from '#domain/market/split'

const whole = fc.integer({ min: 1, max: 30 })
const split = fc.oneof(
  whole.map((n) => ({ p: n, q: 1 })), whole.map((n) => ({ p: 1, q: n })),
  fc.constantFrom({ p: 3, q: 2 }, { p: 2, q: 3 }, { p: 5, q: 4 }, { p: 4, q: 5 }, { p: 5, q: 2 }),
)
const price = fc.double({ min: 0.01, max: 5000, noNaN: true })
const noise = fc.double({ min: -0.008, max: 0.008, noNaN: true })

describe('split factors', () => {
  test('are found from noisy closes, some of them far off', () => {
    fc.assert(fc.property(split, fc.array(fc.tuple(price, noise), { minLength: 9, maxLength: 60 }), (factor, days) => {
      const from = days.map(([close]) => close)
      const to = days.map(([close, error], i) => (i % 9 === 8 ? close * 77 : close * (factor.p / factor.q) * (1 + error)))
      assert.deepEqual(inferSplit(from, to), factor)
    }))
  })
  test('are refused where the days disagree, or nothing simple is near', () => {
    assert.equal(inferSplit([], []), undefined)
    assert.equal(inferSplit([100, 100, 25, 25], [100, 100, 100, 100]), undefined, 'split amid the window')
    assert.equal(inferSplit([1, 1, 1], [97.3, 97.3, 97.3]), undefined)
    assert.equal(inferSplit([0, NaN, -1], [1, 1, 1]), undefined)
    assert.equal(simpleRatio(0), undefined)
    assert.equal(simpleRatio(Infinity), undefined)
  })
  test('of known histories', () => {
    assert.deepEqual(inferSplit([347.51], [86.8775]), { p: 1, q: 4 }, 'GME')
    assert.deepEqual(inferSplit([19.9], [199]), { p: 10, q: 1 }, 'AMC')
    assert.deepEqual(simpleRatio(1.05), { p: 21, q: 20 }, 'a 5 % stock dividend')
  })
  test('a snapped ratio is within its tolerance', () => {
    fc.assert(fc.property(fc.double({ min: 0.02, max: 50, noNaN: true }), (ratio) => {
      const factor = simpleRatio(ratio)
      if (factor === undefined) return
      assert.ok(Math.abs(factor.p / factor.q / ratio - 1) <= 0.02)
      assert.ok(Math.max(factor.p, factor.q) <= 30 && Math.min(factor.p, factor.q) >= 1)
    }))
  })
  test('a jump looks like a split where it is by a whole number', () => {
    assert.deepEqual(splitLike(801.03, 199.85), { p: 4, q: 1 })
    assert.deepEqual(splitLike(2, 30.1), { p: 1, q: 15 })
    for (const [before, after] of [[100, 101], [100, 80], [15, 10], [100, 240], [1, 100]] as const) {
      assert.equal(splitLike(before, after), undefined, `${before} to ${after}`)
    }
  })
})

describe('rescaling a price', () => {
  test('is exact to six places', () => {
    assert.equal(rescale('347.51', { p: 1, q: 4 }), '86.8775')
    assert.equal(rescale('1', { p: 1, q: 3 }), '0.333333')
    assert.equal(rescale('2', { p: 1, q: 3 }), '0.666667')
    assert.equal(rescale('-0.0000015', { p: 1, q: 3 }), '-0.000001')
    assert.equal(rescale('1e3', { p: 1, q: 3 }), undefined)
  })
  test('errs by at most half of the last place, and multiplying out is exact', () => {
    const cents = fc.bigInt({ min: 0n, max: 10n ** 15n }).map((value) => value * 100n)
    fc.assert(fc.property(cents, whole, whole, (value, p, q) => {
      const text = formatFixed(value)
      assert.equal(rescale(text, { p, q: 1 }), formatFixed(value * BigInt(p)))
      const error = (parseFixed(rescale(text, { p, q }) ?? '') ?? 0n) * BigInt(q) - value * BigInt(p)
      assert.ok((error < 0n ? -error : error) * 2n <= 100n * BigInt(q))
    }))
  })
})
