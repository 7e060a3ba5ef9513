/** What a venue says, read with the digits that it sent, each field checked where it is taken out. */
import { parseFixed } from '#domain/money/decimal'
import type { Cents, Fixed } from '#domain/money/money'
import { withTextNumbers } from '../ccxt/numbers.ts'

/** An answer that is not what the venue's documents say it is: nothing may be concluded from it. */
export class Unreadable extends Error {}

export type Field = { readonly [name: string]: unknown }

/** JSON, its numbers as the text that was sent: none loses a digit on its way through a double. Throws Unreadable. */
export function readJson(text: string): unknown {
  try {
    return withTextNumbers(text, '')
  } catch {
    throw new Unreadable(`no JSON: ${JSON.stringify(text.slice(0, 80))}`)
  }
}

export const isField = (value: unknown): value is Field => typeof value === 'object' && value !== null && !Array.isArray(value)

export function fieldOf(value: unknown, what: string): Field {
  if (isField(value)) return value
  throw new Unreadable(`${what}: expected an object`)
}

export function listOf(value: unknown, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw new Unreadable(`${what}: expected a list`)
}

/** Text that is there and not empty. */
export function textAt(field: Field, name: string): string {
  const value = field[name]
  if (typeof value === 'string' && value !== '') return value
  throw new Unreadable(`${name}: expected text`)
}

/** Undefined where it is absent, null or empty. */
export const textIn = (field: Field, name: string): string | undefined => {
  const value = field[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** Plain decimal text of what may be written as `1e-7` or `+1`; undefined where it is no number. */
export function plainDecimal(text: string): string | undefined {
  const [, sign = '', whole = '', fraction = '', power = '0'] = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/.exec(text.trim()) ?? []
  if (whole === '' && fraction === '') return undefined
  const digits = whole + fraction, point = whole.length + Number(power)
  const padded = point <= 0 ? '0'.repeat(1 - point) + digits : digits.padEnd(point, '0')
  const at = Math.max(point, 1)
  const rest = padded.slice(at)
  return `${sign === '-' ? '-' : ''}${padded.slice(0, at)}${rest === '' ? '' : `.${rest}`}`
}

const PLACES = 8

/** To 10^-8, digits beyond it dropped: towards `down` or `up`. Undefined where it is no number. */
export function fixedFrom(text: string, towards: 'down' | 'up' = 'down'): Fixed | undefined {
  const plain = plainDecimal(text)
  if (plain === undefined) return undefined
  const point = plain.indexOf('.')
  const kept = point < 0 ? plain : plain.slice(0, point + 1 + PLACES)
  const fixed = parseFixed(kept.endsWith('.') ? kept.slice(0, -1) : kept)
  if (fixed === undefined || point < 0 || !/[1-9]/.test(plain.slice(point + 1 + PLACES))) return fixed
  const below = plain.startsWith('-')
  if (towards === 'down') return below ? fixed - 1n : fixed
  return below ? fixed : fixed + 1n
}

/** A number that must be there, at most 8 decimals kept, the rest dropped. */
export function fixedAt(field: Field, name: string, towards: 'down' | 'up' = 'down'): Fixed {
  const value = field[name]
  const fixed = typeof value === 'string' ? fixedFrom(value, towards) : undefined
  if (fixed === undefined) throw new Unreadable(`${name}: expected a number, got ${JSON.stringify(value)?.slice(0, 40) ?? 'nothing'}`)
  return fixed
}

const FIXED_PER_CENT = 1_000_000n
/** Cents, fractions of one dropped: never more than there is. */
export function centsAt(field: Field, name: string): Cents {
  const fixed = fixedAt(field, name)
  const cents = fixed / FIXED_PER_CENT
  return fixed < 0n && fixed % FIXED_PER_CENT !== 0n ? cents - 1n : cents
}
/** A charge in cents, fractions of one rounded up. */
export const chargeOf = (fixed: Fixed): Cents => (fixed > 0n ? (fixed + FIXED_PER_CENT - 1n) / FIXED_PER_CENT : fixed / FIXED_PER_CENT)
