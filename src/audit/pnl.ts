import { check, dayOf, formatInstant, type Fill, type Json } from '#record'
import { action, Failure, type ActionWorld, type Emit } from '#tool'
import type { BookState } from '#domain/execute/book'
import { parseCents } from '#domain/money/money'
import { Closes, differenceFrom, VaultDays } from '#domain/pnl/pnl'
import { readVault, VAULT_FILE, vaultEntries } from '#domain/vault/vault'

const SUMMARY = 'pnl_summary.json'

export default action({
  name: 'vanta-pnl',
  summary: 'Keep the daily profit and loss of every vault from its fills and the closes of bars, and sum it up.',
  about: `One pnl record for each vault and each day that has bars, once the day is over, from the first moment of
decision or fill on; at the end memory/pnl_summary.json with
returns, drawdown, and profit by subject, band and maker. The books are recomputed from the fills alone and must agree with
memory/ledger.json.`,
  options: {
    cash: { kind: 'decimal', help: 'capital of vaults that memory/vault.json does not name' },
  },
  reads: ['fill', 'bar', 'control'],
  examples: ['vanta-vault init core --cash 100000 >/dev/null && vanta-pnl </dev/null'],
  open({ cash }, world) {
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
      if (begun) for (const vault of vaults.values()) emit(vault.close(closes, world.by))
      closes.day = ''
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
          if (vault.tally.fills === 0) earlier(vault, (record.sequence ?? 1) - 1, world)
          vault.take(record)
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
  if (vault !== undefined) return new VaultDays(name, vault.currency, vault.capital)
  const capital = cash === undefined ? undefined : parseCents(cash)
  if (capital === undefined) {
    throw new Failure('config', `no vault '${name}': run vanta-vault init ${name}, or give its capital with --cash`)
  }
  return new VaultDays(name, currency, capital)
}

/** Fills of earlier runs, from the trade log: what a vault held before this stream began. */
function earlier(vault: VaultDays, count: number, world: ActionWorld): void {
  if (count === 0) return
  for (const line of world.journal('trade_log.jsonl').lines()) {
    if (vault.tally.fills === count) return
    const fill = fillIn(line)
    if (fill?.vault === vault.vault) vault.tally.take(fill)
  }
  if (vault.tally.fills === count) return
  const found = `the stream starts at fill ${count + 1}, the trade log has only ${vault.tally.fills} before it`
  throw new Failure('data', `vault ${vault.vault}: ${found}`)
}

function fillIn(line: string): Fill | undefined {
  if (!line.startsWith('{"kind":"fill"')) return undefined
  const checked = check(JSON.parse(line))
  return 'record' in checked && checked.record.kind === 'fill' ? checked.record : undefined
}

/** Vaults whose books agree with the executor's ledger; without those it does not know, or knows further than this stream. */
function agree(vaults: ReadonlyMap<string, VaultDays>, world: ActionWorld): ReadonlySet<string> {
  const books = (world.store.read('ledger.json')?.memory.vaults ?? {}) as { readonly [vault: string]: BookState }
  const checked = new Set<string>()
  for (const [name, vault] of vaults) {
    const book = books[name]
    if (book === undefined) continue
    if (vault.tally.fills === 0) earlier(vault, book.fills, world)
    if (book.fills !== vault.tally.fills) {
      world.log.warn(`vault ${name}: the ledger has ${book.fills} fills, this stream ${vault.tally.fills}: not compared`)
      continue
    }
    const difference = differenceFrom(book.ledger, vault.tally)
    if (difference !== undefined) throw new Failure('bug', `vault ${name}: ${difference}`)
    checked.add(name)
  }
  return checked
}
