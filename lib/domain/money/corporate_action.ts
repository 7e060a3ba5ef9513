/**
 * What a company does to its shares, as entries of the books. Cost goes with the shares and is never made or lost; fractions of a share, where
 * whole shares were held, are paid out at the last price known, rounded down. What a signal does not settle is said to be unclear, not guessed.
 */
import { CASH, DIVIDENDS, positionAccount, REALISED, receivableAccount } from './accounts.ts'
import { floorDiv, formatFixed, ONE, parseFixed } from './decimal.ts'
import { apportioned, type Entry, type EntryType, type Posting } from './entry.ts'
import { formatCents, proceedsCents, type Cents, type Fixed } from './money.ts'
import { Ledger, type Lot } from './ledger.ts'

export interface Ratio {
  readonly fresh: bigint
  readonly old: bigint
}
/** What happens to one share held. */
export type Terms =
  | { readonly does: 'pay'; readonly cash: Fixed; readonly payAt: string; readonly currency?: string | undefined }
  /** `into`: another subject, where it is not the same. */
  | { readonly does: 'convert'; readonly as: EntryType; readonly ratio: Ratio; readonly into?: string; readonly cash?: Fixed | undefined }
  | { readonly does: 'hand out'; readonly ratio: Ratio; readonly subject: string }
  | { readonly does: 'end'; readonly as: EntryType; readonly cash: Fixed }
  | { readonly does: 'unclear'; readonly why: string }

type Facts = { readonly [name: string]: unknown }

const textIn = (facts: Facts, ...names: readonly string[]): string | undefined => {
  const value = names.map((name) => facts[name]).find((found) => typeof found === 'string' && found !== '')
  return typeof value === 'string' ? value : undefined
}
const fixedIn = (facts: Facts, ...names: readonly string[]): Fixed | undefined => {
  const text = textIn(facts, ...names), value = text === undefined ? undefined : parseFixed(text)
  return value === undefined || value <= 0n ? undefined : value
}

function ratioIn(facts: Facts): Ratio | undefined {
  const match = /^(\d{1,18}):(\d{1,18})$/.exec(textIn(facts, 'ratio') ?? '')
  const fresh = BigInt(match?.[1] ?? '0'), old = BigInt(match?.[2] ?? '0')
  return fresh > 0n && old > 0n ? { fresh, old } : undefined
}

const unclear = (why: string): Terms => ({ does: 'unclear', why })
const tickerIn = (facts: Facts, ...names: readonly string[]): string | undefined => {
  const symbol = textIn(facts, ...names)
  return symbol === undefined ? undefined : `ticker:${symbol}`
}

/** Types of signals that are read here; others that befall companies (rights, an ordinary delisting) leave holdings as they are. */
export const ACTIONS: ReadonlySet<string> = new Set(['split', 'dividend', 'symbol_change', 'merger', 'spin_off', 'redemption', 'delisting'])

/** The terms of a signal; undefined where it changes no holding. `payAt`: when a dividend is paid, where it does not say. */
export function termsOf(type: string, facts: Facts, payAt: (date: string | undefined) => string): Terms | undefined {
  const form = textIn(facts, 'form'), ratio = ratioIn(facts), cash = fixedIn(facts, 'cash', 'amount')
  switch (type) {
    case 'split':
      if (form === 'unit') return unclear('units fall apart into other securities')
      return ratio === undefined ? unclear('a split without its ratio') : { does: 'convert', as: 'split', ratio }
    case 'dividend': {
      if (form !== undefined && form !== 'cash') {
        const rate = fixedIn(facts, 'rate')
        return form !== 'stock' || rate === undefined ? unclear(`a dividend in ${form} without its rate`)
          : { does: 'convert', as: 'split', ratio: { fresh: ONE + rate, old: ONE } }
      }
      if (cash === undefined) return unclear('a dividend without an amount of at most 8 decimals')
      return { does: 'pay', cash, payAt: payAt(textIn(facts, 'payable_date', 'payment_date')), currency: textIn(facts, 'currency') }
    }
    case 'symbol_change': {
      const into = tickerIn(facts, 'new_symbol')
      if (into === undefined) return unclear('a change of symbol without the new one')
      return { does: 'convert', as: 'symbol_change', ratio: { fresh: 1n, old: 1n }, into }
    }
    case 'merger': {
      const into = tickerIn(facts, 'acquirer_symbol')
      if (ratio !== undefined && into !== undefined) return { does: 'convert', as: 'merger', ratio, into, cash: fixedIn(facts, 'cash', 'cash_rate') }
      const isForCash = ratio === undefined && cash !== undefined && form === 'cash'
      return isForCash ? { does: 'end', as: 'merger', cash } : unclear('a merger whose terms are not settled')
    }
    case 'spin_off': {
      const subject = tickerIn(facts, 'new_symbol')
      return ratio === undefined || subject === undefined ? unclear('a spin-off without its ratio or symbol') : { does: 'hand out', ratio, subject }
    }
    case 'redemption':
      return cash === undefined ? unclear('a redemption without its price') : { does: 'end', as: 'redemption', cash }
    case 'delisting':
      if (form === 'worthless') return { does: 'end', as: 'worthless', cash: 0n }
      // A record of prices that falls silent: what is held is worth what is stated, and trades no more. Another delisting goes on over the counter.
      if (form !== 'silent' && form !== 'record_ends') return undefined
      return cash === undefined ? unclear('an end without the value of a share') : { does: 'end', as: 'delisting', cash }
    default:
      return undefined
  }
}

