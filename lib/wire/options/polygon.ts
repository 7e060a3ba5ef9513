/**
 * Polygon's REST answers on options: snapshots (one contract, a chain, or several assets), trades and quotes of a contract, reference data
 * of contracts. Instants are nanoseconds since 1970. Exchanges of options have numbers from 300 on, conditions from 201 on.
 */
import { formatInstant, type Millis, type Signal } from '#record'
import { readEpoch } from '../dates.ts'
import { exactList, exactString, type Exact, type ExactObject } from '../json_exact.ts'
import { countOf, decimalOf, manyOf, membersOf, numberOf, wordOf, wordsOf } from '../json_fields.ts'
import { tradingDayOf } from '../market_day.ts'
import { happened, present } from '../signal.ts'
import { contractsOf, INCOMPLETE, named, tickerSubject, volatilityOf, type Contract, type Context, type Found } from './found.ts'

export function isPolygon(answer: Exact): boolean {
  const object = membersOf(answer)
  return 'results' in object && ('status' in object || 'request_id' in object || 'next_url' in object || exactList(object['results']) !== undefined)
}

export function* readPolygon(answer: Exact, context: Context): Generator<Found> {
  const rows = manyOf(membersOf(answer)['results'])
  if (rows.length === 0) context.reject('results', 'an answer without results')
  const several = exactList(membersOf(answer)['results']) !== undefined
  for (const [i, row] of rows.entries()) yield* readResult(membersOf(row), `result ${i + 1}`, several, context)
}

function* readResult(row: ExactObject, place: string, several: boolean, context: Context): Generator<Found> {
  const error = exactString(row['error'])
  if (error !== undefined) context.reject(place, `the service says ${error}`)
  // Only the snapshot of a chain holds several contracts without a type each: of one underlying, and all of it over its pages.
  else if ('details' in row || exactString(row['type']) === 'options') yield* readSnapshot(row, place, several && !('type' in row), context)
  else if (PRICED.has(exactString(row['type']) ?? '') && 'session' in row) yield* readUnderlying(row, place, context)
  else if ('strike_price' in row) yield* readReference(row, place, context)
  else if ('sip_timestamp' in row && 'price' in row) yield* readTrade(row, place, context)
  else if ('sip_timestamp' in row && 'bid_price' in row) yield* readQuote(row, place, context)
  else context.reject(place, `no option: ${kindOf(row)}`)
}

/** Assets whose snapshots tell a price: what options are on. */
const PRICED: ReadonlySet<string> = new Set(['stocks', 'indices'])

function* readUnderlying(row: ExactObject, place: string, context: Context): Generator<Found> {
  const ticker = exactString(row['ticker']), subject = tickerSubject(ticker), session = membersOf(row['session'])
  const trade = membersOf(row['last_trade']), quote = membersOf(row['last_quote'])
  const price = decimalOf(row['value']) ?? decimalOf(trade['price']) ?? decimalOf(session['close'])
  if (subject === undefined || price === undefined) return context.reject(place, 'it lacks a ticker or a price')
  const latestMs = instant(trade['last_updated']) ?? instant(row['last_updated']) ?? Infinity
  const isStated = latestMs <= context.heardMs, atMs = isStated ? latestMs : context.heardMs
  yield {
    signal: happened({
      atMs, knownMs: context.heardMs, source: 'polygon/snapshots', type: 'underlying', key: `polygon:${ticker ?? ''}`, subject,
      facts: {
        price, bid: decimalOf(quote['bid']), ask: decimalOf(quote['ask']), bid_size: countOf(quote['bid_size']), ask_size: countOf(quote['ask_size']),
        open: decimalOf(session['open']), high: decimalOf(session['high']), low: decimalOf(session['low']), close: decimalOf(session['close']),
        previous_close: decimalOf(session['previous_close']), volume: countOf(session['volume']), security_type: exactString(row['type']),
        at_is: isStated ? undefined : 'heard',
      },
    }, context.by),
  }
}

