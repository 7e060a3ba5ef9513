/** Where an EDGAR document came from, and when it could first be known. */
import type { Millis } from '#record'
import type { Payload, Reading } from '#port/payload'
import { contentKey } from './facts.ts'

export interface Received {
  /** For messages. */
  readonly name: string
  /** The accession number, or a name made from the content. */
  readonly key: string
  readonly accession?: string | undefined
  readonly knownMs: Millis
  /** The form that the submission's header names. */
  readonly form?: string | undefined
  /** Filing date, where it is known. */
  readonly filed?: string | undefined
  /** The kept payload. */
  readonly raw?: string | undefined
  readonly reading: Reading
}

/** `0000320193-22-000061`, or without dashes as a folder of the archives. */
const ACCESSION = /(?:^|[^0-9])(\d{10})-(\d\d)-(\d{6})(?!\d)|\/(\d{10})(\d\d)(\d{6})\//

/** The accession number that an address or a file name holds. */
export function accessionIn(text: string): string | undefined {
  const match = ACCESSION.exec(text)
  if (match === null) return undefined
  const [, filer = match[4], year = match[5], serial = match[6]] = match
  return `${filer ?? ''}-${year ?? ''}-${serial ?? ''}`
}

/**
 * Whether a filing of this number can have been made at a moment: numbers hold the year in which the filer's agent gave them, from 1993.
 * Clocks that say otherwise are wrong.
 */
export function canBeOf(accession: string, atMs: Millis): boolean {
  const two = Number(accession.slice(11, 13)), year = two >= 90 ? 1900 + two : 2000 + two
  return Math.abs(new Date(atMs).getUTCFullYear() - year) <= 1
}

/** A document without its submission: when it was filed is not stated, so it is known from when it was heard. */
export function bare({ name, bytes, heardMs, url, raw }: Payload, reading: Reading): Received {
  const accession = accessionIn(url ?? name)
  return { name, key: accession ?? `sha256:${contentKey(bytes)}`, accession, knownMs: heardMs, raw, reading }
}
