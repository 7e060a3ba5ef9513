// The bare clients, as their own guides use them: `bus_peer.mjs redis-write PORT STREAM`, `redis-read`, `kafka-write`, `kafka-read` (until LINES were heard).
// Lines of stdin, a message each, sent by 500; or messages to stdout, each batch acknowledged once it is written.
import { once } from 'node:events'
import kafkajs from 'kafkajs'
import { Redis } from 'ioredis'

const [what, port, stream, lines] = process.argv.slice(2)
const BATCH = 500

async function eachBatch(send) {
  let tail = '', batch = []
  for await (const chunk of process.stdin.setEncoding('utf8')) {
    const parts = (tail + chunk).split('\n')
    tail = parts.pop()
    for (const line of parts) {
      batch.push(line)
      if (batch.length === BATCH) await send(batch.splice(0))
    }
  }
  if (batch.length > 0) await send(batch)
}

async function print(texts) {
  if (!process.stdout.write(texts.map((text) => `${text}\n`).join(''))) await once(process.stdout, 'drain')
}

if (what === 'redis-write') {
  const redis = new Redis({ port: Number(port) })
  await eachBatch(async (batch) => {
    const pipeline = redis.pipeline()
    for (const line of batch) pipeline.xadd(stream, '*', 'line', line)
    for (const [error] of await pipeline.exec()) if (error) throw error
  })
  redis.disconnect()
} else if (what === 'redis-read') {
  const redis = new Redis({ port: Number(port) })
  await redis.xgroup('CREATE', stream, 'g', '0')
  for (;;) {
    const [[, entries] = [undefined, []]] = await redis.xreadgroup('GROUP', 'g', 'c', 'COUNT', BATCH, 'STREAMS', stream, '>') ?? []
    if (entries.length === 0) break
    await print(entries.map(([, fields]) => fields[1]))
    await redis.xack(stream, 'g', ...entries.map(([id]) => id))
  }
  redis.disconnect()
} else {
  const kafka = new kafkajs.Kafka({ clientId: 'bare', brokers: [`127.0.0.1:${port}`], logLevel: kafkajs.logLevel.NOTHING })
  if (what === 'kafka-write') {
    const admin = kafka.admin(), producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1, createPartitioner: kafkajs.Partitioners.DefaultPartitioner })
    await admin.connect()
    await admin.createTopics({ waitForLeaders: true, topics: [{ topic: stream, numPartitions: 4 }] })
    await admin.disconnect()
    await producer.connect()
    await eachBatch((batch) => producer.send({ topic: stream, acks: -1, messages: batch.map((line) => ({ key: line.slice(-40), value: line })) }))
    await producer.disconnect()
  } else {
    const consumer = kafka.consumer({ groupId: 'bare' })
    let left = Number(lines)
    await consumer.connect()
    await consumer.subscribe({ topic: stream, fromBeginning: true })
    await new Promise((resolve, reject) => consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch: { topic, partition, messages } }) => {
        await print(messages.map(({ value }) => value.toString()))
        await consumer.commitOffsets([{ topic, partition, offset: String(BigInt(messages.at(-1).offset) + 1n) }])
        left -= messages.length
        if (left <= 0) resolve()
      },
    }).catch(reject))
    await consumer.disconnect()
  }
}
