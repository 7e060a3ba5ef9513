import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memoryMachine } from '#adapter/memory/machine'
import { memoryFolder } from '#adapter/memory/folder'
import { memoryJournal } from '#adapter/memory/journal'
import { memoryLogs, type MemoryLogs } from '#adapter/memory/logs'
import { memoryStore } from '#adapter/memory/store'
import { genesisOf } from '#domain/audit/archive'
import { LINES } from '#domain/audit/files'
import { lineOf, make, note, parseInstant, type Bar, type Signal, type Vanta } from '#record'
import type { ActionWorld } from '#tool'
import append from '../../src/audit/audit/append.ts'
import lineage from '../../src/audit/audit/lineage.ts'
import verify from '../../src/audit/audit/verify.ts'
import { failsWith } from '../port/store.suite.ts'
import { memoryKeys } from '#adapter/memory/keys'
import { memoryOutside } from '#adapter/memory/outside'

const AT = '2021-01-15T14:30:00.000Z'
const by = 'test/1'

interface Told {
  readonly world: ActionWorld
  readonly logs: MemoryLogs
  readonly printed: string[]
  readonly warned: string[]
}

function tell(logs: MemoryLogs = memoryLogs()): Told {
  const printed: string[] = [], warned: string[] = []
  const silent = (): void => undefined
  const none = (): never => assert.fail('the audit log needs no such thing')
  const world: ActionWorld = {
    clock: { now: () => parseInstant(AT) ?? 0 },
    log: { debug: silent, info: silent, warn: (message) => void warned.push(message), error: silent },
    random: () => ({ next: () => 0, integer: () => 0 }),
    by, past: () => [], logs, logsIn: memoryLogs, objects: none, online: none, outside: memoryOutside(), machine: memoryMachine(), serve: () => Promise.reject(new Error('nobody listens')), alarm: () => Promise.reject(new Error('nobody waits')), home: '/home', root: '/', folder: memoryFolder(), store: memoryStore(), keys: memoryKeys('1', memoryStore()), nodeKeys: memoryKeys('1', memoryStore(), 'node'), journal: memoryJournal,
    broker: none, certificateKeys: { certify: none, certificates: none, sign: none }, inference: { open: none }, prophet: { fit: none }, xgboost: { learn: none }, bus: none, simulate: none, stopwatch: none,
    print: (text) => void printed.push(text),
    progress: silent,
    hear: () => undefined, as: () => world,
  }
  return { world, logs, printed, warned }
}

type Appending = Parameters<typeof append.open>[0]

/** Run records through `vanta-audit append`; what came out. */
async function run(records: readonly Vanta[], { world }: Told, options: Partial<Appending> = {}): Promise<Vanta[]> {
  const stage = await append.open({ world: undefined, commit: 4096, wait: 0, ...options }, world)
  const out: Vanta[] = []
  for (const record of records) await stage.each(record, (emitted) => void out.push(emitted))
  await stage.end?.((emitted) => void out.push(emitted))
  return out
}

const bar = (n: number, subject = 'ticker:GME', kind: 'bar' = 'bar'): Bar => make(kind, {
  at: `2021-01-15T14:${10 + n}:00.000Z`, known_at: AT, source: 'test', by, subject, span: '1h',
  open: '1', high: '1', low: '1', close: '1', volume: '1', basis: 'as_traded',
})
const signal = (n: number, parents: string[] = []): Signal =>
  make('signal', { parents, at: AT, known_at: AT, source: 'reddit/x', by, type: 'post', key: `reddit:t3_${n}` })
const tick = make('control', { at: AT, known_at: AT, source: 'test', by, type: 'tick' })
const fillOf = (...parents: string[]): Vanta => make('fill', {
  parents, at: AT, known_at: AT, source: 'test', by,
  client_order_id: 'o', vault: 'season', broker: 'paper', subject: 'ticker:GME',
  side: 'buy', quantity: '12', price: '35.50', fee: '0.10', currency: 'USD', leg: 'open', generation: 0, band: 'a', sequence: 1,
} as Parameters<typeof make<'fill'>>[1])

const logged = ({ logs }: Told): string[] => (logs.files.get(LINES)?.toString() ?? '').split('\n').slice(0, -1)

test('append passes everything on, and logs all but prices that move nothing on behind a genesis record', async () => {
  const told = tell()
  const records = [bar(0), signal(1), bar(1), tick, bar(2), signal(2)]
  assert.deepEqual(await run(records, told), records)
  assert.deepEqual(logged(told).slice(1), [signal(1), bar(0), tick, signal(2)].map(lineOf))
  const genesis = genesisOf(told.logs)
  assert.ok(genesis !== undefined && 'world' in genesis && genesis.world === 'paper')
  assert.deepEqual([genesis.genesis.at, genesis.genesis.by], [AT, by])
})

