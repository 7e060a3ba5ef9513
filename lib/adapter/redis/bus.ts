/**
 * A stream in Redis: one Redis stream a partition (redis.io, "Redis Streams"), whose entries hold the lines that were sent together. Partitions are
 * leased to members of a group; whoever has lost a lease can neither read nor acknowledge.
 */
import type { BusAddress } from '#domain/bus/address'
import { nameOfAddress } from '#domain/bus/address'
import { partitionOf } from '#domain/bus/key'
import { InOrder } from '#domain/bus/order'
import { faultOf, type Position } from '#domain/bus/position'
import type { PartitionLag } from '#domain/bus/lag'
import type { Batch, Bus, Lag, Member, Outgoing, Since } from '#port/bus'
import { Failure } from '#port/failure'
import type { Millis } from '#record'
import { RedisConnection, type Reply } from './connection.ts'
import { ACK, APPEND, CLAIM, LEAVE, OPEN, READ } from './scripts.ts'

/** Entries asked of a partition at once. */
const COUNT = 16
/** A member that is silent for so long has left. */
const LEASE_MS = 6000, CLAIM_MS = 1500
/** How long the server is asked to wait for news at once; a stop is noticed that late. */
const WAIT_MS = 200
/** Copies that were asked for are waited for so long at once. */
const COPY_MS = 2000
/** Places of a batch's lines: no batch has more. */
const BATCH_LINES = 1 << 20

export interface RedisBusWorld {
  connect(): RedisConnection
  /** A name that no other process bears. */
  readonly me: string
}

interface Keys {
  readonly meta: string
  readonly partition: (partition: number) => string
  readonly members: (group: string) => string
  readonly lease: (group: string, partition: number) => string
}

const keysOf = (stream: string): Keys => ({
  meta: `{${stream}}:meta`,
  partition: (partition) => `{${stream}}:${partition}`,
  members: (group) => `{${stream}}:${group}:members`,
  lease: (group, partition) => `{${stream}}:${group}:lease:${partition}`,
})

