/** A made-up season: records and memory as a back-test would leave them, from a seed. */
import {
  DAY_MS, formatInstant, HOUR_MS, lineOf, make, millisOf, type Allocation, type Conviction, type Fill, type Json, type Millis, type Vanta,
} from '#record'
import { genesisRecord } from '#domain/audit/genesis'
import type { Bytes } from '#domain/audit/lines'
import { Closes, VaultDays } from '#domain/pnl/pnl'
import { gather, type Gathered } from '#domain/report/gather'

const by = 'made-up/1'
const NAMES = [
  'GME', 'AMC', 'PLTR', 'NIO', 'TSLA', 'BB', 'NOK', 'SPCE', 'MSFT', 'AAPL', 'XOM', 'KOSS', 'EXPR', 'F', 'CCL', 'NVDA', 'AMD', 'RIOT', 'PFE',
  'DIS', 'BABA', 'SNAP', 'ZM', 'PTON', 'DKNG', 'WKHS', 'FUBO', 'SQ',
]
const HOLD_MAX = 6
const OUTLAY = 12_000

/** A small generator of chance (Park and Miller, 1988): tests want the same season every time. */
function chance(seed: number): () => number {
  let state = seed % 2147483647
  return () => (state = (state * 48271) % 2147483647) / 2147483647
}

type Fields = { readonly [field: string]: Json }
export interface Season {
  readonly records: readonly Vanta[]
  readonly pnl: Fields
  readonly summary: Fields
}
export interface Setup {
  readonly from: string
  readonly days: number
  readonly seed?: number
}

interface Heard {
  readonly at: string
  readonly known_at: string
  readonly by: string
}
interface Held {
  readonly entry: Allocation
  readonly quantity: number
  readonly untilDay: number
}

/** Convictions every three hours, allocations into and out of the stronger ones, orders, fills, refusals and daily books. */
export function season(setup: Setup): Season {
  const market = new Market(setup)
  for (let day = 0; day < setup.days; day++) market.live(day)
  return { records: market.records, ...market.memory(setup) }
}

class Market {
  readonly records: Vanta[] = []
  readonly #startMs: Millis
  readonly #next: () => number
  readonly #books = new VaultDays('core', 'USD', 10_000_000n)
  readonly #closes = new Closes()
  readonly #mood: number[]
  readonly #prices: number[]
  readonly #held = new Map<string, Held>()
  readonly #benchmark = [{ day: '2000-01-01', value: 1 }]
  #worth = 1

  constructor({ from, seed = 7 }: Setup) {
    this.#startMs = millisOf(`${from}T00:00:00.000Z`)
    this.#next = chance(seed)
    this.#mood = NAMES.map(() => this.#next() * 2 - 0.6)
    this.#prices = NAMES.map(() => 8 + this.#next() * 90)
    this.records.push(genesisRecord({ world: 'replay', at: `${from}T00:00:00.000Z`, by }))
  }

