/**
 * Exchanges in one vocabulary, that of ccxt (https://docs.ccxt.com): what is asked in its words is answered in its words, beside the bytes
 * it came from.
 */
import type { Json, Millis } from '#record'
import type { Answer, Http } from './outside.ts'

/** One question about one market. */
export interface MarketCall {
  readonly method: 'fetchTrades' | 'fetchTicker' | 'fetchOHLCV' | 'fetchFundingRate' | 'fetchFundingRateHistory' | 'fetchOrderBook'
  /** `BTC/USDT`, or `BTC/USDT:USDT` for a perpetual swap settled in USDT. */
  readonly symbol: string
  readonly sinceMs?: Millis
  readonly limit?: number
  /** Span of candles: `1m`, `1h`. */
  readonly span?: string
}

export interface CallAnswer {
  /** The exchange's own name for the market: `BTCUSDT`. */
  readonly marketId: string
  /** In the vocabulary of ccxt, numbers as text with the digits that were sent; without the exchange's own words (`info`). */
  readonly result: Json
  /** Every answer that it was read from. */
  readonly answers: readonly Answer[]
}

export interface Exchange {
  /** Whether it answers such a question. */
  has(method: MarketCall['method']): boolean
  /** Throws Failure: `usage` for a market that it does not have, `again` where it has had enough, `upstream` and `data` else. */
  call(call: MarketCall): Promise<CallAnswer>
}

/** The exchange of this name in ccxt, every request of which goes through `http`. */
export type OpenExchange = (id: string, http: Http) => Promise<Exchange>
