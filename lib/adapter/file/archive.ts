/**
 * Kept payloads under `logs/raw`: `ab/abcd....gz` by content id, each once however often it is heard, and for every tool an index of what was
 * heard when. A payload is durable before its line stands in the index.
 */
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { sha256Of } from '#record/sha256'
import type { Journal } from '#port/journal'
import type { Archive, Kept } from '#port/outside'
import { Failure } from '#port/failure'
import { cannotWrite, ensureFolder, nodeDisk, readWhole, replaceFile, type Disk } from './disk.ts'
import { fileJournal } from './journal.ts'

/** Payloads are text that packs well at any level; the quickest costs a tenth of the best. */
const LEVEL = 1

export function fileArchive(directory: string, disk: Disk = nodeDisk): Archive {
  const journalOf = (tool: string): Journal => fileJournal(join(directory, `${tool}.ndjson`), disk)
  const pathOf = (raw: string): string => join(directory, raw.slice(0, 2), `${raw}.gz`)
  return {
    keep(bytes, about) {
      const raw = contentId(bytes)
      const path = pathOf(raw)
      if (readWhole(disk, path) === undefined) {
        try {
          ensureFolder(disk, join(directory, raw.slice(0, 2)))
          replaceFile(disk, path, gzipSync(bytes, { level: LEVEL }))
        } catch (error) {
          throw cannotWrite(path, error)
        }
      }
      const kept: Kept = { raw, ...about, bytes: bytes.length }
      // Opened for one line only: other processes of the same tool write here too.
      const journal = journalOf(about.tool)
      try {
        journal.append(JSON.stringify(kept))
        journal.sync()
      } finally {
        journal.close()
      }
      return raw
    },
    read(raw) {
      const packed = readWhole(disk, pathOf(raw))
      if (packed === undefined) return undefined
      const bytes = gunzipSync(packed)
      if (contentId(bytes) !== raw) throw new Failure('data', `${pathOf(raw)}: its content is not what its name says`)
      return bytes
    },
    *kept(tool) {
      const journal = journalOf(tool)
      try {
        for (const line of journal.lines()) yield JSON.parse(line) as Kept
      } finally {
        journal.close()
      }
    },
  }
}

/** First 40 hex digits of the SHA-256 of the bytes, like every other id. */
export const contentId = (bytes: Buffer): string => sha256Of(bytes).slice(0, 40)
