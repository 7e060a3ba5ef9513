/** What readers of off-exchange payloads find, and what they know of the payload. */
import type { Millis, Signal } from '#record'
import type { SharePrint } from './prints.ts'

export interface Context {
  /** For messages. */
  readonly name: string
  /** Tool and version, the `by` of every record. */
  readonly by: string
  readonly heardMs: Millis
  /** What was asked, where an answer does not say so itself. */
  readonly url: string | undefined
  /** The ticker, and the New York date, that payloads which name none are about. */
  readonly symbol: string | undefined
  readonly date: string | undefined
  /** How many of the same name came before in this payload: tells apart trades that are alike to the last digit. */
  before(name: string): number
  reject(place: string, why: string): void
}

export type Found = { readonly signal: Signal } | { readonly print: SharePrint }

/** What a row says: something, nothing (undefined), or why it says nothing. */
export type Row = Found | string | undefined

/** `ticker:FCRS/U` as written: FINRA marks preferred shares by a small letter, which is no other way to write a capital one. */
export function symbolSubject(symbol: string | undefined): string | undefined {
  const bare = (symbol ?? '').trim()
  return /^[A-Za-z0-9][A-Za-z0-9.$+=/^*#-]{0,13}$/.test(bare) ? `ticker:${bare}` : undefined
}
