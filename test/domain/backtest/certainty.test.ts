import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatInstant } from '#record'
import { calibrationOf, type Stated } from '#domain/backtest/calibration'
import { intervalsOf, significanceOf } from '#domain/backtest/certainty'
import type { Judged, Sessions } from '#domain/backtest/precision'
import { maxDrawdown, mean, sharpe } from '#domain/pnl/performance'
import { seededRandom } from '#tool/random'

const DAY = 86_400_000
const returns = fc.array(fc.integer({ min: -50, max: 60 }).map((n) => n / 1000), { minLength: 12, maxLength: 60 })
const judgedOf = (hits: readonly boolean[]): Judged[] =>
  hits.map((hit, i) => ({ subject: 'ticker:A', direction: 'up', rank: 1, openMs: Math.floor(i / 3) * DAY, move: hit ? 1 : -1, hit }))
const drawn = (seed: string) => (figure: string) => seededRandom(seed, figure).next

test('every headline has an interval, the same for the same seed, with what it is of inside', () => {
  fc.assert(fc.property(returns, returns, fc.array(fc.boolean(), { minLength: 9, maxLength: 60 }), fc.integer(), (daily, trades, hits, seed) => {
    const evidence = { returns: daily, trades, judged: judgedOf(hits), horizon: 5 }
    const intervals = intervalsOf(evidence, drawn(String(seed)))
    assert.deepEqual(intervalsOf(evidence, drawn(String(seed))), intervals)
    const value: { readonly [figure: string]: number | null } = {
      return: daily.reduce((worth, step) => worth * (1 + step), 1) - 1, sharpe: sharpe(daily), mean_trade_return: mean(trades),
      win_rate: trades.filter((one) => one > 0).length / trades.length, precision_at_5: hits.filter((hit) => hit).length / hits.length,
    }
    for (const { figure, low, high, n } of intervals) {
      const of = value[figure]
      if (typeof of === 'number') assert.ok(low <= of + 1e-9 && of - 1e-9 <= high, `${figure}: ${low} ${of} ${high}`)
      assert.ok(low <= high && n >= 2, figure)
    }
    for (const figure of ['return', 'max_drawdown', 'win_rate', 'mean_trade_return', 'precision_at_5']) assert.ok(intervals.some((one) => one.figure === figure), figure)
    const fall = intervals.find(({ figure }) => figure === 'max_drawdown')
    assert.ok((fall?.low ?? -1) >= 0 && (fall?.high ?? 2) <= 1 && maxDrawdown([1]) === 0)
  }), { numRuns: 15 })
})

test('picks of one session stay together: few sessions of many picks are as uncertain as few', () => {
  // Sixty picks in four sessions that hit or miss together, and sixty of which each was its own session.
  const together = Array.from({ length: 60 }, (_, i) => ({ ...judgedOf([Math.floor(i / 15) % 2 === 0])[0], openMs: Math.floor(i / 15) * DAY })) as Judged[]
  const apart = Array.from({ length: 60 }, (_, i) => ({ ...judgedOf([i % 2 === 0])[0], openMs: i * DAY })) as Judged[]
  const width = (judged: readonly Judged[], horizon: number): number => {
    const found = intervalsOf({ returns: [], trades: [], judged, horizon }, drawn('1'))[0]
    return (found?.high ?? NaN) - (found?.low ?? NaN)
  }
  assert.ok(width(together, 1) > 2 * width(apart, 1))
})

test('what cannot be said is not said', () => {
  assert.deepEqual(intervalsOf({ returns: [], trades: [], judged: [], horizon: 5 }, drawn('1')), [])
  assert.equal(significanceOf([0, 0, 0]), undefined)
  assert.equal(significanceOf([0.01, -0.02, 0.001])?.minimum_track_record, null)
})

const universe = new Map<string, Sessions>([['ticker:A', {
  openMs: [0, 1, 2, 3, 4, 5].map((day) => day * DAY + 14 * 3_600_000), open: [10, 11, 12, 13, 14, 15], close: [10.5, 11.5, 11, 13.5, 13, 15.5],
}]])
const stated = (day: number, hour: number, part: Partial<Stated> = {}): Stated =>
  ({ atMs: day * DAY + hour * 3_600_000, subject: 'ticker:A', direction: 'up', score: 0.61, horizon: '2d', stands: true, ...part })

test('of what is said between two opens the last is judged, at the end of its own horizon', () => {
  // Said before the open of day 0, and again before that of day 2: in at 10 and out at 11.5; in at 12 and out at 13.5.
  const { n, unjudged, said, happened } = calibrationOf([stated(0, 1, { direction: 'down', score: 0.9 }), stated(0, 2), stated(1, 20)], universe)
  assert.deepEqual([n, unjudged, said, happened], [2, 0, 0.61, 1])
  // Over one session day 2 closed lower than it opened.
  assert.equal(calibrationOf([stated(1, 20, { horizon: '1d' })], universe).happened, 0)
  assert.equal(calibrationOf([stated(1, 20, { horizon: '1d', direction: 'down' })], universe).happened, 1)
})

test('what was taken back, reaches beyond the prices or is of something without any is not judged', () => {
  assert.equal(calibrationOf([stated(0, 1), stated(0, 2, { stands: false })], universe).n, 0)
  const beyond = calibrationOf([stated(4, 20), stated(0, 1, { subject: 'ticker:B' })], universe)
  assert.deepEqual([beyond.n, beyond.unjudged, beyond.happened, beyond.brier], [0, 1, null, null])
})

test('counts of the bins add up to what was judged, and their means to the means', () => {
  fc.assert(fc.property(fc.array(fc.record({ day: fc.integer({ min: 0, max: 3 }), score: fc.double({ min: 0.5, max: 1, noNaN: true }) }), { maxLength: 20 }), (list) => {
    const convictions = list.sort((a, b) => a.day - b.day).map(({ day, score }, i) => stated(day, 15 + i / 100, { score, horizon: '1d' }))
    const found = calibrationOf(convictions, universe)
    assert.equal(found.bins.reduce((sum, { count }) => sum + count, 0), found.n)
    const share = found.bins.reduce((sum, { count, happened }) => sum + count * happened, 0)
    if (found.n > 0) assert.ok(Math.abs(share / found.n - (found.happened ?? NaN)) < 1e-6)
    assert.ok(found.bins.every(({ low, high, said }) => low - 1e-9 <= said && said <= high + 1e-9))
  }))
  assert.equal(formatInstant(universe.get('ticker:A')?.openMs[1] ?? 0), '1970-01-02T14:00:00.000Z')
})
