/** Single trades and quotes as signals: public the moment they are printed. */
import type { Signal } from '#record'
import { exactId, exactList, type Exact } from '../json_exact.ts'
import { happened, type Facts } from '../signal.ts'
import { subjectOf } from './candle.ts'
import type { Sheet, Written } from './sheet.ts'

export interface Trade {
  readonly price: string | undefined
  readonly size: string | undefined
  readonly exchange: string | undefined
  /** The venue's own name for it. */
  readonly id: string | undefined
  readonly conditions: readonly string[] | undefined
  readonly tape: string | undefined
}

export interface Side {
  readonly price: string | undefined
  readonly size: string | undefined
  readonly exchange: string | undefined
}

export interface Quote {
  readonly bid: Side
  readonly ask: Side
  readonly conditions: readonly string[] | undefined
  readonly tape: string | undefined
}

/** Codes of sale and quote conditions, as written: letters at Alpaca, numbers at Polygon. */
export function conditionsOf(value: Exact | undefined): readonly string[] | undefined {
  const list = typeof value === 'string' ? [value] : exactList(value)
  const codes = list?.map((code) => (typeof code === 'string' ? code : exactId(code))).filter((code) => code !== undefined)
  return codes === undefined || codes.length === 0 ? undefined : codes
}

/** What of a print says something: the text, but for nought. */
const said = (text: string | undefined): string | undefined => (text !== undefined && Number(text) > 0 ? text : undefined)

export function tradeSignal(sheet: Sheet, place: string, service: string, symbol: string, at: Written, trade: Trade): Signal | undefined {
  const price = said(trade.price)
  if (price === undefined) return void sheet.reject(place, 'a trade without a price')
  const name = [symbol, at.text, trade.exchange ?? '', trade.id ?? ''].join(':')
  return print(sheet, service, 'trade', symbol, name, at, {
    price, size: said(trade.size), exchange: trade.exchange, trade_id: trade.id, conditions: trade.conditions, tape: trade.tape,
  })
}

export function quoteSignal(sheet: Sheet, place: string, service: string, symbol: string, at: Written, quote: Quote): Signal | undefined {
  const bid = said(quote.bid.price), ask = said(quote.ask.price)
  if (bid === undefined && ask === undefined) return void sheet.reject(place, 'a quote with neither bid nor ask')
  return print(sheet, service, 'quote', symbol, `${symbol}:${at.text}`, at, {
    ...(bid !== undefined && { bid, bid_size: said(quote.bid.size), bid_exchange: quote.bid.exchange }),
    ...(ask !== undefined && { ask, ask_size: said(quote.ask.size), ask_exchange: quote.ask.exchange }),
    conditions: quote.conditions, tape: quote.tape,
  })
}

function print(
  { by, terms: { sinceMs = -Infinity, untilMs = Infinity } }: Sheet, service: string, type: string, symbol: string, name: string, at: Written,
  facts: Facts,
): Signal | undefined {
  if (at.ms < sinceMs || at.ms >= untilMs) return undefined
  return happened({
    type, key: `${service}:${type}:${name}`, source: `${service}/${type}s`, atMs: at.ms, knownMs: at.ms, subject: subjectOf(symbol),
    facts: { time: at.text, ...facts },
  }, by)
}
