/** What exchanges say, whatever their own words for it: the one form that every reader of a venue gives. */
import type { Millis } from '#record'
import type { Book } from '#domain/market/book'
import type { Change, Loss } from '#domain/market/book_sync'
import type { Told } from './told.ts'

/** One thing that is traded at one venue. */
export interface Market {
  /** `binance`, `binance-futures`, `kraken` ...: spot and derivatives are venues of their own. */
  readonly venue: string
  /** As the venue writes it: `BTCUSDT`, `XBT/USD`; undefined where a payload does not say. */
  readonly symbol: string | undefined
  /** `pair:BTC/USDT`, base and quote in common names, or `ticker:AAPL`; undefined where the symbol is neither. */
  readonly subject: string | undefined
}

export interface BookSaid extends Change {
  readonly type: 'snapshot' | 'diff'
  readonly market: Market
  /** When the venue says it was so. */
  readonly atMs?: Millis | undefined
  /** Whether the book that results is the venue's, by a checksum it sent along. */
  check?(book: Book): Loss | undefined
}

export type FactKind = 'trade' | 'quote' | 'ticker' | 'candle' | 'funding' | 'mark_price' | 'open_interest' | 'liquidation'
export type FactValues = { readonly [name: string]: string | number | boolean | undefined }

/** A trade, a ticker, a candle ...: prices and sizes as the venue wrote them. */
export interface FactSaid {
  readonly type: 'fact'
  readonly kind: FactKind
  readonly market: Market
  /** When it happened; of a candle and of a funding period, when it began. */
  readonly atMs?: Millis | undefined
  /** When the venue could first tell of it, where that is later. */
  readonly saidMs?: Millis | undefined
  /** The venue's own id for it within market and kind. */
  readonly id?: string | undefined
  readonly facts: FactValues
}

/** No market data: a heartbeat, an acknowledgement, an account's own orders. `what` is said to the user, the same for the same reason. */
export interface ControlSaid {
  readonly type: 'control'
  readonly what: string
}
/** The venue refused what was asked. */
export interface ErrorSaid {
  readonly type: 'error'
  readonly what: string
}
/** Messages of a connection were missed, of whichever market. */
export interface BreakSaid {
  readonly type: 'break'
  readonly venue: string
  readonly loss: Loss
}
export type Said = BookSaid | FactSaid | ControlSaid | ErrorSaid | BreakSaid

/** What was said at one place of a payload, or why nothing was. */
export type SaidAt =
  | { readonly place: string; readonly said: Said; readonly localMs: Millis | undefined }
  | { readonly place: string; readonly why: string }

/** What payloads do not say of themselves. */
export interface PayloadTerms {
  /** Venue of tables that name none. */
  readonly venue: string
  /** Symbol of payloads that name none. */
  readonly symbol: string | undefined
  /** Day of payloads that tell only the time of day, `2012-06-21`. */
  readonly day: string | undefined
}

/** What is known around a message. */
export interface Context {
  /** The address that was asked, where the message is its answer. */
  readonly url?: string | undefined
  /** The symbol of messages that name none. */
  readonly symbol?: string | undefined
}

/** Reads the messages of one connection to one venue; some count on what was said before. */
export interface Venue {
  /** Undefined where the message is none of this venue's. */
  read(message: Told, context: Context): readonly Said[] | undefined
}

export const control = (what: string): readonly Said[] => [{ type: 'control', what }]
export const PRIVATE = 'private: an account of its own, no market data'
export const INSTRUMENTS = 'a list of instruments: no market data'
export const ANSWERED = 'an answer to a request: no market data'
export const HEARTBEAT = 'a heartbeat'
export const UNFINISHED = 'a candle that has not closed yet'

export const snapshot = (market: Market, said: Omit<BookSaid, 'type' | 'market'>): BookSaid => ({ type: 'snapshot', market, ...said })
export const diff = (market: Market, said: Omit<BookSaid, 'type' | 'market'>): BookSaid => ({ type: 'diff', market, ...said })
export const fact = (kind: FactKind, market: Market, said: Omit<FactSaid, 'type' | 'kind' | 'market'>): FactSaid =>
  ({ type: 'fact', kind, market, ...said })
