/**
 * ccxt as an exchange of ours. Its classes build addresses and read answers; they fetch nothing: their `fetch` is replaced by our polite requests,
 * so that budgets, limits of size and time, origins and `--endpoint` hold for them too, and their JSON is read with the digits that were sent.
 */
import type { Json } from '#record'
import { Failure, Stopped } from '#port/failure'
import type { CallAnswer, Exchange, MarketCall } from '#port/exchange'
import type { Answer, Http } from '#port/outside'
import { ccxtClass, classesOf } from './class.ts'
import { withTextNumbers } from './numbers.ts'

/** What we use of a ccxt exchange; all else of it stays untouched. */
interface CcxtExchange {
  readonly has: Readonly<Record<string, unknown>>
  number: (text: string) => string
  fetch: (url: string, method?: string, headers?: Readonly<Record<string, string>>, body?: string) => Promise<unknown>
  handleErrors(
    status: number, reason: string, url: string, method: string, headers: object, text: string, json: unknown, asked: object, askedBody: unknown,
  ): unknown
  loadMarkets(): Promise<unknown>
  market(symbol: string): { readonly id: string }
  fetchTrades(symbol: string, since?: number, limit?: number): Promise<unknown>
  fetchTicker(symbol: string): Promise<unknown>
  fetchOHLCV(symbol: string, span?: string, since?: number, limit?: number): Promise<unknown>
  fetchFundingRate(symbol: string): Promise<unknown>
  fetchFundingRateHistory(symbol: string, since?: number, limit?: number): Promise<unknown>
  fetchOrderBook(symbol: string, limit?: number): Promise<unknown>
}

/** Throws Failure `usage` for a name that is none of ccxt's. */
export async function openCcxt(id: string, http: Http): Promise<Exchange> {
  const exchange = await constructed(id)
  let answers: Answer[] = []
  exchange.number = String
  exchange.fetch = async (url, method = 'GET', headers = {}, body) => {
    // Exchanges say with 400 what was wrong, in words that ccxt knows.
    const answer = await http.get({
      url, method: method === 'POST' ? 'POST' : 'GET', headers: headers ?? {}, ...(typeof body === 'string' && { body }), accepts: [400],
    })
    answers.push(answer)
    const text = answer.bytes.toString('utf8')
    const json = withTextNumbers(text, url)
    exchange.handleErrors(answer.status, '', url, method, answer.headers, text, json, headers ?? {}, body)
    if (answer.status === 400) throw new Failure('upstream', `${url}: HTTP 400`)
    return json
  }
  return {
    has: (method) => exchange.has[method] === true || exchange.has[method] === 'emulated',
    async call(call): Promise<CallAnswer> {
      try {
        await exchange.loadMarkets()
        answers = []
        const { id: marketId } = exchange.market(call.symbol)
        const result = await ask(exchange, call)
        return { marketId, result: plain(result), answers }
      } catch (error) {
        throw failureOf(error, id, call)
      }
    },
  }
}

function ask(exchange: CcxtExchange, { method, symbol, sinceMs, limit, span }: MarketCall): Promise<unknown> {
  switch (method) {
    case 'fetchTrades': return exchange.fetchTrades(symbol, sinceMs, limit)
    case 'fetchTicker': return exchange.fetchTicker(symbol)
    case 'fetchOHLCV': return exchange.fetchOHLCV(symbol, span, sinceMs, limit)
    case 'fetchFundingRate': return exchange.fetchFundingRate(symbol)
    case 'fetchFundingRateHistory': return exchange.fetchFundingRateHistory(symbol, sinceMs, limit)
    case 'fetchOrderBook': return exchange.fetchOrderBook(symbol, limit)
  }
}

/** Some classes list the markets of several exchanges, an answer of megabytes each: only those of the one that is asked. */
const OPTIONS: Readonly<Record<string, object>> = {
  binance: { fetchMarkets: { types: ['spot'] } },
  binanceusdm: { fetchMarkets: { types: ['linear'] } },
}

async function constructed(id: string): Promise<CcxtExchange> {
  const Type = await ccxtClass<CcxtExchange>(id)
  // Its own throttle would wait a second time for what our budget has granted.
  return new Type({ enableRateLimit: false, options: OPTIONS[id] ?? {} })
}

/** As JSON, without what the exchange said in its own words: that is in the answers, byte for byte. */
function plain(value: unknown): Json {
  const text = JSON.stringify(value, (key, inner: unknown) => (key === 'info' ? undefined : inner)) as string | undefined
  return JSON.parse(text ?? 'null') as Json
}

/** ccxt's errors say what they are of by their classes. */
function failureOf(error: unknown, id: string, { method, symbol }: MarketCall): unknown {
  if (error instanceof Failure || error instanceof Stopped || !(error instanceof Error)) return error
  const what = `${id}: ${method} ${symbol}: ${error.message.slice(0, 300)}`
  const names = classesOf(error)
  if (names.includes('BadSymbol')) return new Failure('usage', what, error)
  if (names.includes('RateLimitExceeded') || names.includes('DDoSProtection')) return new Failure('again', what, error)
  if (names.includes('AuthenticationError')) return new Failure('config', what, error)
  return new Failure(names.includes('BaseError') ? 'upstream' : 'data', what, error)
}
