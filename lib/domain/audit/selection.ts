/** Which records of a log are meant: of a span, of some kinds, vaults or subjects. All that is named must hold. */
import { formatInstant, isAfter, type Kind, type Millis, type Vanta } from '#record'
import { LineCursor, type Bytes } from './lines.ts'
import { recordOfLine } from './links.ts'

export interface Selection {
  /** Known at this moment or later. */
  readonly fromMs?: Millis | undefined
  /** Known up to this moment, itself included. */
  readonly toMs?: Millis | undefined
  readonly kinds?: readonly Kind[] | undefined
  readonly vaults?: readonly string[] | undefined
  /** What a record is about, or mentions. */
  readonly subjects?: readonly string[] | undefined
}

export interface SelectedLine {
  /** From 0, as leaves are counted. */
  readonly line: number
  readonly record: Vanta
  /** As it stands in the log. */
  readonly text: string
}

/** Whether a record is meant. */
export function selector({ fromMs, toMs, kinds, vaults, subjects }: Selection): (record: Vanta) => boolean {
  const from = fromMs === undefined ? undefined : formatInstant(fromMs), to = toMs === undefined ? undefined : formatInstant(toMs)
  const isOf = (wanted: readonly string[] | undefined, names: readonly (string | undefined)[]): boolean =>
    wanted === undefined || names.some((name) => name !== undefined && wanted.includes(name))
  return (record) => (kinds === undefined || kinds.includes(record.kind)) &&
    (from === undefined || !isAfter(from, record.known_at)) && (to === undefined || !isAfter(record.known_at, to)) &&
    isOf(vaults, [named(record, 'vault')]) && isOf(subjects, subjectsOf(record))
}

function named(record: Vanta, field: 'vault' | 'subject'): string | undefined {
  const value = (record as { readonly [name: string]: unknown })[field]
  return typeof value === 'string' ? value : undefined
}

function subjectsOf(record: Vanta): readonly (string | undefined)[] {
  if (record.kind === 'link') return [record.from, record.to]
  return [named(record, 'subject'), ...(record.kind === 'signal' ? (record.mentions ?? []).map(({ subject }) => subject) : [])]
}

const KIND = /^\{"kind":"([a-z_]+)"/
const KIND_BYTES = 40

/** The lines of the log that are meant, in its order. Lines that are no records are passed over. */
export function* selectedLines(log: Bytes, selection: Selection): Generator<SelectedLine, void, undefined> {
  const isMeant = selector(selection), kinds = selection.kinds as readonly string[] | undefined
  const cursor = new LineCursor(log)
  while (cursor.next()) {
    if (kinds !== undefined) {
      // Most lines begin with their kind: those of another need not be parsed.
      const kind = KIND.exec(cursor.buffer.toString('latin1', cursor.start, Math.min(cursor.end, cursor.start + KIND_BYTES)))?.[1]
      if (kind !== undefined && !kinds.includes(kind)) continue
    }
    const text = cursor.text(), record = recordOfLine(text)
    if (record !== undefined && isMeant(record)) yield { line: cursor.count - 1, record, text }
  }
}
