/**
 * Brings our books and a broker together, whichever broker it is: every order is written down and made durable before it is
 * sent, what became of it is looked up at the venue, and what the books say is what is acted on.
 */
import { formatInstant, millisOf, type Allocation, type Bar, type Millis, type Price } from '#record'
import type { Book, OpenOrder } from './book.ts'
import { dueExits, plan, type DeskLimits, type Refused, type Wanted } from './desk.ts'
import { Dispatch, type DispatchTerms, type Emit, type Halt } from './dispatch.ts'
import { fixedOf } from '../money/money.ts'
import { refusalRecord } from './order_record.ts'
import type { SignatureFault } from '../vault/signature.ts'
import type { Vault } from '../vault/vault.ts'
import { differences, type Difference } from './reconcile.ts'
import type { Shelf } from './shelf.ts'

export interface Surroundings extends DispatchTerms {
  readonly limits: DeskLimits
  readonly vaultOf: (name: string) => Vault
  /** Why an allocation is not proven to come from its vault. */
  readonly signatureFault: (allocation: Allocation) => SignatureFault | undefined
}

export class Executor {
  readonly shelf: Shelf
  readonly #around: Surroundings
  readonly #dispatch: Dispatch
  /** Allocations that are not proven to come from their vault: they are told so, and nothing else comes of them. */
  readonly #unproven: { readonly vault: string; readonly refused: Refused }[] = []
  #wanted = new Map<string, { readonly vault: string; readonly want: Wanted; readonly knownMs: Millis }>()

