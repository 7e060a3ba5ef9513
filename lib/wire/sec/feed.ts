/**
 * EDGAR's feed of current filings (`getcurrent`, Atom in ISO-8859-1). It names each accession once for every party to it, and
 * its `type=4` means "starts with 4": forms are told by the category, and each filing is given once with its parties.
 */
import type { Signal } from '#record'
import type { Log } from '#port/log'
import { timestamp } from '../csv/bar_row.ts'
import { compact, filingSignal, type Facts } from './facts.ts'
import { child, childrenOf, textAt, type Element } from './xml.ts'

/** Ownership forms and 13F reports, amendments too. */
const WANTED = /^([345](\/A)?|13F-.+)$/
const TITLE = /^(\S+) - (.*) \((\d{10})\) \(([^()]+)\)$/

interface Entry {
  readonly accession: string
  readonly form: string
  readonly atMs: number
  readonly filed: string | undefined
  readonly link: string | undefined
  readonly parties: { readonly role: string; readonly name: string; readonly cik: string }[]
}

/** Entries over all the pages that are read: a filing may stand at the end of one and the start of the next. */
export class Feed {
  private readonly entries = new Map<string, Entry>()

  read(root: Element, name: string, log: Log): void {
    let passed = 0
    for (const [i, element] of childrenOf(root, 'entry').entries()) {
      const form = child(element, 'category')?.attributes['term'] ?? ''
      if (!WANTED.test(form)) passed++
      else if (!this.add(element, form)) log.warn(`${name}: entry ${i + 1} has no accession number or no time; left out`)
    }
    if (passed > 0) log.info(`${name}: ${passed} entries are other forms`)
  }

  private add(element: Element, form: string): boolean {
    const accession = /accession-number=(\d{10}-\d\d-\d{6})$/.exec(textAt(element, 'id') ?? '')?.[1]
    const updated = textAt(element, 'updated') ?? ''
    const atMs = timestamp(updated, 0, updated.length)
    if (accession === undefined || Number.isNaN(atMs)) return false
    let entry = this.entries.get(accession)
    if (entry === undefined) {
      const filed = /Filed:(?:<[^>]*>|\s)*(\d{4}-\d\d-\d\d)/.exec(textAt(element, 'summary') ?? '')?.[1]
      entry = { accession, form, atMs, filed, link: child(element, 'link')?.attributes['href'], parties: [] }
      this.entries.set(accession, entry)
    }
    const [, , name, cik, role] = TITLE.exec(textAt(element, 'title') ?? '') ?? []
    if (name !== undefined && cik !== undefined && role !== undefined) {
      if (!entry.parties.some((party) => party.cik === cik && party.role === role)) entry.parties.push({ role, name, cik })
    }
    return true
  }

  /** One `filing` signal for each accession, oldest first. What the filing says is not in the feed, so it is not said here. */
  signals(by: string): Signal[] {
    const entries = [...this.entries.values()].sort((a, b) => a.atMs - b.atMs || (a.accession < b.accession ? -1 : 1))
    return entries.map((entry) => {
      const issuer = entry.parties.find(({ role }) => role === 'Issuer')
      const author = entry.parties.find(({ role }) => role !== 'Issuer')
      return filingSignal({
        type: 'filing', key: entry.accession, source: 'sec/edgar', atMs: entry.atMs, knownMs: entry.atMs,
        subject: issuer === undefined ? undefined : `cik:${issuer.cik}`,
        author: author === undefined ? undefined : `sec:${author.cik}`,
        facts: factsOf(entry),
      }, by)
    })
  }
}

function factsOf({ accession, form, filed, link, parties }: Entry): Facts {
  return compact({ accession, document_type: form, filed, link, parties: parties.map((party) => ({ ...party })) })
}
