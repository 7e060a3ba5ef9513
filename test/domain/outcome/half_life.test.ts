import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { DAY_MS } from '#record'
import { learnHalfLife, type Response } from '#domain/outcome/half_life'
import { seededRandom } from '#tool/random'

/** Readings whose effect halves every `halfLifeDays`, in noise. */
function planted(seed: string, { count, halfLifeDays, effect, noise, sessions = 20 }: { count: number; halfLifeDays: number; effect: number; noise: number; sessions?: number }): Response[] {
  const random = seededRandom(seed, 'half-life')
  const drawn = (): number => Array.from({ length: 12 }, () => random.next()).reduce((sum, one) => sum + one, -6)
  return Array.from({ length: count }, (_, i) => {
    const strength = drawn()
    const after = Array.from({ length: sessions }, (__, day) => ({
      ageMs: day * DAY_MS, move: effect * strength * Math.exp((-Math.LN2 * day) / halfLifeDays) + noise * drawn(),
    }))
    return { cluster: `w${i % 100}`, strength, after }
  })
}
const days = (ms: number): number => ms / DAY_MS

test('a planted half-life is found from a prior that was wrong, within its interval', () => {
  for (const halfLifeDays of [2, 4, 8]) {
    const { halfLifeMs, lowMs, highMs, readings, clusters } = learnHalfLife(planted(`planted ${halfLifeDays}`, { count: 3000, halfLifeDays, effect: 0.01, noise: 0.01 }), 4 * DAY_MS)
    assert.ok(days(halfLifeMs) > halfLifeDays * 0.75 && days(halfLifeMs) < halfLifeDays * 1.33, `${days(halfLifeMs)} is not ${halfLifeDays}`)
    assert.ok(lowMs <= halfLifeMs && halfLifeMs <= highMs && days(lowMs) <= halfLifeDays && days(highMs) >= halfLifeDays, `${days(lowMs)} .. ${days(highMs)}`)
    assert.deepEqual([readings, clusters], [3000, 100])
  }
})

test('little or nothing said leaves the prior all but as it is, with all its doubt', () => {
  const none = learnHalfLife([], 4 * DAY_MS)
  assert.ok(Math.abs(days(none.halfLifeMs) - 4) < 1e-9 && days(none.lowMs) < 1.2 && days(none.highMs) > 13)
  for (const seed of ['a', 'b', 'c']) {
    const noise = learnHalfLife(planted(seed, { count: 300, halfLifeDays: 4, effect: 0, noise: 0.01 }), 4 * DAY_MS)
    assert.ok(days(noise.halfLifeMs) > 1.5 && days(noise.halfLifeMs) < 11, `${days(noise.halfLifeMs)}`)
  }
})

test('law: the unit of strengths and of moves does not matter, nor the order of readings', () => {
  const world = planted('units', { count: 200, halfLifeDays: 3, effect: 0.01, noise: 0.02 })
  const scale = fc.double({ min: 0.01, max: 100, noNaN: true })
  fc.assert(fc.property(scale, scale, fc.boolean(), (a, b, turned) => {
    const other = world.map(({ cluster, strength, after }) => ({ cluster, strength: a * strength, after: after.map(({ ageMs, move }) => ({ ageMs, move: b * move })) }))
    const [one, two] = [learnHalfLife(world, 4 * DAY_MS), learnHalfLife(turned ? other.reverse() : other, 4 * DAY_MS)]
    assert.ok(Math.abs(one.halfLifeMs / two.halfLifeMs - 1) < 1e-6 && Math.abs(one.lowMs / two.lowMs - 1) < 1e-6)
  }), { numRuns: 20 })
})
