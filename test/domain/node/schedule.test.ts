/** When jobs are due: the slots, the calendar of systemd and the cron expression are three ways to say one thing. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import fc from 'fast-check'
import { DAY_MS, MINUTE_MS, formatInstant, parseInstant } from '#record'
import { isInSession } from '#domain/market/session'
import { JOBS } from '#domain/node/jobs'
import {
  cronOf, daily, everyHours, everyMinutes, inSession, lastSlot, nextSlot, onCalendar, slotsBetween, workdays, type Schedule,
} from '#domain/node/schedule'
import { needed } from '../../needed.ts'

const START = Date.UTC(2021, 0, 1), SPAN_DAYS = 365 * 12
const moments = fc.integer({ min: 0, max: SPAN_DAYS * DAY_MS }).map((ms) => START + ms)
const subset = (from: number, to: number): fc.Arbitrary<readonly number[]> =>
  fc.uniqueArray(fc.integer({ min: from, max: to }), { minLength: 1, maxLength: to - from + 1 }).map((values) => [...values].sort((a, b) => a - b))
const anySchedule: fc.Arbitrary<Schedule> = fc.oneof(
  fc.record({ minutes: subset(0, 59), hours: subset(0, 23), weekdays: subset(1, 7) }, { requiredKeys: ['minutes'] }),
  fc.record({ step: fc.constantFrom(1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30), minute: fc.integer({ min: 0, max: 59 }) }).map(({ step, minute }) => everyMinutes(step, minute)),
  fc.record({ step: fc.constantFrom(1, 2, 3, 4, 6, 8, 12), minute: fc.integer({ min: 0, max: 59 }) }).map(({ step, minute }) => everyHours(step, minute)),
  fc.record({ hour: fc.integer({ min: 0, max: 23 }), minute: fc.integer({ min: 0, max: 59 }) }).map(({ hour, minute }) => workdays(hour, minute)),
  fc.constantFrom(inSession(5), inSession(15, 5), daily(3, 20)),
)

/** Minute by minute, from the words of the type alone. */
function bySearch({ minutes, hours, weekdays, session }: Schedule, afterMs: number, untilMs: number): number[] {
  const found: number[] = []
  for (let ms = Math.floor(afterMs / MINUTE_MS) * MINUTE_MS; ms <= untilMs; ms += MINUTE_MS) {
    const date = new Date(ms), weekday = date.getUTCDay() === 0 ? 7 : date.getUTCDay()
    if (ms <= afterMs || !minutes.includes(date.getUTCMinutes())) continue
    if (hours?.includes(date.getUTCHours()) === false || weekdays?.includes(weekday) === false) continue
    if (session !== true || isInSession(ms)) found.push(ms)
  }
  return found
}

test('slots are the minutes that the schedule names', () => {
  fc.assert(fc.property(anySchedule, moments, fc.integer({ min: 0, max: 3 * DAY_MS }), (schedule, afterMs, spanMs) => {
    assert.deepEqual([...slotsBetween(schedule, afterMs, afterMs + spanMs)], bySearch(schedule, afterMs, afterMs + spanMs))
  }), { numRuns: 60 })
})

test('the next slot comes after, the last was before, and none lies between', () => {
  fc.assert(fc.property(anySchedule, moments, (schedule, atMs) => {
    const next = nextSlot(schedule, atMs), last = lastSlot(schedule, atMs)
    assert.ok(next !== undefined && last !== undefined && last <= atMs && atMs < next)
    assert.deepEqual([...slotsBetween(schedule, last, next)], [next])
  }), { numRuns: 200 })
})

test('a session slot lies in the session, in summer and in winter, and on no holiday', () => {
  const of = (day: string): string[] => {
    const from = Date.parse(`${day}T00:00:00Z`)
    return [...slotsBetween(inSession(30), from - 1, from + DAY_MS - 1)].map((ms) => formatInstant(ms).slice(11, 16))
  }
  assert.deepEqual([of('2021-01-15')[0], of('2021-01-15').at(-1), of('2021-01-15').length], ['14:30', '20:30', 13])
  assert.deepEqual([of('2021-07-15')[0], of('2021-07-15').at(-1)], ['13:30', '19:30'])
  assert.deepEqual([of('2021-01-18'), of('2021-01-16'), of('2021-11-26').at(-1)], [[], [], '17:30'])
})

