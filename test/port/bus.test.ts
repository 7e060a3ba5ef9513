import assert from 'node:assert/strict'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Redis } from 'ioredis'
import kafkajs from 'kafkajs'
import { fileBus } from '#adapter/file/bus'
import { fileLogs } from '#adapter/file/logs'
import { openKafkaBus } from '#adapter/kafka/lazy'
import { openRedisBus } from '#adapter/redis/lazy'
import { parseBusAddress } from '#domain/bus/address'
import { linesInOrder } from '#domain/bus/order'
import type { Batch, Bus, Outgoing } from '#port/bus'
import type { Log } from '#port/log'
import { kafkaBroker } from '../service/kafka.ts'
import { redisServer } from '../service/redis.ts'
import { busSuite } from './bus.suite.ts'

// Before any case: when all that were begun have ended, servers go.
const redis = await redisServer(), kafka = await kafkaBroker()
const folder = mkdtempSync(join(tmpdir(), 'vanta-bus-'))
const DAY_MS = 86_400_000
const fileAt = (stream: string, laterMs = 0): Bus => fileBus(parseBusAddress(`file:${stream}`), {
  logs: fileLogs(folder), now: () => Date.now() + laterMs, pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
})
busSuite('file', {
  skip: undefined, inOrder: true,
  open: async (stream) => fileAt(stream),
  async drop(stream) {
    const later = fileAt(stream, 8 * DAY_MS)
    await later.append([{ key: 'z', line: '{"key":"z","i":-1}' }])
    await later.close()
  },
})

const quiet = { debug() {}, info() {}, warn() {}, error() {} }
busSuite('redis', {
  skip: redis.skip, inOrder: true,
  open: (stream) => openRedisBus(parseBusAddress(`redis://127.0.0.1:${redis.port}/${stream}`), { secrets: {}, tlsFolder: '/nowhere' }, quiet),
  async drop(stream) {
    const client = new Redis({ port: redis.port })
    await client.hset(`{${stream}}:meta`, 'keep', 1)
    client.disconnect()
    const bus = await openRedisBus(parseBusAddress(`redis://127.0.0.1:${redis.port}/${stream}`), { secrets: {}, tlsFolder: '/nowhere' }, quiet)
    // It looks what it may drop at every 256th sending.
    for (let sent = 0; sent < 256; sent++) await bus.append([{ key: 'z', line: '{"key":"z","i":-1}' }])
    await bus.close()
  },
})

/** As the broker does with what it keeps no longer, whoever has yet to hear it. */
async function dropAll(topic: string): Promise<void> {
  const admin = new kafkajs.Kafka({ brokers: [`127.0.0.1:${kafka.port}`], logLevel: kafkajs.logLevel.NOTHING }).admin()
  await admin.connect()
  const ends = await admin.fetchTopicOffsets(topic)
  await admin.deleteTopicRecords({ topic, partitions: ends.map(({ partition, high }) => ({ partition, offset: high })) })
  await admin.disconnect()
}
busSuite('kafka', {
  skip: kafka.skip, inOrder: false,
  open: (stream) => openKafkaBus(parseBusAddress(`kafka://127.0.0.1:${kafka.port}/${stream}`), { secrets: {}, tlsFolder: '/nowhere' }, quiet),
  async drop(stream) {
    await dropAll(stream)
  },
})

const kafkaAt = (stream: string, log: Log = quiet): Promise<Bus> =>
  openKafkaBus(parseBusAddress(`kafka://127.0.0.1:${kafka.port}/${stream}?partitions=2`), { secrets: {}, tlsFolder: '/nowhere' }, log)
const lineOf = (i: number): Outgoing => ({ key: `k${i % 7}`, line: `{"key":"k${i % 7}","i":${i}}` })

test('kafka: what a member holds is not told to it again when another joins', { skip: kafka.skip ?? false }, async () => {
  const [bus, other] = [await kafkaAt('held'), await kafkaAt('held')], held: Batch[] = [], heard: string[] = []
  let sent = 0
  const send = async (): Promise<void> => bus.append(Array.from({ length: 100 }, () => lineOf(sent++)))
  await send()
  const member = await bus.join('g', 'beginning')
  const listen = async (): Promise<void> => {
    const batches = await member.next(50)
    held.push(...batches)
    heard.push(...linesInOrder(batches).map(({ line }) => line))
  }
  for (let tries = 0; heard.length < sent && tries < 400; tries++) await listen()
  const second = await other.join('g', 'beginning')
  for (let tries = 0, others = 0; others === 0 && tries < 400; tries++) {
    await send()
    await listen()
    others = (await second.next(50)).length
  }
  // Whatever the broker tells it again it has been told by now.
  for (let tries = 0; tries < 5; tries++) await listen()
  assert.ok(heard.length > 100)
  assert.equal(new Set(heard).size, heard.length)
  await bus.close()
  await other.close()
})

test('kafka: a group is told how many lines the broker dropped before it had heard them', { skip: kafka.skip ?? false }, async () => {
  const warnings: string[] = [], bus = await kafkaAt('late', { ...quiet, warn: (text: string) => void warnings.push(text) })
  await bus.append(Array.from({ length: 40 }, (_, i) => lineOf(i)))
  const member = await bus.join('g', 'beginning')
  for (let batches: readonly Batch[] = []; batches.length === 0;) {
    batches = await member.next(100)
    await member.done(batches)
  }
  await member.leave()
  await bus.append(Array.from({ length: 70 }, (_, i) => lineOf(i)))
  await dropAll('late')
  const again = await bus.join('g', 'beginning')
  await again.leave()
  const counts = warnings.map((text) => Number(/the broker dropped (\d+) lines of partition \d before group g had heard them/.exec(text)?.[1]))
  assert.equal(counts.reduce((sum, count) => sum + count, 0), 70)
  await bus.close()
})
