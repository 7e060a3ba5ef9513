/**
 * A stream as a topic of Kafka: a line a message, partitioned by key, its producer idempotent. Lines of one key keep their order; those of several
 * partitions come in no order that is promised. Groups, and who reads which partition, are Kafka's own.
 */
import kafkajs, { type Admin, type Consumer, type Kafka, type KafkaMessage } from 'kafkajs'
import { nameOfAddress, type BusAddress } from '#domain/bus/address'
import { partitionOf } from '#domain/bus/key'
import { KAFKA_REPLAYS } from '#domain/node/access'
import { faultOf, type Position } from '#domain/bus/position'
import type { Batch, Bus, Lag, Member, Outgoing, Since } from '#port/bus'
import { Failure } from '#port/failure'
import type { Log } from '#port/log'
import type { Millis } from '#record'
import { asking } from './client.ts'

/** How long a member may be silent before its partitions fall to others. */
const SESSION_MS = 10_000, HEARTBEAT_MS = 2000
/** How long a consumer may take until it has been given its partitions, and what stands in them. */
const JOIN_MS = 60_000
const LOOK_MS = 25
/** How long the broker keeps a question for what is new, where there is nothing: whoever leaves waits for its answer. */
const FETCH_MS = 100
/** What is sent to a partition at once is one message to the broker, which takes a megabyte (`max.message.bytes`). */
const PARTITION_BYTES = 900_000, MESSAGE_BYTES = 64

