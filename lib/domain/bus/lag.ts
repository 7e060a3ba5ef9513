/** Where a group of readers stands in a stream. */
import { formatPosition } from './position.ts'

export interface PartitionLag {
  /** All up to here is done with, in the bus's own words for a position (`position.ts`). */
  readonly done: string
  /** Lines or entries handed to nobody yet; undefined where the bus cannot say. */
  readonly waiting: number | undefined
  /** Those that someone has not finished. */
  readonly unfinished: number
}

export interface Lag {
  readonly group: string
  /** By partition; all of them. */
  readonly partitions: readonly PartitionLag[]
  readonly members: number
}

/** Of all partitions together. `waiting` is null where it is not known of one. */
export interface Behind {
  readonly group: string
  readonly waiting: number | null
  readonly unfinished: number
  readonly members: number
}

export function behindOf({ group, partitions, members }: Lag): Behind {
  const waiting = partitions.reduce<number | null>((sum, one) => (sum === null || one.waiting === undefined ? null : sum + one.waiting), 0)
  return { group, waiting, unfinished: partitions.reduce((sum, { unfinished }) => sum + unfinished, 0), members }
}

/** The position from which the group would hear again what it is not done with. */
export const doneOf = ({ partitions }: Lag): string => formatPosition({ offsets: partitions.map(({ done }) => done) })
