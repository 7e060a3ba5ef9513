/** Simple exponential smoothing: the level goes towards each value by a share alpha of the difference. */

const ALPHA_LEAST = 1e-4, ALPHA_MOST = 0.9999
const GRID = 20
const GOLDEN = (Math.sqrt(5) - 1) / 2

export interface Smoothing {
  readonly alpha: number
  readonly initial: number
}

/**
 * The alpha and first level of the least squared error of one step. The errors are linear in the first level, so that it is solved for, and the search is
 * over alpha alone: a grid, then golden section around the best of it.
 */
export function fitSmoothing(values: Float64Array): Smoothing {
  const lossAt = (alpha: number): { loss: number; initial: number } => solved(values, alpha)
  let best = ALPHA_LEAST
  const gridAt = (i: number): number => ALPHA_LEAST + ((ALPHA_MOST - ALPHA_LEAST) * i) / GRID
  let at = 0
  for (let i = 0; i <= GRID; i++) if (lossAt(gridAt(i)).loss < lossAt(best).loss) best = gridAt((at = i))
  let low = gridAt(Math.max(0, at - 1)), high = gridAt(Math.min(GRID, at + 1))
  while (high - low > 1e-7) {
    const left = high - GOLDEN * (high - low), right = low + GOLDEN * (high - low)
    if (lossAt(left).loss <= lossAt(right).loss) high = right
    else low = left
  }
  const middle = (low + high) / 2
  const alpha = lossAt(middle).loss <= lossAt(best).loss ? middle : best
  return { alpha, initial: lossAt(alpha).initial }
}

/** The first level that fits best under one alpha, and the squared error then. */
function solved(values: Float64Array, alpha: number): { loss: number; initial: number } {
  let level = 0, share = 1, over = 0, under = 0, squares = 0
  for (const value of values) {
    const error = value - level
    over += share * error
    under += share * share
    squares += error * error
    level += alpha * error
    share *= 1 - alpha
  }
  const initial = over / under
  return { loss: squares - initial * over, initial }
}
