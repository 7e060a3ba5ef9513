/** Binance's spot API over an exchange of ours: signed requests, filters of its markets, fees out of what is bought, ids burned while an order stands. */
import { createHmac } from 'node:crypto'
import type { Asked, Reply } from '../service.ts'
import { startService } from '../service.ts'
import type { LocalVenue } from './alpaca.ts'
import { decimal, Exchange, units, type Execution, type Standing } from './exchange.ts'

export const API_KEY = { apiKey: 'KEYKEYKEYKEY', secret: 'SECRETSECRET' } as const

const BASE_FEE = 100_000n
const STEP = 1000n, TICK = 1_000_000n
const PAGE = 60

/** Every moment is another, where not told otherwise. */
export async function startBinance({ cash = '100000', nowMs = passing() }: { readonly cash?: string; readonly nowMs?: () => number } = {}): Promise<LocalVenue> {
  const exchange = new Exchange({ ids: 'open', cash, baseFee: BASE_FEE, multiplier: () => 1n, isTraded: (symbol) => symbol === 'BTCUSDT', nowMs })
  const service = await startService({ '/': (asked) => answer(exchange, asked) })
  return { service, exchange }
}

export function passing(stepMs = 1): () => number {
  let last = 0
  return () => (last = Math.max(last + stepMs, Date.now()))
}

const json = (status: number, body: unknown): Reply => ({ status, headers: { 'content-type': 'application/json;charset=UTF-8', 'x-mbx-used-weight-1m': '1' }, body: JSON.stringify(body) })
const fault = (code: number, msg: string): Reply => json(code === -1003 ? 429 : 400, { code, msg })

function answer(exchange: Exchange, { method, url, headers, body }: Asked): Reply {
  const { pathname, search } = new URL(url, 'http://here')
  if (pathname === '/api/v3/exchangeInfo') return json(200, INFO)
  if (pathname === '/api/v3/ticker/24hr') {
    const price = exchange.prices.get('BTCUSDT')
    return json(200, { symbol: 'BTCUSDT', lastPrice: price === undefined ? '0.00000000' : decimal(price, 8), openTime: Date.now() - 86_400_000, closeTime: Date.now() })
  }
  if (pathname === '/api/v3/time') return json(200, { serverTime: Date.now() })
  const text = method === 'GET' || method === 'DELETE' && search.length > 1 ? search.slice(1) : body
  const at = text.lastIndexOf('&signature=')
  if (headers['x-mbx-apikey'] !== API_KEY.apiKey) return json(401, { code: -2015, msg: 'Invalid API-key, IP, or permissions for action.' })
  if (at < 0 || createHmac('sha256', API_KEY.secret).update(text.slice(0, at)).digest('hex') !== text.slice(at + 11)) {
    return fault(-1022, 'Signature for this request is not valid.')
  }
  const query = new URLSearchParams(text.slice(0, at))
  if (Math.abs(Number(query.get('timestamp')) - Date.now()) > 5000) return fault(-1021, 'Timestamp for this request is outside of the recvWindow.')
  switch (`${method} ${pathname}`) {
    case 'POST /api/v3/order': return place(exchange, query)
    case 'GET /api/v3/order': return named(exchange, query, (order) => json(200, orderBody(order)))
    case 'DELETE /api/v3/order': return named(exchange, query, (order) => (exchange.cancel(order) ? json(200, orderBody(order)) : fault(-2011, 'Unknown order sent.')))
    case 'GET /api/v3/openOrders': return json(200, exchange.shown().filter(({ state }) => state === 'open' || state === 'leaving').map(orderBody))
    case 'GET /api/v3/allOrders': return json(200, page(exchange.shown(), query, ({ placedMs }) => placedMs).map(orderBody))
    case 'GET /api/v3/myTrades': return json(200, page(exchange.executions, query, ({ atMs }) => atMs).map(tradeBody))
    case 'GET /sapi/v1/capital/deposit/hisrec': return json(200, transfers(exchange, query, 'deposit'))
    case 'GET /sapi/v1/capital/withdraw/history': return json(200, transfers(exchange, query, 'withdrawal'))
    case 'GET /api/v3/account': return json(200, accountBody(exchange))
    default: return { status: 404, headers: { 'content-type': 'text/html' }, body: '<html>not found</html>' }
  }
}

