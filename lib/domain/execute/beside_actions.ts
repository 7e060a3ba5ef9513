/**
 * What companies do to the shares that an account holds beside the vaults. A venue counts the account as a whole: what comes of the whole holding,
 * less what the vaults have booked of it, is beside them, to the share and the cent.
 */
import { make, millisOf } from '#record'
import { lieuMark, type Ratio, type Terms } from '../money/corporate_action.ts'
import { floorDiv, formatFixed, ONE } from '../money/decimal.ts'
import { centsOf, fixedOf, formatCents, proceedsCents, type Cents, type Fixed } from '../money/money.ts'
import { doneMark, DUE, isMovingShares, startOf, termsOfAction, type ActionText } from './action_text.ts'
import { changeText, type Change, type Outside } from './beside.ts'
import type { Book } from './book.ts'
import type { Broker } from './broker.ts'
import type { Shelf } from './shelf.ts'

export interface BesideTerms {
  readonly broker: Broker
  readonly by: string
}

/** What a vault held before, and what of it was taken for a fraction of a share that brought so much. */
interface Booked {
  readonly before: Fixed
  readonly fraction: Fixed
  readonly lieu: Cents
}

export class BesideActions {
  readonly #terms: BesideTerms
  readonly #shelf: Shelf

  constructor(terms: BesideTerms, shelf: Shelf) {
    this.#terms = terms
    this.#shelf = shelf
  }

  get #outside(): Outside | undefined {
    return this.#terms.broker.embedded === undefined ? this.#shelf.venues.get(this.#terms.broker.name)?.outside : undefined
  }

  /** What is held of a subject; below zero where it was sold short. */
  held(subject: string): Fixed {
    return fixedOf(this.#outside?.positions[subject] ?? '0')
  }

  /** Whether it changes what is there, and is not booked: of what was held when it took effect. */
  befalls(action: ActionText): boolean {
    const outside = this.#outside
    if (outside?.since === undefined || startOf(action.day) <= millisOf(outside.since) || outside.marks?.[doneMark(action.key)] !== undefined) return false
    // Fractions of several vaults may make a share.
    return this.held(action.subject) !== 0n || (isMovingShares(action) && this.#done(action).length > 1)
  }

  /** Whether it can be booked, once the vaults have. */
  isOpen(action: ActionText): boolean {
    const terms = this.befalls(action) ? termsOfAction(action) : undefined
    if (terms === undefined || terms.does === 'unclear' || action.doubt !== undefined) return false
    return terms.does !== 'pay' || terms.currency === undefined || [...this.#shelf.books.values()].every(({ currency }) => currency === terms.currency)
  }

  #done({ key }: ActionText): readonly Book[] {
    return [...this.#shelf.books.values()].filter(({ ledger }) => ledger.mark(doneMark(key)) !== undefined)
  }

  happen(action: ActionText, at: string): void {
    const terms = termsOfAction(action)
    if (terms === undefined) return
    const target = terms.does === 'hand out' ? terms.subject : terms.does === 'convert' ? terms.into ?? action.subject : action.subject
    const booked = this.#done(action).map(({ ledger }): Booked => {
      const [, before = '0'] = ledger.mark(doneMark(action.key))?.split(' ') ?? []
      const [fraction = '0', lieu = '0.00'] = ledger.mark(lieuMark(target))?.split(' ') ?? []
      return { before: fixedOf(before), fraction: fixedOf(fraction), lieu: centsOf(lieu) }
    })
    const change = this.#change(action, terms, target, booked)
    this.#write({ ...change, marks: { ...change.marks, [doneMark(action.key)]: action.day } }, action, at)
  }

  #write(change: Change, { key, ref }: Pick<ActionText, 'key' | 'ref'>, at: string): void {
    const { broker, by } = this.#terms
    const facts = { key, beside: changeText(change) }
    this.#shelf.beside(make('control', { type: 'beside', parents: [ref], at, known_at: at, source: `exec/${broker.name}`, by, facts }))
  }

  #change({ key, ref, subject }: ActionText, terms: Terms, target: string, booked: readonly Booked[]): Change {
    const own = this.held(subject), whole = booked.reduce((sum, { before }) => sum + before, own)
    const paid = (price: Fixed): Cents => booked.reduce((sum, { before }) => sum - proceedsCents(before, price), proceedsCents(whole, price))
    switch (terms.does) {
      case 'pay': {
        // The vaults share what they are paid together.
        const cents = proceedsCents(whole, terms.cash) - proceedsCents(whole - own, terms.cash)
        return { cash: 0n, positions: new Map(), marks: cents === 0n ? {} : { [DUE + key]: `${terms.payAt} ${formatCents(cents)} ${ref} ${subject}` } }
      }
      case 'end': return { cash: paid(terms.cash), positions: new Map([[subject, -own]]), marks: {} }
      case 'hand out': return this.#exchanged(terms.ratio, target, whole, booked, new Map(), 0n)
      case 'convert': return this.#exchanged(terms.ratio, target, whole, booked, new Map([[subject, -own]]), terms.cash === undefined ? 0n : paid(terms.cash))
      case 'unclear': throw new RangeError(`${key}: ${terms.why}`)
    }
  }

  /** The account's new shares less the vaults'; and what its fraction brings less what the vaults thought theirs would. */
  #exchanged({ fresh, old }: Ratio, target: string, whole: Fixed, booked: readonly Booked[], gone: ReadonlyMap<string, Fixed>, paid: Cents): Change {
    const after = floorDiv(whole * fresh, old), fraction = whole % ONE === 0n && after > 0n ? after % ONE : 0n
    const price = this.#shelf.marks.get(target)?.price
    let units = after - fraction, left = fraction, cash = paid + (price === undefined ? 0n : proceedsCents(fraction, fixedOf(price)))
    for (const { before, fraction: own, lieu } of booked) {
      units -= floorDiv(before * fresh, old) - own
      left -= own
      cash -= lieu
    }
    const positions = new Map(gone)
    positions.set(target, (positions.get(target) ?? 0n) + units)
    return { cash, positions, marks: left === 0n ? {} : { [lieuMark(target)]: `${formatFixed(left)} ${formatCents(cash - paid)}` } }
  }

  /** Dividends that are due, where the venue does not tell of their payment. */
  *due(): Generator<{ readonly payAt: string; readonly cents: Cents; readonly mark: string; readonly ref: string }> {
    for (const [mark, value] of Object.entries(this.#outside?.marks ?? {})) {
      const [payAt = '', amount = '0.00', ref = ''] = mark.startsWith(DUE) ? value.split(' ') : []
      if (payAt !== '') yield { payAt, cents: centsOf(amount), mark, ref }
    }
  }

  pay(at: string): void {
    for (const { payAt, cents, mark, ref } of [...this.due()]) {
      if (payAt <= at) this.#write({ cash: cents, positions: new Map(), marks: { [mark]: '' } }, { key: mark.slice(DUE.length), ref }, at)
    }
  }
}
