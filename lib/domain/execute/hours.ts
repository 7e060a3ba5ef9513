/** When what is traded can be traded, and in which steps of price. */
import type { Millis } from '#record'
import { isInSession } from '../market/session.ts'
import { ONE } from '../money/decimal.ts'
import type { Fixed } from '../money/money.ts'

const NAMESPACE = /^[a-z][a-z0-9_]*/
/** What trades in the regular session of the US exchanges; everything else (`pair:`, `coin:`) always does. */
const IN_SESSION: ReadonlySet<string> = new Set(['ticker', 'option'])

const namespaceOf = (subject: string): string => NAMESPACE.exec(subject)?.[0] ?? ''

export const isOpen = (subject: string, atMs: Millis): boolean => !IN_SESSION.has(namespaceOf(subject)) || isInSession(atMs)

/** SEC rule 612 (17 CFR 242.612): a cent from one dollar up, a hundredth of a cent below. Elsewhere the smallest step there is. */
export function tickOf(subject: string, price: Fixed): Fixed {
  if (!IN_SESSION.has(namespaceOf(subject))) return 1n
  return price >= ONE ? ONE / 100n : ONE / 10_000n
}

/** A limit price as a whole tick, never worse for us than the one given: a buyer's is rounded down, a seller's up. 0 where there is none. */
export function toTick(subject: string, price: Fixed, side: 'buy' | 'sell'): Fixed {
  if (price <= 0n) return 0n
  const tick = tickOf(subject, price)
  const below = price - (price % tick)
  return side === 'buy' || below === price ? below : below + tick
}
