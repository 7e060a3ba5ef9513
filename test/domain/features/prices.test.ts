/** What models are told of prices: worked out from the whole list by other code, the same bits whoever feeds it, whenever it began, and whatever follows. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { make, type Bar } from '#record'
import { MONTH, QUARTER, WEEK, YEAR } from '#domain/features/bar_past'
import { PriceFeatures, PRICE_FEATURES, type Prices } from '#domain/features/prices'
import { barsOf } from './bars.ts'

const LENGTH = YEAR + 30
const walk = fc.array(fc.tuple(fc.integer({ min: -300, max: 300 }), fc.integer({ min: 1, max: 100 }), fc.integer({ min: 0, max: 5000 })), {
  minLength: LENGTH, maxLength: LENGTH,
}).map((days) => {
  let close = 100
  const closes = days.map(([step]) => (close *= 1 + step / 10_000))
  return barsOf('ticker:A', closes).map((bar, i): Bar => {
    const [, wide = 1, volume = 1] = days[i] ?? []
    const { id: _, kind: __, parents: ___, ...rest } = bar
    return make('bar', { ...rest, high: (Number(bar.high) * (1 + wide / 10_000)).toFixed(6), volume: String(volume) })
  })
})
const told = (bars: readonly Bar[], features = new PriceFeatures()): Prices | undefined => bars.reduce<Prices | undefined>((_, bar) => features.add(bar), undefined)

test('they are what the bars say, worked out from the whole list', () => {
  fc.assert(fc.property(walk, (bars) => {
    const found = told(bars), last = bars.slice(-YEAR - 1)
    const logs = last.map(({ close }) => Math.log(Number(close))), ago = (k: number): number => logs[logs.length - 1 - k] ?? NaN
    const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length
    const deviation = (n: number): number => {
      const steps = Array.from({ length: n }, (_, k) => ago(k) - ago(k + 1)), middle = mean(steps)
      return Math.sqrt(steps.reduce((sum, step) => sum + (step - middle) ** 2, 0) / (n - 1))
    }
    const unit = deviation(QUARTER), score = (from: number, to: number): number => (ago(from) - ago(to)) / unit / Math.sqrt(to - from)
    const volumes = last.map(({ volume }) => Number(volume)), turned = mean(volumes.slice(-WEEK)), usual = mean(volumes.slice(-QUARTER))
    const expected = [
      score(0, 1), score(0, WEEK), score(0, MONTH), score(0, QUARTER), score(MONTH, YEAR),
      (Math.max(...logs) - ago(0)) / unit / Math.sqrt(YEAR), (ago(0) - Math.min(...logs)) / unit / Math.sqrt(YEAR), Math.log(unit),
      Math.log(deviation(MONTH) / unit), mean(last.slice(-WEEK).map(({ high, low }) => Math.log(Number(high) / Number(low)))) / unit,
      turned > 0 && usual > 0 ? Math.log(turned / usual) : NaN,
    ]
    if (!(unit > 1e-6)) return
    assert.equal(expected.length, PRICE_FEATURES.length)
    expected.forEach((value, f) => {
      const is = found?.values[f] ?? NaN
      assert.ok(Number.isNaN(value) ? Number.isNaN(is) : Math.abs(is - value) < 1e-6 * (1 + Math.abs(value)), `${PRICE_FEATURES[f]}: ${is}, not ${value}`)
    })
    assert.deepEqual(found?.parents, [last[0]?.id, last[last.length - 1]?.id])
  }), { numRuns: 20 })
})

test('no skew: a start a year before, other subjects between, and the way over JSON give the same bits; what follows changes none', () => {
  fc.assert(fc.property(walk, fc.integer({ min: 1, max: 20 }), (bars, more) => {
    const until = bars.slice(0, LENGTH - more), whole = new PriceFeatures(), beside = barsOf('ticker:B', bars.map((_, i) => 50 + (i % 9)))
    let live: Prices | undefined
    until.forEach((bar, i) => {
      const other = beside[i]
      if (other !== undefined) whole.add(other)
      live = whole.add(JSON.parse(JSON.stringify(bar)))
    })
    assert.ok(live !== undefined)
    assert.deepEqual(told(until.slice(-YEAR - 1)), live)
    for (const bar of bars.slice(LENGTH - more)) whole.add(bar)
    assert.deepEqual(told(until), live)
  }), { numRuns: 20 })
})
