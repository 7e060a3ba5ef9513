/** Kraken's futures: WebSocket feeds and REST answers (https://docs.kraken.com/api/docs/futures-api/). Books count by `seq`, one a message. */
import type { Millis } from '#record'
import { Levels } from '#domain/market/levels'
import { commonStep, spanOf } from './candles.ts'
import { marketsOf } from './markets.ts'
import { instantIn, isoIn, millisIn } from './moments.ts'
import {
  ANSWERED, control, diff, fact, HEARTBEAT, INSTRUMENTS, PRIVATE, snapshot, type Context, type FactSaid, type Market, type Said, type Venue,
} from './said.ts'
import { decimalOf, idOf, levelsOf, listOf, objectOf, stringOf, wholeOf, type Told, type ToldObject } from './told.ts'

export function krakenFutures(): Venue {
  const marketOf = marketsOf('kraken-futures')
  return {
    read(message, context) {
      const said = objectOf(message)
      if (said === undefined) return undefined
      const { feed } = said
      if (typeof feed === 'string') return readFeed(feed, said)
      if (typeof said['event'] === 'string' && ('feed' in said || 'product_ids' in said || 'version' in said)) return control(ANSWERED)
      return readAnswer(said, context)
    },
  }

  function readFeed(feed: string, said: ToldObject): readonly Said[] | undefined {
    if (typeof said['event'] === 'string') return control(ANSWERED)
    if (feed === 'heartbeat') return control(HEARTBEAT)
    if ('account' in said || /^(fills|open_orders|open_positions|account|balances|notifications_auth)/.test(feed)) return control(PRIVATE)
    const market = marketOf(stringOf(said['product_id']))
    switch (feed) {
      case 'book_snapshot': return bookOf(said, market)
      case 'book': return changeOf(said, market)
      case 'trade': return [tradeOf(said, market)]
      case 'trade_snapshot': return listOf(said['trades'])?.map((entry) => tradeOf(objectOf(entry) ?? {}, market))
      case 'ticker': case 'ticker_lite': return tickerOf(said, market)
      default: return control(`a feed that is not read: ${feed.slice(0, 40)}`)
    }
  }

  function bookOf(said: ToldObject, market: Market): readonly Said[] | undefined {
    const bids = levelsOf(said['bids'], 'price', 'qty'), asks = levelsOf(said['asks'], 'price', 'qty')
    if (bids === undefined || asks === undefined) return undefined
    return [snapshot(market, { bids, asks, last: wholeOf(said['seq']), atMs: millisIn(said['timestamp']) })]
  }

  function changeOf(said: ToldObject, market: Market): readonly Said[] | undefined {
    const one = levelsOf([said], 'price', 'qty'), seq = wholeOf(said['seq'])
    if (one === undefined || (said['side'] !== 'buy' && said['side'] !== 'sell')) return undefined
    const none = new Levels()
    const isBid = said['side'] === 'buy'
    return [diff(market, { bids: isBid ? one : none, asks: isBid ? none : one, first: seq, last: seq, atMs: millisIn(said['timestamp']) })]
  }

  function readAnswer(said: ToldObject, context: Context): readonly Said[] | undefined {
    const elements = listOf(said['elements'])
    if (elements !== undefined) return executionsOf(elements)
    const candles = listOf(said['candles'])
    if (candles !== undefined && 'more_candles' in said) return candlesOf(candles, marketOf(symbolOf(context)))
    if (said['result'] === 'error') return [{ type: 'error', what: (stringOf(said['error']) ?? '?').slice(0, 200) }]
    if (said['result'] !== 'success') return undefined
    const market = marketOf(symbolOf(context))
    const book = objectOf(said['orderBook'])
    if (book !== undefined) {
      const bids = levelsOf(book['bids']), asks = levelsOf(book['asks'])
      return bids === undefined || asks === undefined ? undefined : [snapshot(market, { bids, asks, atMs: isoIn(said['serverTime']) })]
    }
    const rates = listOf(said['rates']), history = listOf(said['history']), tickers = listOf(said['tickers'])
    if (rates !== undefined) return rates.map((entry) => fundingOf(objectOf(entry) ?? {}, market))
    if (history !== undefined) return history.map((entry) => restTrade(objectOf(entry) ?? {}, market))
    if (tickers !== undefined) return tickers.flatMap((entry) => restTicker(objectOf(entry) ?? {}, isoIn(said['serverTime'])))
    return 'instruments' in said ? control(INSTRUMENTS) : control(PRIVATE)
  }

  /** An execution: the taker's order met the maker's. */
  function executionsOf(elements: readonly Told[]): readonly Said[] | undefined {
    const all: Said[] = []
    for (const element of elements) {
      const execution = objectOf(objectOf(objectOf(objectOf(element)?.['event'])?.['Execution'])?.['execution'])
      if (execution === undefined) return undefined
      const taker = objectOf(execution['takerOrder'])
      all.push(fact('trade', marketOf(stringOf(taker?.['tradeable']) ?? stringOf(objectOf(execution['makerOrder'])?.['tradeable'])), {
        atMs: millisIn(execution['timestamp']), id: idOf(execution['uid']),
        facts: {
          price: decimalOf(execution['price']), size: decimalOf(execution['quantity']), side: stringOf(taker?.['direction'])?.toLowerCase(),
          mark_price: decimalOf(execution['markPrice']),
        },
      }))
    }
    return all
  }

  function restTicker(said: ToldObject, atMs: Millis | undefined): readonly Said[] {
    const market = marketOf(stringOf(said['symbol']))
    return [fact('ticker', market, {
      atMs,
      facts: {
        last: decimalOf(said['last']), last_size: decimalOf(said['lastSize']), bid: decimalOf(said['bid']), bid_size: decimalOf(said['bidSize']),
        ask: decimalOf(said['ask']), ask_size: decimalOf(said['askSize']), volume: decimalOf(said['vol24h']),
        quote_volume: decimalOf(said['volumeQuote']), open: decimalOf(said['open24h']), mark_price: decimalOf(said['markPrice']),
        index_price: decimalOf(said['indexPrice']), open_interest: decimalOf(said['openInterest']), funding_rate: decimalOf(said['fundingRate']),
        span: '24h',
      },
    })]
  }
}

