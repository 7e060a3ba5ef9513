/**
 * What the executor knows of one vault: its ledger, its open orders and what it has acted on. The book is a fold over the
 * executor's own records: running, and reading the log again after a crash, are the same code.
 */
import { DAY_MS, millisOf, type Control, type Fill, type JournalEntry, type Millis, type Order, type OrderState } from '#record'
import { formatFixed } from '../money/decimal.ts'
import { entryOf, entryRecord, type Context } from '../money/entry_record.ts'
import { Ledger, REALISED, subjectOf, type Entry, type LedgerState } from '../money/ledger.ts'
import { centsOf, fixedOf, proceedsCents, type Fixed } from '../money/money.ts'
import { Watch, type WatchState } from './watch.ts'

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
  readonly type: 'market' | 'limit'
  readonly limit: Fixed | undefined
  /** The moment of decision. */
  readonly at: string
  readonly expiresAt: string
  filled: Fixed
  state: OrderState
  /** When it was last handed to the venue, or was found to may have been; "" before. */
  sentAt: string
  /** Id of the record of its latest state. */
  lastId: string
  /** The venue's names of the fills booked. */
  readonly fillIds: Set<string>
}

/**
 * A full exit: pursued whenever there is something to sell, until a new allocation overrules it. It outlives the position, because a
 * purchase whose fate was unknown may still turn up.
 */
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
  /** Of its journal. */
  readonly entries?: number
  /** When what is held was last traded. */
  readonly traded?: { readonly [subject: string]: string }
  readonly ledger: LedgerState
  readonly orders: readonly OrderText[]
  /** Orders that ended, the latest last: what a venue tells of them later finds them here. */
  readonly closed: readonly OrderText[]
  readonly exits: readonly { readonly [field: string]: string | number }[]
  /** Allocations acted on, and until when each might be handed in again. */
  readonly acted: { readonly [allocationId: string]: string }
  readonly watch?: WatchState
}

type OrderText = {
  readonly [F in Exclude<keyof OpenOrder, 'quantity' | 'filled' | 'limit' | 'fillIds'>]: OpenOrder[F]
} & { readonly quantity: string; readonly filled: string; readonly limit: string | null; readonly fillIds: readonly string[] }
type ExitText = Exit & { [field: string]: string | number }

const orderText = (order: OpenOrder): OrderText => ({
  ...order, quantity: formatFixed(order.quantity), filled: formatFixed(order.filled),
  limit: order.limit === undefined ? null : formatFixed(order.limit), fillIds: [...order.fillIds],
})
const orderOf = (text: OrderText): OpenOrder => ({
  ...text, quantity: fixedOf(text.quantity), filled: fixedOf(text.filled),
  limit: text.limit === null ? undefined : fixedOf(text.limit), fillIds: new Set(text.fillIds),
})

const CLOSED: ReadonlySet<OrderState> = new Set(['filled', 'cancelled', 'rejected', 'expired'])
/** Ended orders that are remembered. */
const CLOSED_MAX = 1024
/** An allocation is remembered so long after it can no longer be acted on: clocks differ. */
const ACTED_GRACE_MS = DAY_MS
const ACTED_MIN = 1024

/** Who says an entry, and what it says beside the movement. */
export type Word = Pick<Context, 'by' | 'knownAt' | 'subject' | 'band' | 'maker' | 'detail'>

export class Book {
  readonly vault: string
  readonly currency: string
  readonly ledger: Ledger
  readonly orders = new Map<string, OpenOrder>()
  readonly exits = new Map<string, Exit>()
  readonly #openBySubject = new Map<string, Map<string, OpenOrder>>()
  readonly watch: Watch
  readonly #closed = new Map<string, OpenOrder>()
  readonly #acted = new Map<string, string>()
  /** So many are remembered before the expired ones are looked for. */
  #actedTidyAt = ACTED_MIN
  #fills = 0
  #entries = 0
  readonly #traded = new Map<string, string>()

  constructor(vault: string, currency: string, ledger = new Ledger(), watch = new Watch()) {
    this.vault = vault
    this.currency = currency
    this.ledger = ledger
    this.watch = watch
  }

  /** Entries of its journal so far; the next has the sequence number after this. */
  get entries(): number {
    return this.#entries
  }

