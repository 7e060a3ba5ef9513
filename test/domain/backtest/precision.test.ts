import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { moveAfter, precisionAt, sessionAfter, wilson, type Ranked, type Sessions } from '#domain/backtest/precision'

const DAY = 86_400_000
const sessionsOf = (opens: number[], closes: number[]): Sessions => ({ openMs: opens.map((_, i) => i * DAY + 1000), open: opens, close: closes })

test('the first session at or after a moment, as a linear scan finds it', () => {
  fc.assert(fc.property(fc.uniqueArray(fc.nat(1000)), fc.nat(1000), (times, at) => {
    const sorted = times.sort((a, b) => a - b)
    const scan = sorted.findIndex((time) => time >= at)
    assert.equal(sessionAfter(sorted, at), scan === -1 ? sorted.length : scan)
  }))
})

test('a decision enters at the next open and never at an earlier price', () => {
  const sessions = sessionsOf([10, 20, 40], [15, 30, 50])
  assert.equal(moveAfter(sessions, 0, 1), 0.5)
  assert.equal(moveAfter(sessions, 1000, 1), 0.5)
  assert.equal(moveAfter(sessions, 1001, 1), 0.5)
  assert.equal(moveAfter(sessions, 1001, 2), 1.5)
  assert.equal(moveAfter(sessions, 1001, 3), undefined)
})

test('the ranking that stands at an open is judged, once, what does not trade takes no place, and the base rate is that of the universe', () => {
  const universe = new Map([
    ['ticker:UP', sessionsOf([10, 10, 10], [11, 11, 11])],
    ['ticker:DOWN', sessionsOf([10, 10, 10], [9, 9, 9])],
    ['ticker:FLAT', sessionsOf([10, 10, 10], [10, 10, 10])],
  ])
  const calendar = [1000, DAY + 1000, 2 * DAY + 1000]
  const ranked = (atMs: number, direction: 'up' | 'down', ...names: string[]): Ranked =>
    ({ atMs, picks: names.map((name, i) => ({ subject: `ticker:${name}`, direction, rank: i + 1 })) })
  const result = precisionAt(1, 1, [ranked(0, 'up', 'DOWN'), ranked(500, 'up', 'UNLISTED', 'UP', 'DOWN'), ranked(DAY + 2000, 'down', 'UP', 'DOWN')], universe, calendar)
  assert.deepEqual(result.judged.map(({ subject, openMs, hit }) => [subject, openMs, hit]), [
    ['ticker:UP', 1000, true], ['ticker:UP', DAY + 1000, true], ['ticker:UP', 2 * DAY + 1000, false],
  ])
  assert.ok(Math.abs((result.baseRate ?? 0) - 1 / 3) < 1e-12)
})

test('what is ranked after an open is not judged by it', () => {
  const universe = new Map([['ticker:UP', sessionsOf([10], [11])]])
  assert.equal(precisionAt(5, 1, [{ atMs: 1001, picks: [{ subject: 'ticker:UP', direction: 'up', rank: 1 }] }], universe, [1000]).precision, undefined)
})

test('nothing to judge gives no number, never a zero', () => {
  assert.equal(precisionAt(5, 5, [], new Map(), []).precision, undefined)
})

test('the Wilson interval holds the share, stays in [0, 1] and narrows with n', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 500 }), fc.nat(500), (n, k) => {
    const hitCount = Math.min(k, n)
    const [low, high] = wilson(hitCount, n)
    assert.ok(low >= 0 && high <= 1 && low <= hitCount / n + 1e-12 && high >= hitCount / n - 1e-12)
    const [low4, high4] = wilson(hitCount * 4, n * 4)
    assert.ok(high4 - low4 < high - low)
  }))
})
