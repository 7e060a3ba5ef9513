/** What an answer says of when to come again. Pure: statuses and headers in, moments out. */
import { SECOND_MS, type Millis } from '#record'

type Headers = Readonly<Record<string, string>>

/** Retry-After in seconds or as a date (RFC 9110, 10.2.3), from `nowMs`; undefined where there is none that can be read. */
export function retryAfterMs(headers: Headers, nowMs: Millis): Millis | undefined {
  const text = headers['retry-after']?.trim()
  if (text === undefined) return undefined
  if (/^\d+(\.\d+)?$/.test(text)) return Math.ceil(Number(text) * SECOND_MS)
  if (!HTTP_DATE.test(text)) return undefined
  // The moment is the server's: measured against its own clock where it tells it.
  const dateMs = Date.parse(text), serverMs = Date.parse(headers['date'] ?? '')
  if (Number.isNaN(dateMs)) return undefined
  return Math.max(0, dateMs - (Number.isNaN(serverMs) ? nowMs : serverMs))
}

/** The three forms of RFC 9110, 5.6.7; Date.parse alone takes "-5" for a year. */
const HTTP_DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? .*\d{2}:\d{2}:\d{2}/

/**
 * The wait that a JSON error body tells, where services say it there and not in a header: `retry_after` in seconds at the top (Discord),
 * or within `parameters` (Telegram). Undefined where there is none.
 */
export function toldRetryMs(body: string): Millis | undefined {
  let told: unknown
  try {
    told = JSON.parse(body)
  } catch {
    return undefined
  }
  const { retry_after: seconds, parameters } = fieldsOf(told)
  const stated = seconds ?? fieldsOf(parameters)['retry_after']
  return typeof stated === 'number' && Number.isFinite(stated) && stated >= 0 ? Math.ceil(stated * SECOND_MS) : undefined
}

const fieldsOf = (value: unknown): { readonly [name: string]: unknown } =>
  typeof value === 'object' && value !== null ? (value as { readonly [name: string]: unknown }) : {}

/** Whether an answer says that its limit is that of everything we ask, not of one route (https://discord.com/developers/docs/topics/rate-limits). */
export const isGlobal = (headers: Headers): boolean =>
  headers['x-ratelimit-global']?.toLowerCase() === 'true' || headers['x-ratelimit-scope']?.toLowerCase() === 'global'

/** Headers that count requests down, by their many names: [remaining, reset]. */
const COUNTERS: readonly (readonly [remaining: string, reset: string])[] = [
  ['x-ratelimit-remaining', 'x-ratelimit-reset-after'],
  ['x-ratelimit-remaining', 'x-ratelimit-reset'],
  ['x-rate-limit-remaining', 'x-rate-limit-reset'],
  ['ratelimit-remaining', 'ratelimit-reset'],
  ['x-ratelimit-available', 'x-ratelimit-expiry'],
]

/** No reset lies this far away: a larger number is a moment since 1970, in seconds or milliseconds. */
const LONGEST_S = 1_000_000_000

/** How long to rest because the service says that nothing remains; undefined where something does, or nothing is said. */
export function exhaustedMs(headers: Headers, nowMs: Millis): Millis | undefined {
  for (const [remaining, reset] of COUNTERS) {
    const left = numberIn(headers[remaining]), until = numberIn(headers[reset])
    if (left === undefined || until === undefined) continue
    if (left >= 1) return undefined
    if (until < LONGEST_S) return Math.ceil(until * SECOND_MS)
    return Math.max(0, Math.ceil(until < LONGEST_S * SECOND_MS ? until * SECOND_MS : until) - nowMs)
  }
  return undefined
}

function numberIn(text: string | undefined): number | undefined {
  const value = text === undefined || text.trim() === '' ? NaN : Number(text)
  return Number.isFinite(value) && value >= 0 ? value : undefined
}

/** Pause before the nth retry (from 1): doubling from half a second, at most a minute, with full jitter so that many do not return at once. */
export function backOffMs(attempt: number, chance: number, longestMs = 60_000): Millis {
  const ceilingMs = Math.min(longestMs, 500 * Math.min(1 << Math.min(attempt - 1, 20), 1_000_000))
  return Math.ceil(ceilingMs * (0.5 + chance / 2))
}
