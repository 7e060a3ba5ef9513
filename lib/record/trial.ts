/** What a sweep says: of each point of its grid, and of choosing among them. */
import { instant, integer, list, literal, members, number, object, orNull, optional, text } from './shape.ts'
import { decimal, envelope, id } from './terms.ts'

export const trial = object({
  kind: literal('trial'),
  ...envelope,
  /** Its place in the grid from 0, and what it was run with there. */
  place: integer(0), settings: members,
  from: instant, to: instant,
  /** The summary of the run. */
  summary: id,
  currency: text, equity_end: decimal, fees: decimal,
  return: number(), max_drawdown: number(0), trades: integer(0), fills: integer(0),
  mean_trade_return: orNull(number()), precision_at_5: orNull(number(0, 1)), precision_at_5_n: integer(0),
  /** Annualised; and of one day, with the probability that it is above zero, and above what luck shows in so many trials. */
  sharpe: orNull(number()), sharpe_per_day: orNull(number()), probabilistic_sharpe: orNull(number(0, 1)),
  trials: integer(0), deflated_sharpe: orNull(number(0, 1)),
  /** Among the trials of its span by the Sharpe ratio, 1 is the best. */
  rank: integer(0),
  /** In the record that a sweep goes on from: what one unit returned on each day. */
  days: optional(list(object({ day: text, return: number() }))),
})

/** The result of choosing: what is chosen on the days trained on counts on the days tested on, and nowhere else. */
export const selection = object({
  kind: literal('selection'),
  ...envelope,
  from: instant, to: instant,
  /** As typed; and how long after a day what was decided on it may still move money, and what is thus never trained on. */
  cv: text, label: text,
  points: integer(1), days: integer(0),
  folds: list(object({
    groups: list(integer(0)), train_days: integer(0), test_days: integer(0),
    /** Days that are neither, because their outcomes meet the days tested on or their embargo. */
    left_out: integer(0),
    /** Place in the grid. */
    chosen: integer(0), train_sharpe_per_day: orNull(number()), test_sharpe_per_day: orNull(number()), test_rank: number(1),
  })),
  /** Days tested on as the chosen trials returned them; combinatorial: the path in the middle by its Sharpe ratio, of so many. */
  out_of_sample: orNull(object({
    paths: integer(1), days: integer(0), return: number(), sharpe: orNull(number()), low: orNull(number()), high: orNull(number()),
    probabilistic_sharpe: orNull(number(0, 1)),
    /** Of the paths by their Sharpe ratio: the worst and the best. */
    worst: orNull(number()), best: orNull(number()),
  })),
  /** The trial that looks best on all days, which nobody could have known: beside it the result above. */
  best_in_hindsight: object({ place: integer(0), return: number(), sharpe: orNull(number()), deflated_sharpe: orNull(number(0, 1)) }),
  trials: integer(0), variance: number(0), expected_largest: number(0),
  /** That the best on one half of the days is in the lower half on the other. */
  overfitting_probability: orNull(number(0, 1)),
})
