/**
 * What a venue's account holds beside the vaults, and what was heard of it: a fold over the records of the meeting, of activities and of what befell
 * those holdings. Amounts are decimal text, as records and memory files carry them.
 */
import type { Control } from '#record'
import { formatFixed } from '../money/decimal.ts'
import { centsOf, fixedOf, formatCents, type Cents, type Fixed } from '../money/money.ts'

type Texts = { readonly [name: string]: string }

/** Beside the vaults when they first met, and after what has happened to it since. */
export type Outside = {
  readonly cash: string
  readonly positions: Texts
  readonly vaults: readonly string[]
  /** By vault, the money that had come into it by then. */
  readonly funded?: Texts
  /** When they met: what took effect before is in it already. */
  readonly since?: string
  /** As in the books: what is booked of a corporate action, what is yet to be paid, fractions that are to be paid out. */
  readonly marks?: Texts
}

/** An activity that was heard, as the venue told it last. */
export type HeardText = {
  readonly what: string
  readonly day: string
  readonly cents: string
  readonly quantity: string
  readonly subject?: string
  /** By vault ("" for what is beside them), in which proportion it was booked; absent where it was not. */
  readonly weights?: Texts
}

export type VenueState = {
  readonly fills_mark?: string
  readonly outside?: Outside
  /** By the venue's names. */
  readonly activities?: { readonly [activityId: string]: HeardText }
  /** How many were booked: each may have lost the fraction of a cent. */
  readonly booked?: number
}

/** What changes beside the vaults; positions by what came or went. */
export interface Change {
  readonly cash: Cents
  readonly positions: ReadonlyMap<string, Fixed>
  /** An empty text takes a mark away. */
  readonly marks: Texts
}

export const changeText = ({ cash, positions, marks }: Change) =>
  ({ cash: formatCents(cash), positions: Object.fromEntries([...positions].map(([subject, moved]) => [subject, formatFixed(moved)])), marks })

const areTexts = (value: unknown): value is Texts =>
  typeof value === 'object' && value !== null && Object.values(value).every((text) => typeof text === 'string')

function isOutside(facts: { readonly [name: string]: unknown } | undefined): facts is Outside & { readonly activities?: { readonly [id: string]: HeardText } } {
  return typeof facts?.['cash'] === 'string' && areTexts(facts['positions']) && Array.isArray(facts['vaults']) && areTexts(facts['vaults'])
}

/** Records that this is a fold of. */
export const isOfVenue = ({ type }: Control): boolean => type === 'baseline' || type === 'activity' || type === 'beside'

/** After one more record. Throws RangeError where it does not say what it should. */
export function venueAfter(state: VenueState, { type, id, at, facts = {} }: Control): VenueState {
  if (type === 'baseline') {
    if (!isOutside(facts)) throw new RangeError(`control ${id}: a baseline without cash, positions and vaults`)
    const { activities, ...outside } = facts
    return { ...state, outside: { since: at, ...outside }, ...(activities !== undefined && { activities }) }
  }
  const change = facts['beside']
  if (state.outside === undefined || !isChange(change)) throw new RangeError(`control ${id}: of an account that was never met`)
  const after = { ...state, outside: outsideAfter(state.outside, change) }
  if (type === 'beside') return after
  const name = facts['activity_id'], heard = facts['heard'] as HeardText | undefined
  if (typeof name !== 'string' || typeof heard?.cents !== 'string') throw new RangeError(`control ${id}: an activity without its name and amount`)
  const booked = (state.booked ?? 0) + (heard.weights === undefined ? 0 : 1)
  return { ...after, activities: { ...state.activities, [name]: heard }, booked }
}

type ChangeText = ReturnType<typeof changeText>
const isChange = (value: unknown): value is ChangeText =>
  areTexts((value as ChangeText | undefined)?.positions) && typeof (value as ChangeText).cash === 'string' && areTexts((value as ChangeText).marks)

function outsideAfter(outside: Outside, { cash, positions: moved, marks }: ChangeText): Outside {
  const positions = { ...outside.positions }
  for (const [subject, text] of Object.entries(moved)) {
    const after = fixedOf(positions[subject] ?? '0') + fixedOf(text)
    if (after === 0n) delete positions[subject]
    else positions[subject] = formatFixed(after)
  }
  const standing = Object.entries({ ...outside.marks, ...marks }).filter(([, value]) => value !== '')
  return { ...outside, cash: formatCents(centsOf(outside.cash) + centsOf(cash)), positions, marks: Object.fromEntries(standing) }
}
