/**
 * What is to be done about the slots of one job, now: a plan is what was kept of it, and the time. It starts nothing itself, so that the same
 * decisions can be played through on a clock that leaps, with crashes in between.
 *
 * Every slot is either run, or missed for a reason that the job's policy names; none that was done is run again. What is kept is written before
 * a run begins, so that one that a crash cut off is known, and run once more.
 */
import { MINUTE_MS, type Millis } from '#record'
import type { TimerJob } from './job.ts'
import { lastSlot, slotsBetween } from './schedule.ts'

/** A slot that was begun and is not done. */
export interface OpenSlot {
  readonly slotMs: Millis
  /** Runs of it so far. */
  readonly attempts: number
  /** `begun`: no end was heard of; `waiting`: it is to be tried again; `failed`: it is not, but by hand. */
  readonly state: 'begun' | 'waiting' | 'failed'
  /** When it began, or is to be tried again. */
  readonly atMs: Millis
}

export interface PlanState {
  /** This slot and all before it are begun, done or missed; undefined where the job has never run. */
  readonly throughMs: Millis | undefined
  readonly open: OpenSlot | undefined
}

export const NEVER_RUN: PlanState = { throughMs: undefined, open: undefined }

/** Why slots were missed: a run was going on, a later one makes up for them, they came too late, or they were begun and not finished in time. */
export type MissedFor = 'overlap' | 'superseded' | 'late' | 'unfinished'

export interface Missed {
  readonly fromMs: Millis
  /** The last of them. */
  readonly toMs: Millis
  readonly count: number
  readonly why: MissedFor
}

export interface Decision {
  readonly missed: readonly Missed[]
  /** The slot to run now, and for which time. */
  readonly start: { readonly slotMs: Millis; readonly attempt: number } | undefined
  /** What is to be kept before it begins. */
  readonly state: PlanState
}

/** Slots no older than this are no late ones, whatever the policy. */
const PUNCTUAL_MS = MINUTE_MS

const missing = (slots: readonly Millis[], why: MissedFor): readonly Missed[] => {
  const [fromMs] = slots, toMs = slots.at(-1)
  return fromMs === undefined || toMs === undefined ? [] : [{ fromMs, toMs, count: slots.length, why }]
}

/** Where nothing of the job is running. `again`: someone asks for it, so that what failed is tried again, and waits for nothing. */
export function decide({ schedule, catchUp }: TimerJob, state: PlanState, nowMs: Millis, again = false): Decision {
  const start = (slotMs: Millis, attempt: number, missed: readonly Missed[]): Decision => ({
    missed, start: { slotMs, attempt },
    state: { throughMs: Math.max(slotMs, state.throughMs ?? slotMs), open: { slotMs, attempts: attempt, state: 'begun', atMs: nowMs } },
  })
  const { throughMs, open } = state
  if (throughMs === undefined) {
    const first = lastSlot(schedule, nowMs)
    return first === undefined ? { missed: [], start: undefined, state } : start(first, 1, [])
  }
  const due = [...slotsBetween(schedule, throughMs, nowMs)]
  if (open !== undefined) {
    const isLate = catchUp.policy === 'none' && nowMs - open.slotMs > PUNCTUAL_MS && open.state === 'begun'
    const goesFirst = due.length === 0 || catchUp.policy === 'all'
    // A clock that was put back makes nobody wait longer than was meant.
    const isTime = again || open.state === 'begun' || (open.state === 'waiting' && (nowMs >= open.atMs || open.atMs - nowMs > LONGEST_WAIT_MS))
    if (goesFirst && isTime && (!isLate || again)) return start(open.slotMs, open.attempts + 1, [])
    if (goesFirst && open.state === 'waiting') return { missed: [], start: undefined, state }
  }
  const unfinished = open !== undefined && open.state !== 'failed' ? missing([open.slotMs], 'unfinished') : []
  const mostMs = catchUp.policy === 'none' ? PUNCTUAL_MS : catchUp.mostMs
  const late = due.filter((slotMs) => nowMs - slotMs > mostMs), timely = due.slice(late.length)
  const chosen = catchUp.policy === 'all' ? timely[0] : timely.at(-1)
  const missed = [...unfinished, ...missing(late, 'late')]
  if (chosen !== undefined) return start(chosen, 1, [...missed, ...missing(catchUp.policy === 'all' ? [] : timely.slice(0, -1), 'superseded')])
  const isKept = due.length === 0 && open?.state === 'failed'
  return { missed, start: undefined, state: { throughMs: due.at(-1) ?? throughMs, open: isKept ? open : undefined } }
}

const LONGEST_WAIT_MS = 15 * MINUTE_MS

export interface Overlapping extends Omit<Decision, 'start'> {
  /** The run is to be stopped, for a later slot. */
  readonly replace: boolean
}

/** Where a run of the job goes on: what became due meanwhile, by the policy of overlaps. */
export function overlapping({ schedule, overlap }: TimerJob, state: PlanState, nowMs: Millis): Overlapping {
  const due = state.throughMs === undefined ? [] : [...slotsBetween(schedule, state.throughMs, nowMs)]
  if (overlap !== 'skip' || due.length === 0) return { missed: [], state, replace: overlap === 'replace' && due.length > 0 }
  return { missed: missing(due, 'overlap'), state: { ...state, throughMs: due.at(-1) }, replace: false }
}

/** How a run ended, in words: by the table of exit codes, 128 and more for a signal. */
export type Outcome = 'done' | 'negative' | 'unconfigured' | 'refused' | 'failed'

export function outcomeOf(status: number): Outcome {
  if (status === 0) return 'done'
  if (status === 1) return 'negative'
  return status === 2 || status === 78 ? 'unconfigured' : status === 77 ? 'refused' : 'failed'
}

/** May it do better the next time: upstream away, a temporary failure, or an end by a signal. */
const isPassing = (status: number): boolean => status === 69 || status === 75 || status > 128

/** What is kept after a run; a later slot takes the place of one that is not done. */
export function afterRun({ retry }: TimerJob, state: PlanState, status: number, nowMs: Millis): PlanState {
  const { open } = state, outcome = outcomeOf(status)
  if (open === undefined || outcome === 'done' || outcome === 'negative') return { ...state, open: undefined }
  const isWaiting = isPassing(status) && open.attempts <= retry.times
  return { ...state, open: { ...open, state: isWaiting ? 'waiting' : 'failed', atMs: isWaiting ? nowMs + retry.pauseMs : nowMs } }
}

/** How long a stream that ended so often in a row rests before it is started again; undefined where it would end alike. */
export function restMs(restartMs: Millis, status: number, failures: number): Millis | undefined {
  const outcome = outcomeOf(status)
  if (outcome === 'unconfigured' || outcome === 'refused') return undefined
  return Math.min(restartMs * (1 << Math.min(failures, 6)), 5 * MINUTE_MS)
}
