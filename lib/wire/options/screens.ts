/** Screens of options that others made: lists of contracts with unusual volume (fdscanner, Barchart) or of any kind (Syncretism). */
import { formatInstant, type Millis } from '#record'
import { optionSymbol, underlyingOf, type Right } from '#domain/market/option_symbol'
import { readEpoch } from '../dates.ts'
import { exactList, exactObject, exactString, type Exact, type ExactObject } from '../json_exact.ts'
import { countOf, decimalOf, flagOf, manyOf, membersOf, numberOf, shownDecimal, wordOf } from '../json_fields.ts'
import { dayText, tradingDayOf } from '../market_day.ts'
import { happened, type Facts } from '../signal.ts'
import { named, pricePaid, tickerSubject, volatilityOf, type Context, type Contract, type Found } from './found.ts'
import { contractFacts } from './standing.ts'

const isFdscanner = (row: ExactObject): boolean => 'vol/oi' in row && 'tk' in row
const isBarchart = (row: ExactObject): boolean => 'volumeOpenInterestRatio' in row || ('baseSymbol' in row && 'openInterest' in row)
const isSyncretism = (row: ExactObject): boolean => exactString(row['contractSymbol']) !== undefined
const isOurs = (row: ExactObject): boolean => isFdscanner(row) || isBarchart(row) || isSyncretism(row)

function rowsOf(answer: Exact): readonly ExactObject[] {
  const object = exactObject(answer)
  return (exactList(answer) ?? (object !== undefined && 'data' in object ? manyOf(object['data']) : [])).map(membersOf)
}

export const isScreen = (answer: Exact): boolean => rowsOf(answer).some(isOurs)

export function* readScreen(answer: Exact, context: Context): Generator<Found> {
  for (const [i, row] of rowsOf(answer).entries()) {
    const place = `row ${i + 1}`
    if (isSyncretism(row)) yield* readSyncretism(row, place, context)
    else if (isFdscanner(row)) yield* said(fdscannerRow(row), place, context)
    else if (isBarchart(row)) yield* said(barchartRow(row), place, context)
    else context.reject(place, 'no row of a screen of options')
  }
}

/** One contract of a list of unusual volume: the list says so, whatever the ratio. */
export interface Screened {
  readonly service: string
  readonly ticker: string | undefined
  readonly expiry: string | undefined
  readonly right: Right | undefined
  readonly strike: string | undefined
  readonly volume: number | undefined
  readonly openInterest: number | undefined
  readonly facts: Facts
}

/** Lists carry no time of their own: they are of when they were heard. */
export function* said(row: Screened, place: string, { heardMs, by, reject }: Context): Generator<Found> {
  const { service, ticker, expiry, right, strike, volume, openInterest, facts } = row
  const subject = tickerSubject(ticker)
  if (ticker === undefined || subject === undefined || expiry === undefined || right === undefined || strike === undefined || volume === undefined) {
    return reject(place, 'it lacks a ticker, expiry, side, strike or volume')
  }
  const symbol = optionSymbol(ticker.toUpperCase().replaceAll(/[./]/g, ''), expiry, right, strike) ?? `${ticker}:${expiry}:${right}:${strike}`
  const contract: Contract = { symbol, expiry, right, strike, multiplier: undefined }
  const ratio = openInterest === undefined || openInterest === 0 ? undefined : Math.round((volume / openInterest) * 1e4) / 1e4
  yield {
    signal: happened({
      atMs: heardMs, knownMs: heardMs, source: `${service}/unusual_volume`, type: 'unusual_volume', key: `${service}:${contract.symbol}`, subject,
      magnitude: ratio, facts: { ...contractFacts(contract), volume, open_interest: openInterest, ratio, at_is: 'heard', ...facts },
    }, by),
  }
}

