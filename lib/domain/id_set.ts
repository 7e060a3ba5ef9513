/** A set of record ids in 21 bytes each: millions of them as strings would be most of the memory of a filter. */

const WORDS = 5
const DIGITS_PER_WORD = 8
/** Digits of an id: 160 bits. */
export const ID_DIGITS = WORDS * DIGITS_PER_WORD

/** Open addressing with linear probing. Ids are hashes, so their first bits are as good a hash as any. */
export class IdSet {
  #size = 0
  #mask = 1023
  #words = new Uint32Array((this.#mask + 1) * WORDS)
  #used = new Uint8Array(this.#mask + 1)

  get size(): number {
    return this.#size
  }

  has(id: Uint32Array): boolean {
    return this.#used[this.#slotOf(id)] === 1
  }

  /** False where it was there already. */
  add(id: Uint32Array): boolean {
    const slot = this.#slotOf(id)
    if (this.#used[slot] === 1) return false
    this.#used[slot] = 1
    this.#words.set(id, slot * WORDS)
    // Half full at most: probes stay short.
    if (++this.#size * 2 > this.#mask) this.#grow()
    return true
  }

  /** Where the id stands, or would. */
  #slotOf(id: Uint32Array): number {
    const words = this.#words
    let slot = (id[0] ?? 0) & this.#mask
    for (; this.#used[slot] === 1; slot = (slot + 1) & this.#mask) {
      const at = slot * WORDS
      if (words[at] === id[0] && words[at + 1] === id[1] && words[at + 2] === id[2] && words[at + 3] === id[3] && words[at + 4] === id[4]) break
    }
    return slot
  }

  #grow(): void {
    const words = this.#words
    const used = this.#used
    this.#mask = this.#mask * 2 + 1
    this.#words = new Uint32Array((this.#mask + 1) * WORDS)
    this.#used = new Uint8Array(this.#mask + 1)
    for (let old = 0; old < used.length; old++) {
      if (used[old] === 0) continue
      const id = words.subarray(old * WORDS, old * WORDS + WORDS)
      const slot = this.#slotOf(id)
      this.#used[slot] = 1
      this.#words.set(id, slot * WORDS)
    }
  }
}

export const idWords = (): Uint32Array => new Uint32Array(WORDS)

/** Read the id whose digits start at `from` into `words`; false where they are not 40 lower-case hex digits. */
export function readId(text: string, from: number, words: Uint32Array): boolean {
  if (text.length < from + ID_DIGITS) return false
  for (let w = 0, at = from; w < WORDS; w++) {
    let word = 0
    for (const end = at + DIGITS_PER_WORD; at < end; at++) {
      const code = text.charCodeAt(at)
      const digit = code <= 57 ? code - 48 : code >= 97 ? code - 87 : 16
      if (digit < 0 || digit > 15) return false
      word = (word << 4) | digit
    }
    words[w] = word
  }
  return true
}
