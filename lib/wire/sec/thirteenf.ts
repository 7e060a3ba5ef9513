/**
 * Form 13F: the cover page (`primary_doc.xml`) and the information table. Values were in thousands of USD on filings before
 * 2023-01-03 and are in whole USD since (SEC release 34-95148); they are given in USD here.
 */
import type { Millis, Signal } from '#record'
import { Failure } from '#port/failure'
import { newYorkMillis } from '#domain/market/session'
import { compact, dateText, decimalText, filingSignal, flagText, latestClose, stated, type Facts } from './facts.ts'
import type { Received } from './ownership.ts'
import { child, childrenOf, textAt, type Element } from './xml.ts'

export interface Cover {
  readonly signal: Signal
  readonly received: Received
  readonly atMs: Millis
  /** What holdings repeat of the cover, so that each can be read by itself. */
  readonly shared: Facts
  /** True where values are filed in thousands. */
  readonly thousands: boolean
}

/** `12-31-2020`, as these forms write dates, or `2020-12-31`. */
function monthFirst(text: string | undefined): string | undefined {
  return dateText(text?.replace(/^(\d\d)-(\d\d)-(\d{4})$/, '$3-$1-$2'))
}

/** The cover page as a `form13f` signal of its own; holdings are its children. */
export function coverOf(root: Element, received: Received): Cover {
  const header = child(root, 'headerData'), form = child(root, 'formData'), page = child(form, 'coverPage')
  const submission = textAt(header, 'submissionType') ?? ''
  if (!submission.startsWith('13F')) throw new Failure('data', `${received.name}: submission type "${submission}" is no 13F`)
  const period = monthFirst(textAt(page, 'reportCalendarOrQuarter') ?? textAt(header, 'filerInfo', 'periodOfReport'))
  if (period === undefined) throw new Failure('data', `${received.name}: the period of the report is missing`)
  const cik = textAt(header, 'filerInfo', 'filer', 'credentials', 'cik')?.padStart(10, '0')
  const manager = textAt(page, 'filingManager', 'name')
  const atMs = latestClose([period]) ?? received.knownMs
  const signed = monthFirst(textAt(form, 'signatureBlock', 'signatureDate'))
  // A cover without its submission says when it was signed, which is when it was filed or a little before.
  const writtenMs = received.filed === undefined ? (latestClose([signed]) ?? received.knownMs) : received.knownMs
  const thousands = writtenMs < (newYorkMillis('2023-01-03', 0, 0) ?? 0)
  const amendment = child(page, 'amendmentInfo')
  const amends = flagText(textAt(page, 'isAmendment')) === true || submission.endsWith('/A')
    ? compact({ type: textAt(amendment, 'amendmentType'), number: textAt(page, 'amendmentNo') })
    : undefined
  const shared = compact({ accession: received.accession, manager_cik: cik, manager, period, amends })
  const summary = child(form, 'summaryPage')
  const signal = filingSignal({
    type: 'form13f', key: received.key, source: 'sec/edgar', author: authorOf(cik ?? manager), atMs, knownMs: received.knownMs,
    facts: compact({
      ...shared, document_type: submission, filed: received.filed, report_type: textAt(page, 'reportType'),
      entries: decimalText(textAt(summary, 'tableEntryTotal')),
      value: dollars(decimalText(textAt(summary, 'tableValueTotal')), thousands),
      other_managers: managersOf(page, summary),
    }),
  }, received.by)
  return { signal, received, atMs, shared, thousands }
}

const authorOf = (name: string | undefined): string | undefined => (name === undefined ? undefined : `sec:${name}`)

function managersOf(page: Element | undefined, summary: Element | undefined): Facts[] | undefined {
  const listed = [
    ...childrenOf(child(page, 'otherManagersInfo'), 'otherManager'),
    ...childrenOf(child(summary, 'otherManagers2Info'), 'otherManager2').map((each) => child(each, 'otherManager') ?? each),
  ]
  if (listed.length === 0) return undefined
  return listed.map((each) =>
    compact({ cik: textAt(each, 'cik'), name: textAt(each, 'name'), file: textAt(each, 'form13FFileNumber') }))
}

/** Whole thousands to USD: three more zeros, exactly. */
function dollars(value: string | undefined, thousands: boolean): string | undefined {
  return value === undefined || !thousands || value === '0' ? value : /^\d+$/.test(value) ? `${value}000` : undefined
}

/** The holdings of an information table, a `form13f` signal each, children of the cover page. */
export function holdingSignals(root: Element, cover: Cover): Signal[] {
  const { received, atMs, shared } = cover
  return childrenOf(root, 'infoTable').map((entry, i) => {
    const cusip = textAt(entry, 'cusip')?.toUpperCase()
    if (cusip === undefined || !/^[0-9A-Z]{6,9}$/.test(cusip)) {
      throw new Failure('data', `${received.name}: entry ${i + 1} of the information table has no CUSIP`)
    }
    return filingSignal({
      type: 'form13f', key: `${received.key}#${i + 1}`, source: 'sec/edgar', subject: `cusip:${cusip.padStart(9, '0')}`, atMs,
      author: cover.signal.author, knownMs: received.knownMs, parents: [cover.signal.id],
      facts: compact({ ...shared, ...holdingFacts(entry, cover.thousands) }),
    }, received.by)
  })
}

function holdingFacts(entry: Element, thousands: boolean): Facts {
  // Some filers leave out the element around the amount.
  const amount = child(entry, 'shrsOrPrnAmt') ?? entry
  const voting = child(entry, 'votingAuthority')
  return {
    issuer: textAt(entry, 'nameOfIssuer'),
    class: textAt(entry, 'titleOfClass'),
    figi: textAt(entry, 'figi'),
    value: dollars(decimalText(textAt(entry, 'value')), thousands),
    amount: decimalText(textAt(amount, 'sshPrnamt')),
    /** SH shares, PRN principal. */
    amount_type: textAt(amount, 'sshPrnamtType'),
    put_call: stated(textAt(entry, 'putCall')),
    discretion: textAt(entry, 'investmentDiscretion'),
    managers: textAt(entry, 'otherManager'),
    voting: compact({
      sole: decimalText(textAt(voting, 'Sole')),
      shared: decimalText(textAt(voting, 'Shared')),
      none: decimalText(textAt(voting, 'None')),
    }),
  }
}
