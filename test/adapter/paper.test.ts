import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatInstant, make, millisOf } from '#record'
import { PaperBroker } from '#adapter/paper/broker'
import { ONE } from '#domain/money/decimal'
import type { BrokerOrder } from '#port/broker'
import { FREE, hourBar, openPrint } from '../execute/desk_world.ts'

const AT = '2021-01-15T15:00:00.000Z'
const LATER = '2021-01-15T15:30:00.000Z'
const terms = { name: 'paper', latencyMs: 1000, costs: FREE, participation: ONE / 10n, lot: ONE } as const

function broker(cash = 1_000_000n, more = {}): PaperBroker {
  const paper = new PaperBroker({ ...terms, ...more })
  paper.fund('core', { cash, positions: new Map() })
  paper.fund('spare', { cash, positions: new Map() })
  return paper
}
const order = (clientOrderId: string, more: Partial<BrokerOrder> = {}): BrokerOrder => ({
  clientOrderId, vault: 'core', subject: 'ticker:GME', side: 'buy', type: 'market', quantity: 8n * ONE, filled: 0n, timeInForce: 'gtc', fillIds: new Set(),
  sentMs: millisOf(AT), expiresMs: millisOf(AT) + 86_400_000, ...more,
})
const said = (events: ReturnType<PaperBroker['observe']>): string[] =>
  events.map(({ clientOrderId, quantity, price }) => `${clientOrderId} ${quantity / ONE} ${formatCents(price)}`)
const formatCents = (price: bigint): string => (Number(price) / 1e8).toFixed(4)

test('orders in one subject share what a print can fill, first come first served', () => {
  const paper = broker()
  paper.submit(order('a'))
  paper.submit(order('b', { vault: 'spare' }))
  assert.deepEqual(said(paper.observe(openPrint('GME', LATER, '40', '109'))), ['a 8 40.0000', 'b 2 40.0000'])
})

test('the same client id again makes no second order', () => {
  const paper = broker()
  assert.deepEqual([paper.submit(order('a')), paper.submit(order('a'))], [{ outcome: 'accepted' }, { outcome: 'accepted' }])
  assert.equal(paper.observe(openPrint('GME', LATER, '40')).length, 1)
  assert.equal(paper.submit(order('a')).outcome, 'accepted')
  assert.deepEqual(paper.observe(openPrint('GME', '2021-01-15T16:30:00.000Z', '40')), [])
})

test('only opening prints trade, and none whose volume before is unknown', () => {
  const paper = broker()
  paper.submit(order('a'))
  const last = make('price', { ...openPrint('GME', LATER, '40'), type: 'last' })
  assert.deepEqual(paper.observe(last), [])
  assert.deepEqual(paper.observe(openPrint('GME', LATER, '40', null)), [])
  paper.observe(hourBar('GME', LATER, '40', '41', '50'))
  assert.deepEqual(said(paper.observe(openPrint('GME', '2021-01-15T16:30:00.000Z', '42', null))), ['a 5 42.0000'])
})

test('a purchase stops at the cash, fee included, to the cent', () => {
  const afford = (cash: bigint): string[] => {
    const paper = broker(cash, { costs: { ...FREE, feeBps: 100n * ONE } })
    paper.submit(order('a'))
    return said(paper.observe(openPrint('GME', LATER, '40')))
  }
  // 8 x 40.00 and 1 % of it: 323.20.
  assert.deepEqual([afford(32_320n), afford(32_319n), afford(4039n)], [['a 8 40.0000'], ['a 7 40.0000'], []])
})

test('what is cancelled or expired does not fill; what is not a whole lot, or has no account, is rejected', () => {
  const paper = broker()
  paper.submit(order('a'))
  paper.submit(order('b', { expiresMs: millisOf(LATER) }))
  assert.deepEqual([paper.cancel(order('a')), paper.cancel(order('a'))], ['requested', 'requested'])
  assert.deepEqual(paper.observe(openPrint('GME', LATER, '40')), [])
  paper.expire(millisOf(LATER))
  const state = (id: string): string => {
    const look = paper.look(order(id))
    return look.look === 'found' ? look.order.state : look.look
  }
  assert.deepEqual(['a', 'b', 'z'].map(state), ['cancelled', 'expired', 'absent'])
  assert.deepEqual(paper.openOrders(), { told: [] })
  assert.equal(paper.submit(order('c', { quantity: ONE / 2n })).outcome, 'rejected')
  assert.equal(paper.submit(order('d', { vault: 'nobody' })).outcome, 'rejected')
})

test('slippage and rounding are against us', () => {
  const paper = broker(1_000_000n, { costs: { ...FREE, slippageBps: 3n * ONE } })
  paper.fund('core', { cash: 1_000_000n, positions: new Map([['ticker:GME', ONE]]) })
  paper.submit(order('a'))
  paper.submit(order('b', { side: 'sell', quantity: ONE }))
  assert.deepEqual(said(paper.observe(openPrint('GME', formatInstant(millisOf(LATER)), '33.33'))), ['a 8 33.3400', 'b 1 33.3200'])
})

test('what is not held is not sold: nothing can be borrowed', () => {
  const paper = broker()
  paper.fund('core', { cash: 0n, positions: new Map([['ticker:GME', 3n * ONE]]) })
  assert.equal(paper.submit(order('a', { side: 'sell', quantity: 4n * ONE })).outcome, 'rejected')
  // Two orders that each are covered, and together are not: the second sells what is left.
  paper.submit(order('b', { side: 'sell', quantity: 2n * ONE }))
  paper.submit(order('c', { side: 'sell', quantity: 2n * ONE }))
  assert.deepEqual(said(paper.observe(openPrint('GME', LATER, '40'))), ['b 2 40.0000', 'c 1 40.0000'])
})
