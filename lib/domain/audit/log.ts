/**
 * The audit log: every record on a line of its own, once, and a Merkle tree over the lines. Lines go to the disk first, then
 * their leaf hashes, then the checkpoint, so that after a crash at any point the files tell what was acknowledged.
 */
import { check, lineOf, make, type Control } from '#record'
import { endOfLines, LineCursor } from './lines.ts'
import { DIGEST_BYTES, EMPTY_ROOT, Frontier, hexOf, leafHashWithin, type Digest } from './merkle.ts'
import { CHECKPOINT, idOfLine, LeafCursor, LEAVES, LINES, LOCK } from './files.ts'
import type { Logs, Tape } from './logs.ts'
import { formatCheckpoint, originOf, parseCheckpoint, type Checkpoint } from './checkpoint.ts'
import { IdIndex } from '../lookup/id_index.ts'

/** What a log is a record of: history run again, trading on paper, or trading. The three never share a log. */
export type AuditWorld = 'replay' | 'paper' | 'live'
export const AUDIT_WORLDS: readonly AuditWorld[] = ['replay', 'paper', 'live']

/** The first record of a log. `at` is when it was opened, in the log's own world. */
export function genesisRecord({ world, at, by }: { world: AuditWorld; at: string; by: string }): Control {
  const draft = { at, known_at: at, source: 'vanta/audit', by, type: 'genesis', facts: { world } }
  return make('control', draft)
}

export interface AuditState {
  /** Lines in the log. */
  readonly size: number
  readonly rootHex: string
}

/** Why a log could not be opened: its files disagree (`data`), or it is not this caller's to write (`refused`). */
export interface AuditFault {
  readonly fault: string
  readonly exit: 'data' | 'refused' | 'negative'
}

export interface OpenAuditLog {
  readonly folder: Logs
  /** Written as the first record where there is no log yet. */
  readonly genesis: Control
  /** Lines after which a group is committed unasked. */
  readonly group?: number
}

const GROUP = 4096

/** Open the log for appending, mending what a crash left. One writer at a time: the folder's lock is held until `close`. */
export function openAuditLog({ folder, genesis, group = GROUP }: OpenAuditLog): { readonly log: AuditLog } | AuditFault {
  const release = folder.lock(LOCK)
  const lines = folder.open(LINES), leaves = folder.open(LEAVES)
  const leave = (): void => {
    lines.close()
    leaves.close()
    release()
  }
  try {
    const recovered = recover(folder, lines, leaves)
    if ('fault' in recovered) {
      leave()
      return recovered
    }
    const log = new AuditLog({ folder, lines, leaves, leave, group, ...recovered })
    if (log.size === 0) log.begin(genesis)
    else log.isFresh = false
    log.commit()
    return { log }
  } catch (error) {
    leave()
    throw error
  }
}

interface Recovered {
  readonly frontier: Frontier
  readonly ids: IdIndex
  readonly origin: string
  readonly world: string | undefined
  /** Lines that the checkpoint covers; more follow it where a crash came before the next one was written. */
  readonly committed: number
}

const disagrees = (what: string): AuditFault => ({ exit: 'data', fault: `${what}; \`vanta-audit verify\` tells where` })

function recover(folder: Logs, lines: Tape, leaves: Tape): Recovered | AuditFault {
  const text = folder.read(CHECKPOINT)
  const checkpoint = text === undefined ? undefined : parseCheckpoint(text.toString('utf8'))
  if (checkpoint === undefined) {
    if (text !== undefined) return disagrees(`${CHECKPOINT} is no checkpoint`)
    if (lines.size() > 0 || leaves.size() > 0) return disagrees(`${CHECKPOINT} is missing`)
  }
  const end = endOfLines(lines)
  if (end < lines.size()) lines.setAside(end)
  const wholeLeaves = leaves.size() - (leaves.size() % DIGEST_BYTES)
  if (wholeLeaves < leaves.size()) leaves.setAside(wholeLeaves)
  return rebuild(lines, leaves, wholeLeaves / DIGEST_BYTES, checkpoint ?? { origin: '', size: 0, root: EMPTY_ROOT })
}

/** Read the log once: the tree from the leaves as far as they go, then from the lines themselves. */
function rebuild(lines: Tape, leaves: Tape, leafCount: number, checkpoint: Checkpoint): Recovered | AuditFault {
  const frontier = new Frontier(), ids = new IdIndex()
  const known = new LeafCursor(leaves), cursor = new LineCursor(lines)
  const missing: Digest[] = []
  let world: string | undefined
  let root = EMPTY_ROOT
  while (cursor.next()) {
    const id = idOfLine(cursor.buffer, cursor.start, cursor.end)
    if (cursor.count === 1) world = worldOf(cursor.text())
    let leaf = known.next()
    if (leaf === undefined) missing.push((leaf = leafHashWithin(cursor.buffer, cursor.start, cursor.end)))
    if (id !== undefined) ids.add(id, { line: cursor.count, mark: markOf(leaf) })
    frontier.append(leaf)
    if (cursor.count === checkpoint.size) root = frontier.root()
  }
  const { size } = checkpoint
  if (cursor.count < size) return disagrees(`the log ends after line ${cursor.count}, the checkpoint says ${size}`)
  if (root !== checkpoint.root) return disagrees(`the log's first ${size} lines are not those of the checkpoint`)
  // Written without waiting for the disk, leaves can have outlived their lines.
  if (leafCount > cursor.count) leaves.setAside(cursor.count * DIGEST_BYTES)
  if (missing.length > 0) leaves.append(Buffer.from(missing.join(''), 'latin1'))
  return { frontier, ids, origin: checkpoint.origin, world, committed: size }
}

