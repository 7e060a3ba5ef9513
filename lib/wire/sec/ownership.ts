/**
 * Ownership documents, Forms 3, 4 and 5 and their amendments (EDGAR Ownership XML, schemas X0206 to X0609). Values may stand in
 * `<value>` beside footnote ids, or in a footnote alone: then they are absent here and the footnote is named.
 */
import type { Signal } from '#record'
import { Failure } from '#port/failure'
import { compact, dateText, filingSignal, flagText, isPlausible, latestClose, tickerSubject, type Facts, type Owner } from './facts.ts'
import { holdingsOf, transactionsOf } from './ownership_lines.ts'
import type { Received } from './received.ts'
import { child, childrenOf, textAt, type Element } from './xml.ts'

const FORM = /^([345])(\/A)?$/

/**
 * One signal for the filing, however many owners it has. The subject is the issuer's, by its symbol or its CIK; never the owner's.
 * Throws Failure `data` where it is no ownership form or does not name its issuer.
 */
export function ownershipSignal(root: Element, received: Received): Signal {
  const document = textAt(root, 'documentType') ?? received.form ?? formOfLines(root) ?? ''
  const form = FORM.exec(document)
  if (form === null) throw new Failure('data', `${received.name}: document type "${document}" is not 3, 4 or 5`)
  const issuer = child(root, 'issuer')
  const cik = textAt(issuer, 'issuerCik')
  if (cik === undefined || !/^\d{1,10}$/.test(cik)) throw new Failure('data', `${received.name}: the issuer's CIK is missing`)
  const transactions = transactionsOf(root)
  const period = dateText(textAt(root, 'periodOfReport'))
  const { knownMs } = received
  const plausible = (date: string | undefined): date is string => date !== undefined && isPlausible(date, knownMs)
  const happenedMs = latestClose(transactions.map(({ date }) => date).filter(plausible)) ?? latestClose([period].filter(plausible))
  const owners = childrenOf(root, 'reportingOwner').map(ownerOf)
  const author = owners.find((owner) => owner.cik !== undefined)?.cik ?? owners[0]?.name
  const holdings = holdingsOf(root)
  const footnotes = childrenOf(child(root, 'footnotes'), 'footnote')
    .map((footnote) => ({ id: footnote.attributes['id'] ?? '', text: footnote.text }))
  return filingSignal({
    type: `form${form[1]}`, key: received.key, source: 'sec/edgar', atMs: happenedMs ?? knownMs, knownMs, raw: received.raw,
    subject: tickerSubject(textAt(issuer, 'issuerTradingSymbol')) ?? `cik:${cik.padStart(10, '0')}`,
    author: author === undefined ? undefined : `sec:${author}`,
    facts: compact({
      document_type: document, schema: textAt(root, 'schemaVersion'), accession: received.accession, filed: received.filed, period,
      // Where no date can be right, it happened, for us, when it was filed.
      at_from: happenedMs === undefined ? 'filing' : undefined,
      issuer_cik: cik.padStart(10, '0'),
      issuer_name: textAt(issuer, 'issuerName'),
      issuer_symbol: textAt(issuer, 'issuerTradingSymbol'),
      issuer_foreign_symbol: textAt(issuer, 'issuerForeignTradingSymbol'),
      owners: owners.map(compact),
      transactions: transactions.map(compact),
      holdings: holdings.length === 0 ? undefined : holdings.map(compact),
      none_owned: flagText(textAt(root, 'noSecuritiesOwned')) === true ? true : undefined,
      // No longer subject to Section 16 of the Act.
      left_section_16: flagText(textAt(root, 'notSubjectToSection16')) === true ? true : undefined,
      aff10b5One: flagText(textAt(root, 'aff10b5One')),
      amends: form[2] === undefined ? undefined : amendedBy(root, document),
      footnotes: footnotes.length === 0 ? undefined : footnotes,
      remarks: textAt(root, 'remarks'),
    }),
  }, received.reading.by)
}

/** An amendment supersedes the form that was filed on that day; its accession number is not stated in the document. */
function amendedBy(root: Element, document: string): Facts {
  return compact({ form: document.replace('/A', ''), original_filed: dateText(textAt(root, 'dateOfOriginalSubmission')) })
}

/** The form that the first transaction names, where the document names none. */
function formOfLines(root: Element): string | undefined {
  const lines = [...childrenOf(child(root, 'nonDerivativeTable'), 'nonDerivativeTransaction'),
    ...childrenOf(child(root, 'derivativeTable'), 'derivativeTransaction')]
  return textAt(lines[0], 'transactionCoding', 'transactionFormType')
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
    other: flagText(textAt(relationship, 'isOther')) === true ? true : undefined,
  }
}
