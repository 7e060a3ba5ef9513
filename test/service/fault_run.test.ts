/** Producers, filters and a server that are killed again and again: of what was sent nothing is lost, and nobody who hears it by id hears it twice. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { formatInstant, lineOf, make } from '#record'
import { runTool, startTool, type Process } from './process.ts'
import { kafkaBroker } from './kafka.ts'
import { redisServer } from './redis.ts'

const RECORDS = 20_000
const line = (i: number): string => {
  const at = formatInstant(Date.UTC(2021, 0, 4) + i * 1000)
  return lineOf(make('signal', { at, known_at: at, source: 'test', by: 'test/0', type: 'mention', key: `k${i}`, subject: `ticker:T${i % 13}`, polarity: 1 }))
}
const lines = Array.from({ length: RECORDS }, (_, i) => line(i))
const folder = mkdtempSync(join(tmpdir(), 'vanta-faults-'))
const input = join(folder, 'in.ndjson')
writeFileSync(input, lines.map((one) => `${one}\n`).join(''))
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Keys by subject in the order in which they were first heard. */
function heardIn(out: string): ReadonlyMap<string, readonly string[]> {
  const keys = new Map<string, string[]>(), ids = new Set<string>()
  for (const text of out.split('\n')) {
    if (text === '') continue
    const { id, subject, key } = JSON.parse(text) as { id: string; subject: string; key: string }
    if (!ids.has(id)) keys.set(subject, [...(keys.get(subject) ?? []), key])
    ids.add(id)
  }
  return keys
}

async function faultRun(place: (stream: string) => string, home: string, disturb: () => Promise<void>): Promise<void> {
  const env = { VANTA_HOME: home }
  const copies: Process[] = []
  const filter = (): Process => startTool('vanta-dedup', ['--in', place('raw'), '--out', place('clean'), '--group', 'dedup', '--window', '30d', '--quiet'], env)
  // Two copies of a filter, one of them killed and started anew three times; the producer is killed half way and begins again.
  copies.push(filter(), filter())
  const first = startTool('vanta-beam', ['--to', place('raw')], env, 'pipe')
  for (const chunk of [0, 1, 2, 3]) {
    first.child.stdin?.write(lines.slice(chunk * RECORDS / 8, (chunk + 1) * RECORDS / 8).map((one) => `${one}\n`).join(''))
    await pause(150)
  }
  first.child.kill('SIGKILL')
  await first.ended
  const second = startTool('vanta-beam', ['--to', place('raw'), input], env)
  for (let kill = 0; kill < 3; kill++) {
    await pause(300)
    copies[0]?.child.kill('SIGKILL')
    await copies[0]?.ended
    await disturb()
    copies[0] = filter()
  }
  const { status, err } = await second.ended
  assert.equal(status, 0, err)
  // Leases of the killed run out; then all has to come through.
  const ids = new Set<string>()
  for (let tries = 0; tries < 60 && ids.size < RECORDS; tries++) {
    await pause(500)
    const { out } = await runTool('vanta-beam', ['--from', place('clean'), '--until', 'now'], env)
    for (const { key } of out.split('\n').filter((one) => one !== '').map((one) => JSON.parse(one) as { key: string })) ids.add(key)
  }
  for (const copy of copies) copy.child.kill('SIGTERM')
  for (const copy of copies) await copy.ended
  const { out } = await runTool('vanta-beam', ['--from', place('clean'), '--group', 'audit', '--until', 'now'], env)
  const keys = heardIn(out)
  const all = [...keys.values()].flat()
  assert.equal(all.length, RECORDS, `${RECORDS - all.length} lost`)
  for (const [subject, own] of keys) assert.deepEqual(own, lines.flatMap((_, i) => (`ticker:T${i % 13}` === subject ? [`k${i}`] : [])), `order of ${subject}`)
  // The effect is once: the audit log holds every id one time, however often it was handed over.
  const log = join(home, 'logs', 'audit.jsonl')
  await runTool('vanta-audit', ['append', '--in', place('clean'), '--group', 'log', '--once', '--quiet'], env)
  const logged = readFileSync(log, 'utf8').split('\n').filter((one) => one.includes('"kind":"signal"')).map((one) => (JSON.parse(one) as { id: string }).id)
  assert.equal(new Set(logged).size, RECORDS)
  assert.equal(logged.length, RECORDS)
}

// Before any case: when all that were begun have ended, servers go.
const redis = await redisServer(), primary = await redisServer(), copy = await redisServer([], primary.port), kafka = await kafkaBroker()

test('file: producers and filters killed, nothing lost, every effect once', async () => {
  await faultRun((stream) => `file:${stream}`, join(folder, 'file'), async () => undefined)
})

test('redis: producers, filters and the server killed, the server frozen; nothing lost, every effect once', { skip: redis.skip ?? false }, async () => {
  let turn = 0
  await faultRun((stream) => `redis://127.0.0.1:${redis.port}/${stream}`, join(folder, 'redis'), async () => {
    if (turn++ === 1) return redis.freeze(3000)
    await redis.kill()
    await pause(200)
    await redis.start()
  })
})

test('redis: the primary killed again and again, its copy takes over; nothing lost, every effect once', { skip: primary.skip ?? false }, async () => {
  let first = primary, second = copy
  const hosts = [primary, copy].map(({ port }) => `127.0.0.1:${port}`).join(',')
  await faultRun((stream) => `redis://${hosts}/${stream}?replicas=1`, join(folder, 'copies'), async () => {
    await first.kill()
    await second.promote()
    await pause(200)
    await first.start(second.port)
    ;[first, second] = [second, first]
  })
})

test('kafka: producers, filters and the broker killed, nothing lost, every effect once', { skip: kafka.skip ?? false }, async () => {
  let turn = 0
  await faultRun((stream) => `kafka://127.0.0.1:${kafka.port}/${stream}`, join(folder, 'kafka'), async () => {
    if (turn++ !== 1) return
    await kafka.kill()
    await kafka.start()
  })
})
