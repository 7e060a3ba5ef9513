import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Json, Signal, Vanta } from '#record'
import { Failure } from '#port/failure'
import type { CallAnswer, Exchange, MarketCall } from '#port/exchange'
import { memoryOutside } from '#adapter/memory/outside'
import { memoryStore } from '#adapter/memory/store'
import crypto from '../../src/collect/crypto.ts'
import { collected, payloadWorld } from './payload_world.ts'

const NOW = '2026-11-22T12:00:00Z'
const NOW_MS = Date.parse(NOW)

interface Trade {
  readonly id: string
  readonly timestamp: number
}
/** An exchange that has these trades, and gives at most so many from a moment on, oldest first. */
function exchangeOf(trades: readonly Trade[], page: number, answer?: (call: MarketCall) => Json): Exchange & { readonly calls: MarketCall[] } {
  const calls: MarketCall[] = []
  return {
    calls,
    has: (method) => method !== 'fetchFundingRate',
    async call(call): Promise<CallAnswer> {
      calls.push(call)
      const { sinceMs, limit = page } = call
      const from = sinceMs === undefined ? trades.slice(-Math.min(page, limit))
        : trades.filter(({ timestamp }) => timestamp >= sinceMs).slice(0, Math.min(page, limit))
      const result = answer?.(call) ?? from.map(({ id, timestamp }) => ({ id, timestamp, symbol: call.symbol, side: 'buy', price: '1.50',
        amount: '2' }))
      const url = `https://api.example/${call.method}`
      return { marketId: 'BTCUSDT', result, answers: [{ status: 200, url, headers: {}, bytes: Buffer.from(JSON.stringify(result)), heardMs: NOW_MS,
        validators: {} }] }
    },
  }
}

async function round(exchange: Exchange, typed: { readonly [option: string]: string } = {}, store = memoryStore()): Promise<Vanta[]> {
  const world = payloadWorld({}, NOW, memoryOutside({ exchange: () => Promise.resolve(exchange), store }))
  return collected(crypto, { once: 'true', stream: 'trades', ...typed }, { ...world, random: () => ({ next: () => 0.5 }) as never })
}
const idsOf = (records: readonly Vanta[]): unknown[] => records.filter((record): record is Signal => record.kind === 'signal').map(({ facts }) => facts?.['trade_id'])

test('rounds that follow one another give every trade once, whatever the pages and however many share a moment', async () => {
  const gaps = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 50 })), { minLength: 1, maxLength: 60 })
  await fc.assert(fc.asyncProperty(gaps, fc.array(fc.nat(60), { minLength: 1, maxLength: 5 }), async (steps, cuts) => {
    let at = NOW_MS - 100_000
    const trades = steps.map((step, n): Trade => ({ id: String(n + 1), timestamp: (at += step) }))
    const most = Math.max(...trades.map(({ timestamp }) => trades.filter((other) => other.timestamp === timestamp).length))
    const store = memoryStore()
    const heard: unknown[] = []
    let first: number | undefined
    for (const cut of [...cuts.sort((a, b) => a - b), 60]) {
      const known = trades.slice(0, cut)
      if (known.length === 0) continue
      first ??= Math.max(0, known.length - (most + 3))
      heard.push(...idsOf(await round(exchangeOf(known, most + 3), {}, store)))
    }
    assert.equal(new Set(heard).size, heard.length, 'said twice')
    assert.deepEqual([...heard].sort(), trades.slice(first).map(({ id }) => id).sort())
  }), { numRuns: 60 })
})

test('an exchange that says the same again and again is asked no further', async () => {
  const same = exchangeOf([{ id: '1', timestamp: NOW_MS - 5000 }], 10)
  const store = memoryStore()
  await round(same, {}, store)
  await round(same, {}, store)
  assert.equal(same.calls.length, 2)
  const endless = exchangeOf([], 10, ({ sinceMs = 0 }) => [{ id: String(sinceMs), timestamp: Math.max(sinceMs + 1, NOW_MS - 1000), side: 'buy',
    price: '1', amount: '1' }])
  await round(endless, {}, memoryStore())
  const bounded = memoryStore()
  await round(endless, {}, bounded)
  await round(endless, {}, bounded)
  assert.ok(endless.calls.length <= 202)
})

