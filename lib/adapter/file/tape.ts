import { dirname } from 'node:path'
import type { Tape } from '#port/logs'
import { cannotRead, cannotWrite, codeOf, ensureFolder, nodeDisk, writeFully, type Disk } from './disk.ts'

const BUFFER_BYTES = 1 << 20
const MIN_BUFFER_BYTES = 1 << 14
const COPY_BYTES = 1 << 20

/**
 * An append-only file, written a megabyte at a time with O_APPEND. Where `waits` is false, `sync` writes but does not wait for
 * the disk, and `close` does: for runs that can be repeated, such as back-tests.
 */
export function fileTape(path: string, disk: Disk = nodeDisk, waits = true): Tape {
  return new FileTape(path, disk, waits)
}

class FileTape implements Tape {
  readonly #path: string
  readonly #disk: Disk
  readonly #waits: boolean
  #reader: number | undefined
  #writer: number | undefined
  #written = 0
  #queue = Buffer.alloc(0)
  #queued = 0
  /** What is found in the file may have been written, and not synced, by a process that failed. */
  #unsynced = true
  /** Set by the first failed write: what the disk then holds is unknown until the file is opened anew. */
  #broken: Error | undefined

  constructor(path: string, disk: Disk, waits: boolean) {
    this.#path = path
    this.#disk = disk
    this.#waits = waits
  }

  size(): number {
    if (this.#writer !== undefined) return this.#written + this.#queued
    const reader = this.#openReader()
    return reader === undefined ? 0 : this.#reading(() => this.#disk.size(reader))
  }

  read(position: number, into: Uint8Array): number {
    if (this.#queued > 0) this.#writeQueue()
    const file = this.#writer ?? this.#openReader()
    return file === undefined || into.length === 0 ? 0 : this.#reading(() => this.#disk.read(file, into, position))
  }

  append(bytes: Uint8Array): void {
    this.#openWriter()
    if (this.#queued + bytes.length > BUFFER_BYTES) this.#writeQueue()
    if (bytes.length > BUFFER_BYTES) {
      this.#write(bytes)
      return
    }
    this.#roomFor(this.#queued + bytes.length).set(bytes, this.#queued)
    this.#queued += bytes.length
  }

  sync(): void {
    if (this.#broken !== undefined) throw this.#broken
    if (this.#queued > 0) this.#writeQueue()
    if (!this.#waits) return
    if (this.#writer === undefined && this.size() > 0) this.#openWriter()
    this.#syncFile()
  }

  reread(): void {
    const writer = this.#writer
    if (writer === undefined) return
    this.#written = this.#reading(() => this.#disk.size(writer))
    this.#unsynced = true
  }

  setAside(offset: number): void {
    const writer = this.#openWriter()
    if (this.#queued > 0) this.#writeQueue()
    if (offset >= this.#written) return
    this.#writing(() => {
      this.#copyAside(writer, offset)
      this.#disk.truncate(writer, offset)
      this.#disk.sync(writer)
    })
    this.#written = offset
  }

  close(): void {
    try {
      if (this.#broken === undefined && this.#writer !== undefined) {
        if (this.#queued > 0) this.#writeQueue()
        this.#syncFile()
      }
    } finally {
      if (this.#reader !== undefined) this.#disk.close(this.#reader)
      if (this.#writer !== undefined) this.#disk.close(this.#writer)
      this.#reader = this.#writer = undefined
    }
  }

  #openReader(): number | undefined {
    if (this.#reader !== undefined) return this.#reader
    try {
      this.#reader = this.#disk.open(this.#path, 'r')
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw cannotRead(this.#path, error)
    }
    return this.#reader
  }

  #openWriter(): number {
    if (this.#broken !== undefined) throw this.#broken
    if (this.#writer !== undefined) return this.#writer
    return this.#writing(() => {
      const folder = dirname(this.#path)
      ensureFolder(this.#disk, folder)
      const writer = (this.#writer = this.#disk.open(this.#path, 'a+'))
      this.#written = this.#disk.size(writer)
      // A file that is durable under no name is lost: the name goes first.
      this.#disk.syncFolder(folder)
      return writer
    })
  }

  /** The queue, at least that large: most logs never need all of it. */
  #roomFor(length: number): Buffer {
    if (length <= this.#queue.length) return this.#queue
    const larger = Buffer.allocUnsafe(Math.min(BUFFER_BYTES, Math.max(length * 2, MIN_BUFFER_BYTES)))
    this.#queue.copy(larger, 0, 0, this.#queued)
    return (this.#queue = larger)
  }

  #writeQueue(): void {
    this.#write(this.#queue.subarray(0, this.#queued))
    this.#queued = 0
  }

  #write(bytes: Uint8Array): void {
    const writer = this.#openWriter()
    this.#unsynced = true
    this.#writing(() => writeFully(this.#disk, writer, bytes))
    this.#written += bytes.length
  }

  #syncFile(): void {
    const writer = this.#writer
    if (writer === undefined || !this.#unsynced) return
    this.#writing(() => this.#disk.sync(writer))
    this.#unsynced = false
  }

  #copyAside(writer: number, offset: number): void {
    const aside = this.#openAside(offset)
    try {
      const chunk = Buffer.allocUnsafe(Math.min(COPY_BYTES, this.#written - offset))
      for (let position = offset; position < this.#written;) {
        const got = this.#disk.read(writer, chunk.subarray(0, Math.min(chunk.length, this.#written - position)), position)
        if (got === 0) break
        writeFully(this.#disk, aside, chunk.subarray(0, got))
        position += got
      }
      this.#disk.sync(aside)
    } finally {
      this.#disk.close(aside)
    }
    this.#disk.syncFolder(dirname(this.#path))
  }

  /** A file may be torn twice at the same place: each tail has a name of its own. */
  #openAside(offset: number): number {
    for (let nth = 1; ; nth++) {
      try {
        return this.#disk.open(`${this.#path}.torn-${offset}${nth === 1 ? '' : `.${nth}`}`, 'wx')
      } catch (error) {
        if (codeOf(error) !== 'EEXIST') throw error
      }
    }
  }

  #reading<T>(action: () => T): T {
    try {
      return action()
    } catch (error) {
      throw cannotRead(this.#path, error)
    }
  }

  #writing<T>(action: () => T): T {
    try {
      return action()
    } catch (error) {
      throw (this.#broken = cannotWrite(this.#path, error))
    }
  }
}
