/**
 * What a store of features holds: every file, with the span of what is in it. A manifest is never changed; the next one has the next number, which one
 * writer alone can take. So a reader finds the whole of a write or nothing of it, and what a crash leaves behind is named by no manifest.
 */
import type { Millis } from '#record'
import { integer, list, number, object, optional, pattern, text, type Typed } from '#record/shape'

const file = object({
  name: text, view: text, month: pattern(/^\d{4}-\d\d$/, 'a month like "2021-01"'),
  rows: integer(1), bytes: integer(1),
  /** SHA-256 of the file. */
  sha256: pattern(/^[0-9a-f]{64}$/, 'a SHA-256 in hex'),
  /** Of the moments at which something happened, and was known: first and last, in milliseconds since 1970. */
  from_ms: number(), to_ms: number(), known_from_ms: number(), known_to_ms: number(),
  columns: list(text),
})
/** How much of a log has been taken in: bytes, and the hash of the last line, which tells the log from another; and by which views, by their digest. */
const taken = object({ log: text, bytes: integer(0), line_at: integer(0), line: text, views: optional(text) })

export const manifestShape = object({
  version: integer(1),
  /** In the order in which they were written: of what is said twice, the later counts. */
  files: list(file),
  taken: optional(list(taken)),
})
export type Manifest = Typed<typeof manifestShape>
export type StoredFile = Manifest['files'][number]
export type Taken = NonNullable<Manifest['taken']>[number]

const DIGITS = 12
export const MANIFESTS = 'manifest/'
export const manifestName = (version: number): string => `${MANIFESTS}${String(version).padStart(DIGITS, '0')}.json`
/** Undefined for what is no manifest. */
export function versionIn(fileName: string): number | undefined {
  const digits = /^manifest\/(\d{12})\.json$/.exec(fileName)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

/** Of one view and month, in a folder as DuckDB and others expect partitions; named by its content. */
export const partName = (view: string, month: string, sha256: string): string => `${view}/month=${month}/${sha256.slice(0, 32)}.parquet`

/** Which files hold anything of a view that happened in a span, and was known by its end. */
export function filesFor({ files }: Manifest, view: string, fromMs: Millis, toMs: Millis): readonly StoredFile[] {
  return files.filter((one) => one.view === view && one.to_ms >= fromMs && one.from_ms <= toMs && one.known_from_ms <= toMs)
}

/** Files of one view and month, oldest first, where there are several. */
export function toCompact({ files }: Manifest): readonly (readonly StoredFile[])[] {
  const partitions = new Map<string, StoredFile[]>()
  for (const one of files) {
    const name = `${one.view}/${one.month}`, partition = partitions.get(name)
    if (partition === undefined) partitions.set(name, [one])
    else partition.push(one)
  }
  return [...partitions.values()].filter((partition) => partition.length > 1)
}
