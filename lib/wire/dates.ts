/**
 * Dates as the world writes them, never by the machine's own time zone: ISO 8601 and W3CDTF, RFC 822/2822 and what passes for it
 * (two-digit years, no seconds, names of zones and of foreign months), RFC 850, asctime, `January 26, 2004 4:31 PM EST`.
 */
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, type Millis } from '#record'
import { epochDay, newYorkInstant } from '#domain/market/session'

export interface Moment {
  readonly ms: Millis
  /** Whether the zone was stated and is known; where not, `ms` reads the clock as UTC. */
  readonly zoned: boolean
  /** The finest part that was stated: of a date without a time, `ms` is its first moment. */
  readonly unit: 'second' | 'minute' | 'day' | 'month' | 'year'
}

/** What of a date was stated. */
interface Parts {
  year: number
  month?: number | undefined
  day?: number | undefined
  hour?: number | undefined
  minute?: number | undefined
  second?: number | undefined
  fraction?: string | undefined
  zone?: string | undefined
}

/** Longest text that is looked at. */
const LONGEST = 80

/** Undefined where the text is no date of the calendar, or could be read as two (`01/02/2004`). */
export function readMoment(text: string): Moment | undefined {
  const trimmed = text.trim()
  if (trimmed === '' || trimmed.length > LONGEST) return undefined
  const parts = isoParts(trimmed) ?? spokenParts(trimmed)
  return parts === undefined ? undefined : momentOf(parts)
}

/** The instant alone, clocks without a zone read as UTC. */
export const readMillis = (text: string): Millis | undefined => readMoment(text)?.ms

/** Digits of an instant in seconds, milli-, micro- or nanoseconds since 1970, told by their number; from 2001-09 on. */
export function readEpoch(digits: string): Millis | undefined {
  const match = /^(\d{10})(?:\.(\d+))?$|^(\d{13})(?:\d{3}|\d{6})?$/.exec(digits)
  if (match === null) return undefined
  return match[3] === undefined ? Number(match[1]) * SECOND_MS + Number((match[2] ?? '').slice(0, 3).padEnd(3, '0')) : Number(match[3])
}

const ISO = new RegExp(
  String.raw`^(\d{4})(?:-(\d\d)(?:-(\d\d))?|(\d\d)(\d\d))?` +
  String.raw`(?:(?:T|\s+)(\d\d):?(\d\d)(?::?(\d\d)(?:[.,](\d+))?)?)?\s*(Z|[+-]\d\d(?::?\d\d)?|[A-Za-z]{2,5})?$`, 'i')

function isoParts(text: string): Parts | undefined {
  const match = ISO.exec(text)
  if (match === null) return undefined
  const [, year, month = match[4], day = match[5], , , hour, minute, second, fraction, zone] = match
  return {
    year: Number(year), month: numeric(month), day: numeric(day),
    hour: numeric(hour), minute: numeric(minute), second: numeric(second), fraction, zone,
  }
}

const numeric = (digits: string | undefined): number | undefined => (digits === undefined ? undefined : Number(digits))

const TOKEN = /\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?|[+-]\d\d:?\d\d\b|\d+|[\p{L}\p{M}.]+/gu

/** Dates in words, one token after another: day and month in either order, then the year, the time, the zone. */
function spokenParts(text: string): Parts | undefined {
  const plain = text.replace(/\([^()]*\)/g, ' ').replace(/(\d)-(\p{L}{3,})-(\d)/u, '$1 $2 $3').replace(/(\d)(?:st|nd|rd|th)\b/gi, '$1')
    .replace(/\b(?:GMT|UTC)(?=[+-]\d)/i, '')
  const found: Found = {}
  let isFirst = true
  for (const [token] of plain.matchAll(TOKEN)) {
    if (!take(token, isFirst, found)) return undefined
    isFirst = false
  }
  return found.year === undefined || found.month === undefined || found.day === undefined ? undefined : { ...found, year: found.year }
}

interface Found extends Partial<Parts> {
  /** The month was the first word: or else a weekday, such as `mar` in French, if another month comes. */
  monthFirst?: boolean
}

function take(token: string, isFirst: boolean, found: Found): boolean {
  if (/^\d+$/.test(token)) return takeNumber(token, found)
  if (token.includes(':') && /^\d/.test(token)) {
    const [hour, minute, second, fraction] = token.split(/[:.,]/)
    return takeTime(found, { hour: numeric(hour), minute: numeric(minute), second: numeric(second), fraction })
  }
  if (/^[+-]/.test(token)) return takeZone(found, token)
  const word = token.normalize('NFD').replace(/[\p{M}.]/gu, '').toLowerCase()
  if (word === 'am' || word === 'pm') return takeHalf(found, word)
  if (word === 'de' || word === 'at' || word === 'of') return true
  const month = monthOf(word)
  if (month !== undefined && (found.month === undefined || found.monthFirst === true)) {
    found.month = month
    found.monthFirst = isFirst
    return true
  }
  // A first word is the day of the week, in whatever language; a last one the zone.
  return isFirst || (found.hour !== undefined && takeZone(found, token))
}

