/** A made-up season: records and memory as a back-test would leave them, from a seed. */
import { DAY_MS, formatInstant, HOUR_MS, lineOf, make, millisOf, type Allocation, type Conviction, type Fill, type Json, type Vanta } from '#record'
import { formatFixed, parseFixed } from '#domain/decimal'
import { Closes, VaultDays } from '#domain/pnl'
import { tripsOf } from '#domain/report/trips'
import { gather, type Gathered } from '#domain/report/gather'
import type { Bytes } from '#domain/lines'

const BY = 'made-up/1'
export const NAMES = ['GME', 'AMC', 'PLTR', 'NIO', 'TSLA', 'BB', 'NOK', 'SPCE', 'MSFT', 'AAPL', 'XOM', 'KOSS', 'EXPR', 'F', 'CCL', 'NVDA', 'AMD', 'RIOT', 'PFE', 'DIS',
  'BABA', 'SNAP', 'ZM', 'PTON', 'DKNG', 'WKHS', 'FUBO', 'SQ']

/** A small generator of chance (Park and Miller, 1988): tests want the same season every time. */
export function chance(seed: number): () => number {
  let state = seed % 2147483647
  return () => (state = (state * 48271) % 2147483647) / 2147483647
}

export interface Season {
  readonly records: readonly Vanta[]
  readonly pnl: { readonly [field: string]: Json }
  readonly summary: { readonly [field: string]: Json }
}

interface Setup {
  readonly from: string
  readonly days: number
  readonly seed?: number
  /** Convictions an hour. */
  readonly ranked?: number
}

