import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { make, type Fill } from '#record'
import { formatFixed, ONE } from '#domain/money/decimal'
import { Ledger } from '#domain/money/ledger'
import { centsOf, fixedOf, formatCents } from '#domain/money/money'
import { differenceFrom } from '#domain/pnl/pnl'
import { FillTally, profitOf } from '#domain/pnl/pnl_tally'

const at = '2021-01-15T15:00:00.000Z'
const fills = fc.array(fc.record({
  side: fc.constantFrom('buy' as const, 'buy' as const, 'sell' as const), subject: fc.constantFrom('ticker:A', 'ticker:B'),
  quantity: fc.bigInt({ min: 1n, max: 200n * ONE }), price: fc.bigInt({ min: 1n, max: 90n * ONE }), fee: fc.bigInt({ min: 0n, max: 90n }),
  band: fc.constantFrom('low', 'high'), maker: fc.constantFrom('chatter', 'insider'),
}), { maxLength: 40 }).map((list) => list.map((one, i): Fill => make('fill', {
  at, known_at: at, source: 'test', by: 'test/0', client_order_id: `o${i}`, vault: 'core', broker: 'paper', currency: 'USD',
  ...one, quantity: formatFixed(one.quantity), price: formatFixed(one.price), fee: formatCents(one.fee),
})))

function both(list: readonly Fill[]): { ledger: Ledger; tally: FillTally } {
  const ledger = new Ledger()
  const tally = new FillTally(5_000_000n)
  ledger.open(5_000_000n, at, 'capital')
  for (const fill of list) {
    try {
      ledger.trade({
        ref: fill.id, at, subject: fill.subject, side: fill.side, quantity: fixedOf(fill.quantity), price: fixedOf(fill.price), feeCents: centsOf(fill.fee),
      })
    } catch {
      continue
    }
    tally.take(fill)
  }
  return { ledger, tally }
}

test('two loops that share no code agree to the cent', () => {
  fc.assert(fc.property(fills, (list) => {
    const { ledger, tally } = both(list)
    assert.equal(differenceFrom(ledger.toState(), tally), undefined)
    assert.equal(tally.positions(() => undefined).reduce((sum, { cost }) => sum + cost, tally.cash), ledger.equityAtCost)
  }), { numRuns: 300 })
})

test('a difference of one cent is found', () => {
  const { ledger, tally } = both([])
  const state = ledger.toState()
  tally.cash += 1n
  assert.match(differenceFrom(state, tally) ?? '', /assets:cash is 50000.01 by the fills, 50000.00 in the ledger/)
})

test('profit by subject, by band, by maker and by the change in equity are the same money', () => {
  fc.assert(fc.property(fills, fc.bigInt({ min: 1n, max: 90n * ONE }), (list, mark) => {
    const { tally } = both(list)
    const shares = tally.shares(() => mark)
    const gained = tally.positions(() => mark).reduce((sum, { value }) => sum + value, tally.cash) - tally.capital
    for (const by of [shares.subject, shares.band, shares.maker]) {
      assert.equal([...by.values()].reduce((sum, share) => sum + profitOf(share), 0n), gained)
    }
  }), { numRuns: 200 })
})

test('a round trip runs from flat to flat, fees deducted', () => {
  const fill = (side: 'buy' | 'sell', quantity: string, price: string): Fill => make('fill', {
    at, known_at: at, source: 'test', by: 'test/0', client_order_id: 'o', vault: 'core', broker: 'paper', currency: 'USD',
    subject: 'ticker:A', side, quantity, price, fee: '1.00',
  })
  const { tally } = both([fill('buy', '10', '10'), fill('buy', '10', '20'), fill('sell', '15', '30'), fill('sell', '5', '10'), fill('buy', '1', '1')])
  assert.deepEqual(tally.trips, [{ subject: 'ticker:A', paid: 30_000n, profit: 45_000n + 5000n - 30_000n - 400n }])
})