  live(day: number): void {
    const dayMs = this.#startMs + day * DAY_MS
    const weekday = (Math.floor(dayMs / DAY_MS) + 4) % 7
    const isOpen = weekday !== 0 && weekday !== 6
    NAMES.forEach((_, i) => (this.#mood[i] = (this.#mood[i] ?? 0) * 0.86 + (this.#next() - 0.44) * 0.8))
    for (let hour = 0; hour < 24; hour += 3) {
      const at = formatInstant(dayMs + hour * HOUR_MS)
      const heard = { at, known_at: at, by }
      const made = Array.from({ length: 8 }, (_, k) => this.#decide(k, heard))
      if (!isOpen || hour !== 15) continue
      this.#leave(day, heard)
      for (const conviction of made) this.#enter(conviction, day, heard)
    }
    if (isOpen) this.#close(dayMs)
  }

  #add<R extends Vanta>(record: R): R {
    this.records.push(record)
    return record
  }

  #decide(k: number, heard: Heard): Conviction {
    const i = Math.floor(this.#next() * NAMES.length)
    const subject = `ticker:${NAMES[i] ?? ''}`
    const strength = (this.#mood[i] ?? 0) + (this.#next() - 0.5) * 0.3
    const direction = strength < 0 ? 'down' : 'up', logOdds = Math.abs(strength)
    const key = `reddit:t3_${heard.at}${k}#${subject}`
    const signal = this.#add(make('signal', { ...heard, source: 'reddit/wallstreetbets', type: 'mention', key, subject, polarity: 0.5 }))
    const said = { ...heard, source: 'synthesize', subject, direction, horizon: '5d' } as const
    const belief = this.#add(make('belief', { ...said, parents: [signal.id], maker: 'chatter', log_odds: logOdds * 1.2 }))
    const chatter = logOdds * (this.#next() < 0.3 ? 0.7 : 1.04)
    const text = `chatter: ${Math.ceil(this.#next() * 60)} mentions by ${Math.ceil(this.#next() * 50)} authors`
    return this.#add(make('conviction', {
      ...said, parents: [belief.id], signal_id: signal.id, log_odds: logOdds, conviction_score: 1 / (1 + Math.exp(-logOdds)),
      reason_vector: [
        { term: 'base rate', log_odds: 0, evidence: [] },
        { term: text, log_odds: chatter, evidence: [signal.id, belief.id] },
        { term: 'insider: 1 purchase by 1 insider', log_odds: logOdds - chatter, evidence: [signal.id] },
        { term: 'calibration', log_odds: 0, evidence: [] },
      ],
      contributing_models: ['chatter', 'insider'], ttl: 86_400, routing_tags: [], rank: k + 1,
    }))
  }

  #allocate(subject: string, fraction: string, reason: string, parents: string[], band: string, heard: Heard): Allocation {
    return this.#add(make('allocation', {
      ...heard, parents, source: 'vault/core', vault: 'core', subject, direction: 'up', fraction, band, reason, maker: 'chatter',
      expires_at: heard.at,
    }))
  }

  #priceOf(subject: string): number {
    return this.#prices[NAMES.indexOf(subject.slice('ticker:'.length))] ?? 1
  }

  #trade(side: 'buy' | 'sell', quantity: number, { id, subject, band }: Allocation, heard: Heard): void {
    const who = { ...heard, source: 'exec/paper', client_order_id: id.slice(0, 32), vault: 'core', broker: 'paper', maker: 'chatter' }
    const what = { subject, side, quantity: String(quantity), band }
    const order = { ...who, ...what, type: 'market', expires_at: heard.at } as const
    const intended = this.#add(make('order', { ...order, parents: [id], state: 'intended' }))
    const accepted = this.#add(make('order', { ...order, parents: [intended.id], state: 'accepted' }))
    const price = (this.#priceOf(subject) * (side === 'buy' ? 1.0005 : 0.9995)).toFixed(4)
    const fee = (quantity * Number(price) * 0.0001).toFixed(2)
    this.#books.take(this.#add(make('fill', { ...who, ...what, parents: [accepted.id], price, fee, currency: 'USD' })))
  }

  #leave(day: number, heard: Heard): void {
    for (const [subject, { entry, quantity, untilDay }] of [...this.#held]) {
      if (untilDay > day) continue
      this.#held.delete(subject)
      const reason = this.#next() < 0.5 ? 'expired' : 'below_band'
      this.#trade('sell', quantity, this.#allocate(subject, '0', reason, [entry.id], entry.band, heard), heard)
    }
  }

  #enter({ id, subject, direction, conviction_score: score }: Conviction, day: number, heard: Heard): void {
    if (direction === 'down' || score < 0.58 || this.#held.has(subject)) return
    const entry = this.#allocate(subject, '0.1', 'entry', [id], score > 0.68 ? 'high' : 'middle', heard)
    const isFull = this.#held.size >= HOLD_MAX
    if (isFull || this.#next() < 0.2) {
      const code = isFull ? 'INSUFFICIENT_CASH' : 'NO_PRICE'
      this.#add(make('refusal', { ...heard, parents: [entry.id], source: 'exec/paper', vault: 'core', subject, code, detail: 'made up' }))
      return
    }
    const quantity = Math.floor(OUTLAY / this.#priceOf(subject))
    this.#trade('buy', quantity, entry, heard)
    this.#held.set(subject, { entry, quantity, untilDay: day + 1 + Math.floor(this.#next() * 7) })
  }

  #close(dayMs: Millis): void {
    const at = formatInstant(dayMs + 14.5 * HOUR_MS), knownAt = formatInstant(dayMs + 21 * HOUR_MS)
    for (const [i, name] of NAMES.entries()) {
      const jump = this.#next() > 0.993 ? 0.4 : 0
      const price = Math.max(1, (this.#prices[i] ?? 1) * (1 + (this.#next() - 0.488) * 0.085 + jump))
      this.#prices[i] = price
      const close = price.toFixed(4)
      this.#closes.hear(make('bar', {
        at, known_at: knownAt, source: 'bars', by, subject: `ticker:${name}`, span: '1d', open: close, high: close, low: close, close,
        volume: '1000', basis: 'split_adjusted',
      }))
    }
    this.#worth *= 1 + (this.#next() - 0.46) * 0.015
    this.#benchmark.push({ day: at.slice(0, 10), value: this.#worth })
    this.#add(this.#books.close(this.#closes, by))
  }

  memory({ from, days }: Setup): { readonly pnl: Fields; readonly summary: Fields } {
    const pnl: Fields = { ...this.#books.summary(this.#closes), ledger_checked: true }
    const kept = [
      'currency', 'equity_start', 'equity_end', 'return', 'max_drawdown', 'sharpe', 'sharpe_n', 'fees', 'trades', 'best_subject',
      'return_without_best', 'mean_trade_return', 'median_trade_return',
    ]
    const summary: Fields = {
      ...Object.fromEntries(kept.map((name) => [name, pnl[name] ?? null])),
      id: '5'.repeat(40), from: `${from}T00:00:00.000Z`, to: formatInstant(this.#startMs + days * DAY_MS - 1),
      precision_at_5: 0.534, precision_at_5_base_rate: 0.512, precision_at_5_n: 161, precision_at_5_low: 0.457,
      precision_at_5_high: 0.609, precision_horizon: '5d',
      benchmark: 'SPY', benchmark_return: this.#worth - 1, benchmark_curve: this.#benchmark,
      signals_without_bars: 1204, subjects_without_bars: 61,
      notes: [
        'Survivorship: the price files mostly hold companies still listed years later, so results are flattered.',
        '1204 readings (26.3 %) of 61 subjects had no prices here: neither traded nor judged.',
      ],
    }
    return { pnl, summary }
  }
}

export const textOf = (records: readonly Vanta[]): string => records.map((record) => `${lineOf(record)}\n`).join('')

/** A log in memory. */
export function bytesOf(text: string): Bytes {
  const content = Buffer.from(text)
  return {
    size: () => content.length,
    read(position, into) {
      const part = content.subarray(position, position + into.length)
      into.set(part)
      return part.length
    },
  }
}

export const gathered = (records: readonly Vanta[]): Gathered => gather(bytesOf(textOf(records)))
export const fillsOf = (records: readonly Vanta[]): Fill[] => records.filter((record): record is Fill => record.kind === 'fill')
