/** Books of many markets, kept in step from what is heard of them, and what they say as signals. */
import { formatInstant, make, type Millis, type Signal } from '#record'
import type { Reading } from '#port/payload'
import type { Loss } from '#domain/market/book_sync'
import { SyncedBook } from '#domain/market/book_sync'
import { viewOf, type ViewTerms } from '#domain/market/book_view'
import { namedOf, timesOf, type Hearing } from './naming.ts'
import type { BookSaid, BreakSaid, Market } from './said.ts'

export interface BookTerms extends ViewTerms {
  /** At most one state of each book in so long, by the venues' clocks: the last one. */
  readonly intervalMs: Millis
  /** Every state instead. */
  readonly everyChange: boolean
}

interface State {
  readonly market: Market
  readonly synced: SyncedBook
  /** It has lost its way before: its next snapshot is a return. */
  lost: boolean
  /** What has changed since its last state was told. */
  news: Heard | undefined
  /** The newest moment of the changes that wait for a snapshot. */
  heldMs: Millis
}

/** Books at most: each may hold tens of thousands of levels. */
const MOST_BOOKS = 5000

interface Heard {
  readonly atMs: Millis | undefined
  readonly hearing: Hearing
}

export class Books {
  readonly #terms: BookTerms
  readonly #reading: Reading
  readonly #states = new Map<string, State>()
  /** The same, by the very object that a reader of a venue gives for a market. */
  readonly #byMarket = new WeakMap<Market, State>()
  #bucket = -Infinity

  constructor(terms: BookTerms, reading: Reading) {
    this.#terms = terms
    this.#reading = reading
  }

  /** Of a batch, which lasted an interval when it was heard, the states at its end count alone. */
  *take(said: BookSaid, hearing: Hearing, isBatch: boolean): Generator<Signal> {
    const state = this.#stateOf(said.market)
    if (state === undefined) return this.#reading.reject(`${said.market.venue} ${said.market.symbol ?? ''}`, 'more books than can be held')
    let heard: Heard = { atMs: said.atMs, hearing }
    if (!this.#terms.everyChange && !isBatch) yield* this.#turn(state, heard)
    const { synced } = state
    const taken = said.type === 'snapshot' ? synced.start(said) : synced.take(said)
    if (taken === 'held') state.heldMs = Math.max(state.heldMs, said.atMs ?? -Infinity)
    if (taken === 'held' || taken === 'known') return
    const loss = taken === 'applied' ? this.#judge(synced, said) : taken
    if (loss !== undefined) {
      if (said.type === 'diff') state.heldMs = said.atMs ?? -Infinity
      yield* this.#lose(state, loss, heard)
      return
    }
    // With what was held the book is further on than its snapshot.
    if (said.type === 'snapshot' && synced.sequence !== said.last) {
      const newestMs = Math.max(state.heldMs, said.atMs ?? state.heldMs)
      heard = { atMs: Number.isFinite(newestMs) ? newestMs : undefined, hearing }
    }
    if (said.type === 'snapshot' && state.lost) {
      state.lost = false
      yield this.#signal(state, 'book_resync', heard, { levels: state.synced.book.bids.count + state.synced.book.asks.count })
    }
    state.news = heard
    if (this.#terms.everyChange) yield* this.#tell(state)
  }

  /** A connection missed something: none of its books can be trusted. */
  *break({ venue, loss }: BreakSaid, hearing: Hearing): Generator<Signal> {
    for (const state of this.#states.values()) {
      if (state.market.venue !== venue || !state.synced.isLive) continue
      state.synced.lose(loss)
      yield* this.#lose(state, { ...loss, reason: 'connection' }, { atMs: undefined, hearing })
    }
  }

  /** At the end of a payload: the states that were not told yet. */
  *rest(): Generator<Signal> {
    for (const state of this.#states.values()) yield* this.#tell(state)
  }

  /** Changes that are held because their book has no snapshot. */
  *waiting(): Generator<{ readonly market: Market; readonly changes: number }> {
    for (const { market, synced } of this.#states.values()) if (!synced.isLive && synced.held > 0) yield { market, changes: synced.held }
  }

  /** Whether the book that results can be the venue's. */
  #judge(synced: SyncedBook, said: BookSaid): Loss | undefined {
    const { book } = synced
    const loss = said.check?.(book) ?? (book.isCrossed ? { reason: 'crossed', ...crossing(synced) } as const : undefined)
    return loss === undefined ? undefined : synced.lose(loss)
  }

  *#lose(state: State, { reason, expected, found }: Loss, heard: Heard): Generator<Signal> {
    state.news = undefined
    state.lost = true
    yield this.#signal(state, 'book_gap', heard, { reason, ...(expected !== undefined && { expected }), ...(found !== undefined && { found }) })
  }

  /** Time has come into another interval, for this book or for all: what has changed in the last one is told as it stands. */
  *#turn(state: State, heard: Heard): Generator<Signal> {
    const bucket = this.#bucketOf(heard)
    if (state.news !== undefined && this.#bucketOf(state.news) !== bucket) yield* this.#tell(state)
    // Moments at which something was merely read move nobody else's time.
    if (bucket <= this.#bucket || (heard.atMs === undefined && heard.hearing.localMs === undefined)) return
    this.#bucket = bucket
    for (const other of this.#states.values()) yield* this.#tell(other)
  }

  #bucketOf({ atMs, hearing }: Heard): number {
    return Math.floor(timesOf(hearing, atMs).atMs / this.#terms.intervalMs)
  }

  *#tell(state: State): Generator<Signal> {
    if (state.news === undefined) return
    const heard = state.news
    state.news = undefined
    const { sequence, book } = state.synced
    yield this.#signal(state, 'book', heard, { ...(sequence !== undefined && { sequence: String(sequence) }), ...viewOf(book, this.#terms) })
  }

  #signal({ market }: State, type: string, { atMs, hearing }: Heard, facts: { [name: string]: string | number }): Signal {
    const times = timesOf(hearing, atMs)
    return make('signal', {
      at: formatInstant(times.atMs), known_at: formatInstant(times.knownMs), by: this.#reading.by, type, ...namedOf(market, 'book'),
      facts: {
        venue: market.venue, ...(market.symbol !== undefined && { symbol: market.symbol }), ...facts,
        ...(times.fault !== undefined && { clock: times.fault }),
      },
    })
  }

  #stateOf(market: Market): State | undefined {
    if (market.symbol === undefined) {
      // An answer that does not say what it is of: of the one book of its venue that waits for a snapshot, where there is one.
      const waiting = [...this.#states.values()].filter(({ market: { venue, symbol }, synced }) =>
        venue === market.venue && symbol !== undefined && synced.held > 0 && !synced.isLive)
      if (waiting.length === 1) return waiting[0]
    }
    let state = this.#byMarket.get(market)
    if (state !== undefined) return state
    const key = `${market.venue} ${market.symbol ?? ''}`
    state = this.#states.get(key)
    if (state === undefined) {
      if (this.#states.size >= MOST_BOOKS) return undefined
      this.#states.set(key, (state = { market, synced: new SyncedBook(), lost: false, news: undefined, heldMs: -Infinity }))
    }
    this.#byMarket.set(market, state)
    return state
  }
}

function crossing({ book }: SyncedBook): { readonly found: string } {
  return { found: `bid ${book.best('bids', 1)[0]?.price} at or above ask ${book.best('asks', 1)[0]?.price}` }
}
