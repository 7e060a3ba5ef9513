/**
 * Money that people move: who moved what and why is one record, and all its entries (two, where it goes from one vault to another) follow from that
 * one line. A run that ended between them is made up for by the next.
 */
import { make, type Control } from '#record'
import { postingOf, postingText, type Entry, type PostingText } from '../money/entry.ts'

export interface Move {
  readonly vault: string
  readonly entry: Omit<Entry, 'ref'>
  /** What it is of, where it is of one thing. */
  readonly subject?: string | undefined
}
export interface Motive {
  readonly what: string
  readonly who: string
  readonly why: string
  readonly at: string
  readonly by: string
}

type MoveText = {
  readonly vault: string
  readonly type: string
  readonly postings: readonly PostingText[]
  readonly marks: { readonly [name: string]: string }
  readonly subject?: string
}

/** As a mark, or the name of a lot: the id of the record of the movement, which is not known before it is made. */
export const ITS_CAUSE = '@cause'

export function entryFor(ref: string, { entry }: Move): Entry {
  const marks = Object.entries(entry.marks ?? {}).map(([name, value]): [string, string] => [name, value === ITS_CAUSE ? ref : value])
  const postings = entry.postings.map((posting) => (posting.move?.lot === ITS_CAUSE ? { ...posting, move: { ...posting.move, lot: ref } } : posting))
  return { ...entry, ref, postings, marks: Object.fromEntries(marks) }
}

export const textOfMove = ({ vault, entry, subject }: Move): MoveText =>
  ({ vault, type: entry.type, postings: entry.postings.map(postingText), marks: entry.marks ?? {}, ...(subject !== undefined && { subject }) })

export function movementRecord({ what, who, why, at, by }: Motive, moves: readonly Move[]): Control {
  const facts = { what, who, why, moves: moves.map(textOfMove) }
  return make('control', { type: 'movement', parents: [], at, known_at: at, source: `vault/${moves.map(({ vault }) => vault).join('+')}`, by, facts })
}

/** The entries of a movement. Throws RangeError where the record carries none. */
export function movesOf({ id, at, facts }: Control): Move[] {
  const moves = facts?.['moves']
  if (!Array.isArray(moves)) throw new RangeError(`control ${id}: no movement`)
  return (moves as MoveText[]).map(({ vault, type, postings, marks, subject }) =>
    ({ vault, ...(subject !== undefined && { subject }), entry: { at, type: type as Entry['type'], postings: postings.map(postingOf), marks } }))
}