export async function kafkaBus(address: BusAddress, kafka: Kafka, log: Log, chance: () => string): Promise<Bus> {
  const name = nameOfAddress(address), topic = address.stream
  const admin = kafka.admin()
  // A connection that is left open keeps the process alive.
  const partitions = await asking(name, async () => (await admin.connect(), topicOf(admin, address))).catch(async (error: unknown) => {
    await admin.disconnect()
    throw error
  })
  const producer = kafka.producer({
    idempotent: true, maxInFlightRequests: 1, createPartitioner: () => ({ message }) => partitionOf(String(message.key ?? ''), partitions),
  })
  let sending: Promise<void> | undefined
  const members = new Set<KafkaMember>()
  const reader = async (group: string): Promise<KafkaMember> => {
    const terms = { groupId: group, sessionTimeout: SESSION_MS, heartbeatInterval: HEARTBEAT_MS, maxWaitTimeInMs: FETCH_MS, allowAutoTopicCreation: false }
    const member = new KafkaMember(kafka.consumer(terms), admin, topic, name)
    members.add(member)
    return member
  }
  return {
    address: name,
    async append(lines) {
      if (lines.length === 0) return
      await (sending ??= asking(name, () => producer.connect()))
      for (const part of sendings(lines, partitions)) {
        await asking(name, () => producer.send({ topic, acks: -1, messages: part.map(({ key, line }) => ({ key, value: line })) }))
      }
    },
    async join(group, since) {
      const [known] = await asking(name, () => admin.fetchOffsets({ groupId: group, topics: [topic] })), done = known?.partitions ?? []
      if (done.some(({ offset }) => BigInt(offset) >= 0n)) {
        for (const { partition, low } of await asking(name, () => admin.fetchTopicOffsets(topic))) {
          const from = BigInt(done.find((one) => one.partition === partition)?.offset ?? low), missed = BigInt(low) - from
          // Of a partition that it never was done with anything in, the group hears what there is.
          if (from < 0n || missed <= 0n) continue
          log.warn(`${name}: the broker dropped ${missed} lines of partition ${partition} before group ${group} had heard them`)
        }
      } else if (since !== 'beginning') await begin(admin, topic, group, since, name)
      const member = await reader(group)
      await asking(name, () => member.start())
      return member
    },
    async *replay(since, until) {
      const now = await asking(name, () => admin.fetchTopicOffsets(topic)), goesOn = until === 'stopped'
      const ends = now.map((end) => (typeof until === 'object' ? { ...end, high: until.offsets[end.partition] ?? '0' } : end))
      const starts = await startsOf(admin, topic, since, now, name)
      const from = new Map(starts.map(({ partition, offset }) => [partition, BigInt(offset)]))
      const left = new Set(ends.filter(({ partition, high }) => BigInt(high) > (from.get(partition) ?? 0n)).map(({ partition }) => partition))
      if (!goesOn && left.size === 0) return
      const group = `${KAFKA_REPLAYS}${chance()}`, member = await reader(group)
      try {
        await asking(name, () => member.start(starts))
        for (;;) {
          const batches = await member.next(200)
          if (batches.length > 0) yield goesOn ? batches : batches.map((batch) => upTo(batch, ends)).filter(({ lines }) => lines.length > 0)
          for (const { partition, offset } of batches) {
            if (BigInt(offset) + 1n >= BigInt(ends.find((end) => end.partition === partition)?.high ?? 0)) left.delete(partition)
          }
          if (!goesOn && left.size === 0) return
        }
      } finally {
        await member.leave()
        // It was nobody's: what is left of it may go, and does no harm where it does not.
        await admin.deleteGroups([group]).catch(() => undefined)
      }
    },
    serverTimeMs: async () => undefined,
    async starts() {
      return positionOf(await asking(name, () => admin.fetchTopicOffsets(topic)), 'low')
    },
    async ends() {
      return positionOf(await asking(name, () => admin.fetchTopicOffsets(topic)), 'high')
    },
    async lags() {
      const { groups } = await asking(name, () => admin.listGroups()), ends = await asking(name, () => admin.fetchTopicOffsets(topic))
      const lags: Lag[] = []
      for (const { groupId } of groups.filter((one) => !one.groupId.startsWith(KAFKA_REPLAYS))) {
        const [known] = await asking(name, () => admin.fetchOffsets({ groupId, topics: [topic] }))
        const done = new Map(known?.partitions.map(({ partition, offset }) => [partition, BigInt(offset)]))
        const { groups: [described] } = await asking(name, () => admin.describeGroups([groupId])), readers = described?.members.filter(({ memberMetadata }) =>
          kafkajs.AssignerProtocol.MemberMetadata.decode(memberMetadata)?.topics.includes(topic)) ?? []
        if (readers.length === 0 && ![...done.values()].some((offset) => offset >= 0n)) continue
        const partitions = [...ends].sort((a, b) => a.partition - b.partition).map(({ partition, high, low }) => {
          const offset = done.get(partition) ?? -1n, from = offset < BigInt(low) ? BigInt(low) : offset
          return { done: String(from), waiting: Number(BigInt(high) - from), unfinished: 0 }
        })
        lags.push({ group: groupId, partitions, members: readers.length })
      }
      return lags
    },
    async close() {
      for (const member of members) await member.leave()
      await producer.disconnect()
      await admin.disconnect()
    },
  }
}

/** Lines in their order, as many together as no partition gets too much of; one that is too long by itself is the broker's to refuse. */
function* sendings(lines: readonly Outgoing[], partitions: number): Generator<readonly Outgoing[], void, undefined> {
  let from = 0, bytes = new Float64Array(partitions)
  for (const [at, { key, line }] of lines.entries()) {
    const partition = partitionOf(key, partitions), more = Buffer.byteLength(line) + Buffer.byteLength(key) + MESSAGE_BYTES
    if (at > from && (bytes[partition] ?? 0) + more > PARTITION_BYTES) {
      yield lines.slice(from, at)
      from = at
      bytes = new Float64Array(partitions)
    }
    bytes[partition] = (bytes[partition] ?? 0) + more
  }
  yield lines.slice(from)
}

/** Of a batch what stood there when the ends were asked for. */
const upTo = (batch: Batch, ends: readonly { partition: number; high: string }[]): Batch => {
  const high = Number(ends.find(({ partition }) => partition === batch.partition)?.high ?? 0)
  return { partition: batch.partition, offset: batch.offset, lines: batch.lines.filter(({ place }) => place < high) }
}

