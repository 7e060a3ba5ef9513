import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { clusterOf, UNCOMPARED, type Pair } from '#domain/resolve/cluster'

/** All pairs within each block, sure of themselves. */
const cliques = (...sizes: readonly number[]): Pair[] => {
  const pairs: Pair[] = []
  let from = 0
  for (const size of sizes) {
    for (let a = from; a < from + size; a++) for (let b = a + 1; b < from + size; b++) pairs.push({ left: a, right: b, logOdds: 5 })
    from += size
  }
  return pairs
}
const partsOf = (cluster: Int32Array): string => [...cluster].join(' ')

test('one wrong pair, however sure, does not join two that are dense', () => {
  fc.assert(fc.property(fc.integer({ min: 3, max: 8 }), fc.integer({ min: 3, max: 8 }), fc.nat(), fc.nat(), fc.double({ min: 0.1, max: 100, noNaN: true }), (one, two, a, b, logOdds) => {
    const pairs = [...cliques(one, two), { left: a % one, right: one + (b % two), logOdds }]
    const { cluster } = clusterOf(one + two, pairs)
    assert.equal(partsOf(cluster), partsOf(clusterOf(one + two, cliques(one, two)).cluster))
    assert.equal(new Set(cluster).size, 2)
  }))
})

const worlds = fc.integer({ min: 2, max: 9 }).chain((size) => fc.record({
  size: fc.constant(size),
  pairs: fc.uniqueArray(fc.record({ left: fc.nat(size - 1), right: fc.nat(size - 1), logOdds: fc.integer({ min: -7, max: 7 }) })
    .filter(({ left, right }) => left < right), { selector: ({ left, right }) => `${left} ${right}`, maxLength: 30 }),
}))

/** The same by taking, again and again, the two clusters with the highest mean over all pairs across, worked out from scratch. */
function slowly(size: number, pairs: readonly Pair[]): string[] {
  const known = new Map(pairs.map(({ left, right, logOdds }) => [`${left} ${right}`, logOdds]))
  const clusters = new Map(Array.from({ length: size }, (_, i) => [i, [i]]))
  const means: string[] = []
  for (;;) {
    let best: { a: number; b: number; mean: number } | undefined
    for (const [a, left] of clusters) for (const [b, right] of clusters) {
      if (a >= b) continue
      const across = left.flatMap((i) => right.map((k) => known.get(`${Math.min(i, k)} ${Math.max(i, k)}`) ?? UNCOMPARED))
      const mean = across.reduce((sum, each) => sum + each, 0) / across.length
      if (mean > 1e-12 && (best === undefined || mean > best.mean + 1e-12)) best = { a, b, mean }
    }
    if (best === undefined) return means
    means.push(best.mean.toFixed(9))
    clusters.set(best.a, [...clusters.get(best.a) ?? [], ...clusters.get(best.b) ?? []])
    clusters.delete(best.b)
  }
}

test('average linkage, against doing it slowly', () => {
  fc.assert(fc.property(worlds, ({ size, pairs }) => {
    const expected = slowly(size, pairs)
    const { merges } = clusterOf(size, pairs)
    // Among equal means the order is ours: compare where there is no tie.
    if (new Set(expected).size === expected.length) assert.deepEqual(merges.map(({ logOdds }) => logOdds.toFixed(9)), expected)
    assert.equal(merges.length > 0, expected.length > 0)
  }))
})

test('a cluster is named by its smallest member; merges and moves in turn lead to it, each move for the better', () => {
  fc.assert(fc.property(worlds, ({ size, pairs }) => {
    const { cluster, merges, moves } = clusterOf(size, pairs)
    cluster.forEach((first, i) => assert.ok(first <= i && cluster[first] === first))
    const again = Array.from({ length: size }, (_, i) => i)
    const known = new Map(pairs.map(({ left, right, logOdds }) => [`${left} ${right}`, logOdds]))
    const within = (): number => {
      let sum = 0
      for (let a = 0; a < size; a++) for (let b = a + 1; b < size; b++) if (again[a] === again[b]) sum += known.get(`${a} ${b}`) ?? UNCOMPARED
      return sum
    }
    for (const { into, from } of merges) for (let i = 0; i < size; i++) if (again[i] === from) again[i] = into
    for (const { record, from, to, gain } of moves) {
      const before = within()
      assert.equal(again[record], from)
      again[record] = to
      assert.ok(Math.abs(within() - before - gain) < 1e-9 && gain > 0)
    }
    assert.deepEqual([...cluster], again.map((at) => again.indexOf(at)))
  }))
})
