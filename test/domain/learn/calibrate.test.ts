import { logistic } from '#record'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { fitIsotonic, fitPlatt, isotonicAt } from '#domain/learn/calibrate'
import { seededRandom } from '#tool/random'

const samples = fc.array(fc.record({ score: fc.integer({ min: -5, max: 5 }), hit: fc.integer({ min: 0, max: 1 }) }), { minLength: 1, maxLength: 40 })

test('isotonic: the max-min formula of Robertson, Wright and Dykstra at every score', () => {
  fc.assert(fc.property(samples, (rows) => {
    const fitted = fitIsotonic(rows.map(({ score }) => score), rows.map(({ hit }) => hit))
    const scores = [...new Set(rows.map(({ score }) => score))].sort((a, b) => a - b)
    const mean = (low: number, high: number): number => {
      const inside = rows.filter(({ score }) => score >= low && score <= high)
      return inside.reduce((sum, { hit }) => sum + hit, 0) / inside.length
    }
    for (const score of scores) {
      const says = Math.max(...scores.filter((low) => low <= score).map((low) => Math.min(...scores.filter((high) => high >= score).map((high) => mean(low, high)))))
      assert.ok(Math.abs(isotonicAt(fitted, score) - says) < 1e-12, `at ${score}: ${isotonicAt(fitted, score)}, expected ${says}`)
    }
  }))
})

test('isotonic: what it says never falls, and stays within 0 and 1', () => {
  fc.assert(fc.property(samples, fc.array(fc.double({ min: -9, max: 9, noNaN: true }), { minLength: 2 }), (rows, asked) => {
    const fitted = fitIsotonic(rows.map(({ score }) => score), rows.map(({ hit }) => hit))
    const says = asked.sort((a, b) => a - b).map((score) => isotonicAt(fitted, score))
    says.forEach((p, i) => assert.ok(p >= 0 && p <= 1 && (i === 0 || p >= (says[i - 1] ?? 0) - 1e-12)))
  }))
})

test('platt: a line planted in the data is found again', () => {
  const random = seededRandom('1', 'platt')
  const logOdds = Array.from({ length: 20_000 }, () => random.next() * 6 - 3)
  const outcomes = logOdds.map((x) => (random.next() < logistic(0.5 * x - 0.3) ? 1 : 0))
  const { slope, intercept } = fitPlatt(logOdds, outcomes)
  assert.ok(Math.abs(slope - 0.5) < 0.03 && Math.abs(intercept + 0.3) < 0.05, `${slope} ${intercept}`)
})

test('platt: a run of luck makes no certainty', () => {
  const { slope, intercept } = fitPlatt([1, 1, 1], [1, 1, 1])
  assert.ok(logistic(slope + intercept) < 0.85)
})
