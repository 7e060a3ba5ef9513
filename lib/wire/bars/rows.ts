/**
 * Candles as lists of numbers, `[ms, open, high, low, close, volume]`, as ccxt gives them (https://docs.ccxt.com, OHLCV) and several
 * exchanges too, and as objects whose members are named like the columns of a CSV file.
 */
import type { Bar, Price } from '#record'
import { candleRecords, subjectOf, type Candle } from './candle.ts'
import { readSpan } from './span.ts'
import type { Row, Sheet, Written } from './sheet.ts'
import { venueOf } from '../crypto/exchanges.ts'
import { exactDecimal, exactList, exactObject, exactString, Numeral, type Exact, type ExactObject } from '../json_exact.ts'

interface Timed {
  readonly place: string
  readonly start: Written
  readonly symbol: string | undefined
  readonly row: Omit<Row, 'startMs'>
}

/** What was asked through ccxt and is kept with its question: `{"ccxt": {"exchange", "method", "symbol", "span"}, "result": [[ms, ...], ...]}`. */
export function ccxtCandles(answer: ExactObject, sheet: Sheet): Iterable<Bar | Price> | undefined {
  const call = exactObject(answer['ccxt']), rows = exactList(answer['result'])
  if (call === undefined || rows === undefined || call['method'] !== 'fetchOHLCV') return undefined
  if (rows.length === 0) sheet.none('answer', 'no candles in the time asked for')
  // A swap is named after its pair and what it is settled in: BTC/USDT:USDT.
  const [pair] = exactString(call['symbol'])?.split(':') ?? []
  const exchange = venueOf(exactString(call['exchange']) ?? 'ccxt')
  return candleLists(rows, sheet, { pair, exchange, span: readSpan(exactString(call['span']) ?? '') }) ?? []
}

/** What of candles is stated beside them, or by the user. */
type Of = Pick<Sheet['terms'], 'pair' | 'exchange' | 'span'>

/** Candles of a list of lists; undefined where it is none. */
export function candleLists(value: Exact, sheet: Sheet, of: Of = sheet.terms): Iterable<Bar | Price> | undefined {
  const rows = exactList(value)?.map(exactList)
  if (rows === undefined || rows.length === 0 || !rows.every((row) => row !== undefined && row.length >= 6)) return undefined
  return candlesOf(rows.flatMap((row, i) => {
    const place = `candle ${i + 1}`, [time, ...numbers] = row ?? []
    const start = sheet.instant(place, time), [open, high, low, close, volume] = numbers.map(exactDecimal)
    return start === undefined ? [] : [{ place, start, symbol: undefined, row: { open, high, low, close, volume } }]
  }), sheet, of)
}

const TIMES = ['timestamp', 'open_time_ms', 'time', 'start', 'open_time'] as const
const SYMBOLS = ['ticker', 'symbol', 'product_id'] as const
const PRICES = ['open', 'high', 'low', 'close'] as const

const isNamed = (row: ExactObject | undefined): boolean =>
  row !== undefined && PRICES.every((name) => name in row) && 'volume' in row && TIMES.some((name) => name in row)

/** Candles of a list of objects, or of an object that holds one; undefined where it is none. */
export function candleObjects(value: Exact, sheet: Sheet): Iterable<Bar | Price> | undefined {
  const holder = exactObject(value)
  const rows = (exactList(value) ?? exactList(holder?.['candles']) ?? (holder === undefined ? [] : [holder])).map(exactObject)
  if (rows.length === 0 || !rows.some(isNamed)) return undefined
  return candlesOf(rows.flatMap((row, i) => {
    const place = `candle ${i + 1}`
    if (row === undefined || !isNamed(row)) {
      sheet.reject(place, 'expected a candle')
      return []
    }
    const start = sheet.instant(place, timeOf(TIMES.map((name) => row[name]).find((time) => time !== undefined)))
    const symbol = SYMBOLS.map((name) => exactString(row[name])).find((text) => text !== undefined)
    const [open, high, low, close] = PRICES.map((name) => exactDecimal(row[name]))
    return start === undefined ? [] : [{ place, start, symbol, row: { open, high, low, close, volume: exactDecimal(row['volume']) } }]
  }), sheet, sheet.terms)
}

/** Some exchanges write digits since 1970 as a string. */
const timeOf = (value: Exact | undefined): Exact | undefined => (typeof value === 'string' && /^\d{10,19}$/.test(value) ? new Numeral(value) : value)

function candlesOf(rows: readonly Timed[], sheet: Sheet, { pair, exchange = 'ccxt', span: stated }: Of): (Bar | Price)[] {
  const candles: Candle[] = []
  const span = stated ?? readSpan(sheet.asked.get('interval') ?? '') ?? sheet.span(rows.map(({ start }) => start.ms))
  for (const { place, start, symbol: named, row } of rows) {
    const symbol = named?.replace(/^([A-Z0-9]+)-([A-Z]+)$/, '$1/$2') ?? pair ?? sheet.symbol(undefined)
    if (symbol === undefined) sheet.reject(place, 'a candle that does not say of what: --pair says it')
    else if (span === undefined) sheet.reject(place, 'a candle that does not say how long it is: --span says it')
    else if (sheet.wants(symbol) || symbol === pair) {
      const about = { subject: subjectOf(symbol), span, basis: 'as_traded', source: `${exchange}/candles` } as const
      const candle = sheet.candle(place, { startMs: start.ms, ...row }, about)
      if (candle !== undefined) candles.push(candle)
    }
  }
  return candleRecords(candles, sheet.terms.opens, sheet.by)
}
