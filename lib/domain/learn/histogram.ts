/** Sums of derivatives by bin of every feature: all that a split of a boosted tree is chosen by. */

/** Most cuts of one feature. */
const CUTS_MAX = 254

/** Values between which a feature may be split, ascending: all of them where there are few, else about equally filled ones. */
export function cutPoints(column: Float64Array): Float64Array {
  const sorted = column.filter((value) => !Number.isNaN(value)).sort()
  const distinct: number[] = []
  for (const value of sorted) if (distinct.at(-1) !== value) distinct.push(value)
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

/** The features' bins one after another. */
export class Histogram {
  readonly gradient: Float64Array
  readonly hessian: Float64Array
  readonly count: Uint32Array

  constructor(bins: number) {
    this.gradient = new Float64Array(bins)
    this.hessian = new Float64Array(bins)
    this.count = new Uint32Array(bins)
  }

  /** What is left when the rows of `other`, all of them among these, are taken away. */
  less(other: Histogram): Histogram {
    const rest = new Histogram(this.count.length)
    for (let b = 0; b < rest.count.length; b++) {
      rest.count[b] = (this.count[b] ?? 0) - (other.count[b] ?? 0)
      // An empty bin is exactly empty, whatever the rounding of the sums left.
      if (rest.count[b] === 0) continue
      rest.gradient[b] = (this.gradient[b] ?? 0) - (other.gradient[b] ?? 0)
      rest.hessian[b] = (this.hessian[b] ?? 0) - (other.hessian[b] ?? 0)
    }
    return rest
  }
}

export function histogramOf(
  binned: readonly Uint16Array[], bins: readonly number[], rows: Uint32Array, gradient: Float64Array, hessian: Float64Array,
): Histogram {
  const histogram = new Histogram(bins.reduce((sum, width) => sum + width, 0))
  const { gradient: g, hessian: h, count } = histogram
  let offset = 0
  for (let f = 0; f < binned.length; f++) {
    const column = binned[f] ?? new Uint16Array(0)
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] ?? 0
      const bin = offset + (column[row] ?? 0)
      g[bin] = (g[bin] ?? 0) + (gradient[row] ?? 0)
      h[bin] = (h[bin] ?? 0) + (hessian[row] ?? 0)
      count[bin] = (count[bin] ?? 0) + 1
    }
    offset += bins[f] ?? 0
  }
  return histogram
}
