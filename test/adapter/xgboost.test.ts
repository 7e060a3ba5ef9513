/** XGBoost in its thread: what it learned is what our trees say, it meets no value of the user's, and none of its noise gets out. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { lazyXgboost } from '#adapter/xgboost/lazy'
import { forestScores } from '#domain/learn/boosted'
import { ownBoosting } from '#domain/learn/boosting'
import { softmax } from '#domain/learn/loss'
import { areaUnderCurve } from '#domain/learn/scores'
import { Scorer } from '#domain/learn/scorer'
import { rowOf, tableOf } from '#domain/learn/table'
import { TreeShap } from '#domain/learn/tree_shap'
import { Failure } from '#port/failure'
import { seededRandom } from '#tool/random'

const root = join(import.meta.dirname, '../..')
const random = seededRandom('1', 'xgboost')
const rows = Array.from({ length: 1500 }, () => ({ a: 1 + random.integer(40), b: 1 + random.integer(40), c: 1 + random.integer(40) }))
const table = tableOf(rows, ['a', 'b', 'c'])
const labels = rows.map(({ a, b }) => (a + b + 30 * random.next() > 55 ? 1 : 0))
const asked = { table, labels, classes: 2, trees: 30, leaves: 7, rate: 0.3, minRows: 10 }

/** What ml-xgboost says by its own interface, which can do this much with few rows of whole numbers. */
const PEER = `
const input = JSON.parse(require('fs').readFileSync(0, 'utf8'))
require('ml-xgboost').then((XGBoost) => {
  const model = new XGBoost(input.options)
  model.train(input.rows, input.labels)
  process.stdout.write('SAID' + JSON.stringify(model.predict(input.rows.slice(0, 50))))
})`

for (const classes of [2, 3]) {
  test(`${classes} classes: our trees say what its own interface says`, async () => {
    const mine = rows.map(({ a, b }, i) => (classes === 2 ? labels[i] ?? 0 : Math.min(2, Math.floor((a + b) / 28))))
    const forest = await lazyXgboost.learn({ ...asked, labels: mine, classes })
    const options = {
      booster: 'gbtree', silent: 1, objective: classes === 2 ? 'binary:logistic' : 'multi:softprob', ...(classes > 2 && { num_class: classes }), eta: 0.3, max_depth: 0,
      max_leaves: 7, grow_policy: 'lossguide', tree_method: 'hist', max_bin: 256, min_child_weight: 1, subsample: 1, iterations: 30, seed: 1,
    }
    const { stdout, status } = spawnSync(process.execPath, ['-e', PEER], { cwd: root, encoding: 'utf8', input: JSON.stringify({ rows: rows.map(({ a, b, c }) => [a, b, c]), labels: mine, options }) })
    assert.equal(status, 0)
    const said = JSON.parse(stdout.slice(stdout.indexOf('SAID') + 4)) as (number | number[])[]
    const share = new Float64Array(classes)
    said.forEach((expected, row) => {
      const scores = forestScores(forest, rowOf(table, row))
      if (scores.length > 1) softmax(scores.map((score) => [score]), 0, share)
      const ours = scores.length === 1 ? [1 / (1 + Math.exp(-(scores[0] ?? 0)))] : Array.from(share)
      ;[expected].flat().forEach((p, k) => assert.ok(Math.abs(p - (ours[k] ?? NaN)) < 1e-6, `row ${row}, class ${k}: ${p} and ${ours[k]}`))
    })
    for (const trees of forest.trees) assert.ok(Number.isFinite(new TreeShap(trees).expected))
  })
}

test('what is missing is missing, and a -1 is a number', async () => {
  const holes = rows.map((_, i) => ({ a: [-1, undefined, 3][i % 3] }))
  const forest = await lazyXgboost.learn({ ...asked, table: tableOf(holes, ['a']), labels: holes.map(({ a }) => (a === undefined ? 1 : 0)) })
  const [minus, missing, three] = [-1, NaN, 3].map((value) => forestScores(forest, [value])[0] ?? 0)
  assert.ok((missing ?? 0) > 1 && (minus ?? 0) < -1 && (three ?? 0) < -1, `${minus} ${missing} ${three}`)
})

