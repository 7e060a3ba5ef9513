/** So many orders a minute and no more, over all vaults and over restarts: the count is of the orders in the books. */
import { MINUTE_MS, type Millis } from '#record'
import type { Book } from './book.ts'
import type { Intent } from './desk.ts'

/** An order that could go. */
export interface Ready {
  readonly book: Book
  readonly intent: Intent
}

export interface Throttled {
  readonly go: readonly Ready[]
  readonly wait: readonly Ready[]
  readonly detail: string
}

/** What goes, sales first, and what waits; `perMinute` 0: everything goes, in the order given. */
export function throttled(ready: readonly Ready[], books: Iterable<Book>, perMinute: number, nowMs: Millis): Throttled {
  if (perMinute === 0) return { go: ready, wait: [], detail: '' }
  let left = perMinute
  for (const book of books) left -= book.intendedSince(nowMs - MINUTE_MS)
  const sorted = [...ready.filter(({ intent }) => intent.side === 'sell'), ...ready.filter(({ intent }) => intent.side === 'buy')]
  const count = Math.max(0, left)
  return { go: sorted.slice(0, count), wait: sorted.slice(count), detail: `more than ${perMinute} orders in a minute` }
}
