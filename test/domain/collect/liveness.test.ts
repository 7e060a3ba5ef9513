import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { awakeMs, stateAt } from '#domain/collect/liveness'
import { HOUR_MS, MINUTE_MS, parseInstant } from '#record'

const at = (text: string): number => parseInstant(text) ?? assert.fail(text)

test('a stock stream that is silent over a weekend is not mute, one that is silent in the session is', () => {
  const watch = { hours: 'equity', quietMs: 10 * MINUTE_MS } as const
  // Friday 2021-01-15 15:59 New York to Tuesday 09:35 (Monday was a holiday), and an hour of Thursday.
  assert.equal(stateAt(at('2021-01-15T20:59:00Z'), at('2021-01-18T14:00:00Z'), watch), 'live')
  assert.equal(stateAt(at('2021-01-14T15:00:00Z'), at('2021-01-14T15:09:00Z'), watch), 'live')
  assert.equal(stateAt(at('2021-01-14T15:00:00Z'), at('2021-01-14T15:11:00Z'), watch), 'mute')
  assert.equal(stateAt(at('2021-01-14T02:00:00Z'), at('2021-01-14T14:35:00Z'), watch), 'live')
  assert.equal(stateAt(at('2021-01-14T02:00:00Z'), at('2021-01-14T14:41:00Z'), watch), 'mute')
})

test('a whole ordinary session is six hours and a half, in winter and in summer', () => {
  assert.equal(awakeMs(at('2021-01-14T00:00:00Z'), at('2021-01-15T00:00:00Z'), 'equity'), 6.5 * HOUR_MS)
  assert.equal(awakeMs(at('2021-07-14T00:00:00Z'), at('2021-07-15T00:00:00Z'), 'equity'), 6.5 * HOUR_MS)
  assert.equal(awakeMs(at('2021-07-14T04:00:00Z'), at('2021-07-15T04:00:00Z'), 'extended'), 16 * HOUR_MS)
})

test('nobody is awake on a holiday, and days that close early are three hours shorter', () => {
  assert.equal(awakeMs(at('2020-11-26T00:00:00Z'), at('2020-11-27T05:00:00Z'), 'equity'), 0)
  assert.equal(awakeMs(at('2020-11-27T05:00:00Z'), at('2020-11-28T05:00:00Z'), 'equity'), 3.5 * HOUR_MS)
  assert.equal(awakeMs(at('2020-11-27T05:00:00Z'), at('2020-11-28T05:00:00Z'), 'extended'), 13 * HOUR_MS)
  const watch = { hours: 'equity', quietMs: 10 * MINUTE_MS } as const
  // Wednesday's close to ten minutes into Friday: Thanksgiving does not count.
  assert.equal(stateAt(at('2020-11-25T21:00:00Z'), at('2020-11-27T14:39:00Z'), watch), 'live')
  assert.equal(stateAt(at('2020-11-25T21:00:00Z'), at('2020-11-27T14:41:00Z'), watch), 'mute')
})

test('awake time adds up, never exceeds real time, and is all of it where a stream never sleeps', () => {
  const moment = fc.integer({ min: at('2015-01-01T00:00:00Z'), max: at('2030-01-01T00:00:00Z') })
  const step = fc.integer({ min: 0, max: 10 * 24 * HOUR_MS })
  fc.assert(fc.property(moment, step, step, fc.constantFrom('equity', 'extended', 'always'), (fromMs, a, b, hours) => {
    const whole = awakeMs(fromMs, fromMs + a + b, hours)
    assert.equal(awakeMs(fromMs, fromMs + a, hours) + awakeMs(fromMs + a, fromMs + a + b, hours), whole)
    assert.ok(whole >= 0 && whole <= a + b)
    if (hours === 'always') assert.equal(whole, a + b)
  }))
})
