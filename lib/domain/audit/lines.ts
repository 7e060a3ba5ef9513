/** Lines of a log as bytes: what is hashed and compared is what stands on the disk, never a decoded and encoded copy. */

/** Bytes that can be read at any place: a file, or its simulated twin. */
export interface Bytes {
  size(): number
  /** Fill `into` from `position` on as far as there are bytes; returns how many. */
  read(position: number, into: Uint8Array): number
}

const CHUNK = 1 << 20
const MIN_CHUNK = 1 << 10
/** A longer line is no record: reading stops before it instead of filling the memory. */
const MAX_LINE = 1 << 28
const NEWLINE = 10

/**
 * Walks the lines that end in a newline. The line is `buffer[start, end)`, without its newline; the byte before `start` is
 * always within the buffer and free to be overwritten, so that a prefix can be hashed with the line without copying it.
 */
export class LineCursor {
  buffer: Buffer
  start = 1
  end = 0
  /** Where the line begins in the file. */
  offset = 0
  /** Lines so far. */
  count = 0
  /** Where the line after this one begins; at the end, where the torn tail does. */
  nextOffset = 0
  readonly #bytes: Bytes
  #next = 1
  #filled = 1

  /** `from` is where a line begins. */
  constructor(bytes: Bytes, from = 0) {
    this.#bytes = bytes
    this.nextOffset = from
    this.buffer = Buffer.allocUnsafe(1 + Math.min(CHUNK, bytes.size() + MIN_CHUNK))
  }

  /** Move to the next line; false where no more complete line follows. */
  next(): boolean {
    let searched = this.#next
    for (;;) {
      const newline = this.#filled > searched ? this.buffer.indexOf(NEWLINE, searched) : -1
      if (newline >= 0 && newline < this.#filled) {
        this.start = this.#next
        this.end = newline
        this.offset = this.nextOffset
        this.#next = newline + 1
        this.nextOffset += newline + 1 - this.start
        this.count += 1
        return true
      }
      const pending = this.#filled - this.#next
      if (!this.#fill()) return false
      searched = this.#next + pending
    }
  }

  text(): string {
    return this.buffer.toString('utf8', this.start, this.end)
  }

  #fill(): boolean {
    const pending = this.#filled - this.#next
    if (pending > MAX_LINE) return false
    if (pending * 2 > this.buffer.length) {
      const larger = Buffer.allocUnsafe(this.buffer.length * 2)
      this.buffer.copy(larger, 1, this.#next, this.#filled)
      this.buffer = larger
    } else {
      this.buffer.copyWithin(1, this.#next, this.#filled)
    }
    this.#next = 1
    this.#filled = 1 + pending
    const got = this.#bytes.read(this.nextOffset + pending, this.buffer.subarray(this.#filled))
    this.#filled += got
    return got > 0
  }
}

/** The place after the last newline: the size, unless the tail is torn. */
export function endOfLines(bytes: Bytes): number {
  const size = bytes.size()
  const chunk = Buffer.allocUnsafe(Math.min(CHUNK, size))
  for (let end = size; end > 0;) {
    const from = Math.max(0, end - CHUNK)
    const got = readFully(bytes, from, chunk.subarray(0, end - from))
    const newline = chunk.subarray(0, got).lastIndexOf(NEWLINE)
    if (newline >= 0) return from + newline + 1
    end = from
  }
  return 0
}

/** Complete lines from the last to the first; a torn tail is left out. Each is a view, good until the next one. */
export function* linesBackward(bytes: Bytes): Generator<Buffer, void, undefined> {
  let rest = Buffer.alloc(0)
  for (let end = endOfLines(bytes) - 1, first = true; end > 0 || first; first = false) {
    if (end < 0) return
    const from = Math.max(0, end - CHUNK)
    const chunk = Buffer.allocUnsafe(end - from + rest.length)
    readFully(bytes, from, chunk.subarray(0, end - from))
    rest.copy(chunk, end - from)
    let lineEnd = chunk.length
    for (let newline = lastNewline(chunk, end - from); newline >= 0; newline = lastNewline(chunk, newline)) {
      yield chunk.subarray(newline + 1, lineEnd)
      lineEnd = newline
    }
    rest = chunk.subarray(0, lineEnd)
    end = from
  }
  yield rest
}

const lastNewline = (chunk: Buffer, before: number): number => (before === 0 ? -1 : chunk.lastIndexOf(NEWLINE, before - 1))

/** Fill `into` from `position`, however short each read falls; returns how much there was. */
export function readFully(bytes: Bytes, position: number, into: Uint8Array): number {
  let filled = 0
  while (filled < into.length) {
    const got = bytes.read(position + filled, into.subarray(filled))
    if (got === 0) break
    filled += got
  }
  return filled
}
