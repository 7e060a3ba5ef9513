import { logistic } from '#record'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { boost, boostedLogOdds, type Boosted } from '#domain/learn/boosted'
import { cutPoints } from '#domain/learn/histogram'
import { areaUnderCurve, logLossOf } from '#domain/learn/scores'
import { rowOf, tableOf, type Table } from '#domain/learn/table'
import { seededRandom } from '#tool/random'

const said = (model: Boosted, table: Table): number[] => Array.from({ length: table.rows }, (_, row) => logistic(boostedLogOdds(model, rowOf(table, row))))

const cell = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ min: -5, max: 5, noNaN: true }), fc.constant(undefined))
const world = fc.array(fc.record({ a: cell, b: cell, label: fc.integer({ min: 0, max: 1 }) }), { minLength: 12, maxLength: 80 })
  .filter((rows) => rows.some(({ label }) => label === 1) && rows.some(({ label }) => label === 0))

test('the split of a first tree is the best there is, and its leaves are Newton steps', () => {
  fc.assert(fc.property(world, (rows) => {
    const table = tableOf(rows.map(({ a, b }) => ({ a, b })), ['a', 'b'])
    const labels = rows.map(({ label }) => label)
    const model = boost(table, labels, { trees: 1, leaves: 2, rate: 1, minRows: 1, minHessian: 0, ridge: 1 })
    const p = labels.reduce((sum, label) => sum + label, 0) / labels.length
    const gainOf = (left: (row: number) => boolean): number => {
      const sums = [[0, 0, 0], [0, 0, 0]] as [number[], number[]]
      labels.forEach((label, row) => {
        const side = sums[left(row) ? 0 : 1]
        side[0] = (side[0] ?? 0) + p - label
        side[1] = (side[1] ?? 0) + p * (1 - p)
        side[2] = (side[2] ?? 0) + 1
      })
      if (sums[0][2] === 0 || sums[1][2] === 0) return 0
      return sums.reduce((sum, [g = 0, h = 0]) => sum + (g * g) / (h + 1), 0)
    }
    let best = 0
    for (const column of table.columns) {
      for (const cut of column) for (const lost of [true, false]) {
        best = Math.max(best, gainOf((row) => (Number.isNaN(column[row] ?? NaN) ? lost : (column[row] ?? 0) <= cut)))
      }
    }
    const tree = model.trees[0]
    if (tree === undefined) return assert.ok(best < 1e-5)
    const column = table.columns[tree.feature[0] ?? 0] ?? new Float64Array(0)
    const goes = (row: number): boolean => (Number.isNaN(column[row] ?? NaN) ? tree.missing[0] === 1 : (column[row] ?? 0) <= (tree.threshold[0] ?? 0))
    assert.ok(Math.abs(gainOf(goes) - best) < 1e-9, `${gainOf(goes)} is not ${best}`)
    for (const [row, label] of labels.entries()) {
      const mine = labels.flatMap((other, i) => (goes(i) === goes(row) ? [other] : []))
      const step = mine.reduce((sum, other) => sum + other - p, 0) / (mine.length * p * (1 - p) + 1)
      assert.ok(Math.abs(boostedLogOdds(model, rowOf(table, row)) - model.base - step) < 1e-7, `row ${row}, label ${label}`)
    }
  }), { numRuns: 60 })
})

test('more trees never fit the learned rows worse', () => {
  fc.assert(fc.property(world, (rows) => {
    const table = tableOf(rows.map(({ a, b }) => ({ a, b })), ['a', 'b'])
    const labels = rows.map(({ label }) => label)
    const losses = [0, 1, 5, 20].map((trees) => logLossOf(said(boost(table, labels, { trees, minRows: 1, minHessian: 0.1 }), table), labels))
    losses.reduce((before, after) => {
      assert.ok(after <= before + 1e-9)
      return after
    })
  }), { numRuns: 30 })
})

test('a difference that only two features together tell is learned, and what is missing has a side', () => {
  const random = seededRandom('1', 'xor')
  const rows = Array.from({ length: 600 }, () => ({ a: random.next(), b: random.next() }))
  const labels = rows.map(({ a, b }) => (a > 0.5 !== b > 0.5 ? 1 : 0))
  const table = tableOf(rows, ['a', 'b'])
  assert.ok((areaUnderCurve(said(boost(table, labels, { trees: 100, leaves: 8, rate: 0.2 }), table), labels) ?? 0) > 0.98)
  const holes = tableOf(rows.map(({ a }, i) => ({ a: labels[i] === 1 && i % 3 === 0 ? undefined : a })), ['a'])
  const model = boost(holes, labels, { trees: 50 })
  const missing = boostedLogOdds(model, [NaN])
  assert.ok(missing > 2, `a hole means yes, it says ${missing}`)
})

test('the same rows give the same model to the byte, and a model survives its file', () => {
  const table = tableOf([0, 1, 2, 3, 4, 5, 6, 7].map((a) => ({ a })), ['a'])
  const labels = [0, 0, 0, 1, 0, 1, 1, 1]
  const terms = { trees: 5, minRows: 1, minHessian: 0.01 }
  const model = boost(table, labels, terms)
  assert.equal(JSON.stringify(boost(table, labels, terms)), JSON.stringify(model))
  const again = JSON.parse(JSON.stringify(model)) as Boosted
  assert.deepEqual(said(again, table), said(model, table))
  assert.throws(() => boost(table, [1, 1, 1, 1, 1, 1, 1, 1]), RangeError)
  assert.throws(() => tableOf([{ a: Infinity }], ['a']), RangeError)
})

test('cuts rise and lie between values', () => {
  fc.assert(fc.property(fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { maxLength: 900 }), (values) => {
    const cuts = cutPoints(Float64Array.from(values))
    assert.ok(cuts.length <= 254)
    const highest = values.reduce((most, value) => Math.max(most, value), -Infinity)
    cuts.forEach((cut, i) => {
      assert.ok(i === 0 || cut > (cuts[i - 1] ?? 0))
      assert.ok(cut < highest)
    })
  }))
})
