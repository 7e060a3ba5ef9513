/** Contracts of one underlying as they stand at one time, and what they say together: puts to calls, skew, term structure. */
import type { Millis, Signal } from '#record'
import { newYorkDay, newYorkMillis } from '#domain/market/session'
import { atTheMoney, skewOf, termStructure, type Drawn, type TermPoint, type VolatilityPoint } from '#domain/market/volatility'
import type { Standing } from './found.ts'
import { pointsOf, type Points } from './points.ts'
import { happened, present, type Facts } from '../signal.ts'

interface Member {
  readonly standing: Standing
  readonly signal: Signal
}
/** A point of the term structure with the expiry's points it comes from. */
interface Term extends TermPoint {
  readonly points: Points
}

export class Chain {
  readonly #members = new Map<string, Member>()
  readonly #by: string
  readonly #rate: number

  /** `rate` is the interest a year, continuously compounded, that volatilities of our own assume. */
  constructor(by: string, rate: number) {
    this.#by = by
    this.#rate = rate
  }

  /** False where the contract stands here already, as of another time: another chain begins with it. */
  add(standing: Standing, signal: Signal): boolean {
    const before = this.#members.get(standing.contract.symbol)
    if (before !== undefined) return before.signal.id === signal.id
    this.#members.set(standing.contract.symbol, { standing, signal })
    return true
  }

  *signals(): Generator<Signal> {
    if (this.#members.size < 2) return
    const members = [...this.#members.values()].sort((a, b) => (a.standing.contract.symbol < b.standing.contract.symbol ? -1 : 1))
    const standings = members.map(({ standing }) => standing)
    const atMs = standings.reduce((latest, standing) => Math.max(latest, standing.atMs), 0)
    yield* this.#putCall(standings, atMs)
    const byExpiry = new Map<string, Standing[]>()
    for (const standing of standings) {
      const list = byExpiry.get(standing.contract.expiry)
      if (list === undefined) byExpiry.set(standing.contract.expiry, [standing])
      else list.push(standing)
    }
    const terms: Term[] = []
    for (const [expiry, list] of [...byExpiry].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const days = daysTo(expiry, atMs)
      if (days < 1) continue
      const points = pointsOf(list, expiry, atMs, this.#rate)
      yield* this.#skew(points, expiry, days, atMs)
      const drawn = atTheMoney(points.points, points.price)
      if (drawn !== undefined) terms.push({ ...drawn, expiry, days, points })
    }
    yield* this.#terms(terms, atMs)
  }

  *#putCall(standings: readonly Standing[], atMs: Millis): Generator<Signal> {
    const sum = (right: 'call' | 'put', of: (standing: Standing) => number | undefined): number | undefined => {
      const counts = standings.flatMap((standing) => (standing.contract.right === right ? of(standing) ?? [] : []))
      return counts.length === 0 ? undefined : counts.reduce((a, b) => a + b, 0)
    }
    const [calls, puts] = [sum('call', ({ volume }) => volume), sum('put', ({ volume }) => volume)]
    const [openCalls, openPuts] = [sum('call', ({ openInterest }) => openInterest), sum('put', ({ openInterest }) => openInterest)]
    if (calls === undefined && puts === undefined && openCalls === undefined && openPuts === undefined) return
    yield this.#say('put_call', '', standings, [], atMs, {
      call_volume: calls, put_volume: puts, volume_ratio: ratio(puts, calls),
      call_open_interest: openCalls, put_open_interest: openPuts, open_interest_ratio: ratio(openPuts, openCalls),
      contracts: standings.length,
    })
  }

  *#skew(points: Points, expiry: string, days: number, atMs: Millis): Generator<Signal> {
    const skew = skewOf(points.points, points.price)
    if (skew === undefined) return
    const { basis, call, put, riskReversal } = skew
    const used = [...call.from, ...put.from]
    yield this.#say('skew', `:${expiry}`, this.#standingsOf(used), used, atMs, {
      expiry, days, basis, call_iv: call.iv, put_iv: put.iv, risk_reversal: riskReversal, call: call.from.map(face), put: put.from.map(face),
      ...points.how,
    })
  }

  *#terms(terms: readonly Term[], atMs: Millis): Generator<Signal> {
    const structure = termStructure(terms)
    if (structure === undefined) return
    const { front, back, slope, shape } = structure
    const used = terms.flatMap(({ from }) => from)
    yield this.#say('term_structure', '', this.#standingsOf(used), used, atMs, {
      shape, slope, front: { expiry: front.expiry, days: front.days, iv: front.iv }, back: { expiry: back.expiry, days: back.days, iv: back.iv },
      points: terms.map((term) => ({ expiry: term.expiry, days: term.days, iv: term.iv, from: drawnFrom(term), ...term.points.how })),
    })
  }

  #standingsOf(points: readonly VolatilityPoint[]): Standing[] {
    return points.flatMap(({ contract }) => this.#members.get(contract)?.standing ?? [])
  }

  /** A signal made of some of the contracts; it is known once the last of them is. */
  #say(type: string, more: string, from: readonly Standing[], parents: readonly VolatilityPoint[], atMs: Millis, facts: Facts): Signal {
    const { service = '', subject } = from[0] ?? {}
    const knownMs = from.reduce((latest, standing) => Math.max(latest, standing.knownMs), atMs)
    const ids = new Set(parents.flatMap(({ contract }) => this.#members.get(contract)?.signal.id ?? []))
    return happened({
      atMs, knownMs, source: `${service}/options`, parents: [...ids].sort(),
      type, key: `${service}:${subject ?? 'chain'}${more}`, subject, facts,
    }, this.#by)
  }
}

const ratio = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined || b === 0 ? undefined : Math.round((a / b) * 1e4) / 1e4

/** Calendar days from the New York day of an instant to a date. */
function daysTo(expiry: string, atMs: Millis): number {
  const noonMs = newYorkMillis(expiry, 12, 0)
  return noonMs === undefined ? 0 : newYorkDay(noonMs) - newYorkDay(atMs)
}

type Numbers = ReturnType<typeof present>

/** The numbers of one contract that went into something. */
const face = ({ contract, strike, iv, delta, ...more }: VolatilityPoint & { readonly price?: number; readonly residual?: number }): Numbers =>
  present({ contract, strike, iv, delta, price: more.price, residual: more.residual })

const drawnFrom = ({ from }: Drawn): Numbers[] => from.map(face)
