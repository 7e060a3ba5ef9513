import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { foldsOf, groupsOf, type Scheme, type Span } from '#domain/statistics/folds'
import { choicesOf, overfittingProbability, pathsOf } from '#domain/statistics/selection'
import { sharpeOf } from '#domain/statistics/sharpe'
import { seededRandom } from '#tool/random'

const DAY = 10
const daysOf = (n: number): Span[] => Array.from({ length: n }, (_, i) => ({ fromMs: i * DAY, untilMs: i * DAY + 25 }))
const noise = (draw: () => number): number => Array.from({ length: 12 }, draw).reduce((sum, one) => sum + one, -6) / 100
const worlds = fc.record({
  trials: fc.integer({ min: 2, max: 5 }), days: fc.integer({ min: 20, max: 50 }), seed: fc.integer(),
  scheme: fc.constantFrom<Scheme>({ kind: 'walk', groups: 4 }, { kind: 'purged', groups: 5 }, { kind: 'combinatorial', groups: 5, tested: 2 }),
})
const matrixOf = ({ trials, days, seed }: { trials: number; days: number; seed: number }, drift = 0): number[][] => {
  const { next } = seededRandom(String(seed), 'returns')
  return Array.from({ length: trials }, (_, t) => Array.from({ length: days }, () => noise(next) + (t === 0 ? drift : 0)))
}
const ratio = (returns: readonly number[], days: readonly number[]): number => sharpeOf(days.map((day) => returns[day]))?.ratio ?? 0

test('what is chosen is the best of the days trained on, by ratios worked out one by one', () => {
  fc.assert(fc.property(worlds, (world) => {
    const matrix = matrixOf(world)
    for (const { fold, chosen, trainRatio, testRatio, testRank } of choicesOf(matrix, foldsOf(daysOf(world.days), world.scheme, 5))) {
      const trained = matrix.map((returns) => ratio(returns, fold.train)), tested = matrix.map((returns) => ratio(returns, fold.test))
      assert.equal(chosen, trained.indexOf(Math.max(...trained)))
      assert.ok(Math.abs((trainRatio ?? 0) - (trained[chosen] ?? NaN)) < 1e-9 && Math.abs((testRatio ?? 0) - (tested[chosen] ?? NaN)) < 1e-9)
      assert.equal(testRank, 1 + tested.filter((other) => other > (tested[chosen] ?? NaN)).length)
    }
  }))
})

test('nothing that happens on the days tested on, or on those left out, changes what is chosen', () => {
  fc.assert(fc.property(worlds, fc.integer(), (world, seed) => {
    const matrix = matrixOf(world), other = matrixOf({ ...world, seed }), folds = foldsOf(daysOf(world.days), world.scheme, 15)
    for (const fold of folds) {
      const trained = new Set(fold.train)
      const changed = matrix.map((returns, t) => returns.map((value, day) => (trained.has(day) ? value : other[t]?.[day] ?? 0)))
      assert.equal(choicesOf(changed, [fold])[0]?.chosen, choicesOf(matrix, [fold])[0]?.chosen)
    }
  }))
})

test('paths hold each day tested on once, as a trial chosen without it returned it', () => {
  fc.assert(fc.property(worlds, (world) => {
    const matrix = matrixOf(world), choices = choicesOf(matrix, foldsOf(daysOf(world.days), world.scheme)), groups = groupsOf(world.days, world.scheme.groups)
    const paths = pathsOf(matrix, choices, groups), head = world.scheme.kind === 'walk' ? (groups[0]?.length ?? 0) : 0
    assert.equal(paths.length, world.scheme.kind === 'combinatorial' ? 4 : 1)
    for (const path of paths) {
      assert.equal(path.length, world.days - head)
      for (const [i, value] of path.entries()) assert.ok(matrix.some((returns) => returns[i + head] === value))
    }
  }))
})

test('of noise the best looks good and the choice is worth nothing; of skill both agree', () => {
  let looks = 0, worth = 0, skilled = 0, over = 0, overSkilled = 0
  const rounds = 60, days = 120
  for (let seed = 0; seed < rounds; seed++) {
    const folds = foldsOf(daysOf(days), { kind: 'purged', groups: 5 }, 10), groups = groupsOf(days, 5), all = Array.from({ length: days }, (_, i) => i)
    const luck = matrixOf({ trials: 20, days, seed }), skill = matrixOf({ trials: 20, days, seed }, 0.006)
    looks += Math.max(...luck.map((returns) => ratio(returns, all))) / rounds
    const own = (matrix: number[][]): number => ratio([...pathsOf(matrix, choicesOf(matrix, folds), groups)[0] ?? []], all)
    worth += own(luck) / rounds
    skilled += own(skill) / rounds
    over += (overfittingProbability(luck.map((returns) => returns.slice(0, 40))) ?? NaN) / rounds
    overSkilled += (overfittingProbability(skill.map((returns) => returns.slice(0, 40))) ?? NaN) / rounds
  }
  assert.ok(looks > 0.14 && Math.abs(worth) < 0.05, `looks ${looks}, worth ${worth}`)
  assert.ok(skilled > 0.45, `skilled ${skilled}`)
  assert.ok(over > 0.4 && over < 0.65 && overSkilled < 0.25, `overfitting ${over}, with skill ${overSkilled}`)
})

test('the probability of overfitting, worked out by hand over all halves', () => {
  // Sixteen days make eight blocks of two: seventy halves.
  fc.assert(fc.property(fc.integer(), fc.integer({ min: 2, max: 4 }), (seed, trials) => {
    const matrix = matrixOf({ trials, days: 16, seed })
    let over = 0, all = 0
    for (let mask = 0; mask < 256; mask++) {
      const inside = (day: number): boolean => ((mask >> (day >> 1)) & 1) === 1, days = Array.from({ length: 16 }, (_, i) => i)
      if (days.filter(inside).length !== 8) continue
      const train = matrix.map((returns) => ratio(returns, days.filter(inside))), tested = matrix.map((returns) => ratio(returns, days.filter((day) => !inside(day))))
      const best = tested[train.indexOf(Math.max(...train))] ?? NaN
      const share = tested.filter((other) => other <= best).length / (trials + 1)
      if (Math.log(share / (1 - share)) <= 0) over++
      all++
    }
    assert.equal(overfittingProbability(matrix), over / all)
  }), { numRuns: 30 })
  assert.equal(overfittingProbability([[0.1, 0.2]]), undefined)
  assert.equal(overfittingProbability([[0, 0, 0, 0, 0], [0, 0, 0, 0, 0]]), undefined)
})
