/** Kraken's spot API over an exchange of ours: everything private is posted and signed, pages of 50 begin with the latest, fees are taken in money. */
import { createHash, createHmac } from 'node:crypto'
import type { Asked, Reply } from '../service.ts'
import { startService } from '../service.ts'
import type { LocalVenue } from './alpaca.ts'
import { passing } from './binance.ts'
import { decimal, Exchange, units, type Execution, type Standing } from './exchange.ts'

export const KRAKEN_KEY = { apiKey: 'KRAKENKEYKRAKENKEY', secret: Buffer.from('krakensecret').toString('base64') } as const

const FEE = 260_000n
const PAGE = 50

/** Pages end at whole seconds, so that each moment is in another. */
export async function startKraken({ cash = '100000', nowMs = passing(1100) }: { readonly cash?: string; readonly nowMs?: () => number } = {}): Promise<LocalVenue> {
  const exchange = new Exchange({ ids: 'open', cash, baseFee: FEE, takesMoney: true, multiplier: () => 1n, isTraded: (symbol) => symbol === 'XBTUSDT', nowMs })
  const service = await startService({ '/': (asked) => answer(exchange, asked) })
  return { service, exchange }
}

/** Refusals come with 200. */
const said = (result: object): Reply => ({ status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ error: [], result }) })
const fault = (...error: string[]): Reply => ({ status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ error }) })

function answer(exchange: Exchange, { method, url, headers, body }: Asked): Reply {
  const { pathname } = new URL(url, 'http://here')
  if (pathname === '/0/public/AssetPairs') return said(PAIRS)
  if (pathname === '/0/public/Ticker') {
    const price = decimal(exchange.prices.get('XBTUSDT') ?? 0n, 5), many = [price, price, '1.0']
    return said({ XBTUSDT: { a: many, b: many, c: [price, '1.0'], v: ['1', '1'], p: [price, price], t: [1, 1], l: [price, price], h: [price, price], o: price } })
  }
  if (method !== 'POST' || headers['api-key'] !== KRAKEN_KEY.apiKey) return fault('EAPI:Invalid key')
  const form = new URLSearchParams(body)
  const digest = createHash('sha256').update(`${form.get('nonce') ?? ''}${body}`).digest()
  const signature = createHmac('sha512', Buffer.from(KRAKEN_KEY.secret, 'base64')).update(Buffer.concat([Buffer.from(pathname), digest])).digest('base64')
  if (headers['api-sign'] !== signature) return fault('EAPI:Invalid signature')
  switch (pathname.replace('/0/private/', '')) {
    case 'AddOrder': return place(exchange, form)
    case 'CancelOrder': {
      const order = exchange.shown().find((each) => txid(each) === form.get('txid'))
      return order !== undefined && exchange.cancel(order) ? said({ count: 1 }) : fault('EOrder:Unknown order')
    }
    case 'QueryOrders': {
      const order = exchange.shown().find((each) => txid(each) === form.get('txid'))
      return order === undefined ? fault('EOrder:Invalid order') : said({ [txid(order)]: orderBody(order) })
    }
    case 'OpenOrders': return said({ open: Object.fromEntries(exchange.shown().filter(isLive).map((order) => [txid(order), orderBody(order)])) })
    case 'ClosedOrders': {
      const closed = exchange.shown().filter((order) => !isLive(order))
      return said({ closed: Object.fromEntries(page(closed, form, ({ placedMs }) => placedMs).map((order) => [txid(order), orderBody(order)])), count: closed.length })
    }
    case 'TradesHistory':
      return said({ trades: Object.fromEntries(page(exchange.executions, form, ({ atMs }) => atMs).map(tradeEntry)), count: exchange.executions.length })
    case 'Ledgers':
      return said({ ledger: Object.fromEntries(page([...entries(exchange)], form, ({ atMs }) => atMs).map(({ id, atMs, ...more }) => [id, { ...more, time: atMs / 1000 }])), count: 0 })
    case 'BalanceEx': {
      const held = exchange.positions.get('XBTUSDT') ?? 0n
      return said({
        USDT: { balance: decimal(exchange.cash, 8), hold_trade: decimal(exchange.cash - exchange.buyingPower(), 8) },
        XXBT: { balance: decimal(held, 8), hold_trade: decimal(held - exchange.available('XBTUSDT'), 8) },
      })
    }
    default: return fault('EGeneral:Unknown method')
  }
}

const isLive = ({ state }: Standing): boolean => state === 'open' || state === 'leaving'
const txid = ({ number }: Standing): string => `O${String(number).padStart(5, '0')}-BFD5S-YXKQOU`

/** From after the start (seconds, exclusive) to the end (inclusive), the latest first, so many and no more. */
function page<T>(all: readonly T[], form: URLSearchParams, atMs: (one: T) => number): readonly T[] {
  const start = Number(form.get('start') ?? 0) * 1000, end = Number(form.get('end') ?? Infinity) * 1000
  return all.filter((one) => atMs(one) > start && atMs(one) <= end).sort((a, b) => atMs(b) - atMs(a)).slice(0, PAGE)
}

