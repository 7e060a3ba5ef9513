/** OKX's spot API over an exchange of ours: lists of 100 that begin with the latest, refusals with 200, fees out of what is bought, moments in text. */
import { createHmac } from 'node:crypto'
import type { Asked, Reply } from '../service.ts'
import { startService } from '../service.ts'
import type { LocalVenue } from './alpaca.ts'
import { passing } from './binance.ts'
import { decimal, Exchange, units, type Execution, type Standing } from './exchange.ts'

export const OKX_KEY = { apiKey: 'OKXKEYOKXKEY', secret: 'OKXSECRETSECRET', password: 'passphrase' } as const

const FEE = 100_000n
const PAGE = 100
const SYMBOL = 'BTC-USDT'

export async function startOkx({ cash = '100000', nowMs = passing() }: { readonly cash?: string; readonly nowMs?: () => number } = {}): Promise<LocalVenue> {
  const exchange = new Exchange({ ids: 'open', cash, baseFee: FEE, multiplier: () => 1n, isTraded: (symbol) => symbol === SYMBOL, nowMs })
  const service = await startService({ '/': (asked) => answer(exchange, asked) })
  return { service, exchange }
}

const reply = (code: string, data: readonly object[], msg = '', status = 200): Reply =>
  ({ status, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ code, data, msg }) })
const said = (...data: readonly object[]): Reply => reply('0', data)
const fault = (sCode: string, sMsg: string): Reply => reply('1', [{ clOrdId: '', ordId: '', sCode, sMsg, tag: '' }], 'All operations failed')

function answer(exchange: Exchange, { method, url, headers, body }: Asked): Reply {
  const { pathname, searchParams: query } = new URL(url, 'http://here')
  if (pathname === '/api/v5/public/instruments') return query.get('instType') === 'SPOT' ? said(INSTRUMENT) : said()
  if (pathname === '/api/v5/market/ticker') return said({ instType: 'SPOT', instId: SYMBOL, last: decimal(exchange.prices.get(SYMBOL) ?? 0n), ts: String(Date.now()) })
  const text = `${String(headers['ok-access-timestamp'])}${method}${url}${method === 'GET' ? '' : body}`
  if (headers['ok-access-key'] !== OKX_KEY.apiKey || headers['ok-access-passphrase'] !== OKX_KEY.password) return reply('50111', [], 'Invalid OK-ACCESS-KEY', 401)
  if (headers['ok-access-sign'] !== createHmac('sha256', OKX_KEY.secret).update(text).digest('base64')) return reply('50113', [], 'Invalid Sign', 401)
  const limit = query.get('limit')
  if (limit !== null && Number(limit) > PAGE) return reply('51000', [], 'Parameter limit error', 400)
  switch (`${method} ${pathname.replace('/api/v5/', '')}`) {
    case 'POST trade/batch-orders': return place(exchange, body)
    case 'POST trade/cancel-order': {
      const { ordId } = JSON.parse(body) as { readonly ordId?: string }
      const order = exchange.shown().find((each) => idOf(each) === ordId)
      return order !== undefined && exchange.cancel(order) ? said({ clOrdId: order.clientId, ordId: idOf(order), sCode: '0', sMsg: '', ts: '1' })
        : fault('51400', 'Cancellation failed as the order has been filled, canceled or does not exist.')
    }
    case 'GET trade/order': {
      const order = exchange.shown().find((each) => idOf(each) === query.get('ordId') || each.clientId === query.get('clOrdId'))
      return order === undefined ? reply('51603', [], 'Order does not exist') : said(orderBody(order))
    }
    case 'GET trade/orders-pending': return said(...latest(exchange.shown().filter(isLive)).map(orderBody))
    case 'GET trade/orders-history': {
      const state = query.get('state')
      const ended = exchange.shown().filter((order) => !isLive(order) && stateOf(order) === state)
      return said(...latest(within(ended, query, ({ placedMs }) => placedMs)).map(orderBody))
    }
    case 'GET trade/fills-history': return said(...latest(within(exchange.executions, query, ({ atMs }) => atMs)).map(fillBody))
    case 'GET account/bills': return said(...latest(within([...bills(exchange)], query, ({ ts }) => Number(ts))))
    case 'GET account/balance': return said(balance(exchange))
    default: return reply('404', [], 'Not found', 404)
  }
}

const isLive = ({ state }: Standing): boolean => state === 'open' || state === 'leaving'
const idOf = ({ number }: Standing): string => `31045${String(number).padStart(10, '0')}`
const latest = <T>(all: readonly T[]): readonly T[] => [...all].reverse().slice(0, PAGE)

function within<T>(all: readonly T[], query: URLSearchParams, atMs: (one: T) => number): readonly T[] {
  const begin = Number(query.get('begin') ?? 0), end = Number(query.get('end') ?? Infinity)
  return all.filter((one) => atMs(one) >= begin && atMs(one) <= end)
}

interface Posted {
  readonly instId: string
  readonly side: 'buy' | 'sell'
  readonly ordType: string
  readonly sz: string
  readonly px?: string
  readonly clOrdId?: string
  readonly tgtCcy?: string
  readonly tdMode?: string
}

