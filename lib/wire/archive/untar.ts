/** Tape archives in the ustar form, read a little at a time; only plain files, with names that stay inside. */
import { isArchiveName } from './tar.ts'

export interface TarEntry {
  readonly name: string
  readonly bytes: number
  readonly mode: number
}
export type TarEvent = { readonly entry: TarEntry } | { readonly part: Buffer }

const BLOCK = 512

export class TarReader {
  #rest: Buffer = Buffer.alloc(0)
  /** Of the content under way, and then of its padding. */
  #left = 0
  #padding = 0
  #hasEnded = false

  /** Throws RangeError where the archive was cut off. */
  end(): void {
    if (!this.#hasEnded || this.#left > 0 || this.#rest.length > 0) throw new RangeError('cut off: the archive does not end as archives do')
  }

  /** Each file, then the parts of its content. Throws RangeError where the bytes are no such archive. */
  *add(bytes: Uint8Array): Generator<TarEvent, void, undefined> {
    this.#rest = this.#rest.length === 0 ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length) : Buffer.concat([this.#rest, bytes])
    for (;;) {
      if (this.#left > 0) {
        const part = this.#take(Math.min(this.#left, this.#rest.length))
        if (part.length === 0) break
        this.#left -= part.length
        yield { part }
      } else if (this.#padding > 0) {
        const skipped = this.#take(Math.min(this.#padding, this.#rest.length)).length
        if (skipped === 0) break
        this.#padding -= skipped
      } else {
        if (this.#rest.length < BLOCK) break
        const entry = this.#entryOf(this.#take(BLOCK))
        if (entry === undefined) continue
        this.#left = entry.bytes
        this.#padding = (BLOCK - (entry.bytes % BLOCK)) % BLOCK
        yield { entry }
      }
    }
    // Views of what the caller may write over: what stays is copied.
    this.#rest = Buffer.from(this.#rest)
  }

  #take(length: number): Buffer {
    const taken = this.#rest.subarray(0, length)
    this.#rest = this.#rest.subarray(length)
    return taken
  }

  #entryOf(header: Buffer): TarEntry | undefined {
    if (header.every((byte) => byte === 0)) {
      this.#hasEnded = true
      return undefined
    }
    const text = (from: number, width: number): string => header.toString('latin1', from, from + width).replace(/[\0 ].*$/s, '')
    const number = (from: number, width: number): number => (/^[0-7]+$/.test(text(from, width)) ? parseInt(text(from, width), 8) : NaN)
    const sum = header.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 32 : byte), 0)
    if (this.#hasEnded || text(257, 6) !== 'ustar' || number(148, 8) !== sum) throw new RangeError('damaged: no header of a file where one must be')
    const entry = { name: text(0, 100), bytes: number(124, 12), mode: number(100, 8) }
    if (header.toString('latin1', 156, 157) !== '0' || text(345, 155) !== '') throw new RangeError(`${entry.name}: no plain file`)
    if (!isArchiveName(entry.name)) throw new RangeError(`no name for an archive: ${entry.name}`)
    if (!Number.isSafeInteger(entry.bytes) || Number.isNaN(entry.mode)) throw new RangeError(`${entry.name}: a size or mode that is none`)
    return entry
  }
}
