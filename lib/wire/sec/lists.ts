/** Lists of insider trades that others drew from EDGAR: CSV with one transaction a row, told apart by their columns. */
import type { Signal } from '#record'
import { Failure } from '#port/failure'
import type { Payload, Reading } from '#port/payload'
import { ONE, formatFixed, parseFixed, roundDiv } from '#domain/money/decimal'
import type { Csv, CsvRow } from '../csv/rows.ts'
import { dateText, decimalText, flagText, stated, tickerSubject } from './facts.ts'
import { Lines, rowKey, type Line } from './list_line.ts'

interface List {
  readonly source: string
  /** Columns by which it is known; the reader uses these and perhaps more. */
  readonly columns: readonly string[]
  /** The line, or what is wrong with the row. */
  read(row: CsvRow): Line | string
}

/** What every row must have. */
function basics(row: CsvRow, filedColumn: string, tickerColumn: string): { filed: string; subject: string } | string {
  const filed = dateText(row.cell(filedColumn))
  if (filed === undefined) return `column "${filedColumn}": expected a date`
  const subject = tickerSubject(row.cell(tickerColumn))
  return subject === undefined ? `no ticker in column "${tickerColumn}"` : { filed, subject }
}

/** USD a share to 4 places from the value of a whole trade: rounded once, halves away from zero. */
export function priceOf(value: bigint, shares: bigint): string {
  return formatFixed(roundDiv(value * 10_000n, shares) * (ONE / 10_000n))
}

/** Open-market purchases by chief officers, 10,000 USD and up; the price is what value and quantity give. */
const openinsider: List = {
  source: 'sec/openinsider',
  columns: ['filing_date', 'trade_date', 'ticker', 'insider_name', 'trade_type', 'qty', 'value'],
  read(row) {
    const base = basics(row, 'filing_date', 'ticker')
    if (typeof base === 'string') return base
    const date = dateText(row.cell('trade_date'))
    if (date === undefined) return 'column "trade_date": expected a date'
    const code = /^([A-Z])( |$)/.exec(row.cell('trade_type'))?.[1]
    if (code === undefined) return 'column "trade_type": expected a code like "P - Purchase"'
    const shares = parseFixed(row.cell('qty')), value = parseFixed(row.cell('value'))
    if (shares === undefined || shares <= 0n) return 'column "qty": expected a number above zero'
    if (value === undefined || value <= 0n) return 'column "value": expected a number above zero'
    const name = row.cell('insider_name'), title = row.cell('title')
    const amounts = [row.cell('qty'), row.cell('value'), row.cell('owned_after')]
    const key = rowKey('openinsider', base.filed, base.subject, name, date, ...amounts)
    return {
      ...base, key,
      transaction: {
        code, shares: formatFixed(shares), price_per_share: priceOf(value, shares), date,
        acquired_disposed: code === 'S' ? 'D' : 'A', shares_after: decimalText(row.cell('owned_after')),
      },
      owner: { name: stated(name), title: stated(title), officer: /\b(C[EFO]O|PRES|CHIEF)\b/i.test(title) ? true : undefined },
      issuer: { name: stated(row.cell('company')) },
    }
  },
}

/** All codes. Its price is 0 where the filing states none, so 0 is read as not stated. */
const finnhub: List = {
  source: 'sec/finnhub',
  columns: ['filingDate', 'transactionDate', 'symbol', 'name', 'transactionCode', 'change', 'transactionPrice', 'id'],
  read(row) {
    const base = basics(row, 'filingDate', 'symbol')
    if (typeof base === 'string') return base
    const date = dateText(row.cell('transactionDate'))
    if (date === undefined) return 'column "transactionDate": expected a date'
    const change = parseFixed(row.cell('change'))
    if (change === undefined) return 'column "change": expected a number'
    const price = decimalText(row.cell('transactionPrice'))
    const accession = row.cell('id')
    const key = accession === '' ? rowKey('finnhub', base.filed, base.subject, ...row.cells) : accession
    return {
      ...base, key, ...(accession !== '' && { accession }),
      transaction: {
        code: stated(row.cell('transactionCode')), shares: formatFixed(change < 0n ? -change : change), date,
        price_per_share: price === '0' ? undefined : price, shares_after: decimalText(row.cell('share')),
        acquired_disposed: change === 0n ? undefined : change < 0n ? 'D' : 'A',
      },
      owner: { name: stated(row.cell('name')) },
    }
  },
}

