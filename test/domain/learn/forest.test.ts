import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { boost, boostedLogOdds, boostForest, forestScores, type Forest } from '#domain/learn/boosted'
import { Addends, binned, Histogram } from '#domain/learn/histogram'
import { LOGISTIC, softmax, softmaxLoss } from '#domain/learn/loss'
import { Scorer } from '#domain/learn/scorer'
import { rowOf, tableOf, type Table } from '#domain/learn/table'
import { leafOf, TreeDraft, type BoostedTree } from '#domain/learn/tree'
import { seededRandom } from '#tool/random'

const cell = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ min: -5, max: 5, noNaN: true }), fc.constant(undefined))
const labelled = (classes: number) => fc.array(fc.record({ a: cell, b: cell, c: cell, label: fc.nat(classes - 1) }), { minLength: 10, maxLength: 90 })
  .filter((rows) => new Set(rows.map(({ label }) => label)).size === classes)
const tableFrom = (rows: readonly { a?: number | undefined; b?: number | undefined; c?: number | undefined }[]): Table =>
  tableOf(rows.map(({ a, b, c }) => ({ a, b, c })), ['a', 'b', 'c'])
const small = { trees: 12, leaves: 6, rate: 0.3, minRows: 1, minHessian: 0 }

test('where an answer may only rise or fall with a feature it does, whatever the other values are', () => {
  fc.assert(fc.property(labelled(2), fc.constantFrom(1, -1), cell, cell, (rows, way, b, c) => {
    const model = boost(tableFrom(rows), rows.map(({ label }) => label), { ...small, rising: [way, 0, -way] })
    let before = -Infinity, fell = Infinity
    for (let a = -6; a <= 6; a += 0.25) {
      const up = way * boostedLogOdds(model, [a, b ?? NaN, c ?? NaN])
      assert.ok(up >= before - 1e-12, `a ${a}: ${up} after ${before}`)
      before = up
      const down = way * boostedLogOdds(model, [b ?? NaN, c ?? NaN, a])
      assert.ok(down <= fell + 1e-12, `c ${a}: ${down} after ${fell}`)
      fell = down
    }
  }), { numRuns: 80 })
})

/** Values of no ties, so that no split is as good as another. */
function untied(count: number, seed: string): { readonly rows: { a: number; b: number; c: number }[]; readonly next: () => number } {
  const random = seededRandom(seed, 'untied')
  return { rows: Array.from({ length: count }, () => ({ a: random.next(), b: random.next(), c: random.next() })), next: () => random.next() }
}

function assertAlike(one: Forest, other: Forest): void {
  one.trees.forEach((trees, k) => trees.forEach((tree, t) => {
    const its = other.trees[k]?.[t]
    assert.deepEqual([tree.feature, tree.threshold], [its?.feature, its?.threshold])
    tree.value.forEach((value, node) => assert.ok(Math.abs(value - (its?.value[node] ?? NaN)) < 1e-7, `${value} ${its?.value[node]}`))
  }))
}

test('constraints that allow everything change nothing', () => {
  for (const seed of ['1', '2', '3']) {
    const { rows, next } = untied(200, seed)
    const labels = rows.map(({ a, b }) => (next() < (a > 0.5 !== b > 0.3 ? 0.8 : 0.3) ? 1 : 0))
    const [free, held] = [undefined, { rising: [0, 0, 0] }].map((rising) => boostForest(tableFrom(rows), labels, LOGISTIC, { trees: 10, leaves: 5, ...rising }))
    if (free === undefined || held === undefined) return assert.fail()
    assertAlike(free, held)
  }
})

