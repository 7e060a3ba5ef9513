/** What is asked through ccxt against what our own readers make of the same bytes. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Signal } from '#record'
import { Failure } from '#port/failure'
import type { Http, Request } from '#port/outside'
import { openCcxt } from '#adapter/ccxt/exchange'
import { withTextNumbers } from '#adapter/ccxt/numbers'
import { EXCHANGE_NAMES, EXCHANGES, type AskedExchange } from '#wire/crypto/exchanges'
import { unifiedPayload } from '#wire/crypto/unified'
import type { MarketCall } from '#port/exchange'
import { readBooks, readCrypto } from '../book/reading.ts'

const INFO = {
  timezone: 'UTC', serverTime: 1, symbols: [{
    symbol: 'BTCUSDT', status: 'TRADING', baseAsset: 'BTC', quoteAsset: 'USDT', baseAssetPrecision: 8, quotePrecision: 8, orderTypes: ['LIMIT'],
    isSpotTradingAllowed: true,
    filters: [{ filterType: 'PRICE_FILTER', tickSize: '0.01' }, { filterType: 'LOT_SIZE', stepSize: '0.00001', minQty: '0.00001',
      maxQty: '9000' }], permissions: ['SPOT'],
  }],
}
const PRODUCT = {
  id: 'ETH-USDT', base_currency: 'ETH', quote_currency: 'USDT', quote_increment: '0.01', base_increment: '0.00000001', display_name: 'ETH/USDT',
  min_market_funds: '1',
  margin_enabled: false, post_only: false, limit_only: false, cancel_only: false, status: 'online', status_message: '', trading_disabled: false,
  auction_mode: false,
}
const AGGREGATES = '[{"a":26129,"p":"0.01633102","q":"4.70443515","f":27781,"l":27781,"T":1498793709153,"m":true,"M":true},' +
  '{"a":26130,"p":"0.01633100","q":"1.00","f":27782,"l":27783,"T":1498793709999,"m":false,"M":true}]'
const COINBASE = '[{"time":"2022-01-30T18:13:33.818634Z","trade_id":5267864,"price":"2623.57000000","size":"0.31238874","side":"sell"}]'
const CANDLES = '[[1499040000000,"0.01634790","0.80000000","0.01575800","0.01577100","148976.11427815",1499043599999,"2434.19055334",308,"1756.87","28.46","0"]]'
const DEPTH = '{"lastUpdateId":1027024,"bids":[["4.00000000","12345678901234567.12345678"]],"asks":[["4.00000200","12.00000000"]]}'

function answering(routes: { readonly [part: string]: string }): Http & { readonly asked: Request[] } {
  const asked: Request[] = []
  return {
    asked,
    async get(request) {
      asked.push(request)
      const body = Object.entries(routes).find(([part]) => request.url.includes(part))?.[1] ?? '{"symbols":[]}'
      return { status: 200, url: request.url, headers: {}, bytes: Buffer.from(body), heardMs: 0, validators: {} }
    },
    stream: () => assert.fail('no stream'),
    socket: () => assert.fail('no socket'),
  }
}
const binanceHttp = () => answering({ '/api/v3/exchangeInfo': JSON.stringify(INFO), aggTrades: AGGREGATES, klines: CANDLES, '/depth': DEPTH })
const coinbaseHttp = () => answering({ '/products/ETH-USDT/trades': COINBASE, '/currencies': '[]', '/products': JSON.stringify([PRODUCT]) })

async function through(id: string, http: Http, call: MarketCall): Promise<Signal[]> {
  const exchange = await openCcxt(id, http)
  return (await readCrypto(unifiedPayload(id, call, await exchange.call(call)))).signals
}

test('trades through ccxt have the ids that our own readers give them', async () => {
  const binance = await through('binance', binanceHttp(), { method: 'fetchTrades', symbol: 'BTC/USDT', sinceMs: 1498793709000 })
  const own = await readCrypto(AGGREGATES, { symbol: 'BTCUSDT' })
  assert.equal(binance.length, 2)
  assert.deepEqual(binance.map(({ id }) => id).sort(), own.signals.map(({ id }) => id).sort())
  const coinbase = await through('coinbaseexchange', coinbaseHttp(), { method: 'fetchTrades', symbol: 'ETH/USDT' })
  assert.deepEqual(coinbase.map(({ id }) => id), (await readCrypto(COINBASE, { symbol: 'ETH-USDT' })).signals.map(({ id }) => id))
})

test('candles and books keep every digit', async () => {
  const [candle] = await through('binance', binanceHttp(), { method: 'fetchOHLCV', symbol: 'BTC/USDT', span: '1h' })
  assert.deepEqual(candle?.facts, { venue: 'binance', symbol: 'BTCUSDT', span: '1h', open: '0.01634790', high: '0.80000000', low: '0.01575800',
    close: '0.01577100', volume: '148976.11427815' })
  const call: MarketCall = { method: 'fetchOrderBook', symbol: 'BTC/USDT' }
  const exchange = await openCcxt('binance', binanceHttp())
  const payload = unifiedPayload('binance', call, await exchange.call(call))
  const [book] = (await readCrypto(payload)).signals
  assert.deepEqual([book?.facts?.['bid_size'], book?.facts?.['sequence'], book?.subject], ['12345678901234567.12345678', '1027024', 'pair:BTC/USDT'])
  assert.match((await readBooks(payload)).failure?.message ?? '', /no message of an exchange/)
})

test('ccxt fetches nothing by itself, and is told no more than what it may ask', async () => {
  const http = binanceHttp()
  await through('binance', http, { method: 'fetchTrades', symbol: 'BTC/USDT' })
  const origins = new Set(http.asked.map(({ url }) => new URL(url).origin))
  for (const origin of origins) assert.ok((EXCHANGES.binance.service.origins as readonly string[]).includes(origin), origin)
  assert.equal(http.asked.length, 2)
  assert.ok(http.asked.every(({ method, secret }) => method === 'GET' && secret === undefined))
})

test('failures have our names', async () => {
  const unknown = openCcxt('nosuchexchange', binanceHttp())
  await assert.rejects(unknown, (error) => error instanceof Failure && error.exit === 'usage')
  await assert.rejects(openCcxt('../../secrets', binanceHttp()), (error) => error instanceof Failure && error.exit === 'usage')
  const exchange = await openCcxt('binance', binanceHttp())
  await assert.rejects(exchange.call({ method: 'fetchTrades', symbol: 'NO/PAIR' }), (error) => error instanceof Failure && error.exit === 'usage')
  const page = await openCcxt('binance', answering({ '/api/v3/exchangeInfo': '<html></html>' }))
  await assert.rejects(page.call({ method: 'fetchTrades', symbol: 'BTC/USDT' }), (error) => error instanceof Failure && error.exit === 'data')
  const refused = await openCcxt('binance', answering({ '/api/v3/exchangeInfo': JSON.stringify(INFO),
    aggTrades: '{"code":-1003,"msg":"Too many requests"}' }))
  await assert.rejects(refused.call({ method: 'fetchTrades', symbol: 'BTC/USDT' }), (error) => error instanceof Failure && error.exit === 'again')
})

test('numbers are text with the digits that were sent', () => {
  assert.deepEqual(withTextNumbers('{"a":1.10,"b":[12345678901234567890,-2e-8],"c":"x 1.5 \\" 2","d":true,"e":null}', 'x'),
    { a: '1.10', b: ['12345678901234567890', '-2e-8'], c: 'x 1.5 " 2', d: true, e: null })
  assert.throws(() => withTextNumbers('{"a":01}', 'x'), Failure)
})

test('each exchange that is offered is one of ccxt’s, asked at addresses that it uses', async () => {
  for (const name of EXCHANGE_NAMES) {
    const { service }: AskedExchange = EXCHANGES[name]
    const exchange = await openCcxt(name, answering({}))
    assert.ok(exchange.has('fetchTrades') && exchange.has('fetchTicker') && exchange.has('fetchOHLCV') && exchange.has('fetchOrderBook'), name)
    assert.ok(service.origins.length > 0 && service.rate.requests > 0)
  }
})
