/**
 * A stream as a file, with no server: the lines as they were sent, for grep and tail (`stream.ts`); beside it, by group, `NAME~GROUP.group` says how far
 * each partition is done with. Members are told by the locks they hold, which end with their process.
 */
import type { Millis } from '#record'
import type { BusAddress } from '#domain/bus/address'
import { nameOfAddress } from '#domain/bus/address'
import { keyOfLine, partitionOf } from '#domain/bus/key'
import { faultOf, type Position } from '#domain/bus/position'
import { sharesOf } from '#domain/bus/shares'
import { LineCursor } from '#domain/audit/lines'
import type { PartitionLag } from '#domain/bus/lag'
import type { Batch, Bus, Lag, Member, Placed, Since } from '#port/bus'
import { Failure } from '#port/failure'
import type { Logs } from '#port/logs'
import { StreamFile } from './stream.ts'

/** How long a writer waits for others: each is done once its lines are on disk. */
const PATIENCE_MS = 30_000
/** Lines that are handed out together. */
const LINES = 512
/** How often a reader looks whether there is more, and members who else is there. */
const LOOK_MS = 20, MEMBERS_MS = 500
const MEMBERS = 64
/** Every so many sendings, the first of a process among them, what is kept no longer is dropped. */
const DROPPED_EVERY = 256

export interface FileBusWorld {
  readonly logs: Logs
  now(): Millis
  pause(ms: Millis): Promise<void>
}

export function fileBus(address: BusAddress, world: FileBusWorld): Bus {
  const { logs } = world, { stream } = address
  const { partitions, keepMs } = settingsOf(logs, address), data = new StreamFile(logs, stream), members: FileMember[] = []
  let sendings = 0
  return {
    address: nameOfAddress(address),
    async append(lines) {
      if (lines.length === 0) return
      const release = logs.lock(stream, PATIENCE_MS)
      try {
        data.append(lines.map(({ line }) => `${line}\n`).join(''), world.now())
        if (sendings++ % DROPPED_EVERY === 0) data.drop(Math.min(data.startAt(world.now() - keepMs), ...neededBy(logs, stream)))
      } finally {
        release()
      }
    },
    async join(group, since) {
      const member = new FileMember(group, since, { ...world, stream, partitions, data })
      members.push(member)
      return member
    },
    async *replay(since, until) {
      data.look()
      const starts = startsOf(data, partitions, since), ends = typeof until === 'object' ? until.offsets.map(Number) : undefined
      const wanted = (partition: number, offset: number): boolean => offset >= (starts[partition] ?? 0) && offset < (ends?.[partition] ?? Infinity)
      let cursor = new LineCursor(data, Math.min(...starts))
      for (;;) {
        data.look()
        cursor = new LineCursor(data, cursor.nextOffset)
        const end = Math.min(data.end(), ends === undefined ? Infinity : Math.max(...ends))
        while (cursor.nextOffset < end) yield batchesFrom(cursor, end, partitions, wanted)
        if (until !== 'stopped') return
        await world.pause(LOOK_MS)
      }
    },
    serverTimeMs: async () => undefined,
    async starts() {
      data.look()
      return positionAt(data.start, partitions)
    },
    async ends() {
      data.look()
      return positionAt(data.end(), partitions)
    },
    async lags() {
      const groups = groupsOf(logs, stream).map((group) => ({ group, done: doneOf(logs, stream, group) }))
      data.look()
      return groups.map(({ group, done }): Lag => {
        const end = data.end(), lags = Array.from({ length: partitions }, (_, p): PartitionLag & { waiting: number } =>
          ({ done: `${Math.max(data.start, done[p] ?? 0)}`, waiting: 0, unfinished: 0 }))
        for (const cursor = new LineCursor(data, Math.max(data.start, Math.min(end, ...done))); cursor.nextOffset < end && cursor.next();) {
          const partition = partitionOf(keyOfLine(cursor.text()), partitions), lag = lags[partition]
          if (lag !== undefined && cursor.offset >= (done[partition] ?? 0)) lag.waiting++
        }
        return { group, partitions: lags, members: slotsOf(logs, stream, group).length }
      })
    },
    async close() {
      for (const member of members) await member.leave()
      data.close()
    },
  }
}

interface Settings {
  readonly partitions: number
  readonly keepMs: Millis
}

