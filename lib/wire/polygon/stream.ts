/** Messages of Polygon's streams (https://polygon.io/docs/stocks/ws_getting-started): lists of objects, told apart by `ev`. */
import { formatDuration, type Vanta } from '#record'
import { candleRecords, subjectOf } from '../bars/candle.ts'
import { readSpan } from '../bars/span.ts'
import { rowOf, type Sheet } from '../bars/sheet.ts'
import { exactList, exactObject, exactString, type Exact, type ExactObject } from '../json_exact.ts'
import { polygonQuote, polygonTrade } from './prints.ts'
import { symbolOf } from './symbol.ts'

export function polygonMessages(value: Exact): readonly ExactObject[] | undefined {
  const messages = (exactList(value) ?? [value]).map(exactObject)
  if (messages.length === 0 || !messages.every((message) => typeof message?.['ev'] === 'string')) return undefined
  return messages.filter((message) => message !== undefined)
}

export function* polygonStream(messages: readonly ExactObject[], sheet: Sheet): Generator<Vanta> {
  for (const [i, message] of messages.entries()) {
    const place = `message ${i + 1}`, ticker = exactString(message['sym']) ?? exactString(message['pair'])
    switch (exactString(message['ev'])) {
      case 'A': case 'AM': case 'XA': case 'XAS': case 'CA': case 'CAS':
        yield* aggregate(place, message, ticker, sheet)
        break
      case 'T': case 'XT':
        yield* polygonTrade(place, message, ticker, sheet)
        break
      case 'Q': case 'XQ':
        yield* polygonQuote(place, message, ticker, sheet)
        break
      case 'status':
        sheet.reject(place, `word of the stream itself: ${exactString(message['message']) ?? exactString(message['status']) ?? 'status'}`)
        break
      default:
        sheet.reject(place, 'a message that is neither bar nor trade or quote')
    }
  }
}

/** A second's or a minute's bar, from `s` to `e`. */
function* aggregate(place: string, message: ExactObject, ticker: string | undefined, sheet: Sheet): Generator<Vanta> {
  const symbol = symbolOf(ticker)
  if (symbol === undefined) return sheet.reject(place, 'a bar that does not say of what stock or pair')
  const start = sheet.wants(symbol) ? sheet.instant(place, message['s']) : undefined
  const end = start === undefined ? undefined : sheet.instant(place, message['e'])
  if (start === undefined || end === undefined) return
  const span = end.ms > start.ms ? readSpan(formatDuration(end.ms - start.ms)) : undefined
  if (span === undefined) return sheet.reject(place, 'a bar that ends before it starts')
  const candle = sheet.candle(place, rowOf(message, start.ms), { subject: subjectOf(symbol), span, basis: 'as_traded', source: 'polygon/bars' })
  if (candle !== undefined) yield* candleRecords([candle], sheet.terms.opens, sheet.by)
}
