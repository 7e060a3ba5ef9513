/** Exponential decay: the law of radioactive decay, as half-lives are the one unit in which people guess such things well. */
import type { Millis } from '#record'

/**
 * The weight left after `ageMs`: half for every half-life. It never grows, it composes (ageing twice is ageing once by the
 * sum), and something of no or negative age, an event still to come, keeps its weight. `Math.exp` alone: `**` and `Math.pow`
 * differ between engines.
 */
export function decayed(weight: number, ageMs: Millis, halfLifeMs: Millis): number {
  return ageMs > 0 ? weight * Math.exp((-Math.LN2 * ageMs) / halfLifeMs) : weight
}