/** What a stream was made with; of what it does not say, what the address does. */
function settingsOf(logs: Logs, { stream, partitions, keepMs }: BusAddress): Settings {
  const name = `${stream}.json`
  const said = logs.read(name)
  if (said !== undefined) return readSettings(name, said.toString(), keepMs)
  const release = logs.lock(stream, PATIENCE_MS)
  try {
    const now = logs.read(name)
    if (now !== undefined) return readSettings(name, now.toString(), keepMs)
    logs.replace(name, `${JSON.stringify({ partitions, keep_ms: keepMs })}\n`)
    return { partitions, keepMs }
  } finally {
    release()
  }
}

function readSettings(name: string, text: string, keepMs: Millis): Settings {
  const value: unknown = JSON.parse(text)
  const said: { readonly partitions?: unknown; readonly keep_ms?: unknown } = typeof value === 'object' && value !== null ? value : {}
  const isCount = (one: unknown): one is number => typeof one === 'number' && Number.isSafeInteger(one) && one >= 1
  const { partitions, keep_ms: keep = keepMs } = said
  if (!isCount(partitions) || !isCount(keep)) throw new Failure('data', `bus/${name}: expected {"partitions":N,"keep_ms":N}`)
  return { partitions, keepMs: keep }
}

const positionAt = (offset: number, partitions: number): Position => ({ offsets: new Array<string>(partitions).fill(`${offset}`) })

/** Where each partition is read from. */
function startsOf(data: StreamFile, partitions: number, since: Since): readonly number[] {
  if (typeof since !== 'object') return new Array<number>(partitions).fill(since === 'beginning' ? data.start : data.startAt(since))
  const fault = faultOf(since, { starts: positionAt(data.start, partitions), ends: positionAt(data.end(), partitions) })
  if (fault !== undefined) throw new Failure('usage', `--since: ${fault}`)
  return since.offsets.map(Number).map((offset) => {
    if (!data.isLineStart(offset)) throw new Failure('usage', `--since: no line begins at byte ${offset}`)
    return offset
  })
}

/** What groups have yet to hear, or have not finished: none of them needs what stands before. */
const neededBy = (logs: Logs, stream: string): readonly number[] => groupsOf(logs, stream).flatMap((group) => doneOf(logs, stream, group))

function batchesFrom(cursor: LineCursor, until: number, partitions: number, wanted?: (partition: number, offset: number) => boolean): readonly Batch[] {
  const lines = new Map<number, Placed[]>(), ends = new Map<number, number>()
  for (let count = 0; count < LINES && cursor.nextOffset < until && cursor.next();) {
    const line = cursor.text(), partition = partitionOf(keyOfLine(line), partitions)
    if (wanted?.(partition, cursor.offset) === false) continue
    count++
    let own = lines.get(partition)
    if (own === undefined) lines.set(partition, (own = []))
    own.push({ line, place: cursor.offset })
    ends.set(partition, cursor.nextOffset)
  }
  return [...lines].map(([partition, own]) => ({ partition, offset: String(ends.get(partition)), lines: own }))
}

/** No stream is called so: NAME~GROUP is no part of what belongs to a stream NAME.GROUP. */
const ofGroup = (stream: string, group: string): string => `${stream}~${group}`
const fileOfGroup = (stream: string, group: string): string => `${ofGroup(stream, group)}.group`
const groupsOf = (logs: Logs, stream: string): readonly string[] =>
  logs.list().filter((name) => name.startsWith(ofGroup(stream, '')) && name.endsWith('.group')).map((name) => name.slice(stream.length + 1, -'.group'.length))

/** By partition, up to where the group is done with it. */
function doneOf(logs: Logs, stream: string, group: string): number[] {
  const name = fileOfGroup(stream, group), text = logs.read(name)?.toString()
  if (text === undefined) return []
  const value: unknown = JSON.parse(text)
  if (!Array.isArray(value) || !value.every((one) => Number.isSafeInteger(one))) throw new Failure('data', `bus/${name}: expected a list of places`)
  return value as number[]
}

const slotName = (stream: string, group: string, slot: number): string => `${ofGroup(stream, group)}.member${slot}`
const slotsOf = (logs: Logs, stream: string, group: string): readonly string[] =>
  Array.from({ length: MEMBERS }, (_, slot) => slotName(stream, group, slot)).filter((name) => logs.isLocked(name))

interface Around extends FileBusWorld {
  readonly stream: string
  readonly partitions: number
  readonly data: StreamFile
}

