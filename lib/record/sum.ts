/**
 * The laws of a conviction: the log-odds of its reasons add up to its own, its score is the probability that these log-odds are of, and what it says of each
 * persona is its own sum and the persona's tilts. One that breaks them is not the one that its reasons explain.
 */
import { logistic } from './odds.ts'
import type { Fault } from './shape.ts'

/** Far above the error of a sum of doubles, far below anything that could be meant. */
const SUM_TOLERANCE = 1e-9

interface Summed {
  readonly log_odds: number
  readonly conviction_score: number
  readonly reason_vector: readonly { readonly log_odds: number }[]
  readonly persona_overrides?: { readonly [persona: string]: Override | undefined } | undefined
}
interface Override {
  readonly log_odds: number
  readonly conviction_score: number
  readonly tilts: readonly { readonly log_odds: number }[]
}

/** What the reasons come to in all, in their order. */
export function sumOfReasons({ reason_vector: reasons }: Pick<Summed, 'reason_vector'>): number {
  let total = 0
  for (const { log_odds: logOdds } of reasons) total += logOdds
  return total
}

export const addsUp = (conviction: Pick<Summed, 'log_odds' | 'reason_vector'>): boolean =>
  Math.abs(sumOfReasons(conviction) - conviction.log_odds) <= SUM_TOLERANCE

export function faultOfSum(conviction: Summed): Fault | undefined {
  const { log_odds: logOdds, conviction_score: score } = conviction
  if (!addsUp(conviction)) {
    return { path: 'reason_vector', message: `expected reasons that add up to log_odds, ${logOdds}: they come to ${sumOfReasons(conviction)}` }
  }
  return faultOfScore(logOdds, score, '') ?? faultOfOverrides(conviction)
}

function faultOfScore(logOdds: number, score: number, place: string): Fault | undefined {
  if (Math.abs(logistic(logOdds) - score) <= SUM_TOLERANCE) return undefined
  return { path: `${place}conviction_score`, message: `expected the probability of log_odds ${logOdds}, ${logistic(logOdds)}, not ${score}` }
}

function faultOfOverrides({ log_odds: neutral, persona_overrides: overrides = {} }: Summed): Fault | undefined {
  for (const name in overrides) {
    const override = overrides[name]
    if (override === undefined) continue
    const { log_odds: logOdds, conviction_score: score, tilts } = override
    let tilted = neutral
    for (const tilt of tilts) tilted += tilt.log_odds
    const place = `persona_overrides.${name}`
    if (Math.abs(tilted - logOdds) > SUM_TOLERANCE) {
      return { path: `${place}.tilts`, message: `expected tilts that lead from ${neutral} to log_odds, ${logOdds}: they lead to ${tilted}` }
    }
    const fault = faultOfScore(logOdds, score, `${place}.`)
    if (fault !== undefined) return fault
  }
  return undefined
}
