import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pnl, Vanta } from '#record'
import { execute as exec } from '../../src/execute/exec.ts'
import pnl from '../../src/audit/pnl.ts'
import { bench, drive, execValues, hourBar, openPrint, target, tick, type Bench } from '../execute/desk_world.ts'

/** Two days: in at 41.0205 on the first, out at 44.9775 on the second, with closes of 42 and 43. */
const story = [
  openPrint('GME', '2021-01-14T14:30:00.000Z', '40'), target('GME', '2021-01-14T15:00:00.000Z', '0.08'), tick('2021-01-14T15:00:00.000Z'),
  openPrint('GME', '2021-01-14T15:30:00.000Z', '41'), hourBar('GME', '2021-01-14T15:30:00.000Z', '41', '42'),
  tick('2021-01-14T22:00:00.000Z'), target('GME', '2021-01-15T00:00:00.000Z', '0'), tick('2021-01-15T00:00:00.000Z'),
  openPrint('GME', '2021-01-15T14:30:00.000Z', '45'), hourBar('GME', '2021-01-15T14:30:00.000Z', '45', '43'),
]
const run = async (world: Bench, records: readonly Vanta[]): Promise<Vanta[]> => {
  const traded = await drive(exec.open(execValues, world), records)
  return drive(pnl.open({ cash: undefined, by: undefined }, world), traded)
}
const days = (out: readonly Vanta[]): Pnl[] => out.filter((record) => record.kind === 'pnl')
const summaryOf = (world: Bench): { readonly [field: string]: unknown } => world.store.read('pnl_summary.json')?.memory ?? {}

test('one record for each day with bars, after its close, at the closes', async () => {
  const out = await run(bench(), story)
  const fee1 = 83, fee2 = 90
  // Bought 200 at 41.0205 = 8204.10; sold 200 at 44.9775 = 8995.50.
  assert.deepEqual(days(out).map(({ day, at, known_at, equity, cash, realised, unrealised, fees }) => ({ day, at, known_at, equity, cash, realised, unrealised, fees })), [
    {
      day: '2021-01-14', at: '2021-01-14T16:30:00.000Z', known_at: '2021-01-14T16:30:00.000Z',
      equity: ((10_000_000 - 820_410 - fee1 + 840_000) / 100).toFixed(2), cash: ((10_000_000 - 820_410 - fee1) / 100).toFixed(2),
      realised: '0.00', unrealised: '195.90', fees: '0.83',
    },
    {
      day: '2021-01-15', at: '2021-01-15T15:30:00.000Z', known_at: '2021-01-15T15:30:00.000Z',
      equity: ((10_000_000 + 79_140 - fee1 - fee2) / 100).toFixed(2), cash: ((10_000_000 + 79_140 - fee1 - fee2) / 100).toFixed(2),
      realised: '791.40', unrealised: '0.00', fees: '1.73',
    },
  ])
})

test('the day\'s books come after the fills they rest on and name them', async () => {
  const out = await run(bench(), story)
  const fills = out.filter(({ kind }) => kind === 'fill').map(({ id }) => id)
  const [first, second] = days(out)
  assert.deepEqual(first?.parents, [fills[0]])
  assert.deepEqual(second?.parents, [first?.id, fills[1]])
  assert.ok(out.findIndex(({ id }) => id === first?.id) < out.findIndex(({ at, kind }) => kind === 'control' && at === '2021-01-15T00:00:00.000Z'))
})

test('the summary: equity, drawdown, trades, by subject and band, with and without the best', async () => {
  const world = bench()
  await run(world, story)
  const summary = summaryOf(world)
  assert.equal(summary.equity_end, '100789.67')
  assert.equal(summary.return, 0.0078967)
  assert.equal(summary.trades, 1)
  assert.equal(summary.win_rate, 1)
  assert.equal(summary.mean_trade_return, 78_967 / 820_410)
  assert.equal(summary.best_subject, 'ticker:GME')
  assert.equal(summary.return_without_best, 0)
  assert.equal(summary.sharpe_n, 2)
  assert.equal(summary.ledger_checked, true)
  assert.deepEqual(summary.by_band, { high: { profit: '789.67', realised: '791.40', unrealised: '0.00', fees: '1.73', fills: 2 } })
  assert.deepEqual(summary.curve, [{ day: '2021-01-14', equity: '100195.07' }, { day: '2021-01-15', equity: '100789.67' }])
})

test('no fills: flat, and what cannot be said is null', async () => {
  const world = bench()
  await drive(pnl.open({ cash: undefined, by: undefined }, world), [])
  const summary = summaryOf(world)
  assert.equal(summary.equity_end, '100000.00')
  assert.equal(summary.sharpe, null)
  assert.equal(summary.median_trade_return, null)
  assert.equal(summary.best_subject, null)
})

test('a second run takes the fills before it from the trade log', async () => {
  const world = bench()
  await run(world, story.slice(0, 6))
  const out = await run(world, story.slice(6))
  assert.deepEqual(days(out).map(({ day, equity }) => [day, equity]), [['2021-01-15', '100789.67']])
  assert.equal(summaryOf(world).ledger_checked, true)
})

test('books that disagree with the ledger are an internal error', async () => {
  const world = bench()
  const traded = await drive(exec.open(execValues, world), story)
  const stored = world.store.read('ledger.json')
  const text = JSON.stringify(stored?.memory).replace('"assets:cash":"100789.67"', '"assets:cash":"100789.68"')
  world.store.write('ledger.json', JSON.parse(text), stored?.version ?? 0)
  await assert.rejects(drive(pnl.open({ cash: undefined, by: undefined }, world), traded), { exit: 'bug', message: /assets:cash is 100789.67 by the fills/ })
})
