/** Pages of others that list Form 4 trades of EDGAR: openinsider.com's screens, and the insider table of finviz.com's quote pages. */
import type { Signal } from '#record'
import { newYorkMillis } from '#domain/market/session'
import type { Reading } from '#port/payload'
import { htmlRows, tableUnder, type HtmlCell, type HtmlTable } from '../html_table.ts'
import { dateText, decimalText, stated, tickerSubject } from './facts.ts'
import { Lines, rowKey, type Line } from './list_line.ts'
import { accessionIn } from './received.ts'

/** Undefined where the page has neither table. */
export function readScreen(html: string, reading: Reading): Signal[] | undefined {
  if (!html.includes('Insider')) return undefined
  const rows = htmlRows(html)
  const openinsider = tableUnder(rows, ['X', 'Filing Date', 'Trade Date', 'Ticker'])
  if (openinsider !== undefined) return signalsOf(openinsider, 'sec/openinsider', openinsiderLine, reading)
  const finviz = tableUnder(rows, ['Insider Trading', 'Relationship', 'Date'])
  if (finviz === undefined) return undefined
  const ticker = tickerSubject(/id="ticker"[^>]*>([^<]{1,12})</.exec(html)?.[1])
  return signalsOf(finviz, 'sec/finviz', (cells) => finvizLine(cells, ticker), reading)
}

type Cells = (title: string) => HtmlCell | undefined

function signalsOf({ titles, rows }: HtmlTable, source: string, read: (cells: Cells) => Line | string, reading: Reading): Signal[] {
  const lines = new Lines()
  for (const [i, row] of rows.entries()) {
    const line = read((title) => row[titles.indexOf(title)])
    if (typeof line === 'string') reading.reject(`row ${i + 1}`, line)
    else if (!lines.add(line)) reading.reject(`row ${i + 1}`, 'says the same again')
  }
  if (rows.length === 0) reading.reject('table', 'no rows: no trades')
  return lines.signals(source, reading.by)
}

/** `-$1,283,438` and `1,250` without their signs, dollars and commas. */
const unsigned = (text: string | undefined): string | undefined => decimalText(text?.replace(/^[-+]?\$?[-+]?/, '').replaceAll(',', ''))

/** The filing date is the moment of acceptance, on New York's clocks. Where a row sums up several trades, the price is their mean. */
function openinsiderLine(cells: Cells): Line | string {
  const accepted = /^(\d{4}-\d\d-\d\d)(?: (\d\d):(\d\d):(\d\d))?$/.exec(cells('Filing Date')?.text ?? '')
  const filed = dateText(accepted?.[1]), date = dateText(cells('Trade Date')?.text)
  if (accepted === null || filed === undefined || date === undefined) return 'no filing date, or no trade date'
  const subject = tickerSubject(cells('Ticker')?.text)
  if (subject === undefined) return 'no ticker'
  const code = /^([A-Z])( |$)/.exec(cells('Trade Type')?.text ?? '')?.[1]
  const shares = unsigned(cells('Qty')?.text)
  if (code === undefined || shares === undefined) return 'no trade type, or no quantity'
  const name = stated(cells('Insider Name')?.text), title = stated(cells('Title')?.text)
  const accession = accessionIn(cells('Filing Date')?.links[0] ?? '')
  const key = accession ?? rowKey('openinsider', filed, subject, name ?? '', date, shares, cells('Price')?.text ?? '', cells('Owned')?.text ?? '')
  return {
    key, filed, subject, ...(accession !== undefined && { accession }), amended: cells('X')?.text.includes('A') ?? false,
    acceptedMs: accepted[2] === undefined ? undefined : newYorkMillis(filed, Number(accepted[2]), Number(accepted[3]), Number(accepted[4])),
    transaction: {
      code, shares, price_per_share: unsigned(cells('Price')?.text), date,
      acquired_disposed: cells('Qty')?.text.startsWith('-') === true ? 'D' : 'A', shares_after: unsigned(cells('Owned')?.text),
    },
    owner: { name, title, cik: ownerIn(cells('Insider Name')?.links[0]) },
    issuer: { name: stated(cells('Company Name')?.text), cik: issuerIn(cells('Filing Date')?.links[0]) },
  }
}

/** `/insider/Musk-Elon/1494730` */
const ownerIn = (link: string | undefined): string | undefined => /\/insider\/[^/]*\/(\d{1,10})$/.exec(link ?? '')?.[1]?.padStart(10, '0')
/** `/Archives/edgar/data/1318605/...`: these pages link to the folder of the issuer. */
const issuerIn = (link: string | undefined): string | undefined => /\/edgar\/data\/(\d{1,10})\//.exec(link ?? '')?.[1]?.padStart(10, '0')

const CODES: { readonly [word: string]: string } = { Buy: 'P', Sale: 'S', 'Option Exercise': 'M' }

/** Dates are without a year: that of the filing is in its accession number, the trade was on the last such day before it. */
function finvizLine(cells: Cells, subject: string | undefined): Line | string {
  if (subject === undefined) return 'no ticker'
  const word = cells('Transaction')?.text ?? ''
  const code = CODES[word]
  if (code === undefined) return /^proposed/i.test(word) ? 'a proposed trade, which is none yet' : 'no trade type that is known here'
  const form = cells('SEC Form 4')
  const link = form?.links[0] ?? ''
  const accession = accessionIn(link)
  const when = /^([A-Z][a-z]{2} \d\d) (\d\d):(\d\d) ([AP]M)$/.exec(form?.text ?? '')
  if (accession === undefined || when === null) return 'no filing, or no time of filing'
  const year = yearOf(accession)
  const filed = dayOf(year, when[1] ?? '')
  const traded = cells('Date')?.text ?? ''
  const date = [year, year - 1].map((each) => dayOf(each, traded)).find((each) => each !== undefined && filed !== undefined && each <= filed)
  const shares = unsigned(cells('#Shares')?.text)
  if (filed === undefined || date === undefined || shares === undefined) return 'no date, or no quantity'
  return {
    key: accession, accession, filed, subject,
    acceptedMs: newYorkMillis(filed, (Number(when[2]) % 12) + (when[4] === 'PM' ? 12 : 0), Number(when[3])),
    transaction: {
      code, shares, price_per_share: unsigned(cells('Cost')?.text), date,
      acquired_disposed: code === 'S' ? 'D' : 'A', shares_after: unsigned(cells('#Shares Total')?.text),
    },
    owner: {
      name: stated(cells('Insider Trading')?.text), title: stated(cells('Relationship')?.text), cik: insiderIn(cells('Insider Trading')?.links[0]),
    },
    issuer: { cik: issuerIn(link) },
  }
}

/** `insidertrading.ashx?oc=1463347&tc=7` */
const insiderIn = (link: string | undefined): string | undefined => /[?&]oc=(\d{1,10})\b/.exec(link ?? '')?.[1]?.padStart(10, '0')

/** Numbers began in 1993. */
function yearOf(accession: string): number {
  const two = Number(accession.slice(11, 13))
  return two >= 90 ? 1900 + two : 2000 + two
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `Jul 27` of a year as a date; undefined where there is no such day. */
function dayOf(year: number, text: string): string | undefined {
  const match = /^([A-Z][a-z]{2}) (\d\d)$/.exec(text)
  const month = MONTHS.indexOf(match?.[1] ?? '') + 1
  return month === 0 ? undefined : dateText(`${year}-${String(month).padStart(2, '0')}-${match?.[2] ?? ''}`)
}
