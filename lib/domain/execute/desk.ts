/**
 * The trading desk: what a vault wants (target fractions) against what it has (position, open orders, cash) gives orders, at
 * the prices known at the moment of decision. Pure; nothing is sent here.
 */
import { formatInstant, millisOf, type Direction, type Millis } from '#record'
import { formatFixed, mulDown, ONE } from '../money/decimal.ts'
import type { Book, Leg, OpenOrder } from './book.ts'
import {
  costCents, feeCents, fixedOf, formatCents, proceedsCents, quantityFor, shareOf, slipped, wholeLots,
  type Cents, type Fixed,
} from '../money/money.ts'
import { isOpen, toTick } from './hours.ts'
import type { RefusalCode } from './pretrade.ts'
import { Rooms } from './rooms.ts'
import type { Tape } from './tape.ts'
import type { Vault } from '../vault/vault.ts'
import type { Whole } from './whole.ts'

/** A target fraction of a vault's equity in one subject. */
export interface Wanted {
  readonly allocationId: string
  readonly subject: string
  readonly direction: Direction
  readonly fraction: Fixed
  readonly band: string
  readonly maker: string
  readonly expiresMs: Millis
  /** 0, or the count of earlier attempts at the same exit. */
  readonly generation: number
  /** Another attempt at a full exit, by the executor itself. */
  readonly retry: boolean
  /** It has been told that it waits. */
  readonly held?: boolean
}
/** The last price of a subject, as it was written, and when it became known. */
export interface Mark {
  readonly price: string
  readonly knownAt: string
}
export type Marks = ReadonlyMap<string, Mark>

export interface DeskLimits {
  readonly lot: Fixed
  readonly dustCents: Cents
  readonly maxPriceAgeMs: Millis
  /** What a purchase is expected to cost beyond its mark, 10^-8 of a basis point. */
  readonly slippageBps: Fixed
  readonly feeBps: Fixed
  /** Whether an order outside the session goes out (the venue or the paper broker keeps it for the next) or its allocation waits. */
  readonly whenClosed: 'queue' | 'wait'
  readonly orderType: 'market' | 'limit'
  /** Furthest that a price may lie from the last close, and a limit from the price, as a fraction; 0: as far as it likes. */
  readonly collar: Fixed
  /** Whether a purchase is refused where the volume that usually trades is not known; else that check is left out. */
  readonly needsVolume: boolean
}
export interface Intent {
  readonly wanted: Wanted
  readonly side: 'buy' | 'sell'
  readonly quantity: Fixed
  /** Worst price accepted; a market order has none. */
  readonly limit?: Fixed | undefined
  readonly leg: Leg
  /** Money of the target that stays unspent. */
  readonly leftOver: Cents
}
export interface Refused {
  readonly wanted: Wanted
  readonly code: RefusalCode
  readonly detail: string
}
/** Orders to send, sells before buys, and what is declined. */
export interface Plan {
  readonly intents: readonly Intent[]
  readonly refused: readonly Refused[]
}

/** What surrounds a vault at its desk. */
export interface Floor {
  /** All vaults together. */
  readonly whole: Whole
  readonly tape: Tape
  readonly sectorOf: (subject: string) => string
}

/** Plan one moment for one vault; `wanted` in order of preference, one for each subject, its open orders already cancelled. */
export function plan(book: Book, vault: Vault, wanted: readonly Wanted[], marks: Marks, limits: DeskLimits, nowMs: Millis, floor: Floor): Plan {
  return new Desk(book, vault, marks, limits, nowMs, floor).plan(wanted)
}

/** Nothing learnt after the moment of decision may move it. */
export function knownPrice(marks: Marks, subject: string, nowMs: Millis): Fixed | undefined {
  const mark = marks.get(subject)
  const price = mark === undefined || millisOf(mark.knownAt) > nowMs ? undefined : fixedOf(mark.price)
  return price !== undefined && price > 0n ? price : undefined
}

