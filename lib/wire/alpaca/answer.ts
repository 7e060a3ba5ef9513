/**
 * Answers of Alpaca's market data API v2 (https://docs.alpaca.markets/reference/stockbars) and of its crypto twin: bars, trades, quotes, the
 * latest of each, and snapshots, of one symbol or of several. A bar is `t, o, h, l, c, v, n, vw`, `t` its start; days start at midnight in
 * New York. How long bars are stands only in the address, not in the answer.
 */
import type { Signal, Vanta } from '#record'
import { candleRecords, subjectOf, type Basis, type Candle } from '../bars/candle.ts'
import { conditionsOf, quoteSignal, tradeSignal } from '../bars/print.ts'
import { rowOf, type Sheet } from '../bars/sheet.ts'
import type { Span } from '../bars/span.ts'
import { exactDecimal, exactId, exactList, exactObject, exactString, type Exact, type ExactObject } from '../json_exact.ts'

/** Bars of a feed other than the one that is not said are facts of their own: `alpaca/bars/iex`. */
export const sourceOf = (what: string, feed: string | null): string => (feed === null ? `alpaca/${what}` : `alpaca/${what}/${feed}`)

/** `adjustment` as it was asked for; prices are as traded where it was not. */
export const basisOf = (adjustment: string | null): Basis => (adjustment === null || adjustment === 'raw' ? 'as_traded' : 'split_adjusted')

/** Records of an answer; undefined where it is none of these. */
export function alpacaAnswer(answer: ExactObject, sheet: Sheet): Iterable<Vanta> | undefined {
  for (const [many, one] of [['bars', 'bar'], ['trades', 'trade'], ['quotes', 'quote']] as const) {
    const list = many in answer ? answer[many] : exactObject(answer[one])
    if (list === undefined || !isOfSymbols(list, answer)) continue
    return recordsOf(one, list, answer, sheet)
  }
  const snapshots = exactObject(answer['snapshots']) ?? answer
  if (isSnapshot(answer)) return snapshot('snapshot', answer, sheet)
  const values = Object.values(snapshots)
  if (values.some((value) => isSnapshot(exactObject(value))) && values.every((value) => value === null || isSnapshot(exactObject(value)))) {
    return snapshotsOf(snapshots, sheet)
  }
  if (isBar(answer)) return barRows([{ place: 'bar', row: answer }], sheet, sheet.symbol(undefined))
  return 't' in answer && 'ap' in answer && 'bp' in answer ? printOf('quote', 'quote', answer, sheet.symbol(undefined), sheet) : undefined
}

/** A list beside its symbol, or lists (or single rows) by symbol. */
function isOfSymbols(list: Exact, answer: ExactObject): boolean {
  if (list === null) return 'next_page_token' in answer || 'symbol' in answer
  if (exactList(list) !== undefined) return 'symbol' in answer || 'next_page_token' in answer
  const members = exactObject(list)
  if (members === undefined) return false
  return 't' in members || Object.values(members).every((rows) => rows === null || exactList(rows) !== undefined || 't' in (exactObject(rows) ?? {}))
}

const isBar = (row: ExactObject): boolean => ['t', 'o', 'h', 'l', 'c', 'v'].every((name) => name in row)

const SNAPSHOT = ['latestTrade', 'latestQuote', 'minuteBar', 'dailyBar', 'prevDailyBar']
const isSnapshot = (value: ExactObject | undefined): boolean => value !== undefined && SNAPSHOT.some((name) => name in value)

interface Placed {
  readonly place: string
  readonly row: ExactObject
}

function* recordsOf(what: 'bar' | 'trade' | 'quote', list: Exact, answer: ExactObject, sheet: Sheet): Generator<Vanta> {
  const bySymbol = symbolsIn(list, answer, sheet)
  const candles: Candle[] = []
  for (const { symbol, rows, isLatest } of bySymbol) {
    if (symbol !== undefined && !sheet.wants(symbol)) continue
    const placed: Placed[] = []
    for (const [i, value] of rows.entries()) {
      const row = exactObject(value), place = `${what} ${i + 1}${symbol === undefined ? '' : ` of ${symbol}`}`
      if (row === undefined) sheet.reject(place, `expected a ${what}`)
      else placed.push({ place, row })
    }
    if (rows.length === 0) sheet.none(symbol ?? 'answer', `no ${what}s in the time asked for`)
    if (what === 'bar') candles.push(...candlesOf(placed, sheet, symbol, isLatest ? '1m' : undefined))
    else for (const { place, row } of placed) yield* printOf(what, place, row, symbol, sheet)
  }
  if (bySymbol.length === 0) sheet.none('answer', `no ${what}s in the time asked for`)
  yield* candleRecords(candles, sheet.terms.opens, sheet.by)
}

interface OfSymbol {
  readonly symbol: string | undefined
  readonly rows: readonly Exact[]
  /** The latest alone, not a list. */
  readonly isLatest: boolean
}

