/**
 * The ledger's journal against the trade log and the state kept, by sums of its own: nothing of the ledger's code is used here. Whole
 * shares and whole cents, so that plain numbers are exact.
 */
import type { Violation } from './checker.ts'

interface EntryLine {
  readonly kind: string
  readonly id: string
  readonly parents: readonly string[]
  readonly vault: string
  readonly type: string
  readonly sequence: number
  readonly postings: readonly { readonly account: string; readonly amount: string; readonly quantity?: string; readonly lot?: string }[]
}
interface LedgerFile {
  readonly vaults?: {
    readonly [vault: string]: {
      readonly entries: number
      readonly ledger: {
        readonly balances: { readonly [account: string]: string }
        readonly lots: { readonly [subject: string]: readonly { readonly quantity: string; readonly cost: string; readonly lot: string }[] }
      }
    }
  }
}

const cents = (text: string): number => Math.round(Number(text) * 100)

function parsed(log: Buffer | undefined): EntryLine[] {
  return (log?.toString('utf8') ?? '').split('\n').slice(0, -1).map((line) => JSON.parse(line) as EntryLine)
}

/** Laws that hold at every moment, whatever was cut off: what stands in the journal is balanced, in order, and follows from the trade log. */
export function checkJournal(journal: Buffer | undefined, trades: Buffer | undefined): Violation[] {
  const found: Violation[] = []
  const known = new Set(parsed(trades).map(({ id }) => id))
  const last = new Map<string, number>()
  for (const { id, parents, vault, type, sequence, postings } of parsed(journal)) {
    const sum = postings.reduce((total, { amount }) => total + cents(amount), 0)
    if (sum !== 0) found.push({ law: 'every entry balances', detail: `${id}: ${sum}` })
    if (sequence !== (last.get(vault) ?? 0) + 1) found.push({ law: 'no entry is left out or said twice', detail: `${vault}: ${sequence}` })
    last.set(vault, sequence)
    if (type === 'fill' ? !known.has(parents[0] ?? '') : !known.has(id)) found.push({ law: 'the journal is never ahead of the trade log', detail: id })
  }
  return found
}

/** Once all is quiet: the journal tells the whole of the trade log, and what is kept is its sum. */
export function checkJournalAtRest(journal: Buffer | undefined, trades: Buffer | undefined, ledger: Buffer | undefined): Violation[] {
  const found: Violation[] = []
  const entries = parsed(journal), causes = entries.filter(({ type }) => type === 'fill').map(({ parents }) => parents[0])
  const fills = parsed(trades).filter(({ kind }) => kind === 'fill').map(({ id }) => id)
  if (causes.join() !== fills.join()) found.push({ law: 'every fill is one entry', detail: `${fills.length} fills, ${causes.length} entries` })
  const { vaults = {} } = JSON.parse(ledger?.toString('utf8') ?? '{}') as LedgerFile
  for (const [vault, { entries: count, ledger: { balances, lots } }] of Object.entries(vaults)) {
    const own = entries.filter((entry) => entry.vault === vault)
    if (own.length !== count) found.push({ law: 'the state covers the journal', detail: `${vault}: ${count} of ${own.length}` })
    const sums = new Map<string, number>(), held = new Map<string, number>(), costs = new Map<string, number>()
    for (const { account, amount, quantity, lot } of own.flatMap(({ postings }) => postings)) {
      sums.set(account, (sums.get(account) ?? 0) + cents(amount))
      if (lot === undefined) continue
      held.set(lot, (held.get(lot) ?? 0) + Number(quantity))
      costs.set(lot, (costs.get(lot) ?? 0) + cents(amount))
    }
    for (const account of new Set([...sums.keys(), ...Object.keys(balances)])) {
      if ((sums.get(account) ?? 0) !== cents(balances[account] ?? '0')) found.push({ law: 'the state is the sum of the journal', detail: `${vault} ${account}` })
    }
    for (const { lot, quantity, cost } of Object.values(lots).flat()) {
      if (held.get(lot) !== Number(quantity) || costs.get(lot) !== cents(cost)) found.push({ law: 'lots are the sum of the journal', detail: `${vault} ${lot}` })
      held.delete(lot)
    }
    for (const [lot, quantity] of held) if (quantity !== 0) found.push({ law: 'lots are the sum of the journal', detail: `${vault} ${lot}: ${quantity}` })
  }
  return found
}