class Desk {
  readonly #book: Book
  readonly #vault: Vault
  readonly #marks: Marks
  readonly #limits: DeskLimits
  readonly #nowMs: Millis
  readonly #floor: Floor
  readonly #equity: Cents
  /** Cash that open and planned purchases leave. */
  #cash: Cents
  readonly #rooms: Rooms
  /** A sale is open or planned: what it brings and the room it makes are there only once it is filled. */
  #isSelling = false
  /** A purchase is open in it, and there is no telling what it will come to. */
  #unpriced: string | undefined
  readonly #refused: Refused[] = []

  constructor(book: Book, vault: Vault, marks: Marks, limits: DeskLimits, nowMs: Millis, floor: Floor) {
    this.#book = book
    this.#vault = vault
    this.#marks = marks
    this.#limits = limits
    this.#nowMs = nowMs
    this.#floor = floor
    const priceOf = (subject: string): Fixed | undefined => this.#price(subject)
    this.#equity = book.ledger.sizableEquityAt(priceOf)
    this.#cash = book.ledger.cash
    this.#rooms = new Rooms(book, vault, this.#equity, floor.sectorOf, priceOf, nowMs)
    for (const order of book.orders.values()) {
      this.#reserve({ ...order, quantity: remaining(order) })
      if (order.side === 'buy' && this.#price(order.subject) === undefined) this.#unpriced = order.subject
    }
  }

  plan(wanted: readonly Wanted[]): Plan {
    const sells: Intent[] = []
    const toBuy: { readonly want: Wanted; readonly price: Fixed }[] = []
    for (const want of wanted) {
      const price = this.#admitted(want)
      if (price === false) continue
      const held = this.#book.ledger.quantity(want.subject)
      const target = price === undefined ? 0n : quantityFor(shareOf(this.#equity, want.fraction), price, this.#limits.lot)
      if (want.fraction === 0n || target < held) this.#sell(want, held - target, price, sells)
      else if (price !== undefined) toBuy.push({ want, price })
    }
    const buys: Intent[] = []
    for (const { want, price } of toBuy) this.#buy(want, price, buys)
    return { intents: [...sells, ...buys], refused: this.#refused }
  }

  /** The price to size at; undefined where a full exit may do without one, false where it was refused. */
  #admitted(want: Wanted): Fixed | undefined | false {
    const { subject } = want
    if (want.expiresMs <= this.#nowMs) return this.#refuse(want, 'EXPIRED', 'allocation expired')
    if (this.#vault.state === 'halted') return this.#refuse(want, 'CLOSING', `vault ${this.#vault.name} is halted`)
    if (this.#book.openIn(subject).length > 0) return this.#refuse(want, 'OPEN_ORDER', `an order in ${subject} is still open`)
    if (this.#limits.whenClosed === 'wait' && !isOpen(subject, this.#nowMs)) return this.#refuse(want, 'MARKET_CLOSED', `no session for ${subject} now`)
    const mark = this.#marks.get(subject)
    const ageMs = mark === undefined ? undefined : this.#nowMs - millisOf(mark.knownAt)
    const usable = ageMs !== undefined && ageMs >= 0 && ageMs <= this.#limits.maxPriceAgeMs
    if (want.fraction === 0n) return usable ? this.#price(subject) : undefined
    const halt = this.#floor.tape.haltIn(subject, this.#nowMs)
    if (halt !== undefined) return this.#refuse(want, 'HALTED', `${subject} has been halted since ${halt.at}`)
    if (want.direction === 'down' || want.fraction < 0n) return this.#refuse(want, 'SHORT', 'short positions are not taken')
    if (want.fraction > this.#vault.caps.position) {
      const cap = formatFixed(this.#vault.caps.position)
      return this.#refuse(want, 'POSITION_CAP', `fraction ${formatFixed(want.fraction)} is above ${cap}`)
    }
    const price = this.#price(subject)
    if (price === undefined || mark === undefined || ageMs === undefined || ageMs < 0) {
      return this.#refuse(want, 'NO_PRICE', `no price of ${subject} is known`)
    }
    if (!usable) return this.#refuse(want, 'STALE_PRICE', `the last price of ${subject} is of ${mark.knownAt}`)
    if (this.#limits.collar === 0n) return price
    const close = this.#floor.tape.closeBefore(subject, mark.knownAt)
    if (close === undefined) return this.#refuse(want, 'PRICE_COLLAR', `no close of ${subject} of an earlier day is known`)
    if (isWithin(price, close, this.#limits.collar)) return price
    return this.#refuse(want, 'PRICE_COLLAR', `${formatFixed(price)} is more than ${formatFixed(this.#limits.collar)} from the close of ${formatFixed(close)}`)
  }

  #sell(want: Wanted, quantity: Fixed, price: Fixed | undefined, sells: Intent[]): void {
    if (quantity === 0n) return
    const leg = want.fraction === 0n ? 'exit' : 'resize'
    const whole = wholeLots(quantity, this.#limits.lot)
    if (whole === 0n) {
      this.#refuse(want, 'LOT', `${formatFixed(quantity)} is less than a lot of ${formatFixed(this.#limits.lot)}`)
      return
    }
    const value = price === undefined ? 0n : proceedsCents(whole, price)
    if (leg === 'resize' && value < this.#limits.dustCents) {
      this.#refuse(want, 'DUST', `a sale of ${formatCents(value)}`)
      return
    }
    const limit = this.#limit(want, 'sell', price)
    if (limit === false) return
    this.#reserve({ side: 'sell', subject: want.subject, quantity: whole, maker: want.maker, limit })
    this.#rooms.count()
    sells.push({ wanted: want, side: 'sell', quantity: whole, limit, leg, leftOver: 0n })
  }

  #buy(want: Wanted, price: Fixed, buys: Intent[]): void {
    const { lot, dustCents } = this.#limits
    const held = this.#book.ledger.quantity(want.subject)
    const budget = shareOf(this.#equity, want.fraction)
    const wish = wholeLots(quantityFor(budget, price, lot) - held, lot)
    if (wish === 0n && held > 0n) return
    if (wish === 0n || costCents(wish, price) < dustCents) {
      this.#refuse(want, 'DUST', `${formatCents(budget)} at ${formatFixed(price)} leaves ${formatFixed(wish)} to buy`)
      return
    }
    if (!this.#mayGrow(want)) return
    const limit = this.#limit(want, 'buy', price)
    if (limit === false) return
    let quantity = wish
    let code: RefusalCode = 'INSUFFICIENT_CASH'
    for (const [name, most] of this.#bounds(want, price, limit)) if (most < quantity) [code, quantity] = [name, most]
    if (quantity < wish && this.#isSelling && OF_SALES.has(code)) {
      const room = formatFixed(quantity > 0n ? quantity : 0n)
      this.#refuse(want, 'SALE_OPEN', `${formatFixed(wish)} at ${formatFixed(price)} wanted, ${room} possible (${code}) before what is being sold is sold`)
      return
    }
    if (quantity <= 0n || costCents(quantity, price) < dustCents) {
      this.#refuse(want, code, `${formatFixed(wish)} at ${formatFixed(price)} wanted, ${formatFixed(quantity > 0n ? quantity : 0n)} possible`)
      return
    }
    this.#reserve({ side: 'buy', subject: want.subject, quantity, maker: want.maker, limit })
    this.#rooms.count()
    this.#floor.whole.bought(want.subject, costCents(quantity, price), this.#expected(quantity, limit ?? price))
    const unspent = budget - costCents(held + quantity, price)
    const leg = held === 0n ? 'enter' : 'resize'
    buys.push({ wanted: want, side: 'buy', quantity, limit, leg, leftOver: unspent > 0n ? unspent : 0n })
  }

  /** What no quantity would make right. */
  #mayGrow(want: Wanted): boolean {
    const { name, state, caps } = this.#vault
    if (state === 'closing') return this.#refuse(want, 'CLOSING', `vault ${name} is closing`)
    if (this.#unpriced !== undefined) return this.#refuse(want, 'NO_PRICE', `no price of ${this.#unpriced} is known, in which a purchase is open`)
    if (this.#limits.needsVolume && this.#averageVolume(want.subject) === undefined) {
      return this.#refuse(want, 'LIQUIDITY_CAP', `how much of ${want.subject} usually trades is not known: no bars of a complete day have passed`)
    }
    if (this.#rooms.breach !== undefined) return this.#refuse(want, 'COVENANT', this.#rooms.breach)
    return this.#rooms.ordersLeft > 0 || this.#refuse(want, 'ORDER_COUNT_CAP', `${caps.openOrders} orders are open or planned`)
  }

  #averageVolume(subject: string): Fixed | undefined {
    return this.#floor.tape.averageVolume(subject, formatInstant(this.#nowMs))
  }

  /** The most that may be bought by each check, whole lots; of several that allow as little, the first is named. */
  #bounds(want: Wanted, price: Fixed, limit: Fixed | undefined): (readonly [RefusalCode, Fixed])[] {
    const { lot, slippageBps, feeBps } = this.#limits
    const { whole } = this.#floor
    const dear = slipped(slipped(limit ?? price, 'buy', slippageBps), 'buy', feeBps)
    // Two cents, because price and fee may each round up by one.
    const bounds: (readonly [RefusalCode, Fixed])[] = [['INSUFFICIENT_CASH', quantityFor(this.#cash - 2n, dear, lot)]]
    const [code, room] = this.#rooms.tightest(want.subject, want.maker)
    bounds.push([code, quantityFor(room, price, lot)])
    const inAll = whole.room(want.subject), average = this.#averageVolume(want.subject)
    if (inAll !== undefined) bounds.push(['BOOK_CAP', quantityFor(inAll, price, lot)])
    if (average !== undefined) bounds.push(['LIQUIDITY_CAP', wholeLots(mulDown(average, this.#vault.caps.liquidity), lot)])
    if (whole.power !== undefined) bounds.push(['BUYING_POWER', quantityFor(whole.power - 2n, dear, lot)])
    return bounds
  }

  /** Worst price accepted: none of a market order, else the collar around the price. False where it was refused. */
  #limit(want: Wanted, side: 'buy' | 'sell', price: Fixed | undefined): Fixed | undefined | false {
    const { orderType, collar } = this.#limits
    // An exit without a price must not depend on one.
    if (orderType === 'market' || price === undefined) return undefined
    const limit = toTick(want.subject, mulDown(price, side === 'buy' ? ONE + collar : ONE - collar), side)
    return limit > 0n ? limit : this.#refuse(want, 'TICK', `no tick within ${formatFixed(collar)} of ${formatFixed(price)}`)
  }

  /** Take what a purchase is expected to move out of cash and into exposure; a sale makes room once it is filled. */
  #reserve({ side, subject, quantity, maker, limit }: Pick<OpenOrder, 'side' | 'subject' | 'quantity' | 'maker' | 'limit'>): void {
    if (side === 'sell') this.#isSelling = true
    const price = this.#price(subject)
    if (price === undefined) return
    if (side === 'buy') this.#cash -= this.#expected(quantity, limit ?? price)
    this.#rooms.reserve(side, subject, maker, quantity, price)
  }

  /** What a purchase is expected to cost, slippage and fee included. */
  #expected(quantity: Fixed, price: Fixed): Cents {
    const value = costCents(quantity, slipped(price, 'buy', this.#limits.slippageBps))
    return value + feeCents(value, this.#limits.feeBps)
  }

  #price(subject: string): Fixed | undefined {
    return knownPrice(this.#marks, subject, this.#nowMs)
  }

  #refuse(wanted: Wanted, code: RefusalCode, detail: string): false {
    this.#refused.push({ wanted, code, detail })
    return false
  }
}

/** What runs short until a sale is filled. */
const OF_SALES: ReadonlySet<RefusalCode> = new Set<RefusalCode>([
  'INSUFFICIENT_CASH', 'BUYING_POWER', 'GROSS_CAP', 'NET_CAP', 'SECTOR_CAP', 'SOURCE_CAP', 'BOOK_CAP', 'COVENANT',
])

const isWithin = (price: Fixed, close: Fixed, collar: Fixed): boolean => {
  const apart = price > close ? price - close : close - price
  return apart <= mulDown(close, collar)
}

/** What of an order is still to be filled. */
export const remaining = (order: Pick<OpenOrder, 'quantity' | 'filled'>): Fixed => order.quantity - order.filled

