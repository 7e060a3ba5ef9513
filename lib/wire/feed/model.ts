/** A feed in one vocabulary for RSS, RDF, Atom and JSON Feed. Absent means not stated; text is plain, whatever it was written in. */
import { readMoment, type Moment } from '../dates.ts'

/** A date as it was written, and what it means; undefined where it means nothing. */
export interface Dated {
  readonly text: string
  readonly moment: Moment | undefined
}

export interface Entry {
  /** For messages: `item 3`. */
  readonly place: string
  /** Its guid, Atom id or RDF name, as it stands. */
  readonly id: string | undefined
  /** Absolute where the feed says relative to what. */
  readonly link: string | undefined
  readonly title: string | undefined
  /** The description or summary. */
  readonly summary: string | undefined
  /** The content itself, where the feed carries it. */
  readonly text: string | undefined
  /** The content as HTML, for those who look for marks in it. */
  readonly html: string | undefined
  readonly authors: readonly string[]
  readonly categories: readonly string[]
  readonly published: Dated | undefined
  readonly updated: Dated | undefined
  readonly language: string | undefined
  /** Another publication that it was taken from. */
  readonly via: string | undefined
  /** Stock symbols that it names as such. */
  readonly tickers: readonly string[]
  /** False where the document breaks off within it. */
  readonly whole: boolean
}

export interface Feed {
  readonly format: 'rss' | 'rdf' | 'atom' | 'json'
  readonly title: string | undefined
  /** The site it belongs to. */
  readonly link: string | undefined
  /** Its own address. */
  readonly self: string | undefined
  readonly language: string | undefined
  /** When it was last built or changed. */
  readonly built: Dated | undefined
  readonly generator: string | undefined
  /** The next page (RFC 5005), absolute where that can be told. */
  readonly next: string | undefined
  /** How long it may be kept before it is asked again, in minutes. */
  readonly ttlMinutes: number | undefined
  /** Hours of the day, UTC, in which it does not change. */
  readonly skipHours: readonly number[]
  readonly entries: readonly Entry[]
  /** The first place where it is not well formed. */
  readonly fault: string | undefined
}

/** The first of some dates that means something, else the first that is stated at all. */
export function firstDate(texts: readonly (string | undefined)[]): Dated | undefined {
  const stated = texts.filter((text) => text !== undefined).map((text) => ({ text, moment: readMoment(text) }))
  return stated.find(({ moment }) => moment !== undefined) ?? stated[0]
}

/** An address against what it is relative to; as it stands where that is unknown. Undefined where it is blank. */
export function resolved(address: string | undefined, base: string | undefined): string | undefined {
  const trimmed = address?.trim().replaceAll(/[\t\r\n]/g, '')
  if (trimmed === undefined || trimmed === '') return undefined
  if (/^[a-z][a-z0-9+.-]*:/i.test(trimmed) || base === undefined) return trimmed
  try {
    return new URL(trimmed, base).href
  } catch {
    return trimmed
  }
}

/** Text that says something. */
export function stated(text: string | undefined): string | undefined {
  const trimmed = text?.trim()
  return trimmed === '' ? undefined : trimmed
}

/** Each once, in their order, blanks left out. */
export const distinct = (texts: readonly (string | undefined)[]): readonly string[] =>
  [...new Set(texts.map((text) => stated(text?.replace(/\s+/g, ' '))).filter((text) => text !== undefined))]
