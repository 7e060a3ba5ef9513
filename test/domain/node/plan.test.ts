/** Slots under a clock that leaps and a process that dies: none is run twice, none is left out but by policy, and what was is said. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { CronJob } from 'cron'
import { DAY_MS, HOUR_MS, MINUTE_MS, formatInstant } from '#record'
import { JOBS } from '#domain/node/jobs'
import type { CatchUp, Overlap, TimerJob } from '#domain/node/job'
import { afterRun, decide, NEVER_RUN, outcomeOf, overlapping, restMs, type Missed, type PlanState } from '#domain/node/plan'
import { cronOf, everyHours, everyMinutes, inSession, slotsBetween, workdays } from '#domain/node/schedule'

const EXAMPLE = JOBS.find((job): job is TimerJob => job.kind === 'timer' && job.name === 'allocate') ?? assert.fail()

type Event =
  | { readonly what: 'pass' | 'back'; readonly ms: number }
  | { readonly what: 'end'; readonly status: number }
  | { readonly what: 'crash' | 'crash before it is kept' | 'again' }

const events: fc.Arbitrary<readonly Event[]> = fc.array(fc.oneof(
  { weight: 6, arbitrary: fc.record({ what: fc.constant('pass' as const), ms: fc.oneof(fc.integer({ min: 0, max: 10 * MINUTE_MS }), fc.integer({ min: 0, max: 3 * DAY_MS })) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('back' as const), ms: fc.integer({ min: 0, max: 2 * DAY_MS }) }) },
  { weight: 5, arbitrary: fc.record({ what: fc.constant('end' as const), status: fc.constantFrom(0, 0, 0, 1, 2, 65, 69, 70, 75, 77, 78, 137, 143) }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constantFrom('crash' as const, 'crash before it is kept' as const, 'again' as const) }) },
), { minLength: 1, maxLength: 60 })

const jobs: fc.Arbitrary<TimerJob> = fc.record({
  schedule: fc.constantFrom(everyMinutes(5), everyMinutes(1), everyHours(1, 50), everyHours(6, 10), workdays(23, 30), inSession(15, 5)),
  overlap: fc.constantFrom<Overlap>('skip', 'queue', 'replace'),
  catchUp: fc.record({ policy: fc.constantFrom<CatchUp['policy']>('one', 'all', 'none'), mostMs: fc.constantFrom(HOUR_MS, DAY_MS) }),
  retry: fc.record({ times: fc.constantFrom(0, 2), pauseMs: fc.constant(20_000) }),
}).map((parts) => ({ ...EXAMPLE, ...parts }))

interface Run {
  readonly slotMs: number
  readonly attempt: number
  status: number | undefined
}

/** Plays the events through, with what a process would do between them, and checks each step as it is taken. */
class Played {
  readonly job: TimerJob
  nowMs: number
  kept: PlanState = NEVER_RUN
  going: Run | undefined
  readonly runs: Run[] = []
  readonly missed = new Map<number, Missed['why']>()
  /** Slots that may be told to be missed once more, because their telling was not kept. */
  readonly #untold = new Set<number>()

  constructor(job: TimerJob, startMs: number) {
    this.job = job
    this.nowMs = startMs
  }

  #miss(missed: readonly Missed[], isKept: boolean): void {
    for (const { fromMs, toMs, count, why } of missed) {
      const slots = [...slotsBetween(this.job.schedule, fromMs - 1, toMs)], { catchUp, overlap } = this.job
      assert.equal(slots.length, count)
      for (const slotMs of slots) {
        assert.ok(!this.missed.has(slotMs) || this.#untold.has(slotMs), `missed twice: ${formatInstant(slotMs)}`)
        assert.ok(!this.runs.some((run) => run.slotMs === slotMs && run.status !== undefined && run.status < 2), 'missed, though it was done')
        if (why === 'overlap') assert.ok(overlap === 'skip' && this.going !== undefined)
        if (why === 'superseded') assert.ok(catchUp.policy !== 'all')
        if (why === 'late') assert.ok(this.nowMs - slotMs > Math.min(MINUTE_MS, catchUp.mostMs))
        if (why === 'unfinished') assert.ok(this.runs.some((run) => run.slotMs === slotMs) && catchUp.policy !== 'all')
        else assert.ok(!this.runs.some((run) => run.slotMs === slotMs), 'run, and missed')
        this.missed.set(slotMs, why)
        if (isKept) this.#untold.delete(slotMs)
        else this.#untold.add(slotMs)
      }
    }
  }

