/** What the trade log comes to, by sums of its own: shares, cash and lots by vault, and orders that are open. */
import { cents, ENDED, type EntryLine, type FillLine, type Line, type OrderLine } from './lines.ts'

export interface OpenLine {
  readonly subject: string
  readonly side: 'buy' | 'sell'
  readonly maker: string
  readonly quantity: number
  filled: number
}
interface Lot {
  count: number
  costCents: number
}
export interface Held {
  readonly lots: Lot[]
  /** The first purchase since there was nothing, and on whose word the latest was made. */
  since: string
  /** Of all purchases, which may be told out of order. */
  earliest: string
  maker: string
}
export class Account {
  /** What may be sized by: reserves apart, dividends that are owed in. */
  cashCents = 0
  readonly held = new Map<string, Held>()
  readonly open = new Map<string, OpenLine>()
  /** Bought and sold by day, in cents. */
  readonly traded = new Map<string, number>()
  readonly #orders = new Map<string, OpenLine>()

  shares(subject: string): number {
    return this.held.get(subject)?.lots.reduce((sum, { count }) => sum + count, 0) ?? 0
  }
  costCents(subject: string): number {
    return this.held.get(subject)?.lots.reduce((sum, { costCents }) => sum + costCents, 0) ?? 0
  }

  order({ client_order_id: id, subject, side, quantity, state, maker = 'unknown' }: OrderLine): void {
    if (state === 'intended') this.#orders.set(id, { subject, side, maker, quantity: Number(quantity), filled: 0 })
    const order = this.#orders.get(id)
    if (ENDED.has(state)) this.open.delete(id)
    // One that had ended may turn out to stand after all.
    else if (order !== undefined) this.open.set(id, order)
  }

  fill({ client_order_id: id, subject, side, quantity, price, fee, at, maker = 'unknown' }: FillLine): void {
    const count = Number(quantity), value = count * cents(price), order = this.#orders.get(id), day = at.slice(0, 10)
    if (order !== undefined) order.filled += count
    this.cashCents += (side === 'buy' ? -value : value) - cents(fee)
    this.traded.set(day, (this.traded.get(day) ?? 0) + value)
    const held = this.held.get(subject) ?? { lots: [], since: at, earliest: at, maker }
    if (side === 'buy') {
      const earliest = at < held.earliest ? at : held.earliest
      this.held.set(subject, { lots: [...held.lots, { count, costCents: value }], since: held.since, earliest, maker })
      return
    }
    take(held.lots, count)
    if (this.shares(subject) === 0) this.held.delete(subject)
  }

  entry({ postings }: EntryLine): void {
    const moved = new Map<string, number>()
    for (const { account, amount, quantity } of postings) {
      if (account === 'assets:cash' || account.startsWith('assets:receivable:')) this.cashCents += cents(amount)
      if (quantity !== undefined && account.startsWith(POSITION)) {
        const subject = account.slice(POSITION.length)
        moved.set(subject, (moved.get(subject) ?? 0) + Number(quantity))
      }
    }
    for (const [subject, count] of moved) {
      const before = this.shares(subject), lots = this.held.get(subject)?.lots ?? []
      for (const lot of lots) lot.count = (lot.count * (before + count)) / before
    }
  }
}

const POSITION = 'assets:position:'

/** Out of the oldest first; the cost of a part of a lot rounds up. */
function take(lots: Lot[], count: number): void {
  for (let left = count; left > 0 && lots[0] !== undefined;) {
    const [lot] = lots, part = Math.min(left, lot.count)
    lot.costCents -= part === lot.count ? lot.costCents : Math.ceil((lot.costCents * part) / lot.count)
    lot.count -= part
    left -= part
    if (lot.count === 0) lots.shift()
  }
}

export class Tally {
  readonly accounts = new Map<string, Account>()

  of(vault: string): Account {
    let account = this.accounts.get(vault)
    if (account === undefined) this.accounts.set(vault, (account = new Account()))
    return account
  }

  take(line: Line): void {
    if (line.kind === 'order') this.of(line.vault).order(line)
    else if (line.kind === 'fill') this.of(line.vault).fill(line)
    else if (line.kind === 'entry') this.of(line.vault).entry(line)
  }
}
