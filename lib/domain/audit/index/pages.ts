/**
 * Tables of 32-bit words in pages of 4096 bytes, each behind a checksum, so that what a disk or a crash has spoilt is noticed where it is read.
 * They are sorted once and never changed: a page is found by its number.
 */
import { hash } from 'node:crypto'
import { readFully, type Bytes } from '../lines.ts'

const PAGE_BYTES = 4096
const PAGE_WORDS = PAGE_BYTES / 4
/** The first word is the checksum. */
const FREE_WORDS = PAGE_WORDS - 1

/** Something of the index is not as it was written, or not of this log: it can be made anew. */
export class IndexFault extends Error {
  /** Of which of the logs asked, where that is known. */
  nth: number | undefined
}

/** Of the words behind the checksum, of the page's number and of what the file is of: a page in another's place is not it. */
const sumOf = (page: Buffer, number: number, salt: number): number =>
  (hash('sha256', page.subarray(4), 'buffer').readUInt32LE(0) ^ number ^ salt) >>> 0

/** How many entries of so many words a page holds. */
export const perPage = (width: number): number => Math.floor(FREE_WORDS / width)

export const pagesFor = (count: number, width: number): number => Math.ceil(count / perPage(width))

export const bytesOfPages = (pages: number): number => pages * PAGE_BYTES

/** Fills pages one after another and hands each on. */
export class PageWriter {
  readonly #append: (page: Uint8Array) => void
  readonly #words = new Uint32Array(PAGE_WORDS)
  readonly #page = Buffer.from(this.#words.buffer)
  readonly #salt: number
  #at = 1
  #count = 0

  constructor(append: (page: Uint8Array) => void, salt: number) {
    this.#append = append
    this.#salt = salt
  }

  /** One entry of two words, or of three; all entries of a page are alike. */
  put(a: number, b: number, c?: number): void {
    const width = c === undefined ? 2 : 3
    if (this.#at + width > PAGE_WORDS) this.flush()
    this.#words[this.#at] = a
    this.#words[this.#at + 1] = b
    if (c !== undefined) this.#words[this.#at + 2] = c
    this.#at += width
  }

  /** What comes next begins a page. */
  flush(): void {
    if (this.#at === 1) return
    this.#words.fill(0, this.#at)
    this.#page.writeUInt32LE(sumOf(this.#page, this.#count, this.#salt), 0)
    this.#append(this.#page)
    this.#count += 1
    this.#at = 1
  }
}

/** So many pages are kept while a question is answered: 16 MiB. */
const KEPT_PAGES = 4096

export class PageReader {
  readonly #bytes: Bytes
  readonly #name: string
  readonly #salt: number
  readonly #kept = new Map<number, Uint32Array>()

  constructor(bytes: Bytes, name: string, salt: number) {
    this.#bytes = bytes
    this.#name = name
    this.#salt = salt
  }

  /** The words of a page, of which the first is the checksum. Throws IndexFault where it is not as it was written. */
  page(number: number): Uint32Array {
    const known = this.#kept.get(number)
    if (known !== undefined) return known
    const words = this.read(number)
    if (this.#kept.size >= KEPT_PAGES) this.#kept.clear()
    this.#kept.set(number, words)
    return words
  }

  /** For whoever reads page after page. */
  read(number: number): Uint32Array {
    const words = new Uint32Array(PAGE_WORDS)
    const page = Buffer.from(words.buffer)
    if (readFully(this.#bytes, number * PAGE_BYTES, page) < PAGE_BYTES) throw new IndexFault(`${this.#name}: page ${number} is cut off`)
    if (page.readUInt32LE(0) !== sumOf(page, number, this.#salt)) throw new IndexFault(`${this.#name}: page ${number} was changed`)
    return words
  }
}
