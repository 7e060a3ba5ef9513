/** Tables of short sales and of prints, told by their columns: FINRA's daily files and ATS lists, Reg SHO by venue, TAQ, AlgoSeek ticks. */
import { HOUR_MS, MINUTE_MS, type Millis } from '#record'
import { formatFixed, parseFixed } from '#domain/money/decimal'
import { newYorkMillis } from '#domain/market/session'
import { correctionOf, letterConditions, maskConditions } from '#domain/market/sale_condition'
import { readMoment } from '../dates.ts'
import { countOf, decimalOf } from '../json_fields.ts'
import { dayText } from '../market_day.ts'
import { symbolSubject, type Context, type Row } from './found.ts'
import { shortVolumeSignal, type ShortVolume } from './short_volume.ts'
import { weeklySignal } from './weekly.ts'

/** One row of a table; an absent column is an empty cell. */
export interface TableRow {
  readonly line: number
  cell(column: string): string
}

export interface ShareTable {
  readonly columns: readonly string[]
  row(row: TableRow, context: Context): Row
}

const OFF_EXCHANGE = 'D'
const NO_SYMBOL = 'it names no symbol'

/** A row of short sales as a signal, or what is wrong with it. */
function shortRow(of: Omit<ShortVolume, 'date'> & { readonly date: string | undefined }, context: Context): Row {
  if (of.date === undefined) return 'it has no date'
  const signal = shortVolumeSignal({ ...of, date: of.date }, context)
  return typeof signal === 'string' ? signal : { signal }
}

/**
 * FINRA's daily short sale volume file, pipes between the cells: `Date|Symbol|ShortVolume|ShortExemptVolume|TotalVolume|Market`, before 2011
 * without the exempt volume. Market holds the letters of the facilities; a cell with a stray quote is cut off and says nothing.
 */
const finraDaily: ShareTable = {
  columns: ['Date', 'Symbol', 'ShortVolume', 'TotalVolume'],
  row(row, context) {
    const subject = symbolSubject(row.cell('Symbol'))
    if (subject === undefined) return NO_SYMBOL
    const markets = /^[A-Z](?:,[A-Z])*$/.test(row.cell('Market')) ? row.cell('Market') : undefined
    return shortRow({
      service: 'finra', subject, of: markets, date: dayText(row.cell('Date')), short: decimalOf(row.cell('ShortVolume')) ?? '',
      exempt: decimalOf(row.cell('ShortExemptVolume')), total: decimalOf(row.cell('TotalVolume')) ?? '', facts: { markets, off_exchange: true },
    }, context)
  },
}

/** The same numbers under other names, as collectors keep them. */
const keptDaily: ShareTable = {
  columns: ['date', 'ticker', 'short_vol', 'exempt_vol', 'total_vol', 'market'],
  row: (row, context) => finraDaily.row({
    line: row.line,
    cell: (column) => row.cell({
      Date: 'date', Symbol: 'ticker', ShortVolume: 'short_vol', ShortExemptVolume: 'exempt_vol', TotalVolume: 'total_vol', Market: 'market',
    }[column] ?? ''),
  }, context),
}

/** Reg SHO volume by venue: FINRA's facilities (`TRF_`, `ADF`, `ORF`) beside the exchanges (`EX_`). */
const regSho: ShareTable = {
  columns: ['date', 'symbol', 'venue', 'short_volume', 'total_volume'],
  row(row, context) {
    const subject = symbolSubject(row.cell('symbol')), venue = row.cell('venue')
    if (subject === undefined) return NO_SYMBOL
    if (venue === '') return 'it names no venue'
    return shortRow({
      service: 'regsho', subject, of: venue, date: dayText(row.cell('date')), short: decimalOf(row.cell('short_volume')) ?? '',
      exempt: decimalOf(row.cell('short_exempt_volume')), total: decimalOf(row.cell('total_volume')) ?? '',
      facts: { venue, market: row.cell('market') || undefined, off_exchange: /^(TRF|ADF|ORF)/.test(venue) },
    }, context)
  },
}

/** NYSE Daily TAQ: clock times of New York, letters as conditions, the correction indicator of the tape. */
const taq: ShareTable = {
  columns: ['time_et', 'ex', 'symbol', 'cond', 'size', 'price', 'corr'],
  row(row, { before }) {
    const atMs = readMoment(`${row.cell('time_et')} ET`)?.ms, subject = symbolSubject(row.cell('symbol'))
    const price = decimalOf(row.cell('price')), shares = decimalOf(row.cell('size')), exchange = row.cell('ex')
    if (subject === undefined) return NO_SYMBOL
    if (atMs === undefined) return 'it has no time'
    if (price === undefined || shares === undefined || exchange === '') return 'it lacks a price, a size or an exchange'
    const letters = row.cell('cond').trim()
    const name = ['taq', subject.slice(7), row.cell('time_et').replace(' ', 'T'), exchange, price, shares, letters.replaceAll(' ', '_')].join(':')
    return {
      print: {
        service: 'taq', key: `${name}:${before(name)}`, subject, atMs, knownMs: atMs, price, shares,
        exchange, offExchange: exchange === OFF_EXCHANGE ? 'exchange' : undefined, conditions: letters, meanings: letterConditions(letters),
        correction: correctionOf(row.cell('corr')), facts: {},
      },
    }
  },
}

/** AlgoSeek ticks as Lean keeps them: a file is of one stock and one day, and names neither. */
const algoSeek: ShareTable = {
  columns: ['ms', 'price_e4', 'size', 'exchange', 'cond'],
  row(row, { symbol, date, before }) {
    const subject = symbolSubject(symbol)
    if (subject === undefined || date === undefined) return 'ticks that name neither stock nor day: --symbol and --date say them'
    const ms = countOf(row.cell('ms')), atMs = ms === undefined ? undefined : newYorkClock(date, ms)
    const tenThousandths = parseFixed(row.cell('price_e4')), shares = decimalOf(row.cell('size')), exchange = row.cell('exchange')
    const meanings = maskConditions(row.cell('cond'))
    if (atMs === undefined) return 'it has no time'
    if (tenThousandths === undefined || shares === undefined || exchange === '') return 'it lacks a price, a size or an exchange'
    if (meanings === undefined) return 'its conditions are no mask'
    const name = ['algoseek', subject.slice(7), date, row.cell('ms'), exchange, row.cell('price_e4'), shares, row.cell('cond')].join(':')
    return {
      print: {
        service: 'algoseek', key: `${name}:${before(name)}`, subject, atMs, knownMs: atMs,
        price: formatFixed(tenThousandths / 10_000n), shares, exchange, offExchange: exchange === OFF_EXCHANGE ? 'exchange' : undefined,
        conditions: row.cell('cond'), meanings, correction: undefined,
        facts: { suspicious: row.cell('suspicious') === '1' ? true : undefined },
      },
    }
  },
}

const DAY_END_MS = 24 * HOUR_MS

const newYorkClock = (date: string, ms: Millis): Millis | undefined => (ms >= DAY_END_MS
  ? undefined
  : newYorkMillis(date, Math.floor(ms / HOUR_MS), Math.floor((ms % HOUR_MS) / MINUTE_MS), (ms % MINUTE_MS) / 1000))

/** The ATS list as the interface gives it where JSON is not asked for. */
const finraWeekly: ShareTable = {
  columns: ['issueSymbolIdentifier', 'totalWeeklyShareQuantity'],
  row: (row, context) => weeklySignal((name) => row.cell(name) || undefined, context),
}

export const SHARE_TABLES: readonly ShareTable[] = [finraDaily, keptDaily, regSho, taq, algoSeek, finraWeekly]