/** 32 bits of a leaf hash: enough to tell a line from another of the same record. */
const markOf = (leaf: Digest): number =>
  ((leaf.charCodeAt(0) << 24) | (leaf.charCodeAt(1) << 16) | (leaf.charCodeAt(2) << 8) | leaf.charCodeAt(3)) >>> 0

/** The world that a genesis line names; undefined where the line is no genesis. */
export function worldOf(line: string): string | undefined {
  const record = genesisOfLine(line)
  const facts = record?.facts
  if (typeof facts !== 'object' || facts === null || !('world' in facts)) return undefined
  return typeof facts.world === 'string' ? facts.world : undefined
}

/** The record on a log's first line, where it opens the log. */
export function genesisOfLine(line: string): (Control & { facts?: unknown }) | undefined {
  try {
    const checked = check(JSON.parse(line))
    if (!('record' in checked) || checked.record.kind !== 'control') return undefined
    return checked.record.type === 'genesis' ? checked.record : undefined
  } catch {
    return undefined
  }
}

interface Parts extends Recovered {
  readonly folder: Logs
  readonly lines: Tape
  readonly leaves: Tape
  readonly leave: () => void
  readonly group: number
}

const NEWLINE = 10

/** An open log. Lines are acknowledged by `commit` and `close`. */
export class AuditLog {
  readonly #parts: Parts
  #origin: string
  #world: string | undefined
  #committed: number
  /** Leaf hashes of the lines since the last commit. */
  #leaves: Digest[] = []
  /** The last line hashed: a byte for the leaf prefix, the line, a newline. */
  #scratch = Buffer.allocUnsafe(1 << 16)
  #lineEnd = 1

  /** Begun now: its genesis is the beginning of its first run. */
  isFresh = true

  constructor(parts: Parts) {
    this.#parts = parts
    this.#origin = parts.origin
    this.#world = parts.world
    this.#committed = parts.committed
  }

  /** Lines so far, the uncommitted ones included. */
  get size(): number {
    return this.#parts.frontier.size
  }

  /** The world its genesis names. */
  get world(): string | undefined {
    return this.#world
  }

  has(id: string): boolean {
    return this.#parts.ids.has(id)
  }

  /** Where a record stands, from 1, and whether its line there is this one; undefined where it is not in the log. */
  placeOf(line: string, id: string): { readonly line: number; readonly isSame: boolean } | undefined {
    const placed = this.#parts.ids.find(id)
    return placed && { line: placed.line, isSame: placed.mark === markOf(this.#hash(line)) }
  }

  /** Where a record stands, from 1. */
  lineOf(id: string): number | undefined {
    return this.#parts.ids.find(id)?.line
  }

  /** Start a new log. The checkpoint of nothing comes first: lines without a checkpoint have lost it. */
  begin(genesis: Control): void {
    const line = lineOf(genesis)
    this.#origin = originOf(this.#hash(line))
    this.#world = worldOf(line)
    this.#writeCheckpoint()
    this.append(line, genesis.id)
  }

  /** Log one record's line; false where its id is in the log already, which then stays as it is. */
  append(line: string, id: string): boolean {
    if (line.includes('\n')) throw new RangeError('a line of the audit log may not hold a newline')
    if (this.#parts.ids.has(id)) return false
    const leaf = this.#hash(line)
    this.#parts.ids.add(id, { line: this.size + 1, mark: markOf(leaf) })
    this.#scratch[this.#lineEnd] = NEWLINE
    this.#parts.lines.append(this.#scratch.subarray(1, this.#lineEnd + 1))
    this.#parts.frontier.append(leaf)
    this.#leaves.push(leaf)
    if (this.#leaves.length >= this.#parts.group) this.commit()
    return true
  }

  /** Make everything appended so far durable, in the order that recovery counts on. */
  commit(): void {
    const { lines, leaves, frontier } = this.#parts
    if (this.#committed === frontier.size) return
    lines.sync()
    if (this.#leaves.length > 0) leaves.append(Buffer.from(this.#leaves.join(''), 'latin1'))
    this.#leaves = []
    leaves.sync()
    this.#writeCheckpoint()
    this.#committed = frontier.size
  }

  /** Commit and let the next writer in. */
  close(): AuditState {
    try {
      this.commit()
    } finally {
      this.#parts.leave()
    }
    const { frontier } = this.#parts
    return { size: frontier.size, rootHex: hexOf(frontier.root()) }
  }

  #hash(line: string): Digest {
    const room = line.length * 3 + 2
    if (room > this.#scratch.length) this.#scratch = Buffer.allocUnsafe(room * 2)
    this.#lineEnd = 1 + this.#scratch.write(line, 1, 'utf8')
    return leafHashWithin(this.#scratch, 1, this.#lineEnd)
  }

  #writeCheckpoint(): void {
    const { folder, frontier } = this.#parts
    folder.replace(CHECKPOINT, formatCheckpoint({ origin: this.#origin, size: frontier.size, root: frontier.root() }))
  }
}
