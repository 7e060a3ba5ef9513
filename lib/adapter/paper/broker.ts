/**
 * The embedded paper broker: synchronous and deterministic. A market order sent at t fills at the first opening print of its
 * subject at or after t + latency: a `price` of type open or, where there are none, the open of a bar, once the bar is known.
 * Each print fills at most a share of the volume last known before it; the rest waits for the next print. The price moves
 * against us by the slippage, fees round up, and a purchase never takes more than the cash there is.
 */
import { formatInstant, millisOf, type Bar, type Millis, type Price } from '#record'
import { mulDown } from '#domain/money/decimal'
import {
  costCents, feeCents, fixedOf, proceedsCents, quantityFor, slipped, wholeLots, type Cents, type Fixed,
} from '#domain/money/money'
import type { Account, Broker, BrokerEvent, BrokerOrder, Cancelled, Outcome, PaperTerms } from '#port/broker'

interface Resting {
  readonly order: BrokerOrder
  left: Fixed
}
interface Purse {
  cash: Cents
  readonly positions: Map<string, Fixed>
}
/** The latest print and the latest volume of a subject, as written; parsed only where an order waits for them. */
interface Tape {
  printedAt: string
  volume: string | undefined
}

type FillEvent = Extract<BrokerEvent, { type: 'fill' }>
const NOTHING: readonly BrokerEvent[] = []

export class PaperBroker implements Broker {
  readonly name = 'paper'
  readonly #terms: PaperTerms
  readonly #purses = new Map<string, Purse>()
  readonly #resting = new Map<string, Resting[]>()
  readonly #seen = new Set<string>()
  readonly #tapes = new Map<string, Tape>()
  constructor(terms: PaperTerms) {
    this.#terms = terms
  }

  fund(vault: string, account: Account): void {
    this.#purses.set(vault, { cash: account.cash, positions: new Map(account.positions) })
  }

  account(vault: string): Account | undefined {
    return this.#purses.get(vault)
  }

