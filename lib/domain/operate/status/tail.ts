/** What the ends of logs tell: read from behind and within a bound, so that the size of a log is no matter. */
import { isInstant, millisOf, type Millis } from '#record'
import { linesBackward, type Bytes } from '../../audit/lines.ts'
import type { ErrorStatus, StageStatus } from './status.ts'

/** So much of the end of the audit log is read. */
const TAIL_BYTES = 4 << 20
const BY = /"by":"(vanta-[a-z0-9-]+)/

/** The last lines, latest first, up to so many bytes. */
export function* lastLines(bytes: Bytes, most = TAIL_BYTES): Generator<string, void, undefined> {
  let read = 0
  for (const line of linesBackward(bytes)) {
    read += line.length + 1
    if (line.length > 0) yield line.toString('utf8')
    if (read >= most) return
  }
}

/** The latest record of each stage, by the tool that made it. */
export function stagesOf(audit: Bytes, stages: readonly string[], stageOf: (tool: string) => string | undefined, nowMs: Millis): readonly StageStatus[] {
  const found = new Map<string, StageStatus>()
  for (const line of lastLines(audit)) {
    const tool = BY.exec(line)?.[1], stage = tool === undefined ? undefined : stageOf(tool)
    if (tool === undefined || stage === undefined || found.has(stage)) continue
    const { at, known_at: knownAt } = objectOf(line) ?? {}
    if (typeof at !== 'string' || typeof knownAt !== 'string' || !isInstant(at) || !isInstant(knownAt)) continue
    found.set(stage, { stage, tool, known_at: knownAt, age_ms: Math.max(0, nowMs - millisOf(knownAt)), lag_ms: millisOf(knownAt) - millisOf(at) })
    if (found.size === stages.length) break
  }
  return stages.flatMap((stage) => found.get(stage) ?? [])
}

/** Bad lines that were put aside, `{at, tool, place, fault}` each, and lines of `--log-file` that are errors (pino: level 50 and above). */
export function* errorsIn(lines: Iterable<string>): Generator<ErrorStatus, void, undefined> {
  for (const line of lines) {
    const { at, tool, place, fault, level, time, msg } = objectOf(line) ?? {}
    if (typeof tool !== 'string') continue
    if (typeof at === 'string' && typeof fault === 'string') yield { at, tool, message: `${String(place)}: ${fault}` }
    else if (typeof level === 'number' && level >= 50 && typeof time === 'string' && typeof msg === 'string') yield { at: time, tool, message: msg }
  }
}

function objectOf(line: string): { readonly [field: string]: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? (value as { readonly [field: string]: unknown }) : undefined
  } catch {
    // A line that is being written, or was torn: whoever checks the log says so.
    return undefined
  }
}
