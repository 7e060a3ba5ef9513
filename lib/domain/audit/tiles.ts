/**
 * The tree in tiles (https://c2sp.org/tlog-tiles): a tile holds up to 256 hashes of one level, and each hash of a level above is the
 * root of a whole tile below. A proof reads a few tiles for every 256-fold growth of the log.
 */
import { DIGEST_BYTES, EMPTY_ROOT, nodeHash, type Digest, type RangeRoot } from './merkle.ts'

export const TILE_WIDTH = 256
const TILE_BYTES = TILE_WIDTH * DIGEST_BYTES

/** A tile of a tree of a certain size: `width` hashes of 256^`level` leaves each. */
export interface Tile {
  readonly level: number
  readonly index: number
  /** 1 to 256. */
  readonly width: number
}

/** 1234067 → `x001/x234/067`. */
export function indexPath(index: number): string {
  let path = String(index % 1000).padStart(3, '0')
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) path = `x${String(rest % 1000).padStart(3, '0')}/${path}`
  return path
}

const partOf = (width: number): string => (width === TILE_WIDTH ? '' : `.p/${width}`)

export const tilePath = ({ level, index, width }: Tile): string => `tile/${level}/${indexPath(index)}${partOf(width)}`

/** Where the entries stand whose hashes a tile of level 0 holds. */
export const bundlePath = (index: number, width: number): string => `tile/entries/${indexPath(index)}${partOf(width)}`

/** How many hashes a level has in a tree of `size` leaves. */
export function hashesAt(level: number, size: number): number {
  let count = size
  for (let i = 0; i < level; i++) count = Math.floor(count / TILE_WIDTH)
  return count
}

/** The tiles of a tree of `size` leaves that a tree of `from` leaves does not have in full, level by level. */
export function* newTiles(from: number, size: number): Generator<Tile, void, undefined> {
  for (let level = 0; hashesAt(level, size) > 0; level++) {
    const count = hashesAt(level, size), had = hashesAt(level, from)
    if (count === had) continue
    for (let index = Math.floor(had / TILE_WIDTH); index * TILE_WIDTH < count; index++) {
      yield { level, index, width: Math.min(TILE_WIDTH, count - index * TILE_WIDTH) }
    }
  }
}

/** The bytes of a tile, or undefined where it is not there. */
export type ReadTile = (tile: Tile) => Uint8Array | undefined

/** A tile that the tree needs is missing, or not as long as it must be. */
export class TileFault extends Error {}

/** The hash of so many leaves from `from` on, both powers of two that the tile holds, is folded from the tile's hashes. */
function fold(hashes: readonly Digest[]): Digest {
  let level = hashes
  while (level.length > 1) {
    const above: Digest[] = []
    for (let i = 0; i + 1 < level.length; i += 2) above.push(nodeHash(level[i] ?? '', level[i + 1] ?? ''))
    level = above
  }
  return level[0] ?? ''
}

const hashesOf = (bytes: Uint8Array): Digest[] => {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  return Array.from({ length: bytes.length / DIGEST_BYTES }, (_, i) => text.slice(i * DIGEST_BYTES, (i + 1) * DIGEST_BYTES))
}

/** The root of a whole tile. */
export const rootOfTile = (bytes: Uint8Array): Digest => fold(hashesOf(bytes))

/**
 * Ranges of a tree of `size` leaves, from its tiles; each tile is read once. Throws TileFault where one is missing or of the wrong
 * length; whether the hashes are the right ones is told by the root that they lead to.
 */
export function rangeRootOfTiles(size: number, read: ReadTile): RangeRoot {
  const known = new Map<string, readonly Digest[]>()
  const tileOf = (level: number, index: number): readonly Digest[] => {
    const tile: Tile = { level, index, width: Math.min(TILE_WIDTH, hashesAt(level, size) - index * TILE_WIDTH) }
    const path = tilePath(tile)
    const found = known.get(path)
    if (found !== undefined) return found
    // A partial tile may have been removed when the whole one came; its hashes begin the whole one.
    const bytes = read(tile) ?? (tile.width === TILE_WIDTH ? undefined : read({ ...tile, width: TILE_WIDTH }))
    if (bytes === undefined) throw new TileFault(`${path} is missing`)
    if (bytes.length < tile.width * DIGEST_BYTES || bytes.length > TILE_BYTES) {
      throw new TileFault(`${path} is ${bytes.length} bytes long, not ${tile.width * DIGEST_BYTES}`)
    }
    const hashes = hashesOf(bytes.subarray(0, tile.width * DIGEST_BYTES))
    known.set(path, hashes)
    return hashes
  }
  const full = (from: number, count: number): Digest => {
    let level = 0, start = from, width = count
    while (width >= TILE_WIDTH) {
      level += 1
      start /= TILE_WIDTH
      width /= TILE_WIDTH
    }
    const first = start % TILE_WIDTH
    return fold(tileOf(level, Math.floor(start / TILE_WIDTH)).slice(first, first + width))
  }
  const range: RangeRoot = (from, to) => {
    if (from === to) return EMPTY_ROOT
    let half = 1
    while (half * 2 <= to - from) half *= 2
    return half === to - from ? full(from, half) : nodeHash(full(from, half), range(from + half, to))
  }
  return range
}
