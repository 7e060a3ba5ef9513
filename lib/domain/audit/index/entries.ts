/** Entries on their way to a sorted table: gathered as they come, then put in order. */
import type { Words } from '../../lookup/word_map.ts'
import type { SortedWriter } from './sorted.ts'

const FIRST_ROOM = 1 << 10
const DIGIT_BITS = 16
const DIGITS = 1 << DIGIT_BITS
/** Below this, counting digits costs more than comparing. */
const FEW = 1 << 12

export class Entries {
  #high: Words = new Uint32Array(FIRST_ROOM)
  #low: Words = new Uint32Array(FIRST_ROOM)
  #line: Words = new Uint32Array(FIRST_ROOM)
  count = 0

  /** Lines never decrease. */
  add(high: number, low: number, line: number): void {
    if (this.count === this.#line.length) this.#grow()
    this.#high[this.count] = high
    this.#low[this.count] = low
    this.#line[this.count] = line
    this.count += 1
  }

  /** By key, and where keys are the same by line. */
  writeTo(writer: SortedWriter): void {
    for (const at of this.#order()) writer.put(this.#high[at] ?? 0, this.#low[at] ?? 0, this.#line[at] ?? 0)
    writer.end()
  }

  #order(): Words {
    const high = this.#high, low = this.#low
    const order: Words = Uint32Array.from({ length: this.count }, (_, i) => i)
    if (this.count < FEW) return order.sort((a, b) => (high[a] ?? 0) - (high[b] ?? 0) || (low[a] ?? 0) - (low[b] ?? 0) || a - b)
    // Digit by digit from the last: each pass leaves alike what the passes before have put in order.
    let from = order, to: Words = new Uint32Array(this.count)
    for (const [words, shift] of [[low, 0], [low, DIGIT_BITS], [high, 0], [high, DIGIT_BITS]] as const) {
      const starts = new Uint32Array(DIGITS + 1)
      for (const at of from) starts[digit(words, at, shift) + 1] = (starts[digit(words, at, shift) + 1] ?? 0) + 1
      for (let i = 1; i <= DIGITS; i++) starts[i] = (starts[i] ?? 0) + (starts[i - 1] ?? 0)
      for (const at of from) {
        const place = digit(words, at, shift)
        to[starts[place] ?? 0] = at
        starts[place] = (starts[place] ?? 0) + 1
      }
      const sorted = to
      to = from
      from = sorted
    }
    return from
  }

  #grow(): void {
    this.#high = doubled(this.#high)
    this.#low = doubled(this.#low)
    this.#line = doubled(this.#line)
  }
}

const digit = (words: Words, at: number, shift: number): number => ((words[at] ?? 0) >>> shift) & (DIGITS - 1)

function doubled(words: Words): Words {
  const larger = new Uint32Array(words.length * 2)
  larger.set(words)
  return larger
}