export async function redisBus(address: BusAddress, { connect, me }: RedisBusWorld): Promise<Bus> {
  const redis = connect(), keys = keysOf(address.stream)
  // A connection that is left open keeps the process alive.
  const opened = async (): Promise<readonly Reply[]> => listOf(await redis.script(OPEN, [keys.meta], [address.partitions, address.keepMs]))
  const [partitions = 0, keepMs = 0] = (await opened().catch((error: unknown) => {
    redis.close()
    throw error
  })).map(Number)
  const all = Array.from({ length: partitions }, (_, partition) => partition)
  const streams = all.map(keys.partition)
  const ends = async (): Promise<Position> => {
    const offsets: string[] = []
    for (const stream of streams) {
      const isThere = Number(await redis.command('EXISTS', [stream])) > 0
      offsets.push(isThere ? String(fieldsOf(await redis.command('XINFO', ['STREAM', stream])).get('last-generated-id')) : '0-0')
    }
    return { offsets }
  }
  const starts = async (): Promise<Position> => {
    const dropped = listOf(await redis.command('HMGET', [keys.meta, ...all.flatMap((p) => [`dropped:${p}`, `drops:${p}`])]))
    const offsets: string[] = []
    for (const partition of all) {
      const stream = keys.partition(partition), isThere = Number(await redis.command('EXISTS', [stream])) > 0
      const fields = fieldsOf(isThere ? await redis.command('XINFO', ['STREAM', stream]) : null), added = fields.get('entries-added')
      const [id, count] = [dropped[2 * partition] ?? null, Number(dropped[2 * partition + 1] ?? 0)]
      if (added === undefined || Number(added) - Number(fields.get('length')) === count) offsets.push(id === null ? '0-0' : String(id))
      // Others dropped entries too, and it is known only what is left: all before that may be missing.
      else offsets.push(Number(fields.get('length')) === 0 ? String(fields.get('last-generated-id')) : idBefore(idOf(fields.get('first-entry') ?? null)))
    }
    return { offsets }
  }
  const isKnown = async (group: string): Promise<boolean> => {
    for (const stream of streams) {
      if (Number(await redis.command('EXISTS', [stream])) === 0) return false
      if (!listOf(await redis.command('XINFO', ['GROUPS', stream])).some((info) => fieldsOf(info).get('name') === group)) return false
    }
    return true
  }
  const check = async (since: Since): Promise<void> => {
    const fault = typeof since === 'object' ? faultOf(since, { starts: await starts(), ends: await ends() }) : undefined
    if (fault !== undefined) throw new Failure('usage', `--since: ${fault}`)
  }
  return {
    address: nameOfAddress(address),
    async append(lines) {
      if (lines.length === 0) return
      const copies = address.replicas === 0 ? undefined : { count: address.replicas, waitMs: COPY_MS }
      await redis.script(APPEND, [keys.meta, ...streams], [keepMs, ...entriesOf(lines, partitions)], copies)
    },
    async join(group, since) {
      // A group that there is goes on from where it was, wherever a new one would begin.
      if (!await isKnown(group)) await check(since)
      for (const partition of all) await begin(redis, keys.partition(partition), group, beforeOf(since, partition))
      return new RedisMember(group, { redis, waiter: connect(), keys, partitions, me: `${me}.${Math.floor(performance.now() * 1000)}` })
    },
    async *replay(since, until) {
      await check(since)
      const order = new InOrder(BATCH_LINES), from = new Map(all.map((partition) => [partition, fromOf(since, partition)]))
      const ends = new Map<number, string>()
      if (typeof until === 'object') for (const partition of all) ends.set(partition, until.offsets[partition] ?? '')
      if (until === 'now') {
        for (const [partition, stream] of streams.entries()) ends.set(partition, lastOf(await redis.command('XREVRANGE', [stream, '+', '-', 'COUNT', 1])))
      }
      for (;;) {
        const got: Batch[] = [], cut = new Set<number>()
        for (const partition of all) {
          if (ends.get(partition) === '') continue
          const entries = await redis.command('XRANGE', [keys.partition(partition), from.get(partition) ?? '-', ends.get(partition) ?? '+', 'COUNT', COUNT])
          const batches = batchesIn(entries, partition)
          got.push(...batches)
          const last = batches.at(-1)
          if (last !== undefined) from.set(partition, `(${last.offset}`)
          if (batches.length === COUNT) cut.add(partition)
        }
        const due = order.take(got, cut)
        if (due.length > 0) yield due
        if (cut.size > 0) continue
        if (until !== 'stopped') return
        await redis.command('XREAD', ['COUNT', 1, 'BLOCK', WAIT_MS, 'STREAMS', ...streams, ...all.map((p) => afterOf(from.get(p)))])
      }
    },
    async serverTimeMs() {
      const [seconds, micros] = listOf(await redis.command('TIME', [])).map(Number)
      return (seconds ?? NaN) * 1000 + Math.floor((micros ?? NaN) / 1000)
    },
    starts,
    ends,
    async lags() {
      const groups = new Map<string, PartitionLag[]>(), nothing = { done: '0-0', waiting: 0, unfinished: 0 }
      for (const [partition, stream] of streams.entries()) {
        if (Number(await redis.command('EXISTS', [stream])) === 0) continue
        for (const info of listOf(await redis.command('XINFO', ['GROUPS', stream]))) {
          const fields = fieldsOf(info), name = String(fields.get('name')), lag = fields.get('lag'), unfinished = Number(fields.get('pending') ?? 0)
          const oldest = unfinished === 0 ? undefined : listOf(await redis.command('XPENDING', [stream, name]))[1]
          const done = typeof oldest === 'string' ? idBefore(oldest) : String(fields.get('last-delivered-id'))
          const own = groups.get(name) ?? all.map(() => nothing)
          own[partition] = { done, waiting: typeof lag === 'number' ? lag : undefined, unfinished }
          groups.set(name, own)
        }
      }
      const lags: Lag[] = []
      for (const [group, partitions] of groups) lags.push({ group, partitions, members: Number(await redis.command('ZCARD', [keys.members(group)])) })
      return lags
    },
    close: async () => redis.close(),
  }
}

/** Lines by partition, in their order; each knows its place in the batch. */
function entriesOf(lines: readonly Outgoing[], partitions: number): (string | number)[] {
  if (lines.length > BATCH_LINES) throw new RangeError(`${lines.length} lines are too many for a batch`)
  const texts = Array.from({ length: partitions }, (): string[] => []), places = Array.from({ length: partitions }, (): number[] => [])
  for (const [place, { key, line }] of lines.entries()) {
    const partition = partitionOf(key, partitions)
    texts[partition]?.push(line)
    places[partition]?.push(place)
  }
  return texts.flatMap((own, partition) => (own.length === 0 ? [] : [partition + 1, (places[partition] ?? []).join(','), own.join('\n')]))
}

