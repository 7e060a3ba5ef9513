/**
 * Entries of five 32-bit words, or more, found by the first few of them: 21 bytes each. Millions of ids as strings would be most of
 * the memory of a filter, and most of its time.
 */

export const WORDS = 5
const DIGITS_PER_WORD = 8
/** Digits of a record id: 160 bits. */
export const ID_DIGITS = WORDS * DIGITS_PER_WORD

export type Words = Uint32Array
export const words = (width = WORDS): Words => new Uint32Array(width)

/** Open addressing with linear probing. The keyed words are mixed into the place to look first: not every id is a hash. */
export class WordMap {
  readonly #keyed: number
  readonly #width: number
  #size = 0
  #mask = 1023
  #words: Words
  #used = new Uint8Array(this.#mask + 1)

  /** Entries are the same where their first `keyed` words are; the others are what is remembered of them. */
  constructor(keyed = WORDS, width = WORDS) {
    this.#keyed = keyed
    this.#width = width
    this.#words = new Uint32Array((this.#mask + 1) * width)
  }

  get size(): number {
    return this.#size
  }

  /** Whether there is such an entry; the words it was found with then become all of its words. */
  find(entry: Words): boolean {
    const slot = this.#slotOf(entry)
    if (this.#used[slot] === 0) return false
    for (let w = this.#keyed; w < this.#width; w++) entry[w] = this.#words[slot * this.#width + w] ?? 0
    return true
  }

  /** Put an entry in the place of any other of its key. False where there was one. */
  put(entry: Words): boolean {
    const slot = this.#slotOf(entry)
    const added = this.#used[slot] === 0
    for (let w = 0; w < this.#width; w++) this.#words[slot * this.#width + w] = entry[w] ?? 0
    if (!added) return false
    this.#used[slot] = 1
    // Half full at most: probes stay short.
    if (++this.#size * 2 > this.#mask) this.#grow()
    return true
  }

  /** Forget all, and keep the room. */
  clear(): void {
    this.#used.fill(0)
    this.#size = 0
  }

  /** Where the entry stands, or would. */
  #slotOf(entry: Words): number {
    let slot = this.#home(entry, 0)
    while (this.#used[slot] === 1 && !this.#matches(slot * this.#width, entry)) slot = (slot + 1) & this.#mask
    return slot
  }

  #home(from: Words, at: number): number {
    let mixed = 0
    for (let w = 0; w < this.#keyed; w++) mixed ^= from[at + w] ?? 0
    return mixed & this.#mask
  }

  #matches(at: number, entry: Words): boolean {
    for (let w = 0; w < this.#keyed; w++) if (this.#words[at + w] !== entry[w]) return false
    return true
  }

  #grow(): void {
    const old = this.#words
    const used = this.#used
    this.#mask = this.#mask * 4 + 3
    this.#words = new Uint32Array((this.#mask + 1) * this.#width)
    this.#used = new Uint8Array(this.#mask + 1)
    for (let place = 0; place < used.length; place++) {
      if (used[place] === 0) continue
      // No two entries have one key, so that the next free slot is the right one.
      let slot = this.#home(old, place * this.#width)
      while (this.#used[slot] === 1) slot = (slot + 1) & this.#mask
      this.#used[slot] = 1
      for (let w = 0; w < this.#width; w++) this.#words[slot * this.#width + w] = old[place * this.#width + w] ?? 0
    }
  }
}

/** Read the record id whose digits start at `from`; false where they are not 40 lower-case hex digits. */
export function readId(text: string, from: number, into: Words): boolean {
  if (text.length < from + ID_DIGITS) return false
  for (let w = 0, at = from; w < WORDS; w++) {
    let word = 0
    for (const end = at + DIGITS_PER_WORD; at < end; at++) {
      const code = text.charCodeAt(at)
      const digit = code <= 57 ? code - 48 : code >= 97 ? code - 87 : 16
      if (digit < 0 || digit > 15) return false
      word = (word << 4) | digit
    }
    into[w] = word
  }
  return true
}

/** A part of a text. */
export interface Span {
  readonly text: string
  readonly from: number
  readonly to: number
}

/**
 * Hash one text, or two, into the two words from `first` on: two multiply-and-rotate hashes side by side (the round and the
 * finish of MurmurHash3, public domain, by Austin Appleby). Not proof against someone who looks for collisions.
 */
export function hashInto(into: Words, first: number, a: Span, b?: Span): void {
  // The length of the first text keeps ("ab", "c") and ("a", "bc") apart.
  let left = 0x9e3779b1 ^ (a.to - a.from)
  let right = 0x3c6ef362 ^ (a.to - a.from)
  for (let span: Span | undefined = a; span !== undefined; span = span === a ? b : undefined) {
    const { text, to } = span
    for (let i = span.from; i < to; i++) {
      const unit = Math.imul(text.charCodeAt(i), 0xcc9e2d51)
      left ^= unit
      left = (Math.imul((left << 13) | (left >>> 19), 5) + 0xe6546b64) | 0
      right = Math.imul(right ^ unit, 0x1b873593)
      right ^= right >>> 15
    }
  }
  into[first] = finished(left)
  into[first + 1] = finished(right)
}

function finished(hash: number): number {
  const half = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  const whole = Math.imul(half ^ (half >>> 13), 0xc2b2ae35)
  return whole ^ (whole >>> 16)
}
