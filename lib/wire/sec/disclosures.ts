/**
 * What else is disclosed of those close to power: trades of members of Congress (STOCK Act), lobbying, federal contracts. Read from
 * answers of Quiver Quantitative's API (JSON lists) and from lists of Senate reports (CSV).
 */
import type { Millis, Signal } from '#record'
import { newYorkMillis, sessionClose } from '#domain/market/session'
import type { Payload, Reading } from '#port/payload'
import { exactDecimal, exactList, exactObject, exactString, type Exact, type ExactObject } from '../json_exact.ts'
import type { Csv } from '../csv/rows.ts'
import { compact, contentKey, dateText, filingSignal, isPlausible, stated, tickerSubject, type Facts } from './facts.ts'

interface Disclosure {
  readonly type: 'congress_trade' | 'lobbying' | 'contract'
  readonly source: string
  readonly happened: string | undefined
  /** The day it was disclosed, where that is stated: until its end it was public. */
  readonly disclosed: string | undefined
  readonly subject: string | undefined
  readonly author: string | undefined
  readonly facts: Facts
}

/** The last second of a New York day: disclosures carry no time. */
const endOfDay = (date: string): Millis | undefined => newYorkMillis(date, 23, 59, 59)

function disclosureSignal(disclosure: Disclosure, key: string, payload: Payload, by: string): Signal {
  const { type, source, happened, disclosed, subject, author, facts } = disclosure
  const publicMs = disclosed === undefined ? undefined : endOfDay(disclosed)
  const knownMs = publicMs ?? payload.heardMs
  const dated = happened !== undefined && isPlausible(happened, knownMs) ? sessionClose(happened) : undefined
  return filingSignal({
    type, key, source, subject, knownMs, author: author === undefined ? undefined : `${source.split('/')[0] ?? ''}:${author}`,
    atMs: dated ?? publicMs ?? knownMs, raw: payload.raw,
    facts: compact({ ...facts, at_from: dated === undefined ? 'disclosure' : undefined }),
  }, by)
}

type Read = (row: ExactObject, ticker: string | undefined) => Disclosure

const text = (value: Exact | undefined): string | undefined => stated(exactString(value)?.replace(/\s+/g, ' '))
const day = (value: Exact | undefined): string | undefined => dateText(exactString(value))
const tickerOf = (value: Exact | undefined): string | undefined => tickerSubject(exactString(value))

/** `$1,001 - $15,000` or `>$5,000,000`: the bounds of a range in USD. */
export function rangeOf(range: string | undefined): { readonly amount_min?: string; readonly amount_max?: string } {
  const numbers = [...(range ?? '').matchAll(/\$?(\d[\d,]*(?:\.\d+)?)/g)].map(([, digits = '']) => exactDecimal(digits.replaceAll(',', '')))
  const [min, max] = numbers
  return { ...(min !== undefined && { amount_min: min }), ...(max !== undefined && { amount_max: max }) }
}

const trade = (word: string | undefined): string | undefined =>
  word === undefined ? undefined : /^purchase/i.test(word) ? 'purchase' : /^sale|^sold/i.test(word) ? 'sale' : word.toLowerCase()

/** Told apart by their members. `Date` of Senate trades is the day of the trade: when it was disclosed is not stated. */
const SHAPES: readonly (readonly [members: readonly string[], read: Read])[] = [
  [['ReportDate', 'TransactionDate', 'Ticker', 'Representative', 'Transaction'], (row) => ({
    type: 'congress_trade', source: 'quiver/congress', happened: day(row['TransactionDate']), disclosed: day(row['ReportDate']),
    subject: tickerOf(row['Ticker']), author: text(row['Representative']),
    facts: {
      member: text(row['Representative']), chamber: text(row['House']), transaction: trade(text(row['Transaction'])), range: text(row['Range']),
      ...rangeOf(text(row['Range'])), traded: day(row['TransactionDate']), disclosed: day(row['ReportDate']),
    },
  })],
  [['Date', 'Ticker', 'Senator', 'Transaction'], (row) => ({
    type: 'congress_trade', source: 'quiver/senate', happened: day(row['Date']), disclosed: undefined,
    subject: tickerOf(row['Ticker']), author: text(row['Senator']),
    facts: {
      member: text(row['Senator']), chamber: 'Senate', transaction: trade(text(row['Transaction'])), range: text(row['Range']),
      ...rangeOf(text(row['Range'])), traded: day(row['Date']),
    },
  })],
  [['Date', 'Client', 'Issue'], (row, ticker) => ({
    type: 'lobbying', source: 'quiver/lobbying', happened: day(row['Date']), disclosed: day(row['Date']),
    subject: tickerOf(row['Ticker']) ?? ticker, author: text(row['Client']),
    facts: {
      client: text(row['Client']), amount: exactDecimal(row['Amount']), issues: lines(row['Issue']), specific_issues: lines(row['Specific_Issue']),
      disclosed: day(row['Date']),
    },
  })],
  [['Date', 'Description', 'Agency', 'Amount'], (row, ticker) => ({
    type: 'contract', source: 'quiver/contracts', happened: day(row['Date']), disclosed: undefined,
    subject: tickerOf(row['Ticker']) ?? ticker, author: text(row['Agency']),
    facts: { agency: text(row['Agency']), amount: exactDecimal(row['Amount']), description: text(row['Description']), signed: day(row['Date']) },
  })],
]

