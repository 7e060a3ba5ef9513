/** Two writings of one record: the same to the byte, or what of them differs. */
import { lineOf, note, notesOf, type Json, type Notable, type Notes, type Vanta } from '#record'

/** A field that differs, as the two have it; undefined where one has none. */
export interface Unlike {
  readonly field: string
  readonly logged: string | undefined
  readonly rebuilt: string | undefined
}

/** Fields that differ between two lines, in the order of the first; none where they are the same bytes. */
export function unlikeFields(logged: string, rebuilt: string): readonly Unlike[] {
  if (logged === rebuilt) return []
  const one = fieldsOf(logged), other = fieldsOf(rebuilt)
  const unlike = [...new Set([...one.keys(), ...other.keys()])]
    .map((field): Unlike => ({ field, logged: one.get(field), rebuilt: other.get(field) }))
    .filter((pair) => pair.logged !== pair.rebuilt)
  return unlike.length > 0 ? unlike : [{ field: 'line', logged, rebuilt }]
}

function fieldsOf(line: string): ReadonlyMap<string, string> {
  try {
    return new Map(Object.entries(JSON.parse(line) as object).map(([field, value]) => [field, JSON.stringify(value)]))
  } catch {
    return new Map([['line', line]])
  }
}

const isNotable = (record: Vanta): record is Notable => record.kind === 'signal' || record.kind === 'belief' || record.kind === 'conviction'

/**
 * The line of a rebuilt record as it would have left the pipe: what tools further down noted on it, and only they could, is taken from the one
 * that was logged.
 */
export function lineAsNoted(rebuilt: Vanta, logged: Vanta): string {
  if (!isNotable(rebuilt)) return lineOf(rebuilt)
  const names = notesOf(rebuilt.kind), own = rebuilt as { readonly [field: string]: Json | undefined }
  const missing = Object.entries(logged).filter(([name]) => names.has(name) && own[name] === undefined)
  // What was rebuilt may be held by the tool that made it.
  return missing.length === 0 ? lineOf(rebuilt) : lineOf(note({ ...rebuilt }, Object.fromEntries(missing) as Notes))
}

/** `conviction_score: logged 0.61, rebuilt 0.62`; the first few that are no consequence of others. */
export function unlikeText(unlike: readonly Unlike[]): string {
  const telling = unlike.filter(({ field }) => field !== 'id')
  const shown = (telling.length === 0 ? unlike : telling).slice(0, 3)
    .map(({ field, logged, rebuilt }) => `${field}: logged ${short(logged)}, rebuilt ${short(rebuilt)}`)
  return [...shown, ...(telling.length > shown.length ? [`and ${telling.length - shown.length} more`] : [])].join('; ')
}

const MOST = 90
const short = (text: string | undefined): string => (text === undefined ? 'nothing' : text.length > MOST ? `${text.slice(0, MOST)}...` : text)
