/** Vaults as an operator sees them: what they hold, owe and wait for, from the memory files alone. */
import { formatInstant, type Json, type Millis } from '#record'
import { Book } from '../../execute/book.ts'
import type { Kept } from '../../execute/kept.ts'
import { fixedOf, formatCents } from '../../money/money.ts'
import { temperOf } from '../../vault/overlay.ts'
import { readVault, vaultEntries } from '../../vault/vault.ts'
import type { Trouble, VaultStatus } from './status.ts'

type Memory = { readonly [field: string]: Json | undefined }

export interface BooksMemory {
  readonly vaults: Memory | undefined
  readonly ledger: Memory | undefined
  readonly queue: Memory | undefined
  readonly overlay: Memory | undefined
}

/** Every vault that the settings or the books know, and what could not be read of them. */
export function vaultsOf(memory: BooksMemory, nowMs: Millis): { readonly vaults: readonly VaultStatus[]; readonly troubles: readonly Trouble[] } {
  const kept = (memory.ledger ?? {}) as Partial<Kept>, troubles: Trouble[] = [], vaults: VaultStatus[] = []
  for (const name of new Set([...vaultEntries(memory.vaults).map(([vault]) => vault), ...Object.keys(kept.vaults ?? {})])) {
    try {
      vaults.push(vaultOf(name, memory, kept, nowMs))
    } catch (error) {
      if (!(error instanceof RangeError || error instanceof TypeError || error instanceof SyntaxError)) throw error
      troubles.push({ what: `vault ${name}`, detail: error.message })
    }
  }
  return { vaults, troubles }
}

function vaultOf(name: string, { vaults, queue, overlay }: BooksMemory, kept: Partial<Kept>, nowMs: Millis): VaultStatus {
  const settings = readVault(vaults, name)
  if (settings === undefined) throw new RangeError('the books know it, memory/vault.json does not')
  if (typeof settings === 'string') throw new RangeError(`memory/vault.json: ${settings}`)
  const state = kept.vaults?.[name], book = state === undefined ? undefined : Book.fromState(name, state), ledger = book?.ledger
  const orders = state?.orders ?? [], { marks = {}, waiting = [] } = kept
  const asOf = [...(ledger?.subjects() ?? [])].flatMap((subject) => marks[subject]?.known_at ?? []).sort().at(-1)
  const { persona, flip } = temperOf(overlay, name, nowMs)
  const priceOf = (subject: string) => (marks[subject] === undefined ? undefined : fixedOf(marks[subject].price))
  return {
    vault: name, mode: settings.mode, state: settings.state, currency: settings.currency,
    equity: formatCents(ledger?.equityAt(priceOf) ?? settings.capital),
    cash: formatCents(ledger?.cash ?? settings.capital),
    as_of: asOf ?? null,
    positions: ledger?.positions ?? 0,
    open_orders: orders.length,
    unknown_orders: orders.filter(({ state: told }) => told === 'unknown').length,
    queued: countOf(vaultEntries(queue).find(([vault]) => vault === name)?.[1]),
    waiting: waiting.filter(({ vault }) => vault === name).length,
    persona: persona ?? null,
    flip: flip === undefined ? null : { persona: flip.persona, until: formatInstant(flip.untilMs) },
  }
}

const countOf = (value: unknown): number => (typeof value === 'object' && value !== null ? Object.keys(value).length : 0)