/** From where a partition is read again, as XRANGE has it. */
const fromOf = (since: Since, partition: number): string =>
  typeof since === 'object' ? `(${since.offsets[partition] ?? '0-0'}` : since === 'beginning' ? '-' : `${since}`

/** The id before the first that a new group hears: of a time, before the first that may have been given then. */
const beforeOf = (since: Since, partition: number): string =>
  typeof since === 'object' ? since.offsets[partition] ?? '0-0' : since === 'beginning' || since <= 0 ? '0' : idBefore(`${since}-0`)

async function begin(redis: RedisConnection, key: string, group: string, id: string): Promise<void> {
  try {
    await redis.command('XGROUP', ['CREATE', key, group, id, 'MKSTREAM'])
  } catch (error) {
    if (!(error instanceof Failure) || !error.message.includes('BUSYGROUP')) throw error
  }
}

interface Around {
  readonly redis: RedisConnection
  /** A connection of its own: it waits for news. */
  readonly waiter: RedisConnection
  readonly keys: Keys
  readonly partitions: number
  readonly me: string
}

class RedisMember implements Member {
  readonly #group: string
  readonly #around: Around
  readonly #order = new InOrder(BATCH_LINES)
  /** Partitions of its own: the id behind which unfinished entries are told again, or '>' once there are none. */
  readonly #own = new Map<number, string>()
  readonly #unfinished = new Set<Batch>()
  #claimedMs = -Infinity
  /** When it came, by the server's clock. */
  #since: Reply = ''
  /** Partitions of members that have given no sign since: they may be gone. */
  #silent = 0
  #hasMore = false
  /** By partition, the last id there was when it was read: what comes behind it is news. */
  readonly #last = new Map<number, string>()

  constructor(group: string, around: Around) {
    this.#group = group
    this.#around = around
  }