/** One-letter names: bid, ask, strike, type, premium; `po` is how far out of the money in percent, `iv` percent. */
const fdscannerRow = (row: ExactObject): Screened => ({
  service: 'fdscanner', ticker: wordOf(row['tk']), expiry: dayText(exactString(row['expiry'])), right: rightOf(exactString(row['t'])),
  strike: decimalOf(row['s']),
  volume: countOf(row['v']), openInterest: countOf(row['oi']),
  facts: {
    bid: decimalOf(row['b']), ask: decimalOf(row['a']), last: decimalOf(row['op']), iv: percent(decimalOf(row['iv'])),
    out_of_the_money_percent: decimalOf(row['po']), stated_ratio: decimalOf(row['vol/oi']),
  },
})

/** Cells as people read them, with the plain numbers in `raw` where it is there. */
function barchartRow(row: ExactObject): Screened {
  const raw = membersOf(row['raw'])
  const cell = (name: string): string | undefined => decimalOf(raw[name]) ?? shownDecimal(wordOf(row[name]) ?? '')
  const count = (name: string): number | undefined => (cell(name) === undefined ? undefined : countOf(cell(name)))
  const iv = shownDecimal(wordOf(row['volatility']) ?? '')
  return {
    service: 'barchart', ticker: wordOf(row['baseSymbol']), expiry: dayText(wordOf(row['expirationDate']) ?? wordOf(raw['expirationDate'])),
    right: rightOf(exactString(row['symbolType'])), strike: cell('strikePrice'), volume: count('volume'), openInterest: count('openInterest'),
    facts: {
      bid: cell('bidPrice'), ask: cell('askPrice'), last: cell('lastPrice'), iv: percent(iv), delta: numberOf(cell('delta')),
      underlying_price: cell('baseLastPrice'), stated_ratio: cell('volumeOpenInterestRatio'),
    },
  }
}

/** 34.36 % is 0.3436. */
export const percent = (text: string | undefined): number | undefined => {
  const value = volatilityOf(numberOf(text))
  return value === undefined ? undefined : Math.round(value * 1e6) / 1e8
}

export function rightOf(text: string | undefined): Right | undefined {
  const letter = text?.trim().toLowerCase()
  if (letter === 'c' || letter === 'call') return 'call'
  return letter === 'p' || letter === 'put' ? 'put' : undefined
}

/** A contract as crawled: seconds since 1970 of the crawl (`lastCrawl`, or `timestamp` in a history) and of the last trade. */
function* readSyncretism(row: ExactObject, place: string, context: Context): Generator<Found> {
  const option = named(exactString(row['contractSymbol']))
  const atMs = instant(row['lastCrawl']) ?? instant(row['timestamp'])
  if (option === undefined) return context.reject(place, 'its name is no OCC symbol')
  if (atMs === undefined || atMs > context.heardMs) return context.reject(place, 'it has no time of its own')
  const ticker = exactString(row['symbol'])
  const tradedMs = instant(row['lastTradeDate'])
  yield {
    standing: {
      contract: option.contract, service: 'syncretism',
      subject: tickerSubject(ticker === undefined ? undefined : underlyingOf(ticker)) ?? option.subject,
      atMs, knownMs: atMs, bid: decimalOf(row['bid']), ask: decimalOf(row['ask']), volume: countOf(row['volume']),
      openInterest: countOf(row['openInterest']),
      iv: volatilityOf(numberOf(row['impliedVolatility'])), delta: numberOf(row['delta']), underlying: decimalOf(row['regularMarketPrice']),
      volumeDay: tradingDayOf(tradedMs ?? atMs),
      facts: {
        last: pricePaid(decimalOf(row['lastPrice'])), last_at: tradedMs === undefined ? undefined : formatInstant(tradedMs),
        premium: decimalOf(row['premium']),
        gamma: numberOf(row['gamma']), theta: numberOf(row['theta']), vega: numberOf(row['vega']), rho: numberOf(row['rho']),
        in_the_money: flagOf(row['inTheMoney']), yield: numberOf(row['yield']), underlying_volume: countOf(row['regularMarketVolume']),
        rate: numberOf(row['rfr']), dividend_yield: numberOf(row['dividendYield']),
      },
    },
  }
}

const instant = (value: Exact | undefined): Millis | undefined => readEpoch(wordOf(value) ?? '')