/** Several issues stand one a line, the same often many times. */
function lines(value: Exact | undefined): string[] | undefined {
  const listed = (exactString(value) ?? '').split(/ \n /).map((line) => line.replace(/\s+/g, ' ').trim()).filter((line) => line !== '')
  return listed.length === 0 ? undefined : [...new Set(listed)]
}

/** Undefined where the value is no such list. `ticker` stands in where rows name none, as those of one company's contracts. */
export function readDisclosures(value: Exact, ticker: string | undefined, payload: Payload, reading: Reading): Signal[] | undefined {
  const rows = exactList(value)
  const first = exactObject(rows?.[0])
  if (rows === undefined || first === undefined) return undefined
  const shape = SHAPES.find(([members]) => members.every((member) => Object.hasOwn(first, member)))
  if (shape === undefined) return undefined
  const asked = ticker ?? /\/(?:govcontracts\w*|lobbying)\/([A-Za-z.-]{1,10})(?:$|\?)/.exec(payload.url ?? '')?.[1]
  const said = new Set<string>()
  return rows.flatMap((each, i) => {
    const row = exactObject(each)
    const disclosure = row === undefined ? undefined : shape[1](row, tickerSubject(asked))
    if (disclosure?.happened === undefined) {
      reading.reject(`row ${i + 1}`, 'no date')
      return []
    }
    const key = keyOf(disclosure)
    if (said.has(key)) {
      reading.reject(`row ${i + 1}`, 'says the same again')
      return []
    }
    said.add(key)
    return [disclosureSignal(disclosure, key, payload, reading.by)]
  })
}

const keyOf = ({ source, subject, facts }: Disclosure): string =>
  `${source.replace('/', ':')}:${contentKey(JSON.stringify([subject, compact(facts)]))}`

const SENATE = ['disclosed_date', 'transaction_date', 'senator', 'asset_description', 'type', 'amount']
export const isSenateList = ({ columns }: Csv): boolean => SENATE.every((column) => columns.includes(column))

/** Rows of one report that are alike are lots of their own. */
export function readSenateList(csv: Csv, payload: Payload, reading: Reading): Signal[] {
  const times = new Map<string, number>()
  return [...csv.rows()].flatMap((row) => {
    const cell = (column: string): string | undefined => stated(row.cell(column))
    const disclosed = dateText(cell('disclosed_date')), traded = dateText(cell('transaction_date'))
    if (!row.whole || disclosed === undefined || traded === undefined) {
      reading.reject(`row ${row.line}`, 'no date of disclosure, or none of the trade')
      return []
    }
    const senator = cell('senator'), report = /\/([0-9a-f-]{36})\/?$/i.exec(cell('ptr_link') ?? '')?.[1]
    const disclosure: Disclosure = {
      type: 'congress_trade', source: 'senate/reports', happened: traded, disclosed, subject: tickerSubject(cell('ticker')), author: senator,
      facts: {
        member: senator, chamber: 'Senate', owner: cell('owner'), asset: cell('asset_description'), asset_type: cell('asset_type'),
        transaction: trade(cell('type')), range: cell('amount'), ...rangeOf(cell('amount')), traded, disclosed, report,
      },
    }
    const key = keyOf(disclosure)
    const time = (times.get(key) ?? 0) + 1
    times.set(key, time)
    return [disclosureSignal(disclosure, time === 1 ? key : `${key}#${time}`, payload, reading.by)]
  }).sort((a, b) => (a.known_at < b.known_at ? -1 : a.known_at > b.known_at ? 1 : 0))
}
