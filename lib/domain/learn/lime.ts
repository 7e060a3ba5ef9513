/**
 * A straight line that says what a model says near one row (Ribeiro, Singh and Guestrin, "Why should I trust you?", KDD 2016): over rows of which some
 * fields are as in a background, each counting the more the fewer those are.
 */
import { solvePositive } from '../statistics/solve.ts'
import { sizeOf } from './coalition.ts'

/** Width of the kernel for one field, and the ridge, both as in the authors' own package. */
const WIDTH_SQUARED = 0.5625, RIDGE = 1

export interface Lime {
  /** What the line says where no field is the row's own. */
  readonly base: number
  /** What each field being the row's own adds. */
  readonly effects: Float64Array
  /** Share of the weighted variance of the answers that the line explains. */
  readonly fit: number
}

/** The row itself, and `count` others of which each field is the row's own in one case of two. */
export const limeMasks = (players: number, count: number, next: () => number): Uint8Array[] => Array.from({ length: count + 1 }, (_, i) =>
  Uint8Array.from({ length: players }, () => (i === 0 || next() < 0.5 ? 1 : 0)))

export function lime(players: number, masks: readonly Uint8Array[], answers: ArrayLike<number>): Lime {
  const weights = masks.map((mask) => Math.exp(-(players - sizeOf(mask)) / (WIDTH_SQUARED * players)))
  const mass = weights.reduce((sum, weight) => sum + weight, 0)
  const meanOf = (value: (i: number) => number): number => weights.reduce((sum, weight, i) => sum + weight * value(i), 0) / mass
  const mean = meanOf((i) => answers[i] ?? 0), means = Array.from({ length: players }, (_, player) => meanOf((i) => masks[i]?.[player] ?? 0))
  const squares = new Float64Array(players * players), right = new Float64Array(players)
  masks.forEach((mask, m) => {
    const weight = weights[m] ?? 0, y = (answers[m] ?? 0) - mean
    for (let i = 0; i < players; i++) {
      const x = (mask[i] ?? 0) - (means[i] ?? 0)
      right[i] = (right[i] ?? 0) + weight * x * y
      for (let j = 0; j <= i; j++) squares[i * players + j] = (squares[i * players + j] ?? 0) + weight * x * ((mask[j] ?? 0) - (means[j] ?? 0))
    }
  })
  for (let i = 0; i < players; i++) squares[i * players + i] = (squares[i * players + i] ?? 0) + RIDGE
  const effects = solvePositive(squares, right) ?? new Float64Array(players)
  const base = mean - means.reduce((sum, one, player) => sum + one * (effects[player] ?? 0), 0)
  const said = (i: number): number => masks[i]?.reduce((sum, is, player) => sum + is * (effects[player] ?? 0), base) ?? 0
  const spread = meanOf((i) => ((answers[i] ?? 0) - mean) * ((answers[i] ?? 0) - mean))
  const missed = meanOf((i) => ((answers[i] ?? 0) - said(i)) * ((answers[i] ?? 0) - said(i)))
  return { base, effects, fit: spread > 0 ? 1 - missed / spread : 1 }
}
