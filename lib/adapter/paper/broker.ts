/**
 * The embedded paper broker: synchronous and deterministic. A market order sent at t fills at the first opening print of its
 * subject at or after t + latency: a `price` of type open or, where there are none, the open of a bar, once the bar is known.
 * Each print fills at most a share of the volume last known before it; the rest waits for the next print. The price moves
 * against us by spread, slippage and impact, fees round up, and a purchase never takes more than the cash there is. Nothing is sold that is not
 * held: no record says what could have been borrowed, and at which rate. An order that waits for a price is set off by one print and meets the next;
 * a run that ends in between lets it wait anew.
 */
import { formatInstant, millisOf, type Bar, type Millis, type Price } from '#record'
import { formatFixed, mulDown } from '#domain/money/decimal'
import { hasLimit, isConditional, isSetOff, priceFault } from '#domain/execute/conditional'
import { feesOf, tradedAt } from '#domain/execute/costs'
import { costCents, fixedOf, proceedsCents, wholeLots, type Cents, type Fixed } from '#domain/money/money'
import type { Account, Broker, BrokerOrder, Cancelling, Embedded, Look, Outcome, PaperTerms, Told, VenueFill, VenueOrder } from '#port/broker'

interface Resting {
  readonly order: BrokerOrder
  left: Fixed
  /** It waits for a price that has not been printed. */
  waits: boolean
  /** Prints known by then were met before. */
  readonly metMs: Millis
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

const NOTHING: readonly VenueFill[] = []

export class PaperBroker implements Broker, Embedded {
  readonly name = 'paper'
  readonly rules = { idempotent: true, settleMs: 0, centsPerFill: 0n }
  readonly embedded = this
  readonly #terms: PaperTerms
  readonly #purses = new Map<string, Purse>()
  readonly #resting = new Map<string, Resting[]>()
  /** Every order that was taken in, with how it stands. */
  readonly #orders = new Map<string, VenueOrder>()
  readonly #tapes = new Map<string, Tape>()
  constructor(terms: PaperTerms) {
    this.#terms = terms
  }

  fund(vault: string, account: Account): void {
    this.#purses.set(vault, { cash: account.cash, positions: new Map(account.positions) })
  }

  /** Of all vaults together: what one account at a venue would hold. */
  account(): Told<Account> {
    let cash = 0n
    const positions = new Map<string, Fixed>()
    for (const purse of this.#purses.values()) {
      cash += purse.cash
      for (const [subject, quantity] of purse.positions) positions.set(subject, (positions.get(subject) ?? 0n) + quantity)
    }
    return { told: { cash, positions } }
  }

