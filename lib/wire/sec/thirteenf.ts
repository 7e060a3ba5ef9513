/** Form 13F: what the cover page (`primary_doc.xml`) and the information table say, in one report of one manager for one quarter. */
import type { Millis, Signal } from '#record'
import { Failure } from '#port/failure'
import { tickerOfCusip } from '#domain/lookup/cusips'
import { compact, dateText, decimalText, filingSignal, flagText, isPlausible, latestClose, stated, type Facts } from './facts.ts'
import type { Received } from './received.ts'
import { unitByPrice, usdOf, valueUnit, type ValueUnit } from './thirteenf_unit.ts'
import { child, childrenOf, textAt, type Element } from './xml.ts'

export interface Cover {
  readonly received: Received
  readonly submission: string
  /** The quarter's last day. */
  readonly period: string
  readonly cik?: string | undefined
  readonly manager?: string | undefined
  readonly reportType?: string | undefined
  readonly amends?: Facts | undefined
  /** What the table should hold: entries, and their value as filed. */
  readonly entries?: string | undefined
  readonly total?: string | undefined
  /** When it was filed, or where that is not stated, signed: what decides in which unit values are. */
  readonly writtenMs: Millis
  readonly otherManagers?: readonly Facts[] | undefined
}

export interface Holding {
  readonly cusip: string
  /** As filed. */
  readonly value?: string | undefined
  readonly amount?: string | undefined
  readonly facts: Facts
}

export interface Table {
  readonly received: Received
  readonly holdings: readonly Holding[]
}

/** `12-31-2020`, as these forms write dates, or `2020-12-31`. */
function monthFirst(text: string | undefined): string | undefined {
  return dateText(text?.replace(/^(\d\d)[-/](\d\d)[-/](\d{4})$/, '$3-$1-$2'))
}

export function readCover(root: Element, received: Received): Cover {
  const header = child(root, 'headerData'), form = child(root, 'formData'), page = child(form, 'coverPage')
  const submission = textAt(header, 'submissionType') ?? received.form ?? ''
  if (!submission.startsWith('13F')) throw new Failure('data', `${received.name}: submission type "${submission}" is no 13F`)
  const period = monthFirst(textAt(page, 'reportCalendarOrQuarter')) ?? monthFirst(textAt(header, 'filerInfo', 'periodOfReport'))
  if (period === undefined) throw new Failure('data', `${received.name}: the period of the report is missing`)
  const signed = monthFirst(textAt(form, 'signatureBlock', 'signatureDate'))
  const summary = child(form, 'summaryPage')
  const isAmendment = flagText(textAt(page, 'isAmendment')) === true || submission.endsWith('/A')
  return {
    received, submission, period,
    cik: textAt(header, 'filerInfo', 'filer', 'credentials', 'cik')?.padStart(10, '0'),
    manager: textAt(page, 'filingManager', 'name'),
    reportType: textAt(page, 'reportType'),
    amends: isAmendment ? amendedBy(page) : undefined,
    entries: decimalText(textAt(summary, 'tableEntryTotal')),
    total: decimalText(textAt(summary, 'tableValueTotal')),
    writtenMs: received.filed === undefined ? (latestClose([signed]) ?? received.knownMs) : received.knownMs,
    otherManagers: managersOf(page, summary),
  }
}

/**
 * A restatement replaces all that the manager reported for the period before it, new holdings add to it: the reports are those of the
 * same `manager_cik` and `period` whose amendment number is lower.
 */
function amendedBy(page: Element | undefined): Facts {
  const type = textAt(page, 'amendmentInfo', 'amendmentType')
  return compact({
    type,
    number: textAt(page, 'amendmentNo'),
    effect: type === undefined ? undefined : /^restatement/i.test(type) ? 'replaces' : /^new holdings/i.test(type) ? 'adds' : undefined,
  })
}

function managersOf(page: Element | undefined, summary: Element | undefined): Facts[] | undefined {
  const listed = [
    ...childrenOf(child(page, 'otherManagersInfo'), 'otherManager'),
    ...childrenOf(child(summary, 'otherManagers2Info'), 'otherManager2').map((each) => child(each, 'otherManager') ?? each),
  ]
  if (listed.length === 0) return undefined
  return listed.map((each) =>
    compact({ cik: textAt(each, 'cik'), name: textAt(each, 'name'), file: textAt(each, 'form13FFileNumber') }))
}

/** Entries without a CUSIP are no holdings of anything: they are rejected. */
export function readTable(root: Element, received: Received): Table {
  const holdings = childrenOf(root, 'infoTable').flatMap((entry, i) => {
    const cusip = cusipOf(textAt(entry, 'cusip'))
    if (cusip !== undefined) return [holdingOf(entry, cusip)]
    received.reading.reject(`entry ${i + 1}`, 'a holding without a CUSIP')
    return []
  })
  return { received, holdings }
}

