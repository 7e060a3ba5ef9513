/**
 * The trading desk: what a vault wants (target fractions) against what it has (position, open orders, cash) gives orders, at
 * the prices known at the moment of decision. Pure; nothing is sent here.
 */
import { millisOf, type Direction, type Millis } from '#record'
import { formatFixed } from '../money/decimal.ts'
import type { Book, Leg, OpenOrder } from './book.ts'
import {
  costCents, feeCents, fixedOf, formatCents, proceedsCents, quantityFor, shareOf, slipped, type Cents, type Fixed,
} from '../money/money.ts'
import type { RefusalCode } from './pretrade.ts'
import type { Vault } from '../vault/vault.ts'

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

/** Exits that are due for another attempt: no order is open, and the subject has traded since the last one. */
export function dueExits(book: Book, marks: Marks, nowMs: Millis): Wanted[] {
  const due: Wanted[] = []
  for (const exit of book.exits.values()) {
    const { allocationId, subject, band, maker, generation, attemptedAt } = exit
    const mark = marks.get(subject)
    if (book.ledger.quantity(subject) === 0n || book.openIn(subject).length > 0) continue
    if (attemptedAt !== '' && (mark === undefined || millisOf(mark.knownAt) <= millisOf(attemptedAt))) continue
    due.push({ allocationId, subject, direction: 'up', fraction: 0n, band, maker, expiresMs: nowMs + 1, generation, retry: true })
  }
  return due
}

/** Plan one moment for one vault; `wanted` in order of preference, one for each subject, its open orders already cancelled. */
export function plan(book: Book, vault: Vault, wanted: readonly Wanted[], marks: Marks, limits: DeskLimits, nowMs: Millis): Plan {
  return new Desk(book, vault, marks, limits, nowMs).plan(wanted)
}

class Desk {
  readonly #book: Book
  readonly #vault: Vault
  readonly #marks: Marks
  readonly #limits: DeskLimits
  readonly #nowMs: Millis
  readonly #equity: Cents
  /** Cash that open and planned orders leave. */
  #cash: Cents
  /** Value of positions once open and planned orders are filled. */
  #gross: Cents
  readonly #refused: Refused[] = []

  constructor(book: Book, vault: Vault, marks: Marks, limits: DeskLimits, nowMs: Millis) {
    this.#book = book
    this.#vault = vault
    this.#marks = marks
    this.#limits = limits
    this.#nowMs = nowMs
    this.#equity = book.ledger.sizableEquityAt((subject) => this.#price(subject))
    this.#cash = book.ledger.cash
    this.#gross = this.#worthOfPositions()
    for (const order of book.orders.values()) this.#reserve(order.side, order.subject, remaining(order))
  }

  #worthOfPositions(): Cents {
    const { ledger } = this.#book
    let sum = 0n
    for (const subject of ledger.subjects()) {
      const price = this.#price(subject)
      sum += price === undefined ? ledger.costOf(subject) : proceedsCents(ledger.quantity(subject), price)
    }
    return sum
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
    if (want.expiresMs <= this.#nowMs) return this.#refuse(want, 'EXPIRED', 'allocation expired')
    if (this.#book.openIn(want.subject).length > 0) {
      return this.#refuse(want, 'OPEN_ORDER', `an order in ${want.subject} is still open`)
    }
    const mark = this.#marks.get(want.subject)
    const ageMs = mark === undefined ? undefined : this.#nowMs - millisOf(mark.knownAt)
    const usable = ageMs !== undefined && ageMs >= 0 && ageMs <= this.#limits.maxPriceAgeMs
    if (want.fraction === 0n) return usable ? this.#price(want.subject) : undefined
    if (want.direction === 'down' || want.fraction < 0n) return this.#refuse(want, 'SHORT', 'short positions are not taken')
    if (want.fraction > this.#vault.caps.position) {
      const cap = formatFixed(this.#vault.caps.position)
      return this.#refuse(want, 'POSITION_CAP', `fraction ${formatFixed(want.fraction)} is above ${cap}`)
    }
    const price = this.#price(want.subject)
    if (price === undefined || mark === undefined || ageMs === undefined || ageMs < 0) {
      return this.#refuse(want, 'NO_PRICE', `no price of ${want.subject} is known`)
    }
    return usable ? price : this.#refuse(want, 'STALE_PRICE', `the last price of ${want.subject} is of ${mark.knownAt}`)
  }

  #sell(want: Wanted, quantity: Fixed, price: Fixed | undefined, sells: Intent[]): void {
    if (quantity === 0n) return
    const leg = want.fraction === 0n ? 'exit' : 'resize'
    const value = price === undefined ? 0n : proceedsCents(quantity, price)
    if (leg === 'resize' && value < this.#limits.dustCents) {
      this.#refuse(want, 'DUST', `a sale of ${formatCents(value)}`)
      return
    }
    this.#reserve('sell', want.subject, quantity)
    sells.push({ wanted: want, side: 'sell', quantity, leg, leftOver: 0n })
  }

