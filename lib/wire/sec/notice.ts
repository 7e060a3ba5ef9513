/**
 * That a filing was made: what lists, feeds, headers and index pages say of it without its content. One `filing` signal for each
 * accession number, however many parties it is listed under.
 */
import type { Millis, Signal } from '#record'
import type { Reading } from '#port/payload'
import { newYorkMillis } from '#domain/market/session'
import { compact, filedBy, filingSignal } from './facts.ts'

/** Forms that are read: ownership forms and 13F reports, amendments too. `4` is no prefix here: 424B2 is no Form 4. */
const WANTED = /^([345](\/A)?|13F-[A-Z]+(\/A)?)$/
export const isWanted = (form: string): boolean => WANTED.test(form)
export const OTHER_FORM = 'a form that is not read here (only 3, 4, 5 and 13F are)'

/** Lists are full of other forms: they are rejected together, with their number. */
export function rejectOthers(count: number, what: string, reading: Reading): void {
  if (count > 0) reading.reject(`${count} of the ${what}`, OTHER_FORM)
}

export interface Party {
  /** `Issuer`, `Reporting` (owner), `Filer`; undefined where the list does not say. */
  readonly role?: string | undefined
  readonly name?: string | undefined
  /** Ten digits. */
  readonly cik: string
}

export interface Notice {
  readonly accession: string
  readonly form: string
  /** When EDGAR accepted it; where only the day is stated, see {@link onDay}. */
  readonly acceptedMs: Millis
  /** By when it was public, where that is later. */
  readonly publicMs?: Millis | undefined
  readonly filed?: string | undefined
  readonly period?: string | undefined
  readonly link?: string | undefined
  readonly parties: readonly Party[]
  readonly raw?: string | undefined
}

/** Of a filing whose day alone is known: EDGAR takes filings from 06:00 to 22:00 New York. Undefined where it is no day. */
export function onDay(filed: string): { readonly acceptedMs: Millis; readonly publicMs: Millis; readonly filed: string } | undefined {
  const acceptedMs = newYorkMillis(filed, 6, 0), publicMs = filedBy(filed)
  return acceptedMs === undefined || publicMs === undefined ? undefined : { acceptedMs, publicMs, filed }
}

/** Parties are in the order of their CIK, so that it does not matter in which order they were heard. */
export function noticeSignal(notice: Notice, { by }: Reading): Signal {
  const { accession, form, acceptedMs, publicMs = acceptedMs, filed, period, link, parties, raw } = notice
  const sorted = [...parties].sort((a, b) => compare(a.cik, b.cik) || compare(a.role ?? '', b.role ?? ''))
  const issuer = sorted.find(({ role }) => role === 'Issuer')
  const author = sorted.find(({ role }) => role !== undefined && role !== 'Issuer')
  return filingSignal({
    type: 'filing', key: accession, source: 'sec/edgar', atMs: acceptedMs, knownMs: publicMs, raw,
    subject: issuer === undefined ? undefined : `cik:${issuer.cik}`,
    author: author === undefined ? undefined : `sec:${author.cik}`,
    facts: compact({ accession, document_type: form, filed, period, link, parties: sorted.length === 0 ? undefined : sorted.map(compact) }),
  }, by)
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Notices of one accession number joined: all their parties, the first link by the alphabet. */
export class Notices {
  readonly #byAccession = new Map<string, Notice & { parties: Party[]; link?: string | undefined }>()

  add(notice: Notice): void {
    const known = this.#byAccession.get(notice.accession)
    if (known === undefined) {
      this.#byAccession.set(notice.accession, { ...notice, parties: [...notice.parties] })
      return
    }
    for (const party of notice.parties) {
      if (!known.parties.some(({ cik, role }) => cik === party.cik && role === party.role)) known.parties.push(party)
    }
    if (notice.link !== undefined && (known.link === undefined || notice.link < known.link)) known.link = notice.link
  }

  /** Oldest first; forgotten here. */
  take(): Notice[] {
    const notices = [...this.#byAccession.values()]
    this.#byAccession.clear()
    return notices.sort((a, b) => a.acceptedMs - b.acceptedMs || compare(a.accession, b.accession))
  }
}
