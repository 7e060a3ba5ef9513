/** The line between the executor and the venue, on which requests and answers are lost, late, doubled and torn. */
import { formatInstant } from '#record'
import type { Random } from '#port/random'
import type { Account, Broker, BrokerOrder, Cancelling, Look, Outcome, Quote, Told, VenueFill, VenueOrder } from '#port/broker'
import { ONE } from '#domain/money/decimal'
import type { Execution, Standing, Venue } from './venue.ts'

export type FaultKind =
  | 'lost request' | 'lost answer' | 'late request' | 'doubled request' | 'server error after acceptance' | 'exception' | 'reject'
  | 'venue does not tell' | 'not visible yet' | 'late acknowledgement' | 'fills told late' | 'fills told twice' | 'fills out of order'
  | 'lost cancel' | 'cancel race' | 'wrong clock' | 'crash' | 'disk full' | 'kill' | 'second process' | 'split' | 'dividend' | 'money moved'
  | 'flip' | 'switched off' | 'vault disabled' | 'halt' | 'gap' | 'silence' | 'guard'

export type Count = (kind: FaultKind) => void

/** Requests may take effect so late, and what they did may be invisible so long. */
export const SETTLE_MS = 5000

export interface LineTerms {
  readonly venue: Venue
  readonly chance: Random
  readonly burnsIds: boolean
  /** Share of calls on which something goes wrong. */
  faults(): number
  nowMs(): number
  readonly count: Count
  /** A request is about to leave this process. */
  leaves(order: BrokerOrder): void
  /** A price is told to whoever asked for it. */
  quoted(subject: string, cents: number): void
  /** Between a request and its answer: other processes run. */
  meanwhile(): Promise<void>
}

interface Late {
  readonly atMs: number
  readonly order: BrokerOrder
}

export class Line implements Broker {
  readonly name = 'venue'
  readonly rules: Broker['rules']
  readonly #terms: LineTerms
  #late: Late[] = []

  constructor(terms: LineTerms) {
    this.#terms = terms
    // Late by so much, and invisible for half of that again.
    this.rules = { idempotent: terms.burnsIds, settleMs: 1.5 * SETTLE_MS, centsPerFill: 0n }
  }

  /** Requests that were held up arrive. */
  arrive(nowMs: number): void {
    const due = this.#late.filter(({ atMs }) => atMs <= nowMs)
    this.#late = this.#late.filter(({ atMs }) => atMs > nowMs)
    for (const { atMs, order } of due) this.#place(order, atMs)
  }

