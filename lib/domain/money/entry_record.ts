/** Entries as records, and back. */
import { make, type JournalEntry } from '#record'
import { ENTRY_TYPES, postingOf, postingText, type Entry, type EntryType } from './entry.ts'

/** What a record says beside the movement itself. */
export interface Context {
  readonly vault: string
  readonly currency: string
  readonly sequence: number
  readonly by: string
  readonly knownAt: string
  readonly subject?: string | undefined
  readonly band?: string | undefined
  readonly maker?: string | undefined
  readonly detail?: string | undefined
}

const RECORD_ID = /^[0-9a-f]{40}$/

export function entryRecord({ at, ref, type, postings, marks }: Entry, context: Context): JournalEntry {
  const { vault, currency, sequence, by, knownAt, subject, band, maker, detail } = context
  return make('entry', {
    parents: RECORD_ID.test(ref) ? [ref] : [], at, known_at: knownAt, source: `ledger/${vault}`, by, vault, type, currency, sequence,
    postings: postings.map(postingText),
    ...(marks !== undefined && { marks: { ...marks } }), ...(subject !== undefined && { subject }),
    ...(band !== undefined && { band }), ...(maker !== undefined && { maker }), ...(detail !== undefined && { detail }),
  })
}

const isType = (type: string): type is EntryType => (ENTRY_TYPES as readonly string[]).includes(type)

/** Throws RangeError where the record's amounts are none, or its type is not known. */
export function entryOf({ id, at, parents, type, postings, marks = {} }: JournalEntry): Entry {
  if (!isType(type)) throw new RangeError(`entry ${id}: unknown type "${type}"`)
  const texts = Object.entries(marks).filter((mark): mark is [string, string] => typeof mark[1] === 'string')
  return { at, ref: parents[0] ?? id, type, postings: postings.map(postingOf), marks: Object.fromEntries(texts) }
}