test('only closed candles are told, known when they closed; tickers and what is not there', async () => {
  const minute = 60_000, open = NOW_MS - 2 * minute
  const exchange = exchangeOf([], 10, ({ method }): Json => {
    if (method === 'fetchOHLCV') return [[open, '1.10', '2', '1', '1.5', '7'], [open + minute, '1.5', '2', '1', '1.6', '8'],
      [open + 2 * minute, '1.6', '1.6', '1.6', '1.6', '0']]
    if (method === 'fetchFundingRateHistory') return [{ timestamp: open, fundingRate: '0.0001' }]
    return { timestamp: NOW_MS - 7, last: '1.60', bid: '1.5', ask: '1.7' }
  })
  const records = await round(exchange, { stream: 'candles,ticker,funding', pair: 'btc-usdt' })
  const signals = records.filter((record): record is Signal => record.kind === 'signal')
  assert.deepEqual(signals.map(({ type, at, known_at, subject }) => [type, at, known_at, subject]), [
    ['candle', '2026-11-22T11:58:00.000Z', '2026-11-22T11:59:00.000Z', 'pair:BTC/USDT'],
    ['candle', '2026-11-22T11:59:00.000Z', NOW.replace('Z', '.000Z'), 'pair:BTC/USDT'],
    ['ticker', '2026-11-22T11:59:59.993Z', '2026-11-22T11:59:59.993Z', 'pair:BTC/USDT'],
    ['funding', '2026-11-22T11:58:00.000Z', '2026-11-22T11:58:00.000Z', 'pair:BTC/USDT'],
  ])
  assert.equal(signals[0]?.facts?.['open'], '1.10')
  assert.ok(!exchange.calls.some(({ method }) => method === 'fetchFundingRate'), 'it does not have that')
  assert.ok(exchange.calls.every(({ symbol }) => symbol === 'BTC/USDT'))
})

test('perpetual swaps are asked for by what they settle in', async () => {
  const exchange = exchangeOf([{ id: '1', timestamp: NOW_MS - 5 }], 10)
  const records = await round(exchange, { exchange: 'binanceusdm', pair: 'BTC/USDT' })
  assert.equal(exchange.calls[0]?.symbol, 'BTC/USDT:USDT')
  assert.deepEqual(records.filter((record): record is Signal => record.kind === 'signal').map(({ source, subject }) => [source, subject]),
    [['binance-futures/trade', 'pair:BTC/USDT']])
})

test('words that make no sense are refused', async () => {
  const usage = (error: unknown): boolean => error instanceof Failure && error.exit === 'usage'
  await assert.rejects(round(exchangeOf([], 1), { stream: 'gossip' }), usage)
  await assert.rejects(collected(crypto, { from: 'x', only: 'gossip' }, payloadWorld({ x: '{}' })), usage)
})

test('only what is asked for is told, the rest counted', async () => {
  const world = payloadWorld({ x: '{"e":"trade","E":1672304486868,"s":"BTCUSDT","t":1,"p":"1","q":"1","T":1672304486868,"m":true,"M":true}\n{"symbol":"LTCBTC","price":"4.00000200"}\n' }, NOW)
  const records = await collected(crypto, { from: 'x', only: 'trade' }, world)
  assert.deepEqual(records.map((record) => record.kind === 'signal' && record.type), ['trade'])
  assert.deepEqual(world.said, ['x: line 2: a ticker, which was not asked for'])
})

test('markets on chains are read too: staking, pools, value locked', async () => {
  const world = payloadWorld({ x: JSON.stringify([{ date: '1546300800', totalLiquidityUSD: 1000.5 }]) }, NOW)
  const records = await collected(crypto, { from: 'x' }, world)
  assert.deepEqual(records.map((record) => record.kind === 'signal' && record.type), ['tvl'])
})
