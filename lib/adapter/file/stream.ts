/**
 * The lines of a stream, in a file that begins where what was dropped ended: `NAME.ndjson` at byte 0 of the stream, `NAME~12345.ndjson` at byte 12345;
 * beside it `NAME.times` or `NAME~12345.times`, when they were sent: a line `INSTANT OFFSET` each time. Offsets are the stream's own, and stay what
 * they are. What is kept is written anew, and the rename that gives it its name drops all before: the file that begins last is the stream. Whoever
 * still has an older one open finds in it what stood there when it looked.
 */
import { formatInstant, parseInstant, type Millis } from '#record'
import { endOfLines, LineCursor, type Bytes } from '#domain/audit/lines'
import { Failure } from '#port/failure'
import type { Logs, Tape } from '#port/logs'

const COPY_BYTES = 1 << 20
const NEWLINE = 10

export class StreamFile implements Bytes {
  /** All before has been dropped. */
  start: number
  readonly #logs: Logs
  readonly #stream: string
  #data: Tape
  #times: Tape

  constructor(logs: Logs, stream: string) {
    this.#logs = logs
    this.#stream = stream
    this.start = this.#startNow()
    this.#data = logs.open(this.#name('ndjson'))
    this.#times = logs.open(this.#name('times'))
  }

  #name(ending: string, start = this.start): string {
    return `${this.#stream}${start === 0 ? '' : `~${start}`}.${ending}`
  }

  #startOf(name: string, ending: string): number | undefined {
    if (name === `${this.#stream}.${ending}`) return 0
    const start = name.startsWith(`${this.#stream}~`) ? /^(\d+)\.(\w+)$/.exec(name.slice(this.#stream.length + 1)) : null
    return start?.[2] === ending ? Number(start[1]) : undefined
  }

  #startNow(): number {
    return Math.max(0, ...this.#logs.list().map((name) => this.#startOf(name, 'ndjson') ?? 0))
  }

  /** Learn what others have appended and dropped since. */
  look(): void {
    for (;;) {
      // Opened before the look at what there is: were they dropped before, it shows.
      for (const tape of [this.#data, this.#times]) {
        tape.size()
        tape.reread()
      }
      const start = this.#startNow()
      if (start === this.start) return
      this.close()
      this.start = start
      this.#data = this.#logs.open(this.#name('ndjson'))
      this.#times = this.#logs.open(this.#name('times'))
    }
  }

  size(): number {
    return this.start + this.#data.size()
  }

  /** Behind the last whole line. */
  end(): number {
    return this.start + endOfLines(this.#data)
  }

  read(position: number, into: Uint8Array): number {
    if (position < this.start) throw new Failure('again', `bus/${this.#stream}: what stood at byte ${position} was dropped while it was read`)
    return this.#data.read(position - this.start, into)
  }

  isLineStart(offset: number): boolean {
    const before = Buffer.alloc(1)
    return offset === this.start || (this.read(offset - 1, before) === 1 && before[0] === NEWLINE)
  }

  /** Durable once it returns. Whoever calls it holds the stream. */
  append(lines: string, nowMs: Millis): void {
    this.look()
    // A line that a crash cut off was never acknowledged: it is kept beside the file.
    for (const tape of [this.#data, this.#times]) {
      const end = endOfLines(tape)
      if (end < tape.size()) tape.setAside(end)
    }
    this.#times.append(Buffer.from(`${formatInstant(nowMs)} ${this.size()}\n`))
    this.#times.sync()
    this.#data.append(Buffer.from(lines))
    this.#data.sync()
  }

  /** Where the first line stands that was sent at or after a time; at the end where none was. */
  startAt(atMs: Millis): number {
    let first = Infinity
    // In a home that was restored the times may know of lines that the backup had not: others stand there since, from a lower offset on.
    for (const sent of this.#sendings()) if (first < Infinity || sent.atMs >= atMs) first = Math.min(first, sent.offset)
    return Math.min(Math.max(first, this.start), this.end())
  }

  * #sendings(): Generator<{ readonly atMs: Millis; readonly offset: number }, void, undefined> {
    const cursor = new LineCursor(this.#times)
    while (cursor.next()) {
      const [at = '', offset = ''] = cursor.text().split(' '), atMs = parseInstant(at)
      if (atMs === undefined || !/^\d+$/.test(offset)) throw new Failure('data', `bus/${this.#name('times')}: a line that is none: "${cursor.text()}"`)
      yield { atMs, offset: Number(offset) }
    }
  }

  /**
   * Drop all before `offset`, where a line begins, once that is at least as much as is kept, so that a line is written again once at most. Whoever
   * calls it holds the stream. Cut off anywhere, nothing is dropped, or all.
   */
  drop(offset: number): void {
    this.#tidy()
    const kept = this.size() - offset
    if (offset <= this.start || offset - this.start < kept) return
    const sendings = [...this.#sendings()], first = sendings.filter((sent) => sent.offset <= offset).at(-1)
    const times = [...(first === undefined ? [] : [{ ...first, offset }]), ...sendings.filter((sent) => sent.offset > offset)]
    this.#logs.replace(this.#name('times', offset), times.map((sent) => `${formatInstant(sent.atMs)} ${sent.offset}\n`).join(''))
    const part = this.#name('part', offset), copy = this.#logs.open(part)
    try {
      const chunk = Buffer.allocUnsafe(Math.min(COPY_BYTES, kept))
      for (let at = offset; at < offset + kept;) {
        const got = this.read(at, chunk)
        if (got === 0) throw new Failure('data', `bus/${this.#name('ndjson')}: it ends at byte ${at}, before what was just seen of it`)
        copy.append(chunk.subarray(0, got))
        at += got
      }
      // An empty file has a name too.
      copy.append(Buffer.alloc(0))
      copy.sync()
    } finally {
      copy.close()
    }
    this.#logs.move(part, this.#name('ndjson', offset))
    this.look()
    this.#tidy()
  }

  /** What is not of the stream any more, or was never finished. */
  #tidy(): void {
    for (const name of this.#logs.list()) {
      const isStale = (ending: string): boolean => {
        const start = this.#startOf(name, ending)
        return start !== undefined && start !== this.start
      }
      if (isStale('ndjson') || isStale('times') || this.#startOf(name, 'part') !== undefined) this.#logs.remove(name)
    }
  }

  close(): void {
    this.#data.close()
    this.#times.close()
  }
}