const symbolOf = ({ url, symbol }: Context): string | undefined =>
  (url !== undefined && URL.canParse(url) ? (new URL(url).searchParams.get('symbol') ?? undefined) : undefined)?.toUpperCase() ?? symbol

function tradeOf(said: ToldObject, market: Market): FactSaid {
  return fact(said['type'] === 'liquidation' ? 'liquidation' : 'trade', market, {
    atMs: millisIn(said['time']), id: idOf(said['uid']),
    facts: { price: decimalOf(said['price']), size: decimalOf(said['qty']), side: stringOf(said['side']) },
  })
}

function restTrade(said: ToldObject, market: Market): FactSaid {
  return fact('trade', market, {
    atMs: isoIn(said['time']), id: idOf(said['uid']) ?? idOf(said['trade_id']),
    facts: { price: decimalOf(said['price']), size: decimalOf(said['size']), side: stringOf(said['side']) },
  })
}

function tickerOf(said: ToldObject, market: Market): readonly Said[] {
  return [fact('ticker', market, {
    atMs: millisIn(said['time']),
    facts: {
      last: decimalOf(said['last']), bid: decimalOf(said['bid']), bid_size: decimalOf(said['bid_size']), ask: decimalOf(said['ask']),
      ask_size: decimalOf(said['ask_size']), open: decimalOf(said['open']), high: decimalOf(said['high']), low: decimalOf(said['low']),
      volume: decimalOf(said['volume']), quote_volume: decimalOf(said['volumeQuote']), mark_price: decimalOf(said['markPrice']),
      index_price: decimalOf(said['index']), open_interest: decimalOf(said['openInterest']), funding_rate: decimalOf(said['funding_rate']),
      relative_funding_rate: decimalOf(said['relative_funding_rate']), next_funding_at: instantIn(said['next_funding_rate_time']), span: '24h',
    },
  })]
}

function fundingOf(said: ToldObject, market: Market): FactSaid {
  return fact('funding', market, {
    atMs: isoIn(said['timestamp']), facts: { rate: decimalOf(said['fundingRate']), relative_rate: decimalOf(said['relativeFundingRate']) },
  })
}

function candlesOf(list: readonly Told[], market: Market): readonly Said[] {
  const rows = list.map((entry) => objectOf(entry) ?? {})
  const stepMs = commonStep(rows.flatMap((row): Millis[] => millisIn(row['time']) === undefined ? [] : [millisIn(row['time']) ?? 0]))
  return rows.map((row) => {
    const atMs = millisIn(row['time'])
    return fact('candle', market, {
      atMs, saidMs: atMs === undefined || stepMs === undefined ? undefined : atMs + stepMs,
      facts: {
        span: stepMs === undefined ? undefined : spanOf(stepMs), open: decimalOf(row['open']), high: decimalOf(row['high']),
        low: decimalOf(row['low']), close: decimalOf(row['close']), volume: decimalOf(row['volume']),
      },
    })
  })
}
