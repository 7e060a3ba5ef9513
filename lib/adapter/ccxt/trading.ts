/** A ccxt exchange for trading: its class writes requests and reads answers, our wire carries them, and numbers stay the text that was sent. */
import { Failure } from '#port/failure'
import type { VenueTerms } from '#port/broker'
import type { Credentials } from '#port/secrets'
import { isLoopback } from '../http/origins.ts'
import { isField, readJson, type Field } from '../venue/json.ts'
import { openWire, type Ask, type Wire } from '../venue/wire.ts'
import { ccxtClass } from './class.ts'

/** The end of a page by time, where it is not now. */
export interface Until {
  readonly until?: number
}

/** What we use of it, in its own words (https://docs.ccxt.com); what it answers is read with care elsewhere. */
export interface TradingExchange {
  readonly has: { [method: string]: unknown }
  readonly options: { [name: string]: unknown }
  readonly urls: { readonly api?: unknown; readonly test?: unknown }
  readonly hostname?: string
  readonly precisionMode: unknown
  readonly features?: unknown
  number: (text: string) => string
  parseJson: (text: string) => unknown
  fetch: (url: string, method?: string, headers?: Readonly<Record<string, string>>, body?: string) => Promise<unknown>
  setSandboxMode(on: boolean): void
  handleRestResponse(response: object, url: string, method: string, headers: object | undefined, body: string | undefined): Promise<unknown>
  loadMarkets(): Promise<unknown>
  market(symbol: string): unknown
  createOrder(symbol: string, type: string, side: string, amount: string, price: string | undefined, more: object): Promise<unknown>
  cancelOrder(id: string, symbol: string): Promise<unknown>
  fetchOrder(id: string, symbol: string): Promise<unknown>
  fetchOrders(symbol: string, since?: number, limit?: number, more?: Until): Promise<unknown>
  fetchOpenOrders(symbol?: string): Promise<unknown>
  fetchClosedOrders(symbol: string, since?: number, limit?: number, more?: Until): Promise<unknown>
  fetchCanceledOrders(symbol: string, since?: number, limit?: number, more?: Until): Promise<unknown>
  fetchMyTrades(symbol: string, since?: number, limit?: number, more?: Until): Promise<unknown>
  fetchBalance(): Promise<unknown>
  fetchTicker(symbol: string): Promise<unknown>
  fetchLedger(code?: string, since?: number, limit?: number, more?: Until): Promise<unknown>
  fetchDeposits(code?: string, since?: number, limit?: number, more?: Until): Promise<unknown>
  fetchWithdrawals(code?: string, since?: number, limit?: number, more?: Until): Promise<unknown>
}

export interface Trading {
  readonly exchange: TradingExchange
  /** A page that is cut holds the oldest since the moment that was asked for; else it may be the latest. */
  readonly beginsWithOldest: boolean
  /** So many are asked for at once. */
  readonly pageSize: number
  /** So many open orders it lists, and no more; undefined where it lists all. */
  readonly mostOpen: number | undefined
  /** It takes orders that wait for a price, and lists them among the others: what is not listed would be taken for gone. */
  readonly takesStops: boolean
  /** The status of the latest answer; 0 where a request had none. */
  lastStatus(): number
}

/** Binance takes an end only within a day of the beginning, and needs none. */
const OLDEST_FIRST: ReadonlySet<string> = new Set(['binance', 'binanceus'])
const PAGE = 500
const NEEDED = ['createOrder', 'cancelOrder', 'fetchOpenOrders', 'fetchMyTrades', 'fetchBalance']

/** Throws Failure: `usage` where ccxt has no such exchange or cannot do on it what we need, `refused` where only real money could be reached. */
export async function openTrading(terms: VenueTerms, secrets: Credentials): Promise<Trading> {
  const id = terms.exchange ?? ''
  const Type = await ccxtClass<TradingExchange>(id)
  // Of what an exchange has besides the spot market nothing is asked.
  const options = { defaultType: 'spot', fetchMarkets: { types: ['spot'] }, fetchMargins: false, warnOnFetchOpenOrdersWithoutSymbol: false }
  const exchange = new Type({ ...secrets, enableRateLimit: !isLoopback(terms.endpoint), options })
  for (const method of NEEDED) if (exchange.has[method] !== true) throw new Failure('usage', `ccxt cannot ${method} on ${id}`)
  exchange.has['fetchCurrencies'] = false
  if (!terms.live && !isLoopback(terms.endpoint)) {
    if (exchange.urls.test === undefined) throw new Failure('refused', `${id} has no paper accounts: say --live, or --endpoint on this machine`)
    exchange.setSandboxMode(true)
  }
  const { endpoint, timeoutMs, rehearse } = terms
  // Its lists of markets are public, and no request can be written without them.
  const asksInRehearsal = ({ method, headers }: Ask): boolean => method === 'GET' && !Object.keys(headers).some((name) => /key|sign|auth/i.test(name))
  const wire = openWire({ venue: id, origins: originsIn(exchange), endpoint, timeoutMs, secrets, rehearse, asksInRehearsal })
  const most = (method: string): number | undefined => {
    const limit = featureOf(exchange, method)['limit']
    return typeof limit === 'number' ? limit : undefined
  }
  const takesStops = featureOf(exchange, 'createOrder')['stopLossPrice'] === true && featureOf(exchange, 'fetchOpenOrders')['trigger'] === false
  const pageSize = Math.min(PAGE, most('fetchMyTrades') ?? PAGE, most('fetchClosedOrders') ?? PAGE)
  return { ...connected(exchange, wire), beginsWithOldest: OLDEST_FIRST.has(id), pageSize, mostOpen: most('fetchOpenOrders'), takesStops }
}

function connected(exchange: TradingExchange, wire: Wire): Pick<Trading, 'exchange' | 'lastStatus'> {
  let lastStatus = 0
  exchange.number = String
  exchange.parseJson = (text) => {
    try {
      return readJson(text)
    } catch {
      return undefined
    }
  }
  exchange.fetch = async (url, method = 'GET', headers = {}, body) => {
    lastStatus = 0
    const own = { 'user-agent': 'vanta', ...Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name, String(value)])) }
    const { status, headers: heard, text } = await wire.ask({ method, url, headers: own, body })
    lastStatus = status
    const response = { status, statusText: '', headers: new Headers(heard), text: async () => text }
    return exchange.handleRestResponse(response, url, method, headers, body)
  }
  return { exchange, lastStatus: () => lastStatus }
}

/** What ccxt says of one method on the spot market. */
function featureOf({ features }: TradingExchange, method: string): Field {
  const spot = isField(features) ? features['spot'] : undefined, own = isField(spot) ? spot[method] : undefined
  return isField(own) ? own : {}
}

/** Every origin among its addresses. */
function originsIn({ urls, hostname = '' }: TradingExchange): readonly string[] {
  const found = new Set<string>()
  const walk = (value: unknown): void => {
    if (typeof value === 'object' && value !== null) Object.values(value).forEach(walk)
    else if (typeof value === 'string') {
      const url = URL.canParse(value.replace('{hostname}', hostname)) ? new URL(value.replace('{hostname}', hostname)) : undefined
      if (url?.protocol === 'https:') found.add(url.origin)
    }
  }
  walk(urls.api)
  return [...found]
}
