/** The signals of a whole submission, and of one document. */
import type { Signal } from '#record'
import { Failure } from '#port/failure'
import type { Payload, Reading } from '#port/payload'
import { isWanted, noticeSignal, onDay, OTHER_FORM } from './notice.ts'
import { ownershipSignal } from './ownership.ts'
import type { Received } from './received.ts'
import type { Submission } from './submission.ts'
import { readCover, readTable, reportSignals, type Cover, type Table } from './thirteenf.ts'
import type { Pairs } from './thirteenf_pairs.ts'
import { textOf } from '../text.ts'
import { child, childrenOf, parseXml, textAt, type Element } from './xml.ts'

/** Other exhibits may be XML too; only these documents are read. */
const DOCUMENT = /^([345](\/A)?|13F-.*|INFORMATION TABLE)$/

/** A submission that has none of the documents, such as a header alone or an old one on paper, gives word of the filing at least. */
export function submissionSignals(submission: Submission, payload: Payload, reading: Reading): Signal[] {
  const { accession, form, filed, documents, missing } = submission
  const knownMs = submission.knownMs ?? payload.heardMs
  if (!isWanted(form)) {
    reading.reject(accession, OTHER_FORM)
    return []
  }
  if (missing > 0) reading.reject(accession, 'documents that its header counts are missing')
  const covers: Cover[] = [], tables: Table[] = []
  const signals: Signal[] = []
  for (const { filename, type, xml } of documents.filter((document) => DOCUMENT.test(document.type))) {
    const name = `${payload.name} (${filename === '' ? type : filename})`
    const received: Received = { name, key: accession, accession, form, filed, knownMs, raw: payload.raw, reading }
    const root = parseXml(xml, name)
    if (root.name === 'ownershipDocument') signals.push(ownershipSignal(root, received))
    else if (root.name === 'edgarSubmission') covers.push(readCover(root, received))
    else if (root.name === 'informationTable') tables.push(readTable(root, received))
    else reading.reject(filename, `a document "${root.name}" that is not read here`)
  }
  const [cover] = covers
  if (cover !== undefined) signals.push(...reportSignals(cover, tables.flatMap(({ holdings }) => holdings), payload.raw))
  else if (tables.length > 0) throw new Failure('data', `${payload.name}: an information table without a cover page`)
  if (signals.length > 0) return signals
  return noticeOf(submission, payload, reading)
}

function noticeOf({ accession, form, filed, period, acceptedMs, parties }: Submission, payload: Payload, reading: Reading): Signal[] {
  const day = onDay(filed ?? '')
  const when = acceptedMs !== undefined ? { acceptedMs, filed } : day
  if (when === undefined) {
    reading.reject(accession, 'a filing without a document that is read here, and without a date')
    return []
  }
  return [noticeSignal({ accession, form, ...when, period, parties, raw: payload.raw }, reading)]
}

/** A document that came by itself. Throws Failure `data` where it is none that is read here. */
export function documentSignals(root: Element, received: Received, pairs: Pairs): Signal[] {
  switch (root.name) {
    case 'ownershipDocument':
      return [ownershipSignal(root, received)]
    case 'edgarSubmission': {
      const cover = readCover(root, received), table = enclosedTable(root, received)
      return table === undefined ? pairs.cover(cover) : reportSignals(cover, table.holdings, received.raw)
    }
    case 'informationTable':
      return pairs.table(readTable(root, received))
    default:
      throw new Failure('data', `${received.name}: ${strangeDocument(root)}`)
  }
}

/** As filers send it in, before EDGAR takes it apart: the table stands in the submission, in base64. */
function enclosedTable(root: Element, received: Received): Table | undefined {
  const enclosed = childrenOf(child(root, 'documents'), 'document').find((each) => textAt(each, 'conformedDocumentType') === 'INFORMATION TABLE')
  const contents = textAt(enclosed, 'contents')
  if (contents === undefined) return undefined
  const name = `${received.name} (${textAt(enclosed, 'conformedName') ?? 'information table'})`
  return readTable(parseXml(textOf(Buffer.from(contents, 'base64')).trimStart(), name), { ...received, name })
}

/** Errors of the archives come as XML: `<Error><Code>NoSuchKey</Code><Message>...`. */
function strangeDocument(root: Element): string {
  const [code, message] = ['Code', 'Message'].map((name) => root.children.find((each) => each.name === name)?.text ?? '')
  if (root.name === 'Error' && code !== '') return `an error instead of data: ${code ?? ''}: ${message ?? ''}`
  return `root element "${root.name}" is no document that is read here`
}