/** What else it is, in a word. */
function kindOf(row: ExactObject): string {
  const type = exactString(row['type']) ?? exactString(row['asset_class'])
  if (type !== undefined) return `it is of type ${type}`
  return 'value' in row ? 'an index' : 'reference data of other assets'
}

const instant = (value: Exact | undefined): Millis | undefined => readEpoch(wordOf(value) ?? '')

/** The contract by its ticker, its multiplier and underlying as stated. */
function contractIn(
  ticker: string | undefined, details: ExactObject, underlying: string | undefined,
): { contract: Contract; subject: string } | undefined {
  const option = named(ticker)
  if (option === undefined) return undefined
  const size = countOf(details['shares_per_contract'])
  return {
    contract: { ...option.contract, ...(size !== undefined && size > 0 && { multiplier: size }) },
    subject: tickerSubject(exactString(details['underlying_ticker']) ?? underlying) ?? option.subject,
  }
}

function* readSnapshot(row: ExactObject, place: string, inChain: boolean, context: Context): Generator<Found> {
  const details = membersOf(row['details']), asset = membersOf(row['underlying_asset'])
  const option = contractIn(exactString(row['ticker']) ?? exactString(details['ticker']), details, exactString(asset['ticker']))
  if (option === undefined) return context.reject(place, 'its ticker is no OCC symbol')
  const quote = membersOf(row['last_quote']), trade = membersOf(row['last_trade']), greeks = membersOf(row['greeks'])
  const day = 'day' in row ? membersOf(row['day']) : membersOf(row['session'])
  const tradedMs = instant(trade['sip_timestamp']) ?? instant(trade['last_updated'])
  const moments = [instant(quote['last_updated']), tradedMs, instant(asset['last_updated']), instant(day['last_updated'])]
  const latestMs = moments.reduce<Millis>((latest, ms) => Math.max(latest, ms ?? 0), 0)
  const isStated = latestMs > 0 && latestMs <= context.heardMs, atMs = isStated ? latestMs : context.heardMs
  yield {
    standing: {
      ...option, service: 'polygon', chain: inChain ? 'polygon' : undefined, atMs, knownMs: context.heardMs,
      bid: decimalOf(quote['bid']), ask: decimalOf(quote['ask']), volume: countOf(day['volume']), openInterest: countOf(row['open_interest']),
      iv: volatilityOf(numberOf(row['implied_volatility'])), delta: numberOf(greeks['delta']), underlying: decimalOf(asset['price']),
      volumeDay: tradingDayOf(instant(day['last_updated']) ?? atMs),
      facts: {
        bid_size: countOf(quote['bid_size']), ask_size: countOf(quote['ask_size']), timeframe: exactString(quote['timeframe']),
        last: decimalOf(trade['price']), last_size: countOf(trade['size']), last_at: tradedMs === undefined ? undefined : formatInstant(tradedMs),
        last_exchange: wordOf(trade['exchange']),
        open: decimalOf(day['open']), high: decimalOf(day['high']), low: decimalOf(day['low']), close: decimalOf(day['close']),
        previous_close: decimalOf(day['previous_close']), vwap: decimalOf(day['vwap']), fair_value: decimalOf(row['fmv']),
        at_is: isStated ? undefined : 'heard', gamma: numberOf(greeks['gamma']), theta: numberOf(greeks['theta']),
        vega: numberOf(greeks['vega']), style: exactString(details['exercise_style']),
      },
    },
  }
}

/** A contract that can be traded, as reference data has it: no quote, but what it delivers. */
function* readReference(row: ExactObject, place: string, context: Context): Generator<Found> {
  const option = contractIn(exactString(row['ticker']), row, undefined)
  if (option === undefined) return context.reject(place, 'its ticker is no OCC symbol')
  yield { signal: referenceSignal(row, option.contract, option.subject, context) }
}

