/** What the points of a grid come to: each a trial, ranked and deflated by all that was tried, and what choosing among them is worth. */
import { DAY_MS, make, millisOf, parseDuration, type Json, type Selection, type Summary, type Trial } from '#record'
import { mean, sharpe } from '../pnl/performance.ts'
import { bootstrapValues, type Draw } from '../statistics/bootstrap.ts'
import { foldsOf, groupsOf, type Validation } from '../statistics/folds.ts'
import { choicesOf, overfittingProbability, pathsOf, type Choice } from '../statistics/selection.ts'
import { deflatedSharpe, probabilisticSharpe, sharpeOf } from '../statistics/sharpe.ts'
import { dailyReturnsOf, daysOf } from './daily.ts'
import type { Point } from './grid.ts'
import { rounded } from './rounded.ts'

type Memory = { readonly [field: string]: Json | undefined }

/** A point that was run: as the journal of the sweep keeps it, unranked. */
export function trialOf(point: Point, summary: Summary, pnl: Memory, by: string): Trial {
  const { at, known_at, from, to, currency, equity_end, fees, max_drawdown, trades, fills, mean_trade_return, precision_at_5, precision_at_5_n } = summary
  const days = daysOf(pnl), returns = dailyReturnsOf(pnl)
  return make('trial', {
    at, known_at, source: 'sweep', by, place: point.place, settings: point.settings, from, to, summary: summary.id, currency, equity_end, fees,
    return: summary.return, max_drawdown, trades, fills, mean_trade_return, precision_at_5, precision_at_5_n, sharpe: summary.sharpe,
    sharpe_per_day: summary.significance?.sharpe_per_day ?? null, probabilistic_sharpe: summary.significance?.probabilistic_sharpe ?? null,
    trials: 0, deflated_sharpe: null, rank: 0, days: days.map((day, i) => ({ day, return: returns[i] ?? 0 })),
  })
}

/** What the registry says of all that was tried on these days. */
export interface Tried {
  readonly trials: number
  readonly variance: number
  readonly expectedLargest: number
}

/** The trials of one span, best first; those that never moved stand at a ratio of 0, equals in the order of the grid. */
export function rankedTrials(trials: readonly Trial[], tried: Tried): readonly Trial[] {
  const ratio = ({ sharpe_per_day: own }: Trial): number => own ?? 0
  return [...trials].sort((a, b) => ratio(b) - ratio(a) || a.place - b.place).map(({ days = [], ...trial }, i) => {
    const own = sharpeOf(days.map((one) => one.return))
    const above = own === undefined ? null : rounded(deflatedSharpe(own, tried.trials, tried.variance))
    return make('trial', { ...trial, rank: i + 1, trials: tried.trials, deflated_sharpe: above })
  })
}

export interface ChoosingTerms extends Validation {
  /** As typed. */
  readonly cv: string
  readonly label: string
  readonly by: string
  readonly draw: Draw
}

/**
 * Choosing among trials of one span, validated. A day is an observation from its beginning until what was decided on it no longer moves money
 * (`label`). Days before a trial's first decision are days in cash, with a return of 0. Throws RangeError where there are too few days for the scheme.
 */
export function selectionOf(trials: readonly Trial[], ranked: readonly Trial[], tried: Tried, terms: ChoosingTerms): Selection {
  const first = trials[0], best = ranked[0]
  if (first === undefined || best === undefined) throw new RangeError('no trial to choose from')
  const calendar = [...new Set(trials.flatMap(({ days = [] }) => days.map(({ day }) => day)))].sort()
  const matrix = trials.map(({ days = [] }) => {
    const own = new Map(days.map((one) => [one.day, one.return]))
    return calendar.map((day) => own.get(day) ?? 0)
  })
  const labelMs = parseDuration(terms.label) ?? 0
  const spans = calendar.map((day) => ({ fromMs: millisOf(`${day}T00:00:00.000Z`), untilMs: millisOf(`${day}T00:00:00.000Z`) + Math.max(labelMs, DAY_MS) - 1 }))
  const choices = choicesOf(matrix, foldsOf(spans, terms.scheme, terms.embargoMs))
  const paths = pathsOf(matrix, choices, groupsOf(calendar.length, terms.scheme.groups))
  return make('selection', {
    at: first.at, known_at: first.known_at, source: 'sweep', by: terms.by, parents: ranked.map(({ id }) => id), from: first.from, to: first.to,
    cv: terms.cv, label: terms.label, points: trials.length, days: calendar.length,
    folds: choices.map((choice) => foldFields(choice, trials, calendar.length)),
    out_of_sample: outOfSample(paths, terms.draw),
    best_in_hindsight: { place: best.place, return: best.return, sharpe: best.sharpe, deflated_sharpe: best.deflated_sharpe },
    trials: tried.trials, variance: tried.variance, expected_largest: tried.expectedLargest,
    overfitting_probability: orNull(overfittingProbability(matrix)),
  })
}

function foldFields({ fold, chosen, trainRatio, testRatio, testRank }: Choice, trials: readonly Trial[], days: number): Selection['folds'][number] {
  return {
    groups: [...fold.groups], train_days: fold.train.length, test_days: fold.test.length, left_out: days - fold.train.length - fold.test.length,
    chosen: trials[chosen]?.place ?? 0, train_sharpe_per_day: orNull(trainRatio), test_sharpe_per_day: orNull(testRatio), test_rank: testRank,
  }
}

function outOfSample(paths: readonly (readonly number[])[], draw: Draw): Selection['out_of_sample'] {
  const sorted = [...paths].sort((a, b) => (sharpe(a) ?? 0) - (sharpe(b) ?? 0)), middle = sorted[(sorted.length - 1) >> 1]
  if (middle === undefined || mean(middle) === null) return null
  const interval = bootstrapValues(middle, sharpe, draw), own = sharpeOf(middle)
  return {
    paths: paths.length, days: middle.length, return: rounded(middle.reduce((worth, step) => worth * (1 + step), 1) - 1), sharpe: orNull(sharpe(middle)),
    low: orNull(interval?.low), high: orNull(interval?.high), probabilistic_sharpe: own === undefined ? null : rounded(probabilisticSharpe(own)),
    worst: orNull(sharpe(sorted[0] ?? [])), best: orNull(sharpe(sorted.at(-1) ?? [])),
  }
}

const orNull = (value: number | null | undefined): number | null => (value === undefined || value === null ? null : rounded(value))
