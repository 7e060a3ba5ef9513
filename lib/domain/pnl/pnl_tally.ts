/**
 * A vault's books recomputed from its fills (and what else moved them) by a loop of its own: the check on the executor's ledger, and where
 * profit and loss is told apart by subject, band, maker and round trip. Rounding as in `#domain/money`.
 */
import type { Fill, JournalEntry } from '#record'
import { centsOf, costCents, fixedOf, proceedsCents, type Cents, type Fixed } from '../money/money.ts'

/** Profit and loss of one subject, band or maker. */
export interface Share {
  realised: Cents
  fees: Cents
  unrealised: Cents
  dividends: Cents
  fills: number
}
/** From flat to flat in one subject: what was paid and what came back, fees deducted. */
export interface RoundTrip {
  readonly subject: string
  readonly paid: Cents
  readonly profit: Cents
}
interface Bought {
  readonly id: string
  readonly at: string
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
const POSITION = 'assets:position:'

export class FillTally {
  capital: Cents
  cash: Cents
  realised: Cents = 0n
  fees: Cents = 0n
  fills = 0
  readonly trips: RoundTrip[] = []
  /** What moved otherwise than by fills, by account, debits above zero: reserve, dividends, loans ... */
  readonly others = new Map<string, Cents>()
  /** All that came in (or left) without any trade since the opening. */
  flows: Cents = 0n
  #isAverage = false
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
      this.#bought(subject, { id: fill.id, at: fill.at, left: quantity, cost, band, maker })
    } else {
      this.cash += proceedsCents(quantity, price) - fee
      this.#sold(subject, quantity, price, trip)
    }
  }

  #bought(subject: string, bought: Bought): void {
    const lots = this.#held.get(subject)
    if (lots === undefined) this.#held.set(subject, [bought])
    // The oldest first, whatever the order in which they were heard of.
    else lots.splice(lots.findLastIndex(({ at }) => at <= bought.at) + 1, 0, bought)
  }

  #sold(subject: string, quantity: Fixed, price: Fixed, trip: Trip): void {
    const lots = this.#held.get(subject) ?? []
    if (this.#isAverage) this.#soldOfPool(subject, lots, quantity, price, trip)
    let done = this.#isAverage ? quantity : 0n
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
    this.#ended(subject)
  }

  /** At average cost all purchases give alike. */
  #soldOfPool(subject: string, lots: Bought[], quantity: Fixed, price: Fixed, trip: Trip): void {
    const held = sumOf(lots, 'left'), cost = sumOf(lots, 'cost')
    if (quantity > held) throw new RangeError(`${subject}: sold more than was bought`)
    const gain = proceedsCents(quantity, price) - roundedUp(cost * quantity, held)
    this.realised += gain
    trip.profit += gain
    const gains = divided(gain, lots.map(({ left }) => left))
    for (const [i, { band, maker }] of lots.entries()) for (const share of this.#shares(subject, band, maker)) share.realised += gains[i] ?? 0n
    resize(lots, held - quantity, cost - roundedUp(cost * quantity, held))
  }

  #ended(subject: string): void {
    if ((this.#held.get(subject) ?? []).length > 0) return
    this.#held.delete(subject)
    const trip = this.#trips.get(subject)
    this.#trips.delete(subject)
    if (trip !== undefined) this.trips.push({ subject, ...trip })
  }

  /** What moved the books and was no fill; the entries of fills are passed over, because those are worked out here. */
  takeEntry(entry: JournalEntry): void {
    if (entry.type === 'fill') return
    if (entry.type === 'open') return this.#open(entry)
    const before = new Set(this.#held.keys()), moved = new Map<string, Bought>()
    for (const { account, amount, quantity, lot = '', acquired = '' } of entry.postings) {
      const cents = centsOf(amount)
      if (account === 'assets:cash') this.cash += cents
      else if (account === 'expenses:fees') this.fees += cents
      else if (account === 'income:realised') this.#realise(entry, -cents)
      else if (quantity !== undefined) this.#move(account.slice(POSITION.length), lot, acquired, fixedOf(quantity), cents, moved)
      else {
        this.others.set(account, (this.others.get(account) ?? 0n) + cents)
        if (account === 'income:dividends') this.#dividend(entry, -cents)
      }
      if (isFlow(account)) this.flows -= cents
    }
    for (const subject of before) this.#ended(subject)
  }

  #open({ postings, marks }: JournalEntry): void {
    this.capital = this.cash = postings.reduce((sum, { account, amount }) => (account === 'assets:cash' ? sum + centsOf(amount) : sum), 0n)
    this.#isAverage = marks?.['lots'] === 'average'
  }

  #realise({ subject = '' }: JournalEntry, gain: Cents): void {
    this.realised += gain
    const [lot] = this.#held.get(subject) ?? []
    for (const share of this.#shares(subject, lot?.band ?? UNKNOWN, lot?.maker ?? UNKNOWN)) share.realised += gain
    const trip = this.#trips.get(subject)
    if (trip !== undefined) trip.profit += gain
  }

  #dividend({ subject = '' }: JournalEntry, cents: Cents): void {
    const [lot] = this.#held.get(subject) ?? []
    for (const share of this.#shares(subject, lot?.band ?? UNKNOWN, lot?.maker ?? UNKNOWN)) share.dividends += cents
    const trip = this.#trips.get(subject)
    if (trip !== undefined) trip.profit += cents
  }

  /** `moved`: lots of this entry by name, so that one that comes back under another subject is the same. */
  #move(subject: string, id: string, acquired: string, quantity: Fixed, cents: Cents, moved: Map<string, Bought>): void {
    const lots = this.#held.get(subject) ?? []
    const [first] = lots
    if (this.#isAverage && first !== undefined) {
      moved.set(id, { ...first })
      return resize(lots, sumOf(lots, 'left') + quantity, sumOf(lots, 'cost') + cents)
    }
    const known = lots.find((lot) => lot.id === id)
    if (known !== undefined) {
      moved.set(id, { ...known })
      known.left += quantity
      known.cost += cents
      if (known.left === 0n) lots.splice(lots.indexOf(known), 1)
      return
    }
    const { band, maker } = moved.get(id) ?? { band: UNKNOWN, maker: UNKNOWN }
    this.#bought(subject, { id, at: acquired, left: quantity, cost: cents, band, maker })
    if (!this.#trips.has(subject)) this.#trips.set(subject, { paid: cents, profit: 0n })
  }

  #shares(subject: string, band: string, maker: string): Share[] {
    return [shareIn(this.#bySubject, subject), shareIn(this.#byBand, band), shareIn(this.#byMaker, maker)]
  }

  /** Assets less liabilities beside cash and positions. */
  get beside(): Cents {
    let sum = 0n
    for (const [account, cents] of this.others) if (/^(assets|liabilities):/.test(account)) sum += cents
    return sum
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

const sumOf = (lots: readonly Bought[], what: 'left' | 'cost'): bigint => lots.reduce((sum, lot) => sum + lot[what], 0n)

/** Parts in the ratio of the weights, each the difference of two rounded sums: they add up to the whole. */
function divided(whole: bigint, weights: readonly bigint[]): bigint[] {
  const all = weights.reduce((sum, weight) => sum + weight, 0n)
  let before = 0n, weight = 0n
  return weights.map((own) => {
    weight += own
    const until = (whole * weight) / all, part = until - before
    before = until
    return part
  })
}

/** So much in all, at such a cost, divided as before; in place. */
function resize(lots: Bought[], quantity: Fixed, cost: Cents): void {
  const weights = lots.map(({ left }) => left), lefts = divided(quantity, weights), costs = divided(cost, weights)
  for (const [i, lot] of lots.entries()) {
    lot.left = lefts[i] ?? 0n
    lot.cost = costs[i] ?? 0n
  }
  if (quantity === 0n) lots.length = 0
}

/** Money from outside the market: capital, transfers, loans, and what those cost. */
const isFlow = (account: string): boolean => /^(equity|liabilities):|^assets:(loan|interest):|^(expenses|income):interest$/.test(account)

function shareIn(shares: Map<string, Share>, name: string): Share {
  let share = shares.get(name)
  if (share === undefined) shares.set(name, (share = { realised: 0n, fees: 0n, unrealised: 0n, dividends: 0n, fills: 0 }))
  return share
}

const copied = (shares: ReadonlyMap<string, Share>): Map<string, Share> =>
  new Map([...shares].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, share]) => [name, { ...share }]))

/** Realised and unrealised, dividends, fees deducted. */
export const profitOf = (share: Share): Cents => share.realised + share.unrealised + share.dividends - share.fees
