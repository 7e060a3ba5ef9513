/** What the index of a log holds: its segments, and by what it is seen that the log still begins as it did when they were made. */
import { sha256Of } from '#record/sha256'
import { readFully, type Bytes } from '../lines.ts'
import type { Logs } from '../logs.ts'
import type { Extent, Span } from './segment.ts'

/** Beside the log; all of it can be removed at any time. */
export const FOLDER = 'audit.index'
/** Held by the one who extends the index. */
export const INDEX_LOCK = 'audit.index'
const NAME = 'manifest.json'
export const MANIFEST = `${FOLDER}/${NAME}`
const FORMAT = 1

/** A segment on the disk. */
export interface Kept extends Extent {
  /** The last line: where it begins, and the SHA-256 of its bytes. */
  readonly last: { readonly from: number; readonly sha256: string }
}

export const nameOf = ({ lines }: Pick<Kept, 'lines'>): string => `${lines.from}-${lines.to}.segment`
export const pathOf = (kept: Pick<Kept, 'lines'>): string => `${FOLDER}/${nameOf(kept)}`

/** The same for no other lines. */
export const saltOf = ({ lines, last }: Pick<Kept, 'lines' | 'last'>): number => (parseInt(last.sha256.slice(0, 8), 16) ^ lines.from) >>> 0

/** The segments whose lines stand in the log as they did; those from the first other one on are of no use. */
export function readManifest(logs: Logs, log: Bytes): readonly Kept[] {
  const segments = parsed(logs.read(MANIFEST))
  let standing = 0
  // A later line that is where it was, and as it was, has the earlier ones before it: only the last one needs to be looked at.
  for (let i = segments.length; i > 0 && standing === 0; i--) {
    const kept = segments[i - 1]
    if (kept !== undefined && lastOf(log, kept)?.sha256 === kept.last.sha256) standing = i
  }
  return segments.slice(0, standing)
}

export function writeManifest(logs: Logs, segments: readonly Kept[]): void {
  logs.replace(MANIFEST, `${JSON.stringify({ format: FORMAT, segments, sha256: sealOf(segments) })}\n`)
  const named = new Set([NAME, ...segments.map(nameOf)])
  for (const name of logs.list(FOLDER)) if (!named.has(name) && !name.startsWith('.')) logs.remove(`${FOLDER}/${name}`)
}

/** The last line of the log's bytes below `to`, which end in a newline; undefined where the log has no such bytes, or they end otherwise. */
export function lastOf(log: Bytes, { bytes, last }: Pick<Kept, 'bytes' | 'last'>): Kept['last'] | undefined {
  if (bytes.to > log.size()) return undefined
  const line = Buffer.alloc(bytes.to - last.from)
  return readFully(log, last.from, line) < line.length ? undefined : { from: last.from, sha256: sha256Of(line) }
}

const sealOf = (segments: readonly unknown[]): string => sha256Of(Buffer.from(JSON.stringify([FORMAT, segments])))

/** No segments where the text is not a manifest as we wrote it. */
function parsed(content: Buffer | undefined): readonly Kept[] {
  if (content === undefined) return []
  try {
    const manifest: unknown = JSON.parse(content.toString('utf8'))
    if (!isObject(manifest) || manifest['format'] !== FORMAT || !Array.isArray(manifest['segments'])) return []
    const segments: readonly unknown[] = manifest['segments']
    if (manifest['sha256'] !== sealOf(segments)) return []
    let line = 0, byte = 0
    for (const kept of segments) {
      if (!isKept(kept) || kept.lines.from !== line || kept.bytes.from !== byte) return []
      line = kept.lines.to
      byte = kept.bytes.to
    }
    return segments.filter(isKept)
  } catch {
    return []
  }
}

const isObject = (value: unknown): value is { readonly [name: string]: unknown } => typeof value === 'object' && value !== null
const isCount = (value: unknown): value is number => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
const isSpan = (value: unknown): value is Span => isObject(value) && isCount(value['from']) && isCount(value['to']) && value['from'] < value['to']

function isKept(value: unknown): value is Kept {
  if (!isObject(value) || !isSpan(value['lines']) || !isSpan(value['bytes']) || !isCount(value['ids']) || !isCount(value['links'])) return false
  const { last, bytes } = value
  return isObject(last) && isCount(last['from']) && typeof last['sha256'] === 'string' && last['from'] >= bytes.from && last['from'] < bytes.to
}
