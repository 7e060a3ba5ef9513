/** Rows of lists of insider trades, gathered into filings: one `form4` signal for each. */
import type { Millis, Signal } from '#record'
import { compact, contentKey, filedBy, filingSignal, latestClose, type Owner, type Transaction } from './facts.ts'

/** One row as read: rows with the same key are lines of one filing. */
export interface Line {
  readonly key: string
  readonly filed: string
  /** When EDGAR accepted the filing, where the list says so. */
  readonly acceptedMs?: Millis | undefined
  readonly subject: string
  readonly transaction: Transaction
  readonly owner: Owner
  readonly accession?: string
  readonly amended?: boolean
  readonly issuer?: { readonly cik?: string | undefined; readonly name?: string | undefined }
}

/** The key of a row that has no accession number: equal rows have the same. */
export const rowKey = (source: string, filed: string, subject: string, ...cells: string[]): string =>
  `${source}:${filed}:${subject.slice(7)}:${contentKey(cells.join('|'))}`

/** Lines of one list, in the order of their filings. */
export class Lines {
  readonly #filings = new Map<string, Line[]>()

  /** False where the same was said before: lines of one accession number may be alike, others not. */
  add(line: Line): boolean {
    const group = `${line.key} ${line.subject} ${line.filed}`
    const lines = this.#filings.get(group)
    if (lines === undefined) this.#filings.set(group, [line])
    else if (line.accession !== undefined) lines.push(line)
    else return false
    return true
  }

  /** In the order in which they became known. */
  signals(source: string, by: string): Signal[] {
    const signals = [...this.#filings.values()].map((lines) => signalOf(lines, source, by))
    return signals.sort((a, b) => (a.known_at < b.known_at ? -1 : a.known_at > b.known_at ? 1 : 0))
  }
}

function signalOf(lines: readonly Line[], source: string, by: string): Signal {
  const [first] = lines
  if (first === undefined) throw new RangeError('a filing without lines')
  const owners = new Map(lines.map(({ owner }) => [owner.cik ?? owner.name ?? '', compact(owner)]))
  const knownMs = first.acceptedMs ?? filedBy(first.filed) ?? 0
  const { cik, name } = first.owner
  return filingSignal({
    type: 'form4', key: first.key, source, subject: first.subject, knownMs,
    author: cik !== undefined || name !== undefined ? `sec:${cik ?? name}` : undefined,
    atMs: latestClose(lines.map(({ transaction }) => transaction.date)) ?? knownMs,
    facts: compact({
      document_type: first.amended === true ? '4/A' : '4', filed: first.filed, accession: first.accession,
      issuer_cik: first.issuer?.cik, issuer_name: first.issuer?.name,
      owners: [...owners.values()], transactions: lines.map(({ transaction }) => compact(transaction)),
    }),
  }, by)
}
