/** Polygon's trades and quotes, in the short names of its older answers and streams and the long ones of v3, and its snapshots. */
import type { Signal, Vanta } from '#record'
import { conditionsOf, quoteSignal, tradeSignal } from '../bars/print.ts'
import type { Sheet } from '../bars/sheet.ts'
import { exactDecimal, exactId, exactList, exactObject, exactString, type Exact, type ExactObject } from '../json_exact.ts'
import { symbolOf } from './symbol.ts'

/** Of several names the first that the row has. */
const pick = (row: ExactObject, names: readonly string[]): Exact | undefined =>
  names.map((name) => row[name]).find((value) => value !== undefined && value !== null)

const NOT_WHOLE = 'a bar that does not say when it ended, or is still forming'

const TIMES = ['sip_timestamp', 'participant_timestamp', 'last_updated', 't']

export const isTrade = (row: ExactObject | undefined): boolean =>
  row !== undefined && 'price' in row && 'size' in row && ('sip_timestamp' in row || 'last_updated' in row)
const isQuote = (row: ExactObject | undefined): boolean => row !== undefined && 'bid_price' in row && 'ask_price' in row

export function* polygonTrade(place: string, row: ExactObject, ticker: string | undefined, sheet: Sheet): Generator<Signal> {
  const symbol = symbolOf(ticker)
  if (symbol === undefined) return sheet.reject(place, 'a trade that does not say of what stock or pair: --ticker says it')
  const at = sheet.wants(symbol) ? sheet.instant(place, pick(row, TIMES)) : undefined
  if (at === undefined) return
  const signal = tradeSignal(sheet, place, 'polygon', symbol, at, {
    price: exactDecimal(pick(row, ['price', 'p'])), size: exactDecimal(pick(row, ['size', 's'])), exchange: exactId(pick(row, ['exchange', 'x'])),
    id: exactId(pick(row, ['id', 'i'])), conditions: conditionsOf(pick(row, ['conditions', 'c'])), tape: exactId(pick(row, ['tape', 'z'])),
  })
  if (signal !== undefined) yield signal
}

export function* polygonQuote(place: string, row: ExactObject, ticker: string | undefined, sheet: Sheet): Generator<Signal> {
  const symbol = symbolOf(ticker)
  if (symbol === undefined) return sheet.reject(place, 'a quote that does not say of what stock or pair: --ticker says it')
  const at = sheet.wants(symbol) ? sheet.instant(place, pick(row, TIMES)) : undefined
  if (at === undefined) return
  const text = (...names: string[]): string | undefined => exactDecimal(pick(row, names))
  const signal = quoteSignal(sheet, place, 'polygon', symbol, at, {
    bid: { price: text('bid_price', 'bid', 'bp', 'p'), size: text('bid_size', 'bs', 's'), exchange: exactId(pick(row, ['bid_exchange', 'bx', 'x'])) },
    ask: { price: text('ask_price', 'ask', 'ap', 'P'), size: text('ask_size', 'as', 'S'), exchange: exactId(pick(row, ['ask_exchange', 'ax', 'X'])) },
    conditions: conditionsOf(pick(row, ['conditions', 'c'])), tape: exactId(pick(row, ['tape', 'z'])),
  })
  if (signal !== undefined) yield signal
}

/** Trades or quotes of one ticker (v3), which only the address names, or the last one (v2); undefined where it is none. */
export function polygonPrints(answer: ExactObject, sheet: Sheet): Iterable<Vanta> | undefined {
  const last = exactObject(answer['results'])
  if (last !== undefined && 'T' in last && 't' in last && 'p' in last) {
    return ('P' in last ? polygonQuote : polygonTrade)('result', last, exactString(last['T']), sheet)
  }
  const rows = exactList(answer['results'])?.map(exactObject)
  if (rows === undefined || rows.length === 0) return undefined
  const read = rows.every(isTrade) ? polygonTrade : rows.every(isQuote) ? polygonQuote : undefined
  return read === undefined ? undefined : printsOf(rows, read, sheet)
}

function* printsOf(rows: readonly (ExactObject | undefined)[], read: typeof polygonTrade, sheet: Sheet): Generator<Vanta> {
  for (const [i, row] of rows.entries()) if (row !== undefined) yield* read(`result ${i + 1}`, row, sheet.symbol(row['ticker']), sheet)
}

/** Snapshots of stocks (v2 `ticker` or `tickers`, v3 `results`): the last trade and quote; undefined where it is none. */
export function polygonSnapshot(answer: ExactObject, sheet: Sheet): Iterable<Vanta> | undefined {
  const one = exactObject(answer['ticker'])
  const many = one === undefined ? exactList(answer['tickers']) : [one]
  if (many !== undefined) return olderSnapshots(many, sheet)
  const results = exactList(answer['results'])?.map(exactObject)
  if (results === undefined || !results.some((row) => row !== undefined && 'session' in row && 'ticker' in row)) return undefined
  return newerSnapshots(results, sheet)
}

function* olderSnapshots(rows: readonly Exact[], sheet: Sheet): Generator<Vanta> {
  for (const [i, value] of rows.entries()) {
    const row = exactObject(value), ticker = exactString(row?.['ticker'])
    if (row === undefined || ticker === undefined) {
      sheet.reject(`ticker ${i + 1}`, 'expected a snapshot')
      continue
    }
    const trade = exactObject(row['lastTrade']), quote = exactObject(row['lastQuote'])
    if (trade !== undefined) yield* polygonTrade(`last trade of ${ticker}`, trade, ticker, sheet)
    if (quote !== undefined) yield* polygonQuote(`last quote of ${ticker}`, quote, ticker, sheet)
    for (const name of ['day', 'prevDay', 'min']) if (name in row) sheet.reject(`${name} of ${ticker}`, NOT_WHOLE)
  }
  if (rows.length === 0) sheet.reject('answer', 'no snapshots')
}

function* newerSnapshots(rows: readonly (ExactObject | undefined)[], sheet: Sheet): Generator<Vanta> {
  for (const [i, row] of rows.entries()) {
    const place = `result ${i + 1}`, ticker = exactString(row?.['ticker']), type = exactString(row?.['type'])
    const error = exactString(row?.['error'])
    if (row === undefined || ticker === undefined) sheet.reject(place, 'expected a snapshot')
    else if (error !== undefined) sheet.reject(place, `the service says: ${error}`)
    else if (type === 'options') sheet.reject(place, 'options, which vanta-options reads')
    else if (type === 'indices') sheet.reject(place, 'a value of an index without its moment')
    else {
      const trade = exactObject(row['last_trade']), quote = exactObject(row['last_quote'])
      if (trade !== undefined) yield* polygonTrade(place, trade, ticker, sheet)
      if (quote !== undefined) yield* polygonQuote(place, quote, ticker, sheet)
      if ('session' in row) sheet.reject(place, NOT_WHOLE)
    }
  }
}
