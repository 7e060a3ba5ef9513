/** Daily books and the summary of a vault, from fills and the closes of bars. */
import { dayOf, make, type Bar, type Fill, type Json, type Pnl } from '#record'
import { formatFixed } from '../money/decimal.ts'
import type { LedgerState } from '../money/ledger.ts'
import { fixedOf, formatCents, type Cents, type Fixed } from '../money/money.ts'
import { maxDrawdown, mean, median, sharpe, stepReturns } from './performance.ts'
import { FillTally, profitOf, type Share } from './pnl_tally.ts'

/** Last closes of all subjects, as written, and the day they belong to. */
export class Closes {
  readonly #closes = new Map<string, { close: string; knownAt: string }>()
  /** The UTC day of the latest bars; "" before the first and once that day is closed. */
  day = ''
  /** When the last bar of that day ended. */
  closedAt = ''

  hear({ subject, close, at, known_at }: Bar): void {
    const day = dayOf(at)
    if (day > this.day) this.day = day
    if (known_at > this.closedAt) this.closedAt = known_at
    const known = this.#closes.get(subject)
    if (known === undefined) this.#closes.set(subject, { close, knownAt: known_at })
    else if (known_at >= known.knownAt) {
      known.close = close
      known.knownAt = known_at
    }
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
  readonly #curve: (CurvePoint & { readonly cents: Cents })[] = []
  #causes: string[] = []

  constructor(vault: string, currency: string, capital: Cents) {
    this.vault = vault
    this.currency = currency
    this.tally = new FillTally(capital)
  }

  take(fill: Fill): void {
    this.tally.take(fill)
    this.#causes.push(fill.id)
  }

  /** The books at a day's close; its parents are the day's fills and the books of the day before. */
  close(closes: Closes, by: string): Pnl {
    const { cash, realised, fees } = this.tally
    const held = this.tally.positions(closes.priceOf)
    const value = held.reduce((sum, position) => sum + position.value, 0n)
    const cost = held.reduce((sum, position) => sum + position.cost, 0n)
    const record = make('pnl', {
      parents: this.#causes, at: closes.closedAt, known_at: closes.closedAt, source: `pnl/${this.vault}`, by, vault: this.vault, day: closes.day,
      currency: this.currency, equity: formatCents(cash + value), cash: formatCents(cash), realised: formatCents(realised),
      unrealised: formatCents(value - cost), fees: formatCents(fees),
    })
    this.#causes = [record.id]
    this.#curve.push({ day: closes.day, equity: record.equity, cents: cash + value })
    return record
  }

  /** The whole run as `pnl_summary.json` keeps it. Ratios are numbers, money is text; what cannot be said is null. */
  summary(closes: Closes): { [field: string]: Json } {
    const { capital, cash, realised, fees, fills, trips } = this.tally
    const held = this.tally.positions(closes.priceOf)
    const equity = cash + held.reduce((sum, position) => sum + position.value, 0n)
    const unrealised = held.reduce((sum, position) => sum + position.value - position.cost, 0n)
    const values = [capital, ...this.#curve.map((point) => point.cents)].map(Number)
    const daily = stepReturns(values)
    const by = this.tally.shares(closes.priceOf)
    const ranked = [...by.subject].sort(([, a], [, b]) => Number(profitOf(b) - profitOf(a)))
    const best = ranked[0], worst = ranked.at(-1)
    return {
      currency: this.currency, equity_start: formatCents(capital), equity_end: formatCents(equity), return: ratio(equity - capital, capital),
      max_drawdown: maxDrawdown(values), sharpe: sharpe(daily), sharpe_n: daily.length,
      realised: formatCents(realised), unrealised: formatCents(unrealised), fees: formatCents(fees), cash: formatCents(cash), fills,
      ...tradesOf(trips.map(({ profit, paid }) => ratio(profit, paid) ?? 0)),
      best_subject: best?.[0] ?? null, best_subject_profit: best === undefined ? null : formatCents(profitOf(best[1])),
      worst_subject: worst?.[0] ?? null, worst_subject_profit: worst === undefined ? null : formatCents(profitOf(worst[1])),
      return_without_best: ratio(equity - capital - (best === undefined ? 0n : profitOf(best[1])), capital),
      by_subject: sharesText(by.subject), by_band: sharesText(by.band), by_maker: sharesText(by.maker),
      open_positions: held.map(({ subject, quantity, cost, value }) =>
        ({ subject, quantity: formatFixed(quantity), cost: formatCents(cost), value: formatCents(value) })),
      curve: this.#curve.map(({ day, equity }) => ({ day, equity })),
    }
  }
}

/** Round trips: how many, how many of them gained, and what they returned on what was paid, fees deducted. */
function tradesOf(returns: readonly number[]): { [field: string]: Json } {
  const wins = returns.filter((value) => value > 0).length
  const rate = returns.length === 0 ? null : wins / returns.length
  return { trades: returns.length, wins, win_rate: rate, mean_trade_return: mean(returns), median_trade_return: median(returns) }
}

const ratio = (part: Cents, whole: Cents): number | null => (whole === 0n ? null : Number(part) / Number(whole))

function sharesText(shares: ReadonlyMap<string, Share>): { [name: string]: Json } {
  return Object.fromEntries([...shares].map(([name, share]) => [name, {
    profit: formatCents(profitOf(share)), realised: formatCents(share.realised), unrealised: formatCents(share.unrealised),
    fees: formatCents(share.fees), fills: share.fills,
  }]))
}

/** The first difference between what the fills say and the executor's ledger, in words; undefined where they agree. */
export function differenceFrom(ledger: LedgerState, tally: FillTally): string | undefined {
  const unlike = (what: string, here: string, there: string): string => `${what} is ${here} by the fills, ${there} in the ledger`
  const accounts: [string, Cents, bigint][] = [
    ['assets:cash', tally.cash, 1n], ['equity:capital', tally.capital, -1n],
    ['income:realised', tally.realised, -1n], ['expenses:fees', tally.fees, 1n],
  ]
  for (const [account, cents, sign] of accounts) {
    const here = formatCents(cents * sign), there = ledger.balances[account] ?? '0.00'
    if (here !== there) return unlike(account, here, there)
  }
  const ours = new Map(tally.positions(() => undefined).map(({ subject, quantity }) => [subject, quantity]))
  for (const subject of new Set([...ours.keys(), ...Object.keys(ledger.lots)])) {
    const there = (ledger.lots[subject] ?? []).reduce((sum, lot) => sum + fixedOf(lot.quantity), 0n)
    const here = ours.get(subject) ?? 0n
    if (here !== there) return unlike(subject, formatFixed(here), formatFixed(there))
  }
  return undefined
}
