/** Answers of Binance's REST interfaces, told by their members: most do not say which symbol they are of; the address does. */
import { spanOf } from './candles.ts'
import { instantIn, millisIn } from './moments.ts'
import { ANSWERED, control, fact, INSTRUMENTS, snapshot, type Context, type FactSaid, type Market, type Said } from './said.ts'
import { decimalOf, idOf, levelsOf, listOf, measureOf, objectOf, stringOf, wholeOf, type Told, type ToldObject } from './told.ts'

type Markets = (symbol: string | undefined) => Market

/** `m`: the buyer was the maker, so the taker sold. */
export function takerOf(buyerIsMaker: Told | undefined): string | undefined {
  if (typeof buyerIsMaker !== 'boolean') return undefined
  return buyerIsMaker ? 'sell' : 'buy'
}

/** Whether an address is one of the USD-margined futures. */
export const isOfFutures = (url: string | undefined): boolean => url !== undefined && /\/fapi\/|\/\/fstream\./.test(url)

/** Undefined where it is no answer of Binance's. */
export function readAnswer(told: Told, context: Context, spot: Markets, futures: Markets): readonly Said[] | undefined {
  const address = context.url === undefined || !URL.canParse(context.url) ? undefined : new URL(context.url)
  const asked = address?.searchParams.get('symbol')?.toUpperCase() ?? context.symbol
  const isFutures = isOfFutures(context.url)
  const list = listOf(told)
  if (list !== undefined) return readList(list, asked, isFutures, spot, futures)
  const said = objectOf(told)
  return said === undefined ? undefined : readOne(said, asked, isFutures, spot, futures)
}

function readOne(said: ToldObject, asked: string | undefined, isFutures: boolean, spot: Markets, futures: Markets): readonly Said[] | undefined {
  const symbol = stringOf(said['symbol']) ?? asked
  const either = isFutures ? futures : spot
  if ('lastUpdateId' in said) {
    const bids = levelsOf(said['bids']), asks = levelsOf(said['asks'])
    if (bids === undefined || asks === undefined) return undefined
    const atMs = millisIn(said['T']) ?? millisIn(said['E'])
    return [snapshot((atMs === undefined && !isFutures ? spot : futures)(symbol), { bids, asks, last: wholeOf(said['lastUpdateId']), atMs, isAnswer: true })]
  }
  const code = wholeOf(said['code'])
  if (code !== undefined && typeof said['msg'] === 'string') return [{ type: 'error', what: `${code} ${said['msg'].slice(0, 200)}` }]
  if (listOf(said['symbols']) !== undefined && 'timezone' in said) return control(INSTRUMENTS)
  if ('mins' in said && 'price' in said) {
    const facts = { average_price: decimalOf(said['price']), span: `${wholeOf(said['mins'])}m` }
    return [fact('ticker', spot(symbol), { atMs: millisIn(said['closeTime']), facts })]
  }
  if ('serverTime' in said && Object.keys(said).length === 1) return control(ANSWERED)
  if (Object.keys(said).length === 0) return control(ANSWERED)
  if ('lastFundingRate' in said && 'markPrice' in said) return [markOf(said, futures(symbol))]
  if ('openInterest' in said && 'symbol' in said) {
    return [fact('open_interest', futures(symbol), { atMs: millisIn(said['time']), facts: { open_interest: decimalOf(said['openInterest']) } })]
  }
  if (stringOf(said['symbol']) === undefined) return undefined
  if ('lastPrice' in said && 'closeTime' in said) return [tickerOf(said, ('bidPrice' in said ? spot : either)(symbol))]
  if ('bidPrice' in said && 'askQty' in said) return [quoteOf(said, either(symbol))]
  if ('price' in said && Object.keys(said).every((key) => key === 'symbol' || key === 'price' || key === 'time')) {
    return [fact('ticker', ('time' in said ? futures : either)(symbol), { atMs: millisIn(said['time']), facts: { last: decimalOf(said['price']) } })]
  }
  return undefined
}

