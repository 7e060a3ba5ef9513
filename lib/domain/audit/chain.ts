/**
 * Logs that follow one another: a log is closed with a last signed checkpoint, which the first record of the next one carries, and its files
 * are frozen in the archive. Whoever believes the newest log can so follow it back to the first.
 */
import { hexOf } from './merkle.ts'
import { LineCursor } from './lines.ts'
import { CHECKPOINT, LINES, PREDECESSOR } from './files.ts'
import type { Logs } from './logs.ts'
import { moveAway } from './archive.ts'
import { parseCheckpoint, parseSigned, type SignedCheckpoint } from './checkpoint.ts'
import { predecessorOf, worldOf } from './genesis.ts'
import { formatNote, type Verifier } from './note.ts'
import { placeOf, publish, PUBLISHED, publishedOf, type Publish } from './published.ts'
import { publishedFault } from './published_check.ts'
import type { AuditFault } from './recover.ts'
import { verifyAuditLog, type Anchor, type ReadLogs } from './verify.ts'

/** Where a log that was closed with that checkpoint lies. */
export const archiveOf = ({ root }: Pick<SignedCheckpoint, 'root'>): string => `archive/${hexOf(root).slice(0, 16)}`

/** The logs in a folder of the logs. */
export function within(folder: Logs, place: string): Logs {
  const at = (name: string): string => `${place}/${name}`
  return {
    open: (name) => folder.open(at(name)), read: (name) => folder.read(at(name)), replace: (name, content) => folder.replace(at(name), content),
    remove: (name) => folder.remove(at(name)), list: (name) => folder.list(name === undefined ? place : at(name)),
    move: (from, to) => folder.move(at(from), at(to)), lock: (name, waitMs) => folder.lock(at(name), waitMs), isLocked: (name) => folder.isLocked(at(name)),
  }
}

/** The first line of a log; undefined where there is none. */
export function firstLineOf(folder: ReadLogs): string | undefined {
  const lines = folder.open(LINES)
  try {
    const cursor = new LineCursor(lines)
    return cursor.next() ? cursor.text() : undefined
  } finally {
    lines.close()
  }
}

/** A log that was closed. */
export interface Closed {
  readonly last: SignedCheckpoint
  readonly world: string | undefined
}

/**
 * Close the log, its lock held: sign and publish it a last time, write down with what it ended, and let `turn` make the next key before its
 * files go to the archive. Cut short at any step, it can be done again from there.
 */
export function closeLog(options: Publish, turn: (last: SignedCheckpoint) => void): Closed | AuditFault {
  const { folder } = options
  const pending = folder.read(PREDECESSOR)
  const last = pending === undefined ? publish(options) : parseSigned(pending)
  if (typeof last === 'string') return { exit: 'data', fault: `${PREDECESSOR}: ${last}` }
  if ('fault' in last) return last
  if (pending === undefined) folder.replace(PREDECESSOR, formatNote(last.note))
  turn(last)
  const standing = parseCheckpoint(folder.read(CHECKPOINT)?.toString('utf8') ?? '')
  if (standing?.origin === last.origin) {
    const moved = moveAway(folder)
    if (typeof moved === 'object') return moved
  }
  return { last, world: worldOf(firstLineOf(within(folder, archiveOf(last))) ?? '') }
}

/** A log of the chain: the newest stands among the logs, older ones in the archive. */
export interface Link {
  readonly origin: string
  readonly folder: ReadLogs
  readonly size: number
  readonly rootHex: string
  /** Lines that were signed. */
  readonly signed: number | undefined
}

export interface Following {
  readonly keys: (origin: string) => readonly Verifier[]
  /** Checkpoints from elsewhere; each is held against the log of its origin. */
  readonly anchors: readonly Anchor[]
}

/** Verify the newest log and all that came before it: the links, newest first, or what is wrong and where. */
export function verifyChain(folder: Logs, { keys, anchors }: Following): readonly Link[] | string {
  const links: Link[] = [], seen = new Set<string>()
  let view: ReadLogs = folder, where = '', last: SignedCheckpoint | undefined
  for (;;) {
    const origin = last?.origin ?? parseCheckpoint(folder.read(CHECKPOINT)?.toString('utf8') ?? '')?.origin
    const published = origin === undefined ? undefined : publishedOf(folder, origin)
    const own = anchors.filter((anchor) => anchor.origin === origin)
    for (const { origin: known } of own) seen.add(known)
    const signed = published === undefined || 'fault' in published ? undefined : published
    const held: Anchor[] = signed === undefined ? own : [{ ...signed, name: `${placeOf(signed.origin)}/${PUBLISHED}` }, ...own]
    if (last !== undefined) held.push({ ...last, name: 'the checkpoint that the next log begins with' })
    const verdict = verifyAuditLog(view, held)
    if (!verdict.intact) return `${where}${verdict.fault}`
    if (last !== undefined && verdict.size !== last.size) return `${where}${verdict.size - last.size} lines were added after the log was closed`
    if (published !== undefined && 'fault' in published) return published.fault
    const fault = signed === undefined ? undefined : publishedFault(folder, signed, keys(signed.origin), view)
    if (fault !== undefined) return fault
    links.push({ origin: origin ?? '', folder: view, size: verdict.size, rootHex: verdict.rootHex, signed: signed?.size })
    const note = predecessorOf(firstLineOf(view) ?? '')
    if (note === undefined) break
    const before = parseSigned(note)
    if (typeof before === 'string') return `${where}${LINES} line 1: its predecessor is no checkpoint: ${before}`
    if (links.some((link) => link.origin === before.origin)) return `${where}${LINES} line 1: the log goes on from one that goes on from it`
    last = before
    where = `${archiveOf(before)}/`
    view = within(folder, archiveOf(before))
  }
  const stray = anchors.find(({ origin }) => !seen.has(origin))
  return stray === undefined ? links : `${stray.name} is of another log, ${stray.origin}; this one is ${links.map(({ origin }) => origin).join(', before it ')}`
}
