import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { DAY_MS, HOUR_MS, logistic, logit } from '#record'
import { strengthOf, supersedes, weightAt, type Evidence } from '#domain/conviction/evidence'
import { PRIORS, priorOfMaker, type Prior } from '#domain/conviction/priors'
import { agedLogOdds, opinionOf, overlapped, rounded, stack, UNCALIBRATED, VOICES_MAX } from '#domain/conviction/stacker'

const T = Date.UTC(2021, 0, 4)
const chatter = priorOfMaker('chatter') as Prior

const letters = (alphabet: string): fc.Arbitrary<string> => fc.constantFrom(...alphabet)
const evidence: fc.Arbitrary<Evidence> = fc
  .record({
    id: fc.string({ unit: letters('0123456789abcdef'), minLength: 40, maxLength: 40 }),
    author: letters('abcdef'),
    fingerprint: fc.option(letters('xyz'), { nil: undefined, freq: 3 }),
    hour: fc.integer({ min: 0, max: 47 }),
    polarity: fc.double({ min: -1, max: 1, noNaN: true }),
    magnitude: fc.double({ min: 0, max: 50, noNaN: true }),
    weight: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .map(({ id, author, fingerprint, hour, polarity, magnitude, weight }) => ({
    id, author, fingerprint, key: id, subject: 'ticker:AAA', source: `made/${author}`, prior: chatter, weight,
    strength: strengthOf(chatter, polarity, magnitude),
    atMs: T + hour * HOUR_MS, knownAtMs: T + hour * HOUR_MS, weightedAtMs: T + hour * HOUR_MS, halfLifeMs: DAY_MS,
  }))
const crowd = fc.uniqueArray(evidence, { maxLength: 30, selector: (one) => one.id })
const now = T + 3 * DAY_MS
const correlation = fc.double({ min: 0, max: 1, noNaN: true })
const said = (readings: readonly Evidence[], r = 0.5): number => agedLogOdds(opinionOf(readings, now, r), now)
const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0)

test('the order of evidence does not matter, to the bit', () => {
  fc.assert(fc.property(crowd, fc.infiniteStream(fc.nat()), correlation, (readings, keys, r) => {
    const shuffled = readings.map((one) => ({ one, key: keys.next().value })).sort((a, b) => a.key - b.key).map(({ one }) => one)
    assert.deepEqual(opinionOf(shuffled, now, r), opinionOf(readings, now, r))
  }))
})

test('evidence for a direction never speaks against it, whoever says it and however faintly', () => {
  const bullish = evidence.map((one) => ({ ...one, strength: Math.abs(one.strength), fingerprint: undefined }))
  fc.assert(fc.property(crowd, bullish, correlation, (readings, added, r) => {
    assert.ok(said([...readings, added], r) >= said(readings, r) - 1e-12)
    const bearish = { ...added, strength: -added.strength }
    assert.ok(said([...readings, bearish], r) <= said(readings, r) + 1e-12)
  }))
})

test('a re-post adds nothing, by anyone, however loud', () => {
  fc.assert(fc.property(crowd.filter((readings) => readings.length > 0), evidence, fc.nat(), (readings, repost, pick) => {
    const texts = readings.map((one, i) => (i === pick % readings.length ? { ...one, fingerprint: 'the text' } : one))
    const late = Math.max(...readings.map((one) => one.atMs)) + 1
    const copy = { ...repost, fingerprint: 'the text', atMs: late, knownAtMs: late }
    assert.deepEqual(opinionOf([...texts, copy], now, 0.5), opinionOf(texts, now, 0.5))
  }))
})

test('an author counts once, with the strongest thing said', () => {
  fc.assert(fc.property(crowd.filter((readings) => readings.length > 0), (readings) => {
    const one = readings.map((reading) => ({ ...reading, author: 'same', fingerprint: undefined }))
    const strongest = one.map((reading) => reading.strength * weightAt(reading, now)).reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a))
    assert.ok(Math.abs(Math.abs(said(one)) - Math.abs(strongest)) < 1e-11)
    assert.equal(opinionOf(one, now, 0.5).authors, 1)
  }))
})

test('an opinion ages as its readings do', () => {
  fc.assert(fc.property(crowd, fc.integer({ min: 0, max: 30 * DAY_MS }), correlation, (readings, laterMs, r) => {
    const later = now + laterMs
    const alone = readings.map((one) => ({ ...one, author: one.id, fingerprint: undefined }))
    const side = (sign: number): number => overlapped(
      alone.map((one) => sign * one.strength * weightAt(one, later)).filter((logOdds) => logOdds > 0).sort((a, b) => b - a), r)
    assert.ok(Math.abs(agedLogOdds(opinionOf(alone, now, r), later) - (side(1) - side(-1))) < 1e-9)
  }))
})

test('readings of several half-lives, or still to come, are stacked for the moment itself', () => {
  fc.assert(fc.property(crowd.filter((readings) => readings.length > 1), (readings) => {
    const mixed = readings.map((one, i) => ({ ...one, fingerprint: undefined, halfLifeMs: (i + 1) * DAY_MS }))
    assert.equal(opinionOf(mixed, now, 0.5).halfLifeMs, undefined)
    assert.equal(opinionOf(mixed, now, 0.5).atMs, now)
    assert.equal(opinionOf(readings, T - 1, 0.5).halfLifeMs, undefined)
  }))
})

