/** The law of a conviction: the log-odds of its reasons add up to its own. One that does not is not the one that its reasons explain. */
import type { Fault } from './shape.ts'

/** Far above the error of a sum of doubles, far below anything that could be meant. */
export const SUM_TOLERANCE = 1e-9

interface Summed {
  readonly log_odds: number
  readonly reason_vector: readonly { readonly log_odds: number }[]
}

/** What the reasons come to in all, in their order. */
export function sumOfReasons({ reason_vector: reasons }: Summed): number {
  let total = 0
  for (const { log_odds: logOdds } of reasons) total += logOdds
  return total
}

export const addsUp = (conviction: Summed): boolean => Math.abs(sumOfReasons(conviction) - conviction.log_odds) <= SUM_TOLERANCE

export function faultOfSum(conviction: Summed): Fault | undefined {
  if (addsUp(conviction)) return undefined
  return { path: 'reason_vector', message: `expected reasons that add up to log_odds, ${conviction.log_odds}: they come to ${sumOfReasons(conviction)}` }
}
