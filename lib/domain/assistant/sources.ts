/** What an answer is made from, and what most answers need of it. Everything here is as of one moment. */
import { isAfter, type Kind, type RecordOf, type Vanta } from '#record'
import type { Selection } from '../audit/selection.ts'
import type { Citation } from './answer.ts'
import type { Intent } from './intent.ts'

/** A line of a log of the home other than the audit log, that is a record. */
export interface LoggedLine {
  readonly record: Vanta
  readonly file: string
  /** From 1. */
  readonly line: number
}
export interface MemoryText {
  /** `memory/vault.json`. */
  readonly file: string
  readonly text: string
}

export interface Sources {
  /** Infinity where all counts that the home holds. */
  readonly asOfMs: number
  /** Records of the audit log that are meant, in its order, each once. */
  records(selection: Selection): Iterable<Vanta>
  /** The record whose id begins so, or all ids that do. */
  only(prefix: string): Vanta | { readonly candidates: readonly string[] }
  find(id: string): Vanta | undefined
  /** Records of a log beside it, such as `overlay.ndjson`. */
  logged(name: string): Iterable<LoggedLine>
  /** Memory as it stands: empty where an earlier moment is asked about, because it does not say what it was. */
  readonly memory: readonly MemoryText[]
}

/** The records of a kind within the span that is asked about. */
export function* within<K extends Kind>(kind: K, { from, to, subject, vault }: Intent, { records }: Sources): Generator<RecordOf<K>, void, undefined> {
  for (const record of records({ kinds: [kind], subjects: subject === undefined ? undefined : [subject], vaults: vault === undefined ? undefined : [vault] })) {
    if (record.kind === kind && isWithin(record, { from, to })) yield record as RecordOf<K>
  }
}

export const isWithin = ({ known_at: at }: Vanta, { from, to }: { readonly from?: string | undefined; readonly to?: string | undefined }): boolean =>
  (from === undefined || !isAfter(from, at)) && (to === undefined || !isAfter(at, to))

export const lineCited = ({ file, line }: { readonly file: string; readonly line: number }): Citation => ({ file, line })

export interface MemoryLine {
  readonly file: string
  readonly line: number
  /** Names of the fields that lead to it, joined by points. */
  readonly path: string
  readonly value: string
}

const LINE = /^( *)(?:"((?:[^"\\]|\\.)*)": )?(.*?),?$/

/** The lines of a memory file that hold a value: a memory file has one a line, indented by two. */
export function* memoryLines({ file, text }: MemoryText): Generator<MemoryLine, void, undefined> {
  const path: string[] = []
  let line = 0
  for (const one of text.split('\n')) {
    line++
    const [, indent = '', name = '', value = ''] = LINE.exec(one) ?? [], depth = indent.length / 2 - 1
    if (depth < 0 || value === '}' || value === ']') continue
    path.length = depth
    path[depth] = name
    if (value !== '{' && value !== '[') yield { file, line, path: path.filter((part) => part !== '').join('.'), value }
  }
}

/** The lines of memory at a path, such as `kill` of `memory/vault_overlay.json`. */
export function memoryAt({ memory }: Sources, file: string, path: string): MemoryLine | undefined {
  const found = memory.find((one) => one.file === file)
  if (found !== undefined) for (const line of memoryLines(found)) if (line.path === path) return line
  return undefined
}
