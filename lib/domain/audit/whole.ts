/**
 * The logs of a home as one: those that were closed, oldest first, then the one that stands. Lines and bytes are counted through all of them,
 * so that whatever reads a log reads what was before a rotation too.
 */
import { CHECKPOINT, LINES, PREDECESSOR } from './files.ts'
import { archiveOf, firstLineOf, within } from './chain.ts'
import { parseCheckpoint, parseSigned, type SignedCheckpoint } from './checkpoint.ts'
import { predecessorOf } from './genesis.ts'
import { endOfLines, type Bytes } from './lines.ts'
import type { Logs, Tape } from './logs.ts'
import { publishedOf } from './published.ts'
import type { AuditFault } from './recover.ts'
import { selectedLines, type SelectedLine, type Selection } from './selection.ts'

/** One log of a home. */
export interface Part {
  /** Where it lies among the logs: "" for the one that stands, else its folder in the archive. */
  readonly place: string
  readonly logs: Logs
  readonly origin: string
  /** The signed checkpoint with which it was closed; the next log begins with it. */
  readonly last: SignedCheckpoint | undefined
  /** Lines of all logs before it. */
  readonly from: number
  /** Lines up to its end; without end where it stands. */
  readonly to: number
}

export interface Parts {
  /** Oldest first; the last is the one that stands. */
  readonly parts: readonly Part[]
  /** With what a log ended that the oldest goes on from, where its lines are not in the archive. */
  readonly lost: SignedCheckpoint | undefined
}

/** The logs of a home that are there. What they say of one another is taken as it is: `verifyChain` holds it against what was signed. */
export function partsOf(logs: Logs): Parts {
  const closed: { readonly last: SignedCheckpoint; readonly folder: Logs }[] = []
  const first = firstLineOf(logs)
  // Between the closing of a log and the first record of the next, the file says which one it was.
  let note = first === undefined ? logs.read(PREDECESSOR)?.toString('utf8') : predecessorOf(first)
  let lost: SignedCheckpoint | undefined
  while (note !== undefined) {
    const last = parseSigned(note)
    if (typeof last === 'string' || closed.some(({ last: { origin } }) => origin === last.origin)) break
    const folder = within(logs, archiveOf(last)), line = firstLineOf(folder)
    if (line === undefined) {
      lost = last
      break
    }
    closed.push({ last, folder })
    note = predecessorOf(line)
  }
  const parts: Part[] = []
  let from = 0
  for (const { last, folder } of closed.reverse()) {
    parts.push({ place: archiveOf(last), logs: folder, origin: last.origin, last, from, to: from + last.size })
    from += last.size
  }
  const origin = parseCheckpoint(logs.read(CHECKPOINT)?.toString('utf8') ?? '')?.origin ?? ''
  return { parts: [...parts, { place: '', logs, origin, last: undefined, from, to: Infinity }], lost }
}

/** The log that holds a line, counted through all of them from 0. */
export const partAt = (parts: readonly Part[], line: number): Part | undefined => parts.find(({ from, to }) => line >= from && line < to)

/** What a line is called: by its number in its own log, and where that lies. Counted through all of them from 0. */
export function lineName(parts: readonly Part[], line: number): string {
  const part = partAt(parts, line)
  return part === undefined || part.place === '' ? `line ${line + 1 - (part?.from ?? 0)}` : `${part.place} line ${line + 1 - part.from}`
}

/** The last signed checkpoint of one of the logs: as it was published, cosignatures included, or as the next log carries it. */
export function signedOf({ origin, last }: Part, logs: Logs): SignedCheckpoint | AuditFault {
  const published = publishedOf(logs, origin)
  if (last !== undefined) return published === undefined || 'fault' in published || published.note.text !== last.note.text ? last : published
  if (published !== undefined) return published
  if (logs.read(CHECKPOINT) === undefined) return { exit: 'data', fault: `logs/${CHECKPOINT} is missing` }
  return { exit: 'negative', fault: 'the log was never signed; vanta-audit checkpoint signs it' }
}

interface Opened extends Part {
  readonly tape: Tape
  readonly bytes: Span
}
interface Span {
  readonly from: number
  readonly to: number
}

/** The lines of all logs, one after another. */
export class WholeLog implements Bytes, Parts {
  readonly parts: readonly Opened[]
  readonly lost: SignedCheckpoint | undefined

  constructor(logs: Logs) {
    const { parts, lost } = partsOf(logs)
    const opened: Opened[] = []
    let from = 0
    for (const part of parts) {
      const tape = part.logs.open(LINES), to = from + (part.last === undefined ? tape.size() : endOfLines(tape))
      opened.push({ ...part, tape, bytes: { from, to } })
      from = to
    }
    this.parts = opened
    this.lost = lost
  }

  size(): number {
    return this.parts.at(-1)?.bytes.to ?? 0
  }

  read(position: number, into: Uint8Array): number {
    const part = this.parts.find(({ bytes }) => position >= bytes.from && position < bytes.to)
    if (part === undefined) return 0
    return part.tape.read(position - part.bytes.from, into.subarray(0, Math.min(into.length, part.bytes.to - position)))
  }

  /** The lines that are meant, in the order of the logs. */
  *selected(selection: Selection): Generator<SelectedLine, void, undefined> {
    for (const { tape, from, to } of this.parts) {
      for (const one of selectedLines(tape, selection)) {
        // What was added to a log after it was closed is not of it.
        if (from + one.line >= to) break
        yield { ...one, line: from + one.line }
      }
    }
  }

  close(): void {
    for (const { tape } of this.parts) tape.close()
  }
}
