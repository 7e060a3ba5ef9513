/** What an operator is told of a home: laws of the table and of what counts as trouble, and the tool itself on a home at work. */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { fileLogs } from '#adapter/file/logs'
import { memoryLogs } from '#adapter/memory/logs'
import { vaultsOf } from '#domain/operate/status/books'
import { paintWith } from '#domain/operate/paint'
import { LEAST_FREE, troublesOf, type Status } from '#domain/operate/status/status'
import { statusTable } from '#domain/operate/status/table'
import { errorsIn, lastLines, stagesOf } from '#domain/operate/status/tail'
import { formatInstant } from '#record'
import type { TimerJob } from '#domain/node/job'
import { JOBS } from '#domain/node/jobs'
import { lastSlot, slotsBetween } from '#domain/node/schedule'
import type { SlotEnd } from '#domain/operate/daily'
import { jobStatuses } from '#domain/operate/status/jobs'

const root = join(import.meta.dirname, '..', '..')
const NOW = Date.parse('2026-03-02T12:00:00.000Z')
const home = mkdtempSync(join(tmpdir(), 'vanta-status-'))
after(() => rmSync(home, { recursive: true, force: true }))

const instant = fc.integer({ min: 0, max: NOW }).map(formatInstant)
const word = fc.stringMatching(/^[a-z]{1,12}$/)
const count = fc.nat({ max: 100_000 })
const seen: fc.Arbitrary<Omit<Status, 'well' | 'troubles'>> = fc.record({
  at: instant, home: word, role: fc.constantFrom(null, 'alpha', 'markets', 'executor'),
  orders: fc.option(fc.option(fc.string()).map((halted) => ({ may_be_sent: halted === null, halted }))),
  risk: fc.option(fc.record({ state: word, as_of: instant })),
  vaults: fc.array(fc.record({
    vault: word, mode: word, state: word, currency: fc.constant('USD'), equity: fc.option(fc.constant('102884.44')), cash: fc.option(fc.constant('1.00')),
    as_of: fc.option(instant), positions: count, open_orders: count, unknown_orders: fc.nat({ max: 2 }), queued: count, waiting: count,
    persona: fc.option(word), flip: fc.option(fc.record({ persona: word, until: instant })),
  }), { maxLength: 3 }),
  feeds: fc.array(fc.record({
    feed: word, stream: word, state: fc.constantFrom('live', 'mute', 'down'), heard_at: instant, age_ms: fc.nat(), quiet_ms: fc.option(count),
  }), { maxLength: 3 }),
  jobs: fc.array(fc.record({
    job: word, state: fc.constantFrom('fresh', 'stale', 'waiting', 'unconfigured'), done_at: fc.option(instant), last: fc.option(word), fresh_ms: fc.integer({ min: 1, max: 1e9 }),
  }), { maxLength: 3 }),
  stages: fc.array(fc.record({ stage: word, tool: fc.option(word), known_at: fc.option(instant), age_ms: fc.option(fc.nat()), lag_ms: fc.option(count) }), { maxLength: 3 }),
  streams: fc.array(fc.record({ stream: word, group: word, waiting: fc.option(count), unfinished: count, members: count }), { maxLength: 3 }),
  audit: fc.option(fc.record({ world: word, lines: count, root: fc.constant('0123456789abcdef0123'), signed: fc.option(count), bytes: count })),
  disk: fc.record({ free_bytes: fc.nat({ max: 100 }), total_bytes: fc.constant(100), free_inodes: fc.nat({ max: 100 }), total_inodes: fc.constantFrom(0, 100) }),
  memory: fc.dictionary(word, count, { maxKeys: 4 }),
  errors: fc.array(fc.record({ at: instant, tool: word, message: word }), { maxLength: 3 }),
})
const whole = (one: Omit<Status, 'well' | 'troubles'>): Status => {
  const troubles = troublesOf(one, [])
  return { ...one, troubles, well: troubles.length === 0 }
}

