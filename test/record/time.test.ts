import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatDuration, formatInstant, isInstant, millisOf, parseDuration, parseInstant, parseMoment } from '#record'

const anyMs = fc.integer({ min: Date.UTC(1900, 0, 1), max: Date.UTC(2100, 0, 1) })

test('an instant survives the round trip, and agrees with the engine', () => {
  fc.assert(fc.property(anyMs, (ms) => {
    const text = formatInstant(ms)
    assert.equal(parseInstant(text), ms)
    assert.equal(millisOf(text), Date.parse(text))
  }), { numRuns: 2000 })
})

test('fewer and more digits of a second are read, towards the past', () => {
  assert.equal(parseInstant('2021-01-04T14:30:00Z'), Date.UTC(2021, 0, 4, 14, 30))
  assert.equal(parseInstant('2021-01-04T14:30:00.5Z'), Date.UTC(2021, 0, 4, 14, 30, 0, 500))
  assert.equal(parseInstant('2021-01-04T14:30:00.123999Z'), Date.UTC(2021, 0, 4, 14, 30, 0, 123))
  assert.equal(parseInstant('2021-01-04T14:30:00.999999999Z'), Date.UTC(2021, 0, 4, 14, 30, 0, 999))
})

test('what is read as an instant is what the form says, character by character', () => {
  const FORM = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/
  const oneOff = fc.tuple(anyMs, fc.nat(9), fc.nat(30), fc.constantFrom('', '0', '9', ':', '/', '-', 'T', 'Z', '.', '+', ' ', 'é', '00'))
  fc.assert(fc.property(oneOff, ([ms, length, at, put]) => {
    const fraction = length === 0 ? '' : `.${'123456789'.slice(0, length)}`
    const right = formatInstant(ms).replace(/\.\d+/, fraction)
    const text = right.slice(0, at) + put + right.slice(at + 1)
    const engineMs = Date.parse(text.replace(/(\.\d{3})\d+Z$/, '$1Z'))
    // The engine takes an hour of 24, and the 30th of February.
    const expected = FORM.test(text) && formatInstant(engineMs || 0).slice(0, 19) === text.slice(0, 19) ? engineMs : undefined
    assert.equal(parseInstant(text), expected, text)
    assert.equal(isInstant(text), expected !== undefined, text)
  }), { numRuns: 5000 })
})

test('days that do not exist, offsets and other spellings are refused', () => {
  for (const text of ['2021-02-29T00:00:00Z', '1900-02-29T00:00:00Z', '2021-04-31T00:00:00Z', '2021-13-01T00:00:00Z', '2021-00-10T00:00:00Z', '2021-01-00T00:00:00Z',
    '2021-01-01T24:00:00Z', '2021-01-01T00:60:00Z', '2021-01-01T00:00:60Z', '2021-01-01T00:00:00+00:00', '2021-01-01T00:00:00', '2021-01-01', '', 'now', '2021-01-01T00:00:00.Z']) {
    assert.equal(parseInstant(text), undefined, text)
  }
  assert.equal(parseInstant('2000-02-29T00:00:00Z'), Date.UTC(2000, 1, 29))
  assert.equal(parseMoment('2021-01-04'), Date.UTC(2021, 0, 4))
})

test('instants sort as text', () => {
  fc.assert(fc.property(anyMs, anyMs, (a, b) => assert.equal(formatInstant(a) < formatInstant(b), a < b)))
})

test('durations survive the round trip', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 1e12 }), (ms) => assert.equal(parseDuration(formatDuration(ms)), ms)))
  for (const text of ['', '0s', '-1h', '1y', '1', 'h', '1 h']) assert.equal(parseDuration(text), undefined, text)
  assert.equal(parseDuration('1.5h'), 5_400_000)
})
