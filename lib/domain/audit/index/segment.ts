/**
 * A part of the index: for a span of whole lines of the log, where each begins, which is of which record, and which name which parent. Made
 * once and never changed; two that follow one another can be merged.
 */
import { readId, words, type Words } from '../../lookup/word_map.ts'
import { LineCursor, type Bytes } from '../lines.ts'
import { linksOf } from '../links.ts'
import { Entries } from './entries.ts'
import { bytesOfPages, IndexFault, PageReader, PageWriter, pagesFor, perPage } from './pages.ts'
import { pagesOfSorted, Sorted, SortedWriter } from './sorted.ts'

/** What a segment is of. Lines and bytes from `from`, below `to`. */
export interface Extent {
  readonly lines: Span
  readonly bytes: Span
  /** Lines that are records. */
  readonly ids: number
  /** Times that one names a parent. */
  readonly links: number
}

export interface Span {
  readonly from: number
  readonly to: number
}

/** Where the pages of a segment go, and what their checksums say beside their content: of which lines they are. */
export interface Sink {
  readonly salt: number
  append(bytes: Uint8Array): void
}

const OFFSET_WORDS = 2
const OFFSETS = perPage(OFFSET_WORDS)
const WORD = 0x1_0000_0000

const bytesOfSegment = ({ lines, ids, links }: Extent): number =>
  bytesOfPages(pagesFor(lines.to - lines.from, OFFSET_WORDS) + pagesOfSorted(ids) + pagesOfSorted(links))

/** Links are what a line may have many of: a segment takes no more lines once it has so many to a line. */
const LINKS_PER_LINE = 2

/** Gathers what the lines of a log say, from one on. */
export class SegmentDraft {
  readonly #lines: number
  readonly #offsets: number[] = []
  readonly #ids = new Entries()
  readonly #links = new Entries()
  readonly #key = words()
  readonly #begin: number
  #end: number

  /** From line `line` on, which begins at `offset`. */
  constructor(line: number, offset: number) {
    this.#lines = line
    this.#begin = this.#end = offset
  }

