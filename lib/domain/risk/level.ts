/**
 * From a measure to a level by thresholds, each of which is left lower than it is entered, so that a measure that wavers between the two changes
 * nothing (a non-ideal relay; Mayergoyz, "Mathematical Models of Hysteresis", IEEE Transactions on Magnetics 22, 1986). A relay never gives less for
 * a path that lies nowhere lower, nor does a maximum over a span of time: worse inputs never give a calmer state.
 */
import { RISK_STATES, type Millis, type RiskState } from '#record'

/** 0 is calm, 3 halted: the place in RISK_STATES. */
export type Level = 0 | 1 | 2 | 3

export const stateOf = (level: Level): RiskState => RISK_STATES[level]

/** It calls for `level` from `enter` on, until it falls below `leave`. */
export interface Threshold {
  readonly level: Level
  readonly enter: number
  readonly leave: number
}

export class Gauge {
  readonly #thresholds: readonly Threshold[]
  readonly #on: boolean[]

  constructor(thresholds: readonly Threshold[]) {
    this.#thresholds = thresholds
    this.#on = thresholds.map(() => false)
  }

  /** The level after one more reading; one that cannot be told leaves it where it was. */
  read(value: number | undefined): Level {
    let level: Level = 0
    this.#thresholds.forEach((threshold, i) => {
      if (value !== undefined) this.#on[i] = value >= (this.#on[i] === true ? threshold.leave : threshold.enter)
      if (this.#on[i] === true && threshold.level > level) level = threshold.level
    })
    return level
  }
}

/** The worst level of a span of time that ends now: it is worse at once, and calmer only when nothing worse has been for that long. */
export class Dwell {
  readonly #spanMs: Millis
  /** Levels that may still count, the worst first, and the latest last, each with the last moment at which it was so. */
  #held: { readonly level: Level; untilMs: Millis }[] = []

  constructor(spanMs: Millis) {
    this.#spanMs = spanMs
  }

  /** A level holds until the next is read. Moments may not go backwards. */
  read(level: Level, nowMs: Millis): Level {
    const last = this.#held.at(-1)
    if (last !== undefined) last.untilMs = nowMs
    this.#held = this.#held.filter((one) => one.level > level && one.untilMs + this.#spanMs > nowMs)
    this.#held.push({ level, untilMs: nowMs })
    return this.#held[0]?.level ?? level
  }
}
