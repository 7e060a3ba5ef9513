/** Streams in the place of stdin and stdout: what is read is done with only once all that was made of it has left the process. */
import { keyOfLine } from '#domain/bus/key'
import { linesInOrder } from '#domain/bus/order'
import { Once } from '#domain/bus/once'
import { parsePosition } from '#domain/bus/position'
import type { Batch, Bus, Outgoing, Since } from '#port/bus'
import { Failure, Stopped } from '#port/failure'
import { parseMoment, type Millis } from '#record'
import type { Line } from './lines.ts'
import type { Sink } from './output.ts'
import type { Bad } from './reject.ts'

/** Where a tool's records come from and go to, where that is not stdin and stdout. */
export interface Streams {
  readonly from?: Pick<StreamIn, 'address' | 'goesOn'> | undefined
  readonly to?: string | undefined
}

export interface StreamIn {
  readonly address: string
  /** Whose place in the stream is kept; undefined: read it again from `since`, for nobody. */
  readonly group: string | undefined
  readonly since: Since
  /** Wait for more where all has been read. */
  readonly goesOn: boolean
  /** What the group has done with and was sent since then is heard again first, and nothing is said of it. */
  readonly warmFrom?: Millis | undefined
}

/** Throws Failure `usage` on what is neither a moment nor a position. */
export function sinceOf(text: string | undefined): Since {
  if (text === undefined || text === 'beginning') return 'beginning'
  const since = parseMoment(text) ?? parsePosition(text)
  if (since === undefined) {
    throw new Failure('usage', `--since: expected a moment like 2021-01-15T00:00:00Z, a position like 0:1234,1:98, or "beginning", got "${text}"`)
  }
  return since
}

/** So many lines on their way are enough: whoever makes them waits. */
const CROWDED = 8192
/** So many lines are sent at once. */
const SENT_AT_ONCE = 2048

/** Lines into a stream. They are sent together as they come; while some are on their way the next gather. */
export class StreamOutput implements Sink {
  onClosed: (() => void) | undefined
  readonly closed = false
  readonly #bus: Bus
  #pending: Outgoing[] = []
  #sending: Promise<void> | undefined
  #error: unknown
  #soon: NodeJS.Immediate | undefined

  constructor(bus: Bus) {
    this.#bus = bus
  }

  write(line: string, key?: string): void {
    if (key !== undefined) this.#pending.push({ key, line })
    // Several lines may be one text, as they came.
    else for (const one of line.includes('\n') ? line.split('\n') : [line]) this.#pending.push({ key: keyOfLine(one), line: one })
    if (this.#sending === undefined) this.#soon ??= setImmediate(() => {
      this.#soon = undefined
      this.#send()
    })
  }

  #send(): void {
    if (this.#sending !== undefined || this.#pending.length === 0 || this.#error !== undefined) return
    const lines = this.#pending.splice(0, SENT_AT_ONCE)
    this.#sending = this.#bus.append(lines).then(() => {
      this.#sending = undefined
      this.#send()
    }, (error: unknown) => {
      this.#error = error
      this.#sending = undefined
    })
  }

  drained(): void | Promise<void> {
    if (this.#error !== undefined) throw this.#error
    if (this.#pending.length >= CROWDED) return this.finished()
  }

  async finished(): Promise<void> {
    for (this.#send(); this.#sending !== undefined; this.#send()) await this.#sending
    if (this.#error !== undefined) throw this.#error
  }

  flushed(): Promise<void> {
    return this.finished()
  }
}

/** How long a reader waits at once: a stop is noticed that late. */
const WAIT_MS = 500
/** Lines that are remembered, to tell those that were sent twice. */
const REMEMBERED = 50_000

export interface StreamReading {
  hand(line: Line): void | Promise<void>
  /** Resolves once all that was made of what was handed out is durable where it went. */
  flushed(): Promise<void>
  /** It is: what was handed out is about to count as done. */
  landed(): void | Promise<void>
  stopped(): boolean
  /** Whether what comes is heard again, so that nothing said of it is to be heard. */
  hush(on: boolean): void
}

/** Every line of a stream, once; with a group all that no member of it is done with. `end`: all was read; resolves once what was made of it is durable. */
export async function readStream(bus: Bus, { group, since, goesOn, warmFrom }: StreamIn, reading: StreamReading, end: () => Promise<void>): Promise<void> {
  const once = new Once(REMEMBERED)
  let number = 0
  const hand = async (batches: readonly Batch[]): Promise<void> => {
    for (const { line } of linesInOrder(batches)) {
      number++
      if (!once.isNew(line)) continue
      const busy = reading.hand({ number, text: line })
      if (busy !== undefined) await busy
    }
  }
  if (group === undefined) {
    try {
      for await (const batches of bus.replay(since, goesOn ? 'stopped' : 'now')) {
        await hand(batches)
        await reading.flushed()
        if (reading.stopped()) return
      }
    } catch (error) {
      if (error instanceof Stopped) return
      throw error
    }
    return end()
  }
  const before = warmFrom === undefined ? undefined : (await bus.lags()).find((lag) => lag.group === group)
  const member = await bus.join(group, since), unfinished: Batch[] = []
  try {
    if (warmFrom !== undefined && before !== undefined) {
      reading.hush(true)
      for await (const batches of bus.replay(warmFrom, { offsets: before.partitions.map(({ done }) => done) })) {
        if (reading.stopped()) return
        await hand(batches)
      }
      await reading.flushed()
      reading.hush(false)
    }
    for (;;) {
      const batches = await member.next(goesOn ? WAIT_MS : 0)
      if (reading.stopped()) return
      if (batches.length === 0 && !goesOn) break
      await hand(batches)
      await reading.flushed()
      if (!goesOn) unfinished.push(...batches)
      else if (batches.length > 0) {
        await reading.landed()
        await member.done(batches)
      }
    }
    await end()
    await member.done(unfinished)
  } catch (error) {
    if (!(error instanceof Stopped)) throw error
  } finally {
    await member.leave()
  }
}

/** Bad lines, kept in a stream too, for whoever is to look at them elsewhere. */
export interface DeadLetters {
  keep(bad: readonly Bad[]): Promise<void>
  close(): Promise<void>
}

export const deadAddress = (address: string): string => address.replace(/(\?.*)?$/s, (settings) => `.dead${settings}`)

export function deadLetters(bus: Bus, tool: string, from: string): DeadLetters {
  return {
    keep: (bad) => bus.append(bad.map(({ place, fault, line }) => ({ key: place, line: JSON.stringify({ tool, from, place, fault, line }) }))),
    close: () => bus.close(),
  }
}
