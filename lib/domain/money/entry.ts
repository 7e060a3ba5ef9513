/**
 * One balanced movement of a vault's books. Everything the books know is a sum over entries: balances, and what each lot holds and cost. What is
 * no sum (the terms of a loan, say) is a mark: the last one said stands.
 */
import type { JournalEntry } from '#record'
import { formatFixed } from './decimal.ts'
import { centsOf, fixedOf, formatCents, type Cents, type Fixed } from './money.ts'

export const ENTRY_TYPES = [
  'open', 'fill', 'deposit', 'withdrawal', 'transfer', 'loan_draw', 'loan_repayment', 'interest', 'compounding', 'dividend', 'dividend_paid',
  'split', 'symbol_change', 'merger', 'spin_off', 'redemption', 'delisting', 'worthless', 'adjustment', 'fee', 'in_lieu', 'exercise',
] as const
export type EntryType = (typeof ENTRY_TYPES)[number]

/** What enters a lot (positive) or leaves it; the lot's cost moves by the posting's amount. */
export interface LotMove {
  /** The record that opened it, where it was not cut from another. */
  readonly lot: string
  /** When it was bought: a lot keeps that through splits and new names. */
  readonly acquired: string
  readonly quantity: Fixed
}
export interface Posting {
  readonly account: string
  readonly amountCents: Cents
  /** Of positions only, and of all of those. */
  readonly move?: LotMove
}
/** `ref` is the id of the record that caused it. */
export interface Entry {
  readonly at: string
  readonly ref: string
  readonly type: EntryType
  readonly postings: readonly Posting[]
  /** Marks that stand from now on; an empty text takes one away. */
  readonly marks?: { readonly [name: string]: string }
}

/** As records carry it. */
export type PostingText = JournalEntry['postings'][number]

export const postingText = ({ account, amountCents, move }: Posting): PostingText => ({
  account, amount: formatCents(amountCents),
  ...(move !== undefined && { quantity: formatFixed(move.quantity), lot: move.lot, acquired: move.acquired }),
})

/** Throws RangeError where an amount is none. */
export function postingOf({ account, amount, quantity, lot, acquired }: PostingText): Posting {
  const amountCents = centsOf(amount)
  if (quantity === undefined || lot === undefined || acquired === undefined) return { account, amountCents }
  return { account, amountCents, move: { lot, acquired, quantity: fixedOf(quantity) } }
}

/** Parts in the ratio of the weights that add up to the total: rounded down, what is left over to the largest remainders, the first among equals. */
export function apportioned(total: Cents, weights: readonly bigint[]): Cents[] {
  const whole = weights.reduce((sum, weight) => sum + weight, 0n)
  if (whole <= 0n) return weights.map((_, i) => (i === 0 ? total : 0n))
  const sign = total < 0n ? -1n : 1n
  const exact = weights.map((weight, i) => ({ i, part: (sign * total * weight) / whole, remainder: (sign * total * weight) % whole }))
  let left = sign * total - exact.reduce((sum, { part }) => sum + part, 0n)
  const parts = exact.map(({ part }) => part)
  for (const { i } of [...exact].sort((a, b) => (a.remainder === b.remainder ? a.i - b.i : a.remainder > b.remainder ? -1 : 1))) {
    if (left === 0n) break
    parts[i] = (parts[i] ?? 0n) + 1n
    left -= 1n
  }
  return parts.map((part) => sign * part)
}
