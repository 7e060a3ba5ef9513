import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { DAY_MS, HOUR_MS, MINUTE_MS, formatInstant } from '#record'
import {
  epochDay, newYorkDate, newYorkDay, newYorkInstant, newYorkMillis, newYorkMinute, newYorkOffset, sessionClose, sessionOpen,
} from '#domain/market/session'

const clock = new Intl.DateTimeFormat('en-US', {
  timeZone: 'America/New_York', hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit',
  hour: '2-digit', minute: '2-digit',
})

/** What the zone database says New York's clocks show: a date and minutes since midnight. */
function shown(atMs: number): { date: string; minute: number } {
  const parts: { [type: string]: string } = {}
  for (const { type, value } of clock.formatToParts(atMs)) parts[type] = value
  const { year, month, day, hour, minute } = parts
  return { date: `${year}-${month}-${day}`, minute: Number(hour) * 60 + Number(minute) }
}

const first = epochDay(2000, 1, 1), last = epochDay(2030, 12, 31)
const MINUTES_PER_DAY = DAY_MS / MINUTE_MS
const instants = fc.integer({ min: first * MINUTES_PER_DAY, max: last * MINUTES_PER_DAY }).map((minutes) => minutes * MINUTE_MS)

describe('New York time', () => {
  test('counts days as the calendar does', () => {
    for (let day = first; day <= last; day++) {
      const [year = 0, month = 0, date = 0] = formatInstant(day * DAY_MS).slice(0, 10).split('-').map(Number)
      assert.equal(epochDay(year, month, date), day)
    }
  })
  test('agrees with the zone database on every day from 2000 to 2030, around each change and at any minute', () => {
    for (let day = first; day <= last; day++) {
      for (const hour of [5, 6, 7, 12]) {
        const atMs = day * DAY_MS + hour * HOUR_MS
        const { date, minute } = shown(atMs)
        assert.equal(newYorkDate(atMs), date, formatInstant(atMs))
        assert.equal(newYorkMinute(atMs), minute, formatInstant(atMs))
      }
    }
    fc.assert(fc.property(instants, (atMs) => {
      const { date, minute } = shown(atMs)
      assert.equal(newYorkDate(atMs), date)
      assert.equal(newYorkMinute(atMs), minute)
    }), { numRuns: 2000 })
  })
  test('the session opens at 09:30 and closes at 16:00 on New York clocks, summer and winter', () => {
    for (let day = first; day <= last; day++) {
      const date = formatInstant(day * DAY_MS).slice(0, 10)
      assert.deepEqual(shown(sessionOpen(date) ?? NaN), { date, minute: 570 })
      assert.deepEqual(shown(sessionClose(date) ?? NaN), { date, minute: 960 })
    }
    assert.equal(formatInstant(sessionOpen('2021-01-15') ?? 0), '2021-01-15T14:30:00.000Z')
    assert.equal(formatInstant(sessionClose('2021-07-15') ?? 0), '2021-07-15T20:00:00.000Z')
    assert.equal(formatInstant(sessionOpen('2006-03-20') ?? 0), '2006-03-20T14:30:00.000Z', 'before 2007 March was winter')
    assert.equal(formatInstant(sessionOpen('2007-03-20') ?? 0), '2007-03-20T13:30:00.000Z')
  })
  test('a wall-clock time survives the way to UTC and back', () => {
    fc.assert(fc.property(instants, (atMs) => {
      const minute = newYorkMinute(atMs), day = newYorkDay(atMs)
      const back = newYorkInstant(Number(newYorkDate(atMs).slice(0, 4)), day, minute * MINUTE_MS)
      // One hour a year occurs twice: then the first is meant.
      if (back !== atMs) assert.equal(back, atMs - HOUR_MS)
      assert.equal(newYorkMinute(back), minute)
    }), { numRuns: 2000 })
  })
  test('the doubled hour is the first, the skipped one standard time', () => {
    assert.equal(formatInstant(newYorkMillis('2021-11-07', 1, 30) ?? 0), '2021-11-07T05:30:00.000Z')
    assert.equal(formatInstant(newYorkMillis('2021-03-14', 2, 30) ?? 0), '2021-03-14T07:30:00.000Z')
    assert.equal(formatInstant(newYorkMillis('2021-02-12', 10, 6, 42) ?? 0), '2021-02-12T15:06:42.000Z')
    assert.equal(newYorkOffset(Date.UTC(2021, 2, 14, 6, 59)), -5 * HOUR_MS)
    assert.equal(newYorkOffset(Date.UTC(2021, 2, 14, 7)), -4 * HOUR_MS)
  })
  test('what is no date has no session', () => {
    for (const date of ['2021-02-29', '2021-13-01', '2021-1-5', '', '20210105', '2021-01-05T00:00']) {
      assert.equal(sessionOpen(date), undefined, date)
    }
  })
})
