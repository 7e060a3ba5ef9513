/**
 * How rare a surprise is among those before it, so that surprises of any detector and any series speak one language. A surprise within what was seen has
 * the share of the window that is at least as large (the p-value of conformal anomaly detection, Laxhammar & Falkman 2011); one beyond it goes on along an
 * exponential tail, which is a Pareto tail where surprises are logarithms (Hill 1975, Weissman 1978).
 */
import { SortedWindow } from './window.ts'

/** Surprises remembered. */
const WINDOW = 4000
/** The tail is the largest so many of a hundred. */
const TAIL = 0.05
/** A tail is not believed to be thinner than this, in logarithms: beyond the sample thin tails are hope. */
const THINNEST = 0.1
/** For so many records after an alarm only what is rarer is one. */
const REST = 100
/** What belongs to an alarm that was given is as rare as this share of it says. */
const SAID = 0.25

export class Rarity {
  readonly #seen: SortedWindow

  constructor(window = WINDOW) {
    this.#seen = new SortedWindow(window)
  }

  /** -log10 of the chance of a surprise so large or larger, judged by those before it; then it is remembered. 0 where it is NaN: nothing was said. */
  see(surprise: number): number {
    if (surprise !== surprise) return 0
    const seen = this.#seen, n = seen.size
    const atLeast = n - seen.countBelow(surprise)
    let chance = (atLeast + 1) / (n + 1)
    const tail = Math.floor(TAIL * n)
    if (atLeast === 0 && tail > 0) {
      const from = seen.at(n - 1 - tail)
      const excess = Math.max(THINNEST, seen.meanFrom(n - tail) - from)
      chance = Math.min(chance, (tail / n) * Math.exp((from - surprise) / excess))
    }
    seen.push(surprise)
    return Math.max(0, -Math.log(Math.max(chance, Number.MIN_VALUE)) / Math.LN10)
  }
}

/** An anomaly is told at its onset: for a while after it only what is stronger counts whole, so that one event is one alarm. */
export class Onsets {
  #peak = 0
  #left = 0

  see(strength: number): number {
    if (this.#left > 0) this.#left--
    else this.#peak = 0
    if (strength <= this.#peak) return strength * SAID
    this.#peak = strength
    this.#left = REST
    return strength
  }
}

/** A strength from 0 as a score in [0, 1), 0.5 where it is `half`. Six decimals. */
export const scoreOf = (strength: number, half: number): number => Math.round((strength / (strength + half)) * 1e6) / 1e6