function symbolsIn(list: Exact, answer: ExactObject, sheet: Sheet): readonly OfSymbol[] {
  const rows = list === null ? [] : exactList(list)
  if (rows !== undefined) return [{ symbol: sheet.symbol(answer['symbol']), rows, isLatest: false }]
  const members = exactObject(list) ?? {}
  if ('t' in members) return [{ symbol: sheet.symbol(answer['symbol']), rows: [members], isLatest: true }]
  return Object.entries(members).map(([symbol, value]) => {
    const listed = exactList(value)
    return { symbol, rows: listed ?? [value ?? null], isLatest: listed === undefined }
  })
}

function* barRows(placed: readonly Placed[], sheet: Sheet, symbol: string | undefined): Generator<Vanta> {
  yield* candleRecords(candlesOf(placed, sheet, symbol), sheet.terms.opens, sheet.by)
}

/** Bars of one symbol; `span` where the kind of answer fixes it: the latest bar is a minute's. */
function candlesOf(placed: readonly Placed[], sheet: Sheet, symbol: string | undefined, span?: Span): Candle[] {
  const timed = placed.flatMap(({ place, row }) => {
    const start = sheet.instant(place, row['t'])
    return start === undefined ? [] : [{ place, row: rowOf(row, start.ms) }]
  })
  const length = span ?? sheet.span(timed.map(({ row }) => row.startMs), sheet.asked.get('timeframe') ?? undefined)
  const about = {
    subject: subjectOf(symbol ?? ''), span: length ?? '', basis: basisOf(sheet.asked.get('adjustment')),
    source: sourceOf('bars', sheet.asked.get('feed')),
  }
  return timed.flatMap(({ place, row }) => {
    if (symbol === undefined) sheet.reject(place, 'a bar that does not say of what: --ticker says it')
    else if (length === undefined) sheet.reject(place, 'a bar that does not say how long it is: --span says it')
    else return sheet.candle(place, row, about) ?? []
    return []
  })
}

export function* printOf(what: 'trade' | 'quote', place: string, row: ExactObject, symbol: string | undefined, sheet: Sheet): Generator<Signal> {
  if (symbol === undefined) return sheet.reject(place, `a ${what} that does not say of what: --ticker says it`)
  const at = sheet.instant(place, row['t'])
  if (at === undefined) return
  const conditions = conditionsOf(row['c']), tape = exactString(row['z'])
  const side = (name: string): { price: string | undefined; size: string | undefined; exchange: string | undefined } =>
    ({ price: exactDecimal(row[`${name}p`]), size: exactDecimal(row[`${name}s`]), exchange: exactString(row[`${name}x`]) })
  const signal = what === 'trade'
    ? tradeSignal(sheet, place, 'alpaca', symbol, at, { ...side(''), id: exactId(row['i']), conditions, tape })
    : quoteSignal(sheet, place, 'alpaca', symbol, at, { bid: side('b'), ask: side('a'), conditions, tape })
  if (signal !== undefined) yield signal
}

function* snapshotsOf(snapshots: ExactObject, sheet: Sheet): Generator<Vanta> {
  for (const [symbol, value] of Object.entries(snapshots)) {
    const each = exactObject(value)
    if (each === undefined) sheet.reject(symbol, 'no such symbol')
    else if (sheet.wants(symbol)) yield* snapshot(symbol, { symbol, ...each }, sheet)
  }
}

/** The latest trade, quote and bars of a symbol. What ended after the last of trade and quote is still forming. */
function* snapshot(place: string, each: ExactObject, sheet: Sheet): Generator<Vanta> {
  const symbol = sheet.symbol(each['symbol'])
  let seenMs: number | undefined
  for (const [what, name] of [['trade', 'latestTrade'], ['quote', 'latestQuote']] as const) {
    const row = exactObject(each[name])
    if (row === undefined) continue
    const at = sheet.instant(`${name} of ${place}`, row['t'])
    if (at === undefined) continue
    seenMs = Math.max(seenMs ?? 0, at.ms)
    yield* printOf(what, `${name} of ${place}`, row, symbol, sheet)
  }
  const candles: Candle[] = []
  for (const [name, span] of [['prevDailyBar', '1d'], ['dailyBar', '1d'], ['minuteBar', '1m']] as const) {
    const row = exactObject(each[name]), at = `${name} of ${place}`
    const start = row === undefined ? undefined : sheet.instant(at, row['t'])
    if (row === undefined || start === undefined) continue
    if (symbol === undefined) {
      sheet.reject(at, 'a bar that does not say of what: --ticker says it')
      continue
    }
    const candle = sheet.candle(at, rowOf(row, start.ms), {
      subject: subjectOf(symbol), span, basis: 'as_traded', source: sourceOf('bars', sheet.asked.get('feed')),
      // The day before is over, whenever that was said.
      seenMs: name === 'prevDailyBar' ? undefined : (seenMs ?? 0),
    })
    if (candle !== undefined) candles.push(candle)
  }
  yield* candleRecords(candles, sheet.terms.opens, sheet.by)
}
