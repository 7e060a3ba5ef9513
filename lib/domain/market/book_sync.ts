/**
 * A book kept in step with its venue: which changes follow on which state, what is held until a snapshot comes, when something was
 * missed. Venues number their messages in three ways, and some not at all; see {@link Chained}.
 */
import { Book } from './book.ts'
import type { Levels } from './levels.ts'

/** Where a message stands in its venue's count. */
export interface Chained {
  /** The state after it. */
  readonly last?: number | undefined
  /** The first of the updates that it sums up: it follows where that is no later than one past our state. */
  readonly first?: number | undefined
  /** The state that it was made from: it follows where that is ours. */
  readonly previous?: number | undefined
}
export interface Change extends Chained {
  readonly bids: Levels
  readonly asks: Levels
  /** The venue tells of so many levels a side: others are out of sight. */
  readonly depth?: number | undefined
  /** Of a snapshot: somebody asked for it beside the stream, so that it may be older than what the stream has told since. */
  readonly isAnswer?: true
}

/** Why a book is no longer known. */
export interface Loss {
  readonly reason: 'sequence' | 'checksum' | 'crossed' | 'digits' | 'connection'
  readonly expected?: string
  readonly found?: string
}

/** Changes that wait for a snapshot; of more the oldest go, since a snapshot will be newer than they. */
const MOST_HELD = 20_000

export class SyncedBook {
  readonly book = new Book()
  #state: 'waiting' | 'live' = 'waiting'
  #last: number | undefined
  /** No change has been applied since the snapshot. */
  #fresh = false
  #depth: number | undefined
  #held: Change[] = []

  get isLive(): boolean {
    return this.#state === 'live'
  }

  get sequence(): number | undefined {
    return this.#last
  }

  /** Changes that wait for a snapshot. */
  get held(): number {
    return this.#held.length
  }

  /** Begin from a snapshot, and apply what was held and follows on it; pass over an answer that is older than what we know. */
  start(snapshot: Change): 'applied' | 'known' | Loss {
    const { last, isAnswer } = snapshot
    if (this.#state === 'live' && isAnswer === true && last !== undefined && this.#last !== undefined && last < this.#last) return 'known'
    this.#depth = snapshot.depth
    const held = this.#held
    this.#held = []
    try {
      this.book.replace(snapshot.bids, snapshot.asks)
    } catch (error) {
      return this.lose(digits(error))
    }
    this.#state = 'live'
    this.#last = snapshot.last
    this.#fresh = true
    for (const [i, change] of held.entries()) {
      const loss = this.take(change)
      if (typeof loss === 'object') {
        this.#held.push(...held.slice(i + 1))
        return loss
      }
    }
    return 'applied'
  }

  /** Apply a change, hold it, pass over what is known already; or say what was missed, and hold it for the next snapshot. */
  take(change: Change): 'applied' | 'held' | 'known' | Loss {
    if (this.#state === 'waiting') {
      this.#hold(change)
      return 'held'
    }
    const { last, first, previous } = change
    const own = this.#last
    if (own !== undefined && last !== undefined) {
      // Made from our state, it follows even where the venue has begun to count anew.
      if (last <= own && (previous !== own || last === own)) return 'known'
      const follows = previous !== undefined ? (this.#fresh ? previous <= own : previous === own) : first === undefined || first <= own + 1
      if (!follows) {
        const loss = this.lose({ reason: 'sequence', expected: String(previous !== undefined ? own : own + 1), found: String(previous ?? first) })
        this.#hold(change)
        return loss
      }
    }
    try {
      this.book.apply(change.bids, change.asks)
    } catch (error) {
      return this.lose(digits(error))
    }
    if (this.#depth !== undefined) this.book.trim(this.#depth)
    if (last !== undefined) this.#last = last
    this.#fresh = false
    return 'applied'
  }

  /** The book is no longer what the venue has: until the next snapshot. */
  lose(loss: Loss): Loss {
    this.#state = 'waiting'
    this.#last = undefined
    return loss
  }

  #hold(change: Change): void {
    this.#held.push(change)
    if (this.#held.length > MOST_HELD) this.#held = this.#held.slice(MOST_HELD / 2)
  }
}

function digits(error: unknown): Loss {
  if (error instanceof RangeError) return { reason: 'digits', found: error.message }
  throw error
}
