/**
 * Coinbase Exchange (once GDAX and Pro): its WebSocket feed and REST answers (https://docs.cdp.coinbase.com/exchange/). The side of a trade is
 * the maker's. Changes of `level2` carry no number: a missed one shows only where the book crosses.
 */
import { Levels } from '#domain/market/levels'
import { spanOf } from './candles.ts'
import { marketsOf } from './markets.ts'
import { isoIn } from './moments.ts'
import {
  ANSWERED, control, diff, fact, HEARTBEAT, INSTRUMENTS, snapshot, type Context, type FactSaid, type Market, type Said, type Venue,
} from './said.ts'
import { addLevel, decimalOf, idOf, levelsOf, listOf, objectOf, stringOf, wholeOf, type Told, type ToldObject } from './told.ts'

const ORDERS: ReadonlySet<string> = new Set(['received', 'open', 'done', 'change', 'activate'])

/** Who took, where the maker is named. */
export function takerAgainst(maker: Told | undefined): string | undefined {
  const side = stringOf(maker)?.toLowerCase()
  return side === 'buy' ? 'sell' : side === 'sell' ? 'buy' : undefined
}

/** Changes `[side, price, size]`, where buyers are named by one of two words. */
export function changesOf(
  list: readonly Told[] | undefined, side: string | number, price: string | number, size: string | number,
): readonly [bids: Levels, asks: Levels] | undefined {
  if (list === undefined) return undefined
  const bids = new Levels(), asks = new Levels()
  for (const entry of list) {
    const fields = (listOf(entry) ?? objectOf(entry)) as ToldObject | undefined
    const on = fields?.[side]
    const isBid = on === 'buy' || on === 'bid'
    if (!isBid && on !== 'sell' && on !== 'offer') return undefined
    if (!addLevel(isBid ? bids : asks, fields?.[price], fields?.[size])) return undefined
  }
  return [bids, asks]
}

