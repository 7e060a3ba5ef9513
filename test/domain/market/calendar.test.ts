import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { DAY_MS, formatInstant, parseMoment } from '#record'
import { closeMinuteOf, isTradingDay, oddDaysOf, tradingDayFrom, tradingDayUntil } from '#domain/market/calendar'
import { easterOf, epochDay, weekdayFrom, weekdayOf, yearOf } from '#domain/market/days'
import { isInSession, newYorkMillis, sessionOf } from '#domain/market/session'
import { sharedFolder } from '../../collect/payload_world.ts'

const dateOf = (day: number): string => formatInstant(day * DAY_MS).slice(0, 10)
const dayOf = (date: string): number => (parseMoment(date) ?? NaN) / DAY_MS
const datesOf = (year: number, early: boolean): string[] =>
  [...oddDaysOf(year)].filter(([, { closeMinute }]) => (closeMinute !== undefined) === early).map(([day]) => dateOf(day)).sort()

describe('days', () => {
  test('years and weekdays are those of the calendar', () => {
    for (let day = epochDay(1969, 12, 1); day <= epochDay(2101, 1, 31); day++) {
      assert.equal(yearOf(day), new Date(day * DAY_MS).getUTCFullYear())
      assert.equal(weekdayOf(day), new Date(day * DAY_MS).getUTCDay())
    }
  })
  test('the first weekday from a day is one, and within a week', () => {
    fc.assert(fc.property(fc.integer({ min: -40_000, max: 40_000 }), fc.integer({ min: 0, max: 6 }), (day, weekday) => {
      const found = weekdayFrom(day, weekday)
      assert.ok(weekdayOf(found) === weekday && found >= day && found < day + 7)
    }))
  })
  test('Easter', () => {
    // The earliest and the latest there can be, and dates from almanacs.
    for (const date of ['1818-03-22', '1943-04-25', '2000-04-23', '2008-03-23', '2016-03-27', '2019-04-21', '2024-03-31', '2038-04-25']) {
      assert.equal(dateOf(easterOf(Number(date.slice(0, 4)))), date)
    }
  })
})

describe('the exchange calendar', () => {
  test('holidays and early closes as NYSE announced them', () => {
    const announced: { readonly [year: number]: readonly [holidays: string, early: string] } = {
      1999: ['01-01 01-18 02-15 04-02 05-31 07-05 09-06 11-25 12-24', '11-26 12-31'],
      2002: ['01-01 01-21 02-18 03-29 05-27 07-04 09-02 11-28 12-25', '07-05 11-29 12-24'],
      2012: ['01-02 01-16 02-20 04-06 05-28 07-04 09-03 10-29 10-30 11-22 12-25', '07-03 11-23 12-24'],
      2013: ['01-01 01-21 02-18 03-29 05-27 07-04 09-02 11-28 12-25', '07-03 11-29 12-24'],
      2020: ['01-01 01-20 02-17 04-10 05-25 07-03 09-07 11-26 12-25', '11-27 12-24'],
      2021: ['01-01 01-18 02-15 04-02 05-31 07-05 09-06 11-25 12-24', '11-26'],
      2022: ['01-17 02-21 04-15 05-30 06-20 07-04 09-05 11-24 12-26', '11-25'],
      2023: ['01-02 01-16 02-20 04-07 05-29 06-19 07-04 09-04 11-23 12-25', '07-03 11-24'],
      2024: ['01-01 01-15 02-19 03-29 05-27 06-19 07-04 09-02 11-28 12-25', '07-03 11-29 12-24'],
      2025: ['01-01 01-09 01-20 02-17 04-18 05-26 06-19 07-04 09-01 11-27 12-25', '07-03 11-28 12-24'],
      2026: ['01-01 01-19 02-16 04-03 05-25 06-19 07-03 09-07 11-26 12-25', '11-27 12-24'],
      2027: ['01-01 01-18 02-15 03-26 05-31 06-18 07-05 09-06 11-25 12-24', '11-26'],
    }
    for (const [year, [holidays, early]] of Object.entries(announced)) {
      const dates = (list: string): string[] => list.split(' ').map((date) => `${year}-${date}`)
      assert.deepEqual(datesOf(Number(year), false), dates(holidays))
      assert.deepEqual(datesOf(Number(year), true), dates(early))
    }
  })
  test('eight to twelve holidays and at most four early closes a year, all on weekdays', () => {
    for (let year = 1990; year <= 2100; year++) {
      const holidays = datesOf(year, false), early = datesOf(year, true)
      assert.ok(holidays.length >= 8 && holidays.length <= 13, `${year}: ${holidays.length}`)
      assert.ok(early.length <= 4, `${year}: ${early.length}`)
      for (const date of [...holidays, ...early]) assert.ok(![0, 6].includes(weekdayOf(dayOf(date))), date)
    }
    assert.equal(datesOf(2001, false).length, 13)
  })
  test('sessions open at 09:30 and end with the early close', () => {
    assert.deepEqual(sessionOf(dayOf('2020-11-27')), { openMs: newYorkMillis('2020-11-27', 9, 30), closeMs: newYorkMillis('2020-11-27', 13, 0) })
    assert.deepEqual(sessionOf(dayOf('2020-11-30')), { openMs: newYorkMillis('2020-11-30', 9, 30), closeMs: newYorkMillis('2020-11-30', 16, 0) })
    assert.equal(sessionOf(dayOf('2020-11-26')), undefined)
    assert.equal(closeMinuteOf(dayOf('1992-11-27')), 14 * 60)
    const within = (date: string, hour: number, minute: number): boolean => isInSession(newYorkMillis(date, hour, minute) ?? NaN)
    assert.deepEqual([within('2020-11-27', 12, 59), within('2020-11-27', 13, 0), within('2020-11-26', 12, 0), within('2020-11-28', 12, 0)],
      [true, false, false, false])
    assert.deepEqual([within('2020-11-30', 9, 29), within('2020-11-30', 9, 30), within('2020-11-30', 15, 59), within('2020-11-30', 16, 0)],
      [false, true, true, false])
  })
  test('the next and the last trading day', () => {
    assert.equal(dateOf(tradingDayFrom(dayOf('2021-12-24'))), '2021-12-27')
    assert.equal(dateOf(tradingDayUntil(dayOf('2021-12-26'))), '2021-12-23')
    fc.assert(fc.property(fc.integer({ min: dayOf('1990-01-01'), max: dayOf('2060-01-01') }), (day) => {
      const next = tradingDayFrom(day), last = tradingDayUntil(day)
      assert.ok(isTradingDay(next) && isTradingDay(last) && last <= day && next >= day && next - last <= 8)
    }))
  })
})

