/**
 * Compressed archives read a little at a time: Zstandard (RFC 8878) by its reference implementation, which is handed one block after another,
 * because of what does not fit into its answer the rest would be lost; or none.
 */

export interface Unpacker {
  /** What these bytes hold, in pieces. Throws RangeError where they are no such stream. */
  add(bytes: Uint8Array): readonly Uint8Array[]
  /** Throws RangeError where the stream was cut off. */
  end(): void
}

const MAGIC = Buffer.from([0x28, 0xb5, 0x2f, 0xfd])
const PLAIN: Unpacker = { add: (bytes) => [bytes], end: () => undefined }

/** By the first bytes of an archive. */
export async function unpackerOf(head: Uint8Array): Promise<Unpacker> {
  if (!MAGIC.equals(head.subarray(0, MAGIC.length))) return PLAIN
  const { Zstd } = await import('@hpcc-js/wasm-zstd')
  const zstd = await Zstd.load()
  zstd.reset()
  const blocks = new ZstdBlocks()
  return {
    add(bytes) {
      const unpacked: Uint8Array[] = []
      for (const block of blocks.add(bytes)) {
        try {
          unpacked.push(Uint8Array.from(zstd.decompressChunk(block, MOST_UNPACKED)))
        } catch (error) {
          throw new RangeError(`damaged: ${error instanceof Error ? error.message : String(error)}`)
        }
      }
      return unpacked
    },
    end: () => blocks.end(),
  }
}

/** A block is at most 128 KiB when unpacked (section 3.1.1.2.4); that of a frame's end may come with what was held back. */
const MOST_UNPACKED = 1 << 18
const HEADER_BYTES = 18, BLOCK_HEADER_BYTES = 3
const DICTIONARY_BYTES = [0, 1, 2, 4], SIZE_BYTES = [0, 2, 4, 8]
const SKIPPABLE = 0x184d2a50, SKIPPABLE_BYTES = 8

/** Cuts a stream into the headers and blocks of its frames. */
class ZstdBlocks {
  #rest = Buffer.alloc(0)
  #isWithin = false
  #hasChecksum = false

  end(): void {
    if (this.#isWithin || this.#rest.length > 0) throw new RangeError('cut off: its last frame does not end')
  }

  *add(bytes: Uint8Array): Generator<Buffer, void, undefined> {
    this.#rest = Buffer.concat([this.#rest, bytes])
    for (let length = this.#next(); length > 0 && length <= this.#rest.length; length = this.#next()) {
      yield this.#rest.subarray(0, length)
      this.#rest = this.#rest.subarray(length)
    }
  }

  /** Length of the next header or block; 0 where more must come before it can be told. */
  #next(): number {
    return this.#isWithin ? this.#block() : this.#header()
  }

  #block(): number {
    if (this.#rest.length < BLOCK_HEADER_BYTES) return 0
    const header = this.#rest.readUIntLE(0, BLOCK_HEADER_BYTES), isLast = (header & 1) === 1, type = (header >> 1) & 3
    // A block of one repeated byte says its size unpacked.
    const length = BLOCK_HEADER_BYTES + (type === 1 ? 1 : header >> 3) + (isLast && this.#hasChecksum ? 4 : 0)
    if (isLast && length <= this.#rest.length) this.#isWithin = false
    return length
  }

  #header(): number {
    const rest = this.#rest
    if (rest.length < SKIPPABLE_BYTES) return 0
    const magic = rest.readUInt32LE(0)
    if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE) return SKIPPABLE_BYTES + rest.readUInt32LE(4)
    if (!MAGIC.equals(rest.subarray(0, MAGIC.length))) throw new RangeError('damaged: a frame does not begin as frames do')
    const flags = rest[4] ?? 0, isSingle = (flags & 0x20) !== 0, sizeFlag = flags >> 6
    const sizeBytes = sizeFlag === 0 && isSingle ? 1 : SIZE_BYTES[sizeFlag] ?? 0
    const length = 5 + (isSingle ? 0 : 1) + (DICTIONARY_BYTES[flags & 3] ?? 0) + sizeBytes
    if (length > HEADER_BYTES) throw new RangeError('damaged: the header of a frame is too long')
    if (length > rest.length) return length
    this.#isWithin = true
    this.#hasChecksum = (flags & 4) !== 0
    return length
  }
}