const MISSING = needed('systemd-analyze')

/** What systemd makes of the calendar: the first moments after another. */
function bySystemd(calendar: string, afterMs: number, count: number, zone = 'UTC'): number[] {
  const base = formatInstant(afterMs).slice(0, 19).replace('T', ' ')
  const { stdout, stderr, status } = spawnSync('systemd-analyze', ['calendar', `--iterations=${count}`, `--base-time=${base} UTC`, calendar], { encoding: 'utf8', maxBuffer: 1 << 28, env: { ...process.env, TZ: zone, LC_ALL: 'C' } })
  assert.equal(status, 0, `${calendar}: ${stderr}`)
  return [...stdout.matchAll(/(?:Next elapse|Iter\. #\d+|\(in UTC\)): \w+ (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) UTC/g)].map(([, day, time]) => parseInstant(`${day}T${time}Z`) ?? NaN)
}

test('systemd says the same slots, but for those of a session, which it cannot tell', { skip: MISSING ?? false }, () => {
  const agree = (schedule: Schedule, afterMs: number): void => {
    const { session: _, ...calendar } = schedule, wholeMs = Math.floor(afterMs / 1000) * 1000
    const theirs = bySystemd(onCalendar(schedule), wholeMs, 12)
    assert.deepEqual(theirs, [...slotsBetween(calendar, wholeMs, theirs.at(-1) ?? 0)], onCalendar(schedule))
    assert.equal(theirs.length, 12)
  }
  for (const job of JOBS) if (job.kind === 'timer') agree(job.schedule, Date.UTC(2026, 2, 6, 21, 59, 30))
  fc.assert(fc.property(anySchedule, moments, agree), { numRuns: 40 })
})

/** Days in 2026 on which the New York Stock Exchange is closed, and those on which it closes at 13:00, as it has published them. */
const CLOSED = ['01-01', '01-19', '02-16', '04-03', '05-25', '06-19', '07-03', '09-07', '11-26', '12-25'], SHORT = ['11-27', '12-24']
const NEW_YORK = new Intl.DateTimeFormat('en-CA', { timeZone: 'America/New_York', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })

function isOpen(ms: number): boolean {
  const [, day = '', time = ''] = /^(\d\d-\d\d), (\d\d:\d\d)$/.exec(NEW_YORK.format(ms)) ?? []
  return !CLOSED.includes(day) && time >= '09:30' && time < (SHORT.includes(day) ? '13:00' : '16:00')
}

test('over a year, summer time and holidays in it, a timer rings at all slots of its job, whatever zone its host is in', { skip: MISSING ?? false }, () => {
  const from = Date.UTC(2026, 0) - 1000, until = Date.UTC(2027, 0) - 1
  const schedules = new Map(JOBS.flatMap((job) => (job.kind === 'timer' ? [[JSON.stringify(job.schedule), job.schedule] as const] : [])))
  for (const schedule of schedules.values()) {
    const { session, ...calendar } = schedule, slots = [...slotsBetween(calendar, from, until)]
    const rings = bySystemd(onCalendar(schedule), from, slots.length, 'America/New_York')
    assert.deepEqual(rings, slots, onCalendar(schedule))
    if (session === true) assert.deepEqual([...slotsBetween(schedule, from, until)], rings.filter(isOpen), onCalendar(schedule))
  }
})

test('the same words for the usual schedules', () => {
  const said = [everyMinutes(5), everyMinutes(5, 2), everyMinutes(1), everyHours(1, 50), everyHours(6, 10), daily(3, 20), workdays(23, 30), inSession(5, 1)]
    .map((schedule) => [onCalendar(schedule), cronOf(schedule)])
  assert.deepEqual(said, [
    ['*-*-* *:00/5:00 UTC', '*/5 * * * *'], ['*-*-* *:02/5:00 UTC', '2-59/5 * * * *'], ['*-*-* *:00/1:00 UTC', '*/1 * * * *'],
    ['*-*-* *:50:00 UTC', '50 * * * *'], ['*-*-* 00/6:10:00 UTC', '10 */6 * * *'], ['*-*-* 03:20:00 UTC', '20 3 * * *'],
    ['Mon..Fri *-*-* 23:30:00 UTC', '30 23 * * 1-5'], ['Mon..Fri *-*-* 13..21:01/5:00 UTC', '1-59/5 13-21 * * 1-5'],
  ])
})
