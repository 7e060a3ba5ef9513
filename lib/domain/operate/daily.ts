/**
 * How a node did on a day: cycles that were due and what became of each, how late records were known, and how long its jobs took. All of it follows
 * from the log of slots and the audit log, so that a day that is over has one answer.
 */
import { DAY_MS, HOUR_MS, formatInstant, millisOf, parseInstant, type Control, type Millis, type Vanta } from '#record'
import { capabilitiesOf, type Job } from '../node/job.ts'
import { slotsBetween } from '../node/schedule.ts'

/** The log of slots, in logs/. */
export const SLOTS = 'slots.ndjson'

/** Of cycles of ingestion and execution, the share that must be done in time. */
export const TARGET = 0.999

export interface Cycles {
  readonly due: number
  /** Done in time. */
  readonly done: number
  /** Done, but later than what comes of it is to be fresh. */
  readonly late: number
  readonly failed: number
  /** Left out, by a policy or because nobody was there. */
  readonly missed: number
}

/** Of nearest rank: the smallest value that is at or above so many of all. */
export interface Spread {
  readonly n: number
  readonly p50_ms: Millis
  readonly p99_ms: Millis
  readonly max_ms: Millis
}

/** A line of logs/vanta-daily.log. */
export interface DailyLine {
  readonly day: string
  /** Of ingestion and execution together; null where nothing was due. */
  readonly availability: number | null
  readonly target: number
  readonly met: boolean
  readonly cycles: { readonly ingestion: Cycles; readonly execution: Cycles; readonly other: Cycles }
  readonly by_job: { readonly [job: string]: Cycles }
  /** By source, from when something happened to when it was known. */
  readonly ingestion: { readonly [source: string]: Spread }
  /** From when the last of what it rests on was known. */
  readonly conviction: Spread | null
  readonly order: Spread | null
}

/** A line of logs/vanta-daily-runtime.log. */
export interface RuntimeLine {
  readonly day: string
  readonly jobs: { readonly [job: string]: Spread & { readonly failed: number; readonly total_ms: Millis } }
}

/** What became of a slot, or of several, as `vanta-orchestrator` logs it. */
export interface SlotEnd {
  readonly role: string
  readonly job: string
  readonly outcome: string
  readonly endMs: Millis
  /** The first and last slot it speaks of; undefined for a stream. */
  readonly fromMs: Millis | undefined
  readonly toMs: Millis | undefined
  readonly tookMs: Millis | undefined
}

/** Undefined for a record that tells of no slot. */
export function slotEndOf({ type, at, facts }: Control): SlotEnd | undefined {
  const { role, job, outcome, slot, from = slot, to = slot, took_ms: took } = facts ?? {}
  if (type !== 'slot' || typeof role !== 'string' || typeof job !== 'string' || typeof outcome !== 'string') return undefined
  const instant = (value: unknown): Millis | undefined => (typeof value === 'string' ? parseInstant(value) : undefined)
  return { role, job, outcome, endMs: millisOf(at), fromMs: instant(from), toMs: instant(to), tookMs: typeof took === 'number' ? took : undefined }
}

/** With an answer, if a negative one. */
export const isDone = (outcome: string): boolean => outcome === 'done' || outcome === 'negative'
const isLate = ({ endMs }: SlotEnd, slotMs: Millis, { freshMs }: Job): boolean => endMs - slotMs > freshMs
const NONE: Cycles = { due: 0, done: 0, late: 0, failed: 0, missed: 0 }
const plus = (a: Cycles, b: Cycles): Cycles =>
  ({ due: a.due + b.due, done: a.done + b.done, late: a.late + b.late, failed: a.failed + b.failed, missed: a.missed + b.missed })

export const dayText = (dayMs: Millis): string => formatInstant(dayMs).slice(0, 10)

/** By role, the first moment that the log tells of: when a run began, or a slot was missed. */
export function firstSeen(ends: Iterable<SlotEnd>): ReadonlyMap<string, Millis> {
  const first = new Map<string, Millis>()
  for (const { role, endMs, tookMs = 0 } of ends) first.set(role, Math.min(first.get(role) ?? Infinity, endMs - tookMs))
  return first
}

/** A day is settled so long after it is over: what is done later than that was not done. */
export const SETTLED_MS = HOUR_MS
export const isSettled = (dayMs: Millis, nowMs: Millis): boolean => nowMs >= dayMs + DAY_MS + SETTLED_MS

/** Of an end of a slot, whether it counts for the day. */
export const isOfDay = ({ endMs }: SlotEnd, dayMs: Millis): boolean => endMs >= dayMs && endMs < dayMs + DAY_MS + SETTLED_MS

/** From when on a node was there, and what counts as now, where the day is not settled: what may still be done in time is not due yet. */
export interface Bounds {
  readonly sinceMs: Millis
  readonly nowMs: Millis
}

/**
 * The cycles of one job on the day that begins then. Due are the slots of its schedule from the first moment on that the log tells of anything of the
 * node; a job that was never set up that day owes nothing.
 */
