/**
 * Tables of options, told by their columns: end-of-day chains, minute bars of trades and quotes, and open interest as QuantConnect's Lean
 * has them, Deribit's book summary, Cboe's daily put/call counts and SKEW index, Barchart's download of unusual activity.
 */
import { DAY_MS, HOUR_MS, MINUTE_MS, type Millis } from '#record'
import { formatFixed, parseFixed } from '#domain/money/decimal'
import { optionSymbol, underlyingOf } from '#domain/market/option_symbol'
import { newYorkMillis, sessionClose, sessionOpen } from '#domain/market/session'
import type { CsvRow } from '../csv/rows.ts'
import { readEpoch } from '../dates.ts'
import { countOf, decimalOf, numberOf, shownDecimal } from '../json_fields.ts'
import { dayText, tradingDayBefore } from '../market_day.ts'
import { happened, present, type Facts } from '../signal.ts'
import { pricePaid, tickerSubject, volatilityOf, type Context, type Contract, type Found } from './found.ts'
import { percent, rightOf, said } from './screens.ts'
import { contractFacts } from './standing.ts'

export interface OptionTable {
  /** Columns by which it is known; in any order, among others. */
  readonly columns: readonly string[]
  /** What a row says; a reason where it says nothing. */
  row(row: CsvRow, context: Context): Generator<Found> | string
}

/** A cell in ten-thousandths of a dollar. */
function tenThousandths(cell: string): string | undefined {
  const units = /^\d{1,12}$/.test(cell) ? parseFixed(cell) : undefined
  return units === undefined ? undefined : formatFixed(units / 10_000n)
}

/** `20140606`, and milliseconds after midnight on New York's clocks. */
function minuteOf(row: CsvRow): Millis | undefined {
  const date = dayText(row.cell('date')), ms = countOf(row.cell('ms'))
  const midnight = date === undefined ? undefined : newYorkMillis(date, 0, 0)
  if (midnight === undefined || ms === undefined || ms >= DAY_MS || date === undefined) return undefined
  return newYorkMillis(date, Math.floor(ms / HOUR_MS), Math.floor((ms % HOUR_MS) / MINUTE_MS), (ms % MINUTE_MS) / 1000)
}

/** The contract that expiry, right and strike name, under the root that the row or the user states. */
function contractIn(row: CsvRow, ticker: string | undefined): Contract | undefined {
  const expiry = dayText(row.cell('expiry')), right = rightOf(row.cell('right')), strike = decimalOf(row.cell('strike'))
  if (expiry === undefined || right === undefined || strike === undefined) return undefined
  const root = ticker?.toUpperCase()
  const symbol = (root === undefined ? undefined : optionSymbol(root, expiry, right, strike)) ?? `${root ?? 'option'}:${expiry}:${right}:${strike}`
  return { symbol, expiry, right, strike, multiplier: root === undefined ? undefined : 100 }
}

const subjectOf = (ticker = ''): string | undefined => tickerSubject(underlyingOf(ticker.toUpperCase()))
const NO_CONTRACT = 'it lacks an expiry, a right or a strike'
const NO_TIME = 'it has no day or time'

/**
 * A file describes the session before its `file_date` and is there before that day's opens. The row without a strike is the underlying; a
 * volatility of nought is none.
 */
const leanChain: OptionTable = {
  columns: ['file_date', 'expiry', 'strike', 'right', 'close', 'open_interest', 'implied_volatility'],
  row(row, context) {
    const fileDate = dayText(row.cell('file_date'))
    const day = fileDate === undefined ? undefined : tradingDayBefore(fileDate)
    const atMs = day === undefined ? undefined : sessionClose(day), knownMs = fileDate === undefined ? undefined : sessionOpen(fileDate)
    if (atMs === undefined || knownMs === undefined || day === undefined) return NO_TIME
    const { symbol } = context, subject = subjectOf(symbol)
    const prices = present({ open: decimalOf(row.cell('open')), high: decimalOf(row.cell('high')), low: decimalOf(row.cell('low')) })
    if (row.cell('strike') === '') return leanUnderlying(row, subject, `lean ${day}`, atMs, knownMs, context)
    const contract = contractIn(row, symbol)
    if (contract === undefined) return NO_CONTRACT
    return once({
      standing: {
        contract, service: 'lean', subject, chain: `lean ${day}`, atMs, knownMs, bid: undefined, ask: undefined,
        volume: countOf(row.cell('volume')), openInterest: countOf(row.cell('open_interest')),
        iv: volatilityOf(numberOf(row.cell('implied_volatility'))), delta: deltaOf(row), underlying: undefined,
        facts: {
          ...prices, close: decimalOf(row.cell('close')), gamma: numberOf(row.cell('gamma')), vega: numberOf(row.cell('vega')),
          theta: numberOf(row.cell('theta')), rho: numberOf(row.cell('rho')),
        },
      },
    })
  },
}

