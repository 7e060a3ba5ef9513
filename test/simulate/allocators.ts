/** Allocators as processes of their own: each of a vault, started, fed, asked at each moment, ended or cut off. */
import { formatInstant, make, type Allocation, type Conviction, type Vanta } from '#record'
import { Failure } from '#port/failure'
import type { Random } from '#port/random'
import type { Stage } from '#tool'
import vaultTool from '../../src/vault/vault.ts'
import { tick } from '../execute/desk_world.ts'
import { AllocatorChecker, checkQueue, type QueueFile } from './allocations_checker.ts'
import type { Violation } from './checker.ts'
import { isPowerCut, OVERLAY, QUEUE, VAULTS_FILE, type Home, type Process } from './home.ts'
import { SUBJECTS } from './terms.ts'

interface Running {
  readonly process: Process
  readonly stage: Stage
  readonly checker: AllocatorChecker
}

const SCORES = [0.4, 0.53, 0.56, 0.7], TTLS = [0, 60, 300, 3600]

export class Allocators {
  readonly #home: Home
  readonly #chance: Random
  readonly #now: () => number
  readonly #running = new Map<string, Running>()
  /** By vault, what it said last and lived to keep. */
  readonly #kept = new Map<string, ReadonlyMap<string, string>>()
  readonly violations: Violation[] = []

  constructor(home: Home, chance: Random, now: () => number) {
    this.#home = home
    this.#chance = chance
    this.#now = now
  }

  /** One moment of a vault's allocator: what it asks for. Throws when the power goes. */
  moment(vault: string): readonly Allocation[] {
    const before = this.#running.get(vault), running = before ?? this.#start(vault)
    if (before !== undefined && this.#chance.next() < 0.05 && this.#start(vault) !== undefined) {
      this.violations.push({ law: 'one allocator a vault', detail: `a second one of ${vault} was let in` })
    }
    if (running === undefined) return []
    const said: Allocation[] = [], emit = (record: Vanta): void => void (record.kind === 'allocation' && said.push(record))
    while (this.#chance.next() < 0.5) {
      const conviction = this.#conviction()
      running.checker.hear({ subject: conviction.subject, score: conviction.conviction_score, expiresMs: this.#now() + conviction.ttl * 1000 })
      void running.stage.each(conviction, emit)
    }
    void running.stage.each(tick(formatInstant(this.#now())), emit)
    this.violations.push(...running.checker.check(said, this.#now(), this.#flipUntil(vault), this.#isActive(vault)))
    if (this.#chance.next() < 0.3) this.end(vault)
    return said
  }

  #start(vault: string): Running | undefined {
    const process = this.#home.process('allocator', this.#now)
    const { allocate } = vaultTool.verbs
    if (allocate?.kind !== 'action') throw new Error('no allocator')
    try {
      const stage = allocate.open({ vault, priced: false } as never, process.world) as Stage
      const running: Running = { process, stage, checker: new AllocatorChecker(vault, this.#kept.get(vault) ?? new Map()) }
      this.#running.set(vault, running)
      return running
    } catch (error) {
      process.gone()
      if (isPowerCut(error) || !(error instanceof Failure) || error.exit === 'bug') throw error
      return undefined
    }
  }

  /** Any of them ends, where one runs: between the reading and the writing of another, for instance. */
  endOne(): void {
    const [vault] = this.#running.keys()
    if (vault !== undefined) this.end(vault)
  }

  end(vault: string): void {
    const running = this.#running.get(vault)
    if (running === undefined) return
    this.#running.delete(vault)
    try {
      void running.stage.end?.(() => undefined)
      void running.stage.landed?.()
      running.process.close()
      this.#kept.set(vault, running.checker.targets)
    } catch (error) {
      if (isPowerCut(error) || !(error instanceof Failure) || error.exit === 'bug') throw error
      // A disk that fails after the renaming may still have kept it: it is the one or the other.
      const written = checkQueue(this.#home.disk.content(QUEUE), new Map([[vault, running.checker.targets]]))
      if (written.length === 0) this.#kept.set(vault, running.checker.targets)
      if (error.exit === 'again') this.violations.push({ law: 'an allocator keeps what it asked for', detail: `${vault}: ${error.message}` })
    } finally {
      running.process.gone()
    }
  }

  /** The power went: what they had not written down is lost. */
  died(): void {
    this.#running.clear()
    const { vaults = {} } = (this.#home.json(QUEUE) ?? {}) as QueueFile
    this.#kept.clear()
    for (const [vault, targets] of Object.entries(vaults)) {
      this.#kept.set(vault, new Map(Object.entries(targets).map(([subject, { allocation_id: id }]) => [subject, id])))
    }
  }

  check(): Violation[] {
    return [...this.violations.splice(0), ...checkQueue(this.#home.disk.content(QUEUE), this.#kept)]
  }

  #flipUntil(vault: string): number {
    const flips = (this.#home.json(OVERLAY)?.['flips'] ?? {}) as { readonly [vault: string]: { readonly until: string } }
    return Date.parse(flips[vault]?.until ?? '1970-01-01T00:00:00Z')
  }

  #isActive(vault: string): boolean {
    const { vaults } = this.#home.json(VAULTS_FILE) as { readonly vaults: { readonly [vault: string]: { readonly state: string } } }
    return vaults[vault]?.state === 'active'
  }

  #conviction(): Conviction {
    const at = formatInstant(this.#now())
    const subject = SUBJECTS[this.#chance.integer(SUBJECTS.length)] ?? 'ticker:A', score = SCORES[this.#chance.integer(SCORES.length)] ?? 0.7
    const logOdds = Math.log(score / (1 - score))
    return make('conviction', {
      at, known_at: at, source: 'simulate', by: 'simulate/1', signal_id: '0'.repeat(40), subject, direction: 'up', conviction_score: score,
      log_odds: logOdds, reason_vector: [{ term: 'test', log_odds: logOdds, evidence: [] }], contributing_models: ['chatter'], horizon: '5d',
      ttl: TTLS[this.#chance.integer(TTLS.length)] ?? 60,
      routing_tags: [],
    })
  }
}
