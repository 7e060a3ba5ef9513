/**
 * The index of a log on the disk, beside it: segments as of an LSM tree, added as the log grows and merged, so that there are never many. It follows
 * from the log and is never believed over it. What is not indexed yet, or cannot be kept, is read from the log each time.
 */
import { LINES } from '../files.ts'
import { endOfLines, type Bytes } from '../lines.ts'
import type { Logs, Tape } from '../logs.ts'
import type { SignedCheckpoint } from '../checkpoint.ts'
import { partsOf, type Part } from '../whole.ts'
import { LineIndex, type IndexedLog } from './line_index.ts'
import { INDEX_LOCK, lastOf, MANIFEST, pathOf, readManifest, saltOf, writeManifest, type Kept } from './manifest.ts'
import { IndexFault } from './pages.ts'
import { mergeSegments, Segment, SegmentDraft, type Sink } from './segment.ts'

export interface Asking {
  /** While a long log is indexed: so many of its bytes are. */
  readonly progress?: (done: number, of: number) => void
  /** Why the index could not be kept, where the answer had to do without. */
  readonly unkept?: (reason: Error) => void
  /** A log that is not in the archive, and was closed with that checkpoint: what it holds is not seen. */
  readonly lost?: (last: SignedCheckpoint) => void
  readonly layout?: Layout
}

/** How the index is laid out; what it answers does not depend on it. */
export interface Layout {
  /** So much of the log is read with every question rather than indexed for good. */
  readonly looseBytes: number
  readonly segmentLines: number
}

/** A segment of a million lines takes some 60 MiB while it is made. */
const LAYOUT: Layout = { looseBytes: 1 << 20, segmentLines: 1_000_000 }

const LOCK_WAIT_MS = 60_000
/** A question looks into each segment. */
const MOST_SEGMENTS = 4

/**
 * Ask the index of the log as it stands, and of those it goes on from. One that turns out to be spoilt, or of another log, is made anew, and
 * the question asked again.
 */
export function askIndex<T>(logs: Logs, ask: (index: LineIndex) => T, asking: Asking = {}): T {
  const { parts, lost } = partsOf(logs), anew = new Set<Part>()
  if (lost !== undefined) asking.lost?.(lost)
  for (;;) {
    try {
      return attempt(parts, ask, asking, anew)
    } catch (error) {
      const part = error instanceof IndexFault ? parts[error.nth ?? parts.length] : undefined
      if (part === undefined || anew.has(part)) throw error
      anew.add(part)
    }
  }
}

/** Index the logs to their end; how many lines that are. */
export const updateIndex = (logs: Logs, asking: Asking = {}): number =>
  partsOf(logs).parts.reduce((sum, part) => sum + updated(part.logs, asking), 0)

function updated(logs: Logs, asking: Asking): number {
  const log = logs.open(LINES)
  try {
    return extend(logs, log, asking, false).at(-1)?.lines.to ?? 0
  } catch (error) {
    if (!(error instanceof IndexFault)) throw error
    return extend(logs, log, asking, true).at(-1)?.lines.to ?? 0
  } finally {
    log.close()
  }
}

function attempt<T>(parts: readonly Part[], ask: (index: LineIndex) => T, asking: Asking, anew: ReadonlySet<Part>): T {
  const { index, close } = openIndex(parts, asking, anew)
  try {
    return ask(index)
  } finally {
    close()
  }
}

export interface OpenIndex {
  readonly index: LineIndex
  readonly close: () => void
}

/** The index of these logs, those that are to be made `anew` so. Throws IndexFault where one of the others is spoilt. */
export function openIndex(parts: readonly Part[], asking: Asking = {}, anew: ReadonlySet<Part> = new Set()): OpenIndex {
  const tapes: Tape[] = []
  const close = (): void => tapes.forEach((tape) => tape.close())
  let nth = 0
  try {
    const logs: IndexedLog[] = []
    for (const part of parts) {
      logs.push(indexedLog(part, asking, anew.has(part), tapes))
      nth += 1
    }
    return { index: new LineIndex(logs), close }
  } catch (error) {
    close()
    if (error instanceof IndexFault) error.nth = nth
    throw error
  }
}

function indexedLog({ logs, last, from, to }: Part, asking: Asking, anew: boolean, tapes: Tape[]): IndexedLog {
  const open = (name: string): Tape => {
    const tape = logs.open(name)
    tapes.push(tape)
    return tape
  }
  const log = open(LINES)
  // What was closed grows no more: it is indexed to its end, once.
  const kept = keptOf(logs, log, last === undefined ? asking : { ...asking, layout: { ...(asking.layout ?? LAYOUT), looseBytes: 0 } }, anew)
  const segments = kept.map((one) => segmentOf(open(pathOf(one)), one))
  const loose = looseOf(log, kept.at(-1))
  return { log, segments: loose === undefined ? segments : [...segments, loose], from, to }
}

