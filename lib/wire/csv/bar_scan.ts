/** The scan of a file of bars, a row at a time. */
import { DAY_MS, MINUTE_MS, type Millis } from '#record'
import { isInSession } from '#domain/market/session'
import { priceFault } from '../bars/candle.ts'
import { dailyStart, epochTime, plainNumber, scanRow, timestamp, utcDay } from './bar_row.ts'
import type { BarFilter } from './bar_table.ts'
import type { Faults } from './faults.ts'
import { linesIn, splitRow, unclosed } from './rows.ts'

/** When a bar starts: a date, an instant with offset, or milliseconds since 1970. */
export type TimeColumn = 'date' | 'timestamp' | 'open_time_ms'
const TIME_COLUMNS = ['timestamp', 'open_time_ms', 'date'] as const

export const timeColumn = (columns: readonly string[]): TimeColumn | undefined => TIME_COLUMNS.find((name) => columns.includes(name))

/** Volume in shares, or in units of the base of a pair. */
export const volumeColumn = (columns: readonly string[]): string | undefined => ['volume', 'volume_base'].find((name) => columns.includes(name))

type Clock = Readonly<Record<TimeColumn, (text: string, from: number, to: number) => Millis>>
const NEW_YORK: Clock = { date: dailyStart, timestamp, open_time_ms: epochTime }
/** Markets that never close know no New York time: days are UTC, and a time without offset is none. */
const UTC: Clock = { date: utcDay, timestamp: (text, from, to) => (to - from === 19 ? NaN : timestamp(text, from, to)), open_time_ms: epochTime }

/** Until the year 2149. */
const MANY_DAYS = 1 << 16

/** One pass over the text: judges every row and keeps the columns of the good ones. */
export class BarScan {
  readonly text: string
  readonly name: string
  readonly columns: readonly string[]
  readonly filter: BarFilter
  readonly faults: Faults
  /** The column that says when a bar starts; bars with a `date` are daily. */
  readonly time: TimeColumn
  /** Its place among the cells. */
  readonly timeAt: number
  readonly volumeAt: number
  readonly clock: Clock[TimeColumn]
  readonly at: { readonly [column: string]: number }
  readonly ends: Int32Array
  readonly tickers: string[] = []
  readonly placeOf = new Map<string, number>()
  readonly steps = new Map<number, number>()
  offsets: Uint32Array
  startMs: Float64Array
  tickerOf: Uint32Array
  opens: Float64Array
  closes: Float64Array
  /** Closes adjusted for dividends too, where the file has them; empty where not. */
  adjusted: Float64Array
  length = 0
  sorted = true
  /** Days (UTC, from 1970) on which a bar of any ticker starts, wanted or not. */
  readonly days = new Uint8Array(MANY_DAYS)
  private place = -1
  private lastStart = NaN
  private readonly longestStepMs: Millis

  constructor(text: string, name: string, columns: readonly string[], filter: BarFilter, faults: Faults) {
    this.text = text
    this.name = name
    this.columns = columns
    this.filter = filter
    this.faults = faults
    this.time = timeColumn(columns) ?? 'date'
    this.timeAt = columns.indexOf(this.time)
    this.volumeAt = columns.indexOf(volumeColumn(columns) ?? '')
    this.clock = (filter.pair === undefined ? NEW_YORK : UTC)[this.time]
    this.at = Object.fromEntries(columns.map((column, place) => [column, place]))
    this.ends = new Int32Array(columns.length)
    // Overnight is no span of a stock's bars; a market that never closes has daily bars by the clock.
    this.longestStepMs = filter.pair === undefined ? DAY_MS - 1 : 7 * DAY_MS
    if (filter.pair !== undefined) this.tickers.push(filter.pair)
    const capacity = linesIn(text, 0, text.length) + 1
    this.offsets = new Uint32Array(capacity)
    this.startMs = new Float64Array(capacity)
    this.tickerOf = new Uint32Array(capacity)
    this.opens = new Float64Array(capacity)
    this.closes = new Float64Array(capacity)
    this.adjusted = new Float64Array(this.at['adj_close'] === undefined ? 0 : capacity)
  }

