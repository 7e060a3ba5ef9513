/**
 * Binance's streams, spot and USD-margined futures (https://developers.binance.com/docs). Changes of a spot book chain by `U` and `u`, those of
 * a futures book also by `pu`; futures events carry `T`, the moment of the matching engine.
 */
import { isOfFutures, readAnswer, takerOf } from './binance_rest.ts'
import { binancePair, marketsOf } from './markets.ts'
import { instantIn, millisIn } from './moments.ts'
import { ANSWERED, control, diff, fact, PRIVATE, snapshot, UNFINISHED, type Context, type Market, type Said, type Venue } from './said.ts'
import { decimalOf, idOf, levelsOf, measureOf, objectOf, stringOf, wholeOf, type ToldObject } from './told.ts'

const ACCOUNT = new Set([
  'executionReport', 'outboundAccountPosition', 'outboundAccountInfo', 'balanceUpdate', 'listStatus', 'listenKeyExpired', 'eventStreamTerminated',
  'ACCOUNT_UPDATE', 'ORDER_TRADE_UPDATE', 'ALGO_UPDATE', 'TRADE_LITE', 'MARGIN_CALL', 'ACCOUNT_CONFIG_UPDATE', 'STRATEGY_UPDATE', 'GRID_UPDATE',
  'CONDITIONAL_ORDER_TRIGGER_REJECT',
])

export function binance(): Venue {
  const spot = marketsOf('binance', binancePair), futures = marketsOf('binance-futures', binancePair)
  return {
    read(message, context) {
      const outer = objectOf(message)
      if (outer === undefined) return readAnswer(message, context, spot, futures)
      const data = objectOf(outer['data'])
      if (typeof outer['stream'] === 'string' && data !== undefined) return readEvent(data, outer['stream'], context)
      if ('subscriptionId' in outer && objectOf(outer['event']) !== undefined) return control(PRIVATE)
      return readEvent(outer, undefined, context) ?? readAnswer(outer, context, spot, futures)
    },
  }

  function readEvent(said: ToldObject, stream: string | undefined, context: Context): readonly Said[] | undefined {
    const { e: kind } = said
    if (kind === 'depthUpdate') return readDiff(said)
    if (kind === undefined) return readUnnamed(said, stream)
    if (typeof kind !== 'string' || !('E' in said)) return undefined
    if (ACCOUNT.has(kind)) return control(PRIVATE)
    const symbol = stringOf(said['s'])
    switch (kind) {
      case 'trade': return [tradeOf(said, ('M' in said ? spot : futures)(symbol), 't')]
      case 'aggTrade': return [tradeOf(said, ('M' in said ? spot : futures)(symbol), 'a')]
      case 'kline': return candleOf(said, context)
      case 'bookTicker': return [quoteOf(said, futures(symbol))]
      case '24hrTicker': case '24hrMiniTicker': return [tickerOf(said, ('x' in said || 'b' in said ? spot : futures)(symbol))]
      case 'markPriceUpdate': return [markOf(said, futures(symbol))]
      case 'forceOrder': return liquidationOf(said)
      default: return control(`an event that is not read: ${kind.slice(0, 40)}`)
    }
  }

  function readDiff(said: ToldObject): readonly Said[] | undefined {
    const bids = levelsOf(said['b']), asks = levelsOf(said['a']), last = wholeOf(said['u'])
    if (bids === undefined || asks === undefined || last === undefined) return undefined
    const previous = wholeOf(said['pu'])
    const market = (previous === undefined ? spot : futures)(stringOf(said['s']))
    return [diff(market, { bids, asks, last, first: wholeOf(said['U']), previous, atMs: millisIn(said['T']) ?? millisIn(said['E']) })]
  }

  /** Best prices and partial books of spot do not say what they are. */
  function readUnnamed(said: ToldObject, stream: string | undefined): readonly Said[] | undefined {
    if ('u' in said && 's' in said && 'b' in said && 'B' in said && 'A' in said) return [quoteOf(said, spot(stringOf(said['s'])))]
    const bids = levelsOf(said['bids']), asks = levelsOf(said['asks'])
    if (stream !== undefined && bids !== undefined && asks !== undefined && 'lastUpdateId' in said) {
      return [snapshot(spot(stream.split('@')[0]?.toUpperCase()), { bids, asks, last: wholeOf(said['lastUpdateId']) })]
    }
    if ('result' in said && 'id' in said) return control(ANSWERED)
    return undefined
  }

  function candleOf(said: ToldObject, { url }: Context): readonly Said[] | undefined {
    const k = objectOf(said['k'])
    if (k === undefined) return undefined
    if (k['x'] !== true) return control(UNFINISHED)
    const closesMs = millisIn(k['T'])
    // Spot and futures look alike here.
    return [fact('candle', (isOfFutures(url) ? futures : spot)(stringOf(said['s'])), {
      atMs: millisIn(k['t']),
      saidMs: closesMs === undefined ? undefined : closesMs + 1,
      facts: {
        span: stringOf(k['i']), open: decimalOf(k['o']), high: decimalOf(k['h']), low: decimalOf(k['l']), close: decimalOf(k['c']),
        volume: decimalOf(k['v']), quote_volume: decimalOf(k['q']), trades: measureOf(k['n']),
      },
    })]
  }

  function liquidationOf(said: ToldObject): readonly Said[] | undefined {
    const o = objectOf(said['o'])
    if (o === undefined) return undefined
    return [fact('liquidation', futures(stringOf(o['s'])), {
      atMs: millisIn(o['T']) ?? millisIn(said['E']),
      facts: {
        side: stringOf(o['S'])?.toLowerCase(), price: decimalOf(o['p']), average_price: decimalOf(o['ap']), size: decimalOf(o['q']),
        filled: decimalOf(o['z']),
      },
    })]
  }
}

