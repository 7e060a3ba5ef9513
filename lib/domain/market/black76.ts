/**
 * Options on a forward after Black (1976), undiscounted: what a European option is worth at expiry's money. With a forward from put-call
 * parity it is Black-Scholes, dividends included. Only `exp`, `log` and `sqrt` are used, and results are rounded by their users, so that
 * every engine gives the same bytes.
 */
import type { Right } from './option_symbol.ts'

/** Tails beyond this are below the smallest double. */
const FARTHEST = 37
/** Where Hart's rational function hands over to a continued fraction. */
const TAIL_FROM = 7.07106781186547
const NUMERATOR = [0.0352624965998911, 0.700383064443688, 6.37396220353165, 33.912866078383, 112.079291497871, 221.213596169931, 220.206867912376]
const DENOMINATOR = [
  0.0883883476483184, 1.75566716318264, 16.064177579207, 86.7807322029461, 296.564248779674, 637.333633378831, 793.826512519948,
  440.413735824752,
]
const SQRT_2PI = 2.5066282746310002

const polynomial = (coefficients: readonly number[], x: number): number => coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0)

/** The standard normal distribution function, to 15 digits after the point (Hart 1968, algorithm 5666, as West 2005 gives it). */
export function normalCdf(x: number): number {
  const size = Math.abs(x)
  const lower = size > FARTHEST ? 0 : size < TAIL_FROM
    ? (Math.exp(-size * size / 2) * polynomial(NUMERATOR, size)) / polynomial(DENOMINATOR, size)
    : Math.exp(-size * size / 2) / ((size + 1 / (size + 2 / (size + 3 / (size + 4 / (size + 0.65))))) * SQRT_2PI)
  return x > 0 ? 1 - lower : lower
}

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
