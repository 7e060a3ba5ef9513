/** All vaults together: what no number of allocators may exceed between them, and what the venue's account may spend. */
import type { Book } from './book.ts'
import { costCents, proceedsCents, shareOf, type Cents, type Fixed } from '../money/money.ts'
import type { BookCaps } from '../vault/vault.ts'

/**
 * Exposure of all books at one moment. Open and planned purchases count in full; sales only once they are filled, because they may never be.
 */
export class Whole {
  readonly #caps: BookCaps | undefined
  #equity: Cents = 0n
  #gross: Cents = 0n
  readonly #bySubject = new Map<string, Cents>()
  #power: Cents | undefined
  /** What an open purchase will come to is not known: there is no telling what room is left. */
  #isBlind = false

  constructor(books: Iterable<Book>, caps: BookCaps | undefined, priceOf: (subject: string) => Fixed | undefined, power?: Cents) {
    this.#caps = caps
    this.#power = power
    for (const { ledger, orders } of caps === undefined ? [] : books) {
      this.#equity += ledger.sizableEquityAt(priceOf)
      for (const subject of ledger.subjects()) {
        const price = priceOf(subject)
        this.#add(subject, price === undefined ? ledger.costOf(subject) : proceedsCents(ledger.quantity(subject), price))
      }
      for (const { side, subject, quantity, filled, limit } of orders.values()) {
        const price = priceOf(subject) ?? limit
        if (side !== 'buy') continue
        if (price === undefined) this.#isBlind = true
        else this.#add(subject, costCents(quantity - filled, price))
      }
    }
  }

  #add(subject: string, cents: Cents): void {
    this.#gross += cents
    this.#bySubject.set(subject, (this.#bySubject.get(subject) ?? 0n) + cents)
  }

  bought(subject: string, value: Cents, cost: Cents): void {
    if (this.#caps !== undefined) this.#add(subject, value)
    if (this.#power !== undefined) this.#power -= cost
  }

  /** What may yet be bought of a subject; undefined where no caps are set. There are no short positions: net is gross. */
  room(subject: string): Cents | undefined {
    if (this.#caps === undefined) return undefined
    if (this.#isBlind) return 0n
    const { position, gross, net } = this.#caps
    const inAll = shareOf(this.#equity, gross < net ? gross : net) - this.#gross
    const inOne = shareOf(this.#equity, position) - (this.#bySubject.get(subject) ?? 0n)
    return inOne < inAll ? inOne : inAll
  }

  /** What the venue says may be spent, less what is planned; undefined where it does not say. */
  get power(): Cents | undefined {
    return this.#power
  }
}
