/**
 * EDGAR's feed of current filings (`getcurrent`, Atom in ISO-8859-1). It names each accession once for every party to it, and
 * its `type=4` means "starts with 4": forms are told by the category, and each filing is given once with its parties.
 */
import type { Millis } from '#record'
import { Failure } from '#port/failure'
import type { Reading } from '#port/payload'
import { timestamp } from '../csv/bar_row.ts'
import { accessionIn, canBeOf } from './received.ts'
import { isWanted, rejectOthers, type Notice, type Notices, type Party } from './notice.ts'
import { child, childrenOf, parseXml, textAt, type Element } from './xml.ts'

/** `4 - ROYAL GOLD INC (0000085535) (Issuer)` */
const TITLE = /^\S+ - (.*) \((\d{10})\) \(([^()]+)\)$/

/** Entries go into `notices`: a filing may stand at the end of one page and the start of the next. */
export function readFeed(root: Element, raw: string | undefined, notices: Notices, reading: Reading): void {
  const entries = childrenOf(root, 'entry')
  if (entries.length === 0) reading.reject('feed', 'no entries: nothing was filed of late')
  let others = 0
  for (const [i, entry] of entries.entries()) {
    const notice = isWanted(formOf(entry)) ? noticeOf(entry, raw) : undefined
    if (notice !== undefined) notices.add(notice)
    else if (isWanted(formOf(entry))) reading.reject(`entry ${i + 1}`, 'no accession number, or no time that can be right')
    else others++
  }
  rejectOthers(others, 'entries', reading)
}

const formOf = (entry: Element): string => child(entry, 'category')?.attributes['term'] ?? ''

/** What paging goes by. */
export interface FeedStamp {
  readonly accession: string
  readonly form: string
  readonly acceptedMs: Millis
}

/** Of all entries, whatever their form. Throws Failure `data` where the text is no feed. */
export function feedStampsIn(text: string, name: string): FeedStamp[] {
  const root = parseXml(text.trimStart(), name)
  if (root.name !== 'feed') throw new Failure('data', `${name}: root element "${root.name}", where the feed was expected`)
  return childrenOf(root, 'entry').flatMap((entry) => stampOf(entry) ?? [])
}

function stampOf(entry: Element): FeedStamp | undefined {
  const accession = accessionIn(textAt(entry, 'id') ?? '')
  const updated = textAt(entry, 'updated') ?? ''
  const acceptedMs = timestamp(updated, 0, updated.length)
  if (accession === undefined || !canBeOf(accession, acceptedMs)) return undefined
  return { accession, form: formOf(entry), acceptedMs }
}

function noticeOf(entry: Element, raw: string | undefined): Notice | undefined {
  const stamp = stampOf(entry)
  if (stamp === undefined) return undefined
  const filed = /Filed:(?:<[^>]*>|\s)*(\d{4}-\d\d-\d\d)/.exec(textAt(entry, 'summary') ?? '')?.[1]
  return { ...stamp, filed, link: child(entry, 'link')?.attributes['href'], parties: partyOf(textAt(entry, 'title') ?? ''), raw }
}

function partyOf(title: string): Party[] {
  const [, name, cik, role] = TITLE.exec(title) ?? []
  return cik === undefined ? [] : [{ role, name, cik }]
}
