/** What a chain says of volatility: at the money, by expiry, and how much dearer puts are than calls. */
import type { Right } from './option_symbol.ts'

/** One contract with a volatility. */
export interface VolatilityPoint {
  readonly contract: string
  readonly right: Right
  readonly strike: number
  /** A year: 0.25 is 25 %. */
  readonly iv: number
  readonly delta?: number | undefined
}

/** A volatility between contracts, and those it was drawn between. */
export interface Drawn {
  readonly iv: number
  readonly from: readonly VolatilityPoint[]
}

const round = (value: number): number => Math.round(value * 1e6) / 1e6

/** Between two neighbours at `place`, in a straight line; undefined where none stand on both sides of it within `widest`. */
function drawnAt<P>(
  points: readonly P[], place: number, where: (point: P) => number, ivOf: (point: P) => number, widest: number,
): { iv: number; from: P[] } | undefined {
  const sorted = [...points].sort((a, b) => where(a) - where(b) || ivOf(a) - ivOf(b))
  const above = sorted.findIndex((point) => where(point) >= place)
  const high = sorted[above]
  if (high === undefined) return undefined
  if (where(high) === place) return { iv: ivOf(high), from: [high] }
  const low = sorted[above - 1]
  if (low === undefined || where(high) - where(low) > widest) return undefined
  const share = (place - where(low)) / (where(high) - where(low))
  return { iv: ivOf(low) + share * (ivOf(high) - ivOf(low)), from: [low, high] }
}

/** Neighbours in delta farther apart tell nothing of what lies between. */
const WIDEST_DELTA = 0.2
/** Neighbours in strike, as a fraction of the underlying's price. */
const WIDEST_STRIKE = 0.1

/** The volatility of calls (puts) at a delta of 0.25 (-0.25). */
export function atDelta(points: readonly VolatilityPoint[], right: Right, size: number): Drawn | undefined {
  const known = points.filter((point) => point.right === right && point.delta !== undefined)
  const drawn = drawnAt(known, size, ({ delta = 0 }) => Math.abs(delta), ({ iv }) => iv, WIDEST_DELTA)
  return drawn === undefined ? undefined : { iv: round(drawn.iv), from: drawn.from }
}

/** The volatility of one right at a strike. */
function atStrike(points: readonly VolatilityPoint[], right: Right, strike: number): Drawn | undefined {
  const known = points.filter((point) => point.right === right)
  const drawn = drawnAt(known, strike, (point) => point.strike, ({ iv }) => iv, strike * WIDEST_STRIKE)
  return drawn === undefined ? undefined : { iv: round(drawn.iv), from: drawn.from }
}

/** At the money: the mean of call and put at each strike that has both, drawn to the price; without a price, calls at a delta of one half. */
export function atTheMoney(points: readonly VolatilityPoint[], price: number | undefined): Drawn | undefined {
  if (price === undefined) return atDelta(points, 'call', 0.5)
  const puts = new Map(points.filter(({ right }) => right === 'put').map((point) => [point.strike, point]))
  const pairs = points.flatMap((call) => {
    const put = call.right === 'call' ? puts.get(call.strike) : undefined
    return put === undefined ? [] : [{ strike: call.strike, iv: (call.iv + put.iv) / 2, both: [call, put] }]
  })
  const drawn = drawnAt(pairs, price, ({ strike }) => strike, ({ iv }) => iv, price * WIDEST_STRIKE)
  return drawn === undefined ? undefined : { iv: round(drawn.iv), from: drawn.from.flatMap(({ both }) => both) }
}

export interface Skew {
  /** `delta`: at deltas of a quarter; `moneyness`: at 105 % (call) and 95 % (put) of the underlying's price. */
  readonly basis: 'delta' | 'moneyness'
  readonly call: Drawn
  readonly put: Drawn
  /** Volatility of the call less that of the put: below zero where protection is the dearer. */
  readonly riskReversal: number
}

const QUARTER = 0.25
const OUT_OF_THE_MONEY = 0.05

/**
 * By delta where it is known, else by moneyness; undefined where the chain is too thin for either. Only contracts out of the money are
 * looked at: one in the money with a small delta has a volatility of a quote that nobody trades on.
 */
export function skewOf(all: readonly VolatilityPoint[], price: number | undefined): Skew | undefined {
  const points = price === undefined ? all : all.filter(({ right, strike }) => (right === 'call' ? strike >= price : strike <= price))
  const byDelta = [atDelta(points, 'call', QUARTER), atDelta(points, 'put', QUARTER)] as const
  const byMoneyness = price === undefined ? [] : [
    atStrike(points, 'call', price * (1 + OUT_OF_THE_MONEY)), atStrike(points, 'put', price * (1 - OUT_OF_THE_MONEY)),
  ]
  for (const [basis, [call, put]] of [['delta', byDelta], ['moneyness', byMoneyness]] as const) {
    if (call !== undefined && put !== undefined) return { basis, call, put, riskReversal: round(call.iv - put.iv) }
  }
  return undefined
}

/** The at-the-money volatility of one expiry. */
export interface TermPoint extends Drawn {
  readonly expiry: string
  /** Calendar days from the chain's day to the expiry. */
  readonly days: number
}

export interface TermStructure {
  readonly front: TermPoint
  readonly back: TermPoint
  /** Volatility a year gained from front to back, for a year between them. */
  readonly slope: number
  /** Contango where the far expiry is the dearer, the calm state; backwardation where the near one is. */
  readonly shape: 'contango' | 'backwardation' | 'flat'
}

const FRONT_DAYS = 30, BACK_DAYS = 90
const YEAR_DAYS = 365

/** Between the expiry nearest to 30 days and the one nearest to 90; undefined where they are one and the same. */
export function termStructure(points: readonly TermPoint[]): TermStructure | undefined {
  const nearest = (days: number): TermPoint | undefined =>
    points.reduce<TermPoint | undefined>((best, point) => (best === undefined || closer(point, best, days) ? point : best), undefined)
  const front = nearest(FRONT_DAYS), back = nearest(BACK_DAYS)
  if (front === undefined || back === undefined || back.days <= front.days) return undefined
  const gain = round(back.iv - front.iv)
  const slope = round((gain * YEAR_DAYS) / (back.days - front.days))
  return { front, back, slope, shape: gain > 0 ? 'contango' : gain < 0 ? 'backwardation' : 'flat' }
}

const closer = (a: TermPoint, b: TermPoint, days: number): boolean =>
  Math.abs(a.days - days) < Math.abs(b.days - days) || (Math.abs(a.days - days) === Math.abs(b.days - days) && a.days < b.days)
