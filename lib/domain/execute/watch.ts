/**
 * What the executor remembers of a vault beside its ledger: since when and on whose word positions are held, how high they stood, what was
 * traded, lost and left by a stop. Like the ledger a fold over the executor's own records.
 */
import { DAY_MS, millisOf, type Control, type Fill, type Millis } from '#record'
import { newYorkDay } from '../market/session.ts'
import { formatFixed } from '../money/decimal.ts'
import { centsOf, fixedOf, formatCents, type Cents, type Fixed } from '../money/money.ts'

export interface Holding {
  /** The first purchase, since there was nothing. */
  readonly since: string
  readonly band: string
  readonly maker: string
  /** The latest purchase. */
  readonly fillId: string
  /** Highest mark since then, and what of it is written down. */
  high?: Fixed
  highWritten?: Fixed
  /** When the mark was known that stood as the high was written down. */
  marked?: string
  /** A stop was reached: it is being left, until nothing is held. */
  stopped?: boolean
}

/** After a stop: by which record, and until when the subject is left alone. */
export interface Cooldown {
  readonly stopId: string
  readonly until: string
}

type HoldingText = {
  readonly since: string
  readonly band: string
  readonly maker: string
  readonly fill_id: string
  readonly high?: string
  readonly marked?: string
  readonly stopped?: boolean
}
export type WatchState = {
  readonly holdings?: { readonly [subject: string]: HoldingText }
  readonly cooldowns?: { readonly [subject: string]: { readonly stop_id: string; readonly until: string } }
  /** When a subject was last sold at a loss. */
  readonly losses?: { readonly [subject: string]: string }
  readonly traded?: { readonly day: number; readonly amount: string; readonly bought: readonly string[]; readonly round: readonly string[] }
  /** Trading days on which something was bought and sold, one entry each time. */
  readonly day_trades?: readonly number[]
  readonly peak?: string
  /** By day and subject: bought and sold for so much. */
  readonly turnover?: { readonly [day: string]: { readonly [subject: string]: readonly [bought: string, sold: string] } }
}

export interface Turnover {
  readonly bought: Cents
  readonly sold: Cents
}

/** 26 U.S.C. 1091: thirty days before and after. */
export const WASH_MS = 30 * DAY_MS
/** More days than five business days can ever span. */
const DAY_TRADE_DAYS = 10
/** What was traded is remembered so long: fees of it come later. */
const TURNOVER_DAYS = 45

const NO_TURNOVER: Turnover = { bought: 0n, sold: 0n }
const turnoverTexts = (of: ReadonlyMap<string, Turnover>) =>
  Object.fromEntries([...of].map(([subject, { bought, sold }]) => [subject, [formatCents(bought), formatCents(sold)] as const]))

export class Watch {
  readonly holdings = new Map<string, Holding>()
  readonly cooldowns = new Map<string, Cooldown>()
  readonly losses = new Map<string, string>()
  /** Highest equity that was written down. */
  peak: Cents | undefined
  /** Highest equity seen. */
  highest: Cents | undefined
  #day = 0
  #traded: Cents = 0n
  /** Bought on that day, and both bought and sold. */
  #bought = new Set<string>()
  #round = new Set<string>()
  #dayTrades: number[] = []
  readonly #turnover = new Map<number, Map<string, Turnover>>()