/** How many partitions the topic has; it is made where there is none. */
async function topicOf(admin: Admin, { stream, partitions, keepMs, replicas }: BusAddress): Promise<number> {
  const topics = await admin.listTopics()
  if (!topics.includes(stream)) {
    await admin.createTopics({
      waitForLeaders: true,
      topics: [{ topic: stream, numPartitions: partitions, replicationFactor: 1 + replicas, configEntries: [{ name: 'retention.ms', value: String(keepMs) }] }],
    })
  }
  const { topics: [found] } = await admin.fetchTopicMetadata({ topics: [stream] })
  return found?.partitions.length ?? partitions
}

type Offsets = readonly { readonly partition: number; readonly offset: string }[]
type Ends = Awaited<ReturnType<Admin['fetchTopicOffsets']>>

const positionOf = (ends: Ends, end: 'low' | 'high'): Position => ({ offsets: [...ends].sort((a, b) => a.partition - b.partition).map((one) => one[end]) })

async function startsOf(admin: Admin, topic: string, since: Since, ends: Ends, name: string): Promise<Offsets> {
  if (since === 'beginning') return ends.map(({ partition, low }) => ({ partition, offset: low }))
  if (typeof since === 'object') {
    const fault = faultOf(since, { starts: positionOf(ends, 'low'), ends: positionOf(ends, 'high') })
    if (fault !== undefined) throw new Failure('usage', `--since: ${fault}`)
    return ends.map(({ partition, low }) => ({ partition, offset: since.offsets[partition] ?? low }))
  }
  const found = await asking(name, () => admin.fetchTopicOffsetsByTimestamp(topic, since))
  // Where nothing was sent since then, there is no offset.
  return ends.map(({ partition, high }) => {
    const offset = found.find((one) => one.partition === partition)?.offset ?? high
    return { partition, offset: BigInt(offset) < 0n ? high : offset }
  })
}

/** Where a new group begins. */
async function begin(admin: Admin, topic: string, groupId: string, since: Since, name: string): Promise<void> {
  const ends = await asking(name, () => admin.fetchTopicOffsets(topic)), partitions = [...await startsOf(admin, topic, since, ends, name)]
  await asking(name, () => admin.setOffsets({ groupId, topic, partitions }))
}

interface Waiting {
  readonly batch: Batch
  taken(): void
}

class KafkaMember implements Member {
  readonly #consumer: Consumer
  readonly #admin: Admin
  readonly #topic: string
  readonly #name: string
  /** Partitions of its own, with the offset behind what was handed out last; undefined until they are known. */
  #own: Map<number, bigint> | undefined
  #waiting: Waiting[] = []
  /** By partition, how far it was handed out: after the group was parted anew the broker tells again what is not done with yet, and this one has it. */
  readonly #handed = new Map<number, bigint>()
  #crashed: Error | undefined
  /** Called when something has come. */
  #wake: (() => void) | undefined
  #left = false

  constructor(consumer: Consumer, admin: Admin, topic: string, name: string) {
    this.#consumer = consumer
    this.#admin = admin
    this.#topic = topic
    this.#name = name
  }

