/** Rows of which some fields are known and the others are as in rows of a background: how any model is asked what each field does. */
import type { Table } from './table.ts'

/** `masks[i][player]`: 1 where the field is the row's own. `weights` are how much each counts. */
export interface Coalitions {
  readonly masks: readonly Uint8Array[]
  readonly weights: Float64Array
}

/**
 * All coalitions but none and all, where they are no more than `most`, weighed by the Shapley kernel; else `most` drawn by it, each with those
 * it leaves out (Lundberg and Lee, "A unified approach to interpreting model predictions", NIPS 2017; Covert and Lee, AISTATS 2021, on pairs).
 */
export function kernelCoalitions(players: number, most: number, next: () => number): Coalitions {
  if (players < 2) return { masks: [], weights: new Float64Array(0) }
  const all = players < 31 ? (1 << players) - 2 : Infinity
  if (all <= most) {
    const masks = Array.from({ length: all }, (_, i) => Uint8Array.from({ length: players }, (__, player) => ((i + 1) >> player) & 1))
    return { masks, weights: Float64Array.from(masks, (mask) => kernelOf(players, sizeOf(mask))) }
  }
  const sizes = Float64Array.from({ length: players - 1 }, (_, i) => 1 / ((i + 1) * (players - i - 1)))
  const whole = sizes.reduce((sum, share) => sum + share, 0)
  const masks: Uint8Array[] = []
  const order = Uint32Array.from({ length: players }, (_, player) => player)
  while (masks.length + 2 <= most) {
    let size = 1
    for (let left = next() * whole; size < players - 1 && left >= (sizes[size - 1] ?? 0); size++) left -= sizes[size - 1] ?? 0
    const mask = new Uint8Array(players)
    for (let i = 0; i < size; i++) {
      const j = i + Math.floor(next() * (players - i)), player = order[j] ?? 0
      order[j] = order[i] ?? 0
      order[i] = player
      mask[player] = 1
    }
    masks.push(mask, mask.map((is) => 1 - is))
  }
  return { masks, weights: new Float64Array(masks.length).fill(1) }
}

export const sizeOf = (mask: Uint8Array): number => mask.reduce((sum, is) => sum + is, 0)

/** (n - 1) / (C(n, s) s (n - s)). */
function kernelOf(players: number, size: number): number {
  let choices = 1
  for (let i = 1; i <= size; i++) choices = (choices * (players - size + i)) / i
  return (players - 1) / (choices * size * (players - size))
}

/** The row under each mask with each row of the background, mask by mask. `playerOf[f]` is the field that feature f is of. */
export function mixtures(
  row: ArrayLike<number>, background: readonly ArrayLike<number>[], masks: readonly Uint8Array[], features: readonly string[], playerOf: readonly number[],
): Table {
  const rows = masks.length * background.length
  const columns = features.map((_, f) => {
    const column = new Float64Array(rows), player = playerOf[f] ?? 0, own = row[f] ?? NaN
    let at = 0
    for (const mask of masks) for (const other of background) column[at++] = mask[player] === 1 ? own : other[f] ?? NaN
    return column
  })
  return { rows, features, columns }
}

/** The mean answer under each mask. */
export function meansOf(answers: ArrayLike<number>, masks: number, background: number): Float64Array {
  return Float64Array.from({ length: masks }, (_, i) => {
    let sum = 0
    for (let b = 0; b < background; b++) sum += answers[i * background + b] ?? 0
    return sum / background
  })
}
