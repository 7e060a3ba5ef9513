/** Daily books and the summary of a vault, from fills and the closes of bars. */
import { dayOf, make, type Bar, type Fill, type JournalEntry, type Json, type Pnl } from '#record'
import { formatFixed } from '../money/decimal.ts'
import type { LedgerState } from '../money/ledger.ts'
import { centsOf, fixedOf, formatCents, type Cents, type Fixed } from '../money/money.ts'
import { maxDrawdown, mean, median, sharpe, stepReturns } from './performance.ts'
import { FillTally, profitOf, type Share } from './pnl_tally.ts'

/** Last closes of all subjects, as written, and the day they belong to. */
export class Closes {
  readonly #closes = new Map<string, { close: string; knownAt: string }>()
  /** The UTC day of the latest bars; "" before the first and once that day is closed. */
  day = ''
  /** When the last bar of that day ended. */
  closedAt = ''
  /** The latest day that is over: a bar of it that comes late is a price, and opens it no more. */
  #over = ''

  /** The day is over. */
  turn(): void {
    this.#over = this.day
    this.day = ''
  }

  hear({ subject, close, at, known_at }: Bar): void {
    const day = dayOf(at)
    if (day > this.day && day > this.#over) this.day = day
    if (known_at > this.closedAt) this.closedAt = known_at
    const known = this.#closes.get(subject)
    if (known === undefined) this.#closes.set(subject, { close, knownAt: known_at })
    else if (known_at >= known.knownAt) {
      known.close = close
      known.knownAt = known_at
    }
  }

  closeOf(subject: string): string | undefined {
    return this.#closes.get(subject)?.close
  }

  readonly priceOf = (subject: string): Fixed | undefined => {
    const known = this.#closes.get(subject)
    return known === undefined ? undefined : fixedOf(known.close)
  }
}

export interface CurvePoint {
  readonly day: string
  readonly equity: string
}

/** One vault's days. */
export class VaultDays {
  readonly vault: string
  readonly currency: string
  readonly tally: FillTally
  readonly #curve: (CurvePoint & { readonly cents: Cents; readonly flow: Cents })[] = []
  #causes: string[] = []
  /** Flows up to the last close. */
  #flows = 0n
  /** Whether anything was heard of it. */
  begun = false
  /** Entries of its journal so far, those of fills included. */
  entries = 0
  #told = ''
  readonly marks: { [name: string]: string } = {}

  /** By the settings, of what is realised: 1 where all stays at work and nothing is ever split. */
  readonly #keeps: number

  constructor(vault: string, currency: string, capital: Cents, keeps = 1) {
    this.vault = vault
    this.currency = currency
    this.#keeps = keeps
    this.tally = new FillTally(capital)
  }

  take(fill: Fill): void {
    this.tally.take(fill)
    this.entries += 1
    this.#told = fill.id
    this.#causes.push(fill.id)
  }

