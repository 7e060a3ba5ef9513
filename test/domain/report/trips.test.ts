import assert from 'node:assert/strict'
import { test } from 'node:test'
import { make, type Fill } from '#record'
import { toNumber } from '#domain/money/decimal'
import { mean, median } from '#domain/pnl/performance'
import { resultAt, tripsOf } from '#domain/report/trips'
import { fillsOf, season } from './season.ts'

let sequence = 0
function fill(side: 'buy' | 'sell', quantity: string, price: string, more: { subject?: string; fee?: string; vault?: string } = {}): Fill {
  const at = `2021-01-${String(4 + sequence++ % 20).padStart(2, '0')}T15:00:00.000Z`
  const { subject = 'ticker:GME', fee = '0', vault = 'core' } = more
  return make('fill', { at, known_at: at, source: 'exec/paper', by: 'test/1', client_order_id: String(sequence), vault, broker: 'paper', subject, side, quantity, price, fee, currency: 'USD', band: 'high' })
}

test('from flat to flat is one trip, however many fills it takes', () => {
  const fills = [fill('buy', '10', '20', { fee: '0.10' }), fill('buy', '30', '24'), fill('sell', '15', '30'), fill('sell', '25', '22.5', { fee: '0.20' }), fill('buy', '1', '5')]
  const [trip, next, ...more] = tripsOf(fills)
  assert.equal(more.length, 0)
  assert.ok(trip !== undefined && next !== undefined)
  assert.equal(toNumber(trip.quantity), 40)
  assert.equal(toNumber(trip.entryPrice), 23)
  assert.equal(toNumber(trip.exitPrice ?? 0n), 25.3125)
  assert.equal(toNumber(trip.result ?? 0n), 15 * 30 + 25 * 22.5 - 920 - 0.3)
  assert.equal(trip.resultRatio, toNumber(trip.result ?? 0n) / 920)
  assert.equal(trip.fills.length, 4)
  assert.deepEqual([trip.first, trip.last], [fills[0], fills[3]])
  assert.equal(next.leftAt, undefined)
  assert.equal(next.result, undefined)
  assert.equal(toNumber(resultAt(next, 700_000_000n)), 2)
})

test('vaults and subjects do not mix', () => {
  const trips = tripsOf([fill('buy', '1', '10'), fill('buy', '1', '10', { vault: 'other' }), fill('buy', '1', '10', { subject: 'ticker:AMC' }), fill('sell', '1', '9')])
  assert.deepEqual(trips.map(({ vault, subject, result }) => [vault, subject, result === undefined]), [['core', 'ticker:GME', false], ['other', 'ticker:GME', true], ['core', 'ticker:AMC', true]])
})

test('a sale that opens a trip is a bet on the fall', () => {
  const [trip] = tripsOf([fill('sell', '10', '20'), fill('buy', '10', '15')])
  assert.equal(trip?.direction, 'down')
  assert.equal(toNumber(trip?.result ?? 0n), 50)
})

test('trips agree with the vault\'s books', () => {
  for (const seed of [7, 8, 9]) {
    const { records, pnl } = season({ from: '2020-11-25', days: 25, seed })
    const ratios = tripsOf(fillsOf(records)).flatMap(({ resultRatio }) => resultRatio ?? [])
    assert.ok(ratios.length > 8)
    assert.equal(ratios.length, pnl.trades)
    assert.ok(Math.abs((mean(ratios) ?? 0) - Number(pnl.mean_trade_return)) < 1e-5)
    assert.ok(Math.abs((median(ratios) ?? 0) - Number(pnl.median_trade_return)) < 1e-5)
  }
})
