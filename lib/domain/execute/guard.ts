/** Watches over positions: notes how high they stood, and leaves them where a stop of their vault is reached. */
import { formatInstant, type Control, type Millis } from '#record'
import type { Book, OpenOrder } from './book.ts'
import type { Dispatch, Emit } from './dispatch.ts'
import type { Shelf } from './shelf.ts'
import { highestRecord, seeEquity } from './highest.ts'
import { freshHighs, stopRecord, stopsDue, type Stop } from './stops.ts'
import type { Upkeep } from './upkeep.ts'
import type { Vault } from '../vault/vault.ts'

export class Guard {
  readonly #shelf: Shelf
  readonly #dispatch: Dispatch
  readonly #upkeep: Pick<Upkeep, 'unsettled' | 'isBeforeDividend'>
  readonly #vaultOf: (name: string) => Vault

  constructor(shelf: Shelf, dispatch: Dispatch, upkeep: Pick<Upkeep, 'unsettled' | 'isBeforeDividend'>, vaultOf: (name: string) => Vault) {
    this.#shelf = shelf
    this.#dispatch = dispatch
    this.#upkeep = upkeep
    this.#vaultOf = vaultOf
  }

  /** Books that hold something, and are not told to do nothing. */
  *#guarded(): Generator<{ readonly book: Book; readonly vault: Vault }> {
    for (const book of this.#shelf.books.values()) {
      if (book.ledger.positions === 0) continue
      const vault = this.#vaultOf(book.vault)
      if (vault.state !== 'halted') yield { book, vault }
    }
  }

  /** Whether a position has reached a stop. */
  isDue(nowMs: Millis): boolean {
    for (const { book, vault } of this.#guarded()) if (this.#due(book, vault, nowMs).length > 0) return true
    return false
  }

  /** Before a split is booked its price says nothing of what the shares cost. */
  #due(book: Book, { stops }: Vault, nowMs: Millis): Stop[] {
    const due = stopsDue(book, stops, this.#shelf.marks, nowMs)
    return due.length === 0 ? due : due.filter(({ subject }) => this.#upkeep.unsettled(book, subject, formatInstant(nowMs)) === undefined)
  }

  /** The equity of a book as it stands, where a lender looks at it. */
  see(book: Book, nowMs: Millis): void {
    seeEquity(book, this.#vaultOf(book.vault), this.#shelf, this.#upkeep, nowMs)
  }

  /** Of all books; of one that holds nothing, and was never looked at, there is nothing to see. */
  seeAll(nowMs: Millis): void {
    for (const book of this.#shelf.books.values()) if (book.ledger.positions > 0 || book.watch.highest !== undefined) this.see(book, nowMs)
  }

  /** What has risen since it was last written down, where a stop or a lender looks at it. */
  noteHighs(nowMs: Millis, emit: Emit): void {
    const { by, broker } = this.#dispatch.hand
    this.seeAll(nowMs)
    let noted = false
    const note = (book: Book, high: Control): void => {
      this.#shelf.heed(book, high)
      emit(high)
      noted = true
    }
    for (const book of this.#shelf.books.values()) {
      const highest = highestRecord(book, nowMs, by, broker)
      if (highest !== undefined) note(book, highest)
    }
    for (const { book, vault } of this.#guarded()) for (const high of freshHighs(book, vault, this.#shelf.marks, nowMs, by, broker)) note(book, high)
    if (noted) this.#shelf.sync()
  }

  /** A stop is written down before anything comes of it; what is open in the subject goes, but for an exit. */
  async stop(nowMs: Millis, emit: Emit): Promise<void> {
    const { by, broker } = this.#dispatch.hand
    const open: { readonly book: Book; readonly order: OpenOrder }[] = []
    let stopped = false
    for (const { book, vault } of this.#guarded()) {
      for (const stop of this.#due(book, vault, nowMs)) {
        const record = stopRecord(book, stop, vault.stops, nowMs, by, broker)
        this.#shelf.heed(book, record)
        emit(record)
        stopped = true
        for (const order of book.openIn(stop.subject)) if (order.leg !== 'exit') open.push({ book, order })
      }
    }
    if (stopped) this.#shelf.sync()
    for (const { book, order } of open) await this.#dispatch.cancel(book, order, nowMs, emit)
    if (open.length > 0) await this.#dispatch.settle(nowMs, emit)
  }
}
