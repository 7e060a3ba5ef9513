/** Tradier's trading API over an exchange of ours: forms in, one thing bare and none as "null" out, tags that say nothing, refusals that come later. */
import type { Asked, Reply } from '../service.ts'
import { startService } from '../service.ts'
import type { LocalVenue } from './alpaca.ts'
import { decimal, Exchange, units, type Placing, type Standing } from './exchange.ts'

export const TOKEN = { token: 'TOKENTOKENTOKEN', account: 'VA000001' } as const

const OPTION = /^[A-Z]{1,6}\d{6}[CP]\d{8}$/
const TRADED = ['AAPL', 'GME', 'SPY', 'AAPL270115C00150000', 'AAPL270115C00160000']
/** Pages are of so many, whatever is asked for. */
const PAGE = 60

export async function startTradier({ cash = '100000' }: { readonly cash?: string } = {}): Promise<LocalVenue> {
  const exchange = new Exchange({
    ids: 'tags', cash, multiplier: (symbol) => (OPTION.test(symbol) ? 100n : 1n), isTraded: (symbol) => TRADED.includes(symbol), nowMs: Date.now,
  })
  const service = await startService({ '/': (asked) => answer(exchange, asked) })
  return { service, exchange }
}

/** Numbers have as many decimals as a float of theirs. */
const number = (value: bigint): string => decimal(value, 8)

/** Numbers stand bare in the text, with the digits that were meant. */
function json(status: number, body: unknown): Reply {
  const text = JSON.stringify(body, (_, value: unknown) => (typeof value === 'bigint' ? `#${number(value)}#` : value)).replace(/"#([^#]*)#"/g, '$1')
  return {
    status, body: text,
    headers: { 'content-type': 'application/json;charset=UTF-8', 'X-Ratelimit-Allowed': '60', 'X-Ratelimit-Used': '1', 'X-Ratelimit-Available': '59' },
  }
}
const wrong = (...words: string[]): Reply => json(400, { errors: { error: words.length === 1 ? words[0] : words } })
/** None, one, many. */
const many = (plural: string, single: string, all: readonly object[]): object =>
  ({ [plural]: all.length === 0 ? 'null' : { [single]: all.length === 1 ? all[0] : all } })

function answer(exchange: Exchange, { method, url, headers, body }: Asked): Reply {
  if (headers.authorization !== `Bearer ${TOKEN.token}`) return json(401, { fault: { faultstring: 'Invalid Access Token', detail: { errorcode: 'keymanagement.service.invalid_access_token' } } })
  const { pathname, searchParams: query } = new URL(url, 'http://here')
  if (pathname === '/v1/markets/quotes') {
    const symbols = (query.get('symbols') ?? '').split(',').filter((symbol) => TRADED.includes(symbol))
    return json(200, many('quotes', 'quote', symbols.map((symbol) => {
      const last = exchange.prices.get(symbol) ?? null
      return { symbol, description: symbol, exch: 'Q', type: OPTION.test(symbol) ? 'option' : 'stock', last, trade_date: last === null ? 0 : Date.now(), bid: null, ask: null }
    })))
  }
  const rest = pathname.startsWith(`/v1/accounts/${TOKEN.account}`) ? pathname.slice(`/v1/accounts/${TOKEN.account}`.length) : undefined
  if (rest === undefined) return json(401, { fault: { faultstring: 'Unauthorized Account' } })
  if (headers.accept !== 'application/json') return { status: 200, headers: { 'content-type': 'application/xml' }, body: '<orders/>' }
  if (rest === '/orders' && method === 'POST') return place(exchange, new URLSearchParams(body))
  if (rest === '/orders') {
    const page = Number(query.get('page') ?? 1)
    const shown = exchange.shown().slice((page - 1) * PAGE, page * PAGE)
    return json(200, many('orders', 'order', shown.map((order) => orderBody(order, query.get('includeTags') === 'true'))))
  }
  const id = /^\/orders\/(\d+)$/.exec(rest)?.[1]
  const order = exchange.orders.find(({ number: own }) => String(own) === id)
  if (id !== undefined && method === 'DELETE') {
    if (order === undefined || !exchange.cancel(order)) return wrong(`order ${id} is not in a cancellable state`)
    return json(200, { order: { id: order.number, status: 'ok' } })
  }
  if (rest === '/history') {
    const page = Number(query.get('page') ?? 1), size = Math.min(PAGE, Number(query.get('limit') ?? 25))
    return json(200, many('history', 'event', [...history(exchange)].slice((page - 1) * size, page * size)))
  }
  if (rest === '/positions') {
    const held = [...exchange.positions].map(([symbol, quantity], i) => ({ cost_basis: quantity, date_acquired: '2026-01-05T14:41:11.405Z', id: 100 + i, quantity, symbol }))
    return json(200, many('positions', 'position', held))
  }
  if (rest === '/balances') {
    return json(200, { balances: {
      account_number: TOKEN.account, account_type: 'cash', total_cash: exchange.cash, total_equity: exchange.cash, open_pl: 0, pending_orders_count: exchange.live().length,
      cash: { cash_available: exchange.buyingPower(), sweep: 0, unsettled_funds: 0 },
    } })
  }
  return { status: 404, headers: { 'content-type': 'text/plain' }, body: 'Not Found' }
}

