/** One seed: a day of trading in which everything goes wrong that can, and the laws that must hold all the same. */
import { createHash } from 'node:crypto'
import { formatInstant, make, millisOf, type Vanta } from '#record'
import { Failure } from '#port/failure'
import type { Random } from '#port/random'
import { fileStore } from '#adapter/file/store'
import { defaultOverlay } from '#domain/vault/overlay'
import { sealed } from '#domain/vault/seal'
import { BOOK } from '#domain/vault/vault'
import { seededRandom } from '#tool/random'
import type { Stage } from '#tool'
import { execute as exec } from '../../src/execute/exec.ts'
import { PowerCut } from '../adapter/simulated-disk.ts'
import { execValues, target, tick } from '../execute/desk_world.ts'
import { Allocators } from './allocators.ts'
import { BUGS, buggyBroker, planted, type Bug } from './bugs.ts'
import { checkCaps } from './caps_checker.ts'
import { checkAlways, checkAtRest, checkForbidden, checkLeaving, checkTold, type Violation } from './checker.ts'
import { Home, isPowerCut, JOURNAL, LEDGER, LOG, type Process } from './home.ts'
import { checkJournal, checkJournalAtRest } from './journal_checker.ts'
import { Line, SETTLE_MS, type FaultKind } from './line.ts'
import { lineOf, linesOf, type Line as LogLine } from './lines.ts'
import { barsOf, Market, NEXT_DAY_MS, NEXT_OPEN_MS, START_MS } from './market.ts'
import { People } from './people.ts'
import { StopsChecker } from './stops_checker.ts'
import { bookFor, CAPITAL_CENTS, dayTerms, SECTORS, settingsFor, SUBJECTS, VAULTS, type DayTerms } from './terms.ts'
import { Venue } from './venue.ts'

export { BUGS, type Bug }

const STEPS = 24

type Mishap = 'crash' | 'disk full' | 'second process'

export interface Result {
  readonly violations: readonly Violation[]
  readonly faults: ReadonlyMap<FaultKind, number>
  /** Of everything that was written and everything that happened at the venue. */
  readonly digest: string
}

export async function simulate(seed: number, bug?: Bug): Promise<Result> {
  const remove = planted(bug)
  try {
    return await new Day(seed, bug).run()
  } finally {
    remove()
  }
}

class Day {
  readonly #chance: Random
  readonly #terms: DayTerms
  readonly #home: Home
  readonly #venue: Venue
  readonly #line: Line
  readonly #market: Market
  readonly #people: People
  readonly #allocators: Allocators
  readonly #stops: StopsChecker
  readonly #beside: ReadonlyMap<string, number>
  readonly #outsideCents: number
  readonly #faults = new Map<FaultKind, number>()
  readonly #violations: Violation[] = []
  readonly #allocations = new Set<string>()
  readonly #bug: Bug | undefined
  #nowMs = START_MS
  /** What the executor's clock shows beyond the truth. */
  #skewMs = 0
  #faultRate = 0
  #resting = false
  #fillChance = 0.5
  /** The step before which a night passes, where one does. */
  readonly #nightAt: number
  /** The trade log as the process at work has written it, and how much of it was looked at. */
  #log: LogLine[] = []
  #checked = 0
  #doubts = 0
  #isBetween = false
  /** Processes that hear nobody but the venue, on days that have them. */
  readonly #guards: Random
  readonly #guardShare: number
  /** Ids of the records that left a process for good, and of those that the one at work has emitted. */
  readonly #told = new Set<string>()
  #emitted: string[] = []
  readonly #loss: Random

