/** Batches of several partitions as one stream again. */
import type { Batch, Placed } from './batch.ts'

/**
 * What was handed out by several partitions, in the order in which it was sent. A partition that gave as much as was asked for may have more that was
 * sent before what others gave: what is later than its last waits until it has been asked again.
 */
export class InOrder {
  #held: Batch[] = []
  readonly #places: number

  /** `places`: as many as one sending takes at most, from a multiple of it on. Of one sending a partition has one batch at most. */
  constructor(places: number) {
    this.#places = places
  }

  /** `cut`: partitions that gave all that was asked for. */
  take(batches: readonly Batch[], cut: ReadonlySet<number>): readonly Batch[] {
    const all = [...this.#held, ...batches]
    const sendingOf = ({ lines }: Batch): number => Math.floor((lines[0]?.place ?? -1) / this.#places)
    const last = new Map<number, number>()
    for (const batch of all) last.set(batch.partition, Math.max(last.get(batch.partition) ?? -1, sendingOf(batch)))
    let until = Infinity
    for (const partition of cut) until = Math.min(until, last.get(partition) ?? Infinity)
    const isDue = (batch: Batch): boolean => sendingOf(batch) <= until
    this.#held = all.filter((batch) => !isDue(batch))
    return all.filter(isDue)
  }

  get waiting(): number {
    return this.#held.length
  }

  /** Forget what a partition has given: somebody else has it now. */
  forget(partition: number): void {
    this.#held = this.#held.filter((batch) => batch.partition !== partition)
  }
}

/** The lines of batches in the order in which they were sent. */
export function linesInOrder(batches: readonly Batch[]): readonly Placed[] {
  const [only, another] = batches
  if (only !== undefined && another === undefined) return only.lines
  return batches.flatMap(({ lines }) => lines).sort((a, b) => a.place - b.place)
}
