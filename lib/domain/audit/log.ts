/**
 * The audit log: every record on a line of its own, once, and a Merkle tree over the lines. Lines go to the disk first, then
 * their leaf hashes, then the checkpoint, so that after a crash at any point the files tell what was acknowledged.
 *
 * Several processes may append to one log. Each holds the lock for one group of lines: it reads what others have written since, adds its
 * own lines behind, makes them durable, and lets go. So the groups of a log follow one another whole, in the order of the lock.
 */
import { lineOf, type Control } from '#record'
import { hexOf, leafHashWithin, type Digest } from './merkle.ts'
import { CHECKPOINT, LEAVES, LINES, LOCK, PREDECESSOR } from './files.ts'
import { OlderLogs } from './index/older.ts'
import type { Logs, Tape } from './logs.ts'
import { formatCheckpoint, originOf, parseCheckpoint } from './checkpoint.ts'
import { succeeding, worldOf } from './genesis.ts'
import { Known, markOf, readOn, type AuditFault } from './recover.ts'

export interface AuditState {
  /** Lines in the log. */
  readonly size: number
  readonly rootHex: string
}

export interface OpenAuditLog {
  readonly folder: Logs
  /** Written as the first record where there is no log yet. */
  readonly genesis: Control
  /** Lines after which a group is committed unasked. */
  readonly group?: number
  /** Let others append between one group and the next, and wait so long for them; without it, this is the only writer until `close`. */
  readonly shareMs?: number
}

const GROUP = 4096

/** Open the log for appending, mending what a crash left. */
export function openAuditLog(options: OpenAuditLog): { readonly log: AuditLog } | AuditFault {
  const log = new AuditLog(options)
  const fault = log.enter()
  if (fault !== undefined) return fault
  if (options.shareMs !== undefined) log.leave()
  return { log }
}

const NEWLINE = 10
const CLOSED = 'this log was closed; `vanta-audit rotate` ends what it began, and the next log is open then'

/** An open log. Lines are appended between `enter` and `leave`, and are acknowledged by `commit`, `leave` and `close`. */
export class AuditLog {
  readonly #options: OpenAuditLog
  #lines: Tape
  #leaves: Tape
  #known = new Known()
  #release: (() => void) | undefined
  /** The checkpoint as it was read or written last. */
  #checkpoint: string | undefined
  /** Hashes of the lines since the last commit. */
  #fresh: Digest[] = []
  #isDurable = false
  #older: OlderLogs | undefined
  /** Why the last group could not be made durable: nothing is acknowledged any more. */
  #broken: unknown
  /** The last line hashed: a byte for the leaf prefix, the line, a newline. */
  #scratch = Buffer.allocUnsafe(1 << 16)
  #lineEnd = 1

  /** Begun now: its genesis is the beginning of its first run. */
  isFresh = false
  /** Bytes that were set aside when it was opened, or since: torn by a crash, and never acknowledged. */
  setAside = 0

  constructor(options: OpenAuditLog) {
    this.#options = options
    this.#lines = options.folder.open(LINES)
    this.#leaves = options.folder.open(LEAVES)
  }

  /** Lines so far, the uncommitted ones included. */
  get size(): number {
    return this.#known.frontier.size
  }

  /** The world its genesis names. */
  get world(): string | undefined {
    return this.#known.world
  }

  get isShared(): boolean {
    return this.#options.shareMs !== undefined
  }

  /** The logs that were closed before this one. */
  get #closed(): OlderLogs {
    return (this.#older ??= new OlderLogs(this.#options.folder))
  }

  /** Lines of the logs that were closed before this one. */
  get before(): number {
    return this.#closed.size
  }

  /** Whether a record stands in this log, or in one that was closed before it. */
  has(id: string): boolean {
    return this.#known.ids.has(id) || this.#closed.find(id) !== undefined
  }