  #buy(want: Wanted, price: Fixed, buys: Intent[]): void {
    const { lot, dustCents, slippageBps, feeBps } = this.#limits
    const held = this.#book.ledger.quantity(want.subject)
    const budget = shareOf(this.#equity, want.fraction)
    const wish = quantityFor(budget, price, lot) - held
    if (wish === 0n && held > 0n) return
    if (wish === 0n || costCents(wish, price) < dustCents) {
      this.#refuse(want, 'DUST', `${formatCents(budget)} at ${formatFixed(price)} leaves ${formatFixed(wish)} to buy`)
      return
    }
    const dear = slipped(slipped(price, 'buy', slippageBps), 'buy', feeBps)
    // Two cents, because price and fee may each round up by one.
    const affordable = quantityFor(this.#cash - 2n, dear, lot)
    const room = quantityFor(shareOf(this.#equity, this.#vault.caps.gross) - this.#gross, price, lot)
    const quantity = [wish, affordable, room].reduce((least, bound) => (bound < least ? bound : least))
    if (quantity === 0n || costCents(quantity, price) < dustCents) {
      const code = affordable <= room ? 'INSUFFICIENT_CASH' : 'GROSS_CAP'
      this.#refuse(want, code, `${formatFixed(wish)} at ${formatFixed(price)} wanted, ${formatFixed(quantity)} possible`)
      return
    }
    this.#reserve('buy', want.subject, quantity)
    const unspent = budget - costCents(held + quantity, price)
    const leg = held === 0n ? 'enter' : 'resize'
    buys.push({ wanted: want, side: 'buy', quantity, leg, leftOver: unspent > 0n ? unspent : 0n })
  }

  /** Take what an order is expected to move out of (or into) cash and exposure. */
  #reserve(side: 'buy' | 'sell', subject: string, quantity: Fixed): void {
    const price = this.#price(subject)
    if (price === undefined) return
    const moved = slipped(price, side, this.#limits.slippageBps)
    if (side === 'buy') {
      const cost = costCents(quantity, moved)
      this.#cash -= cost + feeCents(cost, this.#limits.feeBps)
      this.#gross += costCents(quantity, price)
    } else {
      const proceeds = proceedsCents(quantity, moved)
      this.#cash += proceeds - feeCents(proceeds, this.#limits.feeBps)
      this.#gross -= proceedsCents(quantity, price)
    }
  }

  #price(subject: string): Fixed | undefined {
    const mark = this.#marks.get(subject)
    // Nothing learnt after the moment of decision may move it.
    const price = mark === undefined || millisOf(mark.knownAt) > this.#nowMs ? undefined : fixedOf(mark.price)
    return price !== undefined && price > 0n ? price : undefined
  }

  #refuse(wanted: Wanted, code: RefusalCode, detail: string): false {
    this.#refused.push({ wanted, code, detail })
    return false
  }
}

/** What of an order is still to be filled. */
export const remaining = (order: Pick<OpenOrder, 'quantity' | 'filled'>): Fixed => order.quantity - order.filled

