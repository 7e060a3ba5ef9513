/**
 * What an activity of a venue's account means to the vaults: whose it is, and as which entries. Capital is never anybody's by itself: it lies beside
 * the vaults until a person moves it. What is not understood is nobody's: it stays a difference, and nothing is traded before a person has booked it.
 */
import { DAY_MS, parseMoment } from '#record'
import { ADJUSTMENTS, CASH, DIVIDENDS, FEES, INTEREST, INTEREST_EARNED, isFunding, REALISED, receivableAccount } from '../money/accounts.ts'
import { lieuMark } from '../money/corporate_action.ts'
import { ONE } from '../money/decimal.ts'
import { apportioned, type Entry, type EntryType, type Posting } from '../money/entry.ts'
import type { Ledger } from '../money/ledger.ts'
import { centsOf, fixedOf, type Cents, type Fixed } from '../money/money.ts'
import { DUE } from './action_text.ts'
import type { HeardText, Outside } from './beside.ts'
import type { Book } from './book.ts'
import type { Activity } from './broker.ts'
import { instrumentOf } from './instrument.ts'

/** What is beside the vaults goes by no name. */
export const BESIDE = ''
/** By vault, in which proportion. */
export type Weights = ReadonlyMap<string, bigint>

export interface Holders {
  readonly books: readonly Book[]
  readonly outside: Outside
  /** Activities heard before. */
  readonly heard: { readonly [activityId: string]: HeardText }
}

/** A part of an activity, of one vault or of what is beside them. */
export interface Part {
  readonly cents: Cents
  readonly quantity: Fixed
  /** Of a dividend that was expected, or a fraction that was thought to bring so much: under which mark, and how much. */
  readonly expected?: { readonly mark: string; readonly cents: Cents; readonly subject: string }
}

export interface Parts {
  readonly parts: ReadonlyMap<string, Part>
  readonly weights: Weights
}

/** Fees are of what was traded on their day, or the latest before within so many. */
const FEE_DAYS = 7

/** Each part by its vault; undefined where it is not understood. */
export function partsOf(activity: Activity, holders: Holders): Parts | undefined {
  if (activity.type === 'dividend' && activity.cents > 0n) {
    const due = dueOf(activity, holders)
    if (due !== undefined) return { weights: due.cents, parts: divided(activity, due.cents, due) }
  }
  if (activity.type === 'in_lieu') {
    const fractions = fractionsOf(activity, holders)
    if (fractions !== undefined) return inLieu(activity, fractions)
  }
  const weights = weightsOf(activity, holders)
  return weights === undefined ? undefined : { weights, parts: divided(activity, weights) }
}

/** By given weights: what an activity comes to more, or less, than before goes the way it went then. */
export function divided({ cents, quantity }: Activity, weights: Weights, due?: Due): ReadonlyMap<string, Part> {
  const names = [...weights.keys()], shares = [...weights.values()]
  // Contracts and shares are whole where the venue's are.
  const unit = quantity % ONE === 0n ? ONE : 1n
  const money = apportioned(cents, shares), units = apportioned(quantity / unit, shares)
  return new Map(names.map((name, i): [string, Part] => {
    const expected = due === undefined ? {} : { expected: { mark: due.mark, subject: due.subject, cents: due.cents.get(name) ?? 0n } }
    return [name, { cents: money[i] ?? 0n, quantity: (units[i] ?? 0n) * unit, ...expected }]
  }))
}

function weightsOf(activity: Activity, holders: Holders): Weights | undefined {
  const { type, subject, cents } = activity
  switch (type) {
    case 'capital': return ALL_BESIDE
    case 'fee': return tradersOn(activity, holders.books) ?? (subject === undefined ? ALL_BESIDE : holdersOf(subject, holders))
    // What is withheld of a dividend goes the way of the dividend.
    case 'dividend': return siblingOf(activity, holders, (heard) => heard.what === 'dividend' && heard.subject === subject) ?? heldOr(subject, holders)
    case 'in_lieu': return heldOr(subject, holders)
    case 'interest': return moneyOf(cents > 0n, holders)
    case 'exercise': return heldOr(subject, holders)
    case 'delivery': return siblingOf(activity, holders, (heard) => heard.what === 'exercise' && rootOf(heard.subject) === subject) ?? ALL_BESIDE
    case 'action': case 'other': return undefined
  }
}

