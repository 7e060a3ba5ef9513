/**
 * Messages of Alpaca's market data streams (https://docs.alpaca.markets/docs/streaming-market-data): lists of objects, told apart by `T`.
 * `b` is a minute's bar, `u` the same again after late trades, `d` a day's bar so far, `t` a trade, `q` a quote, `s` a trading status.
 */
import type { Vanta } from '#record'
import { Failure, type Exit } from '#port/failure'
import { barRecord, candleRecords, subjectOf } from '../bars/candle.ts'
import { rowOf, type Sheet } from '../bars/sheet.ts'
import { exactList, exactNumber, exactObject, exactString, type Exact, type ExactObject } from '../json_exact.ts'
import { happened } from '../signal.ts'
import { printOf, sourceOf } from './answer.ts'

/** The objects of a message that may be one of these; undefined where it is none. */
export function alpacaMessages(value: Exact): readonly ExactObject[] | undefined {
  const list = exactList(value) ?? [value]
  const messages = list.map(exactObject)
  if (messages.length === 0 || !messages.every((message) => typeof message?.['T'] === 'string' && isMessage(message))) return undefined
  return messages.filter((message) => message !== undefined)
}

/** Polygon's grouped bars have a `T` too, but that is a ticker. */
const isMessage = (message: ExactObject): boolean => 'S' in message || ['success', 'error', 'subscription', 'n'].includes(String(message['T']))

export function* alpacaStream(messages: readonly ExactObject[], sheet: Sheet): Generator<Vanta> {
  for (const [i, message] of messages.entries()) yield* recordsOf(`message ${i + 1}`, message, sheet)
}

function* recordsOf(place: string, message: ExactObject, sheet: Sheet): Generator<Vanta> {
  const type = exactString(message['T']), symbol = exactString(message['S'])
  switch (type) {
    case 'success': return sheet.reject(place, `word of the stream itself: ${exactString(message['msg']) ?? type}`)
    case 'subscription': return sheet.reject(place, 'word of the stream itself: what is subscribed to')
    case 'error': throw streamFailure(sheet.payload.name, message)
    case 'n': return sheet.reject(place, 'news, which vanta-news reads')
    case 'd': return sheet.reject(place, 'a bar that is still forming')
  }
  if (symbol === undefined) return sheet.reject(place, 'a message that does not say of what')
  if (!sheet.wants(symbol)) return
  switch (type) {
    case 'b': case 'u': return yield* minuteBar(place, message, symbol, type === 'u', sheet)
    case 't': return yield* printOf('trade', place, message, symbol, sheet)
    case 'q': return yield* printOf('quote', place, message, symbol, sheet)
    case 's': return yield* tradingStatus(place, message, symbol, sheet)
    default: return sheet.reject(place, 'a message that is neither bar nor trade, quote or trading status')
  }
}

function* minuteBar(place: string, message: ExactObject, symbol: string, revised: boolean, sheet: Sheet): Generator<Vanta> {
  const start = sheet.instant(place, message['t'])
  if (start === undefined) return
  // An updated bar comes half a minute late, and some write that moment instead of the start.
  const startMs = start.ms - (start.ms % 60_000)
  const feed = /^\/v2\/([a-z_]+)$/.exec(sheet.path)?.[1] ?? null
  const candle = sheet.candle(place, rowOf(message, startMs), {
    subject: subjectOf(symbol), span: '1m', basis: 'as_traded', source: sourceOf('bars', feed), revised,
  })
  if (candle !== undefined) yield* revised ? [barRecord(candle, sheet.by)] : candleRecords([candle], sheet.terms.opens, sheet.by)
}

/** Halts and resumptions, with the codes of the tape: https://docs.alpaca.markets/docs/real-time-stock-pricing-data#trading-status */
function* tradingStatus(place: string, message: ExactObject, symbol: string, sheet: Sheet): Generator<Vanta> {
  const at = sheet.instant(place, message['t']), status = exactString(message['sc'])
  if (at === undefined) return
  if (status === undefined) return sheet.reject(place, 'a trading status without its code')
  const facts = {
    time: at.text, status, status_message: exactString(message['sm']), reason: exactString(message['rc']), reason_message: exactString(message['rm']),
    tape: exactString(message['z']),
  }
  yield happened({
    type: 'trading_status', key: `alpaca:status:${symbol}:${at.text}`, source: 'alpaca/statuses', atMs: at.ms, knownMs: at.ms,
    subject: subjectOf(symbol), facts,
  }, sheet.by)
}

/** What the stream's error codes mean for us: wrong words or rights do not heal by trying again, the others may. */
const EXITS: Readonly<Record<number, Exit>> = {
  400: 'config', 401: 'config', 402: 'config', 405: 'config', 408: 'config', 409: 'config', 410: 'config',
  404: 'upstream', 406: 'again', 407: 'again', 500: 'upstream',
}

export function streamFailure(name: string, message: ExactObject): Failure {
  const code = exactNumber(message['code']) ?? 0, why = exactString(message['msg']) ?? 'no reason given'
  return new Failure(EXITS[code] ?? 'upstream', `${name}: the stream answered with error ${code}: ${why}`)
}