export interface Happening {
  readonly ref: string
  readonly at: string
  /** The mark that says it is done, and its value. */
  readonly done: { readonly [mark: string]: string }
  /** Under this mark stands what is to be paid and when. */
  readonly due: string
  readonly subject: string
  /** The last price known before it. */
  readonly priceOf: (subject: string) => Fixed | undefined
  readonly currency: string
  /** Of a dividend, what this book gets: all books together get what the whole holding is paid. */
  readonly share?: Cents
}

/** The entry for what a book holds of the subject; in words why there can be none yet. */
export function actionEntry(ledger: Ledger, terms: Terms, happening: Happening): Entry | string {
  const { ref, at, subject, done } = happening
  const entry = (type: EntryType, postings: readonly Posting[], marks = {}): Entry => ({ ref, at, type, postings, marks: { ...done, ...marks } })
  switch (terms.does) {
    case 'unclear':
      return terms.why
    case 'pay': {
      if (terms.currency !== undefined && terms.currency !== happening.currency) return `a dividend in ${terms.currency}, books in ${happening.currency}`
      const cents = happening.share ?? proceedsCents(ledger.quantity(subject), terms.cash)
      if (cents === 0n) return entry('dividend', [])
      const postings = [{ account: receivableAccount(subject), amountCents: cents }, { account: DIVIDENDS, amountCents: -cents }]
      return entry('dividend', postings, { [happening.due]: `${terms.payAt} ${formatCents(cents)} ${ref} ${subject}` })
    }
    case 'end': {
      const quantity = ledger.quantity(subject), cash = proceedsCents(quantity, terms.cash)
      return entry(terms.as, [...ledger.taken(subject, quantity), ...settled(cash, ledger.costOf(subject))])
    }
    case 'hand out': {
      const { postings, marks } = handedOut(ledger, terms.ratio, terms.subject, happening)
      return entry('spin_off', postings, marks)
    }
    case 'convert': {
      const { postings, marks } = converted(ledger, terms, happening)
      return entry(terms.as, postings, marks)
    }
  }
}

/** Money that comes for what cost so much. */
function settled(cash: Cents, cost: Cents): Posting[] {
  return [...(cash === 0n ? [] : [{ account: CASH, amountCents: cash }]), ...(cost === cash ? [] : [{ account: REALISED, amountCents: cost - cash }])]
}

/** What each lot becomes: rounded down on the running sum, so that all lots together lose less than the smallest part of a share. */
function scaled(lots: readonly Lot[], { fresh, old }: Ratio): Fixed[] {
  let held = 0n, before = 0n
  return lots.map(({ quantity }) => {
    held += quantity
    const until = floorDiv(held * fresh, old), own = until - before
    before = until
    return own
  })
}