  submit(order: BrokerOrder, metMs = -Infinity): Outcome {
    if (this.#orders.has(order.clientOrderId)) return { outcome: 'accepted' }
    if (!this.#purses.has(order.vault)) return { outcome: 'rejected', why: `no account for vault ${order.vault}` }
    if (order.legs !== undefined) return { outcome: 'rejected', why: 'paper takes no orders of several legs' }
    const fault = priceFault(order)
    if (fault !== undefined) return { outcome: 'rejected', why: fault }
    const whole = order.quantity > 0n && order.quantity % this.#terms.lot === 0n
    if (!whole) return { outcome: 'rejected', why: 'quantity is no whole lot' }
    const held = this.#purses.get(order.vault)?.positions.get(order.subject) ?? 0n
    if (order.side === 'sell' && order.quantity - order.filled > held) {
      return { outcome: 'rejected', why: 'more than is held: nothing can be borrowed' }
    }
    const queue = this.#resting.get(order.subject)
    const resting = { order, left: order.quantity - order.filled, waits: isConditional(order), metMs }
    if (queue === undefined) this.#resting.set(order.subject, [resting])
    else queue.push(resting)
    this.#tell(resting, 'accepted', formatInstant(order.sentMs))
    return { outcome: 'accepted' }
  }

  revive(order: BrokerOrder, metMs: Millis): void {
    this.submit(order, metMs)
  }

  #tell({ order, left }: Resting, state: VenueOrder['state'], at: string): void {
    const { clientOrderId, subject, side, quantity } = order
    this.#orders.set(clientOrderId, { clientOrderId, subject, side, quantity, filled: quantity - left, state, at })
  }

  cancel({ clientOrderId, subject, sentMs }: BrokerOrder): Cancelling {
    this.#end(subject, (order) => order.clientOrderId === clientOrderId, 'cancelled', this.#nowMs > sentMs ? this.#nowMs : sentMs)
    return 'requested'
  }

  look({ clientOrderId }: Pick<BrokerOrder, 'clientOrderId'>): Look {
    const order = this.#orders.get(clientOrderId)
    return order === undefined ? { look: 'absent' } : { look: 'found', order }
  }

  openOrders(): Told<readonly VenueOrder[]> {
    const told: VenueOrder[] = []
    for (const queue of this.#resting.values()) {
      for (const { order } of queue) {
        const stands = this.#orders.get(order.clientOrderId)
        if (stands !== undefined) told.push(stands)
      }
    }
    return { told }
  }

  /** Fills are told at once, by `observe`: there are never any others. */
  fills(): Told<{ readonly fills: readonly VenueFill[]; readonly mark: string | undefined }> {
    return { told: { fills: NOTHING, mark: undefined } }
  }

  #nowMs = 0
  expire(nowMs: Millis): void {
    this.#nowMs = nowMs
    for (const subject of [...this.#resting.keys()]) this.#end(subject, (order) => order.expiresMs <= nowMs, 'expired')
  }

  #end(subject: string, ends: (order: BrokerOrder) => boolean, state: 'cancelled' | 'expired', atMs?: Millis): void {
    const queue = this.#resting.get(subject) ?? []
    const gone = queue.filter(({ order }) => ends(order))
    if (gone.length === 0) return
    for (const resting of gone) this.#tell(resting, state, formatInstant(atMs ?? resting.order.expiresMs))
    this.#keep(subject, queue.filter((resting) => !gone.includes(resting)))
  }

  observe(record: Bar | Price): readonly VenueFill[] {
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

  #print(queue: readonly Resting[], record: Bar | Price, open: string, volume: string | undefined): readonly VenueFill[] {
    // Where no volume was ever known there is no telling what the market would have taken: the order waits.
    if (volume === undefined) return NOTHING
    const atMs = millisOf(record.at), knownMs = millisOf(record.known_at)
    const price = fixedOf(open)
    const traded = fixedOf(volume)
    let room = wholeLots(mulDown(traded, this.#terms.participation), this.#terms.lot)
    if (price <= 0n) return NOTHING
    const events: VenueFill[] = []
    for (const resting of queue) {
      const { order } = resting
      if (knownMs <= resting.metMs || atMs < order.sentMs + this.#terms.latencyMs || atMs >= order.expiresMs) continue
      // What a print sets off meets the next one.
      if (resting.waits) {
        resting.waits = !isSetOff(order, price)
        continue
      }
      const fill = this.#fill(resting, room, (quantity) => this.#priceOf(order, price, quantity, traded), record)
      if (fill === undefined) continue
      room -= fill.quantity
      events.push(fill)
    }
    if (events.length > 0) this.#keep(record.subject, queue.filter(({ left }) => left > 0n))
    // What is to be had at once or not at all has had its print.
    this.#end(record.subject, (order) => isAtOnce(order) && atMs >= order.sentMs + this.#terms.latencyMs, 'cancelled', atMs)
    return events
  }

  #priceOf({ subject, side }: BrokerOrder, print: Fixed, quantity: Fixed, traded: Fixed): Fixed {
    return tradedAt(this.#terms.costs, subject, side, print, quantity, traded)
  }

  #fill(resting: Resting, room: Fixed, priceOf: (quantity: Fixed) => Fixed, record: Bar | Price): VenueFill | undefined {
    const { order } = resting
    const purse = this.#purses.get(order.vault)
    if (purse === undefined) return undefined
    const held = purse.positions.get(order.subject) ?? 0n
    const most = least(resting.left, room, ...(order.side === 'sell' ? [held] : []))
    const quantity = this.#largest(most, (some) => {
      const price = priceOf(some)
      return price > 0n && !isBeyond(order, price) && (order.side === 'sell' || this.#due(some, price) <= purse.cash)
    })
    if (quantity <= 0n || (order.timeInForce === 'fok' && quantity < resting.left)) return undefined
    const price = priceOf(quantity)
    const notional = order.side === 'buy' ? costCents(quantity, price) : proceedsCents(quantity, price)
    const fee = feesOf(this.#terms.costs, order.side, quantity, notional)
    const after = order.side === 'buy' ? held + quantity : held - quantity
    if (after === 0n) purse.positions.delete(order.subject)
    else purse.positions.set(order.subject, after)
    purse.cash += (order.side === 'buy' ? -notional : notional) - fee
    resting.left -= quantity
    this.#tell(resting, resting.left === 0n ? 'filled' : 'accepted', record.at)
    const fillId = `${order.clientOrderId}/${formatFixed(order.quantity - resting.left)}`
    const { at, known_at: knownAt, id: evidence } = record
    return { fillId, clientOrderId: order.clientOrderId, quantity, price, feeCents: fee, at, knownAt, evidence }
  }

  #due(quantity: Fixed, price: Fixed): Cents {
    const notional = costCents(quantity, price)
    return notional + feesOf(this.#terms.costs, 'buy', quantity, notional)
  }

  /** The most of `most` in whole lots that will do; what does for more does for less. */
  #largest(most: Fixed, does: (quantity: Fixed) => boolean): Fixed {
    const { lot } = this.#terms
    let lots = most / lot
    if (lots <= 0n || does(lots * lot)) return lots * lot
    for (let low = 0n; ;) {
      const middle = (low + lots) / 2n
      if (middle === low) return low * lot
      if (does(middle * lot)) low = middle
      else lots = middle
    }
  }

  #keep(subject: string, queue: Resting[]): void {
    if (queue.length === 0) this.#resting.delete(subject)
    else this.#resting.set(subject, queue)
  }
}

/** Whether a price is worse than the order accepts. */
function isBeyond({ type, side, limit }: BrokerOrder, price: Fixed): boolean {
  return hasLimit({ type }) && limit !== undefined && (side === 'buy' ? price > limit : price < limit)
}
const least = (first: Fixed, ...others: readonly Fixed[]): Fixed => others.reduce((small, other) => (other < small ? other : small), first)
const isAtOnce = ({ timeInForce }: BrokerOrder): boolean => timeInForce === 'ioc' || timeInForce === 'fok'
