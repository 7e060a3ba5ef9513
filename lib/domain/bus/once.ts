/** Lines that were sent again after an answer was lost, or by a process that began anew: told by their bytes, among the latest of a stream. */
import { hash } from 'node:crypto'
import { WordMap, words, WORDS } from '../lookup/word_map.ts'

export class Once {
  readonly #limit: number
  #young = new WordMap()
  #old = new WordMap()
  readonly #hash = words()

  /** Remembers at least the last `limit` lines, and at most twice as many. */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** Whether these bytes were not among the latest; they are from now on. Of SHA-256, so that no line can be made to hide another. */
  isNew(line: string): boolean {
    const digest = hash('sha256', line, 'buffer')
    for (let word = 0; word < WORDS; word++) this.#hash[word] = digest.readUInt32LE(4 * word)
    if (!this.#young.put(this.#hash) || this.#old.find(this.#hash)) return false
    if (this.#young.size >= this.#limit) {
      const oldest = this.#old
      this.#old = this.#young
      this.#young = oldest
      oldest.clear()
    }
    return true
  }
}