const side = (text: string): 'A' | 'D' | undefined => (text === 'A' || text === 'D' ? text : undefined)

/** Every field of the form, derivatives too, by accession number. */
const full: List = {
  source: 'sec/form4',
  columns: ['ticker', 'issuer_cik', 'accession_number', 'filing_date', 'transaction_date', 'transaction_code'],
  read(row) {
    const base = basics(row, 'filing_date', 'ticker')
    if (typeof base === 'string') return base
    const date = dateText(row.cell('transaction_date'))
    if (date === undefined) return 'column "transaction_date": expected a date'
    const accession = stated(row.cell('accession_number'))
    if (accession === undefined) return 'column "accession_number": expected one'
    const title = stated(row.cell('officer_title'))
    return {
      ...base, key: accession, accession,
      transaction: {
        code: stated(row.cell('transaction_code')), shares: decimalText(row.cell('shares')), date,
        price_per_share: decimalText(row.cell('price_per_share')), security: stated(row.cell('security_title')),
        derivative: flagText(row.cell('is_derivative')), shares_after: decimalText(row.cell('shares_owned_following')),
        direct: directText(row.cell('ownership_nature_direct_or_indirect')),
      },
      owner: {
        name: stated(row.cell('reporting_owner_name')), cik: stated(row.cell('reporting_owner_cik')), title,
        officer: title === undefined ? undefined : true, director: flagText(row.cell('director')),
        ten_percent: flagText(row.cell('ten_percent_owner')),
      },
      issuer: { cik: stated(row.cell('issuer_cik')) },
    }
  },
}

/** One transaction a row, without accession numbers. */
const plain: List = {
  source: 'sec/form4',
  columns: ['ticker', 'owner_name', 'transaction_date', 'shares', 'price_per_share', 'transaction_code', 'filing_date'],
  read(row) {
    const base = basics(row, 'filing_date', 'ticker')
    if (typeof base === 'string') return base
    const date = dateText(row.cell('transaction_date'))
    if (date === undefined) return 'column "transaction_date": expected a date'
    return {
      ...base, key: rowKey('form4', base.filed, base.subject, ...row.cells),
      transaction: {
        code: stated(row.cell('transaction_code')), shares: decimalText(row.cell('shares')), date,
        price_per_share: decimalText(row.cell('price_per_share')), acquired_disposed: side(row.cell('acquired_disposed')),
      },
      owner: {
        name: stated(row.cell('owner_name')), title: stated(row.cell('owner_title')),
        officer: flagText(row.cell('is_officer')), director: flagText(row.cell('is_director')),
      },
    }
  },
}

export function directText(text: string | undefined): boolean | undefined {
  const nature = text?.trim().toUpperCase()
  return nature === 'D' ? true : nature === 'I' ? false : undefined
}

const LISTS: readonly List[] = [openinsider, finnhub, full, plain]

/** The filings of a list as `form4` signals, one for each accession number, else one a row; bad rows are named and left out. */
export function readList(csv: Csv, { name }: Payload, reading: Reading): Signal[] {
  const list = LISTS.find(({ columns }) => columns.every((column) => csv.columns.includes(column)))
  if (list === undefined) throw new Failure('data', `${name}:1: no list that is known here, by its columns`)
  const lines = new Lines()
  for (const row of csv.rows()) {
    const line = row.whole ? list.read(row) : `expected ${csv.columns.length} cells`
    if (typeof line === 'string') reading.reject(`row ${row.line}`, line)
    else if (!lines.add(line)) reading.reject(`row ${row.line}`, 'says the same again')
  }
  return lines.signals(list.source, reading.by)
}
