/**
 * How high a vault with a loan stood: its equity at everything that changes it, a price, a fill, an entry, so that no fall between two moments
 * of decision goes uncounted. What was seen and not yet written down is lost with a run that is killed, as for the marks of a trailing stop.
 */
import { formatInstant, make, type Control, type Millis } from '#record'
import type { Book } from './book.ts'
import { knownPrice } from './desk.ts'
import { formatCents, priceOf, type Fixed } from '../money/money.ts'
import type { Shelf } from './shelf.ts'
import type { Upkeep } from './upkeep.ts'
import type { Vault } from '../vault/vault.ts'

/** See a book's equity as it stands. */
export function seeEquity(book: Book, { loan }: Vault, shelf: Shelf, upkeep: Pick<Upkeep, 'unsettled' | 'isBeforeDividend'>, nowMs: Millis): void {
  const now = formatInstant(nowMs), { ledger, watch } = book
  // What is told again of before a killed run's last trades is not what was held then.
  if (loan === undefined || nowMs < shelf.caughtUpToMs) return
  // The dividend is booked, and the price from before it has it too.
  for (const subject of ledger.subjects()) if (upkeep.isBeforeDividend(subject, now)) return
  watch.seeEquity(ledger.sizableEquityAt((subject) => {
    const price = knownPrice(shelf.marks, subject, nowMs)
    if (price === undefined) return undefined
    // A price from before the last trade, or of other shares, does not make what is held worth more than it cost.
    const isOld = (shelf.marks.get(subject)?.knownAt ?? '') < (book.traded(subject) ?? '') || upkeep.unsettled(book, subject, now) !== undefined
    const cost: Fixed = priceOf(ledger.costOf(subject), ledger.quantity(subject))
    return isOld && cost < price ? cost : price
  }))
}

/** The record of a highest equity that is not written down yet. */
export function highestRecord({ vault, watch: { peak, highest } }: Book, nowMs: Millis, by: string, broker: string): Control | undefined {
  if (highest === undefined || highest === peak) return undefined
  const now = formatInstant(nowMs)
  return make('control', { type: 'high', at: now, known_at: now, source: `exec/${broker}`, by, parents: [], facts: { vault, equity: formatCents(highest) } })
}
