/** Polygon's corporate actions: splits, dividends, changes of ticker and delistings, and the holidays that it announces. */
import type { Signal, Vanta } from '#record'
import { newYorkMillis } from '#domain/market/session'
import { actionSignal, dateOf, ratioOf } from '../bars/action.ts'
import type { Sheet } from '../bars/sheet.ts'
import { exactDecimal, exactId, exactList, exactNumber, exactObject, exactString, type ExactObject } from '../json_exact.ts'
import { signalOf } from '../signal.ts'

type Row = ExactObject
type ReadRow = (place: string, row: Row, sheet: Sheet) => Signal | undefined

/** https://polygon.io/docs/stocks/get_v3_reference_splits */
const splitOf: ReadRow = (place, row, sheet) => {
  const fresh = exactDecimal(row['split_to']), old = exactDecimal(row['split_from'])
  const ratio = ratioOf(fresh, old)
  if (ratio === undefined) return void sheet.reject(place, 'a split without its ratio')
  return actionSignal(sheet, place, {
    type: 'split', service: 'polygon', id: exactId(row['id']), symbol: exactString(row['ticker']), day: exactString(row['execution_date']),
    facts: { form: exactString(row['adjustment_type']), new_rate: fresh, old_rate: old, ratio },
  })
}

/** https://polygon.io/docs/stocks/get_v3_reference_dividends */
const dividendOf: ReadRow = (place, row, sheet) => {
  const cash = exactDecimal(row['cash_amount'])
  if (cash === undefined) return void sheet.reject(place, 'a dividend without its amount')
  return actionSignal(sheet, place, {
    type: 'dividend', service: 'polygon', id: exactId(row['id']), symbol: exactString(row['ticker']), day: exactString(row['ex_dividend_date']),
    declared: exactString(row['declaration_date']),
    facts: {
      form: 'cash', cash, currency: exactString(row['currency']), dividend_type: exactString(row['dividend_type']),
      frequency: exactNumber(row['frequency']),
      record_date: dateOf(exactString(row['record_date'])), payable_date: dateOf(exactString(row['pay_date'])),
    },
  })
}

/** https://polygon.io/docs/stocks/get_v3_reference_tickers: what is listed is no news, what no longer is was delisted. */
const delistingOf: ReadRow = (place, row, sheet) => {
  const until = exactString(row['delisted_utc'])
  if (until === undefined) return void sheet.reject(place, 'a listed ticker, to which nothing happened')
  return actionSignal(sheet, place, {
    type: 'delisting', service: 'polygon', id: undefined, symbol: exactString(row['ticker']), day: until,
    facts: {
      name: exactString(row['name']), exchange: exactString(row['primary_exchange']), cik: exactString(row['cik']),
      figi: exactString(row['composite_figi']),
    },
  })
}

const READERS: readonly (readonly [is: (row: Row) => boolean, read: ReadRow])[] = [
  [(row) => 'execution_date' in row && 'split_to' in row, splitOf],
  [(row) => 'ex_dividend_date' in row && 'cash_amount' in row, dividendOf],
  [(row) => 'ticker' in row && 'market' in row && 'locale' in row, delistingOf],
]

/** Rows of one of these kinds; undefined where it has none. */
export function polygonActions(answer: ExactObject, sheet: Sheet): Iterable<Vanta> | undefined {
  const one = exactObject(answer['results'])
  if (one !== undefined && exactList(one['events']) !== undefined) return tickerChanges(one, sheet)
  const rows = exactList(answer['results'])?.map(exactObject) ?? (one === undefined ? [] : [one])
  const reader = READERS.find(([is]) => rows.some((row) => row !== undefined && is(row)))
  return reader === undefined ? undefined : rowsBy(rows, reader[1], sheet)
}

function* rowsBy(rows: readonly (Row | undefined)[], read: ReadRow, sheet: Sheet): Generator<Signal> {
  for (const [i, row] of rows.entries()) {
    const signal = row === undefined ? void sheet.reject(`result ${i + 1}`, 'expected an object') : read(`result ${i + 1}`, row, sheet)
    if (signal !== undefined) yield signal
  }
}

/** The tickers of one company, in any order (GET /vX/reference/tickers/{id}/events): each but the first took the place of the one before. */
function* tickerChanges(company: ExactObject, sheet: Sheet): Generator<Signal> {
  const events: { readonly ticker: string; readonly date: string; readonly place: string }[] = []
  for (const [i, value] of (exactList(company['events']) ?? []).entries()) {
    const event = exactObject(value), change = exactObject(event?.['ticker_change']), place = `event ${i + 1}`
    const ticker = exactString(change?.['ticker']), date = dateOf(exactString(event?.['date']))
    if (ticker === undefined || date === undefined) sheet.reject(place, 'expected a change of ticker with its date')
    else events.push({ ticker, date, place })
  }
  events.sort((a, b) => (a.date < b.date ? -1 : a.date > b.date ? 1 : 0))
  for (const [i, { ticker, date, place }] of events.entries()) {
    const before = events[i - 1]
    if (before === undefined) {
      sheet.reject(place, 'the first ticker, which took the place of none')
      continue
    }
    const signal = actionSignal(sheet, place, {
      type: 'symbol_change', service: 'polygon', symbol: before.ticker, day: date,
      facts: {
        old_symbol: before.ticker, new_symbol: ticker, name: exactString(company['name']), cik: exactString(company['cik']),
        figi: exactString(company['composite_figi']),
      },
    })
    if (signal !== undefined) yield signal
  }
}

export const isHoliday = (row: ExactObject | undefined): row is ExactObject =>
  row !== undefined && 'exchange' in row && 'date' in row && /^(closed|early-close|open)$/.test(exactString(row['status']) ?? '')

/** Holidays and early closes to come (GET /v1/marketstatus/upcoming). */
export function* polygonHolidays(rows: readonly (ExactObject | undefined)[], sheet: Sheet): Generator<Signal> {
  for (const [i, row] of rows.entries()) {
    const date = dateOf(exactString(row?.['date'])), exchange = exactString(row?.['exchange']), status = exactString(row?.['status'])
    const atMs = date === undefined ? undefined : newYorkMillis(date, 9, 30)
    if (row === undefined || date === undefined || atMs === undefined || exchange === undefined || status === undefined) {
      sheet.reject(`holiday ${i + 1}`, 'expected an exchange, a date and a status')
      continue
    }
    yield signalOf({
      type: 'market_holiday', key: `polygon:holiday:${exchange}:${date}`, source: 'polygon/market_holidays', atMs,
      knownMs: Math.min(atMs, sheet.payload.heardMs),
      facts: { exchange, date, status, name: exactString(row['name']), open: exactString(row['open']), close: exactString(row['close']) },
    }, sheet.by)
  }
}
