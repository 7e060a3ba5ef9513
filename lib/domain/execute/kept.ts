/** What the executor keeps from run to run, and what stands in its logs, as text. */
import { check, type Control, type Fill, type Json, type JournalEntry, type Order, type Price } from '#record'
import type { ActionText } from './action_text.ts'
import type { VenueState } from './beside.ts'
import type { BookState } from './book.ts'
import type { Wanted } from './desk.ts'
import type { Halted, TrailText } from './tape.ts'

/** How many lines of the trade log and of the ledger's journal. */
export type Lines = { readonly log_lines: number; readonly journal_lines: number }

/** `memory/ledger.json`: the books, the marks of what is held, and how many lines of the trade log they cover. */
export type Kept = {
  readonly log_lines: number
  /** Of the ledger's journal. */
  readonly journal_lines?: number
  /** Lines of both that have been handed on for certain; absent: all that are covered. */
  readonly told?: Lines
  readonly vaults: { readonly [vault: string]: BookState }
  readonly marks: { readonly [subject: string]: { readonly price: string; readonly known_at: string; readonly basis?: Basis; readonly since?: string } }
  /** By broker: up to where its executions are booked, and what its account held beside the vaults when they met. */
  readonly venues?: { readonly [broker: string]: VenueState }
  /** Allocations that could not be acted on yet. */
  readonly waiting?: readonly WaitingText[]
  /** By subject, the halts that were told. */
  readonly halts?: { readonly [subject: string]: Halted }
  /** By subject, the closes and volumes that passed. */
  readonly tape?: { readonly [subject: string]: TrailText }
  /** Corporate actions heard of. */
  readonly actions?: readonly ActionText[]
}

type WaitingText = { readonly vault: string; readonly want: Omit<Wanted, 'fraction'> & { readonly fraction: string } & { readonly [field: string]: Json } }

export type Basis = Price['basis']

/** Fields of it that are no decisions: what usually trades is told by the log, and how much was handed on is nobody's input. */
export const NO_DECISIONS = ['tape', 'told'] as const

/** What stands in the trade log. */
export type Logged = Order | Fill | Control | JournalEntry

/** A line of the trade log or of the ledger's journal. Throws RangeError where it is none, SyntaxError where it is no JSON. */
export function loggedOf(line: string, place: string): Logged {
  const checked = check(JSON.parse(line))
  if ('fault' in checked) throw new RangeError(`${place}: ${checked.fault.path} ${checked.fault.message}`)
  const { record } = checked
  if (record.kind === 'order' || record.kind === 'fill' || record.kind === 'control' || record.kind === 'entry') return record
  throw new RangeError(`${place}: a ${record.kind} does not belong here`)
}
