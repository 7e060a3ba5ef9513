/**
 * A vault's double-entry ledger over integers. Debits are positive, credits negative; every entry sums to zero, so equity at
 * cost (what the assets hold) is always capital + realised - fees. Positions are carried at cost in lots, first in first out.
 */
import { formatFixed } from './decimal.ts'
import { centsOf, costCents, fixedOf, formatCents, proceedsCents, type Cents, type Fixed } from './money.ts'

export const CASH = 'assets:cash'
export const CAPITAL = 'equity:capital'
export const REALISED = 'income:realised'
export const FEES = 'expenses:fees'
export const positionAccount = (subject: string): string => `assets:position:${subject}`

export interface Posting {
  readonly account: string
  readonly amountCents: Cents
}
/** One balanced movement; `ref` is the id of the record that caused it. */
export interface Entry {
  readonly at: string
  readonly ref: string
  readonly postings: readonly Posting[]
}

/** What was bought at once and is still held; `costCents` is for all of `quantity`. */
export interface Lot {
  quantity: Fixed
  costCents: Cents
}

export interface Trade {
  readonly ref: string
  readonly at: string
  readonly subject: string
  readonly side: 'buy' | 'sell'
  readonly quantity: Fixed
  readonly price: Fixed
  readonly feeCents: Cents
}

/** Amounts and quantities as decimal text, for a memory file. */
export type LedgerState = {
  readonly balances: { readonly [account: string]: string }
  readonly lots: { readonly [subject: string]: readonly { readonly quantity: string; readonly cost: string }[] }
}

export class Ledger {
  readonly #balances = new Map<string, Cents>()
  readonly #lots = new Map<string, Lot[]>()

  /** Post the opening capital; to be called once, on an empty ledger. */
  open(capital: Cents, at: string, ref: string): Entry {
    const postings = [{ account: CASH, amountCents: capital }, { account: CAPITAL, amountCents: -capital }]
    return this.#post({ at, ref, postings })
  }

  /**
   * Post one trade: a purchase at cost (rounded up), a sale's proceeds (rounded down) against the oldest lots. Throws
   * RangeError on a quantity or price not above zero, a negative fee, more sold than held, or more spent than there is.
   */
  trade(trade: Trade): Entry {
    const { subject, side, quantity, price, feeCents } = trade
    if (quantity <= 0n || price <= 0n || feeCents < 0n) throw new RangeError(`${trade.ref}: ${side} of ${quantity} at ${price}: no trade`)
    const buying = side === 'buy'
    const postings = buying ? this.#buy(subject, quantity, price, feeCents) : this.#sell(subject, quantity, price, feeCents)
    if (feeCents > 0n) postings.push({ account: FEES, amountCents: feeCents })
    return this.#post({ at: trade.at, ref: trade.ref, postings })
  }