function page<T>(all: readonly T[], query: URLSearchParams, atMs: (one: T) => number): readonly T[] {
  const limit = Math.min(PAGE, Number(query.get('limit') ?? 500)), start = query.get('startTime')
  return start === null ? all.slice(-limit) : all.filter((one) => atMs(one) >= Number(start)).slice(0, limit)
}

function transfers({ happenings }: Exchange, query: URLSearchParams, way: 'deposit' | 'withdrawal'): readonly object[] {
  const start = Number(query.get('startTime') ?? 0), end = Number(query.get('endTime') ?? Infinity)
  return happenings.filter(({ kind, atMs }) => kind === way && atMs >= start && atMs <= end).slice(0, Number(query.get('limit') ?? 1000)).map(({ number, money, state, atMs }) => {
    const time = new Date(atMs).toISOString().slice(0, 19).replace('T', ' '), amount = decimal(money < 0n ? -money : money)
    const common = { id: String(number), amount, coin: 'USDT', network: 'TRX', address: 'T1', addressTag: '', txId: `tx${number}`, transferType: 0 }
    // 1: done, 6: credited but not yet to be taken out; of withdrawals 6 is done, 1 called off.
    return way === 'deposit' ? { ...common, status: state === 'canceled' ? 7 : 1, insertTime: atMs }
      : { ...common, status: state === 'canceled' ? 1 : 6, applyTime: time, completeTime: time, transactionFee: '0' }
  })
}

function place(exchange: Exchange, query: URLSearchParams): Reply {
  const quantity = query.get('quantity') ?? '', price = query.get('price'), type = query.get('type')
  if (!/^\d+(\.\d{1,8})?$/.test(quantity)) return fault(-1100, "Illegal characters found in parameter 'quantity'.")
  if (units(quantity) % STEP !== 0n || units(quantity) < STEP) return fault(-1013, 'Filter failure: LOT_SIZE')
  const stop = query.get('stopPrice'), [, waits = '', kind] = /^(STOP_LOSS_)?(LIMIT|MARKET)$/.exec(type === 'STOP_LOSS' ? 'STOP_LOSS_MARKET' : type ?? '') ?? []
  if (kind === undefined) return fault(-1116, 'Invalid orderType.')
  if ((waits !== '') !== (stop !== null)) return fault(-1102, "Mandatory parameter 'stopPrice' was not sent.")
  if (stop !== null && units(stop) % TICK !== 0n) return fault(-1013, 'Filter failure: PRICE_FILTER')
  if (kind === 'LIMIT' && (price === null || query.get('timeInForce') === null)) return fault(-1102, "Mandatory parameter 'price' was not sent.")
  if (price !== null && units(price) % TICK !== 0n) return fault(-1013, 'Filter failure: PRICE_FILTER')
  if ((query.get('newClientOrderId') ?? '').length > 36) return fault(-1100, "Illegal characters found in parameter 'newClientOrderId'.")
  const taken = exchange.place({
    clientId: query.get('newClientOrderId') ?? `made-${exchange.orders.length}`, symbol: query.get('symbol') ?? '', side: query.get('side') === 'SELL' ? 'sell' : 'buy',
    type: waits === '' ? (kind === 'LIMIT' ? 'limit' : 'market') : kind === 'LIMIT' ? 'stop_limit' : 'stop', stop: stop === null ? undefined : units(stop), limit: price === null ? undefined : units(price), quantity: units(quantity),
    timeInForce: (query.get('timeInForce') ?? 'GTC').toLowerCase(),
  })
  switch (taken) {
    case 'duplicate': return fault(-2010, 'Duplicate order sent.')
    case 'symbol': return fault(-1121, 'Invalid symbol.')
    case 'funds': case 'holdings': return fault(-2010, 'Account has insufficient balance for requested action.')
    default: return json(200, { ...orderBody(taken), transactTime: taken.placedMs, fills: [] })
  }
}