  scan(): void {
    const { text, ends } = this
    let line = 1
    for (let from = 0; from < text.length; line++) {
      const newline = text.indexOf('\n', from)
      const end = newline < 0 ? text.length : newline
      let next = end + 1
      const to = end > from && text.charCodeAt(end - 1) === 13 ? end - 1 : end
      const cells = line === 1 || to === from ? 0 : scanRow(text, from, to, ends)
      if (cells > 0) this.judge(text, from, from, cells, line)
      else if (cells < 0) {
        const split: string[] = []
        next = splitRow(text, from, split)
        if (next < 0) throw unclosed(this.name, line)
        const plain = split.map((cell) => cell.replaceAll(/[",\n]/g, ' ')).join(',')
        this.judge(plain, 0, from, scanRow(plain, 0, plain.length, ends), line)
        line += linesIn(text, from, next) - 1
      }
      from = next
    }
    this.trim()
  }

  private from(place: number, rowStart: number): number {
    return place === 0 ? rowStart : (this.ends[place - 1] ?? 0) + 1
  }

  private number(text: string, column: string, rowStart: number): number {
    const place = this.at[column] ?? -1
    return plainNumber(text, this.from(place, rowStart), this.ends[place] ?? 0)
  }

  /** Take the row whose cells end at `ends` in `text`, or leave it out and say why. */
  private judge(text: string, rowStart: number, offset: number, cells: number, line: number): void {
    if (cells !== this.columns.length) return this.faults.at(line, `expected ${this.columns.length} cells`)
    const place = this.ticker(text, rowStart)
    if (place === -2) return this.faults.at(line, 'expected a ticker')
    const startMs = this.clock(text, this.from(this.timeAt, rowStart), this.ends[this.timeAt] ?? 0)
    this.days[Math.floor(startMs / DAY_MS)] = 1
    if (place < 0) return
    if (!(startMs % MINUTE_MS === 0)) return this.faults.at(line, `column "${this.time}": expected a ${this.time} on a whole minute`)
    this.step(place, startMs)
    const { sinceMs = -Infinity, untilMs = Infinity, extended = false, pair } = this.filter
    if (startMs < sinceMs || startMs >= untilMs || !(this.time === 'date' || pair !== undefined || extended || isInSession(startMs))) return
    const open = this.number(text, 'open', rowStart), close = this.number(text, 'close', rowStart)
    const low = this.number(text, 'low', rowStart), high = this.number(text, 'high', rowStart)
    const fault = priceFault(open, high, low, close, plainNumber(text, this.from(this.volumeAt, rowStart), this.ends[this.volumeAt] ?? 0))
    if (fault !== undefined) return this.faults.at(line, fault)
    if (this.adjusted.length > 0) this.adjusted[this.length] = this.number(text, 'adj_close', rowStart)
    this.push(place, startMs, offset, open, close)
  }

  /** The place of the row's ticker; -1 where it is not wanted, -2 where there is none. */
  private ticker(text: string, rowStart: number): number {
    const column = this.at['ticker']
    if (column === undefined) return 0
    const from = this.from(column, rowStart), to = this.ends[column] ?? 0
    const last = this.tickers[this.place]
    if (last !== undefined && last.length === to - from && text.startsWith(last, from)) return this.place
    const ticker = text.slice(from, to).trim()
    if (ticker === '') return -2
    if (this.filter.tickers?.has(ticker) === false) return -1
    let place = this.placeOf.get(ticker)
    if (place === undefined) {
      place = this.tickers.push(ticker) - 1
      this.placeOf.set(ticker, place)
    }
    return place
  }

  /** How far bars stand apart, for the span: counted over the first rows, wanted or not. */
  private step(place: number, startMs: Millis): void {
    if (place === this.place && this.steps.size < 1000) {
      const stepMs = startMs - this.lastStart
      if (stepMs > 0 && stepMs <= this.longestStepMs) this.steps.set(stepMs, (this.steps.get(stepMs) ?? 0) + 1)
    }
    this.place = place
    this.lastStart = startMs
  }

  private push(place: number, startMs: Millis, offset: number, open: number, close: number): void {
    const row = this.length++
    if (row > 0) {
      const before = this.tickerOf[row - 1] ?? 0
      if (place < before || (place === before && startMs <= (this.startMs[row - 1] ?? 0))) this.sorted = false
    }
    this.offsets[row] = offset
    this.startMs[row] = startMs
    this.tickerOf[row] = place
    this.opens[row] = open
    this.closes[row] = close
  }

  /** Cut the columns to the rows there are. */
  private trim(): void {
    const { length } = this
    this.offsets = this.offsets.subarray(0, length)
    this.startMs = this.startMs.subarray(0, length)
    this.tickerOf = this.tickerOf.subarray(0, length)
    this.opens = this.opens.subarray(0, length)
    this.closes = this.closes.subarray(0, length)
    this.adjusted = this.adjusted.subarray(0, length)
  }

}
