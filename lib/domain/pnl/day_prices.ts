/** Prices at the end of days: as the daily books wrote them down, and the last that the executor knew of what is held. */
import { dayOf, type Pnl } from '#record'
import { parseFixed } from '../money/decimal.ts'
import type { Fixed } from '../money/money.ts'
import type { DayPrices } from './attribution.ts'

export const PNL_LOG = 'pnl.ndjson'

export interface Known {
  readonly price: string
  readonly known_at: string
}

export function dayPrices(days: Iterable<Pick<Pnl, 'day' | 'marks'>>, last: { readonly [subject: string]: Known }): DayPrices {
  const prices = new Map<string, Map<string, Fixed>>()
  const latest = new Map<string, string>()
  const put = (day: string, subject: string, text: unknown): void => {
    const price = typeof text === 'string' ? parseFixed(text) : undefined
    if (price === undefined || price <= 0n) return
    let known = prices.get(day)
    if (known === undefined) prices.set(day, (known = new Map()))
    known.set(subject, price)
    if (day > (latest.get(subject) ?? '')) latest.set(subject, day)
  }
  for (const { day, marks } of days) for (const [subject, price] of Object.entries(marks ?? {})) put(day, subject, price)
  // Of one day, the close stands before whatever was heard last.
  for (const [subject, { price, known_at: at }] of Object.entries(last)) if (dayOf(at) > (latest.get(subject) ?? '')) put(dayOf(at), subject, price)
  return prices
}
