/** The books of all vaults, the prices known, and the trade log they are a fold of. */
import { lineOf, millisOf, type Bar, type Control, type Fill, type JournalEntry, type Millis, type Price } from '#record'
import { readAction, type ActionText } from './action_text.ts'
import { isOfVenue, venueAfter, type VenueState } from './beside.ts'
import { Book, type OpenOrder, type Word } from './book.ts'
import type { Mark, Wanted } from './desk.ts'
import { formatFixed } from '../money/decimal.ts'
import type { Entry } from '../money/entry.ts'
import { fixedOf } from '../money/money.ts'
import { JournalTail } from './journal_tail.ts'
import { loggedOf, type Basis, type Kept, type Lines, type Logged } from './kept.ts'
import { entryFor, movementRecord, movesOf, type Motive, type Move } from './movement.ts'
import { Tape } from './tape.ts'
import type { Vault } from '../vault/vault.ts'

/** Where lines are written down: `append` queues, `sync` makes durable, `lines` reads all so far. */
export interface TradeLog {
  append(line: string): void
  sync(): void
  lines(): Iterable<string>
}

export interface Logs {
  /** `logs/trade_log.jsonl`: the truth. */
  readonly trades: TradeLog
  /** `logs/ledger.ndjson`: what follows from it; absent where nobody wants it written. */
  readonly entries?: TradeLog
  /** Who writes. */
  readonly by: string
}

/** An allocation that waits, for a vault. */
export interface Waiting {
  readonly vault: string
  readonly want: Wanted
}

type Heeded = Control & { readonly facts: { readonly vault: string } }
const isHeeded = (record: Control): record is Heeded =>
  (record.type === 'stop' || record.type === 'high') && typeof record.facts?.['vault'] === 'string'

export class Shelf {
  readonly books = new Map<string, Book>()
  /** `since`: the day whose split the price was taken through, where it is from before that. */
  readonly marks = new Map<string, Mark & { price: string; knownAt: string; basis: Basis; since?: string | undefined }>()
  /** Corporate actions heard of, by key. */
  readonly actions = new Map<string, ActionText>()
  readonly #logged = new Set<string>()
  /** What people moved and is not booked in full, by record. */
  readonly #half = new Map<string, Move[]>()
  /** By broker; written down with the books. */
  readonly venues = new Map<string, VenueState>()
  waiting: readonly Waiting[] = []
  readonly tape: Tape
  readonly #journal: TradeLog
  readonly #tail: JournalTail
  readonly #by: string
  readonly #vaultOf: (name: string) => Vault
  /** What a run wrote that was killed before it could know that all of it had been handed on. */
  readonly untold: Logged[] = []
  /** When the last of that was known; -Infinity where there is none. */
  caughtUpToMs = -Infinity
  #told: Lines
  /** By subject, when the last of the fills among them was known. */
  readonly #filledMs = new Map<string, Millis>()
  #isCatchingUp = true
  /** Entries booked that nobody was told of yet. */
  #fresh: JournalEntry[] = []
  #logLines = 0
  /** Lines found in the log may not be durable yet: nothing is built on them before they are. */
  #toSync = true

