/**
 * What the executor knows of one vault: its ledger, its open orders and what it has acted on. The book is a fold over the
 * executor's own records: running, and reading the log again after a crash, are the same code.
 */
import type { Fill, Order, OrderState } from '#record'
import { formatFixed } from '../money/decimal.ts'
import { Ledger, type Entry, type LedgerState } from '../money/ledger.ts'
import { centsOf, fixedOf, type Cents, type Fixed } from '../money/money.ts'

export type Leg = 'enter' | 'resize' | 'exit'

export interface OpenOrder {
  readonly clientOrderId: string
  readonly allocationId: string
  readonly subject: string
  readonly side: 'buy' | 'sell'
  readonly quantity: Fixed
  readonly leg: Leg
  readonly generation: number
  readonly band: string
  readonly maker: string
  /** The moment of decision. */
  readonly at: string
  readonly expiresAt: string
  filled: Fixed
  state: OrderState
  /** Id of the record of its latest state. */
  lastId: string
}

/** A full exit that is not done yet: pursued until the position is gone or a new allocation overrules it. */
export interface Exit {
  readonly allocationId: string
  readonly subject: string
  readonly band: string
  readonly maker: string
  /** Of the next attempt. */
  generation: number
  /** Moment of the last attempt, "" before the first. */
  attemptedAt: string
}

export type BookState = {
  readonly currency: string
  readonly fills: number
  readonly ledger: LedgerState
  readonly orders: readonly { readonly [field: string]: string | number }[]
  readonly exits: readonly { readonly [field: string]: string | number }[]
  readonly acted: readonly string[]
}

type OrderText = Omit<OpenOrder, 'quantity' | 'filled'> & { quantity: string; filled: string }
type ExitText = Exit & { [field: string]: string | number }

const orderText = (order: OpenOrder): OrderText & { [field: string]: string | number } =>
  ({ ...order, quantity: formatFixed(order.quantity), filled: formatFixed(order.filled) })

const CLOSED: ReadonlySet<OrderState> = new Set(['filled', 'cancelled', 'rejected', 'expired'])
/** Allocations remembered against being acted on twice, newest last. */
const ACTED_MAX = 4096

export class Book {
  readonly vault: string
  readonly currency: string
  readonly ledger: Ledger
  readonly orders = new Map<string, OpenOrder>()
  readonly exits = new Map<string, Exit>()
  readonly #acted = new Set<string>()
  #fills = 0

  constructor(vault: string, currency: string, ledger: Ledger) {
    this.vault = vault
    this.currency = currency
    this.ledger = ledger
  }

  static opened(vault: string, currency: string, capital: Cents, at: string): Book {
    const ledger = new Ledger()
    ledger.open(capital, at, `vault:${vault}`)
    return new Book(vault, currency, ledger)
  }

  /** Fills booked so far; the next has the sequence number after this. */
  get fills(): number {
    return this.#fills
  }
  acted(allocationId: string): boolean {
    return this.#acted.has(allocationId)
  }
  openIn(subject: string): OpenOrder[] {
    return [...this.orders.values()].filter((order) => order.subject === subject)
  }

  /** Take note of one state of one order. */
  note(order: Order): void {
    const open = this.orders.get(order.client_order_id)
    if (order.state === 'intended') this.#intended(order)
    else if (open === undefined) return
    else if (CLOSED.has(order.state)) this.orders.delete(order.client_order_id)
    else {
      open.state = order.state
      open.lastId = order.id
    }
  }

  #intended(order: Order): void {
    const { client_order_id: clientOrderId, subject, leg = 'enter', generation = 0, band = '', maker = '' } = order
    const allocationId = order.parents[0] ?? ''
    this.orders.set(clientOrderId, {
      clientOrderId, allocationId, subject, side: order.side, quantity: fixedOf(order.quantity), leg, generation, band, maker,
      at: order.at, expiresAt: order.expires_at, filled: 0n, state: 'intended', lastId: order.id,
    })
    this.#acted.add(allocationId)
    for (const oldest of this.#acted) {
      if (this.#acted.size <= ACTED_MAX) break
      this.#acted.delete(oldest)
    }
    const exit = { allocationId, subject, band, maker, generation: generation + 1, attemptedAt: order.at }
    if (leg === 'exit') this.exits.set(subject, exit)
    else this.exits.delete(subject)
  }

  /** Book a fill. Throws RangeError where it cannot be: more sold than held, more paid than there is. */
  fill(fill: Fill): Entry {
    const quantity = fixedOf(fill.quantity)
    const entry = this.ledger.trade({
      ref: fill.id, at: fill.at, subject: fill.subject, side: fill.side, quantity,
      price: fixedOf(fill.price), feeCents: centsOf(fill.fee),
    })
    const open = this.orders.get(fill.client_order_id)
    if (open !== undefined) open.filled += quantity
    this.#fills += 1
    if (fill.side === 'sell' && this.ledger.quantity(fill.subject) === 0n) this.exits.delete(fill.subject)
    return entry
  }

  toState(): BookState {
    return {
      currency: this.currency,
      fills: this.#fills,
      ledger: this.ledger.toState(),
      orders: [...this.orders.values()].map(orderText),
      exits: [...this.exits.values()].map((exit) => ({ ...exit })),
      acted: [...this.#acted],
    }
  }

  /** Throws RangeError where the state contradicts itself. */
  static fromState(vault: string, state: BookState): Book {
    const book = new Book(vault, state.currency, Ledger.fromState(state.ledger))
    book.#fills = state.fills
    for (const order of state.orders as readonly OrderText[]) {
      book.orders.set(order.clientOrderId, { ...order, quantity: fixedOf(order.quantity), filled: fixedOf(order.filled) })
    }
    for (const exit of state.exits as readonly ExitText[]) book.exits.set(exit.subject, { ...exit })
    for (const id of state.acted) book.#acted.add(id)
    return book
  }
}
