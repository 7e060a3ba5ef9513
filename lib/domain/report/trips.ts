/** Fills as round trips: from the first purchase of a subject to the sale that leaves none. */
import type { Fill } from '#record'
import { divRound, mulRound, parseFixed, toNumber } from '../money/decimal.ts'
import type { Fixed } from '../money/money.ts'

export interface Trip {
  readonly vault: string
  readonly subject: string
  readonly currency: string
  /** In the order of the log, at least one. */
  readonly fills: readonly Fill[]
  readonly first: Fill
  readonly last: Fill
  readonly direction: 'up' | 'down'
  readonly enteredAt: string
  /** Undefined while something is still held. */
  readonly leftAt: string | undefined
  /** All that was ever taken on, and what it cost without fees. */
  readonly quantity: Fixed
  readonly cost: Fixed
  /** Averages over the fills. */
  readonly entryPrice: Fixed
  readonly exitPrice: Fixed | undefined
  /** What came back so far, without fees. */
  readonly returned: Fixed
  readonly fees: Fixed
  /** After fees; undefined while something is still held. */
  readonly result: Fixed | undefined
  /** The result as a fraction of what was paid. */
  readonly resultRatio: number | undefined
  readonly band: string | undefined
}

interface Leg {
  quantity: Fixed
  notional: Fixed
}
interface OpenTrip {
  readonly first: Fill
  readonly fills: Fill[]
  readonly entry: Leg
  readonly exit: Leg
  fees: Fixed
  closed: boolean
}

/** In order of their first fills. A fill whose figures are no decimals of eight places is left out. */
export function tripsOf(fills: readonly Fill[]): Trip[] {
  const held = new Map<string, OpenTrip>()
  const all: OpenTrip[] = []
  for (const fill of fills) {
    const quantity = parseFixed(fill.quantity), price = parseFixed(fill.price), fee = parseFixed(fill.fee)
    if (quantity === undefined || price === undefined || fee === undefined || quantity <= 0n) continue
    const key = `${fill.vault} ${fill.subject}`
    let trip = held.get(key)
    if (trip === undefined) {
      const none = { quantity: 0n, notional: 0n }
      trip = { first: fill, fills: [], entry: { ...none }, exit: { ...none }, fees: 0n, closed: false }
      held.set(key, trip)
      all.push(trip)
    }
    const leg = fill.side === trip.first.side ? trip.entry : trip.exit
    leg.quantity += quantity
    leg.notional += mulRound(quantity, price)
    trip.fees += fee
    trip.fills.push(fill)
    if (trip.entry.quantity !== trip.exit.quantity) continue
    trip.closed = true
    held.delete(key)
  }
  return all.map(settled)
}

function settled({ first, fills, entry, exit, fees, closed }: OpenTrip): Trip {
  const direction = first.side === 'buy' ? 'up' : 'down'
  const gain = direction === 'up' ? exit.notional - entry.notional : entry.notional - exit.notional
  const last = fills.at(-1) ?? first
  const result = closed ? gain - fees : undefined
  return {
    vault: first.vault, subject: first.subject, currency: first.currency, fills, direction,
    first, last,
    enteredAt: first.at,
    leftAt: closed ? last.at : undefined,
    quantity: entry.quantity, cost: entry.notional,
    entryPrice: divRound(entry.notional, entry.quantity),
    exitPrice: exit.quantity === 0n ? undefined : divRound(exit.notional, exit.quantity),
    returned: exit.notional, fees, result,
    resultRatio: result === undefined || entry.notional === 0n ? undefined : toNumber(result) / toNumber(entry.notional),
    band: first.band,
  }
}

/** What a trip would come to if what is still held of it were worth `worth`. */
export function resultAt({ direction, cost, returned, fees }: Trip, worth: Fixed): Fixed {
  return (direction === 'up' ? returned + worth - cost : cost - returned - worth) - fees
}
