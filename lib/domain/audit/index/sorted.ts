/**
 * Lines by the first 64 bits of an id, sorted: entries in pages, and above them, level by level, the first key of every page below, as in a
 * B+-tree that is written once. Ten million entries are found in three pages. Ids alike in their first 64 bits are told apart by whoever reads
 * the line.
 */
import { PageReader, PageWriter, pagesFor, perPage } from './pages.ts'

/** Two words of key and one of the line. */
const ENTRY = 3
const KEY = 2
const LEAF = perPage(ENTRY)
const FAN = perPage(KEY)

/** An entry at a time; `false` is enough. */
export type Visit = (high: number, low: number, line: number) => boolean | void

/** Pages of the levels of a table, the entries first. */
function levelsOf(count: number): readonly number[] {
  const levels = [pagesFor(count, ENTRY)]
  for (let pages = levels[0] ?? 0; pages > 1;) levels.push((pages = pagesFor(pages, KEY)))
  return levels
}

export const pagesOfSorted = (count: number): number => levelsOf(count).reduce((sum, pages) => sum + pages, 0)

/** Takes entries in their order: by key, then by line. */
export class SortedWriter {
  readonly #pages: PageWriter
  /** High and low word of the first key of each page. */
  #firsts: number[] = []
  count = 0

  constructor(pages: PageWriter) {
    this.#pages = pages
  }

  put(high: number, low: number, line: number): void {
    if (this.count % LEAF === 0) this.#firsts.push(high, low)
    this.#pages.put(high, low, line)
    this.count += 1
  }

  end(): void {
    this.#pages.flush()
    for (let level = this.#firsts; level.length > KEY;) {
      const above: number[] = []
      for (let i = 0; i < level.length; i += KEY) {
        const high = level[i] ?? 0, low = level[i + 1] ?? 0
        if ((i / KEY) % FAN === 0) above.push(high, low)
        this.#pages.put(high, low)
      }
      this.#pages.flush()
      level = above
    }
  }
}

export class Sorted {
  readonly #pages: PageReader
  readonly #start: number
  readonly #levels: readonly number[]
  readonly count: number

  /** `count` entries that begin at page `start`. */
  constructor(pages: PageReader, start: number, count: number) {
    this.#pages = pages
    this.#start = start
    this.#levels = levelsOf(count)
    this.count = count
  }

  /** Every entry from that key on. */
  from(high: number, low: number, visit: Visit): void {
    if (this.count === 0) return
    const leaf = this.#leafBefore(high, low)
    let at = -1
    for (let page = leaf; page * LEAF < this.count; page++, at = 0) {
      const words = this.#pages.page(this.#start + page)
      const entries = Math.min(LEAF, this.count - page * LEAF)
      if (at < 0) at = firstNotBefore(words, entries, ENTRY, high, low)
      for (; at < entries; at++) {
        const word = 1 + at * ENTRY
        if (visit(words[word] ?? 0, words[word + 1] ?? 0, words[word + 2] ?? 0) === false) return
      }
    }
  }

  /** Every entry, past the pages that are kept. */
  *pagewise(): Generator<{ readonly words: Uint32Array; readonly entries: number }, void, undefined> {
    for (let page = 0; page * LEAF < this.count; page++) {
      yield { words: this.#pages.read(this.#start + page), entries: Math.min(LEAF, this.count - page * LEAF) }
    }
  }

  /** The page of entries in which the first of that key stands, if there is one, or the one before. */
  #leafBefore(high: number, low: number): number {
    let page = 0
    for (let level = this.#levels.length - 1; level > 0; level--) {
      const start = this.#levels.slice(0, level).reduce((sum, pages) => sum + pages, this.#start)
      const keys = Math.min(FAN, (this.#levels[level - 1] ?? 0) - page * FAN)
      // A key may fill pages: the first of them begins with it, or the one before ends with it.
      const behind = firstNotBefore(this.#pages.page(start + page), keys, KEY, high, low)
      page = page * FAN + Math.max(0, behind - 1)
    }
    return page
  }
}

/** The first of so many entries whose key is that one or comes after it. */
function firstNotBefore(words: Uint32Array, entries: number, width: number, high: number, low: number): number {
  let from = 0, to = entries
  while (from < to) {
    const middle = (from + to) >>> 1, word = 1 + middle * width
    const isBefore = (words[word] ?? 0) < high || (words[word] === high && (words[word + 1] ?? 0) < low)
    if (isBefore) from = middle + 1
    else to = middle
  }
  return from
}
