/**
 * JSON of exchanges, read from bytes: as {@link parseExact} gives it, but that the sides of books (`bids`, `b`, `as` ...) come as {@link Levels},
 * without a string for each of their numbers. That is where nearly all bytes of a feed are.
 */
import { Levels } from '#domain/market/levels'
import { exactDecimal, exactId, Numeral } from '../json_exact.ts'

export type Told = null | boolean | string | Numeral | Levels | readonly Told[] | ToldObject
export interface ToldObject {
  readonly [key: string]: Told | undefined
}

export function objectOf(value: Told | undefined): ToldObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Numeral) && !(value instanceof Levels)
    ? (value as ToldObject)
    : undefined
}
export const listOf = (value: Told | undefined): readonly Told[] | undefined => (Array.isArray(value) ? (value as readonly Told[]) : undefined)
export const stringOf = (value: Told | undefined): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

const plain = (value: Told | undefined): string | Numeral | undefined => (typeof value === 'string' || value instanceof Numeral ? value : undefined)
/** An id, a number or a string on the wire: its exact digits. */
export const idOf = (value: Told | undefined): string | undefined => exactId(plain(value))
/** Plain decimal text with every digit that was written. */
export const decimalOf = (value: Told | undefined): string | undefined => exactDecimal(plain(value))
/** A count, a sequence number or milliseconds; undefined where it is no whole number below 2^53. */
export function wholeOf(value: Told | undefined): number | undefined {
  const text = value instanceof Numeral ? value.text : value
  if (typeof text !== 'string' || !/^-?\d{1,16}$/.test(text)) return undefined
  const whole = Number(text)
  return Number.isSafeInteger(whole) ? whole : undefined
}
/** A measure without a unit. */
export function measureOf(value: Told | undefined): number | undefined {
  const text = decimalOf(value)
  return text === undefined ? undefined : Number(text)
}

/**
 * One side of a book: as it was read, or from a list of levels, each a list (price and size at the places given) or an object (by these
 * names). Undefined where it is no side, or one of its levels is none.
 */
export function levelsOf(value: Told | undefined, price: string | number = 0, size: string | number = 1): Levels | undefined {
  if (value instanceof Levels) return value
  const list = listOf(value)
  if (list === undefined) return undefined
  const levels = new Levels()
  for (const entry of list) {
    const fields = listOf(entry) ?? objectOf(entry)
    if (fields === undefined) return undefined
    if (!addLevel(levels, (fields as ToldObject)[price], (fields as ToldObject)[size])) return undefined
    const third = measureOf((fields as ToldObject)[2])
    if (third !== undefined && !(third <= levels.newest)) levels.newest = third
  }
  return levels
}

/** One level onto levels; false where it is none. */
export function addLevel(levels: Levels, price: Told | undefined, size: Told | undefined): boolean {
  const p = plain(price), s = plain(size)
  if (p === undefined || s === undefined) return false
  if (levels.addText(textIn(p), textIn(s))) return true
  // Exponents are rare.
  const long = exactDecimal(p), wide = exactDecimal(s)
  return long !== undefined && wide !== undefined && levels.addText(long, wide)
}
const textIn = (value: string | Numeral): string => (typeof value === 'string' ? value : value.text)