function named(exchange: Exchange, query: URLSearchParams, then: (order: Standing) => Reply): Reply {
  const id = query.get('orderId'), clientId = query.get('origClientOrderId')
  const order = exchange.shown().findLast((each) => (id === null ? each.clientId === clientId : String(each.number) === id))
  return order === undefined ? fault(-2013, 'Order does not exist.') : then(order)
}

const STATUS = { open: 'NEW', leaving: 'PENDING_CANCEL', filled: 'FILLED', cancelled: 'CANCELED', expired: 'EXPIRED', rejected: 'REJECTED' } as const

function orderBody({ number, clientId, symbol, side, type, limit = 0n, stop = 0n, quantity, filled, value, state, timeInForce, placedMs, changedMs }: Standing): object {
  return {
    symbol, orderId: number, orderListId: -1, clientOrderId: clientId, price: decimal(limit, 8), origQty: decimal(quantity, 8), executedQty: decimal(filled, 8),
    cummulativeQuoteQty: decimal(value, 8), status: state === 'open' && filled > 0n ? 'PARTIALLY_FILLED' : STATUS[state], timeInForce: timeInForce.toUpperCase(),
    type: { market: 'MARKET', limit: 'LIMIT', stop: 'STOP_LOSS', stop_limit: 'STOP_LOSS_LIMIT' }[type], side: side.toUpperCase(), stopPrice: decimal(stop, 8), icebergQty: '0.00000000', time: placedMs, updateTime: changedMs, isWorking: true,
    workingTime: placedMs, origQuoteOrderQty: '0.00000000', selfTradePreventionMode: 'NONE',
  }
}

const tradeBody = ({ number, order, symbol, side, quantity, price, fee, feeIn, atMs }: Execution): object => ({
  symbol, id: number, orderId: order.number, orderListId: -1, price: decimal(price, 8), qty: decimal(quantity, 8), quoteQty: decimal((quantity * price) / 100_000_000n, 8),
  commission: decimal(fee, 8), commissionAsset: feeIn === 'base' ? 'BTC' : 'USDT', time: atMs, isBuyer: side === 'buy', isMaker: false, isBestMatch: true,
})

function accountBody(exchange: Exchange): object {
  const held = exchange.positions.get('BTCUSDT') ?? 0n, freeBtc = exchange.available('BTCUSDT'), free = exchange.buyingPower()
  return {
    makerCommission: 10, takerCommission: 10, canTrade: true, accountType: 'SPOT', uid: 354937868, balances: [
      { asset: 'BTC', free: decimal(freeBtc, 8), locked: decimal(held - freeBtc, 8) },
      { asset: 'USDT', free: decimal(free, 8), locked: decimal(exchange.cash - free, 8) },
      { asset: 'LTC', free: '0.00000000', locked: '0.00000000' },
    ],
  }
}

const INFO = {
  timezone: 'UTC', serverTime: 1_565_246_363_776, rateLimits: [], exchangeFilters: [],
  symbols: [{
    symbol: 'BTCUSDT', status: 'TRADING', baseAsset: 'BTC', baseAssetPrecision: 8, quoteAsset: 'USDT', quotePrecision: 8, quoteAssetPrecision: 8,
    orderTypes: ['LIMIT', 'MARKET', 'STOP_LOSS', 'STOP_LOSS_LIMIT'], isSpotTradingAllowed: true, isMarginTradingAllowed: false, permissions: ['SPOT'], permissionSets: [['SPOT']],
    filters: [
      { filterType: 'PRICE_FILTER', minPrice: '0.01000000', maxPrice: '1000000.00000000', tickSize: '0.01000000' },
      { filterType: 'LOT_SIZE', minQty: '0.00001000', maxQty: '9000.00000000', stepSize: '0.00001000' },
      { filterType: 'NOTIONAL', minNotional: '5.00000000', applyMinToMarket: true, maxNotional: '9000000.00000000', applyMaxToMarket: false, avgPriceMins: 5 },
    ],
  }],
}
