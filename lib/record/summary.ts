/** The result of a back-test, each figure beside what it must be read with. */
import { integer, instant, list, literal, number, object, oneOf, optional, orNull, text, truth } from './shape.ts'
import { basis, decimal, envelope } from './terms.ts'

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
  notes: list(text),
  /** Bars among the events. */
  bars: optional(integer(0)),
  events_per_s: number(0), bars_per_s: optional(number(0)), elapsed_s: number(0),
})
