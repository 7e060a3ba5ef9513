/**
 * The life of orders between our books and a broker: written down and synced before they are sent, sent once, and ended only by what
 * the venue says of them.
 */
import { formatInstant, millisOf, type Millis, type Order, type OrderState, type Vanta } from '#record'
import type { Book, OpenOrder } from './book.ts'
import type { Booked, Broker, BrokerOrder, Outcome, TimeInForce, VenueFill, VenueOrder } from './broker.ts'
import type { Intent } from './desk.ts'
import { judged } from './evidence.ts'
import { formatCents } from '../money/money.ts'
import type { Filling } from './upkeep.ts'
import { fillRecord, intendedRecord, stateAfterFill, stateRecord, type Because, type Hand, type When } from './order_record.ts'
import type { Shelf } from './shelf.ts'

export type Emit = (record: Vanta) => void

/** A line for the people who watch over the executor: `executor_diagnostics.log`. */
export type Diagnose = (event: string, fields: { readonly [name: string]: string | number | boolean | null }) => void

export interface Halt {
  readonly why: string
  /** Positions are to be sold: the id of the record that says so. */
  readonly flattenBy?: string
}

export interface DispatchTerms {
  readonly broker: Broker
  readonly by: string
  readonly orderTtlMs: Millis
  /** The machine's: a moment lasts while its orders are sent, and when each of them left is what its absence is measured from. */
  readonly clock: () => Millis
  readonly timeInForce: TimeInForce
  /** Why nothing may be sent, or undefined where it may; asked afresh before every order. */
  readonly halted: () => Halt | undefined
  readonly diagnose: Diagnose
}

export class Dispatch {
  readonly #terms: DispatchTerms
  readonly #shelf: Shelf
  readonly #booked: Booked
  readonly hand: Hand
  /** Why the venue could not be heard at the last look, or undefined. */
  deaf: string | undefined
  /** Orders sent in this run. */
  sent = 0

  constructor(terms: DispatchTerms, shelf: Shelf) {
    this.#terms = terms
    this.#shelf = shelf
    this.#booked = bookedOf(shelf, terms.timeInForce)
    this.hand = { by: terms.by, broker: terms.broker.name }
  }

  /**
   * Say what a run that was killed wrote down and may not have said; then take up the orders that are open: first hear what became of them, then
   * send what was never sent.
   */
  async resume(heardMs: Millis, emit: Emit): Promise<void> {
    for (const record of this.#shelf.untold.splice(0)) emit(record)
    // The first record may be of long ago: a history that is told again at every start.
    const nowMs = this.#passingMs(Math.max(heardMs, this.#shelf.caughtUpToMs))
    if (this.#terms.broker.embedded !== undefined) this.#revive()
    await this.settle(nowMs, emit)
    for (const book of this.#shelf.books.values()) {
      for (const order of [...book.orders.values()]) if (order.state === 'intended') await this.#takeUp(book, order, nowMs, emit)
    }
    await this.settle(nowMs, emit)
  }

  /** An embedded broker has forgotten what a run before told it: our books tell it again. */
  #revive(): void {
    for (const book of this.#shelf.books.values()) {
      for (const order of book.orders.values()) {
        if (order.state !== 'intended') this.#terms.broker.embedded?.revive(this.#brokerOrder(book, order), this.#shelf.metMs(order.subject))
      }
    }
  }

  /**
   * Written down by a run that ended before it wrote that it had sent. Where the venue takes an id but once it may be sent now: were it on
   * its way already, it would still be one order; and where it is not sent, it may stand there all the same, which only the venue can say.
   * Elsewhere sending is made durable first, so that an intent is one that was never sent.
   */
  async #takeUp(book: Book, order: OpenOrder, nowMs: Millis, emit: Emit): Promise<void> {
    const { broker: { rules, embedded } } = this.#terms
    const mayStand = rules.idempotent && embedded === undefined
    const halt = this.#haltOf(order)
    const hasExpired = millisOf(order.expiresAt) <= nowMs
    // The run that wrote it down may have failed before it was durable: it is made so now.
    if (!hasExpired && halt === undefined && this.deaf === undefined) return this.send(book, order, nowMs, emit, true)
    if (mayStand) return this.#advance(book, order, 'unknown', momentOf(nowMs), emit, { detail: 'a run that ended may have sent it' })
    if (hasExpired) this.#advance(book, order, 'expired', momentOf(nowMs), emit, { detail: 'never sent' })
    else if (halt !== undefined) this.#advance(book, order, 'cancelled', momentOf(nowMs), emit, { detail: halt })
  }

