/**
 * Brings our books and a broker together, whichever broker it is: every order is written down and made durable before it is
 * sent, what became of it is looked up at the venue, and what the books say is what is acted on.
 */
import { formatInstant, millisOf, type Allocation, type Bar, type Millis, type Price, type Signal } from '#record'
import { Activities, remembered } from './activities.ts'
import type { Book, OpenOrder } from './book.ts'
import type { Account } from './broker.ts'
import { dueExits, rememberExit } from './exits.ts'
import { knownPrice, plan, type DeskLimits, type Floor, type Refused, type Wanted } from './desk.ts'
import { Dispatch, type DispatchTerms, type Emit, type Halt } from './dispatch.ts'
import { Guard } from './guard.ts'
import { fixedOf, type Cents, type Fixed } from '../money/money.ts'
import { refusalRecord } from './order_record.ts'
import { heldIn, pricesOf } from './quotes.ts'
import type { SignatureFault } from '../vault/signature.ts'
import type { BookCaps, Vault } from '../vault/vault.ts'
import { differences, type Difference } from './reconcile.ts'
import { PASSING } from './pretrade.ts'
import type { Shelf } from './shelf.ts'
import { Upkeep } from './upkeep.ts'
import { coolingUntil } from './stops.ts'
import { throttled, type Ready } from './throttle.ts'
import { warningRecord, warningsFor } from './warnings.ts'
import { Whole } from './whole.ts'

/** What was set of the vaults; a run may last, and whoever changes something means from then on. */
export interface Settings {
  readonly vaultOf: (name: string) => Vault
  /** Caps over all vaults together, where there are any. */
  readonly bookCaps: BookCaps | undefined
  /** Look at what is set now. */
  renew(): void
}

export interface Surroundings extends DispatchTerms {
  readonly limits: DeskLimits
  /** More wait; 0: as many as there are. */
  readonly ordersPerMinute: number
  /** Rules of tax and of brokers are looked at. */
  readonly warns: boolean
  readonly settings: Settings
  readonly sectorOf: (subject: string) => string
  /** Why an allocation is not proven to come from its vault. */
  readonly signatureFault: (allocation: Allocation) => SignatureFault | undefined
}

export class Executor {
  readonly shelf: Shelf
  readonly #around: Surroundings
  readonly #dispatch: Dispatch
  readonly #upkeep: Upkeep
  readonly #guard: Guard
  readonly #activities: Activities
  /** Allocations that are not proven to come from their vault: they are told so, and nothing else comes of them. */
  readonly #unproven: { readonly vault: string; readonly refused: Refused }[] = []
  #wanted = new Map<string, { readonly vault: string; readonly want: Wanted; readonly knownMs: Millis }>()
  #hasSeen = false
  /** As the venue said it last. */
  #buyingPower: Cents | undefined

  constructor(around: Surroundings, shelf: Shelf) {
    this.#around = around
    this.shelf = shelf
    this.#dispatch = new Dispatch(around, shelf)
    const { vaultOf } = around.settings
    this.#upkeep = new Upkeep({ ...around, vaultOf }, shelf)
    this.#dispatch.beforeFill = (fill) => this.#upkeep.beforeFill(fill)
    this.#activities = new Activities(around, shelf)
    this.#guard = new Guard(shelf, this.#dispatch, this.#upkeep, vaultOf)
    this.#dispatch.afterFill = (book, knownMs) => this.#guard.see(book, knownMs)
    for (const book of shelf.books.values()) this.#fund(book)
    for (const waiting of shelf.waiting) this.#wanted.set(`${waiting.vault} ${waiting.want.subject}`, { ...waiting, knownMs: 0 })
  }

  /** The broker lives and dies with our books. */
  get isEmbedded(): boolean {
    return this.#around.broker.embedded !== undefined
  }

  /** Orders sent in this run. */
  get sent(): number {
    return this.#dispatch.sent
  }

  /** Take up the orders that an earlier run left open. */
  resume(nowMs: Millis, emit: Emit): Promise<void> {
    return this.#dispatch.resume(nowMs, emit)
  }

  cancelAll(nowMs: Millis, emit: Emit): Promise<void> {
    return this.#dispatch.cancelAll(nowMs, emit)
  }

