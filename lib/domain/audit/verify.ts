/**
 * Has anything been changed? The lines are hashed again and held against the leaves and the checkpoint: of these three
 * witnesses, two that agree tell where the third was altered. One pass, in flat memory.
 */
import { LineCursor, type Bytes } from './lines.ts'
import { DIGEST_BYTES, EMPTY_ROOT, Frontier, hexOf, leafHashWithin, type Digest } from './merkle.ts'
import { CHECKPOINT, idOfLine, LeafCursor, LEAVES, LINES, LOCK } from './files.ts'
import type { Logs } from './logs.ts'
import { originOf, parseCheckpoint, type Checkpoint } from './checkpoint.ts'

export type Verdict =
  | { readonly intact: true; readonly size: number; readonly rootHex: string }
  | { readonly intact: false; readonly fault: string }

const altered = (fault: string): Verdict => ({ intact: false, fault })

/** What reading a log takes. */
export type ReadLogs = Pick<Logs, 'open' | 'read' | 'isLocked'>

/** A checkpoint from elsewhere, whose lines the log must begin with. */
export interface Anchor extends Checkpoint {
  /** What it is called in the verdict. */
  readonly name: string
}

/** Reads only. Lines that a writer at work has not committed yet are none of its business. */
export function verifyAuditLog(folder: ReadLogs, anchors: readonly Anchor[] = []): Verdict {
  const lockedBefore = folder.isLocked(LOCK)
  const text = folder.read(CHECKPOINT)?.toString('utf8')
  const checkpoint = text === undefined ? undefined : parseCheckpoint(text)
  const lines = folder.open(LINES), leaves = folder.open(LEAVES)
  try {
    const found = compare(lines, leaves, checkpoint?.size ?? Infinity, new Set(anchors.map(({ size }) => size)))
    if (checkpoint === undefined) return withoutCheckpoint(text, found)
    const isWriting = lockedBefore || folder.isLocked(LOCK) || folder.read(CHECKPOINT)?.toString('utf8') !== text
    const verdict = judge(checkpoint, found, isWriting)
    return verdict.intact ? judgeAnchors(checkpoint, found, anchors) ?? verdict : verdict
  } finally {
    lines.close()
    leaves.close()
  }
}

/** Where a line and its leaf first differ, and what stands around it. */
interface Difference {
  /** From 0. */
  readonly index: number
  readonly offset: number
  readonly id: string | undefined
  readonly lineHashes: Digest[]
  readonly leaves: Digest[]
}

interface Found {
  readonly lineCount: number
  readonly leafCount: number
  /** Where the last whole line ends, and bytes after it. */
  readonly end: number
  readonly tornBytes: number
  readonly tornLeafBytes: number
  /** Roots over the first lines and leaves, as many as the checkpoint covers; undefined where there are fewer. */
  readonly lineRoot: Digest | undefined
  readonly leafRoot: Digest | undefined
  readonly firstLeaf: Digest | undefined
  readonly difference: Difference | undefined
  /** Roots over the first lines, by the sizes that were asked for. */
  readonly roots: ReadonlyMap<number, Digest>
}

/** One side's tree, up to the checkpoint's size. */
class Side {
  readonly tree: Frontier
  readonly #size: number
  #root: Digest | undefined
  count: number

  constructor(size: number, from?: Side) {
    this.#size = size
    this.tree = new Frontier(from?.tree)
    this.count = from?.count ?? 0
    this.#root = from === undefined ? (size === 0 ? EMPTY_ROOT : undefined) : from.root
  }

  get root(): Digest | undefined {
    return this.#root
  }