  takeEntry(entry: JournalEntry): void {
    // The entry of a fill, said after it, is counted already.
    if (entry.type === 'fill' && entry.parents[0] === this.#told) return
    this.entries += 1
    this.tally.takeEntry(entry)
    for (const name of ['compounded', 'reinvested']) {
      const mark = entry.marks?.[name]
      if (typeof mark === 'string') this.marks[name] = mark
    }
    if (entry.type !== 'fill' && entry.type !== 'open') this.#causes.push(entry.id)
  }

  /** The books at a day's close; its parents are the day's fills and the books of the day before. */
  close(closes: Closes, by: string): Pnl {
    const { cash, realised, fees, beside, others, flows } = this.tally
    const held = this.tally.positions(closes.priceOf)
    const value = held.reduce((sum, position) => sum + position.value, 0n)
    const cost = held.reduce((sum, position) => sum + position.cost, 0n)
    const equity = cash + beside + value, flow = flows - this.#flows
    const more = nonzero({
      reserve: others.get('assets:reserve') ?? 0n, dividends: -(others.get('income:dividends') ?? 0n), flow,
      interest: (others.get('expenses:interest') ?? 0n) + (others.get('income:interest') ?? 0n),
    })
    const marks = Object.fromEntries(held.flatMap(({ subject }) => {
      const close = closes.closeOf(subject)
      return close === undefined ? [] : [[subject, close]]
    }))
    const record = make('pnl', {
      parents: this.#causes, at: closes.closedAt, known_at: closes.closedAt, source: `pnl/${this.vault}`, by, vault: this.vault, day: closes.day,
      currency: this.currency, equity: formatCents(equity), cash: formatCents(cash), realised: formatCents(realised),
      unrealised: formatCents(value - cost), fees: formatCents(fees),
      ...more, ...(held.length > 0 && { marks }),
    })
    this.#causes = [record.id]
    this.#flows = flows
    this.#curve.push({ day: closes.day, equity: record.equity, cents: equity, flow })
    return record
  }

  /** Of the profit that was split, what stayed at work; and day by day what one unit of the capital has become. */
  #compounding(grown: readonly number[]): { [field: string]: Json } {
    const split = centsOf(this.marks['compounded'] ?? '0.00'), kept = centsOf(this.marks['reinvested'] ?? '0.00')
    return {
      reserve: formatCents(this.tally.others.get('assets:reserve') ?? 0n), flows: formatCents(this.tally.flows),
      profit_split: formatCents(split), reinvested: formatCents(kept), reinvested_share: ratio(kept, split) ?? (this.#keeps === 1 ? 1 : null),
      growth_curve: this.#curve.map(({ day }, i) => ({ day, growth: grown[i] ?? 1 })),
    }
  }

  /** The whole run as `pnl_summary.json` keeps it. Ratios are numbers, money is text; what cannot be said is null. */
  summary(closes: Closes): { [field: string]: Json } {
    const { capital, cash, realised, fees, fills, trips, beside, flows } = this.tally
    const held = this.tally.positions(closes.priceOf)
    const equity = cash + beside + held.reduce((sum, position) => sum + position.value, 0n)
    const unrealised = held.reduce((sum, position) => sum + position.value - position.cost, 0n)
    const values = [capital, ...this.#curve.map((point) => point.cents)].map(Number)
    const flowed = this.#curve.some(({ flow }) => flow !== 0n)
    const grown = growth(capital, this.#curve)
    const daily = flowed ? stepReturns([1, ...grown]) : stepReturns(values)
    const by = this.tally.shares(closes.priceOf)
    const ranked = [...by.subject].sort(([, a], [, b]) => Number(profitOf(b) - profitOf(a)))
    const best = ranked[0], worst = ranked.at(-1)
    return {
      currency: this.currency, equity_start: formatCents(capital), equity_end: formatCents(equity),
      return: flowed ? (grown.at(-1) ?? 1) - 1 : ratio(equity - capital, capital),
      max_drawdown: maxDrawdown(flowed ? [1, ...grown] : values), sharpe: sharpe(daily), sharpe_n: daily.length,
      realised: formatCents(realised), unrealised: formatCents(unrealised), fees: formatCents(fees), cash: formatCents(cash), fills,
      ...tradesOf(trips.map(({ profit, paid }) => ratio(profit, paid) ?? 0)),
      best_subject: best?.[0] ?? null, best_subject_profit: best === undefined ? null : formatCents(profitOf(best[1])),
      worst_subject: worst?.[0] ?? null, worst_subject_profit: worst === undefined ? null : formatCents(profitOf(worst[1])),
      return_without_best: ratio(equity - capital - flows - (best === undefined ? 0n : profitOf(best[1])), capital),
      by_subject: sharesText(by.subject), by_band: sharesText(by.band), by_maker: sharesText(by.maker),
      open_positions: held.map(({ subject, quantity, cost, value }) =>
        ({ subject, quantity: formatFixed(quantity), cost: formatCents(cost), value: formatCents(value) })),
      curve: this.#curve.map(({ day, equity }) => ({ day, equity })),
      ...this.#compounding(grown),
    }
  }
}

/** Each day's worth of one unit of the capital: money that came or left since the day before has neither gained nor lost. */
function growth(capital: Cents, curve: readonly { readonly cents: Cents; readonly flow: Cents }[]): number[] {
  let worth = 1, before = capital
  return curve.map(({ cents, flow }) => {
    if (before > 0n) worth *= Number(cents - flow) / Number(before)
    before = cents
    return worth
  })
}

const nonzero = (amounts: { readonly [name: string]: Cents }) =>
  Object.fromEntries(Object.entries(amounts).flatMap(([name, cents]) => (cents === 0n ? [] : [[name, formatCents(cents)]])))

/** Round trips in the order of their ends: how many, how many of them gained, and what they returned on what was paid, fees deducted. */
function tradesOf(returns: readonly number[]): { [field: string]: Json } {
  const wins = returns.filter((value) => value > 0).length
  const rate = returns.length === 0 ? null : wins / returns.length
  return { trades: returns.length, wins, win_rate: rate, mean_trade_return: mean(returns), median_trade_return: median(returns), trade_returns: returns }
}

const ratio = (part: Cents, whole: Cents): number | null => (whole === 0n ? null : Number(part) / Number(whole))

function sharesText(shares: ReadonlyMap<string, Share>): { [name: string]: Json } {
  return Object.fromEntries([...shares].map(([name, share]) => [name, {
    profit: formatCents(profitOf(share)), realised: formatCents(share.realised), unrealised: formatCents(share.unrealised),
    fees: formatCents(share.fees),
    ...nonzero({ dividends: share.dividends }), fills: share.fills,
  }]))
}

/** The first difference between what the fills say and the executor's ledger, in words; undefined where they agree. */
export function differenceFrom(ledger: LedgerState, tally: FillTally): string | undefined {
  const unlike = (what: string, here: string, there: string): string => `${what} is ${here} by the fills, ${there} in the ledger`
  const positions = tally.positions(() => undefined)
  const ours = new Map<string, Cents>([
    ['assets:cash', tally.cash], ['equity:capital', -tally.capital], ['income:realised', -tally.realised], ['expenses:fees', tally.fees],
  ])
  for (const [account, cents] of tally.others) ours.set(account, (ours.get(account) ?? 0n) + cents)
  for (const { subject, cost } of positions) ours.set(`assets:position:${subject}`, cost)
  for (const account of new Set([...ours.keys(), ...Object.keys(ledger.balances)])) {
    const here = formatCents(ours.get(account) ?? 0n), there = ledger.balances[account] ?? '0.00'
    if (here !== there) return unlike(account, here, there)
  }
  const held = new Map(positions.map(({ subject, quantity }) => [subject, quantity]))
  for (const subject of new Set([...held.keys(), ...Object.keys(ledger.lots)])) {
    const there = (ledger.lots[subject] ?? []).reduce((sum, lot) => sum + fixedOf(lot.quantity), 0n)
    const here = held.get(subject) ?? 0n
    if (here !== there) return unlike(subject, formatFixed(here), formatFixed(there))
  }
  return undefined
}
