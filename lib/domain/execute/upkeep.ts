/**
 * What befalls the books without any order: corporate actions, dividends that are paid, interest by the day. What was heard of an action is kept,
 * and written to the trade log as soon as a book holds the subject; it is booked before the first trade of the day on which it takes effect.
 */
import { DAY_MS, formatInstant, millisOf, type Signal } from '#record'
import { newYorkMillis } from '../market/session.ts'
import { CASH, DIVIDENDS, receivableAccount } from '../money/accounts.ts'
import { ACTIONS, actionEntry } from '../money/corporate_action.ts'
import { formatFixed, ONE } from '../money/decimal.ts'
import { apportioned, type Entry } from '../money/entry.ts'
import { accrual, compounded, compounding, loansOf, nextMidnight, realisedProfit } from '../money/movements.ts'
import { centsOf, fixedOf, formatCents, proceedsCents, type Cents, type Fixed } from '../money/money.ts'
import { actionRecord, DUE, doneMark, isMovingShares, isPast, meaning, startOf, termsOfAction, type ActionText } from './action_text.ts'
import { BesideActions } from './beside_actions.ts'
import type { Book } from './book.ts'
import type { Broker } from './broker.ts'
import type { Diagnose } from './dispatch.ts'
import type { Shelf } from './shelf.ts'
import type { Vault } from '../vault/vault.ts'

/** Actions that took effect are remembered so long: they may be heard again, or late. */
const REMEMBERED_MS = 30 * DAY_MS


/** A fill that is about to be booked. */
export interface Filling {
  readonly book: Book
  readonly subject: string
  readonly side: 'buy' | 'sell'
  readonly quantity: Fixed
  /** The venue's. */
  readonly name: string
  readonly at: string
  readonly knownAt: string
}

export interface UpkeepTerms {
  readonly broker: Broker
  readonly by: string
  readonly vaultOf: (name: string) => Vault
  readonly diagnose: Diagnose
}

export class Upkeep {
  readonly #terms: UpkeepTerms
  readonly #shelf: Shelf
  readonly #outside: BesideActions
  readonly #isEmbedded: boolean
  /** Whether dividends are paid when their day comes; else when the venue says so. */
  readonly #paysByTime: boolean
  /** The next instant at which something is due; "" where it has to be found anew. */
  #nextAt = ''
  /** The day on which profits were last looked at; once a day what is realised is split. */
  #splitDay = ''

  constructor(terms: UpkeepTerms, shelf: Shelf) {
    this.#terms = terms
    this.#shelf = shelf
    this.#outside = new BesideActions(terms, shelf)
    this.#isEmbedded = terms.broker.embedded !== undefined
    this.#paysByTime = this.#isEmbedded || terms.broker.activities === undefined
    // A run that was killed may have booked it, and not kept the price that goes with it.
    for (const action of shelf.actions.values()) if ([...shelf.books.values()].some((book) => isDone(book, action))) this.#rebase(action)
  }

  #rebase(action: ActionText): void {
    const terms = termsOfAction(action), { subject, day } = action
    if (terms?.does !== 'convert' || this.#shelf.basisOf(subject) === 'split_adjusted') return
    this.#shelf.rebase(subject, terms.into, terms.ratio, day, startOf(day))
  }

  /** Take note of a corporate action; of any other signal nothing. */
  hear({ id, type, subject, facts = {}, source, key: name, at, known_at: knownAt }: Signal): void {
    if (!ACTIONS.has(type) || subject === undefined) return
    const day = typeof facts['day'] === 'string' ? facts['day'] : typeof facts['ex_date'] === 'string' ? facts['ex_date'] : at.slice(0, 10)
    if (newYorkMillis(day, 0, 0) === undefined) return
    const said: ActionText = { key: `${type}:${subject}:${day}`, ref: id, type, subject, day, source, name, facts: facts as ActionText['facts'] }
    if (termsOfAction(said) === undefined) return
    const action = this.#beside(said)
    if (action === undefined) return
    this.#shelf.actions.set(action.key, action)
    this.#nextAt = ''
    const isHeld = this.#outside.held(subject) !== 0n || [...this.#shelf.books.values()].some((book) => concerns(book, subject))
    if (isHeld) this.#write(action, knownAt)
  }

  /** Beside what was heard before: the same said again is nothing new, a restatement takes its place, a contradiction is a doubt. */
  #beside(said: ActionText): ActionText | undefined {
    const known = this.#shelf.actions.get(said.key)
    if (known === undefined || known.ref === said.ref) return known === undefined ? said : undefined
    if (meaning(known) === meaning(said)) return undefined
    const isBooked = [...this.#shelf.books.values()].some((book) => isDone(book, said))
    if (known.source === said.source && known.name !== said.name && said.type === 'dividend') return { ...said, key: `${said.key}:${said.name}` }
    this.#terms.diagnose('action_restated', { key: said.key, from: said.source, booked: isBooked })
    if (isBooked) return undefined
    return known.source === said.source && known.name === said.name ? said : { ...known, doubt: `${known.source} and ${said.source} tell it differently` }
  }

