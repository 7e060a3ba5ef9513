/** Prices as the venue itself tells them: for an executor that hears no others. */
import { formatInstant, HOUR_MS, make, type Millis, type Price } from '#record'
import { formatFixed } from '../money/decimal.ts'
import type { Quote } from './broker.ts'
import { knownPrice } from './desk.ts'
import type { Hand } from './order_record.ts'
import type { Shelf } from './shelf.ts'

/** A price that has not changed is said again after so long, so that nobody takes it for an old one. */
const AGAIN_MS = HOUR_MS

/** Of all vaults together, in the order in which it was bought. */
export const heldIn = ({ books }: Pick<Shelf, 'books'>): readonly string[] => [...new Set([...books.values()].flatMap(({ ledger }) => [...ledger.subjects()]))]

/**
 * The records of quotes that say something new: of a trade after the price that is known, and another price than that. A venue that does not say
 * when it was means now.
 */
export function pricesOf(quotes: ReadonlyMap<string, Quote>, shelf: Pick<Shelf, 'books' | 'marks'>, nowMs: Millis, { by, broker }: Hand): readonly Price[] {
  return [...quotes].flatMap(([subject, { price, atMs = nowMs }]) => {
    const at = formatInstant(Math.min(atMs, nowMs)), knownAt = shelf.marks.get(subject)?.knownAt ?? ''
    const isLater = at > knownAt, isNew = price !== knownPrice(shelf.marks, subject, nowMs) || knownAt < formatInstant(nowMs - AGAIN_MS)
    const isOfBefore = [...shelf.books.values()].some(({ watch }) => (watch.holdings.get(subject)?.since ?? '') > knownAt)
    if (price <= 0n || !isLater || !(isNew || isOfBefore)) return []
    return [make('price', { at, known_at: at, source: `exec/${broker}`, by, subject, type: 'last', price: formatFixed(price), span: '1m', basis: 'as_traded' })]
  })
}
