/**
 * Bars of a CSV file as columns: what a reader sorts, joins and checks by stands in typed arrays, the exact text of a row is cut
 * from the file when it is asked for. A million rows so cost some 40 MB beside the text itself, a fraction of as many objects.
 */
import { DAY_MS, HOUR_MS, MINUTE_MS, formatDuration, type Millis } from '#record'
import { Failure } from '#port/failure'
import { CLOSE_MINUTE, OPEN_MINUTE, closeMinuteOf } from '#domain/market/calendar'
import { newYorkOffset } from '#domain/market/session'
import { subjectOf, type Basis, type Candle } from '../bars/candle.ts'
import { BarScan, timeColumn, volumeColumn } from './bar_scan.ts'
import type { Faults } from './faults.ts'
import { cellAt, linesIn, openCsv, splitRow } from './rows.ts'

export interface BarFilter {
  /** Only these; all where absent. */
  readonly tickers?: ReadonlySet<string> | undefined
  /** Only bars that start at or after this moment. */
  readonly sinceMs?: Millis | undefined
  /** Only bars that start before this moment. */
  readonly untilMs?: Millis | undefined
  /** Also bars outside the regular session, 09:30 to 16:00 New York. */
  readonly extended?: boolean | undefined
  /** Of what the bars are, where the file has no column `ticker`: a pair such as `BTC/USDT`, whose market never closes. */
  readonly pair?: string | undefined
  /** By the file's name and columns where absent. */
  readonly basis?: Basis | undefined
  /** The kept payload that they stand in, noted on every record. */
  readonly raw?: string | undefined
}

export interface BarRow extends Candle {
  /** New shares per old share as of this day, where the file says so; "1" on most days. */
  readonly splitCoefficient?: string
  /** Cash per share that this day's buyers no longer get, where the file says so; "0" on most days. */
  readonly dividend?: string
  /** The close adjusted for all splits and dividends that the maker of the file knew of. */
  readonly adjClose?: string
}

/** Rows stand sorted by ticker (in the file's order of tickers), then start; no (ticker, start) twice. */
export interface BarTable {
  readonly name: string
  readonly source: string
  readonly span: string
  readonly basis: Basis
  readonly length: number
  readonly tickers: readonly string[]
  /** Where each ticker's rows stand: from, and the place after the last. */
  readonly ranges: ReadonlyMap<string, readonly [number, number]>
  readonly startMs: Float64Array
  /** Place in `tickers`, by row. */
  readonly tickerOf: Uint32Array
  /** Prices as doubles, for ratios only; the exact text is in the row. */
  readonly opens: Float64Array
  readonly closes: Float64Array
  /** Closes adjusted for dividends too; empty where the file has none. */
  readonly adjusted: Float64Array
  /** Whether rows say splits or dividends. */
  readonly hasActions: boolean
  /** Whether any ticker of the file, wanted or not, has a bar that starts on a day after that of one moment and until that of another. */
  anyBetween(afterMs: Millis, untilMs: Millis): boolean
  endMs(row: number): Millis
  row(row: number): BarRow
  /** The volume of a row alone, for less than the whole row costs. */
  volume(row: number): string
}

const PRICES = ['open', 'high', 'low', 'close'] as const

/** Prices of these files are adjusted for later splits, or are as they were traded; by the start of the file's name. */
const BASIS_BY_NAME: readonly (readonly [string, Basis])[] = [
  ['daily_us', 'split_adjusted'], ['daily_insider_smallcaps', 'split_adjusted'], ['daily_finnhub', 'split_adjusted'],
  ['spy_daily_adj', 'split_adjusted'], ['daily_delisted', 'as_traded'], ['etf_daily', 'as_traded'], ['meme_daily', 'as_traded'],
  ['hourly', 'as_traded'], ['minute', 'as_traded'],
]

