/**
 * What is kept of a question asked through ccxt: who was asked what, the answers byte for byte, and what ccxt read in them, in its vocabulary.
 * `{"ccxt": {"exchange", "method", "symbol", "market", "span"}, "result": ..., "answers": [{"url", "body"}]}`
 */
import { parseDuration, type Json } from '#record'
import type { CallAnswer, MarketCall } from '#port/exchange'
import { isoIn, millisIn } from '../book/moments.ts'
import { fact, snapshot, type FactSaid, type Market, type Said, type Venue } from '../book/said.ts'
import { decimalOf, idOf, levelsOf, listOf, measureOf, objectOf, stringOf, type Told, type ToldObject } from '../book/told.ts'
import { readTold } from '../book/told_reader.ts'
import { anyVenue } from '../book/venues.ts'
import { venueOf } from './exchanges.ts'

/** The payload of one call. */
export function unifiedPayload(exchange: string, { method, symbol, span }: MarketCall, { marketId, result, answers }: CallAnswer): Buffer {
  const payload: Json = {
    ccxt: { exchange, method, symbol, market: marketId, ...(span !== undefined && { span }) },
    result,
    answers: answers.map(({ url, bytes }) => ({ url, body: bytes.toString('utf8') })),
  }
  return Buffer.from(`${JSON.stringify(payload)}\n`)
}

/** Reads such payloads; undefined for all others. */
export function unified(): Venue {
  return {
    read(message) {
      const said = objectOf(message), call = objectOf(said?.['ccxt'])
      const exchange = stringOf(call?.['exchange']), method = stringOf(call?.['method'])
      if (said === undefined || call === undefined || exchange === undefined || method === undefined) return undefined
      const symbol = stringOf(call['market']), pair = stringOf(call['symbol'])?.split(':')[0]
      const market: Market = { venue: venueOf(exchange), symbol, subject: pair === undefined ? undefined : `pair:${pair}` }
      const answers = listOf(said['answers'])?.map((answer) => objectOf(answer) ?? {}) ?? []
      const result = said['result'] ?? null
      switch (method) {
        case 'fetchTrades': return tradesOf(result, market, answers)
        case 'fetchTicker': return tickerOf(objectOf(result), market)
        case 'fetchOHLCV': return candlesOf(result, market, stringOf(call['span']))
        case 'fetchFundingRateHistory': return listOf(result)?.map((entry) => fundingOf(objectOf(entry) ?? {}, market))
        case 'fetchFundingRate': return markOf(objectOf(result), market)
        case 'fetchOrderBook': return bookOf(objectOf(result), market, answers)
        default: return undefined
      }
    },
  }
}

function tradesOf(result: Told, market: Market, answers: readonly ToldObject[]): readonly Said[] | undefined {
  // Binance's aggregates are counted by themselves.
  const prefix = answers.some(({ url }) => typeof url === 'string' && url.includes('/aggTrades')) ? 'agg-' : ''
  return listOf(result)?.map((entry) => {
    const row = objectOf(entry) ?? {}, id = idOf(row['id'])
    return fact('trade', market, {
      atMs: millisIn(row['timestamp']) ?? isoIn(row['datetime']), id: id === undefined ? undefined : prefix + id,
      facts: { price: decimalOf(row['price']), size: decimalOf(row['amount']), side: stringOf(row['side']) },
    })
  })
}

function tickerOf(row: ToldObject | undefined, market: Market): readonly FactSaid[] | undefined {
  return row === undefined ? undefined : [fact('ticker', market, {
    atMs: millisIn(row['timestamp']),
    facts: {
      last: decimalOf(row['last']), bid: decimalOf(row['bid']), bid_size: decimalOf(row['bidVolume']), ask: decimalOf(row['ask']),
      ask_size: decimalOf(row['askVolume']), open: decimalOf(row['open']), high: decimalOf(row['high']), low: decimalOf(row['low']),
      volume: decimalOf(row['baseVolume']), quote_volume: decimalOf(row['quoteVolume']), vwap: decimalOf(row['vwap']),
      change: decimalOf(row['change']), change_percent: measureOf(row['percentage']), mark_price: decimalOf(row['markPrice']),
      index_price: decimalOf(row['indexPrice']), span: '24h',
    },
  })]
}

/** `[ms, open, high, low, close, volume]`. */
function candlesOf(result: Told, market: Market, span: string | undefined): readonly Said[] | undefined {
  const spanMs = span === undefined ? undefined : parseDuration(span)
  return listOf(result)?.map((entry) => {
    const [time, open, high, low, close, volume] = listOf(entry) ?? []
    const atMs = millisIn(time)
    return fact('candle', market, {
      atMs, saidMs: atMs === undefined || spanMs === undefined ? undefined : atMs + spanMs,
      facts: { span, open: decimalOf(open), high: decimalOf(high), low: decimalOf(low), close: decimalOf(close), volume: decimalOf(volume) },
    })
  })
}

const fundingOf = (row: ToldObject, market: Market): FactSaid =>
  fact('funding', market, { atMs: millisIn(row['timestamp']), facts: { rate: decimalOf(row['fundingRate']) } })

/** The rate that will be due next, as of now. */
function markOf(row: ToldObject | undefined, market: Market): readonly FactSaid[] | undefined {
  return row === undefined ? undefined : [fact('mark_price', market, {
    atMs: millisIn(row['timestamp']),
    facts: {
      mark_price: decimalOf(row['markPrice']), index_price: decimalOf(row['indexPrice']), funding_rate: decimalOf(row['fundingRate']),
      next_funding_at: stringOf(row['fundingDatetime']),
    },
  })]
}

/** ccxt has books as doubles: where the answer itself can be read, it is. */
function bookOf(row: ToldObject | undefined, market: Market, answers: readonly ToldObject[]): readonly Said[] | undefined {
  for (const { url, body } of answers) {
    if (typeof body !== 'string') continue
    const bytes = Buffer.from(body)
    const said = anyVenue().read(readTold(bytes, 0, bytes.length, 'answer'), { url: stringOf(url) })?.find(({ type }) => type === 'snapshot')
    if (said?.type === 'snapshot') return [{ ...said, market }]
  }
  const bids = levelsOf(row?.['bids']), asks = levelsOf(row?.['asks'])
  if (row === undefined || bids === undefined || asks === undefined) return undefined
  return [snapshot(market, { bids, asks, atMs: millisIn(row['timestamp']) })]
}
