/**
 * A vault's double-entry ledger over integers. Every entry sums to zero, so that equity at cost (assets less liabilities) is always
 * what the accounts of equity, income and expenses say. Positions are carried at cost in lots: first in, first out, or all at their average.
 */
import {
  CAPITAL, CASH, FEES, INTEREST, DIVIDENDS, isFunding, isOfBalanceSheet, loanAccount, positionAccount, REALISED, RESERVE, subjectOf,
} from './accounts.ts'
import { formatFixed } from './decimal.ts'
import type { Entry, Posting } from './entry.ts'
import { centsOf, costCents, fixedOf, formatCents, proceedsCents, type Cents, type Fixed } from './money.ts'

export * from './accounts.ts'
export type { Entry, LotMove, Posting } from './entry.ts'

export type LotMethod = 'fifo' | 'average'

/** What was bought at once and is still held; `costCents` is for all of `quantity`. At average cost a position is one lot. */
export interface Lot {
  readonly id: string
  readonly acquired: string
  readonly quantity: Fixed
  readonly costCents: Cents
}

export interface Trade {
  readonly ref: string
  readonly at: string
  readonly subject: string
  readonly side: 'buy' | 'sell'
  readonly quantity: Fixed
  readonly price: Fixed
  readonly feeCents: Cents
  /** It has happened at a venue: it is booked even where it takes more cash than there is. */
  readonly isFact?: boolean
}

/** Amounts and quantities as decimal text, for a memory file. */
export type LedgerState = {
  readonly balances: { readonly [account: string]: string }
  readonly lots: { readonly [subject: string]: readonly LotText[] }
  readonly marks?: { readonly [name: string]: string }
}
type LotText = { readonly quantity: string; readonly cost: string; readonly lot?: string; readonly acquired?: string }

const METHOD = 'lots'
const NO_LOTS: readonly Lot[] = []

export class Ledger {
  readonly #balances = new Map<string, Cents>()
  readonly #lots = new Map<string, readonly Lot[]>()
  readonly #marks = new Map<string, string>()

  /** Post the opening capital and how lots are counted; to be called once, on an empty ledger. */
  open(capital: Cents, at: string, ref: string, lots: LotMethod = 'fifo'): Entry {
    const postings = [{ account: CASH, amountCents: capital }, { account: CAPITAL, amountCents: -capital }]
    return this.post({ at, ref, type: 'open', postings, marks: { [METHOD]: lots } })
  }

  get method(): LotMethod {
    return this.#marks.get(METHOD) === 'average' ? 'average' : 'fifo'
  }

  /**
   * Post one trade: a purchase at cost (rounded up), a sale's proceeds (rounded down). Throws RangeError on a quantity or price not above
   * zero, a negative fee, more sold than held, or (unless it is a fact) more spent than there is.
   */
  trade(trade: Trade): Entry {
    const { subject, side, quantity, price, feeCents: fee, ref, at, isFact = false } = trade
    if (quantity <= 0n || price <= 0n || fee < 0n) throw new RangeError(`${ref}: ${side} of ${quantity} at ${price}: no trade`)
    const value = side === 'buy' ? -costCents(quantity, price) : proceedsCents(quantity, price)
    const left = this.cash + value - fee
    if (left < 0n && !isFact) throw new RangeError(`${subject}: ${formatCents(fee - value)} to pay, ${formatCents(this.cash)} in cash`)
    const postings: Posting[] = [{ account: CASH, amountCents: value - fee }]
    if (side === 'buy') postings.unshift(this.bought(subject, quantity, -value, ref, at))
    else {
      const taken = this.taken(subject, quantity)
      const cost = taken.reduce((sum, { amountCents }) => sum - amountCents, 0n)
      postings.push(...taken, { account: REALISED, amountCents: cost - value })
    }
    if (fee > 0n) postings.push({ account: FEES, amountCents: fee })
    return this.post({ at, ref, type: 'fill', postings })
  }

