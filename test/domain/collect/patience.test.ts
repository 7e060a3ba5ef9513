import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { backOffMs, exhaustedMs, isGlobal, retryAfterMs, toldRetryMs } from '#domain/collect/patience'

const NOW_MS = Date.UTC(2026, 0, 2, 3, 4, 5)

test('Retry-After in seconds, as a date, and as nonsense', () => {
  assert.equal(retryAfterMs({ 'retry-after': '120' }, NOW_MS), 120_000)
  assert.equal(retryAfterMs({ 'retry-after': ' 1.5 ' }, NOW_MS), 1500)
  assert.equal(retryAfterMs({ 'retry-after': 'Fri, 02 Jan 2026 03:05:05 GMT' }, NOW_MS), 60_000)
  assert.equal(retryAfterMs({ 'retry-after': 'Fri, 02 Jan 2026 03:05:05 GMT', 'date': 'Fri, 02 Jan 2026 03:05:00 GMT' }, NOW_MS), 5000, "by the server's clock")
  assert.equal(retryAfterMs({ 'retry-after': 'Fri, 02 Jan 2026 03:00:00 GMT' }, NOW_MS), 0)
  for (const nonsense of ['', 'soon', '-5', 'NaN', '1e9999x']) assert.equal(retryAfterMs({ 'retry-after': nonsense }, NOW_MS), undefined, nonsense)
  assert.equal(retryAfterMs({}, NOW_MS), undefined)
})

test('counters that have run out, by the names that services use', () => {
  // Reddit counts floats, Discord says how long, X and GitHub when in seconds, Tradier when in milliseconds.
  assert.equal(exhaustedMs({ 'x-ratelimit-remaining': '0.0', 'x-ratelimit-reset': '599' }, NOW_MS), 599_000)
  assert.equal(exhaustedMs({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(NOW_MS / 1000 + 9), 'x-ratelimit-reset-after': '1.25' }, NOW_MS), 1250)
  assert.equal(exhaustedMs({ 'x-rate-limit-remaining': '0', 'x-rate-limit-reset': String(NOW_MS / 1000 + 900) }, NOW_MS), 900_000)
  assert.equal(exhaustedMs({ 'x-ratelimit-available': '0', 'x-ratelimit-expiry': String(NOW_MS + 30_000) }, NOW_MS), 30_000)
  assert.equal(exhaustedMs({ 'x-ratelimit-remaining': '12', 'x-ratelimit-reset': '599' }, NOW_MS), undefined)
  assert.equal(exhaustedMs({ 'x-rate-limit-remaining': '0', 'x-rate-limit-reset': '1' }, NOW_MS), 1000)
  assert.equal(exhaustedMs({ 'x-ratelimit-remaining': 'none' }, NOW_MS), undefined)
  assert.equal(exhaustedMs({}, NOW_MS), undefined)
})

test('back-off doubles, stays below its ceiling, and no two need be alike', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 100 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (attempt, chance) => {
    const ms = backOffMs(attempt, chance)
    const ceilingMs = Math.min(60_000, 500 * 2 ** Math.min(attempt - 1, 30))
    assert.ok(ms >= ceilingMs / 2 && ms <= ceilingMs, `${ms} of ${ceilingMs}`)
  }))
})

test('a wait told in the body: Telegram and Discord', () => {
  assert.equal(toldRetryMs('{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 35","parameters":{"retry_after":35}}'), 35_000)
  assert.equal(toldRetryMs('{"message":"You are being rate limited.","retry_after":64.57,"global":false}'), 64_570)
  for (const body of ['', 'slow down', '{}', 'null', '[1]', '{"retry_after":"soon"}', '{"retry_after":-1}', '{"parameters":null}']) assert.equal(toldRetryMs(body), undefined, body)
})

test('a limit of everything is told from that of one route', () => {
  assert.equal(isGlobal({ 'x-ratelimit-global': 'true' }), true)
  assert.equal(isGlobal({ 'x-ratelimit-scope': 'global' }), true)
  assert.equal(isGlobal({ 'x-ratelimit-scope': 'shared', 'x-ratelimit-bucket': 'abcd1234' }), false)
})