/** Greeks beside a volatility of nought are not of this market. */
const deltaOf = (row: CsvRow): number | undefined =>
  (volatilityOf(numberOf(row.cell('implied_volatility'))) === undefined ? undefined : numberOf(row.cell('delta')))

function* once(found: Found): Generator<Found> {
  yield found
}

function leanUnderlying(
  row: CsvRow, subject: string | undefined, chain: string, atMs: Millis, knownMs: Millis, { by }: Context,
): Generator<Found> | string {
  const price = decimalOf(row.cell('close'))
  if (price === undefined) return NO_CONTRACT
  return once({
    chain, price,
    signal: happened({
      atMs, knownMs, source: 'lean/options', type: 'underlying',
      key: `lean:${subject ?? 'underlying'}`, subject,
      facts: {
        price, open: decimalOf(row.cell('open')), high: decimalOf(row.cell('high')), low: decimalOf(row.cell('low')),
        volume: countOf(row.cell('volume')),
      },
    }, by),
  })
}

/** Bars of a minute, no single prints: neither exchange nor condition is told, so no sweep or block can be. */
const leanTrades: OptionTable = {
  columns: ['date', 'underlying', 'right', 'strike', 'expiry', 'ms', 'open_e4', 'close_e4', 'volume'],
  row(row, { by }) {
    const startMs = minuteOf(row), root = row.cell('underlying'), contract = contractIn(row, root)
    if (contract === undefined) return NO_CONTRACT
    if (startMs === undefined) return NO_TIME
    const facts = {
      ...contractFacts(contract), span: '1m', open: tenThousandths(row.cell('open_e4')), high: tenThousandths(row.cell('high_e4')),
      low: tenThousandths(row.cell('low_e4')), close: tenThousandths(row.cell('close_e4')), volume: countOf(row.cell('volume')),
    }
    return once(tableSignal('option_bar', contract, root, startMs, startMs + MINUTE_MS, facts, by))
  },
}

/** The quote that stood at the end of a minute. */
const leanQuotes: OptionTable = {
  columns: ['date', 'underlying', 'right', 'strike', 'expiry', 'ms', 'bid_close_e4', 'ask_close_e4'],
  row(row) {
    const startMs = minuteOf(row), root = row.cell('underlying'), contract = contractIn(row, root)
    if (contract === undefined) return NO_CONTRACT
    if (startMs === undefined) return NO_TIME
    const bid = tenThousandths(row.cell('bid_close_e4')), ask = tenThousandths(row.cell('ask_close_e4'))
    if (bid === undefined && ask === undefined) return 'it has neither a bid nor an ask'
    const endMs = startMs + MINUTE_MS, none = { volume: undefined, openInterest: undefined, iv: undefined, delta: undefined, underlying: undefined }
    const facts = {
      bid_size: bid === undefined ? undefined : countOf(row.cell('bid_size')),
      ask_size: ask === undefined ? undefined : countOf(row.cell('ask_size')),
    }
    return once({ standing: { contract, service: 'lean', subject: subjectOf(root), atMs: endMs, knownMs: endMs, bid, ask, facts, ...none } })
  },
}

const leanOpenInterest: OptionTable = {
  columns: ['date', 'underlying', 'right', 'strike', 'expiry', 'ms', 'open_interest'],
  row(row, { by }) {
    const atMs = minuteOf(row), root = row.cell('underlying'), contract = contractIn(row, root), openInterest = countOf(row.cell('open_interest'))
    if (contract === undefined) return NO_CONTRACT
    if (atMs === undefined) return NO_TIME
    if (openInterest === undefined) return 'it has no open interest'
    return once(tableSignal('open_interest', contract, root, atMs, atMs, { ...contractFacts(contract), open_interest: openInterest }, by))
  },
}

function tableSignal(type: string, contract: Contract, root: string, atMs: Millis, knownMs: Millis, facts: Facts, by: string): Found {
  const subject = subjectOf(root)
  return {
    signal: happened({
      atMs, knownMs, source: 'lean/options', type, key: `lean:${contract.symbol}`,
      subject, facts,
    }, by),
  }
}

