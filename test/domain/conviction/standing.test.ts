import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatInstant, make, type Conviction } from '#record'
import { expiryOf, Statements, type Reading } from '#domain/conviction/standing'

const HOUR_MS = 3_600_000
const conviction = (rise: number, atMs: number, ttlHours: number): Conviction => make('conviction', {
  at: formatInstant(atMs), known_at: formatInstant(atMs), source: 't', by: 't/1', signal_id: 'a'.repeat(40), subject: 'ticker:A', direction: rise < 0 ? 'down' : 'up',
  conviction_score: 0.5, log_odds: Math.abs(rise), reason_vector: [], contributing_models: [], horizon: '5d', ttl: ttlHours * 3600, routing_tags: [],
})
const SUBJECT = 'ticker:A'

test('expiry is ttl seconds after the moment', () => {
  assert.equal(expiryOf(conviction(0.1, 0, 2)), 2 * HOUR_MS)
})

test('it is said when new, when changed, before it expires, and a last time when faint', () => {
  const said = new Statements(0.02, 0.05)
  const at = (rise: number): Reading => ({ rise, strength: Math.abs(rise), halfLifeMs: 24 * HOUR_MS })
  const news = (rise: number, ms: number): boolean => said.isNews(SUBJECT, at(rise), ms, HOUR_MS)
  assert.equal(news(0.04, 0), false, 'faint and never said')
  assert.equal(news(0.1, 0), true)
  said.note(conviction(0.1, 0, 10))
  assert.equal(news(0.11, HOUR_MS), false)
  assert.equal(news(0.121, HOUR_MS), true)
  assert.equal(news(-0.1, HOUR_MS), true)
  assert.equal(news(0.1, 8 * HOUR_MS), false)
  assert.equal(news(0.1, 9 * HOUR_MS), true, 'it would expire before the next moment')
  assert.equal(news(0.04, HOUR_MS), true, 'a last time')
  said.note(conviction(0.04, HOUR_MS, 10))
  assert.equal(news(0.04, 2 * HOUR_MS), false)
})

/** Evidence of different half-lives, some against, decaying hour by hour. */
const makers = fc.array(fc.record({ rise: fc.double({ min: -0.3, max: 0.3, noNaN: true }), halfLifeHours: fc.integer({ min: 1, max: 400 }) }), { minLength: 1, maxLength: 4 })

test('a subject said to be quiet has no news: looking each hour would say the very same', () => {
  fc.assert(fc.property(makers, fc.integer({ min: 2, max: 100 }), (evidence, ttlHours) => {
    const patient = new Statements(0.02, 0.05), eager = new Statements(0.02, 0.05)
    for (let hour = 0; hour < 300; hour++) {
      const nowMs = hour * HOUR_MS
      const terms = evidence.map(({ rise, halfLifeHours }) => rise * Math.exp((-Math.LN2 * hour) / halfLifeHours))
      const reading: Reading = {
        rise: terms.reduce((sum, term) => sum + term, 0),
        strength: terms.reduce((sum, term) => sum + Math.abs(term), 0),
        halfLifeMs: Math.min(...evidence.map(({ halfLifeHours }) => halfLifeHours)) * HOUR_MS,
      }
      const expected = eager.isNews(SUBJECT, reading, nowMs, HOUR_MS)
      if (expected) eager.note(conviction(reading.rise, nowMs, ttlHours))
      if (patient.isQuiet(SUBJECT, nowMs)) {
        assert.equal(expected, false, `news at hour ${hour}`)
        continue
      }
      assert.equal(patient.isNews(SUBJECT, reading, nowMs, HOUR_MS), expected)
      if (expected) patient.note(conviction(reading.rise, nowMs, ttlHours))
      patient.rest(SUBJECT, reading, nowMs, HOUR_MS)
    }
  }), { numRuns: 300 })
})