  #buy(subject: string, quantity: Fixed, price: Fixed, fee: Cents): Posting[] {
    const cost = costCents(quantity, price)
    const due = cost + fee
    if (due > this.cash) throw new RangeError(`${subject}: ${formatCents(due)} to pay, ${formatCents(this.cash)} in cash`)
    const lots = this.#lots.get(subject)
    const lot = { quantity, costCents: cost }
    if (lots === undefined) this.#lots.set(subject, [lot])
    else lots.push(lot)
    return [{ account: positionAccount(subject), amountCents: cost }, { account: CASH, amountCents: -cost - fee }]
  }

  #sell(subject: string, quantity: Fixed, price: Fixed, fee: Cents): Posting[] {
    const held = this.quantity(subject)
    if (quantity > held) throw new RangeError(`${subject}: ${formatFixed(quantity)} sold, ${formatFixed(held)} held`)
    const proceeds = proceedsCents(quantity, price)
    if (proceeds - fee + this.cash < 0n) throw new RangeError(`${subject}: the fee takes more than there is`)
    const cost = this.#takeLots(subject, quantity)
    return [
      { account: CASH, amountCents: proceeds - fee },
      { account: positionAccount(subject), amountCents: -cost },
      { account: REALISED, amountCents: cost - proceeds },
    ]
  }

  /** Take `quantity` from the oldest lots and return its cost; the cost of a part of a lot rounds up, the rest stays with it. */
  #takeLots(subject: string, quantity: Fixed): Cents {
    const lots = this.#lots.get(subject) ?? []
    let cost = 0n
    let left = quantity
    while (left > 0n) {
      const lot = lots[0]
      if (lot === undefined) throw new RangeError(`${subject}: lots ran out`)
      const whole = lot.quantity <= left
      const taken = whole ? lot.quantity : left
      const part = whole ? lot.costCents : (lot.costCents * taken + lot.quantity - 1n) / lot.quantity
      cost += part
      left -= taken
      lot.quantity -= taken
      lot.costCents -= part
      if (whole) lots.shift()
    }
    if (lots.length === 0) this.#lots.delete(subject)
    return cost
  }

  #post(entry: Entry): Entry {
    let sum = 0n
    for (const { amountCents } of entry.postings) sum += amountCents
    if (sum !== 0n) throw new RangeError(`entry ${entry.ref} is out of balance by ${formatCents(sum)}`)
    for (const { account, amountCents } of entry.postings) {
      const balance = (this.#balances.get(account) ?? 0n) + amountCents
      if (balance === 0n && account.startsWith('assets:position:')) this.#balances.delete(account)
      else this.#balances.set(account, balance)
    }
    return entry
  }

  balance(account: string): Cents {
    return this.#balances.get(account) ?? 0n
  }
  get cash(): Cents {
    return this.balance(CASH)
  }
  get capital(): Cents {
    return -this.balance(CAPITAL)
  }
  /** Gains less losses of what was sold, before fees. */
  get realised(): Cents {
    return -this.balance(REALISED)
  }
  get fees(): Cents {
    return this.balance(FEES)
  }
  /** Cash and positions at cost: capital + realised - fees. */
  get equityAtCost(): Cents {
    return this.capital + this.realised - this.fees
  }
  /** All account balances; they sum to zero. */
  balances(): ReadonlyMap<string, Cents> {
    return this.#balances
  }
  /** Subjects held, in the order of their first open lot. */
  subjects(): IterableIterator<string> {
    return this.#lots.keys()
  }
  get positions(): number {
    return this.#lots.size
  }
  quantity(subject: string): Fixed {
    let sum = 0n
    for (const lot of this.#lots.get(subject) ?? []) sum += lot.quantity
    return sum
  }
  costOf(subject: string): Cents {
    return this.balance(positionAccount(subject))
  }

  /** Cash and positions at the prices given (rounded down); a position without a price counts at cost. */
  equityAt(priceOf: (subject: string) => Fixed | undefined): Cents {
    let equity = this.cash
    for (const subject of this.#lots.keys()) {
      const price = priceOf(subject)
      equity += price === undefined ? this.costOf(subject) : proceedsCents(this.quantity(subject), price)
    }
    return equity
  }

  toState(): LedgerState {
    const balances: { [account: string]: string } = {}
    for (const [account, cents] of this.#balances) balances[account] = formatCents(cents)
    const lots: { [subject: string]: { quantity: string; cost: string }[] } = {}
    for (const [subject, held] of this.#lots) {
      lots[subject] = held.map((lot) => ({ quantity: formatFixed(lot.quantity), cost: formatCents(lot.costCents) }))
    }
    return { balances, lots }
  }

  /** Throws RangeError where the balances do not sum to zero, or the lots do not cost what their account holds. */
  static fromState(state: LedgerState): Ledger {
    const ledger = new Ledger()
    let sum = 0n
    for (const [account, text] of Object.entries(state.balances)) {
      const cents = centsOf(text)
      ledger.#balances.set(account, cents)
      sum += cents
    }
    if (sum !== 0n) throw new RangeError(`the ledger is out of balance by ${formatCents(sum)}`)
    for (const [subject, lots] of Object.entries(state.lots)) {
      const held = lots.map((lot) => ({ quantity: fixedOf(lot.quantity), costCents: centsOf(lot.cost) }))
      const cost = held.reduce((total, lot) => total + lot.costCents, 0n)
      if (cost !== ledger.costOf(subject)) throw new RangeError(`${subject}: the lots cost ${formatCents(cost)}, the account differs`)
      ledger.#lots.set(subject, held)
    }
    return ledger
  }
}
