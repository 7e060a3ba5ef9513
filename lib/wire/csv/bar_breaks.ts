/** Price jumps from one day to the next that look like a split nobody adjusted for. */
import { formatInstant } from '#record'
import type { Log } from '#port/log'
import { newYorkDay } from '#domain/market/session'
import { splitLike, type SplitFactor } from '#domain/market/split'
import type { BarTable } from './bar_table.ts'
import { bisect } from '#domain/lookup/bisect'

export interface Break {
  readonly ticker: string
  readonly row: number
  readonly factor: SplitFactor
  readonly before: number
  readonly after: number
}

/**
 * Where a day opens so far from the close before it that it looks like a split which the file itself does not state. Adjusted
 * prices are not looked at: what is left in them is news.
 */
export function* breaksOf(table: BarTable): Generator<Break> {
  const { tickerOf, startMs, opens, closes } = table
  if (table.basis === 'split_adjusted') return
  for (let row = 1; row < table.length; row++) {
    const before = closes[row - 1] ?? NaN, after = opens[row] ?? NaN
    const ratio = before / after
    if ((ratio < 1.9 && ratio > 0.55) || tickerOf[row] !== tickerOf[row - 1]) continue
    if (newYorkDay(startMs[row] ?? 0) === newYorkDay(startMs[row - 1] ?? 0)) continue
    const factor = splitLike(before, after)
    if (factor === undefined) continue
    const { splitCoefficient = '1', dividend = '0' } = table.row(row)
    // Shares of another class paid out may stand as a dividend of their worth.
    if (Number(splitCoefficient) === 1 && Number(dividend) < before / 10) yield { ticker: table.tickers[tickerOf[row] ?? -1] ?? '', row, factor, before, after }
  }
}

/** Warn of every such jump that no other table shows on the same day. */
export function warnOfBreaks(tables: readonly BarTable[], log: Log): void {
  for (const table of tables) {
    for (const { ticker, row, factor, before, after } of breaksOf(table)) {
      const day = newYorkDay(table.startMs[row] ?? 0)
      const others = tables.filter((other) => other !== table)
      const moves = others.map((other) => moveOn(other, ticker, day)).filter((move) => move !== undefined)
      if (moves.some((move) => Math.abs(move / (before / after) - 1) < 0.05)) continue
      const said = moves.length > 0 ? 'which other bars contradict' : 'with no other bars to confirm it'
      const at = formatInstant(table.startMs[row] ?? 0)
      log.warn(`${table.name}: ${ticker} goes from ${before} to ${after} at ${at}, like a ${factor.p}:${factor.q} split, ${said}`)
    }
  }
}

/** Close of the day before over the open of a day; undefined where the table lacks either. */
function moveOn(table: BarTable, ticker: string, day: number): number | undefined {
  const range = table.ranges.get(ticker)
  if (range === undefined) return undefined
  const row = bisect(range[0], range[1], (place) => newYorkDay(table.startMs[place] ?? 0) < day)
  if (row === range[0] || row === range[1] || newYorkDay(table.startMs[row] ?? 0) !== day) return undefined
  return (table.closes[row - 1] ?? NaN) / (table.opens[row] ?? NaN)
}