  get extent(): Extent {
    const lines = { from: this.#lines, to: this.#lines + this.#offsets.length }
    return { lines, bytes: { from: this.#begin, to: this.#end }, ids: this.#ids.count, links: this.#links.count }
  }

  /** Where the last line begins. */
  get lastFrom(): number {
    return this.#offsets.at(-1) ?? this.#begin
  }

  /** Read lines while there are any, and there is room for them; true where more may follow. */
  fill(log: Bytes, mostLines: number): boolean {
    const cursor = new LineCursor(log, this.#end)
    while (this.#offsets.length < mostLines && this.#links.count < mostLines * LINKS_PER_LINE) {
      if (!cursor.next()) return false
      const line = this.#lines + this.#offsets.length
      this.#offsets.push(cursor.offset)
      this.#end = cursor.nextOffset
      const links = linksOf(cursor.buffer, cursor.start, cursor.end)
      if (links === undefined) continue
      this.#add(this.#ids, links.id, line)
      for (const parent of links.parents) this.#add(this.#links, parent, line)
    }
    return true
  }

  #add(entries: Entries, id: string, line: number): void {
    const key = this.#key
    if (readId(id, 0, key)) entries.add(key[0] ?? 0, key[1] ?? 0, line)
  }

  writeTo({ append, salt }: Sink): void {
    const pages = new PageWriter(append, salt)
    for (const offset of this.#offsets) pages.put(offset >>> 0, Math.floor(offset / WORD))
    pages.flush()
    this.#ids.writeTo(new SortedWriter(pages))
    this.#links.writeTo(new SortedWriter(pages))
  }
}

/** A segment that can be asked. */
export class Segment {
  readonly extent: Extent
  readonly ids: Sorted
  readonly links: Sorted
  readonly #pages: PageReader

  /** Throws IndexFault where it is not as long as it must be. */
  constructor(bytes: Bytes, extent: Extent, { name, salt }: { readonly name: string; readonly salt: number }) {
    if (bytes.size() !== bytesOfSegment(extent)) throw new IndexFault(`${name} is ${bytes.size()} bytes long, not ${bytesOfSegment(extent)}`)
    const { lines, ids, links } = extent
    const offsetPages = pagesFor(lines.to - lines.from, OFFSET_WORDS)
    this.extent = extent
    this.#pages = new PageReader(bytes, name, salt)
    this.ids = new Sorted(this.#pages, offsetPages, ids)
    this.links = new Sorted(this.#pages, offsetPages + pagesOfSorted(ids), links)
  }

  /** Where a line of the log begins, and where the next one does. */
  spanOf(line: number): Span {
    const { lines, bytes } = this.extent
    return { from: this.#offset(line), to: line + 1 === lines.to ? bytes.to : this.#offset(line + 1) }
  }

  #offset(line: number): number {
    const nth = line - this.extent.lines.from, word = 1 + (nth % OFFSETS) * OFFSET_WORDS
    const page = this.#pages.page(Math.floor(nth / OFFSETS))
    return (page[word] ?? 0) + (page[word + 1] ?? 0) * WORD
  }

  /** The words of all offsets, page by page. */
  *offsets(): Generator<{ readonly words: Uint32Array; readonly entries: number }, void, undefined> {
    const count = this.extent.lines.to - this.extent.lines.from
    for (let page = 0; page * OFFSETS < count; page++) yield { words: this.#pages.read(page), entries: Math.min(OFFSETS, count - page * OFFSETS) }
  }
}

/** One segment in place of several, each of which follows on the one before. */
export function mergeSegments(segments: readonly Segment[], { append, salt }: Sink): Extent {
  const pages = new PageWriter(append, salt)
  for (const segment of segments) {
    for (const { words: offsets, entries } of segment.offsets()) {
      for (let i = 0; i < entries; i++) pages.put(offsets[1 + i * 2] ?? 0, offsets[2 + i * 2] ?? 0)
    }
  }
  pages.flush()
  const ids = mergeSorted(segments.map((segment) => segment.ids), pages)
  const links = mergeSorted(segments.map((segment) => segment.links), pages)
  const first = segments[0]?.extent, last = segments.at(-1)?.extent
  if (first === undefined || last === undefined) throw new RangeError('nothing to merge')
  return { lines: { from: first.lines.from, to: last.lines.to }, bytes: { from: first.bytes.from, to: last.bytes.to }, ids, links }
}

/** The next entry of one table. */
class Head {
  readonly #pages: ReturnType<Sorted['pagewise']>
  #words: Words = new Uint32Array(0)
  #left = 0
  #at = 1
  high = 0
  low = 0
  line = 0

  constructor(table: Sorted) {
    this.#pages = table.pagewise()
  }

  /** False at the end. */
  next(): boolean {
    while (this.#left === 0) {
      const { value, done } = this.#pages.next()
      if (done === true) return false
      this.#words = value.words
      this.#left = value.entries
      this.#at = 1
    }
    this.high = this.#words[this.#at] ?? 0
    this.low = this.#words[this.#at + 1] ?? 0
    this.line = this.#words[this.#at + 2] ?? 0
    this.#at += 3
    this.#left -= 1
    return true
  }
}

function mergeSorted(tables: readonly Sorted[], pages: PageWriter): number {
  const writer = new SortedWriter(pages)
  let heads = tables.map((table) => new Head(table)).filter((head) => head.next())
  for (let least = leastOf(heads); least !== undefined; least = leastOf(heads)) {
    const taken = least
    writer.put(taken.high, taken.low, taken.line)
    if (!taken.next()) heads = heads.filter((head) => head !== taken)
  }
  writer.end()
  return writer.count
}

/** Of heads alike the earlier segment's comes first. */
function leastOf([first, ...others]: readonly Head[]): Head | undefined {
  let least = first
  for (const head of others) {
    if (least === undefined || head.high < least.high || (head.high === least.high && head.low < least.low)) least = head
  }
  return least
}
