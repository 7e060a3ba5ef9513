/** The schedule kept, until asked to stop: woken at every slot, at every end of a run and once a minute, it looks what is due. */
import { formatInstant, MINUTE_MS, type Millis } from '#record'
import { Failure, type ActionWorld } from '#tool'
import type { Child, Ended } from '#tool/child'
import type { BusKind } from '#domain/bus/address'
import type { Job, StreamJob, TimerJob } from '#domain/node/job'
import { afterRun, decide, outcomeOf, overlapping, restMs, NEVER_RUN } from '#domain/node/plan'
import { cronOf } from '#domain/node/schedule'
import { wasDown, type Kept, type Ledger } from './ledger.ts'
import { endOf, GRACE_MS, lastLine, start } from './run.ts'

/** A run that goes on. */
interface Going {
  readonly child: Child
  readonly slotMs: Millis | undefined
  readonly attempt: number
  readonly elapsedMs: () => number
  readonly release: () => void
  kept: Kept
}

/** A stream that goes on so long has not failed when it ends. */
const STEADY_MS = 10 * MINUTE_MS

export async function watch(jobs: readonly Job[], bus: BusKind, ledger: Ledger, world: ActionWorld): Promise<void> {
  const { signal } = world.outside, bell = new Bell()
  const timers = jobs.filter((job): job is TimerJob => job.kind === 'timer'), streams = jobs.filter((job): job is StreamJob => job.kind === 'stream')
  const silence = await world.alarm([...new Set(timers.map(({ schedule }) => cronOf(schedule)))], bell.ring)
  const timed = timers.map((job) => new Timed(job, bus, ledger, world, bell.ring))
  const kept = [...timed, ...streams.map((job) => new Streaming(job, bus, ledger, world, bell.ring))]
  signal.addEventListener('abort', bell.ring)
  try {
    while (!signal.aborted) {
      const waits = kept.map((one) => looking(one, world))
      await bell.wait(Math.min(MINUTE_MS, ...waits), world)
    }
  } finally {
    silence()
    // Asked to end, and waited for.
    for (const one of kept) one.stop()
    await Promise.all(kept.map((one) => one.ended()))
  }
}

/** One job whose file cannot be read or written stands still until it can; the others go on. */
function looking(one: Timed | Streaming, { log }: ActionWorld): Millis {
  try {
    return one.look()
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    log.error(error.message)
    return MINUTE_MS
  }
}

/** Wakes one who waits. */
class Bell {
  #over = new AbortController()

  readonly ring = (): void => this.#over.abort()

  /** Until it rings, or so long has passed. */
  async wait(ms: Millis, { outside }: ActionWorld): Promise<void> {
    await outside.pause(Math.max(ms, 0), this.#over.signal).catch(() => undefined)
    this.#over = new AbortController()
  }
}

/** What both kinds of job share: a run at a time, and how it ends. */
abstract class Running<J extends Job> {
  protected readonly job: J
  protected readonly ledger: Ledger
  protected readonly world: ActionWorld
  protected going: Going | undefined
  #whole: Promise<void> = Promise.resolve()
  protected isDown = false
  readonly #bus: BusKind
  readonly #ring: () => void
  readonly #timeoutMs: Millis | undefined

  constructor(job: J, bus: BusKind, ledger: Ledger, world: ActionWorld, ring: () => void) {
    this.job = job
    this.ledger = ledger
    this.world = world
    this.#bus = bus
    this.#ring = ring
    this.#timeoutMs = job.kind === 'timer' ? job.timeoutMs : undefined
  }

  /** Do what is to be done now; how long nothing is, unless it rings. */
  abstract look(): Millis
  protected abstract over(going: Going, ended: Ended): void

  stop(): void {
    this.going?.child.stop(GRACE_MS)
  }

  ended(): Promise<void> {
    return this.#whole
  }

