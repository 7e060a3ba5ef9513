/**
 * Lists of 13F holdings, one a row, over managers and quarters. Where the filing date is blank they are known from the last day on which
 * the report was due: 45 days after the quarter's end, or the next day that is no holiday (Rule 13f-1 under the Exchange Act).
 */
import { DAY_MS, dayOf, formatInstant, parseInstant, type Millis, type Signal } from '#record'
import type { Payload, Reading } from '#port/payload'
import { tickerOfCusip } from '#domain/lookup/cusips'
import { tradingDayFrom } from '#domain/market/calendar'
import type { Csv } from '../csv/rows.ts'
import { compact, contentKey, dateText, decimalText, filedBy, filingSignal, latestClose, stated, tickerSubject } from './facts.ts'
import { cusipOf, valueFacts } from './thirteenf.ts'
import { valueUnit } from './thirteenf_unit.ts'

const COLUMNS = ['period_end', 'manager_cik', 'issuer', 'shares', 'value']
export const isHoldingsList = ({ columns }: Csv): boolean => COLUMNS.every((column) => columns.includes(column))

/** After the end of the quarter. */
const DAYS = 45

interface Row {
  readonly line: number
  readonly period: string
  readonly filed: string | undefined
  readonly cik: string
  readonly manager: string | undefined
  readonly cusip: string | undefined
  readonly ticker: string | undefined
  readonly issuer: string | undefined
  readonly class: string | undefined
  readonly amount: string | undefined
  readonly value: string | undefined
}

/** One `form13f` signal a row. Values are in the unit that the prices of the whole report give: such lists mix USD and thousands. */
export function readHoldings(csv: Csv, { heardMs, raw }: Payload, reading: Reading): Signal[] {
  const reports = new Map<string, Row[]>()
  for (const row of csv.rows()) {
    const period = dateText(row.cell('period_end')), cik = row.cell('manager_cik')
    if (!row.whole || period === undefined || !/^\d{1,10}$/.test(cik)) {
      reading.reject(`row ${row.line}`, 'no period, or no manager')
      continue
    }
    const read: Row = {
      line: row.line, period, filed: dateText(row.cell('filing_date')), cik: cik.padStart(10, '0'), manager: stated(row.cell('manager')),
      cusip: cusipOf(row.cell('cusip')), ticker: stated(row.cell('ticker')), issuer: stated(row.cell('issuer')), class: stated(row.cell('class')),
      amount: decimalText(row.cell('shares')), value: decimalText(row.cell('value')),
    }
    const report = `${read.cik} ${period}`
    const rows = reports.get(report)
    if (rows === undefined) reports.set(report, [read])
    else rows.push(read)
  }
  return [...reports.values()].flatMap((rows) => reportSignals(rows, heardMs, raw, reading))
    .sort((a, b) => (a.known_at < b.known_at ? -1 : a.known_at > b.known_at ? 1 : 0))
}

function reportSignals(rows: readonly Row[], heardMs: Millis, raw: string | undefined, reading: Reading): Signal[] {
  // The date does not tell: whoever made the list has multiplied most of them.
  const unit = valueUnit(rows, Infinity)
  const times = new Map<string, number>()
  return rows.flatMap((row) => {
    const { line, period, filed, cik, manager, cusip, amount, value } = row
    const ticker = tickerSubject(row.ticker) ?? (cusip === undefined ? undefined : tickerSubject(tickerOfCusip(cusip)))
    const what = `${cusip ?? ''} ${row.issuer ?? ''} ${row.class ?? ''} ${amount ?? ''} ${value ?? ''}`
    if (what.trim() === '') {
      reading.reject(`row ${line}`, 'a holding of nothing')
      return []
    }
    // Lots of one security that are alike, held under several discretions.
    const time = (times.get(what) ?? 0) + 1
    times.set(what, time)
    return [filingSignal({
      type: 'form13f', key: `13f:${cik}:${period}:${contentKey(what)}${time === 1 ? '' : `#${time}`}`, source: 'sec/holdings', raw,
      author: `sec:${cik}`,
      subject: ticker ?? (cusip === undefined ? undefined : `cusip:${cusip}`),
      atMs: latestClose([period]) ?? heardMs, knownMs: (filed === undefined ? dueMs(period) : filedBy(filed)) ?? heardMs,
      facts: compact({
        manager_cik: cik, manager, period, filed, known_from: filed === undefined ? 'due date' : undefined, cusip,
        issuer: row.issuer, class: row.class, amount, ...valueFacts(value, unit),
      }),
    }, reading.by)]
  })
}

/** 22:00 New York on the last day for the report. */
function dueMs(period: string): Millis | undefined {
  const endMs = parseInstant(`${period}T00:00:00Z`)
  return endMs === undefined ? undefined : filedBy(dayOf(formatInstant(tradingDayFrom(endMs / DAY_MS + DAYS) * DAY_MS)))
}
