/** How a day went: cycles against a count by hand, spreads against sorting, and a day that has one line however often it is asked for. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import type { TimerJob } from '#domain/node/job'
import { JOBS } from '#domain/node/jobs'
import { slotsBetween } from '#domain/node/schedule'
import { cyclesOf, dailyLine, firstSeen, Latencies, runtimeLine, SETTLED_MS, slotEndOf, spreadOf, type SlotEnd } from '#domain/operate/daily'
import { DAY_MS, formatInstant, lineOf, make, type Control, type Vanta } from '#record'

const root = join(import.meta.dirname, '..', '..'), DAY = Date.parse('2026-03-03T00:00:00.000Z')
const LATER = DAY + 3 * DAY_MS
const room = mkdtempSync(join(tmpdir(), 'vanta-daily-'))
after(() => rmSync(room, { recursive: true, force: true }))

const timers = JOBS.filter((job): job is TimerJob => job.kind === 'timer')
const job = (role: string, name: string): TimerJob => timers.find((one) => one.role === role && one.name === name) ?? assert.fail(name)

/** As vanta-orchestrator logs the end of a slot. */
const ended = (of: TimerJob, slotMs: number, outcome: string, tookMs: number): Control => {
  const at = formatInstant(slotMs + tookMs)
  return make('control', {
    type: 'slot', at, known_at: at, source: 'orchestrator', by: 'vanta-orchestrator/1',
    facts: { role: of.role, job: of.name, slot: formatInstant(slotMs), outcome, status: outcome === 'done' ? 0 : 75, attempt: 1, took_ms: tookMs },
  })
}
const missed = (of: TimerJob, fromMs: number, toMs: number, slots: number): Control => make('control', {
  type: 'slot', at: formatInstant(toMs), known_at: formatInstant(toMs), source: 'orchestrator', by: 'vanta-orchestrator/1',
  facts: { role: of.role, job: of.name, from: formatInstant(fromMs), to: formatInstant(toMs), slots, outcome: 'missed', why: 'late' },
})
const endOf = (record: Control): SlotEnd => slotEndOf(record) ?? assert.fail('it tells of no slot')

test('law: every slot of a day is one of done, late, failed and missed, as what is told of it says', () => {
  const told = fc.constantFrom('done', 'negative', 'failed', 'refused', 'missed', 'nothing', 'retried'), took = fc.integer({ min: 0, max: 60 * 60_000 - 1 })
  fc.assert(fc.property(fc.constantFrom(...timers), fc.infiniteStream(fc.tuple(told, took)), (one, stream) => {
    const slots = [...slotsBetween(one.schedule, DAY - 1, DAY + DAY_MS - 1)], ends: SlotEnd[] = [], expected = { due: slots.length, done: 0, late: 0, failed: 0, missed: 0 }
    for (const slotMs of slots) {
      const [became, tookMs] = stream.next().value as [string, number]
      if (became === 'retried') ends.push(endOf(ended(one, slotMs, 'failed', 0)))
      if (became === 'missed') ends.push(endOf(missed(one, slotMs, slotMs, 1)))
      else if (became !== 'nothing') ends.push(endOf(ended(one, slotMs, became === 'retried' ? 'done' : became, tookMs)))
      const isDone = became === 'done' || became === 'negative' || became === 'retried'
      expected[isDone ? (tookMs > one.freshMs ? 'late' : 'done') : became === 'missed' || became === 'nothing' ? 'missed' : 'failed']++
    }
    assert.deepEqual(cyclesOf(one, ends, DAY, { sinceMs: DAY, nowMs: LATER }), expected)
  }), { numRuns: 60 })
})

test('nobody owes a slot before the node was there, nor one of a job that was never set up', () => {
  const trade = job('executor', 'trade')
  assert.equal(cyclesOf(trade, [], DAY, { sinceMs: DAY + DAY_MS / 2, nowMs: LATER }).due, 720)
  const slots = [...slotsBetween(job('markets', 'sec').schedule, DAY - 1, DAY + DAY_MS - 1)], sec = job('markets', 'sec')
  const unset = slots.slice(0, 5).map((slotMs) => endOf(ended(sec, slotMs, 'unconfigured', 10)))
  assert.equal(cyclesOf(sec, unset, DAY, { sinceMs: DAY, nowMs: LATER }).due, 0)
  const setUp = [...unset, endOf(ended(sec, slots[5] ?? 0, 'done', 10))]
  // Of a day under way, what may still be done in time is not due.
  assert.deepEqual(cyclesOf(trade, [endOf(ended(trade, DAY, 'done', 10))], DAY, { sinceMs: DAY, nowMs: DAY + 10 * 60_000 }), { due: 6, done: 1, late: 0, failed: 0, missed: 5 })
  // What is done long after the day is over was not done on it.
  assert.equal(cyclesOf(trade, [endOf(ended(trade, DAY, 'done', DAY_MS + SETTLED_MS))], DAY, { sinceMs: DAY, nowMs: LATER }).missed, 1440)
  assert.deepEqual(cyclesOf(sec, setUp, DAY, { sinceMs: DAY, nowMs: LATER }), { due: slots.length - 5, done: 1, late: 0, failed: 0, missed: slots.length - 6 })
})

test('one cycle of a thousand and more may be lost, two may not', () => {
  const trade = job('executor', 'trade'), slots = [...slotsBetween(trade.schedule, DAY - 1, DAY + DAY_MS - 1)]
  const line = (lost: number) => {
    const ends = slots.map((slotMs, i) => endOf(ended(trade, slotMs, i < lost ? 'failed' : 'done', 100)))
    return dailyLine({ dayMs: DAY, nowMs: LATER, jobs: [trade], latencies: new Latencies(), ends, since: firstSeen(ends) })
  }
  assert.deepEqual([line(0).availability, line(0).met], [1, true])
  assert.deepEqual([line(1).availability, line(1).met], [0.999305, true])
  assert.deepEqual([line(2).availability, line(2).met], [0.998611, false])
})

