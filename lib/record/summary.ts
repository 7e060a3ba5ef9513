/** The result of a back-test, each figure beside what it must be read with. */
import { integer, instant, list, literal, number, object, oneOf, optional, orNull, text, truth } from './shape.ts'
import { basis, decimal, envelope, id } from './terms.ts'

/** All that was tried on the same prices over days that overlap, this run included; what was tried twice counts once. */
const trials = object({
  /** The last line of the registry, its place and id; and the trials among its lines. */
  runs: integer(1), head: id, trials: integer(1),
  /** Of their Sharpe ratios of one day; 0 for one trial. */
  variance: number(0),
  /** What the best of so many may be expected to show without any skill, and the probability that this one is above that. */
  expected_largest: number(0), deflated_sharpe: orNull(number(0, 1)),
})

export const summary = object({
  kind: literal('summary'),
  ...envelope,
  from: instant, to: instant,
  /** Records that came from outside. */
  events: integer(0), convictions: integer(0), orders: integer(0), fills: integer(0), refusals: integer(0), trades: integer(0),
  currency: text, equity_start: decimal, equity_end: decimal, fees: decimal,
  return: number(), max_drawdown: number(0),
  /** Annualised from daily returns; null where there are too few. */
  sharpe: orNull(number()), sharpe_n: integer(0), sharpe_standard_error: orNull(number(0)),
  precision_at_5: orNull(number(0, 1)), precision_at_5_base_rate: orNull(number(0, 1)), precision_at_5_n: integer(0),
  precision_at_5_low: orNull(number(0, 1)), precision_at_5_high: orNull(number(0, 1)), precision_horizon: text,
  benchmark: text, benchmark_return: orNull(number()), benchmark_curve: list(object({ day: text, value: number() })),
  best_subject: orNull(text), return_without_best: orNull(number()),
  mean_trade_return: orNull(number()), median_trade_return: orNull(number()),
  /** Readings of subjects without prices: neither traded nor judged. */
  signals_without_bars: integer(0), subjects_without_bars: integer(0),
  audit_root: orNull(text), audit_size: integer(0),
  /** What trading was assumed to cost and when it could happen: options of the executor, each with the reason for its default. */
  assumptions: optional(list(object({ name: text, value: text, why: text }))),
  /** Cash that holdings paid. */
  dividends: optional(decimal),
  /** The files that prices came from, on which basis they stand in the file, and how their dividends are known. */
  prices: optional(list(object({ file: text, basis, subjects: integer(0), dividends: oneOf('stated', 'inferred', 'none') }))),
  /** The same decisions at so many times the costs, in the order asked for. */
  at_costs: optional(list(object({
    multiple: decimal, equity_end: decimal, return: number(), max_drawdown: number(0), sharpe: orNull(number()), fees: decimal, fills: integer(0),
  }))),
  /** Days by terciles of what was known of the benchmark the evening before: its volatility of 20 days, its return over 60. */
  regimes: optional(list(object({
    by: oneOf('volatility', 'direction'), level: oneOf('low', 'middle', 'high'),
    days: integer(0), return: number(), benchmark_return: number(), sharpe: orNull(number()),
  }))),
  /** The loop played again while the record ended at each of the cuts, and once more with a stage that peeks. */
  leakcheck: optional(object({
    cuts: integer(0), decisions: integer(0), leaks: integer(0), first_leak: optional(text),
    /** Whether the stage that peeks was caught, and at which cut. */
    planted_caught: truth, planted_at_cut: optional(integer(1)),
  })),
  /** Bounds of 95 % by the stationary bootstrap: of `n` days, closed trades or sessions, in runs of so many on average. */
  intervals: optional(list(object({ figure: text, low: number(), high: number(), level: number(0, 1), n: integer(2), block: number(1) }))),
  /** How sure the Sharpe ratio is: of one day, not annualised; kurtosis is 3 for a normal distribution. */
  significance: optional(object({
    sharpe_per_day: number(), days: integer(2), skewness: number(), kurtosis: number(0),
    /** The probability that the true ratio is above zero, had this been the only trial. */
    probabilistic_sharpe: number(0, 1),
    /** Days until that were 0.95, were all to go on like this; null where the ratio is not above zero. */
    minimum_track_record: orNull(number(1)),
  })),
  /** Convictions against what became of them over the horizon that they state, where prices tell it. */
  calibration: optional(object({
    n: integer(0), unjudged: integer(0), happened: orNull(number(0, 1)), said: orNull(number(0, 1)),
    brier: orNull(number(0, 1)), error: orNull(number(0, 1)),
    bins: list(object({ low: number(0, 1), high: number(0, 1), count: integer(1), said: number(0, 1), happened: number(0, 1) })),
  })),
  /** What the registry of runs knew when this was written: a note, because it grows with every run. */
  trials: optional(trials),
  notes: list(text),
  /** Bars among the events. */
  bars: optional(integer(0)),
  events_per_s: number(0), bars_per_s: optional(number(0)), elapsed_s: number(0),
})
