/**
 * Calibrated quantiles of a model that tells quantiles itself: where truths of windows that it neither learned from nor was chosen by lay on what it had told
 * says which place of its distribution stands for which level (distributional conformal prediction: Chernozhukov, Wüthrich and Zhu, PNAS 118, 2021;
 * Kuleshov, Fenner and Ermon, ICML 2018). Places are normal deviates: 0 is the median told, and beyond the outermost quantiles the last line goes on.
 */
import { quantileOf } from '../conformal.ts'
import { LEVELS } from '../forecaster.ts'
import { normalQuantile } from '../../statistics/normal.ts'

/** The place of the model's distribution that is told as each of {@link LEVELS}; never falling. */
export type Places = readonly number[]

/** Each level by itself. */
export const AS_TOLD: Places = LEVELS.map((level) => normalQuantile(level))
/** Truths lie no further out than this: what is further says no more. */
const FARTHEST = 4
/** Fewer windows that are apart say nothing. */
const LEAST = 3

/** Where a truth lies on quantiles told for {@link LEVELS}, never falling; the middle of those that are the truth itself. */
export function placeOf(quantiles: readonly number[], truth: number): number {
  let below = 0
  while (below < quantiles.length && (quantiles[below] ?? 0) < truth) below++
  let until = below
  while (until < quantiles.length && quantiles[until] === truth) until++
  if (until > below) return ((AS_TOLD[below] ?? 0) + (AS_TOLD[until - 1] ?? 0)) / 2
  const at = Math.min(quantiles.length - 2, Math.max(0, below - 1)), low = quantiles[at] ?? 0, high = quantiles[at + 1] ?? 0
  if (low === high) return truth < low ? -FARTHEST : FARTHEST
  const left = AS_TOLD[at] ?? 0, right = AS_TOLD[at + 1] ?? 0
  return Math.max(-FARTHEST, Math.min(FARTHEST, left + ((truth - low) / (high - low)) * (right - left)))
}

/** The value at a place of quantiles told for {@link LEVELS}. */
export function valueAt(quantiles: readonly number[], place: number): number {
  let at = 0
  while (at < quantiles.length - 2 && (AS_TOLD[at + 1] ?? 0) < place) at++
  const low = quantiles[at] ?? 0, high = quantiles[at + 1] ?? 0, left = AS_TOLD[at] ?? 0, right = AS_TOLD[at + 1] ?? 0
  return place === left ? low : place === right ? high : low + ((place - left) / (right - left)) * (high - low)
}

/**
 * From the places of truths, a list a window. Steps of one window hang together, and windows that overlap do: `apart` of them count as one. A level is moved
 * only as far as its share of truths lies beside it beyond chance (the positive-part estimate of James and Stein).
 */
export function learnPlaces(windows: readonly (readonly number[])[], apart: number): Places {
  const told = windows.filter((places) => places.length > 0), independent = told.length / apart
  if (independent <= LEAST) return AS_TOLD
  const sorted = Float64Array.from(told.flat()).sort()
  let before = -Infinity
  return LEVELS.map((level, i) => {
    const plain = AS_TOLD[i] ?? 0, shares = told.map((places) => places.filter((place) => place <= plain).length / places.length)
    const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length, off = mean - level
    const squares = shares.reduce((sum, share) => sum + (share - mean) * (share - mean), 0)
    const variance = (squares / (shares.length - 1) / independent) * ((independent - 1) / (independent - 3))
    const borne = off === 0 ? 0 : Math.max(0, 1 - variance / (off * off))
    before = Math.max(before, plain + borne * (quantileOf(sorted, level) - plain))
    return before
  })
}