  /** A fill was booked: what is held after it, and what the trade came to. */
  filled(fill: Fill, after: Fixed, value: Cents, loss: Cents): void {
    const { id, subject, side, at, band = '', maker = 'unknown' } = fill
    const day = newYorkDay(millisOf(at))
    if (day > this.#day) this.#turn(day)
    // Told late, it belongs to a day that is over.
    if (day === this.#day) this.#traded += value
    this.#turned(day, subject, side, value)
    const held = this.holdings.get(subject)
    if (side === 'buy') {
      this.holdings.set(subject, { ...held, since: held?.since ?? at, band, maker, fillId: id })
      if (day === this.#day) this.#bought.add(subject)
      return
    }
    if (after === 0n) this.holdings.delete(subject)
    if (loss > 0n) this.losses.set(subject, at)
    if (this.#bought.has(subject) && !this.#round.has(subject)) {
      this.#round.add(subject)
      this.#dayTrades.push(day)
    }
  }

  #turned(day: number, subject: string, side: 'buy' | 'sell', value: Cents): void {
    const of = this.#turnover.get(day) ?? new Map<string, Turnover>()
    const { bought, sold } = of.get(subject) ?? NO_TURNOVER
    of.set(subject, side === 'buy' ? { bought: bought + value, sold } : { bought, sold: sold + value })
    this.#turnover.set(day, of)
  }

  /** For how much was bought and sold on a New York day, of one subject or of all. */
  turnoverOn(day: number, subject?: string): Turnover {
    let bought = 0n, sold = 0n
    for (const [name, own] of this.#turnover.get(day) ?? []) {
      if (subject !== undefined && name !== subject) continue
      bought += own.bought
      sold += own.sold
    }
    return { bought, sold }
  }

  #turn(day: number): void {
    this.#day = day
    this.#traded = 0n
    this.#bought = new Set()
    this.#round = new Set()
    this.#dayTrades = this.#dayTrades.filter((past) => past > day - DAY_TRADE_DAYS)
    const oldest = day * DAY_MS - 2 * WASH_MS
    for (const [subject, at] of this.losses) if (millisOf(at) < oldest) this.losses.delete(subject)
    for (const past of this.#turnover.keys()) if (past <= day - TURNOVER_DAYS) this.#turnover.delete(past)
  }

  /** A holding became another number of shares, or goes by another name. */
  moved(subject: string, before: Fixed, after: Fixed, heirs: readonly string[]): void {
    const held = this.holdings.get(subject)
    if (held === undefined || before === 0n) return
    const { since, band, maker, fillId, high, marked = '', stopped = false } = held
    if (after > 0n) {
      if (high !== undefined) this.holdings.set(subject, { since, band, maker, fillId, high: (high * before) / after, marked, stopped })
      return
    }
    this.holdings.delete(subject)
    // What the other name's prices were is not known.
    for (const heir of heirs) if (!this.holdings.has(heir)) this.holdings.set(heir, { since, band, maker, fillId })
  }

  /** Bought and sold by now on the New York day of a moment, in money. */
  tradedOn(nowMs: Millis): Cents {
    return newYorkDay(nowMs) === this.#day ? this.#traded : 0n
  }

  /** Trading days, from one on, on which something was bought and sold, each time. */
  dayTradesSince(day: number): number {
    return this.#dayTrades.filter((past) => past >= day).length
  }

  /** Whether a sale now would make another one. */
  wouldDayTrade(subject: string, nowMs: Millis): boolean {
    return newYorkDay(nowMs) === this.#day && this.#bought.has(subject) && !this.#round.has(subject)
  }

  /** A mark passes: whether the holding never stood higher. */
  see(subject: string, price: Fixed): void {
    const held = this.holdings.get(subject)
    if (held !== undefined && (held.high === undefined || price > held.high)) held.high = price
  }

  /** Equity as it stands: whether it was ever higher. */
  seeEquity(equity: Cents): void {
    if (this.highest === undefined || equity > this.highest) this.highest = equity
  }

  /** `high` and `stop` records, as they are written or read again. Throws RangeError where they say something else. */
  take({ id, type, facts = {} }: Control): void {
    const { subject, high, marked, equity, cooldown_until: until } = facts
    if (type === 'high' && typeof equity === 'string') {
      this.peak = centsOf(equity)
      this.seeEquity(this.peak)
    } else if (type === 'high' && typeof subject === 'string' && typeof high === 'string') {
      const held = this.holdings.get(subject), price = fixedOf(high)
      if (held === undefined) return
      Object.assign(held, { high: held.high === undefined || price > held.high ? price : held.high, highWritten: price })
      if (typeof marked === 'string') held.marked = marked
    } else if (type === 'stop' && typeof subject === 'string' && typeof until === 'string') {
      this.cooldowns.set(subject, { stopId: id, until })
      const held = this.holdings.get(subject)
      if (held !== undefined) held.stopped = true
    } else throw new RangeError(`control ${id}: no ${type} of a vault`)
  }

  toState(): WatchState {
    const state: { -readonly [F in keyof WatchState]: WatchState[F] } = {}
    if (this.holdings.size > 0) {
      state.holdings = Object.fromEntries([...this.holdings].map(([subject, { since, band, maker, fillId, high, marked = '', stopped }]) =>
        [subject, { since, band, maker, fill_id: fillId, ...(high !== undefined && { high: formatFixed(high) }),
          ...(marked !== '' && { marked }), ...(stopped === true && { stopped }) }]))
    }
    if (this.cooldowns.size > 0) {
      state.cooldowns = Object.fromEntries([...this.cooldowns].map(([subject, { stopId, until }]) => [subject, { stop_id: stopId, until }]))
    }
    if (this.losses.size > 0) state.losses = Object.fromEntries(this.losses)
    if (this.#day > 0) state.traded = { day: this.#day, amount: formatCents(this.#traded), bought: [...this.#bought], round: [...this.#round] }
    if (this.#dayTrades.length > 0) state.day_trades = this.#dayTrades
    if (this.highest !== undefined) state.peak = formatCents(this.highest)
    if (this.#turnover.size > 0) state.turnover = Object.fromEntries([...this.#turnover].map(([day, of]) => [String(day), turnoverTexts(of)]))
    return state
  }

  static fromState({ holdings = {}, cooldowns = {}, losses = {}, traded, day_trades: dayTrades = [], peak, turnover = {} }: WatchState): Watch {
    const watch = new Watch()
    for (const [subject, { since, band, maker, fill_id: fillId, high, marked = '', stopped = false }] of Object.entries(holdings)) {
      const written = high === undefined ? {} : { high: fixedOf(high), highWritten: fixedOf(high) }
      watch.holdings.set(subject, { since, band, maker, fillId, ...written, marked, stopped })
    }
    for (const [subject, { stop_id: stopId, until }] of Object.entries(cooldowns)) watch.cooldowns.set(subject, { stopId, until })
    for (const [subject, at] of Object.entries(losses)) watch.losses.set(subject, at)
    if (traded !== undefined) {
      watch.#day = traded.day
      watch.#traded = centsOf(traded.amount)
      watch.#bought = new Set(traded.bought)
      watch.#round = new Set(traded.round)
    }
    watch.#dayTrades = [...dayTrades]
    if (peak !== undefined) watch.peak = watch.highest = centsOf(peak)
    for (const [day, of] of Object.entries(turnover)) {
      const traded = Object.entries(of).map(([subject, [bought, sold]]) => [subject, { bought: centsOf(bought), sold: centsOf(sold) }] as const)
      watch.#turnover.set(Number(day), new Map(traded))
    }
    return watch
  }
}