  /** The posting that adds to a position: a lot of its own or, at average cost, what is there already. */
  bought(subject: string, quantity: Fixed, cost: Cents, lot: string, acquired: string): Posting {
    const pool = this.method === 'average' ? this.lots(subject)[0] : undefined
    const move = pool === undefined ? { lot, acquired, quantity } : { lot: pool.id, acquired: pool.acquired, quantity }
    return { account: positionAccount(subject), amountCents: cost, move }
  }

  /** The postings that take `quantity` out of the oldest lots; the cost of a part of a lot rounds up, the rest stays with it. */
  taken(subject: string, quantity: Fixed): Posting[] {
    const held = this.quantity(subject)
    if (quantity > held) throw new RangeError(`${subject}: ${formatFixed(quantity)} sold, ${formatFixed(held)} held`)
    const postings: Posting[] = []
    let left = quantity
    for (const lot of this.lots(subject)) {
      if (left === 0n) break
      const part = lot.quantity <= left ? lot.quantity : left
      const cost = part === lot.quantity ? lot.costCents : (lot.costCents * part + lot.quantity - 1n) / lot.quantity
      const move = { lot: lot.id, acquired: lot.acquired, quantity: -part }
      postings.push({ account: positionAccount(subject), amountCents: -cost, move })
      left -= part
    }
    return postings
  }

  /** Book any entry, all of it or (with a RangeError) none: it must balance, and no lot may hold less than nothing, or cost without being held. */
  post(entry: Entry): Entry {
    let sum = 0n
    const lots = new Map<string, Lot[]>()
    for (const { account, amountCents, move } of entry.postings) {
      sum += amountCents
      const subject = subjectOf(account)
      if ((subject === undefined) !== (move === undefined)) throw new RangeError(`entry ${entry.ref}: ${account} moves ${move === undefined ? 'no' : 'a'} lot`)
      if (subject === undefined || move === undefined) continue
      let after = lots.get(subject)
      if (after === undefined) lots.set(subject, (after = [...this.lots(subject)]))
      const at = after.findIndex(({ id }) => id === move.lot), before = after[at]
      const quantity = (before?.quantity ?? 0n) + move.quantity, cost = (before?.costCents ?? 0n) + amountCents
      if (quantity < 0n || cost < 0n) throw new RangeError(`entry ${entry.ref}: lot ${move.lot} of ${subject} would hold less than nothing`)
      const lot: Lot = { id: move.lot, acquired: before?.acquired ?? move.acquired, quantity, costCents: cost }
      if (before === undefined) insert(after, lot)
      else after[at] = lot
    }
    if (sum !== 0n) throw new RangeError(`entry ${entry.ref} is out of balance by ${formatCents(sum)}`)
    for (const [subject, after] of lots) {
      const gone = after.find(({ quantity, costCents: cost }) => quantity === 0n && cost !== 0n)
      if (gone !== undefined) throw new RangeError(`entry ${entry.ref}: lot ${gone.id} of ${subject} is gone and still costs ${formatCents(gone.costCents)}`)
    }
    this.#commit(entry, lots)
    return entry
  }

