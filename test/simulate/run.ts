/** One seed: a day of trading in which everything goes wrong that can, and the laws that must hold all the same. */
import { createHash } from 'node:crypto'
import { formatInstant, make, millisOf, type Vanta } from '#record'
import { Failure } from '#port/failure'
import type { Broker } from '#port/broker'
import type { Journal } from '#port/journal'
import type { Random } from '#port/random'
import { fileJournal } from '#adapter/file/journal'
import { fileLogs } from '#adapter/file/logs'
import { fileStore } from '#adapter/file/store'
import { memoryKeys } from '#adapter/memory/keys'
import { memoryOutside } from '#adapter/memory/outside'
import { changed, defaultOverlay } from '#domain/vault/overlay'
import { sealed } from '#domain/vault/seal'
import { vaultSettings } from '#domain/vault/vault'
import { seededRandom } from '#tool/random'
import type { ActionWorld, Stage } from '#tool'
import { execute as exec } from '../../src/execute/exec.ts'
import move from '../../src/vault/vault/move.ts'
import { PowerCut, SimulatedDisk } from '../adapter/simulated-disk.ts'
import { execValues, target, tick } from '../execute/desk_world.ts'
import { checkAlways, checkAtRest, checkCaps, checkLeaving, linesOf, type Violation } from './checker.ts'
import { checkJournal, checkJournalAtRest } from './journal_checker.ts'
import { Line, SETTLE_MS, type FaultKind } from './line.ts'
import { Venue } from './venue.ts'

const START_MS = millisOf('2021-01-15T14:30:00.000Z')
const CAPITAL_CENTS = 1_000_000
const SUBJECTS = ['A', 'B', 'C', 'D'], VAULTS = ['core', 'spare']
const LOG = '/home/logs/trade_log.jsonl', LEDGER = '/home/memory/ledger.json', JOURNAL = '/home/logs/ledger.ndjson'
const STEPS = 24
/** The next session: the day on which shares are split and dividends earned and paid. */
const NEXT_DAY = '2021-01-19', NEXT_OPEN_MS = millisOf('2021-01-19T14:31:00.000Z')
const DIVIDEND_CENTS = 50

/** A bug planted on purpose: the simulator has to catch each. */
export type Bug = 'retry with a new id' | 'time-out is a rejection' | 'no fsync' | 'absence is believed at once' | 'kill is asked once' | 'fills are not told apart'
  | 'splits are not heard' | 'the journal runs ahead'
export const BUGS: readonly Bug[] = [
  'retry with a new id', 'time-out is a rejection', 'no fsync', 'absence is believed at once', 'kill is asked once', 'fills are not told apart',
  'splits are not heard', 'the journal runs ahead',
]

type Mishap = 'crash' | 'disk full' | 'second process'

export interface Result {
  readonly violations: readonly Violation[]
  readonly faults: ReadonlyMap<FaultKind, number>
  /** Of everything that was written and everything that happened at the venue. */
  readonly digest: string
}

export async function simulate(seed: number, bug?: Bug): Promise<Result> {
  return new Day(seed, bug).run()
}

class Day {
  readonly #chance: Random
  readonly #disk = new SimulatedDisk()
  readonly #venue: Venue
  readonly #line: Line
  readonly #beside: ReadonlyMap<string, number>
  readonly #outsideCents: number
  readonly #faults = new Map<FaultKind, number>()
  readonly #violations: Violation[] = []
  readonly #allocations = new Set<string>()
  readonly #prices = new Map<string, Map<string, number>>()
  readonly #bug: Bug | undefined
  #nowMs = START_MS
  /** What the executor's clock shows beyond the truth. */
  #skewMs = 0
  #faultRate = 0
  #killed = false
  #resting = false
  #fillChance = 0.5
  /** The step before which a night passes, where one does; and what is announced for the morning after. */
  readonly #nightAt: number
  readonly #announced: readonly Vanta[]
  #isMorning = false
  readonly #releases: (() => void)[] = []