class FileMember implements Member {
  readonly #group: string
  readonly #around: Around
  readonly #me: string
  readonly #leaveGroup: () => void
  /** Partitions that are this member's, with the release of their locks. */
  readonly #own = new Map<number, () => void>()
  /** By partition of its own, where to read on. */
  readonly #next = new Map<number, number>()
  readonly #unfinished = new Set<Batch>()
  #lookedMs = -Infinity

  constructor(group: string, since: Since, around: Around) {
    this.#group = group
    this.#around = around
    const { logs, stream, partitions, data } = around
    // Nothing is dropped, and no one else begins it, between the look and the word that it is needed.
    const release = logs.lock(stream, PATIENCE_MS)
    try {
      if (doneOf(logs, stream, group).length === 0) {
        data.look()
        logs.replace(fileOfGroup(stream, group), `${JSON.stringify(startsOf(data, partitions, since))}\n`)
      }
    } finally {
      release()
    }
    const [me, leave] = this.#enter()
    this.#me = me
    this.#leaveGroup = leave
  }

  #enter(): readonly [string, () => void] {
    const { logs, stream } = this.#around
    for (let slot = 0; slot < MEMBERS; slot++) {
      const name = slotName(stream, this.#group, slot), release = tried(logs, name)
      if (release !== undefined) return [name, release]
    }
    throw new Failure('again', `${MEMBERS} members of group ${this.#group} read bus/${stream} already`)
  }

  async next(maxWaitMs: Millis): Promise<readonly Batch[]> {
    const { pause, now } = this.#around, untilMs = now() + maxWaitMs
    for (;;) {
      this.#share()
      const batches = this.#read()
      for (const batch of batches) this.#unfinished.add(batch)
      if (batches.length > 0 || now() >= untilMs) return batches
      await pause(Math.min(LOOK_MS, Math.max(1, untilMs - now())))
    }
  }

  #share(): void {
    const { logs, stream, partitions, now } = this.#around
    if (now() - this.#lookedMs < MEMBERS_MS) return
    this.#lookedMs = now()
    const share = sharesOf(this.#me, [...slotsOf(logs, stream, this.#group), this.#me], partitions)
    for (const [partition, release] of this.#own) {
      if (share.has(partition) || [...this.#unfinished].some((batch) => batch.partition === partition)) continue
      release()
      this.#own.delete(partition)
      this.#next.delete(partition)
    }
    for (const partition of share) {
      if (this.#own.has(partition)) continue
      const release = tried(logs, `${ofGroup(stream, this.#group)}.partition${partition}`)
      if (release === undefined) continue
      this.#own.set(partition, release)
      this.#next.set(partition, doneOf(logs, stream, this.#group)[partition] ?? 0)
    }
  }

  #read(): readonly Batch[] {
    const { data, partitions } = this.#around
    if (this.#next.size === 0) return []
    data.look()
    // In a home that was restored the word of a group may be older than what was dropped since, which it had done with.
    for (const [partition, next] of this.#next) if (next < data.start) this.#next.set(partition, data.start)
    const until = data.end(), from = Math.min(...this.#next.values())
    if (from >= until) return []
    const cursor = new LineCursor(data, from)
    const batches = batchesFrom(cursor, until, partitions, (partition, offset) => offset >= (this.#next.get(partition) ?? Infinity))
    for (const partition of this.#next.keys()) this.#next.set(partition, Math.max(this.#next.get(partition) ?? 0, cursor.nextOffset))
    return batches
  }

  async done(batches: readonly Batch[]): Promise<void> {
    for (const batch of batches) this.#unfinished.delete(batch)
    const { logs, stream } = this.#around, name = fileOfGroup(stream, this.#group)
    const release = logs.lock(name, PATIENCE_MS)
    try {
      const places = doneOf(logs, stream, this.#group)
      for (const { partition, offset } of batches) if (this.#own.has(partition)) places[partition] = Math.max(places[partition] ?? 0, Number(offset))
      if (this.#unfinished.size === 0) for (const [partition, next] of this.#next) places[partition] = Math.max(places[partition] ?? 0, next)
      logs.replace(name, `${JSON.stringify(places)}\n`)
    } finally {
      release()
    }
  }

  async leave(): Promise<void> {
    for (const release of this.#own.values()) release()
    this.#own.clear()
    this.#next.clear()
    this.#leaveGroup()
  }
}

/** The release of a lock that was free; undefined where it is held. */
function tried(logs: Logs, name: string): (() => void) | undefined {
  if (logs.isLocked(name)) return undefined
  try {
    return logs.lock(name)
  } catch (error) {
    if (error instanceof Failure && error.exit === 'again') return undefined
    throw error
  }
}