const ALL_BESIDE: Weights = new Map([[BESIDE, 1n]])
const heldOr = (subject: string | undefined, holders: Holders): Weights | undefined => (subject === undefined ? undefined : holdersOf(subject, holders))

/** By what is held; what nobody holds is beside the vaults. Who is short there bears it alone where the vaults hold none. */
function holdersOf(subject: string, { books, outside }: Holders): Weights {
  const weights = new Map<string, bigint>()
  for (const { vault, ledger } of books) if (ledger.quantity(subject) > 0n) weights.set(vault, ledger.quantity(subject))
  const beside = fixedOf(outside.positions[subject] ?? '0')
  if (beside > 0n || weights.size === 0) weights.set(BESIDE, beside > 0n ? beside : 1n)
  return weights
}

/** Fees of exchanges and regulators are on sales; where nothing was sold, on what was bought. */
function tradersOn({ subject, day }: Activity, books: readonly Book[]): Weights | undefined {
  const last = Math.floor((parseMoment(day) ?? 0) / DAY_MS)
  for (let on = last; on > last - FEE_DAYS; on--) {
    for (const side of ['sold', 'bought'] as const) {
      const traded = books.map(({ vault, watch }) => [vault, watch.turnoverOn(on, subject)[side]] as const).filter(([, cents]) => cents > 0n)
      if (traded.length > 0) return new Map(traded)
    }
  }
  return undefined
}

/** Interest that is paid to us is of the money there is; what we pay, of who has overdrawn. */
function moneyOf(isPaidToUs: boolean, { books, outside }: Holders): Weights {
  const weights = new Map<string, bigint>()
  for (const { vault, ledger } of books) {
    const money = isPaidToUs ? ledger.money : -ledger.cash
    if (money > 0n) weights.set(vault, money)
  }
  const beside = centsOf(outside.cash)
  if (isPaidToUs && beside > 0n) weights.set(BESIDE, beside)
  return weights.size > 0 ? weights : ALL_BESIDE
}

const rootOf = (subject: string | undefined): string | undefined => {
  const instrument = subject === undefined ? undefined : instrumentOf(subject)
  return instrument?.kind === 'option' ? `ticker:${instrument.root}` : undefined
}

function siblingOf({ day, activityId }: Activity, { heard }: Holders, isOne: (heard: HeardText) => boolean): Weights | undefined {
  for (const [id, known] of Object.entries(heard)) {
    if (id === activityId || known.day !== day || known.weights === undefined || !isOne(known)) continue
    return new Map(Object.entries(known.weights).map(([vault, weight]) => [vault, BigInt(weight)]))
  }
  return undefined
}

interface Due {
  readonly mark: string
  readonly subject: string
  readonly cents: ReadonlyMap<string, Cents>
}

/**
 * The dividend of a subject that is due first, by who has booked that it will come. Of a payment that does not say for what, the one that comes to
 * as much, if there is but one.
 */
function dueOf({ subject, cents: paid }: Activity, { books, outside }: Holders): Due | undefined {
  const marks = [...books.map(({ vault, ledger }) => [vault, [...ledger.marks()]] as const), [BESIDE, Object.entries(outside.marks ?? {})] as const]
  const due = marks.flatMap(([vault, own]) => own.flatMap(([mark, value]) => {
    const [payAt = '', amount = '0.00', , ...of] = mark.startsWith(DUE) ? value.split(' ') : []
    const cents = centsOf(amount)
    return (subject === undefined || of.join(' ') === subject) && cents > 0n ? [{ vault, mark, payAt, cents, subject: of.join(' ') }] : []
  }))
  const sumOf = (name: string): Cents => due.reduce((sum, { mark, cents }) => (mark === name ? sum + cents : sum), 0n)
  const fitting = new Set(due.flatMap(({ mark }) => (subject !== undefined || sumOf(mark) === paid ? [mark] : [])))
  if (subject === undefined && fitting.size !== 1) return undefined
  const [first] = due.filter(({ mark }) => fitting.has(mark)).sort((a, b) => (a.payAt < b.payAt ? -1 : a.payAt > b.payAt ? 1 : 0))
  if (first === undefined) return undefined
  const own = due.filter(({ mark }) => mark === first.mark)
  return { mark: first.mark, subject: first.subject, cents: new Map(own.map(({ vault, cents }) => [vault, cents])) }
}

interface Fraction {
  readonly units: Fixed
  readonly cents: Cents
}