test('law: a spread is of nearest rank', () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: -1000, max: 1e9 }), { minLength: 1 }), (values) => {
    const spread = spreadOf(values) ?? assert.fail('there is one')
    const atOrBelow = (limit: number): number => values.filter((one) => one <= limit).length / values.length
    for (const [share, value] of [[0.5, spread.p50_ms], [0.99, spread.p99_ms], [1, spread.max_ms]] as const) {
      assert.ok(values.includes(value) && atOrBelow(value) >= share)
      assert.ok(!values.some((other) => other < value && atOrBelow(other) >= share))
    }
  }))
  assert.equal(spreadOf([]), undefined)
})

const at = (ms: number): { at: string; known_at: string } => ({ at: formatInstant(ms), known_at: formatInstant(ms) })
const signal = (ms: number, lagMs: number): Vanta => make('signal', {
  type: 'post', at: formatInstant(ms - lagMs), known_at: formatInstant(ms), source: 'reddit/stocks', by: 'vanta-reddit/1', key: String(ms),
})
const reading = (ms: number, parents: readonly string[]): Vanta => make('signal', {
  type: 'mention', ...at(ms), source: 'vanta-normalize', by: 'vanta-normalize/1', key: String(ms), parents: [...parents], subject: 'ticker:GME', polarity: 1, magnitude: 1,
})

test('latencies: from the last of what a decision rests on, parents of the day before included', () => {
  const early = signal(DAY - 60_000, 500), post = signal(DAY + 1000, 2000), other = signal(DAY + 1500, 100), read = reading(DAY + 1600, [early.id, post.id])
  const latencies = new Latencies()
  latencies.hear(early, false)
  for (const record of [post, other, read]) latencies.hear(record, true)
  const conviction = { ...reading(DAY + 6000, [read.id]), kind: 'conviction' } as Vanta, old = { ...reading(DAY + 7000, [early.id]), kind: 'conviction' } as Vanta
  for (const record of [conviction, old]) latencies.hear(record, true)
  const { ingestion, conviction: spread, order } = latencies.told()
  assert.deepEqual(ingestion, { 'reddit/stocks': { n: 2, p50_ms: 100, p99_ms: 2000, max_ms: 2000 } })
  assert.deepEqual(spread, { n: 2, p50_ms: 5000, p99_ms: 67_000, max_ms: 67_000 })
  assert.equal(order, null)
})

test('how long jobs took, by job', () => {
  const trade = job('executor', 'trade'), ends = [ended(trade, DAY, 'done', 30), ended(trade, DAY + 60_000, 'failed', 10), ended(trade, DAY - 60_000, 'done', 99)].map(endOf)
  assert.deepEqual(runtimeLine(DAY, ends), { day: '2026-03-03', jobs: { 'executor/trade': { n: 2, p50_ms: 10, p99_ms: 30, max_ms: 30, failed: 1, total_ms: 40 } } })
})

test('the tool: a day that is over has one line, asked for again the same; one that was changed is told; today is not written', () => {
  const home = join(room, 'home'), logs = join(home, 'logs'), trade = job('executor', 'trade')
  mkdirSync(logs, { recursive: true })
  const slots = [...slotsBetween(trade.schedule, DAY - 1, DAY + 2 * DAY_MS - 1)]
  writeFileSync(join(logs, 'slots.ndjson'), slots.slice(0, 2000).map((slotMs) => `${lineOf(ended(trade, slotMs, 'done', 40))}\n`).join(''))
  const sla = (...words: readonly string[]) => spawnSync(join(root, 'bin', 'vanta-diagnostics'), ['sla', '--now', '2026-03-05T09:00:00Z', ...words], {
    env: { ...process.env, VANTA_HOME: home }, encoding: 'utf8',
  })
  const daily = (): string => readFileSync(join(logs, 'vanta-daily.log'), 'utf8')
  // Of the second day 560 of 1440 cycles of trade were run, and none of reconcile.
  const first = sla('--json')
  assert.equal(first.status, 1)
  const told = first.stdout.trim().split('\n').map((line) => JSON.parse(line) as { day: string; by_job: { [job: string]: { due: number; done: number } }; met: boolean })
  assert.deepEqual(told.map(({ day, met }) => [day, met]), [['2026-03-03', false], ['2026-03-04', false]])
  assert.deepEqual([told[1]?.by_job['executor/trade']?.due, told[1]?.by_job['executor/trade']?.done], [1440, 560])
  const before = daily()
  assert.equal(before, first.stdout)
  assert.equal(sla('--from', '2026-03-03').status, 1)
  assert.equal(sla().stdout.trim().split('\n').length, 1)
  assert.equal(daily(), before)
  assert.equal(readFileSync(join(logs, 'vanta-daily-runtime.log'), 'utf8').trim().split('\n').length, 2)
  assert.equal(sla('--from', '2026-03-05', '--to', '2026-03-05', '--json').stdout.trim().split('\n').length, 1)
  assert.equal(daily(), before)
  appendFileSync(join(logs, 'slots.ndjson'), `${lineOf(ended(trade, slots[2000] ?? 0, 'done', 40))}\n`)
  const changed = sla('--from', '2026-03-04')
  assert.match(changed.stderr, /vanta-daily\.log: 2026-03-04 is written otherwise/)
  assert.equal(changed.status, 1)
  assert.equal(daily(), before)
})
