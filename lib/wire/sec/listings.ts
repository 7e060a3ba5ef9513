/** The SEC's lists of who is listed under which ticker (`company_tickers.json`, `company_tickers_exchange.json`), as of when they are heard. */
import { formatInstant, make, type Signal } from '#record'
import type { Payload, Reading } from '#port/payload'
import { exactId, exactList, exactObject, exactString, type Exact } from '../json_exact.ts'
import { compact, tickerSubject } from './facts.ts'

export interface Listing {
  /** Ten digits. */
  readonly cik: string
  readonly ticker: string
  readonly name?: string | undefined
  readonly exchange?: string | undefined
}

/** Undefined where the value is no such list; entries without CIK or ticker stand as undefined. */
export function listingsIn(value: Exact): readonly (Listing | undefined)[] | undefined {
  const object = exactObject(value)
  const fields = exactList(object?.['fields']), rows = exactList(object?.['data'])
  if (fields !== undefined && rows !== undefined) {
    const [cik, name, ticker, exchange] = ['cik', 'name', 'ticker', 'exchange'].map((field) => fields.indexOf(field))
    return rows.map((row) => {
      const cells = exactList(row) ?? []
      return listing(cells[cik ?? -1], cells[ticker ?? -1], cells[name ?? -1], cells[exchange ?? -1])
    })
  }
  const entries = Object.values(object ?? {})
  if (entries.length === 0 || exactObject(entries[0])?.['cik_str'] === undefined) return undefined
  return entries.map((entry) => {
    const { cik_str: cik, ticker, title } = exactObject(entry) ?? {}
    return listing(cik, ticker, title, undefined)
  })
}

function listing(cik: Exact | undefined, ticker: Exact | undefined, name: Exact | undefined, exchange: Exact | undefined): Listing | undefined {
  const digits = exactId(cik), symbol = exactString(ticker)
  if (digits === undefined || !/^\d{1,10}$/.test(digits) || symbol === undefined) return undefined
  return { cik: digits.padStart(10, '0'), ticker: symbol, name: exactString(name), exchange: exactString(exchange) }
}

/** One `listing` for each ticker: a fact of the moment, since the list does not say since when. */
export function* listingSignals(listings: readonly (Listing | undefined)[], { heardMs, raw }: Payload, reading: Reading): Generator<Signal> {
  const at = formatInstant(heardMs)
  for (const [i, each] of listings.entries()) {
    const subject = tickerSubject(each?.ticker)
    if (each === undefined || subject === undefined) {
      reading.reject(`entry ${i + 1}`, 'no CIK, or no ticker')
      continue
    }
    const { cik, name, exchange } = each
    yield make('signal', {
      at, known_at: at, source: 'sec/listings', by: reading.by, type: 'listing', key: `sec:listing:${cik}:${subject.slice(7)}`, subject,
      facts: compact({ cik, name, exchange }), ...(raw !== undefined && { raw }),
    })
  }
}
