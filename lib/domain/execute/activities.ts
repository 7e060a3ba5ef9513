/**
 * Hears what moved at a venue without an execution of an order, and books it: each activity once, by the venue's name for it. One that is told
 * otherwise than before (corrected, called off) is booked by what it comes to more or less than then.
 */
import { DAY_MS, formatInstant, make, type Control, type Millis } from '#record'
import { formatFixed } from '../money/decimal.ts'
import { centsOf, fixedOf, formatCents, type Cents } from '../money/money.ts'
import { BESIDE, divided, entryOfPart, fundedBy, partsOf, type Part, type Parts, type Weights } from './activity.ts'
import { changeText, type HeardText, type VenueState } from './beside.ts'
import type { Activity, Broker } from './broker.ts'
import type { Diagnose } from './dispatch.ts'
import { ITS_CAUSE, textOfMove, type Move } from './movement.ts'
import type { Shelf } from './shelf.ts'

/** What is told late is looked for so far back; twice as long it is remembered. */
export const HEARD_MS = 30 * DAY_MS

export interface ActivityTerms {
  readonly broker: Broker
  readonly by: string
  readonly diagnose: Diagnose
}

export class Activities {
  readonly #terms: ActivityTerms
  readonly #shelf: Shelf

  constructor(terms: ActivityTerms, shelf: Shelf) {
    this.#terms = terms
    this.#shelf = shelf
  }

  /** Book what is new; its records. What the venue does not tell is left to show as a difference. */
  async hear(nowMs: Millis): Promise<readonly Control[]> {
    const { broker, diagnose } = this.#terms
    const state = this.#shelf.venues.get(broker.name)
    if (broker.activities === undefined || state?.outside === undefined) return []
    const told = await broker.activities(nowMs - HEARD_MS, nowMs)
    if ('unknown' in told) {
      diagnose('deaf', { what: 'activities', why: told.unknown })
      return []
    }
    if (state.activities === undefined) return this.#first(told.told, state.outside.since ?? '', nowMs)
    // In the order in which they happened, what options became before what came of it.
    const inOrder = [...told.told].sort((a, b) => (order(a) < order(b) ? -1 : order(a) > order(b) ? 1 : 0))
    return inOrder.flatMap((activity) => this.#take(activity, nowMs))
  }

  /** When the account was met they were not told: what is of that day or before is taken for part of what was there. */
  #first(told: readonly Activity[], since: string, nowMs: Millis): readonly Control[] {
    const { broker } = this.#terms
    const before = told.filter(({ day }) => day <= since.slice(0, 10))
    this.#shelf.venues.set(broker.name, { ...this.#state(), activities: heardTexts(before) })
    return told.filter((activity) => !before.includes(activity)).flatMap((activity) => this.#take(activity, nowMs))
  }

  #state(): VenueState {
    return this.#shelf.venues.get(this.#terms.broker.name) ?? {}
  }

  #take(activity: Activity, nowMs: Millis): readonly Control[] {
    const { outside, activities: heard = {} } = this.#state()
    const known = Object.hasOwn(heard, activity.activityId) ? heard[activity.activityId] : undefined
    const isNothing = activity.cents === 0n && activity.quantity === 0n
    const isSame = known !== undefined && centsOf(known.cents) === activity.cents && fixedOf(known.quantity) === activity.quantity
    if (outside === undefined || isSame || (known === undefined && isNothing)) return []
    const books = [...this.#shelf.books.values()]
    const found = known === undefined ? partsOf(activity, { books, outside, heard }) : this.#again(activity, known)
    const record = this.#booked(activity, found, nowMs)
    this.#terms.diagnose('activity', { id: activity.activityId, what: activity.type, said: activity.said, cents: formatCents(activity.cents) })
    return [record]
  }