const KINDS = { fee: 'fee', dividend: 'dividend', interest: 'interest', deposit: 'ach', withdrawal: 'wire' } as const

/** Executions among the rest. What is called off or corrected stays, and another event puts it right. */
function* history({ executions, happenings }: Exchange): Generator<object> {
  for (const { symbol, side, quantity, price, atMs } of executions) {
    const signed = side === 'buy' ? quantity : -quantity
    yield { amount: -(signed * price) / 100_000_000n, date: new Date(atMs).toISOString(), type: 'trade', trade: { commission: 0, description: symbol, price, quantity: signed, symbol, trade_type: 'Equity' } }
  }
  for (const { kind, symbol, money, atMs } of happenings) {
    const type = KINDS[kind]
    yield { amount: money, date: new Date(atMs).toISOString(), type, [type]: { description: kind, quantity: 0, ...(symbol !== undefined && { symbol }) } }
  }
}

function place(exchange: Exchange, form: URLSearchParams): Reply {
  const kind = form.get('class') ?? '', type = form.get('type') ?? '', duration = form.get('duration') ?? '', tag = form.get('tag') ?? ''
  const faults: string[] = []
  const quantity = (text: string | null): bigint => {
    if (text !== null && /^\d+$/.test(text) && text !== '0') return units(text)
    faults.push(`Invalid parameter, quantity: ${String(text)}.`)
    return 0n
  }
  if (!['equity', 'option', 'multileg'].includes(kind)) faults.push(`Invalid parameter, class: ${kind}.`)
  if (!['day', 'gtc', 'pre', 'post'].includes(duration)) faults.push(`Invalid parameter, duration: ${duration}.`)
  if (!/^[A-Za-z0-9-]{0,255}$/.test(tag)) faults.push('Invalid parameter, tag.')
  const types = kind === 'multileg' ? ['market', 'debit', 'credit', 'even'] : ['market', 'limit', 'stop', 'stop_limit']
  if (!types.includes(type)) faults.push(`Invalid parameter, type: ${type}.`)
  const price = form.get('price')
  const stop = form.get('stop')
  if (type.startsWith('stop') !== (stop !== null)) faults.push('Stop is required.')
  if (['limit', 'stop_limit', 'debit', 'credit'].includes(type) && price === null) faults.push('Price is required.')
  const legs: NonNullable<Placing['legs']>[number][] = []
  for (let i = 0; form.has(`option_symbol[${i}]`); i++) {
    const [, way = '', effect = ''] = /^(buy|sell)_to_(open|close)$/.exec(form.get(`side[${i}]`) ?? '') ?? []
    if (way === '') faults.push(`Invalid parameter, side[${i}].`)
    legs.push({ symbol: form.get(`option_symbol[${i}]`) ?? '', side: way === 'sell' ? 'sell' : 'buy', effect, ratio: quantity(form.get(`quantity[${i}]`)) })
  }
  if (kind === 'multileg' && legs.length < 2) faults.push('Multileg orders have at least two legs.')
  const side = form.get('side') ?? ''
  const sides = kind === 'equity' ? ['buy', 'sell', 'sell_short', 'buy_to_cover'] : ['buy_to_open', 'buy_to_close', 'sell_to_open', 'sell_to_close']
  if (kind !== 'multileg' && !sides.includes(side)) faults.push(`Invalid parameter, side: ${side}.`)
  const each = kind === 'multileg' ? legs.reduce((least, { ratio }) => (ratio < least ? ratio : least), legs[0]?.ratio ?? 0n) : quantity(form.get('quantity'))
  if (faults.length > 0) return wrong(...faults)
  const placing: Placing = {
    clientId: tag, symbol: (kind === 'option' ? form.get('option_symbol') : form.get('symbol')) ?? '', side: side.startsWith('sell') || type === 'credit' ? 'sell' : 'buy',
    type: type === 'market' || type === 'stop' || type === 'stop_limit' ? type : 'limit', stop: stop === null ? undefined : units(stop), limit: price === null ? undefined : units(price), quantity: each, timeInForce: duration,
    ...(kind === 'multileg' && { legs: legs.map((leg) => ({ ...leg, ratio: leg.ratio / each })) }),
  }
  const taken = exchange.place(placing)
  if (taken === 'symbol') return wrong(`Invalid parameter, symbol: ${placing.symbol}.`)
  // It says yes at once, and looks at the money afterwards.
  const order = typeof taken === 'string' ? exchange.placeRejected(placing, REASONS[taken] ?? taken) : taken
  return json(200, { order: { id: order.number, status: 'ok', partner_id: '3a8bbee1-5184-4ffe-8a0c-294fbad1aee9' } })
}

