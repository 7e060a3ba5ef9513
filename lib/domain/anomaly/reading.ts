/** Values and times of rows of any kind. */
import { parseMoment, SECOND_MS, type Json, type Millis } from '#record'

type Row = { readonly [field: string]: Json | undefined }

/** The field of that name, or, where there is none, what its parts between points lead to. */
export function fieldOf(row: Row, path: string): Json | undefined {
  const whole = row[path]
  if (whole !== undefined || !path.includes('.')) return whole
  let inner: Json | undefined = row
  for (const part of path.split('.')) {
    if (typeof inner !== 'object' || inner === null) return undefined
    inner = (inner as Row)[part]
  }
  return inner
}

/** A value that was not read, as rows say it; an array lacks its value where any of it does. */
export const isMissing = (value: Json | undefined): boolean => (Array.isArray(value) ? value.some(isAbsent) : isAbsent(value))
const isAbsent = (value: Json | undefined): boolean => value === null || value === '' || value === 'NaN'

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/

/** A number, or the text of one; NaN where it is neither. */
const numberOf = (value: Json | undefined): number => {
  const number = typeof value === 'number' ? value : typeof value === 'string' && NUMBER.test(value) ? Number(value) : NaN
  return Number.isFinite(number) ? number : NaN
}

/** One number, its text, or an array of them. */
export function numbersOf(value: Json | undefined): { readonly numbers: Float64Array } | { readonly fault: string } {
  if (value === undefined) return { fault: 'missing' }
  const list: readonly (Json | undefined)[] = Array.isArray(value) ? (value as readonly Json[]) : [value as Json]
  const numbers = Float64Array.from(list, numberOf)
  if (numbers.length > 0 && !numbers.some(Number.isNaN)) return { numbers }
  const text = JSON.stringify(value)
  return { fault: `expected a number or an array of numbers, got ${text.length > 40 ? `${text.slice(0, 40)}...` : text}` }
}

/** Beyond this a number of seconds since 1970 would be in the year 5138: it is milliseconds. */
const MOST_SECONDS = 1e11
const SPACED = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d(?:\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?$/

/** Seconds or milliseconds since 1970, or an ISO 8601 date or time, in UTC where it names no zone; undefined where it is no such thing. */
export function momentOf(value: Json | undefined): Millis | undefined {
  if (typeof value === 'number') return Math.abs(value) < MOST_SECONDS ? value * SECOND_MS : value
  if (typeof value !== 'string') return undefined
  const whole = parseMoment(value)
  if (whole !== undefined) return whole
  const [, date, minute, second = ':00', zone = 'Z'] = SPACED.exec(value) ?? []
  if (date === undefined || minute === undefined) return undefined
  const atMs = parseMoment(`${date}T${minute}${second}Z`)
  return atMs === undefined || zone === 'Z' ? atMs : atMs - offsetMs(zone)
}

const offsetMs = (zone: string): Millis =>
  (zone.startsWith('-') ? -1 : 1) * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2))) * 60 * SECOND_MS
