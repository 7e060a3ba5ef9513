/** Making, noting and writing records. */
import { sha256Of } from './sha256.ts'
import { canonicalize, type Json } from './canonical.ts'
import { keepLine, keptLine } from './line.ts'
import { setMember } from './member.ts'
import { notesOf, type Kind, type Note, type RecordOf, type Vanta } from './schema.ts'

/** What the maker of a record says; `id` is derived, `parents` default to none. */
export type Draft<K extends Kind> = Omit<RecordOf<K>, 'id' | 'kind' | 'parents'> & { parents?: string[] }

/** Fields of every record that tell when and by whom it was heard: outside its identity. */
const HEARING: ReadonlySet<string> = new Set(['id', 'known_at', 'by', 'raw'])

/**
 * Make a record. Its id is the first 40 hex digits of SHA-256 over the canonical JSON of everything it says: all fields but
 * `id`, `known_at`, `by`, `raw` and the notes of its kind. The same fact has the same id for ever, whoever hears it.
 * Throws RangeError on NaN or an infinity in any field.
 */
export function make<K extends Kind>(kind: K, draft: Draft<K>): RecordOf<K> {
  const whole = { kind, id: '', parents: [], ...draft } as RecordOf<K>
  whole.id = identify(whole)
  return whole
}

/**
 * Like {@link make}, for records of which most are never named: the id, two thirds of the work, is worked out when somebody asks for it. Whoever holds
 * such a record may not change what it says.
 */
export function makeUnnamed<K extends Kind>(kind: K, draft: Draft<K>): RecordOf<K> {
  const whole = {
    kind,
    get id(): string {
      const id = identify(whole)
      Object.defineProperty(whole, 'id', { value: id, writable: true, enumerable: true, configurable: true })
      return id
    },
    parents: [],
    ...draft,
  } as RecordOf<K>
  return whole
}

/** What a record says, as the canonical JSON that its id is a hash of: the text that a signature is over. */
export const said = (record: Vanta): string => canonicalize(record as Json, unsaid(record.kind))

/** The id that a record's own content gives; equals `record.id` in every record Vanta wrote. */
export function identify(record: Vanta): string {
  return sha256Of(said(record)).slice(0, 40)
}

const unsaidByKind = new Map<Kind, ReadonlySet<string>>()

function unsaid(kind: Kind): ReadonlySet<string> {
  let names = unsaidByKind.get(kind)
  if (names === undefined) unsaidByKind.set(kind, (names = new Set([...HEARING, ...notesOf(kind)])))
  return names
}

/** Kinds that tools may note upon. */
export type Notable = RecordOf<'signal' | 'belief' | 'conviction'>

export type Notes = { readonly [N in Note]?: Json }

/**
 * Note something on a record in place, and in the line it came from. Emitting a record gives it away, so whoever holds it may
 * note on it. Throws RangeError on a number that is not finite.
 */
export function note<R extends Notable>(record: R, notes: Notes): R {
  for (const name in notes) {
    const value = notes[name as Note]
    if (typeof value === 'number' && !Number.isFinite(value)) throw new RangeError(`field "${name}" may not be ${value}`)
  }
  const line = keptLine(record)
  if (line !== undefined) keepLine(record, isNoted(record) ? withReplaced(line, notes) : withAdded(line, notes))
  return Object.assign(record, notes)
}

/** Named one by one: lookups of fixed names cost less than one loop. */
function isNoted(record: Vanta): boolean {
  const { weight, half_life, weighted_at, rank, rank_score, reason_vector, aligned_at, late_ms, swarm } = record as { readonly [N in Note]?: unknown }
  return weight !== undefined || half_life !== undefined || weighted_at !== undefined ||
    rank !== undefined || rank_score !== undefined || reason_vector !== undefined || aligned_at !== undefined || late_ms !== undefined ||
    swarm !== undefined
}

function withAdded(line: string, notes: Notes): string {
  let added = ''
  for (const name in notes) {
    const value = notes[name as Note]
    if (value !== undefined) added += `,"${name}":${jsonOf(value)}`
  }
  const last = line.length - 1
  return `${line.slice(0, line[last] === '}' ? last : line.lastIndexOf('}'))}${added}}`
}

function withReplaced(line: string, notes: Notes): string {
  let replaced = line
  for (const name in notes) {
    const value = notes[name as Note]
    if (value !== undefined) replaced = setMember(replaced, name, jsonOf(value))
  }
  return replaced
}

const jsonOf = (value: Json): string => (typeof value === 'object' ? JSON.stringify(value) : canonicalize(value))

/** The record as one line of NDJSON, without the newline: the line it came from where it is unchanged but for notes. */
export function lineOf(record: Vanta): string {
  return keptLine(record) ?? JSON.stringify(record)
}