  look(again: boolean, dies: boolean): void {
    if (this.going !== undefined) {
      const { missed, state, replace } = overlapping(this.job, this.kept, this.nowMs)
      this.#miss(missed, !dies)
      if (dies) return
      this.kept = state
      if (replace) this.end(143)
      return
    }
    const { missed, start, state } = decide(this.job, this.kept, this.nowMs, again)
    this.#miss(missed, !dies)
    if (dies) return
    this.kept = state
    if (start === undefined) return
    assert.ok(this.runs.every((run) => run.slotMs < start.slotMs || (run.slotMs === start.slotMs && (run.status === undefined || run.status > 1))), 'run twice')
    // What was said to be missed, and was not kept, may come to be run where the clock was put back.
    if (this.#untold.delete(start.slotMs)) this.missed.delete(start.slotMs)
    assert.ok(!this.missed.has(start.slotMs))
    assert.equal(start.attempt, 1 + this.runs.filter((run) => run.slotMs === start.slotMs).length)
    this.going = { slotMs: start.slotMs, attempt: start.attempt, status: undefined }
    this.runs.push(this.going)
  }

  end(status: number): void {
    if (this.going === undefined) return
    this.going.status = status
    this.going = undefined
    this.kept = afterRun(this.job, this.kept, status, this.nowMs)
  }

  play(event: Event): void {
    if (event.what === 'pass') this.nowMs += event.ms
    if (event.what === 'back') this.nowMs -= event.ms
    if (event.what === 'end') this.end(event.status)
    if (event.what === 'crash') this.going = undefined
    this.look(event.what === 'again', event.what === 'crash before it is kept')
    if (event.what === 'crash before it is kept') this.going = undefined
  }

  /** Every slot from the first run on is accounted for, once. */
  check(): void {
    const [first] = this.runs, { throughMs } = this.kept
    if (first === undefined || throughMs === undefined) return
    for (const slotMs of slotsBetween(this.job.schedule, first.slotMs - 1, throughMs)) {
      assert.ok(this.runs.some((run) => run.slotMs === slotMs) || this.missed.has(slotMs), `left out: ${formatInstant(slotMs)}`)
    }
    const lastRuns = new Map(this.runs.map((run) => [run.slotMs, run]))
    for (const [slotMs, run] of lastRuns) {
      if (run.status === undefined && run !== this.going && this.kept.open?.slotMs !== slotMs) assert.ok(this.missed.has(slotMs), 'cut off, and never spoken of')
    }
    for (const slotMs of [...this.runs.map((run) => run.slotMs), ...this.missed.keys()]) assert.ok(slotMs <= throughMs || this.#untold.has(slotMs))
  }
}

test('no slot is run twice, none left out but by policy, whatever the clock does and wherever the process dies', () => {
  fc.assert(fc.property(jobs, fc.integer({ min: 0, max: 400 * DAY_MS }), events, (job, offsetMs, all) => {
    const played = new Played(job, Date.UTC(2021, 0, 1) + offsetMs)
    played.look(false, false)
    for (const event of all) played.play(event)
    played.check()
  }), { numRuns: 400 })
})

test('a clock that goes and runs that end well: every slot is run once, in order, and on time', () => {
  fc.assert(fc.property(jobs, fc.integer({ min: 0, max: 400 * DAY_MS }), (job, offsetMs) => {
    const startMs = Date.UTC(2021, 0, 1) + offsetMs, played = new Played(job, startMs)
    for (const end = startMs + 12 * HOUR_MS; played.nowMs < end; played.nowMs += 30_000) {
      played.look(false, false)
      played.end(0)
    }
    const first = played.runs[0]?.slotMs ?? assert.fail()
    assert.deepEqual(played.runs.map((run) => run.slotMs), [...slotsBetween(job.schedule, first - 1, played.nowMs - 30_000)])
    assert.equal(played.missed.size, 0)
  }), { numRuns: 60 })
})

const jobWith = (parts: Partial<TimerJob>): TimerJob => ({ ...EXAMPLE, schedule: everyMinutes(5), ...parts })
const noon = Date.UTC(2021, 0, 4, 12)
const done: PlanState = { throughMs: noon, open: undefined }

test('after three hours away: one run makes up for all, or each is made up for, or none', () => {
  const atMs = noon + 3 * HOUR_MS + 2 * MINUTE_MS
  const of = (policy: CatchUp['policy'], mostMs = DAY_MS) => {
    const { start, missed } = decide(jobWith({ catchUp: { policy, mostMs } }), done, atMs)
    return [start && formatInstant(start.slotMs).slice(11, 16), missed.map(({ count, why }) => `${count} ${why}`).join()]
  }
  assert.deepEqual(of('one'), ['15:00', '35 superseded'])
  assert.deepEqual(of('all'), ['12:05', ''])
  assert.deepEqual(of('all', HOUR_MS), ['14:05', '24 late'])
  assert.deepEqual(of('none'), [undefined, '36 late'])
  assert.deepEqual(of('one', HOUR_MS), ['15:00', '24 late,11 superseded'])
})

test('what may pass is tried again after its pause, so often; what may not, by hand only', () => {
  const job = jobWith({ retry: { times: 1, pauseMs: 20_000 } }), first = decide(job, done, noon + 5 * MINUTE_MS)
  const waiting = afterRun(job, first.state, 69, noon + 5 * MINUTE_MS)
  assert.equal(decide(job, waiting, noon + 5 * MINUTE_MS + 19_999).start, undefined)
  const second = decide(job, waiting, noon + 5 * MINUTE_MS + 20_000)
  assert.deepEqual(second.start, { slotMs: noon + 5 * MINUTE_MS, attempt: 2 })
  const failed = afterRun(job, second.state, 75, noon + 6 * MINUTE_MS)
  assert.equal(decide(job, failed, noon + 7 * MINUTE_MS).start, undefined)
  assert.equal(decide(job, failed, noon + 7 * MINUTE_MS, true).start?.attempt, 3)
  const unable = afterRun(job, first.state, 78, noon + 5 * MINUTE_MS)
  assert.equal(decide(job, unable, noon + 9 * MINUTE_MS).start, undefined)
  assert.equal(decide(job, unable, noon + 10 * MINUTE_MS).start?.slotMs, noon + 10 * MINUTE_MS)
})

test('how a run ended, and how long a stream rests', () => {
  assert.deepEqual([0, 1, 2, 65, 69, 70, 73, 75, 77, 78, 137, 143].map(outcomeOf), [
    'done', 'negative', 'unconfigured', 'failed', 'failed', 'failed', 'failed', 'failed', 'refused', 'unconfigured', 'failed', 'failed',
  ])
  assert.deepEqual([0, 1, 2, 9].map((failures) => restMs(5000, 69, failures)), [5000, 10_000, 20_000, 300_000])
  assert.deepEqual([2, 77, 78].map((status) => restMs(5000, status, 0)), [undefined, undefined, undefined])
})

test('the package cron rings at the same moments, but for those of a session', () => {
  for (const job of JOBS) {
    if (job.kind !== 'timer') continue
    const { session: _, ...calendar } = job.schedule
    const cron = CronJob.from({ cronTime: cronOf(job.schedule), onTick: () => undefined, timeZone: 'UTC' })
    const theirs = cron.nextDates(8).map((date) => date.toMillis())
    assert.deepEqual(theirs, [...slotsBetween(calendar, (theirs[0] ?? 0) - 1, theirs.at(-1) ?? 0)], job.name)
  }
})