test('a row of weight three is three rows', () => {
  for (const seed of ['1', '2', '3']) {
    const { rows, next } = untied(120, seed)
    const labels = rows.map(({ a, b }) => Math.min(2, Math.floor(1.2 * a + 1.2 * b + 0.6 * next())))
    const weights = rows.map((_, i) => (i % 3) + 1)
    const places = rows.flatMap((_, i) => Array.from({ length: weights[i] ?? 1 }, () => i))
    const terms = { trees: 5, leaves: 5, rate: 0.3, minRows: 1 }
    const weighed = boostForest(tableFrom(rows), labels, softmaxLoss(3), terms, weights)
    const repeated = boostForest(tableFrom(places.map((i) => rows[i] ?? {})), places.map((i) => labels[i] ?? 0), softmaxLoss(3), terms)
    weighed.bases.forEach((base, k) => assert.ok(Math.abs(base - (repeated.bases[k] ?? 0)) < 1e-8))
    assertAlike(weighed, repeated)
  }
})

test('derivatives of the losses are those of finite differences', () => {
  fc.assert(fc.property(fc.array(fc.double({ min: -4, max: 4, noNaN: true }), { minLength: 3, maxLength: 3 }), fc.nat(2), (at, label) => {
    for (const [loss, of] of [[LOGISTIC, Math.min(label, 1)], [softmaxLoss(3), label]] as const) {
      const scores = at.slice(0, loss.scores).map((score) => Float64Array.of(score))
      const gradient = scores.map(() => new Float64Array(1)), hessian = scores.map(() => new Float64Array(1))
      loss.derive(scores, [of], Float64Array.of(1), gradient, hessian)
      const factor = loss.scores === 1 ? 1 : 1.5
      scores.forEach((score, k) => {
        const middle = score[0] ?? 0, step = 1e-4
        const moved = (by: number): number => {
          score[0] = middle + by
          const is = loss.of(scores, 0, of)
          score[0] = middle
          return is
        }
        assert.ok(Math.abs((moved(step) - moved(-step)) / (2 * step) - (gradient[k]?.[0] ?? 0)) < 1e-6)
        assert.ok(Math.abs(factor * (moved(step) - 2 * moved(0) + moved(-step)) / (step * step) - (hessian[k]?.[0] ?? 0)) < 1e-5)
      })
    }
  }))
})

test('three classes are told apart, and shares add up to one', () => {
  const random = seededRandom('1', 'classes')
  const rows = Array.from({ length: 900 }, () => ({ a: random.next(), b: random.next() }))
  const labels = rows.map(({ a, b }) => (a < 0.4 ? 0 : b < 0.5 ? 1 : 2))
  const table = tableOf(rows, ['a', 'b'])
  const forest = boostForest(table, labels, softmaxLoss(3), { trees: 40, leaves: 6, rate: 0.2 })
  const share = new Float64Array(3)
  let hits = 0
  labels.forEach((label, row) => {
    softmax(forestScores(forest, rowOf(table, row)).map((score) => [score]), 0, share)
    assert.ok(Math.abs(share.reduce((sum, p) => sum + p, 0) - 1) < 1e-12)
    if (share.every((p, k) => k === label || p < (share[label] ?? 0))) hits++
  })
  assert.ok(hits >= 890, `${hits} of 900`)
  assert.throws(() => boostForest(table, labels.map((label) => Math.min(label, 1)), softmaxLoss(3)), RangeError)
})

test('stopping early keeps the round with the least loss on the rows that are not learned from', () => {
  const random = seededRandom('1', 'stop')
  const rowsOf = (count: number) => Array.from({ length: count }, () => ({ a: random.next(), b: random.next() }))
  const [learned, apart] = [rowsOf(200), rowsOf(150)]
  const labelsOf = (rows: readonly { a: number }[]): number[] => rows.map(({ a }) => (random.next() < 0.2 + 0.6 * a ? 1 : 0))
  const [labels, others] = [labelsOf(learned), labelsOf(apart)]
  const table = tableOf(learned, ['a', 'b']), until = { table: tableOf(apart, ['a', 'b']), labels: others, patience: 30 }
  const terms = { trees: 200, leaves: 8, rate: 0.2, minRows: 2 }
  const losses: number[] = []
  const stopped = boost(table, labels, { ...terms, until, told: (_, loss) => void losses.push(loss ?? NaN) })
  const whole = boost(table, labels, terms)
  const lossOf = (rounds: number): number => others.reduce((sum, label, row) =>
    sum + LOGISTIC.of([Float64Array.of(boostedLogOdds({ ...whole, trees: whole.trees.slice(0, rounds) }, rowOf(until.table, row)))], 0, label), 0) / others.length
  const best = Array.from({ length: losses.length + 1 }, (_, rounds) => lossOf(rounds))
  assert.ok(losses.length < 200, 'it stopped')
  assert.equal(stopped.trees.length, best.indexOf(Math.min(...best)))
  losses.forEach((loss, i) => assert.ok(Math.abs(loss - (best[i + 1] ?? 0)) < 1e-12))
})

