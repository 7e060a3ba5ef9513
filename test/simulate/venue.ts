/** A venue as it really is: what it holds is the truth that everybody else's books are measured by. Knows nothing of Vanta. */
import type { Random } from '#port/random'

export interface VenueTerms {
  /** A client id is burnt by its first use, as Alpaca's are; else it is a tag that says nothing, as Tradier's are. */
  readonly burnsIds: boolean
  readonly cash: number
  /** Held beside what the vaults hold. */
  readonly beside: ReadonlyMap<string, number>
}

/** Whole shares and whole cents, so that plain numbers are exact. */
export interface Standing {
  readonly venueId: number
  readonly clientId: string
  readonly subject: string
  readonly side: 'buy' | 'sell'
  readonly quantity: number
  readonly placedMs: number
  readonly expiresMs: number
  filled: number
  state: 'accepted' | 'leaving' | 'filled' | 'cancelled' | 'expired'
  endedMs: number | undefined
}
export interface Execution {
  readonly fillId: string
  readonly clientId: string
  readonly quantity: number
  readonly priceCents: number
  readonly feeCents: number
  readonly atMs: number
  /** When it shows up in the list of executions. */
  readonly toldMs: number
}

export class Venue {
  readonly orders: Standing[] = []
  readonly executions: Execution[] = []
  readonly positions: Map<string, number>
  readonly priceCents = new Map<string, number>()
  cashCents: number
  /** Executions show up this much later at most. */
  tellLagMs = 0
  /** In these nothing trades. */
  readonly halted = new Set<string>()
  readonly #terms: VenueTerms
  readonly #chance: Random
  readonly #burnt = new Set<string>()

  constructor(terms: VenueTerms, chance: Random) {
    this.#terms = terms
    this.#chance = chance
    this.cashCents = terms.cash
    this.positions = new Map(terms.beside)
  }

  /** Take in an order, or say why not. */
  place(order: Pick<Standing, 'clientId' | 'subject' | 'side' | 'quantity' | 'expiresMs'>, nowMs: number): string | undefined {
    if (this.#terms.burnsIds && this.#burnt.has(order.clientId)) return 'client_order_id must be unique'
    if (order.quantity <= 0 || !Number.isInteger(order.quantity)) return 'quantity must be whole'
    if (order.side === 'sell' && order.quantity > this.available(order.subject)) return 'insufficient qty available'
    this.#burnt.add(order.clientId)
    this.orders.push({ ...order, venueId: this.orders.length + 1, placedMs: nowMs, filled: 0, state: 'accepted', endedMs: undefined })
    return undefined
  }

  /** Held, and not promised to a sale that stands. */
  available(subject: string): number {
    const promised = this.live().filter((order) => order.subject === subject && order.side === 'sell').reduce((sum, { quantity, filled }) => sum + quantity - filled, 0)
    return (this.positions.get(subject) ?? 0) - promised
  }

  live(): Standing[] {
    return this.orders.filter(({ state }) => state === 'accepted' || state === 'leaving')
  }

  cancel(clientId: string): void {
    for (const order of this.live()) if (order.clientId === clientId) order.state = 'leaving'
  }

  /** Each share becomes so many; whoever had an order in them has none any more. */
  split(subject: string, factor: number, nowMs: number): void {
    this.positions.set(subject, (this.positions.get(subject) ?? 0) * factor)
    this.priceCents.set(subject, Math.max(1, Math.floor((this.priceCents.get(subject) ?? 0) / factor)))
    for (const order of this.live()) if (order.subject === subject) this.#end(order, 'cancelled', nowMs)
  }

  /** So much for each share held. */
  pay(subject: string, centsEach: number): void {
    this.cashCents += (this.positions.get(subject) ?? 0) * centsEach
  }

  /** Time passes: orders fill in part or whole, leave, expire. */
  step(nowMs: number, fillChance: number): void {
    for (const order of this.live()) {
      if (this.#chance.next() < fillChance) this.#fill(order, nowMs)
      if (order.filled === order.quantity) this.#end(order, 'filled', nowMs)
      else if (order.state === 'leaving' && this.#chance.next() < 0.7) this.#end(order, 'cancelled', nowMs)
      else if (order.expiresMs <= nowMs) this.#end(order, 'expired', nowMs)
    }
  }

  #end(order: Standing, state: Standing['state'], nowMs: number): void {
    order.state = state
    order.endedMs = nowMs
  }

  #fill(order: Standing, nowMs: number): void {
    const price = this.priceCents.get(order.subject)
    if (price === undefined || this.halted.has(order.subject)) return
    const left = order.quantity - order.filled
    let quantity = this.#chance.next() < 0.5 ? left : 1 + this.#chance.integer(left)
    const fee = this.#chance.integer(3)
    if (order.side === 'buy') quantity = Math.min(quantity, Math.floor((this.cashCents - fee) / price))
    if (quantity <= 0) return
    const sign = order.side === 'buy' ? 1 : -1
    order.filled += quantity
    this.cashCents -= sign * quantity * price + fee
    this.positions.set(order.subject, (this.positions.get(order.subject) ?? 0) + sign * quantity)
    this.executions.push({
      fillId: `x${this.executions.length + 1}`, clientId: order.clientId, quantity, priceCents: price, feeCents: fee,
      atMs: nowMs, toldMs: nowMs + this.#chance.integer(this.tellLagMs + 1),
    })
  }
}