/** Leading zeros are often lost on the way through a spreadsheet. */
export function cusipOf(text: string | undefined): string | undefined {
  const cusip = text?.trim().toUpperCase()
  return cusip !== undefined && /^[0-9A-Z*@#]{5,9}$/.test(cusip) && /[1-9A-Z]/.test(cusip) ? cusip.padStart(9, '0') : undefined
}

function holdingOf(entry: Element, cusip: string): Holding {
  // Some filers leave out the element around the amount.
  const amount = child(entry, 'shrsOrPrnAmt') ?? entry
  const voting = child(entry, 'votingAuthority')
  return {
    cusip,
    value: decimalText(textAt(entry, 'value')),
    amount: decimalText(textAt(amount, 'sshPrnamt')),
    facts: {
      issuer: textAt(entry, 'nameOfIssuer'),
      class: textAt(entry, 'titleOfClass'),
      figi: textAt(entry, 'figi'),
      /** SH shares, PRN principal. */
      amount_type: textAt(amount, 'sshPrnamtType'),
      put_call: stated(textAt(entry, 'putCall')),
      discretion: textAt(entry, 'investmentDiscretion'),
      managers: textAt(entry, 'otherManager'),
      voting: voting === undefined ? undefined : compact({
        sole: decimalText(textAt(voting, 'Sole')),
        shared: decimalText(textAt(voting, 'Shared')),
        none: decimalText(textAt(voting, 'None')),
      }),
    },
  }
}

/** The report as a `form13f` signal of the cover page, and one for each holding, its children. Without a table, the cover alone. */
export function reportSignals(cover: Cover, holdings: readonly Holding[], tableRaw?: string): Signal[] {
  const { received, period, cik, manager, amends } = cover
  const { key, accession, knownMs, filed, raw, reading } = received
  const shared = compact({ accession, manager_cik: cik, manager, period, amends })
  const author = cik ?? manager
  const common = {
    type: 'form13f', source: 'sec/edgar', knownMs, author: author === undefined ? undefined : `sec:${author}`,
    atMs: isPlausible(period, knownMs) ? (latestClose([period]) ?? knownMs) : knownMs,
  }
  const unit = valueUnit(sharesIn(holdings), cover.writtenMs)
  const report = filingSignal({
    ...common, key, raw,
    facts: compact({
      ...shared, document_type: cover.submission, filed, report_type: cover.reportType, entries: cover.entries,
      ...valueFacts(cover.total, unit), other_managers: cover.otherManagers,
    }),
  }, reading.by)
  const rows = holdings.map(({ cusip, value, amount, facts }, i) => filingSignal({
    ...common, key: `${key}#${i + 1}`, raw: tableRaw, parents: [report.id], subject: subjectOf(cusip),
    facts: compact({ ...shared, cusip, ...facts, ...valueFacts(value, unit), amount }),
  }, reading.by))
  return [report, ...rows]
}

/** Those counted in shares, options left out. */
const sharesIn = (holdings: readonly Holding[]): readonly Holding[] =>
  holdings.filter(({ facts }) => facts['amount_type'] === 'SH' && facts['put_call'] === undefined)

function subjectOf(cusip: string): string {
  const ticker = tickerOfCusip(cusip)
  return ticker === undefined ? `cusip:${cusip}` : `ticker:${ticker}`
}

/** The holdings of a table whose cover page did not come: of whom, and of when, is not known. In USD only where the prices prove it. */
export function coverlessSignals({ received, holdings }: Table): Signal[] {
  const { key, accession, knownMs, raw, reading } = received
  reading.reject(received.name, 'an information table without its cover page: whose holdings, and of when, is not known')
  const unit = unitByPrice(sharesIn(holdings))
  return holdings.map(({ cusip, value, amount, facts }, i) => filingSignal({
    type: 'form13f', source: 'sec/edgar', key: `${key}#${i + 1}`, raw, atMs: knownMs, knownMs, subject: subjectOf(cusip),
    facts: compact({
      accession, cover: 'missing', cusip, ...facts, amount,
      ...(unit === undefined ? { value_filed: value } : valueFacts(value, { unit, by: 'price' })),
    }),
  }, reading.by))
}

/** USD, the value as it was filed where that is another number, and how it is known to be one. */
export function valueFacts(filed: string | undefined, { unit, by }: ValueUnit): Facts {
  if (filed === undefined) return {}
  return compact({ value: usdOf(filed, unit), value_filed: unit === 'USD' ? undefined : filed, value_unit: unit, value_unit_by: by })
}
