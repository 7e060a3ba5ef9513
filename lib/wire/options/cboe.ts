/**
 * Cboe's delayed quotes: one underlying and its whole chain. `timestamp` is UTC and tells when the page was made; `last_trade_time` is on
 * New York's clocks, without saying so, and may be null; what is told is some fifteen minutes old. Volatilities of nought stand for none.
 */
import { formatInstant, type Millis, type Signal } from '#record'
import { readMoment } from '../dates.ts'
import { exactList, exactObject, exactString, type Exact, type ExactObject } from '../json_exact.ts'
import { countOf, decimalOf, membersOf, numberOf } from '../json_fields.ts'
import { tradingDayOf } from '../market_day.ts'
import { happened } from '../signal.ts'
import { named, pricePaid, tickerSubject, volatilityOf, type Context, type Found } from './found.ts'

export const isCboe = (answer: Exact): boolean => exactList(membersOf(membersOf(answer)['data'])['options']) !== undefined

export function* readCboe(answer: Exact, context: Context): Generator<Found> {
  const page = membersOf(answer), data = membersOf(page['data'])
  const madeMs = zoned(exactString(page['timestamp']), 'UTC')
  const knownMs = madeMs === undefined || madeMs > context.heardMs ? context.heardMs : madeMs
  const options = exactList(data['options']) ?? []
  const trades = [data, ...options.map(membersOf)].map((row) => zoned(exactString(row['last_trade_time']), 'ET') ?? 0)
  // As of its latest trade, which the page cannot be older than; of a page without trades only its own time is known.
  const latestMs = trades.reduce((latest, ms) => Math.max(latest, ms), 0)
  const atMs = latestMs > 0 && latestMs <= knownMs ? latestMs : knownMs
  const subject = tickerSubject(exactString(data['symbol']) ?? exactString(page['symbol']))
  yield { signal: underlyingSignal(data, subject, atMs, knownMs, context.by) }
  const underlying = decimalOf(data['current_price'])
  const volumeDay = tradingDayOf(atMs)
  for (const [i, option] of options.entries()) {
    const row = exactObject(option), contract = named(exactString(row?.['option']))
    if (row === undefined || contract === undefined) {
      context.reject(`option ${i + 1}`, 'its name is no OCC symbol')
      continue
    }
    const volume = countOf(row['volume'])
    const lastAt = zoned(exactString(row['last_trade_time']), 'ET')
    yield {
      standing: {
        contract: contract.contract, service: 'cboe', subject: subject ?? contract.subject, chain: 'cboe', atMs, knownMs,
        bid: decimalOf(row['bid']), ask: decimalOf(row['ask']), volume, openInterest: countOf(row['open_interest']),
        iv: volatilityOf(numberOf(row['iv'])), delta: numberOf(row['delta']), underlying, volumeDay,
        facts: {
          bid_size: countOf(row['bid_size']), ask_size: countOf(row['ask_size']),
          last: pricePaid(decimalOf(row['last_trade_price'])), last_at: lastAt === undefined ? undefined : formatInstant(lastAt),
          ...(volume === 0 ? {} : {
            open: pricePaid(decimalOf(row['open'])), high: pricePaid(decimalOf(row['high'])), low: pricePaid(decimalOf(row['low'])),
          }),
          theo: decimalOf(row['theo']), gamma: numberOf(row['gamma']), vega: numberOf(row['vega']), theta: numberOf(row['theta']),
          rho: numberOf(row['rho']),
        },
      },
    }
  }
  if (options.length === 0) context.reject('options', 'the underlying has no options')
}

/** A clock time of the zone it is known to be in. */
const zoned = (text: string | undefined, zone: 'UTC' | 'ET'): Millis | undefined => {
  const moment = text === undefined ? undefined : readMoment(`${text.trim()} ${zone}`) ?? readMoment(text)
  return moment?.zoned === true && moment.unit !== 'day' && moment.ms > 0 ? moment.ms : undefined
}

function underlyingSignal(data: ExactObject, subject: string | undefined, atMs: Millis, knownMs: Millis, by: string): Signal {
  return happened({
    atMs, knownMs, source: 'cboe/options', type: 'underlying',
    key: `cboe:${subject ?? 'underlying'}`, subject,
    facts: {
      price: decimalOf(data['current_price']), bid: decimalOf(data['bid']), ask: decimalOf(data['ask']),
      bid_size: countOf(data['bid_size']), ask_size: countOf(data['ask_size']),
      open: pricePaid(decimalOf(data['open'])), high: pricePaid(decimalOf(data['high'])), low: pricePaid(decimalOf(data['low'])),
      previous_close: pricePaid(decimalOf(data['prev_day_close'])), volume: countOf(data['volume']),
      security_type: exactString(data['security_type']),
      /** Cboe's thirty-day implied volatility, and its change on the day, in percent. */
      iv30_percent: decimalOf(data['iv30']), iv30_change_percent: decimalOf(data['iv30_change']),
    },
  }, by)
}
