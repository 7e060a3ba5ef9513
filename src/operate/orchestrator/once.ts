/** Every job whose slot is due, once, in the order of the loop. */
import { formatInstant } from '#record'
import { Failure, type ActionWorld, type Answer } from '#tool'
import { EXIT } from '#port/failure'
import type { BusKind } from '#domain/bus/address'
import type { Job } from '#domain/node/job'
import { afterRun, decide, outcomeOf, type Outcome } from '#domain/node/plan'
import { wasDown, type Ledger } from './ledger.ts'
import { endOf, lastLine, start } from './run.ts'

/** What became of a job: not due, and run by another process, besides what a run comes to. */
type Came = Outcome | 'idle' | 'elsewhere' | 'stopped'

interface Ended {
  readonly came: Came
  readonly status: number
}

/** So long may a stream take for what is there. */
const STREAM_MS = 10 * 60_000

export async function once(jobs: readonly Job[], bus: BusKind, ledger: Ledger, world: ActionWorld): Promise<Answer> {
  const counts = new Map<Came, number>()
  for (const job of jobs) {
    if (world.outside.signal.aborted) break
    const { came, status } = await runDue(job, bus, ledger, world).catch((error: unknown): Ended => {
      // A file that cannot be read or written stops this job, and no other.
      if (!(error instanceof Failure)) throw error
      world.log.error(`${job.name}: ${error.message}`)
      return { came: 'failed', status: EXIT[error.exit].code }
    })
    // Whoever runs one job alone, such as a unit of systemd, goes by how it ended: what is not set up, or may not be, has not failed.
    if (jobs.length === 1) return came === 'unconfigured' || came === 'refused' ? 'done' : status
    counts.set(came, (counts.get(came) ?? 0) + 1)
  }
  const words: { readonly [came in Came]: string } = {
    done: 'done', negative: 'with a negative answer', unconfigured: 'not set up (settings, inputs or secrets are missing)', refused: 'refused',
    failed: 'failed', idle: 'not due', elsewhere: 'run by another process', stopped: 'stopped',
  }
  const told = Object.entries(words).flatMap(([came, text]) => {
    const count = counts.get(came as Came)
    return count === undefined ? [] : [`${count} ${text}`]
  })
  world.log.info(`${jobs.length} jobs: ${told.join(', ')}`)
  return counts.has('failed') ? 'negative' : 'done'
}

async function runDue(job: Job, bus: BusKind, ledger: Ledger, world: ActionWorld): Promise<Ended> {
  const release = ledger.hold(job)
  if (release === undefined) {
    world.log.info(`${job.name}: another process runs it`)
    return { came: 'elsewhere', status: EXIT.again.code }
  }
  try {
    const { clock, outside } = world, kept = ledger.read(job), startMs = clock.now()
    const decision = job.kind === 'timer' ? decide(job, kept, startMs, true) : undefined
    ledger.missed(job, decision?.missed ?? [])
    if (decision !== undefined && decision.start === undefined) {
      world.log.info(`${job.name}: not due`)
      return { came: 'idle', status: 0 }
    }
    const slotMs = decision?.start?.slotMs, attempt = decision?.start?.attempt ?? 1
    // Kept before it begins: what a crash cuts off is begun again.
    let version = decision === undefined ? 0 : ledger.write(job, decision.state, kept.last, kept.version)
    world.progress(`${job.name} ...`)
    const { elapsedMs } = world.stopwatch()
    const { status, said } = await endOf(start(job, bus, slotMs, true, world), job.kind === 'timer' ? job.timeoutMs : STREAM_MS, world)
    world.progress('')
    if (outside.signal.aborted) return { came: 'stopped', status }
    const outcome = outcomeOf(status)
    ledger.ended(job, { slotMs, attempt, status, outcome, tookMs: Math.round(elapsedMs()), why: outcome === 'done' ? '' : lastLine(said) })
    ledger.turned(job, wasDown(kept), outcome, slotMs, lastLine(said))
    if (decision !== undefined && job.kind === 'timer') {
      version = ledger.write(job, afterRun(job, decision.state, status, clock.now()), { slot: slotText(slotMs), outcome }, version)
    }
    return { came: outcome, status }
  } finally {
    release()
  }
}

const slotText = (slotMs: number | undefined): string => (slotMs === undefined ? '' : formatInstant(slotMs))
