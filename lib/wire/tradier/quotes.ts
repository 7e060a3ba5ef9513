/** Tradier's quotes (https://documentation.tradier.com/brokerage-api/markets/get-quotes): the last trade, bid and ask of stocks. */
import type { Vanta } from '#record'
import { quoteSignal, tradeSignal } from '../bars/print.ts'
import type { Sheet } from '../bars/sheet.ts'
import { exactDecimal, exactList, exactNumber, exactObject, exactString, type Exact, type ExactObject } from '../json_exact.ts'

/** Undefined where it is no such answer. */
export function tradierQuotes(answer: ExactObject, sheet: Sheet): Iterable<Vanta> | undefined {
  const quotes = exactObject(answer['quotes'])
  const rows = exactList(quotes?.['quote']) ?? (exactObject(quotes?.['quote']) === undefined ? undefined : [quotes?.['quote'] ?? null])
  return rows === undefined ? undefined : quotesOf(rows, sheet)
}

function* quotesOf(rows: readonly Exact[], sheet: Sheet): Generator<Vanta> {
  for (const [i, value] of rows.entries()) {
    const row = exactObject(value), symbol = exactString(row?.['symbol']), place = `quote ${i + 1}`
    if (row === undefined || symbol === undefined) sheet.reject(place, 'expected a quote')
    else if (row['type'] === 'option') sheet.reject(place, 'options, which vanta-options reads')
    else if (sheet.wants(symbol)) yield* printsOf(place, symbol, row, sheet)
  }
}

function* printsOf(place: string, symbol: string, row: ExactObject, sheet: Sheet): Generator<Vanta> {
  const text = (name: string): string | undefined => exactDecimal(row[name])
  const word = (name: string): string | undefined => exactString(row[name])
  const tradedAt = sheet.instant(`last trade of ${place}`, row['trade_date'])
  const trade = tradedAt === undefined ? undefined : tradeSignal(sheet, place, 'tradier', symbol, tradedAt, {
    price: text('last'), size: text('last_volume'), exchange: word('exch'), id: undefined, conditions: undefined, tape: undefined,
  })
  if (trade !== undefined) yield trade
  const later = (exactNumber(row['bid_date']) ?? 0) > (exactNumber(row['ask_date']) ?? 0) ? row['bid_date'] : row['ask_date']
  const quotedAt = sheet.instant(place, later)
  const quote = quotedAt === undefined ? undefined : quoteSignal(sheet, place, 'tradier', symbol, quotedAt, {
    bid: { price: text('bid'), size: text('bidsize'), exchange: word('bidexch') },
    ask: { price: text('ask'), size: text('asksize'), exchange: word('askexch') },
    conditions: undefined, tape: undefined,
  })
  if (quote !== undefined) yield quote
}
