/** Calendars of companies and exchanges: dividends (Nasdaq), flotations and earnings (Finnhub), holidays (Polygon). */
import type { Millis, Signal } from '#record'
import type { Reading } from '#port/payload'
import { newYorkMillis, sessionOpen } from '#domain/market/session'
import { readMillis } from '../dates.ts'
import { exactDecimal, exactId, exactList, exactObject, exactString, type Exact, type ExactObject } from '../json_exact.ts'
import { signalOf, type Facts, type Hearing } from '../signal.ts'

/** One calendar: where its rows are, and what each is. */
interface Calendar {
  rows(value: Exact): readonly Exact[] | undefined
  read(row: ExactObject, hearing: Hearing): Signal | undefined
}

const text = (row: ExactObject, name: string): string | undefined => {
  const value = exactString(row[name])?.trim()
  return value === undefined || value === '' || /^(N\/A|--?)$/i.test(value) ? undefined : value
}
/** Money may come with its sign. */
const decimal = (row: ExactObject, name: string): string | undefined => {
  const value = row[name]
  return exactDecimal(typeof value === 'string' ? value.trim().replace(/^\$/, '') : value)
}
const subjectOf = (symbol: string | undefined): string | undefined =>
  symbol !== undefined && /^[A-Z0-9.\-^/]{1,12}$/.test(symbol) ? `ticker:${symbol}` : undefined
/** `01/11/2022` → `2022-01-11`. */
const isoDate = (date: string | undefined): string | undefined => {
  const [, month, day, year] = /^(\d\d?)\/(\d\d?)\/(\d{4})$/.exec(date ?? '') ?? []
  const iso = `${year ?? ''}-${(month ?? '').padStart(2, '0')}-${(day ?? '').padStart(2, '0')}`
  return newYorkMillis(iso, 0, 0) === undefined ? undefined : iso
}
const endOfDay = (date: string | undefined): Millis | undefined => (date === undefined ? undefined : newYorkMillis(date, 24, 0))

const DIVIDENDS: Calendar = {
  rows: (value) => {
    const calendar = exactObject(exactObject(exactObject(value)?.['data'])?.['calendar'])
    return exactObject(calendar?.['headers'])?.['dividend_Ex_Date'] === undefined ? undefined : (exactList(calendar?.['rows']) ?? [])
  },
  read: (row, { by, heardMs }) => {
    const symbol = text(row, 'symbol'), date = isoDate(text(row, 'dividend_Ex_Date')), announced = isoDate(text(row, 'announcement_Date'))
    const atMs = date === undefined ? undefined : sessionOpen(date)
    if (symbol === undefined || atMs === undefined) return undefined
    return signalOf({
      type: 'dividend', key: `nasdaq:dividend/${symbol}/${date ?? ''}`, source: 'calendar/nasdaq', subject: subjectOf(symbol), atMs,
      // Announced on a day, at an hour that is not said: by its end.
      knownMs: Math.min(heardMs, endOfDay(announced) ?? heardMs),
      facts: {
        name: text(row, 'companyName'), ex_date: date, amount: decimal(row, 'dividend_Rate'), annual: decimal(row, 'indicated_Annual_Dividend'),
        record_date: isoDate(text(row, 'record_Date')), payment_date: isoDate(text(row, 'payment_Date')), announced,
      },
    }, by)
  },
}

/** On a date without a time: at the opening of the session. */
function dated(type: string, key: string, row: ExactObject, facts: Facts, actual: boolean, { by, heardMs }: Hearing): Signal | undefined {
  const date = text(row, 'date'), symbol = text(row, 'symbol')
  const atMs = date === undefined ? undefined : sessionOpen(date)
  if (atMs === undefined) return undefined
  const knownMs = actual ? Math.max(heardMs, atMs) : heardMs
  const said = { type, key: `finnhub:${type}/${key}`, source: 'calendar/finnhub', subject: subjectOf(symbol), atMs, knownMs }
  return signalOf({ ...said, facts: { date, ...facts } }, by)
}

const IPOS: Calendar = {
  rows: (value) => exactList(exactObject(value)?.['ipoCalendar']),
  read: (row, hearing) => {
    const name = text(row, 'name'), symbol = text(row, 'symbol')
    if (name === undefined) return undefined
    return dated('ipo', name, row, {
      name, symbol, exchange: text(row, 'exchange'), status: text(row, 'status'), price: text(row, 'price'),
      shares: decimal(row, 'numberOfShares'), value: decimal(row, 'totalSharesValue'),
    }, false, hearing)
  },
}

const EARNINGS: Calendar = {
  rows: (value) => exactList(exactObject(value)?.['earningsCalendar']),
  read: (row, hearing) => {
    const symbol = text(row, 'symbol'), year = exactId(row['year']), quarter = exactId(row['quarter'])
    if (symbol === undefined || year === undefined || quarter === undefined) return undefined
    const actual = decimal(row, 'epsActual')
    return dated('earnings', `${symbol}/${year}Q${quarter}`, row, {
      quarter: `${year}Q${quarter}`, hour: text(row, 'hour'), eps_forecast: decimal(row, 'epsEstimate'), eps: actual,
      revenue_forecast: decimal(row, 'revenueEstimate'), revenue: decimal(row, 'revenueActual'),
    }, actual !== undefined, hearing)
  },
}

const isHoliday = (value: Exact): boolean => {
  const row = exactObject(value)
  return row?.['exchange'] !== undefined && row['date'] !== undefined && row['status'] !== undefined
}
const HOLIDAYS: Calendar = {
  rows: (value) => {
    const rows = exactList(value)
    return rows?.some(isHoliday) === true ? rows : undefined
  },
  read: (row, { by, heardMs }) => {
    const exchange = text(row, 'exchange'), date = text(row, 'date')
    const atMs = date === undefined ? undefined : newYorkMillis(date, 0, 0)
    if (exchange === undefined || atMs === undefined) return undefined
    const instant = (name: string): string | undefined => {
      const ms = readMillis(text(row, name) ?? '')
      return ms === undefined ? undefined : new Date(ms).toISOString()
    }
    return signalOf({
      type: 'holiday', key: `polygon:holiday/${exchange}/${date ?? ''}`, source: 'calendar/polygon', subject: `market:${exchange}`,
      atMs, knownMs: heardMs,
      facts: { name: text(row, 'name'), date, status: text(row, 'status'), opens: instant('open'), closes: instant('close') },
    }, by)
  },
}

const CALENDARS: readonly Calendar[] = [DIVIDENDS, IPOS, EARNINGS, HOLIDAYS]

/** Undefined where the value is none of these calendars. */
export function corporateSignals(value: Exact, hearing: Hearing, reading: Reading): Signal[] | undefined {
  for (const calendar of CALENDARS) {
    const rows = calendar.rows(value)
    if (rows === undefined) continue
    if (rows.length === 0) reading.reject('calendar', 'a calendar without entries')
    return rows.flatMap((each, i) => {
      const signal = calendar.read(exactObject(each) ?? {}, hearing)
      if (signal === undefined) reading.reject(`entry ${i + 1}`, 'no name or no date')
      return signal === undefined ? [] : [signal]
    })
  }
  return undefined
}
