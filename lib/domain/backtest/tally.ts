/** What a run was made of, counted as the records go by: events, decisions, and the prices its convictions are judged by. */
import { millisOf, type Bar, type Millis, type Price, type Signal, type Vanta } from '#record'
import { ACTIONS } from '../money/corporate_action.ts'
import { centsOf, formatCents, type Cents } from '../money/money.ts'
import type { Stated } from './calibration.ts'
import type { Ranked, Sessions } from './precision.ts'
import type { DayValue } from './regimes.ts'

const DAILY = '1d'

/** A file of prices as it was played. */
export interface PriceSource {
  readonly basis: Bar['basis']
  subjects: number
  dividends: 'stated' | 'inferred' | 'none'
}

export class Tally {
  /** Records that came from outside, by kind. */
  readonly heard = new Map<string, number>()
  /** Records that left the pipeline and were made in it, by kind. */
  readonly made = new Map<string, number>()
  readonly rankings: Ranked[] = []
  readonly stated: Stated[] = []
  /** Daily sessions by subject. */
  readonly sessions = new Map<string, Sessions>()
  /** Readings by subject. */
  readonly readings = new Map<string, number>()
  /** By source, what prices were played. */
  readonly sources = new Map<string, PriceSource>()
  /** Equity of all vaults by day. */
  readonly #equity = new Map<string, Map<string, Cents>>()
  readonly #dividends = new Map<string, Cents>()
  readonly #basis = new Map<string, Bar['basis']>()
  events = 0

  /** A record from outside. Throws RangeError where prices of a subject come on two bases. */
  hear(record: Vanta): void {
    this.events++
    count(this.heard, record.kind)
    this.price(record)
  }

  /** Prices judge convictions also after the last decision. */
  price(record: Vanta): void {
    if (record.kind === 'signal') return this.#befall(record)
    if (record.kind === 'bar' || record.kind === 'price') this.#based(record)
    if (record.kind !== 'bar' || record.span !== DAILY) return
    let sessions = this.sessions.get(record.subject)
    if (sessions === undefined) this.sessions.set(record.subject, (sessions = { openMs: [], open: [], close: [] }))
    sessions.openMs.push(millisOf(record.at))
    sessions.open.push(Number(record.open))
    sessions.close.push(Number(record.close))
  }

  /** As traded and adjusted for splits are two prices of one share: to trade on both would make money, or lose it. */
  #based({ subject, basis, source }: Bar | Price): void {
    const known = this.#basis.get(subject)
    if (known === basis) return
    if (known !== undefined) throw new RangeError(`${source} tells ${subject} ${basis}, which came ${known} before: the two are not mixed`)
    this.#basis.set(subject, basis)
    const played = this.sources.get(source)
    if (played === undefined) this.sources.set(source, { basis, subjects: 1, dividends: 'none' })
    else played.subjects += 1
  }

  #befall({ type, subject = '', facts = {}, source }: Signal): void {
    if (type === 'dividend') {
      const played = this.sources.get(source.replace(/\/corporate_actions$/, ''))
      if (played !== undefined) played.dividends = facts['inferred_from'] === undefined ? 'stated' : 'inferred'
    }
    const sessions = this.sessions.get(subject)
    if (sessions === undefined) return
    if (type === 'split') {
      const [fresh = NaN, old = NaN] = String(facts['ratio']).split(':').map(Number)
      for (const prices of [sessions.open, sessions.close]) for (const [i, price] of prices.entries()) prices[i] = (price * old) / fresh
    }
    // What ends is worth that much from then on: who picked it is judged by it.
    if (type === 'delisting' && typeof facts['cash'] === 'string') sessions.ended = Number(facts['cash'])
  }

  /** What holdings of all vaults were paid, or are owed. */
  get dividends(): Cents {
    return [...this.#dividends.values()].reduce((sum, cents) => sum + cents, 0n)
  }

  /** Equity of all vaults together at the close of each day. */
  equityByDay(): readonly DayValue[] {
    return [...this.#equity].map(([day, vaults]) => {
      let sum = 0n
      for (const cents of vaults.values()) sum += cents
      return { day, value: Number(formatCents(sum)) }
    })
  }

  /** A record at the end of the pipeline. */
  leave(record: Vanta): void {
    switch (record.kind) {
      case 'bar':
      case 'price':
        return
      case 'signal':
        if (record.subject !== undefined && !ACTIONS.has(record.type)) count(this.readings, record.subject)
        return
      case 'ranking':
        this.rankings.push({ atMs: millisOf(record.at), picks: record.ranked.map(({ subject, direction }, i) => ({ subject, direction, rank: i + 1 })) })
        break
      case 'conviction': {
        const { at, subject, direction, conviction_score: score, horizon, ttl } = record
        this.stated.push({ atMs: millisOf(at), subject, direction, score, horizon, stands: ttl > 0 })
        break
      }
      case 'pnl': {
        this.#dividends.set(record.vault, centsOf(record.dividends ?? '0.00'))
        const vaults = this.#equity.get(record.day)
        if (vaults === undefined) this.#equity.set(record.day, new Map([[record.vault, centsOf(record.equity)]]))
        else vaults.set(record.vault, centsOf(record.equity))
        break
      }
      case 'order':
        if (record.state !== 'intended') return
        break
    }
    count(this.made, record.kind)
  }

  /** Every session open of any subject, ascending. */
  calendar(): Millis[] {
    const opens = new Set<Millis>()
    for (const { openMs } of this.sessions.values()) for (const ms of openMs) opens.add(ms)
    return [...opens].sort((a, b) => a - b)
  }

  /** Readings of subjects that have no daily prices: nothing of them could be traded or judged. */
  get readingsWithoutPrices(): { readings: number; subjects: number; share: number } {
    let readings = 0, subjects = 0, all = 0
    for (const [subject, n] of this.readings) {
      all += n
      if (this.sessions.has(subject)) continue
      readings += n
      subjects++
    }
    return { readings, subjects, share: all === 0 ? 0 : readings / all }
  }
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}
