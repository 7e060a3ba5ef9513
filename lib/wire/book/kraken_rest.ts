/** Answers of Kraken's spot REST interface: `{"error":[],"result":{...}}` (https://docs.kraken.com/api/). */
import type { Millis } from '#record'
import { commonStep, spanOf } from './candles.ts'
import { newestOf, secondsIn } from './moments.ts'
import { ANSWERED, control, fact, INSTRUMENTS, PRIVATE, snapshot, type FactValues, type Market, type Said } from './said.ts'
import { decimalOf, idOf, levelsOf, listOf, measureOf, objectOf, stringOf, type Told, type ToldObject } from './told.ts'

const PRIVATE_RESULTS = ['txid', 'open', 'closed', 'trades', 'eb', 'count', 'token', 'ledger', 'orders']

/** Undefined where it is no answer of Kraken's. */
export function readAnswer(said: ToldObject, marketOf: (symbol: string) => Market): readonly Said[] | undefined {
  const errors = listOf(said['error'])
  if (errors === undefined) return undefined
  if (errors.length > 0) return [{ type: 'error', what: errors.map((error) => stringOf(error) ?? '?').join(', ').slice(0, 200) }]
  const result = objectOf(said['result'])
  if (result === undefined) return undefined
  if ('unixtime' in result || ('status' in result && 'timestamp' in result)) return control(ANSWERED)
  if (PRIVATE_RESULTS.some((key) => key in result)) return control(PRIVATE)
  const entries = Object.entries(result).filter(([key]) => key !== 'last')
  const all: Said[] = []
  for (const [symbol, value] of entries) {
    const some = readOne(value, marketOf(symbol))
    if (some === undefined) return undefined
    all.push(...some)
  }
  return all.length === 0 ? control(ANSWERED) : all
}

function readOne(value: Told | undefined, market: Market): readonly Said[] | undefined {
  const rows = listOf(value)
  if (rows !== undefined) return readRows(rows, market)
  const said = objectOf(value)
  if (said === undefined) return undefined
  const bids = levelsOf(said['bids']), asks = levelsOf(said['asks'])
  if (bids !== undefined && asks !== undefined) return [snapshot(market, { bids, asks, atMs: newestOf(bids, asks) })]
  if ('wsname' in said || 'pair_decimals' in said) return control(INSTRUMENTS)
  if ('ordertxid' in said || 'posstatus' in said) return control(PRIVATE)
  if (listOf(said['a']) !== undefined && listOf(said['c']) !== undefined) return [fact('ticker', market, { facts: tickerFacts(said) })]
  return undefined
}

/** Trades `[price, size, seconds, side, order type, misc, id]`, candles `[seconds, open, high, low, close, vwap, volume, count]`, spreads. */
function readRows(rows: readonly Told[], market: Market): readonly Said[] | undefined {
  const all = rows.map((row) => listOf(row) ?? [])
  const [first] = all
  if (first === undefined) return []
  if (first[3] === 'b' || first[3] === 's') return all.map((row) => tradeOf(row, market))
  if (first.length === 8) return candlesOf(all, market)
  if (first.length !== 3) return undefined
  return all.map(([time, bid, ask]) => fact('quote', market, { atMs: secondsIn(time), facts: { bid: decimalOf(bid), ask: decimalOf(ask) } }))
}

function tradeOf([price, size, time, side, , , id]: readonly Told[], market: Market): Said {
  return fact('trade', market, {
    atMs: secondsIn(time), id: idOf(id),
    facts: { price: decimalOf(price), size: decimalOf(size), side: side === 'b' ? 'buy' : side === 's' ? 'sell' : undefined },
  })
}

function candlesOf(rows: readonly (readonly Told[])[], market: Market): readonly Said[] {
  const moments = rows.flatMap((row): Millis[] => secondsIn(row[0]) === undefined ? [] : [secondsIn(row[0]) ?? 0])
  const stepMs = commonStep(moments)
  return rows.map((row) => {
    const atMs = secondsIn(row[0])
    return fact('candle', market, {
      atMs, saidMs: atMs === undefined || stepMs === undefined ? undefined : atMs + stepMs,
      facts: {
        span: stepMs === undefined ? undefined : spanOf(stepMs), open: decimalOf(row[1]), high: decimalOf(row[2]), low: decimalOf(row[3]),
        close: decimalOf(row[4]), vwap: decimalOf(row[5]), volume: decimalOf(row[6]), trades: measureOf(row[7]),
      },
    })
  })
}

/** A ticker of REST and of the first protocol: of pairs of values, the second is that of the last 24 hours. */
export function tickerFacts(said: ToldObject): FactValues {
  const at = (name: string, place: number): Told | undefined => listOf(said[name])?.[place]
  return {
    last: decimalOf(at('c', 0)), last_size: decimalOf(at('c', 1)), bid: decimalOf(at('b', 0)), bid_size: decimalOf(at('b', 2)),
    ask: decimalOf(at('a', 0)), ask_size: decimalOf(at('a', 2)), volume: decimalOf(at('v', 1)), vwap: decimalOf(at('p', 1)),
    low: decimalOf(at('l', 1)), high: decimalOf(at('h', 1)), trades: measureOf(at('t', 1)), span: '24h',
  }
}
