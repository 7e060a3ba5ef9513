/** The record that opens a log: it says what the log is of, and which log it goes on from. */
import { check, make, type Control } from '#record'
import type { Role } from '#domain/node/role'

/** What a log is a record of: history run again, trading on paper, or trading. The three never share a log. */
export type AuditWorld = 'replay' | 'paper' | 'live'
export const AUDIT_WORLDS: readonly AuditWorld[] = ['replay', 'paper', 'live']

export interface Genesis {
  readonly world: AuditWorld
  readonly at: string
  readonly by: string
  /** The node whose log it is, so that nodes that begin at one moment have logs of their own; undefined: a single machine. */
  readonly role?: Role | undefined
}

/** The first record of a log. `at` is when it was opened, in the log's own world. */
export function genesisRecord({ world, at, by, role }: Genesis): Control {
  const draft = { at, known_at: at, source: 'vanta/audit', by, type: 'genesis', facts: { world, ...(role !== undefined && { role }) } }
  return make('control', draft)
}

/** The same, of a log that takes the place of another, whose last signed checkpoint it carries. */
export function succeeding({ at, known_at, source, by, type, facts }: Control, predecessor: string): Control {
  return make('control', { at, known_at, source, by, type, facts: { ...facts, predecessor } })
}

/** The record on a log's first line, where it opens the log. */
export function genesisOfLine(line: string): Control | undefined {
  try {
    const checked = check(JSON.parse(line))
    if (!('record' in checked) || checked.record.kind !== 'control') return undefined
    return checked.record.type === 'genesis' ? checked.record : undefined
  } catch {
    return undefined
  }
}

function factOf(line: string, name: 'world' | 'predecessor'): string | undefined {
  const fact = genesisOfLine(line)?.facts?.[name]
  return typeof fact === 'string' ? fact : undefined
}

/** The world that a genesis line names; undefined where the line is no genesis. */
export const worldOf = (line: string): string | undefined => factOf(line, 'world')

/** The last signed checkpoint of the log before, as a note; undefined where a genesis line names none. */
export const predecessorOf = (line: string): string | undefined => factOf(line, 'predecessor')