  /** Note an entry that the ledger has taken, as the next of the journal. */
  said(entry: Entry, word: Word): JournalEntry {
    this.#entries += 1
    return entryRecord(entry, { ...word, vault: this.vault, currency: this.currency, sequence: this.#entries })
  }

  /** Book a movement that is no fill. Throws RangeError where it cannot be. */
  post(entry: Entry, word: Word): JournalEntry {
    this.#moved(entry)
    return this.said(entry, word)
  }

  /** Throws RangeError where an entry could not be booked; nothing is. */
  tried(entry: Entry): void {
    Ledger.fromState(this.ledger.toState()).post(entry)
  }

  /** Book an entry that was written down before. Throws RangeError where it does not follow on what is booked. */
  take(record: JournalEntry): void {
    if (record.sequence !== this.#entries + 1) throw new RangeError(`entry ${record.id}: number ${record.sequence} after ${this.#entries}`)
    this.#moved(entryOf(record))
    this.#entries += 1
  }

  /** Without any trade. An exit from what goes by another name now goes on under that, and so does what is watched. */
  #moved(entry: Entry): void {
    const touched = new Set(entry.postings.flatMap(({ account }) => subjectOf(account) ?? []))
    const before = new Map([...touched].map((subject) => [subject, this.ledger.quantity(subject)] as const))
    this.ledger.post(entry)
    const heirs = entry.postings.flatMap(({ account, move }) => (move !== undefined && move.quantity > 0n ? (subjectOf(account) ?? []) : []))
    for (const [subject, quantity] of before) {
      const after = this.ledger.quantity(subject), exit = this.exits.get(subject)
      this.watch.moved(subject, quantity, after, heirs)
      if (exit === undefined || after > 0n) continue
      for (const heir of heirs) if (!this.exits.has(heir)) this.exits.set(heir, { ...exit, subject: heir })
    }
  }

  /** Note a `stop` (the subject is left, whatever else was wanted) or a `high`. Throws RangeError where it is neither. */
  heed(record: Control): void {
    this.watch.take(record)
    const subject = record.facts?.['subject']
    if (record.type !== 'stop' || typeof subject !== 'string') return
    const { band = 'unknown', maker = 'unknown' } = this.watch.holdings.get(subject) ?? {}
    this.exits.set(subject, { allocationId: record.id, subject, band, maker, generation: 0, attemptedAt: '' })
  }

  /** Fills booked so far; the next has the sequence number after this. */
  get fills(): number {
    return this.#fills
  }
  /** The first attempt at a full exit from a subject that has not been made yet, for what asks for it. */
  nextAttempt(allocationId: string, subject: string): number {
    let next = 0
    for (const orders of [this.orders, this.#closed]) {
      for (const order of orders.values()) {
        const same = order.allocationId === allocationId && order.subject === subject && order.leg === 'exit'
        if (same && order.generation >= next) next = order.generation + 1
      }
    }
    return next
  }

  /** Orders decided on after a moment. */
  intendedSince(afterMs: Millis): number {
    let count = 0
    for (const orders of [this.orders, this.#closed]) for (const { at } of orders.values()) if (millisOf(at) > afterMs) count++
    return count
  }

  /** When a subject that is held was last traded. */
  traded(subject: string): string | undefined {
    return this.#traded.get(subject)
  }

  get hasTraded(): boolean {
    return this.#fills > 0 || this.orders.size > 0 || this.#closed.size > 0
  }
  acted(allocationId: string): boolean {
    return this.#acted.has(allocationId)
  }
  openIn(subject: string): OpenOrder[] {
    return [...(this.#openBySubject.get(subject)?.values() ?? [])]
  }

  /** What it holds, and what orders that are open or remembered were in. */
  *tradedSubjects(): Iterable<string> {
    yield* this.ledger.subjects()
    for (const { subject } of this.orders.values()) yield subject
    for (const { subject } of this.#closed.values()) yield subject
  }

  /** An order by our id, whether it is open or has ended. */
  order(clientOrderId: string): OpenOrder | undefined {
    return this.orders.get(clientOrderId) ?? this.#closed.get(clientOrderId)
  }

  #open(order: OpenOrder): void {
    this.orders.set(order.clientOrderId, order)
    const others = this.#openBySubject.get(order.subject)
    if (others === undefined) this.#openBySubject.set(order.subject, new Map([[order.clientOrderId, order]]))
    else others.set(order.clientOrderId, order)
  }

  #close(clientOrderId: string, subject: string): void {
    this.orders.delete(clientOrderId)
    const others = this.#openBySubject.get(subject)
    others?.delete(clientOrderId)
    if (others?.size === 0) this.#openBySubject.delete(subject)
  }

  /** Take note of one state of one order. One that had ended, and of which a venue tells otherwise, is open again. */
  note(record: Order): void {
    const { client_order_id: id, state } = record
    if (state === 'intended') return this.#intended(record)
    const order = this.order(id)
    if (order === undefined) return
    order.state = state
    if (state === 'submitted' || (state === 'unknown' && order.sentAt === '')) order.sentAt = record.known_at
    order.lastId = record.id
    if (CLOSED.has(state)) {
      this.#close(id, order.subject)
      this.#closed.delete(id)
      this.#closed.set(id, order)
      dropOldest(this.#closed, CLOSED_MAX)
    } else {
      this.#closed.delete(id)
      this.#open(order)
    }
  }

  #intended(order: Order): void {
    const { client_order_id: clientOrderId, subject, leg = 'enter', generation = 0, band = '', maker = '', limit_price: limit } = order
    const allocationId = order.parents[0] ?? ''
    this.#open({
      clientOrderId, allocationId, subject, side: order.side, quantity: fixedOf(order.quantity), leg, generation, band, maker,
      type: order.type, limit: limit === undefined ? undefined : fixedOf(limit),
      at: order.at, expiresAt: order.expires_at, filled: 0n, state: 'intended', sentAt: '', lastId: order.id, fillIds: new Set(),
    })
    this.#acted.set(allocationId, order.allocation_expires_at ?? order.expires_at)
    if (this.#acted.size > this.#actedTidyAt) this.#forget(millisOf(order.at) - ACTED_GRACE_MS)
    const exit = { allocationId, subject, band, maker, generation: generation + 1, attemptedAt: order.at }
    if (leg === 'exit') this.exits.set(subject, exit)
    else this.exits.delete(subject)
  }

  #forget(beforeMs: Millis): void {
    for (const [id, until] of this.#acted) if (millisOf(until) < beforeMs) this.#acted.delete(id)
    this.#actedTidyAt = 2 * this.#acted.size + ACTED_MIN
  }

  /** Book a fill. Throws RangeError where it cannot be: more sold than held. */
  fill(fill: Fill): JournalEntry {
    const quantity = fixedOf(fill.quantity)
    const { id: ref, at, subject, side, band, maker, by, known_at: knownAt } = fill
    const entry = this.ledger.trade({ ref, at, subject, side, quantity, price: fixedOf(fill.price), feeCents: centsOf(fill.fee), isFact: true })
    const loss = entry.postings.find(({ account }) => account === REALISED)?.amountCents ?? 0n
    this.watch.filled(fill, this.ledger.quantity(subject), proceedsCents(quantity, fixedOf(fill.price)), loss)
    const order = this.order(fill.client_order_id)
    if (order !== undefined) {
      order.filled += quantity
      if (fill.venue_fill_id !== undefined) order.fillIds.add(fill.venue_fill_id)
    }
    this.#fills += 1
    if (this.ledger.quantity(subject) === 0n) this.#traded.delete(subject)
    else if (at > (this.#traded.get(subject) ?? '')) this.#traded.set(subject, at)
    return this.said(entry, { by, knownAt, subject, band, maker })
  }

  toState(): BookState {
    return {
      currency: this.currency,
      fills: this.#fills,
      entries: this.#entries,
      traded: Object.fromEntries(this.#traded),
      ledger: this.ledger.toState(),
      orders: [...this.orders.values()].map(orderText),
      closed: [...this.#closed.values()].map(orderText),
      exits: [...this.exits.values()].map((exit) => ({ ...exit })),
      acted: Object.fromEntries(this.#acted),
      watch: this.watch.toState(),
    }
  }

  /** Throws RangeError where the state contradicts itself. */
  static fromState(vault: string, state: BookState): Book {
    const book = new Book(vault, state.currency, Ledger.fromState(state.ledger), Watch.fromState(state.watch ?? {}))
    book.#fills = state.fills
    book.#entries = state.entries ?? 0
    for (const [subject, at] of Object.entries(state.traded ?? {})) book.#traded.set(subject, at)
    for (const order of state.orders) book.#open(orderOf(order))
    for (const order of state.closed) book.#closed.set(order.clientOrderId, orderOf(order))
    for (const exit of state.exits as readonly ExitText[]) book.exits.set(exit.subject, { ...exit })
    for (const [id, until] of Object.entries(state.acted)) book.#acted.set(id, until)
    return book
  }
}

function dropOldest<V>(map: Map<string, V>, most: number): void {
  for (const key of map.keys()) {
    if (map.size <= most) return
    map.delete(key)
  }
}
