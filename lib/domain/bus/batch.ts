/** What a stream hands out, in the words of the port (`lib/port/bus.ts`). */

/** A line and its place among all of the stream: what was sent first has the lower place. */
export interface Placed {
  readonly line: string
  readonly place: number
}

/** Lines that are handed out together, of one partition, in their order. */
export interface Batch {
  readonly partition: number
  /** Where they stand, in the bus's own words; what is done with is named by it. */
  readonly offset: string
  readonly lines: readonly Placed[]
}
