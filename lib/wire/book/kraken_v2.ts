/**
 * Kraken's second WebSocket protocol: `{"channel","type","data":[...]}` (https://docs.kraken.com/api/docs/websocket-v2/). Prices and sizes are
 * numbers whose written digits go into the checksum.
 */
import { MINUTE_MS, type Millis } from '#record'
import type { Book } from '#domain/market/book'
import { krakenLoss, WrittenDigits } from './kraken.ts'
import { spanOf } from './candles.ts'
import { marketsOf } from './markets.ts'
import { isoIn } from './moments.ts'
import { ANSWERED, control, diff, fact, HEARTBEAT, INSTRUMENTS, PRIVATE, snapshot, UNFINISHED, type Said, type Venue } from './said.ts'
import { decimalOf, idOf, levelsOf, listOf, measureOf, objectOf, stringOf, wholeOf, type ToldObject } from './told.ts'

const ORDERS: ReadonlySet<string> = new Set([
  'add_order', 'amend_order', 'edit_order', 'cancel_order', 'cancel_all', 'cancel_all_orders_after', 'cancel_on_disconnect', 'batch_add',
  'batch_cancel',
])

export function krakenV2(): Venue {
  const marketOf = marketsOf('kraken')
  const digits = new WrittenDigits()
  return {
    read(message) {
      const said = objectOf(message)
      if (said === undefined) return undefined
      const { channel, method } = said
      if (typeof method === 'string' && !('jsonrpc' in said) && ('params' in said || 'req_id' in said || 'success' in said)) {
        if (ORDERS.has(method)) return control(PRIVATE)
        const error = stringOf(said['error'])
        return error === undefined ? control(method === 'pong' ? HEARTBEAT : ANSWERED) : [{ type: 'error', what: error.slice(0, 200) }]
      }
      if (typeof channel !== 'string' || 'events' in said || 'arg' in said) return undefined
      if (channel === 'heartbeat') return control(HEARTBEAT)
      if (channel === 'status') return control(ANSWERED)
      if (channel === 'instrument') return control(INSTRUMENTS)
      if (channel === 'executions' || channel === 'balances') return control(PRIVATE)
      if (channel === 'level3') return control('single orders (level 3): not read')
      const data = listOf(said['data'])?.map((entry) => objectOf(entry) ?? {})
      if (data === undefined) return undefined
      switch (channel) {
        case 'book': return data.flatMap((entry) => readBook(entry, said['type'] === 'snapshot') ?? [])
        case 'trade': return data.map(tradeOf)
        case 'ticker': return data.map(tickerOf)
        case 'ohlc': return data.map((entry) => candleOf(entry, isoIn(said['timestamp'])))
        default: return undefined
      }
    },
  }

  function readBook(entry: ToldObject, isWhole: boolean): Said | undefined {
    const bids = levelsOf(entry['bids'] ?? [], 'price', 'qty'), asks = levelsOf(entry['asks'] ?? [], 'price', 'qty')
    if (bids === undefined || asks === undefined) return undefined
    const market = marketOf(stringOf(entry['symbol']))
    const written = digits.learn(market.symbol, [bids, asks], isWhole)
    const checksum = wholeOf(entry['checksum'])
    const said = {
      bids, asks, atMs: isoIn(entry['timestamp']),
      ...(checksum !== undefined && { check: (book: Book) => krakenLoss(book, written, checksum) }),
    }
    // A snapshot does not say how deep it is: it is as deep as the subscription, one of these.
    return isWhole ? snapshot(market, { ...said, depth: depthOf(Math.max(bids.count, asks.count)) }) : diff(market, said)
  }

  function tradeOf(entry: ToldObject): Said {
    return fact('trade', marketOf(stringOf(entry['symbol'])), {
      atMs: isoIn(entry['timestamp']), id: idOf(entry['trade_id']),
      facts: { price: decimalOf(entry['price']), size: decimalOf(entry['qty']), side: stringOf(entry['side']) },
    })
  }

  function tickerOf(entry: ToldObject): Said {
    return fact('ticker', marketOf(stringOf(entry['symbol'])), {
      atMs: isoIn(entry['timestamp']),
      facts: {
        last: decimalOf(entry['last']), bid: decimalOf(entry['bid']), bid_size: decimalOf(entry['bid_qty']), ask: decimalOf(entry['ask']),
        ask_size: decimalOf(entry['ask_qty']), volume: decimalOf(entry['volume']), vwap: decimalOf(entry['vwap']), low: decimalOf(entry['low']),
        high: decimalOf(entry['high']), change: decimalOf(entry['change']), change_percent: measureOf(entry['change_pct']), span: '24h',
      },
    })
  }

  /** Said again with every trade until it closes. */
  function candleOf(entry: ToldObject, nowMs: Millis | undefined): Said {
    const atMs = isoIn(entry['interval_begin']), minutes = wholeOf(entry['interval'])
    const endMs = atMs === undefined || minutes === undefined ? undefined : atMs + minutes * MINUTE_MS
    if (endMs !== undefined && nowMs !== undefined && nowMs < endMs) return { type: 'control', what: UNFINISHED }
    return fact('candle', marketOf(stringOf(entry['symbol'])), {
      atMs, saidMs: endMs,
      facts: {
        span: minutes === undefined ? undefined : spanOf(minutes * MINUTE_MS), open: decimalOf(entry['open']), high: decimalOf(entry['high']),
        low: decimalOf(entry['low']),
        close: decimalOf(entry['close']), volume: decimalOf(entry['volume']), vwap: decimalOf(entry['vwap']), trades: measureOf(entry['trades']),
      },
    })
  }
}

const DEPTHS = [10, 25, 100, 500, 1000]
const depthOf = (levels: number): number => DEPTHS.find((depth) => levels <= depth) ?? levels