  async start(from?: readonly { readonly partition: number; readonly offset: string }[]): Promise<void> {
    const consumer = this.#consumer
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      this.#own = new Map((payload.memberAssignment[this.#topic] ?? []).map((partition) => [partition, -1n]))
      for (const { taken } of this.#waiting.splice(0)) taken()
    })
    consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => void (restart || (this.#crashed = error)))
    await consumer.connect()
    await consumer.subscribe({ topic: this.#topic, fromBeginning: true })
    await consumer.run({
      autoCommit: false, eachBatchAutoResolve: true, partitionsConsumedConcurrently: 64,
      eachBatch: async ({ batch, heartbeat, isStale }) => {
        if (isStale() || this.#left || batch.messages.length === 0) return
        const last = batch.messages.at(-1)?.offset ?? '0'
        const lines = batch.messages.map(({ value, offset }: KafkaMessage) => ({ line: value?.toString() ?? '', place: Number(offset) }))
        const beating = setInterval(() => void heartbeat().catch(() => undefined), HEARTBEAT_MS)
        try {
          await new Promise<void>((taken) => {
            this.#waiting.push({ batch: { partition: batch.partition, offset: last, lines }, taken })
            this.#wake?.()
          })
        } finally {
          clearInterval(beating)
        }
      },
    })
    try {
      for (const { partition, offset } of from ?? []) consumer.seek({ topic: this.#topic, partition, offset })
    } catch (error) {
      // It was never let into its group.
      throw this.#crashed ?? error
    }
  }

  async next(maxWaitMs: Millis): Promise<readonly Batch[]> {
    const beganMs = performance.now()
    for (;;) {
      if (this.#crashed !== undefined) await asking(this.#name, () => Promise.reject(this.#crashed))
      const taken = this.#take()
      if (taken.length > 0) return taken
      await this.#news(LOOK_MS)
      if (this.#waiting.length > 0) continue
      const elapsedMs = performance.now() - beganMs
      // Nothing has come, and nothing is on its way either.
      if (elapsedMs >= maxWaitMs && await this.#isEven()) return this.#take()
      if (elapsedMs > Math.max(maxWaitMs, JOIN_MS)) throw new Failure('upstream', `${this.#name}: there is more, and nothing has come for ${JOIN_MS / 1000} s`)
    }
  }

  async #news(waitMs: Millis): Promise<void> {
    // It may have come since somebody looked: nobody is woken again for it.
    if (this.#waiting.length > 0) return
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, waitMs)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  #take(): readonly Batch[] {
    return this.#waiting.splice(0).flatMap(({ batch, taken }) => {
      const { partition, offset } = batch, handed = this.#handed.get(partition) ?? -1n, end = BigInt(offset) + 1n
      this.#own?.set(partition, end)
      taken()
      if (end <= handed) return []
      this.#handed.set(partition, end)
      const isNew = (batch.lines[0]?.place ?? 0) >= handed
      return [isNew ? batch : { partition, offset, lines: batch.lines.filter(({ place }) => place >= handed) }]
    })
  }

  async #isEven(): Promise<boolean> {
    if (this.#own === undefined) return false
    const ends = await asking(this.#name, () => this.#admin.fetchTopicOffsets(this.#topic))
    const unknown = [...this.#own].some(([, offset]) => offset < 0n)
    const done = unknown ? await this.#doneBefore() : new Map<number, bigint>()
    return [...this.#own].every(([partition, offset]) => {
      const end = ends.find((one) => one.partition === partition), from = offset >= 0n ? offset : (done.get(partition) ?? -1n)
      return BigInt(end?.high ?? 0) <= (from >= 0n ? from : BigInt(end?.low ?? 0))
    })
  }

  async #doneBefore(): Promise<Map<number, bigint>> {
    const { groupId } = await this.#consumer.describeGroup()
    const [known] = await asking(this.#name, () => this.#admin.fetchOffsets({ groupId, topics: [this.#topic] }))
    return new Map(known?.partitions.map(({ partition, offset }) => [partition, BigInt(offset)]))
  }

  async done(batches: readonly Batch[]): Promise<void> {
    const offsets = new Map<number, bigint>()
    for (const { partition, offset } of batches) offsets.set(partition, BigInt(offset) + 1n)
    if (offsets.size === 0) return
    try {
      await this.#consumer.commitOffsets([...offsets].map(([partition, offset]) => ({ topic: this.#topic, partition, offset: String(offset) })))
    } catch (error) {
      // Partitions went to another meanwhile: it does them over.
      const why = error instanceof Error ? error.message : ''
      if (!/rebalanc|generation|not aware of this member/i.test(why)) await asking(this.#name, () => Promise.reject(error))
    }
  }

  async leave(): Promise<void> {
    if (this.#left) return
    this.#left = true
    for (const { taken } of this.#waiting.splice(0)) taken()
    await this.#consumer.disconnect()
  }
}

