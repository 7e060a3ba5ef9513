/**
 * Tradier: chains (`markets/options/chains`, with greeks by ORATS where asked), quotes (`markets/quotes`) and the events of its stream.
 * Instants are milliseconds since 1970; a list of one comes as the thing itself, an empty one as null.
 */
import { formatInstant, type Millis, type Signal } from '#record'
import { readEpoch, readMoment } from '../dates.ts'
import { exactList, exactObject, exactString, type Exact, type ExactObject } from '../json_exact.ts'
import { countOf, decimalOf, manyOf, membersOf, numberOf, wordOf } from '../json_fields.ts'
import { tradingDayOf } from '../market_day.ts'
import { happened } from '../signal.ts'
import { contractsOf, INCOMPLETE, named, pricePaid, tickerSubject, volatilityOf, type Context, type Found } from './found.ts'

export function isTradier(answer: Exact): boolean {
  const object = membersOf(answer)
  return 'options' in object || 'quotes' in object || 'expirations' in object || isEvent(object)
}

const EVENTS: ReadonlySet<string> = new Set(['quote', 'trade', 'tradex', 'timesale', 'summary'])
const isEvent = (object: ExactObject): boolean => EVENTS.has(exactString(object['type']) ?? '') && exactString(object['symbol']) !== undefined

export function* readTradier(answer: Exact, context: Context): Generator<Found> {
  const object = membersOf(answer)
  if (isEvent(object)) yield* readEvent(object, context)
  else if ('expirations' in object) context.reject('expirations', 'a list of expiries that can be asked for, no quotes')
  else {
    const rows = 'options' in object ? manyOf(membersOf(object['options'])['option']) : manyOf(membersOf(object['quotes'])['quote'])
    if (rows.length === 0) context.reject('options', 'no such options')
    for (const [i, row] of rows.entries()) yield* readRow(membersOf(row), `quote ${i + 1}`, context)
    const unknown = manyOf(membersOf(membersOf(object['quotes'])['unmatched_symbols'])['symbol'])
    for (const symbol of unknown) context.reject(`symbol ${wordOf(symbol) ?? ''}`, 'not known to the service')
  }
}

interface Moment {
  readonly atMs: Millis
  /** Said where no time is stated that can be believed. */
  readonly at_is?: 'heard'
}

/** The latest of what is stated, no later than it was heard. */
function momentOf(row: ExactObject, heardMs: Millis): Moment {
  const stated = ['bid_date', 'ask_date', 'trade_date'].map((name) => instant(row[name]) ?? 0).reduce((latest, ms) => Math.max(latest, ms), 0)
  return stated > 0 && stated <= heardMs ? { atMs: stated } : { atMs: heardMs, at_is: 'heard' }
}

/** The service writes 0 where nothing has happened yet. */
const instant = (value: Exact | undefined): Millis | undefined => readEpoch(wordOf(value) ?? '')
const instantText = (value: Exact | undefined): string | undefined => {
  const ms = instant(value)
  return ms === undefined ? undefined : formatInstant(ms)
}

function* readRow(row: ExactObject, place: string, context: Context): Generator<Found> {
  const symbol = exactString(row['symbol'])
  if (symbol === undefined) return context.reject(place, 'it names no symbol')
  const option = named(symbol), { atMs, at_is } = momentOf(row, context.heardMs)
  if (option === undefined) return yield { signal: stockQuote(row, symbol, atMs, context.heardMs, context.by) }
  const greeks = membersOf(row['greeks'])
  const subject = tickerSubject(exactString(row['underlying'])) ?? option.subject
  const size = countOf(row['contract_size'])
  yield {
    standing: {
      contract: { ...option.contract, ...(size !== undefined && size > 0 && { multiplier: size }) },
      service: 'tradier', subject, chain: 'greeks' in row || 'expiration_date' in row ? 'tradier' : undefined, atMs, knownMs: context.heardMs,
      bid: decimalOf(row['bid']), ask: decimalOf(row['ask']), volume: countOf(row['volume']), openInterest: countOf(row['open_interest']),
      iv: volatilityOf(numberOf(greeks['mid_iv'])) ?? volatilityOf(numberOf(greeks['smv_vol'])), delta: numberOf(greeks['delta']),
      underlying: undefined, volumeDay: tradingDayOf(instant(row['trade_date']) ?? atMs),
      facts: {
        bid_size: countOf(row['bidsize']), ask_size: countOf(row['asksize']), bid_exchange: exactString(row['bidexch']),
        ask_exchange: exactString(row['askexch']),
        last: pricePaid(decimalOf(row['last'])), last_at: instantText(row['trade_date']),
        open: pricePaid(decimalOf(row['open'])), high: pricePaid(decimalOf(row['high'])), low: pricePaid(decimalOf(row['low'])),
        previous_close: pricePaid(decimalOf(row['prevclose'])), expiry_type: exactString(row['expiration_type']),
        root: exactString(row['root_symbol']),
        bid_iv: volatilityOf(numberOf(greeks['bid_iv'])), ask_iv: volatilityOf(numberOf(greeks['ask_iv'])),
        gamma: numberOf(greeks['gamma']), theta: numberOf(greeks['theta']), vega: numberOf(greeks['vega']), rho: numberOf(greeks['rho']),
        greeks_at: utcText(exactString(greeks['updated_at'])), at_is,
      },
    },
  }
}