  constructor(seed: number, bug: Bug | undefined) {
    this.#bug = bug
    this.#chance = seededRandom(String(seed), 'simulate')
    const burnsIds = this.#chance.next() < 0.5
    this.#beside = new Map(this.#chance.next() < 0.3 ? [['ticker:B', 7]] : [])
    this.#outsideCents = this.#chance.integer(2) * 12_345
    this.#nightAt = this.#chance.next() < 0.5 ? 6 + this.#chance.integer(STEPS - 8) : -1
    this.#announced = [
      announced('split', 'ticker:A', { ratio: '2:1' }), announced('dividend', 'ticker:C', { form: 'cash', cash: '0.50', payable_date: NEXT_DAY }),
    ]
    const cash = VAULTS.length * CAPITAL_CENTS + this.#outsideCents
    this.#venue = new Venue({ burnsIds, cash, beside: this.#beside }, this.#chance)
    this.#venue.tellLagMs = this.#chance.integer(2) * 20_000
    this.#line = new Line({
      venue: this.#venue, chance: this.#chance, burnsIds, faults: () => this.#faultRate, nowMs: () => this.#nowMs,
      count: (kind) => this.#count(kind),
      leaves: ({ clientOrderId, side }) => this.#violations.push(...checkLeaving(clientOrderId, this.#disk.durable(LOG), this.#killed, side)),
      meanwhile: () => this.#meanwhile(),
    })
  }

  #count(kind: FaultKind): void {
    this.#faults.set(kind, (this.#faults.get(kind) ?? 0) + 1)
  }

  async run(): Promise<Result> {
    this.#setUp()
    this.#faultRate = [0, 0.05, 0.15, 0.4][this.#chance.integer(4)] ?? 0
    for (let step = 0; step < STEPS; step++) {
      this.#pass(this.#chance.integer(90_000))
      if (step === this.#nightAt) this.#night()
      if (this.#chance.next() < 0.06) this.#setKill(!this.#killed)
      if (this.#chance.next() < 0.08) this.#moveMoney()
      await this.#process(this.#wishes(), this.#mishap())
      this.#violations.push(...checkAlways(this.#venue, this.#beside, linesOf(this.#disk.content(LOG))))
      this.#violations.push(...checkJournal(this.#disk.content(JOURNAL), this.#disk.content(LOG)))
      if (this.#violations.length > 0) break
    }
    if (this.#violations.length === 0) await this.#comeToRest()
    const log = linesOf(this.#disk.content(LOG))
    this.#violations.push(...checkCaps(log, { position: 0.1, gross: 1, cashCents: CAPITAL_CENTS }, (subject, at) => this.#prices.get(at)?.get(subject)))
    const digest = createHash('sha256').update(this.#disk.content(LOG) ?? '').update(JSON.stringify([this.#venue.orders, this.#venue.executions])).digest('hex')
    return { violations: this.#violations, faults: this.#faults, digest }
  }

  #setUp(): void {
    const settings = vaultSettings({ cash: BigInt(CAPITAL_CENTS), currency: 'USD', method: 'banded' })
    const keys = memoryKeys('1', fileStore('/home/memory', this.#disk))
    for (const vault of VAULTS) keys.create(vault, formatInstant(this.#nowMs))
    const vaults = Object.fromEntries(VAULTS.map((name) => [name, sealed(name, settings, (text) => keys.sign(name, text))]))
    fileStore('/home/memory', this.#disk).write('vault.json', { vaults }, 0)
    fileStore('/home/memory', this.#disk).write('vault_overlay.json', defaultOverlay(), 0)
    for (const subject of SUBJECTS) this.#venue.priceCents.set(`ticker:${subject}`, 500 + this.#chance.integer(9000))
  }

  /** Time passes for everyone. */
  #pass(ms: number): void {
    this.#nowMs += 1000 + ms
    this.#line.arrive(this.#nowMs)
    this.#venue.step(this.#nowMs, this.#fillChance)
    for (const [subject, price] of this.#venue.priceCents) {
      this.#venue.priceCents.set(subject, Math.max(100, price + Math.floor(price * (this.#chance.next() - 0.5) * 0.02)))
    }
  }

  /** Everything that was on its way arrives; then shares are split and dividends paid, before anyone trades again. */
  #night(): void {
    this.#pass(2 * SETTLE_MS)
    this.#nowMs = NEXT_OPEN_MS
    this.#venue.split('ticker:A', 2, this.#nowMs)
    this.#venue.pay('ticker:C', DIVIDEND_CENTS)
    this.#count('split')
    this.#count('dividend')
    this.#isMorning = true
  }

  /** Someone moves money while no executor runs; it may be cut off. */
  #moveMoney(): void {
    const journals = new Map<string, Journal>(), world = this.#world(journals)
    const words = this.#chance.next() < 0.6 ? ['core', 'transfer', '12.00'] : ['spare', 'withdraw', '3.00']
    if (this.#faultRate > 0 && this.#chance.next() < 0.3) this.#disk.failAfter(1 + this.#chance.integer(40), 'crash')
    this.#count('money moved')
    try {
      move.act({ reason: 'drill', who: 'simulate', to: words[1] === 'transfer' ? 'spare' : undefined, subject: undefined, quantity: undefined, settles: undefined }, words, world, () => undefined)
      for (const journal of journals.values()) journal.close()
    } catch (error) {
      if (isPowerCut(error)) return this.#powerCut()
      if (!(error instanceof Failure) || error.exit === 'bug') throw error
    } finally {
      this.#releaseLocks()
      this.#disk.failAfter(Infinity, 'EIO')
    }
  }

  /** While a request is under way, time passes and other people act. Where the power goes, it never comes back from there. */
  async #meanwhile(): Promise<void> {
    this.#nowMs += this.#chance.integer(3000)
    this.#line.arrive(this.#nowMs)
    this.#venue.step(this.#nowMs, 0.3)
    if (this.#chance.next() < 0.05 && !this.#setKill(true)) await this.#die()
    await null
  }

  #die = (): Promise<void> => Promise.resolve()

  /** False where the power goes in the middle of it: the file may say either. */
  #setKill(kill: boolean): boolean {
    try {
      const store = fileStore('/home/memory', this.#disk)
      const stored = store.read('vault_overlay.json')
      const flatten = kill && this.#chance.next() < 0.4
      const { overlay, record } = changed(
        stored?.memory, { what: 'kill', who: 'simulate', why: 'drill', fields: { kill, flatten } }, 'simulate/1', this.#nowMs,
      )
      // What a halted executor sells, it sells by this record.
      this.#allocations.add(record.id)
      store.write('vault_overlay.json', overlay, stored?.version ?? 0)
      if (kill) this.#count('kill')
      this.#killed = kill
      return true
    } catch (error) {
      if (isPowerCut(error)) return false
      // A disk that is full for this writer says so; the switch is where it was.
      if (error instanceof Failure && error.exit === 'output') return true
      throw error
    }
  }

  #wishes(): Vanta[] {
    const wishes: Vanta[] = []
    while (this.#chance.next() < 0.55) {
      const subject = SUBJECTS[this.#chance.integer(SUBJECTS.length)] ?? 'A', vault = VAULTS[this.#chance.integer(VAULTS.length)] ?? 'core'
      const fraction = (this.#chance.integer(12) / 100).toFixed(2)
      const wish = target(subject, formatInstant(this.#nowMs), fraction, { vault })
      this.#allocations.add(wish.id)
      wishes.push(wish)
      // The same allocation may be handed in twice.
      if (this.#chance.next() < 0.1) wishes.push(wish)
    }
    return wishes
  }

  #mishap(): Mishap | undefined {
    if (this.#faultRate === 0) return undefined
    const draw = this.#chance.next()
    return draw < 0.2 ? 'crash' : draw < 0.25 ? 'disk full' : draw < 0.3 ? 'second process' : undefined
  }

  /** One life of the executor, from its start to its end or its sudden death. */
  async #process(wishes: readonly Vanta[], mishap: Mishap | undefined): Promise<void> {
    this.#skewMs = this.#faultRate > 0 && this.#chance.next() < 0.1 ? this.#chance.integer(4000) - 2000 : 0
    if (this.#skewMs !== 0) this.#count('wrong clock')
    const journals = new Map<string, Journal>()
    const world = this.#world(journals)
    if (mishap === 'crash') this.#disk.failAfter(1 + this.#chance.integer(120), 'crash')
    if (mishap === 'disk full') this.#disk.failAfter(1 + this.#chance.integer(120), 'ENOSPC')
    const death = new Promise<never>((_, reject) => {
      this.#die = () => {
        reject(new PowerCut())
        return new Promise(() => undefined)
      }
    })
    death.catch(() => undefined)
    try {
      await Promise.race([this.#live(world, wishes, mishap), death])
      for (const journal of journals.values()) journal.close()
    } catch (error) {
      if (isPowerCut(error)) return this.#powerCut()
      if (!(error instanceof Failure)) throw error
      if (mishap === 'disk full') this.#count('disk full')
      if (error.exit === 'bug') this.#violations.push({ law: 'no error of our own', detail: error.message })
      // With nothing in its way, only the switch may keep it from its work.
      if (this.#resting && error.exit !== 'refused') this.#violations.push({ law: 'it comes to rest', detail: error.message })
      for (const journal of journals.values()) {
        try {
          journal.close()
        } catch (closing) {
          if (isPowerCut(closing)) return this.#powerCut()
        }
      }
    } finally {
      this.#releaseLocks()
      this.#disk.failAfter(Infinity, 'EIO')
    }
  }

  async #live(world: ActionWorld, wishes: readonly Vanta[], mishap: Mishap | undefined): Promise<void> {
    const stage = (await exec.open(execValues, world)) as Stage
    if (mishap === 'second process') await this.#second()
    const emit = (): void => undefined
    const now = formatInstant(world.clock.now())
    this.#prices.set(now, new Map(this.#venue.priceCents))
    // In the morning everybody knows; the evening before, whoever listened.
    if (this.#nightAt >= 0 && (this.#isMorning || this.#chance.next() < 0.5)) {
      for (const signal of this.#announced) if (this.#bug !== 'splits are not heard' || signal.kind !== 'signal' || signal.type !== 'split') await stage.each(signal, emit)
    }
    for (const [subject, price] of this.#venue.priceCents) await stage.each(last(subject, price, now), emit)
    for (const wish of wishes) await stage.each(wish, emit)
    await stage.each(tick(now), emit)
    await stage.end?.(emit)
  }

  #powerCut(): void {
    this.#count('crash')
    this.#disk.crash((below) => this.#chance.integer(below))
    try {
      const overlay = fileStore('/home/memory', this.#disk).read('vault_overlay.json')?.memory
      this.#killed = overlay?.['kill'] !== false
    } catch {
      this.#killed = true
    }
  }

  /** Another executor is started while one runs: it must keep its hands off. */
  async #second(): Promise<void> {
    this.#count('second process')
    try {
      await exec.open(execValues, this.#world(new Map()))
      this.#violations.push({ law: 'one executor a home', detail: 'a second one was let in' })
    } catch (error) {
      if (!(error instanceof Failure) || error.exit !== 'again') throw error
    }
  }

  /** Nothing goes wrong any more, and enough time passes for everything to be heard. */
  async #comeToRest(): Promise<void> {
    this.#faultRate = 0
    for (let i = 0; i < 8; i++) {
      this.#resting = i > 4
      // What fills now is told now; in the last rounds nothing moves any more.
      this.#venue.tellLagMs = 0
      this.#fillChance = i > 4 ? 0 : 0.5
      this.#pass(2 * SETTLE_MS + 30_000)
      await this.#process([], undefined)
    }
    const log = linesOf(this.#disk.content(LOG))
    const outside = this.#venue.orders.length === 0 ? undefined : this.#outsideCents
    if (outside === undefined) return
    this.#violations.push(...checkAtRest(this.#venue, log, this.#disk.content(LEDGER), this.#allocations, this.#beside, outside))
    this.#violations.push(...checkJournalAtRest(this.#disk.content(JOURNAL), this.#disk.content(LOG), this.#disk.content(LEDGER)))
  }

  #world(journals: Map<string, Journal>): ActionWorld {
    const none = (): never => {
      throw new Error('no such thing in this world')
    }
    const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
    const store = fileStore('/home/memory', this.#disk)
    const world: ActionWorld = {
      clock: { now: () => this.#nowMs + this.#skewMs }, log: quiet, by: 'vanta-exec/1', past: () => [], random: none, outside: memoryOutside(),
      store: this.#bug === 'kill is asked once' ? this.#forgetful(store) : store,
      keys: memoryKeys('1', store), nodeKeys: memoryKeys('1', store, 'node'), home: '/home', root: '/', print: none, progress: none,
      folder: { read: none, bytes: none, list: none, write: none },
      logs: this.#lockable(fileLogs('/home/logs', { disk: this.#disk })), logsIn: none, hear: () => undefined, as: none, simulate: none, stopwatch: none,
      broker: () => this.#broker(),
      journal: (name) => {
        let journal = journals.get(name)
        if (journal === undefined) {
          journal = fileJournal(`/home/logs/${name}`, this.#disk)
          if (this.#bug === 'no fsync') journal = { ...journal, append: journal.append, sync: () => undefined }
          if (this.#bug === 'the journal runs ahead' && name === 'trade_log.jsonl') {
            // Said to be durable when the other is.
            const trades = journal
            journal = { ...trades, sync: () => (this.#chance.next() < 0.5 ? undefined : trades.sync()) }
          }
          journals.set(name, journal)
        }
        return journal
      },
    }
    return world
  }

  /** A dead process holds no lock; all processes of the simulation are one to the lock file. */
  #lockable(logs: ActionWorld['logs']): ActionWorld['logs'] {
    return {
      ...logs,
      lock: (name) => {
        const release = logs.lock(name)
        this.#releases.push(release)
        return release
      },
    }
  }

  #releaseLocks(): void {
    for (const release of this.#releases.splice(0)) {
      try {
        release()
      } catch {
        // It went with the power, or the disk will not let go of it: a dead holder's lock is taken over.
      }
    }
  }

  /** Reads the overlay once a life. */
  #forgetful(store: ActionWorld['store']): ActionWorld['store'] {
    let overlay: ReturnType<typeof store.read> | 'unread' = 'unread'
    return { ...store, read: (name) => (name !== 'vault_overlay.json' ? store.read(name) : overlay === 'unread' ? (overlay = store.read(name)) : overlay) }
  }

  #broker(): Broker {
    const line = this.#line
    const bug = this.#bug
    const broker: Broker = {
      name: line.name, rules: bug === 'absence is believed at once' ? { ...line.rules, settleMs: 0 } : line.rules,
      cancel: (order) => line.cancel(order), look: (id) => line.look(id), openOrders: () => line.openOrders(), account: () => line.account(),
      async fills(after) {
        const told = await line.fills(after)
        if (bug !== 'fills are not told apart' || 'unknown' in told) return told
        return { told: { ...told.told, fills: told.told.fills.map((fill, i) => ({ ...fill, fillId: `${fill.fillId}-${told.told.mark}-${i}` })) } }
      },
      async submit(order) {
        const answer = await line.submit(order)
        if (answer.outcome !== 'unknown') return answer
        if (bug === 'time-out is a rejection') return { outcome: 'rejected', why: answer.why }
        return bug === 'retry with a new id' ? line.submit({ ...order, clientOrderId: `${order.clientOrderId}-2` }) : answer
      },
    }
    return broker
  }
}

/** Adapters wrap what the disk throws. */
const isPowerCut = (error: unknown): boolean => error instanceof PowerCut || (error instanceof Error && error.cause !== undefined && isPowerCut(error.cause))

const announced = (type: string, subject: string, facts: { readonly [name: string]: string }): Vanta => make('signal', {
  at: `${NEXT_DAY}T14:30:00.000Z`, known_at: formatInstant(START_MS), source: 'simulate/corporate_actions', by: 'simulate/1',
  type, key: `simulate:${type}:${subject}`, subject, facts: { ...facts, day: NEXT_DAY },
})

const last = (subject: string, priceCents: number, at: string): Vanta => make('price', {
  at, known_at: at, source: 'simulate', by: 'simulate/1', subject, type: 'last', price: (priceCents / 100).toFixed(2), span: '1m', basis: 'as_traded',
})
