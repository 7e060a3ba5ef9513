/** The calendars that can be asked for, and how. */
import { DAY_MS, formatInstant, type Millis } from '#record'
import type { Request } from '#port/outside'
import { newYorkDate } from '#domain/market/session'

interface Asked {
  readonly origin: string
  /** Name of the secret that it wants. */
  readonly key?: string
  request(today: string, lastDay: string, key: string): Request
}

export const CALENDARS: Readonly<Record<string, Asked>> = {
  'forexfactory': {
    origin: 'https://nfs.faireconomy.media',
    request: () => ({ url: 'https://nfs.faireconomy.media/ff_calendar_thisweek.json' }),
  },
  'nasdaq-dividends': {
    origin: 'https://api.nasdaq.com',
    request: (today) => ({ url: `https://api.nasdaq.com/api/calendar/dividends?date=${today}`, headers: { accept: 'application/json' } }),
  },
  'finnhub-ipo': {
    origin: 'https://finnhub.io', key: 'finnhub_token',
    request: (today, lastDay, key) => finnhub('ipo', today, lastDay, key),
  },
  'finnhub-earnings': {
    origin: 'https://finnhub.io', key: 'finnhub_token',
    request: (today, lastDay, key) => finnhub('earnings', today, lastDay, key),
  },
  'polygon-holidays': {
    origin: 'https://api.polygon.io', key: 'polygon_key',
    request: (_, __, key) => ({ url: 'https://api.polygon.io/v1/marketstatus/upcoming', secret: { headers: { authorization: `Bearer ${key}` } } }),
  },
}

function finnhub(calendar: string, from: string, to: string, key: string): Request {
  return { url: `https://finnhub.io/api/v1/calendar/${calendar}?from=${from}&to=${to}`, secret: { headers: { 'x-finnhub-token': key } } }
}

/** Two weeks, from today in New York on. */
export function askFor(calendar: Asked, nowMs: Millis, key: string): Request {
  return calendar.request(newYorkDate(nowMs), formatInstant(nowMs + 14 * DAY_MS).slice(0, 10), key)
}