const segmentOf = (bytes: Bytes, kept: Kept): Segment => new Segment(bytes, kept, { name: pathOf(kept), salt: saltOf(kept) })

/** The segments on the disk, once they reach nearly to the end of the log. */
function keptOf(logs: Logs, log: Bytes, asking: Asking, anew: boolean): readonly Kept[] {
  const kept = anew ? [] : readManifest(logs, log)
  const isLoose = endOfLines(log) - (kept.at(-1)?.bytes.to ?? 0) <= (asking.layout ?? LAYOUT).looseBytes
  if (isLoose && !(anew && logs.read(MANIFEST) !== undefined)) return kept
  try {
    return extend(logs, log, asking, anew)
  } catch (error) {
    // A home that cannot be written, or a disk that is full: the answer is the same, only later.
    if (!(error instanceof Error && 'exit' in error)) throw error
    asking.unkept?.(error)
    return kept
  }
}

/** The lines behind the last segment. */
function looseOf(log: Bytes, last: Kept | undefined): Segment | undefined {
  const draft = new SegmentDraft(last?.lines.to ?? 0, last?.bytes.to ?? 0)
  draft.fill(log, Infinity)
  if (draft.extent.lines.from === draft.extent.lines.to) return undefined
  const pages: Uint8Array[] = []
  draft.writeTo({ salt: 0, append: (page) => void pages.push(Uint8Array.from(page)) })
  const content = Buffer.concat(pages)
  const bytes: Bytes = { size: () => content.length, read: (position, into) => content.copy(into, 0, position, position + into.length) }
  return new Segment(bytes, draft.extent, { name: 'the end of the log', salt: 0 })
}

function extend(logs: Logs, log: Bytes, { progress, layout = LAYOUT }: Asking, anew: boolean): readonly Kept[] {
  if (log.size() === 0) return []
  const release = logs.lock(INDEX_LOCK, LOCK_WAIT_MS)
  try {
    // Another may have extended it meanwhile.
    let kept = anew ? [] : readManifest(logs, log)
    for (let more = true; more;) {
      const draft = new SegmentDraft(kept.at(-1)?.lines.to ?? 0, kept.at(-1)?.bytes.to ?? 0)
      more = draft.fill(log, layout.segmentLines)
      const { extent } = draft
      if (extent.lines.from === extent.lines.to) break
      const last = lastOf(log, { bytes: extent.bytes, last: { from: draft.lastFrom, sha256: '' } })
      if (last === undefined) throw new IndexFault(`${LINES} was cut off while it was read`)
      const one: Kept = { ...extent, last }
      write(logs, one, (sink) => draft.writeTo(sink))
      kept = [...kept, one]
      writeManifest(logs, kept)
      progress?.(extent.bytes.to, log.size())
    }
    while (kept.length > MOST_SEGMENTS) kept = withLastMerged(logs, kept)
    return kept
  } finally {
    release()
  }
}

function write<T>(logs: Logs, kept: Pick<Kept, 'lines' | 'last'>, writeTo: (sink: Sink) => T): T {
  const path = pathOf(kept)
  // What an earlier attempt has left.
  logs.remove(path)
  const tape = logs.open(path)
  try {
    const written = writeTo({ salt: saltOf(kept), append: (bytes) => tape.append(bytes) })
    tape.sync()
    return written
  } finally {
    tape.close()
  }
}

/** The last segments become one, and so do those before them, as long as they are not much larger than all behind them. */
function withLastMerged(logs: Logs, kept: readonly Kept[]): readonly Kept[] {
  const linesOf = (from: number): number => (kept.at(-1)?.lines.to ?? 0) - (kept[from]?.lines.from ?? 0)
  let from = kept.length - 2
  while (from > 0 && linesOf(from - 1) <= 3 * linesOf(from)) from -= 1
  const old = kept.slice(from), last = old.at(-1)?.last, span = { from: old[0]?.lines.from ?? 0, to: old.at(-1)?.lines.to ?? 0 }
  if (last === undefined) return kept
  const parts = old.map((one) => ({ one, tape: logs.open(pathOf(one)) }))
  try {
    const segments = parts.map(({ one, tape }) => segmentOf(tape, one))
    const extent = write(logs, { lines: span, last }, (sink) => mergeSegments(segments, sink))
    const now = [...kept.slice(0, from), { ...extent, last }]
    writeManifest(logs, now)
    return now
  } finally {
    for (const { tape } of parts) tape.close()
  }
}
