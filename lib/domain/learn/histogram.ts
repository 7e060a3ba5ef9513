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
function binsOf(column: Float64Array, cuts: Float64Array): Uint8Array {
  const bins = new Uint8Array(column.length)
  // Filled up to a power of two, so that every search takes the same steps and none of them is a branch to be guessed.
  const padded = new Float64Array(256).fill(Infinity)
  padded.set(cuts)
  for (let row = 0; row < column.length; row++) {
    const value = column[row] ?? NaN
    if (Number.isNaN(value)) continue
    let below = Number(value > (padded[127] ?? 0)) << 7
    below += Number(value > (padded[below + 63] ?? 0)) << 6
    below += Number(value > (padded[below + 31] ?? 0)) << 5
    below += Number(value > (padded[below + 15] ?? 0)) << 4
    below += Number(value > (padded[below + 7] ?? 0)) << 3
    below += Number(value > (padded[below + 3] ?? 0)) << 2
    below += Number(value > (padded[below + 1] ?? 0)) << 1
    below += Number(value > (padded[below] ?? 0))
    bins[row] = below + 1
  }
  return bins
}

/** A table as bins, and where those of each feature begin among the bins of all. */
export interface Binned {
  readonly rows: number
  /** By fours of features the bins of each row, a byte each, the first lowest. What lacks to four is made up by features of one bin. */
  readonly fours: readonly Uint32Array[]
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
  const fours = Array.from({ length: Math.ceil(columns.length / 4) }, () => new Uint32Array(rows))
  columns.forEach((column, f) => {
    const four = fours[f >> 2], shift = 8 * (f & 3)
    if (four !== undefined) binsOf(column, cuts[f] ?? new Float64Array(0)).forEach((bin, row) => (four[row] = (four[row] ?? 0) | (bin << shift)))
  })
  while (starts.length < 4 * fours.length) starts.push(bins)
  return { rows, fours, starts, cuts, bins }
}

export const binOf = ({ fours }: Binned, feature: number, row: number): number => ((fours[feature >> 2]?.[row] ?? 0) >>> (8 * (feature & 3))) & 255

/**
 * Derivatives of rows, rounded so that every sum of some of them is exact: sums are the same in whatever order, and those of a part taken from those
 * of the whole are those of the rest. A row counts as `one` beside its second derivative, in one number, because `one` is above the sum of them all;
 * of 100,000 rows second derivatives keep 18 bits on average, first ones more than 30.
 */
export class Addends {
  readonly gradient: Float64Array
  /** `one` and the second derivative. */
  readonly packed: Float64Array
  /** A power of two. */
  one = 1

  constructor(rows: number) {
    this.gradient = new Float64Array(rows)
    this.packed = new Float64Array(rows)
  }

  /** Throws RangeError where they are beyond what adds up. */
  set(gradient: Float64Array, hessian: Float64Array): void {
    let all = 0, sum = 0
    for (let row = 0; row < gradient.length; row++) {
      all += Math.abs(gradient[row] ?? 0)
      sum += hessian[row] ?? 0
    }
    if (!(all < MOST && sum < MOST)) throw new RangeError('derivatives that are too large to add up: are there weights beyond 1e200?')
    // A little more than the sum, for what rounding adds.
    const one = powerAbove(1.01 * sum)
    // What is added to so much is rounded to a multiple of its last digit; neither sum goes beyond 2 ** 53 of those.
    const much = 3 * powerAbove(all), more = 0.75 * powerAbove((gradient.length + 1) * one)
    for (let row = 0; row < gradient.length; row++) {
      this.gradient[row] = (gradient[row] ?? 0) + much - much
      this.packed[row] = one + ((hessian[row] ?? 0) + more - more)
    }
    this.one = one
  }
}

/** The least power of two above a number, which is at least 0. */
function powerAbove(number: number): number {
  let power = 1
  while (power <= number) power *= 2
  while (power > LEAST && power / 2 > number) power /= 2
  return power
}
const LEAST = 1e-280, MOST = 1e250

/** The features' bins one after another. */
export class Histogram {
  /** Sums of first derivatives and of counts with second derivatives by turns: those of bin b stand at 2b and 2b + 1. */
  readonly sums: Float64Array

  constructor(bins: number) {
    this.sums = new Float64Array(2 * bins + 2)
  }

  /** Count these rows anew; `gradient` and `packed` are theirs, in their order. Four features at a time: their sums do not wait for one another. */
  fill({ fours, starts }: Binned, rows: Uint32Array, gradient: Float64Array, packed: Float64Array): void {
    this.sums.fill(0)
    fours.forEach((four, i) => addFour(this.sums, four, starts.slice(4 * i, 4 * i + 4), rows, gradient, packed))
  }

  /** Take away the rows of `other`, all of them among these. */
  subtract({ sums: others }: Histogram): void {
    const { sums } = this
    for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] ?? 0) - (others[i] ?? 0)
  }
}

function addFour(
  sums: Float64Array, four: Uint32Array, [first = 0, second = 0, third = 0, fourth = 0]: readonly number[],
  rows: Uint32Array, gradient: Float64Array, packed: Float64Array,
): void {
  for (let i = 0; i < rows.length; i++) {
    const bins = four[rows[i] ?? 0] ?? 0, g = gradient[i] ?? 0, h = packed[i] ?? 0
    const a = (first + (bins & 255)) << 1, b = (second + ((bins >>> 8) & 255)) << 1
    const c = (third + ((bins >>> 16) & 255)) << 1, d = (fourth + (bins >>> 24)) << 1
    sums[a] = (sums[a] ?? 0) + g
    sums[a + 1] = (sums[a + 1] ?? 0) + h
    sums[b] = (sums[b] ?? 0) + g
    sums[b + 1] = (sums[b + 1] ?? 0) + h
    sums[c] = (sums[c] ?? 0) + g
    sums[c + 1] = (sums[c + 1] ?? 0) + h
    sums[d] = (sums[d] ?? 0) + g
    sums[d + 1] = (sums[d + 1] ?? 0) + h
  }
}
