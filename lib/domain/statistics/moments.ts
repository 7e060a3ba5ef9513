/** Moments of a run of observations. What is missing is no observation: it is left out, and never counted. */

export interface Moments {
  /** Observations that there were. */
  readonly n: number
  readonly mean: number
  /** With n - 1 below. */
  readonly deviation: number
  /** Third and fourth central moment over the second to the power of 3/2 and 2, each with n below. */
  readonly skewness: number
  /** Raw: 3 for a normal distribution, not 0. */
  readonly kurtosis: number
}

/** Deviations smaller than this are rounding: the observations do not vary. */
const STILL = 1e-12

export const observed = (values: readonly (number | null | undefined)[]): number[] =>
  values.filter((value): value is number => typeof value === 'number' && Number.isFinite(value))

/** Undefined for fewer than two observations, or where they do not vary. */
export function momentsOf(values: readonly (number | null | undefined)[]): Moments | undefined {
  const known = observed(values), n = known.length
  if (n < 2) return undefined
  let sum = 0
  for (const value of known) sum += value
  const mean = sum / n
  let second = 0, third = 0, fourth = 0
  for (const value of known) {
    const off = value - mean, square = off * off
    second += square
    third += square * off
    fourth += square * square
  }
  const deviation = Math.sqrt(second / (n - 1)), variance = second / n
  if (!(deviation > STILL)) return undefined
  return { n, mean, deviation, skewness: third / n / (variance * Math.sqrt(variance)), kurtosis: fourth / n / (variance * variance) }
}
