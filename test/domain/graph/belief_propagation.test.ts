import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { lent, propagate, type Coupling } from '#domain/graph/belief_propagation'

const logOdds = fc.double({ min: -4, max: 4, noNaN: true })

/** Marginals by adding up all 2^n answers. */
function bruteForce(evidence: readonly number[], couplings: readonly Coupling[]): number[] {
  const yes = new Array<number>(evidence.length).fill(0), no = new Array<number>(evidence.length).fill(0)
  for (let world = 0; world < 2 ** evidence.length; world++) {
    const is = (i: number): boolean => ((world >> i) & 1) === 1
    let sum = 0
    evidence.forEach((own, i) => void (is(i) && (sum += own)))
    for (const { a, b, coupling } of couplings) if (is(a) === is(b)) sum += coupling
    const weight = Math.exp(sum)
    evidence.forEach((_, i) => {
      if (is(i)) yes[i] = (yes[i] ?? 0) + weight
      else no[i] = (no[i] ?? 0) + weight
    })
  }
  return evidence.map((_, i) => Math.log((yes[i] ?? 0) / (no[i] ?? 1)))
}

const trees = fc.array(fc.record({ own: logOdds, parent: fc.nat(), coupling: logOdds }), { minLength: 1, maxLength: 9 }).map((rows) => ({
  evidence: rows.map(({ own }) => own),
  couplings: rows.flatMap(({ parent, coupling }, i): Coupling[] => (i === 0 ? [] : [{ a: parent % i, b: i, coupling }])),
}))

test('on trees it is exact', () => {
  fc.assert(fc.property(trees, ({ evidence, couplings }) => {
    const { logOdds: said, isTree, converged } = propagate(evidence, couplings)
    assert.ok(isTree && converged)
    bruteForce(evidence, couplings).forEach((truth, i) => assert.ok(Math.abs(truth - (said[i] ?? 0)) < 1e-6, `${truth} ${said[i]}`))
  }))
})

test('with cycles and weak couplings it comes near, and says whether it stands', () => {
  const loopy = fc.record({
    evidence: fc.array(fc.double({ min: -1.5, max: 1.5, noNaN: true }), { minLength: 4, maxLength: 7 }),
    couplings: fc.array(fc.record({ a: fc.nat(), b: fc.nat(), coupling: fc.double({ min: -0.6, max: 0.6, noNaN: true }) }), { maxLength: 9 }),
  }).map(({ evidence, couplings }) => ({
    evidence, couplings: couplings.map(({ a, b, coupling }) => ({ a: a % evidence.length, b: b % evidence.length, coupling })).filter(({ a, b }) => a !== b),
  }))
  fc.assert(fc.property(loopy, ({ evidence, couplings }) => {
    const { logOdds: said, converged, change } = propagate(evidence, couplings)
    assert.equal(converged, change <= 1e-9)
    assert.ok(converged)
    bruteForce(evidence, couplings).forEach((truth, i) => assert.ok(Math.abs(truth - (said[i] ?? 0)) < 0.35, `${truth} ${said[i]}`))
  }))
})

test('what a question says does not come back to it: its own evidence never changes what it is told on a tree', () => {
  fc.assert(fc.property(trees, fc.nat(), logOdds, ({ evidence, couplings }, which, other) => {
    const at = which % evidence.length
    const changed = evidence.map((own, i) => (i === at ? other : own))
    assert.ok(Math.abs((propagate(evidence, couplings).told[at] ?? 0) - (propagate(changed, couplings).told[at] ?? 0)) < 1e-9)
  }))
})

test('no more is lent than either has, and nothing across no coupling', () => {
  fc.assert(fc.property(fc.double({ min: -800, max: 800, noNaN: true }), fc.double({ min: -800, max: 800, noNaN: true }), (own, coupling) => {
    const said = lent(own, coupling)
    assert.ok(Number.isFinite(said))
    assert.ok(Math.abs(said) <= Math.min(Math.abs(own), Math.abs(coupling)) + 1e-12)
    assert.equal(lent(own, 0) + 0, 0)
  }))
})

test('couplings too strong to stand still are said not to', () => {
  const couplings = [0, 1, 2, 3].flatMap((a) => [0, 1, 2, 3].filter((b) => b > a).map((b): Coupling => ({ a, b, coupling: a === 0 && b === 1 ? 6 : -6 })))
  const { converged, rounds } = propagate([0.1, -0.2, 0.3, 0.1], couplings, { damping: 0, rounds: 30 })
  assert.ok(!converged || rounds < 30)
})
