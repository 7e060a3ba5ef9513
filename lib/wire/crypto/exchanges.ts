/** Exchanges that are asked through ccxt: its name for each, ours, and how they may be asked. Public market data, no keys. */
import { Failure } from '#port/failure'
import type { Service } from '#port/outside'
import { pairNamed } from '../book/pairs.ts'

export interface AskedExchange {
  readonly venue: string
  readonly service: Service
  /** Markets are perpetual swaps, `BTC/USDT:USDT`, which pay funding: what they are settled in. */
  readonly swaps?: 'base' | 'quote'
  /** The pair that is asked for where none is named. */
  readonly pair: string
}

const asked = (venue: string, origins: readonly string[], requests: number, pair: string, swaps?: 'base' | 'quote'): AskedExchange =>
  ({ venue, service: { name: venue, origins, rate: { requests, perMs: 60_000 } }, pair, ...(swaps && { swaps }) })

/** Requests in a minute stay far below what each allows an address. */
export const EXCHANGES = {
  binance: asked('binance', ['https://api.binance.com'], 60, 'BTC/USDT'),
  binanceusdm: asked('binance-futures', ['https://fapi.binance.com'], 60, 'BTC/USDT', 'quote'),
  kraken: asked('kraken', ['https://api.kraken.com'], 30, 'BTC/USD'),
  krakenfutures: asked('kraken-futures', ['https://futures.kraken.com'], 30, 'BTC/USD', 'quote'),
  coinbaseexchange: asked('coinbase', ['https://api.exchange.coinbase.com'], 180, 'BTC/USD'),
  bitfinex: asked('bitfinex', ['https://api-pub.bitfinex.com'], 20, 'BTC/USD'),
  bybit: asked('bybit', ['https://api.bybit.com'], 300, 'BTC/USDT'),
  okx: asked('okx', ['https://www.okx.com'], 300, 'BTC/USDT'),
  deribit: asked('deribit', ['https://www.deribit.com'], 300, 'BTC/USD', 'base'),
  kucoin: asked('kucoin', ['https://api.kucoin.com'], 120, 'BTC/USDT'),
  gate: asked('gate', ['https://api.gateio.ws'], 120, 'BTC/USDT'),
  bitstamp: asked('bitstamp', ['https://www.bitstamp.net'], 120, 'BTC/USD'),
  gemini: asked('gemini', ['https://api.gemini.com'], 60, 'BTC/USD'),
  htx: asked('htx', ['https://api.huobi.pro'], 120, 'BTC/USDT'),
  mexc: asked('mexc', ['https://api.mexc.com'], 120, 'BTC/USDT'),
  bitget: asked('bitget', ['https://api.bitget.com'], 120, 'BTC/USDT'),
} as const satisfies { readonly [ccxt: string]: AskedExchange }

export type ExchangeName = keyof typeof EXCHANGES
export const EXCHANGE_NAMES = Object.keys(EXCHANGES) as readonly ExchangeName[]

/** Our name for an exchange of ccxt's. */
export const venueOf = (ccxt: string): string => (Object.hasOwn(EXCHANGES, ccxt) ? EXCHANGES[ccxt as ExchangeName].venue : ccxt)

/** A pair as people name it in the words of ccxt, where swaps say what they are settled in. Throws Failure `usage` for what is no pair. */
export function marketOf(typed: string, { swaps }: AskedExchange): string {
  const pair = typed.includes(':') ? typed.toUpperCase() : pairNamed(typed.toUpperCase())
  if (!/^[A-Z0-9]+\/[A-Z0-9]+(:[A-Z0-9]+)?$/.test(pair)) throw new Failure('usage', `--pair: expected pairs like BTC/USDT, got "${typed}"`)
  return swaps === undefined || pair.includes(':') ? pair : `${pair}:${pair.split('/')[swaps === 'base' ? 0 : 1] ?? ''}`
}