function takeNumber(digits: string, found: Found): boolean {
  const value = Number(digits)
  if (found.day === undefined && digits.length <= 2) found.day = value
  else if (found.year === undefined && digits.length === 2) found.year = value + (value < 50 ? 2000 : 1900)
  else if (found.year === undefined && digits.length === 4) found.year = value
  else if (digits.length === 4) return takeTime(found, { hour: Math.floor(value / 100), minute: value % 100 })
  else return false
  return true
}

function takeTime(found: Found, time: Partial<Parts>): boolean {
  if (found.hour !== undefined) return false
  Object.assign(found, time)
  return true
}

function takeHalf(found: Found, half: 'am' | 'pm'): boolean {
  const { hour } = found
  if (hour === undefined || hour < 1 || hour > 12) return false
  found.hour = (hour % 12) + (half === 'pm' ? 12 : 0)
  return true
}

function takeZone(found: Found, zone: string): boolean {
  if (found.zone !== undefined) return false
  found.zone = zone
  return true
}

/** First letters of the months in English, French, German, Italian, Portuguese and Spanish, accents taken off. */
const MONTHS: readonly RegExp[] = [
  /^(jan|ene|gen)/, /^(feb|fev)/, /^(mar|mrz)/, /^(apr|abr|avr)/, /^(may|mai|mag)/, /^(jun|juin|giu)/, /^(jul|juil|lug)/, /^(aug|ago|aou)/,
  /^(sep|set)/, /^(oct|okt|out|ott)/, /^nov/, /^(dec|dez|dic)/,
]

function monthOf(word: string): number | undefined {
  const index = MONTHS.findIndex((starts) => starts.test(word))
  return index < 0 ? undefined : index + 1
}

/** Zones by name, in minutes before or after UTC. Names that mean several (IST, military letters) are not known. */
const ZONES: Readonly<Record<string, number>> = {
  z: 0, ut: 0, utc: 0, gmt: 0, wet: 0, west: 60, bst: 60, cet: 60, met: 60, cest: 120, mest: 120, eet: 120, eest: 180, msk: 180,
  hkt: 480, sgt: 480, awst: 480, jst: 540, kst: 540, aest: 600, aedt: 660, nzst: 720, nzdt: 780,
  est: -300, edt: -240, cst: -360, cdt: -300, mst: -420, mdt: -360, pst: -480, pdt: -420, akst: -540, akdt: -480, hst: -600,
}

function zoneMinutes(zone: string): number | undefined {
  const match = /^([+-])(\d\d):?(\d\d)?$/.exec(zone)
  if (match === null) return Object.hasOwn(ZONES, zone.toLowerCase()) ? ZONES[zone.toLowerCase()] : undefined
  const minutes = Number(match[2]) * 60 + Number(match[3] ?? 0)
  return minutes > 24 * 60 ? undefined : match[1] === '-' ? -minutes : minutes
}

const DAYS_IN_MONTH = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

function momentOf(stated: Parts): Moment | undefined {
  const { year, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = stated
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  if (day < 1 || day > (DAYS_IN_MONTH[month - 1] ?? 0) || (month === 2 && day === 29 && !isLeap)) return undefined
  if (minute > 59 || second > 60 || hour > 24 || (hour === 24 && minute + second > 0)) return undefined
  const fractionMs = Number((stated.fraction ?? '').slice(0, 3).padEnd(3, '0'))
  // A leap second is the last moment of its minute.
  const timeMs = hour * HOUR_MS + minute * MINUTE_MS + (second === 60 ? MINUTE_MS - 1 : second * SECOND_MS + fractionMs)
  const dayNumber = epochDay(year, month, day)
  const unit = unitOf(stated)
  // Eastern time without saying which: New York's clock.
  if (stated.zone?.toLowerCase() === 'et' && year >= 1970) return { ms: newYorkInstant(year, dayNumber, timeMs), zoned: true, unit }
  const offset = stated.zone === undefined ? undefined : zoneMinutes(stated.zone)
  return { ms: dayNumber * DAY_MS + timeMs - (offset ?? 0) * MINUTE_MS, zoned: offset !== undefined, unit }
}

function unitOf({ month, day, hour, second }: Parts): Moment['unit'] {
  if (second !== undefined) return 'second'
  return hour !== undefined ? 'minute' : day !== undefined ? 'day' : month !== undefined ? 'month' : 'year'
}
