/**
 * The records of a log in the bundles that clients of tiled logs read (https://c2sp.org/tlog-tiles): up to 256 entries, each behind its
 * length in two bytes. They repeat what `audit.jsonl` holds, so they are written only where others are to read the records.
 */
import { LineCursor } from './lines.ts'
import { LINES } from './files.ts'
import type { Logs } from './logs.ts'
import type { Checkpoint } from './checkpoint.ts'
import { placeOf } from './published.ts'
import { bundlePath, TILE_WIDTH } from './tiles.ts'

const MOST_BYTES = 0xffff

/** Write the bundles that are missing, in order; those that cannot be, for an entry is longer than its length can say, are named. */
export function publishEntries(folder: Logs, { origin, size }: Checkpoint): readonly string[] {
  const place = placeOf(origin), without: string[] = []
  const first = firstMissing(folder, place, size)
  const lines = folder.open(LINES)
  try {
    const cursor = new LineCursor(lines)
    let entries: Buffer[] | undefined = []
    while (cursor.count < size && cursor.next()) {
      const index = Math.floor((cursor.count - 1) / TILE_WIDTH)
      if (index < first) continue
      if (cursor.end - cursor.start > MOST_BYTES) entries = undefined
      entries?.push(lengthOf(cursor.end - cursor.start), Buffer.from(cursor.buffer.subarray(cursor.start, cursor.end)))
      if (cursor.count % TILE_WIDTH !== 0 && cursor.count !== size) continue
      const path = `${place}/${bundlePath(index, cursor.count - index * TILE_WIDTH)}`
      if (entries === undefined) without.push(path)
      else folder.replace(path, Buffer.concat(entries))
      if (cursor.count % TILE_WIDTH === 0) removePartials(folder, `${place}/${bundlePath(index, TILE_WIDTH)}.p`)
      entries = []
    }
  } finally {
    lines.close()
  }
  return without
}

function lengthOf(bytes: number): Buffer {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(bytes)
  return length
}

/** Bundles are written in order, so all before the last whole one were. */
function firstMissing(folder: Logs, place: string, size: number): number {
  let index = Math.floor(size / TILE_WIDTH)
  while (index > 0 && folder.read(`${place}/${bundlePath(index - 1, TILE_WIDTH)}`) === undefined) index -= 1
  return index
}

function removePartials(folder: Logs, partials: string): void {
  for (const name of folder.list(partials)) folder.remove(`${partials}/${name}`)
}
