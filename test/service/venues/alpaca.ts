/** Alpaca's trading API over an exchange of ours: its addresses, bodies, codes and rules as documented and as recorded bodies show them. */
import type { Asked, Reply, Service } from '../service.ts'
import { startService } from '../service.ts'
import { decimal, Exchange, units, type Execution, type Happened, type Standing } from './exchange.ts'

export const KEY = { key_id: 'PKTESTTESTTEST', secret: 'secretsecretsecret' } as const

export interface LocalVenue {
  readonly service: Service
  readonly exchange: Exchange
}

/** Several of an order's legs have ids of their own. */
const idOf = (order: Standing, leg?: number): string => `61e69015-8549-4bfd-b9c3-${String(leg ?? 0).padStart(4, '0')}${String(order.number).padStart(8, '0')}`
const OPTION = /^[A-Z]{1,6}\d{6}[CP]\d{8}$/
const classOf = (symbol: string): string => (OPTION.test(symbol) ? 'us_option' : symbol.includes('/') ? 'crypto' : 'us_equity')
/** Moments have more digits than milliseconds. */
const moment = (ms: number): string => new Date(ms).toISOString().replace('Z', '123456Z')

const TRADED = ['AAPL', 'GME', 'SPY', 'AAPL270115C00150000', 'AAPL270115C00160000', 'BTC/USD']

export async function startAlpaca({ cash = '100000', nowMs = Date.now }: { readonly cash?: string; readonly nowMs?: () => number } = {}): Promise<LocalVenue> {
  const exchange = new Exchange({
    ids: 'burned', cash, multiplier: (symbol) => (OPTION.test(symbol) ? 100n : 1n), isTraded: (symbol) => TRADED.includes(symbol), nowMs,
  })
  const service = await startService({ '/': (asked) => answer(exchange, asked) })
  service.sockets = (_asked, socket) => {
    socket.on('message', (data: Buffer) => {
      const said = JSON.parse(data.toString()) as { readonly action: string; readonly key?: string; readonly secret?: string }
      const authorized = said.key === KEY.key_id && said.secret === KEY.secret
      const reply = said.action === 'auth'
        ? { stream: 'authorization', data: { action: 'authenticate', status: authorized ? 'authorized' : 'unauthorized' } }
        : { stream: 'listening', data: { streams: ['trade_updates'] } }
      socket.send(Buffer.from(JSON.stringify(reply)))
    })
    exchange.onChange((order) => socket.send(Buffer.from(JSON.stringify({ stream: 'trade_updates', data: { event: statusOf(order), order: orderBody(order) } }))))
  }
  return { service, exchange }
}

const json = (status: number, body: unknown): Reply => ({ status, headers: { 'content-type': 'application/json; charset=UTF-8' }, body: JSON.stringify(body) })
const fault = (status: number, code: number, message: string, more: object = {}): Reply => json(status, { ...more, code, message })
const notFound = fault(404, 40410000, 'order not found')

function answer(exchange: Exchange, { method, url, headers, body }: Asked): Reply {
  if (headers['apca-api-key-id'] !== KEY.key_id || headers['apca-api-secret-key'] !== KEY.secret) return json(403, { message: 'forbidden.' })
  const { pathname, searchParams: query } = new URL(url, 'http://here')
  if (pathname === '/v2/orders' && method === 'POST') return place(exchange, body)
  if (pathname === '/v2/orders') return list(exchange, query)
  if (pathname === '/v2/orders:by_client_order_id') {
    const order = exchange.shown().find(({ clientId }) => clientId === query.get('client_order_id'))
    return order === undefined ? notFound : json(200, orderBody(order))
  }
  const id = /^\/v2\/orders\/([\w-]+)$/.exec(pathname)?.[1]
  if (id !== undefined) return method === 'DELETE' ? cancel(exchange, id) : one(exchange, id)
  if (pathname === '/v2/account') return json(200, accountBody(exchange))
  if (pathname === '/v2/positions') return json(200, [...exchange.positions].map(([symbol, held]) => positionBody(exchange, symbol, held)))
  if (pathname === '/v2/account/activities') return nonTrades(exchange, query)
  if (pathname === '/v2/account/activities/FILL') return activities(exchange, query)
  return { status: 404, headers: { 'content-type': 'text/plain' }, body: 'Not Found' }
}

