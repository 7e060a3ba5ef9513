/** Measures of a run of equities or returns. Statistics, not money: plain numbers. */
import { sharpeOf } from '../statistics/sharpe.ts'

/** Trading days a year, the usual convention for annualising daily figures. */
const TRADING_DAYS = 252

/** Returns from one value to the next: `next / last - 1`. Steps from a value not above zero have none and are left out. */
export function stepReturns(values: readonly number[]): number[] {
  const returns: number[] = []
  for (let i = 1; i < values.length; i++) {
    const last = values[i - 1] ?? 0
    if (last > 0) returns.push((values[i] ?? 0) / last - 1)
  }
  return returns
}

/** The largest fall from a peak to a later value, as a fraction of the peak: 0.25 for 100, 120, 90, 110. */
export function maxDrawdown(values: readonly number[]): number {
  let peak = 0
  let worst = 0
  for (const value of values) {
    if (value > peak) peak = value
    else if (peak > 0) worst = Math.max(worst, (peak - value) / peak)
  }
  return worst
}

export function mean(values: readonly number[]): number | null {
  if (values.length === 0) return null
  let sum = 0
  for (const value of values) sum += value
  return sum / values.length
}

export function median(values: readonly number[]): number | null {
  if (values.length === 0) return null
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? 0
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2
}

/**
 * Mean daily return over its standard deviation (n - 1), times the square root of 252; the risk-free rate is taken as zero.
 * Null for fewer than two returns or where they do not vary. (Sharpe, "The Sharpe Ratio", J. of Portfolio Management, 1994.)
 */
export function sharpe(dailyReturns: readonly number[]): number | null {
  const daily = sharpeOf(dailyReturns)
  return daily === undefined ? null : daily.ratio * Math.sqrt(TRADING_DAYS)
}

/**
 * Standard error of an annualised Sharpe ratio from n independent daily returns: the square root of (252 + SR^2 / 2) / n.
 * (Lo, "The Statistics of Sharpe Ratios", Financial Analysts Journal, 2002, equation 9 scaled to a year.)
 */
export function sharpeError(annualised: number, n: number): number {
  return Math.sqrt((TRADING_DAYS + (annualised * annualised) / 2) / n)
}
