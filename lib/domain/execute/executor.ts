/**
 * Brings our books and a broker together, whichever broker it is: every order is written down and made durable before it is
 * sent, every answer is booked, and what the books say is what is acted on.
 */
import {
  formatInstant, millisOf, type Allocation, type Bar, type Fill, type Millis, type Order, type OrderState, type Price, type Vanta,
} from '#record'
import type { Book, OpenOrder } from './book.ts'
import { formatFixed } from '../money/decimal.ts'
import { dueExits, plan, remaining, type DeskLimits, type Intent, type Refused, type Wanted } from './desk.ts'
import { fixedOf, formatCents } from '../money/money.ts'
import {
  fillRecord, intendedRecord, refusalRecord, stateAfterFill, stateRecord, type Hand, type When,
} from './order_record.ts'
import type { Vault } from '../vault/vault.ts'
import type { Broker, BrokerEvent, BrokerOrder } from './broker.ts'
import type { Shelf } from './shelf.ts'

type Emit = (record: Vanta) => void

export interface Surroundings {
  readonly broker: Broker
  readonly by: string
  readonly limits: DeskLimits
  readonly orderTtlMs: Millis
  /** Why nothing may be sent, or undefined where it may; asked afresh each time. */
  readonly halted: () => string | undefined
  readonly vaultOf: (name: string) => Vault
}

export class Executor {
  readonly shelf: Shelf
  readonly #around: Surroundings
  readonly #hand: Hand
  #wanted = new Map<string, { readonly vault: string; readonly want: Wanted; readonly knownMs: Millis }>()
  /** Orders sent in this run. */
  sent = 0

  constructor(around: Surroundings, shelf: Shelf) {
    this.#around = around
    this.shelf = shelf
    this.#hand = { by: around.by, broker: around.broker.name }
    for (const book of shelf.books.values()) this.#fund(book)
  }

