/**
 * Which logs of a home may be put away, and under which names. What is evidence stays as it is: the audit log (which has a rotation of its own), the
 * trade log and the ledger, signed settings, the registry of runs, slots, what witnesses refused, and payloads that records name.
 */
import { formatInstant, parseInstant, type Millis } from '#record'

/** The log of what each day came to has a line a day, and is asked for days long past. */
const STAYS = /^vanta-daily(-runtime)?\.log$/

/** `name` within logs/: diagnostics, in files that end with .log, and lines that were put aside. */
export const isRotated = (name: string): boolean => (/^[^/.][^/]*\.log$/.test(name) && !STAYS.test(name)) || /^rejects\/[^/.][^/]*\.ndjson$/.test(name)

/** Below logs/, where they are put. */
export const ROTATED = 'rotated'
const PACKED = '.zst'
const STAMP = /\.(\d{8}T\d{6}\.\d{3}Z)(\.zst)?$/

/** One file that was put away. */
export interface RotatedPart {
  /** Within logs/. */
  readonly file: string
  /** The log it is of, within logs/. */
  readonly log: string
  readonly atMs: Millis
  readonly packed: boolean
}

const stampOf = (ms: Millis): string => formatInstant(ms).replace(/[-:]/g, '')
const instantOf = (stamp: string): Millis | undefined =>
  parseInstant(stamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d\.\d{3}Z)$/, '$1-$2-$3T$4:$5:$6'))

/** `rejects/vanta-decay.ndjson` → `rotated/rejects/vanta-decay.ndjson.20260302T120000.000Z`. */
export const rotatedName = (log: string, atMs: Millis): string => `${ROTATED}/${log}.${stampOf(atMs)}`
export const packedName = (file: string): string => `${file}${PACKED}`

/** Undefined for a file that is no part of a log, such as one that is being written. */
export function partOf(file: string): RotatedPart | undefined {
  const match = STAMP.exec(file), atMs = instantOf(match?.[1] ?? '')
  if (match === null || atMs === undefined || !file.startsWith(`${ROTATED}/`)) return undefined
  const log = file.slice(ROTATED.length + 1, match.index)
  return isRotated(log) ? { file, log, atMs, packed: match[2] !== undefined } : undefined
}

/** The parts of one log, oldest first; of one that stands there twice, because a packing was cut short, what it was packed from. */
export function partsOfLog(log: string, files: readonly string[]): readonly RotatedPart[] {
  const byTime = new Map<Millis, RotatedPart>()
  for (const part of files.flatMap((file) => partOf(file) ?? [])) {
    if (part.log === log && (byTime.get(part.atMs)?.packed ?? true)) byTime.set(part.atMs, part)
  }
  return [...byTime.values()].sort((a, b) => a.atMs - b.atMs)
}

/** When the first line of a log was written, as JSON lines of Vanta and of pino say it. */
export const firstMoment = (line: string): Millis | undefined => parseInstant(/"(?:at|time)":"([^"]+)"/.exec(line)?.[1] ?? '')
