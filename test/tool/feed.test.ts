/** What the runner does for every collector of a service, in a world held in memory. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatInstant, make, type Health, type Signal, type Vanta } from '#record'
import { Failure } from '#port/failure'
import { memoryOutside, type MemoryOutside, type MemoryService } from '#adapter/memory/outside'
import { memoryStore } from '#adapter/memory/store'
import { feed, type LiveWorld } from '#tool/feed'
import { collected, payloadWorld } from '../collect/payload_world.ts'
import { failsWith } from '../port/store.suite.ts'

const NOW = '2026-01-02T15:00:00Z'

/** Reads lines; `bad` is no signal, a payload that starts with `<` is none of ours. */
const lines = (live?: (world: LiveWorld) => AsyncIterable<Vanta>) => feed({
  name: 'vanta-lines',
  summary: 'Lines.',
  options: {},
  examples: ['vanta-lines --help'],
  every: '1m',
  service: { name: 'lines', origins: ['https://lines.example'], rate: { requests: 1, perMs: 1 } },
  sources: [{ name: 'lines', reads: 'lines', address: 'https://lines.example', limits: '1 a second', terms: 'none' }],
  watch: { hours: 'always', quietMs: 3_600_000 },
  open: (_, { reject }) => ({
    *read({ name, bytes, heardMs }) {
      if (bytes[0] === 60) throw new Failure('data', `${name}: a page`)
      for (const [i, line] of bytes.toString().split('\n').entries()) {
        if (line === 'bad') reject(`line ${i + 1}`, 'it is bad')
        else yield signal(line, heardMs)
      }
    },
  }),
  ...(live !== undefined && { live: (_: unknown, world: LiveWorld) => live(world) }),
})

const signal = (line: string, knownMs: number): Signal =>
  make('signal', { at: '2026-01-02T14:59:00.000Z', known_at: formatInstant(knownMs), source: 'lines/a', by: 't/1', type: 'line', key: `lines:${line}` })

const keysOf = (records: readonly Vanta[]): string[] => records.flatMap((record) => (record.kind === 'signal' ? [record.key] : []))
const healthOf = (records: readonly Vanta[]): Health[] => records.filter((record): record is Health => record.kind === 'health')

test('files: every payload is kept and named, repeats are given once, a bad one does not hide the others', async () => {
  const world = payloadWorld({ 'a.txt': 'one\nbad\ntwo', 'b.txt': '<html>', 'c.txt': 'two\nthree' }, NOW)
  const records: Vanta[] = []
  await assert.rejects(async () => {
    for await (const record of lines().collect({ ...DEFAULTS, from: ['a.txt', 'b.txt', 'missing.txt', 'c.txt'] }, world)) records.push(record)
  }, failsWith('data', /missing.txt: there is no such file/))
  assert.deepEqual(keysOf(records), ['lines:one', 'lines:two', 'lines:three'])
  assert.deepEqual(world.said, ['a.txt: line 2: it is bad', 'b.txt: a page'])
  assert.deepEqual(world.outside.index.map(({ name, heard_at }) => [name, heard_at]), [['a.txt', '2026-01-02T15:00:00.000Z'], ['b.txt', '2026-01-02T15:00:00.000Z'], ['c.txt', '2026-01-02T15:00:00.000Z']])
  assert.deepEqual(records.map(({ raw }) => raw), [0, 0, 2].map((i) => world.outside.index[i]?.raw))
})

const DEFAULTS = {
  from: undefined, again: false, keep: 'yes', listSources: false, endpoint: undefined, once: true, every: 60_000, for: undefined, muteAfter: undefined, credentials: undefined,
  contact: undefined, timeout: 1000, maxResponse: 1000, patience: 1000, retries: 0, socks: undefined,
} as const

test('the kept payload is no part of what a record says', () => {
  const record = signal('x', 0)
  const { id } = record
  assert.equal(make('signal', { ...record, raw: 'f'.repeat(40) }).id, id)
})

test('--again reads what was kept, as of when it was heard; --keep no keeps nothing', async () => {
  const world = payloadWorld({ 'a.txt': 'one\ntwo' }, NOW)
  const first = await collected(lines(), { from: 'a.txt' }, world)
  const later = payloadWorld({}, '2027-01-01T00:00:00Z', world.outside)
  const again = await collected(lines(), { again: 'true' }, later)
  assert.deepEqual(again, first)
  const none = payloadWorld({ 'a.txt': 'one' }, NOW)
  await collected(lines(), { from: 'a.txt', keep: 'no' }, none)
  assert.equal(none.outside.index.length, 0)
})

