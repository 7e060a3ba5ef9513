import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { levelsOf, regimesOf, volatility, type DayValue } from '#domain/backtest/regimes'

const dayOf = (i: number): string => new Date(Date.UTC(2019, 0, 1) + i * 86_400_000).toISOString().slice(0, 10)
/** Also of few different ones, so that some days are equal. */
const step = fc.constantFrom(fc.integer({ min: 900, max: 1100 }), fc.constantFrom(900, 1000), fc.constant(900))
const closes = step.chain((one) => fc.array(one, { minLength: 100, maxLength: 220 })).map((steps) => {
  let value = 100
  return steps.map((step, i): DayValue => ({ day: dayOf(i), value: (value *= step / 1000) }))
})

test('no day is told by its own close or a later one', () => {
  fc.assert(fc.property(closes, fc.integer({ min: 90, max: 99 }), fc.integer({ min: 1, max: 50 }), (days, from, factor) => {
    const changed = days.map(({ day, value }, i) => ({ day, value: i >= from ? value * factor : value }))
    const levels = levelsOf(days, volatility, 20), others = levelsOf(changed, volatility, 20)
    for (const { day } of days.slice(0, from + 1)) assert.equal(others.get(day), levels.get(day))
  }), { numRuns: 50 })
})

test('a level is the third of the days up to then in which the day lies, by sorting them all', () => {
  fc.assert(fc.property(closes, (days) => {
    const values = days.map(({ value }) => value), levels = levelsOf(days, volatility, 20)
    const measured = days.map((_, next) => (next <= 20 ? NaN : volatility(values.slice(next - 21, next))))
    for (let next = 21; next < days.length; next++) {
      const known = measured.slice(21, next + 1), level = levels.get(days[next]?.day ?? '')
      if (known.length < 60) assert.equal(level, undefined)
      else {
        const now = measured[next] ?? NaN, count = (is: (other: number) => boolean): number => known.filter(is).length
        // Of equals the middle one's.
        const share = (count((other) => other < now) + (count((other) => other === now) - 1) / 2) / (known.length - 1)
        assert.equal(level, share < 1 / 3 ? 'low' : share <= 2 / 3 ? 'middle' : 'high')
      }
    }
  }), { numRuns: 30 })
})

test('the days of each measure add up, and their returns compound to those of the whole', () => {
  fc.assert(fc.property(closes, (days) => {
    const equity = days.slice(85), regimes = regimesOf(equity, days)
    for (const by of ['volatility', 'direction'] as const) {
      const own = regimes.filter((regime) => regime.by === by), counted = own.reduce((sum, regime) => sum + regime.days, 0)
      if (counted !== equity.length - 1) continue
      const whole = own.reduce((product, regime) => product * (1 + regime.return), 1)
      assert.ok(Math.abs(whole / ((equity.at(-1)?.value ?? NaN) / (equity[0]?.value ?? NaN)) - 1) < 1e-6)
      for (const regime of own) assert.ok(Math.abs(regime.return - regime.benchmark_return) < 1e-9)
    }
  }), { numRuns: 50 })
})

test('without history there are no regimes', () => {
  assert.deepEqual(regimesOf([{ day: '2021-01-04', value: 1 }], []), [])
})
