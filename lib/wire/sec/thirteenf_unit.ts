/**
 * In which unit the values of a 13F are: thousands of USD on filings before 2023-01-03, whole USD since (SEC release 34-95148). Not all
 * filers kept to it, on either side of the day; the price a share that a whole table gives tells where they did not.
 */
import type { Millis } from '#record'
import { newYorkMillis } from '#domain/market/session'

export interface ValueUnit {
  readonly unit: 'USD' | 'thousands'
  /** What told it: the day of filing, or the prices where they contradict it. */
  readonly by: 'date' | 'price'
}

const WHOLE_USD_MS = newYorkMillis('2023-01-03', 0, 0) ?? 0

/** So many holdings of shares must agree before prices are believed over the date: a few can all be penny stocks. */
const ENOUGH = 5
/** A median value a share below this is no table of listed shares in USD: it is in thousands. */
const TOO_LOW = 0.5
/** A median above this many thousands of USD a share is no table in thousands. */
const TOO_HIGH = 10

interface Valued {
  readonly value?: string | undefined
  readonly amount?: string | undefined
}

/** What the prices a share say by themselves; undefined where they are too few, or could be either. `shares` are no options; values as filed. */
export function unitByPrice(shares: readonly Valued[]): ValueUnit['unit'] | undefined {
  const prices = shares.map(({ value, amount }) => Number(value) / Number(amount)).filter((price) => price > 0 && price < Infinity)
  const median = prices.length < ENOUGH ? undefined : prices.sort((a, b) => a - b)[prices.length >> 1]
  if (median === undefined) return undefined
  return median < TOO_LOW ? 'thousands' : median > TOO_HIGH ? 'USD' : undefined
}

/** By the day of filing, unless the prices contradict it. */
export function valueUnit(shares: readonly Valued[], filedMs: Millis): ValueUnit {
  const dated = filedMs < WHOLE_USD_MS ? 'thousands' : 'USD'
  const priced = unitByPrice(shares)
  return priced === undefined || priced === dated ? { unit: dated, by: 'date' } : { unit: priced, by: 'price' }
}

/** Thousands to USD: the point three places on, exactly. */
export function usdOf(value: string, unit: ValueUnit['unit']): string {
  if (unit === 'USD') return value
  const [whole = '0', fraction = ''] = value.split('.')
  const digits = `${whole}${fraction.padEnd(3, '0').slice(0, 3)}`.replace(/^(-?)0+(?=\d)/, '$1')
  const rest = fraction.slice(3)
  return rest === '' ? digits : `${digits}.${rest}`
}
