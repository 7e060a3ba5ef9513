/**
 * Wall clocks of calendars that do not say their zone. It is told by what everyone knows: some US figures are published at 08:30 New York
 * time and never else, so the time at which a calendar shows them shows its zone.
 */
import { DAY_MS, HOUR_MS, MINUTE_MS, type Millis } from '#record'
import { newYorkMillis } from '#domain/market/session'
import { readMoment } from '../dates.ts'

export type Zone = 'New York' | 'UTC' | 'UTC-4'

/** A date and a time of day as a calendar shows them. */
export interface Shown {
  /** `2026-08-17` */
  readonly date: string
  /** Minutes after midnight; undefined for all day, tentative and the like. */
  readonly minute: number | undefined
  readonly title: string
  readonly region: string
}

const AT_0830 = new RegExp('^(' + [
  '(core )?cpi( m/m| y/y)?', '(core )?ppi( m/m)?', 'non-?farm (employment change|payrolls)', '(unemployment|initial jobless) claims',
  '(core )?retail sales( m/m)?', '(advance|prelim|final) gdp q/q', 'average hourly earnings( m/m)?', 'core pce price index( m/m)?',
].join('|') + ')$', 'i')
const PUBLISHED_MINUTE = 8 * 60 + 30

/** Undefined where nothing in the calendar tells, or as much for one zone as for another. */
export function zoneOf(shown: readonly Shown[]): Zone | undefined {
  const votes = { 'UTC': 0, 'New York': 0, 'UTC-4': 0, summer: 0 }
  for (const { date, minute, title, region } of shown) {
    const midnight = dayStart(date), published = newYorkMillis(date, 0, PUBLISHED_MINUTE)
    if (minute === undefined || midnight === undefined || published === undefined) continue
    if (!/^(USD|United States|US)$/.test(region) || !AT_0830.test(title)) continue
    const utcMinute = (published - midnight) / MINUTE_MS
    const isSummer = utcMinute - PUBLISHED_MINUTE === 4 * 60
    if (minute === utcMinute) votes['UTC']++
    // In summer New York is at UTC-4: which of the two it is, only winter tells.
    else if (minute === PUBLISHED_MINUTE) votes[isSummer ? 'summer' : 'New York']++
    else if (minute === utcMinute - 4 * 60) votes['UTC-4']++
  }
  const { summer, 'New York': newYork, 'UTC-4': daylight, UTC: utc } = votes
  if (utc !== 0 || summer + newYork + daylight === 0) return utc > summer + newYork + daylight ? 'UTC' : undefined
  return newYork >= daylight ? (newYork === daylight && newYork > 0 ? undefined : 'New York') : 'UTC-4'
}

/** Undefined where it is no date. */
export function instantIn(zone: Zone, date: string, minute: number): Millis | undefined {
  if (zone === 'New York') return newYorkMillis(date, 0, minute)
  const midnight = dayStart(date)
  return midnight === undefined ? undefined : midnight + minute * MINUTE_MS + (zone === 'UTC' ? 0 : 4 * HOUR_MS)
}

function dayStart(date: string): Millis | undefined {
  const moment = readMoment(date)
  return moment?.unit === 'day' && moment.ms % DAY_MS === 0 ? moment.ms : undefined
}

/** `8:30am`, `12:30pm`, `14:30` as minutes after midnight; undefined for anything else. */
export function minuteOf(time: string): number | undefined {
  const [, hours, minutes, half] = /^(\d{1,2}):(\d\d)\s*([ap]m)?$/i.exec(time.trim()) ?? []
  if (hours === undefined || Number(minutes) > 59) return undefined
  const hour = Number(hours)
  if (half === undefined) return hour < 24 ? hour * 60 + Number(minutes) : undefined
  return hour < 1 || hour > 12 ? undefined : ((hour % 12) + (half.toLowerCase() === 'pm' ? 12 : 0)) * 60 + Number(minutes)
}
