/** What is said of an order that goes out all the same: rules of tax and of brokers that nobody but the owner of the account can weigh. */
import { formatInstant, make, millisOf, type Millis, type Warning } from '#record'
import { tradingDayUntil } from '../market/calendar.ts'
import { newYorkDay } from '../market/session.ts'
import type { Book, OpenOrder } from './book.ts'
import type { WarningCode } from './pretrade.ts'
import { WASH_MS } from './watch.ts'
import { centsOf, formatCents, type Cents } from '../money/money.ts'

/** FINRA rule 4210(f)(8)(B): four day trades within five business days, below this equity. */
const PDT_EQUITY = centsOf('25000.00')
const PDT_TRADES = 4
const PDT_DAYS = 5

export interface Said {
  readonly code: WarningCode
  readonly detail: string
}

/** Warnings for an order about to go; `books` are all that share the account, `equity` what it is worth. */
export function warningsFor(order: OpenOrder, book: Book, books: Iterable<Book>, equity: Cents, nowMs: Millis): Said[] {
  return order.side === 'buy' ? washSale(order, books, nowMs) : dayTrade(order, book, books, equity, nowMs)
}

function washSale({ subject }: OpenOrder, books: Iterable<Book>, nowMs: Millis): Said[] {
  for (const { vault, watch } of books) {
    const lostAt = watch.losses.get(subject)
    const isRecent = lostAt !== undefined && nowMs - millisOf(lostAt) <= WASH_MS
    if (isRecent) return [{ code: 'WASH_SALE', detail: `${subject} was sold at a loss by ${vault} at ${lostAt}` }]
  }
  return []
}

function dayTrade({ subject }: OpenOrder, book: Book, books: Iterable<Book>, equity: Cents, nowMs: Millis): Said[] {
  if (book.currency !== 'USD' || equity >= PDT_EQUITY || !/^(ticker|option):/.test(subject) || !book.watch.wouldDayTrade(subject, nowMs)) return []
  let first = tradingDayUntil(newYorkDay(nowMs))
  for (let i = 1; i < PDT_DAYS; i++) first = tradingDayUntil(first - 1)
  const before = [...books].reduce((sum, { watch }) => sum + watch.dayTradesSince(first), 0)
  if (before + 1 < PDT_TRADES) return []
  return [{ code: 'PDT', detail: `day trade ${before + 1} in ${PDT_DAYS} business days with ${formatCents(equity)} of equity` }]
}

export function warningRecord(vault: string, order: OpenOrder, { code, detail }: Said, nowMs: Millis, by: string, broker: string): Warning {
  const now = formatInstant(nowMs)
  return make('warning', { parents: [order.lastId], at: now, known_at: now, source: `exec/${broker}`, by, vault, subject: order.subject, code, detail })
}
