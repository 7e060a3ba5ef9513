/**
 * The risk state as a stream of records tells it, session by session: after each close what was known by then is assessed, and what feeds say of
 * themselves at once. Time is that of the records, so that a session without any is one without prices.
 */
import {
  DAY_MS, formatInstant, HOUR_MS, make, millisOf, SECOND_MS,
  type Bar, type Health, type Millis, type Outcome, type Pnl, type Price, type Risk, type Signal, type Vanta,
} from '#record'
import { UNSTATED_MAGNITUDE } from '../conviction/priors.ts'
import { newYorkDay, sessionOf } from '../market/session.ts'
import { ACTIONS } from '../money/corporate_action.ts'
import { Assessment } from './assess.ts'
import { CapitalWatch } from './capital.ts'
import { CalibrationDrift, InputDrift } from './drift.ts'
import { MarketWatch, type MarketReading } from './market.ts'
import type { Readings } from './measures.ts'

/** How much later than it is due the next word may come, before silence is taken for the worst. */
const LATE_MS = 12 * HOUR_MS
/** No closure of the exchanges is longer. */
const CLOSED_MOST = 30

export interface Watching {
  readonly by: string
  readonly benchmark: string
  /** How long after a close its prices may be heard. */
  readonly graceMs: Millis
  /** How long nothing worse must have been before it is calmer. */
  readonly dwellMs: Millis
}

export type RiskInput = Bar | Price | Signal | Health | Pnl | Outcome

export class RiskMonitor {
  readonly #watching: Watching
  readonly #market: MarketWatch
  readonly #inputs = new InputDrift()
  readonly #promises = new CalibrationDrift()
  readonly #capital = new CapitalWatch()
  readonly #assessment: Assessment
  /** By source and stream. */
  readonly #feeds = new Map<string, Health>()
  #benchmark: Bar | undefined
  #reading: MarketReading | undefined
  #drift: number | undefined
  #nowMs = -Infinity
  #dueMs: Millis | undefined
  #said: Risk | undefined

  constructor(watching: Watching) {
    this.#watching = watching
    this.#market = new MarketWatch(watching.benchmark)
    this.#assessment = new Assessment(watching.dwellMs)
  }

  /** What is to be said before a record of that moment is taken in: of the sessions that were over by then, the last. */
  advance(toMs: Millis): Risk | undefined {
    if (this.#dueMs === undefined) {
      this.#nowMs = toMs
      this.#dueMs = this.#dueAfter(toMs)
      return this.#say(toMs)
    }
    let said: Risk | undefined
    while (this.#dueMs < toMs) {
      const dueMs: Millis = this.#dueMs
      this.#reading = this.#market.close()
      this.#drift = this.#inputs.close()
      this.#dueMs = this.#dueAfter(dueMs)
      said = this.#say(dueMs)
    }
    this.#nowMs = Math.max(this.#nowMs, toMs)
    return said
  }

  /** Whether anything has been heard at all. */
  get isOpen(): boolean {
    return this.#dueMs !== undefined
  }

  /** Take in what is known by the moment to which it has advanced; a record where that changes the state at once. */
  hear(record: RiskInput): Risk | undefined {
    switch (record.kind) {
      case 'bar':
      case 'price':
        this.#hearPrice(record)
        return undefined
      case 'signal':
        this.#hearSignal(record)
        return undefined
      case 'pnl':
        this.#capital.hear(record)
        return undefined
      case 'outcome':
        this.#promises.hear(record.entered_at.slice(0, 10), record.id, record.conviction_score, record.hit)
        return undefined
      case 'health': {
        const name = `${record.source} ${record.stream}`
        const isOther = this.#feeds.get(name)?.state !== record.state
        this.#feeds.set(name, record)
        return isOther ? this.#say(this.#nowMs, true) : undefined
      }
    }
  }

  #hearPrice(record: Bar | Price): void {
    if (record.kind === 'price') return this.#market.hear(record.subject, Number(record.price))
    this.#market.hear(record.subject, Number(record.close))
    if (record.subject === this.#watching.benchmark) this.#benchmark = record
  }

  #hearSignal({ type, subject, polarity, magnitude }: Signal): void {
    if (subject !== undefined && ACTIONS.has(type) && type !== 'dividend') this.#market.breaks(subject)
    if (polarity === undefined) return
    const loud = magnitude ?? UNSTATED_MAGNITUDE
    this.#inputs.hear(type, (polarity * loud) / (1 + loud))
  }

  /** The first moment after this at which the prices of a session are due. */
  #dueAfter(ms: Millis): Millis {
    const { graceMs } = this.#watching
    const first = newYorkDay(ms - graceMs)
    for (let day = first; day <= first + CLOSED_MOST; day++) {
      const closeMs = sessionOf(day)?.closeMs
      if (closeMs !== undefined && closeMs + graceMs > ms) return closeMs + graceMs
    }
    return ms + DAY_MS
  }

  #readings(): Readings {
    const market = this.#reading
    const feeds = [...this.#feeds.values()]
    return {
      history: market?.volatility === undefined ? 1 : 0,
      volatility: market?.volatility, volatilityRank: market?.rank, crossSection: market?.spreadRank,
      correlation: market?.correlation, drawdown: market?.drawdown, capital: this.#capital.drawdown(),
      prices: market?.silent, benchmark: market?.benchmarkSilent, coverage: market?.missing,
      feeds: feeds.length === 0 ? undefined : feeds.filter(({ state }) => state !== 'live').length / feeds.length,
      inputDrift: this.#drift, calibrationDrift: this.#promises.excess(),
    }
  }

  /** With `onlyChanges`, nothing where the state is the one that was said. */
  #say(ms: Millis, onlyChanges = false): Risk | undefined {
    const assessed = this.#assessment.read(this.#readings(), ms)
    if (onlyChanges && assessed.state === this.#said?.state) return undefined
    const at = formatInstant(ms)
    const troubled = [...this.#feeds.values()].filter(({ state }) => state !== 'live')
    this.#said = make('risk', {
      parents: [...(this.#benchmark === undefined ? [] : [this.#benchmark.id]), ...troubled.map(({ id }) => id)],
      at, known_at: at, source: 'vanta-risk', by: this.#watching.by, ...assessed,
      ttl: Math.ceil(((this.#dueMs ?? ms) + LATE_MS - ms) / SECOND_MS),
    })
    return this.#said
  }
}

/** What of the past is told of when its time has come, the earliest first. */
export class Remembered {
  readonly #records: readonly (Pnl | Outcome)[]
  #next = 0

  constructor(past: Iterable<Vanta>) {
    const kept: (Pnl | Outcome)[] = []
    for (const record of past) if (record.kind === 'pnl' || record.kind === 'outcome') kept.push(record)
    this.#records = kept.sort((a, b) => millisOf(a.known_at) - millisOf(b.known_at))
  }

  *until(ms: Millis): Generator<Pnl | Outcome> {
    for (let record = this.#records[this.#next]; record !== undefined && millisOf(record.known_at) <= ms; record = this.#records[++this.#next]) yield record
  }
}