  /** Why this order may not be sent now: the switch, but for what sells because of it. */
  #haltOf({ leg }: OpenOrder): string | undefined {
    const halt = this.#terms.halted()
    return halt === undefined || (halt.flattenBy !== undefined && leg === 'exit') ? undefined : halt.why
  }

  intend(book: Book, intent: Intent, nowMs: Millis, emit: Emit): OpenOrder {
    const record = intendedRecord(book, intent, nowMs, this.#terms.orderTtlMs, this.hand)
    if (book.order(record.client_order_id) !== undefined) throw new RangeError(`intent ${record.client_order_id} was decided on before`)
    book.note(record)
    const order = book.orders.get(record.client_order_id)
    if (order === undefined) throw new RangeError(`intent ${record.client_order_id} was not booked`)
    this.#say(record, emit)
    return order
  }

  /** The switch is asked last of all, for every order anew: sending the one before may have taken long. */
  async send(book: Book, order: OpenOrder, nowMs: Millis, emit: Emit, syncs = !this.#terms.broker.rules.idempotent): Promise<void> {
    const halt = this.#haltOf(order)
    if (halt !== undefined) return this.#advance(book, order, 'cancelled', momentOf(nowMs), emit, { detail: halt })
    this.#advance(book, order, 'submitted', this.#passing(nowMs), emit)
    if (syncs) this.#shelf.sync()
    this.sent += 1
    const answer = await this.#submitted(this.#brokerOrder(book, order))
    const detail = answer.outcome === 'accepted' ? undefined : answer.why
    this.#terms.diagnose('submit', { client_order_id: order.clientOrderId, answer: answer.outcome, detail: detail ?? null })
    this.#advance(book, order, answer.outcome, this.#passing(nowMs), emit, { detail })
  }

  /** By the clock, within a moment: venues take their time. An embedded broker's time is the stream's. */
  #passingMs(nowMs: Millis): Millis {
    return this.#terms.broker.embedded === undefined ? Math.max(nowMs, this.#terms.clock()) : nowMs
  }

  #passing(nowMs: Millis): When {
    return momentOf(this.#passingMs(nowMs))
  }

  /** Whatever an adapter throws, it has not told us that there is no order. */
  async #submitted(order: BrokerOrder): Promise<Outcome> {
    try {
      return await this.#terms.broker.submit(order)
    } catch (error) {
      return { outcome: 'unknown', why: error instanceof Error ? error.message : String(error) }
    }
  }

  /** Ask for the end of every order, and hear what became of them. */
  async cancelAll(nowMs: Millis, emit: Emit): Promise<void> {
    if (!this.#shelf.hasOpenOrders) return
    for (const book of this.#shelf.books.values()) {
      for (const order of [...book.orders.values()]) await this.cancel(book, order, nowMs, emit)
    }
    await this.settle(nowMs, emit)
  }

  async cancel(book: Book, order: OpenOrder, nowMs: Millis, emit: Emit): Promise<void> {
    // What was never sent is ours alone to end.
    if (order.state === 'intended') return this.#advance(book, order, 'cancelled', momentOf(nowMs), emit, { detail: 'never sent' })
    const answer = await this.#terms.broker.cancel(this.#brokerOrder(book, order))
    this.#terms.diagnose('cancel', { client_order_id: order.clientOrderId, answer })
  }

  /** Hear what has happened: executions first, then how each open order stands. */
  async settle(nowMs: Millis, emit: Emit): Promise<void> {
    const { broker } = this.#terms
    broker.embedded?.expire(nowMs)
    this.deaf = undefined
    await this.#bookFills(nowMs, emit)
    if (!this.#shelf.hasOpenOrders && broker.embedded !== undefined) return
    const standing = await broker.openOrders()
    if ('unknown' in standing) return this.#cannotHear('open orders', standing.unknown)
    const byId = new Map(standing.told.map((order) => [order.clientOrderId, order]))
    await this.#adopt(standing.told, nowMs, emit)
    for (const book of this.#shelf.books.values()) {
      for (const order of [...book.orders.values()]) {
        const stands = byId.get(order.clientOrderId)
        const look = stands === undefined ? await broker.look(this.#brokerOrder(book, order)) : ({ look: 'found', order: stands } as const)
        const lookedMs = this.#passingMs(nowMs)
        const verdict = judged(order, look, broker.rules, lookedMs)
        if (verdict.fills === 'outstanding') await this.#bookFills(nowMs, emit)
        const again = verdict.fills === 'outstanding' ? judged(order, look, broker.rules, lookedMs) : verdict
        if (again.said !== undefined) this.#terms.diagnose('order', { client_order_id: order.clientOrderId, state: order.state, said: again.said })
        if (again.state === undefined || !book.orders.has(order.clientOrderId)) continue
        this.#advance(book, order, again.state, { at: again.at ?? formatInstant(nowMs), knownAt: formatInstant(nowMs) }, emit, { detail: again.said })
      }
    }
    await this.#leave(nowMs)
  }

  /** An order that has outlived its time goes, where the venue does not see to it. */
  async #leave(nowMs: Millis): Promise<void> {
    if (this.#terms.broker.embedded !== undefined) return
    for (const book of this.#shelf.books.values()) {
      for (const order of book.orders.values()) {
        if (order.state === 'intended' || millisOf(order.expiresAt) > nowMs) continue
        const answer = await this.#terms.broker.cancel(this.#brokerOrder(book, order))
        this.#terms.diagnose('outlived', { client_order_id: order.clientOrderId, answer })
      }
    }
  }

  /** An order that had ended by our books stands at the venue: a request that was given up came through after all. It is ours, and goes. */
  async #adopt(standing: readonly VenueOrder[], nowMs: Millis, emit: Emit): Promise<void> {
    for (const { clientOrderId, state } of standing) {
      const known = this.#shelf.find(clientOrderId)
      if (known === undefined || known.book.orders.has(clientOrderId) || (state !== 'accepted' && state !== 'pending')) continue
      const { book, order } = known
      this.#advance(book, order, 'accepted', momentOf(nowMs), emit, { detail: `it stands at the venue, though it had ended here (${order.state})` })
      await this.cancel(book, order, nowMs, emit)
    }
  }

  #cannotHear(what: string, why: string): void {
    this.deaf = `the venue does not tell its ${what}: ${why}`
    this.#terms.diagnose('deaf', { what, why })
  }

  async #bookFills(nowMs: Millis, emit: Emit): Promise<void> {
    const { broker } = this.#terms
    const state = this.#shelf.venues.get(broker.name)
    const told = await broker.fills(state?.fills_mark, nowMs, this.#booked)
    if ('unknown' in told) return this.#cannotHear('executions', told.unknown)
    for (const fill of told.told.fills) this.filled(fill, emit)
    const { mark } = told.told
    if (mark !== undefined && mark !== state?.fills_mark) this.#shelf.venues.set(broker.name, { ...state, fills_mark: mark })
  }

  /** What has to be booked before a fill is: set by who keeps the books. */
  beforeFill: ((fill: Filling) => void) | undefined

  /** What looks at the books once a fill is booked, and when it became known. */
  afterFill: ((book: Book, knownMs: Millis) => void) | undefined

  /** Book an execution, once. */
  filled(fill: VenueFill, emit: Emit): void {
    const found = this.#shelf.find(fill.clientOrderId)
    if (found === undefined) {
      this.#terms.diagnose('foreign_fill', { client_order_id: fill.clientOrderId, fill_id: fill.fillId })
      return
    }
    const { book, order } = found
    if (order.fillIds.has(fill.fillId)) return
    // The desk orders nothing in several legs.
    if (fill.leg !== undefined) return this.#terms.diagnose('leg_fill', { client_order_id: fill.clientOrderId, fill_id: fill.fillId })
    this.beforeFill?.({ book, subject: order.subject, side: order.side, quantity: fill.quantity, name: fill.fillId, at: fill.at, knownAt: fill.knownAt })
    this.tell(emit)
    const record = fillRecord(book, order, fill, this.hand)
    const { id } = record
    this.#shelf.fill(book, record)
    this.afterFill?.(book, millisOf(record.known_at))
    emit(record)
    this.tell(emit)
    if (book.ledger.cash < 0n) this.#terms.diagnose('overdrawn', { vault: book.vault, cash: formatCents(book.ledger.cash) })
    const state = stateAfterFill(order)
    if (order.filled > order.quantity) this.#terms.diagnose('overfill', { client_order_id: order.clientOrderId })
    this.#advance(book, order, state, fill, emit, { causes: [id] })
  }

  #advance(book: Book, order: OpenOrder, state: OrderState, when: When, emit: Emit, because: Because = {}): void {
    const record = stateRecord(book, order, state, when, this.hand, because)
    book.note(record)
    this.#say(record, emit)
  }

  #brokerOrder(book: Book, order: OpenOrder): BrokerOrder {
    return brokerOrder(book, order, this.#terms.timeInForce)
  }

  #say(record: Order, emit: Emit): void {
    this.#shelf.log(record)
    this.tell(emit)
    emit(record)
  }

  /** Hand on what was entered in the books. */
  tell(emit: Emit): void {
    for (const entry of this.#shelf.told()) emit(entry)
  }
}

const momentOf = (nowMs: Millis): When => ({ at: formatInstant(nowMs), knownAt: formatInstant(nowMs) })

function brokerOrder({ vault }: Book, order: OpenOrder, timeInForce: TimeInForce): BrokerOrder {
  const { clientOrderId, subject, side, type, limit, quantity, filled, fillIds } = order
  const sentMs = millisOf(order.at), expiresMs = millisOf(order.expiresAt)
  return { clientOrderId, vault, subject, side, type, limit, quantity, timeInForce, filled, fillIds, sentMs, expiresMs }
}

/** Our books as a venue's adapter may ask them. */
export const bookedOf = (shelf: Shelf, timeInForce: TimeInForce): Booked => ({
  order(clientOrderId) {
    const found = shelf.find(clientOrderId)
    return found === undefined ? undefined : brokerOrder(found.book, found.order, timeInForce)
  },
  subjects: () => shelf.subjects(),
})
