/** Shapley values of any model, from what it says of coalitions of fields (Lundberg and Lee, NIPS 2017): a weighted regression that must add up. */
import { solvePositive } from '../statistics/solve.ts'
import type { Coalitions } from './coalition.ts'

/**
 * What each player adds between `none` and `all`; with `none` they sum up to `all` exactly. `worth` is that of each coalition. With all coalitions
 * these are the Shapley values themselves. Throws RangeError where too few coalitions tell the players apart.
 */
export function kernelShap(players: number, { masks, weights }: Coalitions, worth: ArrayLike<number>, none: number, all: number): Float64Array {
  const rest = players - 1, span = all - none
  if (players === 1) return Float64Array.of(span)
  const squares = new Float64Array(rest * rest), right = new Float64Array(rest)
  // The last player has what the others leave: that is the constraint.
  masks.forEach((mask, m) => {
    const last = mask[rest] ?? 0, weight = weights[m] ?? 0, y = (worth[m] ?? 0) - none - last * span
    for (let i = 0; i < rest; i++) {
      const x = (mask[i] ?? 0) - last
      if (x === 0) continue
      right[i] = (right[i] ?? 0) + weight * x * y
      for (let j = 0; j <= i; j++) squares[i * rest + j] = (squares[i * rest + j] ?? 0) + weight * x * ((mask[j] ?? 0) - last)
    }
  })
  const solved = solvePositive(squares, right)
  if (solved === undefined) throw new RangeError(`${masks.length} coalitions do not tell ${players} fields apart`)
  const phi = new Float64Array(players)
  phi.set(solved)
  phi[rest] = span - solved.reduce((sum, value) => sum + value, 0)
  return phi
}
