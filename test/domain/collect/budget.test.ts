import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { FRESH, grant, rest, type Budget, type Rate } from '#domain/collect/budget'

const rates = fc.record({ requests: fc.integer({ min: 1, max: 60 }), perMs: fc.integer({ min: 100, max: 120_000 }) })
const START_MS = 1_700_000_000_000

/** Moments granted to requests that come after these pauses. */
function granted(rate: Rate, pausesMs: readonly number[]): number[] {
  let budget: Budget = FRESH, nowMs = START_MS
  return pausesMs.map((pauseMs) => {
    nowMs += pauseMs
    const { atMs, budget: after } = grant(budget, rate, nowMs)
    budget = after
    return atMs
  })
}

test('no window, wherever it begins, holds more requests than the rate allows', () => {
  fc.assert(fc.property(rates, fc.array(fc.integer({ min: 0, max: 5000 }), { maxLength: 200 }), (rate, pausesMs) => {
    const moments = granted(rate, pausesMs)
    for (const fromMs of moments) {
      const inside = moments.filter((atMs) => atMs >= fromMs && atMs < fromMs + rate.perMs).length
      assert.ok(inside <= rate.requests, `${inside} of ${rate.requests} within ${rate.perMs} ms`)
    }
  }))
})

test('moments never come before they are asked for, and in the order of asking', () => {
  fc.assert(fc.property(rates, fc.array(fc.integer({ min: 0, max: 5000 }), { maxLength: 50 }), (rate, pausesMs) => {
    let nowMs = START_MS
    let before = 0
    for (const [i, atMs] of granted(rate, pausesMs).entries()) {
      nowMs += pausesMs[i] ?? 0
      assert.ok(atMs >= nowMs && atMs >= before)
      before = atMs
    }
  }))
})

test('over a long time half the rate or more is used: caution does not starve', () => {
  fc.assert(fc.property(rates, (rate) => {
    const moments = granted(rate, Array.from({ length: 400 }, () => 0))
    const spanMs = (moments.at(-1) ?? 0) - START_MS
    assert.ok(400 / (spanMs / rate.perMs) >= rate.requests / 2 - 1e-9, `${400 / (spanMs / rate.perMs)} of ${rate.requests}`)
  }))
})

test('when the service wants peace, nothing is granted before; a clock that was set back does not wait for ever', () => {
  const rate = { requests: 10, perMs: 1000 }
  assert.equal(grant(rest(FRESH, START_MS + 5000), rate, START_MS).atMs, START_MS + 5000)
  assert.equal(grant(rest(rest(FRESH, START_MS + 5000), START_MS + 10), rate, START_MS).atMs, START_MS + 5000)
  const tomorrow = grant(FRESH, rate, START_MS + 10 * 86_400_000).budget
  assert.equal(grant(tomorrow, rate, START_MS).atMs, START_MS)
  assert.equal(grant(rest(FRESH, START_MS + 10 * 86_400_000), rate, START_MS).atMs, START_MS)
})

test('one limit of a service rests without the others, and is forgotten once it is over', () => {
  const rate: Rate = { requests: 50, perMs: 1000 }
  const resting = rest(FRESH, START_MS + 2500, 'channel 1')
  assert.equal(grant(resting, rate, START_MS, 'channel 1').atMs, START_MS + 2500)
  assert.equal(grant(resting, rate, START_MS, 'channel 2').atMs, START_MS)
  assert.equal(grant(resting, rate, START_MS).atMs, START_MS)
  assert.deepEqual(grant(resting, rate, START_MS).budget.limits, { 'channel 1': START_MS + 2500 })
  assert.equal(grant(resting, rate, START_MS + 2500).budget.limits, undefined)
  assert.equal(grant(rest(FRESH, START_MS + 900_000_000, 'channel 1'), rate, START_MS, 'channel 1').atMs, START_MS, 'a clock that was set back')
})