test('a price that is not decided on is logged just before the first record that names it, and only then', async () => {
  const told = tell()
  const fill = fillOf(signal(1).id, bar(2).id), again = signal(3, [bar(2).id])
  await run([signal(1), tick, bar(0, 'ticker:SPY'), bar(1), bar(2), bar(3), fill, again], told)
  assert.deepEqual(logged(told).slice(1), [signal(1), tick, bar(0, 'ticker:SPY'), bar(2), fill, again].map(lineOf))
  assert.deepEqual(told.warned, [])
})

test('only the latest prices of a series are held; a parent that is nowhere is warned of', async () => {
  const told = tell()
  const others = Array.from({ length: 50 }, (_, n) => bar(n, 'ticker:AMC')), bars = Array.from({ length: 25 }, (_, n) => bar(n))
  const late = signal(1, [bar(0).id, bar(1).id])
  await run([...bars.slice(0, 20), ...others, ...bars.slice(20), late], told)
  assert.deepEqual(logged(told).slice(1), [bar(1), late].map(lineOf))
  assert.deepEqual(told.warned, ['1 parents of logged records are in neither log nor stream'])
})

test('what is noted on a record downstream does not reach the log', async () => {
  const told = tell()
  const stage = await append.open({ world: undefined, commit: 4096, wait: 0 }, told.world)
  const passing = signal(1)
  const line = lineOf(passing)
  await stage.each(passing, () => void note(passing, { weight: 0.5 }))
  await stage.end?.(() => undefined)
  assert.equal(passing.weight, 0.5)
  assert.deepEqual(logged(told).slice(1), [line])
})

test('what it has taken is in the log before it counts as done, whether a moment is over or not', async () => {
  const told = tell(), passing = signal(1)
  const stage = await append.open({ world: undefined, commit: 4096, wait: 0 }, told.world)
  await stage.each(passing, () => undefined)
  assert.deepEqual(logged(told).slice(1), [])
  await stage.flushed?.()
  assert.deepEqual(logged(told).slice(1), [lineOf(passing)])
  await stage.end?.(() => undefined)
  assert.deepEqual(logged(told).slice(1), [lineOf(passing)])
})

test('running the same pipe again does not grow the log', async () => {
  const told = tell()
  await run([signal(1), bar(1), fillOf(signal(1).id, bar(1).id)], told)
  const before = logged(told)
  await run([signal(1), bar(1), fillOf(signal(1).id, bar(1).id)], told)
  assert.deepEqual(logged(told), before)
  await run([signal(2)], told)
  assert.equal(logged(told).length, before.length + 2)
})

test('a run that adds something says so, and what it heard again, with what was noted otherwise', async () => {
  const told = tell()
  await run([signal(1), signal(2), signal(3), signal(4)], told)
  const [, ...first] = logged(told)
  await run([signal(1), signal(2), note(signal(4), { weight: 0.5 }), signal(5), signal(2), signal(6)], told)
  const [genesis, ...rest] = logged(told)
  assert.ok(genesis?.includes('"genesis"'))
  assert.deepEqual(rest.slice(0, 4), first)
  const said = rest.slice(4).map((line) => JSON.parse(line) as { type: string; facts?: unknown })
  assert.deepEqual(said.map(({ type }) => type), ['run', 'again', 'post', 'again', 'post'])
  assert.deepEqual(said[0]?.facts, { line: 6 })
  assert.deepEqual(said[1]?.facts, { line: 7, lines: [[2, 3], [5, 5]], otherwise: { 5: { known_at: AT, by, weight: 0.5 } } })
  assert.deepEqual(said[3]?.facts, { line: 9, lines: [[3, 3]] })
})

test('from a conviction on, what passes of its subject is logged, and the latest before it, until it has been judged', async () => {
  const told = tell()
  const conviction = make('conviction', {
    at: AT, known_at: AT, source: 'test', by, signal_id: signal(1).id, subject: 'ticker:GME', direction: 'up', conviction_score: 1 / (1 + Math.exp(-0.4)), log_odds: 0.4,
    reason_vector: [{ term: 'test', log_odds: 0.4, evidence: [] }], contributing_models: [], horizon: '5d', ttl: 60, routing_tags: [],
  })
  const late = make('bar', { ...bar(3), known_at: '2021-02-20T14:31:01.000Z' })
  await run([bar(0, 'ticker:AMC'), bar(0), bar(1), conviction, bar(2), bar(1, 'ticker:AMC'), bar(2, 'ticker:AMC'), make('bar', { ...late, subject: 'ticker:AMC' }), late], told)
  const kept = [bar(0, 'ticker:AMC'), bar(0), bar(1), conviction, bar(2), make('bar', { ...late, subject: 'ticker:AMC' })]
  assert.deepEqual(logged(told).slice(1).map((line) => (JSON.parse(line) as { id: string }).id), kept.map(({ id }) => id))
})

