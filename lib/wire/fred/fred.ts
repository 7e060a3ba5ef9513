/**
 * What FRED's answers say: observations with the vintages in which they were known, series, dates of releases. A vintage is stated only
 * where it begins within the window that was asked for; what was known when the window opened has no vintage, and was known no later.
 */
import type { Millis, Signal } from '#record'
import type { Reading } from '#port/payload'
import { readMillis } from '../dates.ts'
import { happened, signalOf, type Hearing } from '../signal.ts'
import type { Answer, Row } from './answer.ts'
import { dayStart, endOfVintage, observationSignal, valueOf } from './observation.ts'

const SOURCE = 'fred/series'
/** The first day of FRED's real time: nothing is cut off before it. */
const FIRST_DAY = '1776-07-04'

export const NO_SERIES = 'which series it is of is not said (--series)'
export const NO_VALUE = 'no value'

/** `asked` is the series where the answer does not say so itself. */
export function* answerSignals(answer: Answer, asked: string | undefined, hearing: Hearing, reading: Reading): Generator<Signal> {
  const { kind, rows } = answer
  if (rows.length === 0) return reading.reject(kind, 'an answer without rows')
  if (kind === 'observations') yield* observations(answer, answer.series ?? asked, hearing, reading)
  else if (kind === 'seriess') yield* seriesSignals(rows, hearing, reading)
  else if (kind === 'release_dates') yield* releases(rows, hearing, reading)
  else reading.reject(kind, `a list of ${kind.replace('_', ' ')}, without values`)
}

function* observations(answer: Answer, series: string | undefined, hearing: Hearing, reading: Reading): Generator<Signal> {
  const { head, rows } = answer
  const byVintage = rows.some((row) => Object.keys(row).some((field) => COLUMN.test(field)))
  for (const [i, row] of rows.entries()) {
    const place = `observation ${i + 1}`
    if (byVintage) yield* vintagesOf(row, place, head, hearing, reading)
    else if (series === undefined) reading.reject(place, NO_SERIES)
    else {
      const { realtime_start: since } = row
      const isStated = since !== undefined && (since !== head['realtime_start'] || since === FIRST_DAY)
      yield* one(series, row['date'], row['value'], since, isStated, place, head, hearing, reading)
    }
  }
}

/** `GDPCA_20121221`: series and vintage (output types 2 and 3). */
const COLUMN = /^(.+)_(\d{4})(\d\d)(\d\d)$/

/** A value that stands as it stood in the vintage before it is no revision. */
function* vintagesOf(row: Row, place: string, head: Row, hearing: Hearing, reading: Reading): Generator<Signal> {
  const before = new Map<string, string | undefined>()
  for (const [field, text] of Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const [, series, year, month, day] = COLUMN.exec(field) ?? []
    if (series === undefined) continue
    const value = valueOf(text)
    const isFirst = !before.has(series)
    if (!isFirst && value === before.get(series)) continue
    before.set(series, value)
    const vintage = `${year ?? ''}-${month ?? ''}-${day ?? ''}`
    // In the first of all vintages (type 2) a value may stand since long before; new and revised ones alone (type 3) are of their day.
    const isStated = head['output_type'] === '3' ? vintage !== head['realtime_start'] : !isFirst
    if (isFirst && value === undefined) continue
    yield* one(series, row['date'], text, vintage, isStated, `${place}, ${field}`, head, hearing, reading)
  }
}

function* one(
  series: string, date: string | undefined, text: string | undefined, since: string | undefined, isStated: boolean,
  place: string, head: Row, { by, heardMs }: Hearing, reading: Reading,
): Generator<Signal> {
  const value = valueOf(text)
  if (value === undefined) return reading.reject(place, NO_VALUE)
  const { units = 'lin' } = head
  const form = units === 'lin' ? '' : `:${units}`
  const knownMs = Math.min(heardMs, (since === undefined ? undefined : endOfVintage(since)) ?? heardMs)
  const signal = observationSignal({
    key: `fred:${series}${form}/${date ?? ''}`, source: SOURCE, series, date: date ?? '', value, knownMs,
    vintage: isStated ? since : undefined, more: { units: units === 'lin' ? undefined : units },
  }, by)
  if (signal === undefined) reading.reject(place, 'no date')
  else yield signal
}

function* seriesSignals(rows: readonly Row[], { by, heardMs }: Hearing, reading: Reading): Generator<Signal> {
  for (const [i, row] of rows.entries()) {
    const { id, title, last_updated: updated, realtime_start: since } = row
    const atMs = readMillis(updated ?? '')
    if (id === undefined || atMs === undefined) reading.reject(`series ${i + 1}`, 'no id or no moment of its last update')
    else {
      const { observation_start, observation_end, frequency, units, seasonal_adjustment_short: adjustment } = row
      const knownMs = Math.min(heardMs, (since === undefined ? undefined : endOfVintage(since)) ?? heardMs)
      yield happened({
        type: 'series', key: `fred:${id}`, source: SOURCE, subject: `series:${id}`, atMs, knownMs,
        facts: { title, frequency, units, seasonal_adjustment: adjustment, observation_start, observation_end },
      }, by)
    }
  }
}

/** Days of releases, past and scheduled: of the hour nothing is said. */
function* releases(rows: readonly Row[], { by, heardMs }: Hearing, reading: Reading): Generator<Signal> {
  for (const [i, { release_id: id, release_name: title, date }] of rows.entries()) {
    const atMs: Millis | undefined = date === undefined ? undefined : dayStart(date)
    if (id === undefined || atMs === undefined) reading.reject(`release ${i + 1}`, 'no id or no date')
    else {
      const key = `fred:release/${id}/${date ?? ''}`
      yield signalOf({ type: 'release', key, source: SOURCE, subject: `release:${id}`, atMs, knownMs: heardMs, facts: { title, date } }, by)
    }
  }
}
