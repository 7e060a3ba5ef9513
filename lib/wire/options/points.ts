/** The volatilities of one expiry: as stated; where none is, our own, from prices. */
import { DAY_MS, type Millis } from '#record'
import { sessionClose } from '#domain/market/session'
import { impliedPoints, type ImpliedPoint, type PricedContract } from '#domain/market/implied'
import type { VolatilityPoint } from '#domain/market/volatility'
import type { Standing } from './found.ts'

const YEAR_MS = 365 * DAY_MS

export interface Points {
  readonly points: readonly (VolatilityPoint | ImpliedPoint)[]
  /** Price of the underlying, or its forward where the volatilities rest on one. */
  readonly price: number | undefined
  /** How the volatilities came about, as facts. */
  readonly how: { readonly iv_how: 'stated' | 'black76'; readonly rate?: number; readonly forward?: number; readonly underlying_price?: number }
}

/** `standings` are those of one expiry. */
export function pointsOf(standings: readonly Standing[], expiry: string, atMs: Millis, rate: number): Points {
  const told = standings.map(({ underlying }) => underlying).find((price) => price !== undefined)
  const price = told === undefined ? undefined : Number(told)
  const points = standings.flatMap(({ contract, iv, delta }) => (iv === undefined ? [] : [{ ...placeOf(contract), iv, delta }]))
  if (points.length > 0) return { points, price, how: { iv_how: 'stated', ...(price !== undefined && { underlying_price: price }) } }
  const forward = standings.some(({ isForward }) => isForward === true) ? price : undefined
  const closeMs = standings[0]?.expiresMs ?? sessionClose(expiry) ?? atMs
  const implied = impliedPoints(standings.flatMap(priced), { years: (closeMs - atMs) / YEAR_MS, rate, forward })
  if (implied === undefined) return { points: [], price, how: { iv_how: 'black76', rate } }
  return { points: implied.points, price: implied.forward, how: { iv_how: 'black76', rate, forward: implied.forward } }
}

const placeOf = ({ symbol, right, strike }: Standing['contract']) => ({ contract: symbol, right, strike: Number(strike) })

/** The service's own fair price, or the middle of a quote with two sides. */
function priced({ contract, bid, ask, mark }: Standing): PricedContract[] {
  const low = Number(bid ?? NaN), high = Number(ask ?? NaN)
  const price = mark !== undefined ? Number(mark) : low > 0 && high >= low ? (low + high) / 2 : NaN
  return price > 0 ? [{ ...placeOf(contract), price }] : []
}
