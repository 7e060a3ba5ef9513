/**
 * Polygon's aggregates (https://polygon.io/docs/stocks/get_v2_aggs_ticker__stocksticker__range__multiplier___timespan___from___to): bars of one
 * ticker, and the grouped bars of one day of all (`T` in each row, where `t` is the bar's end). Prices are adjusted for splits where `adjusted`
 * says so, which is the default of the service.
 */
import type { Vanta } from '#record'
import { candleRecords, subjectOf, type Candle } from '../bars/candle.ts'
import { rowOf, type Sheet } from '../bars/sheet.ts'
import { exactDecimal, exactList, exactObject, exactString, type Exact, type ExactObject } from '../json_exact.ts'
import { symbolOf } from './symbol.ts'

const PRICES = ['o', 'h', 'l', 'c', 'v']
const isBar = (row: ExactObject | undefined): boolean => row !== undefined && PRICES.every((name) => name in row)

/** Bars of an answer; undefined where it has none and is none. */
export function polygonBars(answer: ExactObject, sheet: Sheet): Iterable<Vanta> | undefined {
  const rows = exactList(answer['results'])
  const isEmpty = 'resultsCount' in answer && 'adjusted' in answer && (rows === undefined || rows.length === 0)
  if (!isEmpty && (rows === undefined || rows.length === 0 || !rows.some((row) => isBar(exactObject(row))))) return undefined
  return barsOf(rows ?? [], answer, sheet)
}

function* barsOf(rows: readonly Exact[], answer: ExactObject, sheet: Sheet): Generator<Vanta> {
  const basis = answer['adjusted'] === false ? 'as_traded' : 'split_adjusted'
  const stated = exactString(answer['ticker'])
  const asked = /\/range\/(\d+)\/([a-z]+)\//.exec(sheet.path)
  const timed = rows.flatMap((value, i) => {
    const row = exactObject(value), place = `bar ${i + 1}`
    const start = row !== undefined && isBar(row) ? sheet.instant(place, row['t']) : sheet.reject(place, 'expected a bar')
    return row === undefined || typeof start !== 'object' ? [] : [{ place, row, startMs: start.ms, ticker: exactString(row['T']) }]
  })
  const starts = timed.filter(({ ticker }) => ticker === undefined).map(({ startMs }) => startMs)
  const span = sheet.span(starts, asked === null ? undefined : `${asked[1]}${asked[2]}`)
  const candles: Candle[] = []
  for (const { place, row, startMs, ticker } of timed) {
    const symbol = symbolOf(ticker ?? stated ?? sheet.symbol(undefined))
    if (symbol === undefined) sheet.reject(place, 'a bar that does not say of what stock or pair')
    // Grouped bars and the day before are of one day, and say when it ended.
    else if (ticker === undefined && span === undefined) sheet.reject(place, 'a bar that does not say how long it is: --span says it')
    else if (sheet.wants(symbol)) {
      const about = { subject: subjectOf(symbol), span: ticker === undefined ? (span ?? '') : '1d', basis, source: 'polygon/bars' } as const
      const candle = sheet.candle(place, rowOf(row, startMs), about)
      if (candle !== undefined) candles.push(candle)
    }
  }
  if (rows.length === 0) sheet.none('answer', 'no bars in the time asked for')
  yield* candleRecords(candles, sheet.terms.opens, sheet.by)
}

/** The open and close of one day of one stock: `from`, `open`, `high`, `low`, `close`, `volume`. */
export function polygonDay(answer: ExactObject, sheet: Sheet): Iterable<Vanta> | undefined {
  const symbol = exactString(answer['symbol']), date = exactString(answer['from'])
  if (symbol === undefined || date === undefined || !['open', 'high', 'low', 'close', 'volume'].every((name) => name in answer)) return undefined
  // Noon is on that day for New York and for UTC.
  const noon = sheet.instant('day', `${date.slice(0, 10)}T17:00:00Z`)
  if (noon === undefined) return []
  const text = (name: string): string | undefined => exactDecimal(answer[name])
  const row = { startMs: noon.ms, open: text('open'), high: text('high'), low: text('low'), close: text('close'), volume: text('volume') }
  const candle = sheet.candle('day', row, {
    subject: subjectOf(symbolOf(symbol) ?? symbol), span: '1d', basis: sheet.asked.get('adjusted') === 'false' ? 'as_traded' : 'split_adjusted',
    source: 'polygon/bars',
  })
  return candle === undefined ? [] : candleRecords([candle], sheet.terms.opens, sheet.by)
}
