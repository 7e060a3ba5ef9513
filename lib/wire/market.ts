/** The bars of a data folder as one market: each ticker from one daily file, intraday bars brought to the same price basis. */
import type { Millis } from '#record'
import type { Folder } from '#port/folder'
import type { Log } from '#port/log'
import { formatFixed, parseFixed } from '#domain/money/decimal'
import { inferSplit, rescale, type SplitFactor } from '#domain/market/split'
import { barTable, type BarRow, type BarTable } from '#wire/csv/bar_table'
import { faultsOf } from '#wire/csv/faults'
import { textOf } from '#wire/csv/rows'
import { DAILY_BARS, INTRADAY_BARS } from './data_folder.ts'

export interface MarketQuery {
  readonly folder: string
  /** All tickers where absent. */
  readonly tickers: ReadonlySet<string> | undefined
  readonly sinceMs: Millis
  readonly untilMs: Millis
}

const UNSPLIT: SplitFactor = { p: 1, q: 1 }

/** Tables whose tickers do not overlap in daily bars, all split-adjusted; what was left out, and why, is logged. */
export function readMarket(query: MarketQuery, files: Pick<Folder, 'read' | 'list'>, log: Log): readonly BarTable[] {
  const names = files.list(`${query.folder}/bars`)
  const daily: BarTable[] = []
  const covered = new Set<string>()
  for (const table of tablesOf(DAILY_BARS, names, query, files, log)) {
    const chosen = only(adjusted(table), (ticker) => !covered.has(ticker) && (query.tickers?.has(ticker) ?? true))
    for (const ticker of chosen.ranges.keys()) covered.add(ticker)
    daily.push(chosen)
  }
  if (daily.length === 0) log.warn(`no daily bars in ${query.folder}/bars: nothing can be traded or judged`)
  return [...daily, ...tablesOf(INTRADAY_BARS, names, query, files, log).map((table) => toDailyBasis(table, daily, log))]
}

function tablesOf(patterns: readonly RegExp[], names: readonly string[], query: MarketQuery, files: Pick<Folder, 'read'>, log: Log): BarTable[] {
  const { tickers, sinceMs, untilMs } = query
  return patterns.flatMap((pattern) => names.filter((name) => pattern.test(name))).flatMap((name) => {
    const path = `${query.folder}/bars/${name}`
    const bytes = files.read(path)
    return bytes === undefined ? [] : [barTable(textOf(bytes), path, { tickers, sinceMs, untilMs }, faultsOf(log, path))]
  })
}

/** The rows of some tickers only. */
function only(table: BarTable, wanted: (ticker: string) => boolean): BarTable {
  const tickers = [...table.ranges.keys()].filter(wanted)
  if (tickers.length === table.ranges.size) return table
  const rows = Uint32Array.from(tickers.flatMap((ticker) => {
    const [from, to] = table.ranges.get(ticker) ?? [0, 0]
    return Array.from({ length: to - from }, (_, i) => from + i)
  }))
  const ranges = new Map<string, readonly [number, number]>()
  let start = 0
  for (const ticker of tickers) {
    const [from, to] = table.ranges.get(ticker) ?? [0, 0]
    ranges.set(ticker, [start, (start += to - from)])
  }
  const at = (row: number): number => rows[row] ?? 0
  return {
    ...table,
    length: rows.length,
    ranges,
    startMs: Float64Array.from(rows, (row) => table.startMs[row] ?? 0),
    tickerOf: Uint32Array.from(rows, (row) => table.tickerOf[row] ?? 0),
    opens: Float64Array.from(rows, (row) => table.opens[row] ?? 0),
    closes: Float64Array.from(rows, (row) => table.closes[row] ?? 0),
    endMs: (row) => table.endMs(at(row)),
    row: (row) => table.row(at(row)),
  }
}

/** As-traded bars with split coefficients, adjusted for the splits that come later in the file. */
function adjusted(table: BarTable): BarTable {
  if (table.basis === 'split_adjusted') return table
  const factors = new Map<number, SplitFactor>()
  for (const [from, to] of table.ranges.values()) {
    let factor: SplitFactor = UNSPLIT
    for (let row = to - 1; row >= from; row--) {
      if (factor.p !== factor.q) factors.set(row, factor)
      const coefficient = Number(table.row(row).splitCoefficient ?? '1')
      if (coefficient > 0 && coefficient !== 1) factor = { p: factor.p * 1000, q: Math.round(factor.q * 1000 * coefficient) }
    }
  }
  return rebased(table, (row) => factors.get(row) ?? UNSPLIT)
}

/** Each ticker's factor is read off the closes of the days that both have; a ticker without a clear one is left out. */
function toDailyBasis(table: BarTable, daily: readonly BarTable[], log: Log): BarTable {
  const factors = new Map<string, SplitFactor>()
  const unmatched: string[] = [], unclear: string[] = []
  for (const [ticker, [from, to]] of table.ranges) {
    const closes = daily.flatMap((days) => [...closesByEnd(days, ticker)])
    const byEnd = new Map(closes)
    const pairs: [number, number][] = []
    for (let row = from; row < to; row++) {
      const close = byEnd.get(table.endMs(row))
      if (close !== undefined) pairs.push([table.closes[row] ?? NaN, close])
    }
    const factor = inferSplit(pairs.map(([traded]) => traded), pairs.map(([, close]) => close))
    if (factor !== undefined) factors.set(ticker, factor)
    else (pairs.length === 0 ? unmatched : unclear).push(ticker)
  }
  if (unmatched.length > 0) log.info(`${table.name}: ${unmatched.join(', ')} left out: no daily bars of the same days`)
  if (unclear.length > 0) log.warn(`${table.name}: ${unclear.join(', ')} left out: no one split factor to the daily bars`)
  const kept = only(table, (ticker) => factors.has(ticker))
  return rebased(kept, (row) => factors.get(kept.tickers[kept.tickerOf[row] ?? 0] ?? '') ?? UNSPLIT)
}

function* closesByEnd(table: BarTable, ticker: string): Generator<[Millis, number]> {
  const [from, to] = table.ranges.get(ticker) ?? [0, 0]
  for (let row = from; row < to; row++) yield [table.endMs(row), table.closes[row] ?? NaN]
}

function rebased(table: BarTable, factorAt: (row: number) => SplitFactor): BarTable {
  const scaled = (values: Float64Array): Float64Array => values.map((value, row) => {
    const { p, q } = factorAt(row)
    return (value * p) / q
  })
  return {
    ...table,
    basis: 'split_adjusted',
    opens: scaled(table.opens),
    closes: scaled(table.closes),
    row: (row) => rescaledRow(table.row(row), factorAt(row)),
  }
}

function rescaledRow(row: BarRow, factor: SplitFactor): BarRow {
  if (factor.p === factor.q) return { ...row, basis: 'split_adjusted' }
  const price = (text: string): string => rescale(text, factor) ?? text
  return {
    ...row,
    basis: 'split_adjusted',
    open: price(row.open), high: price(row.high), low: price(row.low), close: price(row.close),
    volume: wholeShares(row.volume, factor),
  }
}

/** Twice the shares at half the price; whole shares, rounded down. */
function wholeShares(volume: string, { p, q }: SplitFactor): string {
  const fixed = parseFixed(volume)
  if (fixed === undefined) return volume
  const shares = (fixed * BigInt(q)) / BigInt(p)
  return formatFixed(shares - (shares % 100_000_000n))
}