function tradeOf(said: ToldObject, market: Market, idAt: 't' | 'a'): Said {
  const id = idOf(said[idAt])
  return fact('trade', market, {
    atMs: millisIn(said['T']) ?? millisIn(said['E']),
    saidMs: millisIn(said['E']),
    id: idAt === 'a' && id !== undefined ? `agg-${id}` : id,
    facts: { price: decimalOf(said['p']), size: decimalOf(said['q']), side: takerOf(said['m']) },
  })
}

function quoteOf(said: ToldObject, market: Market): Said {
  return fact('quote', market, {
    atMs: millisIn(said['T']) ?? millisIn(said['E']),
    facts: {
      sequence: idOf(said['u']), bid: decimalOf(said['b']), bid_size: decimalOf(said['B']), ask: decimalOf(said['a']), ask_size: decimalOf(said['A']),
    },
  })
}

function tickerOf(said: ToldObject, market: Market): Said {
  return fact('ticker', market, {
    atMs: millisIn(said['E']),
    facts: {
      last: decimalOf(said['c']), last_size: decimalOf(said['Q']), open: decimalOf(said['o']), high: decimalOf(said['h']),
      low: decimalOf(said['l']), volume: decimalOf(said['v']), quote_volume: decimalOf(said['q']), vwap: decimalOf(said['w']),
      change: decimalOf(said['p']), change_percent: measureOf(said['P']), bid: decimalOf(said['b']), bid_size: decimalOf(said['B']),
      ask: decimalOf(said['a']), ask_size: decimalOf(said['A']), trades: measureOf(said['n']), span: '24h',
    },
  })
}

/** The rate is the one that will be due at the next funding, as of now. */
function markOf(said: ToldObject, market: Market): Said {
  return fact('mark_price', market, {
    atMs: millisIn(said['E']),
    facts: {
      mark_price: decimalOf(said['p']), index_price: decimalOf(said['i']), settle_price: decimalOf(said['P']),
      funding_rate: decimalOf(said['r']), next_funding_at: instantIn(said['T']),
    },
  })
}