const REASONS: Readonly<Record<string, string>> = {
  funds: 'You do not have enough buying power for this trade.', holdings: 'You do not have enough shares to sell, or they are in another order.',
}

function statusOf({ state, filled }: Standing): string {
  if (state === 'open') return filled > 0n ? 'partially_filled' : 'open'
  if (state === 'leaving') return 'pending_cancel'
  return state === 'cancelled' ? 'canceled' : state
}

function orderBody(order: Standing, tags: boolean): object {
  const { number: id, symbol, side, type, limit, stop, quantity, filled, value, timeInForce, placedMs, changedMs, legs, clientId, why } = order
  const isOption = OPTION.test(symbol)
  const sums = (ordered: bigint, done: bigint, average: bigint): object =>
    ({ quantity: ordered, avg_fill_price: average, exec_quantity: done, last_fill_price: average, last_fill_quantity: done, remaining_quantity: ordered - done })
  const average = filled === 0n ? 0n : (value * 100_000_000n) / filled
  const common = {
    id, status: statusOf(order), duration: timeInForce, create_date: new Date(placedMs).toISOString(), transaction_date: new Date(changedMs).toISOString(),
    ...(limit !== undefined && { price: limit }), ...(stop !== undefined && { stop_price: stop }), ...(why !== undefined && { reason_description: why }),
  }
  if (legs !== undefined) {
    return {
      ...common, class: 'multileg', type: type === 'market' ? 'market' : side === 'buy' ? 'debit' : 'credit', symbol, strategy: 'spread', num_legs: legs.length,
      ...sums(quantity, filled, average), ...(tags && clientId !== '' && { tag: clientId }),
      leg: legs.map((leg, i) => ({
        ...common, id: id * 100 + i, class: 'option', type, symbol, option_symbol: leg.symbol, side: `${leg.side}_to_${leg.effect}`,
        ...sums(quantity * leg.ratio, filled * leg.ratio, average),
      })),
    }
  }
  return {
    ...common, class: isOption ? 'option' : 'equity', type, symbol: isOption ? symbol.replace(/\d.*/, '') : symbol, ...(isOption && { option_symbol: symbol }),
    side: isOption ? (side === 'buy' ? 'buy_to_open' : 'sell_to_close') : side, ...sums(quantity, filled, average), ...(tags && clientId !== '' && { tag: clientId }),
  }
}
