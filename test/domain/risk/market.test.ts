import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Pnl } from '#record'
import { CapitalWatch } from '#domain/risk/capital'
import { CalibrationDrift, InputDrift, stabilityIndex } from '#domain/risk/drift'
import { MarketWatch, type MarketReading } from '#domain/risk/market'

const BENCHMARK = 'ticker:SPY'
const names = [BENCHMARK, ...Array.from({ length: 12 }, (_, i) => `ticker:T${i}`)]
/** Log returns by session and subject. */
const moves = fc.array(fc.array(fc.double({ min: -0.1, max: 0.1, noNaN: true }), { minLength: names.length, maxLength: names.length }), { minLength: 1, maxLength: 70 })

function readingsOf(sessions: readonly (readonly number[])[]): MarketReading[] {
  const market = new MarketWatch(BENCHMARK), prices = names.map(() => 100)
  return [names.map(() => 0), ...sessions].map((session) => {
    session.forEach((move, i) => market.hear(names[i] ?? '', (prices[i] = (prices[i] ?? 0) * Math.exp(move))))
    return market.close()
  })
}

test('volatility, correlation and drawdown are those of a reckoning by hand', () => {
  fc.assert(fc.property(moves, (sessions) => {
    const { volatility, correlation, drawdown } = readingsOf(sessions).at(-1) ?? assert.fail()
    const own = sessions.map((session) => session[0] ?? 0), recent = own.slice(-20)
    const byHand = recent.length < 10 ? undefined : Math.sqrt(252 * recent.reduce((sum, one) => sum + one * one, 0) / recent.length)
    near(volatility, byHand)
    let level = 0, highest = 0
    for (const one of own) highest = Math.max(highest, level += one)
    near(drawdown, 1 - Math.exp(level - highest))
    const span = sessions.slice(-60)
    if (span.length < 30) return assert.equal(correlation, undefined)
    const columns = names.map((_, i) => span.map((session) => session[i] ?? 0)).filter((column) => deviationOf(column) > 1e-9)
    if (columns.length < 10) return
    let sum = 0, pairs = 0
    columns.forEach((a, i) => columns.slice(i + 1).forEach((b) => {
      sum += pearson(a, b)
      pairs++
    }))
    near(correlation, sum / pairs)
  }), { numRuns: 60 })
})

function near(found: number | undefined, wanted: number | undefined): void {
  if (found === undefined || wanted === undefined) return assert.equal(found, wanted)
  assert.ok(Math.abs(found - wanted) < 1e-6, `${found} is not ${wanted}`)
}
const meanOf = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length
const deviationOf = (values: readonly number[]): number => Math.sqrt(meanOf(values.map((one) => (one - meanOf(values)) ** 2)))
const pearson = (a: readonly number[], b: readonly number[]): number =>
  meanOf(a.map((one, i) => (one - meanOf(a)) * ((b[i] ?? 0) - meanOf(b)))) / deviationOf(a) / deviationOf(b)

test('what comes later changes no reading, ranks among the past included', () => {
  fc.assert(fc.property(fc.array(fc.double({ min: -0.1, max: 0.1, noNaN: true }), { minLength: 90, maxLength: 120 }), fc.nat(119), (own, cut) => {
    const sessions = own.map((one) => names.map((_, i) => one * (1 + i / 7)))
    assert.deepEqual(readingsOf(sessions).slice(0, cut), readingsOf(sessions.slice(0, cut)).slice(0, cut))
  }), { numRuns: 30 })
})

test('a rank is the share of readings before that were lower', () => {
  const own = Array.from({ length: 120 }, (_, i) => 0.001 + (i % 7) / 1000 * (i > 100 ? 5 : 1))
  const readings = readingsOf(own.map((one) => names.map(() => one)))
  const known = readings.map(({ volatility }) => volatility).filter((one) => one !== undefined)
  const last = known.at(-1) ?? assert.fail(), before = known.slice(0, -1)
  near(readings.at(-1)?.rank, (before.filter((one) => one < last).length + before.filter((one) => one === last).length / 2) / before.length)
  assert.equal(readings.find(({ rank }) => rank !== undefined), readings[10 + 60])
})

test('sessions without prices are counted, and a split is no fall', () => {
  const market = new MarketWatch(BENCHMARK)
  market.hear(BENCHMARK, 400)
  assert.equal(market.close().silent, 0)
  assert.deepEqual([market.close().silent, market.close().silent], [1, 2])
  market.breaks(BENCHMARK)
  market.hear(BENCHMARK, 100)
  const { silent, benchmarkSilent, drawdown } = market.close()
  assert.deepEqual([silent, benchmarkSilent, drawdown], [0, 0, 0])
})

test('readings of another population show in the stability index, more of the same do not', () => {
  near(stabilityIndex([50, 50], [80, 20]), (80.5 / 101 - 50.5 / 101) * Math.log(80.5 / 50.5) + (20.5 / 101 - 50.5 / 101) * Math.log(20.5 / 50.5))
  const drift = new InputDrift()
  let last: number | undefined
  const session = (says: (i: number) => number): void => {
    for (let i = 0; i < 100; i++) drift.hear('mention', says(i))
    last = drift.close()
  }
  for (let k = 0; k < 20; k++) session((i) => (i % 10) / 10)
  assert.ok(last !== undefined && last < 0.01, String(last))
  for (let k = 0; k < 5; k++) session(() => -0.9)
  assert.ok(last > 0.25, String(last))
})

test('promises that do not come true show, an outcome heard twice counts once', () => {
  const drift = new CalibrationDrift()
  for (let day = 0; day < 40; day++) for (const again of [0, 1]) drift.hear(`d${day}`, `${day}:${again % 1}`, 0.6, day % 10 < 6)
  assert.ok(Math.abs(drift.excess() ?? NaN) < 0.01)
  for (let day = 40; day < 80; day++) drift.hear(`d${day}`, String(day), 0.6, false)
  assert.ok((drift.excess() ?? 0) > 4)
})

test('money that comes in or leaves is no gain and no loss of a vault', () => {
  const pnl = (day: string, equity: string, flow?: string): Pnl => ({ kind: 'pnl', vault: 'core', day, equity, ...(flow !== undefined && { flow }) } as Pnl)
  const capital = new CapitalWatch()
  assert.equal(capital.drawdown(), undefined)
  for (const one of [pnl('1', '100'), pnl('2', '120'), pnl('3', '60', '-60'), pnl('3', '54', '-60')]) capital.hear(one)
  near(capital.drawdown(), 0.05)
  capital.hear(pnl('4', '48.6'))
  near(capital.drawdown(), 1 - 0.95 * 0.9)
})