function place(exchange: Exchange, body: string): Reply {
  const [posted] = JSON.parse(body) as readonly [Posted]
  const { instId, side, ordType, sz, px, clOrdId = `made${exchange.orders.length}`, tgtCcy, tdMode } = posted
  if (tdMode !== 'cash') return fault('51000', 'Parameter tdMode error')
  if (!/^[A-Za-z0-9]{1,32}$/.test(clOrdId)) return fault('51000', 'Parameter clOrdId error')
  if (!/^\d+(\.\d{1,8})?$/.test(sz) || units(sz) < units('0.00001')) return fault('51020', 'Your order should meet or exceed the minimum order amount.')
  // What is bought at the market is counted in money, unless told otherwise.
  if (ordType === 'market' && side === 'buy' && tgtCcy !== 'base_ccy') return fault('51000', 'This venue here takes amounts of the base only')
  if (ordType !== 'market' && (px === undefined || units(px) % 1_000_000n !== 0n)) return fault('51006', 'Order price is not within the price limit')
  const taken = exchange.place({
    clientId: clOrdId, symbol: instId, side, type: ordType === 'market' ? 'market' : 'limit', limit: px === undefined ? undefined : units(px), quantity: units(sz),
    timeInForce: ordType === 'ioc' || ordType === 'fok' ? ordType : 'gtc',
  })
  switch (taken) {
    case 'duplicate': return fault('51016', 'Client order ID already exists.')
    case 'symbol': return fault('51001', 'Instrument ID does not exist.')
    case 'funds': case 'holdings': return fault('51008', 'Order failed. Insufficient balance in account.')
    default: return said({ clOrdId, ordId: idOf(taken), tag: '', ts: String(taken.placedMs), sCode: '0', sMsg: 'Order placed' })
  }
}

function stateOf({ state, filled }: Standing): string {
  if (state === 'open' || state === 'leaving') return filled > 0n ? 'partially_filled' : 'live'
  return state === 'filled' ? 'filled' : 'canceled'
}

const orderBody = (order: Standing): object => ({
  instType: 'SPOT', instId: order.symbol, ordId: idOf(order), clOrdId: order.clientId, tag: '', px: order.limit === undefined ? '' : decimal(order.limit), sz: decimal(order.quantity),
  ordType: order.type === 'market' ? 'market' : order.timeInForce === 'gtc' ? 'limit' : order.timeInForce, side: order.side, posSide: 'net', tdMode: 'cash', tgtCcy: 'base_ccy',
  accFillSz: decimal(order.filled), avgPx: order.filled === 0n ? '' : decimal((order.value * 100_000_000n) / order.filled), state: stateOf(order), fee: '0', feeCcy: 'BTC',
  cTime: String(order.placedMs), uTime: String(order.changedMs), fillTime: '', source: '', category: 'normal', reduceOnly: 'false',
})

const fillBody = ({ number, order, side, quantity, price, fee, feeIn, atMs }: Execution): object => ({
  instType: 'SPOT', instId: order.symbol, tradeId: String(number), ordId: idOf(order), clOrdId: order.clientId, billId: `9${number}`, fillPx: decimal(price), fillSz: decimal(quantity),
  side, posSide: 'net', execType: 'T', fee: decimal(-fee), feeCcy: feeIn === 'base' ? 'BTC' : 'USDT', ts: String(atMs),
})

function* bills({ executions, happenings }: Exchange) {
  const common = { ccy: 'USDT', bal: '0', fee: '0', instType: 'SPOT', instId: '', pnl: '0', notes: '', from: '', to: '', ordId: '', subType: '1' }
  for (const { number, atMs, quantity, price, side } of executions) {
    yield { ...common, billId: `9${number}`, type: '2', balChg: decimal(((side === 'buy' ? -1n : 1n) * quantity * price) / 100_000_000n), sz: decimal(quantity), ts: String(atMs) }
  }
  // Between the account for funds and the one for trading.
  for (const { number, money, atMs } of happenings) yield { ...common, billId: `8${number}`, type: '1', balChg: decimal(money), sz: decimal(money), ts: String(atMs) }
}

function balance(exchange: Exchange): object {
  const held = exchange.positions.get(SYMBOL) ?? 0n, free = exchange.available(SYMBOL), power = exchange.buyingPower()
  const one = (ccy: string, all: bigint, left: bigint): object =>
    ({ ccy, eq: decimal(all, 8), cashBal: decimal(all, 8), availBal: decimal(left, 8), availEq: decimal(left, 8), frozenBal: decimal(all - left, 8), uTime: '1' })
  return { uTime: '1', totalEq: decimal(exchange.cash), details: [one('USDT', exchange.cash, power), one('BTC', held, free)] }
}

const INSTRUMENT = {
  instType: 'SPOT', instId: SYMBOL, uly: '', category: '1', baseCcy: 'BTC', quoteCcy: 'USDT', settleCcy: '', ctVal: '', ctMult: '', ctValCcy: '', optType: '', stk: '',
  listTime: '1611907686000', expTime: '', lever: '10', tickSz: '0.01', lotSz: '0.00001', minSz: '0.00001', ctType: '', alias: '', state: 'live', maxLmtSz: '9999999999', maxMktSz: '1000000',
}