function referenceSignal(row: ExactObject, contract: Contract, subject: string, { heardMs, by }: Context): Signal {
  const { symbol, expiry, right, strike, multiplier, adjusted } = contract
  const additional = manyOf(row['additional_underlyings']).map(membersOf)
    .map((part) => present({ underlying: exactString(part['underlying']), amount: decimalOf(part['amount']), type: exactString(part['type']) }))
  return happened({
    atMs: heardMs, knownMs: heardMs, source: 'polygon/contracts', type: 'option_contract', key: `polygon:${symbol}`, subject,
    facts: {
      contract: symbol, expiry, right, strike, multiplier, adjusted, stated_strike: differing(decimalOf(row['strike_price']), strike),
      style: exactString(row['exercise_style']), primary_exchange: exactString(row['primary_exchange']), cfi: exactString(row['cfi']),
      at_is: 'heard', delivers_also: additional.length === 0 ? undefined : additional, correction: wordOf(row['correction']),
    },
  }, by)
}

const differing = (value: string | undefined, than: string): string | undefined => (value === than ? undefined : value)

/** The contract that was asked for: trades and quotes do not say it themselves. */
function asked(context: Context): ReturnType<typeof named> {
  const inAddress = /\/v3\/(?:trades|quotes)\/([^/?]+)/.exec(context.url ?? '')?.[1]
  return named(inAddress === undefined ? context.symbol : decodeURIComponent(inAddress))
}

const FIRST_OPTION_EXCHANGE = 300

function* readTrade(row: ExactObject, place: string, context: Context): Generator<Found> {
  const exchange = wordOf(row['exchange'])
  const isShares = 'tape' in row || 'trf_id' in row || Number(exchange) < FIRST_OPTION_EXCHANGE
  if (isShares) return context.reject(place, 'a trade in shares, which vanta-darkpool reads')
  const option = asked(context)
  if (option === undefined) return context.reject(place, 'a trade that does not say in which contract: --symbol can')
  const atMs = instant(row['sip_timestamp']), price = decimalOf(row['price']), contracts = contractsOf(row['size'])
  if (atMs === undefined || price === undefined || contracts === undefined) return context.reject(place, INCOMPLETE)
  const order = wordOf(row['sequence_number']) ?? wordOf(row['sip_timestamp']) ?? ''
  const nanoseconds = wordOf(row['sip_timestamp']) ?? ''
  yield {
    print: {
      ...option, service: 'polygon', key: `polygon:${option.contract.symbol}:${nanoseconds}:${exchange ?? ''}:${order}`, atMs, knownMs: atMs,
      price, contracts, exchange, conditions: wordsOf(row['conditions']), bid: undefined, ask: undefined, order, premium: undefined,
      facts: {
        sip_timestamp: nanoseconds, participant_timestamp: wordOf(row['participant_timestamp']), sequence: wordOf(row['sequence_number']),
        id: wordOf(row['id']), correction: wordOf(row['correction']),
      },
    },
  }
}

function* readQuote(row: ExactObject, place: string, context: Context): Generator<Found> {
  if ('tape' in row) return context.reject(place, 'a quote in shares')
  const option = asked(context)
  if (option === undefined) return context.reject(place, 'a quote that does not say of which contract: --symbol can')
  const atMs = instant(row['sip_timestamp'])
  if (atMs === undefined) return context.reject(place, 'it has no time')
  yield {
    standing: {
      ...option, service: 'polygon', atMs, knownMs: atMs, bid: decimalOf(row['bid_price']), ask: decimalOf(row['ask_price']),
      volume: undefined, openInterest: undefined, iv: undefined, delta: undefined, underlying: undefined,
      facts: {
        bid_size: countOf(row['bid_size']), ask_size: countOf(row['ask_size']), bid_exchange: wordOf(row['bid_exchange']),
        ask_exchange: wordOf(row['ask_exchange']), sip_timestamp: wordOf(row['sip_timestamp']), sequence: wordOf(row['sequence_number']),
      },
    },
  }
}
