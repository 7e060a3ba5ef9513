/** Exchanges as they are polled: for each pair and stream what is new since the last time, with an overlap, so that nothing falls between. */
import { formatInstant, parseDuration, type Json, type Millis, type Vanta } from '#record'
import type { CallAnswer, Exchange, MarketCall } from '#port/exchange'
import type { Answer, Cursor } from '#port/outside'
import type { Log } from '#port/log'
import { unifiedPayload } from './unified.ts'

/** What of a collector's world it takes. */
export interface PollWorld {
  readonly clock: { now(): Millis }
  readonly log: Log
  read(answer: Answer): AsyncIterable<Vanta>
  cursor(stream: string): Cursor
}

export interface Polled {
  /** ccxt's name of the exchange. */
  readonly exchange: string
  /** In its words. */
  readonly symbol: string
  /** Span of candles. */
  readonly span: string
}

export const STREAMS = ['trades', 'ticker', 'candles', 'funding', 'book'] as const
export type Stream = (typeof STREAMS)[number]

/** Pages of one stream in one round: a round that has not caught up goes on in the next. */
const MOST_PAGES = 200
const PAGE = 1000
/** Candles that a first round asks for. */
const FIRST_CANDLES = 100

/** One round of one stream. What the exchange does not have is said and passed over. */
export async function* poll(stream: Stream, exchange: Exchange, of: Polled, world: PollWorld): AsyncGenerator<Vanta> {
  const { symbol, span } = of
  const ask = async function* (call: MarketCall): AsyncGenerator<Vanta, CallAnswer> {
    const answer = closedOnly(call, await exchange.call(call), world.clock.now())
    yield* world.read(answerOf(of.exchange, call, answer, world.clock.now()))
    return answer
  }
  const once = async function* (method: MarketCall['method'], limit?: number): AsyncGenerator<Vanta> {
    if (exchange.has(method)) yield* ask({ method, symbol, ...(limit !== undefined && { limit }) })
    else world.log.warn(`${of.exchange} has no ${method}`)
  }
  switch (stream) {
    case 'ticker': yield* once('fetchTicker'); return
    case 'book': yield* once('fetchOrderBook', 100); return
    case 'trades': yield* history({ method: 'fetchTrades', symbol }, timestamps, ask, exchange, of, world); return
    case 'candles': yield* history({ method: 'fetchOHLCV', symbol, span }, openTimes, ask, exchange, of, world); return
    case 'funding':
      yield* once('fetchFundingRate')
      yield* history({ method: 'fetchFundingRateHistory', symbol }, timestamps, ask, exchange, of, world)
  }
}

type Ask = (call: MarketCall) => AsyncGenerator<Vanta, CallAnswer>

/** Page after page from the last moment that was heard, which is asked for again: others may share it. */
async function* history(
  call: MarketCall, momentsIn: (result: Json) => readonly Millis[], ask: Ask, exchange: Exchange, of: Polled, world: PollWorld,
): AsyncGenerator<Vanta> {
  const { method, symbol, span } = call
  if (!exchange.has(method)) return world.log.warn(`${of.exchange} has no ${method}`)
  const cursor = world.cursor([of.exchange, symbol, method, ...(span === undefined ? [] : [span])].join(' '))
  let sinceMs = sinceOf(cursor.state)
  for (let page = 1; page <= MOST_PAGES; page++) {
    const isFirst = sinceMs === undefined
    const limit = isFirst && method === 'fetchOHLCV' ? FIRST_CANDLES : PAGE
    const { result, answers } = yield* ask({ ...call, ...(sinceMs !== undefined && { sinceMs }), limit })
    const moments = momentsIn(result)
    const newest = moments.reduce((latest, ms) => Math.max(latest, ms), 0), oldest = moments.reduce((first, ms) => Math.min(first, ms), Infinity)
    if (sinceMs !== undefined && page === 1 && oldest > sinceMs && moments.length >= PAGE && method === 'fetchTrades') {
      world.log.warn(`${of.exchange} ${symbol}: trades are missing: it gave none between ${formatInstant(sinceMs)} and ${formatInstant(oldest)}`)
    }
    const next: Millis | undefined = sinceMs === undefined ? newest || undefined : nextSince(sinceMs, newest, moments.length, windowEnd(answers))
    if (next === undefined) return
    sinceMs = next
    await cursor.save({ since_ms: next })
    if (isFirst) return
  }
  world.log.warn(`${of.exchange} ${symbol}: ${MOST_PAGES} pages in one round; it goes on in the next`)
}

/** Where the next page begins; undefined where nothing newer can be had. */
function nextSince(sinceMs: Millis, newest: Millis, count: number, endMs: Millis | undefined): Millis | undefined {
  if (newest > sinceMs) return newest
  // A full page of one moment: the rest of it cannot be asked for.
  if (count >= PAGE) return sinceMs + 1
  // Binance was asked for one hour only: an empty one may lie before others.
  return endMs !== undefined && endMs > sinceMs ? endMs : undefined
}

/** Until when a page was asked for, where that has passed. */
function windowEnd(answers: readonly Answer[]): Millis | undefined {
  const last = answers.at(-1), end = Number(/[?&]endTime=(\d{13})(?:&|$)/.exec(last?.url ?? '')?.[1] ?? NaN)
  return last !== undefined && end < last.heardMs ? end : undefined
}

/** A member of a JSON object that is a number; undefined else. */
function numberIn(value: Json | undefined, name: string): number | undefined {
  const member = typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as { readonly [name: string]: Json })[name] : undefined
  return typeof member === 'number' ? member : undefined
}
const sinceOf = (state: Json | undefined): Millis | undefined => numberIn(state, 'since_ms')

const rowsOf = (result: Json): readonly Json[] => (Array.isArray(result) ? (result as readonly Json[]) : [])
const timestamps = (result: Json): readonly Millis[] => rowsOf(result).flatMap((row) => numberIn(row, 'timestamp') ?? [])
const openTimes = (result: Json): readonly Millis[] => rowsOf(result).flatMap((row) => {
  const [ms] = rowsOf(row)
  return typeof ms === 'number' ? [ms] : []
})

/** The candle of now would be told again and again until it closes: it is left out of what ccxt read, not of the answer. */
function closedOnly({ method, span }: MarketCall, answer: CallAnswer, nowMs: Millis): CallAnswer {
  const spanMs = method === 'fetchOHLCV' && span !== undefined ? parseDuration(span) : undefined
  if (spanMs === undefined) return answer
  return { ...answer, result: rowsOf(answer.result).filter((row) => (openTimes([row])[0] ?? 0) + spanMs <= nowMs) }
}

function answerOf(exchange: string, call: MarketCall, answer: CallAnswer, nowMs: Millis): Answer {
  const url = answer.answers[0]?.url ?? exchange
  return {
    status: 200, url, headers: { 'content-type': 'application/json' }, bytes: unifiedPayload(exchange, call, answer),
    heardMs: answer.answers.at(-1)?.heardMs ?? nowMs, validators: {},
  }
}