test('--list-sources says what it reads; a collector of files alone wants --from', async () => {
  const world = payloadWorld()
  assert.deepEqual(await collected(lines(), { listSources: 'true' }, world), [])
  assert.match(world.printed.join('\n'), /lines\n  reads   lines\n  from    https:\/\/lines.example\n  limits  1 a second\n  terms   none/)
  await assert.rejects(collected(lines(), {}, world), failsWith('usage', /--from is required/))
})

const pages = (...bodies: readonly string[]) => async function* (world: LiveWorld): AsyncIterable<Vanta> {
  for (const [i] of bodies.entries()) {
    const cursor = world.cursor(`page ${i}`)
    const answer = await world.http.get({ url: `https://lines.example/${i}` })
    yield* world.read(answer)
    await cursor.save({ done: true })
  }
}
const serving = (...bodies: readonly string[]): MemoryService => ({
  answer: ({ url }) => ({ bytes: bodies[Number(url.at(-1))] ?? '', heardMs: Date.parse(NOW) }),
})

const roundOf = async (outside: MemoryOutside, typed = {}, ...bodies: string[]): Promise<Vanta[]> =>
  collected(lines(pages(...bodies)), { once: 'true', ...typed }, payloadWorld({}, NOW, outside))

test('one round: signals of all pages, then how the stream fares; the next round says only what is new', async () => {
  const store = memoryStore()
  const first = await roundOf(memoryOutside({ ...serving('one', 'two\none'), store }), {}, 'one', 'two\none')
  assert.deepEqual(keysOf(first), ['lines:one', 'lines:two'])
  assert.deepEqual(healthOf(first).map(({ stream, state, records, lag_ms }) => [stream, state, records, lag_ms]), [['lines', 'live', 2, 60_000]])
  const second = await roundOf(memoryOutside({ ...serving('one\nthree', 'two'), store }), {}, 'one\nthree', 'two')
  assert.deepEqual(keysOf(second), ['lines:three'])
  assert.deepEqual(store.read('cursor_lines.json')?.memory['streams'], { 'page 0': { done: true }, 'page 1': { done: true } })
})

test('a payload that is none of ours is kept, named by its content id, and its cursor stays', async () => {
  const outside = memoryOutside(serving('one', '<html>'))
  const records: Vanta[] = []
  await assert.rejects(async () => {
    for await (const record of lines(pages('', '')).collect(DEFAULTS, payloadWorld({}, NOW, outside))) records.push(record)
  }, failsWith('data', new RegExp(`a page \\(kept as ${outside.index[1]?.raw ?? '[0-9a-f]{40}'}\\)`)))
  assert.deepEqual(keysOf(records), ['lines:one'])
  assert.deepEqual(Object.keys(outside.store.read('cursor_lines.json')?.memory['streams'] ?? {}), ['page 0'])
  assert.deepEqual(healthOf(records).map(({ state, detail }) => [state, /a page/.test(detail ?? '')]), [['down', true]])
})

test('rounds go on through failures that pass, backing off, and end where one does not', async () => {
  let asked = 0
  const outside = memoryOutside({
    stopAfterPauses: 4,
    answer: () => {
      asked++
      if (asked < 4) throw new Failure('upstream', 'out of reach')
      return { bytes: 'one', heardMs: Date.parse(NOW) }
    },
  })
  const world = payloadWorld({}, NOW, outside)
  const records: Vanta[] = []
  for await (const record of lines(pages('')).collect({ ...DEFAULTS, once: false, every: 1000 }, world)) records.push(record)
  assert.deepEqual(healthOf(records).map(({ state }) => state), ['down', 'down', 'down', 'live', 'live'], 'recovery at once, then the round')
  assert.deepEqual(outside.pauses, [1000, 1000, 1500, 1000])
  const refused = memoryOutside({ stopAfterPauses: 9, answer: () => { throw new Failure('config', 'denied') } })
  await assert.rejects(async () => {
    for await (const _ of lines(pages('')).collect({ ...DEFAULTS, once: false }, payloadWorld({}, NOW, refused)));
  }, failsWith('config', /denied/))
})

