/**
 * Options on a forward after Black (1976), undiscounted: what a European option is worth at expiry's money. With a forward from put-call
 * parity it is Black-Scholes, dividends included. Only `exp`, `log` and `sqrt` are used, and results are rounded by their users, so that
 * every engine gives the same bytes.
 */
import { normalCdf } from '../statistics/normal.ts'
import type { Right } from './option_symbol.ts'

export interface Terms {
  /** Forward price of the underlying for the expiry. */
  readonly forward: number
  readonly strike: number
  /** Time to expiry, in years of 365 days. */
  readonly years: number
  readonly right: Right
}

function d1Of({ forward, strike, years }: Terms, volatility: number): number {
  const deviation = volatility * Math.sqrt(years)
  return Math.log(forward / strike) / deviation + deviation / 2
}

/** Undiscounted value at a volatility a year (0.25 is 25 %). */
export function value(terms: Terms, volatility: number): number {
  const { forward, strike, years, right } = terms
  const d1 = d1Of(terms, volatility), d2 = d1 - volatility * Math.sqrt(years)
  return right === 'call'
    ? forward * normalCdf(d1) - strike * normalCdf(d2)
    : strike * normalCdf(-d2) - forward * normalCdf(-d1)
}

/** What the value gains when the forward gains one: 0 to 1 for a call, -1 to 0 for a put. */
export function delta(terms: Terms, volatility: number): number {
  const d1 = d1Of(terms, volatility)
  return terms.right === 'call' ? normalCdf(d1) : -normalCdf(-d1)
}

export interface Implied {
  /** A year, to six digits after the point. */
  readonly volatility: number
  /** What is left between the value at that volatility and the price, in the price's unit, to two digits. */
  readonly residual: number
}

const LOWEST = 0.001, HIGHEST = 20
const STEPS = 200

/**
 * The volatility at which the value is `price` (undiscounted), by bisection: it rises with the volatility. Undefined where no volatility
 * from 0.1 % to 2000 % gives it: a price under what exercise would give, say.
 */
export function impliedVolatility(price: number, terms: Terms): Implied | undefined {
  const { forward, strike, years } = terms
  if (!(forward > 0 && strike > 0 && years > 0 && price > 0)) return undefined
  let low = LOWEST, high = HIGHEST
  if (!(value(terms, low) < price && price < value(terms, high))) return undefined
  for (let step = 0; step < STEPS && high - low > 1e-10; step++) {
    const middle = (low + high) / 2
    if (value(terms, middle) < price) low = middle
    else high = middle
  }
  const volatility = Math.round(((low + high) / 2) * 1e6) / 1e6
  const residual = Number((value(terms, volatility) - price).toPrecision(2))
  return { volatility, residual }
}
