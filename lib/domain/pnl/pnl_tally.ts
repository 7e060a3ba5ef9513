/**
 * A vault's books recomputed from its fills alone, by a loop of its own: the check on the executor's ledger, and where profit
 * and loss is told apart by subject, band, maker and round trip. First in, first out; rounding as in `#domain/money`.
 */
import type { Fill } from '#record'
import { centsOf, costCents, fixedOf, proceedsCents, type Cents, type Fixed } from '../money/money.ts'

/** Profit and loss of one subject, band or maker. */
export interface Share {
  realised: Cents
  fees: Cents
  unrealised: Cents
  fills: number
}
/** From flat to flat in one subject: what was paid and what came back, fees deducted. */
export interface RoundTrip {
  readonly subject: string
  readonly paid: Cents
  readonly profit: Cents
}
interface Bought {
  left: Fixed
  cost: Cents
  readonly band: string
  readonly maker: string
}
interface Trip {
  paid: Cents
  profit: Cents
}
export interface Position {
  readonly subject: string
  readonly quantity: Fixed
  readonly cost: Cents
  readonly value: Cents
}

const UNKNOWN = 'unknown'

export class FillTally {
  readonly capital: Cents
  cash: Cents
  realised: Cents = 0n
  fees: Cents = 0n
  fills = 0
  readonly trips: RoundTrip[] = []
  readonly #held = new Map<string, Bought[]>()
  readonly #trips = new Map<string, Trip>()
  readonly #bySubject = new Map<string, Share>()
  readonly #byBand = new Map<string, Share>()
  readonly #byMaker = new Map<string, Share>()

  constructor(capital: Cents) {
    this.capital = capital
    this.cash = capital
  }

  /** Throws RangeError where more is sold than was bought. */
  take(fill: Fill): void {
    const { subject, side, band = UNKNOWN, maker = UNKNOWN } = fill
    const quantity = fixedOf(fill.quantity), price = fixedOf(fill.price), fee = centsOf(fill.fee)
    this.fills += 1
    this.fees += fee
    const trip = this.#trips.get(subject) ?? { paid: 0n, profit: 0n }
    this.#trips.set(subject, trip)
    trip.profit -= fee
    for (const share of this.#shares(subject, band, maker)) {
      share.fees += fee
      share.fills += 1
    }
    if (side === 'buy') {
      const cost = costCents(quantity, price)
      this.cash -= cost + fee
      trip.paid += cost
      const lots = this.#held.get(subject)
      const bought = { left: quantity, cost, band, maker }
      if (lots === undefined) this.#held.set(subject, [bought])
      else lots.push(bought)
    } else {
      this.cash += proceedsCents(quantity, price) - fee
      this.#sold(subject, quantity, price, trip)
    }
  }

  #sold(subject: string, quantity: Fixed, price: Fixed, trip: Trip): void {
    const lots = this.#held.get(subject) ?? []
    let done = 0n
    while (done < quantity) {
      const lot = lots[0]
      if (lot === undefined) throw new RangeError(`${subject}: sold more than was bought`)
      const part = lot.left < quantity - done ? lot.left : quantity - done
      // The proceeds of the first k shares, less those of the ones before: the parts add up to the whole sale.
      const proceeds = proceedsCents(done + part, price) - proceedsCents(done, price)
      const cost = part === lot.left ? lot.cost : roundedUp(lot.cost * part, lot.left)
      const gain = proceeds - cost
      this.realised += gain
      trip.profit += gain
      for (const share of this.#shares(subject, lot.band, lot.maker)) share.realised += gain
      lot.cost -= cost
      lot.left -= part
      done += part
      if (lot.left === 0n) lots.shift()
    }
    if (lots.length > 0) return
    this.#held.delete(subject)
    this.#trips.delete(subject)
    this.trips.push({ subject, ...trip })
  }

  #shares(subject: string, band: string, maker: string): Share[] {
    return [shareIn(this.#bySubject, subject), shareIn(this.#byBand, band), shareIn(this.#byMaker, maker)]
  }

  /** What is held, at the prices given; without a price at cost. In the order of the first open purchase. */
  positions(priceOf: (subject: string) => Fixed | undefined): Position[] {
    return [...this.#held].map(([subject, lots]) => {
      const quantity = lots.reduce((sum, lot) => sum + lot.left, 0n)
      const cost = lots.reduce((sum, lot) => sum + lot.cost, 0n)
      const price = priceOf(subject)
      return { subject, quantity, cost, value: price === undefined ? cost : proceedsCents(quantity, price) }
    })
  }

  /** Profit and loss by subject, band and maker, what is held valued at the prices given. */
  shares(priceOf: (subject: string) => Fixed | undefined): { [by in 'subject' | 'band' | 'maker']: ReadonlyMap<string, Share> } {
    const by = { subject: copied(this.#bySubject), band: copied(this.#byBand), maker: copied(this.#byMaker) }
    for (const [subject, lots] of this.#held) {
      const price = priceOf(subject)
      if (price === undefined) continue
      let before = 0n
      for (const lot of lots) {
        const gain = proceedsCents(before + lot.left, price) - proceedsCents(before, price) - lot.cost
        before += lot.left
        for (const share of [shareIn(by.subject, subject), shareIn(by.band, lot.band), shareIn(by.maker, lot.maker)]) share.unrealised += gain
      }
    }
    return by
  }
}

/** A quotient of non-negative integers, rounded up: a part of a lot costs no less than its share. */
const roundedUp = (a: bigint, b: bigint): bigint => a / b + (a % b === 0n ? 0n : 1n)

function shareIn(shares: Map<string, Share>, name: string): Share {
  let share = shares.get(name)
  if (share === undefined) shares.set(name, (share = { realised: 0n, fees: 0n, unrealised: 0n, fills: 0 }))
  return share
}

const copied = (shares: ReadonlyMap<string, Share>): Map<string, Share> =>
  new Map([...shares].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, share]) => [name, { ...share }]))

/** Realised and unrealised, fees deducted. */
export const profitOf = (share: Share): Cents => share.realised + share.unrealised - share.fees
