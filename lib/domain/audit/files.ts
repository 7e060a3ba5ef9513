/** The three files of an audit log, any two of which tell where the third was changed. */
import type { Bytes } from './lines.ts'
import { DIGEST_BYTES, type Digest } from './merkle.ts'

/** The records, a line each, byte for byte as they were logged. */
export const LINES = 'audit.jsonl'
/** The 32-byte leaf hash of every line: the tree's level 0, of which each 8192 bytes are one C2SP tile. */
export const LEAVES = 'audit.leaves'
/** Size and root, replaced whole after each group of lines. */
export const CHECKPOINT = 'audit.checkpoint'
/** The last signed checkpoint of a log that was closed: the next log begins with it. */
export const PREDECESSOR = 'audit.predecessor'
/** Held by the one who appends. */
export const LOCK = 'audit'

const CHUNK = 1 << 20

/** Walks the leaf hashes in order. */
export class LeafCursor {
  readonly #bytes: Bytes
  readonly #chunk: Buffer
  #position: number
  #at = 0
  #filled = 0

  /** `from` is where a leaf begins. */
  constructor(bytes: Bytes, from = 0) {
    this.#bytes = bytes
    this.#position = from
    this.#chunk = Buffer.allocUnsafe(Math.min(CHUNK, bytes.size() + DIGEST_BYTES))
  }

  /** Undefined after the last whole leaf. */
  next(): Digest | undefined {
    while (this.#filled - this.#at < DIGEST_BYTES) {
      const rest = this.#filled - this.#at
      this.#chunk.copyWithin(0, this.#at, this.#filled)
      const got = this.#bytes.read(this.#position, this.#chunk.subarray(rest))
      this.#at = 0
      this.#filled = rest + got
      this.#position += got
      if (got === 0) return undefined
    }
    this.#at += DIGEST_BYTES
    return this.#chunk.toString('latin1', this.#at - DIGEST_BYTES, this.#at)
  }
}

const HEAD = /^\{"kind":"[a-z]+","id":"([0-9a-f]{40})"/
const HEAD_BYTES = 90
const ID = /^[0-9a-f]{40}$/

/** The id of the record on a line; undefined where the line is no record. Vanta's own lines need not be parsed for it. */
export function idOfLine(buffer: Buffer, start: number, end: number): string | undefined {
  const head = HEAD.exec(buffer.toString('latin1', start, Math.min(end, start + HEAD_BYTES)))
  if (head !== null) return head[1]
  try {
    const record: unknown = JSON.parse(buffer.toString('utf8', start, end))
    if (typeof record !== 'object' || record === null || !('id' in record)) return undefined
    return typeof record.id === 'string' && ID.test(record.id) ? record.id : undefined
  } catch {
    return undefined
  }
}
