import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { boost, boostedLogOdds, forestScores } from '#domain/learn/boosted'
import { rowOf, tableOf } from '#domain/learn/table'
import type { BoostedTree } from '#domain/learn/tree'
import { TreeShap } from '#domain/learn/tree_shap'
import { lightgbmForest } from '#wire/trees/lightgbm'
import { xgboostForest } from '#wire/trees/xgboost'

const FEATURES = ['a', 'b', 'c', 'd', 'e']

/** What a tree says where only the features of `known` are: both ways by their shares elsewhere. */
function worth(tree: BoostedTree, row: ArrayLike<number>, known: number, node = 0): number {
  const f = tree.feature[node] ?? -1
  if (f < 0) return tree.value[node] ?? 0
  const left = tree.left[node] ?? 0, right = tree.right[node] ?? 0, value = row[f] ?? NaN
  if ((known >> f) % 2 === 1) return worth(tree, row, known, (Number.isNaN(value) ? tree.missing[node] === 1 : value <= (tree.threshold[node] ?? 0)) ? left : right)
  const whole = tree.cover?.[node] ?? 1
  return ((tree.cover?.[left] ?? 0) / whole) * worth(tree, row, known, left) + ((tree.cover?.[right] ?? 0) / whole) * worth(tree, row, known, right)
}

/** By the definition: over all subsets of the others, weighed by how many orders put them first. */
function shapley(count: number, worthOf: (known: number) => number): number[] {
  const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1))
  return Array.from({ length: count }, (_, f) => {
    let sum = 0
    for (let known = 0; known < 1 << count; known++) {
      if ((known >> f) % 2 === 1) continue
      const size = Array.from({ length: count }, (__, i) => (known >> i) % 2).reduce((a, b) => a + b, 0)
      sum += ((factorial(size) * factorial(count - size - 1)) / factorial(count)) * (worthOf(known | (1 << f)) - worthOf(known))
    }
    return sum
  })
}

const cell = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ min: -5, max: 5, noNaN: true }), fc.constant(undefined))
const world = fc.array(fc.record({ a: cell, b: cell, c: cell, d: cell, e: cell, label: fc.nat(1) }), { minLength: 20, maxLength: 80 })
  .filter((rows) => new Set(rows.map(({ label }) => label)).size === 2)

test('Shapley values by their definition, and a sum that is what the trees say', () => {
  fc.assert(fc.property(world, (rows) => {
    const table = tableOf(rows.map(({ label: _, ...row }) => row), FEATURES)
    const model = boost(table, rows.map(({ label }) => label), { trees: 6, leaves: 9, rate: 0.5, minRows: 1, minHessian: 0.01, covers: true })
    const shap = new TreeShap(model.trees)
    for (const i of [0, 1, 2]) {
      const row = rowOf(table, i), phi = new Float64Array(FEATURES.length)
      shap.add(row, phi)
      const expected = shapley(FEATURES.length, (known) => model.trees.reduce((sum, tree) => sum + worth(tree, row, known), 0))
      phi.forEach((value, f) => assert.ok(Math.abs(value - (expected[f] ?? NaN)) < 1e-9, `${FEATURES[f]}: ${value}, by definition ${expected[f]}`))
      const sum = phi.reduce((all, value) => all + value, model.base + shap.expected)
      assert.ok(Math.abs(sum - boostedLogOdds(model, row)) < 1e-9)
    }
  }), { numRuns: 40 })
})

test('trees that do not say what came by their nodes are refused', () => {
  const table = tableOf(Array.from({ length: 40 }, (_, a) => ({ a })), ['a'])
  assert.throws(() => new TreeShap(boost(table, Array.from({ length: 40 }, (_, a) => (a > 20 ? 1 : 0)), { trees: 2 }).trees), RangeError)
})

test('as XGBoost and LightGBM explain their own models', () => {
  const theirs = JSON.parse(readFileSync(join(import.meta.dirname, '../../wire/trees/theirs.json'), 'utf8')) as {
    readonly rows: readonly (readonly (number | null)[])[]
    readonly models: { readonly [name: string]: { readonly model: unknown; readonly contributions: readonly (readonly number[])[] } }
  }
  const forests = { xgboost_binary: (model: unknown) => xgboostForest(model, 'x'), lightgbm_binary: (model: unknown) => lightgbmForest(String(model), 'l').forest }
  for (const [name, read] of Object.entries(forests)) {
    const { model, contributions } = theirs.models[name] ?? assert.fail()
    const forest = read(model), shap = new TreeShap(forest.trees[0] ?? [])
    theirs.rows.forEach((cells, i) => {
      const row = cells.map((value) => value ?? NaN), phi = new Float64Array(row.length)
      shap.add(row, phi)
      const said = [...phi, shap.expected + (forest.bases[0] ?? 0)]
      said.forEach((value, f) => assert.ok(Math.abs(value - (contributions[i]?.[f] ?? NaN)) < 2e-6, `${name}, row ${i}, feature ${f}: ${value}, they say ${contributions[i]?.[f]}`))
      assert.ok(Math.abs(said.reduce((sum, value) => sum + value, 0) - (forestScores(forest, row)[0] ?? NaN)) < 1e-9)
    })
  }
})
