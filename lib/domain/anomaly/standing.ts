/** How one value stands to those before it: against their level, or against what is usual at this time, whichever has erred less. */
import type { Millis } from '#record'
import { Expectation, RobustZ } from './zscore.ts'

export class Standing {
  readonly #level: RobustZ
  readonly #around: RobustZ
  readonly #expectation: Expectation
  #isSeasonal = false
  #value = NaN
  /** The z-score, signed; NaN while too little was seen. */
  z = NaN
  /** The value, less what is usual now where that is known to be better than the level. */
  rest = NaN

  constructor(window: number, season: number | undefined) {
    this.#level = new RobustZ(window)
    this.#around = new RobustZ(window)
    this.#expectation = new Expectation(season)
  }

  see(value: number, atMs: Millis | undefined): void {
    const plain = this.#level.see(value), expectation = this.#expectation
    expectation.see(value, atMs, this.#level.center)
    // What is left is followed also while it is not believed, so that it has a scale once it is.
    const left = Number.isNaN(expectation.usual) ? NaN : this.#around.see(value - expectation.usual)
    this.#isSeasonal = expectation.isBetter && !Number.isNaN(left)
    this.#value = value
    this.rest = this.#isSeasonal ? value - expectation.usual : value
    this.z = this.#isSeasonal ? left : plain
  }

  /** `7.2 deviations above 41.3 usual now`. */
  why(): string {
    const usual = this.#isSeasonal ? this.#expectation.usual + this.#around.center : this.#level.center
    if (Number.isNaN(this.z)) return TOO_LITTLE
    if (this.z === 0) return `at ${figure(usual)}, as usual`
    const side = this.#value > usual ? 'above' : 'below', what = this.#isSeasonal ? 'usual now' : 'the median'
    return `${figure(Math.abs(this.z))} deviations ${side} ${figure(usual)}, ${what}`
  }
}

/** Three digits. */
export const figure = (value: number): string => String(Number(value.toPrecision(3)))

export const TOO_LITTLE = 'too little seen yet'