interface Posted {
  readonly symbol?: string
  readonly qty?: string
  readonly side?: 'buy' | 'sell'
  readonly type?: 'market' | 'limit' | 'stop' | 'stop_limit'
  readonly time_in_force?: string
  readonly limit_price?: string
  readonly stop_price?: string
  readonly client_order_id?: string
  readonly order_class?: string
  readonly position_intent?: string
  readonly legs?: readonly { readonly symbol: string; readonly ratio_qty: string; readonly side: 'buy' | 'sell'; readonly position_intent: string }[]
}

function place(exchange: Exchange, body: string): Reply {
  let posted: Posted
  try {
    posted = JSON.parse(body) as Posted
  } catch {
    return fault(400, 40010000, 'request body format is invalid')
  }
  const { qty = '', type, time_in_force: timeInForce = '', limit_price: price, stop_price: stop, client_order_id: clientId = `made-${exchange.orders.length}`, legs } = posted
  const isMany = posted.order_class === 'mleg'
  const symbol = isMany ? legs?.[0]?.symbol.replace(/\d.*/, '') ?? '' : posted.symbol ?? ''
  if (clientId.length > 48) return fault(422, 40010001, 'client_order_id must be no more than 48 characters')
  if (!/^\d+(\.\d+)?$/.test(qty) || units(qty) <= 0n) return fault(422, 42210000, 'qty must be > 0')
  if (type !== 'market' && type !== 'limit' && type !== 'stop' && type !== 'stop_limit') return fault(422, 42210000, 'type is invalid')
  if (!isMany && posted.side !== 'buy' && posted.side !== 'sell') return fault(422, 42210000, 'side is invalid')
  if (!['day', 'gtc', 'ioc', 'fok', 'opg', 'cls'].includes(timeInForce)) return fault(422, 42210000, 'invalid time_in_force')
  if ((type === 'limit' || type === 'stop_limit') && price === undefined) return fault(422, 40010001, 'limit orders require limit price')
  const waits = type === 'stop' || type === 'stop_limit'
  if (waits !== (stop !== undefined)) return fault(422, 40010001, 'stop orders require stop price')
  if (waits && (timeInForce === 'ioc' || timeInForce === 'fok')) return fault(422, 42210000, 'invalid time_in_force for stop order')
  if (classOf(symbol) === 'crypto' && type === 'stop') return fault(422, 42210000, 'invalid order type for crypto order')
  if (classOf(symbol) === 'crypto' && timeInForce !== 'gtc' && timeInForce !== 'ioc') return fault(422, 42210000, 'invalid crypto time_in_force')
  if (classOf(symbol) !== 'crypto' && price !== undefined && units(price) > 100_000_000n && units(price) % 1_000_000n !== 0n) {
    return fault(422, 42210000, `invalid limit_price ${price}. sub-penny increment does not fulfill minimum pricing criteria`)
  }
  if ((classOf(symbol) === 'us_option' || isMany) && units(qty) % 100_000_000n !== 0n) return fault(422, 42210000, 'qty must be integer')
  const net = price === undefined ? undefined : units(price)
  const taken = exchange.place({
    clientId, symbol, side: isMany ? (net !== undefined && net < 0n ? 'sell' : 'buy') : posted.side ?? 'buy', type, timeInForce, quantity: units(qty), stop: stop === undefined ? undefined : units(stop),
    limit: net !== undefined && net < 0n ? -net : net,
    legs: legs?.map((leg) => ({ symbol: leg.symbol, side: leg.side, effect: leg.position_intent, ratio: BigInt(leg.ratio_qty) })),
  })
  switch (taken) {
    case 'duplicate': return fault(422, 40010001, 'client_order_id must be unique')
    case 'symbol': return fault(422, 42210000, `asset "${symbol}" not found`)
    case 'funds': return fault(403, 40310000, 'insufficient buying power', { buying_power: decimal(exchange.buyingPower(), 2), cost_basis: qty })
    case 'holdings': {
      const available = decimal(exchange.available(symbol))
      return fault(403, 40310000, `insufficient qty available for order (requested: ${qty}, available: ${available})`, { available, symbol })
    }
    default: return json(200, orderBody(taken))
  }
}

