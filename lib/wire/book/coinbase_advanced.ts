/**
 * Coinbase Advanced Trade: its WebSocket channels, numbered over the whole connection by `sequence_num`, and REST answers
 * (https://docs.cdp.coinbase.com/advanced-trade/). The side of a trade is the maker's.
 */
import type { Loss } from '#domain/market/book_sync'
import { commonStep, spanOf } from './candles.ts'
import { changesOf, takerAgainst } from './coinbase.ts'
import { marketsOf } from './markets.ts'
import { isoIn } from './moments.ts'
import {
  ANSWERED, control, diff, fact, HEARTBEAT, INSTRUMENTS, PRIVATE, snapshot, UNFINISHED, type Context, type FactSaid, type Said, type Venue,
} from './said.ts'
import { decimalOf, idOf, levelsOf, listOf, measureOf, objectOf, stringOf, wholeOf, type Told, type ToldObject } from './told.ts'

const VENUE = 'coinbase'

export function coinbaseAdvanced(): Venue {
  const marketOf = marketsOf(VENUE)
  let last: number | undefined
  return {
    read(message, context) {
      const said = objectOf(message)
      if (said === undefined) return undefined
      const events = listOf(said['events'])
      if (typeof said['channel'] === 'string' && events !== undefined) {
        const number = wholeOf(said['sequence_num'])
        const missed = number !== undefined && last !== undefined && number > last + 1
        const loss: Loss = { reason: 'sequence', expected: String((last ?? 0) + 1), found: String(number) }
        const before: Said[] = missed ? [{ type: 'break', venue: VENUE, loss }] : []
        if (number !== undefined) last = number
        const read = readChannel(said['channel'], said, events)
        return read === undefined ? undefined : [...before, ...read]
      }
      const { type, message: words } = said
      if (type === 'error' && typeof words === 'string' && !('product_id' in said)) return [{ type, what: words.slice(0, 200) }]
      return readAnswer(said, context)
    },
  }

  function readChannel(channel: string, said: ToldObject, events: readonly Told[]): readonly Said[] | undefined {
    const atMs = isoIn(said['timestamp'])
    const objects = events.map((event) => objectOf(event) ?? {})
    const each = (name: string): ToldObject[] => objects.flatMap((event) => listOf(event[name])?.map((entry) => objectOf(entry) ?? {}) ?? [])
    switch (channel) {
      case 'l2_data': return objects.flatMap((event) => bookOf(event, atMs) ?? [])
      case 'market_trades': return each('trades').map(tradeOf)
      case 'ticker': case 'ticker_batch': return each('tickers').map((entry) => tickerOf(entry, atMs))
      case 'candles': return each('candles').map((entry) => candleOf(entry, FIVE_MINUTES_MS, marketOf(stringOf(entry['product_id'])), atMs))
      case 'heartbeats': return control(HEARTBEAT)
      case 'subscriptions': return control(ANSWERED)
      case 'status': return control(INSTRUMENTS)
      case 'user': case 'futures_balance_summary': return control(PRIVATE)
      default: return undefined
    }
  }

  function bookOf(event: ToldObject, atMs: number | undefined): Said | undefined {
    const changes = changesOf(listOf(event['updates']), 'side', 'price_level', 'new_quantity')
    if (changes === undefined) return undefined
    const said = { bids: changes[0], asks: changes[1], atMs }
    return (event['type'] === 'snapshot' ? snapshot : diff)(marketOf(stringOf(event['product_id'])), said)
  }

  function tradeOf(entry: ToldObject): FactSaid {
    return fact('trade', marketOf(stringOf(entry['product_id'])), {
      atMs: isoIn(entry['time']), id: idOf(entry['trade_id']),
      facts: { price: decimalOf(entry['price']), size: decimalOf(entry['size']), side: takerAgainst(entry['side']) },
    })
  }

  function tickerOf(entry: ToldObject, atMs: number | undefined): FactSaid {
    return fact('ticker', marketOf(stringOf(entry['product_id'])), {
      atMs,
      facts: {
        last: decimalOf(entry['price']), bid: decimalOf(entry['best_bid']), bid_size: decimalOf(entry['best_bid_quantity']),
        ask: decimalOf(entry['best_ask']), ask_size: decimalOf(entry['best_ask_quantity']), high: decimalOf(entry['high_24_h']),
        low: decimalOf(entry['low_24_h']), volume: decimalOf(entry['volume_24_h']), change_percent: measureOf(entry['price_percent_chg_24_h']),
        span: '24h',
      },
    })
  }

  function readAnswer(said: ToldObject, context: Context): readonly Said[] | undefined {
    const book = objectOf(said['pricebook'])
    if (book !== undefined) {
      const bids = levelsOf(book['bids'], 'price', 'size'), asks = levelsOf(book['asks'], 'price', 'size')
      if (bids === undefined || asks === undefined) return undefined
      return [snapshot(marketOf(stringOf(book['product_id'])), { bids, asks, atMs: isoIn(book['time']) })]
    }
    const trades = listOf(said['trades'])
    if (trades !== undefined && 'best_bid' in said) return trades.map((entry) => tradeOf(objectOf(entry) ?? {}))
    const candles = listOf(said['candles'])
    if (candles !== undefined && 'start' in (objectOf(candles[0]) ?? {})) {
      const rows = candles.map((entry) => objectOf(entry) ?? {})
      const stepMs = commonStep(rows.map((row) => 1000 * (wholeOf(row['start']) ?? NaN)))
      const symbol = /\/products\/([^/]+)\/candles/.exec(context.url ?? '')?.[1] ?? context.symbol
      return rows.map((row) => candleOf(row, stepMs, marketOf(symbol), undefined))
    }
    const products = listOf(said['products'])
    if (products !== undefined) return products.flatMap((entry) => productOf(objectOf(entry) ?? {}))
    if (typeof said['product_id'] === 'string' && 'base_increment' in said) return productOf(said)
    if (PRIVATE_ANSWERS.some((key) => key in said)) return control(PRIVATE)
    return undefined
  }

  /** A product as listed carries its latest price and, for futures, what is open and what funding costs. */
  function productOf(said: ToldObject): readonly Said[] {
    const market = marketOf(stringOf(said['product_id'])), future = objectOf(said['future_product_details'])
    const ticker = fact('ticker', market, {
      facts: {
        last: decimalOf(said['price']), volume: decimalOf(said['volume_24h']), change_percent: measureOf(said['price_percentage_change_24h']),
        quote_volume: decimalOf(said['approximate_quote_24h_volume']), status: stringOf(said['status']),
        open_interest: decimalOf(future?.['open_interest']),
        index_price: decimalOf(future?.['index_price']), settle_price: decimalOf(future?.['settlement_price']), span: '24h',
      },
    })
    const rate = decimalOf(future?.['funding_rate'])
    if (rate === undefined) return [ticker]
    return [ticker, fact('funding', market, { atMs: isoIn(future?.['funding_time']), facts: { rate } })]
  }
}

/** The channel's only span. */
const FIVE_MINUTES_MS = 300_000
const PRIVATE_ANSWERS = ['accounts', 'position', 'positions', 'fills', 'order', 'orders', 'balance_summary', 'portfolios', 'breakdown', 'success']

function candleOf(row: ToldObject, spanMs: number | undefined, market: FactSaid['market'], nowMs: number | undefined): Said {
  const seconds = wholeOf(row['start'])
  const atMs = seconds === undefined ? undefined : seconds * 1000
  if (atMs !== undefined && spanMs !== undefined && nowMs !== undefined && nowMs < atMs + spanMs) return { type: 'control', what: UNFINISHED }
  return fact('candle', market, {
    atMs, saidMs: atMs === undefined || spanMs === undefined ? undefined : atMs + spanMs,
    facts: {
      span: spanMs === undefined ? undefined : spanOf(spanMs), open: decimalOf(row['open']), high: decimalOf(row['high']),
      low: decimalOf(row['low']), close: decimalOf(row['close']), volume: decimalOf(row['volume']),
    },
  })
}
