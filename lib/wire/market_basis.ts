/**
 * Intraday bars as traded, beside daily ones that may be adjusted for splits: each day's are brought to the basis of the daily ones by what the days
 * before it told. Nothing of the day itself is used but its first price, so that a bar never rests on what came after it.
 */
import type { Millis } from '#record'
import type { Log } from '#port/log'
import { formatFixed, ONE, parseFixed } from '#domain/money/decimal'
import { newYorkDay } from '#domain/market/session'
import { inferSplit, rescale, splitLike, type SplitFactor } from '#domain/market/split'
import type { BarRow, BarTable } from '#wire/csv/bar_table'

/** Days before that a factor is read off. */
const DAYS = 5

interface Pairs {
  readonly traded: number[]
  readonly daily: number[]
}

/** Days without a factor are left out: the first of each ticker, and those that open as if the basis had changed overnight. */
export function toDailyBasis(table: BarTable, daily: readonly BarTable[], log: Log): BarTable {
  const factors: (SplitFactor | undefined)[] = []
  const kept: number[] = [], unmatched: string[] = []
  let broken = 0
  for (const [ticker, [from, to]] of table.ranges) {
    const days = daily.find(({ ranges }) => ranges.has(ticker))
    if (days === undefined) {
      unmatched.push(ticker)
      continue
    }
    const closes = closesByEnd(days, ticker), pairs: Pairs = { traded: [], daily: [] }
    let lastClose: number | undefined
    for (let row = from; row < to;) {
      const day = newYorkDay(table.startMs[row] ?? 0), first = row
      const factor = inferSplit(pairs.traded, pairs.daily)
      const opened = ((table.opens[first] ?? NaN) * (factor?.p ?? 1)) / (factor?.q ?? 1)
      const isBroken = factor !== undefined && lastClose !== undefined && splitLike(lastClose, opened) !== undefined
      if (isBroken) broken += clear(pairs)
      for (; row < to && newYorkDay(table.startMs[row] ?? 0) === day; row++) {
        if (factor !== undefined && !isBroken) factors[kept.push(row) - 1] = factor
        const close = closes.get(table.endMs(row))
        if (close === undefined) continue
        lastClose = close
        note(pairs, table.closes[row] ?? NaN, close)
      }
    }
  }
  if (unmatched.length > 0) log.info(`${table.name}: ${unmatched.join(', ')} left out: no daily bars of the same days`)
  if (broken > 0) log.warn(`${table.name}: ${broken} days left out whose first price jumps like a split: their basis may be another`)
  return rebased(table, kept, (row) => factors[row] ?? UNSPLIT, daily)
}

const UNSPLIT: SplitFactor = { p: 1, q: 1 }

function clear(pairs: Pairs): 1 {
  pairs.traded.length = pairs.daily.length = 0
  return 1
}

function note({ traded, daily }: Pairs, price: number, close: number): void {
  traded.push(price)
  daily.push(close)
  if (traded.length > DAYS) {
    traded.shift()
    daily.shift()
  }
}

function closesByEnd(table: BarTable, ticker: string): ReadonlyMap<Millis, number> {
  const [from, to] = table.ranges.get(ticker) ?? [0, 0], closes = new Map<Millis, number>()
  for (let row = from; row < to; row++) closes.set(table.endMs(row), table.closes[row] ?? NaN)
  return closes
}

/** Some rows of a table, each at its factor, in the basis of the daily bars of its ticker. */
function rebased(table: BarTable, kept: readonly number[], factorAt: (row: number) => SplitFactor, daily: readonly BarTable[]): BarTable {
  const rows = selected(table, kept)
  const scaled = (values: Float64Array): Float64Array => values.map((value, row) => (value * factorAt(row).p) / factorAt(row).q)
  const basisOf = new Map(table.tickers.map((ticker) => [ticker, daily.find(({ ranges }) => ranges.has(ticker))?.basis ?? 'as_traded'] as const))
  return {
    ...rows,
    opens: scaled(rows.opens),
    closes: scaled(rows.closes),
    volume: (row) => wholeShares(rows.volume(row), factorAt(row)),
    row: (row) => rescaledRow(rows.row(row), factorAt(row), basisOf.get(rows.tickers[rows.tickerOf[row] ?? -1] ?? '') ?? 'as_traded'),
  }
}

/** Rows of a table by their places, which ascend. */
export function selected(table: BarTable, kept: readonly number[]): BarTable {
  if (kept.length === table.length) return table
  const rows = Uint32Array.from(kept), at = (row: number): number => rows[row] ?? 0
  const doubles = (column: Float64Array): Float64Array => Float64Array.from(rows, (row) => column[row] ?? NaN)
  const tickerOf = Uint32Array.from(rows, (row) => table.tickerOf[row] ?? 0)
  const ranges = new Map<string, readonly [number, number]>()
  for (let from = 0; from < tickerOf.length;) {
    let to = from + 1
    while (to < tickerOf.length && tickerOf[to] === tickerOf[from]) to++
    ranges.set(table.tickers[tickerOf[from] ?? -1] ?? '', [from, to])
    from = to
  }
  return {
    ...table, length: rows.length, ranges, tickerOf, startMs: doubles(table.startMs), opens: doubles(table.opens), closes: doubles(table.closes),
    adjusted: table.adjusted.length === 0 ? table.adjusted : doubles(table.adjusted),
    endMs: (row) => table.endMs(at(row)),
    row: (row) => table.row(at(row)),
    volume: (row) => table.volume(at(row)),
  }
}

function rescaledRow(row: BarRow, factor: SplitFactor, basis: BarTable['basis']): BarRow {
  if (factor.p === factor.q) return { ...row, basis }
  const price = (text: string): string => rescale(text, factor) ?? text
  return {
    ...row, basis, open: price(row.open), high: price(row.high), low: price(row.low), close: price(row.close), volume: wholeShares(row.volume, factor),
  }
}

/** Twice the shares at half the price; whole shares, rounded down. */
function wholeShares(volume: string, { p, q }: SplitFactor): string {
  if (p === q) return volume
  const fixed = parseFixed(volume)
  if (fixed === undefined) return volume
  const shares = (fixed * BigInt(q)) / BigInt(p)
  return formatFixed(shares - (shares % ONE))
}