/** Hourly convictions, allocations into and out of the stronger ones, orders and fills, daily books, some refusals. */
export function season({ from, days, seed = 7, ranked = 8 }: Setup): Season {
  const next = chance(seed)
  const records: Vanta[] = [make('control', { at: `${from}T00:00:00.000Z`, known_at: `${from}T00:00:00.000Z`, source: 'vanta/audit', by: BY, type: 'genesis', facts: { world: 'replay' } } as never)]
  const startMs = millisOf(`${from}T00:00:00.000Z`)
  const books = new VaultDays('core', 'USD', 10_000_000n)
  const closes = new Closes()
  const mood = NAMES.map(() => next() * 2 - 0.6), prices = NAMES.map(() => 8 + next() * 90)
  const held = new Map<string, { entry: Allocation; quantity: number; until: number }>()
  const benchmark: { day: string; value: number }[] = []
  let worth = 1
  const add = <R extends Vanta>(record: R): R => {
    records.push(record)
    return record
  }
  for (let day = 0; day < days; day++) {
    const dayMs = startMs + day * DAY_MS
    const weekday = (Math.floor(dayMs / DAY_MS) + 4) % 7
    const isOpen = weekday !== 0 && weekday !== 6
    NAMES.forEach((_, i) => (mood[i] = (mood[i] ?? 0) * 0.86 + (next() - 0.44) * 0.8))
    for (let hour = 0; hour < 24; hour += 3) {
      const at = formatInstant(dayMs + hour * HOUR_MS)
      const heard = { at, known_at: at, by: BY }
      const made: Conviction[] = []
      for (let k = 0; k < ranked; k++) {
        const i = Math.floor(next() * NAMES.length)
        const subject = `ticker:${NAMES[i] ?? ''}`
        const logOdds = (mood[i] ?? 0) + (next() - 0.5) * 0.3
        const signal = add(make('signal', { ...heard, source: 'reddit/wallstreetbets', type: 'mention', key: `reddit:t3_${day}${hour}${k}#${subject}`, subject, polarity: 0.5 }))
        const belief = add(make('belief', { ...heard, parents: [signal.id], source: 'synthesize', subject, maker: 'chatter', direction: logOdds < 0 ? 'down' : 'up', log_odds: Math.abs(logOdds) * 1.2, horizon: '5d' }))
        const chatter = Math.abs(logOdds) * (next() < 0.3 ? 0.7 : 1.04)
        const reasons = [{ term: 'base rate', log_odds: 0, evidence: [] },
          { term: `chatter: ${Math.ceil(next() * 60)} mentions by ${Math.ceil(next() * 50)} authors`, log_odds: chatter, evidence: [signal.id, belief.id] },
          { term: 'insider: 1 purchase by 1 insider', log_odds: Math.abs(logOdds) - chatter, evidence: [signal.id] },
          { term: 'calibration', log_odds: 0, evidence: [] }]
        made.push(add(make('conviction', {
          ...heard, parents: [belief.id], source: 'synthesize', signal_id: signal.id, subject, direction: logOdds < 0 ? 'down' : 'up', log_odds: Math.abs(logOdds),
          conviction_score: 1 / (1 + Math.exp(-Math.abs(logOdds))), reason_vector: reasons, contributing_models: ['chatter', 'insider'], horizon: '5d', ttl: 86_400, routing_tags: [], rank: k + 1,
        })))
      }
      if (!isOpen || hour !== 15) continue
      const trade = (subject: string, side: 'buy' | 'sell', quantity: number, allocation: Allocation): void => {
        const i = NAMES.indexOf(subject.slice(7))
        const order = { ...heard, source: 'exec/paper', client_order_id: allocation.id.slice(0, 32), vault: 'core', broker: 'paper', subject, side, quantity: String(quantity), type: 'market', expires_at: at, band: allocation.band, maker: 'chatter' } as const
        const intended = add(make('order', { ...order, parents: [allocation.id], state: 'intended' }))
        const accepted = add(make('order', { ...order, parents: [intended.id], state: 'accepted' }))
        const price = ((prices[i] ?? 1) * (side === 'buy' ? 1.0005 : 0.9995)).toFixed(4)
        const fee = (quantity * Number(price) * 0.0001).toFixed(2)
        books.take(add(make('fill', { ...heard, parents: [accepted.id], source: 'exec/paper', client_order_id: order.client_order_id, vault: 'core', broker: 'paper', subject, side, quantity: String(quantity), price, fee, currency: 'USD', band: allocation.band, maker: 'chatter' })))
      }
      const allocate = (subject: string, fraction: string, reason: string, parents: string[], band: string): Allocation =>
        add(make('allocation', { ...heard, parents, source: 'vault/core', vault: 'core', subject, direction: 'up', fraction, band, reason, maker: 'chatter', expires_at: at }))
      for (const [subject, position] of [...held]) {
        if (position.until > day) continue
        held.delete(subject)
        trade(subject, 'sell', position.quantity, allocate(subject, '0', next() < 0.5 ? 'expired' : 'below_band', [position.entry.id], position.entry.band))
      }
      for (const conviction of made) {
        if (conviction.direction === 'down' || conviction.conviction_score < 0.58 || held.has(conviction.subject)) continue
        const band = conviction.conviction_score > 0.68 ? 'high' : 'middle'
        const allocation = allocate(conviction.subject, '0.1', 'entry', [conviction.id], band)
        if (held.size >= 6 || next() < 0.2) {
          add(make('refusal', { ...heard, parents: [allocation.id], source: 'exec/paper', vault: 'core', subject: conviction.subject, code: held.size >= 6 ? 'INSUFFICIENT_CASH' : 'NO_PRICE', detail: 'made up' }))
          continue
        }
        const quantity = Math.floor(12_000 / (prices[NAMES.indexOf(conviction.subject.slice(7))] ?? 1))
        trade(conviction.subject, 'buy', quantity, allocation)
        held.set(conviction.subject, { entry: allocation, quantity, until: day + 1 + Math.floor(next() * 7) })
      }
    }
    if (!isOpen) continue
    const at = formatInstant(dayMs + 14.5 * HOUR_MS), knownAt = formatInstant(dayMs + 21 * HOUR_MS)
    NAMES.forEach((name, i) => {
      const open = prices[i] ?? 1
      prices[i] = Math.max(1, open * (1 + (next() - 0.488) * 0.085 + (next() > 0.993 ? 0.4 : 0)))
      const close = formatFixed(parseFixed((prices[i] ?? 1).toFixed(4)) ?? 0n)
      closes.hear(make('bar', { at, known_at: knownAt, source: 'bars', by: BY, subject: `ticker:${name}`, span: '1d', open: close, high: close, low: close, close, volume: '1000', basis: 'split_adjusted' }))
    })
    worth *= 1 + (next() - 0.46) * 0.015
    benchmark.push({ day: formatInstant(dayMs).slice(0, 10), value: worth })
    add(books.close(closes, knownAt, BY))
  }
  const { vault: _, ...pnl } = { vault: 'core', ...books.summary(closes), ledger_checked: true } as { [field: string]: Json }
  const convictions = records.filter(({ kind }) => kind === 'conviction').length
  const summary: { [field: string]: Json } = {
    from: `${from}T00:00:00.000Z`, to: formatInstant(startMs + days * DAY_MS - 1), convictions,
    precision_at_5: 0.534, precision_at_5_base_rate: 0.512, precision_at_5_n: 161, precision_at_5_low: 0.457, precision_at_5_high: 0.609, precision_horizon: '5d',
    benchmark: 'SPY', benchmark_return: worth - 1, benchmark_curve: [{ day: '2000-01-01', value: 1 }, ...benchmark],
    signals_without_bars: 1204, subjects_without_bars: 61,
    notes: ['Survivorship: the price files mostly hold companies still listed years later, so results are flattered.', '1204 readings (26.3 %) of 61 subjects had no prices here: neither traded nor judged.'],
  }
  for (const name of ['currency', 'equity_start', 'equity_end', 'return', 'max_drawdown', 'sharpe', 'sharpe_n', 'fees', 'trades', 'best_subject', 'return_without_best', 'mean_trade_return', 'median_trade_return']) {
    summary[name] = (pnl[name] ?? null) as Json
  }
  return { records, pnl, summary }
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
export const closedTrips = (records: readonly Vanta[]) => tripsOf(fillsOf(records)).filter(({ result }) => result !== undefined)
