/** Whether the jobs of a node are done when they are due, from the end of the log of slots. */
import { formatInstant, type Millis } from '#record'
import type { Job, TimerJob } from '../../node/job.ts'
import { lastSlot } from '../../node/schedule.ts'
import { isDone, type SlotEnd } from '../daily.ts'
import type { JobStatus } from './status.ts'

/**
 * `ends` from the latest to the earliest, as far back as they were read. A job is stale where a slot came due longer ago than its result stays fresh, and
 * neither that slot nor a later one was done; one that lacks what it needs, and says so, is not set up. Streams go on, and are told by their feeds.
 */
export function jobStatuses(jobs: readonly Job[], ends: readonly SlotEnd[], nowMs: Millis): readonly JobStatus[] {
  const earliest = ends.at(-1)
  const timers = jobs.filter((job): job is TimerJob => job.kind === 'timer')
  return earliest === undefined ? [] : timers.map((job) => statusOf(job, ends, earliest.endMs, nowMs))
}

function statusOf(job: TimerJob, ends: readonly SlotEnd[], sinceMs: Millis, nowMs: Millis): JobStatus {
  const own = ends.filter(({ role, job: name }) => role === job.role && name === job.name), [latest] = own, done = own.find(({ outcome }) => isDone(outcome))
  const dueMs = lastSlot(job.schedule, nowMs - job.freshMs)
  const isMet = dueMs === undefined || dueMs < sinceMs || own.some(({ outcome, toMs, endMs }) => isDone(outcome) && (toMs ?? endMs) >= dueMs)
  const state = isMet && done !== undefined ? 'fresh' : latest?.outcome === 'unconfigured' ? 'unconfigured' : isMet ? 'waiting' : 'stale'
  return {
    job: `${job.role}/${job.name}`, state,
    done_at: done === undefined ? null : formatInstant(done.endMs), last: latest?.outcome ?? null, fresh_ms: job.freshMs,
  }
}
