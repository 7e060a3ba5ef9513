/** How far the figures of a run can be trusted: intervals of each by resampling what it was made of, and how sure its Sharpe ratio is. */
import type { Summary } from '#record'
import { maxDrawdown, mean, sharpe } from '../pnl/performance.ts'
import { blockLength, BOOTSTRAP, bootstrap, bootstrapValues, type Draw, type Interval } from '../statistics/bootstrap.ts'
import { minimumTrackRecord, probabilisticSharpe, sharpeOf, type SharpeEstimate } from '../statistics/sharpe.ts'
import type { Judged } from './precision.ts'
import { rounded } from './rounded.ts'

export type Intervals = NonNullable<Summary['intervals']>
export type Significance = NonNullable<Summary['significance']>

export interface Evidence {
  /** Daily returns in their order. */
  readonly returns: readonly number[]
  /** Returns of closed trades, in the order of their ends. */
  readonly trades: readonly number[]
  /** Picks judged over so many sessions. */
  readonly judged: readonly Judged[]
  readonly horizon: number
}

/** Of each figure that can be said; each draws from a stream of chance of its own. */
export function intervalsOf({ returns, trades, judged, horizon }: Evidence, drawFor: (figure: string) => Draw): Intervals {
  const daily = (figure: string, of: (sample: readonly number[]) => number | null) => [figure, bootstrapValues(returns, of, drawFor(figure))] as const
  const traded = (figure: string, of: (sample: readonly number[]) => number | null) => [figure, bootstrapValues(trades, of, drawFor(figure))] as const
  const found = [
    daily('return', (sample) => sample.reduce((worth, step) => worth * (1 + step), 1) - 1),
    daily('sharpe', sharpe),
    daily('max_drawdown', (sample) => maxDrawdown(worths(sample))),
    traded('win_rate', (sample) => sample.filter((value) => value > 0).length / sample.length),
    traded('mean_trade_return', mean),
    ['precision_at_5', precisionInterval(judged, horizon, drawFor('precision_at_5'))] as const,
  ]
  return found.flatMap(([figure, interval]) => (interval === undefined ? [] : [{
    figure, low: rounded(interval.low), high: rounded(interval.high), level: BOOTSTRAP.level, n: interval.n, block: rounded(interval.block),
  }]))
}

/** What one unit has become after each step, and before the first. */
function worths(returns: readonly number[]): number[] {
  let worth = 1
  return [1, ...returns.map((step) => (worth *= 1 + step))]
}

/** Whole sessions are drawn, in runs at least as long as their picks overlap. */
function precisionInterval(judged: readonly Judged[], horizon: number, draw: Draw): Interval | undefined {
  const sessions = new Map<number, { hits: number; n: number }>()
  for (const { openMs, hit } of judged) {
    const session = sessions.get(openMs) ?? { hits: 0, n: 0 }
    sessions.set(openMs, { hits: session.hits + (hit ? 1 : 0), n: session.n + 1 })
  }
  const list = [...sessions].sort(([a], [b]) => a - b).map(([, session]) => session)
  if (list.length < 2) return undefined
  const block = Math.min(list.length, Math.max(horizon, blockLength(list.map(({ hits, n }) => hits / n))))
  return bootstrap(list.length, (places) => {
    let hits = 0, n = 0
    for (const place of places) {
      hits += list[place]?.hits ?? 0
      n += list[place]?.n ?? 0
    }
    return hits / n
  }, block, draw)
}

/** Undefined where the returns do not vary. */
export function significanceOf(returns: readonly number[]): Significance | undefined {
  const found = sharpeOf(returns)
  if (found === undefined) return undefined
  const { ratio, n, skewness, kurtosis } = found
  const record = minimumTrackRecord(found)
  return {
    sharpe_per_day: rounded(ratio), days: n, skewness: rounded(skewness), kurtosis: rounded(kurtosis),
    probabilistic_sharpe: rounded(probabilisticSharpe(found)), minimum_track_record: record === undefined ? null : rounded(record),
  }
}

/** The same ratio as the statistics take it. */
export const sharpeEstimateOf = (found: Significance | undefined): SharpeEstimate | undefined =>
  found === undefined ? undefined : { ratio: found.sharpe_per_day, n: found.days, skewness: found.skewness, kurtosis: found.kurtosis }
