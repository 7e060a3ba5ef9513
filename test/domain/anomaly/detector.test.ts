import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { seededRandom } from '#tool/random'
import { Changes } from '#domain/anomaly/changes'
import { detectorOf, METHODS, type Method } from '#domain/anomaly/detector'
import { Rarity, scoreOf } from '#domain/anomaly/rarity'
import { RobustZ } from '#domain/anomaly/zscore'

const scoresOf = (method: Method, rows: readonly (readonly number[])[], times?: readonly number[]): number[] => {
  const detector = detectorOf(method, { dimensions: rows[0]?.length ?? 1, window: 50, season: undefined, draw: seededRandom('1', 'x').next })
  return rows.map((row, i) => detector.see(Float64Array.from(row), times?.[i]))
}

const seeded = (seed: number, n: number, dimensions = 1): number[][] => {
  const { next } = seededRandom(String(seed), 'series')
  return Array.from({ length: n }, () => Array.from({ length: dimensions }, () => Math.round(1000 * (next() + next() + next()))))
}

for (const method of METHODS) {
  test(`${method}: scores lie in [0, 1), and those of a prefix are the same whatever follows`, () => {
    fc.assert(fc.property(fc.integer(), fc.integer({ min: 1, max: 2 }), fc.integer({ min: 0, max: 119 }), (seed, dimensions, cut) => {
      const rows = seeded(seed, 120, dimensions), times = rows.map((_, i) => i * 3_600_000)
      const whole = scoresOf(method, rows, times)
      assert.ok(whole.every((score) => score >= 0 && score < 1))
      const other = [...rows.slice(0, cut), ...seeded(seed + 1, 120 - cut, dimensions).map((row) => row.map((x) => 9 * x - 400))]
      assert.deepEqual(scoresOf(method, other, times).slice(0, cut), whole.slice(0, cut))
      assert.deepEqual(scoresOf(method, rows.slice(0, cut), times.slice(0, cut)), whole.slice(0, cut))
    }), { numRuns: 8 })
  })

  test(`${method}: a value far out of line scores highest`, () => {
    const rows = seeded(3, 300)
    const odd = rows.map((row, i) => (i === 250 ? [60_000] : row))
    const scores = scoresOf(method, odd)
    assert.equal(scores.indexOf(Math.max(...scores)), 250)
    assert.ok((scores[250] ?? 0) > 0.35)
  })
}

for (const method of ['zscore', 'ensemble'] as const) {
  test(`${method}: units do not matter`, () => {
    fc.assert(fc.property(fc.integer(), fc.integer({ min: -3, max: 3 }), (seed, power) => {
      const rows = seeded(seed, 150)
      // By powers of two nothing is rounded.
      const factor = 2 ** power
      const scaled = scoresOf(method, rows.map((row) => row.map((x) => x * factor)))
      scoresOf(method, rows).forEach((score, i) => assert.ok(Math.abs(score - (scaled[i] ?? NaN)) < 1e-3, `${i}: ${score} ${scaled[i]}`))
    }), { numRuns: 8 })
  })
}

test('zscore: nor does where zero is', () => {
  const rows = seeded(5, 200)
  assert.deepEqual(scoresOf('zscore', rows.map((row) => row.map((x) => x + 4096))), scoresOf('zscore', rows))
})

test('a robust z-score is that of the definition', () => {
  const z = new RobustZ(40), seen: number[] = []
  for (const [x = 0] of seeded(11, 120)) {
    const last = seen.slice(-40).sort((a, b) => a - b)
    const found = z.see(x)
    seen.push(x)
    if (last.length < 10) {
      assert.ok(Number.isNaN(found))
      continue
    }
    const half = last.length >>> 1, median = last.length % 2 === 1 ? (last[half] ?? 0) : ((last[half - 1] ?? 0) + (last[half] ?? 0)) / 2
    const distances = last.map((other) => Math.abs(other - median)).sort((a, b) => a - b)
    const expected = (x - median) / (1.482602218505602 * (distances[(last.length - 1) >>> 1] ?? 0))
    assert.ok(Math.abs(found - expected) < 1e-12)
  }
})

test('a rarity within what was seen is its share, and the chance of any rarity is what it says', () => {
  const rarity = new Rarity(500), { next } = seededRandom('1', 'rarity')
  let beyond = 0, calm = 0
  for (let i = 0; i < 20_000; i++) {
    const r = rarity.see(-Math.log(1 - next()))
    if (i < 1000) continue
    if (r >= 1) beyond++
    if (r >= 2) calm++
  }
  // 19,000 independent values: 1,900 and 190 expected, standard deviations 41 and 14.
  assert.ok(Math.abs(beyond - 1900) < 250, `${beyond}`)
  assert.ok(Math.abs(calm - 190) < 80, `${calm}`)
  assert.equal(scoreOf(4, 4), 0.5)
})

test('changes are where levels change, in any unit, and in several dimensions', () => {
  const { next } = seededRandom('2', 'changes')
  const noise = Array.from({ length: 240 }, () => next() + next() - 1)
  for (const unit of [1e-6, 1, 1e6]) {
    const one = new Changes(1, { history: true }), two = new Changes(2, { history: true })
    noise.forEach((e, i) => {
      const x = unit * (e + (i >= 80 ? 5 : 0) - (i >= 160 ? 9 : 0))
      one.see(Float64Array.of(x))
      two.see(Float64Array.of(unit * e, x))
    })
    assert.deepEqual(one.changes(), [80, 160])
    assert.deepEqual(two.changes(), [80, 160])
  }
  const still = new Changes(1, { history: true })
  for (let i = 0; i < 300; i++) still.see(Float64Array.of(7))
  assert.deepEqual(still.changes(), [])
})
