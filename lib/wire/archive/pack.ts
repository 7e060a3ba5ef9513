/** Compression of a stream of bytes: Zstandard (RFC 8878) by its reference implementation in WebAssembly, or gzip (RFC 1952). */
import { gzipSync } from 'node:zlib'

export type Packing = 'none' | 'gzip' | 'zstd'

export interface Packer {
  /** What can be written after these bytes; maybe nothing yet. */
  add(bytes: Uint8Array): Uint8Array
  /** What is left. */
  end(): Uint8Array
}

/** The same bytes come out on every machine, but for gzip, whose compressor differs between versions of Node. */
export async function packerOf(packing: Packing): Promise<Packer> {
  if (packing === 'zstd') return zstdPacker()
  if (packing === 'none') return { add: (bytes) => bytes, end: () => Buffer.alloc(0) }
  return gzipPacker()
}

const ZSTD_LEVEL = 9
/** The module copies what it is handed: a little at a time. */
const PIECE_BYTES = 1 << 20

async function zstdPacker(): Promise<Packer> {
  const { Zstd } = await import('@hpcc-js/wasm-zstd')
  const zstd = await Zstd.load()
  zstd.reset()
  zstd.setCompressionLevel(ZSTD_LEVEL)
  return {
    add(bytes) {
      const packed: Uint8Array[] = []
      for (let at = 0; at < bytes.length; at += PIECE_BYTES) packed.push(Uint8Array.from(zstd.compressChunk(bytes.subarray(at, at + PIECE_BYTES))))
      return Buffer.concat(packed)
    },
    end: () => Uint8Array.from(zstd.compressEnd()),
  }
}

const MEMBER_BYTES = 1 << 22
const GZIP_LEVEL = 9

/** Members of a few megabytes, one after another: every gunzip reads them as one. */
function gzipPacker(): Packer {
  let waiting: Uint8Array[] = [], size = 0
  const member = (): Buffer => {
    const packed = gzipSync(Buffer.concat(waiting), { level: GZIP_LEVEL })
    waiting = []
    size = 0
    return packed
  }
  return {
    add(bytes) {
      waiting.push(Uint8Array.from(bytes))
      size += bytes.length
      return size < MEMBER_BYTES ? Buffer.alloc(0) : member()
    },
    end: member,
  }
}
