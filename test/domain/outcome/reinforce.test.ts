import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { check, make, logistic, type Outcome } from '#record'
import { FIRST_TRUST, Reinforcement, TRUSTS } from '#domain/outcome/reinforce'
import { Heard } from '#domain/outcome/heard'
import { learnedIn, memoryOf, Trust } from '#domain/outcome/trust'
import { seededRandom } from '#tool/random'

const AT = '2021-01-04T21:00:00.000Z'
let serial = 0
const outcome = (move: number, voices: readonly { readonly who: string; readonly rise: number }[], horizon = '1d'): Outcome => make('outcome', {
  at: AT, known_at: AT, source: 'test', by: 'test/0', subject: `ticker:T${serial++}`, direction: 'up', horizon, move, hit: move > 0, conviction_score: 0.5, band: '50-55',
  entered_at: AT, voices: [...voices], mode: 'live',
})

const voice = fc.record({ who: fc.constantFrom('source:a', 'source:b', 'model:c', 'author:d'), rise: fc.double({ min: -6, max: 6, noNaN: true }) })
const streams = fc.array(fc.record({
  up: fc.boolean(), voices: fc.uniqueArray(voice, { selector: ({ who }) => who, minLength: 1, maxLength: 4 }), horizon: fc.constantFrom('1d', '5d'),
}), { maxLength: 80 })

test('law: nobody in hindsight was better by more than the bound, whatever happened', () => {
  fc.assert(fc.property(streams, (stream) => {
    const learning = new Reinforcement()
    for (const { up, voices, horizon } of stream) learning.learn(outcome(up ? 0.01 : -0.01, voices, horizon))
    for (const { regret, bound, reliability } of learning.all()) {
      assert.ok(regret <= bound + 1e-9, `${regret} > ${bound}`)
      assert.ok(reliability >= 0 && reliability <= 1)
    }
  }))
})

test('regret is what the mixture lost beyond the best trust: worked out again from the stream', () => {
  const random = seededRandom('1', 'regret')
  const learning = new Reinforcement()
  const stream = Array.from({ length: 60 }, () => ({ rise: random.next() * 4 - 2, move: random.next() - 0.4 }))
  const first = [0.3, 0.3, 0.2, 0.12, 0.08]
  let weights = [...first], mixture = 0
  const losses = TRUSTS.map(() => 0)
  for (const { rise, move } of stream) {
    learning.learn(outcome(move, [{ who: 'model:x', rise }]))
    const truths = TRUSTS.map((trust) => logistic(move > 0 ? trust * rise : -trust * rise))
    const mixed = truths.reduce((sum, truth, i) => sum + truth * (weights[i] ?? 0), 0) / weights.reduce((sum, weight) => sum + weight, 0)
    mixture -= Math.log(mixed)
    truths.forEach((truth, i) => void (losses[i] = (losses[i] ?? 0) - Math.log(truth)))
    weights = weights.map((weight, i) => (weight * (truths[i] ?? 0)) / mixed)
  }
  const [learned] = learning.all()
  assert.ok(Math.abs((learned?.regret ?? 0) - (mixture - Math.min(...losses))) < 1e-9)
  assert.ok(Math.abs((learned?.reliability ?? 0) - weights.reduce((sum, weight, i) => sum + weight * (TRUSTS[i] ?? 0), 0)) < 1e-9)
})

test('who tells the truth comes to be believed, who tells nothing does not, who is new is at the start', () => {
  const random = seededRandom('1', 'truth')
  const learning = new Reinforcement()
  for (let i = 0; i < 3000; i++) {
    const rise = random.next() * 2 - 1
    const move = random.next() < logistic(rise) ? 0.01 : -0.01
    learning.learn(outcome(move, [{ who: 'source:true', rise }, { who: 'source:noise', rise: random.next() * 2 - 1 }]))
  }
  learning.learn(outcome(0.01, [{ who: 'source:new', rise: 0 }]))
  const trust = new Map(learning.all().map(({ who, reliability }) => [who, reliability]))
  assert.ok((trust.get('source:true') ?? 0) > 0.8 && (trust.get('source:noise') ?? 1) < 0.1, JSON.stringify([...trust]))
  assert.ok(Math.abs((trust.get('source:new') ?? 0) - FIRST_TRUST) < 1e-6)
})

test('what was learned survives its file and goes on as if it had never stopped; a broken file is named', () => {
  fc.assert(fc.property(streams, fc.nat(), (stream, at) => {
    const outcomes = stream.map(({ up, voices, horizon }) => outcome(up ? 0.01 : -0.01, voices, horizon))
    const whole = new Reinforcement()
    outcomes.forEach((one) => whole.learn(one))
    const cut = outcomes.length === 0 ? 0 : at % outcomes.length
    const before = new Reinforcement()
    outcomes.slice(0, cut).forEach((one) => before.learn(one))
    const memory: unknown = JSON.parse(JSON.stringify(memoryOf({ heard: new Heard(AT), voices: before.kept() })))
    const after = Reinforcement.from(learnedIn(memory).voices)
    outcomes.slice(cut).forEach((one) => after.learn(one))
    assert.deepEqual(after.all(), whole.all())
  }))
  assert.throws(() => learnedIn({ known_at: '', ids: [], voices: { '1d': { x: { weights: [1] } } } }), /voices\.1d\.x/)
})

test('trust is a factor: one for the unknown, at most two, and none for who was always wrong', () => {
  const learning = new Reinforcement()
  for (let i = 0; i < 400; i++) learning.learn(outcome(-0.01, [{ who: 'model:wrong', rise: 2 }, { who: 'model:right', rise: -2 }]))
  const trust = new Trust({ heard: new Heard(), voices: learning.kept() })
  assert.equal(trust.of('model:unheard', '1d'), 1)
  assert.ok(trust.of('model:wrong', '1d') < 0.01 && trust.of('model:right', '1d') > 1.9 && trust.of('model:right', '1d') <= 2)
})

test('an outcome is a record', () => assert.ok('record' in check(outcome(0.1, [{ who: 'model:x', rise: 0.1 }]))))
