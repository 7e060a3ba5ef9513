import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { check, make, logistic, type Conviction } from '#record'
import { overridesOf, personaLogOdds, PERSONAS } from '#domain/conviction/personas'

const logOdds = fc.double({ min: 0, max: 6, noNaN: true })
const at = '2021-01-04T15:00:00.000Z'
const conviction = (size: number, overrides: Conviction['persona_overrides'] = overridesOf(size)): Conviction => make('conviction', {
  at, known_at: at, source: 's', by: 'b/1', subject: 'ticker:A', direction: 'up', conviction_score: logistic(size), log_odds: size,
  reason_vector: [{ term: 'test', log_odds: size, evidence: [] }], contributing_models: [], persona_overrides: overrides, horizon: '5d', ttl: 1, routing_tags: [],
  signal_id: 'a'.repeat(40),
})

test('what each persona says is the conviction and its tilts, exactly, and is read as such', () => {
  fc.assert(fc.property(logOdds, (size) => {
    for (const override of Object.values(overridesOf(size))) {
      assert.equal(override.tilts.reduce((sum, tilt) => sum + tilt.log_odds, size), override.log_odds)
      assert.equal(override.conviction_score, logistic(override.log_odds))
    }
    assert.ok('record' in check(conviction(size)))
  }))
})

test('the cautious never says more and the bold never less, neither takes another side; the contrarian is as sure of the other; the balancer says the same', () => {
  fc.assert(fc.property(logOdds, logOdds, (a, b) => {
    const [one, other] = [overridesOf(Math.min(a, b)), overridesOf(Math.max(a, b))]
    for (const [size, { athena, apollo, ares, nemesis }] of [[Math.min(a, b), one], [Math.max(a, b), other]] as const) {
      assert.ok(athena.log_odds >= 0 && athena.log_odds <= size && apollo.log_odds >= size && apollo.log_odds <= 2 * size)
      assert.equal(ares.log_odds, 0 - size)
      assert.equal(nemesis.log_odds, size)
    }
    // A persona ranks no conviction below a weaker one of the same side.
    for (const name of PERSONAS) assert.ok(Math.abs(one[name].log_odds) <= Math.abs(other[name].log_odds))
  }))
})

test('an override that its tilts do not lead to, or of another score, is bad data, named', () => {
  fc.assert(fc.property(logOdds, fc.double({ min: 4e-9, max: 1, noNaN: true }), fc.constantFrom(...PERSONAS), (size, off, name) => {
    const { [name]: said, ...others } = overridesOf(size)
    const wrong = check(conviction(size, { ...others, [name]: { ...said, log_odds: said.log_odds + off, conviction_score: logistic(said.log_odds + off) } }))
    assert.ok('fault' in wrong && wrong.fault.path === `persona_overrides.${name}.tilts`)
    const score = said.conviction_score > 0.5 ? said.conviction_score - off / 2 : said.conviction_score + off / 2
    const misjudged = check(conviction(size, { ...others, [name]: { ...said, conviction_score: score } }))
    assert.ok('fault' in misjudged && misjudged.fault.path === `persona_overrides.${name}.conviction_score`)
  }))
  assert.ok('fault' in check({ ...conviction(1), persona_overrides: { athena: 3 } }))
})

test('what a conviction says of a persona counts; of one it is silent on, what the persona makes of it', () => {
  const said = { athena: { log_odds: 0.5, conviction_score: logistic(0.5), tilts: [{ term: 'elsewhere', log_odds: -0.5 }] } }
  assert.deepEqual(personaLogOdds(conviction(1, said)), { athena: 0.5, apollo: 1 + Math.log(0.52 / 0.48), ares: -1, nemesis: 1 })
})

test('it is part of what a conviction says, so of its id', () => {
  const other = { athena: { log_odds: 1, conviction_score: logistic(1), tilts: [] } }
  assert.notEqual(conviction(1).id, conviction(1, other).id)
})
