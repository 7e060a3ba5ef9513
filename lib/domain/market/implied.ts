/**
 * Volatilities of our own, for chains that state none: the forward from put-call parity, then Black (1976) inverted contract by contract.
 * American contracts are read as European ones; out of the money the difference is small.
 */
import { delta, impliedVolatility, value, type Terms } from './black76.ts'
import type { VolatilityPoint } from './volatility.ts'

export interface PricedContract extends Omit<VolatilityPoint, 'iv' | 'delta'> {
  /** What it costs now, per unit of the underlying. */
  readonly price: number
}

export interface ImpliedPoint extends VolatilityPoint {
  readonly price: number
  /** What is left between the model's value at that volatility and the price, at expiry's money. */
  readonly residual: number
}

export interface ImpliedTerms {
  /** To expiry, in years of 365 days. */
  readonly years: number
  /** Interest a year, continuously compounded. */
  readonly rate: number
  /** Where the payload states it; else it follows from parity. */
  readonly forward?: number | undefined
}

/** Nearer to expiry than a day, a volatility says more about the clock than about the market. */
const SHORTEST_YEARS = 1 / 365

/**
 * The forward at which call and put of one strike agree (C - P = discount x (F - K)), at the strike where they are closest: there an error
 * in the discount weighs least. Undefined where no strike has both.
 */
export function parityForward(contracts: readonly PricedContract[], discount: number): number | undefined {
  const puts = new Map(contracts.filter(({ right }) => right === 'put').map(({ strike, price }) => [strike, price]))
  let best: { readonly strike: number; readonly gap: number } | undefined
  for (const { right, strike, price } of contracts) {
    const put = right === 'call' ? puts.get(strike) : undefined
    if (put === undefined) continue
    const gap = price - put
    const nearer = best === undefined ? 1 : Math.abs(best.gap) - Math.abs(gap)
    if (best === undefined || nearer > 0 || (nearer === 0 && strike < best.strike)) best = { strike, gap }
  }
  return best === undefined ? undefined : best.strike + best.gap / discount
}

/** A value is another than the price where it is more than twice or less than half of it, and off by a five-hundredth of the underlying. */
const OTHER_TIMES = 2
const OTHER_PART = 0.002

/**
 * Whether a volatility that somebody states can be that of a price they state beside it. The discount and the carry are left out of
 * account, so only what is grossly another is found: a stale quote, a volatility of 340 % beside an option worth a few cents.
 */
export function belongs(iv: number, price: number, terms: Terms): boolean {
  const worth = value(terms, iv)
  const isFar = Math.abs(worth - price) > OTHER_PART * terms.forward
  return !isFar || (worth <= OTHER_TIMES * price && price <= OTHER_TIMES * worth)
}

/** The points of one expiry, and the forward they rest on; undefined where there is no forward or the expiry is too near. */
export function impliedPoints(
  contracts: readonly PricedContract[], { years, rate, forward: known }: ImpliedTerms,
): { readonly forward: number; readonly points: ImpliedPoint[] } | undefined {
  if (!(years >= SHORTEST_YEARS)) return undefined
  const discount = Math.exp(-rate * years)
  const forward = known ?? parityForward(contracts, discount)
  if (forward === undefined || !(forward > 0)) return undefined
  const points = contracts.flatMap(({ price, ...contract }) => {
    const terms: Terms = { forward, strike: contract.strike, years, right: contract.right }
    const implied = impliedVolatility(price / discount, terms)
    if (implied === undefined) return []
    const { volatility: iv, residual } = implied
    return [{ ...contract, iv, residual, price, delta: Math.round(delta(terms, iv) * 1e6) / 1e6 }]
  })
  return { forward: Math.round(forward * 1e6) / 1e6, points }
}
