/**
 * A stream as a file, with no server: `NAME.ndjson` holds the lines as they were sent, for grep and tail; beside it stand the times of sending and,
 * by group, how far each partition is done with. Members are told by the locks they hold, which end with their process.
 */
import { formatInstant, parseInstant, type Millis } from '#record'
import type { BusAddress } from '#domain/bus/address'
import { nameOfAddress } from '#domain/bus/address'
import { keyOfLine, partitionOf } from '#domain/bus/key'
import { faultOf, type Position } from '#domain/bus/position'
import { sharesOf } from '#domain/bus/shares'
import { endOfLines, LineCursor } from '#domain/audit/lines'
import type { Batch, Bus, Lag, Member, Placed, Since } from '#port/bus'
import { Failure } from '#port/failure'
import type { Logs } from '#port/logs'

/** How long a writer waits for others: each is done once its lines are on disk. */
const PATIENCE_MS = 30_000
/** Lines that are handed out together. */
const LINES = 512
/** How often a reader looks whether there is more, and members who else is there. */
const LOOK_MS = 20, MEMBERS_MS = 500
const MEMBERS = 64
const NEWLINE = 10

export interface FileBusWorld {
  readonly logs: Logs
  now(): Millis
  pause(ms: Millis): Promise<void>
}

export function fileBus(address: BusAddress, world: FileBusWorld): Bus {
  const { logs } = world, { stream } = address
  const data = logs.open(`${stream}.ndjson`), times = logs.open(`${stream}.times`)
  const partitions = partitionsOf(logs, address), members: FileMember[] = []
  return {
    address: nameOfAddress(address),
    async append(lines) {
      if (lines.length === 0) return
      const release = logs.lock(stream, PATIENCE_MS)
      try {
        data.reread()
        times.reread()
        mend(data)
        mend(times)
        times.append(Buffer.from(`${formatInstant(world.now())} ${data.size()}\n`))
        times.sync()
        data.append(Buffer.from(lines.map(({ line }) => `${line}\n`).join('')))
        data.sync()
      } finally {
        release()
      }
    },
    async join(group, since) {
      const member = new FileMember(group, since, { ...world, stream, partitions, data, times })
      members.push(member)
      return member
    },
    async *replay(since, goesOn) {
      data.reread()
      times.reread()
      const starts = startsOf({ data, times, partitions }, since), wanted = (partition: number, offset: number): boolean => offset >= (starts[partition] ?? 0)
      let cursor = new LineCursor(data, Math.min(...starts))
      for (;;) {
        data.reread()
        cursor = new LineCursor(data, cursor.nextOffset)
        const until = endOfLines(data)
        while (cursor.nextOffset < until) yield batchesFrom(cursor, until, partitions, wanted)
        if (!goesOn) return
        await world.pause(LOOK_MS)
      }
    },
    serverTimeMs: async () => undefined,
    async ends() {
      data.reread()
      return endsOf(data, partitions)
    },
    async lags() {
      data.reread()
      const end = endOfLines(data)
      return groupsOf(logs, stream).map((group): Lag => {
        const done = doneOf(logs, stream, group), low = Math.min(end, ...done)
        const cursor = new LineCursor(data, low)
        let waiting = 0
        while (cursor.nextOffset < end && cursor.next()) if (cursor.offset >= (done[partitionOf(keyOfLine(cursor.text()), partitions)] ?? 0)) waiting++
        return { group, waiting, unfinished: 0, members: slotsOf(logs, stream, group).length }
      })
    },
    async close() {
      for (const member of members) await member.leave()
      data.close()
      times.close()
    },
  }
}

/** A line that a crash cut off was never acknowledged: it is kept beside the file. */
function mend(tape: { size(): number; read(position: number, into: Uint8Array): number; setAside(offset: number): void }): void {
  const end = endOfLines(tape)
  if (end < tape.size()) tape.setAside(end)
}

function partitionsOf(logs: Logs, { stream, partitions }: BusAddress): number {
  const name = `${stream}.json`
  const said = logs.read(name)
  if (said !== undefined) return readCount(name, said.toString())
  const release = logs.lock(stream, PATIENCE_MS)
  try {
    const now = logs.read(name)
    if (now !== undefined) return readCount(name, now.toString())
    logs.replace(name, `${JSON.stringify({ partitions })}\n`)
    return partitions
  } finally {
    release()
  }
}

