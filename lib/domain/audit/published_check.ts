/** Whether what a log published is what it holds: every tile against the leaves, and the signature under the checkpoint. */
import { readFully } from './lines.ts'
import { DIGEST_BYTES } from './merkle.ts'
import { LEAVES } from './files.ts'
import type { Logs } from './logs.ts'
import type { SignedCheckpoint } from './checkpoint.ts'
import { holds, type Verifier } from './note.ts'
import { placeOf, PUBLISHED, upperTile } from './published.ts'
import { newTiles, TileFault, tilePath, TILE_WIDTH } from './tiles.ts'

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
      const path = `${place}/${tilePath(tile)}`, stands = folder.read(path)
      if (stands === undefined) return `${path} is missing`
      const must = Buffer.alloc(tile.width * DIGEST_BYTES)
      if (tile.level === 0) readFully(leaves, tile.index * TILE_WIDTH * DIGEST_BYTES, must)
      else must.set(upperTile((below) => folder.read(`${place}/${tilePath(below)}`), tile))
      if (must.equals(stands)) continue
      const entry = [...must.keys()].find((at) => must[at] !== stands[at]) ?? Math.min(must.length, stands.length)
      return `${path} was changed at hash ${Math.floor(entry / DIGEST_BYTES)}`
    }
    return undefined
  } catch (error) {
    if (error instanceof TileFault) return `${place}/${error.message}`
    throw error
  } finally {
    leaves.close()
  }
}
