/**
 * `logs/ledger.ndjson`: every entry of every vault as it was booked. It follows from the trade log, which is the truth, and is written behind it:
 * what is not durable there is never here. What a crash left out is written again, byte for byte; any other difference is an error.
 */
import type { TradeLog } from './shelf.ts'

export class JournalTail {
  readonly #log: TradeLog | undefined
  /** Lines of the journal that the state kept covers. */
  readonly #covered: number
  #written = 0
  /** Booked, and not written yet. */
  #waiting: string[] = []

  constructor(log: TradeLog | undefined, covered: number) {
    this.#log = log
    this.#covered = covered
  }

  add(line: string): void {
    if (this.#log !== undefined) this.#waiting.push(line)
  }

  /** After the trade log was read again: leave out what is here already; of what is covered, say it. Throws RangeError where something else is. */
  meet(covered: (line: string, at: number) => void): void {
    if (this.#log === undefined) return
    for (const line of this.#log.lines()) {
      const at = this.#written++
      if (at < this.#covered) {
        covered(line, at)
        continue
      }
      const expected = this.#waiting.shift()
      if (line === expected) continue
      const why = expected === undefined ? 'the trade log knows nothing of it' : 'the trade log says otherwise'
      throw new RangeError(`ledger journal line ${this.#written}: ${why}`)
    }
    if (this.#written < this.#covered) throw new RangeError(`the ledger journal has ${this.#written} lines, there were ${this.#covered}`)
  }

  /** The trade log is durable: what follows from it may be written. */
  flush(): void {
    for (const line of this.#waiting) this.#log?.append(line)
    this.#written += this.#waiting.length
    this.#waiting = []
  }

  sync(): void {
    this.flush()
    if (this.#log !== undefined && this.#written > 0) this.#log.sync()
  }

  get lines(): number {
    return this.#written
  }
}
