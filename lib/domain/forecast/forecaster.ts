/** What every forecaster is, whatever is behind it: the past of one series in, for each step ahead a mean, a median and quantiles out. */

/** The quantiles that are told of each step, ascending; the middle one is the median. */
export const LEVELS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9] as const

/** The past of one series, oldest first: finite values, one a step, without gaps. */
export interface History {
  readonly values: Float64Array
  /** When each was, in milliseconds since 1970, ascending; absent where the series has no times. */
  readonly timesMs?: Float64Array
}

export interface Question {
  /** Steps ahead, 1 and up. */
  readonly horizon: number
  /** Steps in one season, 24 for hours of a day; 1 for none. */
  readonly season: number
  /** Of all chance. */
  readonly seed: number
  /** When each step ahead will be, where that is known. */
  readonly stepsMs?: Float64Array
  /** Steps between the moments of its past from which a method is asked; 1 where it is left out. */
  readonly apart?: number
}

/** What would have been said from earlier moments: `paths[k]` after the first `origins[k]` values, by a fit on what was before the first of them. */
export interface Hindsight {
  readonly origins: readonly number[]
  readonly paths: readonly Float64Array[]
}

export interface Forecast {
  /** What it was made by: the method asked for, or what stood in for it. */
  readonly method: string
  /** One number a step, in units of the series. */
  readonly mean: Float64Array
  readonly median: Float64Array
  /** By level, as in {@link LEVELS}, one number a step each; they never cross, and the middle one is `median`. */
  readonly quantiles: readonly Float64Array[]
  readonly hindsight?: Hindsight
  /** What each step rests on, where the method can say it. */
  readonly why?: readonly Attribution[]
}

/** Shares, each list of which adds up to 1. */
export interface Attribution {
  /** Of what was seen of the past, the same for all steps. */
  readonly past: { readonly [variable: string]: number }
  /** Of what was known of the step itself. */
  readonly ahead: { readonly [variable: string]: number }
  /** Where it looked most, by steps before it. */
  readonly looked: readonly { readonly back: number; readonly share: number }[]
}

export interface Forecaster {
  readonly name: string
  /** Throws {@link Unforecastable} where nothing can be said of this series. */
  forecast(history: History, question: Question): Forecast | Promise<Forecast>
}

/** Why nothing can be said of a series, in words. */
export class Unforecastable extends Error {}

/**
 * A method that says one path, and no spread. It is fitted once, and then asked from several origins: as it would have been, had it been asked at
 * each of them.
 */
export interface PointMethod {
  readonly name: string
  /** Undefined where it cannot be fitted to so few values, or to values of this kind. */
  fit(history: History, season: number): PointFit | undefined | Promise<PointFit | undefined>
}

export interface PointFit {
  /**
   * For each origin (ascending), the path of the `horizon` steps after the first `origin` of `values`, which are all that it rests on; what was fitted
   * stays as it was. `stepsMs` are the times of what lies beyond the history, where the method goes by times.
   */
  paths(
    history: History, origins: readonly number[], horizon: number, stepsMs?: Float64Array,
  ): readonly Float64Array[] | Promise<readonly Float64Array[]>
  /** Where a form was chosen among many: the same form fitted to other values of the series. */
  again?(history: History): PointFit | undefined
}