  #place({ clientOrderId, subject, side, quantity, expiresMs }: BrokerOrder, atMs = this.#terms.nowMs()): string | undefined {
    return this.#terms.venue.place({ clientId: clientOrderId, subject, side, quantity: Number(quantity / ONE), expiresMs }, atMs)
  }

  /** Requests go wrong more often than questions: an executor that cannot hear does not trade, and shows little. */
  #goesWrong(times = 1): boolean {
    return this.#terms.chance.next() < times * this.#terms.faults()
  }

  #one<T>(...kinds: readonly T[]): T {
    return kinds[this.#terms.chance.integer(kinds.length)] as T
  }

  async submit(order: BrokerOrder): Promise<Outcome> {
    const { count, chance, burnsIds } = this.#terms
    this.#terms.leaves(order)
    const unknown = (why: string): Outcome => ({ outcome: 'unknown', why })
    if (!this.#goesWrong(2)) return this.#answer(this.#place(order))
    const kind = this.#one<FaultKind>('lost request', 'lost answer', 'late request', 'doubled request', 'server error after acceptance', 'exception', 'reject')
    if (kind !== 'doubled request' || burnsIds) count(kind)
    await this.#terms.meanwhile()
    switch (kind) {
      case 'lost request': return unknown('timeout')
      case 'lost answer': this.#place(order); return unknown('socket hang up')
      case 'late request': this.#late.push({ atMs: this.#terms.nowMs() + 1 + chance.integer(SETTLE_MS - 1), order }); return unknown('timeout')
      case 'server error after acceptance': this.#place(order); return unknown('HTTP 502')
      case 'exception':
        if (chance.next() < 0.5) this.#place(order)
        throw new Error('unexpected token < in JSON')
      case 'reject': return { outcome: 'rejected', why: 'insufficient buying power' }
      default: {
        const first = this.#place(order)
        if (burnsIds) this.#place(order)
        return this.#answer(first)
      }
    }
  }

  /** A venue that burns ids says so where one comes again: it has the order, which is no rejection. */
  #answer(refusal: string | undefined): Outcome {
    if (refusal === undefined) return { outcome: 'accepted' }
    return refusal.includes('must be unique') ? { outcome: 'unknown', why: refusal } : { outcome: 'rejected', why: refusal }
  }

  async cancel({ clientOrderId }: BrokerOrder): Promise<Cancelling> {
    if (this.#goesWrong()) {
      this.#terms.count('lost cancel')
      await this.#terms.meanwhile()
      if (this.#terms.chance.next() < 0.5) this.#terms.venue.cancel(clientOrderId)
      return 'unknown'
    }
    if (this.#terms.venue.live().some((order) => order.clientId === clientOrderId && order.filled > 0)) this.#terms.count('cancel race')
    this.#terms.venue.cancel(clientOrderId)
    return 'requested'
  }

  async look({ clientOrderId }: BrokerOrder): Promise<Look> {
    if (this.#goesWrong(0.3)) {
      this.#terms.count('venue does not tell')
      await null
      return { look: 'unknown', why: 'HTTP 503' }
    }
    const order = this.#terms.venue.orders.findLast(({ clientId }) => clientId === clientOrderId)
    if (order === undefined || this.#isHidden(order)) return { look: 'absent' }
    return { look: 'found', order: this.#told(order) }
  }

  /** What has just been placed is not everywhere yet. */
  #isHidden({ placedMs }: Standing): boolean {
    if (this.#terms.nowMs() - placedMs >= SETTLE_MS / 2 || !this.#goesWrong(3)) return false
    this.#terms.count('not visible yet')
    return true
  }

  #told(order: Standing): VenueOrder {
    const { clientId, subject, side, quantity, filled, state } = order
    let told: VenueOrder['state'] = state === 'leaving' ? 'pending' : state
    if (state === 'accepted' && filled === 0 && this.#terms.nowMs() - order.placedMs < SETTLE_MS / 2 && this.#goesWrong()) {
      this.#terms.count('late acknowledgement')
      told = 'pending'
    }
    return {
      clientOrderId: clientId, subject, side, quantity: BigInt(quantity) * ONE, filled: BigInt(filled) * ONE, state: told,
      at: formatInstant(order.endedMs ?? order.placedMs),
    }
  }

  async openOrders(): Promise<Told<readonly VenueOrder[]>> {
    if (this.#goesWrong(0.3)) {
      this.#terms.count('venue does not tell')
      await null
      return { unknown: 'HTTP 500' }
    }
    return { told: this.#terms.venue.live().filter((order) => !this.#isHidden(order)).map((order) => this.#told(order)) }
  }

  async fills(after: string | undefined): Promise<Told<{ fills: readonly VenueFill[]; mark: string | undefined }>> {
    const { venue, count, chance } = this.#terms
    if (this.#goesWrong(0.3)) {
      count('venue does not tell')
      await null
      return { unknown: 'HTTP 429' }
    }
    const nowMs = this.#terms.nowMs()
    const told = venue.executions.filter(({ toldMs }) => toldMs <= nowMs).sort((a, b) => a.toldMs - b.toldMs)
    if (told.length < venue.executions.length) count('fills told late')
    let from = Number(after ?? 0)
    if (from > 0 && this.#goesWrong()) {
      count('fills told twice')
      from = Math.max(0, from - 1 - chance.integer(3))
    }
    const fresh = told.slice(from)
    if (fresh.length > 1 && this.#goesWrong()) {
      count('fills out of order')
      fresh.reverse()
    }
    return { told: { fills: fresh.map(fillOf), mark: String(told.length) } }
  }

  async account(): Promise<Told<Account>> {
    if (this.#goesWrong(0.3)) {
      this.#terms.count('venue does not tell')
      await null
      return { unknown: 'timeout' }
    }
    const { cashCents, positions } = this.#terms.venue
    const held = [...positions].filter(([, quantity]) => quantity !== 0).map(([subject, quantity]) => [subject, BigInt(quantity) * ONE] as const)
    return { told: { cash: BigInt(cashCents), positions: new Map(held) } }
  }

  async quotes(subjects: readonly string[]): Promise<Told<ReadonlyMap<string, Quote>>> {
    if (this.#goesWrong(0.3)) {
      this.#terms.count('venue does not tell')
      await null
      return { unknown: 'HTTP 503' }
    }
    const found = new Map<string, Quote>()
    for (const subject of subjects) {
      const cents = this.#terms.venue.priceCents.get(subject)
      if (cents === undefined) continue
      this.#terms.quoted(subject, cents)
      found.set(subject, { price: (BigInt(cents) * ONE) / 100n })
    }
    return { told: found }
  }
}

const fillOf = ({ fillId, clientId, quantity, priceCents, feeCents, atMs, toldMs }: Execution): VenueFill => ({
  fillId, clientOrderId: clientId, quantity: BigInt(quantity) * ONE, price: (BigInt(priceCents) * ONE) / 100n, feeCents: BigInt(feeCents),
  at: formatInstant(atMs), knownAt: formatInstant(toldMs),
})
