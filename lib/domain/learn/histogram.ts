/** Sums of derivatives by bin of every feature: all that a split of a boosted tree is chosen by. */
import type { Table } from './table.ts'

/** Most cuts of one feature. */
const CUTS_MAX = 254

/** Values between which a feature may be split, ascending: all of them where there are few, else about equally filled ones. */
export function cutPoints(column: Float64Array): Float64Array {
  const sorted = presentOf(column).sort()
  const distinct: number[] = []
  let last = NaN
  for (let i = 0; i < sorted.length && distinct.length <= CUTS_MAX + 1; i++) {
    const value = sorted[i] ?? NaN
    if (value === last) continue
    distinct.push(value)
    last = value
  }
  const between = (low: number, high: number): number => {
    const middle = low + (high - low) / 2
    return middle < high ? middle : low
  }
  const cuts: number[] = []
  if (distinct.length <= CUTS_MAX + 1) {
    for (let i = 1; i < distinct.length; i++) cuts.push(between(distinct[i - 1] ?? 0, distinct[i] ?? 0))
    return Float64Array.from(cuts)
  }
  const share = sorted.length / (CUTS_MAX + 1)
  for (let k = 1; k <= CUTS_MAX; k++) {
    const place = Math.floor(k * share)
    const low = sorted[place - 1] ?? 0
    let next = place
    while (next < sorted.length && sorted[next] === low) next++
    if (next >= sorted.length) break
    const cut = between(low, sorted[next] ?? 0)
    if (cuts.at(-1) === undefined || cut > (cuts.at(-1) ?? 0)) cuts.push(cut)
  }
  return Float64Array.from(cuts)
}

/** The values that are not missing. */
function presentOf(column: Float64Array): Float64Array {
  const present = new Float64Array(column.length)
  let count = 0
  for (let row = 0; row < column.length; row++) {
    const value = column[row] ?? NaN
    if (!Number.isNaN(value)) present[count++] = value
  }
  return present.subarray(0, count)
}

/** Bin 0 is missing; bin b holds values up to and including cut b - 1, the last those above all: 256 of them at most. */
export function binsOf(column: Float64Array, cuts: Float64Array): Uint8Array {
  const bins = new Uint8Array(column.length)
  for (let row = 0; row < column.length; row++) {
    const value = column[row] ?? NaN
    if (Number.isNaN(value)) continue
    let low = 0, high = cuts.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (value <= (cuts[middle] ?? 0)) high = middle
      else low = middle + 1
    }
    bins[row] = low + 1
  }
  return bins
}

/**
 * A table as bins, and where those of each feature begin among the bins of all. Columns are counted by fours; what lacks to that is
 * made up by columns of no feature.
 */
export interface Binned {
  readonly rows: number
  readonly columns: readonly Uint8Array[]
  readonly starts: readonly number[]
  /** Of the features alone. */
  readonly cuts: readonly Float64Array[]
  /** Of all features together; one more is that of no feature. */
  readonly bins: number
}

export function binned({ rows, columns }: Table): Binned {
  const cuts = columns.map(cutPoints)
  const starts: number[] = []
  let bins = 0
  for (const { length } of cuts) {
    starts.push(bins)
    bins += length + 2
  }
  const bits = columns.map((column, f) => binsOf(column, cuts[f] ?? new Float64Array(0)))
  while (bits.length % 4 !== 0) {
    bits.push(new Uint8Array(rows))
    starts.push(bins)
  }
  return { rows, columns: bits, cuts, starts, bins }
}

/** The features' bins one after another. */
export class Histogram {
  /** Sums of first and second derivatives by turns: those of bin b stand at 2b and 2b + 1. */
  readonly sums: Float64Array
  readonly count: Uint32Array

  constructor(bins: number) {
    this.sums = new Float64Array(2 * bins + 2)
    this.count = new Uint32Array(bins + 1)
  }

  /**
   * Count these rows anew; `gradient` and `hessian` are those of the rows, in their order. Four features at a time: their sums do not wait
   * for one another, and what is read of a row is read once. Each bin adds up in the order of the rows.
   */
  fill({ columns, starts }: Binned, rows: Uint32Array, gradient: Float64Array, hessian: Float64Array): void {
    this.sums.fill(0)
    this.count.fill(0)
    for (let f = 0; f < columns.length; f += 4) addFour(this, columns.slice(f, f + 4), starts.slice(f, f + 4), rows, gradient, hessian)
  }

  /** Take away the rows of `other`, all of them among these. */
  subtract(other: Histogram): void {
    const { sums, count } = this
    for (let b = 0; b < count.length; b++) {
      const left = (count[b] ?? 0) - (other.count[b] ?? 0)
      count[b] = left
      // An empty bin is exactly empty, whatever the rounding of the sums left.
      sums[2 * b] = left === 0 ? 0 : (sums[2 * b] ?? 0) - (other.sums[2 * b] ?? 0)
      sums[2 * b + 1] = left === 0 ? 0 : (sums[2 * b + 1] ?? 0) - (other.sums[2 * b + 1] ?? 0)
    }
  }
}

const NONE = new Uint8Array(0)

function addFour(
  { sums, count }: Histogram, [one = NONE, two = NONE, three = NONE, four = NONE]: readonly Uint8Array[],
  [first = 0, second = 0, third = 0, fourth = 0]: readonly number[], rows: Uint32Array, gradient: Float64Array, hessian: Float64Array,
): void {
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] ?? 0, g = gradient[i] ?? 0, h = hessian[i] ?? 0
    const a = first + (one[row] ?? 0), b = second + (two[row] ?? 0), c = third + (three[row] ?? 0), d = fourth + (four[row] ?? 0)
    sums[2 * a] = (sums[2 * a] ?? 0) + g
    sums[2 * a + 1] = (sums[2 * a + 1] ?? 0) + h
    count[a] = (count[a] ?? 0) + 1
    sums[2 * b] = (sums[2 * b] ?? 0) + g
    sums[2 * b + 1] = (sums[2 * b + 1] ?? 0) + h
    count[b] = (count[b] ?? 0) + 1
    sums[2 * c] = (sums[2 * c] ?? 0) + g
    sums[2 * c + 1] = (sums[2 * c + 1] ?? 0) + h
    count[c] = (count[c] ?? 0) + 1
    sums[2 * d] = (sums[2 * d] ?? 0) + g
    sums[2 * d + 1] = (sums[2 * d + 1] ?? 0) + h
    count[d] = (count[d] ?? 0) + 1
  }
}
