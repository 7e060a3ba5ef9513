/**
 * OKX's fifth protocol: channels of its streams and REST answers (https://www.okx.com/docs-v5/). Changes of a book name the state they were made
 * from (`prevSeqId`); one that names its own state says only that nothing happened.
 */
import { parseDuration } from '#record'
import { marketsOf } from './markets.ts'
import { instantIn, millisIn } from './moments.ts'
import { ANSWERED, control, diff, fact, snapshot, UNFINISHED, type FactSaid, type Market, type Said, type Venue } from './said.ts'
import { decimalOf, idOf, levelsOf, listOf, objectOf, stringOf, wholeOf, type Told, type ToldObject } from './told.ts'

export function okx(): Venue {
  const marketOf = marketsOf('okx')
  return {
    read(message, { url, symbol }) {
      const said = objectOf(message)
      const arg = objectOf(said?.['arg'])
      if (said === undefined) return undefined
      if (typeof said['event'] === 'string' && (arg !== undefined || 'connId' in said)) {
        return said['event'] === 'error' ? [{ type: 'error', what: (stringOf(said['msg']) ?? '?').slice(0, 200) }] : control(ANSWERED)
      }
      const rows = listOf(said['data'])
      if (arg !== undefined && typeof arg['channel'] === 'string') {
        return rows === undefined ? undefined : readChannel(arg['channel'], said['action'], rows, marketOf(stringOf(arg['instId'])))
      }
      if (idOf(said['code']) === undefined || typeof said['msg'] !== 'string' || rows === undefined) return undefined
      if (said['code'] !== '0') return [{ type: 'error', what: `${idOf(said['code'])} ${said['msg'].slice(0, 200)}` }]
      return rows.flatMap((row) => readRow(objectOf(row), /[?&]instId=([^&]+)/.exec(url ?? '')?.[1] ?? symbol))
    },
  }

  function readRow(row: ToldObject | undefined, asked: string | undefined): readonly Said[] {
    if (row === undefined) return control('a row that is not read')
    const market = marketOf(stringOf(row['instId']) ?? asked)
    if ('asks' in row && 'bids' in row) return bookOf(row, true, market)
    if ('tradeId' in row && 'px' in row) return [tradeOf(row, market)]
    if ('fundingRate' in row) return [fundingOf(row, market)]
    if ('last' in row && 'askPx' in row) return [tickerOf(row, market)]
    if ('oi' in row) return [interestOf(row, market)]
    return control('a row that is not read')
  }

  function readChannel(channel: string, action: Told | undefined, rows: readonly Told[], market: Market): readonly Said[] | undefined {
    const objects = rows.map((row) => objectOf(row) ?? {})
    // `books5` and `bbo-tbt` give the whole of their few levels every time.
    if (/^(books|bbo)/.test(channel)) return objects.flatMap((row) => bookOf(row, action !== 'update', market))
    if (channel.startsWith('candle')) return rows.map((row) => candleOf(listOf(row) ?? [], channel, market))
    switch (channel) {
      case 'trades': case 'trades-all': return objects.map((row) => tradeOf(row, market))
      case 'tickers': return objects.map((row) => tickerOf(row, market))
      case 'funding-rate': return objects.map((row) => fundingOf(row, market))
      case 'open-interest': return objects.map((row) => interestOf(row, market))
      case 'mark-price':
        return objects.map((row) => fact('mark_price', market, { atMs: millisIn(row['ts']), facts: { mark_price: decimalOf(row['markPx']) } }))
      default: return control(`a channel that is not read: ${channel.slice(0, 40)}`)
    }
  }
}

function bookOf(row: ToldObject, isWhole: boolean, market: Market): readonly Said[] {
  const bids = levelsOf(row['bids']), asks = levelsOf(row['asks'])
  if (bids === undefined || asks === undefined) return []
  const previous = wholeOf(row['prevSeqId'])
  return [(isWhole ? snapshot : diff)(market, {
    bids, asks, last: wholeOf(row['seqId']), previous: isWhole || previous === undefined || previous < 0 ? undefined : previous,
    atMs: millisIn(row['ts']),
  })]
}

function tradeOf(row: ToldObject, market: Market): FactSaid {
  return fact('trade', market, {
    atMs: millisIn(row['ts']), id: idOf(row['tradeId']),
    facts: { price: decimalOf(row['px']), size: decimalOf(row['sz']), side: stringOf(row['side']) },
  })
}

function tickerOf(row: ToldObject, market: Market): FactSaid {
  return fact('ticker', market, {
    atMs: millisIn(row['ts']),
    facts: {
      last: decimalOf(row['last']), last_size: decimalOf(row['lastSz']), bid: decimalOf(row['bidPx']), bid_size: decimalOf(row['bidSz']),
      ask: decimalOf(row['askPx']), ask_size: decimalOf(row['askSz']), open: decimalOf(row['open24h']), high: decimalOf(row['high24h']),
      low: decimalOf(row['low24h']), volume: decimalOf(row['vol24h']), quote_volume: decimalOf(row['volCcy24h']), span: '24h',
    },
  })
}

/** Of history `realizedRate` is what was paid; a stream tells what is due. */
function fundingOf(row: ToldObject, market: Market): FactSaid {
  if ('realizedRate' in row) return fact('funding', market, { atMs: millisIn(row['fundingTime']), facts: { rate: decimalOf(row['realizedRate']) } })
  return fact('mark_price', market, {
    atMs: millisIn(row['ts']), facts: { funding_rate: decimalOf(row['fundingRate']), next_funding_at: instantIn(row['fundingTime']) },
  })
}

function interestOf(row: ToldObject, market: Market): FactSaid {
  return fact('open_interest', market, {
    atMs: millisIn(row['ts']), facts: { open_interest: decimalOf(row['oi']), open_interest_base: decimalOf(row['oiCcy']) },
  })
}

/** `[ms, open, high, low, close, volume, ..., quote volume, closed]`; the span stands in the name of the channel: `candle1m`, `candle4H`. */
function candleOf(row: readonly Told[], channel: string, market: Market): Said {
  if (row.at(-1) !== '1') return { type: 'control', what: UNFINISHED }
  const atMs = millisIn(row[0]), name = channel.slice('candle'.length)
  const span = /^\d+[smHDW]$/.test(name) ? name.toLowerCase() : undefined
  const spanMs = span === undefined ? undefined : parseDuration(span)
  return fact('candle', market, {
    atMs, saidMs: atMs === undefined || spanMs === undefined ? undefined : atMs + spanMs,
    facts: { span, open: decimalOf(row[1]), high: decimalOf(row[2]), low: decimalOf(row[3]), close: decimalOf(row[4]), volume: decimalOf(row[5]) },
  })
}