/** By the name where it is known; else a file with `adj_close` and no split column is taken for Yahoo's, which is adjusted. */
function basisOf(stem: string, columns: readonly string[]): Basis {
  const known = BASIS_BY_NAME.find(([start]) => stem.startsWith(start))
  if (known !== undefined) return known[1]
  return columns.includes('adj_close') && !columns.includes('split_coefficient') ? 'split_adjusted' : 'as_traded'
}

/** `x/daily_us.csv.gz` → `daily_us`; standard input is `stdin`. */
export function stemOf(name: string): string {
  const stem = name.slice(name.lastIndexOf('/') + 1).replace(/(\.csv)?(\.gz)?$/, '')
  return stem === '-' || stem === '' ? 'stdin' : stem
}

/**
 * Read a file of bars: a header with `ticker` (else a pair is needed), `open`, `high`, `low`, `close`, `volume` (or `volume_base`) and `date`
 * (daily), `timestamp` or `open_time_ms` (the bar's start). Rows that cannot be are named as faults and left out. Throws Failure `data` where
 * it is no such file.
 */
export function barTable(text: string, name: string, filter: BarFilter, faults: Faults): BarTable {
  const { columns } = openCsv(text, name)
  const hasTicker = columns.includes('ticker')
  const missing: string[] = [...(hasTicker || filter.pair !== undefined ? [] : ['ticker']), ...PRICES.filter((column) => !columns.includes(column))]
  if (volumeColumn(columns) === undefined) missing.push('volume')
  if (timeColumn(columns) === undefined) missing.push('date or timestamp')
  if (missing.length === 1 && missing[0] === 'ticker') throw new Failure('data', `${name}:1: it does not say of what the bars are: --pair says it`)
  if (missing.length > 0) throw new Failure('data', `${name}:1: no bars here, the header lacks ${missing.join(', ')}`)
  const scan = new BarScan(text, name, columns, hasTicker ? { ...filter, pair: undefined } : filter, faults)
  scan.scan()
  const kept = inOrder(scan)
  const table = tableOf(scan, kept, filter.basis ?? basisOf(stemOf(name), columns))
  faults.done(table.length)
  return table
}

/** The rows of a table, one after another. */
export function* rowsOf(table: BarTable): Generator<BarRow> {
  for (let row = 0; row < table.length; row++) yield table.row(row)
}

/**
 * Places in the scan's columns by ticker, then start, where they do not stand so already; the first of rows with the same
 * start stays, the others are named.
 */
function inOrder(scan: BarScan): Uint32Array | undefined {
  const { startMs, tickerOf, length } = scan
  if (scan.sorted) return undefined
  const order = new Uint32Array(length)
  for (let i = 0; i < length; i++) order[i] = i
  const compare = (a: number, b: number): number =>
    (tickerOf[a] ?? 0) - (tickerOf[b] ?? 0) || (startMs[a] ?? 0) - (startMs[b] ?? 0) || a - b
  order.sort(compare)
  let kept = 0
  for (const place of order) {
    const last = order[kept - 1]
    if (kept > 0 && last !== undefined && tickerOf[last] === tickerOf[place] && startMs[last] === startMs[place]) {
      const line = linesIn(scan.text, 0, scan.offsets[place] ?? 0) + 1
      scan.faults.at(line, 'a second bar for the same start')
    } else order[kept++] = place
  }
  return order.slice(0, kept)
}

