/** The subjects that an earlier run left with a target, a position or an order: prices of them are decided on in the next. */
import type { Json } from '#record'
import type { Kept } from '../execute/kept.ts'

type Memory = { readonly [field: string]: unknown } | undefined

/** From `memory/autotrade_queue.json` and `memory/ledger.json`, either of which may be absent. */
export function carriedSubjects(queue: Memory, ledger: Memory): ReadonlySet<string> {
  const subjects = new Set<string>()
  const add = (names: Iterable<string>): void => {
    for (const name of names) subjects.add(name)
  }
  for (const targets of Object.values((queue?.['vaults'] ?? {}) as { readonly [vault: string]: object })) add(Object.keys(targets))
  const { vaults = {}, waiting = [] } = (ledger ?? {}) as Partial<Kept>
  for (const { ledger: { lots }, orders, exits } of Object.values(vaults)) {
    add(Object.keys(lots))
    add(orders.map(({ subject }) => subject))
    add(exits.map(({ subject }) => String(subject)))
  }
  add(waiting.map(({ want: { subject } }) => subject))
  return subjects
}

/** What passed of each subject in earlier runs, as `memory/ledger.json` has it: closes and volumes. */
export function carriedTape(ledger: Memory): ReadonlyMap<string, Json> {
  const { tape = {} } = (ledger ?? {}) as Partial<Kept>
  return new Map(Object.entries(tape as { readonly [subject: string]: Json }))
}
