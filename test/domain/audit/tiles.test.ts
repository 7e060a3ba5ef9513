import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { consistencyProof, Frontier, inclusionProof, isConsistent, isIncluded, leafHash, rangeRootOf, type Digest } from '#domain/audit/merkle'
import { upperTile } from '#domain/audit/published'
import { bundlePath, indexPath, newTiles, rangeRootOfTiles, TileFault, tilePath, type Tile } from '#domain/audit/tiles'

const LEAVES = Array.from({ length: 66_100 }, (_, i) => leafHash(Buffer.from(`entry ${i}`)))

test('paths are those of the specification', () => {
  assert.equal(indexPath(1_234_067), 'x001/x234/067')
  assert.equal(indexPath(0), '000')
  assert.equal(indexPath(1000), 'x001/000')
  assert.equal(tilePath({ level: 1, index: 5, width: 256 }), 'tile/1/005')
  assert.equal(tilePath({ level: 0, index: 273, width: 112 }), 'tile/0/273.p/112')
  assert.equal(bundlePath(273, 112), 'tile/entries/273.p/112')
})

test('a tree of 70,000 has the tiles that the specification counts', () => {
  const counted = new Map<string, number>()
  for (const { level, width } of newTiles(0, 70_000)) counted.set(`${level}:${width}`, (counted.get(`${level}:${width}`) ?? 0) + 1)
  assert.deepEqual(Object.fromEntries(counted), { '0:256': 273, '0:112': 1, '1:256': 1, '1:17': 1, '2:1': 1 })
  assert.deepEqual([...newTiles(0, 256)], [{ level: 0, index: 0, width: 256 }, { level: 1, index: 0, width: 1 }])
})

/** The tiles of a tree that grew through the sizes. */
function grown(sizes: readonly number[]): { readonly read: (tile: Tile) => Buffer | undefined; readonly tiles: Map<string, Buffer>; reads: number } {
  const tiles = new Map<string, Buffer>()
  const made = { tiles, reads: 0, read: (tile: Tile) => (made.reads++, tiles.get(tilePath(tile))) }
  let from = 0
  for (const size of sizes) {
    for (const tile of newTiles(from, size)) {
      const start = tile.index * 256
      const bytes = tile.level === 0 ? Buffer.from(LEAVES.slice(start, start + tile.width).join(''), 'latin1') : upperTile((below) => tiles.get(tilePath(below)), tile)
      assert.equal(tiles.has(tilePath(tile)), false, 'a tile is never written twice')
      tiles.set(tilePath(tile), bytes)
    }
    from = size
  }
  return made
}

function rootOf(size: number): Digest {
  const frontier = new Frontier()
  for (const leaf of LEAVES.slice(0, size)) frontier.append(leaf)
  return frontier.root()
}

test('ranges from tiles are those from the leaves, however the tree grew', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 1500 }), { minLength: 1, maxLength: 5 }).map((list) => [...new Set(list)].sort((a, b) => a - b))
  fc.assert(fc.property(sizes, fc.nat(), fc.nat(), (list, one, other) => {
    const size = list.at(-1) ?? 1, index = one % size, first = 1 + (other % size)
    const ranges = rangeRootOfTiles(size, grown(list).read), leaves = rangeRootOf((i) => LEAVES[i] ?? '')
    assert.equal(ranges(0, size), rootOf(size))
    assert.deepEqual(inclusionProof(index, size, ranges), inclusionProof(index, size, leaves))
    assert.deepEqual(consistencyProof(first, size, ranges), consistencyProof(first, size, leaves))
    // And of any tree that is a beginning of this one.
    assert.deepEqual(inclusionProof(index % first, first, ranges), inclusionProof(index % first, first, leaves))
  }), { numRuns: 40 })
})

test('three levels: proofs hold, from a handful of tiles', () => {
  const size = 66_100, made = grown([size]), root = rootOf(size)
  for (const index of [0, 255, 256, 65_535, 65_536, 66_099]) {
    made.reads = 0
    assert.ok(isIncluded(LEAVES[index] ?? '', index, size, inclusionProof(index, size, rangeRootOfTiles(size, made.read)), root))
    assert.ok(made.reads <= 6, `${made.reads} tiles read`)
  }
  for (const first of [1, 256, 300, 65_536, 65_537]) {
    made.reads = 0
    assert.ok(isConsistent(first, rootOf(first), size, root, consistencyProof(first, size, rangeRootOfTiles(size, made.read))))
    assert.ok(made.reads <= 8, `${made.reads} tiles read`)
  }
})

test('a tile that is missing or cut off is named; a whole one serves where a partial one has gone', () => {
  const made = grown([300, 600])
  made.tiles.delete('tile/0/001.p/44')
  assert.equal(rangeRootOfTiles(300, made.read)(0, 300), rootOf(300))
  made.tiles.set('tile/0/001', Buffer.alloc(31))
  assert.throws(() => rangeRootOfTiles(600, made.read)(256, 384), (error) => error instanceof TileFault && error.message === 'tile/0/001 is 31 bytes long, not 8192')
  made.tiles.delete('tile/0/002.p/88')
  assert.throws(() => rangeRootOfTiles(600, made.read)(512, 600), (error) => error instanceof TileFault && error.message === 'tile/0/002.p/88 is missing')
})
