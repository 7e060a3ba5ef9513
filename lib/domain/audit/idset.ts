const WORDS = 5
const ID_LENGTH = 40

/** A set of record ids as 20-byte keys, open addressing: about 40 bytes an id instead of the 100 of a Set of strings. */
export class IdSet {
  #capacity = 1024
  #words = new Uint32Array(1024 * WORDS)
  #size = 0
  /** The id of all zeros looks like an empty slot. */
  #hasZero = false
  readonly #key = new Uint32Array(WORDS)

  get size(): number {
    return this.#size
  }

  /** False where it was there before. Throws RangeError on what is no id. */
  add(id: string): boolean {
    if (this.#isZero(id)) {
      if (this.#hasZero) return false
      this.#hasZero = true
    } else {
      const slot = this.#find(this.#words, this.#capacity, this.#key)
      if (this.#holds(slot)) return false
      this.#words.set(this.#key, slot)
    }
    this.#size += 1
    if (this.#size * 5 > this.#capacity * 3) this.#grow()
    return true
  }

  has(id: string): boolean {
    if (this.#isZero(id)) return this.#hasZero
    return this.#holds(this.#find(this.#words, this.#capacity, this.#key))
  }

  /** Reads the id into the key. */
  #isZero(id: string): boolean {
    if (id.length !== ID_LENGTH) throw new RangeError(`not a record id: ${id}`)
    let any = 0
    for (let word = 0, at = 0; word < WORDS; word++) {
      let value = 0
      for (const end = at + 8; at < end; at++) value = value * 16 + hexDigit(id.charCodeAt(at), id)
      this.#key[word] = value
      any |= value
    }
    return any === 0
  }

  #holds(slot: number): boolean {
    const words = this.#words
    return words[slot] !== 0 || words[slot + 1] !== 0 || words[slot + 2] !== 0 || words[slot + 3] !== 0 || words[slot + 4] !== 0
  }

  /** Where the key stands, or the empty slot where it would: ids are hashes, so their words are spread well enough. */
  #find(words: Uint32Array, capacity: number, key: Uint32Array): number {
    const [a = 0, b = 0, c = 0, d = 0, e = 0] = key
    for (let index = ((a ^ b ^ c ^ d ^ e) >>> 0) % capacity; ; index = index + 1 === capacity ? 0 : index + 1) {
      const slot = index * WORDS
      const w = words[slot], x = words[slot + 1], y = words[slot + 2], z = words[slot + 3], v = words[slot + 4]
      if (w === a && x === b && y === c && z === d && v === e) return slot
      if (w === 0 && x === 0 && y === 0 && z === 0 && v === 0) return slot
    }
  }

  #grow(): void {
    const capacity = this.#capacity * 2
    const words = new Uint32Array(capacity * WORDS)
    for (let slot = 0; slot < this.#words.length; slot += WORDS) {
      if (!this.#holds(slot)) continue
      const key = this.#words.subarray(slot, slot + WORDS)
      words.set(key, this.#find(words, capacity, key))
    }
    this.#capacity = capacity
    this.#words = words
  }
}

function hexDigit(code: number, id: string): number {
  if (code >= 48 && code <= 57) return code - 48
  if (code >= 97 && code <= 102) return code - 87
  throw new RangeError(`not a record id: ${id}`)
}