test('connected but mute is said loudly, once, by stream, and its recovery too', async () => {
  const store = memoryStore()
  const at = async (now: string, body: string): Promise<{ health: Health[]; said: string[] }> => {
    const world = payloadWorld({}, now, memoryOutside({ answer: () => ({ bytes: body, heardMs: Date.parse(now) }), store }))
    return { health: healthOf(await collected(lines(pages('')), { once: 'true' }, world)), said: world.said }
  }
  const states = ({ health }: { health: Health[] }): string[][] => health.map(({ stream, state }) => [stream, state])
  assert.deepEqual(states(await at('2026-01-02T15:00:00Z', 'one')), [['lines', 'live']])
  assert.deepEqual(states(await at('2026-01-02T15:59:00Z', 'one')), [['lines', 'live']])
  const mute = await at('2026-01-02T16:01:00Z', 'one')
  assert.deepEqual(states(mute), [['lines', 'mute'], ['lines/a', 'mute']])
  assert.match(mute.said.join('\n'), /lines\/a: connected, but nothing new since 2026-01-02T15:00:00.000Z/)
  const still = await at('2026-01-02T16:30:00Z', 'one')
  assert.deepEqual([states(still), still.said], [[['lines', 'mute']], []])
  assert.deepEqual(states(await at('2026-01-02T16:31:00Z', 'two')), [['lines', 'live'], ['lines/a', 'live'], ['lines', 'live']])
})

test('a stream that is open and says nothing is found mute while it says nothing', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let nowMs = Date.parse(NOW)
  const world = { ...payloadWorld({}, NOW), clock: { now: () => nowMs } }
  const later = (minutes: number): void => {
    nowMs += minutes * 60_000
    t.mock.timers.tick(minutes * 60_000)
  }
  let speak: () => void = () => undefined
  const open = lines(async function* () {
    yield signal('one', nowMs)
    await new Promise<void>((resolve) => (speak = resolve))
    yield signal('two', nowMs)
  })
  const states: string[] = []
  for await (const record of open.collect({ ...DEFAULTS, muteAfter: 3 * 60_000 }, world)) {
    states.push(record.kind === 'health' ? `${record.stream} ${record.state}` : record.kind)
    // The next record, or the next minute of silence, is asked for after this.
    if (states.length < 9) setImmediate(() => later(1))
    else setImmediate(speak)
  }
  assert.deepEqual(states.slice(0, 6), ['signal', 'lines live', 'lines live', 'lines live', 'lines mute', 'lines/a mute'])
  assert.deepEqual(states.slice(-4), ['signal', 'lines live', 'lines/a live', 'lines live'], 'that it speaks again is said at once')
})

test('a service may have rules of its own for when a stream is opened again', async () => {
  const outside = memoryOutside({ stopAfterPauses: 3, answer: () => { throw new Failure('upstream', 'cut') } })
  const described = lines(pages('')).feed
  const stream = feed({ ...described, live: (_, world) => pages('')(world), reconnectMs: (_, failures, failure) => (failure?.message === 'cut' ? failures * 250 : undefined) })
  for await (const _ of stream.collect({ ...DEFAULTS, once: false }, payloadWorld({}, NOW, outside)));
  assert.deepEqual(outside.pauses, [250, 500, 750])
})

test('two processes of one collector move on their own streams only', async () => {
  const store = memoryStore()
  const one = async function* (world: LiveWorld): AsyncIterable<Vanta> {
    yield signal('a', 0)
    // The other process runs from beginning to end in between.
    await collected(lines(async function* (inner: LiveWorld): AsyncIterable<Vanta> {
      yield signal('b', 0)
      await inner.cursor('second').save(2)
    }), { once: 'true' }, payloadWorld({}, NOW, memoryOutside({ store })))
    await world.cursor('first').save(1)
  }
  await collected(lines(one), { once: 'true' }, payloadWorld({}, NOW, memoryOutside({ store })))
  assert.deepEqual(store.read('cursor_lines.json')?.memory['streams'], { first: 1, second: 2 })
})

test('secrets are asked for by name; what lacks is said by name', async () => {
  const asking = (...keys: string[]) => lines(async function* (world: LiveWorld): AsyncIterable<Vanta> {
    yield signal(Object.keys(await world.credentials(...keys)).join('+'), 0)
  })
  const having = (secrets?: Record<string, string>) => payloadWorld({}, NOW, memoryOutside(secrets === undefined ? {} : { secrets }))
  assert.deepEqual(keysOf(await collected(asking('key'), { once: 'true' }, having({ key: 'k' }))), ['lines:key'])
  await assert.rejects(collected(asking('key', 'secret'), { once: 'true' }, having({ key: 'k' })), failsWith('config', /lacks secret/))
  await assert.rejects(collected(asking('key'), { once: 'true' }, having()), failsWith('config', /--credentials FILE, mode 0600/))
})
