/** Making scores mean what they say: maps from a score to a probability, fitted on the past and applied to what follows. */
import { logistic } from '#record'
import type { Line } from '../conviction/stacker.ts'
import { minimise } from './linear.ts'

/** A rising function: at `scores[i]` it says `probabilities[i]`; in between it is drawn straight. */
export interface Isotonic {
  readonly scores: readonly number[]
  readonly probabilities: readonly number[]
  /** The steps by their mean score, with what fell on each. */
  readonly pools: readonly { readonly score: number; readonly probability: number; readonly weight: number }[]
}

/**
 * The rising function nearest to the outcomes in squares: pool adjacent violators (Ayer et al., Annals of Mathematical Statistics
 * 26, 1955; Zadrozny and Elkan, KDD 2002). Outcomes may be shares of several, of which `weights` says how many. Throws RangeError on nothing to fit.
 */
export function fitIsotonic(scores: ArrayLike<number>, outcomes: ArrayLike<number>, weights?: ArrayLike<number>): Isotonic {
  if (scores.length === 0) throw new RangeError('nothing to calibrate on')
  const order = Array.from({ length: scores.length }, (_, i) => i).sort((a, b) => (scores[a] ?? 0) - (scores[b] ?? 0))
  const pools: { low: number; high: number; sum: number; count: number; scores: number }[] = []
  for (const i of order) {
    const score = scores[i] ?? 0
    const weight = weights?.[i] ?? 1
    const last = pools.at(-1)
    if (last !== undefined && last.high === score) {
      last.sum += weight * (outcomes[i] ?? 0)
      last.count += weight
      last.scores += weight * score
    } else pools.push({ low: score, high: score, sum: weight * (outcomes[i] ?? 0), count: weight, scores: weight * score })
  }
  const merged: typeof pools = []
  for (const pool of pools) {
    let current = { ...pool }
    for (let before = merged.at(-1); before !== undefined && before.sum * current.count >= current.sum * before.count; before = merged.at(-1)) {
      merged.pop()
      current = {
        low: before.low, high: current.high, sum: before.sum + current.sum, count: before.count + current.count, scores: before.scores + current.scores,
      }
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
  return {
    scores: at, probabilities: says, pools: merged.map(({ scores: all, sum, count }) => ({ score: all / count, probability: sum / count, weight: count })),
  }
}

/** Beyond either end it says what it says at that end. */
export function isotonicAt({ scores, probabilities }: Pick<Isotonic, 'scores' | 'probabilities'>, score: number): number {
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
export function fitPlatt(logOdds: ArrayLike<number>, outcomes: ArrayLike<number>): Line {
  let positive = 0
  for (let i = 0; i < outcomes.length; i++) if (outcomes[i] === 1) positive++
  const high = (positive + 1) / (positive + 2), low = 1 / (outcomes.length - positive + 2)
  const targets = Array.from({ length: outcomes.length }, (_, i) => (outcomes[i] === 1 ? high : low))
  return lineThrough(logOdds, targets, () => 1, undefined)
}

/**
 * The same for shares of several outcomes each, `weights` many, drawn towards leaving everything as it is: slope and intercept are thought, before any
 * outcome, to be normally distributed about 1 and 0 with the standard deviations of `prior`.
 */
export const fitLine = (logOdds: ArrayLike<number>, shares: ArrayLike<number>, weights: ArrayLike<number>, prior: Line): Line =>
  lineThrough(logOdds, shares, (i) => weights[i] ?? 0, prior)

function lineThrough(logOdds: ArrayLike<number>, targets: ArrayLike<number>, weightOf: (i: number) => number, prior: Line | undefined): Line {
  const line = Float64Array.of(1, 0)
  const [pullSlope, pullIntercept] = prior === undefined ? [0, 0] : [1 / (prior.slope * prior.slope), 1 / (prior.intercept * prior.intercept)]
  minimise((at, slope) => {
    const [a = 1, b = 0] = at
    let loss = (pullSlope * (a - 1) * (a - 1) + pullIntercept * b * b) / 2
    slope[0] = pullSlope * (a - 1)
    slope[1] = pullIntercept * b
    for (let i = 0; i < logOdds.length; i++) {
      const x = logOdds[i] ?? 0, target = targets[i] ?? 0, weight = weightOf(i)
      const z = a * x + b
      loss += weight * ((z > 0 ? z + Math.log(1 + Math.exp(-z)) : Math.log(1 + Math.exp(z))) - target * z)
      const miss = weight * (logistic(z) - target)
      slope[0] = (slope[0] ?? 0) + miss * x
      slope[1] = (slope[1] ?? 0) + miss
    }
    return loss
  }, line, 100, 1e-9)
  return { slope: line[0] ?? 1, intercept: line[1] ?? 0 }
}