/** Prices are in the coin; with the forward (`underlying_price`) they are worth dollars. Expiry is at 08:00 UTC. No volatility is stated. */
const deribit: OptionTable = {
  columns: ['instrument_name', 'mark_price', 'underlying_price', 'creation_timestamp'],
  row(row, { heardMs }) {
    const [coin, day = '', strike, letter] = row.cell('instrument_name').split('-')
    const atMs = readEpoch(row.cell('creation_timestamp')), expiry = dayText(day), right = rightOf(letter)
    const isNamed = coin !== undefined && expiry !== undefined && right !== undefined && strike !== undefined && /^\d+$/.test(strike)
    if (!isNamed) return 'no option: its name has no strike and side'
    if (atMs === undefined || atMs > heardMs) return NO_TIME
    const forward = decimalOf(row.cell('underlying_price')), mark = decimalOf(row.cell('mark_price'))
    const contract: Contract = { symbol: row.cell('instrument_name'), expiry, right, strike, multiplier: 1 }
    return once({
      standing: {
        contract, service: 'deribit', subject: `coin:${coin}`, chain: 'deribit', atMs, knownMs: atMs,
        // In the coin, as they are quoted: not to be mixed up with the strike's dollars.
        bid: undefined, ask: undefined, volume: undefined, openInterest: undefined, iv: volatilityOf(numberOf(row.cell('mark_iv'))), delta: undefined,
        underlying: forward, isForward: true, mark: inDollars(mark, forward), expiresMs: Date.parse(`${expiry}T08:00:00Z`),
        facts: {
          bid_coin: pricePaid(decimalOf(row.cell('bid_price'))), ask_coin: pricePaid(decimalOf(row.cell('ask_price'))), mark_coin: mark,
          last_coin: pricePaid(decimalOf(row.cell('last'))), volume_coin: decimalOf(row.cell('volume')),
          volume_usd: decimalOf(row.cell('volume_usd')),
          open_interest_coin: decimalOf(row.cell('open_interest')), forward_of: row.cell('underlying_index') || undefined,
          delivery_price: decimalOf(row.cell('estimated_delivery_price')), rate: numberOf(row.cell('interest_rate')),
        },
      },
    })
  },
}

/** The exact product where it has a place in eight digits, else cut there: far below what a mark means. */
function inDollars(mark: string | undefined, forward: string | undefined): string | undefined {
  const coins = parseFixed(mark ?? ''), price = parseFixed(forward ?? '')
  return coins === undefined || price === undefined || coins <= 0n ? undefined : formatFixed((coins * price) / 100_000_000n)
}

/** All options of an exchange together, of a day. */
const putCallCounts: OptionTable = {
  columns: ['date', 'call', 'put', 'total', 'pc_ratio'],
  row(row, { by }) {
    const date = dayText(row.cell('date')), closeMs = date === undefined ? undefined : sessionClose(date)
    const calls = countOf(row.cell('call')), puts = countOf(row.cell('put'))
    if (date === undefined || closeMs === undefined) return NO_TIME
    if (calls === undefined || puts === undefined) return 'it lacks the count of calls or of puts'
    const facts = {
      call_volume: calls, put_volume: puts, volume_ratio: calls === 0 ? undefined : Math.round((puts / calls) * 1e4) / 1e4,
      stated_total: countOf(row.cell('total')), stated_ratio: decimalOf(row.cell('pc_ratio')),
    }
    return once({
      signal: happened({
        atMs: closeMs, knownMs: dayAfterMs(closeMs), source: 'cboe/put_call', type: 'put_call', key: `cboe:put_call:${date}`, facts,
      }, by),
    })
  },
}

/** Counts and indices of a day are published in the evening: known by midnight, at the latest. */
const dayAfterMs = (closeMs: Millis): Millis => closeMs + 8 * HOUR_MS

const skewIndex: OptionTable = {
  columns: ['date', 'skew'],
  row(row, { by }) {
    const date = dayText(row.cell('date')), closeMs = date === undefined ? undefined : sessionClose(date), level = decimalOf(row.cell('skew'))
    if (date === undefined || closeMs === undefined) return NO_TIME
    if (level === undefined) return 'it has no level'
    return once({
      signal: happened({
        atMs: closeMs, knownMs: dayAfterMs(closeMs), source: 'cboe/indices', type: 'index', key: `cboe:SKEW:${date}`,
        subject: 'index:SKEW', facts: { level },
      }, by),
    })
  },
}

const barchart: OptionTable = {
  columns: ['Symbol', 'Type', 'Strike', 'Volume'],
  row(row, context) {
    const cell = (...names: string[]): string => names.map((name) => row.cell(name)).find((text) => text !== '') ?? ''
    const shown = (...names: string[]): string | undefined => shownDecimal(cell(...names))
    const whole = (...names: string[]): number | undefined => countOf(shown(...names))
    const days = /^[\w.]+\|/.test(cell('Symbol')) ? cell('Symbol').split('|')[0] : cell('Symbol')
    return said({
      service: 'barchart', ticker: days, expiry: dayText(cell('Exp Date', 'Expires', 'Expiration Date')), right: rightOf(cell('Type')),
      strike: shown('Strike'),
      volume: whole('Volume'), openInterest: whole('Open Int', 'Open Interest'),
      facts: {
        bid: shown('Bid'), ask: shown('Ask'), last: shown('Last'), iv: percent(shown('IV', 'Imp Vol')), delta: numberOf(shown('Delta')),
        underlying_price: shown('Price', 'Price~'), stated_ratio: shown('Vol/OI'),
      },
    }, `line ${row.line}`, context)
  },
}

export const OPTION_TABLES: readonly OptionTable[] = [
  leanChain, leanTrades, leanQuotes, leanOpenInterest, deribit, putCallCounts, skewIndex, barchart,
]
