/**
 * A full submission, in the public form (`<SEC-DOCUMENT>` with a header of labelled lines, .txt) or that of the dissemination
 * service (`<SUBMISSION>` with tags that are seldom closed, .nc): when it was accepted, and the XML documents in it.
 */
import type { Millis } from '#record'
import { Failure } from '#port/failure'
import { newYorkMillis } from '#domain/market/session'
import { filedBy } from './facts.ts'

export interface SubmissionDocument {
  readonly type: string
  readonly filename: string
  readonly xml: string
}

export interface Submission {
  readonly accession: string
  readonly form: string
  /** `2025-01-10` */
  readonly filed: string | undefined
  /** When EDGAR accepted it; by the end of the filing day where only that is stated; undefined where neither is. */
  readonly knownMs: Millis | undefined
  readonly documents: readonly SubmissionDocument[]
}

const START = /^(<SEC-DOCUMENT>|<SUBMISSION>|<SEC-HEADER>|-----BEGIN PRIVACY-ENHANCED MESSAGE)/

export const isSubmission = (text: string): boolean => START.test(text.slice(0, 200).trimStart())

/** Throws Failure `data` where there is no accession number, or a document breaks off. */
export function readSubmission(text: string, name: string): Submission {
  const body = text.indexOf('<DOCUMENT>')
  const header = body < 0 ? text : text.slice(0, body)
  const accession = /ACCESSION[ -]NUMBER[:>]\s*(\d{10}-\d\d-\d{6})/.exec(header)?.[1]
  if (accession === undefined) throw new Failure('data', `${name}: the header has no accession number`)
  const filed = isoDate(/(?:FILED AS OF DATE:|<FILING-DATE>)\s*(\d{8})/.exec(header)?.[1])
  const accepted = acceptedMs(/<?ACCEPT(?:ANCE-DATETIME|ED)[:>]\s*(\d{14})/.exec(header)?.[1])
  return {
    accession,
    form: /(?:CONFORMED SUBMISSION TYPE:|<TYPE>)\s*([^\s<]+)/.exec(header)?.[1] ?? '',
    filed,
    knownMs: accepted ?? (filed === undefined ? undefined : filedBy(filed)),
    documents: body < 0 ? [] : [...documentsIn(text, body, name)],
  }
}

const isoDate = (digits: string | undefined): string | undefined => digits?.replace(/^(\d{4})(\d\d)(\d\d)$/, '$1-$2-$3')

/** `20250110160730`, New York time. */
function acceptedMs(digits: string | undefined): Millis | undefined {
  const date = isoDate(digits?.slice(0, 8))
  if (digits === undefined || date === undefined) return undefined
  const [hour, minute, second] = [digits.slice(8, 10), digits.slice(10, 12), digits.slice(12, 14)].map(Number)
  return newYorkMillis(date, hour ?? 0, minute ?? 0, second)
}

function* documentsIn(text: string, from: number, name: string): Generator<SubmissionDocument> {
  for (let at = from; at >= 0;) {
    const end = text.indexOf('</DOCUMENT>', at)
    const document = text.slice(at, end < 0 ? text.length : end)
    const type = /<TYPE>([^\r\n<]*)/.exec(document)?.[1]?.trim() ?? ''
    const filename = /<FILENAME>([^\r\n<]*)/.exec(document)?.[1]?.trim() ?? ''
    const open = document.indexOf('<XML>')
    if (open >= 0) {
      const close = document.indexOf('</XML>', open)
      if (close < 0) throw new Failure('data', `${name}: document ${filename} breaks off before </XML>`)
      yield { type, filename, xml: document.slice(open + 5, close).trim() }
    }
    at = end < 0 ? -1 : text.indexOf('<DOCUMENT>', end)
  }
}