/** `2022-02-10 20:00:03`: UTC, without saying so. */
function utcText(text: string | undefined): string | undefined {
  const ms = text === undefined ? undefined : readMoment(text)?.ms
  return ms === undefined ? undefined : formatInstant(ms)
}

function stockQuote(row: ExactObject, symbol: string, atMs: Millis, knownMs: Millis, by: string): Signal {
  const subject = tickerSubject(symbol)
  return happened({
    atMs, knownMs, source: 'tradier/quotes', type: 'underlying', key: `tradier:${symbol}`, subject,
    facts: {
      price: decimalOf(row['last']), bid: decimalOf(row['bid']), ask: decimalOf(row['ask']), bid_size: countOf(row['bidsize']),
      ask_size: countOf(row['asksize']),
      open: decimalOf(row['open']), high: decimalOf(row['high']), low: decimalOf(row['low']), close: decimalOf(row['close']),
      previous_close: decimalOf(row['prevclose']), volume: countOf(row['volume']), average_volume: countOf(row['average_volume']),
      security_type: exactString(row['type']), last_at: instantText(row['trade_date']),
    },
  }, by)
}

/** `trade` and `tradex` tell a trade without its quote, `timesale` with it; a cancelled or corrected one says so. */
function* readEvent(row: ExactObject, context: Context): Generator<Found> {
  const type = exactString(row['type']) ?? '', symbol = exactString(row['symbol']) ?? ''
  const option = named(symbol)
  if (option === undefined) return context.reject(`event ${type}`, 'an event of a stock, not of an option')
  const atMs = instant(row['date']) ?? instant(row['biddate']) ?? instant(row['askdate'])
  if (type === 'summary') return context.reject('event summary', 'a summary of the day, neither quote nor trade')
  if (type === 'quote') {
    const bid = decimalOf(row['bid']), ask = decimalOf(row['ask'])
    const quotedMs = Math.max(instant(row['biddate']) ?? 0, instant(row['askdate']) ?? 0)
    const facts = {
      bid_size: countOf(row['bidsz']), ask_size: countOf(row['asksz']),
      bid_exchange: exactString(row['bidexch']), ask_exchange: exactString(row['askexch']),
    }
    const none = { volume: undefined, openInterest: undefined, iv: undefined, delta: undefined, underlying: undefined }
    if (quotedMs === 0) return context.reject('event quote', 'it has no time')
    return yield { standing: { ...option, service: 'tradier', atMs: quotedMs, knownMs: quotedMs, bid, ask, facts, ...none } }
  }
  const price = decimalOf(row['price']) ?? decimalOf(row['last']), contracts = contractsOf(row['size'])
  if (atMs === undefined || price === undefined || contracts === undefined) return context.reject(`event ${type}`, INCOMPLETE)
  const order = wordOf(row['seq']) ?? wordOf(row['cvol']) ?? ''
  const exchange = exactString(row['exch'])
  yield {
    print: {
      ...option, service: 'tradier', key: `tradier:${symbol}:${atMs}:${exchange ?? ''}:${order}`, atMs, knownMs: atMs,
      price, contracts, exchange, conditions: row['cancel'] === true ? ['canc'] : [], bid: decimalOf(row['bid']), ask: decimalOf(row['ask']),
      order, premium: undefined,
      facts: {
        sequence: wordOf(row['seq']), flag: exactString(row['flag']), session: exactString(row['session']),
        correction: row['correction'] === true ? true : undefined,
      },
    },
  }
}

/** What an error of the service says, or undefined where the answer is none. */
export function tradierError(answer: Exact): string | undefined {
  const object = membersOf(answer)
  const fault = exactObject(object['fault'])
  if (fault !== undefined) return exactString(fault['faultstring']) ?? 'a fault'
  const errors = exactObject(object['errors'])
  const list = exactList(errors?.['error'])
  return errors === undefined ? undefined : exactString(errors['error']) ?? exactString(list?.[0]) ?? 'an error'
}