export function cyclesOf(job: Job, ends: readonly SlotEnd[], dayMs: Millis, { sinceMs, nowMs }: Bounds): Cycles {
  if (job.kind !== 'timer') return NONE
  const own = ends.filter((end) => end.role === job.role && end.job === job.name && isOfDay(end, dayMs))
  const ended = new Map<Millis, SlotEnd>()
  for (const end of own) {
    if (end.fromMs === undefined || end.fromMs !== end.toMs) continue
    const before = ended.get(end.fromMs)
    if (before === undefined || !isDone(before.outcome)) ended.set(end.fromMs, end)
  }
  let cycles = NONE, unconfigured = 0
  for (const slotMs of slotsBetween(job.schedule, Math.max(dayMs - 1, sinceMs - 1), dayMs + DAY_MS - 1)) {
    const end = ended.get(slotMs)
    if (end === undefined && !isSettled(dayMs, nowMs) && slotMs > nowMs - job.freshMs) continue
    if (end?.outcome === 'unconfigured') {
      unconfigured++
      continue
    }
    const became = end === undefined || end.outcome === 'missed' ? 'missed' : !isDone(end.outcome) ? 'failed' : isLate(end, slotMs, job) ? 'late' : 'done'
    cycles = { ...cycles, due: cycles.due + 1, [became]: cycles[became] + 1 }
  }
  // Between the slots at which it could not be run it was made up for, or left out: it owes none of them.
  return unconfigured > 0 && cycles.done + cycles.late + cycles.failed === 0 ? NONE : cycles
}

type Sort = 'ingestion' | 'execution' | 'other'
function sortOf(job: Job): Sort {
  const needs = capabilitiesOf(job)
  return needs.some((one) => one.startsWith('service:')) ? 'ingestion' : needs.includes('broker') ? 'execution' : 'other'
}

export interface DayEvidence {
  readonly dayMs: Millis
  readonly jobs: readonly Job[]
  /** At least those of the day. */
  readonly ends: readonly SlotEnd[]
  readonly since: ReadonlyMap<string, Millis>
  readonly latencies: Latencies
  readonly nowMs: Millis
}

export function dailyLine({ dayMs, jobs, ends, since, latencies, nowMs }: DayEvidence): DailyLine {
  const byJob: { [job: string]: Cycles } = {}, cycles = { ingestion: NONE, execution: NONE, other: NONE }
  for (const role of new Set(jobs.map((job) => job.role))) {
    const sinceMs = since.get(role) ?? Infinity
    for (const job of jobs.filter((one) => one.role === role)) {
      const own = cyclesOf(job, ends, dayMs, { sinceMs, nowMs })
      if (own.due === 0) continue
      byJob[`${job.role}/${job.name}`] = own
      cycles[sortOf(job)] = plus(cycles[sortOf(job)], own)
    }
  }
  const { due, done } = plus(cycles.ingestion, cycles.execution), availability = due === 0 ? null : Math.floor((done / due) * 1e6) / 1e6
  return {
    day: dayText(dayMs), availability, target: TARGET, met: availability === null || availability >= TARGET, cycles, by_job: byJob, ...latencies.told(),
  }
}

export function runtimeLine(dayMs: Millis, ends: readonly SlotEnd[]): RuntimeLine {
  const took = new Map<string, { readonly times: Millis[]; failed: number }>()
  for (const { role, job, endMs, tookMs, outcome } of ends) {
    if (tookMs === undefined || endMs < dayMs || endMs >= dayMs + DAY_MS) continue
    const own = took.get(`${role}/${job}`) ?? { times: [], failed: 0 }
    own.times.push(tookMs)
    if (!isDone(outcome)) own.failed++
    took.set(`${role}/${job}`, own)
  }
  const told = [...took].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([job, { times, failed }]) => {
    const spread = spreadOf(times)
    return spread === undefined ? [] : [[job, { ...spread, failed, total_ms: times.reduce((sum, one) => sum + one, 0) }] as const]
  })
  return { day: dayText(dayMs), jobs: Object.fromEntries(told) }
}

/** Undefined where there is none. */
export function spreadOf(values: readonly Millis[]): Spread | undefined {
  const sorted = Float64Array.from(values).sort(), n = sorted.length
  const rank = (share: number): Millis => sorted[Math.ceil(share * n) - 1] ?? 0
  return n === 0 ? undefined : { n, p50_ms: rank(0.5), p99_ms: rank(0.99), max_ms: rank(1) }
}

/** How late the records of a day were known; they are heard in the order of the log, parents before children. */
export class Latencies {
  readonly #bySource = new Map<string, Millis[]>()
  readonly #convictions: Millis[] = []
  readonly #orders: Millis[] = []
  /** By record, when the last of what was heard from outside for it was known. */
  readonly #heardMs = new Map<string, Millis>()
  readonly #told = new Set<string>()

  /** `counts`: of the day itself, not of the one before, whose records later ones rest on. */
  hear(record: Vanta, counts: boolean): void {
    const { kind, id, parents } = record, knownMs = millisOf(record.known_at)
    const heard = parents.flatMap((parent) => this.#heardMs.get(parent) ?? []), heardMs = heard.length === 0 ? undefined : Math.max(...heard)
    if (kind === 'signal' && parents.length === 0) {
      this.#heardMs.set(id, knownMs)
      if (!counts) return
      const own = this.#bySource.get(record.source) ?? []
      own.push(knownMs - millisOf(record.at))
      this.#bySource.set(record.source, own)
      return
    }
    if (heardMs === undefined) return
    this.#heardMs.set(id, heardMs)
    if (kind === 'conviction' && counts) this.#convictions.push(knownMs - heardMs)
    // Of an order its first state: the later ones are the broker's.
    if (kind === 'order' && !this.#told.has(record.client_order_id)) {
      this.#told.add(record.client_order_id)
      if (counts) this.#orders.push(knownMs - heardMs)
    }
  }

  told(): Pick<DailyLine, 'ingestion' | 'conviction' | 'order'> {
    const sources = [...this.#bySource].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([source, values]) => {
      const spread = spreadOf(values)
      return spread === undefined ? [] : [[source, spread] as const]
    })
    return { ingestion: Object.fromEntries(sources), conviction: spreadOf(this.#convictions) ?? null, order: spreadOf(this.#orders) ?? null }
  }
}