const polygon = sharedFolder('fixtures', 'polygon', 'v1_marketstatus_upcoming.json')
test('agrees with a recorded list of upcoming holidays', { skip: polygon === undefined ? 'needs the recordings of VANTA_SHARED' : false }, () => {
  const upcoming = JSON.parse(readFileSync(polygon ?? '', 'utf8')) as { date: string; status: string; close?: string }[]
  assert.equal(upcoming.length, 14)
  for (const { date, status, close } of upcoming) {
    const session = sessionOf(dayOf(date))
    if (status === 'closed') assert.equal(session, undefined, date)
    else assert.equal(formatInstant(session?.closeMs ?? NaN), close)
  }
  const named = new Set(upcoming.map(({ date }) => date))
  assert.deepEqual(new Set([...datesOf(2022, false), ...datesOf(2022, true)].filter((date) => date > '2022-04-28')), named)
})

/** The days of a file's bars. Rows without a volume (`NA`) are fillers that one of the files has for weekends. */
function daysIn(path: string): Set<string> {
  const days = new Set<string>()
  const text = gunzipSync(readFileSync(path)).toString('utf8')
  for (const line of text.split('\n').slice(1)) if (line !== '' && !line.endsWith(',NA')) days.add(line.slice(0, 10))
  return days
}

const bars = sharedFolder('data', 'bars')
test('agrees with the days of recorded bars: none on a holiday, some on every other weekday', {
  skip: bars === undefined ? 'needs the recorded bars of VANTA_SHARED' : false,
}, (t) => {
  const folder = bars ?? ''
  let days = 0
  const onHolidays: string[] = [], missing: string[] = []
  for (const name of readdirSync(folder).filter((file) => /daily/.test(file))) {
    const seen = daysIn(join(folder, name))
    const dates = [...seen].sort()
    for (let day = dayOf(dates[0] ?? ''); day <= dayOf(dates.at(-1) ?? ''); day++) {
      const has = seen.has(dateOf(day))
      if (has) days++
      if (has && !isTradingDay(day)) onHolidays.push(`${name} ${dateOf(day)}`)
      if (!has && isTradingDay(day)) missing.push(`${name} ${dateOf(day)}`)
    }
  }
  t.diagnostic(`${days} days with daily bars; on holidays: ${onHolidays.length}; trading days without: ${missing.length}`)
  assert.deepEqual({ onHolidays, missing }, { onHolidays: [], missing: [] })
  assert.ok(days > 10_000)
})