  /** What it comes to now beside what was booked of it; what was there before we met it was beside the vaults. */
  #again(activity: Activity, known: HeardText): Parts | undefined {
    if (activity.type === 'action' || activity.type === 'other') return undefined
    const weights = new Map(Object.entries(known.weights ?? { [BESIDE]: '1' }).map(([vault, weight]) => [vault, BigInt(weight)]))
    const more = { ...activity, cents: activity.cents - centsOf(known.cents), quantity: activity.quantity - fixedOf(known.quantity) }
    return { parts: divided(more, weights), weights }
  }

  /** Written down with all its entries, or (where the books do not allow them) as what a person has to book. */
  #booked(activity: Activity, found: Parts | undefined, nowMs: Millis): Control {
    const at = formatInstant(nowMs)
    const moves = found === undefined ? undefined : this.#moves(activity, found.parts, at)
    const isBooked = found !== undefined && moves !== undefined
    const besides = isBooked ? this.#beside(activity, found.parts, moves) : { cash: 0n, positions: new Map(), marks: {} }
    const { activityId, type, subject, cents, quantity, day, said } = activity
    const heard: HeardText = { ...heardText(activity), ...(isBooked && { weights: textsOf(found.weights) }) }
    const record = make('control', {
      type: 'activity', parents: [], at, known_at: at, source: `exec/${this.#terms.broker.name}`, by: this.#terms.by,
      facts: {
        activity_id: activityId, what: type, said, day, cents: formatCents(cents), quantity: formatFixed(quantity), ...(subject !== undefined && { subject }),
        detail: isBooked ? wordsFor(activity, besides.cash) : 'booked nowhere: vanta-vault move NAME adjust', heard, beside: changeText(besides),
        moves: (moves ?? []).map(textOfMove),
      },
    })
    this.#shelf.heard(record, moves ?? [])
    return record
  }

  #moves(activity: Activity, parts: ReadonlyMap<string, Part>, at: string): readonly Move[] | undefined {
    const moves: Move[] = []
    try {
      for (const [vault, part] of parts) {
        if (vault === BESIDE) continue
        const { ledger } = this.#shelf.book(vault, at)
        const entry = entryOfPart(activity, part, ledger, { ref: ITS_CAUSE, at })
        if (entry === undefined) continue
        this.#shelf.book(vault, at).tried({ ...entry, ref: ITS_CAUSE })
        moves.push({ vault, entry, subject: activity.subject })
      }
      return moves
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      this.#terms.diagnose('activity_refused', { id: activity.activityId, why: error.message })
      return undefined
    }
  }

  /** The rest of it; and what vaults book as money that came from outside of them has come from there. */
  #beside({ type, subject }: Activity, parts: ReadonlyMap<string, Part>, moves: readonly Move[]) {
    const own = parts.get(BESIDE)
    // A fraction that was paid out by thought was booked here too: only what it brought more is new.
    const thought = type === 'in_lieu' ? own?.expected?.cents ?? 0n : 0n
    const cash = moves.reduce((sum, { entry }) => sum + fundedBy(entry), (own?.cents ?? 0n) - thought)
    const positions = new Map(subject === undefined || own === undefined || own.quantity === 0n ? [] : [[subject, own.quantity]])
    return { cash, positions, marks: own?.expected === undefined ? {} : { [own.expected.mark]: '' } }
  }
}

/** By day; what follows from another after that. */
function order({ day, type, cents, activityId }: Activity): string {
  const follows = type === 'delivery' || (type === 'dividend' && cents < 0n)
  return `${day} ${follows ? 1 : 0} ${activityId}`
}

function wordsFor({ type, cents }: Activity, beside: Cents): string {
  if (type === 'capital') {
    const move = cents > 0n ? `deposit ${formatCents(cents)} gives it to one` : `withdraw ${formatCents(-cents)} takes it out of one`
    return `lies beside the vaults: vanta-vault move NAME ${move}`
  }
  return beside === 0n ? 'booked' : `booked, ${formatCents(beside)} of it beside the vaults`
}

const textsOf = (weights: Weights): { readonly [vault: string]: string } => Object.fromEntries([...weights].map(([vault, weight]) => [vault, String(weight)]))

const heardText = ({ type, day, cents, quantity, subject }: Activity): HeardText =>
  ({ what: type, day, cents: formatCents(cents), quantity: formatFixed(quantity), ...(subject !== undefined && { subject }) })

/** As they were told, booked nowhere. */
export const heardTexts = (told: readonly Activity[]): { readonly [activityId: string]: HeardText } =>
  Object.fromEntries(told.map((activity) => [activity.activityId, heardText(activity)]))

/** Without those that will not be told again. */
export function remembered(state: VenueState, nowMs: Millis): VenueState {
  if (state.activities === undefined) return state
  const oldest = formatInstant(nowMs - 2 * HEARD_MS).slice(0, 10)
  return { ...state, activities: Object.fromEntries(Object.entries(state.activities).filter(([, { day }]) => day >= oldest)) }
}