test('law: no line is wider than a terminal of 80 columns or more, painted or not, and paint adds nothing but colours', () => {
  fc.assert(fc.property(seen, fc.integer({ min: 80, max: 200 }), (one, width) => {
    const plain = statusTable(whole(one), width, paintWith(false))
    assert.deepEqual(plain.filter((line) => line.length > width), [])
    const stripped = statusTable(whole(one), width, paintWith(true)).map((line) => line.replace(/\x1b\[[\d;]*m/g, ''))
    assert.deepEqual(stripped, plain)
  }))
})

test('law: well is what has no halt, no unknown order, no feed that is not live, and room on the disk; each fault is named', () => {
  fc.assert(fc.property(seen, (one) => {
    const { troubles, well } = whole(one), named = troubles.map(({ what }) => what)
    const isFull = one.disk.free_bytes / 100 < LEAST_FREE || (one.disk.total_inodes > 0 && one.disk.free_inodes / 100 < LEAST_FREE)
    const faults = [
      ...((one.orders?.halted ?? null) === null ? [] : ['orders']),
      ...one.vaults.filter(({ unknown_orders: unknown }) => unknown > 0).map(({ vault }) => `vault ${vault}`),
      ...one.feeds.filter(({ state }) => state !== 'live').map(({ feed }) => `feed ${feed}`),
      ...one.jobs.filter(({ state }) => state === 'stale').map(({ job }) => `job ${job}`),
      ...(isFull ? ['disk'] : []),
    ]
    assert.deepEqual(named, faults)
    assert.equal(well, faults.length === 0)
    const table = statusTable(whole(one), undefined, paintWith(false)).join('\n')
    for (const { what, detail } of troubles) assert.ok(table.includes(`NOT WELL  ${what}: ${detail}`))
  }))
})

test('law: the last record of each stage is found from the end, whatever stands between and however the tail is torn', () => {
  const stages = ['collect', 'enrich', 'vault'], stageOf = (tool: string): string | undefined => stages.find((stage) => `vanta-${stage}` === tool)
  const line = fc.record({ tool: fc.constantFrom('vanta-collect', 'vanta-enrich', 'vanta-vault', 'vanta-other'), atMs: fc.nat({ max: NOW }), lagMs: fc.nat({ max: 1e6 }) })
  fc.assert(fc.property(fc.array(line), fc.boolean(), (lines, isTorn) => {
    const logs = memoryLogs(), tape = logs.open('audit.jsonl')
    for (const { tool, atMs, lagMs } of lines) {
      tape.append(Buffer.from(`${JSON.stringify({ kind: 'x', at: formatInstant(atMs), known_at: formatInstant(atMs + lagMs), by: `${tool}/1 --x` })}\n`))
    }
    if (isTorn) tape.append(Buffer.from('{"kind":"x","by":"vanta-vault/1'))
    const found = stagesOf(tape, stages, stageOf, NOW)
    for (const stage of stages) {
      const last = lines.findLast(({ tool }) => tool === `vanta-${stage}`), told = found.find((one) => one.stage === stage)
      assert.equal(told?.known_at, last && formatInstant(last.atMs + last.lagMs))
      assert.equal(told?.lag_ms, last?.lagMs)
    }
  }))
})

test('no more of a log is read than asked for', () => {
  const tape = memoryLogs().open('x')
  for (let i = 0; i < 1000; i++) tape.append(Buffer.from(`${String(i).padStart(9, '0')}\n`))
  assert.deepEqual([...lastLines(tape, 30)], ['000000999', '000000998', '000000997'])
})

test('errors are what was put aside and what a log calls an error', () => {
  const lines = [
    '{"at":"2026-03-02T11:00:00.000Z","tool":"vanta-decay","place":"stdin:4","fault":"not JSON","line":"x"}',
    '{"level":50,"time":"2026-03-02T11:00:01.000Z","tool":"vanta-sec","msg":"no answer"}',
    '{"level":40,"time":"2026-03-02T11:00:02.000Z","tool":"vanta-sec","msg":"slow"}', 'torn', '{"event":"submit"}', '7',
  ]
  assert.deepEqual([...errorsIn(lines)], [
    { at: '2026-03-02T11:00:00.000Z', tool: 'vanta-decay', message: 'stdin:4: not JSON' }, { at: '2026-03-02T11:00:01.000Z', tool: 'vanta-sec', message: 'no answer' },
  ])
})

test('law: a job is fresh from the end of a slot that is not too old until what it did is not, and never judged by slots before the node was there', () => {
  const timers = JOBS.filter((job): job is TimerJob => job.kind === 'timer')
  fc.assert(fc.property(fc.constantFrom(...timers), fc.integer({ min: 0, max: 10 * 86_400_000 }), fc.integer({ min: 0, max: 10 * 86_400_000 }), (job, doneAgo, sinceAgo) => {
    const end = (ago: number, outcome: string): SlotEnd =>
      ({ role: job.role, job: job.name, outcome, endMs: NOW - ago, fromMs: lastSlot(job.schedule, NOW - ago), toMs: lastSlot(job.schedule, NOW - ago), tookMs: 1 })
    const since: SlotEnd = { ...end(Math.max(sinceAgo, doneAgo), 'done'), job: 'another' }
    const [status] = jobStatuses([job], [end(doneAgo, 'done'), since], NOW)
    const due = lastSlot(job.schedule, NOW - job.freshMs), isDue = due !== undefined && due >= since.endMs
    const isCovered = [...slotsBetween(job.schedule, NOW - 30 * 86_400_000, NOW - doneAgo)].at(-1) ?? -Infinity
    assert.equal(status?.state, isDue && isCovered < due ? 'stale' : 'fresh')
    const [unset] = jobStatuses([job], [end(doneAgo, 'unconfigured'), since], NOW)
    assert.equal(unset?.state, 'unconfigured')
    const [begun] = jobStatuses([job], [end(doneAgo, 'failed'), since], NOW)
    assert.equal(begun?.state, isDue ? 'stale' : 'waiting')
  }))
  assert.deepEqual(jobStatuses(timers, [], NOW), [])
})

test('a vault whose memory makes no sense is a trouble, and hides no other vault', () => {
  const good = { vaults: { core: { capital: 'a lot' } } }
  const { vaults, troubles } = vaultsOf({ vaults: good, ledger: { vaults: { gone: 7 } }, queue: undefined, overlay: undefined }, NOW)
  assert.deepEqual(vaults, [])
  assert.deepEqual(troubles.map(({ what }) => what), ['vault core', 'vault gone'])
})

const env = { ...process.env, VANTA_HOME: home, PATH: `${join(root, 'bin')}:${process.env['PATH']}` }
const vanta = (...words: readonly string[]) => spawnSync('vanta', words, { cwd: root, env, encoding: 'utf8' })
const names = (folder: string): readonly string[] => readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .map((name) => `${name} ${statSync(join(folder, name)).mtimeMs}`).sort()

test('a home at work: nothing is written, no lock is waited for, and what is amiss is told by words and status', () => {
  assert.equal(spawnSync('vanta-vault', ['init', 'core', '--cash', '1000'], { cwd: root, env }).status, 0)
  const well = vanta('status', '--json')
  assert.equal(well.status, 0, well.stdout)
  const logs = fileLogs(join(home, 'logs')), releases = ['audit', 'trade_log.jsonl', 'vaults.ndjson'].map((name) => logs.lock(name))
  const memory = fileLogs(join(home, 'memory')), held = memory.lock('vault_overlay.json')
  mkdirSync(join(home, 'logs', 'rejects'), { recursive: true })
  writeFileSync(join(home, 'memory', 'cursor_reddit.json'), JSON.stringify({
    version: 1, streams: {}, said: [], heard: { stocks: { at: '2026-01-01T00:00:00.000Z', state: 'live' }, wallstreetbets: { at: '2026-03-02T11:59:00.000Z', state: 'live' } },
  }))
  const before = names(home)
  const told = vanta('status', '--json', '--now', '2026-03-02T12:00:00Z')
  assert.deepEqual(names(home), before)
  const status = JSON.parse(told.stdout) as Status
  assert.equal(told.status, 1)
  assert.deepEqual(status.feeds.map(({ stream, state }) => [stream, state]), [['stocks', 'mute'], ['wallstreetbets', 'live']])
  assert.deepEqual(status.troubles.map(({ what }) => what), ['feed vanta-reddit'])
  assert.deepEqual(status.vaults.map(({ vault, equity }) => [vault, equity]), [['core', '1000.00']])
  writeFileSync(join(home, 'memory', 'vault_overlay.json'), '{"version":1,"kill":fal')
  const torn = JSON.parse(vanta('status', '--json').stdout) as Status
  assert.match(torn.orders?.halted ?? '', /absent or unreadable/)
  assert.ok(torn.troubles.some(({ what, detail }) => what === 'memory' && /vault_overlay\.json/.test(detail)))
  for (const release of [...releases, held]) release()
})

test('streams of the home: what each group has yet to hear, and nothing is made by asking; a server that is not there is a trouble', () => {
  const lines = Array.from({ length: 5 }, (_, i) => `{"kind":"signal","subject":"ticker:T${i}"}`)
  const bus = join(home, 'bus')
  mkdirSync(bus, { recursive: true })
  writeFileSync(join(bus, 'signals.json'), '{"partitions":1}\n')
  writeFileSync(join(bus, 'signals.ndjson'), lines.map((line) => `${line}\n`).join(''))
  writeFileSync(join(bus, 'signals~refine.group'), `[${2 * (lines[0]?.length ?? 0) + 2}]\n`)
  writeFileSync(join(bus, 'half.ndjson'), '')
  const before = names(home)
  const { streams, troubles } = JSON.parse(vanta('status', '--json', '--stream', 'kafka:x:y').stdout) as Status
  assert.deepEqual(names(home), before)
  assert.deepEqual(streams, [{ stream: 'file:signals', group: 'refine', waiting: 3, unfinished: 0, members: 0 }])
  assert.ok(troubles.some(({ what }) => what === 'stream kafka:x:y'))
})

test('watched, it looks until it is interrupted, and dies of that', async () => {
  const child = spawn('vanta', ['status', '--json', '--watch', '--every', '10ms'], { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] })
  let out = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
    if (out.split('\n').length > 3) child.kill('SIGINT')
  })
  const signal = await new Promise((resolve) => child.once('close', (_code, by) => resolve(by)))
  assert.equal(signal, 'SIGINT')
  for (const line of out.split('\n').slice(0, 3)) assert.equal((JSON.parse(line) as Status).home, home)
})
