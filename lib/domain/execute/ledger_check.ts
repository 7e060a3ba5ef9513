/** What the trade log says of the books, worked out again from its first line, beside the journal and the state that are kept. */
import { check, type JournalEntry } from '#record'
import { centsOf, formatCents, type Cents } from '../money/money.ts'
import type { Vault } from '../vault/vault.ts'
import type { Kept } from './kept.ts'
import { Shelf, type TradeLog } from './shelf.ts'

const JOURNAL = 'logs/ledger.ndjson', STATE = 'memory/ledger.json'

export interface Evidence {
  readonly trades: Iterable<string>
  readonly journal: Iterable<string>
  readonly kept: Partial<Kept>
  readonly vaultOf: (name: string) => Vault
}
export interface Verdict {
  /** In words; none where all agree. */
  readonly faults: readonly string[]
  readonly entries: number
  /** By vault: the sum of its journal over assets and liabilities. */
  readonly equity: ReadonlyMap<string, Cents>
}

/** Throws RangeError where the trade log contradicts itself. */
export function checkLedger({ trades, journal, kept, vaultOf }: Evidence): Verdict {
  const lines = [...trades], said = [...journal], faults: string[] = []
  const expected = replayed(lines, vaultOf).entries
  const first = said.findIndex((line, i) => line !== expected[i])
  const missing = expected.length - said.length
  if (first >= 0) {
    faults.push(`${JOURNAL} line ${first + 1}: ${expected[first] === undefined ? 'the trade log knows nothing of it' : 'the trade log says otherwise'}`)
  } else if (missing > 0) faults.push(`${JOURNAL}: ${missing} entries are missing at its end; the next run writes them`)
  faults.push(...stateFaults(lines, kept, vaultOf))
  return { faults, entries: said.length, equity: equityOf(said, faults) }
}

/** The fold of a trade log, and the journal that follows from it. */
function replayed(lines: readonly string[], vaultOf: (name: string) => Vault): { readonly shelf: Shelf; readonly entries: readonly string[] } {
  const entries: string[] = []
  const trades: TradeLog = { append: never, sync: () => undefined, lines: () => lines }
  const shelf = new Shelf({ trades, entries: { append: (line) => void entries.push(line), sync: () => undefined, lines: () => [] }, by: 'check' }, vaultOf, {})
  shelf.settle()
  return { shelf, entries }
}
function never(): never {
  throw new RangeError('a check writes nothing')
}

function stateFaults(lines: readonly string[], kept: Partial<Kept>, vaultOf: (name: string) => Vault): string[] {
  const { log_lines: covered = 0, journal_lines: journalled, vaults = {} } = kept
  if (covered > lines.length) return [`${STATE} covers ${covered} lines of the trade log, which has ${lines.length}`]
  const { shelf, entries } = replayed(lines.slice(0, covered), vaultOf)
  const faults: string[] = []
  if (journalled !== undefined && journalled !== entries.length) {
    faults.push(`${STATE} covers ${journalled} entries, the trade log gives ${entries.length}`)
  }
  for (const vault of new Set([...shelf.books.keys(), ...Object.keys(vaults)])) {
    const here = shelf.books.get(vault)?.toState(), there = vaults[vault]
    if (here === undefined || there === undefined) {
      faults.push(`vault ${vault}: ${here === undefined ? 'the trade log knows nothing of it' : `${STATE} knows nothing of it`}`)
      continue
    }
    const parts: [string, unknown, unknown][] = [
      ['fills', here.fills, there.fills], ['entries', here.entries, there.entries], ['balances', here.ledger.balances, there.ledger.balances],
      ['lots', here.ledger.lots, there.ledger.lots], ['marks', here.ledger.marks ?? {}, there.ledger.marks ?? {}],
    ]
    for (const [what, ours, theirs] of parts) {
      if (!same(ours, theirs)) faults.push(`vault ${vault}: ${what} in ${STATE} are not what the trade log gives`)
    }
  }
  return faults
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(sorted(a)) === JSON.stringify(sorted(b))
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, inner]) => [name, sorted(inner)]))
}

/** Sums of its own, of the text of the journal alone. */
function equityOf(said: readonly string[], faults: string[]): Map<string, Cents> {
  const equity = new Map<string, Cents>()
  for (const [i, line] of said.entries()) {
    const { vault, postings } = JSON.parse(line) as JournalEntry
    let all = 0n, sheet = 0n
    for (const { account, amount } of postings) {
      const cents = centsOf(amount)
      all += cents
      if (/^(assets|liabilities):/.test(account)) sheet += cents
    }
    if (all !== 0n) faults.push(`${JOURNAL} line ${i + 1}: out of balance by ${formatCents(all)}`)
    equity.set(vault, (equity.get(vault) ?? 0n) + sheet)
  }
  return equity
}

/** The entries of a vault, from the lines of the journal. Throws RangeError where a line is none. */
export function* entriesOf(vault: string, lines: Iterable<string>): Generator<JournalEntry> {
  let number = 0
  for (const line of lines) {
    number++
    const checked = check(JSON.parse(line))
    if ('fault' in checked) throw new RangeError(`${JOURNAL} line ${number}: ${checked.fault.path} ${checked.fault.message}`)
    if (checked.record.kind === 'entry' && checked.record.vault === vault) yield checked.record
  }
}