  protected begin(slotMs: Millis | undefined, attempt: number, kept: Kept, release: () => void): void {
    const { job, world } = this, { elapsedMs } = world.stopwatch()
    const child = start(job, this.#bus, slotMs, job.kind === 'timer', world)
    const going: Going = { child, slotMs, attempt, elapsedMs, release, kept }
    this.going = going
    world.log.info(`${job.name}: begins${slotMs === undefined ? '' : `, for ${formatInstant(slotMs)}`}`)
    this.#whole = this.#follow(going)
  }

  async #follow(going: Going): Promise<void> {
    try {
      const ended = await endOf(going.child, this.#timeoutMs, this.world).catch((error: unknown): Ended => ({ status: 70, said: String(error) }))
      // Cut off by the end of the whole: it is begun, and done over by the next.
      if (!this.world.outside.signal.aborted) this.over(going, ended)
    } catch (error) {
      // What cannot be written now is done over; the others go on.
      this.world.log.error(`${this.job.name}: ${error instanceof Error ? error.message : String(error)}`)
    } finally {
      this.going = undefined
      going.release()
      this.#ring()
    }
  }

  protected tell({ slotMs, attempt, elapsedMs }: Going, { status, said }: Ended): void {
    const { ledger, job } = this, outcome = outcomeOf(status), why = outcome === 'done' ? '' : lastLine(said)
    ledger.ended(job, { slotMs, attempt, status, outcome, tookMs: Math.round(elapsedMs()), why })
    ledger.turned(job, this.isDown, outcome, slotMs, why)
    this.isDown = outcome === 'failed'
  }
}

class Timed extends Running<TimerJob> {
  #isReplaced = false

  look(): Millis {
    const { job, ledger, world, going } = this, nowMs = world.clock.now()
    if (going !== undefined) {
      const { missed, state, replace } = overlapping(job, going.kept, nowMs)
      ledger.missed(job, missed)
      if (state !== going.kept) going.kept = { ...going.kept, ...state, version: ledger.write(job, state, going.kept.last, going.kept.version) }
      if (replace && !this.#isReplaced) going.child.stop(GRACE_MS)
      this.#isReplaced ||= replace
      return MINUTE_MS
    }
    this.#isReplaced = false
    const before = decide(job, ledger.read(job), nowMs)
    if (before.start === undefined && before.missed.length === 0) return before.state.open?.state === 'waiting' ? before.state.open.atMs - nowMs : MINUTE_MS
    const release = ledger.hold(job)
    // Another process runs it.
    if (release === undefined) return MINUTE_MS
    try {
      const kept = ledger.read(job), { missed, start: next, state } = decide(job, kept, nowMs)
      ledger.missed(job, missed)
      const version = ledger.write(job, state, kept.last, kept.version)
      if (next === undefined) {
        release()
        return MINUTE_MS
      }
      this.isDown = wasDown(kept)
      this.begin(next.slotMs, next.attempt, { ...state, last: kept.last, version }, release)
    } catch (error) {
      release()
      throw error
    }
    return MINUTE_MS
  }

  protected over(going: Going, ended: Ended): void {
    const { job, ledger, world } = this
    this.tell(going, ended)
    const state = afterRun(job, going.kept, ended.status, world.clock.now())
    ledger.write(job, state, { slot: formatInstant(going.slotMs ?? 0), outcome: outcomeOf(ended.status) }, going.kept.version)
  }
}

class Streaming extends Running<StreamJob> {
  #failures = 0
  /** Undefined: not any more. */
  #nextMs: Millis | undefined = 0

  look(): Millis {
    const { job, ledger, world } = this, nowMs = world.clock.now()
    if (this.going !== undefined || this.#nextMs === undefined) return MINUTE_MS
    // A clock that was put back makes nobody wait longer than was meant.
    const waitMs = this.#nextMs - nowMs
    if (waitMs > 0 && waitMs <= 5 * MINUTE_MS) return waitMs
    const release = ledger.hold(job)
    if (release !== undefined) this.begin(undefined, this.#failures + 1, { ...NEVER_RUN, last: undefined, version: 0 }, release)
    return MINUTE_MS
  }

  protected over(going: Going, ended: Ended): void {
    this.#failures = going.elapsedMs() >= STEADY_MS ? 0 : this.#failures + 1
    this.tell(going, ended)
    const rest = restMs(this.job.restartMs, ended.status, this.#failures - 1)
    if (rest === undefined) this.world.log.warn(`${this.job.name}: not started again: what ended it would do so again`)
    this.#nextMs = rest === undefined ? undefined : this.world.clock.now() + rest
  }
}
