/**
 * Records of many sources in the order in which they happened, as far as that can be known in bounded time: what has come is held
 * until a watermark passes it (Akidau et al., "The Dataflow Model", VLDB 2015). The watermark trails the latest knowledge heard by
 * the lateness that is allowed for.
 */
import type { Millis } from '#record'
import { Heap } from '../lookup/heap.ts'

interface Held<R> {
  readonly record: R
  readonly orderMs: Millis
  readonly sequence: number
}

export interface Timed<R> {
  readonly record: R
  readonly id: string
  readonly parents: readonly string[]
  /** When it happened, by a clock that is right. */
  readonly atMs: Millis
  readonly knownMs: Millis
}

/** What has left, and by how much it came too late to stand in its place: 0 for all that stand there. */
export type Leave<R> = (record: R, lateMs: Millis) => void

/**
 * A record is placed by when it happened, within the time of being known and the lateness before that: something announced does not
 * hold up the present, something long past does not wait. It never stands before a parent that is held with it. Among equals the one that came
 * first is first. What should have stood before something that has left is late, and leaves at once.
 */
export class Aligner<R> {
  readonly #latenessMs: Millis
  readonly #limit: number
  readonly #leave: Leave<R>
  readonly #heap = new Heap<Held<R>>(isBefore)
  /** Where what is held stands, by id, for its children. */
  readonly #places = new Map<string, Millis>()
  readonly #idOf: (record: R) => string
  #watermarkMs = -Infinity
  /** Latest place that has left. */
  #leftMs = -Infinity
  #sequence = 0
  /** Records that had to leave before their time because more were held than the limit. */
  crowded = 0

  constructor({ latenessMs, limit, leave, idOf }: {
    readonly latenessMs: Millis; readonly limit: number; readonly leave: Leave<R>; readonly idOf: (record: R) => string
  }) {
    this.#latenessMs = latenessMs
    this.#limit = limit
    this.#leave = leave
    this.#idOf = idOf
  }

  get held(): number {
    return this.#heap.size
  }

  take({ record, id, parents, atMs, knownMs }: Timed<R>): void {
    let orderMs = Math.min(knownMs, Math.max(atMs, knownMs - this.#latenessMs))
    for (const parent of parents) orderMs = Math.max(orderMs, this.#places.get(parent) ?? -Infinity)
    if (orderMs < this.#leftMs) {
      this.#leave(record, this.#leftMs - orderMs)
      return
    }
    this.#places.set(id, orderMs)
    this.#heap.push({ record, orderMs, sequence: this.#sequence++ })
    this.#watermarkMs = Math.max(this.#watermarkMs, knownMs - this.#latenessMs)
    while ((this.#heap.top?.orderMs ?? Infinity) <= this.#watermarkMs) this.#let()
    while (this.#heap.size > this.#limit) {
      this.crowded++
      this.#let()
    }
  }

  end(): void {
    while (this.#heap.size > 0) this.#let()
  }

  #let(): void {
    const first = this.#heap.pop()
    if (first === undefined) return
    this.#places.delete(this.#idOf(first.record))
    this.#leftMs = Math.max(this.#leftMs, first.orderMs)
    this.#leave(first.record, 0)
  }
}

const isBefore = <R>(a: Held<R>, b: Held<R>): boolean => a.orderMs < b.orderMs || (a.orderMs === b.orderMs && a.sequence < b.sequence)
