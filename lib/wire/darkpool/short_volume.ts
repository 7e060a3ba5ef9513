/** Short sales of a day or a settlement period: one shape for all who tell them. */
import { HOUR_MS, type Millis, type Signal } from '#record'
import { divRound, parseFixed, toNumber } from '#domain/money/decimal'
import { newYorkMillis, sessionClose } from '#domain/market/session'
import { happened, type Facts } from '../signal.ts'

export interface ShortVolume {
  /** `finra`, `regsho` ... */
  readonly service: string
  /** `ticker:XRT`; undefined where it is not told whose sales these are. */
  readonly subject: string | undefined
  /** More of the key than service, subject and date, such as a venue. */
  readonly of?: string | undefined
  readonly date: string
  /** Exact text: volumes have had fractions since fractional shares are traded. */
  readonly short: string
  readonly exempt: string | undefined
  readonly total: string
  readonly facts?: Facts
}

/** FINRA posts the day's files by six in the evening, New York. */
const POSTED_HOUR = 18

export interface Heard {
  readonly heardMs: Millis
  readonly by: string
}

/** The signal, or what is wrong with the numbers. Whatever was heard before the hour of posting was known by then. */
export function shortVolumeSignal(
  { service, subject, of, date, short, exempt, total, facts = {} }: ShortVolume, { heardMs, by }: Heard,
): Signal | string {
  const atMs = sessionClose(date), postedMs = newYorkMillis(date, POSTED_HOUR, 0)
  const shares = parseFixed(short), all = parseFixed(total)
  if (atMs === undefined || postedMs === undefined) return 'it has no date'
  if (atMs > heardMs + 24 * HOUR_MS) return 'its date is to come'
  if (shares === undefined || all === undefined || shares < 0n || all < 0n) return 'it lacks a short or a total volume'
  if (shares > all) return 'more was sold short than sold'
  const ratio = all === 0n ? undefined : Math.round(toNumber(divRound(shares, all)) * 1e6) / 1e6
  return happened({
    atMs, knownMs: Math.max(atMs, Math.min(heardMs, postedMs)), source: `${service}/short_volume`, type: 'short_volume',
    key: [service, 'short', subject?.replace(/^ticker:/, '') ?? '', date, ...(of === undefined ? [] : [of])].join(':'), subject,
    facts: { date, short_volume: short, short_exempt_volume: exempt, total_volume: total, short_ratio: ratio, ...facts },
  }, by)
}
