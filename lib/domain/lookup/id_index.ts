import { ID_DIGITS, readId, WordMap, words, WORDS } from './word_map.ts'

/** The place of a line, and 32 bits of what it says. */
export interface Placed {
  readonly line: number
  readonly mark: number
}

/** Record ids and where their lines stand: about 56 bytes an id. */
export class IdIndex {
  readonly #entries = new WordMap(WORDS, WORDS + 2)
  readonly #key = words(WORDS + 2)

  get size(): number {
    return this.#entries.size
  }

  /** False, and nothing changed, where it was there before. Throws RangeError on what is no id. */
  add(id: string, { line, mark }: Placed): boolean {
    if (this.has(id)) return false
    const key = this.#keyOf(id)
    key[WORDS] = line
    key[WORDS + 1] = mark
    return this.#entries.put(key)
  }

  has(id: string): boolean {
    return this.#entries.find(this.#keyOf(id))
  }

  find(id: string): Placed | undefined {
    const key = this.#keyOf(id)
    return this.#entries.find(key) ? { line: key[WORDS] ?? 0, mark: key[WORDS + 1] ?? 0 } : undefined
  }

  #keyOf(id: string): Uint32Array {
    if (id.length !== ID_DIGITS || !readId(id, 0, this.#key)) throw new RangeError(`not a record id: ${id}`)
    return this.#key
  }
}
