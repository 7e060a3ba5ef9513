import type { Writable } from 'node:stream'
import { Failure, Stopped } from '#port/failure'

/** Flush when this much text has gathered, so that a pipe sees whole blocks. */
const BLOCK = 64 * 1024

/**
 * When text is handed on: each `line` at once, for a person watching; all of one `turn` of the event loop together, for a
 * collector whose next record may be long in coming; or whole `block`s.
 */
export type Pace = 'line' | 'turn' | 'block'

/** Where a tool's lines go. */
export interface Sink {
  /** Called once when the reader has gone. */
  onClosed: (() => void) | undefined
  /** The reader has gone: nothing more will be read. */
  readonly closed: boolean
  /** `key`: what the record is about, where that is known already. */
  write(line: string, key?: string): void
  /** Hand over what has gathered. A promise where whoever takes it wants no more yet. */
  drained(): void | Promise<void>
  /** Resolves once everything has been handed over for good. */
  finished(): Promise<void>
  /** Like `finished`, but a reader that has gone is Stopped: what was written last did not reach it. */
  flushed(): Promise<void>
}

/** A sink that can be told to hand nothing on. */
export class Hushed implements Sink {
  readonly #sink: Sink
  on = false

  constructor(sink: Sink) {
    this.#sink = sink
  }

  get onClosed(): (() => void) | undefined {
    return this.#sink.onClosed
  }

  set onClosed(told: (() => void) | undefined) {
    this.#sink.onClosed = told
  }

  get closed(): boolean {
    return this.#sink.closed
  }

  write(line: string, key?: string): void {
    if (!this.on) this.#sink.write(line, key)
  }

  drained = (): void | Promise<void> => this.#sink.drained()
  finished = (): Promise<void> => this.#sink.finished()
  flushed = (): Promise<void> => this.#sink.flushed()
}

/**
 * Records out: text gathered into blocks, back-pressure passed on, and a reader that leaves (EPIPE) noticed without a word.
 * Any other write error, such as a full disk, is a Failure `output` at the next `drained`.
 */
export class Output implements Sink {
  readonly #stream: Writable
  readonly #pace: Pace
  onClosed: (() => void) | undefined
  #pending = ''
  #error: Error | undefined
  #wake: (() => void) | undefined
  #soon: NodeJS.Immediate | undefined

  constructor(stream: Writable, pace: Pace) {
    this.#stream = stream
    this.#pace = pace
    stream.on('error', (error) => {
      this.#error = error
      this.#wake?.()
      if (this.closed) this.onClosed?.()
    })
    stream.on('drain', () => this.#wake?.())
  }

  get closed(): boolean {
    const { failure } = this
    return failure !== undefined && 'code' in failure && failure.code === 'EPIPE'
  }

  /** What a write came to: the stream knows it a moment before it says so, and what rests on the write must not be believed in between. */
  private get failure(): Error | undefined {
    return this.#error ?? this.#stream.errored ?? undefined
  }

  write(line: string): void {
    this.#pending += `${line}\n`
    if (this.#pace === 'line' || this.#pending.length >= BLOCK) this.#push()
    else if (this.#pace === 'turn' && this.#soon === undefined) this.#soon = setImmediate(this.#later)
  }

  readonly #later = (): void => {
    this.#soon = undefined
    this.#push()
  }

  #push(): boolean {
    const text = this.#pending
    this.#pending = ''
    return text === '' || this.#error !== undefined || this.#stream.write(text)
  }

  drained(): void | Promise<void> {
    this.#push()
    this.#raise()
    if (this.#stream.writableNeedDrain && this.#error === undefined) return new Promise<void>((wake) => (this.#wake = wake)).then(() => this.#raise())
  }

  async finished(): Promise<void> {
    this.#push()
    if (this.#error === undefined && this.#stream.writableLength > 0) {
      await new Promise<void>((done) => {
        this.#wake = done
        this.#stream.write('', () => done())
      })
    }
    this.#raise()
  }

  async flushed(): Promise<void> {
    await this.finished()
    if (this.closed) throw new Stopped()
  }

  #raise(): void {
    const { failure } = this
    if (failure !== undefined && !this.closed) throw new Failure('output', `cannot write to stdout: ${failure.message}`, failure)
  }
}
