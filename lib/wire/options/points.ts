/** The volatilities of one expiry: as stated; where none is, our own, from prices. */
import { DAY_MS, type Millis } from '#record'
import { sessionClose } from '#domain/market/session'
import { belongs, impliedPoints, type ImpliedPoint, type PricedContract } from '#domain/market/implied'
import type { VolatilityPoint } from '#domain/market/volatility'
import type { Standing } from './found.ts'

const YEAR_MS = 365 * DAY_MS

export interface How {
  readonly iv_how: 'stated' | 'black76'
  readonly rate?: number
  readonly forward?: number
  readonly underlying_price?: number
  /** So many contracts state a volatility that cannot be that of the price they state beside it. */
  readonly left_out?: number
}

export interface Points {
  readonly points: readonly (VolatilityPoint | ImpliedPoint)[]
  /** Price of the underlying, or its forward where the volatilities rest on one. */
  readonly price: number | undefined
  /** How the volatilities came about, as facts. */
  readonly how: How
}

/** `standings` are those of one expiry. */
export function pointsOf(standings: readonly Standing[], expiry: string, atMs: Millis, rate: number): Points {
  const told = standings.map(({ underlying }) => underlying).find((price) => price !== undefined)
  const price = told === undefined ? undefined : Number(told)
  const closeMs = standings[0]?.expiresMs ?? sessionClose(expiry) ?? atMs, years = (closeMs - atMs) / YEAR_MS
  const withIv = standings.filter(({ iv }) => iv !== undefined)
  if (withIv.length > 0) {
    const points = withIv.filter((standing) => isCoherent(standing, price, years)).flatMap(({ contract, iv, delta }) => (
      iv === undefined ? [] : [{ ...placeOf(contract), iv, delta }]))
    const left = withIv.length - points.length
    return { points, price, how: { iv_how: 'stated', ...(price !== undefined && { underlying_price: price }), ...(left > 0 && { left_out: left }) } }
  }
  const forward = standings.some(({ isForward }) => isForward === true) ? price : undefined
  const implied = impliedPoints(standings.flatMap(priced), { years, rate, forward })
  if (implied === undefined) return { points: [], price, how: { iv_how: 'black76', rate } }
  return { points: implied.points, price: implied.forward, how: { iv_how: 'black76', rate, forward: implied.forward } }
}

const placeOf = ({ symbol, right, strike }: Standing['contract']) => ({ contract: symbol, right, strike: Number(strike) })

/** Whether the stated volatility can be that of the contract's own price, as far as both and the underlying's are known. */
function isCoherent(standing: Standing, underlying: number | undefined, years: number): boolean {
  const price = priceOf(standing), { contract, iv } = standing
  if (iv === undefined || price === undefined || underlying === undefined || !(underlying > 0 && years > 0)) return true
  return belongs(iv, price, { forward: underlying, strike: Number(contract.strike), years, right: contract.right })
}

/** The service's own fair price, or the middle of a quote with two sides, or the close of the day. */
function priceOf({ bid, ask, mark, facts }: Standing): number | undefined {
  const low = Number(bid ?? NaN), high = Number(ask ?? NaN)
  const price = mark !== undefined ? Number(mark) : low > 0 && high >= low ? (low + high) / 2 : Number(facts['close'] ?? NaN)
  return price > 0 ? price : undefined
}

function priced(standing: Standing): PricedContract[] {
  const price = priceOf(standing)
  return price === undefined ? [] : [{ ...placeOf(standing.contract), price }]
}