function list(exchange: Exchange, query: URLSearchParams): Reply {
  const status = query.get('status') ?? 'open', limit = Math.min(60, Number(query.get('limit') ?? 50)), after = query.get('after_order_id')
  const isOpen = ({ state }: Standing): boolean => state === 'open' || state === 'leaving'
  let orders = exchange.shown().filter((order) => status === 'all' || (status === 'open') === isOpen(order))
  if (query.get('direction') !== 'asc') orders = orders.reverse()
  if (after !== null) orders = orders.slice(orders.findIndex((order) => idOf(order) === after) + 1)
  return json(200, orders.slice(0, limit).map(orderBody))
}

function find(exchange: Exchange, id: string): readonly [Standing, number | undefined] | undefined {
  for (const order of exchange.shown()) {
    if (idOf(order) === id) return [order, undefined]
    for (const i of order.legs?.keys() ?? []) if (idOf(order, i + 1) === id) return [order, i]
  }
  return undefined
}

function one(exchange: Exchange, id: string): Reply {
  const [order, leg] = find(exchange, id) ?? []
  if (order === undefined) return notFound
  return json(200, leg === undefined ? orderBody(order) : legBody(order, leg))
}

function cancel(exchange: Exchange, id: string): Reply {
  const [order] = find(exchange, id) ?? []
  if (order === undefined) return notFound
  return exchange.cancel(order) ? { status: 204 } : fault(422, 42210000, `order is already in "${statusOf(order)}" state`)
}

function activities(exchange: Exchange, query: URLSearchParams): Reply {
  const size = Number(query.get('page_size') ?? 100), token = query.get('page_token'), after = query.get('after')
  let told = exchange.executions.filter(({ atMs }) => after === null || atMs > Date.parse(after))
  if (query.get('direction') !== 'asc') told = told.reverse()
  if (token !== null) told = told.slice(told.findIndex((execution) => activityId(execution) === token) + 1)
  return json(200, told.slice(0, size).map(activityBody))
}

const KINDS = { fee: 'FEE', dividend: 'DIV', interest: 'INT', deposit: 'CSD', withdrawal: 'CSW' } as const
const happenedId = ({ number, atMs }: Happened): string => `${moment(atMs).replace(/\D/g, '').slice(0, 17)}::5f596936-6f23-4cef-bdf1-${String(number).padStart(12, '0')}`

/** At most so many a page, those of the last page again at the head of the next. */
function nonTrades(exchange: Exchange, query: URLSearchParams): Reply {
  if (query.get('category') !== 'non_trade_activity') return fault(422, 40010001, 'this venue tells executions elsewhere')
  const token = query.get('page_token'), after = Date.parse(query.get('after') ?? '1970-01-01'), size = Math.min(50, Number(query.get('page_size') ?? 100))
  let told = exchange.happenings.filter(({ atMs }) => atMs > after)
  if (token !== null) told = told.slice(told.findIndex((happened) => happenedId(happened) === token) + 1)
  return json(200, told.slice(0, size).map((happened) => ({
    activity_type: KINDS[happened.kind], id: happenedId(happened), date: moment(happened.atMs).slice(0, 10), net_amount: decimal(happened.money, 2),
    ...(happened.symbol !== undefined && { symbol: happened.symbol, qty: '4', per_share_amount: decimal(happened.money / 4n) }),
    description: happened.kind, status: happened.state,
  })))
}

function statusOf({ state, filled }: Standing): string {
  switch (state) {
    case 'open': return filled > 0n ? 'partially_filled' : 'new'
    case 'leaving': return 'pending_cancel'
    case 'cancelled': return 'canceled'
    default: return state
  }
}

