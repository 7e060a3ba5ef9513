/**
 * The headline of a report: from the back-test's summary where there is one, else from the vault's books, else from the records
 * themselves. What none of them tells stays undefined.
 */
import { dayOf, type Attribution, type Json } from '#record'
import { parseFixed, toNumber } from '../money/decimal.ts'
import type { Fixed } from '../money/money.ts'
import type { Dimension } from '../pnl/attribution.ts'
import { maxDrawdown, mean, median } from '../pnl/performance.ts'
import type { Gathered } from './gather.ts'
import type { Trip } from './trips.ts'

/** A memory file, or the part of one. */
export type Fields = { readonly [field: string]: Json | undefined }

/** What a report is made of. */
export interface Material {
  readonly gathered: Gathered
  /** `memory/pnl_summary.json` and `memory/summary.json`; empty where absent. */
  readonly pnl: Fields
  readonly summary: Fields
  readonly audit: { readonly size: number; readonly rootHex: string } | undefined
  /** Profit and loss by all of `CUTS` at once, as the journal of the ledger tells it; absent where there is none. */
  readonly attribution?: readonly Attribution[]
}
export const CUTS = ['subject', 'model', 'band', 'source', 'persona', 'vault', 'signal'] as const satisfies readonly Dimension[]
export type Cut = (typeof CUTS)[number]

export interface Point {
  readonly day: string
  readonly value: number
}

export interface Precision {
  readonly value: number
  readonly baseRate: number | undefined
  readonly n: number | undefined
  readonly low: number | undefined
  readonly high: number | undefined
  readonly horizon: string | undefined
}

export interface Figures {
  /** Days. */
  readonly from: string | undefined
  readonly to: string | undefined
  readonly currency: string
  readonly equityStart: Fixed | undefined
  readonly equityEnd: Fixed | undefined
  /** Closing equity by day, all vaults together. */
  readonly equity: readonly Point[]
  /** Fraction of the equity that was invested at each close. */
  readonly invested: readonly number[]
  readonly return: number | undefined
  readonly benchmark: string | undefined
  readonly benchmarkReturn: number | undefined
  /** Worth of one unit put in at the start; the first day may lie before the span. */
  readonly benchmarkCurve: readonly Point[]
  /** A fraction, 0 and up. */
  readonly maxDrawdown: number | undefined
  readonly sharpe: number | undefined
  /** Daily returns behind it. */
  readonly sharpeN: number | undefined
  /** Closed round trips. */
  readonly trades: number | undefined
  readonly winRate: number | undefined
  readonly meanTradeReturn: number | undefined
  readonly medianTradeReturn: number | undefined
  readonly fees: Fixed | undefined
  readonly precision: Precision | undefined
  readonly bestSubject: string | undefined
  readonly returnWithoutBest: number | undefined
  readonly signalsWithoutBars: number | undefined
  readonly subjectsWithoutBars: number | undefined
  readonly notes: readonly string[]
}

export function figuresOf({ gathered, pnl, summary }: Material, trips: readonly Trip[]): Figures {
  const either = (name: string): Json | undefined => summary[name] ?? pnl[name]
  const all = equityOf(gathered, pnl)
  const { from, to } = spanOf(gathered, summary, all)
  const isWithin = ({ day }: { readonly day: string }): boolean => day >= (from ?? day) && day <= (to ?? day)
  const equity = all.filter(isWithin)
  const equityStart = fixedIn(either('equity_start'))
  const equityEnd = fixedIn(either('equity_end')) ?? lastEquity(gathered)
  const values = [...(equityStart === undefined ? [] : [toNumber(equityStart)]), ...equity.map(({ value }) => value)]
  const closed = trips.flatMap(({ resultRatio }) => resultRatio ?? [])
  const isKnown = trips.length > 0
  return {
    from, to,
    currency: textIn(either('currency')) ?? gathered.fills[0]?.currency ?? 'USD',
    equityStart, equityEnd, equity,
    invested: gathered.days.filter(isWithin).flatMap(({ books }) => investedOf(books) ?? []),
    return: numberIn(either('return')) ?? returnOf(equityStart, equityEnd),
    ...benchmarkOf(summary),
    maxDrawdown: absolute(numberIn(either('max_drawdown'))) ?? (values.length > 1 ? maxDrawdown(values) : undefined),
    sharpe: numberIn(either('sharpe')), sharpeN: numberIn(either('sharpe_n')),
    trades: numberIn(either('trades')) ?? (isKnown ? closed.length : undefined),
    winRate: numberIn(pnl.win_rate) ?? shareOfGains(closed),
    meanTradeReturn: numberIn(either('mean_trade_return')) ?? mean(closed) ?? undefined,
    medianTradeReturn: numberIn(either('median_trade_return')) ?? median(closed) ?? undefined,
    fees: fixedIn(either('fees')) ?? (isKnown ? trips.reduce((sum, { fees }) => sum + fees, 0n) : undefined),
    precision: precisionOf(summary),
    bestSubject: textIn(either('best_subject')), returnWithoutBest: numberIn(either('return_without_best')),
    signalsWithoutBars: numberIn(summary.signals_without_bars), subjectsWithoutBars: numberIn(summary.subjects_without_bars),
    notes: listIn(summary.notes).flatMap((note) => textIn(note) ?? []),
  }
}