function tableOf(scan: BarScan, order: Uint32Array | undefined, basis: Basis): BarTable {
  const { text, columns, tickers, filter: { pair, raw } } = scan
  const spanMs = scan.time === 'date' && pair === undefined ? undefined : spanOf(scan.steps)
  const span = spanMs === undefined ? '1d' : formatDuration(spanMs)
  const offsets = pick(scan.offsets, order), tickerOf = pick(scan.tickerOf, order), startMs = pick(scan.startMs, order)
  const source = `bars/${stemOf(scan.name)}`
  const subjects = tickers.map(subjectOf)
  const [open = -1, high = -1, low = -1, close = -1] = PRICES.map((price) => columns.indexOf(price))
  const volume = scan.volumeAt, split = columns.indexOf('split_coefficient'), dividend = columns.indexOf('dividend_amount')
  const adjusted = columns.indexOf('adj_close')
  const endMs = pair === undefined
    ? (row: number): Millis => endOf(startMs[row] ?? NaN, spanMs)
    : (row: number): Millis => (startMs[row] ?? NaN) + (spanMs ?? DAY_MS)
  return {
    name: scan.name, source, span, basis, length: startMs.length, tickers, startMs, tickerOf, endMs,
    hasActions: split >= 0 || dividend >= 0,
    anyBetween: (afterMs, untilMs) => scan.days.subarray(Math.floor(afterMs / DAY_MS) + 1, Math.floor(untilMs / DAY_MS) + 1).includes(1),
    ranges: rangesOf(tickers, tickerOf),
    opens: pick(scan.opens, order),
    closes: pick(scan.closes, order),
    adjusted: scan.adjusted.length === 0 ? scan.adjusted : pick(scan.adjusted, order),
    volume: (row) => cellAt(text, offsets[row] ?? 0, volume),
    row(row) {
      const cells: string[] = []
      splitRow(text, offsets[row] ?? 0, cells)
      const bar: BarRow = {
        subject: subjects[tickerOf[row] ?? -1] ?? '', startMs: startMs[row] ?? NaN, endMs: endMs(row),
        open: cells[open] ?? '', high: cells[high] ?? '', low: cells[low] ?? '', close: cells[close] ?? '',
        volume: cells[volume] ?? '', span, basis, source, raw,
      }
      if (split < 0 && dividend < 0 && adjusted < 0) return bar
      return {
        ...bar,
        ...(adjusted >= 0 && { adjClose: cells[adjusted] ?? '' }),
        ...(split + dividend > -2 && { splitCoefficient: cells[split] ?? '1', dividend: cells[dividend] ?? '0' }),
      }
    },
  }
}

/** The kept places of a column; all of them, as they stand, where no order is given. */
function pick<C extends Float64Array | Uint32Array>(column: C, order: Uint32Array | undefined): C {
  if (order === undefined) return column
  const picked = column.slice(0, order.length) as C
  for (let i = 0; i < order.length; i++) picked[i] = column[order[i] ?? 0] ?? NaN
  return picked
}

function rangesOf(tickers: readonly string[], tickerOf: Uint32Array): Map<string, readonly [number, number]> {
  const ranges = new Map<string, readonly [number, number]>()
  for (let from = 0; from < tickerOf.length;) {
    const place = tickerOf[from] ?? 0
    let to = from + 1
    while (to < tickerOf.length && tickerOf[to] === place) to++
    ranges.set(tickers[place] ?? '', [from, to])
    from = to
  }
  return ranges
}

/** The commonest distance between bars: the odd half hour at open and close is rarer. */
function spanOf(steps: ReadonlyMap<number, number>): Millis {
  let spanMs = HOUR_MS
  let most = 0
  for (const [stepMs, count] of steps) {
    if (count > most) {
      most = count
      spanMs = stepMs
    }
  }
  return spanMs
}

/**
 * A daily bar ends with its session, at 16:00 where the calendar knows of none; another after its span, but at the session's open or close
 * where it would run across it.
 */
export function endOf(startMs: Millis, spanMs: Millis | undefined): Millis {
  // Clocks change at 02:00, so the offset of any bar of the day is that of its session.
  const localMs = startMs + newYorkOffset(startMs)
  const day = Math.floor(localMs / DAY_MS)
  const midnightMs = startMs - (localMs - day * DAY_MS)
  const closeMs = midnightMs + (closeMinuteOf(day) ?? CLOSE_MINUTE) * MINUTE_MS
  if (spanMs === undefined) return closeMs
  const endMs = startMs + spanMs
  const openMs = midnightMs + OPEN_MINUTE * MINUTE_MS
  if (startMs < openMs) return Math.min(endMs, openMs)
  return startMs < closeMs ? Math.min(endMs, closeMs) : endMs
}