function orderBody(order: Standing): object {
  const { clientId, symbol, side, type, limit, stop, quantity, filled, value, timeInForce, placedMs, changedMs, legs } = order
  const status = statusOf(order), ended = (name: string): string | null => (status === name ? moment(changedMs) : null)
  return {
    id: idOf(order), client_order_id: clientId, created_at: moment(placedMs), updated_at: moment(changedMs), submitted_at: moment(placedMs),
    filled_at: ended('filled'), expired_at: ended('expired'), canceled_at: ended('canceled'), failed_at: ended('rejected'),
    replaced_at: null, replaced_by: null, replaces: null, asset_id: '904837e3-3b76-47ec-b432-046db621571b',
    symbol: legs === undefined ? symbol : '', asset_class: legs === undefined ? classOf(symbol) : '', notional: null, qty: decimal(quantity),
    filled_qty: decimal(filled), filled_avg_price: filled === 0n ? null : decimal((value * 100_000_000n) / filled),
    order_class: legs === undefined ? 'simple' : 'mleg', order_type: type, type, side: legs === undefined ? side : '', time_in_force: timeInForce,
    limit_price: limit === undefined ? null : `${legs !== undefined && side === 'sell' ? '-' : ''}${decimal(limit)}`, stop_price: stop === undefined ? null : decimal(stop),
    status, extended_hours: false, legs: legs === undefined ? null : [...legs.keys()].map((i) => legBody(order, i)),
    trail_percent: null, trail_price: null, hwm: null,
  }
}

function legBody(order: Standing, i: number): object {
  const leg = order.legs?.[i]
  if (leg === undefined) throw new Error('no such leg')
  return {
    ...orderBody({ ...order, legs: undefined }), id: idOf(order, i + 1), client_order_id: `leg-${order.number}-${i}`, symbol: leg.symbol, side: leg.side,
    asset_class: 'us_option', order_class: 'mleg', qty: decimal(order.quantity * leg.ratio), filled_qty: decimal(order.filled * leg.ratio),
  }
}

const activityId = ({ number, atMs }: Execution): string => `${moment(atMs).replace(/\D/g, '').slice(0, 17)}::8efc7b9a-8b2b-4000-9955-${String(number).padStart(12, '0')}`

function activityBody(execution: Execution): object {
  const { order, symbol, side, quantity, price, atMs } = execution
  const leg = order.legs?.findIndex((each) => each.symbol === symbol)
  return {
    activity_type: 'FILL', id: activityId(execution), cum_qty: decimal(order.filled), leaves_qty: decimal(order.quantity - order.filled),
    price: decimal(price), qty: decimal(quantity), side, symbol, transaction_time: moment(atMs), order_id: idOf(order, leg === undefined ? undefined : leg + 1),
    type: order.filled === order.quantity ? 'fill' : 'partial_fill', order_status: statusOf(order),
  }
}

const accountBody = (exchange: Exchange): object => ({
  id: '61e69015-8549-4bfd-b9c3-01e75843f47d', account_number: 'PA2TEST', status: 'ACTIVE', currency: 'USD', cash: decimal(exchange.cash, 2),
  buying_power: decimal(exchange.buyingPower(), 2), pattern_day_trader: false, trading_blocked: false, transfers_blocked: false, account_blocked: false,
  trade_suspended_by_user: false, shorting_enabled: true, multiplier: '1', daytrade_count: 0,
})

/** None where nothing has traded. */
const priceIn = ({ prices }: Exchange, symbol: string): string | null => {
  const price = prices.get(symbol)
  return price === undefined ? null : decimal(price)
}

/** Pairs lose their stroke here. */
const positionBody = (exchange: Exchange, symbol: string, held: bigint): object => ({
  asset_id: '904837e3-3b76-47ec-b432-046db621571b', symbol: symbol.replace('/', ''), asset_class: classOf(symbol), qty: decimal(held),
  qty_available: decimal(exchange.available(symbol)), side: held < 0n ? 'short' : 'long', avg_entry_price: '1',
  current_price: priceIn(exchange, symbol),
})
