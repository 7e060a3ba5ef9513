/** Share splits: the factor between two price bases, read off the prices themselves. */
import { parseFixed, formatFixed, roundDiv } from '#domain/money/decimal'

/** A price in one basis times `p/q` is the price in the other: 4-for-1 takes as-traded prices to adjusted ones by 1/4. */
export interface SplitFactor {
  readonly p: number
  readonly q: number
}

const LARGEST = 30
const TOLERANCE = 0.02
/** Of the days compared, how many must agree with the median: fewer mean that the factor changed among them. */
const AGREEING = 0.75

/**
 * The simple rational (both parts at most 30) that a ratio is within 2 % of. Whole-number splits (4:1, 1:10) precede fractions
 * of fifths and coarser (3:2, 5:4), and those before all others (21:20), because that is how often companies choose them;
 * among equals the nearest. Undefined where there is none.
 */
export function simpleRatio(ratio: number, tolerance = TOLERANCE): SplitFactor | undefined {
  if (!(ratio > 0 && Number.isFinite(ratio))) return undefined
  for (const coarsest of [1, 5, LARGEST]) {
    let nearest: SplitFactor | undefined
    let least = tolerance
    for (let small = 1; small <= coarsest; small++) {
      const factor = nearestWith(ratio, small)
      const error = Math.abs(factor.p / factor.q / ratio - 1)
      if (factor.p <= LARGEST && factor.q <= LARGEST && (error < least || (nearest === undefined && error === least))) {
        nearest = factor
        least = error
      }
    }
    if (nearest !== undefined) return nearest
  }
  return undefined
}

/** The fraction nearest to a ratio whose smaller part is `small`. */
function nearestWith(ratio: number, small: number): SplitFactor {
  return ratio >= 1 ? { p: Math.round(ratio * small), q: small } : { p: small, q: Math.round(small / ratio) }
}

/**
 * The factor that takes prices of one basis to another, from the closes of the same days in both (equal lengths, any order):
 * the median ratio, snapped to a simple rational. Undefined where there is no such day, no simple rational within 2 %, or
 * where fewer than three quarters of the days agree with it.
 */
export function inferSplit(from: readonly number[], to: readonly number[]): SplitFactor | undefined {
  const ratios: number[] = []
  for (let i = 0; i < from.length; i++) {
    const ratio = (to[i] ?? NaN) / (from[i] ?? NaN)
    if (ratio > 0 && Number.isFinite(ratio)) ratios.push(ratio)
  }
  ratios.sort((a, b) => a - b)
  const median = ratios[Math.floor(ratios.length / 2)]
  const factor = median === undefined ? undefined : simpleRatio(median)
  if (factor === undefined) return undefined
  const exact = factor.p / factor.q
  const agreeing = ratios.filter((ratio) => Math.abs(ratio / exact - 1) <= TOLERANCE).length
  return agreeing >= AGREEING * ratios.length ? factor : undefined
}

/** Decimal text times p/q, rounded once to 6 places, halves away from zero; undefined where the text is no decimal number. */
export function rescale(decimalText: string, { p, q }: SplitFactor): string | undefined {
  const value = parseFixed(decimalText)
  return value === undefined ? undefined : formatFixed(roundDiv(value * BigInt(p), BigInt(q) * 100n) * 100n)
}

/** The whole-number split (4:1, 1:10) that a jump between two prices in a row looks like, within 2 %. */
export function splitLike(before: number, after: number): SplitFactor | undefined {
  const factor = simpleRatio(before / after)
  return factor !== undefined && factor.p !== factor.q && Math.min(factor.p, factor.q) === 1 ? factor : undefined
}
