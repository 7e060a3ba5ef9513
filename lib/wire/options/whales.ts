/**
 * Unusual Whales: trades, flow alerts and exposures, as its API answers (`{data: [...]}`), its sockets say (one object each) and its
 * examples record them. Numbers come as numbers or as text. Instants are milliseconds since 1970, or ISO 8601.
 */
import { formatInstant, type Millis } from '#record'
import { readEpoch, readMoment } from '../dates.ts'
import { exactList, exactObject, exactString, type Exact, type ExactObject } from '../json_exact.ts'
import { countOf, decimalOf, flagOf, manyOf, membersOf, numberOf, wordOf, wordsOf } from '../json_fields.ts'
import { tradingDayOf } from '../market_day.ts'
import { happened } from '../signal.ts'
import { contractsOf, INCOMPLETE, named, tickerSubject, type Context, type Found } from './found.ts'
import { unusualSignal } from './standing.ts'

const isTrade = (row: ExactObject): boolean => exactString(row['option_symbol']) !== undefined && 'size' in row
const isAlert = (row: ExactObject): boolean => exactString(row['option_chain']) !== undefined || ('rule_id' in row && 'total_premium' in row)
const EXPOSURE = /(gamma|delta|vanna|charm|gex|dex)/
const isExposure = (row: ExactObject): boolean => exactString(row['ticker']) !== undefined && Object.keys(row).some((name) => EXPOSURE.test(name))
const isAcknowledgement = (row: ExactObject): boolean => 'response' in row && 'status' in row
const isOurs = (row: ExactObject): boolean => isTrade(row) || isAlert(row) || isExposure(row) || isAcknowledgement(row)

/** `[channel, message]`, as the socket frames it. */
const framed = (answer: Exact): ExactObject | undefined => {
  const list = exactList(answer)
  return list?.length === 2 && exactString(list[0]) !== undefined ? exactObject(list[1]) : undefined
}

function rowsOf(answer: Exact): readonly ExactObject[] {
  const frame = framed(answer)
  if (frame !== undefined) return [frame]
  const object = exactObject(answer)
  const rows = exactList(answer) ?? (object !== undefined && 'data' in object && !isOurs(object) ? manyOf(object['data']) : [answer])
  return rows.map(membersOf)
}

export const isWhales = (answer: Exact): boolean => rowsOf(answer).some(isOurs)

export function* readWhales(answer: Exact, context: Context): Generator<Found> {
  for (const [i, row] of rowsOf(answer).entries()) {
    const place = `message ${i + 1}`
    if (isTrade(row)) yield* readTrade(row, place, context)
    else if (isAlert(row)) yield* readAlert(row, place, context)
    else if (isAcknowledgement(row)) context.reject(place, 'the answer to a subscription')
    else if (isExposure(row)) yield* readExposure(row, place, context)
    else context.reject(place, 'no trade, alert or exposure')
  }
}

function instant(value: Exact | undefined): Millis | undefined {
  const word = wordOf(value) ?? '', epochMs = readEpoch(word)
  if (epochMs !== undefined) return epochMs
  const moment = readMoment(word)
  return moment?.zoned === true ? moment.ms : undefined
}

function* readTrade(row: ExactObject, place: string, context: Context): Generator<Found> {
  const option = named(exactString(row['option_symbol']))
  const atMs = instant(row['executed_at']), price = decimalOf(row['price']), contracts = contractsOf(row['size'])
  if (option === undefined) return context.reject(place, 'its name is no OCC symbol')
  if (atMs === undefined || price === undefined || contracts === undefined) return context.reject(place, INCOMPLETE)
  const id = wordOf(row['id']), code = exactString(row['trade_code']) ?? exactString(row['upstream_condition_detail'])
  const subject = tickerSubject(exactString(row['underlying_symbol'])) ?? option.subject
  yield {
    print: {
      contract: option.contract, subject, service: 'unusual_whales', key: `unusual_whales:${id ?? `${option.contract.symbol}:${atMs}`}`,
      atMs, knownMs: Math.max(atMs, instant(row['created_at']) ?? atMs), price, contracts,
      exchange: exactString(row['exchange']), conditions: flagOf(row['canceled']) === true ? ['canc'] : code === undefined ? [] : [code],
      bid: decimalOf(row['nbbo_bid']), ask: decimalOf(row['nbbo_ask']), order: '', premium: decimalOf(row['premium']),
      facts: {
        volume: countOf(row['volume']), open_interest: countOf(row['open_interest']), underlying_price: decimalOf(row['underlying_price']),
        iv: numberOf(row['implied_volatility']), delta: numberOf(row['delta']), theo: decimalOf(row['theo']),
        tags: some(wordsOf(row['tags'])), report_flags: some(wordsOf(row['report_flags'])),
      },
    },
  }
}