  #write(action: ActionText, knownAt: string): void {
    this.#shelf.logAction(actionRecord(action, knownAt, this.#terms.by))
  }

  /** Whether anything is due by now. */
  isDue(at: string): boolean {
    if (this.#nextAt === '') this.#nextAt = this.#next()
    if (at >= this.#nextAt) return true
    const day = at.slice(0, 10)
    if (day <= this.#splitDay) return false
    if (this.#toSplit().length > 0) return true
    this.#splitDay = day
    this.tidy(at)
    return false
  }

  /** Something was booked: what is due next has to be found anew. */
  changed(): void {
    this.#nextAt = ''
  }

  #next(): string {
    let next = '9999-12-31T00:00:00.000Z'
    const sooner = (at: string): void => {
      if (at < next) next = at
    }
    for (const action of this.#shelf.actions.values()) {
      if (this.#open(action).length > 0 || this.#isOrdered(action) || this.#outside.isOpen(action)) sooner(formatInstant(startOf(action.day)))
    }
    for (const { ledger } of this.#shelf.books.values()) {
      for (const [name, value] of this.#paysByTime ? ledger.marks() : []) if (name.startsWith(DUE)) sooner(value.split(' ')[0] ?? '')
      for (const { accruedTo } of loansOf(ledger)) sooner(nextMidnight(`${accruedTo}T00:00:00.000Z`))
    }
    for (const { payAt } of this.#paysByTime ? this.#outside.due() : []) sooner(payAt)
    return next
  }

  /** Books that an action is still to be booked in, and can be. */
  #open(action: ActionText): Book[] {
    return [...this.#shelf.books.values()].filter((book) => befalls(book, action) && this.#hindrance(book, action) === undefined)
  }

  /** Subjects with open orders that have to go before their holdings change, or that were sized in shares which are no more. */
  changing(at: string): string[] {
    const moving = [...this.#shelf.actions.values()].filter((action) =>
      isMovingShares(action) && isPast(action, at) && (this.#open(action).length > 0 || this.#isOrdered(action)))
    return moving.map(({ subject }) => subject)
  }

  /** Whether an order from before the action is open in its subject, in prices as traded. */
  #isOrdered(action: ActionText): boolean {
    const isMoot = action.type === 'split' && this.#isEmbedded && this.#shelf.basisOf(action.subject) === 'split_adjusted'
    if (!isMovingShares(action) || isMoot) return false
    return [...this.#shelf.books.values()].some((book) => book.openIn(action.subject).some(({ at }) => millisOf(at) < startOf(action.day)))
  }

  /** The day on which a subject ceased to trade, where it has. */
  endOf(subject: string, at: string): string | undefined {
    for (const action of this.#shelf.actions.values()) {
      if (action.subject !== subject || action.type !== 'delisting' || !isPast(action, at)) continue
      const mark = this.#shelf.marks.get(subject)
      if (mark === undefined || millisOf(mark.knownAt) < startOf(action.day)) return action.day
    }
    return undefined
  }

  /** Book all that is due; shares change only once all that was traded of them before is booked. */
  run(at: string): void {
    for (const action of this.#shelf.actions.values()) {
      if (!isPast(action, at)) continue
      for (const book of this.#open(action)) if (!isMovingShares(action) || book.openIn(action.subject).length === 0) this.#happen(book, action, at)
      // Last: what the vaults have not booked of the whole is beside them.
      if (this.#outside.isOpen(action) && ![...this.#shelf.books.values()].some((book) => befalls(book, action))) this.#afterwards(action, at)
    }
    if (this.#paysByTime) this.#outside.pay(at)
    for (const book of this.#shelf.books.values()) this.#byTime(book, at)
    if (at.slice(0, 10) > this.#splitDay) for (const book of this.#toSplit()) this.#split(book, at)
    this.#splitDay = at.slice(0, 10)
    this.#nextAt = ''
  }

  #afterwards(action: ActionText, at: string): void {
    if (!this.#shelf.isLogged(action.key)) this.#write(action, at)
    this.#outside.happen(action, at)
    this.#terms.diagnose('corporate_action', { vault: null, key: action.key, entry: action.type, detail: 'beside the vaults' })
  }

  /** Books with profit that is not split yet, and of which not all is to stay at work. */
  #toSplit(): Book[] {
    return [...this.#shelf.books.values()].filter(({ vault, ledger }) =>
      realisedProfit(ledger) > compounded(ledger) && this.#terms.vaultOf(vault).growth < ONE)
  }

  #split({ vault, ledger }: Book, at: string): void {
    const entry = compounding(ledger, this.#terms.vaultOf(vault).growth, { ref: '', at })
    if (entry === undefined) return
    const motive = { what: 'compound', who: this.#terms.by, why: 'the settings of the vault, once a day', at, by: this.#terms.by }
    this.#shelf.move(motive, [{ vault, entry }])
  }

  /**
   * A fill is about to be booked: what took effect before it comes first, and what was only heard of is written down. One that was heard late, of
   * before something that is booked already, has a dividend put right; where shares have become others since, what is held is no longer certain.
   */
  beforeFill(fill: Filling): void {
    const { subject, at, knownAt } = fill
    for (const action of this.#shelf.actions.size === 0 ? [] : this.#shelf.actions.values()) {
      if (action.subject !== subject) continue
      if (isPast(action, at)) for (const book of this.#open(action)) this.#happen(book, action, at)
      else {
        if (!this.#shelf.isLogged(action.key)) this.#write(action, knownAt)
        if (fill.book.ledger.mark(doneMark(action.key)) !== undefined) this.#late(action, fill)
      }
    }
  }

  #late(action: ActionText, { book, subject, side, quantity, name, knownAt }: Filling): void {
    const terms = termsOfAction(action), done = doneMark(`${action.key}:${name}`)
    if (book.ledger.mark(done) !== undefined) return
    if (terms?.does !== 'pay') {
      this.#terms.diagnose('fill_before_action', { vault: book.vault, key: action.key, fill: name })
      this.#shelf.actions.set(action.key, { ...action, doubt: `fill ${name} was before it and became known after it` })
      return
    }
    const owed = proceedsCents(quantity, terms.cash), cents = side === 'buy' ? owed : -owed
    if (cents === 0n) return
    const postings = [{ account: receivableAccount(subject), amountCents: cents }, { account: DIVIDENDS, amountCents: -cents }]
    const marks = { [done]: action.day, [`${DUE}${action.key}:${name}`]: `${terms.payAt} ${formatCents(cents)} ${action.ref} ${subject}` }
    const entry: Entry = { ref: action.ref, at: formatInstant(startOf(action.day)), type: 'dividend', postings, marks }
    this.#shelf.post(book.vault, entry, { knownAt, subject, detail: `of fill ${name}, heard late` })
  }

  /** What each book gets of a dividend: the whole holding is paid, to the cent below; the cents go by largest remainders. */
  #shareOf(book: Book, action: ActionText, cash: Fixed): Cents {
    const books = [...this.#shelf.books.values()]
    const held = books.map((one) => {
      const done = one.ledger.mark(doneMark(action.key))?.split(' ')[1]
      return done !== undefined ? fixedOf(done) : befalls(one, action) ? one.ledger.quantity(action.subject) : 0n
    })
    const whole = proceedsCents(held.reduce((sum, quantity) => sum + quantity, 0n), cash)
    return apportioned(whole, held)[books.indexOf(book)] ?? 0n
  }

  #happen(book: Book, action: ActionText, at: string): void {
    const terms = termsOfAction(action)
    if (terms === undefined) return
    if (!this.#shelf.isLogged(action.key)) this.#write(action, at)
    const { subject, key, ref } = action
    const isNew = (of: string): boolean => {
      const mark = this.#shelf.marks.get(of)
      return mark !== undefined && (millisOf(mark.knownAt) >= startOf(action.day) || (mark.since ?? '') >= action.day)
    }
    const isRestated = this.#shelf.basisOf(subject) === 'split_adjusted'
    const priceOf = (of: string) => {
      const mark = this.#shelf.marks.get(of), price = mark === undefined ? undefined : fixedOf(mark.price)
      // A price of the day itself is of the new shares already.
      const isAfter = price !== undefined && of === subject && terms.does === 'convert' && terms.into === undefined && (isRestated || isNew(of))
      return isAfter ? (price * terms.ratio.fresh) / terms.ratio.old : price
    }
    // What lives on such prices alone never sees the old shares; a venue does.
    const isAdjusted = terms.does === 'convert' && terms.into === undefined && isRestated && this.#isEmbedded
    const effectAt = formatInstant(startOf(action.day))
    const cause = { ref, at: effectAt > at ? at : effectAt }, done = { [doneMark(key)]: `${action.day} ${formatFixed(book.ledger.quantity(subject))}` }
    const share = terms.does === 'pay' ? { share: this.#shareOf(book, action, terms.cash) } : {}
    const happening = { ...cause, subject, priceOf, done, due: `${DUE}${key}`, currency: book.currency, ...share }
    const entry: Entry | string = isAdjusted ? { ...cause, type: 'split', postings: [], marks: done } : actionEntry(book.ledger, terms, happening)
    if (typeof entry === 'string') return
    const detail = isAdjusted ? 'prices are adjusted for it already' : undefined
    this.#shelf.post(book.vault, entry, { knownAt: at, subject, detail })
    // A price of the new shares that passed before was none of what was held then.
    const mark = this.#shelf.marks.get(subject)
    if (mark !== undefined && millisOf(mark.knownAt) >= startOf(action.day)) book.watch.see(subject, fixedOf(mark.price))
    if (!isAdjusted) this.#rebase(action)
    this.#terms.diagnose('corporate_action', { vault: book.vault, key, entry: entry.type, detail: detail ?? null })
  }

  /** Dividends whose day has come, interest of the days gone by. */
  #byTime(book: Book, at: string): void {
    for (const [name, value] of this.#paysByTime ? [...book.ledger.marks()] : []) {
      if (!name.startsWith(DUE)) continue
      const [payAt = '', amount = '0.00', ref = '', ...rest] = value.split(' '), subject = rest.join(' ')
      if (payAt > at) continue
      const cents = centsOf(amount)
      const postings = [{ account: CASH, amountCents: cents }, { account: receivableAccount(subject), amountCents: -cents }]
      this.#shelf.post(book.vault, { ref, at: payAt, type: 'dividend_paid', postings, marks: { [name]: '' } }, { knownAt: at, subject })
    }
    for (const { loan, ref } of loansOf(book.ledger)) {
      const entry = accrual(book.ledger, loan, { ref, at })
      if (entry !== undefined) this.#shelf.post(book.vault, entry, { knownAt: at, detail: `loan ${loan}` })
    }
  }

  /** Why a subject may not be traded in a vault: something befell it that is not booked. */
  unsettled(book: Book, subject: string, at: string): string | undefined {
    for (const action of this.#shelf.actions.values()) {
      if (action.subject !== subject || !isPast(action, at)) continue
      if (action.doubt !== undefined && book.ledger.quantity(subject) > 0n) return `${action.type.replace(/_/g, ' ')} of ${action.day}: ${action.doubt}`
      if (!befalls(book, action)) continue
      const why = this.#hindrance(book, action)
      const waits = isMovingShares(action) ? 'orders in it are not settled yet' : undefined
      if (why !== undefined || waits !== undefined) return `${action.type.replace(/_/g, ' ')} of ${action.day}: ${why ?? waits}`
    }
    return undefined
  }

  /** Whether the price known of a subject is from before the day of a dividend that has come. */
  isBeforeDividend(subject: string, at: string): boolean {
    for (const action of this.#shelf.actions.values()) {
      if (action.subject !== subject || isMovingShares(action) || !isPast(action, at)) continue
      const mark = this.#shelf.marks.get(subject)
      if (mark !== undefined && millisOf(mark.knownAt) < startOf(action.day)) return true
    }
    return false
  }

  #hindrance(book: Book, action: ActionText): string | undefined {
    if (action.doubt !== undefined) return action.doubt
    const terms = termsOfAction(action)
    if (terms === undefined) return undefined
    if (terms.does === 'unclear') return terms.why
    if (terms.does === 'pay' && terms.currency !== undefined && terms.currency !== book.currency) return `paid in ${terms.currency}`
    const traded = book.traded(action.subject)
    return traded !== undefined && millisOf(traded) >= startOf(action.day) ? 'it became known only after the subject had been traded since' : undefined
  }

  /** Forget what took effect long ago and befalls nothing any more. */
  tidy(at: string): void {
    for (const [key, action] of this.#shelf.actions) {
      if (startOf(action.day) + REMEMBERED_MS >= millisOf(at)) continue
      if (!this.#outside.befalls(action) && ![...this.#shelf.books.values()].some((book) => befalls(book, action))) this.#shelf.actions.delete(key)
    }
  }
}

/** Whether a book holds what was held before the action, and has not booked it. */
function befalls({ ledger }: Book, { key, subject, day }: ActionText): boolean {
  const [oldest] = ledger.lots(subject)
  return oldest !== undefined && millisOf(oldest.acquired) < startOf(day) && ledger.mark(doneMark(key)) === undefined
}

const isDone = ({ ledger }: Book, { key }: ActionText): boolean => ledger.mark(doneMark(key)) !== undefined
const concerns = (book: Book, subject: string): boolean => book.ledger.quantity(subject) > 0n || book.openIn(subject).length > 0