  async next(maxWaitMs: Millis): Promise<readonly Batch[]> {
    const untilMs = performance.now() + maxWaitMs
    for (;;) {
      await this.#claim()
      const batches = await this.#read()
      for (const batch of batches) this.#unfinished.add(batch)
      if (batches.length > 0) return batches
      if (this.#hasMore) continue
      const leftMs = untilMs - performance.now()
      if (leftMs <= 0 && this.#silent === 0) return batches
      await this.#wait(leftMs > 0 ? Math.min(WAIT_MS, leftMs) : WAIT_MS)
    }
  }

  async #claim(): Promise<void> {
    if (performance.now() - this.#claimedMs < CLAIM_MS) return
    const { redis, keys, partitions, me } = this.#around
    const leases = Array.from({ length: partitions }, (_, partition) => keys.lease(this.#group, partition))
    const askedMs = performance.now(), busy = new Set([...this.#unfinished].map(({ partition }) => partition))
    const answer = await redis.script(CLAIM, [keys.members(this.#group), ...leases], [me, LEASE_MS, String(this.#since), ...busy])
    const [now = '', silent, ...claimed] = listOf(answer)
    const own = new Set(claimed.map(Number))
    if (this.#since === '') this.#since = now
    this.#silent = Number(silent)
    for (const partition of this.#own.keys()) {
      if (own.has(partition)) continue
      this.#own.delete(partition)
      this.#order.forget(partition)
    }
    // Silent for longer than a lease lasts: someone else may have had it in between.
    const lapsed = askedMs - this.#claimedMs > LEASE_MS
    for (const partition of own) if (lapsed || !this.#own.has(partition)) {
      this.#own.set(partition, '0')
      this.#order.forget(partition)
    }
    this.#claimedMs = askedMs
  }

  async #read(): Promise<readonly Batch[]> {
    const { redis, keys, me } = this.#around, own = [...this.#own.keys()]
    this.#hasMore = false
    if (own.length === 0) return []
    const answer = listOf(await redis.script(READ,
      [...own.map((partition) => keys.lease(this.#group, partition)), ...own.map(keys.partition)],
      [me, this.#group, COUNT, ...own.map((partition) => this.#own.get(partition) ?? '>')]))
    const batches: Batch[] = [], cut = new Set<number>()
    for (const [i, partition] of own.entries()) {
      const entries = answer[i] ?? null
      if (entries === null) {
        this.#own.delete(partition)
        this.#order.forget(partition)
        this.#claimedMs = -Infinity
        continue
      }
      const got = batchesIn(entries, partition), last = listOf(entries).at(-1)
      this.#last.set(partition, last === undefined ? String(entries) : idOf(last))
      batches.push(...got)
      if (got.length === COUNT) cut.add(partition)
      if (this.#own.get(partition) === '>') continue
      // Unfinished ones first, then what is new.
      this.#own.set(partition, last === undefined ? '>' : idOf(last))
      cut.add(partition)
    }
    this.#hasMore = cut.size > 0
    return this.#order.take(batches, new Set([...cut].filter((partition) => batches.some((batch) => batch.partition === partition))))
  }

  async #wait(ms: Millis): Promise<void> {
    if (ms < 1) return
    const { waiter, keys } = this.#around, own = [...this.#own.keys()]
    if (own.length === 0) return new Promise((resolve) => void setTimeout(resolve, ms))
    const last = own.map((partition) => this.#last.get(partition) ?? '$')
    await waiter.command('XREAD', ['COUNT', 1, 'BLOCK', Math.ceil(ms), 'STREAMS', ...own.map(keys.partition), ...last])
  }

  async done(batches: readonly Batch[]): Promise<void> {
    if (batches.length === 0) return
    const { redis, keys, me } = this.#around, byPartition = new Map<number, string[]>()
    for (const { partition, offset } of batches) byPartition.set(partition, [...(byPartition.get(partition) ?? []), offset])
    const partitions = [...byPartition.keys()]
    await redis.script(ACK,
      [...partitions.map((partition) => keys.lease(this.#group, partition)), ...partitions.map(keys.partition)],
      [me, this.#group, ...partitions.flatMap((partition) => [byPartition.get(partition)?.length ?? 0, ...(byPartition.get(partition) ?? [])])])
    for (const batch of batches) this.#unfinished.delete(batch)
  }

  async leave(): Promise<void> {
    const { redis, waiter, keys, partitions, me } = this.#around
    waiter.close()
    const leases = Array.from({ length: partitions }, (_, partition) => keys.lease(this.#group, partition))
    await redis.script(LEAVE, [keys.members(this.#group), ...leases], [me])
    this.#own.clear()
  }
}

const MOST_IN_MS = (1n << 64n) - 1n

/** The last id that can stand before another. */
function idBefore(id: string): string {
  const [ms = 0n, nth = 0n] = id.split('-').map(BigInt)
  return nth > 0n ? `${ms}-${nth - 1n}` : ms > 0n ? `${ms - 1n}-${MOST_IN_MS}` : '0-0'
}

const listOf = (reply: Reply | undefined): readonly Reply[] => (Array.isArray(reply) ? (reply as readonly Reply[]) : [])
const idOf = (entry: Reply): string => String(listOf(entry)[0])
const lastOf = (entries: Reply): string => (listOf(entries)[0] === undefined ? '' : idOf(listOf(entries)[0] ?? null))
/** The id behind which to wait for news, of one from where to read. */
function afterOf(from = '-'): string {
  if (from === '-') return '0'
  return from.startsWith('(') ? from.slice(1) : `${from}-0`
}

function fieldsOf(reply: Reply | undefined): ReadonlyMap<string, Reply> {
  const list = listOf(reply), fields = new Map<string, Reply>()
  for (let i = 0; i + 1 < list.length; i += 2) fields.set(String(list[i]), list[i + 1] ?? null)
  return fields
}

/** Entries of another program are handed on as lines too, each member by itself: what cannot be read is put aside by whoever reads lines. */
function batchesIn(entries: Reply, partition: number): readonly Batch[] {
  return listOf(entries).map((entry): Batch => {
    const fields = fieldsOf(listOf(entry)[1]), text = fields.get('lines')
    const batch = Number(fields.get('batch') ?? 0), places = String(fields.get('places') ?? '').split(',')
    const lines = typeof text === 'string' ? text.split('\n') : [JSON.stringify(Object.fromEntries(fields))]
    const placed = lines.map((line, i) => ({ line, place: batch * BATCH_LINES + Number(places[i] ?? i) }))
    return { partition, offset: idOf(entry), lines: placed }
  })
}
