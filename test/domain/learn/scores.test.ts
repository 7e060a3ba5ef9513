import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  accuracyOf, areaUnderCurve, bestThreshold, brierOf, calibrationError, countsAt, f1Of, logLossOf, macroF1, precisionOf, recallOf, reliability,
} from '#domain/learn/scores'

const rows = fc.array(fc.record({ score: fc.integer({ min: 0, max: 6 }).map((n) => n / 6), label: fc.integer({ min: 0, max: 1 }) }), { minLength: 1, maxLength: 40 })

test('area under the curve: the share of pairs in order', () => {
  fc.assert(fc.property(rows, (all) => {
    const yes = all.filter(({ label }) => label === 1), no = all.filter(({ label }) => label === 0)
    let won = 0
    for (const a of yes) for (const b of no) won += a.score > b.score ? 1 : a.score === b.score ? 0.5 : 0
    const area = areaUnderCurve(all.map(({ score }) => score), all.map(({ label }) => label))
    if (yes.length === 0 || no.length === 0) assert.equal(area, undefined)
    else assert.ok(Math.abs((area ?? -1) - won / (yes.length * no.length)) < 1e-12)
  }))
})

test('the best threshold is the best of all', () => {
  fc.assert(fc.property(rows, (all) => {
    const scores = all.map(({ score }) => score), labels = all.map(({ label }) => label)
    const { threshold, f1 } = bestThreshold(scores, labels)
    const best = Math.max(...scores.map((each) => f1Of(countsAt(scores, labels, each))))
    assert.ok(Math.abs(f1 - best) < 1e-12)
    assert.ok(Math.abs(f1Of(countsAt(scores, labels, threshold)) - best) < 1e-12)
  }))
})

test('worked by hand', () => {
  const counts = countsAt([0.9, 0.8, 0.3, 0.2], [1, 0, 1, 0], 0.5)
  assert.deepEqual(counts, { truePositives: 1, falsePositives: 1, falseNegatives: 1 })
  assert.deepEqual([precisionOf(counts), recallOf(counts), f1Of(counts)], [0.5, 0.5, 0.5])
  assert.equal(accuracyOf([0, 1, 2], [0, 1, 1]), 2 / 3)
  // Class 0: 1; class 1: precision 1, recall 1/2; class 2: nothing right.
  assert.ok(Math.abs(macroF1([0, 1, 2], [0, 1, 1], 3) - (1 + 2 / 3 + 0) / 3) < 1e-12)
  assert.equal(brierOf([1, 0.5], [1, 0]), 0.125)
  assert.ok(Math.abs(logLossOf([0.5, 0.25], [1, 0]) - (Math.log(2) + Math.log(4 / 3)) / 2) < 1e-12)
  assert.deepEqual(reliability([0.05, 0.95, 0.97], [0, 1, 0]), [
    { low: 0, high: 0.1, count: 1, said: 0.05, happened: 0 }, { low: 0.9, high: 1, count: 2, said: 0.96, happened: 0.5 },
  ])
  assert.ok(Math.abs(calibrationError([0.05, 0.95, 0.97], [0, 1, 0]) - (0.05 + 2 * 0.46) / 3) < 1e-12)
})
