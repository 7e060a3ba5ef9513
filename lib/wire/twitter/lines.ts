/**
 * A stream of bytes cut into whole lines: messages end with CR LF, and an empty line is a heartbeat
 * (https://docs.x.com/x-api/posts/filtered-stream/integrate/consuming-streaming-data).
 */
import { Failure } from '#port/failure'

/** Longest message, in bytes. */
const LONGEST = 16 * 1024 * 1024

export class LineCutter {
  #rest: Buffer[] = []
  #size = 0

  /** The whole lines that a chunk completes, without empty ones; undefined where there are none. Throws Failure `data` on a line without end. */
  push(chunk: Buffer): Buffer | undefined {
    const end = chunk.lastIndexOf(10)
    if (end < 0) {
      this.#hold(chunk)
      return undefined
    }
    const lines = Buffer.concat([...this.#rest, chunk.subarray(0, end + 1)])
    this.#rest = []
    this.#size = 0
    this.#hold(chunk.subarray(end + 1))
    return lines.some((byte) => byte !== 10 && byte !== 13 && byte !== 32) ? lines : undefined
  }

  #hold(part: Buffer): void {
    if (part.length === 0) return
    this.#size += part.length
    if (this.#size > LONGEST) throw new Failure('data', `the stream: a message of more than ${LONGEST} bytes`)
    this.#rest.push(part)
  }
}
