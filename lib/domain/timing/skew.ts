/** Clocks of sources that run ahead: what seems to have happened after it was heard. */
import type { Millis } from '#record'

interface Least {
  youngMs: Millis
  oldMs: Millis
  turnMs: Millis
}

/**
 * Estimates by how much each source's clock is ahead: the least delay from happening to hearing within a window of the stream's own
 * time (two generations, as `Seen` has them) cannot be below zero. What is ahead by more than `mostMs` is no clock but something
 * announced. A clock that is behind looks like a slow delivery, and is taken for one.
 */
export class ClockSkew {
  readonly #windowMs: Millis
  readonly #mostMs: Millis
  readonly #sources = new Map<string, Least>()

  constructor(windowMs: Millis, mostMs: Millis) {
    this.#windowMs = windowMs
    this.#mostMs = mostMs
  }

  /** By how much the source's clock is ahead, as known with this record: 0 and up. */
  hear(source: string, atMs: Millis, knownMs: Millis): Millis {
    let least = this.#sources.get(source)
    if (least === undefined) this.#sources.set(source, (least = { youngMs: 0, oldMs: 0, turnMs: knownMs + this.#windowMs }))
    if (knownMs >= least.turnMs) {
      least.oldMs = knownMs >= least.turnMs + this.#windowMs ? 0 : least.youngMs
      least.youngMs = 0
      least.turnMs = knownMs + this.#windowMs
    }
    const aheadMs = atMs - knownMs
    if (aheadMs > least.youngMs && aheadMs <= this.#mostMs) least.youngMs = aheadMs
    return Math.max(least.youngMs, least.oldMs)
  }

  /** Sources whose clocks are ahead now, by name. */
  ahead(): readonly { readonly source: string; readonly aheadMs: Millis }[] {
    return [...this.#sources].map(([source, { youngMs, oldMs }]) => ({ source, aheadMs: Math.max(youngMs, oldMs) }))
      .filter(({ aheadMs }) => aheadMs > 0).sort((a, b) => (a.source < b.source ? -1 : 1))
  }
}
