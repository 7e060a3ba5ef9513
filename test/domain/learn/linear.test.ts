import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { fitLinear, linearShares, type SparseRow } from '#domain/learn/linear'

const FEATURES = 4
const row = fc.uniqueArray(fc.integer({ min: 0, max: FEATURES - 1 }), { maxLength: FEATURES })
  .chain((places) => fc.record({
    places: fc.constant([...places].sort((a, b) => a - b)),
    values: fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: places.length, maxLength: places.length }),
  }))
const world = fc.array(fc.record({ row, label: fc.integer({ min: 0, max: 2 }) }), { minLength: 3, maxLength: 25 })

/** The loss written out, sharing nothing with the fit. */
function lossOf(rows: readonly SparseRow[], labels: readonly number[], weights: Float64Array, intercepts: Float64Array, ridge: number): number {
  let loss = 0
  rows.forEach(({ places, values }, r) => {
    const scores = [...intercepts].map((intercept, c) =>
      Array.from(places).reduce((sum, place, i) => sum + (weights[c * FEATURES + place] ?? 0) * (values[i] ?? 0), intercept))
    const most = Math.max(...scores)
    loss += most + Math.log(scores.reduce((sum, score) => sum + Math.exp(score - most), 0)) - (scores[labels[r] ?? 0] ?? 0)
  })
  return loss / rows.length + (ridge / 2) * weights.reduce((sum, weight) => sum + weight * weight, 0)
}

test('no small step from the fit lowers the loss, which is convex: it is the least', () => {
  fc.assert(fc.property(world, (samples) => {
    const rows = samples.map((one) => one.row), labels = samples.map(({ label }) => label)
    const ridge = 0.05
    const model = fitLinear(rows, labels, { classes: 3, features: FEATURES }, { ridge })
    const least = lossOf(rows, labels, model.weights, model.intercepts, ridge)
    for (let i = 0; i < model.weights.length; i++) for (const step of [-1e-3, 1e-3]) {
      const moved = model.weights.slice()
      moved[i] = (moved[i] ?? 0) + step
      assert.ok(lossOf(rows, labels, moved, model.intercepts, ridge) >= least - 1e-8)
    }
  }), { numRuns: 60 })
})

test('shares add up to one; no feature at all says the share of each class', () => {
  const empty: SparseRow = { places: [], values: [] }
  const model = fitLinear([empty, empty, empty, empty], [0, 1, 1, 1], { classes: 2, features: FEATURES })
  const [no = 0, yes = 0] = linearShares(model, empty)
  assert.ok(Math.abs(no + yes - 1) < 1e-12)
  assert.ok(Math.abs(yes - 0.75) < 1e-5)
})

test('a row of share two counts as two rows', () => {
  const one: SparseRow = { places: [0], values: [1] }, other: SparseRow = { places: [1], values: [1] }
  const shape = { classes: 2, features: FEATURES }
  const weighted = fitLinear([one, other], [0, 1], shape, {}, [2, 1])
  const repeated = fitLinear([one, one, other], [0, 0, 1], shape)
  weighted.weights.forEach((weight, i) => assert.ok(Math.abs(weight - (repeated.weights[i] ?? 0)) < 0.02, `${weight} ${repeated.weights[i]}`))
})
