/** Whether what a log published is what it holds: every tile against the leaves, and the signature under the checkpoint. */
import { readFully } from './lines.ts'
import { DIGEST_BYTES } from './merkle.ts'
import { LEAVES } from './files.ts'
import type { Logs } from './logs.ts'
import type { SignedCheckpoint } from './checkpoint.ts'
import { holds, type Verifier } from './note.ts'
import { placeOf, PUBLISHED, upperTile } from './published.ts'
import { newTiles, TileFault, tilePath, TILE_WIDTH, type Tile } from './tiles.ts'

/** What is wrong, and where; undefined where nothing is. The leaves in `log` are taken to be those of its lines. */
export function publishedFault(
  folder: Logs, published: SignedCheckpoint, keys: readonly Verifier[], log: Pick<Logs, 'open'> = folder,
): string | undefined {
  const place = placeOf(published.origin), { text, signatures } = published.note
  if (!keys.some((key) => signatures.some((signature) => holds(text, signature, key)))) {
    return `${place}/${PUBLISHED} is not signed with a key of this node: it was changed, or memory/node_keys.json was`
  }
  const leaves = log.open(LEAVES)
  try {
    for (const tile of newTiles(0, published.size)) {
      const must = Buffer.alloc(tile.width * DIGEST_BYTES)
      if (tile.level === 0) readFully(leaves, tile.index * TILE_WIDTH * DIGEST_BYTES, must)
      else must.set(upperTile((below) => folder.read(`${place}/${tilePath(below)}`), tile))
      const fault = tileFault(folder, place, tile, must)
      if (fault !== undefined) return fault
    }
    return undefined
  } catch (error) {
    if (error instanceof TileFault) return `${place}/${error.message}`
    throw error
  } finally {
    leaves.close()
  }
}

/** A tile, and the narrower ones that were published before it: all are the beginning of the same hashes. */
function tileFault(folder: Logs, place: string, tile: Tile, must: Buffer): string | undefined {
  const whole = `${place}/${tilePath({ ...tile, width: TILE_WIDTH })}`
  // Where the whole tile has come since, the partial one may have gone.
  if (folder.read(`${place}/${tilePath(tile)}`) === undefined && folder.read(whole) === undefined) return `${place}/${tilePath(tile)} is missing`
  const partials = folder.list(`${whole}.p`).map(Number)
  for (const width of [...partials, TILE_WIDTH]) {
    const path = width === TILE_WIDTH ? whole : `${whole}.p/${width}`, stands = folder.read(path)
    if (stands === undefined) continue
    const known = Math.min(width * DIGEST_BYTES, must.length)
    const different = [...must.subarray(0, known).keys()].find((at) => must[at] !== stands[at])
    if (different !== undefined) return `${path} was changed at hash ${Math.floor(different / DIGEST_BYTES)}`
    if (stands.length !== width * DIGEST_BYTES) return `${path} was changed at hash ${Math.floor(Math.min(stands.length, width * DIGEST_BYTES) / DIGEST_BYTES)}`
  }
  return undefined
}