  constructor(around: Surroundings, shelf: Shelf) {
    this.#around = around
    this.shelf = shelf
    this.#dispatch = new Dispatch(around, shelf)
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

  /** Ask for the end of every order, and hear what became of them. */
  cancelAll(nowMs: Millis, emit: Emit): Promise<void> {
    return this.#dispatch.cancelAll(nowMs, emit)
  }

  /** Hear what has happened. */
  settle(nowMs: Millis, emit: Emit): Promise<void> {
    return this.#dispatch.settle(nowMs, emit)
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

  /** What still waits is kept with the books: another run may be able to act on it. */
  keep(): void {
    this.shelf.waiting = [...this.#wanted.values()].map(({ vault, want }) => ({ vault, want }))
  }

  /** A price passes: it is what positions are worth, and an embedded broker may fill on it. The record is given away here. */
  observe(record: Bar | Price, emit: Emit): void {
    const fills = this.#around.broker.embedded?.observe(record)
    this.shelf.mark(record)
    emit(record)
    if (fills !== undefined && fills.length > 0) for (const fill of fills) this.#dispatch.filled(fill, emit)
  }

  /** One moment of decision: sells before buys, everything written and synced before the first is sent. */
  async moment(nowMs: Millis, emit: Emit): Promise<void> {
    for (const { vault, refused } of this.#unproven.splice(0)) emit(refusalRecord(vault, refused, formatInstant(nowMs), this.#dispatch.hand))
    await this.#dispatch.settle(nowMs, emit)
    const halt = this.#idle(nowMs) ? undefined : this.#around.halted()
    if (halt !== undefined) return this.#halt(halt, nowMs, emit)
    if (this.#isQuiet(nowMs)) return
    const doubt = await this.#doubt(nowMs)
    if (doubt !== undefined) return this.#hold(doubt, nowMs, emit)
    await this.#trade(this.#takeWanted(nowMs), nowMs, emit)
  }

  async #trade(byVault: ReadonlyMap<string, readonly Wanted[]>, nowMs: Millis, emit: Emit): Promise<void> {
    const ready: { readonly book: Book; readonly order: OpenOrder }[] = []
    for (const [vault, wanted] of byVault) {
      const book = this.#known(vault, nowMs)
      const fresh = await this.#cleared(book, wanted, nowMs, emit)
      const { intents, refused } = plan(book, this.#around.vaultOf(vault), fresh, this.shelf.marks, this.#around.limits, nowMs)
      for (const refusal of refused) this.#refuse(book, refusal, nowMs, emit)
      for (const intent of intents) ready.push({ book, order: this.#dispatch.intend(book, intent, nowMs, emit) })
    }
    if (ready.length === 0) return
    this.shelf.sync()
    for (const { book, order } of ready) await this.#dispatch.send(book, order, nowMs, emit)
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
  async #doubt(nowMs: Millis): Promise<string | undefined> {
    // An embedded broker's account is made of our fills: it is compared at the end of a run.
    if (this.#around.broker.embedded !== undefined) return undefined
    if (this.#dispatch.deaf !== undefined) return this.#dispatch.deaf
    const found = await this.reconcile(nowMs)
    return found.length === 0 ? undefined : found.map(({ detail }) => detail).join('; ')
  }

  /** Nothing is traded on what is not understood. Allocations wait, and are told so once. */
  #hold(doubt: string, nowMs: Millis, emit: Emit): void {
    this.#around.diagnose('unreconciled', { doubt })
    for (const [key, { vault, want, knownMs }] of this.#wanted) {
      if (knownMs > nowMs) continue
      const book = this.#known(vault, nowMs)
      rememberExit(book, want)
      if (want.expiresMs <= nowMs) this.#wanted.delete(key)
      else if (want.held !== true) this.#wanted.set(key, { vault, knownMs, want: { ...want, held: true } })
      else continue
      const code = want.expiresMs <= nowMs ? 'EXPIRED' : 'UNRECONCILED'
      this.#refuse(book, { wanted: want, code, detail: doubt }, nowMs, emit)
    }
  }

  /** By vault: what has been asked for and is known by now, then exits that are due for another attempt. */
  #takeWanted(nowMs: Millis): Map<string, Wanted[]> {
    const byVault = new Map<string, Wanted[]>([...this.shelf.books.keys()].map((vault) => [vault, []]))
    for (const [key, { vault, want, knownMs }] of this.#wanted) {
      if (knownMs > nowMs) continue
      this.#wanted.delete(key)
      const wanted = byVault.get(vault)
      if (wanted === undefined) byVault.set(vault, [want])
      else wanted.push(want)
    }
    for (const [vault, wanted] of byVault) {
      const book = this.shelf.books.get(vault)
      if (book === undefined) continue
      const named = new Set(wanted.map((want) => want.subject))
      wanted.push(...dueExits(book, this.shelf.marks, nowMs).filter((exit) => !named.has(exit.subject)))
    }
    return byVault
  }

  #known(vault: string, nowMs: Millis): Book {
    const had = this.shelf.books.has(vault)
    const book = this.shelf.book(vault, formatInstant(nowMs))
    if (!had) this.#fund(book)
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
      for (const order of book.openIn(want.subject)) {
        await this.#dispatch.cancel(book, order, nowMs, emit)
        cancelled = true
      }
      rememberExit(book, want)
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
        rememberExit(book, want)
        if (!want.retry) this.#refuse(book, { wanted: want, code: 'KILL', detail: why }, nowMs, emit)
      }
    }
    if (flattenBy !== undefined && (await this.#doubt(nowMs)) === undefined) await this.#flatten(flattenBy, nowMs, emit)
  }

  /** Sell all there is; an exit that is under way already goes on under its own name. */
  async #flatten(allocationId: string, nowMs: Millis, emit: Emit): Promise<void> {
    const byVault = new Map<string, Wanted[]>()
    for (const book of this.shelf.books.values()) {
      for (const subject of book.ledger.subjects()) {
        if (book.exits.has(subject)) continue
        const generation = book.nextAttempt(allocationId, subject)
        book.exits.set(subject, { allocationId, subject, band: 'flatten', maker: 'flatten', generation, attemptedAt: '' })
      }
      byVault.set(book.vault, dueExits(book, this.shelf.marks, nowMs))
    }
    await this.#trade(byVault, nowMs, emit)
  }

  #refuse(book: Book, refused: Refused, nowMs: Millis, emit: Emit): void {
    emit(refusalRecord(book.vault, refused, formatInstant(nowMs), this.#dispatch.hand))
  }

  /** Every difference between our books and the venue; none where they agree. Not known is a difference too. */
  async reconcile(nowMs: Millis): Promise<readonly Difference[]> {
    return differences(this.shelf, this.#around.broker, { by: this.#around.by, at: formatInstant(nowMs) })
  }
}

/** A full exit stands until it is done, whatever hinders it now; any other allocation overrules it. */
function rememberExit(book: Book, want: Wanted): void {
  const { allocationId, subject, band, maker } = want
  if (want.fraction !== 0n) book.exits.delete(subject)
  else if (!want.retry && (book.ledger.quantity(subject) > 0n || book.openIn(subject).length > 0)) {
    book.exits.set(subject, { allocationId, subject, band, maker, generation: 0, attemptedAt: '' })
  }
}
