import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { kernelCoalitions, meansOf, mixtures, sizeOf } from '#domain/learn/coalition'
import { kernelShap } from '#domain/learn/kernel_shap'
import { lime, limeMasks } from '#domain/learn/lime'
import { seededRandom } from '#tool/random'

const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1))

/** By the definition, `worth` by bits of who is in. */
function shapley(players: number, worth: ArrayLike<number>): number[] {
  return Array.from({ length: players }, (_, player) => {
    let sum = 0
    for (let known = 0; known < 1 << players; known++) {
      if ((known >> player) % 2 === 1) continue
      let size = 0
      for (let i = 0; i < players; i++) size += (known >> i) % 2
      sum += ((factorial(size) * factorial(players - size - 1)) / factorial(players)) * ((worth[known | (1 << player)] ?? 0) - (worth[known] ?? 0))
    }
    return sum
  })
}

const bitsOf = (mask: Uint8Array): number => mask.reduce((sum, is, player) => sum + is * (1 << player), 0)

test('with all coalitions these are the Shapley values, whatever the game', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 7 }).chain((players) => fc.tuple(fc.constant(players),
    fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 1 << players, maxLength: 1 << players }))), ([players, worth]) => {
    const coalitions = kernelCoalitions(players, 1000, () => assert.fail('no chance where all are asked'))
    const all = worth[(1 << players) - 1] ?? 0, none = worth[0] ?? 0
    const phi = kernelShap(players, coalitions, coalitions.masks.map((mask) => worth[bitsOf(mask)] ?? 0), none, all)
    shapley(players, worth).forEach((value, player) => assert.ok(Math.abs(value - (phi[player] ?? NaN)) < 1e-9))
  }))
})

test('drawn coalitions find the values of a sum of effects exactly, add up always, and come in pairs', () => {
  fc.assert(fc.property(fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 12, maxLength: 20 }), fc.string(), (effects, seed) => {
    const players = effects.length, random = seededRandom(seed, 'coalitions')
    const coalitions = kernelCoalitions(players, 400, () => random.next())
    assert.equal(coalitions.masks.length, 400)
    coalitions.masks.forEach((mask, i) => {
      assert.ok(sizeOf(mask) > 0 && sizeOf(mask) < players)
      if (i % 2 === 1) assert.ok(mask.every((is, player) => is + (coalitions.masks[i - 1]?.[player] ?? 0) === 1))
    })
    const sumOf = (mask: Uint8Array): number => mask.reduce((sum, is, player) => sum + is * (effects[player] ?? 0), 2)
    const all = effects.reduce((sum, effect) => sum + effect, 2)
    const phi = kernelShap(players, coalitions, coalitions.masks.map(sumOf), 2, all)
    effects.forEach((effect, player) => assert.ok(Math.abs(effect - (phi[player] ?? NaN)) < 1e-8))
    const bent = kernelShap(players, coalitions, coalitions.masks.map((mask) => sumOf(mask) * sumOf(mask)), 4, all * all)
    assert.ok(Math.abs(bent.reduce((sum, value) => sum + value, 4) - all * all) < 1e-8 * (1 + all * all))
  }), { numRuns: 30 })
})

test('drawn coalitions come near the Shapley values of a game of pairs', () => {
  const players = 13, random = seededRandom('1', 'pairs')
  const pair = Array.from({ length: players * players }, () => random.next() - 0.5)
  const worthOf = (mask: Uint8Array): number => pair.reduce((sum, value, at) => sum + value * (mask[Math.floor(at / players)] ?? 0) * (mask[at % players] ?? 0), 0)
  const worth = Array.from({ length: 1 << players }, (_, known) => worthOf(Uint8Array.from({ length: players }, (__, player) => (known >> player) & 1)))
  const exact = shapley(players, worth), coalitions = kernelCoalitions(players, 3000, () => random.next())
  const phi = kernelShap(players, coalitions, coalitions.masks.map(worthOf), 0, worth[worth.length - 1] ?? 0)
  // Of games of pairs the regression over pairs of coalitions makes no error but that of the arithmetic.
  exact.forEach((value, player) => assert.ok(Math.abs(value - (phi[player] ?? NaN)) < 1e-6, `${value} ${phi[player]}`))
})

test('too few coalitions are refused', () => {
  assert.throws(() => kernelShap(4, { masks: [Uint8Array.of(1, 0, 0, 0)], weights: Float64Array.of(1) }, [1], 0, 1), RangeError)
})

test('mixtures have each field from the row or the background as the mask says', () => {
  const table = mixtures([1, 2, 3], [[10, 20, 30], [100, 200, 300]], [Uint8Array.of(1, 0), Uint8Array.of(0, 1)], ['a', 'b', 'c'], [0, 0, 1])
  assert.deepEqual(table.columns.map((column) => [...column]), [[1, 1, 10, 100], [2, 2, 20, 200], [30, 300, 3, 3]])
  assert.deepEqual([...meansOf([1, 3, 5, 9], 2, 2)], [2, 7])
})

test('LIME finds a line that is there, and says how well it fits what is none', () => {
  const random = seededRandom('1', 'lime'), effects = [3, -2, 0, 1]
  const masks = limeMasks(4, 4000, () => random.next())
  const line = lime(4, masks, masks.map((mask) => mask.reduce((sum, is, player) => sum + is * (effects[player] ?? 0), 5)))
  effects.forEach((effect, player) => assert.ok(Math.abs(effect - (line.effects[player] ?? NaN)) < 0.01))
  assert.ok(line.fit > 0.9999 && Math.abs(line.base - 5) < 0.02)
  const xor = lime(4, masks, masks.map((mask) => (mask[0] !== mask[1] ? 1 : 0)))
  assert.ok(xor.fit < 0.2)
})