  constructor(seed: number, bug: Bug | undefined) {
    this.#bug = bug
    this.#chance = seededRandom(String(seed), 'simulate')
    this.#loss = seededRandom(String(seed), 'loss')
    this.#terms = dayTerms(seededRandom(String(seed), 'terms'))
    this.#guards = seededRandom(String(seed), 'guards')
    this.#guardShare = this.#guards.next() < 0.5 ? 0 : 0.3
    const burnsIds = this.#chance.next() < 0.5
    this.#beside = new Map(this.#chance.next() < 0.3 ? [['ticker:B', 7]] : [])
    this.#outsideCents = this.#chance.integer(2) * 12_345
    this.#nightAt = this.#chance.next() < 0.5 ? 6 + this.#chance.integer(STEPS - 8) : -1
    const cash = VAULTS.length * CAPITAL_CENTS + this.#outsideCents
    this.#venue = new Venue({ burnsIds, cash, beside: this.#beside }, this.#chance)
    this.#venue.tellLagMs = this.#chance.integer(2) * 20_000
    const count = (kind: FaultKind): void => this.#count(kind), now = (): number => this.#nowMs
    this.#home = new Home({
      chance: this.#chance, bug, between: () => this.#between(),
      wrote: (name, line) => {
        if (name === 'trade_log.jsonl') this.#log.push(...lineOf(line))
        else if (line.includes('"event":"unreconciled"')) this.#doubts++
      },
    })
    this.#people = new People(this.#home, seededRandom(String(seed), 'people'), now, count)
    this.#allocators = new Allocators(this.#home, seededRandom(String(seed), 'allocators'), now)
    this.#market = new Market(this.#venue, seededRandom(String(seed), 'market'), count)
    this.#stops = new StopsChecker(this.#terms)
    this.#line = new Line({
      venue: this.#venue, chance: this.#chance, burnsIds, faults: () => this.#faultRate, nowMs: now, count,
      leaves: ({ clientOrderId, side }) =>
        this.#violations.push(...checkLeaving(clientOrderId, this.#home.disk.durable(LOG), this.#people.halt, side)),
      quoted: (subject, cents) => this.#stops.tell(subject, this.#nowMs + this.#skewMs, cents),
      meanwhile: () => this.#meanwhile(),
    })
  }

  #count(kind: FaultKind): void {
    this.#faults.set(kind, (this.#faults.get(kind) ?? 0) + 1)
  }

  async run(): Promise<Result> {
    this.#setUp()
    this.#faultRate = [0, 0.05, 0.15, 0.4][this.#chance.integer(4)] ?? 0
    for (let step = 0; step < STEPS && this.#violations.length === 0; step++) {
      this.#pass(this.#chance.integer(90_000))
      if (step === this.#nightAt) this.#night()
      if (this.#chance.next() < 0.08) this.#cutOff(() => this.#people.moveMoney(), 40)
      await this.#process(this.#mishap())
      this.#checkAlways()
    }
    if (this.#violations.length === 0) await this.#comeToRest()
    const log = this.#home.disk.content(LOG) ?? ''
    const digest = createHash('sha256').update(log).update(JSON.stringify([this.#venue.orders, this.#venue.executions])).digest('hex')
    return { violations: this.#violations, faults: this.#faults, digest }
  }

  #checkAlways(): void {
    const { disk } = this.#home
    this.#violations.push(...checkAlways(this.#venue, this.#beside, linesOf(disk.content(LOG))), ...checkJournal(disk.content(JOURNAL), disk.content(LOG)))
    this.#violations.push(...this.#allocators.check(), ...this.#people.check())
  }

  #setUp(): void {
    const store = fileStore('/home/memory', this.#home.disk), { keys } = this.#home
    for (const vault of VAULTS) keys.create(vault, formatInstant(this.#nowMs))
    const { vaults: limits, book } = this.#terms
    const vaults = Object.fromEntries([...limits].map(([name, of]) => [name, sealed(name, settingsFor(of), (text) => keys.sign(name, text))]))
    if (book !== undefined) keys.create(BOOK, formatInstant(this.#nowMs))
    const caps = book === undefined ? undefined : sealed(BOOK, bookFor(book), (text) => keys.sign(BOOK, text))
    store.write('vault.json', { vaults, ...(caps !== undefined && { book: caps }) }, 0)
    store.write('vault_overlay.json', defaultOverlay(), 0)
    store.write('sectors.json', { sectors: { ...SECTORS } }, 0)
    for (const subject of SUBJECTS) this.#venue.priceCents.set(subject, 500 + this.#chance.integer(9000))
  }

  /** Time passes for everyone. */
  #pass(ms: number): void {
    this.#nowMs += 1000 + ms
    this.#line.arrive(this.#nowMs)
    this.#venue.step(this.#nowMs, this.#fillChance)
    this.#market.pass(this.#nowMs, this.#resting)
  }

  /** Everything that was on its way arrives; then shares are split and dividends paid, before anyone trades again. */
  #night(): void {
    this.#pass(2 * SETTLE_MS)
    this.#nowMs = NEXT_OPEN_MS
    this.#market.night(this.#nowMs)
    this.#stops.split('ticker:A', 2, NEXT_DAY_MS)
  }

  /** Someone acts while no executor runs, and may be cut off. */
  #cutOff(act: () => void, operations: number): void {
    if (this.#faultRate > 0 && this.#chance.next() < 0.3) this.#home.disk.failAfter(1 + this.#chance.integer(operations), 'crash')
    try {
      act()
    } catch (error) {
      if (!isPowerCut(error)) throw error
      this.#powerCut()
    } finally {
      this.#home.disk.failAfter(Infinity, 'EIO')
    }
  }

  /** While a request is under way, time passes and other people act. Where the power goes, it never comes back from there. */
  async #meanwhile(): Promise<void> {
    this.#nowMs += this.#chance.integer(3000)
    this.#line.arrive(this.#nowMs)
    this.#venue.step(this.#nowMs, 0.3)
    try {
      if (this.#chance.next() < 0.05) this.#people.kill()
    } catch (error) {
      if (!isPowerCut(error)) throw error
      await this.#die()
    }
    await null
  }

  /** Between the reading and the writing of a memory file: one more process is at work in it. */
  #between(): void {
    if (this.#isBetween || this.#faultRate === 0 || this.#chance.next() > 0.1) return
    this.#isBetween = true
    try {
      if (this.#chance.next() < 0.5) this.#allocators.endOne()
      else this.#people.anything()
    } finally {
      this.#isBetween = false
    }
  }

  #die = (): Promise<void> => Promise.resolve()

  #wishes(): Vanta[] {
    const wishes: Vanta[] = []
    while (this.#chance.next() < 0.55) {
      const subject = SUBJECTS[this.#chance.integer(SUBJECTS.length)] ?? 'ticker:A', vault = VAULTS[this.#chance.integer(VAULTS.length)] ?? 'core'
      const fraction = (this.#chance.integer(12) / 100).toFixed(2)
      const maker = ['chatter', 'insider', 'chatter+insider'][this.#chance.integer(3)] ?? 'chatter'
      const wish = target(subject.slice('ticker:'.length), formatInstant(this.#nowMs), fraction, { vault, maker })
      wishes.push(wish)
      // The same allocation may be handed in twice.
      if (this.#chance.next() < 0.1) wishes.push(wish)
    }
    for (const vault of ['core', 'idle']) if (this.#chance.next() < 0.5) wishes.push(...this.#allocators.moment(vault))
    for (const { id } of wishes) this.#allocations.add(id)
    return wishes
  }

  #mishap(): Mishap | undefined {
    if (this.#faultRate === 0) return undefined
    const draw = this.#chance.next()
    return draw < 0.2 ? 'crash' : draw < 0.25 ? 'disk full' : draw < 0.3 ? 'second process' : undefined
  }

  /** One life of the executor, from its start to its end or its sudden death. */
  async #process(mishap: Mishap | undefined): Promise<void> {
    this.#skewMs = this.#faultRate > 0 && this.#chance.next() < 0.1 ? this.#chance.integer(4000) - 2000 : 0
    if (this.#skewMs !== 0) this.#count('wrong clock')
    const isGuard = this.#guards.next() < this.#guardShare
    if (isGuard) this.#count('guard')
    let wishes: Vanta[] = []
    if (!this.#resting) this.#cutOff(() => {
      this.#people.anything()
      if (!isGuard) wishes = this.#wishes()
    }, 60)
    const now = (): number => this.#nowMs + this.#skewMs
    this.#readLog()
    const process = this.#home.process('exec', now, { broker: async () => buggyBroker(this.#line, this.#bug) })
    const { disk } = this.#home
    if (mishap === 'crash') disk.failAfter(1 + this.#chance.integer(120), 'crash')
    if (mishap === 'disk full') disk.failAfter(1 + this.#chance.integer(120), 'ENOSPC')
    const death = new Promise<never>((_, reject) => {
      this.#die = () => {
        reject(new PowerCut())
        return new Promise(() => undefined)
      }
    })
    death.catch(() => undefined)
    let isKept = false
    try {
      await Promise.race([isGuard ? this.#guard(process) : this.#live(process, wishes, mishap), death])
      process.close()
      isKept = true
    } catch (error) {
      if (isPowerCut(error)) return this.#powerCut()
      if (!(error instanceof Failure)) throw error
      this.#leave(this.#emitted.length)
      if (mishap === 'disk full') this.#count('disk full')
      else isKept = error.exit === 'refused' || error.exit === 'again' || error.exit === 'upstream'
      if (error.exit === 'bug') this.#violations.push({ law: 'no error of our own', detail: error.message })
      // With nothing in its way, only the switch may keep it from its work.
      if (this.#resting && error.exit !== 'refused') this.#violations.push({ law: 'it comes to rest', detail: error.message })
      try {
        process.close()
      } catch (closing) {
        if (isPowerCut(closing)) return this.#powerCut()
      }
    } finally {
      process.gone()
      disk.failAfter(Infinity, 'EIO')
      this.#checkDecisions(() => undefined)
      this.#stops.begin(!isKept)
      this.#readLog()
    }
  }

  /** Of what a process wrote a power cut may have left less. */
  #readLog(): void {
    this.#log = [...linesOf(this.#home.disk.content(LOG))]
    this.#checked = Math.min(this.#checked, this.#log.length)
  }

  async #live({ world }: Process, first: readonly Vanta[], mishap: Mishap | undefined): Promise<void> {
    const stage = (await exec.open(execValues, world)) as Stage
    if (mishap === 'second process') await this.#second()
    const moments = this.#resting || this.#chance.next() < 0.7 ? 1 : 2 + this.#chance.integer(2)
    for (const bar of barsOf(this.#terms.volumes, this.#venue.priceCents)) await stage.each(bar, this.#emit)
    for (let moment = 0; moment < moments; moment++) {
      if (moment > 0) {
        this.#pass(this.#chance.integer(60_000))
        this.#people.anything()
      }
      await this.#moment(stage, world.clock.now(), moment === 0 ? first : this.#wishes())
    }
    await stage.end?.(this.#emit)
    await this.#landed(stage)
  }

  async #landed(stage: Stage): Promise<void> {
    this.#leave(this.#emitted.length)
    await stage.landed?.()
    const failure = stage.verdict?.()
    if (failure !== undefined) throw failure
  }

  readonly #emit = ({ id }: Vanta): void => void this.#emitted.push(id)

  /** So many of the records emitted reach whoever reads them; the others are lost with the process. */
  #leave(count: number): void {
    for (const id of this.#emitted.slice(0, count)) this.#told.add(id)
    this.#emitted = []
  }

  /** It is told nothing: what it does, it does by what the venue says. */
  async #guard({ world }: Process): Promise<void> {
    const stage = (await exec.open({ ...execValues, guard: true }, world)) as Stage
    await this.#looked(world.clock.now(), async () => stage.end?.(this.#emit))
    await this.#landed(stage)
  }

  async #moment(stage: Stage, nowMs: number, wishes: readonly Vanta[]): Promise<void> {
    const emit = this.#emit, now = formatInstant(nowMs)
    await this.#looked(nowMs, async () => {
      for (const signal of this.#market.signals(this.#nowMs, this.#bug === 'splits are not heard')) await stage.each(signal, emit)
      for (const [subject, price] of this.#venue.priceCents) {
        if (!this.#resting && this.#market.isSilent()) continue
        this.#stops.tell(subject, nowMs, price)
        await stage.each(last(subject, price, now), emit)
      }
      for (const wish of wishes) await stage.each(wish, emit)
      await stage.each(tick(now), emit)
    })
  }

  /** Whether a moment of decision did what was owed, and nothing that was forbidden. */
  async #looked(nowMs: number, decide: () => Promise<void>): Promise<void> {
    const halt = this.#people.halt, doubts = this.#doubts
    const states = new Map(VAULTS.map((vault) => [vault, this.#people.stateOf(vault)]))
    await decide()
    const isFree = halt === 'none' && this.#people.halt === 'none' && doubts === this.#doubts
    const halted = new Set([...states].flatMap(([vault, state]) => (state === 'halted' ? [vault] : [])))
    this.#violations.push(...this.#stops.check(this.#log, { atMs: nowMs, from: this.#checked, isFree, halted }))
    this.#checkDecisions((vault) => states.get(vault))
  }

  /** Everything decided on since it was last looked. */
  #checkDecisions(stateOf: (vault: string) => string | undefined): void {
    const log = this.#log, from = this.#checked
    this.#violations.push(...checkCaps(log, from, this.#terms, (subject, at) => this.#stops.priceAt(subject, at)))
    this.#violations.push(...checkForbidden(log, from, stateOf, (subject, at) => this.#market.isHaltKnown(subject, millisOf(at))))
    this.#checked = log.length
  }

  #powerCut(): void {
    this.#count('crash')
    this.#leave(this.#loss.integer(this.#emitted.length + 1))
    this.#home.disk.crash((below) => this.#chance.integer(below))
    this.#home.died()
    this.#allocators.died()
  }

  /** Another executor is started while one runs: it must keep its hands off. */
  async #second(): Promise<void> {
    this.#count('second process')
    try {
      await exec.open(execValues, this.#home.process('exec', () => this.#nowMs, { broker: async () => this.#line }).world)
      this.#violations.push({ law: 'one executor a home', detail: 'a second one was let in' })
    } catch (error) {
      if (!(error instanceof Failure) || error.exit !== 'again') throw error
    }
  }

  /** Nothing goes wrong any more, and enough time passes for everything to be heard. */
  async #comeToRest(): Promise<void> {
    this.#faultRate = 0
    if (this.#chance.next() < 0.7) this.#people.allowAll()
    this.#market.resume()
    for (let i = 0; i < 8; i++) {
      this.#resting = i > 4
      // What fills now is told now; in the last rounds nothing moves any more.
      this.#venue.tellLagMs = 0
      this.#fillChance = i > 4 ? 0 : 0.5
      this.#pass(2 * SETTLE_MS + 30_000)
      await this.#process(undefined)
      this.#checkAlways()
    }
    const { disk } = this.#home, log = linesOf(disk.content(LOG))
    if (this.#venue.orders.length === 0) return
    this.#violations.push(...checkAtRest(this.#venue, log, disk.content(LEDGER), new Set([...this.#allocations, ...this.#people.changes()]), this.#beside, this.#outsideCents))
    this.#violations.push(...checkTold([disk.content(LOG), disk.content(JOURNAL)], this.#told))
    this.#violations.push(...checkJournalAtRest(disk.content(JOURNAL), disk.content(LOG), disk.content(LEDGER)))
  }
}

const last = (subject: string, priceCents: number, at: string): Vanta => make('price', {
  at, known_at: at, source: 'simulate', by: 'simulate/1', subject, type: 'last', price: (priceCents / 100).toFixed(2), span: '1m', basis: 'as_traded',
})
