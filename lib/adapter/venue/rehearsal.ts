/**
 * A venue of which every request is written out and none is sent. Orders are taken as standing, so that the rehearsal goes on as the
 * performance would.
 */
import { formatInstant } from '#record'
import type { Account, Broker, BrokerOrder, Cancelling, Embedded, Look, NewFills, Outcome, Quote, Told, VenueFill, VenueOrder } from '#port/broker'

export class Rehearsal implements Broker, Embedded {
  readonly name: string
  readonly rules: Broker['rules']
  readonly embedded = this
  /** Writes its requests out, and hears nothing. */
  readonly #venue: Broker
  readonly #orders = new Map<string, VenueOrder>()
  readonly #accounts = new Map<string, Account>()

  constructor(venue: Broker) {
    this.#venue = venue
    this.name = venue.name
    this.rules = { ...venue.rules, settleMs: 0 }
  }

  fund(vault: string, account: Account): void {
    this.#accounts.set(vault, account)
  }

  account(): Told<Account> {
    let cash = 0n
    const positions = new Map<string, bigint>()
    for (const account of this.#accounts.values()) {
      cash += account.cash
      for (const [subject, quantity] of account.positions) positions.set(subject, (positions.get(subject) ?? 0n) + quantity)
    }
    return { told: { cash, positions } }
  }

  revive(order: BrokerOrder): void {
    this.#stand(order, 'accepted')
  }

  #stand(order: BrokerOrder, state: VenueOrder['state']): void {
    const { clientOrderId, subject, side, quantity, filled, sentMs } = order
    this.#orders.set(clientOrderId, { clientOrderId, subject, side, quantity, filled, state, at: formatInstant(sentMs) })
  }

  /** What the adapter turns down before anything leaves is turned down here too; that nothing is heard is the nature of it. */
  async submit(order: BrokerOrder): Promise<Outcome> {
    const answer = await this.#venue.submit(order)
    if (answer.outcome === 'rejected') return answer
    this.#stand(order, 'accepted')
    return { outcome: 'accepted' }
  }

  async cancel(order: BrokerOrder): Promise<Cancelling> {
    await this.#venue.cancel(order)
    this.#stand(order, 'cancelled')
    return 'requested'
  }

  look({ clientOrderId }: BrokerOrder): Look {
    const order = this.#orders.get(clientOrderId)
    return order === undefined ? { look: 'absent' } : { look: 'found', order }
  }

  openOrders(): Told<readonly VenueOrder[]> {
    return { told: [...this.#orders.values()].filter(({ state }) => state === 'accepted') }
  }

  async quotes(subjects: readonly string[]): Promise<Told<ReadonlyMap<string, Quote>>> {
    return (await this.#venue.quotes?.(subjects)) ?? { told: new Map() }
  }

  fills(): Told<NewFills> {
    return { told: { fills: [], mark: undefined } }
  }

  observe(): readonly VenueFill[] {
    return []
  }
  expire(): void {
    // Nothing stands for longer than the rehearsal.
  }
}
