import { check, dayOf, formatInstant, lineOf, type Fill, type JournalEntry, type Json } from '#record'
import { action, Failure, type ActionWorld, type Emit } from '#tool'
import type { BookState } from '#domain/execute/book'
import { NO_DECISIONS } from '#domain/execute/kept'
import { toNumber } from '#domain/money/decimal'
import { parseCents } from '#domain/money/money'
import { DIMENSIONS } from '#domain/pnl/attribution'
import { PNL_LOG } from '#domain/pnl/day_prices'
import { Closes, differenceFrom, VaultDays } from '#domain/pnl/pnl'
import { readVault, VAULT_FILE, vaultEntries } from '#domain/vault/vault'
import { answer, dimensionsOf } from './pnl/by.ts'

const SUMMARY = 'pnl_summary.json'

export default action({
  name: 'vanta-pnl',
  summary: 'Keep the daily profit and loss of every vault from its fills and the closes of bars, and sum it up.',
  about: `One pnl record for each vault and each day that has bars, once the day is over, from the first moment of
decision or fill on, kept in logs/pnl.ndjson too; at the end memory/pnl_summary.json with
returns, drawdown, growth and what of the profit was reinvested, and profit by subject, band and maker. The books are recomputed from the
fills, and from the entries that are no fills, and must agree with memory/ledger.json.

With --by it reads no records but answers from logs/ledger.ndjson, logs/pnl.ndjson and memory/ledger.json: profit and loss by
${DIMENSIONS.join(', ')}, in the order given, rows that add up to the whole to the cent. Persona, models, sources and raw signals are
those behind each purchase, by the weight of the reasons of its conviction, as far as logs/audit.jsonl tells. Unrealised is the change over the days of a row.`,
  options: {
    by: { kind: 'text', help: `answer from the home, reading no records, by some of ${DIMENSIONS.join(', ')}, with commas between` },
    cash: { kind: 'decimal', help: 'capital of vaults that memory/vault.json does not name' },
  },
  state: { [SUMMARY]: [], 'ledger.json': NO_DECISIONS },
  reads: ['fill', 'entry', 'bar', 'control'],
  examples: [
    'vanta-vault init core --cash 100000 >/dev/null && vanta-pnl </dev/null',
    { run: 'vanta-pnl --by day,vault,band', note: 'from the logs and memory of the home', status: 0 },
  ],
  readsNothing: ({ by }) => by !== undefined,
  open({ cash, by }, world) {
    if (by !== undefined) {
      const dimensions = dimensionsOf(by)
      return { each: (record, emit) => emit(record), end: (emit) => answer(dimensions, world, emit) }
    }
    const closes = new Closes()
    const vaults = new Map<string, VaultDays>()
    const settings = world.store.read(VAULT_FILE)?.memory
    const days = (name: string, currency = 'USD'): VaultDays => {
      let found = vaults.get(name)
      if (found === undefined) vaults.set(name, (found = opened(name, currency, settings, cash)))
      return found
    }
    for (const [name] of vaultEntries(settings)) days(name)
    let begun = false
    const rollOver = (day: string, emit: Emit): void => {
      if (closes.day === '' || day <= closes.day) return
      if (begun) {
        for (const vault of vaults.values()) {
          const pnl = vault.close(closes, world.by)
          world.journal(PNL_LOG).append(lineOf(pnl))
          emit(pnl)
        }
      }
      closes.turn()
    }
    return {
      each(record, emit) {
        if (record.kind === 'bar') {
          rollOver(dayOf(record.at), emit)
          closes.hear(record)
        } else if (record.kind === 'fill') {
          rollOver(dayOf(record.known_at), emit)
          begun = true
          const vault = days(record.vault, record.currency)
          if (!vault.begun) earlier(vault, record, world)
          vault.take(record)
        } else if (record.kind === 'entry') {
          const vault = days(record.vault, record.currency)
          if (!vault.begun) earlier(vault, record, world)
          vault.takeEntry(record)
        } else if (record.type === 'tick') {
          rollOver(dayOf(record.at), emit)
          begun = true
        }
        emit(record)
      },
      end(emit) {
        rollOver('9999-12-31', emit)
        const checked = agree(vaults, world)
        const summaries = [...vaults].map(([name, vault]) =>
          ({ vault: name, ...vault.summary(closes), ledger_checked: checked.has(name) }))
        const asOf = closes.closedAt === '' ? formatInstant(world.clock.now()) : closes.closedAt
        const memory = { as_of: asOf, ...onlyOne(summaries), vaults: byName(summaries) }
        world.store.write(SUMMARY, memory, world.store.read(SUMMARY)?.version ?? 0)
      },
    }
  },
})

