import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { blockLength, bootstrap, bootstrapValues, resample } from '#domain/statistics/bootstrap'
import { seededRandom } from '#tool/random'

const drawOf = (purpose: string): (() => number) => seededRandom('1', purpose).next
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

/** Each value follows the last by `share`: x' = share x + chance. */
function following(share: number, n: number, draw: () => number): number[] {
  let last = 0
  return Array.from({ length: n }, () => (last = share * last + Array.from({ length: 12 }, draw).reduce((sum, one) => sum + one, -6)))
}

test('runs go on, on average so long, and every place comes as often', () => {
  const n = 50, places = new Int32Array(n), draw = drawOf('runs')
  for (const block of [1, 4, 12]) {
    let starts = 0
    const seen = new Array<number>(n).fill(0)
    const rounds = 4000
    for (let round = 0; round < rounds; round++) {
      resample(places, block, draw)
      for (const [i, place] of places.entries()) {
        seen[place] = (seen[place] ?? 0) + 1
        if (i === 0 || place !== ((places[i - 1] ?? 0) + 1) % n) starts++
      }
    }
    // A run that starts anew goes on by chance once in n.
    const expected = rounds * (1 + (n - 1) * (1 / block) * (1 - 1 / n))
    assert.ok(Math.abs(starts / expected - 1) < 0.02, `${block}: ${starts} starts, ${expected} expected`)
    assert.ok(Math.max(...seen) / rounds < 1.12 && Math.min(...seen) / rounds > 0.88)
  }
})

test('the variance of the mean is the one that Politis and Romano derived', () => {
  const values = following(0.6, 60, drawOf('variance')), n = values.length, centre = mean(values)
  for (const block of [1, 3, 10]) {
    const circular = (lag: number): number => values.reduce((sum, value, i) => sum + (value - centre) * ((values[(i + lag) % n] ?? 0) - centre), 0) / n
    let expected = circular(0)
    // Theirs, lemma 1: 1/n (C(0) + 2 sum (1 - i/n) (1 - p)^i C(i)).
    for (let lag = 1, kept = 1 - 1 / block; lag < n; lag++, kept *= 1 - 1 / block) expected += 2 * (1 - lag / n) * kept * circular(lag)
    expected /= n
    const means: number[] = [], places = new Int32Array(n), draw = drawOf(`draws${block}`)
    for (let i = 0; i < 20_000; i++) {
      resample(places, block, draw)
      means.push(mean([...places].map((place) => values[place] ?? 0)))
    }
    const found = mean(means.map((value) => (value - centre) * (value - centre)))
    assert.ok(Math.abs(found / expected - 1) < 0.06, `${block}: ${found}, ${expected} expected`)
  }
})

test('of independent values nineteen intervals in twenty hold the truth; runs keep that where values follow one another', () => {
  const covered = (share: number, block: number | undefined): number => {
    const draw = drawOf(`covered${share}`), rounds = 200
    let held = 0
    for (let i = 0; i < rounds; i++) {
      const values = following(share, 120, draw)
      const interval = bootstrapValues(values, mean, draw, { resamples: 300, level: 0.95, ...(block !== undefined && { block }) })
      if (interval !== undefined && interval.low <= 0 && interval.high >= 0) held++
    }
    return held / rounds
  }
  const independent = covered(0, undefined), runs = covered(0.6, undefined), alone = covered(0.6, 1)
  assert.ok(independent > 0.9 && independent < 0.985, `independent: ${independent}`)
  assert.ok(runs > 0.82 && alone < 0.75, `following: in runs ${runs}, one by one ${alone}`)
})

test('the length of runs is the best one known for values of which each follows the last', () => {
  for (const share of [0.3, 0.5, 0.7]) {
    const n = 3000, draw = drawOf(`block${share}`)
    const found = Array.from({ length: 31 }, () => blockLength(following(share, n, draw))).sort((a, b) => a - b)[15] ?? 0
    // Politis and White 2004, corrected: (2 share / (1 - share^2))^(2/3) n^(1/3).
    const expected = ((2 * share) / (1 - share * share)) ** (2 / 3) * n ** (1 / 3)
    assert.ok(Math.abs(found / expected - 1) < 0.3, `${share}: ${found}, ${expected} expected`)
  }
  assert.ok(blockLength(following(0, 3000, drawOf('none'))) < 4)
  for (const still of [[], [1], new Array<number>(50).fill(2)]) assert.equal(blockLength(still), 1)
})

test('laws: the same seed, the same interval; what is missing changes nothing; scale and shift go through', () => {
  const arbitrary = fc.array(fc.integer({ min: -100, max: 100 }), { minLength: 2, maxLength: 40 })
  fc.assert(fc.property(arbitrary, fc.integer(), (values, seed) => {
    const of = (some: readonly (number | null)[]) => bootstrapValues(some, mean, seededRandom(String(seed), 'x').next, { resamples: 100, level: 0.9, block: 3 })
    const interval = of(values)
    assert.ok(interval !== undefined && interval.low <= interval.high && interval.n === values.length)
    assert.deepEqual(of(values), interval)
    assert.deepEqual(of(values.flatMap((value) => [null, value, NaN])), interval)
    const moved = of(values.map((value) => 4 * value + 8))
    assert.ok(Math.abs((moved?.low ?? NaN) - (4 * interval.low + 8)) < 1e-9 && Math.abs((moved?.high ?? NaN) - (4 * interval.high + 8)) < 1e-9)
    const wider = bootstrapValues(values, mean, seededRandom(String(seed), 'x').next, { resamples: 100, level: 0.99, block: 3 })
    assert.ok((wider?.low ?? NaN) <= interval.low && (wider?.high ?? NaN) >= interval.high)
  }))
})

test('what cannot be said of resamples has no interval', () => {
  assert.equal(bootstrap(10, () => undefined, 2, drawOf('none')), undefined)
  assert.equal(bootstrapValues([1], mean, drawOf('one')), undefined)
})
