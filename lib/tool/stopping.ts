import type { Sink } from './output.ts'

/**
 * SIGINT, SIGTERM and a reader that left: stop reading, finish the record in hand, flush, then end as the signal would have.
 * A second signal ends the process at once.
 */
export class Stopping {
  readonly #output: Sink
  readonly #abort = new AbortController()
  #signal: NodeJS.Signals | undefined

  /** `asks`: the tool looks at `now` between records; a command does not, and ends at once, like every process. */
  constructor(output: Sink, asks: boolean) {
    this.#output = output
    output.onClosed = () => this.#abort.abort()
    if (!asks) return
    process.once('SIGINT', this.#stop)
    process.once('SIGTERM', this.#stop)
  }

  get now(): boolean {
    return this.#signal !== undefined || this.#output.closed
  }

  /** Aborted as soon as `now` is true: for what waits and cannot look. */
  get signal(): AbortSignal {
    return this.#abort.signal
  }

  readonly #stop = (signal: NodeJS.Signals): void => {
    this.#signal = signal
    this.#abort.abort()
    // Reading may be waiting for input that never comes.
    process.stdin.destroy()
  }

  release(): void {
    process.off('SIGINT', this.#stop)
    process.off('SIGTERM', this.#stop)
    process.stdin.destroy()
  }

  /** Once all is flushed: the status a shell expects of a signalled process (128 + n). */
  raise(): void {
    if (this.#signal !== undefined) process.kill(process.pid, this.#signal)
  }
}