  submit(order: BrokerOrder): Outcome {
    if (this.#seen.has(order.clientOrderId)) return { outcome: 'accepted' }
    if (!this.#purses.has(order.vault)) return { outcome: 'rejected', why: `no account for vault ${order.vault}` }
    const whole = order.quantity > 0n && order.quantity % this.#terms.lot === 0n
    if (!whole) return { outcome: 'rejected', why: 'quantity is no whole lot' }
    this.#seen.add(order.clientOrderId)
    const queue = this.#resting.get(order.subject)
    const resting = { order, left: order.quantity }
    if (queue === undefined) this.#resting.set(order.subject, [resting])
    else queue.push(resting)
    return { outcome: 'accepted' }
  }

  /** This broker lives and dies with the executor: what our books call open is taken up as it was. */
  resume(order: BrokerOrder): Outcome {
    return this.submit(order)
  }

  cancel(clientOrderId: string): Cancelled {
    for (const [subject, queue] of this.#resting) {
      if (!queue.some(({ order }) => order.clientOrderId === clientOrderId)) continue
      this.#keep(subject, queue.filter(({ order }) => order.clientOrderId !== clientOrderId))
      return 'cancelled'
    }
    return 'closed'
  }

  events(nowMs: Millis): readonly BrokerEvent[] {
    const events: BrokerEvent[] = []
    for (const [subject, queue] of this.#resting) {
      const gone = queue.filter(({ order }) => order.expiresMs <= nowMs)
      if (gone.length === 0) continue
      for (const { order } of gone) {
        events.push({ type: 'expired', clientOrderId: order.clientOrderId, at: formatInstant(order.expiresMs) })
      }
      this.#keep(subject, queue.filter((resting) => !gone.includes(resting)))
    }
    return events
  }

  observe(record: Bar | Price): readonly BrokerEvent[] {
    const { subject, at } = record
    let tape = this.#tapes.get(subject)
    if (tape === undefined) this.#tapes.set(subject, (tape = { printedAt: '', volume: undefined }))
    const queue = this.#resting.get(subject)
    let events = NOTHING
    if (record.kind === 'price') {
      if (record.type !== 'open') return NOTHING
      if (queue !== undefined) events = this.#print(queue, record, record.price, record.prior_volume ?? tape.volume)
      if (record.prior_volume !== undefined) tape.volume = record.prior_volume
      if (at > tape.printedAt) tape.printedAt = at
    } else {
      // A bar whose opening print has been seen, or that lies within time already printed, is no second print.
      const fresh = at > tape.printedAt && Number(record.volume) > 0
      if (queue !== undefined && fresh) events = this.#print(queue, record, record.open, tape.volume)
      if (fresh) tape.printedAt = at
      tape.volume = record.volume
    }
    return events
  }

  #print(queue: readonly Resting[], record: Bar | Price, open: string, volume: string | undefined): readonly BrokerEvent[] {
    // Where no volume was ever known there is no telling what the market would have taken: the order waits.
    if (volume === undefined) return NOTHING
    const atMs = millisOf(record.at)
    const price = fixedOf(open)
    let room = wholeLots(mulDown(fixedOf(volume), this.#terms.participation), this.#terms.lot)
    if (price <= 0n) return NOTHING
    const events: BrokerEvent[] = []
    for (const resting of queue) {
      const { order } = resting
      if (atMs < order.sentMs + this.#terms.latencyMs || atMs >= order.expiresMs) continue
      const fill = this.#fill(resting, room, slipped(price, order.side, this.#terms.slippageBps), record)
      if (fill === undefined) continue
      room -= fill.quantity
      events.push(fill)
    }
    if (events.length > 0) this.#keep(record.subject, queue.filter(({ left }) => left > 0n))
    return events
  }

  #fill(resting: Resting, room: Fixed, price: Fixed, record: Bar | Price): FillEvent | undefined {
    const { order } = resting
    const purse = this.#purses.get(order.vault)
    if (purse === undefined || price <= 0n) return undefined
    const most = resting.left < room ? resting.left : room
    const quantity = order.side === 'buy' ? this.#affordable(purse.cash, most, price) : most
    if (quantity <= 0n) return undefined
    const notional = order.side === 'buy' ? costCents(quantity, price) : proceedsCents(quantity, price)
    const fee = feeCents(notional, this.#terms.feeBps, this.#terms.feeMinimum)
    const held = purse.positions.get(order.subject) ?? 0n
    const after = order.side === 'buy' ? held + quantity : held - quantity
    if (after === 0n) purse.positions.delete(order.subject)
    else purse.positions.set(order.subject, after)
    purse.cash += (order.side === 'buy' ? -notional : notional) - fee
    resting.left -= quantity
    return {
      type: 'fill', clientOrderId: order.clientOrderId, quantity, price, feeCents: fee,
      at: record.at, knownAt: record.known_at, evidence: record.id,
    }
  }

  #affordable(cash: Cents, most: Fixed, price: Fixed): Fixed {
    const { feeBps, feeMinimum, lot } = this.#terms
    const within = quantityFor(cash - feeMinimum, price, lot)
    let quantity = most < within ? most : within
    const due = (q: Fixed): Cents => costCents(q, price) + feeCents(costCents(q, price), feeBps, feeMinimum)
    if (quantity > 0n && due(quantity) > cash) {
      const dear = slipped(price, 'buy', feeBps)
      const bound = quantityFor(cash - feeMinimum - 2n, dear, lot)
      if (bound < quantity) quantity = bound
    }
    return quantity > 0n && due(quantity) <= cash ? quantity : 0n
  }

  #keep(subject: string, queue: Resting[]): void {
    if (queue.length === 0) this.#resting.delete(subject)
    else this.#resting.set(subject, queue)
  }
}
