import { Redis } from 'ioredis'
import kafkajs from 'kafkajs'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileBus } from '#adapter/file/bus'
import { fileLogs } from '#adapter/file/logs'
import { openKafkaBus } from '#adapter/kafka/lazy'
import { openRedisBus } from '#adapter/redis/lazy'
import { parseBusAddress } from '#domain/bus/address'
import type { Bus } from '#port/bus'
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

busSuite('kafka', {
  skip: kafka.skip, inOrder: false,
  open: (stream) => openKafkaBus(parseBusAddress(`kafka://127.0.0.1:${kafka.port}/${stream}`), { secrets: {}, tlsFolder: '/nowhere' }, quiet),
  async drop(stream) {
    const admin = new kafkajs.Kafka({ brokers: [`127.0.0.1:${kafka.port}`], logLevel: kafkajs.logLevel.NOTHING }).admin()
    await admin.connect()
    const ends = await admin.fetchTopicOffsets(stream)
    await admin.deleteTopicRecords({ topic: stream, partitions: ends.map(({ partition, high }) => ({ partition, offset: high })) })
    await admin.disconnect()
  },
})