type VaultSummary = { readonly vault: string; readonly [field: string]: Json }

/** The figures of the only vault also stand at the top, where most people look. */
const onlyOne = (summaries: readonly VaultSummary[]): { readonly [field: string]: Json } =>
  summaries.length === 1 ? summaries[0] ?? {} : {}
const byName = (summaries: readonly VaultSummary[]) => Object.fromEntries(summaries.map((summary) => [summary.vault, summary]))

type Settings = { readonly [field: string]: unknown } | undefined

function opened(name: string, currency: string, settings: Settings, cash: string | undefined): VaultDays {
  const vault = readVault(settings, name)
  if (typeof vault === 'string') throw new Failure('config', `memory/${VAULT_FILE}: ${vault}`)
  if (vault !== undefined) return new VaultDays(name, vault.currency, vault.capital, toNumber(vault.growth))
  const capital = cash === undefined ? undefined : parseCents(cash)
  if (capital === undefined) {
    throw new Failure('config', `no vault '${name}': run vanta-vault init ${name}, or give its capital with --cash`)
  }
  return new VaultDays(name, currency, capital)
}

/** What earlier runs did, from the trade log: the books as they were before this stream began, which is at `first` (or nowhere). */
function earlier(vault: VaultDays, first: Fill | JournalEntry | undefined, world: ActionWorld): void {
  vault.begun = true
  const before = (first?.sequence ?? (first === undefined ? Infinity : 1)) - 1
  if (before === 0) return
  for (const line of world.journal('trade_log.jsonl').lines()) {
    const moved = movementIn(line)
    if (moved?.id === first?.id) break
    if (moved?.vault !== vault.vault) continue
    if (moved.kind === 'fill') vault.take(moved)
    else vault.takeEntry(moved)
  }
  const found = first?.kind === 'fill' ? vault.tally.fills : vault.entries
  if (first === undefined || found >= before) return
  const what = first.kind === 'fill' ? 'fill' : 'entry'
  throw new Failure('data', `vault ${vault.vault}: the stream starts at ${what} ${before + 1}, the trade log has only ${found} before it`)
}

function movementIn(line: string): Fill | JournalEntry | undefined {
  if (!line.startsWith('{"kind":"fill"') && !line.startsWith('{"kind":"entry"')) return undefined
  const checked = check(JSON.parse(line))
  return 'record' in checked && (checked.record.kind === 'fill' || checked.record.kind === 'entry') ? checked.record : undefined
}

/** Vaults whose books agree with the executor's ledger; without those it does not know, or knows further than this stream. */
function agree(vaults: ReadonlyMap<string, VaultDays>, world: ActionWorld): ReadonlySet<string> {
  const books = (world.store.read('ledger.json')?.memory.vaults ?? {}) as { readonly [vault: string]: BookState }
  const checked = new Set<string>()
  for (const [name, vault] of vaults) {
    const book = books[name]
    if (book === undefined) continue
    if (!vault.begun) earlier(vault, undefined, world)
    const entries = book.entries ?? vault.entries
    if (book.fills !== vault.tally.fills || entries !== vault.entries) {
      const here = `${vault.tally.fills} fills and ${vault.entries} entries`
      world.log.warn(`vault ${name}: the ledger has ${book.fills} fills and ${entries} entries, this stream ${here}: not compared`)
      continue
    }
    const difference = differenceFrom(book.ledger, vault.tally)
    if (difference !== undefined) throw new Failure('bug', `vault ${name}: ${difference}`)
    checked.add(name)
  }
  return checked
}
