/**
 * The days of a run by what was known of the market the evening before: terciles of the benchmark's volatility and of its direction, among all days
 * of the benchmark's own history up to then, so that no day is told by one that came after it.
 */
import { sharpe, stepReturns } from '../pnl/performance.ts'
import { rounded } from './rounded.ts'
import { bisect } from '../lookup/bisect.ts'

export interface DayValue {
  readonly day: string
  readonly value: number
}

export interface Regime {
  readonly by: 'volatility' | 'direction'
  readonly level: 'low' | 'middle' | 'high'
  readonly days: number
  readonly return: number
  readonly benchmark_return: number
  readonly sharpe: number | null
}

/** Days of returns that volatility is taken over, and direction. */
const VOLATILITY_DAYS = 20, DIRECTION_DAYS = 60
/** Days of history before terciles of it mean anything. */
const LEAST = 60
const LEVELS = ['low', 'middle', 'high'] as const

type Level = (typeof LEVELS)[number]

/** Of each day of the benchmark from when there is enough history on: in which tercile it lay, by the closes before it. */
export function levelsOf(closes: readonly DayValue[], measure: (closes: readonly number[]) => number, window: number): ReadonlyMap<string, Level> {
  const values = closes.map(({ value }) => value), levels = new Map<string, Level>()
  const sorted: number[] = []
  for (let next = window + 1; next < values.length; next++) {
    const now = measure(values.slice(next - window - 1, next)), below = placeIn(sorted, now)
    sorted.splice(below, 0, now)
    if (sorted.length < LEAST) continue
    // The rank of the middle of equals, so that a market that never moves is in the middle.
    const rank = (below + placeAfter(sorted, now) - 1) / 2 / (sorted.length - 1)
    levels.set(closes[next]?.day ?? '', rank < 1 / 3 ? 'low' : rank <= 2 / 3 ? 'middle' : 'high')
  }
  return levels
}

const placeIn = (sorted: readonly number[], value: number): number => bisect(0, sorted.length, (place) => (sorted[place] ?? 0) < value)

function placeAfter(sorted: readonly number[], value: number): number {
  let place = placeIn(sorted, value)
  while (sorted[place] === value) place++
  return place
}

/** Standard deviation of the daily returns. */
export function volatility(closes: readonly number[]): number {
  const returns = stepReturns(closes), mean = returns.reduce((sum, value) => sum + value, 0) / returns.length
  return Math.sqrt(returns.reduce((sum, value) => sum + (value - mean) * (value - mean), 0) / (returns.length - 1))
}

const direction = (closes: readonly number[]): number => (closes.at(-1) ?? 0) / (closes[0] ?? NaN) - 1

/** `equity`: one value a day, of all vaults; `benchmark`: closes with dividends, from as far back as there are any. */
export function regimesOf(equity: readonly DayValue[], benchmark: readonly DayValue[]): readonly Regime[] {
  const closes = new Map(benchmark.map(({ day, value }, i) => [day, { value, before: benchmark[i - 1]?.value }]))
  return ([['volatility', volatility, VOLATILITY_DAYS], ['direction', direction, DIRECTION_DAYS]] as const).flatMap(([by, measure, window]) => {
    const levels = levelsOf(benchmark, measure, window)
    return LEVELS.map((level): Regime => {
      const own: number[] = [], its: number[] = []
      for (const [i, { day, value }] of equity.entries()) {
        const before = equity[i - 1]?.value, close = closes.get(day)
        if (levels.get(day) !== level || before === undefined || before <= 0) continue
        own.push(value / before - 1)
        if (close?.before !== undefined) its.push(close.value / close.before - 1)
      }
      const ratio = sharpe(own)
      return { by, level, days: own.length, return: compounded(own), benchmark_return: compounded(its), sharpe: ratio === null ? null : rounded(ratio) }
    })
  }).filter(({ days }) => days > 0)
}

const compounded = (returns: readonly number[]): number => rounded(returns.reduce((value, step) => value * (1 + step), 1) - 1)
