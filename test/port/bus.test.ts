import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileBus } from '#adapter/file/bus'
import { fileLogs } from '#adapter/file/logs'
import { openKafkaBus } from '#adapter/kafka/lazy'
import { openRedisBus } from '#adapter/redis/lazy'
import { parseBusAddress } from '#domain/bus/address'
import { kafkaBroker } from '../service/kafka.ts'
import { redisServer } from '../service/redis.ts'
import { busSuite } from './bus.suite.ts'

// Before any case: when all that were begun have ended, servers go.
const redis = await redisServer(), kafka = await kafkaBroker()
const folder = mkdtempSync(join(tmpdir(), 'vanta-bus-'))
busSuite('file', {
  skip: undefined, inOrder: true,
  open: async (stream) => fileBus(parseBusAddress(`file:${stream}`), {
    logs: fileLogs(folder), now: () => Date.now(), pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  }),
})

const quiet = { debug() {}, info() {}, warn() {}, error() {} }
busSuite('redis', {
  skip: redis.skip, inOrder: true,
  open: (stream) => openRedisBus(parseBusAddress(`redis://127.0.0.1:${redis.port}/${stream}`), { secrets: {}, tlsFolder: '/nowhere' }, quiet),
})

busSuite('kafka', {
  skip: kafka.skip, inOrder: false,
  open: (stream) => openKafkaBus(parseBusAddress(`kafka://127.0.0.1:${kafka.port}/${stream}`), { secrets: {}, tlsFolder: '/nowhere' }, quiet),
})
