/** What readers of option payloads find: contracts as they stand, prints, and things said outright. */
import type { Millis, Signal } from '#record'
import { parseOptionSymbol, type OptionSymbol, type Right } from '#domain/market/option_symbol'
import type { Exact } from '../json_exact.ts'
import { countOf, shortDecimal } from '../json_fields.ts'
import { type Facts } from '../signal.ts'

/** What a reader knows of the payload it reads. */
export interface Context {
  /** For messages. */
  readonly name: string
  /** Tool and version, the `by` of every record. */
  readonly by: string
  readonly heardMs: Millis
  /** What was asked, where an answer does not say so itself. */
  readonly url: string | undefined
  /** The ticker that payloads which name none are about. */
  readonly symbol: string | undefined
  readonly rules: Rules
  reject(place: string, why: string): void
}

/** What makes a volume unusual, and what volatilities of our own assume. */
export interface Rules {
  /** Least volume of a day, in contracts. */
  readonly unusualVolume: number
  /** Least multiple of the open interest before it. */
  readonly unusualRatio: number
  /** Interest a year, continuously compounded. */
  readonly rate: number
}

/** An option, in words that all services share. */
export interface Contract {
  /** By the OCC, or the service's own name for it. */
  readonly symbol: string
  /** `2025-06-20`. */
  readonly expiry: string
  readonly right: Right
  readonly strike: string
  /** Units of the underlying it stands for; undefined where that is not known. */
  readonly multiplier: number | undefined
  readonly adjusted?: boolean | undefined
}

/** One contract at one moment. Prices and sizes are exact text, volatility and its kin plain numbers. */
export interface Standing {
  readonly contract: Contract
  /** `cboe`, `tradier` ... */
  readonly service: string
  /** `ticker:AAPL`. */
  readonly subject: string | undefined
  /** Which chain it is part of, where the payload holds whole chains: only those speak of skew, terms, puts and calls. */
  readonly chain?: string | undefined
  readonly atMs: Millis
  readonly knownMs: Millis
  readonly facts: Facts
  readonly bid: string | undefined
  readonly ask: string | undefined
  readonly volume: number | undefined
  readonly openInterest: number | undefined
  /** A year: 0.25 is 25 %. */
  readonly iv: number | undefined
  readonly delta: number | undefined
  /** Price of the underlying, or its forward for the expiry where `isForward`. */
  readonly underlying: string | undefined
  readonly isForward?: boolean | undefined
  /** Where the contract does not expire at 16:00 New York. */
  readonly expiresMs?: Millis | undefined
  /** The service's own fair price, where it states no volatility. */
  readonly mark?: string | undefined
  /** The trading day whose volume this is, where it is known that the open interest is of the close before it. */
  readonly volumeDay?: string | undefined
}

/** One trade in one contract. */
export interface Print {
  readonly contract: Contract
  readonly service: string
  readonly key: string
  readonly subject: string | undefined
  readonly atMs: Millis
  readonly knownMs: Millis
  readonly price: string
  readonly contracts: number
  readonly exchange: string | undefined
  readonly conditions: readonly string[]
  /** Best quote at the print. */
  readonly bid: string | undefined
  readonly ask: string | undefined
  /** Orders the prints of one millisecond. */
  readonly order: string
  /** As stated; else it is made of price, contracts and multiplier. */
  readonly premium: string | undefined
  readonly facts: Facts
}

/** A signal of the underlying may come with its price, for the contracts of its chain that follow without one. */
export type Found =
  | { readonly standing: Standing }
  | { readonly print: Print }
  | { readonly signal: Signal; readonly chain?: string; readonly price?: string }

/** The contract of an OCC symbol. */
export function contractOf({ symbol, expiry, right, strike, multiplier, adjusted }: OptionSymbol): Contract {
  return { symbol, expiry, right, strike, multiplier, ...(adjusted && { adjusted }) }
}

/** The contract that an OCC symbol names, and its subject; undefined where it is no such symbol. */
export function named(symbol: string | undefined): { readonly contract: Contract; readonly subject: string } | undefined {
  const parsed = symbol === undefined ? undefined : parseOptionSymbol(symbol)
  return parsed === undefined ? undefined : { contract: contractOf(parsed), subject: `ticker:${parsed.underlying}` }
}

/** `ticker:AAPL` of a ticker as stated (`aapl`, `^SPX`, `_SPX`, `I:SPX`); undefined where it is none. */
export function tickerSubject(ticker: string | undefined): string | undefined {
  const bare = (ticker ?? '').trim().toUpperCase().replace(/^(?:I:|[_^$])/, '')
  return /^[A-Z0-9][A-Z0-9./-]{0,11}$/.test(bare) ? `ticker:${bare}` : undefined
}

/** Of a print: a whole number above nought. */
export const contractsOf = (size: Exact | undefined): number | undefined => countOf(size) || undefined

/** Why a print says nothing. */
export const INCOMPLETE = 'it lacks a time, a price or a size'

/** A year's volatility: above nought, for nought is how services say that there is none. */
export const volatilityOf = (iv: number | undefined): number | undefined => (iv !== undefined && iv > 0 ? iv : undefined)

/** A price that was paid: a nought stands for none. */
export const pricePaid = (price: string | undefined): string | undefined => (price === undefined || shortDecimal(price) === '0' ? undefined : price)
