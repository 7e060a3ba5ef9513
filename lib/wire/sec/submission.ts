/**
 * Full submission text: the public form (`-----BEGIN ...` or `<SEC-DOCUMENT>`, with `<ACCEPTANCE-DATETIME>`) and the dissemination form
 * (`<SUBMISSION>`), whose documents stand between `<XML>` tags; and headers alone (`.hdr.sgml`, `-index-headers.html`).
 */
import type { Millis } from '#record'
import { Failure } from '#port/failure'
import { newYorkMillis } from '#domain/market/session'
import { dateText, filedBy } from './facts.ts'
import type { Party } from './notice.ts'
import { canBeOf } from './received.ts'

export interface SubmissionDocument {
  /** `4`, `13F-HR`, `INFORMATION TABLE`, `GRAPHIC` ... */
  readonly type: string
  readonly filename: string
  readonly xml: string
}

export interface Submission {
  readonly accession: string
  /** `4`, `13F-HR/A` ... */
  readonly form: string
  /** `2025-01-10` */
  readonly filed: string | undefined
  readonly period: string | undefined
  /** When EDGAR accepted it, New York time in the header; undefined where it is not stated. */
  readonly acceptedMs: Millis | undefined
  /** When it was public: accepted, or by the end of the filing day; undefined where neither is stated. */
  readonly knownMs: Millis | undefined
  readonly parties: readonly Party[]
  /** Those that are XML. */
  readonly documents: readonly SubmissionDocument[]
  /** Documents that the header counts and that are not there, where any are. */
  readonly missing: number
}

const START = /^(<SEC-DOCUMENT>|<SUBMISSION>|<SEC-HEADER>|-----BEGIN PRIVACY-ENHANCED MESSAGE)/
/** Longest header that is looked at, in characters: it has one block a party. */
const LONGEST_HEADER = 1 << 20

export const isSubmission = (text: string): boolean => START.test(text.slice(0, 200).trimStart())

/** The header that an `-index-headers.html` page holds as a comment; undefined in any other page. */
export function headerIn(html: string): string | undefined {
  const from = html.indexOf('<SEC-HEADER>')
  const to = from < 0 ? -1 : html.indexOf('</SEC-HEADER>', from)
  return to < 0 ? undefined : html.slice(from, to)
}

/** Throws Failure `data` where there is no accession number, or a document breaks off. */
export function readSubmission(text: string, name: string): Submission {
  const body = text.indexOf('<DOCUMENT>')
  const header = (body < 0 ? text : text.slice(0, body)).slice(0, LONGEST_HEADER)
  const accession = /ACCESSION[ -]NUMBER[:>]\s*(\d{10}-\d\d-\d{6})/.exec(header)?.[1]
  if (accession === undefined) throw new Failure('data', `${name}: the header has no accession number`)
  const filed = dateText(isoDate(/(?:FILED AS OF DATE:|<FILING-DATE>)\s*(\d{8})/.exec(header)?.[1]))
  const count = /PUBLIC[ -]DOCUMENT[ -]COUNT[:>]\s*(\d{1,5})/.exec(header)?.[1]
  const stampMs = acceptedAt(/<?ACCEPT(?:ANCE-DATETIME|ED)[:>]\s*(\d{14})/.exec(header)?.[1])
  const acceptedMs = stampMs !== undefined && canBeOf(accession, stampMs) ? stampMs : undefined
  return {
    accession, filed, acceptedMs,
    form: /(?:CONFORMED SUBMISSION TYPE:|<TYPE>)\s*([^\s<]+)/.exec(header)?.[1] ?? '',
    period: isoDate(/(?:CONFORMED PERIOD OF REPORT:|<PERIOD>)\s*(\d{8})/.exec(header)?.[1]),
    knownMs: acceptedMs ?? (filed === undefined ? undefined : filedBy(filed)),
    parties: partiesIn(header),
    documents: body < 0 ? [] : [...documentsIn(text, body, name)],
    missing: body < 0 ? 0 : Math.max(0, Number(count ?? 0) - text.split('<DOCUMENT>').length + 1),
  }
}

const isoDate = (digits: string | undefined): string | undefined => digits?.replace(/^(\d{4})(\d\d)(\d\d)$/, '$1-$2-$3')

/** `20250110160730`, New York time. */
function acceptedAt(digits: string | undefined): Millis | undefined {
  const date = isoDate(digits?.slice(0, 8))
  if (digits === undefined || date === undefined) return undefined
  const [hour = 0, minute = 0, second = 0] = [digits.slice(8, 10), digits.slice(10, 12), digits.slice(12, 14)].map(Number)
  return hour < 24 && minute < 60 && second < 60 ? newYorkMillis(date, hour, minute, second) : undefined
}

/** How each kind of header calls the parties; subject companies are issuers in ownership filings. */
const ROLES: readonly (readonly [RegExp, string])[] = [
  [/<(?:ISSUER|SUBJECT-COMPANY)>|^(?:ISSUER|SUBJECT COMPANY):/m, 'Issuer'],
  [/<REPORTING-OWNER>|^REPORTING[- ]OWNER:/m, 'Reporting'],
  [/<FILED-BY>|<FILER>|^(?:FILED BY|FILER):/m, 'Filer'],
]
const PARTY = /<(?:ISSUER|SUBJECT-COMPANY|REPORTING-OWNER|FILED-BY|FILER)>|^(?:ISSUER|SUBJECT COMPANY|REPORTING[- ]OWNER|FILED BY|FILER):/gm

function partiesIn(header: string): Party[] {
  const starts = [...header.matchAll(PARTY)].map(({ index }) => index)
  const parties: Party[] = []
  for (const [i, start] of starts.entries()) {
    const block = header.slice(start, starts[i + 1] ?? header.length)
    const role = ROLES.find(([pattern]) => pattern.test(block.slice(0, 30)))?.[1]
    const cik = /(?:<CIK>|CENTRAL INDEX KEY:)\s*(\d{1,10})/.exec(block)?.[1]?.padStart(10, '0')
    const name = /(?:<CONFORMED-NAME>|COMPANY CONFORMED NAME:)[ \t]*([^<\r\n]+)/.exec(block)?.[1]?.trim()
    if (cik !== undefined && !parties.some((party) => party.cik === cik && party.role === role)) parties.push({ role, name, cik })
  }
  return parties
}

function* documentsIn(text: string, from: number, name: string): Generator<SubmissionDocument> {
  for (let at = from; at >= 0;) {
    const end = text.indexOf('</DOCUMENT>', at)
    const document = text.slice(at, end < 0 ? text.length : end)
    const head = document.slice(0, 2000)
    const type = /<TYPE>([^\r\n<]*)/.exec(head)?.[1]?.trim() ?? ''
    const filename = /<FILENAME>([^\r\n<]*)/.exec(head)?.[1]?.trim() ?? ''
    const open = document.indexOf('<XML>')
    if (open >= 0) {
      const close = document.indexOf('</XML>', open)
      if (close < 0) throw new Failure('data', `${name}: document ${filename} breaks off before </XML>`)
      yield { type, filename, xml: document.slice(open + 5, close).trim() }
    } else if (end < 0) throw new Failure('data', `${name}: document ${filename} breaks off before </DOCUMENT>`)
    at = end < 0 ? -1 : text.indexOf('<DOCUMENT>', end)
  }
}
