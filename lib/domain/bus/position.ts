/**
 * How far a stream goes, or a reader of it has come, in words that can be written down and given back: `0:1234,1:98`. Of each partition its offset, in
 * the bus's own words: in a file the byte at which the next line begins, in Redis the id of the last entry read (`0-0`: none), in Kafka the offset of
 * the next. What stands behind a position is what was sent after it was asked for.
 */

export interface Position {
  /** By partition; all of them. */
  readonly offsets: readonly string[]
}

export const formatPosition = ({ offsets }: Position): string => offsets.map((offset, partition) => `${partition}:${offset}`).join(',')

const PART = /^(\d{1,6}):(\d{1,20}(?:-\d{1,20})?)$/

/** Undefined where the text is no position: a partition is missing, or there twice. */
export function parsePosition(text: string): Position | undefined {
  const offsets = new Map<number, string>()
  for (const part of text.split(',')) {
    const [, partition, offset] = PART.exec(part) ?? []
    if (partition === undefined || offset === undefined || offsets.has(Number(partition))) return undefined
    offsets.set(Number(partition), offset)
  }
  const list = Array.from({ length: offsets.size }, (_, partition) => offsets.get(partition))
  return list.every((offset) => offset !== undefined) ? { offsets: list } : undefined
}

/** An offset as numbers, the greater first: an id of Redis has two, all others one. */
const partsOf = (offset: string): readonly bigint[] => offset.split('-').map(BigInt)

const isBefore = (a: string, b: string): boolean => {
  const [high = 0n, low = 0n] = partsOf(a), [highB = 0n, lowB = 0n] = partsOf(b)
  return high < highB || (high === highB && low < lowB)
}

/**
 * What is wrong with a position in a stream that is kept from `starts` to `ends`, in words; undefined where nothing is: another number of partitions,
 * offsets of another kind of bus, one behind the end, as where the stream was made anew, or one behind which lines were dropped.
 */
export function faultOf({ offsets }: Position, { starts, ends }: { readonly starts: Position; readonly ends: Position }): string | undefined {
  if (offsets.length !== ends.offsets.length) return `the stream has ${ends.offsets.length} partitions, the position names ${offsets.length}`
  for (const [partition, offset] of offsets.entries()) {
    const end = ends.offsets[partition] ?? '', start = starts.offsets[partition] ?? end
    if (partsOf(offset).length !== partsOf(end).length) return `offsets of this stream are like ${end}, not like ${offset}`
    if (isBefore(end, offset)) return `partition ${partition} goes to ${end}, not to ${offset}`
    if (isBefore(offset, start)) {
      return `what stood behind ${offset} of partition ${partition} is no longer kept: the first position that is, is ${formatPosition(starts)}, or "beginning"`
    }
  }
  return undefined
}
