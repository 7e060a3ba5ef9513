/** What a home is doing, as one object: for the table, for `--json`, and for the metrics that are made from it. */
import type { Millis } from '#record'
import type { Behind } from '../../bus/lag.ts'
import type { StreamState } from '../../collect/liveness.ts'

/** One stream of a feed. */
export interface FeedStatus {
  /** `vanta-reddit`. */
  readonly feed: string
  readonly stream: string
  readonly state: StreamState
  readonly heard_at: string
  /** Since it said something new. */
  readonly age_ms: Millis
  /** Silence beyond this, within the hours of the source, is a fault; null where the tool is not known here. */
  readonly quiet_ms: Millis | null
}

/** A job of the node. */
export interface JobStatus {
  /** `executor/trade`. */
  readonly job: string
  /** `waiting`: never done yet, and not late so far. */
  readonly state: 'fresh' | 'stale' | 'waiting' | 'unconfigured'
  /** When it was last done, as far as the end of the log of slots tells. */
  readonly done_at: string | null
  /** What became of its last slot. */
  readonly last: string | null
  /** How long what it did stays fresh. */
  readonly fresh_ms: Millis
}

/** What a stage of the loop logged last; nulls where nothing of it stands in what was read of the log. */
export interface StageStatus {
  readonly stage: string
  readonly tool: string | null
  readonly known_at: string | null
  readonly age_ms: Millis | null
  /** From when it happened to when it was known. */
  readonly lag_ms: Millis | null
}

/** How far one group is behind in one stream. */
export interface StreamStatus extends Behind {
  readonly stream: string
}

export interface VaultStatus {
  readonly vault: string
  readonly mode: string
  readonly state: string
  readonly currency: string
  /** At the last prices known; at cost where one is not known. Decimal text, as all money. */
  readonly equity: string | null
  readonly cash: string | null
  /** When the latest of the prices was known. */
  readonly as_of: string | null
  readonly positions: number
  readonly open_orders: number
  /** Orders of which the broker has not said what became of them. */
  readonly unknown_orders: number
  /** Subjects with a target in the queue. */
  readonly queued: number
  /** Allocations that the executor could not act on yet. */
  readonly waiting: number
  readonly persona: string | null
  readonly flip: { readonly persona: string; readonly until: string } | null
}

export interface AuditStatus {
  /** replay, paper or live. */
  readonly world: string
  readonly lines: number
  readonly root: string
  /** Lines of the last checkpoint that was signed and published. */
  readonly signed: number | null
  readonly bytes: number
}

export interface DiskStatus {
  readonly free_bytes: number
  readonly total_bytes: number
  readonly free_inodes: number
  readonly total_inodes: number
}

export interface ErrorStatus {
  readonly at: string
  readonly tool: string
  readonly message: string
}

export interface Trouble {
  /** `orders`, `feed vanta-reddit`, `vault core`, `disk` ... */
  readonly what: string
  readonly detail: string
}

export interface Status {
  readonly at: string
  readonly home: string
  /** alpha, markets or executor; null where one machine does it all. */
  readonly role: string | null
  readonly well: boolean
  readonly troubles: readonly Trouble[]
  /** null on a node that neither decides nor trades. */
  readonly orders: { readonly may_be_sent: boolean; readonly halted: string | null } | null
  readonly risk: { readonly state: string; readonly as_of: string } | null
  readonly vaults: readonly VaultStatus[]
  readonly feeds: readonly FeedStatus[]
  readonly jobs: readonly JobStatus[]
  readonly stages: readonly StageStatus[]
  readonly streams: readonly StreamStatus[]
  readonly audit: AuditStatus | null
  readonly disk: DiskStatus
  /** Names of the memory files, with their versions. */
  readonly memory: { readonly [name: string]: number }
  /** The latest first. */
  readonly errors: readonly ErrorStatus[]
}

/** Less than this share of the disk, or of its inodes, is a fault: a log that cannot be written stops the trade. */
export const LEAST_FREE = 0.05

/** Whether a disk is nearly full; the text says of what. */
export function fullness({ free_bytes: bytes, total_bytes: of, free_inodes: inodes, total_inodes: ofInodes }: DiskStatus): string | undefined {
  if (bytes < of * LEAST_FREE) return `${percent(bytes / of)} of the disk is free, less than ${percent(LEAST_FREE)}`
  if (inodes < ofInodes * LEAST_FREE) return `${percent(inodes / ofInodes)} of the inodes are free, less than ${percent(LEAST_FREE)}`
  return undefined
}

export const percent = (share: number): string => `${Math.floor(share * 1000) / 10} %`

/** What is not well, and where to look; `found` is what could not be read. */
export function troublesOf(status: Omit<Status, 'well' | 'troubles'>, found: readonly Trouble[]): readonly Trouble[] {
  const { orders, feeds, jobs, vaults, disk } = status
  const full = fullness(disk)
  return [
    ...(orders === null || orders.halted === null ? [] : [{ what: 'orders', detail: `HALTED: ${orders.halted}` }]),
    ...found,
    ...vaults.filter(({ unknown_orders: unknown }) => unknown > 0).map(({ vault, unknown_orders: unknown }) =>
      ({ what: `vault ${vault}`, detail: `${unknown} orders of which the broker has not said what became of them (vanta-exec reconcile)` })),
    ...feeds.flatMap(({ feed, stream, state, heard_at: at }) =>
      (state === 'live' ? [] : [{ what: `feed ${feed}`, detail: `${stream} is ${state}: nothing new since ${at}` }])),
    ...jobs.filter(({ state }) => state === 'stale').map(({ job, done_at: at, last }) =>
      ({ what: `job ${job}`, detail: `due and ${at === null ? 'not done of late' : `last done at ${at}`}${last === null ? '' : `; its last slot: ${last}`}` })),
    ...(full === undefined ? [] : [{ what: 'disk', detail: full }]),
  ]
}
