/** When to decide, by the time of a stream: at each multiple of a period in which anything was heard. */
import type { Millis } from '#record'

export class Moments {
  readonly #everyMs: Millis | undefined
  #nextMs: Millis | undefined
  #heardMs = -Infinity
  #decidedMs = -Infinity
  #fresh = false
  /** Whether there has ever been anything to decide on: prices alone are not. */
  #fed = false

  /** Without a period only the end of input and ticks from upstream are moments. */
  constructor(everyMs: Millis | undefined) {
    this.#everyMs = everyMs
  }

  /** The end of the period that is over once this is known; to be decided for before the record is taken in. */
  due(knownMs: Millis): Millis | undefined {
    if (this.#everyMs === undefined) {
      this.#heardMs = Math.max(this.#heardMs, knownMs)
      return undefined
    }
    const next = this.#nextMs
    this.#nextMs = Math.ceil(Math.max(knownMs, this.#heardMs) / this.#everyMs) * this.#everyMs
    this.#heardMs = Math.max(this.#heardMs, knownMs)
    return this.#fed && next !== undefined && knownMs > next && next > this.#decidedMs ? next : undefined
  }

  /** There is something to decide on. */
  feed(): void {
    this.#fresh = true
    this.#fed = true
  }

  decided(momentMs: Millis): void {
    this.#decidedMs = momentMs
    this.#fresh = false
  }

  /** The moment that the end of input is, where anything came since the last; `nowMs` is the clock's. */
  last(nowMs: Millis): Millis | undefined {
    if (!this.#fresh) return undefined
    return this.#everyMs === undefined ? nowMs : Math.max(this.#heardMs, this.#decidedMs)
  }
}
