/** One payload of market data under reading: what was asked of it, what its address says, and the judgement that all bars pass. */
import { SECOND_MS, type Millis } from '#record'
import type { Payload, Reading } from '#port/payload'
import { readEpoch, readMoment } from '../dates.ts'
import { Numeral, exactDecimal, exactNumber, type Exact, type ExactObject } from '../json_exact.ts'
import { priceFault, type Basis, type Candle } from './candle.ts'
import { boundsAlways, boundsOfStock, inferSpan, readSpan, type Span } from './span.ts'

/** What the user asked for. */
export interface Terms {
  /** Only these symbols; all where absent. Where there is one, bars that do not say of what they are belong to it. */
  readonly tickers?: ReadonlySet<string> | undefined
  readonly sinceMs?: Millis | undefined
  readonly untilMs?: Millis | undefined
  readonly extended: boolean
  readonly opens: boolean
  readonly basis?: Basis | undefined
  /** Of bars that do not say how long they are. */
  readonly span?: Span | undefined
  /** Of candles that do not say of what they are, such as `BTC/USDT`. */
  readonly pair?: string | undefined
  /** Where such candles were traded. */
  readonly exchange?: string | undefined
}

/** A bar as a service writes it: texts with the exact digits. */
export interface Row {
  readonly startMs: Millis
  readonly open: string | undefined
  readonly high: string | undefined
  readonly low: string | undefined
  readonly close: string | undefined
  readonly volume: string | undefined
  readonly vwap?: string | undefined
  readonly trades?: number | undefined
}

/** What of a bar its row does not say. */
export interface About {
  readonly subject: string
  readonly span: Span
  readonly basis: Basis
  readonly source: string
  readonly revised?: boolean
  /** When it was seen as it is, where that was before it was heard: a bar that ends later is still forming. */
  readonly seenMs?: Millis | undefined
}

/** A time as it was written, with all its digits, and in milliseconds. */
export interface Written {
  readonly text: string
  readonly ms: Millis
}

/** Clocks of services may be a little ahead. */
const SKEW_MS = 10 * SECOND_MS

export class Sheet {
  readonly terms: Terms
  readonly payload: Payload
  readonly by: string
  readonly reject: Reading['reject']
  /** What the address it came from says; empty where it came from a file. */
  readonly asked: URLSearchParams
  readonly path: string

  constructor(terms: Terms, reading: Reading, payload: Payload) {
    this.terms = terms
    this.payload = payload
    this.by = reading.by
    this.reject = reading.reject
    const url = payload.url !== undefined && URL.canParse(payload.url) ? new URL(payload.url) : undefined
    this.asked = url?.searchParams ?? new URLSearchParams()
    this.path = url?.pathname ?? ''
  }

  /** The symbol that a payload states, else its address, else the only one that was asked for. */
  symbol(stated: Exact | undefined): string | undefined {
    if (typeof stated === 'string' && stated.trim() !== '') return stated.trim()
    const path = /\/stocks\/([^/]+)\/|\/(?:trades|quotes|ticker|dividends)\/([^/]+)/.exec(this.path)
    const address = path?.[1] ?? path?.[2]
    if (address !== undefined) return decodeURIComponent(address)
    const [only, ...others] = this.terms.tickers ?? []
    return others.length === 0 ? only : undefined
  }

  /** Say that there is nothing, or nothing of what is wanted: of files, not of every answer of a service that is asked each minute. */
  none(place: string, why: string): undefined {
    if (this.payload.url === undefined) this.reject(place, why)
  }

  wants = (symbol: string): boolean => this.terms.tickers?.has(symbol) ?? true

  /** How long bars are: as asked for, else as the user says, else by their distance; undefined where none tells. */
  span(startsMs: readonly Millis[], stated?: string): Span | undefined {
    return readSpan(stated ?? '') ?? this.terms.span ?? inferSpan(startsMs)
  }

  /** An instant with its zone, or digits since 1970, that has come; undefined for anything else, said as a reject. */
  instant(place: string, value: Exact | undefined): Written | undefined {
    const text = value instanceof Numeral ? value.text : value
    const written = typeof text === 'string' ? (value instanceof Numeral ? epochOf(text) : zonedOf(text)) : undefined
    if (written === undefined) return void this.reject(place, 'expected a time with its zone')
    if (written.ms > this.payload.heardMs + SKEW_MS) return void this.reject(place, 'a time still to come')
    return written
  }

  /** A bar, or undefined: said as a reject where it is none, is still forming or lies outside the session; silent where it was not asked for. */
  candle(place: string, row: Row, about: About): Candle | undefined {
    const { open, high, low, close, volume } = row
    if (open === undefined || high === undefined || low === undefined || close === undefined || volume === undefined) {
      return void this.reject(place, 'expected open, high, low, close and volume, as numbers')
    }
    const fault = priceFault(Number(open), Number(high), Number(low), Number(close), Number(volume))
    if (fault !== undefined) return void this.reject(place, fault)
    const { startMs, endMs, finalMs, regular } = (about.subject.startsWith('ticker:') ? boundsOfStock : boundsAlways)(row.startMs, about.span)
    const { sinceMs = -Infinity, untilMs = Infinity, extended } = this.terms
    if (finalMs > (about.seenMs ?? this.payload.heardMs + SKEW_MS)) return void this.reject(place, 'a bar that is still forming')
    if (startMs < sinceMs || startMs >= untilMs) return undefined
    if (!regular && !extended) return this.none(place, 'outside the regular session, which --extended reads')
    return {
      subject: about.subject, startMs, endMs, open, high, low, close, volume, vwap: row.vwap, trades: row.trades, span: about.span,
      basis: this.terms.basis ?? about.basis, source: about.source, raw: this.payload.raw,
      ...(about.revised === true && { revisedMs: Math.max(endMs, this.payload.heardMs) }),
    }
  }
}

/** Seconds, milli-, micro- or nanoseconds since 1970. */
function epochOf(digits: string): Written | undefined {
  const ms = readEpoch(digits)
  return ms === undefined ? undefined : { text: digits, ms }
}

function zonedOf(text: string): Written | undefined {
  const moment = readMoment(text)
  return moment?.zoned === true && moment.ms > 0 ? { text, ms: moment.ms } : undefined
}

/** The members of a bar that Alpaca and Polygon write alike: o, h, l, c, v, vw, n. */
export const rowOf = (bar: ExactObject, startMs: Millis): Row => ({
  startMs, open: exactDecimal(bar['o']), high: exactDecimal(bar['h']), low: exactDecimal(bar['l']), close: exactDecimal(bar['c']),
  volume: exactDecimal(bar['v']), vwap: exactDecimal(bar['vw']), trades: countOf(bar['n']),
})

function countOf(value: Exact | undefined): number | undefined {
  const count = exactNumber(value)
  return count !== undefined && Number.isSafeInteger(count) && count >= 0 ? count : undefined
}
