/** What is read of what venues say: against recorded bodies, against arithmetic done otherwise, and against nonsense. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { ONE } from '#domain/money/decimal'
import { instrumentOf, listedSubject } from '#domain/execute/instrument'
import { readError, readExecution, readOrder, readPosition, readQuote } from '#adapter/alpaca/read'
import { openVenue } from '#adapter/venue/open'
import { fixedFrom, isField, plainDecimal, readJson, Unreadable } from '#adapter/venue/json'
import { stepTo } from '#adapter/venue/say'
import { manyOf, readErrors, readQuote as readTradierQuote } from '#adapter/tradier/read'
import { fitted, readTicker } from '#adapter/ccxt/read'
import type { BrokerOrder } from '#port/broker'
import { sharedFolder } from '../collect/payload_world.ts'
import { startService } from '../service/service.ts'
import { KEY } from '../service/venues/alpaca.ts'

const recorded = sharedFolder('fixtures/alpaca')

test('recorded bodies of Alpaca are read, to the digit', (context) => {
  if (recorded === undefined) return context.skip('no recordings here')
  const bodies: unknown[] = []
  const walk = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) walk(path)
      else if (entry.name.endsWith('.json')) bodies.push(readJson(readFileSync(path, 'utf8')))
    }
  }
  walk(recorded)
  const all = bodies.flatMap((body) => (Array.isArray(body) ? body : [body])).filter(isField)
  const orders = all.filter((body) => 'client_order_id' in body && 'status' in body)
  assert.ok(orders.length >= 8)
  for (const body of orders) {
    // Some are abridged by who wrote them down: an order of nothing is not guessed at.
    if ('symbol' in body) assert.ok(readOrder(body).order.quantity >= 0n)
    else assert.throws(() => readOrder(body), Unreadable)
  }
  const [filled] = all.filter((body) => body['id'] === '904837e3-3b76-47ec-b432-046db621571b' && body['filled_avg_price'] === '106.25').map(readOrder)
  assert.deepEqual(filled?.order, {
    clientOrderId: '904837e3-3b76-47ec-b432-046db621571b', subject: 'ticker:AAPL', side: 'buy', quantity: 15n * ONE, filled: 0n, state: 'accepted',
    at: '2018-10-05T05:48:59.000Z',
  })
  const [execution] = all.filter((body) => body['activity_type'] === 'FILL').map(readExecution)
  assert.deepEqual(execution, {
    id: '20190524113406977::8efc7b9a-8b2b-4000-9955-d36e7db0df74', orderId: '904837e3-3b76-47ec-b432-046db621571b', subject: 'ticker:LPCN', side: 'buy',
    quantity: ONE, price: 163_000_000n, at: '2019-05-24T15:34:06.977Z',
  })
  assert.ok(all.filter((body) => 'qty_available' in body).map(readPosition).some(([subject, quantity]) => subject === 'ticker:AAPL' && quantity === 5n * ONE))
  const errors = new Set(all.map(readError).map((error) => error?.code))
  for (const code of ['40310000', '40010000', '40010001']) assert.ok(errors.has(code), code)
})

test('numbers of any spelling keep their value', () => {
  fc.assert(fc.property(fc.bigInt(-(10n ** 20n), 10n ** 20n), fc.integer({ min: -12, max: 8 }), (digits, power) => {
    const plain = plainDecimal(`${digits}e${power}`)
    assert.ok(plain !== undefined && /^-?\d+(\.\d+)?$/.test(plain), plain)
    // digits x 10^power in 10^-8, rounded down and up, in whole numbers.
    const shift = power + 8
    const scaled = shift >= 0 ? digits * 10n ** BigInt(shift) : digits / 10n ** BigInt(-shift)
    const exact = shift >= 0 || digits % 10n ** BigInt(-shift) === 0n
    const below = exact ? scaled : digits < 0n ? scaled - 1n : scaled
    assert.equal(fixedFrom(plain, 'down'), below)
    assert.equal(fixedFrom(plain, 'up'), exact ? below : below + 1n)
  }))
  for (const text of ['', '.', '-', 'NaN', '1e', '0x1', '1,000', ' ']) assert.equal(fixedFrom(text), undefined, text)
})

test('from sums, executions: however seldom one looks, the quantity is the venue\'s and the money never less than it', () => {
  const parts = fc.array(fc.record({ quantity: fc.bigInt(1n, 500n), price: fc.bigInt(1n, 100_000n), looks: fc.boolean() }), { minLength: 1, maxLength: 12 })
  fc.assert(fc.property(parts, fc.constantFrom('buy' as const, 'sell' as const), (executions, side) => {
    let quantity = 0n, value = 0n, booked = 0n, money = 0n
    const fillIds = new Set<string>()
    for (const [i, execution] of executions.entries()) {
      quantity += execution.quantity * ONE
      value += execution.quantity * execution.price * 1_000_000n
      if (!execution.looks && i < executions.length - 1) continue
      // The venue rounds its average; it is read against us.
      const whole = quantity / ONE, average = side === 'buy' ? (value + whole - 1n) / whole : value / whole
      const reached = { orderId: '7', clientOrderId: 'c', side, quantity, average, at: '', knownAt: '' }
      const fill = stepTo(reached, fillIds)
      assert.ok(fill !== undefined)
      booked += fill.quantity
      money += fill.quantity * fill.price
      fillIds.add(fill.fillId)
      assert.equal(stepTo(reached, fillIds), undefined, 'once')
    }
    assert.equal(booked, quantity)
    if (side === 'buy') assert.ok(money >= value * ONE, `${money} paid, ${value * ONE} asked`)
    else assert.ok(money <= value * ONE)
  }))
})

test('what is sent to an exchange is never more than was asked for, and at no worse a price', () => {
  const order = { side: 'buy', type: 'limit' } as const
  fc.assert(fc.property(fc.bigInt(1n, 10n ** 12n), fc.bigInt(1n, 10n ** 12n), fc.bigInt(1n, 10n ** 8n), fc.bigInt(1n, 10n ** 8n), fc.boolean(), (quantity, limit, step, tick, buys) => {
    const side = buys ? 'buy' : 'sell'
    const fit = fitted({ ...order, side, quantity, limit } as BrokerOrder, { step, tick, least: 0n, active: true })
    if (typeof fit === 'string') return assert.ok(quantity < step || (buys && limit < tick), fit)
    assert.ok(fit.quantity <= quantity && fit.quantity % step === 0n && quantity - fit.quantity < step)
    assert.ok(fit.limit !== undefined && fit.limit % tick === 0n && (buys ? fit.limit <= limit : fit.limit >= limit))
  }))
})

test('subjects are what they say', () => {
  assert.deepEqual(instrumentOf('ticker:BRK.B'), { kind: 'equity', symbol: 'BRK.B' })
  assert.deepEqual(instrumentOf('option:AAPL250117C00150000'), { kind: 'option', occ: 'AAPL250117C00150000', root: 'AAPL' })
  assert.deepEqual(instrumentOf('pair:BTC/USDT'), { kind: 'pair', base: 'BTC', quote: 'USDT' })
  // An adjusted contract delivers no hundred shares.
  for (const odd of ['option:AAPL1250117C00150000', 'option:AAPL', 'pair:BTCUSDT', 'wallet:x', 'AAPL', '', 'ticker:aapl', 'ticker:A B']) assert.equal(instrumentOf(odd), undefined, odd)
  assert.deepEqual(['AAPL', 'AAPL250117C00150000'].map(listedSubject), ['ticker:AAPL', 'option:AAPL250117C00150000'])
})

test('lists of Tradier: none, one, many', () => {
  const read = (text: string): number => manyOf(readJson(text), 'orders', 'order').length
  assert.deepEqual([read('{"orders":"null"}'), read('{"orders":{"order":{"id":1}}}'), read('{"orders":{"order":[{"id":1},{"id":2}]}}')], [0, 1, 2])
  assert.throws(() => read('{"fault":{"faultstring":"Unauthorized"}}'), Unreadable)
  assert.deepEqual([readErrors(readJson('{"errors":{"error":"one"}}')), readErrors(readJson('{"errors":{"error":["one","two"]}}'))], ['one', 'one; two'])
})

test('whatever a venue answers with 200, an order is never called rejected, and nothing is thrown', async () => {
  const order: BrokerOrder = {
    clientOrderId: 'c1', vault: 'core', subject: 'ticker:AAPL', side: 'buy', type: 'market', quantity: ONE, filled: 0n, timeInForce: 'day', fillIds: new Set(),
    sentMs: 0, expiresMs: 1,
  }
  const whole = JSON.stringify({
    id: '1', client_order_id: 'c1', status: 'filled', symbol: 'AAPL', asset_class: 'us_equity', qty: '1', filled_qty: '1', side: 'buy', order_class: 'simple',
    submitted_at: '2026-01-05T15:00:00Z', updated_at: '2026-01-05T15:00:00Z', filled_at: '2026-01-05T15:00:00.123456789Z', legs: null,
  })
  let body = ''
  const service = await startService({ '/': () => ({ headers: { 'content-type': 'application/json' }, body }) })
  const brokers = [
    openVenue({ name: 'alpaca', endpoint: service.endpoint, live: false, timeoutMs: 2000, currency: 'USD' }, KEY),
    openVenue({ name: 'tradier', endpoint: service.endpoint, live: false, timeoutMs: 2000, currency: 'USD' }, { token: 't', account: 'a' }),
  ]
  const booked = { order: () => undefined, subjects: () => [] }
  try {
    await fc.assert(fc.asyncProperty(fc.nat(whole.length), fc.nat(12), fc.string({ maxLength: 6 }), async (at, cut, put) => {
      body = whole.slice(0, at) + put + whole.slice(at + cut)
      for (const broker of brokers) {
        const { outcome } = await broker.submit(order)
        assert.notEqual(outcome, 'rejected', body)
        await broker.look(order)
        await broker.cancel(order)
        await broker.openOrders()
        await broker.fills(undefined, 0, booked)
        await broker.account()
      }
    }), { numRuns: 60 })
  } finally {
    await service.close()
  }
})

test('a venue that repeats our secrets in what it says of an order is not quoted with them', async () => {
  const order: BrokerOrder = {
    clientOrderId: 'c1', vault: 'core', subject: 'ticker:AAPL', side: 'buy', type: 'market', quantity: ONE, filled: 0n, timeInForce: 'day', fillIds: new Set(),
    sentMs: 0, expiresMs: 1,
  }
  const service = await startService({
    '/': ({ headers }) => ({ status: 422, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ code: 1, message: `no such key: ${JSON.stringify(headers)}` }) }),
  })
  try {
    const { outcome, why } = await openVenue({ name: 'alpaca', endpoint: service.endpoint, live: false, timeoutMs: 2000, currency: 'USD' }, KEY).submit(order) as { outcome: string; why: string }
    assert.equal(outcome, 'rejected')
    assert.match(why, /no such key: .*\[redacted\]/)
    for (const secret of Object.values(KEY)) assert.ok(!why.includes(secret), why)
  } finally {
    await service.close()
  }
})

test('quotes are of one unit of the quantity, of what has traded alone', () => {
  const position = { symbol: 'AAPL', asset_class: 'us_equity', qty: '8', current_price: '187.105' }, option = { symbol: 'AAPL250117C00150000', asset_class: 'us_option', qty: '1', current_price: '2.35' }
  assert.deepEqual(readQuote(position), ['ticker:AAPL', { price: 18_710_500_000n }])
  assert.deepEqual(readQuote(option), ['option:AAPL250117C00150000', { price: 235n * ONE }])
  assert.equal(readQuote({ ...position, current_price: null }), undefined)
  assert.throws(() => readQuote({ ...position, current_price: 'much' }), Unreadable)
  const quote = { symbol: 'AAPL', last: '187.105', trade_date: '1747419592930' }
  assert.deepEqual(readTradierQuote(quote), ['ticker:AAPL', { price: 18_710_500_000n, atMs: 1_747_419_592_930 }])
  assert.deepEqual(readTradierQuote({ symbol: 'AAPL250117C00150000', last: '2.35', trade_date: '0' }), ['option:AAPL250117C00150000', { price: 235n * ONE }])
  assert.equal(readTradierQuote({ ...quote, last: null }), undefined)
  assert.throws(() => readTradierQuote({ symbol: 'AAPL', last: '1' }), Unreadable)
  assert.deepEqual(readTicker({ symbol: 'BTC/USDT', last: '40000.5', timestamp: 1_747_419_592_930 }), { price: 4_000_050_000_000n, atMs: 1_747_419_592_930 })
  assert.equal(readTicker({ symbol: 'BTC/USDT', last: undefined }), undefined)
})