export function coinbase(): Venue {
  const marketOf = marketsOf('coinbase')
  return {
    read(message, context) {
      const list = listOf(message)
      if (list !== undefined) return readList(list, context)
      const said = objectOf(message)
      if (said === undefined) return undefined
      const { type } = said
      return typeof type === 'string' ? readFeed(type, said) : readAnswer(said, context)
    },
  }

  function readFeed(type: string, said: ToldObject): readonly Said[] | undefined {
    switch (type) {
      case 'subscriptions': return control(ANSWERED)
      case 'subscribe': case 'unsubscribe': return control(ANSWERED)
      case 'heartbeat': return control(HEARTBEAT)
      case 'status': return control(INSTRUMENTS)
      case 'error': return [{ type: 'error', what: `${stringOf(said['message']) ?? '?'} ${stringOf(said['reason']) ?? ''}`.trim().slice(0, 200) }]
      default:
    }
    const symbol = stringOf(said['product_id'])
    if (symbol === undefined) return undefined
    const market = marketOf(symbol)
    switch (type) {
      case 'snapshot': {
        const bids = levelsOf(said['bids']), asks = levelsOf(said['asks'])
        return bids === undefined || asks === undefined ? undefined : [snapshot(market, { bids, asks, atMs: isoIn(said['time']) })]
      }
      case 'l2update': {
        const changes = changesOf(listOf(said['changes']), 0, 1, 2)
        return changes === undefined ? undefined : [diff(market, { bids: changes[0], asks: changes[1], atMs: isoIn(said['time']) })]
      }
      case 'match': case 'last_match': return [tradeOf(said, market)]
      case 'ticker': case 'ticker_batch': return [tickerOf(said, market)]
      default: return ORDERS.has(type) ? control('single orders (level 3): not read') : undefined
    }
  }

  function readAnswer(said: ToldObject, context: Context): readonly Said[] | undefined {
    const market = marketOf(symbolOf(context))
    if ('sequence' in said && 'bids' in said && 'asks' in said) {
      const bids = levelsOf(said['bids']), asks = levelsOf(said['asks'])
      if (bids === undefined || asks === undefined) return control('single orders (level 3): not read')
      return [snapshot(market, { bids, asks, last: wholeOf(said['sequence']), atMs: isoIn(said['time']) })]
    }
    if ('volume_30day' in said && 'last' in said) {
      return [fact('ticker', market, {
        facts: {
          last: decimalOf(said['last']), open: decimalOf(said['open']), high: decimalOf(said['high']), low: decimalOf(said['low']),
          volume: decimalOf(said['volume']), span: '24h',
        },
      })]
    }
    if ('trade_id' in said && 'bid' in said && 'ask' in said) {
      return [fact('ticker', market, {
        atMs: isoIn(said['time']),
        facts: {
          last: decimalOf(said['price']), last_size: decimalOf(said['size']), bid: decimalOf(said['bid']), ask: decimalOf(said['ask']),
          volume: decimalOf(said['volume']), span: '24h',
        },
      })]
    }
    if (isInstrument(said)) return control(INSTRUMENTS)
    if (Object.keys(said).length === 1 && typeof said['message'] === 'string') return [{ type: 'error', what: said['message'].slice(0, 200) }]
    return undefined
  }

  function readList(list: readonly Told[], context: Context): readonly Said[] | undefined {
    const first = objectOf(list[0])
    if (first === undefined) return candlesOf(list, context)
    if (isInstrument(first)) return control(INSTRUMENTS)
    if (!('trade_id' in first && 'time' in first && 'side' in first) || 'product_id' in first) return undefined
    const market = marketOf(symbolOf(context))
    return list.map((entry) => tradeOf(objectOf(entry) ?? {}, market))
  }

  /** `[seconds, low, high, open, close, volume]`, told by its address alone: other venues have lists of six too. */
  function candlesOf(list: readonly Told[], context: Context): readonly Said[] | undefined {
    const address = context.url !== undefined && URL.canParse(context.url) ? new URL(context.url) : undefined
    const spanMs = 1000 * Number(address?.searchParams.get('granularity') ?? NaN)
    if (address === undefined || !/\/products\/[^/]+\/candles$/.test(address.pathname) || !(spanMs > 0)) return undefined
    const market = marketOf(symbolOf(context))
    return list.map((entry) => {
      const [time, low, high, open, close, volume] = listOf(entry) ?? []
      const seconds = wholeOf(time)
      return fact('candle', market, {
        atMs: seconds === undefined ? undefined : seconds * 1000, saidMs: seconds === undefined ? undefined : seconds * 1000 + spanMs,
        facts: {
          span: spanOf(spanMs), open: decimalOf(open), high: decimalOf(high), low: decimalOf(low), close: decimalOf(close), volume: decimalOf(volume),
        },
      })
    })
  }
}

const isInstrument = (said: ToldObject): boolean => 'base_currency' in said && 'quote_currency' in said && 'quote_increment' in said

/** `/products/ETH-USDT/book`. */
const symbolOf = ({ url, symbol }: Context): string | undefined => /\/products\/([A-Z0-9]+-[A-Z0-9]+)(?:\/|\?|$)/.exec(url ?? '')?.[1] ?? symbol

function tradeOf(said: ToldObject, market: Market): FactSaid {
  return fact('trade', market, {
    atMs: isoIn(said['time']), id: idOf(said['trade_id']),
    facts: { price: decimalOf(said['price']), size: decimalOf(said['size']), side: takerAgainst(said['side']) },
  })
}

function tickerOf(said: ToldObject, market: Market): FactSaid {
  return fact('ticker', market, {
    atMs: isoIn(said['time']),
    facts: {
      last: decimalOf(said['price']), last_size: decimalOf(said['last_size']), bid: decimalOf(said['best_bid']),
      bid_size: decimalOf(said['best_bid_size']), ask: decimalOf(said['best_ask']), ask_size: decimalOf(said['best_ask_size']),
      open: decimalOf(said['open_24h']), high: decimalOf(said['high_24h']), low: decimalOf(said['low_24h']),
      volume: decimalOf(said['volume_24h']), span: '24h',
    },
  })
}
