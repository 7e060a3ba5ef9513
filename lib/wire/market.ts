/**
 * The bars of a data folder as one market: each ticker from one daily file and on that file's basis, intraday bars brought to it, and what befell
 * its shares. As-traded prices come with their splits as events; adjusted ones have none left. Where a file as traded jumps like a split that it does
 * not state, the two cannot be told apart, and the ticker ends there.
 */
import type { Millis, Signal } from '#record'
import type { Folder } from '#port/folder'
import type { Log } from '#port/log'
import type { Fixed } from '#domain/money/money'
import { toldAction } from '#wire/bars/action'
import { endings, inferredDividends, statedActions } from '#wire/csv/bar_actions'
import { breaksOf } from '#wire/csv/bar_breaks'
import { barTable, type BarTable } from '#wire/csv/bar_table'
import { faultsOf } from '#wire/csv/faults'
import { textOf } from '#wire/csv/rows'
import { DAILY_BARS, INTRADAY_BARS } from './data_folder.ts'
import { selected, toDailyBasis } from './market_basis.ts'

export interface MarketQuery {
  readonly folder: string
  /** All tickers where absent. */
  readonly tickers: ReadonlySet<string> | undefined
  readonly sinceMs: Millis
  readonly untilMs: Millis
  /** What is lost (10^-8) of the last close of a subject that falls silent while others of its file trade on. */
  readonly silentLoss: Fixed
}

export interface Market {
  /** Their tickers do not overlap in daily bars. */
  readonly tables: readonly BarTable[]
  /** Splits, dividends and ends of the daily bars' subjects. */
  readonly actions: readonly Signal[]
}

/** What was left out, and why, is logged. */
export function readMarket(query: MarketQuery, files: Pick<Folder, 'read' | 'list'>, log: Log, by: string): Market {
  const names = files.list(`${query.folder}/bars`)
  const daily: BarTable[] = []
  const covered = new Set<string>()
  for (const table of tablesOf(DAILY_BARS, names, query, files, log)) {
    const chosen = unbroken(only(table, (ticker) => !covered.has(ticker)), log)
    for (const ticker of chosen.ranges.keys()) covered.add(ticker)
    daily.push(chosen)
  }
  if (daily.length === 0) log.warn(`no daily bars in ${query.folder}/bars: nothing can be traded or judged`)
  const intraday = tablesOf(INTRADAY_BARS, names, query, files, log).map((table) => toDailyBasis(table, daily, log))
  return { tables: [...daily, ...intraday], actions: daily.flatMap((table) => [...actionsOf(table, query, by)]) }
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
  const rows: number[] = []
  for (const [ticker, [from, to]] of table.ranges) if (wanted(ticker)) for (let row = from; row < to; row++) rows.push(row)
  return selected(table, rows)
}

/** Without what comes after a jump that looks like a split which an as-traded file does not state. */
function unbroken(table: BarTable, log: Log): BarTable {
  const ends = new Map<number, number>()
  for (const { ticker, row, factor, before, after } of breaksOf(table)) {
    const place = table.tickerOf[row] ?? -1
    if (ends.has(place)) continue
    ends.set(place, row)
    const split = `${factor.p}:${factor.q}`
    log.warn(`${table.name}: ${ticker} ends before it goes from ${before} to ${after}, like a ${split} split that is not stated`)
  }
  if (ends.size === 0) return table
  const rows = Array.from({ length: table.length }, (_, row) => row)
  return selected(table, rows.filter((row) => row < (ends.get(table.tickerOf[row] ?? -1) ?? Infinity)))
}

/** A dividend or split is known at the open of its day, since whoever trades then sees it; an end when it has been silent for long enough. */
function* actionsOf(table: BarTable, { silentLoss, untilMs }: MarketQuery, by: string): Generator<Signal> {
  for (const action of table.hasActions ? statedActions(table) : inferredDividends(table)) yield toldAction(action, action.startMs, action.startMs, by)
  for (const ending of endings(table, untilMs, silentLoss)) yield toldAction(ending, ending.knownMs, ending.knownMs, by)
}