test('of a crowd too large to name the heaviest voices count, and one more on a side still never hurts that side', () => {
  const large = fc.uniqueArray(evidence, { minLength: VOICES_MAX + 1, maxLength: VOICES_MAX + 20, selector: (one) => one.id })
  const distinct = (readings: readonly Evidence[]): Evidence[] => readings.map((one) => ({ ...one, author: one.id, fingerprint: undefined }))
  fc.assert(fc.property(large, evidence, (readings, added) => {
    const before = opinionOf(distinct(readings), now, 0.5)
    assert.equal(before.voices.length, VOICES_MAX)
    assert.equal(before.authors, readings.length)
    const bullish = { ...added, id: 'added', strength: Math.abs(added.strength) }
    assert.ok(said(distinct([...readings, bullish])) >= agedLogOdds(before, now) - 1e-12)
  }), { numRuns: 30 })
})

test('equal voices count as n / (1 + (n - 1) r), and doubling correlated voices adds less than doubling independent ones', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 200 }), fc.double({ min: 0.01, max: 1, noNaN: true }), (n, r) => {
    const voices = (count: number): number[] => Array.from({ length: count }, () => 0.25)
    assert.ok(Math.abs(overlapped(voices(n), r) - (0.25 * n) / (1 + (n - 1) * r)) < 1e-9)
    assert.ok(overlapped(voices(2 * n), r) - overlapped(voices(n), r) < overlapped(voices(2 * n), 0) - overlapped(voices(n), 0))
  }))
})

test('voices wholly correlated are one voice, voices without correlation add up', () => {
  fc.assert(fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 30 }), (strengths) => {
    const sorted = [...strengths].sort((a, b) => b - a)
    assert.ok(Math.abs(overlapped(sorted, 1) - Math.max(...strengths)) < 1e-9)
    assert.ok(Math.abs(overlapped(sorted, 0) - sum(strengths)) < 1e-9)
  }))
})

test('a reading says more the louder it is, but never more than its prior allows, and bearish ones as the prior discounts them', () => {
  const magnitude = fc.double({ min: 0, max: 1e6, noNaN: true })
  fc.assert(fc.property(fc.constantFrom(...PRIORS), magnitude, magnitude, fc.double({ min: 0, max: 1, noNaN: true }), (prior, a, b, polarity) => {
    const [quiet, loud] = [strengthOf(prior, polarity, Math.min(a, b)), strengthOf(prior, polarity, Math.max(a, b))]
    assert.ok(quiet <= loud && loud <= prior.logOddsPerUnit * prior.saturation)
    assert.ok(Math.abs(strengthOf(prior, -polarity, a) + prior.bearish * strengthOf(prior, polarity, a)) < 1e-12)
  }))
})

test('of two statements of one reading exactly one supersedes the other', () => {
  fc.assert(fc.property(evidence, evidence, (a, b) => {
    fc.pre(a.id !== b.id)
    assert.notEqual(supersedes(a, b), supersedes(b, a))
  }))
})

const term = fc.double({ min: -5, max: 5, noNaN: true }).map((logOdds) => ({ logOdds }))
const terms = fc.array(term, { maxLength: 8 })
const rate = fc.double({ min: 0.01, max: 0.99, noNaN: true })
const calibration = fc.record({
  slope: fc.double({ min: 0.1, max: 2, noNaN: true }),
  intercept: fc.double({ min: -1, max: 1, noNaN: true }),
})

test('the terms add up to the whole, exactly, and the whole is the probability of the stated direction', () => {
  fc.assert(fc.property(terms, rate, calibration, (addends, baseRate, line) => {
    const stacked = stack(addends, baseRate, line)
    assert.equal(sum([stacked.baseRate, ...stacked.terms, stacked.calibration]), stacked.logOdds)
    assert.equal(stacked.terms.length, addends.length)
    assert.ok(stacked.logOdds >= 0)
    assert.ok(stacked.score >= 0.5 && stacked.score <= 1)
    assert.equal(stacked.score, 1 / (1 + Math.exp(-Math.abs(stacked.logOdds))))
  }))
})

const ofRise = ({ direction, logOdds }: { direction: string; logOdds: number }): number => (direction === 'up' ? logOdds : -logOdds)

test('without a term to calibrate by, the whole is base rate plus terms; with one, slope and intercept of them', () => {
  fc.assert(fc.property(terms, rate, calibration, (addends, baseRate, line) => {
    const plain = logit(baseRate) + sum(addends.map((one) => one.logOdds))
    assert.ok(Math.abs(ofRise(stack(addends, baseRate, UNCALIBRATED)) - plain) < 1e-9)
    assert.ok(Math.abs(ofRise(stack(addends, baseRate, line)) - (line.slope * plain + line.intercept)) < 1e-9)
  }))
})

test('a term for a rise never lowers the chance of one, and the mirror image of the evidence gives the mirror image', () => {
  fc.assert(fc.property(terms, rate, calibration, fc.double({ min: 0, max: 5, noNaN: true }), (addends, baseRate, line, more) => {
    const before = stack(addends, baseRate, line)
    assert.ok(ofRise(stack([...addends, { logOdds: more }], baseRate, line)) >= ofRise(before) - 1e-11)
    const mirrored = stack(addends.map((one) => ({ logOdds: -one.logOdds })), 0.5, UNCALIBRATED)
    assert.equal(mirrored.score, stack(addends, 0.5, UNCALIBRATED).score)
  }))
})

test('extremes stay probabilities', () => {
  assert.equal(logistic(1000), 1)
  assert.equal(logistic(-1000), 0)
  assert.equal(stack([{ logOdds: 1e5 }], 0.5, UNCALIBRATED).score, 1)
  assert.ok(Object.is(rounded(-1e-20), 0))
})