function place(exchange: Exchange, form: URLSearchParams): Reply {
  const volume = form.get('volume') ?? '', price = form.get('price'), type = form.get('ordertype')
  if (!/^\d+(\.\d{1,8})?$/.test(volume)) return fault('EGeneral:Invalid arguments:volume')
  if (units(volume) < units('0.0001')) return fault('EGeneral:Invalid arguments:volume minimum not met')
  const waits = type === 'stop-loss' || type === 'stop-loss-limit', limit = waits ? form.get('price2') : price, stop = waits ? price : null
  if (!waits && type !== 'limit' && type !== 'market') return fault('EGeneral:Invalid arguments:ordertype')
  if ((type?.endsWith('limit') === true) !== (limit !== null) || (waits && stop === null)) return fault('EOrder:Invalid price')
  if ([limit, stop].some((each) => each !== null && units(each) % 1_000_000n !== 0n)) return fault('EOrder:Invalid price')
  const clientId = form.get('cl_ord_id') ?? `made-${exchange.orders.length}`
  const taken = exchange.place({
    clientId, symbol: form.get('pair') ?? '', side: form.get('type') === 'sell' ? 'sell' : 'buy', type: waits ? (limit === null ? 'stop' : 'stop_limit') : type === 'limit' ? 'limit' : 'market',
    limit: limit === null ? undefined : units(limit), stop: stop === null ? undefined : units(stop), quantity: units(volume), timeInForce: (form.get('timeinforce') ?? 'GTC').toLowerCase(),
  })
  switch (taken) {
    case 'duplicate': return fault('EOrder:Invalid arguments:cl_ord_id in use')
    case 'symbol': return fault('EQuery:Unknown asset pair')
    case 'funds': case 'holdings': return fault('EOrder:Insufficient funds')
    default: return said({ descr: { order: `${taken.side} ${volume} XBTUSDT @ ${type === 'limit' ? `limit ${price ?? ''}` : 'market'}` }, txid: [txid(taken)] })
  }
}

const STATUS = { open: 'open', leaving: 'open', filled: 'closed', cancelled: 'canceled', expired: 'expired', rejected: 'canceled' } as const

function orderBody(order: Standing): object {
  const { clientId, side, type, limit = 0n, stop, quantity, filled, value, state, placedMs, changedMs } = order
  return {
    refid: null, userref: null, cl_ord_id: clientId, status: STATUS[state], opentm: placedMs / 1000, ...(!isLive(order) && { closetm: changedMs / 1000 }), starttm: 0, expiretm: 0,
    descr: { pair: 'XBTUSDT', type: side, ordertype: stop === undefined ? type : limit === 0n ? 'stop-loss' : 'stop-loss-limit', price: decimal(stop ?? limit), price2: stop === undefined ? '0' : decimal(limit), leverage: 'none', order: '', close: '' },
    vol: decimal(quantity, 8), vol_exec: decimal(filled, 8), cost: decimal(value, 5), fee: '0.00000',
    price: filled === 0n ? '0.00000' : decimal((value * 100_000_000n) / filled, 5), stopprice: '0.00000', limitprice: '0.00000', misc: '', oflags: 'fciq',
  }
}

const tradeEntry = ({ number, order, side, quantity, price, fee, atMs }: Execution): readonly [string, object] => [`T${String(number).padStart(5, '0')}-XJRTF-THZABF`, {
  ordertxid: txid(order), postxid: 'TKH2SE-M7IF5-CFI7LT', pair: 'XBTUSDT', time: atMs / 1000, type: side, ordertype: order.type, price: decimal(price, 5),
  cost: decimal((quantity * price) / 100_000_000n, 5), fee: decimal(fee, 5), vol: decimal(quantity, 8), margin: '0.00000', leverage: '0', misc: '', trade_id: number, maker: false,
}]

/** Of an execution both sides; nothing is ever changed. */
function* entries({ executions, happenings }: Exchange) {
  const common = { aclass: 'currency', subtype: '', balance: '0' }
  for (const { number, side, quantity, price, fee, atMs } of executions) {
    const money = (quantity * price) / 100_000_000n, sign = side === 'buy' ? -1n : 1n
    yield { ...common, id: `LM${number}-N2CUX-PNY4SX`, refid: `T${number}`, type: 'trade', asset: 'USDT', amount: decimal(sign * money, 8), fee: decimal(fee, 8), atMs }
    yield { ...common, id: `LB${number}-N2CUX-PNY4SX`, refid: `T${number}`, type: 'trade', asset: 'XXBT', amount: decimal(-sign * quantity, 8), fee: '0', atMs }
  }
  for (const { number, kind, money, atMs } of happenings) {
    const type = kind === 'interest' ? 'staking' : kind
    yield { ...common, id: `LH${number}-N2CUX-PNY4SX`, refid: `H${number}`, type, asset: 'USDT', amount: decimal(money, 8), fee: '0.00000000', atMs }
  }
}

const PAIRS = {
  XBTUSDT: {
    altname: 'XBTUSDT', wsname: 'XBT/USDT', aclass_base: 'currency', base: 'XXBT', aclass_quote: 'currency', quote: 'USDT', lot: 'unit', cost_decimals: 5,
    pair_decimals: 2, lot_decimals: 8, lot_multiplier: 1, leverage_buy: [], leverage_sell: [], fees: [[0, 0.26]], fees_maker: [[0, 0.16]],
    fee_volume_currency: 'ZUSD', margin_call: 80, margin_stop: 40, ordermin: '0.0001', costmin: '0.5', tick_size: '0.01', status: 'online',
  },
}
