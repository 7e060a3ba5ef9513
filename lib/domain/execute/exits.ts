/** Full exits: asked for once, pursued until they are done. */
import { millisOf, type Millis } from '#record'
import type { Book } from './book.ts'
import type { Marks, Wanted } from './desk.ts'
import { coolingUntil } from './stops.ts'

/** Exits that are due for another attempt: no order is open, and the subject has traded since the last one. */
export function dueExits(book: Book, marks: Marks, nowMs: Millis): Wanted[] {
  const due: Wanted[] = []
  for (const exit of book.exits.values()) {
    const { allocationId, subject, band, maker, generation, attemptedAt } = exit
    const mark = marks.get(subject)
    if (book.ledger.quantity(subject) === 0n || book.openIn(subject).length > 0) continue
    if (attemptedAt !== '' && (mark === undefined || millisOf(mark.knownAt) <= millisOf(attemptedAt))) continue
    due.push({ allocationId, subject, direction: 'up', fraction: 0n, band, maker, expiresMs: nowMs + 1, generation, retry: true })
  }
  return due
}

/** A full exit stands until it is done, whatever hinders it now; any other allocation overrules it, but for a stop's. */
export function rememberExit(book: Book, want: Wanted, nowMs: Millis): void {
  const { allocationId, subject, band, maker } = want
  // Handed in again, it neither brings back what it asked for nor overrules what was asked for since.
  if (book.acted(allocationId)) return
  if (want.fraction !== 0n) {
    if (coolingUntil(book, subject, nowMs) === undefined) book.exits.delete(subject)
  } else if (!want.retry && (book.ledger.quantity(subject) > 0n || book.openIn(subject).length > 0)) {
    book.exits.set(subject, { allocationId, subject, band, maker, generation: 0, attemptedAt: '' })
  }
}