  /** Wait, shorter where the venue stirs. */
  async stirred(withinMs: Millis, pause: (ms: Millis) => Promise<void>): Promise<void> {
    const { broker } = this.#around
    await (broker.stirred === undefined ? pause(withinMs) : broker.stirred(withinMs))
  }

  /** Nothing more will be asked of the venue. */
  close(): void {
    this.#around.broker.close?.()
  }

  #fund(book: Book): void {
    const { ledger } = book
    const positions = new Map([...ledger.subjects()].map((subject) => [subject, ledger.quantity(subject)] as const))
    this.#around.broker.embedded?.fund(book.vault, { cash: ledger.money, positions })
  }

  /** Allocations are held until the next moment of decision. */
  want(allocation: Allocation): void {
    const { id, vault, subject, direction, fraction, band, maker = 'unknown', expires_at, known_at } = allocation
    const size = { fraction: fixedOf(fraction), band, maker, expiresMs: millisOf(expires_at) }
    const want = { allocationId: id, subject, direction, ...size, generation: 0, retry: false }
    const fault = this.#around.signatureFault(allocation)
    if (fault !== undefined) this.#unproven.push({ vault, refused: { wanted: want, ...fault } })
    else this.#wanted.set(`${vault} ${subject}`, { vault, want, knownMs: millisOf(known_at) })
  }
  get waiting(): boolean {
    return this.#wanted.size > 0 || this.#unproven.length > 0
  }

  /** A corporate action becomes known; all other signals pass. */
  hear(signal: Signal): void {
    this.#upkeep.hear(signal)
  }

  /** What still waits is kept with the books: another run may be able to act on it. */
  keep(nowMs: Millis): void {
    this.#upkeep.tidy(formatInstant(nowMs))
    for (const [name, state] of this.shelf.venues) this.shelf.venues.set(name, remembered(state, nowMs))
    this.shelf.waiting = [...this.#wanted.values()].map(({ vault, want }) => ({ vault, want }))
  }

  /** A price passes: it is what positions are worth, and an embedded broker may fill on it. The record is given away here. */
  observe(record: Bar | Price, emit: Emit): void | Promise<void> {
    // Only an embedded broker trades on what passes here: another's fills are heard at moments of decision.
    if (this.isEmbedded && this.#upkeep.isDue(record.at)) return this.#upkept(record.at, emit).then(() => this.#pass(record, emit))
    this.#pass(record, emit)
  }

  /** Ask the venue what is held trades at, as if it had passed here. Why that is not known of some of it, or undefined. */
  async quote(nowMs: Millis, emit: Emit): Promise<string | undefined> {
    const { broker, diagnose } = this.#around, held = heldIn(this.shelf)
    if (held.length === 0 || broker.quotes === undefined) return undefined
    const told = await broker.quotes(held)
    const missing = 'unknown' in told ? held : held.filter((subject) => (told.told.get(subject)?.price ?? 0n) <= 0n)
    if ('told' in told) for (const price of pricesOf(told.told, this.shelf, nowMs, this.#dispatch.hand)) await this.observe(price, emit)
    if (missing.length === 0) return undefined
    const why = `the venue does not tell the price of ${missing.join(', ')}${'unknown' in told ? `: ${told.unknown}` : ''}`
    diagnose('no_quote', { why })
    return why
  }

  #pass(record: Bar | Price, emit: Emit): void {
    // What is halted does not trade, whatever a record of prices says.
    const isHalted = record.kind === 'price' && this.isEmbedded && this.shelf.tape.haltIn(record.subject, millisOf(record.at)) !== undefined
    const fills = isHalted ? undefined : this.#around.broker.embedded?.observe(record)
    // What has moved since another run, such as capital, moved at the prices known then.
    if (!this.#hasSeen) this.#guard.seeAll(millisOf(record.known_at))
    this.#hasSeen = true
    this.shelf.mark(record, (book) => this.#upkeep.unsettled(book, record.subject, record.known_at) !== undefined)
    for (const book of this.shelf.books.values()) if (book.ledger.quantity(record.subject) > 0n) this.#guard.see(book, millisOf(record.known_at))
    emit(record)
    if (fills === undefined || fills.length === 0) return
    for (const fill of fills) this.#dispatch.filled(fill, emit)
    this.#upkeep.changed()
  }

  /** Book what is due. Orders in what changes are ended first; those that cannot be stay, and it waits. */
  async #upkept(at: string, emit: Emit): Promise<void> {
    const changing = new Set(this.#upkeep.changing(at))
    for (const book of changing.size === 0 ? [] : this.shelf.books.values()) {
      for (const order of [...book.orders.values()]) if (changing.has(order.subject)) await this.#dispatch.cancel(book, order, millisOf(at), emit)
    }
    if (changing.size > 0) await this.#dispatch.settle(millisOf(at), emit)
    this.#upkeep.run(at)
    this.#guard.seeAll(millisOf(at))
    this.#dispatch.tell(emit)
    for (const book of this.shelf.books.values()) this.#fund(book)
  }

  /**
   * One moment of decision: sells before buys, everything written and synced before the first is sent. Who hears nobody decides on what is `held`
   * alone: of halts and of whatever else speaks against a purchase it knows nothing, so that allocations wait for one who does.
   */
  async moment(nowMs: Millis, emit: Emit, on: 'all' | 'held' = 'all'): Promise<void> {
    // Told again after a kill: it was decided on, and its prices are no longer those of what is held. What waits is decided on at the next.
    if (this.isEmbedded && nowMs < this.shelf.caughtUpToMs) return
    this.#around.settings.renew()
    for (const { vault, refused } of this.#unproven.splice(0)) emit(refusalRecord(vault, refused, formatInstant(nowMs), this.#dispatch.hand))
    await this.#dispatch.settle(nowMs, emit)
    this.#upkeep.changed()
    if (this.#upkeep.isDue(formatInstant(nowMs))) await this.#upkept(formatInstant(nowMs), emit)
    const halt = this.#idle(nowMs) ? undefined : this.#around.halted()
    if (halt !== undefined) return this.#halt(halt, nowMs, emit)
    this.#guard.noteHighs(nowMs, emit)
    if (this.#isQuiet(nowMs) && !this.stopsDue(nowMs)) return
    const doubt = await this.#doubt(nowMs, emit)
    if (doubt !== undefined) return this.#hold(doubt, nowMs, emit)
    await this.#guard.stop(nowMs, emit)
    await this.#trade(on === 'all' ? this.#takeWanted(nowMs) : this.#nobodyWants(), nowMs, emit)
  }

  async #trade(byVault: ReadonlyMap<string, readonly Wanted[]>, nowMs: Millis, emit: Emit): Promise<void> {
    const ready: Ready[] = []
    const cleared: { readonly book: Book; readonly fresh: readonly Wanted[] }[] = []
    for (const [vault, wanted] of byVault) {
      const book = this.#known(vault, nowMs)
      const fresh = await this.#cleared(book, wanted, nowMs, emit)
      // What was turned away holds up no exit.
      const named = new Set(fresh.map(({ subject }) => subject))
      const exits = dueExits(book, this.shelf.marks, nowMs).filter(({ subject }) => !named.has(subject))
      cleared.push({ book, fresh: [...fresh, ...(await this.#cleared(book, exits, nowMs, emit))] })
    }
    const floor = this.#floor(nowMs)
    for (const { book, fresh } of cleared) {
      const { intents, refused } = plan(book, this.#around.settings.vaultOf(book.vault), fresh, this.shelf.marks, this.#around.limits, nowMs, floor)
      for (const refusal of refused) this.#decline(book, refusal, nowMs, emit)
      for (const intent of intents) ready.push({ book, intent })
    }
    const { go, wait, detail } = throttled(ready, this.shelf.books.values(), this.#around.ordersPerMinute, nowMs)
    for (const { book, intent: { wanted } } of wait) this.#decline(book, { wanted, code: 'THROTTLE', detail }, nowMs, emit)
    await this.#send(go, nowMs, emit)
  }

  async #send(ready: readonly Ready[], nowMs: Millis, emit: Emit): Promise<void> {
    const orders = ready.map(({ book, intent }) => ({ book, order: this.#dispatch.intend(book, intent, nowMs, emit) }))
    if (orders.length === 0) return
    for (const { book, order } of orders) this.#warn(book, order, nowMs, emit)
    this.shelf.sync()
    for (const { book, order } of orders) await this.#dispatch.send(book, order, nowMs, emit)
    this.#upkeep.changed()
  }

  #floor(nowMs: Millis): Floor {
    const { sectorOf, settings: { bookCaps } } = this.#around, priceOf = (subject: string): Fixed | undefined => knownPrice(this.shelf.marks, subject, nowMs)
    return { whole: new Whole(this.shelf.books.values(), bookCaps, priceOf, this.#buyingPower), tape: this.shelf.tape, sectorOf }
  }

  /** Declined: for good, or until it passes, which is told once. An exit that is tried again is not told at all. */
  #decline(book: Book, refused: Refused, nowMs: Millis, emit: Emit): void {
    const { wanted, code, detail } = refused
    if (wanted.retry) return this.#around.diagnose('exit_waits', { vault: book.vault, subject: wanted.subject, code, detail })
    if (PASSING.has(code)) this.#wanted.set(`${book.vault} ${wanted.subject}`, { vault: book.vault, want: { ...wanted, held: true }, knownMs: nowMs })
    if (!PASSING.has(code) || wanted.held !== true) this.#refuse(book, refused, nowMs, emit)
  }

  #warn(book: Book, order: OpenOrder, nowMs: Millis, emit: Emit): void {
    if (!this.#around.warns) return
    const books = [...this.shelf.books.values()], { by, broker } = this.#dispatch.hand
    const equity = books.reduce((sum, { ledger }) => sum + ledger.equityAt((subject) => knownPrice(this.shelf.marks, subject, nowMs)), 0n)
    for (const said of warningsFor(order, book, books, equity, nowMs)) emit(warningRecord(book.vault, order, said, nowMs, by, broker))
  }

  /** Whether a position has reached a stop. */
  stopsDue(nowMs: Millis): boolean {
    return this.#guard.isDue(nowMs)
  }

  /** Nothing to do, and nothing that a halt would have to undo. */
  #idle(nowMs: Millis): boolean {
    if (!this.#isQuiet(nowMs) || this.shelf.hasOpenOrders) return false
    for (const { ledger } of this.shelf.books.values()) if (ledger.positions > 0) return false
    return true
  }

  /** Nobody wants anything. */
  #isQuiet(nowMs: Millis): boolean {
    if (this.waiting) return false
    for (const book of this.shelf.books.values()) if (dueExits(book, this.shelf.marks, nowMs).length > 0) return false
    return true
  }

  /** Why nothing may be traded now: the venue is not heard, or tells another story than the books. */
  async #doubt(nowMs: Millis, emit: Emit): Promise<string | undefined> {
    // An embedded broker's account is made of our fills: it is compared at the end of a run.
    if (this.#around.broker.embedded !== undefined) return undefined
    if (this.#dispatch.deaf !== undefined) return this.#dispatch.deaf
    const found = await this.reconcile(nowMs, emit)
    return found.length === 0 ? undefined : found.map(({ detail }) => detail).join('; ')
  }

  /** Nothing is traded on what is not understood. Allocations wait, and are told so once. */
  #hold(doubt: string, nowMs: Millis, emit: Emit): void {
    this.#around.diagnose('unreconciled', { doubt })
    for (const [key, { vault, want, knownMs }] of this.#wanted) {
      if (knownMs > nowMs) continue
      const book = this.#known(vault, nowMs)
      rememberExit(book, want, nowMs)
      if (want.expiresMs <= nowMs) this.#wanted.delete(key)
      else if (want.held !== true) this.#wanted.set(key, { vault, knownMs, want: { ...want, held: true } })
      else continue
      const code = want.expiresMs <= nowMs ? 'EXPIRED' : 'UNRECONCILED'
      this.#refuse(book, { wanted: want, code, detail: doubt }, nowMs, emit)
    }
  }

  #nobodyWants(): Map<string, Wanted[]> {
    return new Map([...this.shelf.books.keys()].map((vault) => [vault, []]))
  }

  /** By vault, those with books first: what has been asked for and is known by now. */
  #takeWanted(nowMs: Millis): Map<string, Wanted[]> {
    const byVault = this.#nobodyWants()
    for (const [key, { vault, want, knownMs }] of this.#wanted) {
      if (knownMs > nowMs) continue
      this.#wanted.delete(key)
      const wanted = byVault.get(vault)
      if (wanted === undefined) byVault.set(vault, [want])
      else wanted.push(want)
    }
    return byVault
  }

  #known(vault: string, nowMs: Millis): Book {
    const had = this.shelf.books.has(vault), book = this.shelf.book(vault, formatInstant(nowMs))
    if (had) return book
    this.#fund(book)
    this.#guard.see(book, nowMs)
    return book
  }

  /** Turn away what was acted on before, and cancel what is still open in the subjects of the rest. */
  async #cleared(book: Book, wanted: readonly Wanted[], nowMs: Millis, emit: Emit): Promise<Wanted[]> {
    const fresh: Wanted[] = []
    let cancelled = false
    for (const want of wanted) {
      if (!want.retry && book.acted(want.allocationId)) {
        const detail = `allocation ${want.allocationId} was acted on before`
        this.#refuse(book, { wanted: want, code: 'DUPLICATE', detail }, nowMs, emit)
        continue
      }
      const until = want.fraction === 0n ? undefined : coolingUntil(book, want.subject, nowMs)
      if (until !== undefined) {
        this.#refuse(book, { wanted: want, code: 'COOLDOWN', detail: `a stop left ${want.subject}: not before ${until}` }, nowMs, emit)
        continue
      }
      const ended = this.#upkeep.endOf(want.subject, formatInstant(nowMs))
      if (ended !== undefined) {
        if (!want.retry) this.#refuse(book, { wanted: want, code: 'DELISTED', detail: `${want.subject} trades no more since ${ended}` }, nowMs, emit)
        continue
      }
      const unsettled = this.#upkeep.unsettled(book, want.subject, formatInstant(nowMs))
      if (unsettled !== undefined) {
        rememberExit(book, want, nowMs)
        if (!want.retry) this.#refuse(book, { wanted: want, code: 'CORPORATE_ACTION', detail: unsettled }, nowMs, emit)
        continue
      }
      for (const order of book.openIn(want.subject)) {
        await this.#dispatch.cancel(book, order, nowMs, emit)
        cancelled = true
      }
      rememberExit(book, want, nowMs)
      fresh.push(want)
    }
    if (cancelled) await this.#dispatch.settle(nowMs, emit)
    return fresh
  }

  async #halt({ why, flattenBy }: Halt, nowMs: Millis, emit: Emit): Promise<void> {
    await this.#dispatch.cancelAll(nowMs, emit)
    for (const [vault, wanted] of this.#takeWanted(nowMs)) {
      const book = this.#known(vault, nowMs)
      for (const want of wanted) {
        rememberExit(book, want, nowMs)
        this.#refuse(book, { wanted: want, code: 'KILL', detail: why }, nowMs, emit)
      }
    }
    if (flattenBy !== undefined && (await this.#doubt(nowMs, emit)) === undefined) await this.#flatten(flattenBy, nowMs, emit)
  }

  /** Sell all there is; an exit that is under way already goes on under its own name. */
  async #flatten(allocationId: string, nowMs: Millis, emit: Emit): Promise<void> {
    for (const book of this.shelf.books.values()) {
      for (const subject of book.ledger.subjects()) {
        if (book.exits.has(subject)) continue
        const generation = book.nextAttempt(allocationId, subject)
        book.exits.set(subject, { allocationId, subject, band: 'flatten', maker: 'flatten', generation, attemptedAt: '' })
      }
    }
    await this.#trade(this.#nobodyWants(), nowMs, emit)
  }

  #refuse(book: Book, refused: Refused, nowMs: Millis, emit: Emit): void {
    emit(refusalRecord(book.vault, refused, formatInstant(nowMs), this.#dispatch.hand))
  }

  /** Book what has moved there without any order; then every difference between our books and the venue, none where they agree. */
  async reconcile(nowMs: Millis, emit: Emit): Promise<readonly Difference[]> {
    for (const record of await this.#activities.hear(nowMs)) emit(record)
    this.#guard.seeAll(nowMs)
    this.#dispatch.tell(emit)
    const heard = ({ buyingPower }: Account): void => void (this.#buyingPower = buyingPower)
    return differences(this.shelf, this.#around.broker, { by: this.#around.by, at: formatInstant(nowMs), heard })
  }
}
