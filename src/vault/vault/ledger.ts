import { dayOf, parseMoment, type JournalEntry } from '#record'
import { command, Failure, type ActionWorld } from '#tool'
import { checkLedger, entriesOf } from '#domain/execute/ledger_check'
import type { Kept } from '#domain/execute/kept'
import { beancountLines } from '#domain/money/export/beancount'
import { hledgerLines } from '#domain/money/export/hledger'
import { tableLines } from '#domain/money/export/table'
import type { Exported, Quote } from '#domain/money/export/walk'
import { formatCents } from '#domain/money/money'
import { readVault, VAULT_FILE, type Vault } from '#domain/vault/vault'

const FORMATS = ['ndjson', 'table', 'hledger', 'beancount'] as const
const LEDGER = 'ledger.json', ENTRIES = 'ledger.ndjson', TRADE_LOG = 'trade_log.jsonl'

export default command({
  name: 'vanta-vault ledger',
  summary: 'Tell the journal of a vault, as records, as a table, or for hledger and Beancount, whose own checks accept it.',
  about: `Every movement is a balanced entry; debits are above zero. Positions are at cost in lots, each known by the fill that opened it. hledger is
given total costs (@@), Beancount lots ({{}}); both get a balance assertion for every account that moved on a day, and the last prices known.
With --check the books are worked out again from logs/trade_log.jsonl, which is the truth, and compared with logs/ledger.ndjson and
memory/ledger.json: what differs is said, and the status is 1.`,
  operands: 'NAME',
  options: {
    format: { kind: 'choice', choices: FORMATS, help: 'default: a table on a terminal, else records' },
    since: { kind: 'text', help: 'first day; what was before is told as opening balances' },
    until: { kind: 'text', help: 'last day' },
    check: { kind: 'flag', help: 'tell nothing, check that the trade log, the journal and the state agree' },
  },
  examples: [
    'vanta-vault init core --cash 100000 >/dev/null && vanta-vault ledger core --format hledger',
    'vanta-vault init core --cash 100000 >/dev/null && vanta-vault ledger core --check',
  ],
  act({ format, since, until, check }, operands, world, emit) {
    const [name] = operands
    if (name === undefined || operands.length > 1) throw new Failure('usage', 'which vault?')
    const vault = vaultNamed(name, world)
    if (check) return checked(name, world)
    const entries = orData(() => [...entriesOf(name, world.journal(ENTRIES).lines())])
    const days = { since: day(since, '--since'), until: day(until, '--until') }
    const chosen = format ?? (world.terminal === true ? 'table' : 'ndjson')
    if (chosen === 'ndjson') return entries.filter((entry) => isWithin(entry, days)).forEach((entry) => emit(entry))
    const exported: Exported = { vault: name, currency: vault.currency, entries, quotes: quotes(entries, world), ...days }
    const lines = chosen === 'hledger' ? hledgerLines : chosen === 'beancount' ? beancountLines : tableLines
    for (const line of lines(exported)) world.print(line)
  },
})

function checked(name: string, world: ActionWorld): 'done' | 'negative' {
  const kept = (world.store.read(LEDGER)?.memory ?? {}) as Partial<Kept>
  const evidence = { trades: world.journal(TRADE_LOG).lines(), journal: world.journal(ENTRIES).lines(), kept, vaultOf: (of: string) => vaultNamed(of, world) }
  const { faults, entries, equity } = orData(() => checkLedger(evidence))
  for (const fault of faults) world.print(fault)
  if (faults.length === 0) {
    const sum = equity.get(name)
    const told = sum === undefined ? `${name} has none yet` : `equity of ${name} at cost ${formatCents(sum)}, the sum of its journal`
    world.print(`${entries} entries agree with the trade log; ${told}`)
  }
  return faults.length === 0 ? 'done' : 'negative'
}

function orData<T>(work: () => T): T {
  try {
    return work()
  } catch (cause) {
    if (!(cause instanceof RangeError || cause instanceof SyntaxError)) throw cause
    throw new Failure('data', cause.message, cause)
  }
}

/** The last prices known of what the journal names. */
function quotes(entries: readonly JournalEntry[], world: ActionWorld): Quote[] {
  const { marks = {} } = (world.store.read(LEDGER)?.memory ?? {}) as Partial<Kept>
  const named = new Set(entries.flatMap(({ postings }) => postings.map(({ account }) => account)))
  return Object.entries(marks).filter(([subject]) => named.has(`assets:position:${subject}`))
    .map(([subject, { price, known_at: at }]) => ({ day: dayOf(at), subject, price }))
}

const isWithin = ({ at }: JournalEntry, { since = '', until = '9999-12-31' }: { since?: string | undefined; until?: string | undefined }): boolean =>
  dayOf(at) >= since && dayOf(at) <= until

function day(text: string | undefined, flag: string): string | undefined {
  if (text !== undefined && (!/^\d{4}-\d\d-\d\d$/.test(text) || parseMoment(text) === undefined)) {
    throw new Failure('usage', `${flag}: expected a day like 2021-01-15, got "${text}"`)
  }
  return text
}

function vaultNamed(name: string, world: ActionWorld): Vault {
  const vault = readVault(world.store.read(VAULT_FILE)?.memory, name)
  if (vault === undefined) throw new Failure('config', `no vault '${name}': run vanta-vault init ${name}`)
  if (typeof vault === 'string') throw new Failure('config', `memory/${VAULT_FILE}: ${vault}`)
  return vault
}