/** What open positions are worth at the last close, where a subject is held once. */
export function openWorths({ pnl }: Material, trips: readonly Trip[]): ReadonlyMap<string, Fixed> {
  const held = trips.filter(({ result }) => result === undefined).map(({ subject }) => subject)
  return new Map(listIn(pnl.open_positions).flatMap((position) => {
    const fields = fieldsIn(position)
    const subject = textIn(fields?.subject), worth = fixedIn(fields?.value)
    const isOne = held.filter((other) => other === subject).length === 1
    return subject === undefined || worth === undefined || !isOne ? [] : [[subject, worth] as const]
  }))
}

function equityOf({ days }: Gathered, pnl: Fields): Point[] {
  if (days.length > 0) {
    return days.map(({ day, books }) => ({ day, value: books.reduce((sum, book) => sum + (numberIn(book.equity) ?? 0), 0) }))
  }
  return pointsIn(pnl.curve ?? pnl.equity, 'equity')
}

function lastEquity({ days }: Gathered): Fixed | undefined {
  return days.at(-1)?.books.reduce<Fixed | undefined>((sum, { equity }) => {
    const fixed = fixedIn(equity)
    return fixed === undefined || sum === undefined ? undefined : sum + fixed
  }, 0n)
}

function investedOf(books: Gathered['days'][number]['books']): number | undefined {
  const equity = books.reduce((sum, book) => sum + Number(book.equity), 0)
  const cash = books.reduce((sum, book) => sum + Number(book.cash), 0)
  return equity > 0 ? (equity - cash) / equity : undefined
}

const shareOfGains = (returns: readonly number[]): number | undefined =>
  returns.length === 0 ? undefined : returns.filter((value) => value > 0).length / returns.length

const returnOf = (start: Fixed | undefined, end: Fixed | undefined): number | undefined =>
  start === undefined || end === undefined || start === 0n ? undefined : toNumber(end - start) / toNumber(start)

/** As the summary states it, else from the first conviction or book to the last. */
function spanOf({ heat, days }: Gathered, summary: Fields, equity: readonly Point[]): Pick<Figures, 'from' | 'to'> {
  const decided = [...heat.values()].flatMap((cells) => [...cells.keys()])
  const known = [...decided, ...days.map(({ day }) => day), ...equity.map(({ day }) => day)].sort()
  const stated = (name: string): string | undefined => {
    const text = textIn(summary[name])
    return text === undefined ? undefined : dayOf(text)
  }
  return { from: stated('from') ?? known[0], to: stated('to') ?? known.at(-1) }
}

function benchmarkOf(summary: Fields): Pick<Figures, 'benchmark' | 'benchmarkReturn' | 'benchmarkCurve'> {
  const points = pointsIn(summary.benchmark_curve, 'value')
  const first = points[0]?.value
  return {
    benchmark: textIn(summary.benchmark)?.replace(/^ticker:/, ''),
    benchmarkReturn: numberIn(summary.benchmark_return),
    benchmarkCurve: first === undefined || first <= 0 ? [] : points.map(({ day, value }) => ({ day, value: value / first })),
  }
}

function precisionOf(summary: Fields): Precision | undefined {
  const value = numberIn(summary.precision_at_5)
  if (value === undefined) return undefined
  const part = (name: string): number | undefined => numberIn(summary[`precision_at_5_${name}`])
  const horizon = textIn(summary.precision_horizon)
  return { value, baseRate: part('base_rate'), n: part('n'), low: part('low'), high: part('high'), horizon }
}

function pointsIn(value: Json | undefined, name: string): Point[] {
  return listIn(value).flatMap((entry) => {
    const fields = fieldsIn(entry)
    const day = textIn(fields?.day), number = numberIn(fields?.[name])
    return day === undefined || number === undefined ? [] : [{ day, value: number }]
  })
}

const absolute = (value: number | undefined): number | undefined => (value === undefined ? undefined : Math.abs(value))

/** A number, also where it is written as decimal text. */
export function numberIn(value: Json | undefined): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}

export function fixedIn(value: Json | undefined): Fixed | undefined {
  if (typeof value === 'string') return parseFixed(value)
  return typeof value === 'number' && Number.isFinite(value) ? parseFixed(value.toFixed(8)) : undefined
}

export const textIn = (value: Json | undefined): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value)
export const listIn = (value: Json | undefined): readonly Json[] => (isList(value) ? value : [])

export function fieldsIn(value: Json | undefined): Fields | undefined {
  return typeof value === 'object' && value !== null && !isList(value) ? value : undefined
}