test('it stops early, as well as ours, and the same rows give the same trees', async () => {
  const until = { table, labels: rows.map(({ a, b }) => (a + b + 30 * random.next() > 55 ? 1 : 0)), patience: 20 }
  const terms = { ...asked, trees: 400, until }
  const [one, two, ours] = [await lazyXgboost.learn(terms), await lazyXgboost.learn(terms), await ownBoosting.learn(terms)]
  assert.deepEqual(one, two)
  assert.ok((one.trees[0]?.length ?? 0) > 0 && (one.trees[0]?.length ?? 0) < 400, `${one.trees[0]?.length} trees`)
  const [area, ourArea] = [one, ours].map((forest) => areaUnderCurve(new Scorer(forest).scores(table)[0] ?? [], until.labels) ?? 0)
  assert.ok(Math.abs((area ?? 0) - (ourArea ?? 0)) < 0.02, `${area} and ${ourArea}`)
})

test('more rows than its own interface takes are no matter; what it cannot do is refused; its listeners stay in its thread', async () => {
  const before = process.listenerCount('uncaughtException')
  const many = tableOf(Array.from({ length: 70_000 }, (_, i) => Object.fromEntries(Array.from({ length: 20 }, (__, f) => [`f${f}`, (i * (f + 7)) % 97]))), Array.from({ length: 20 }, (_, f) => `f${f}`))
  const forest = await lazyXgboost.learn({ ...asked, table: many, labels: Array.from({ length: 70_000 }, (_, i) => (i % 97 > 40 ? 1 : 0)), trees: 2 })
  assert.equal(forest.trees[0]?.length, 2)
  assert.equal(process.listenerCount('uncaughtException'), before)
  await assert.rejects(async () => lazyXgboost.learn({ ...asked, weights: labels }), RangeError)
  await assert.rejects(async () => lazyXgboost.learn({ ...asked, rising: [1, 0, 0] }), RangeError)
  await assert.rejects(async () => lazyXgboost.learn({ ...asked, labels: labels.map(() => 1) }), RangeError)
  // It aborts at a label that is none: what is left is a failure that names the rows.
  await assert.rejects(async () => lazyXgboost.learn({ ...asked, labels: labels.map((label, i) => (i === 9 ? 7 : label)) }),
    (error) => error instanceof Failure && /^XGBoost gave up on 1500 rows of 3 features: /.test(error.message))
})

test('nothing of its noise gets out, the process goes on beside it, and a later error of ours ends it as any other would', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', `
    import { lazyXgboost } from '#adapter/xgboost/lazy'
    import { tableOf } from '#domain/learn/table'
    const rows = Array.from({ length: 4000 }, (_, i) => ({ a: i % 97, b: i % 89, c: i % 83 }))
    let turns = 0
    const timer = setInterval(() => turns++, 1)
    const labels = rows.map(({ a, b }) => (a * b % 7 > 3 ? 1 : 0))
    const asked = { table: tableOf(rows, ['a', 'b', 'c']), labels, classes: 2, trees: 60, leaves: 31, rate: 0.1, minRows: 10 }
    const one = await lazyXgboost.learn(asked), two = await Promise.all([lazyXgboost.learn(asked), lazyXgboost.learn(asked)])
    clearInterval(timer)
    if (turns === 0) throw new Error('nothing else ran')
    if (two.some((other) => JSON.stringify(other) !== JSON.stringify(one))) throw new Error('two at once are others')
    process.stdout.write('learned ' + one.trees[0].length)
    setImmediate(() => { throw new Error('ours') })
  `], { cwd: root, encoding: 'utf8' })
  assert.equal(stdout, 'learned 60')
  assert.equal(status, 1)
  assert.ok(stderr.includes('Error: ours') && stderr.length < 2000, stderr.slice(0, 3000))
})