  /** Throws RangeError or SyntaxError where what was kept, or a log after it, contradicts itself. */
  constructor({ trades, entries, by }: Logs, vaultOf: (name: string) => Vault, kept: Partial<Kept>) {
    this.#journal = trades
    const { log_lines = 0, journal_lines = 0 } = kept
    this.#told = kept.told ?? { log_lines, journal_lines }
    this.#tail = new JournalTail(entries, journal_lines)
    this.#by = by
    this.#vaultOf = vaultOf
    for (const [vault, state] of Object.entries(kept.vaults ?? {})) this.books.set(vault, Book.fromState(vault, state))
    for (const [subject, { price, known_at, basis = 'as_traded', since }] of Object.entries(kept.marks ?? {})) {
      this.marks.set(subject, { price, knownAt: known_at, basis, since })
    }
    for (const action of kept.actions ?? []) this.actions.set(action.key, action)
    for (const [broker, state] of Object.entries(kept.venues ?? {})) this.venues.set(broker, state)
    this.tape = new Tape(kept.halts, kept.tape)
    this.waiting = (kept.waiting ?? []).map(({ vault, want }) => ({ vault, want: { ...want, fraction: fixedOf(want.fraction) } }))
    this.#catchUp(log_lines)
    this.#tail.meet((line, at) => {
      if (at >= this.#told.journal_lines) this.#untell(loggedOf(line, `ledger journal line ${at + 1}`))
    })
    this.#isCatchingUp = false
  }

  /** Book what the log holds beyond the state kept: a run that was killed wrote the one, but not the other. */
  #catchUp(covered: number): void {
    for (const line of this.#journal.lines()) {
      const at = this.#logLines++
      if (at < Math.min(covered, this.#told.log_lines)) continue
      const record = loggedOf(line, `trade log line ${at + 1}`)
      if (at < covered) {
        // The ledger's journal has the entries, those too that stand here.
        if (record.kind !== 'entry') this.#untell(record)
        continue
      }
      this.#untell(record)
      if (record.kind === 'order') this.book(record.vault, record.at).note(record)
      else if (record.kind === 'fill') {
        this.#filledMs.set(record.subject, Math.max(this.#filledMs.get(record.subject) ?? -Infinity, millisOf(record.known_at)))
        this.#note(this.book(record.vault, record.at).fill(record))
      }
      else if (record.kind === 'entry') this.#take(record, line)
      else if (record.kind === 'control' && isOfVenue(record)) this.#ofVenue(record, record.type === 'activity' ? movesOf(record) : [])
      else if (record.kind === 'control' && record.type === 'corporate_action') this.#heard(readAction(record))
      else if (record.kind === 'control' && record.type === 'movement') this.#half.set(record.id, movesOf(record))
      else if (record.kind === 'control' && isHeeded(record)) this.book(record.facts.vault, record.at).heed(record)
    }
    this.#logLines = Math.max(this.#logLines, covered)
  }

  #untell(record: Logged): void {
    if (record.kind !== 'control' || isHeeded(record) || record.type === 'activity') this.untold.push(record)
    this.caughtUpToMs = Math.max(this.caughtUpToMs, millisOf(record.known_at))
  }

  #take(record: JournalEntry, line: string): void {
    const { vault, currency } = record
    let book = this.books.get(vault)
    if (book === undefined) this.books.set(vault, (book = new Book(vault, currency)))
    book.take(record)
    this.#tail.add(line)
    const [cause = ''] = record.parents, left = this.#half.get(cause)?.filter((move) => move.vault !== vault)
    if (left === undefined) return
    if (left.length === 0) this.#half.delete(cause)
    else this.#half.set(cause, left)
  }

  /** Book what people moved: all of it, or none (with a RangeError). Durable after `sync`. */
  move(motive: Motive, moves: readonly Move[]): Control {
    const record = movementRecord(motive, moves)
    for (const { vault, entry } of moves) this.book(vault, motive.at).tried({ ...entry, ref: record.id })
    this.log(record)
    for (const move of moves) this.#posted(record.id, move)
    return record
  }

  /** Book what a run that ended in between has left of a movement. */
  finish(): void {
    for (const [ref, moves] of this.#half) for (const move of moves) this.#posted(ref, move)
    this.#half.clear()
  }

  #posted(ref: string, move: Move): void {
    this.post(move.vault, entryFor(ref, move), { knownAt: move.entry.at, ...(move.subject !== undefined && { subject: move.subject }) })
  }

  #note(entry: JournalEntry): void {
    this.#tail.add(lineOf(entry))
    if (this.#isCatchingUp) this.#untell(entry)
    else this.#fresh.push(entry)
  }

  /** The book of a vault, opened with its capital where there is none yet. */
  book(vault: string, at: string): Book {
    const known = this.books.get(vault)
    if (known !== undefined) return known
    const { currency, capital, lots } = this.#vaultOf(vault)
    const book = new Book(vault, currency)
    this.books.set(vault, book)
    const opening = book.said(book.ledger.open(capital, at, `vault:${vault}`, lots), { by: this.#by, knownAt: at })
    // A log of before there were entries has no opening: it is not written into its past.
    if (!this.#isCatchingUp) this.log(opening)
    this.#note(opening)
    return book
  }

  /** Book a movement that is no fill, and write it down; durable after `sync`. Throws RangeError where it cannot be. */
  post(vault: string, entry: Entry, word: Omit<Word, 'by'>): JournalEntry {
    const book = this.book(vault, entry.at)
    const record = book.post(entry, { ...word, by: this.#by })
    this.log(record)
    this.#note(record)
    return record
  }

  /** Book a fill, and write it down. Throws RangeError where it cannot be. */
  fill(book: Book, fill: Fill): void {
    const entry = book.fill(fill)
    const mark = this.marks.get(fill.subject)
    if (mark !== undefined && mark.knownAt >= fill.at) book.watch.see(fill.subject, fixedOf(mark.price))
    this.log(fill)
    this.#note(entry)
  }

  /** Entries booked since the last time, for the stream. */
  told(): readonly JournalEntry[] {
    const fresh = this.#fresh
    this.#fresh = []
    return fresh
  }

  /** What the subject is worth from now on; books in which a split of it is still to be booked hold other shares than those that are priced. */
  mark(record: Bar | Price, isUnsettled: (book: Book) => boolean = () => false): void {
    const price = record.kind === 'bar' ? record.close : record.price
    this.tape.see(record)
    for (const book of this.books.values()) {
      const held = book.watch.holdings.get(record.subject)
      // Bars of before the entry are told again at every start: they say nothing of how high it stood since.
      if (held !== undefined && record.known_at >= held.since && !isUnsettled(book)) book.watch.see(record.subject, fixedOf(price))
    }
    const mark = this.marks.get(record.subject)
    if (mark === undefined) this.marks.set(record.subject, { price, knownAt: record.known_at, basis: record.basis })
    else if (record.known_at >= mark.knownAt) {
      mark.price = price
      mark.knownAt = record.known_at
      mark.basis = record.basis
      mark.since = undefined
    }
  }

  /** Market data of a subject known by then has passed in a run before, as far as can be told before any of this run's. */
  metMs(subject: string): Millis {
    const traded = [...this.books.values()].map((book) => book.traded(subject)), known = [this.marks.get(subject)?.knownAt, ...traded]
    return Math.max(this.#filledMs.get(subject) ?? -Infinity, ...known.map((at) => (at === undefined ? -Infinity : millisOf(at))))
  }

  /** What prices of a subject count: shares as they were traded, or as later splits made them. */
  basisOf(subject: string): Basis {
    return this.marks.get(subject)?.basis ?? 'as_traded'
  }

  /** Shares became others on a day: a price from before it goes with them, once, until the first of the new ones is known. */
  rebase(subject: string, into: string | undefined, { fresh, old }: { readonly fresh: bigint; readonly old: bigint }, day: string, startMs: Millis): void {
    const mark = this.marks.get(subject)
    if (mark === undefined || millisOf(mark.knownAt) >= startMs || (mark.since ?? '') >= day || (into !== undefined && this.marks.has(into))) return
    const moved = { ...mark, price: formatFixed((fixedOf(mark.price) * old) / fresh), since: day }
    this.marks.set(into ?? subject, moved)
  }

  logAction(record: Control): void {
    this.log(record)
    this.#heard(readAction(record))
  }

  #heard(action: ActionText): void {
    this.actions.set(action.key, action)
    this.#logged.add(action.key)
  }

  /** Whether a kill would not make it forgotten. */
  isLogged(key: string): boolean {
    return this.#logged.has(key)
  }

  /** The book that has or had an order, and the order. */
  find(clientOrderId: string): { readonly book: Book; readonly order: OpenOrder } | undefined {
    for (const book of this.books.values()) {
      const order = book.order(clientOrderId)
      if (order !== undefined) return { book, order }
    }
    return undefined
  }

  /** Everything that orders were ever in, as far as it is remembered. */
  subjects(): ReadonlySet<string> {
    return new Set([...this.books.values()].flatMap((book) => [...book.tradedSubjects()]))
  }

  get hasOpenOrders(): boolean {
    for (const book of this.books.values()) if (book.orders.size > 0) return true
    return false
  }

  /** Whether any vault ever had an order. */
  get hasTraded(): boolean {
    return [...this.books.values()].some((book) => book.hasTraded)
  }

  /** A stop, or a new high: in the book, and written down; durable after `sync`. */
  heed(book: Book, record: Control): void {
    book.heed(record)
    this.log(record)
  }

  /** What a venue's account holds beside the vaults: as they met, or as something has changed it. Written down; durable after `sync`. */
  beside(record: Control): void {
    this.#ofVenue(record, [])
    this.log(record)
  }

  /** An activity at a venue, with all its entries. */
  heard(record: Control, moves: readonly Move[]): void {
    this.#ofVenue(record, [])
    this.log(record)
    for (const move of moves) this.#posted(record.id, move)
  }

  #ofVenue(record: Control, half: Move[]): void {
    const broker = record.source.replace(/^exec\//, '')
    this.venues.set(broker, venueAfter(this.venues.get(broker) ?? {}, record))
    if (half.length > 0) this.#half.set(record.id, half)
  }

  /** Write a record to the trade log; durable after `sync`. */
  log(record: Logged): void {
    this.#journal.append(lineOf(record))
    this.#logLines += 1
    this.#toSync = true
  }

  sync(): void {
    if (this.#toSync) this.#journal.sync()
    this.#toSync = false
    this.#tail.flush()
  }

  /** Make all of it durable, the ledger's journal too: before the state that counts its lines is kept. */
  settle(): void {
    this.sync()
    this.#tail.sync()
  }

  /** What is held, ordered or waited for: another run must be able to value it. */
  #watched(): ReadonlySet<string> {
    const watched = new Set<string>()
    for (const { ledger, orders } of this.books.values()) {
      for (const subject of ledger.subjects()) watched.add(subject)
      for (const { subject } of orders.values()) watched.add(subject)
    }
    for (const { want } of this.waiting) watched.add(want.subject)
    return watched
  }

  get #lines(): Lines {
    return { log_lines: this.#logLines, journal_lines: this.#tail.lines }
  }

  get #isTold(): boolean {
    return this.#told.log_lines === this.#logLines && this.#told.journal_lines === this.#tail.lines
  }

  /** All of it has been handed on. */
  landed(): void {
    this.#told = this.#lines
  }

  toState(): Kept {
    const vaults: { [vault: string]: ReturnType<Book['toState']> } = {}
    const marks: { [subject: string]: { price: string; known_at: string; basis: Basis; since?: string } } = {}
    for (const [vault, book] of this.books) vaults[vault] = book.toState()
    for (const subject of this.#watched()) {
      const mark = this.marks.get(subject)
      if (mark === undefined) continue
      const { price, knownAt, basis, since } = mark
      marks[subject] = { price, known_at: knownAt, basis, ...(since !== undefined && { since }) }
    }
    const waiting = this.waiting.map(({ vault, want }) => ({ vault, want: { ...want, fraction: formatFixed(want.fraction) } }))
    const actions = this.actions.size > 0 ? { actions: [...this.actions.values()] } : {}
    const venues = this.venues.size > 0 ? { venues: Object.fromEntries(this.venues) } : {}
    const halts = this.tape.haltsText(), tape = this.tape.trailsText()
    const more = { ...venues, ...actions, ...(waiting.length > 0 && { waiting }), ...(halts !== undefined && { halts }), ...(tape !== undefined && { tape }) }
    return { ...this.#lines, ...(!this.#isTold && { told: this.#told }), vaults, marks, ...more }
  }
}