test('many rows at once score as one by one, to the bit', () => {
  fc.assert(fc.property(labelled(3), (rows) => {
    const table = tableFrom([...rows, ...rows, ...rows]), labels = rows.map(({ label }) => label)
    const forest = boostForest(tableFrom(rows), labels, softmaxLoss(3), small)
    const scores = new Scorer(forest).scores(table)
    for (let row = 0; row < table.rows; row++) assert.deepEqual(scores.map((score) => score[row]), forestScores(forest, rowOf(table, row)))
  }), { numRuns: 40 })
})

test('so do forests of any kind: of many leaves, thresholds and features, rows on thresholds and with holes', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 1e6 }), fc.oneof(fc.integer({ min: 1, max: 90 }), fc.constant(700)), fc.integer({ min: 1, max: 12 }),
    fc.integer({ min: 1, max: 1000 }), (seed, leaves, features, values) => {
    const random = seededRandom(String(seed), 'forests'), value = (): number => random.integer(values) - values / 2
    const treeOf = (): BoostedTree => {
      const draft = new TreeDraft(), open = [0]
      for (let most = 1 + random.integer(leaves); open.length < most;) {
        const [node = 0] = open.splice(random.integer(open.length), 1)
        const left = draft.split(node, random.integer(features), value(), random.next() < 0.5)
        open.push(left, left + 1)
      }
      for (const node of open) draft.answer(node, random.next() - 0.5, 1)
      return draft.tree(false)
    }
    const names = Array.from({ length: features }, (_, f) => `f${f}`)
    const forest: Forest = { features: names, bases: [0.5, -0.5], trees: [0, 1].map(() => Array.from({ length: random.integer(leaves > 90 ? 3 : 20) }, treeOf)) }
    const columns = names.map(() => Float64Array.from({ length: 150 }, () => (random.next() < 0.1 ? NaN : random.next() < 0.05 ? Infinity : value())))
    const table: Table = { rows: 150, features: names, columns }, scores = new Scorer(forest).scores(table)
    for (let row = 0; row < table.rows; row++) assert.deepEqual(scores.map((score) => score[row]), forestScores(forest, rowOf(table, row)))
  }), { numRuns: 100 })
})

test('a value that is missing where none was goes the way of most rows, where that is asked for', () => {
  const table = tableOf(Array.from({ length: 100 }, (_, a) => ({ a })), ['a'])
  for (const few of ['low', 'high'] as const) {
    const labels = Array.from({ length: 100 }, (_, a) => (few === 'low' ? (a < 20 ? 1 : 0) : a >= 80 ? 1 : 0))
    const model = boost(table, labels, { trees: 20, minRows: 5, unseenWithMost: true })
    assert.ok(boostedLogOdds(model, [NaN]) < 0, few)
    assert.equal(boostedLogOdds(boost(table, labels, { trees: 20, minRows: 5 }), [NaN]) < 0, few === 'low')
  }
})

