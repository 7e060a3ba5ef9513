/** What is kept of the slots of each job: where it stands in memory, what became of each in logs/slots.ndjson. */
import { formatInstant, lineOf, make, parseInstant, type Json, type Millis, type Vanta } from '#record'
import { isObject } from '#record/shape'
import { Failure, type ActionWorld, type Emit } from '#tool'
import type { Job } from '#domain/node/job'
import { NEVER_RUN, type Missed, type OpenSlot, type Outcome, type PlanState } from '#domain/node/plan'

const LOG = 'slots.ndjson'
const STATES: readonly OpenSlot['state'][] = ['begun', 'waiting', 'failed']

/** How a slot ended, or a stream. */
export interface Ending {
  readonly slotMs: Millis | undefined
  readonly attempt: number
  readonly status: number
  readonly outcome: Outcome
  readonly tookMs: Millis
  /** The last line that was said on stderr; empty where there was none. */
  readonly why: string
}

export interface Kept extends PlanState {
  readonly last: { readonly slot: string; readonly outcome: string } | undefined
  readonly version: number
}

const nameOf = ({ role, name }: Job): string => `${role}_${name}`

export const wasDown = ({ last }: Kept): boolean => last?.outcome === 'failed'

export class Ledger {
  readonly #world: ActionWorld
  readonly #emit: Emit

  constructor(world: ActionWorld, emit: Emit) {
    this.#world = world
    this.#emit = emit
  }

  /** Throws Failure `data` where the file is none of these. */
  read(job: Job): Kept {
    const name = `slot_${nameOf(job)}.json`, stored = this.#world.store.read(name)
    if (stored === undefined) return { ...NEVER_RUN, last: undefined, version: 0 }
    const fail = (): never => {
      throw new Failure('data', `memory/${name}: expected through, open and last, as vanta-orchestrator writes them`)
    }
    const instant = (value: Json | undefined): Millis => (typeof value === 'string' ? parseInstant(value) : undefined) ?? fail()
    const { through, open, last } = stored.memory
    const opened = (): OpenSlot => {
      if (!isObject(open)) return fail()
      const state = STATES.find((one) => one === open['state']), attempts = open['attempts']
      if (state === undefined || typeof attempts !== 'number' || !Number.isSafeInteger(attempts) || attempts < 1) return fail()
      return { slotMs: instant(open['slot']), attempts, state, atMs: instant(open['at']) }
    }
    const lastly = isObject(last) ? { slot: String(last['slot']), outcome: String(last['outcome']) } : undefined
    return { throughMs: instant(through), open: open === null || open === undefined ? undefined : opened(), last: lastly, version: stored.version }
  }

  /** Durable once it returns. Whoever writes holds the job. */
  write(job: Job, { throughMs, open }: PlanState, last: Kept['last'], version: number): number {
    if (throughMs === undefined) return version
    const { store } = this.#world
    return store.write(`slot_${nameOf(job)}.json`, {
      through: formatInstant(throughMs), last: last === undefined ? null : { ...last },
      open: open === undefined ? null : { slot: formatInstant(open.slotMs), attempts: open.attempts, state: open.state, at: formatInstant(open.atMs) },
    }, version)
  }

  /** Be the one that runs the job; undefined where another process is. */
  hold(job: Job): (() => void) | undefined {
    try {
      return this.#world.logs.lock(`slot_${nameOf(job)}`, 0)
    } catch (error) {
      if (error instanceof Failure && error.exit === 'again') return undefined
      throw error
    }
  }

  missed(job: Job, missed: readonly Missed[]): void {
    for (const { fromMs, toMs, count, why } of missed) {
      const facts = { role: job.role, job: job.name, from: formatInstant(fromMs), to: formatInstant(toMs), slots: count, outcome: 'missed', why }
      this.#say(make('control', { ...this.#made(toMs), type: 'slot', facts }))
      this.#world.log.warn(`${job.name}: missed ${count === 1 ? `the slot of ${formatInstant(toMs)}` : `${count} slots up to ${formatInstant(toMs)}`}: ${why}`)
    }
  }

  ended(job: Job, { slotMs, attempt, status, outcome, tookMs, why }: Ending): void {
    const slot = slotMs === undefined ? {} : { slot: formatInstant(slotMs) }
    const facts = { role: job.role, job: job.name, ...slot, outcome, status, attempt, took_ms: tookMs, ...(why !== '' && { why }) }
    this.#say(make('control', { ...this.#made(this.#world.clock.now()), type: 'slot', facts }))
    const text = `${job.name}: ${outcome}${outcome === 'done' ? '' : ` (${status})`}${why === '' || outcome === 'done' ? '' : `: ${why}`}`
    if (outcome === 'failed' || outcome === 'negative') this.#world.log.warn(text)
    else this.#world.log.info(text)
  }

  /** A job that fails is a feed that is down, and live again once it does not: said where it turns. */
  turned(job: Job, before: boolean, outcome: Outcome, slotMs: Millis | undefined, why: string): void {
    const isDown = outcome === 'failed'
    if (isDown === before) return
    const nowMs = this.#world.clock.now(), lag = slotMs === undefined ? null : Math.max(0, nowMs - slotMs)
    const state = isDown ? 'down' : 'live', detail = isDown ? why : ''
    this.#say(make('health', { ...this.#made(nowMs), stream: `job:${job.role}/${job.name}`, state, records: 0, lag_ms: lag, ...(detail !== '' && { detail }) }))
  }

  #made(atMs: Millis) {
    const { clock, by } = this.#world
    return { at: formatInstant(atMs), known_at: formatInstant(Math.max(atMs, clock.now())), source: 'orchestrator', by }
  }

  #say(record: Vanta): void {
    const journal = this.#world.journal(LOG)
    journal.append(lineOf(record))
    journal.sync()
    this.#emit(record)
  }
}