function readCount(name: string, text: string): number {
  const value: unknown = JSON.parse(text)
  const partitions = typeof value === 'object' && value !== null && 'partitions' in value ? value.partitions : undefined
  if (typeof partitions !== 'number' || !Number.isInteger(partitions) || partitions < 1) throw new Failure('data', `bus/${name}: expected {"partitions":N}`)
  return partitions
}

type Lines = Parameters<typeof endOfLines>[0] & { read(position: number, into: Uint8Array): number }

const endsOf = (data: Lines, partitions: number): Position => ({ offsets: new Array<string>(partitions).fill(`${endOfLines(data)}`) })

/** Where each partition is read from. */
function startsOf({ data, times, partitions }: { readonly data: Lines; readonly times: Lines; readonly partitions: number }, since: Since): readonly number[] {
  if (typeof since !== 'object') return new Array<number>(partitions).fill(Math.min(startOf(times, since), endOfLines(data)))
  const fault = faultOf(since, endsOf(data, partitions)), before = Buffer.alloc(1)
  if (fault !== undefined) throw new Failure('usage', `--since: ${fault}`)
  return since.offsets.map(Number).map((offset) => {
    if (offset > 0 && (data.read(offset - 1, before) !== 1 || before[0] !== NEWLINE)) throw new Failure('usage', `--since: no line begins at byte ${offset}`)
    return offset
  })
}

/** Where the first line stands that was sent at or after a time. */
function startOf(times: Lines, since: Exclude<Since, Position>): number {
  if (since === 'beginning') return 0
  const cursor = new LineCursor(times)
  let last = 0
  while (cursor.next()) {
    const [at = '', offset = ''] = cursor.text().split(' ')
    const atMs = parseInstant(at)
    if (atMs === undefined || !/^\d+$/.test(offset)) throw new Failure('data', `a line of the bus's times is none: "${cursor.text()}"`)
    last = Number(offset)
    if (atMs >= since) return last
  }
  return Infinity
}

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

const fileOfGroup = (stream: string, group: string): string => `${stream}.${group}.group`
const groupsOf = (logs: Logs, stream: string): readonly string[] =>
  logs.list().filter((name) => name.startsWith(`${stream}.`) && name.endsWith('.group')).map((name) => name.slice(stream.length + 1, -'.group'.length))

/** By partition, up to where the group is done with it. */
function doneOf(logs: Logs, stream: string, group: string): number[] {
  const name = fileOfGroup(stream, group), text = logs.read(name)?.toString()
  if (text === undefined) return []
  const value: unknown = JSON.parse(text)
  if (!Array.isArray(value) || !value.every((one) => Number.isSafeInteger(one))) throw new Failure('data', `bus/${name}: expected a list of places`)
  return value as number[]
}

const slotName = (stream: string, group: string, slot: number): string => `${stream}.${group}.member${slot}`
const slotsOf = (logs: Logs, stream: string, group: string): readonly string[] =>
  Array.from({ length: MEMBERS }, (_, slot) => slotName(stream, group, slot)).filter((name) => logs.isLocked(name))

interface Around extends FileBusWorld {
  readonly stream: string
  readonly partitions: number
  readonly data: ReturnType<Logs['open']>
  readonly times: ReturnType<Logs['open']>
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
    const { logs, stream, times, partitions, data } = around
    const release = logs.lock(fileOfGroup(stream, group), PATIENCE_MS)
    try {
      if (doneOf(logs, stream, group).length === 0) {
        times.reread()
        data.reread()
        logs.replace(fileOfGroup(stream, group), `${JSON.stringify(startsOf({ data, times, partitions }, since))}\n`)
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
      const release = tried(logs, `${stream}.${this.#group}.partition${partition}`)
      if (release === undefined) continue
      this.#own.set(partition, release)
      this.#next.set(partition, doneOf(logs, stream, this.#group)[partition] ?? 0)
    }
  }

  #read(): readonly Batch[] {
    const { data, partitions } = this.#around
    if (this.#next.size === 0) return []
    data.reread()
    const until = endOfLines(data), from = Math.min(...this.#next.values())
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

