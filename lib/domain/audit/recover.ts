/** Reading a log to its end, from the beginning or from where one stood, and mending what a crash left behind the checkpoint. */
import { check } from '#record'
import { endOfLines, LineCursor } from './lines.ts'
import { DIGEST_BYTES, EMPTY_ROOT, Frontier, leafHashWithin, type Digest } from './merkle.ts'
import { CHECKPOINT, idOfLine, LeafCursor, LINES } from './files.ts'
import type { Tape } from './logs.ts'
import { parseCheckpoint, type Checkpoint } from './checkpoint.ts'
import { worldOf } from './genesis.ts'
import { IdIndex } from '../lookup/id_index.ts'

/** Why a log could not be read or written: its files disagree (`data`), it is not this caller's to write (`refused`), or there is none. */
export interface AuditFault {
  readonly fault: string
  readonly exit: 'data' | 'refused' | 'negative'
}

/** What an appender knows of a log: all that its lines say of themselves, up to where it has read. */
export class Known {
  readonly frontier = new Frontier()
  readonly ids = new IdIndex()
  origin = ''
  world: string | undefined
  /** Where the next line begins. */
  offset = 0
}

const disagrees = (what: string): AuditFault => ({ exit: 'data', fault: `${what}; \`vanta-audit verify\` tells where` })

export interface Mended {
  /** Bytes behind the last line that was acknowledged, moved into files beside the log. */
  readonly setAside: number
}

/**
 * Read on from what is known to the end of the log. What follows the checkpoint was never acknowledged: whole records are taken in, and
 * from the first byte on that is none, all of it is set aside. Within the checkpoint nothing is ever mended.
 */
export function readOn(known: Known, text: string | undefined, lines: Tape, leaves: Tape): Mended | AuditFault {
  const checkpoint = text === undefined ? undefined : parseCheckpoint(text)
  if (checkpoint === undefined) {
    if (text !== undefined) return disagrees(`${CHECKPOINT} is no checkpoint`)
    if (lines.size() > 0 || leaves.size() > 0) return disagrees(`${CHECKPOINT} is missing`)
  }
  const before = lines.size() + leaves.size()
  const end = endOfLines(lines)
  if (end < lines.size()) lines.setAside(end)
  const wholeLeaves = leaves.size() - (leaves.size() % DIGEST_BYTES)
  if (wholeLeaves < leaves.size()) leaves.setAside(wholeLeaves)
  const fault = walk(known, lines, leaves, checkpoint ?? { origin: '', size: 0, root: EMPTY_ROOT })
  return fault ?? { setAside: Math.max(0, before - lines.size() - leaves.size()) }
}

/** The tree from the leaves as far as they go, then from the lines themselves. */
function walk(known: Known, lines: Tape, leaves: Tape, checkpoint: Checkpoint): AuditFault | undefined {
  const { frontier, ids } = known, { size } = checkpoint
  const leafCursor = new LeafCursor(leaves, frontier.size * DIGEST_BYTES), cursor = new LineCursor(lines, known.offset)
  const missing: Digest[] = []
  let root = frontier.size === size ? frontier.root() : undefined
  if (frontier.size > size) return disagrees(`${frontier.size} lines were acknowledged, the checkpoint says ${size}`)
  known.origin = checkpoint.origin
  while (cursor.next()) {
    const id = idOfLine(cursor.buffer, cursor.start, cursor.end), line = frontier.size + 1
    if (id === undefined && line <= size) return disagrees(`${LINES} line ${line} (byte ${cursor.offset}) is no record`)
    if (id === undefined || (line > size && !isRecord(cursor.text()))) {
      lines.setAside(cursor.offset)
      break
    }
    if (frontier.size === 0) known.world = worldOf(cursor.text())
    const standing = leafCursor.next()
    // Behind the checkpoint nothing is taken on trust.
    const leaf = standing !== undefined && frontier.size < size ? standing : leafHashWithin(cursor.buffer, cursor.start, cursor.end)
    if (missing.length > 0 || standing !== leaf) missing.push(leaf)
    frontier.append(leaf)
    ids.add(id, { line: frontier.size, mark: markOf(leaf) })
    known.offset = cursor.nextOffset
    if (frontier.size === size) root = frontier.root()
  }
  if (frontier.size < size) return disagrees(`the log ends after line ${frontier.size}, the checkpoint says ${size}`)
  if (root !== checkpoint.root) return disagrees(`the log's first ${size} lines are not those of the checkpoint`)
  // Leaves behind the checkpoint can be of lines that were lost: they are made again.
  const sure = (frontier.size - missing.length) * DIGEST_BYTES
  if (leaves.size() > sure) leaves.setAside(sure)
  if (missing.length > 0) leaves.append(Buffer.from(missing.join(''), 'latin1'))
  return undefined
}

function isRecord(line: string): boolean {
  try {
    return 'record' in check(JSON.parse(line))
  } catch {
    return false
  }
}

/** 32 bits of a leaf hash: enough to tell a line from another of the same record. */
export const markOf = (leaf: Digest): number =>
  ((leaf.charCodeAt(0) << 24) | (leaf.charCodeAt(1) << 16) | (leaf.charCodeAt(2) << 8) | leaf.charCodeAt(3)) >>> 0
