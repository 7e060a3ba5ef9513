/** What ownership filings say, in one vocabulary for all the shapes in which they come. Absent means not stated. */
import { formatInstant, make, type Json, type Millis, type Signal } from '#record'
import { sha256Of } from '#record/sha256'
import { formatFixed, parseFixed } from '#domain/money/decimal'
import { newYorkMillis, sessionClose } from '#domain/market/session'

/** One line of a Form 3, 4 or 5. Shares and USD prices are exact decimal text, as traded on the day. */
export interface Transaction {
  /** Form 4 code: P open-market purchase, S sale, A grant, M exercise, F tax, G gift ... */
  readonly code?: string | undefined
  readonly shares?: string | undefined
  readonly price_per_share?: string | undefined
  readonly acquired_disposed?: 'A' | 'D' | undefined
  readonly date?: string | undefined
  /** Held by the owner, not through a trust, family member or fund. */
  readonly direct?: boolean | undefined
  readonly derivative?: boolean | undefined
  readonly security?: string | undefined
  readonly shares_after?: string | undefined
  /** USD: what is held of securities that are counted by value, and what was traded of them. */
  readonly value_after?: string | undefined
  readonly total_value?: string | undefined
  /** Of indirect holdings: `By Trust`, `By Spouse`. */
  readonly nature?: string | undefined
  readonly exercise_price?: string | undefined
  readonly exercise_date?: string | undefined
  readonly expires?: string | undefined
  readonly underlying_security?: string | undefined
  readonly underlying_shares?: string | undefined
  readonly underlying_value?: string | undefined
  /** The form that the line is of, where it is another than the document: a Form 5 may report what a Form 4 should have. */
  readonly form?: string | undefined
  /** Reported `early` or `late`, where that is said. */
  readonly timeliness?: 'early' | 'late' | undefined
  readonly equity_swap?: true | undefined
  /** Ids of the footnotes that qualify it. */
  readonly footnotes?: readonly string[] | undefined
  /** Fields whose value is left to a footnote, so that it is not here. */
  readonly in_footnotes?: readonly string[] | undefined
}

export interface Owner {
  readonly name?: string | undefined
  readonly cik?: string | undefined
  readonly title?: string | undefined
  readonly officer?: boolean | undefined
  readonly director?: boolean | undefined
  readonly ten_percent?: boolean | undefined
  /** Neither of the three, as the form has it. */
  readonly other?: true | undefined
}

export type Facts = { readonly [fact: string]: Json | undefined }

export interface Filing {
  readonly type: string
  readonly key: string
  readonly source: string
  readonly subject?: string | undefined
  readonly author?: string | undefined
  readonly atMs: Millis
  readonly knownMs: Millis
  readonly facts: Facts
  readonly parents?: string[]
  /** The kept payload, where it is not the one that is being read. */
  readonly raw?: string | undefined
}

/** The signal of a filing. A trade dated after its own filing (a typing error) happened, for us, when it was filed. */
export function filingSignal(filing: Filing, by: string): Signal {
  const { type, key, source, subject, author, atMs, knownMs, facts, parents = [], raw } = filing
  return make('signal', {
    at: formatInstant(Math.min(atMs, knownMs)),
    known_at: formatInstant(knownMs),
    source,
    by,
    parents,
    type,
    key,
    ...(subject !== undefined && { subject }),
    ...(author !== undefined && { author }),
    facts: { ...facts },
    ...(raw !== undefined && { raw }),
  })
}

/** EDGAR takes filings until 22:00 New York: a filing of which only the date is known was public by then at the latest. */
export const filedBy = (date: string): Millis | undefined => newYorkMillis(date, 22, 0)

/** 16:00 New York on the latest of some dates; undefined where none is a date. */
export function latestClose(dates: readonly (string | undefined)[]): Millis | undefined {
  let latest: Millis | undefined
  for (const date of dates) {
    const close = date === undefined ? undefined : sessionClose(date)
    if (close !== undefined && (latest === undefined || close > latest)) latest = close
  }
  return latest
}

/** The shortest exact form of a decimal as people file it (`.50`, `1268.0`, `5.`); undefined where it is no decimal. */
export function decimalText(text: string | undefined): string | undefined {
  const match = /^\s*([+-]?)(\d*)(?:\.(\d*))?\s*$/.exec(text ?? '')
  if (match === null) return undefined
  const [, sign, whole = '', fraction = ''] = match
  if (whole === '' && fraction === '') return undefined
  const plain = `${sign === '-' ? '-' : ''}${whole === '' ? '0' : whole}${fraction === '' ? '' : `.${fraction}`}`
  const fixed = parseFixed(plain)
  return fixed === undefined ? plain : formatFixed(fixed)
}

/** The Securities Exchange Act is of 1934: whatever is dated before that was mistyped. */
const FIRST_DATE = '1934-06-06'

/** Whether something dated so can have been filed by a moment: neither before the Act nor on a later day. */
export function isPlausible(date: string, filedMs: Millis): boolean {
  const midnightMs = newYorkMillis(date, 0, 0)
  return midnightMs !== undefined && date >= FIRST_DATE && midnightMs <= filedMs
}

/** The day of a date that may carry an offset or a time (`2025-01-10-05:00`); undefined where it is no date. */
export function dateText(text: string | undefined): string | undefined {
  const date = /^\d{4}-\d\d-\d\d/.exec(text?.trim() ?? '')?.[0]
  return date !== undefined && sessionClose(date) !== undefined ? date : undefined
}

/** `1`, `true` and `True`, or `0`, `false` and `False`; undefined for anything else: unknown is not false. */
export function flagText(text: string | undefined): boolean | undefined {
  const flag = text?.trim().toLowerCase()
  if (flag === '1' || flag === 'true') return true
  return flag === '0' || flag === 'false' ? false : undefined
}

const SYMBOL = /^[A-Z0-9][A-Z0-9.-]{0,9}$/
const NO_SYMBOL = /^(N\/?A|NONE|NULL|-+)$/

/** `ticker:GME` from a symbol as filed (`NYSE: GME`, `BRK.A, BRK.B`: the first); undefined where it names none. */
export function tickerSubject(symbol: string | undefined): string | undefined {
  const bare = (symbol ?? '').toUpperCase().replace(/^\s*[A-Z ]+:\s*/, '').replaceAll(/[()"']/g, '')
  if (NO_SYMBOL.test(bare.trim())) return undefined
  const first = bare.split(/[,;/\s]+/).find((part) => part !== '')
  return first !== undefined && SYMBOL.test(first) ? `ticker:${first}` : undefined
}

/** A short name for content that has none of its own: 16 hex digits of its SHA-256. */
export const contentKey = (content: string | Buffer): string => sha256Of(content).slice(0, 16)

/** Text or nothing: a blank is not stated. */
export function stated(text: string | undefined): string | undefined {
  const trimmed = text?.trim()
  return trimmed === undefined || trimmed === '' ? undefined : trimmed
}

type Stated<T> = { [K in keyof T]: Exclude<T[K], undefined> }

/** An object without its undefined members: they would be gone from its JSON anyway. */
export function compact<T extends object>(fields: T): Stated<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Stated<T>
}
