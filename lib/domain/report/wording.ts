/**
 * Figures and moments in words. Written by hand instead of with `Intl`, whose output changes with the engine: the same record
 * gives the same page, byte for byte. What is not known is said to be so, never shown as zero.
 */
import { parseInstant } from '#record'
import { formatFixed, ONE, roundPlaces } from '../money/decimal.ts'

import type { Fixed } from '../money/money.ts'

export const UNKNOWN = 'not known'
const MINUS = '\u2212'
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const LONG_MONTHS = [
  'January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December',
]
const SYMBOLS: Readonly<Record<string, string>> = { USD: '$', EUR: '€', GBP: '£' }

const grouped = (digits: string): string => digits.replace(/\B(?=(?:\d{3})+(?!\d))/g, ',')
/** -0.04 to one decimal is 0.0, without a sign. */
const isNought = (digits: string): boolean => !/[1-9]/.test(digits)
function signed(digits: string, isNegative: boolean, plus: boolean): string {
  if (isNought(digits)) return digits
  return (isNegative ? MINUS : plus ? '+' : '') + digits
}

/** `1,234`. */
export const count = (value: number | undefined): string =>
  value === undefined ? UNKNOWN : signed(grouped(String(Math.abs(Math.round(value)))), value < 0, false)

/** `1 trade`, `12 trades`. */
export const counted = (value: number, noun: string, nouns = `${noun}s`): string =>
  `${count(value)} ${value === 1 ? noun : nouns}`

/** A decimal number with a real minus sign. */
export function decimal(value: number | undefined, digits: number, plus = false): string {
  if (value === undefined) return UNKNOWN
  const [whole = '0', fraction] = Math.abs(value).toFixed(digits).split('.')
  return signed(fraction === undefined ? grouped(whole) : `${grouped(whole)}.${fraction}`, value < 0, plus)
}

/** A fraction as a change: 0.034 is `+3.4%`. */
export const change = (fraction: number | undefined, digits = 1): string =>
  fraction === undefined ? UNKNOWN : `${decimal(fraction * 100, digits, true)}%`

/** A fraction as a share: 0.534 is `53.4%`. */
export const share = (fraction: number | undefined, digits = 1): string =>
  fraction === undefined ? UNKNOWN : `${decimal(fraction * 100, digits)}%`

/** An amount of money to the cent, `$1,234.50`; with `plus`, gains carry a sign. `places` 0 rounds to whole units. */
export function money(amount: Fixed | undefined, currency: string, plus = false, places = 2): string {
  if (amount === undefined) return UNKNOWN
  const rounded = roundPlaces(amount, places)
  const text = formatFixed(rounded < 0n ? -rounded : rounded)
  const [whole = '0', fraction = ''] = text.split('.')
  const digits = places === 0 ? grouped(whole) : `${grouped(whole)}.${fraction.padEnd(places, '0')}`
  const sign = rounded < 0n ? MINUS : plus && rounded > 0n ? '+' : ''
  const symbol = SYMBOLS[currency]
  return symbol === undefined ? `${sign}${digits} ${currency}` : `${sign}${symbol}${digits}`
}

/** A price to the cent, or to four decimals where it is below one. */
export function price(amount: Fixed, currency: string): string {
  return money(amount, currency, false, amount < ONE ? 4 : 2)
}

/** A quantity with the decimals it has: `1,200`, `0.015`. */
export function quantity(amount: Fixed): string {
  const [whole = '0', fraction] = formatFixed(amount < 0n ? -amount : amount).split('.')
  return (amount < 0n ? MINUS : '') + grouped(whole) + (fraction === undefined ? '' : `.${fraction}`)
}

/** A whole number of the currency as fixed point, for amounts that were only given as a number. */
export const fixedOfNumber = (value: number): Fixed => BigInt(Math.round(value * 1e6)) * (ONE / 1_000_000n)

/** `14 Jan 2021` from an instant or a day; the text itself where it is neither. */
export function day(text: string): string {
  const match = /^(\d{4})-(\d\d)-(\d\d)/.exec(text)
  const month = MONTHS[Number(match?.[2]) - 1]
  return match === null || month === undefined ? text : `${Number(match[3])} ${month} ${match[1]}`
}

/** `14 January 2021`. */
export function longDay(text: string): string {
  const match = /^(\d{4})-(\d\d)-(\d\d)/.exec(text)
  const month = LONG_MONTHS[Number(match?.[2]) - 1]
  return match === null || month === undefined ? text : `${Number(match[3])} ${month} ${match[1]}`
}

/** `14 Jan`, for axes and lists where the year is clear. */
export const dayAndMonth = (text: string): string => day(text).replace(/ \d{4}$/, '')

/** `Jan 2021`. */
export const monthAndYear = (text: string): string => day(text).replace(/^\d+ /, '')

/** `14 Jan 2021, 14:30`. */
export const minute = (instant: string): string =>
  parseInstant(instant) === undefined ? instant : `${day(instant)}, ${instant.slice(11, 16)}`

/** `3 days`, `5 hours`: the length of a stay, to the largest whole unit. */
export function stay(ms: number): string {
  const hours = Math.round(ms / 3_600_000)
  if (hours < 1) return counted(Math.max(1, Math.round(ms / 60_000)), 'minute')
  return hours < 24 ? counted(hours, 'hour') : counted(Math.round(hours / 24), 'day')
}

const UNITS: Readonly<Record<string, string>> = { m: 'minute', h: 'hour', d: 'day', w: 'week' }

/** `5d` is `5 days`; the text itself where it is no duration. */
export function horizonText(text: string): string {
  const match = /^(\d+)([mhdw])$/.exec(text)
  const unit = UNITS[match?.[2] ?? '']
  return unit === undefined ? text : counted(Number(match?.[1]), unit)
}

/** 1 is `1st`. */
export function ordinal(value: number): string {
  const teens = value % 100 > 10 && value % 100 < 14
  return `${value}${teens ? 'th' : (['th', 'st', 'nd', 'rd'][value % 10] ?? 'th')}`
}

/** `ticker:GME` is spoken of as GME; other namespaces keep theirs. */
export const subjectName = (subject: string): string => (subject.startsWith('ticker:') ? subject.slice('ticker:'.length) : subject)

/** Enough of an id to find the record by: `vanta-audit lineage` takes any unique beginning. */
export const shortId = (id: string): string => id.slice(0, 12)

/** `a`, `a and b`, `a, b and c`. */
export function list(names: readonly string[]): string {
  if (names.length < 2) return names[0] ?? ''
  return `${names.slice(0, -1).join(', ')} and ${names[names.length - 1] ?? ''}`
}