function readList(
  list: readonly Told[], asked: string | undefined, isFutures: boolean, spot: Markets, futures: Markets,
): readonly Said[] | undefined {
  const first = objectOf(list[0])
  const either = isFutures ? futures : spot
  if (first === undefined) return readCandles(list, either(asked))
  const each = (read: (said: ToldObject) => Said | undefined): readonly Said[] | undefined => {
    const all: Said[] = []
    for (const entry of list) {
      const object = objectOf(entry), said = object === undefined ? undefined : read(object)
      if (said === undefined) return undefined
      all.push(said)
    }
    return all
  }
  if ('isBuyerMaker' in first && 'qty' in first) return each((said) => restTrade(said, either(asked)))
  if ('a' in first && 'p' in first && 'q' in first && 'T' in first && 'm' in first) return each((said) => aggregate(said, either(asked)))
  if ('fundingRate' in first && 'fundingTime' in first) {
    return each((said) => fact('funding', futures(stringOf(said['symbol']) ?? asked), {
      atMs: millisIn(said['fundingTime']), facts: { rate: decimalOf(said['fundingRate']), mark_price: decimalOf(said['markPrice']) },
    }))
  }
  if (stringOf(first['symbol']) !== undefined) return each((said) => readOne(said, undefined, isFutures, spot, futures)?.[0])
  return undefined
}

function restTrade(said: ToldObject, market: Market): FactSaid {
  return fact('trade', market, {
    atMs: millisIn(said['time']), id: idOf(said['id']),
    facts: { price: decimalOf(said['price']), size: decimalOf(said['qty']), side: takerOf(said['isBuyerMaker']) },
  })
}

function aggregate(said: ToldObject, market: Market): FactSaid {
  return fact('trade', market, {
    atMs: millisIn(said['T']), id: `agg-${idOf(said['a']) ?? ''}`,
    facts: { price: decimalOf(said['p']), size: decimalOf(said['q']), side: takerOf(said['m']) },
  })
}

/** `[open time, open, high, low, close, volume, close time, quote volume, trades, ...]`. */
function readCandles(list: readonly Told[], market: Market): readonly Said[] | undefined {
  const said: Said[] = []
  for (const entry of list) {
    const row = listOf(entry)
    if (row === undefined || row.length < 11) return undefined
    const atMs = millisIn(row[0]), closesMs = millisIn(row[6])
    if (atMs === undefined || closesMs === undefined || closesMs < atMs) return undefined
    said.push(fact('candle', market, {
      atMs, saidMs: closesMs + 1,
      facts: {
        span: spanOf(closesMs + 1 - atMs), open: decimalOf(row[1]), high: decimalOf(row[2]), low: decimalOf(row[3]), close: decimalOf(row[4]),
        volume: decimalOf(row[5]), quote_volume: decimalOf(row[7]), trades: measureOf(row[8]),
      },
    }))
  }
  return said.length === 0 ? undefined : said
}

function markOf(said: ToldObject, market: Market): FactSaid {
  return fact('mark_price', market, {
    atMs: millisIn(said['time']),
    facts: {
      mark_price: decimalOf(said['markPrice']), index_price: decimalOf(said['indexPrice']), settle_price: decimalOf(said['estimatedSettlePrice']),
      funding_rate: decimalOf(said['lastFundingRate']), next_funding_at: instantIn(said['nextFundingTime']),
    },
  })
}

function tickerOf(said: ToldObject, market: Market): FactSaid {
  return fact('ticker', market, {
    atMs: millisIn(said['closeTime']),
    facts: {
      last: decimalOf(said['lastPrice']), last_size: decimalOf(said['lastQty']), open: decimalOf(said['openPrice']),
      high: decimalOf(said['highPrice']), low: decimalOf(said['lowPrice']), volume: decimalOf(said['volume']),
      quote_volume: decimalOf(said['quoteVolume']), vwap: decimalOf(said['weightedAvgPrice']), change: decimalOf(said['priceChange']),
      change_percent: measureOf(said['priceChangePercent']), bid: decimalOf(said['bidPrice']), bid_size: decimalOf(said['bidQty']),
      ask: decimalOf(said['askPrice']), ask_size: decimalOf(said['askQty']), trades: measureOf(said['count']), span: '24h',
    },
  })
}

function quoteOf(said: ToldObject, market: Market): FactSaid {
  return fact('quote', market, {
    atMs: millisIn(said['time']),
    facts: {
      bid: decimalOf(said['bidPrice']), bid_size: decimalOf(said['bidQty']), ask: decimalOf(said['askPrice']), ask_size: decimalOf(said['askQty']),
    },
  })
}