  add(leaf: Digest): void {
    this.count += 1
    if (this.count > this.#size) return
    this.tree.append(leaf)
    if (this.count === this.#size) this.#root = this.tree.root()
  }
}

/** Walk lines and leaves side by side; one tree serves both for as long as they agree. */
function compare(lines: Bytes, leafBytes: Bytes, size: number, anchored: ReadonlySet<number>): Found {
  const cursor = new LineCursor(lines), leafCursor = new LeafCursor(leafBytes)
  const lineSide = new Side(size), roots = new Map([[0, EMPTY_ROOT]])
  let leafSide: Side | undefined
  let difference: Difference | undefined
  let firstLeaf: Digest | undefined
  let leaf: Digest | undefined
  for (;;) {
    const hasLine = cursor.next()
    leaf = leafCursor.next()
    if (!hasLine && leaf === undefined) break
    const lineHash = hasLine ? leafHashWithin(cursor.buffer, cursor.start, cursor.end) : undefined
    firstLeaf ??= leaf
    if (lineHash !== leaf) {
      leafSide ??= new Side(size, lineSide)
      if (hasLine && leaf !== undefined) difference ??= differenceAt(cursor)
    }
    if (difference !== undefined) {
      if (lineHash !== undefined && difference.lineHashes.length < 2) difference.lineHashes.push(lineHash)
      if (leaf !== undefined && difference.leaves.length < 2) difference.leaves.push(leaf)
    }
    if (lineHash !== undefined) lineSide.add(lineHash)
    if (hasLine && lineSide.count <= size && anchored.has(lineSide.count)) roots.set(lineSide.count, lineSide.tree.root())
    if (leaf !== undefined) leafSide?.add(leaf)
  }
  leafSide ??= lineSide
  return {
    lineCount: lineSide.count, leafCount: leafSide.count, end: cursor.nextOffset,
    tornBytes: lines.size() - cursor.nextOffset, tornLeafBytes: leafBytes.size() % DIGEST_BYTES,
    lineRoot: lineSide.root, leafRoot: leafSide.root, firstLeaf, difference, roots,
  }
}

function differenceAt(cursor: LineCursor): Difference {
  const id = idOfLine(cursor.buffer, cursor.start, cursor.end)
  return { index: cursor.count - 1, offset: cursor.offset, id, lineHashes: [], leaves: [] }
}

const place = (line: number, offset: number, id?: string): string =>
  `line ${line} (byte ${offset}${id === undefined ? '' : `, record ${id}`})`

/** What became of the line at the first difference, told by the hashes that follow. */
function describe({ index, offset, id, lineHashes, leaves }: Difference): string {
  const [line, nextLine] = lineHashes, [leaf, nextLeaf] = leaves
  const at = `${LINES} ${place(index + 1, offset, id)}`
  if (nextLine === leaf && line === nextLeaf) return `${at} has changed places with the line after it`
  if (nextLine === leaf) return `${at} was inserted`
  if (line === nextLeaf) return `${at}: the line that stood before it was deleted`
  return `${at} was changed: it is not the line that was logged there`
}

function withoutCheckpoint(text: string | undefined, { lineCount, leafCount, difference }: Found): Verdict {
  if (text === undefined && lineCount === 0 && leafCount === 0) return altered('there is no audit log')
  const state = text === undefined ? 'is missing' : 'was changed: it is no checkpoint'
  if (difference !== undefined) return altered(`${CHECKPOINT} ${state}; ${describe(difference)}`)
  const rest = lineCount === leafCount ? `agree on ${lineCount} lines` : `have ${lineCount} and ${leafCount} entries`
  return altered(`${CHECKPOINT} ${state}; ${LINES} and ${LEAVES} ${rest}`)
}

function judge(checkpoint: Checkpoint, found: Found, isWriting: boolean): Verdict {
  const linesHold = found.lineRoot === checkpoint.root, leavesHold = found.leafRoot === checkpoint.root
  if (linesHold && leavesHold) return judgeRest(checkpoint, found, isWriting)
  if (leavesHold) return altered(judgeLines(checkpoint, found))
  if (linesHold) return altered(judgeLeaves(checkpoint, found))
  return altered(judgeAll(checkpoint, found))
}

/** The log is whole in itself; does it begin as it did when others saw it? */
function judgeAnchors({ origin, size }: Checkpoint, { roots }: Found, anchors: readonly Anchor[]): Verdict | undefined {
  for (const anchor of anchors) {
    if (anchor.origin !== origin) return altered(`${anchor.name} is of another log, ${anchor.origin}; this one is ${origin}`)
    if (anchor.size > size) return altered(`${anchor.name} says ${anchor.size} lines, the log has ${size}: its end was cut off`)
    if (roots.get(anchor.size) !== anchor.root) {
      return altered(`the log's first ${anchor.size} lines are not those of ${anchor.name}: its past was rewritten`)
    }
  }
  return undefined
}

/** All three agree as far as the checkpoint goes: is there anything else? */
function judgeRest({ origin, size, root }: Checkpoint, found: Found, isWriting: boolean): Verdict {
  const { firstLeaf, lineCount, leafCount, tornBytes, tornLeafBytes } = found
  if (firstLeaf !== undefined && origin !== originOf(firstLeaf)) {
    return altered(`${CHECKPOINT} was changed: its origin is not that of this log, ${originOf(firstLeaf)}`)
  }
  if (!isWriting) {
    const more = lineCount > size ? `${lineCount - size} more lines` : tornBytes > 0 ? `${tornBytes} bytes without a newline` : ''
    const crash = 'added, or left by a crash before they were acknowledged'
    if (more !== '') return altered(`${LINES}: ${more} follow line ${size}, where the checkpoint ends; ${crash}`)
    if (leafCount > size || tornLeafBytes > 0) return altered(`${LEAVES}: more follows entry ${size}; ${crash}`)
  }
  return { intact: true, size, rootHex: hexOf(root) }
}

/** Leaves and checkpoint agree: the lines were changed. */
function judgeLines(checkpoint: Checkpoint, { difference, ...found }: Found): string {
  return difference === undefined ? cutLines(checkpoint, found) : describe(difference)
}

function cutLines({ size }: Checkpoint, { lineCount, tornBytes, end }: Omit<Found, 'difference'>): string {
  if (lineCount === 0 && tornBytes === 0) return `${LINES} is missing or empty, the checkpoint says ${size} lines`
  if (tornBytes === 0) return `${LINES} ends after line ${lineCount} (byte ${end}), the checkpoint says ${size}`
  return `${LINES} is cut off within ${place(lineCount + 1, end)}, the checkpoint says ${size} lines`
}

/** Lines and checkpoint agree: the leaves were changed. */
function judgeLeaves({ size }: Checkpoint, { leafCount, difference }: Found): string {
  const rest = `${LINES} and ${CHECKPOINT} agree`
  if (difference !== undefined) {
    const { index } = difference
    return `${LEAVES} was changed at entry ${index + 1} (byte ${index * DIGEST_BYTES}); ${rest}`
  }
  if (leafCount === 0) return `${LEAVES} is missing or empty; ${rest}`
  return `${LEAVES} ends after entry ${leafCount}, the checkpoint says ${size}; ${rest}`
}

/** Neither lines nor leaves are those of the checkpoint. */
function judgeAll(checkpoint: Checkpoint, found: Found): string {
  const { size } = checkpoint
  const { lineCount, leafCount, difference } = found
  if (difference !== undefined) return `${describe(difference)}; ${LEAVES} does not agree with ${CHECKPOINT} either`
  if (lineCount >= size && leafCount >= size) return `${CHECKPOINT} was changed; ${LINES} and ${LEAVES} agree with each other`
  if (lineCount === leafCount) {
    return `${cutLines(checkpoint, found)}; ${LEAVES} ends there too, so either both were cut or ${CHECKPOINT} was changed`
  }
  if (lineCount < size && leafCount < size) return `${cutLines(checkpoint, found)}; ${LEAVES} ends after entry ${leafCount}`
  return lineCount < size
    ? `${cutLines(checkpoint, found)}; ${LEAVES} goes on but does not agree with ${CHECKPOINT}`
    : `${LEAVES} ends after entry ${leafCount}, and ${LINES} does not agree with ${CHECKPOINT}`
}
