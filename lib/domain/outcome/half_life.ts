/**
 * How long what a source says goes on to matter, from how prices moved in the sessions after it: the half-life under which strengths that decay explain the
 * moves best, drawn towards the one stated in advance. Readings of one week move together, so that a week is one observation.
 */
import type { Millis } from '#record'
import { decayed } from '../conviction/decay.ts'

/** What followed a reading: `strength` in log-odds of a rise, moves beside those of the market, each at its age. */
export interface Response {
  /** Those of one cluster are taken to be correlated: a week, say. */
  readonly cluster: string
  readonly strength: number
  readonly after: readonly { readonly ageMs: Millis; readonly move: number }[]
}

export interface HalfLife {
  readonly halfLifeMs: Millis
  /** 95 %, by the posterior. */
  readonly lowMs: Millis
  readonly highMs: Millis
  readonly readings: number
  readonly clusters: number
}

/** The prior's standard deviation: a factor of two either way. */
const SPREAD = Math.LN2
/** Half-lives that are tried: quarters of a doubling, three doublings either way. */
const STEPS = 12, STEP = Math.LN2 / 4

/**
 * The posterior over half-lives from a normal prior on their logarithm and the likelihood of moves that are decayed strengths times a worth, at the worth that
 * fits best. How much noise there is in that follows from clusters (Liang and Zeger, "Longitudinal data analysis using generalized linear models",
 * Biometrika 73, 1986), at the prior. What says nothing leaves the prior as it is.
 */
export function learnHalfLife(responses: readonly Response[], priorMs: Millis): HalfLife {
  const tried = Array.from({ length: 2 * STEPS + 1 }, (_, i) => (i - STEPS) * STEP)
  const noise = noiseOf(responses, priorMs)
  const logs = tried.map((log) => {
    const { moves, squares } = fitOf(responses, priorMs * Math.exp(log))
    return -(log * log) / (2 * SPREAD * SPREAD) + (noise === 0 || squares === 0 ? 0 : (moves * moves) / squares / noise / 2)
  })
  const most = Math.max(...logs)
  const weights = logs.map((log) => Math.exp(log - most))
  const whole = weights.reduce((sum, weight) => sum + weight, 0)
  const mean = tried.reduce((sum, log, i) => sum + (log * (weights[i] ?? 0)) / whole, 0)
  return {
    halfLifeMs: priorMs * Math.exp(mean),
    lowMs: priorMs * Math.exp(quantile(tried, weights, whole * 0.025)), highMs: priorMs * Math.exp(quantile(tried, weights, whole * 0.975)),
    readings: responses.length, clusters: new Set(responses.map(({ cluster }) => cluster)).size,
  }
}

/** Sums over readings and sessions of decayed strength times move, and of decayed strengths squared. */
function fitOf(responses: readonly Response[], halfLifeMs: Millis): { readonly moves: number; readonly squares: number } {
  let moves = 0, squares = 0
  for (const { strength, after } of responses) for (const { ageMs, move } of after) {
    const said = decayed(strength, ageMs, halfLifeMs)
    moves += said * move
    squares += said * said
  }
  return { moves, squares }
}

/** What the sum of strength times move varies by, for each unit of strengths squared, once what strength explains is taken off. */
function noiseOf(responses: readonly Response[], halfLifeMs: Millis): number {
  const { moves, squares } = fitOf(responses, halfLifeMs)
  if (squares === 0) return 0
  const worth = moves / squares
  const scores = new Map<string, number>()
  for (const { cluster, strength, after } of responses) {
    const score = after.reduce((sum, { ageMs, move }) => {
      const said = decayed(strength, ageMs, halfLifeMs)
      return sum + said * (move - worth * said)
    }, 0)
    scores.set(cluster, (scores.get(cluster) ?? 0) + score)
  }
  let variance = 0
  for (const score of scores.values()) variance += score * score
  return variance / squares
}

/** Between the middles of what is tried, drawn straight. */
function quantile(tried: readonly number[], weights: readonly number[], wanted: number): number {
  let below = 0
  for (let i = 0; i < tried.length; i++) {
    const weight = weights[i] ?? 0
    if (below + weight >= wanted) return (tried[i] ?? 0) + STEP * ((weight === 0 ? 0.5 : (wanted - below) / weight) - 0.5)
    below += weight
  }
  return tried.at(-1) ?? 0
}
