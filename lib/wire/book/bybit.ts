/** Bybit's fifth protocol: topics of its streams and REST answers (https://bybit-exchange.github.io/docs/v5/). Books count by `u`, one a message. */
import { spanOf } from './candles.ts'
import { marketsOf } from './markets.ts'
import { instantIn, millisIn } from './moments.ts'
import { ANSWERED, control, diff, fact, HEARTBEAT, snapshot, UNFINISHED, type FactSaid, type Market, type Said, type Venue } from './said.ts'
import { decimalOf, idOf, levelsOf, listOf, objectOf, stringOf, wholeOf, type Told, type ToldObject } from './told.ts'

export function bybit(): Venue {
  const marketOf = marketsOf('bybit')
  return {
    read(message) {
      const said = objectOf(message)
      if (said === undefined) return undefined
      if (typeof said['topic'] === 'string' && 'data' in said) return readTopic(said['topic'], said)
      if (typeof said['op'] === 'string' && ('success' in said || 'req_id' in said || 'args' in said)) {
        if (said['success'] === false) return [{ type: 'error', what: (stringOf(said['ret_msg']) ?? '?').slice(0, 200) }]
        return control(said['op'] === 'ping' || said['op'] === 'pong' ? HEARTBEAT : ANSWERED)
      }
      const code = wholeOf(said['retCode']), result = objectOf(said['result'])
      if (code === undefined) return undefined
      if (code !== 0) return [{ type: 'error', what: `${code} ${(stringOf(said['retMsg']) ?? '').slice(0, 200)}` }]
      return result === undefined ? control(ANSWERED) : readResult(result)
    },
  }

  function readTopic(topic: string, said: ToldObject): readonly Said[] | undefined {
    const [kind, ...rest] = topic.split('.')
    const data = objectOf(said['data']), rows = listOf(said['data'])?.map((entry) => objectOf(entry) ?? {})
    switch (kind) {
      case 'orderbook': {
        const atMs = millisIn(said['cts']) ?? millisIn(said['ts'])
        return data === undefined ? undefined : bookOf(data, said['type'] === 'snapshot', atMs, Number(rest[0]))
      }
      case 'publicTrade': return rows?.map((row) => tradeOf(row, marketOf(stringOf(row['s']))))
      case 'tickers': return data === undefined ? undefined : [tickerOf(data, marketOf(stringOf(data['symbol'])), millisIn(said['ts']))]
      case 'kline': return rows?.map((row) => candleOf(row, marketOf(rest.at(-1))))
      case 'liquidation': case 'allLiquidation': return (rows ?? (data === undefined ? [] : [data])).map((row) => liquidationOf(row))
      default: return control(`a topic that is not read: ${(kind ?? '').slice(0, 40)}`)
    }
  }

  function bookOf(data: ToldObject, isWhole: boolean, atMs: number | undefined, depth: number): readonly Said[] | undefined {
    const bids = levelsOf(data['b']), asks = levelsOf(data['a']), u = wholeOf(data['u'])
    if (bids === undefined || asks === undefined) return undefined
    const market = marketOf(stringOf(data['s']))
    // Number 1 is the first after the service began anew: a snapshot, whatever the message is called.
    if (isWhole || u === 1) return [snapshot(market, { bids, asks, last: u, atMs, depth: depth > 0 ? depth : undefined })]
    return [diff(market, { bids, asks, first: u, last: u, atMs })]
  }

  function readResult(result: ToldObject): readonly Said[] | undefined {
    if ('b' in result && 'a' in result && 's' in result) return bookOf(result, true, millisIn(result['cts']) ?? millisIn(result['ts']), NaN)
    const list = listOf(result['list'])
    if (list === undefined) return control(ANSWERED)
    return list.flatMap((entry): readonly Said[] => {
      const row = objectOf(entry)
      if (row === undefined) return control('a row that is not read')
      const market = marketOf(stringOf(row['symbol']))
      if ('execId' in row) {
        const facts = { price: decimalOf(row['price']), size: decimalOf(row['size']), side: sideOf(row['side']) }
        return [fact('trade', market, { atMs: millisIn(row['time']), id: idOf(row['execId']), facts })]
      }
      if ('fundingRateTimestamp' in row) {
        return [fact('funding', market, { atMs: millisIn(row['fundingRateTimestamp']), facts: { rate: decimalOf(row['fundingRate']) } })]
      }
      return 'lastPrice' in row ? [tickerOf(row, market, undefined)] : control('a row that is not read')
    })
  }

  function liquidationOf(row: ToldObject): FactSaid {
    return fact('liquidation', marketOf(stringOf(row['s']) ?? stringOf(row['symbol'])), {
      atMs: millisIn(row['T']) ?? millisIn(row['updatedTime']),
      facts: { side: sideOf(row['S'] ?? row['side']), price: decimalOf(row['p'] ?? row['price']), size: decimalOf(row['v'] ?? row['size']) },
    })
  }
}

const sideOf = (value: Told | undefined): string | undefined => stringOf(value)?.toLowerCase()

function tradeOf(row: ToldObject, market: Market): FactSaid {
  return fact('trade', market, {
    atMs: millisIn(row['T']), id: idOf(row['i']), facts: { price: decimalOf(row['p']), size: decimalOf(row['v']), side: sideOf(row['S']) },
  })
}

function tickerOf(row: ToldObject, market: Market, atMs: number | undefined): FactSaid {
  return fact('ticker', market, {
    atMs,
    facts: {
      last: decimalOf(row['lastPrice']), bid: decimalOf(row['bid1Price']), bid_size: decimalOf(row['bid1Size']), ask: decimalOf(row['ask1Price']),
      ask_size: decimalOf(row['ask1Size']), high: decimalOf(row['highPrice24h']), low: decimalOf(row['lowPrice24h']),
      open: decimalOf(row['prevPrice24h']), volume: decimalOf(row['volume24h']), quote_volume: decimalOf(row['turnover24h']),
      mark_price: decimalOf(row['markPrice']), index_price: decimalOf(row['indexPrice']), open_interest: decimalOf(row['openInterest']),
      funding_rate: decimalOf(row['fundingRate']), next_funding_at: instantIn(row['nextFundingTime']), span: '24h',
    },
  })
}

function candleOf(row: ToldObject, market: Market): Said {
  if (row['confirm'] !== true) return { type: 'control', what: UNFINISHED }
  const atMs = millisIn(row['start']), endMs = millisIn(row['end'])
  return fact('candle', market, {
    atMs, saidMs: endMs === undefined ? undefined : endMs + 1,
    facts: {
      span: atMs === undefined || endMs === undefined ? undefined : spanOf(endMs + 1 - atMs), open: decimalOf(row['open']),
      high: decimalOf(row['high']), low: decimalOf(row['low']),
      close: decimalOf(row['close']), volume: decimalOf(row['volume']), quote_volume: decimalOf(row['turnover']),
    },
  })
}
