/** Where venues are asked for books: addresses, what is said to them, and how often they may be asked. Public market data, no keys. */
import type { Millis } from '#record'
import type { Service } from '#port/outside'

export interface LiveVenue {
  readonly service: Service
  /** Base and quote in common names to the venue's symbol. */
  symbolOf(base: string, quote: string): string
  /** The whole book by REST. */
  depth(symbol: string): string
  socket(symbols: readonly string[]): { readonly url: string; readonly hello: readonly string[] }
  /** The stream has changes only: a snapshot is asked for by REST once it flows, and again when one is missed. Else it begins with one. */
  readonly startsByRest?: true
  /** What keeps the connection alive, where the venue does not by itself. */
  readonly ping?: { readonly text: string; readonly everyMs: Millis }
}

const XBT = (currency: string): string => (currency === 'BTC' ? 'XBT' : currency)
const joined = (base: string, quote: string): string => base + quote
const dashed = (base: string, quote: string): string => `${base}-${quote}`
const tether = (currency: string): string => (currency === 'USDT' ? 'UST' : currency)
const words = (value: unknown): readonly string[] => [JSON.stringify(value)]
const streams = (symbols: readonly string[]): string => symbols.map((symbol) => `${symbol.toLowerCase()}@depth@100ms`).join('/')
const SECOND = 1000

export const LIVE_VENUES = {
  'binance': {
    service: { name: 'binance', origins: ['https://api.binance.com', 'wss://stream.binance.com:9443'], rate: { requests: 60, perMs: 60 * SECOND } },
    symbolOf: joined,
    depth: (symbol) => `https://api.binance.com/api/v3/depth?symbol=${symbol}&limit=1000`,
    socket: (symbols) => ({ url: `wss://stream.binance.com:9443/stream?streams=${streams(symbols)}`, hello: [] }),
    startsByRest: true,
  },
  'binance-futures': {
    service: { name: 'binance-futures', origins: ['https://fapi.binance.com', 'wss://fstream.binance.com'],
      rate: { requests: 60, perMs: 60 * SECOND } },
    symbolOf: joined,
    depth: (symbol) => `https://fapi.binance.com/fapi/v1/depth?symbol=${symbol}&limit=1000`,
    socket: (symbols) => ({ url: `wss://fstream.binance.com/stream?streams=${streams(symbols)}`, hello: [] }),
    startsByRest: true,
  },
  'kraken': {
    service: { name: 'kraken', origins: ['https://api.kraken.com', 'wss://ws.kraken.com'], rate: { requests: 30, perMs: 60 * SECOND } },
    symbolOf: (base, quote) => `${XBT(base)}/${XBT(quote)}`,
    depth: (symbol) => `https://api.kraken.com/0/public/Depth?pair=${symbol.replace('/', '')}&count=500`,
    socket: (symbols) => ({ url: 'wss://ws.kraken.com/', hello: words({ event: 'subscribe', pair: symbols,
      subscription: { name: 'book', depth: 100 } }) }),
  },
  'kraken-futures': {
    service: { name: 'kraken-futures', origins: ['https://futures.kraken.com', 'wss://futures.kraken.com'],
      rate: { requests: 30, perMs: 60 * SECOND } },
    symbolOf: (base, quote) => `PF_${XBT(base)}${quote}`,
    depth: (symbol) => `https://futures.kraken.com/derivatives/api/v3/orderbook?symbol=${symbol}`,
    socket: (symbols) => ({
      url: 'wss://futures.kraken.com/ws/v1',
      hello: [...words({ event: 'subscribe', feed: 'book', product_ids: symbols }), ...words({ event: 'subscribe', feed: 'heartbeat' })],
    }),
  },
  'coinbase': {
    service: { name: 'coinbase', origins: ['https://api.exchange.coinbase.com', 'wss://ws-feed.exchange.coinbase.com'],
      rate: { requests: 180, perMs: 60 * SECOND } },
    symbolOf: dashed,
    depth: (symbol) => `https://api.exchange.coinbase.com/products/${symbol}/book?level=2`,
    socket: (symbols) => ({ url: 'wss://ws-feed.exchange.coinbase.com/',
      hello: words({ type: 'subscribe', product_ids: symbols, channels: ['level2_batch', 'heartbeat'] }) }),
  },
  'bitfinex': {
    service: { name: 'bitfinex', origins: ['https://api-pub.bitfinex.com', 'wss://api-pub.bitfinex.com'],
      rate: { requests: 20, perMs: 60 * SECOND } },
    symbolOf: (base, quote) => `t${tether(base)}${base.length > 3 || quote.length > 4 ? ':' : ''}${tether(quote)}`,
    depth: (symbol) => `https://api-pub.bitfinex.com/v2/book/${symbol}/P0?len=100`,
    socket: (symbols) => ({
      url: 'wss://api-pub.bitfinex.com/ws/2',
      hello: [
        // 65536: messages are numbered; 131072: checksums.
        JSON.stringify({ event: 'conf', flags: 65_536 + 131_072 }),
        ...symbols.map((symbol) => JSON.stringify({ event: 'subscribe', channel: 'book', symbol, prec: 'P0', freq: 'F0', len: '100' })),
      ],
    }),
  },
  'bybit': {
    service: { name: 'bybit', origins: ['https://api.bybit.com', 'wss://stream.bybit.com'], rate: { requests: 300, perMs: 60 * SECOND } },
    symbolOf: joined,
    depth: (symbol) => `https://api.bybit.com/v5/market/orderbook?category=spot&symbol=${symbol}&limit=200`,
    socket: (symbols) => ({ url: 'wss://stream.bybit.com/v5/public/spot',
      hello: words({ op: 'subscribe', args: symbols.map((symbol) => `orderbook.200.${symbol}`) }) }),
    ping: { text: JSON.stringify({ op: 'ping' }), everyMs: 20 * SECOND },
  },
  'okx': {
    service: { name: 'okx', origins: ['https://www.okx.com', 'wss://ws.okx.com:8443'], rate: { requests: 300, perMs: 60 * SECOND } },
    symbolOf: dashed,
    depth: (symbol) => `https://www.okx.com/api/v5/market/books?instId=${symbol}&sz=400`,
    socket: (symbols) => ({ url: 'wss://ws.okx.com:8443/ws/v5/public',
      hello: words({ op: 'subscribe', args: symbols.map((instId) => ({ channel: 'books', instId })) }) }),
    ping: { text: 'ping', everyMs: 20 * SECOND },
  },
  'deribit': {
    service: { name: 'deribit', origins: ['https://www.deribit.com', 'wss://www.deribit.com'], rate: { requests: 300, perMs: 60 * SECOND } },
    symbolOf: (base) => `${base}-PERPETUAL`,
    depth: (symbol) => `https://www.deribit.com/api/v2/public/get_order_book?instrument_name=${symbol}&depth=1000`,
    socket: (symbols) => ({
      url: 'wss://www.deribit.com/ws/api/v2',
      hello: words({ jsonrpc: '2.0', id: 1, method: 'public/subscribe', params: { channels: symbols.map((symbol) => `book.${symbol}.100ms`) } }),
    }),
  },
} as const satisfies { readonly [venue: string]: LiveVenue }

export type LiveVenueName = keyof typeof LIVE_VENUES
export const LIVE_VENUE_NAMES = Object.keys(LIVE_VENUES) as readonly LiveVenueName[]