  #commit(entry: Entry, lots: ReadonlyMap<string, readonly Lot[]>): void {
    for (const { account, amountCents } of entry.postings) {
      const balance = this.balance(account) + amountCents
      if (balance === 0n && isPassing(account)) this.#balances.delete(account)
      else this.#balances.set(account, balance)
    }
    for (const [subject, after] of lots) {
      const held = after.filter(({ quantity }) => quantity > 0n)
      if (held.length === 0) this.#lots.delete(subject)
      else this.#lots.set(subject, held)
    }
    for (const [name, value] of Object.entries(entry.marks ?? {})) {
      if (value === '') this.#marks.delete(name)
      else this.#marks.set(name, value)
    }
  }

  balance(account: string): Cents {
    return this.#balances.get(account) ?? 0n
  }
  get cash(): Cents {
    return this.balance(CASH)
  }
  /** Kept out of trading. */
  get reserve(): Cents {
    return this.balance(RESERVE)
  }
  /** All money that lies with the venue. */
  get money(): Cents {
    return this.cash + this.reserve
  }
  get capital(): Cents {
    return -this.balance(CAPITAL)
  }
  /** Gains less losses of what was sold, before fees. */
  get realised(): Cents {
    return -this.balance(REALISED)
  }
  get dividends(): Cents {
    return -this.balance(DIVIDENDS)
  }
  get fees(): Cents {
    return this.balance(FEES)
  }
  get interest(): Cents {
    return this.balance(INTEREST)
  }
  owed(loan: string): Cents {
    return -this.balance(loanAccount(loan))
  }
  /** Money that came in without any trade, less what left: capital, loans, transfers, interest. */
  get funded(): Cents {
    let sum = 0n
    for (const [account, cents] of this.#balances) if (isFunding(account)) sum -= cents
    return sum
  }
  /** Assets at cost less liabilities. */
  get equityAtCost(): Cents {
    let sum = 0n
    for (const [account, cents] of this.#balances) if (isOfBalanceSheet(account)) sum += cents
    return sum
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
  /** What is held of a subject, the oldest lot first. */
  lots(subject: string): readonly Lot[] {
    return this.#lots.get(subject) ?? NO_LOTS
  }
  quantity(subject: string): Fixed {
    let sum = 0n
    for (const lot of this.lots(subject)) sum += lot.quantity
    return sum
  }
  costOf(subject: string): Cents {
    return this.balance(positionAccount(subject))
  }
  mark(name: string): string | undefined {
    return this.#marks.get(name)
  }
  marks(): ReadonlyMap<string, string> {
    return this.#marks
  }

  /** Assets less liabilities at the prices given (rounded down); a position without a price counts at cost. */
  equityAt(priceOf: (subject: string) => Fixed | undefined): Cents {
    let equity = this.equityAtCost
    for (const subject of this.#lots.keys()) {
      const price = priceOf(subject)
      if (price !== undefined) equity += proceedsCents(this.quantity(subject), price) - this.costOf(subject)
    }
    return equity
  }

  /** What positions are sized upon: all but the reserve. */
  sizableEquityAt(priceOf: (subject: string) => Fixed | undefined): Cents {
    return this.equityAt(priceOf) - this.reserve
  }

  toState(): LedgerState {
    const balances: { [account: string]: string } = {}
    for (const [account, cents] of this.#balances) balances[account] = formatCents(cents)
    const lots: { [subject: string]: LotText[] } = {}
    for (const [subject, held] of this.#lots) {
      lots[subject] = held.map(({ id: lot, acquired, quantity, costCents: cost }) =>
        ({ quantity: formatFixed(quantity), cost: formatCents(cost), lot, acquired }))
    }
    return { balances, lots, marks: Object.fromEntries(this.#marks) }
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
      const held = lots.map(({ quantity, cost, lot, acquired }, i): Lot =>
        ({ id: lot ?? `${subject}/${i}`, acquired: acquired ?? '', quantity: fixedOf(quantity), costCents: centsOf(cost) }))
      const cost = held.reduce((total, lot) => total + lot.costCents, 0n)
      if (cost !== ledger.costOf(subject)) throw new RangeError(`${subject}: the lots cost ${formatCents(cost)}, the account differs`)
      ledger.#lots.set(subject, held)
    }
    for (const [name, value] of Object.entries(state.marks ?? {})) ledger.#marks.set(name, value)
    return ledger
  }
}

/** The oldest first; among those of one moment the first that came. */
function insert(lots: Lot[], lot: Lot): void {
  const at = lots.findLastIndex(({ acquired }) => acquired <= lot.acquired)
  lots.splice(at + 1, 0, lot)
}

/** Accounts that come and go: at nothing they are not kept. */
const isPassing = (account: string): boolean => isOfBalanceSheet(account) && account !== CASH
