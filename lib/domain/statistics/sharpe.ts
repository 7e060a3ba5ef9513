/**
 * How sure a Sharpe ratio is. Every ratio here is of one period (one day, say) and every count is of such periods: an annualised ratio must be
 * divided by the root of the periods of a year first, or all of this says nothing. Kurtosis is raw, 3 for a normal distribution.
 */
import { momentsOf, type Moments } from './moments.ts'
import { normalCdf, normalQuantile } from './normal.ts'

const EULER_MASCHERONI = 0.5772156649015329

/** Of what the estimate's certainty depends on. */
export type Shape = Pick<Moments, 'skewness' | 'kurtosis'>
export const NORMAL: Shape = { skewness: 0, kurtosis: 3 }

/** A Sharpe ratio of one period, over zero. */
export interface SharpeEstimate extends Shape {
  readonly ratio: number
  readonly n: number
}

/** Undefined where there are fewer than two returns, or they do not vary. (Sharpe, J. of Portfolio Management 21, 1994.) */
export function sharpeOf(returns: readonly (number | null | undefined)[]): SharpeEstimate | undefined {
  const moments = momentsOf(returns)
  if (moments === undefined) return undefined
  const { n, mean, deviation, skewness, kurtosis } = moments
  return { ratio: mean / deviation, n, skewness, kurtosis }
}

/** Of the estimate, times n - 1 (Mertens 2002; Bailey and Lopez de Prado 2012, equation 8). Never below zero, for any moments that returns can have. */
const spreadOf = (ratio: number, { skewness, kurtosis }: Shape): number => 1 - skewness * ratio + ((kurtosis - 1) / 4) * ratio * ratio

/**
 * The probability that the true ratio is above `benchmark` (Bailey and Lopez de Prado, "The Sharpe ratio efficient frontier", J. of Risk 15, 2012,
 * equation 11).
 */
export function probabilisticSharpe({ ratio, n, ...shape }: SharpeEstimate, benchmark = 0): number {
  return normalCdf(((ratio - benchmark) * Math.sqrt(n - 1)) / Math.sqrt(spreadOf(ratio, shape)))
}

/**
 * Periods needed to be so sure that the true ratio is above `benchmark`, were the ratio to stay as it is (the same, equation 13); undefined where it
 * is not above it now.
 */
export function minimumTrackRecord({ ratio, ...shape }: Omit<SharpeEstimate, 'n'>, benchmark = 0, confidence = 0.95): number | undefined {
  if (ratio <= benchmark) return undefined
  const distance = normalQuantile(confidence) / (ratio - benchmark)
  return 1 + spreadOf(ratio, shape) * distance * distance
}

/**
 * The largest ratio that so many independent trials without any skill may be expected to show, where their ratios vary so much (Bailey and Lopez de
 * Prado, "The deflated Sharpe ratio", J. of Portfolio Management 40, 2014, equation 1). Of one trial none is the largest: 0.
 */
export function expectedLargest(trials: number, variance: number): number {
  if (trials < 2 || variance === 0) return 0
  const first = normalQuantile(1 - 1 / trials), second = normalQuantile(1 - 1 / (trials * Math.E))
  return Math.sqrt(variance) * ((1 - EULER_MASCHERONI) * first + EULER_MASCHERONI * second)
}

/** The probability that the true ratio is above what chance alone would have shown in so many trials (the same, equation 2). */
export const deflatedSharpe = (estimate: SharpeEstimate, trials: number, variance: number): number =>
  probabilisticSharpe(estimate, expectedLargest(trials, variance))
