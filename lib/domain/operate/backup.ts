/**
 * What goes into a backup of a home, and in which order it is looked at. Whatever says that something is done (the places of groups in streams,
 * memory files) is read before what it speaks of (logs, streams): a backup is then a state that a crash could have left, from which every tool
 * goes on without losing or doubling anything.
 */

export interface BackupTerms {
  readonly secrets: boolean
  readonly payloads: boolean
}

/** Files at the top of a home that are backed up. */
export const BACKUP_FILES = ['node.json', 'audit.policy'] as const

/** Locks, what is being written, and what is made anew from the rest. */
const PASSING = /(^|\/)(\.[^/]*|[^/]*\.(tmp|part|lock))(\/|$)|^logs\/audit\.index(\/|$)/

/** `path` within the home. */
export function isBackedUp(path: string, { secrets, payloads }: BackupTerms): boolean {
  if (PASSING.test(path)) return false
  if (path.startsWith('secrets')) return secrets
  return payloads || !path.startsWith('logs/raw')
}

/** Files that only grow: of these the first bytes are the same whenever they are read. */
const GROWING = /\.(ndjson|jsonl|log|times|leaves)$/
export const isGrowing = (path: string): boolean => GROWING.test(path)
/** Of lines: what stands behind the last newline was never acknowledged. */
export const isOfLines = (path: string): boolean => isGrowing(path) && !path.endsWith('.leaves')

/** The last ranks of memory, and of the audit log. */
export const RANKS = { memory: 1, record: 4 } as const

/** Lower comes first; within one rank by name. */
export function rankOf(path: string): number {
  if ((path.startsWith('bus/') && path.endsWith('.group')) || path.startsWith('secrets/')) return 0
  if (path.startsWith('memory/')) return RANKS.memory
  // Signed checkpoints and heads speak of tiles and lines, an index of payloads of the payloads.
  if (/^logs\/(audit\.(checkpoint|predecessor)|tlog\/[^/]+\/checkpoint|runs\.head)$/.test(path)) return 2
  if (path === 'logs/audit.leaves') return 3
  if (path.startsWith('logs/audit.') || path.startsWith('logs/archive/')) return RANKS.record
  if (path.startsWith('logs/raw/')) return path.endsWith('.ndjson') ? 6 : 7
  // Before orders are told to anyone they stand in the trade log, so that it is read after whatever was told.
  return path === 'logs/trade_log.jsonl' ? 6 : 5
}

/** The first file of a backup. */
export interface BackupHead {
  readonly at: string
  readonly by: string
  readonly home: string
  readonly role: string | null
  readonly files: number
  readonly bytes: number
  readonly secrets: boolean
  readonly payloads: boolean
  /** Of the audit log, as its checkpoint says. */
  readonly audit: { readonly lines: number; readonly root: string } | null
}

export const HEAD_NAME = 'BACKUP.json'
/** The last file: `sha256  path` lines, as sha256sum(1) reads them. */
export const SUMS_NAME = 'SHA256SUMS'
/** Before the path of every file of the home. */
export const PREFIX = 'home/'

export function headIn(text: string): BackupHead | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null || !('files' in value) || !('at' in value)) return undefined
  return typeof value.files === 'number' && typeof value.at === 'string' ? (value as BackupHead) : undefined
}

/** By path; undefined where the text is no list of sums. */
export function sumsIn(text: string): ReadonlyMap<string, string> | undefined {
  const pairs = text.split('\n').slice(0, -1).map((line) => /^([0-9a-f]{64}) {2}(\S+)$/.exec(line))
  if (!text.endsWith('\n') || pairs.some((pair) => pair === null)) return undefined
  return new Map(pairs.map((pair) => [pair?.[2] ?? '', pair?.[1] ?? '']))
}