/** Fractions of shares that were taken out of the books at a price that was only thought. */
function fractionsOf({ subject = '' }: Activity, { books, outside }: Holders): ReadonlyMap<string, Fraction> | undefined {
  const found = new Map<string, Fraction>(), mark = lieuMark(subject)
  for (const [name, value] of [...books.map(({ vault, ledger }) => [vault, ledger.mark(mark)] as const), [BESIDE, outside.marks?.[mark]] as const]) {
    const [units = '0', cents = '0.00'] = value?.split(' ') ?? []
    if (value !== undefined) found.set(name, { units: fixedOf(units), cents: centsOf(cents) })
  }
  return [...found.values()].reduce((sum, { units }) => sum + units, 0n) > 0n ? found : undefined
}

/** Each fraction brings what the account's brought by the unit, rounded down; the rest, or what is lacking, is of what is beside. */
function inLieu({ cents, subject = '' }: Activity, fractions: ReadonlyMap<string, Fraction>): Parts {
  const all = [...fractions.values()].reduce((sum, { units }) => sum + units, 0n)
  const parts = new Map<string, Part>(), weights = new Map<string, bigint>()
  let left = cents
  for (const [vault, { units, cents: thought }] of fractions) {
    if (vault === BESIDE) continue
    const own = (cents * units) / all
    left -= own
    parts.set(vault, { cents: own, quantity: 0n, expected: { mark: lieuMark(subject), subject, cents: thought } })
    weights.set(vault, units)
  }
  parts.set(BESIDE, { cents: left, quantity: 0n, expected: { mark: lieuMark(subject), subject, cents: fractions.get(BESIDE)?.cents ?? 0n } })
  return { parts, weights }
}

type Unnamed = Omit<Entry, 'ref'>

/** The entry of a vault's part, undefined where it moves nothing. Throws RangeError where its books do not have what goes. */
export function entryOfPart({ type, subject = '' }: Activity, part: Part, ledger: Ledger, { ref, at }: Pick<Entry, 'ref' | 'at'>): Unnamed | undefined {
  const { cents, quantity, expected } = part
  const entry = (as: EntryType, ...postings: readonly Posting[]): Unnamed | undefined => {
    const marks = expected === undefined ? {} : { marks: { [expected.mark]: '' } }
    const moving = postings.filter(({ amountCents, move }) => amountCents !== 0n || move !== undefined)
    return moving.length === 0 && expected === undefined ? undefined : { at, type: as, postings: moving, ...marks }
  }
  const cash = (amountCents: Cents): Posting => ({ account: CASH, amountCents })
  const against = (account: string, amountCents: Cents): Posting => ({ account, amountCents: -amountCents })
  switch (type) {
    case 'fee': {
      if (quantity > 0n) throw new RangeError('a fee that came in units of the subject')
      const taken = quantity === 0n ? [] : ledger.taken(subject, -quantity)
      const cost = taken.reduce((sum, { amountCents }) => sum - amountCents, 0n)
      return entry('fee', ...taken, cash(cents), against(FEES, cents - cost))
    }
    case 'interest': return entry('interest', cash(cents), against(cents > 0n ? INTEREST_EARNED : INTEREST, cents))
    case 'dividend': {
      const due = expected?.cents ?? 0n
      return entry('dividend_paid', cash(cents), against(receivableAccount(expected?.subject ?? subject), due), against(DIVIDENDS, cents - due))
    }
    case 'in_lieu': {
      const more = cents - (expected?.cents ?? 0n)
      return entry('in_lieu', cash(more), against(REALISED, more))
    }
    case 'exercise': case 'delivery': {
      if (quantity > 0n) {
        if (cents > 0n) throw new RangeError(`${subject}: units and money came at once`)
        return entry('exercise', ledger.bought(subject, quantity, -cents, ref, at), cash(cents))
      }
      const taken = quantity === 0n ? [] : ledger.taken(subject, -quantity)
      const cost = taken.reduce((sum, { amountCents }) => sum - amountCents, 0n)
      return entry('exercise', ...taken, cash(cents), against(REALISED, cents - cost))
    }
    default: return entry('adjustment', cash(cents), against(ADJUSTMENTS, cents))
  }
}

/** What an entry takes out of what is beside the vaults: money that came into a vault there did not come with the entry's own cause. */
export const fundedBy = ({ postings }: Pick<Entry, 'postings'>): Cents =>
  postings.reduce((sum, { account, amountCents }) => (isFunding(account) ? sum - amountCents : sum), 0n)
