import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { SortedWindow } from '#domain/anomaly/window'

/** Whole numbers, so that ties abound and the oracle's sums are exact. */
const values = fc.array(fc.integer({ min: -8, max: 8 }), { minLength: 1, maxLength: 60 })

test('a sorted window is the sort of the last values', () => {
  fc.assert(fc.property(values, fc.integer({ min: 1, max: 12 }), fc.integer({ min: -9, max: 9 }), (stream, capacity, probe) => {
    const window = new SortedWindow(capacity)
    stream.forEach((value, i) => {
      window.push(value)
      const last = stream.slice(Math.max(0, i + 1 - capacity), i + 1).sort((a, b) => a - b)
      assert.deepEqual(last.map((_, rank) => window.at(rank)), last)
      assert.equal(window.size, last.length)
      assert.equal(window.countBelow(probe), last.filter((other) => other < probe).length)
      const half = last.length >>> 1, median = last.length % 2 === 1 ? last[half] : ((last[half - 1] ?? 0) + (last[half] ?? 0)) / 2
      assert.equal(window.median(), median)
      for (const center of [probe, median ?? 0]) {
        const distances = last.map((other) => Math.abs(other - center)).sort((a, b) => a - b)
        assert.equal(window.medianDistance(center), distances[(last.length - 1) >>> 1])
      }
      assert.equal(window.meanFrom(half), last.slice(half).reduce((sum, other) => sum + other, 0) / (last.length - half))
    })
  }))
})

test('what has no rank is refused, and an empty window has no middle', () => {
  const window = new SortedWindow(3)
  assert.throws(() => window.push(NaN), RangeError)
  assert.ok(Number.isNaN(window.median()) && Number.isNaN(window.quantile(0.9)) && Number.isNaN(window.medianDistance(0)))
})
