/**
 * Choosing among trials, judged by what the choice is worth: on each fold the trial with the best Sharpe ratio of the days trained on is chosen, and
 * only its days tested on count. What comes of it is the result of the procedure, not of the trial that looks best afterwards.
 */
import type { Fold } from './folds.ts'
import { combinations, groupsOf } from './folds.ts'

/** Returns of trials by day: all of one length. */
export type Trials = readonly (readonly number[])[]

export interface Choice {
  readonly fold: Fold
  /** Place of the trial that was chosen, the first of equals; and its ratios of one day. Undefined where they do not vary. */
  readonly chosen: number
  readonly trainRatio: number | undefined
  readonly testRatio: number | undefined
  /** Of all trials, by the days tested on: 1 is the best, equals share their places. */
  readonly testRank: number
}

/** Sums over days from which ratios of any union of days follow. */
interface Sums {
  readonly n: number
  readonly sum: number
  readonly squares: number
}
const NONE: Sums = { n: 0, sum: 0, squares: 0 }
const added = (a: Sums, b: Sums): Sums => ({ n: a.n + b.n, sum: a.sum + b.sum, squares: a.squares + b.squares })
const sumsOf = (returns: readonly number[], days: readonly number[]): Sums => days.reduce((sums, day) => {
  const value = returns[day] ?? 0
  return { n: sums.n + 1, sum: sums.sum + value, squares: sums.squares + value * value }
}, NONE)

/** Undefined for fewer than two days, or where they do not vary beyond what the sums can tell. */
function ratioOf({ n, sum, squares }: Sums): number | undefined {
  if (n < 2) return undefined
  const mean = sum / n, variance = (squares - n * mean * mean) / (n - 1)
  return variance > squares * 1e-12 && variance > 1e-24 ? mean / Math.sqrt(variance) : undefined
}

/** A trial that never moved stands at 0: it neither won nor lost. */
const ranked = (ratio: number | undefined): number => ratio ?? 0

function bestOf(ratios: readonly (number | undefined)[]): number {
  let best = 0
  for (const [i, ratio] of ratios.entries()) if (ranked(ratio) > ranked(ratios[best])) best = i
  return best
}

/** 1 for the best; equals share the mean of their places. */
function rankIn(ratios: readonly (number | undefined)[], place: number): number {
  const own = ranked(ratios[place])
  let above = 0, alike = 0
  for (const ratio of ratios) {
    if (ranked(ratio) > own) above++
    else if (ranked(ratio) === own) alike++
  }
  return above + (alike + 1) / 2
}

/** Folds without two days to train on choose nothing and are left out. */
export function choicesOf(trials: Trials, folds: readonly Fold[]): readonly Choice[] {
  return folds.filter(({ train }) => train.length > 1).map((fold) => {
    const trained = trials.map((returns) => ratioOf(sumsOf(returns, fold.train))), tested = trials.map((returns) => ratioOf(sumsOf(returns, fold.test)))
    const chosen = bestOf(trained)
    return { fold, chosen, trainRatio: trained[chosen], testRatio: tested[chosen], testRank: rankIn(tested, chosen) }
  })
}

/**
 * The days tested on in their order, as the chosen trials returned them: one path where each group is tested on once; where groups are tested on in
 * several folds, as many paths, each with the next fold of each group (Lopez de Prado 2018, section 12.4.1).
 */
export function pathsOf(trials: Trials, choices: readonly Choice[], groups: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const byGroup = groups.map((_, g) => choices.filter(({ fold }) => fold.groups.includes(g)))
  const tested = byGroup.filter((own) => own.length > 0), count = Math.min(...tested.map((own) => own.length))
  if (tested.length === 0) return []
  return Array.from({ length: count }, (_, path) => groups.flatMap((days, g) => {
    const choice = byGroup[g]?.[path]
    return choice === undefined ? [] : days.map((day) => trials[choice.chosen]?.[day] ?? 0)
  }))
}

const BLOCKS = 14

/**
 * The probability that what looks best on one half of the days is in the lower half on the other, over all ways of parting blocks of neighbouring days
 * into halves (Bailey, Borwein, Lopez de Prado and Zhu, "The probability of backtest overfitting", J. of Computational Finance 20, 2017). Undefined for
 * fewer than two trials or eight days.
 */
export function overfittingProbability(trials: Trials): number | undefined {
  const days = trials[0]?.length ?? 0
  const blocks = Math.min(BLOCKS, 2 * Math.floor(days / 4))
  if (trials.length < 2 || blocks < 4) return undefined
  const groups = groupsOf(days, blocks)
  const sums = trials.map((returns) => groups.map((group) => sumsOf(returns, group)))
  let over = 0, all = 0
  for (const half of combinations(blocks, blocks / 2)) {
    const inside = new Set(half)
    const train = sums.map((own) => ratioOf(own.reduce((sum, block, b) => (inside.has(b) ? added(sum, block) : sum), NONE)))
    const test = sums.map((own) => ratioOf(own.reduce((sum, block, b) => (inside.has(b) ? sum : added(sum, block)), NONE)))
    // A share of (N + 1 - rank) / (N + 1) of at most one half: the logit is not above zero.
    if ((trials.length + 1 - rankIn(test, bestOf(train))) / (trials.length + 1) <= 0.5) over++
    all++
  }
  return over / all
}