  #fund(book: Book): void {
    const { ledger } = book
    const positions = new Map([...ledger.subjects()].map((subject) => [subject, ledger.quantity(subject)] as const))
    this.#around.broker.fund?.(book.vault, { cash: ledger.cash, positions })
  }

  /** Take up the orders that an earlier run left open. */
  async resume(nowMs: Millis, emit: Emit): Promise<void> {
    for (const book of this.shelf.books.values()) {
      for (const order of [...book.orders.values()]) {
        const sent = this.#brokerOrder(book, order)
        let answer = await this.#around.broker.resume(sent)
        // Written down but perhaps never sent, and unknown to the broker: the same id goes out now.
        if (answer.outcome === 'rejected' && order.state === 'intended') answer = await this.#around.broker.submit(sent)
        const unsure = order.state === 'intended' || order.state === 'submitted' || order.state === 'unknown'
        if (answer.outcome === order.state || (answer.outcome === 'accepted' && !unsure)) continue
        this.#advance(book, order, answer.outcome, momentOf(nowMs), emit)
      }
    }
  }

  /** Allocations are held until the next moment of decision. */
  want(allocation: Allocation): void {
    const { id, vault, subject, direction, fraction, band, maker = 'unknown', expires_at, known_at } = allocation
    const size = { fraction: fixedOf(fraction), band, maker, expiresMs: millisOf(expires_at) }
    const want = { allocationId: id, subject, direction, ...size, generation: 0, retry: false }
    this.#wanted.set(`${vault} ${subject}`, { vault, want, knownMs: millisOf(known_at) })
  }
  get waiting(): boolean {
    return this.#wanted.size > 0
  }

  /** A price passes: it is what positions are worth, and an embedded broker may fill on it. The record is given away here. */
  observe(record: Bar | Price, emit: Emit): void {
    const events = this.#around.broker.observe?.(record)
    this.shelf.mark(record)
    const knownAt = record.known_at
    emit(record)
    if (events !== undefined && events.length > 0) for (const event of events) this.#happened(event, knownAt, emit)
  }

  /** One moment of decision: sells before buys, everything written and synced before the first is sent. */
  async moment(nowMs: Millis, emit: Emit): Promise<void> {
    await this.#settle(nowMs, emit)
    const halt = this.#idle(nowMs) ? undefined : this.#around.halted()
    if (halt !== undefined) return this.#halt(halt, nowMs, emit)
    const ready: { readonly book: Book; readonly order: OpenOrder }[] = []
    for (const [vault, wanted] of this.#takeWanted(nowMs)) {
      const book = this.#known(vault, nowMs)
      const fresh = await this.#cleared(book, wanted, nowMs, emit)
      const { intents, refused } = plan(book, this.#around.vaultOf(vault), fresh, this.shelf.marks, this.#around.limits, nowMs)
      for (const refusal of refused) this.#refuse(book, refusal, nowMs, emit)
      for (const intent of intents) ready.push({ book, order: this.#intend(book, intent, nowMs, emit) })
    }
    if (ready.length === 0) return
    this.shelf.sync()
    // The switch is asked last, after everything that takes time.
    const stopped = this.#around.halted()
    for (const { book, order } of ready) {
      if (stopped === undefined) await this.#send(book, order, nowMs, emit)
      else this.#advance(book, order, 'cancelled', momentOf(nowMs), emit)
    }
  }

  #idle(nowMs: Millis): boolean {
    if (this.waiting || this.shelf.hasOpenOrders) return false
    for (const book of this.shelf.books.values()) if (dueExits(book, this.shelf.marks, nowMs).length > 0) return false
    return true
  }

  /** By vault: what has been asked for and is known by now, then exits that are due for another attempt. */
  #takeWanted(nowMs: Millis): Map<string, Wanted[]> {
    const byVault = new Map<string, Wanted[]>([...this.shelf.books.keys()].map((vault) => [vault, []]))
    for (const [key, { vault, want, knownMs }] of this.#wanted) {
      if (knownMs > nowMs) continue
      this.#wanted.delete(key)
      const wanted = byVault.get(vault)
      if (wanted === undefined) byVault.set(vault, [want])
      else wanted.push(want)
    }
    for (const [vault, wanted] of byVault) {
      const book = this.shelf.books.get(vault)
      if (book === undefined) continue
      const named = new Set(wanted.map((want) => want.subject))
      wanted.push(...dueExits(book, this.shelf.marks, nowMs).filter((exit) => !named.has(exit.subject)))
    }
    return byVault
  }

  #known(vault: string, nowMs: Millis): Book {
    const had = this.shelf.books.has(vault)
    const book = this.shelf.book(vault, formatInstant(nowMs))
    if (!had) this.#fund(book)
    return book
  }

  /** Turn away what was acted on before, and cancel what is still open in the subjects of the rest. */
  async #cleared(book: Book, wanted: readonly Wanted[], nowMs: Millis, emit: Emit): Promise<Wanted[]> {
    const fresh: Wanted[] = []
    for (const want of wanted) {
      if (!want.retry && book.acted(want.allocationId)) {
        const detail = `allocation ${want.allocationId} was acted on before`
        this.#refuse(book, { wanted: want, code: 'DUPLICATE', detail }, nowMs, emit)
        continue
      }
      for (const order of book.openIn(want.subject)) await this.#cancel(book, order, nowMs, emit)
      rememberExit(book, want)
      fresh.push(want)
    }
    await this.#settle(nowMs, emit)
    return fresh
  }

  async #halt(why: string, nowMs: Millis, emit: Emit): Promise<void> {
    await this.cancelAll(nowMs, emit)
    for (const [vault, wanted] of this.#takeWanted(nowMs)) {
      const book = this.#known(vault, nowMs)
      for (const want of wanted) {
        rememberExit(book, want)
        if (!want.retry) this.#refuse(book, { wanted: want, code: 'KILL', detail: why }, nowMs, emit)
      }
    }
  }

  async cancelAll(nowMs: Millis, emit: Emit): Promise<void> {
    for (const book of this.shelf.books.values()) {
      for (const order of [...book.orders.values()]) await this.#cancel(book, order, nowMs, emit)
    }
  }

  async #cancel(book: Book, order: OpenOrder, nowMs: Millis, emit: Emit): Promise<void> {
    const answer = await this.#around.broker.cancel(order.clientOrderId)
    if (answer === 'cancelled') this.#advance(book, order, answer, momentOf(nowMs), emit)
  }

  async #send(book: Book, order: OpenOrder, nowMs: Millis, emit: Emit): Promise<void> {
    this.#advance(book, order, 'submitted', momentOf(nowMs), emit)
    this.sent += 1
    const answer = await this.#around.broker.submit(this.#brokerOrder(book, order))
    this.#advance(book, order, answer.outcome, momentOf(nowMs), emit)
  }

  async #settle(nowMs: Millis, emit: Emit): Promise<void> {
    for (const event of await this.#around.broker.events(nowMs)) this.#happened(event, formatInstant(nowMs), emit)
  }

  #happened(event: BrokerEvent, knownAt: string, emit: Emit): void {
    for (const book of this.shelf.books.values()) {
      const order = book.orders.get(event.clientOrderId)
      if (order === undefined) continue
      if (event.type === 'fill') this.#filled(book, order, event, emit)
      else this.#advance(book, order, event.type, { at: event.at, knownAt }, emit)
      return
    }
    throw new RangeError(`the broker reports ${event.type} of an order we do not have open: ${event.clientOrderId}`)
  }

  #filled(book: Book, order: OpenOrder, event: Extract<BrokerEvent, { type: 'fill' }>, emit: Emit): void {
    const fill = fillRecord(book, order, event, this.#hand)
    const { id } = fill
    book.fill(fill)
    this.#say(fill, emit)
    this.#advance(book, order, stateAfterFill(order), event, emit, [id])
  }

  #intend(book: Book, intent: Intent, nowMs: Millis, emit: Emit): OpenOrder {
    const record = intendedRecord(book, intent, nowMs, this.#around.orderTtlMs, this.#hand)
    book.note(record)
    const order = book.orders.get(record.client_order_id)
    if (order === undefined) throw new RangeError(`intent ${record.client_order_id} was not booked`)
    this.#say(record, emit)
    return order
  }

  #advance(book: Book, order: OpenOrder, state: OrderState, when: When, emit: Emit, causes: string[] = []): void {
    const record = stateRecord(book, order, state, when, this.#hand, causes)
    book.note(record)
    this.#say(record, emit)
  }

  #brokerOrder(book: Book, order: OpenOrder): BrokerOrder {
    return {
      clientOrderId: order.clientOrderId, vault: book.vault, subject: order.subject, side: order.side, type: 'market',
      quantity: remaining(order), sentMs: millisOf(order.at), expiresMs: millisOf(order.expiresAt),
    }
  }

  #refuse(book: Book, refused: Refused, nowMs: Millis, emit: Emit): void {
    emit(refusalRecord(book, refused, formatInstant(nowMs), this.#hand))
  }

  #say(record: Order | Fill, emit: Emit): void {
    this.shelf.log(record)
    emit(record)
  }

  /** The first difference between our books and the broker's account, in words; undefined where they agree. */
  async difference(): Promise<string | undefined> {
    for (const { vault, ledger } of this.shelf.books.values()) {
      const account = await this.#around.broker.account(vault)
      if (account === undefined) return `${vault}: the broker has no account`
      if (account.cash !== ledger.cash) return `${vault}: cash is ${formatCents(ledger.cash)} here, ${formatCents(account.cash)} there`
      for (const subject of new Set([...ledger.subjects(), ...account.positions.keys()])) {
        const ours = ledger.quantity(subject), theirs = account.positions.get(subject) ?? 0n
        if (ours !== theirs) return `${vault}: ${subject}: ${formatFixed(ours)} here, ${formatFixed(theirs)} there`
      }
    }
    return undefined
  }
}

const momentOf = (nowMs: Millis): When => ({ at: formatInstant(nowMs), knownAt: formatInstant(nowMs) })

/** A full exit stands until it is done, whatever hinders it now; any other allocation overrules it. */
function rememberExit(book: Book, want: Wanted): void {
  const { allocationId, subject, band, maker } = want
  if (want.fraction !== 0n) book.exits.delete(subject)
  else if (!want.retry && book.ledger.quantity(subject) > 0n) {
    book.exits.set(subject, { allocationId, subject, band, maker, generation: 0, attemptedAt: '' })
  }
}