  /** Where a record stands, and whether its line there is this one; undefined where it is in no log. Lines count from 1, through all logs. */
  placeOf(line: string, id: string): { readonly line: number; readonly isSame: boolean } | undefined {
    const placed = this.#known.ids.find(id)
    if (placed !== undefined) return { line: this.before + placed.line, isSame: placed.mark === markOf(this.#hash(line)) }
    const older = this.#closed.find(id)
    return older && { line: older.line, isSame: older.leaf === this.#hash(line) }
  }

  /** Where a record stands, from 1, through all logs. */
  lineOf(id: string): number | undefined {
    const own = this.#known.ids.find(id)
    return own === undefined ? this.#closed.find(id)?.line : this.before + own.line
  }

  /** Be the one writer, and know all that others have written. Throws Failure `again` where another keeps the log too long. */
  enter(): AuditFault | undefined {
    const { folder, shareMs } = this.#options
    this.#release = folder.lock(LOCK, shareMs)
    try {
      const fault = this.#readOn()
      if (fault !== undefined) this.#abandon()
      return fault
    } catch (error) {
      this.#abandon()
      throw error
    }
  }

  #readOn(): AuditFault | undefined {
    const { folder, genesis } = this.#options
    this.#lines.reread()
    this.#leaves.reread()
    const text = folder.read(CHECKPOINT)?.toString('utf8')
    const isUntouched = text !== undefined && text === this.#checkpoint && this.#lines.size() === this.#known.offset
    if (isUntouched) return undefined
    const pending = folder.read(PREDECESSOR)
    if (pending !== undefined && text !== undefined) {
      if (predecessorIs(pending, text)) return { exit: 'refused', fault: CLOSED }
      folder.remove(PREDECESSOR)
    }
    // The log that was known has been closed and its files moved away; another stands in its place, or none.
    if (this.size > 0 && parseCheckpoint(text ?? '')?.origin !== this.#known.origin) this.#forget()
    const read = readOn(this.#known, text, this.#lines, this.#leaves)
    if ('fault' in read) return read
    this.setAside += read.setAside
    this.#checkpoint = text
    this.#isDurable = false
    if (this.size === 0) this.#begin(pending === undefined ? genesis : succeeding(genesis, pending.toString('utf8')))
    this.commit()
    if (pending !== undefined) folder.remove(PREDECESSOR)
    return undefined
  }

  /** Start a new log. The checkpoint of nothing comes first: lines without a checkpoint have lost it. */
  #begin(genesis: Control): void {
    const line = lineOf(genesis)
    this.#known.origin = originOf(this.#hash(line))
    this.#known.world = worldOf(line)
    this.isFresh = true
    this.#writeCheckpoint()
    this.append(line, genesis.id)
  }

  /** Log one record's line; false where its id is in the log already, or in one closed before it, which then stays as it is. */
  append(line: string, id: string): boolean {
    if (this.#release === undefined) throw new Error('a line was appended to a log that others may write')
    if (line.includes('\n')) throw new RangeError('a line of the audit log may not hold a newline')
    const { ids, frontier } = this.#known
    if (frontier.size > 0 && this.has(id)) return false
    const leaf = this.#hash(line)
    ids.add(id, { line: this.size + 1, mark: markOf(leaf) })
    this.#scratch[this.#lineEnd] = NEWLINE
    this.#lines.append(this.#scratch.subarray(1, this.#lineEnd + 1))
    this.#known.offset += this.#lineEnd
    frontier.append(leaf)
    this.#fresh.push(leaf)
    this.#isDurable = false
    if (this.#fresh.length >= (this.#options.group ?? GROUP)) this.commit()
    return true
  }

  /** Make everything appended so far durable, in the order that recovery counts on. */
  commit(): void {
    if (this.#isDurable) return
    this.#lines.sync()
    if (this.#fresh.length > 0) this.#leaves.append(Buffer.from(this.#fresh.join(''), 'latin1'))
    this.#fresh = []
    this.#leaves.sync()
    if (this.#checkpointText() !== this.#checkpoint) this.#writeCheckpoint()
    this.#isDurable = true
  }

  /** Commit, and let others append. */
  leave(): void {
    const release = this.#release
    if (release === undefined) return
    try {
      this.commit()
    } catch (error) {
      this.#broken = error
      throw error
    } finally {
      this.#release = undefined
      release()
    }
  }

  /** Commit and be done. */
  close(): AuditState {
    try {
      if (this.#broken !== undefined) throw this.#broken
      this.leave()
    } finally {
      this.#lines.close()
      this.#leaves.close()
      this.#older?.close()
    }
    return { size: this.size, rootHex: hexOf(this.#known.frontier.root()) }
  }

  #forget(): void {
    this.#older?.close()
    this.#older = undefined
    this.#lines.close()
    this.#leaves.close()
    this.#lines = this.#options.folder.open(LINES)
    this.#leaves = this.#options.folder.open(LEAVES)
    this.#known = new Known()
  }

  #abandon(): void {
    const release = this.#release
    this.#release = undefined
    try {
      this.#lines.close()
      this.#leaves.close()
      this.#older?.close()
    } finally {
      release?.()
    }
  }

  #hash(line: string): Digest {
    const room = line.length * 3 + 2
    if (room > this.#scratch.length) this.#scratch = Buffer.allocUnsafe(room * 2)
    this.#lineEnd = 1 + this.#scratch.write(line, 1, 'utf8')
    return leafHashWithin(this.#scratch, 1, this.#lineEnd)
  }

  #checkpointText(): string {
    const { origin, frontier } = this.#known
    return formatCheckpoint({ origin, size: frontier.size, root: frontier.root() })
  }

  #writeCheckpoint(): void {
    const text = this.#checkpointText()
    this.#options.folder.replace(CHECKPOINT, text)
    this.#checkpoint = text
  }
}

/** Whether that is the signed form of this checkpoint. */
const predecessorIs = (signed: Buffer, checkpoint: string): boolean => signed.toString('utf8').startsWith(checkpoint)
