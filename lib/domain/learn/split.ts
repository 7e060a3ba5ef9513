/** Where a leaf of a boosted tree is best divided. */
import type { Binned, Histogram } from './histogram.ts'

export interface SplitTerms {
  /** Least sum of second derivatives in a leaf, and the ridge on leaf values. */
  readonly minHessian: number
  readonly ridge: number
  /** Least rows in a leaf. */
  readonly minRows: number
  /** Least gain of a split. */
  readonly minGain: number
  /** By feature: 1 where the answer may not fall as the value rises, -1 where it may not rise, 0 where it may do either. */
  readonly rising?: readonly number[]
}

/** What the answers below a node may be, so that no later split breaks what an earlier one promised of a feature that only rises or falls. */
export interface Bounds {
  readonly low: number
  readonly high: number
}
export const UNBOUND: Bounds = { low: -Infinity, high: Infinity }

export interface Split {
  readonly feature: number
  /** The last bin that goes left. */
  readonly bin: number
  readonly missingLeft: boolean
  readonly gain: number
  /** Rows that go left. */
  readonly leftRows: number
  /** No value of the feature was missing: which way such a one goes is not learned. */
  readonly unseen: boolean
  /** Answers of the two sides before shrinking, where `rising` is given. */
  readonly answers?: readonly [left: number, right: number]
}

/** A leaf's answer by Newton's step, as far as it may go. */
export const answerOf = (gradient: number, hessian: number, ridge: number, { low, high }: Bounds): number =>
  Math.min(high, Math.max(low, -gradient / (hessian + ridge)))

/** The split that lowers the loss most; among equals the first feature and the lowest bin. `one` is what a row counts as (`Addends`). */
export function bestSplit(histogram: Histogram, one: number, { starts, cuts }: Binned, terms: SplitTerms, bounds: Bounds): Split | undefined {
  let best: Split | undefined
  for (let f = 0; f < cuts.length; f++) {
    best = terms.rising === undefined
      ? bestOfFeature(histogram, one, f, starts[f] ?? 0, (cuts[f]?.length ?? 0) + 2, terms, best)
      : bestWithin(histogram, one, f, starts[f] ?? 0, (cuts[f]?.length ?? 0) + 2, terms, bounds, best)
  }
  return best
}

function bestOfFeature(
  { sums }: Histogram, one: number, feature: number, start: number, width: number, { ridge, minHessian, minRows, minGain }: SplitTerms,
  before: Split | undefined,
): Split | undefined {
  let g = 0, packed = 0
  for (let at = 2 * start; at < 2 * (start + width); at += 2) {
    g += sums[at] ?? 0
    packed += sums[at + 1] ?? 0
  }
  const share = 1 / one, n = Math.floor(packed * share), h = packed - n * one
  const parent = (g * g) / (h + ridge)
  const lostG = sums[2 * start] ?? 0, lostPacked = sums[2 * start + 1] ?? 0, lost = lostPacked > 0
  let most = Math.max(minGain, before?.gain ?? 0), best = before
  for (let way = 0; way < (lost ? 2 : 1); way++) {
    const missingLeft = way === 1
    let leftG = missingLeft ? lostG : 0, leftPacked = missingLeft ? lostPacked : 0
    // Past the last cut all values go left, so that what is missing stands alone.
    const end = lost && !missingLeft ? width : width - 1
    for (let b = 1; b < end; b++) {
      leftG += sums[2 * (start + b)] ?? 0
      leftPacked += sums[2 * (start + b) + 1] ?? 0
      const leftN = Math.floor(leftPacked * share), leftH = leftPacked - leftN * one, rightH = h - leftH
      if (leftN < minRows || n - leftN < minRows || leftH < minHessian || rightH < minHessian) continue
      const rightG = g - leftG
      const gain = (leftG * leftG) / (leftH + ridge) + (rightG * rightG) / (rightH + ridge) - parent
      if (gain > most) {
        most = gain
        best = { feature, bin: b, missingLeft, gain, leftRows: leftN, unseen: !lost }
      }
    }
  }
  return best
}

/** The same under bounds: sides answer within them, and in the order that the feature asks for. */
function bestWithin(
  { sums }: Histogram, one: number, feature: number, start: number, width: number, { ridge, minHessian, minRows, minGain, rising }: SplitTerms,
  bounds: Bounds, before: Split | undefined,
): Split | undefined {
  let g = 0, packed = 0
  for (let at = 2 * start; at < 2 * (start + width); at += 2) {
    g += sums[at] ?? 0
    packed += sums[at + 1] ?? 0
  }
  const n = Math.floor(packed / one), h = packed - n * one
  const worth = (gradient: number, hessian: number, answer: number): number => -(2 * gradient + (hessian + ridge) * answer) * answer
  const parent = worth(g, h, answerOf(g, h, ridge, bounds))
  const way = rising?.[feature] ?? 0, lost = (sums[2 * start + 1] ?? 0) > 0
  let best = before
  for (const missingLeft of lost ? [false, true] : [false]) {
    let leftG = 0, leftPacked = 0
    for (let b = missingLeft ? 0 : 1; b < (lost && !missingLeft ? width : width - 1); b++) {
      leftG += sums[2 * (start + b)] ?? 0
      leftPacked += sums[2 * (start + b) + 1] ?? 0
      const leftN = Math.floor(leftPacked / one), leftH = leftPacked - leftN * one, rightG = g - leftG, rightH = h - leftH
      if (b === 0 || leftN < minRows || n - leftN < minRows || leftH < minHessian || rightH < minHessian) continue
      const left = answerOf(leftG, leftH, ridge, bounds), right = answerOf(rightG, rightH, ridge, bounds)
      if (way * (right - left) < 0) continue
      const gain = worth(leftG, leftH, left) + worth(rightG, rightH, right) - parent
      if (gain > Math.max(minGain, best?.gain ?? 0)) {
        best = { feature, bin: b, missingLeft, gain, leftRows: leftN, unseen: !lost, answers: [left, right] }
      }
    }
  }
  return best
}

/** What the sides of a split may answer: between the two of a feature that only rises or falls, neither crosses the middle. */
export function boundsBelow({ feature, answers }: Split, bounds: Bounds, rising: readonly number[] | undefined): readonly [left: Bounds, right: Bounds] {
  const way = rising?.[feature] ?? 0
  if (way === 0 || answers === undefined) return [bounds, bounds]
  const middle = (answers[0] + answers[1]) / 2
  const lower = { low: bounds.low, high: middle }, upper = { low: middle, high: bounds.high }
  return way > 0 ? [lower, upper] : [upper, lower]
}
