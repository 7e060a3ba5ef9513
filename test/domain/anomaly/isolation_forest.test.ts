import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { seededRandom } from '#tool/random'
import { drawPlaces, forestScore, IsolationForest, IsolationTree, meanPath } from '#domain/anomaly/isolation_forest'

const drawOf = (seed: number): (() => number) => seededRandom('forest', String(seed)).next

test('c(n) is the mean path length of the paper, by the harmonic numbers it approximates', () => {
  assert.equal(meanPath(0), 0)
  assert.equal(meanPath(1), 0)
  assert.equal(meanPath(2), 1)
  for (const n of [3, 16, 256, 4096]) {
    const harmonic = Array.from({ length: n - 1 }, (_, i) => 1 / (i + 1)).reduce((sum, x) => sum + x, 0)
    assert.ok(Math.abs(meanPath(n) - (2 * harmonic - (2 * (n - 1)) / n)) < 1.1 / (n - 1), `${n}`)
  }
  assert.ok(Math.abs(meanPath(256) - 10.2447709) < 1e-6)
  assert.equal(forestScore(meanPath(256), 256), 0.5)
})

const lengthOf = (tree: IsolationTree, row: ArrayLike<number>): number => {
  const sums = new Float64Array(1)
  tree.addPathLengths(Float64Array.from(row), sums)
  return sums[0] ?? NaN
}

const table = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 40 }), fc.integer()).map(([dimensions, n, seed]) => {
  const draw = drawOf(seed)
  return { dimensions, n, seed, values: Float64Array.from({ length: n * dimensions }, () => Math.floor(draw() * 6)) }
})

test('a tree is a partition: the path of each row is walked by its own cuts, and leaves hold what cannot be cut or the limit stops', () => {
  fc.assert(fc.property(table, ({ dimensions, n, seed, values }) => {
    const tree = new IsolationTree({ values, dimensions }, Int32Array.from({ length: n }, (_, i) => i), drawOf(seed + 1))
    const limit = Math.ceil(Math.log2(n))
    // By hand, with the rows that reach each node.
    const walk = (node: number, rows: readonly number[], depth: number): void => {
      const feature = tree.feature[node] ?? 0, at = (row: number, f: number): number => values[row * dimensions + f] ?? 0
      if (tree.cut[node] === Infinity) {
        const isAlike = Array.from({ length: dimensions }, (_, f) => rows.every((row) => at(row, f) === at(rows[0] ?? 0, f))).every(Boolean)
        assert.ok(depth === limit || isAlike)
        for (const row of rows) assert.equal(lengthOf(tree, values.subarray(row * dimensions, (row + 1) * dimensions)), depth + meanPath(rows.length))
        return
      }
      const cut = tree.cut[node] ?? NaN, left = rows.filter((row) => at(row, feature) <= cut), right = rows.filter((row) => at(row, feature) > cut)
      assert.ok(left.length > 0 && right.length > 0 && depth < limit)
      walk(tree.children[2 * node] ?? NaN, left, depth + 1)
      walk(tree.children[2 * node + 1] ?? NaN, right, depth + 1)
    }
    walk(0, Array.from({ length: n }, (_, i) => i), 0)
  }))
})

test('rows drawn are different, in range, and each as likely', () => {
  const draw = drawOf(5), counts = new Uint32Array(10)
  for (let i = 0; i < 4000; i++) {
    const places = drawPlaces(10, 3, draw)
    assert.equal(new Set(places).size, 3)
    for (const place of places) counts[place] = (counts[place] ?? 0) + 1
  }
  // 4,000 draws of 3 of 10: 1,200 each, standard deviation 29.
  for (const count of counts) assert.ok(Math.abs(count - 1200) < 150, `${count}`)
})

test('a forest is the same by seed, its scores lie in (0, 1], and what lies apart scores highest', () => {
  const draw = drawOf(9)
  const values = Float64Array.from({ length: 600 }, (_, i) => (i >= 598 ? 9 : draw()))
  const scores = new IsolationForest({ values, dimensions: 2 }, drawOf(1)).scores({ values, dimensions: 2 })
  assert.deepEqual(scores, new IsolationForest({ values, dimensions: 2 }, drawOf(1)).scores({ values, dimensions: 2 }))
  assert.equal(scores.indexOf(Math.max(...scores)), 299)
  assert.ok((scores[299] ?? 0) > 0.7 && scores.slice(0, 299).every((score) => score > 0 && score < 0.7))
  assert.throws(() => new IsolationForest({ values: new Float64Array(0), dimensions: 2 }, draw), RangeError)
})

test('a row joined to a tree: within the boxes as it is, far beyond them one cut away, and the mean of trees that did hold it', () => {
  const draw = drawOf(3), values = Float64Array.from({ length: 64 }, () => draw()), rows = { values, dimensions: 1 }
  const places = Int32Array.from({ length: 64 }, (_, i) => i)
  const tree = new IsolationTree(rows, places.slice(), drawOf(4), true)
  const far = Float64Array.of(1e9)
  assert.ok(Math.abs(tree.joinedPathLength(far, 0) - 1) < 1e-6)
  const probe = Float64Array.of(2)
  const joined = Float64Array.of(...values, 2), others = Int32Array.from({ length: 65 }, (_, i) => i)
  let truth = 0, expected = 0
  for (let i = 0; i < 2000; i++) {
    truth += lengthOf(new IsolationTree({ values: joined, dimensions: 1 }, others.slice(), drawOf(1000 + i)), probe) / 2000
    expected += new IsolationTree(rows, places.slice(), drawOf(5000 + i), true).joinedPathLength(probe, 0) / 2000
  }
  assert.ok(Math.abs(truth - expected) < 0.1, `${truth} ${expected}`)
})