function converted(ledger: Ledger, { ratio, into, cash }: Extract<Terms, { does: 'convert' }>, { subject, priceOf, ref, at }: Happening): Moved {
  const lots = ledger.lots(subject), quantities = scaled(lots, ratio), target = into ?? subject
  const money = cash === undefined ? 0n : proceedsCents(ledger.quantity(subject), cash)
  const left = ledger.costOf(subject) - (money < ledger.costOf(subject) ? money : ledger.costOf(subject))
  const costs = carried(lots, quantities, left)
  const books = Ledger.fromState(ledger.toState()), postings: Posting[] = []
  const post = (...more: readonly Posting[]): void => {
    books.post({ ref, at, type: 'adjustment', postings: balanced(more) })
    postings.push(...more)
  }
  if (target === subject) {
    const out = lots.map((lot, i): Posting => {
      const move = { lot: lot.id, acquired: lot.acquired, quantity: (quantities[i] ?? 0n) - lot.quantity }
      return { account: positionAccount(subject), amountCents: (costs[i] ?? 0n) - lot.costCents, move }
    })
    post(...out)
  } else {
    post(...ledger.taken(subject, ledger.quantity(subject)))
    for (const [i, { id, acquired }] of lots.entries()) {
      if ((quantities[i] ?? 0n) > 0n) post(books.bought(target, quantities[i] ?? 0n, costs[i] ?? 0n, id, acquired))
    }
  }
  const lost = quantities.every((quantity) => quantity === 0n) ? left : 0n
  postings.push(...settled(money, ledger.costOf(subject) - left + lost))
  const wasWhole = ledger.quantity(subject) % ONE === 0n, whole = quantities.reduce((sum, quantity) => sum + quantity, 0n)
  const price = into === undefined ? priceOf(subject) : priceOf(target) ?? undefined
  const after = price === undefined || into !== undefined ? price : floorDiv(price * ratio.old, ratio.fresh)
  return wasWhole ? withLieu(postings, books, target, whole % ONE, after) : { postings, marks: {} }
}

/** An imbalance that stands for what is posted besides: the copy of the books has only to know the lots. */
function balanced(postings: readonly Posting[]): Posting[] {
  const sum = postings.reduce((total, { amountCents }) => total + amountCents, 0n)
  return sum === 0n ? [...postings] : [...postings, { account: REALISED, amountCents: -sum }]
}

interface Moved {
  readonly postings: Posting[]
  readonly marks: { readonly [name: string]: string }
}

/** Under this mark stands the fraction that was taken out, and what it was thought to bring: until the venue says what it did. */
export const lieuMark = (subject: string): string => `lieu:${subject}`

/** A fraction of a share is sold at the price known; without one it is worth nothing until somebody says otherwise. */
function withLieu(postings: readonly Posting[], books: Ledger, subject: string, fraction: Fixed, price: Fixed | undefined): Moved {
  if (fraction === 0n) return { postings: [...postings], marks: {} }
  const taken = books.taken(subject, fraction)
  const cost = taken.reduce((sum, { amountCents }) => sum - amountCents, 0n), cash = price === undefined ? 0n : proceedsCents(fraction, price)
  return { postings: [...postings, ...taken, ...settled(cash, cost)], marks: { [lieuMark(subject)]: `${formatFixed(fraction)} ${formatCents(cash)}` } }
}

/** New shares enter at no cost, until somebody says what part of the old ones' they take. */
function handedOut(ledger: Ledger, ratio: Ratio, target: string, { subject, priceOf, ref, at }: Happening): Moved {
  const lots = ledger.lots(subject), quantities = scaled(lots, ratio), books = Ledger.fromState(ledger.toState()), postings: Posting[] = []
  for (const [i, { id, acquired }] of lots.entries()) {
    if ((quantities[i] ?? 0n) === 0n) continue
    const got = books.bought(target, quantities[i] ?? 0n, 0n, id, acquired)
    books.post({ ref, at, type: 'spin_off', postings: [got] })
    postings.push(got)
  }
  const whole = quantities.reduce((sum, quantity) => sum + quantity, 0n)
  return ledger.quantity(subject) % ONE === 0n ? withLieu(postings, books, target, whole % ONE, priceOf(target)) : { postings, marks: {} }
}

/** The costs of lots, in all `cost`, each in its old proportion; of what became nothing, with the others. */
function carried(lots: readonly Lot[], quantities: readonly Fixed[], cost: Cents): Cents[] {
  const whole = lots.reduce((sum, { costCents }) => sum + costCents, 0n)
  const own = cost === whole ? lots.map(({ costCents }) => costCents) : apportioned(cost, lots.map(({ costCents }) => costCents))
  const costs = own.map((cents, i) => ((quantities[i] ?? 0n) > 0n ? cents : 0n))
  const astray = own.reduce((sum, cents, i) => ((quantities[i] ?? 0n) > 0n ? sum : sum + cents), 0n)
  const heir = quantities.findIndex((quantity) => quantity > 0n)
  if (heir >= 0) costs[heir] = (costs[heir] ?? 0n) + astray
  return costs
}