test('what an earlier run holds is decided on from the first moment', async () => {
  const told = tell()
  told.world.store.write('autotrade_queue.json', { vaults: { core: { 'ticker:GME': { fraction: '0.1' } } } }, 0)
  await run([bar(0), bar(0, 'ticker:AMC'), bar(1), signal(1), tick, bar(2), bar(1, 'ticker:AMC')], told)
  assert.deepEqual(logged(told).slice(1), [signal(1), bar(0), bar(1), tick, bar(2)].map(lineOf))
  await run([bar(0), bar(5)], tell(told.logs))
  assert.equal(logged(told).length, 6)
})

test('nothing to log makes no log', async () => {
  const told = tell()
  await run([bar(1)], told)
  assert.deepEqual([...told.logs.files.keys()], [])
})

test('a decision is durable at its tick, before the end', async () => {
  const told = tell()
  const stage = await append.open({ world: 'live', commit: 4096, wait: 0 }, told.world)
  await stage.each(signal(1), () => undefined)
  await stage.each(tick, () => undefined)
  assert.equal(told.logs.files.get('audit.checkpoint')?.toString().split('\n')[1], '3')
  await stage.end?.(() => undefined)
})

test('worlds do not mix in one log', async () => {
  const told = tell()
  await run([signal(1)], told, { world: 'replay' })
  await run([signal(2)], told)
  await assert.rejects(run([signal(3)], told, { world: 'live' }), failsWith('refused', /of the replay world, not of live/))
  await run([signal(4)], told, { world: 'replay' })
  assert.equal(logged(told).filter((line) => line.includes('"signal"')).length, 3)
})

const PLAIN = { since: undefined, proof: undefined, record: undefined, policy: undefined }

test('verify answers done on an intact log, negative with the place on a changed one', async () => {
  const told = tell()
  assert.equal(verify.act(PLAIN, [], told.world, () => undefined), 'negative')
  await run([signal(1), signal(2)], told)
  assert.equal(verify.act(PLAIN, [], told.world, () => undefined), 'done')
  const content = told.logs.files.get(LINES)
  content?.writeUInt8((content[content.length - 5] ?? 0) ^ 1, content.length - 5)
  assert.equal(verify.act(PLAIN, [], told.world, () => undefined), 'negative')
  assert.match(told.printed[0] ?? '', /^NOT INTACT: there is no audit log$/)
  assert.match(told.printed[1] ?? '', /^intact: 3 lines, root [0-9a-f]{64}$/)
  assert.match(told.printed[2] ?? '', /^NOT INTACT: audit\.jsonl line 3 /)
})

test('lineage gives the records, byte for byte, or a tree, both ways; its failures say why', async () => {
  const told = tell()
  const fill = fillOf(signal(1).id, bar(1).id)
  await run([signal(1), bar(1), fill, signal(2)], told)
  const out: string[] = []
  const emit = (record: Vanta): void => void out.push(lineOf(record))
  const ask = (id: string, options: Partial<Parameters<typeof lineage.act>[0]> = {}): unknown =>
    lineage.act({ up: false, down: false, kind: undefined, format: 'ndjson', all: false, depth: undefined, ...options }, [id], told.world, emit)
  ask(fill.id.slice(0, 12))
  assert.deepEqual(out, [fill, bar(1), signal(1)].map(lineOf))
  ask(fill.id, { format: 'tree', depth: 0 })
  assert.deepEqual(told.printed, [`fill ${fill.id.slice(0, 12)}  ${AT}  buy 12 ticker:GME at 35.50 USD  fee 0.10  season`])
  out.length = 0
  ask(signal(1).id, { down: true, kind: ['fill'] })
  assert.deepEqual(out, [signal(1), fill].map(lineOf))
  out.length = 0
  ask(fill.id, { up: true, down: true, kind: ['bar'] })
  assert.deepEqual(out, [fill, bar(1)].map(lineOf))
  assert.throws(() => ask(fill.id, { kind: ['fil'] }), failsWith('usage', /got "fil"/))
  assert.throws(() => ask(fill.id, { depth: -1 }), failsWith('usage'))
  assert.throws(() => ask('0000000'), failsWith('negative', /no record 0000000/))
  for (const bad of ['', '123', 'xyzw', `${fill.id}0`]) assert.throws(() => ask(bad), failsWith('usage'))
})
