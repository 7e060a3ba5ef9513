import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { DAY_MS, formatInstant, make, logistic, type Outcome } from '#record'
import { calibrated, steepestOf, UNCALIBRATED, type Calibration } from '#domain/conviction/stacker'
import { calibrationAt, CalibrationCounts, calibrationIn, LEAST_OUTCOMES, METHODS } from '#domain/outcome/calibration'
import { seededRandom } from '#tool/random'

const T = Date.UTC(2021, 0, 4)
let serial = 0
const outcome = (uncalibrated: number, rose: boolean, day = serial, horizon = '1d'): Outcome => make('outcome', {
  at: formatInstant(T + day * DAY_MS), known_at: formatInstant(T + day * DAY_MS), source: 'test', by: 'test/0', subject: `ticker:T${serial++}`,
  direction: uncalibrated < 0 ? 'down' : 'up', horizon, move: rose ? 0.01 : -0.01, hit: rose === uncalibrated >= 0, conviction_score: logistic(Math.abs(uncalibrated)),
  band: '50-55', entered_at: formatInstant(T), uncalibrated, voices: [], mode: 'live',
})
/** Outcomes of a world where what is said comes true by `truth`. */
function world(seed: string, size: number, truth: (said: number) => number): Outcome[] {
  const random = seededRandom(seed, 'calibration')
  return Array.from({ length: size }, (_, i) => {
    const said = (random.integer(4001) - 2000) / 1000
    return outcome(said, random.integer(1_000_000) < 1_000_000 * logistic(truth(said)), i)
  })
}
const learnedFrom = (outcomes: readonly Outcome[]): CalibrationCounts => {
  const counts = new CalibrationCounts()
  for (const one of outcomes) counts.learn(one)
  return counts
}
const brier = (outcomes: readonly Outcome[], map: Calibration): number => outcomes.reduce((sum, { uncalibrated = 0, move }) => {
  const miss = logistic(calibrated(map, uncalibrated)) - (move > 0 ? 1 : 0)
  return sum + miss * miss
}, 0) / outcomes.length

test('a planted line is found, and both methods say better what comes true later than no calibration', () => {
  const truth = (said: number): number => 0.4 * said + 0.3
  const counts = learnedFrom(world('past', 4000, truth)), later = world('later', 4000, truth)
  const line = counts.fitted('1d', 'platt'), steps = counts.fitted('1d', 'isotonic')
  assert.ok(line !== undefined && 'slope' in line && Math.abs(line.slope - 0.4) < 0.08 && Math.abs(line.intercept - 0.3) < 0.08, JSON.stringify(line))
  assert.ok(steps !== undefined && 'at' in steps && steps.at.length > 3)
  for (const map of [line, steps]) assert.ok(brier(later, map) < brier(later, UNCALIBRATED) - 0.01)
  assert.equal(counts.fitted('1d', 'identity'), undefined)
})

test('what is said well already is left all but alone, and little evidence changes nothing', () => {
  const truth = (said: number): number => said
  const line = learnedFrom(world('well', 4000, truth)).fitted('1d', 'platt')
  assert.ok(line !== undefined && 'slope' in line && Math.abs(line.slope - 1) < 0.12 && Math.abs(line.intercept) < 0.12)
  const few = learnedFrom(world('few', LEAST_OUTCOMES - 1, truth))
  for (const method of METHODS) assert.equal(few.fitted('1d', method), undefined)
})

test('outcomes that overlap count for a share each, by horizon', () => {
  const counts = learnedFrom(Array.from({ length: 200 }, (_, i) => outcome(0.5, i % 2 === 0, i, '20d')))
  assert.ok(Math.abs(counts.count('20d') - 10) < 1e-9)
  assert.equal(counts.fitted('20d', 'platt'), undefined)
  assert.deepEqual(counts.horizons, ['20d'])
})

const streams = fc.array(fc.record({ said: fc.double({ min: -9, max: 9, noNaN: true }), rose: fc.boolean(), horizon: fc.constantFrom('1d', '5d') }), { maxLength: 60 })
  .map((all) => all.map(({ said, rose, horizon }, i) => outcome(said, rose, i, horizon)))

test('law: learning goes on from its file as if it had never stopped, and the same outcomes again teach nothing', () => {
  fc.assert(fc.property(streams, fc.nat(), fc.constantFrom(...METHODS), (outcomes, at, method) => {
    const whole = learnedFrom(outcomes)
    const cut = outcomes.length === 0 ? 0 : at % outcomes.length
    const before = learnedFrom(outcomes.slice(0, cut))
    const { counts: after } = calibrationIn(JSON.parse(JSON.stringify(before.memory(method))) as object as { [field: string]: unknown })
    for (const one of outcomes) after.learn(one)
    assert.deepEqual(after.memory(method), whole.memory(method))
  }))
})

test('law: every map that is fitted rises, stays finite and changes no faster than it says', () => {
  const many = fc.array(fc.tuple(fc.double({ min: -3, max: 3, noNaN: true }), fc.boolean()), { minLength: LEAST_OUTCOMES, maxLength: 150 })
  const place = fc.double({ min: -8, max: 8, noNaN: true })
  fc.assert(fc.property(many, fc.constantFrom('platt' as const, 'isotonic' as const), place, place, (said, method, a, b) => {
    const map = learnedFrom(said.map(([one, rose], i) => outcome(one, rose, i))).fitted('1d', method)
    assert.ok(map !== undefined)
    const [low, high] = [Math.min(a, b), Math.max(a, b)]
    const [from, to] = [calibrated(map, low), calibrated(map, high)]
    assert.ok(Number.isFinite(from) && Number.isFinite(to) && to >= from - 1e-12)
    assert.ok(to - from <= steepestOf(map) * (high - low) + 1e-9 && steepestOf(map) < 2000)
    const memory = learnedFrom(said.map(([one, rose], i) => outcome(one, rose, i))).memory(method)
    assert.deepEqual(calibrationIn(JSON.parse(JSON.stringify(memory)) as { [field: string]: unknown }).maps.get('1d')?.map, map)
  }), { numRuns: 50 })
})

test('no moment before the last outcome is calibrated by it, and a memory that is none of ours is named', () => {
  const counts = learnedFrom(world('causal', 400, (said) => said / 2))
  const learned = calibrationIn(counts.memory('platt'))
  const lastMs = T + Math.max(...[Date.parse(counts.heard.knownAt) - T])
  assert.equal(calibrationAt(learned, '1d', lastMs - 1).map, UNCALIBRATED)
  assert.notEqual(calibrationAt(learned, '1d', lastMs).map, UNCALIBRATED)
  assert.match(calibrationAt(learned, '1d', lastMs).fitted ?? '', /^platt, 400 outcomes over 1d known by 20/)
  assert.equal(calibrationAt(learned, '5d', lastMs).map, UNCALIBRATED)
  assert.throws(() => calibrationIn({ method: 'magic', horizons: {} }), RangeError)
  assert.throws(() => calibrationIn({ known_at: '', ids: [], method: 'platt', horizons: { '1d': { n: 1, bins: [[1, 2]], map: null } } }), /horizons\.1d\.bins\.0/)
  assert.throws(() => calibrationIn({ known_at: '', ids: [], method: 'platt', horizons: { '1d': { n: 1, bins: [], map: { at: [1, 0], says: [0, 1] } } } }), /horizons\.1d\.map/)
})
