/**
 * When a post was made: proven where the page states an instant, or a clock together with the zone that all its clocks are in.
 * Everything else ("Today, 11:28", "5 minutes ago", a clock without a zone) is kept as it was stated.
 */
import { HOUR_MS, MINUTE_MS, type Millis } from '#record'
import { readEpoch, readMoment } from '../dates.ts'
import { readText } from '../html_select.ts'
import type { HtmlElement } from '../html_tree.ts'

export interface Stated {
  /** Undefined where it cannot be proven. */
  readonly ms: Millis | undefined
  /** As it stands on the page. */
  readonly text: string
  /** Whether the text is a date, and so the same tomorrow; `5 minutes ago` is not. */
  readonly isDate: boolean
}

/** Attributes that state an instant. */
const INSTANTS = ['data-time', 'data-timestamp', 'datetime', 'title'] as const
/** Longest text that is looked at for a date. */
const LONGEST = 200

/**
 * What an element states of a time; `zoneMs` is what the page says all its clocks are ahead of UTC, `author` who may be named before it.
 */
export function statedTime(element: HtmlElement, zoneMs: Millis | undefined, author?: string): Stated | undefined {
  const { attributes } = element
  let ms: Millis | undefined
  for (const name of INSTANTS) ms ??= instantOf(attributes[name])
  const text = clockOf((attributes['title'] ?? '') === '' ? readText(element) : attributes['title'], author)
  if (text === undefined && ms === undefined) return undefined
  const isDate = text !== undefined && readMoment(text) !== undefined
  return { ms: ms ?? zonedClock(text, zoneMs), text: text ?? attributes['datetime'] ?? '', isDate }
}

function instantOf(text: string | undefined): Millis | undefined {
  if (text === undefined) return undefined
  const epoch = readEpoch(text)
  if (epoch !== undefined) return epoch
  const moment = readMoment(text)
  return moment?.zoned === true && isClock(moment.unit) ? moment.ms : undefined
}

const isClock = (unit: string): boolean => unit === 'second' || unit === 'minute'

const LABEL = /(?:Posted|Verfasst|on|am|le):\s*(.*?)(?:\s*»|\s+Post subject.*)?$/

/** A date without what stands around it: `Posted: ...`, `by NAME » ...`, `« Reply #3 on: ... »`, `von NAME am ...`. */
function clockOf(text: string | undefined, author: string | undefined): string | undefined {
  const line = text?.slice(0, 4 * LONGEST).replace(/\s+/g, ' ').trim() ?? ''
  const after = author === undefined || !line.includes(author) ? line : line.slice(line.lastIndexOf(author) + author.length)
  const clock = /.*»\s*(\S.*)$/.exec(after)?.[1] ?? LABEL.exec(after)?.[1] ?? after
  const bare = clock.replace(/^[\s,:\u2013-]*(?:(?:am|on|le|el)\s+)?/i, '').slice(0, LONGEST).trim()
  return bare === '' ? undefined : bare
}

function zonedClock(text: string | undefined, zoneMs: Millis | undefined): Millis | undefined {
  const moment = text === undefined || zoneMs === undefined ? undefined : readMoment(text)
  if (moment === undefined || zoneMs === undefined || !isClock(moment.unit)) return undefined
  return moment.zoned ? moment.ms : moment.ms - zoneMs
}

const ZONE = new RegExp([
  String.raw`(?:All times are|Alle Zeiten sind|Heures au format|Toutes les heures sont(?: au format)?|Todos los horarios son|Tutti gli orari sono`,
  String.raw`|Alle tijden zijn)\s+(?:UTC|GMT)(?:\s*([+-])\s*(\d{1,2})(:?\d\d)?)?(?:\s*(?:hours?|Stunden?|heures?|horas?|or[ae]|uur|uren))?`,
  String.raw`(\s*\[\s*(?:DST|Sommerzeit|Heure d.été)\s*\])?`,
].join(''), 'i')

/**
 * What a page says all its clocks are ahead of UTC. An offset written `+01:00` is that of today in a zone with summer time (phpBB 3.1 on),
 * and says nothing of other days.
 */
export function statedZone(page: string): Millis | undefined {
  const match = ZONE.exec(page)
  if (match === null) return undefined
  const [, sign, hours = '0', minutes, summer] = match
  const offsetMs = Number(hours) * HOUR_MS + Number(minutes?.replace(':', '') ?? 0) * MINUTE_MS
  if (minutes !== undefined && offsetMs !== 0) return undefined
  return (sign === '-' ? -offsetMs : offsetMs) + (summer === undefined ? 0 : HOUR_MS)
}
