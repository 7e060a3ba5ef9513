/**
 * Ownership documents, Forms 3, 4 and 5 and their amendments (EDGAR Ownership XML, schemas X0206 to X0609). Values may stand in
 * `<value>` beside footnote ids, or in a footnote alone: then they are absent here and the footnote is named.
 */
import type { Millis, Signal } from '#record'
import { Failure } from '#port/failure'
import {
  compact, dateText, decimalText, filingSignal, flagText, latestClose, tickerSubject, type Facts, type Owner, type Transaction,
} from './facts.ts'
import { directText } from './lists.ts'
import { child, childrenOf, path, textAt, type Element } from './xml.ts'

/** Where a document came from, and when it could first be known. */
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
  readonly by: string
}

const FORM = /^([345])(\/A)?$/

export function ownershipSignal(root: Element, received: Received): Signal {
  const document = textAt(root, 'documentType') ?? received.form ?? formOfLines(root) ?? ''
  const form = FORM.exec(document)
  if (form === null) throw new Failure('data', `${received.name}: document type "${document}" is not 3, 4 or 5`)
  const issuer = child(root, 'issuer')
  const cik = textAt(issuer, 'issuerCik')
  if (cik === undefined || !/^\d{1,10}$/.test(cik)) throw new Failure('data', `${received.name}: the issuer's CIK is missing`)
  const transactions = linesOf(root, 'Transaction')
  const period = dateText(textAt(root, 'periodOfReport'))
  const atMs = latestClose(transactions.map(({ date }) => date)) ?? latestClose([period]) ?? received.knownMs
  const owners = childrenOf(root, 'reportingOwner').map(ownerOf)
  const author = owners.find((owner) => owner.cik !== undefined)?.cik ?? owners[0]?.name
  return filingSignal({
    type: `form${form[1]}`, key: received.key, source: 'sec/edgar', atMs, knownMs: received.knownMs,
    subject: tickerSubject(textAt(issuer, 'issuerTradingSymbol')) ?? `cik:${cik.padStart(10, '0')}`,
    author: author === undefined ? undefined : `sec:${author}`,
    facts: factsOf(root, received, { document, cik: cik.padStart(10, '0'), period, owners, transactions }),
  }, received.by)
}

/** The form that every transaction names, where the document does not. */
function formOfLines(root: Element): string | undefined {
  const lines = [...childrenOf(child(root, 'nonDerivativeTable'), 'nonDerivativeTransaction'),
    ...childrenOf(child(root, 'derivativeTable'), 'derivativeTransaction')]
  return textAt(lines[0], 'transactionCoding', 'transactionFormType')
}

interface Read {
  readonly document: string
  readonly cik: string
  readonly period: string | undefined
  readonly owners: readonly Owner[]
  readonly transactions: readonly Transaction[]
}

function factsOf(root: Element, { accession, filed }: Received, read: Read): Facts {
  const holdings = linesOf(root, 'Holding')
  const footnotes = childrenOf(child(root, 'footnotes'), 'footnote')
    .map((footnote) => ({ id: footnote.attributes['id'] ?? '', text: footnote.text }))
  return compact({
    document_type: read.document, schema: textAt(root, 'schemaVersion'), accession, filed, period: read.period,
    issuer_cik: read.cik,
    issuer_name: textAt(root, 'issuer', 'issuerName'),
    issuer_symbol: textAt(root, 'issuer', 'issuerTradingSymbol'),
    owners: read.owners.map(compact),
    transactions: read.transactions.map(compact),
    holdings: holdings.length === 0 ? undefined : holdings.map(compact),
    aff10b5One: flagText(textAt(root, 'aff10b5One')),
    // An amendment replaces or completes what was filed on that date; which filing it was is not stated in the document.
    amends: read.document.endsWith('/A')
      ? compact({ original_filed: dateText(textAt(root, 'dateOfOriginalSubmission')) })
      : undefined,
    footnotes: footnotes.length === 0 ? undefined : footnotes,
    remarks: textAt(root, 'remarks'),
  })
}

function ownerOf(element: Element): Owner {
  const relationship = child(element, 'reportingOwnerRelationship')
  return {
    name: textAt(element, 'reportingOwnerId', 'rptOwnerName'),
    cik: textAt(element, 'reportingOwnerId', 'rptOwnerCik')?.padStart(10, '0'),
    title: textAt(relationship, 'officerTitle') ?? textAt(relationship, 'otherText'),
    officer: flagText(textAt(relationship, 'isOfficer')),
    director: flagText(textAt(relationship, 'isDirector')),
    ten_percent: flagText(textAt(relationship, 'isTenPercentOwner')),
  }
}

/** Transactions or holdings of both tables, in the order of the form. */
function linesOf(root: Element, what: 'Transaction' | 'Holding'): Transaction[] {
  return (['nonDerivative', 'derivative'] as const).flatMap((table) =>
    childrenOf(child(root, `${table}Table`), `${table}${what}`).map((line) => lineOf(line, table === 'derivative')))
}

function lineOf(line: Element, derivative: boolean): Transaction {
  const amounts = child(line, 'transactionAmounts')
  const side = valueOf(amounts, 'transactionAcquiredDisposedCode')
  const footnotes = [...footnotesIn(line)]
  return {
    code: textAt(line, 'transactionCoding', 'transactionCode'),
    shares: decimalText(valueOf(amounts, 'transactionShares')),
    price_per_share: decimalText(valueOf(amounts, 'transactionPricePerShare')),
    acquired_disposed: side === 'A' || side === 'D' ? side : undefined,
    date: dateText(valueOf(line, 'transactionDate')),
    direct: directText(valueOf(child(line, 'ownershipNature'), 'directOrIndirectOwnership')),
    derivative,
    security: valueOf(line, 'securityTitle'),
    shares_after: decimalText(valueOf(child(line, 'postTransactionAmounts'), 'sharesOwnedFollowingTransaction')),
    exercise_price: decimalText(valueOf(line, 'conversionOrExercisePrice')),
    underlying_security: valueOf(child(line, 'underlyingSecurity'), 'underlyingSecurityTitle'),
    underlying_shares: decimalText(valueOf(child(line, 'underlyingSecurity'), 'underlyingSecurityShares')),
    footnotes: footnotes.length === 0 ? undefined : footnotes,
  }
}

/** Most fields wrap what they say in `<value>`; older documents do not always. */
function valueOf(element: Element | undefined, name: string): string | undefined {
  return textAt(element, name, 'value') ?? (path(element, name, 'value') === undefined ? textAt(element, name) : undefined)
}

function footnotesIn(element: Element, ids = new Set<string>()): Set<string> {
  for (const each of element.children) {
    const id = each.name === 'footnoteId' ? each.attributes['id'] : undefined
    if (id !== undefined) ids.add(id)
    footnotesIn(each, ids)
  }
  return ids
}