const some = (words: readonly string[]): readonly string[] | undefined => (words.length === 0 ? undefined : words)

/** What the service's own rules took notice of: its words, and the numbers behind them. */
function* readAlert(row: ExactObject, place: string, context: Context): Generator<Found> {
  const option = named(exactString(row['option_chain']))
  const id = wordOf(row['id']), endMs = instant(row['executed_at']) ?? instant(row['end_time']) ?? instant(row['created_at'])
  if (option === undefined) return context.reject(place, 'its name is no OCC symbol')
  if (endMs === undefined || id === undefined) return context.reject(place, 'it lacks an id or a time')
  const startMs = instant(row['start_time'])
  const subject = tickerSubject(exactString(row['ticker'])) ?? option.subject
  const { symbol, expiry, right, strike } = option.contract
  const trades = wordsOf(row['trade_ids'])
  const facts = {
    contract: symbol, expiry, right, strike, rule: exactString(row['rule_name']) ?? exactString(row['alert_rule']), rule_id: wordOf(row['rule_id']),
    price: decimalOf(row['price']), bid: decimalOf(row['bid']), ask: decimalOf(row['ask']), contracts: countOf(row['total_size']),
    premium: decimalOf(row['total_premium']), ask_side_premium: decimalOf(row['total_ask_side_prem']),
    bid_side_premium: decimalOf(row['total_bid_side_prem']),
    from: startMs === undefined ? undefined : formatInstant(startMs), prints: countOf(row['trade_count']),
    exchanges: some(wordsOf(row['exchanges']).sort()), conditions: some(wordsOf(row['upstream_condition_details'])),
    has_sweep: flagOf(row['has_sweep']), has_multi_leg: flagOf(row['has_multileg']), has_single_leg: flagOf(row['has_singleleg']),
    has_floor: flagOf(row['has_floor']), all_opening: flagOf(row['all_opening_trades']),
    volume: countOf(row['volume']), open_interest: countOf(row['open_interest']), stated_ratio: decimalOf(row['volume_oi_ratio']),
    ask_volume: countOf(row['ask_vol']), bid_volume: countOf(row['bid_vol']), mid_volume: countOf(row['mid_vol']),
    multi_leg_volume: countOf(row['multi_vol']),
    underlying_price: decimalOf(row['underlying_price']), trade_ids: some(trades),
  }
  const signal = happened({
    atMs: endMs, knownMs: instant(row['created_at']) ?? context.heardMs,
    source: 'unusual_whales/flow_alerts', type: 'flow_alert', key: `unusual_whales:${id}`, subject, facts,
  }, context.by)
  yield { signal }
  const volume = { volume: countOf(row['volume']), openInterest: countOf(row['open_interest']), volumeDay: tradingDayOf(endMs) }
  const unusual = unusualSignal({ contract: option.contract, service: 'unusual_whales', ...volume }, signal, context.rules, context.by)
  if (unusual !== undefined) yield { signal: unusual }
}

/** Greek exposure by ticker, and by strike or expiry where it says so: every number that it states, under its own name. */
function* readExposure(row: ExactObject, place: string, context: Context): Generator<Found> {
  const subject = tickerSubject(exactString(row['ticker']))
  const atMs = instant(row['timestamp']) ?? instant(row['time']) ?? readMoment(exactString(row['date']) ?? '')?.ms
  if (subject === undefined || atMs === undefined) return context.reject(place, 'it lacks a ticker or a time')
  const numbers = Object.keys(row).sort().flatMap((name) => {
    const value = name === 'timestamp' || name === 'time' ? undefined : decimalOf(row[name])
    return value === undefined ? [] : [[name, value] as const]
  })
  const key = ['unusual_whales:exposure', subject, wordOf(row['strike']), wordOf(row['expiry'])].filter((part) => part !== undefined).join(':')
  yield {
    signal: happened({
      atMs, knownMs: context.heardMs, source: 'unusual_whales/exposure', type: 'greek_exposure', key, subject,
      facts: { ...Object.fromEntries(numbers), expiry: exactString(row['expiry']) },
    }, context.by),
  }
}
