/**
 * What makes a sweep, what makes a block.
 *
 * **A sweep** is one order that takes what several exchanges show at once. The tape does not name orders, so this is a rule over prints:
 * prints of one contract and one side form a run while each is at most 100 ms after the one before and the whole run at most one second
 * long; the run is a sweep where it touched at least three exchanges and 10 contracts. Prints that cannot be part of one (crosses, floor
 * and multi-leg trades, trades against stock, late or cancelled ones) are left out beforehand. The intermarket-sweep condition is not
 * needed, since not every tape tells it, but the number of prints that carry it is said.
 *
 * **A block** is one print of at least 500 contracts, or of at least 250,000 USD in premium, that is no part of a sweep: the sort
 * (electronic, auction, cross, floor, multi-leg) is said with it.
 */
import type { Millis } from '#record'
import { optionCondition, type OptionConditionSort } from './option_condition.ts'

/** Longest pause between two prints of a run, and longest run. */
export const SWEEP_GAP_MS = 100
export const SWEEP_WINDOW_MS = 1000
const SWEEP_EXCHANGES = 3
const SWEEP_CONTRACTS = 10
const BLOCK_CONTRACTS = 500
const BLOCK_PREMIUM_USD = 250_000

export type Side = 'buy' | 'sell'

/** Who came to whom: at the ask or above it a buyer, at the bid or below it a seller; between them, or in a crossed market, unknown. */
export function aggressor(price: number, bid: number | undefined, ask: number | undefined): Side | undefined {
  if (bid === undefined || ask === undefined || !(ask > bid) || bid < 0) return undefined
  if (price >= ask) return 'buy'
  return price <= bid ? 'sell' : undefined
}

export interface SweepPrint {
  readonly id: string
  readonly contract: string
  readonly exchange: string | undefined
  readonly atMs: Millis
  /** Orders prints of one millisecond. */
  readonly order: string
  readonly side: Side | undefined
  readonly contracts: number
  /** As the tape writes them: letters, names or numbers. */
  readonly conditions: readonly string[]
}

const EXCLUDED: ReadonlySet<OptionConditionSort> = new Set(['cross', 'floor', 'multi_leg', 'stock_option', 'late', 'void'])

const sortsOf = (conditions: readonly string[]): OptionConditionSort[] => conditions.flatMap((code) => optionCondition(code)?.sort ?? [])

/** Whether a print may be part of a sweep. */
const maySweep = ({ exchange, conditions }: SweepPrint): boolean =>
  exchange !== undefined && !sortsOf(conditions).some((sort) => EXCLUDED.has(sort))

/** Whether a print carries the intermarket-sweep condition. */
export const isIntermarket = ({ conditions }: Pick<SweepPrint, 'conditions'>): boolean => sortsOf(conditions).includes('sweep')

/** Whether a print stands: it was neither cancelled nor is it the cancellation of another. */
export const isVoid = (conditions: readonly string[]): boolean => sortsOf(conditions).includes('void')

/** The sweeps among some prints, each as its prints in order of time. The order in which they are given does not matter. */
export function sweepsAmong<P extends SweepPrint>(prints: Iterable<P>): readonly (readonly P[])[] {
  const byOrder = new Map<string, P[]>()
  for (const print of prints) {
    if (!maySweep(print)) continue
    const name = `${print.contract} ${print.side ?? ''}`
    const list = byOrder.get(name)
    if (list === undefined) byOrder.set(name, [print])
    else list.push(print)
  }
  return [...byOrder.values()].flatMap((list) => runsOf(list.sort(inTime)).filter(isSweep))
}

const inTime = (a: SweepPrint, b: SweepPrint): number =>
  a.atMs - b.atMs || a.order.length - b.order.length || (a.order < b.order ? -1 : a.order > b.order ? 1 : a.id < b.id ? -1 : 1)

function runsOf<P extends SweepPrint>(sorted: readonly P[]): P[][] {
  const runs: P[][] = []
  let run: P[] = []
  for (const print of sorted) {
    const firstMs = run[0]?.atMs ?? -Infinity, lastMs = run.at(-1)?.atMs ?? -Infinity
    if (print.atMs - lastMs <= SWEEP_GAP_MS && print.atMs - firstMs <= SWEEP_WINDOW_MS) run.push(print)
    else runs.push((run = [print]))
  }
  return runs
}

const isSweep = (run: readonly SweepPrint[]): boolean =>
  new Set(run.map(({ exchange }) => exchange)).size >= SWEEP_EXCHANGES && run.reduce((sum, { contracts }) => sum + contracts, 0) >= SWEEP_CONTRACTS

/** The sort of a block, or undefined where a print is none. `premiumUsd` is undefined where the contract's multiplier is not known. */
export function blockSort(contracts: number, premiumUsd: number | undefined, conditions: readonly string[]): OptionConditionSort | undefined {
  if (contracts < BLOCK_CONTRACTS && !(premiumUsd !== undefined && premiumUsd >= BLOCK_PREMIUM_USD)) return undefined
  const sorts = sortsOf(conditions)
  if (sorts.includes('void') || sorts.includes('sweep')) return undefined
  return sorts.find((sort) => sort !== 'regular' && sort !== 'other') ?? 'regular'
}
