/**
 * Corporate actions as signals: `split`, `dividend`, `symbol_change`, `delisting`, `spin_off`, `merger`, `redemption`, `rights`. An action happens
 * at the open of the day on which it takes effect (for a dividend the ex date). Known is it from the end of the day on which it was declared, where
 * that is stated; else from when it took effect, since whoever trades then sees it; and at the latest from when it was heard.
 */
import { DAY_MS, parseMoment, type Millis, type Signal } from '#record'
import { newYorkMillis } from '#domain/market/session'
import { signalOf, type Facts } from '../signal.ts'
import { subjectOf } from './candle.ts'
import type { Sheet } from './sheet.ts'

export interface Action {
  readonly type: 'split' | 'dividend' | 'symbol_change' | 'delisting' | 'spin_off' | 'merger' | 'redemption' | 'rights'
  readonly service: string
  /** The service's own id; by symbol and day where it has none. */
  readonly id?: string | undefined
  /** Whose holders it befalls. */
  readonly symbol: string | undefined
  /** The day it takes effect, `2021-07-20`. */
  readonly day: string | undefined
  readonly declared?: string | undefined
  /** What of it the payload states. */
  readonly facts: Facts
}

/** A date of the calendar; undefined for anything else, an empty text or a stroke for none included. */
export function dateOf(text: string | undefined): string | undefined {
  const date = text?.slice(0, 10)
  return date !== undefined && parseMoment(date) !== undefined && date.length === 10 && date >= '1900-01-01' ? date : undefined
}

export function actionSignal(sheet: Sheet, place: string, action: Action): Signal | undefined {
  const { type, symbol } = action
  const day = dateOf(action.day)
  if (symbol === undefined || symbol === '') return void sheet.reject(place, `a ${type} that does not say of what`)
  if (!sheet.wants(symbol)) return undefined
  const effectMs = day === undefined ? undefined : newYorkMillis(day, 9, 30)
  if (day === undefined || effectMs === undefined) return void sheet.reject(place, `a ${type} without the day it takes effect`)
  const { sinceMs = -Infinity, untilMs = Infinity } = sheet.terms
  if (effectMs < sinceMs || effectMs >= untilMs) return undefined
  return toldAction({ ...action, symbol, day }, effectMs, sheet.payload.heardMs, sheet.by)
}

/** An action that has taken effect at a moment, or will, heard at another. */
export function toldAction(action: Action & { readonly symbol: string }, effectMs: Millis, heardMs: Millis, by: string): Signal {
  const { type, service, symbol, facts, day } = action, declared = dateOf(action.declared)
  return signalOf({
    type,
    key: `${service}:${type}:${action.id ?? `${symbol}:${day}`}`,
    source: `${service}/corporate_actions`,
    atMs: effectMs,
    knownMs: Math.min(heardMs, effectMs, endOf(declared)),
    subject: subjectOf(symbol),
    facts: { ...facts, day, declared },
  }, by)
}

const endOf = (date: string | undefined): Millis => (date === undefined ? Infinity : (newYorkMillis(date, 0, 0) ?? Infinity) + DAY_MS)

/** Two decimals as the smallest whole numbers of the same ratio, `20:1`; undefined where one is no plain decimal above zero. */
export function ratioOf(fresh: string | undefined, old: string | undefined): string | undefined {
  const a = wholeOf(fresh), b = wholeOf(old)
  if (a === undefined || b === undefined) return undefined
  const places = Math.max(a.places, b.places)
  const x = a.digits * BigInt(`1${'0'.repeat(places - a.places)}`), y = b.digits * BigInt(`1${'0'.repeat(places - b.places)}`)
  const divisor = gcd(x, y)
  return `${x / divisor}:${y / divisor}`
}

function wholeOf(text: string | undefined): { readonly digits: bigint; readonly places: number } | undefined {
  if (text === undefined || !/^\d+(\.\d+)?$/.test(text) || !/[1-9]/.test(text)) return undefined
  const [whole = '', fraction = ''] = text.split('.')
  return { digits: BigInt(whole + fraction), places: fraction.length }
}

const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? a : gcd(b, a % b))