test('a node is covered by the second derivatives of the rows that come by it', () => {
  fc.assert(fc.property(labelled(2), (rows) => {
    const table = tableFrom(rows), labels = rows.map(({ label }) => label)
    const { base, trees: [tree] } = boost(table, labels, { ...small, trees: 1, covers: true })
    if (tree === undefined) return
    const p = 1 / (1 + Math.exp(-base))
    assert.ok(Math.abs((tree.cover?.[0] ?? 0) - rows.length * p * (1 - p)) < 1e-6 * rows.length)
    const leaf = leafOf(tree, rowOf(table, 0))
    const beside = rows.filter((_, row) => leafOf(tree, rowOf(table, row)) === leaf).length
    assert.ok(Math.abs((tree.cover?.[leaf] ?? 0) - beside * p * (1 - p)) < 1e-6 * rows.length)
  }), { numRuns: 40 })
})

test('what is left of a histogram is that of the rows left, to the bit, and sums are the same in whatever order', () => {
  const derivative = fc.oneof(fc.double({ min: -1, max: 1, noNaN: true }), fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.constant(0))
  fc.assert(fc.property(fc.array(fc.record({ a: cell, b: cell, c: cell, g: derivative, h: derivative }), { minLength: 1, maxLength: 90 }), fc.nat(1), (rows, side) => {
    const table = binned(tableFrom(rows)), addends = new Addends(rows.length)
    addends.set(Float64Array.from(rows, ({ g }) => g), Float64Array.from(rows, ({ h }) => Math.abs(h)))
    const countOf = (order: readonly number[]): Histogram => {
      const histogram = new Histogram(table.bins)
      histogram.fill(table, Uint32Array.from(order), Float64Array.from(order, (row) => addends.gradient[row] ?? 0), Float64Array.from(order, (row) => addends.packed[row] ?? 0))
      return histogram
    }
    const all = [...rows.keys()], sums = ({ sums: of }: Histogram): Float64Array => of.subarray(0, 2 * table.bins)
    const whole = countOf(all)
    assert.deepEqual(sums(countOf(all.reverse())), sums(whole))
    whole.subtract(countOf(all.filter((row) => row % 2 === side)))
    assert.deepEqual(sums(whole), sums(countOf(all.filter((row) => row % 2 !== side))))
  }))
})

test('weights may be of any size that adds up', () => {
  const { rows, next } = untied(150, '1'), labels = rows.map(({ a }) => (next() < (a > 0.5 ? 0.9 : 0.2) ? 1 : 0))
  const terms = { trees: 3, leaves: 4, minRows: 1, minHessian: 0, ridge: 0, minGain: 0 }
  const of = (weight: number): Forest => boostForest(tableFrom(rows), labels, LOGISTIC, terms, labels.map(() => weight))
  for (const weight of [1e-200, 1e-40, 1e40, 1e200]) assertAlike(of(weight), of(1))
  assert.throws(() => of(1e300), RangeError)
})

test('what is added up is what was to be, but for its last digits, and rows are counted beside it', () => {
  fc.assert(fc.property(fc.array(fc.tuple(fc.double({ min: -1e3, max: 1e3, noNaN: true }), fc.double({ min: 0, max: 1e3, noNaN: true })), { minLength: 1, maxLength: 200 }), (rows) => {
    const addends = new Addends(rows.length), { gradient, packed } = addends
    const all = rows.reduce((sum, [g]) => sum + Math.abs(g), 0), masses = rows.reduce((sum, [, h]) => sum + h, 0)
    addends.set(Float64Array.from(rows, ([g]) => g), Float64Array.from(rows, ([, h]) => h))
    let sum = 0
    rows.forEach(([g, h], row) => {
      assert.ok(Math.abs((gradient[row] ?? NaN) - g) <= all * 1e-14 + 1e-40)
      assert.ok(Math.abs((packed[row] ?? NaN) - addends.one - h) <= masses * 1e-12 + 1e-25)
      sum += packed[row] ?? NaN
      assert.equal(Math.floor(sum / addends.one), row + 1)
    })
    assert.ok(Math.abs(sum - rows.length * addends.one - masses) <= rows.length * masses * 1e-12 + 1e-20)
  }))
})
