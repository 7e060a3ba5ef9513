/** Making scores mean what they say: maps from a score to a probability, fitted on the past and applied to what follows. */
import type { Calibration } from '../conviction/stacker.ts'
import { logistic } from '../conviction/stacker.ts'
import { minimise } from './linear.ts'

/** Steps of a rising function: from `scores[i]` on it says `probabilities[i]`; in between it is drawn straight. */
export interface Isotonic {
  readonly scores: readonly number[]
  readonly probabilities: readonly number[]
}

/**
 * The rising function nearest to the outcomes in squares: pool adjacent violators (Ayer et al., Annals of Mathematical Statistics
 * 26, 1955; Zadrozny and Elkan, KDD 2002). Throws RangeError on nothing to fit.
 */
export function fitIsotonic(scores: ArrayLike<number>, outcomes: ArrayLike<number>): Isotonic {
  if (scores.length === 0) throw new RangeError('nothing to calibrate on')
  const order = Array.from({ length: scores.length }, (_, i) => i).sort((a, b) => (scores[a] ?? 0) - (scores[b] ?? 0))
  const pools: { low: number; high: number; sum: number; count: number }[] = []
  for (const i of order) {
    const score = scores[i] ?? 0
    const last = pools.at(-1)
    if (last !== undefined && last.high === score) {
      last.sum += outcomes[i] ?? 0
      last.count++
    } else pools.push({ low: score, high: score, sum: outcomes[i] ?? 0, count: 1 })
  }
  const merged: typeof pools = []
  for (const pool of pools) {
    let current = { ...pool }
    for (let before = merged.at(-1); before !== undefined && before.sum * current.count >= current.sum * before.count; before = merged.at(-1)) {
      merged.pop()
      current = { low: before.low, high: current.high, sum: before.sum + current.sum, count: before.count + current.count }
    }
    merged.push(current)
  }
  const at: number[] = [], says: number[] = []
  for (const { low, high, sum, count } of merged) {
    at.push(low)
    says.push(sum / count)
    if (high > low) {
      at.push(high)
      says.push(sum / count)
    }
  }
  return { scores: at, probabilities: says }
}

/** Beyond either end it says what it says at that end. */
export function isotonicAt({ scores, probabilities }: Isotonic, score: number): number {
  let low = 0, high = scores.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((scores[middle] ?? 0) <= score) low = middle + 1
    else high = middle
  }
  const before = scores[low - 1], after = scores[low]
  if (before === undefined) return probabilities[0] ?? 0.5
  const below = probabilities[low - 1] ?? 0.5
  if (after === undefined || after === before) return below
  return below + (((probabilities[low] ?? below) - below) * (score - before)) / (after - before)
}

/**
 * A straight line in log-odds (Platt, "Probabilistic outputs for support vector machines", 1999), with his targets that keep a
 * little room on either side, so that a run of luck does not make certainty.
 */
export function fitPlatt(logOdds: ArrayLike<number>, outcomes: ArrayLike<number>): Calibration {
  let positive = 0
  for (let i = 0; i < outcomes.length; i++) if (outcomes[i] === 1) positive++
  const high = (positive + 1) / (positive + 2), low = 1 / (outcomes.length - positive + 2)
  const line = Float64Array.of(1, 0)
  minimise((at, slope) => {
    let loss = 0
    slope.fill(0)
    for (let i = 0; i < logOdds.length; i++) {
      const x = logOdds[i] ?? 0, target = outcomes[i] === 1 ? high : low
      const z = (at[0] ?? 0) * x + (at[1] ?? 0)
      loss += (z > 0 ? z + Math.log(1 + Math.exp(-z)) : Math.log(1 + Math.exp(z))) - target * z
      const miss = logistic(z) - target
      slope[0] = (slope[0] ?? 0) + miss * x
      slope[1] = (slope[1] ?? 0) + miss
    }
    return loss
  }, line, 100, 1e-9)
  return { slope: line[0] ?? 1, intercept: line[1] ?? 0 }
}
