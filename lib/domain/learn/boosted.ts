/**
 * Gradient-boosted trees for a yes or no: second-order boosting of the logistic loss (Friedman, "Greedy function approximation",
 * Annals of Statistics 29, 2001; Chen and Guestrin, "XGBoost", KDD 2016), trees grown leaf by leaf over histograms with the
 * smaller child counted and the larger one subtracted (Ke et al., "LightGBM", NIPS 2017). A missing value goes the way that
 * lowers the loss more. No chance is involved: the same table gives the same model, to the bit.
 */
import { logistic, logit } from '../conviction/stacker.ts'
import { cutPoints, histogramOf, type Histogram } from './histogram.ts'
import type { Table } from './table.ts'

export interface BoostingTerms {
  readonly trees: number
  /** Most leaves of one tree. */
  readonly leaves: number
  /** Share of each tree's answer that is taken (shrinkage). */
  readonly rate: number
  /** Least sum of second derivatives in a leaf, and the ridge on leaf values. */
  readonly minHessian: number
  readonly ridge: number
  /** Least rows in a leaf. */
  readonly minRows: number
  /** Least gain of a split. */
  readonly minGain: number
}

export const BOOSTING: BoostingTerms = { trees: 200, leaves: 15, rate: 0.05, minHessian: 1, ridge: 1, minRows: 10, minGain: 1e-6 }

/** One tree as flat lists: node 0 is the root; a leaf has feature -1 and its log-odds in `value`. */
export interface BoostedTree {
  readonly feature: readonly number[]
  /** Values up to and including it go left. */
  readonly threshold: readonly number[]
  readonly left: readonly number[]
  readonly right: readonly number[]
  /** Whether a missing value goes left: 1 or 0. */
  readonly missing: readonly number[]
  readonly value: readonly number[]
}

/** Plain JSON, so that a model is a file that can be read, compared and hashed. */
export interface Boosted {
  readonly features: readonly string[]
  /** Log-odds before any tree. */
  readonly base: number
  readonly trees: readonly BoostedTree[]
}

/** `labels` are 0 or 1, `weights` above 0. Throws RangeError where there are none of either label. */
export function boost(table: Table, labels: ArrayLike<number>, terms: Partial<BoostingTerms> = {}, weights?: ArrayLike<number>): Boosted {
  const given = { ...BOOSTING, ...terms }
  const { rows } = table
  const mass = Float64Array.from({ length: rows }, (_, row) => weights?.[row] ?? 1)
  let all = 0, positive = 0
  for (let row = 0; row < rows; row++) {
    all += mass[row] ?? 0
    if (labels[row] === 1) positive += mass[row] ?? 0
  }
  if (!(positive > 0) || !(positive < all)) throw new RangeError('both labels are needed to learn the difference')
  const base = round(logit(positive / all))
  const cuts = table.columns.map((column) => cutPoints(column))
  const binned = table.columns.map((column, f) => binsOf(column, cuts[f] ?? new Float64Array(0)))
  const logOdds = new Float64Array(rows).fill(base)
  const gradient = new Float64Array(rows), hessian = new Float64Array(rows)
  const trees: BoostedTree[] = []
  for (let t = 0; t < given.trees; t++) {
    for (let row = 0; row < rows; row++) {
      const p = logistic(logOdds[row] ?? 0)
      gradient[row] = (p - (labels[row] ?? 0)) * (mass[row] ?? 0)
      hessian[row] = p * (1 - p) * (mass[row] ?? 0)
    }
    const tree = grow({ binned, cuts, gradient, hessian, terms: given }, rows, logOdds)
    if (tree === undefined) break
    trees.push(tree)
  }
  return { features: table.features, base, trees }
}

/** The log-odds of yes; `row` has the values of `features` in their order, NaN where missing. */
export function boostedLogOdds({ base, trees }: Boosted, row: ArrayLike<number>): number {
  let sum = base
  for (const tree of trees) sum += tree.value[leafOf(tree, row)] ?? 0
  return sum
}

function leafOf({ feature, threshold, left, right, missing }: BoostedTree, row: ArrayLike<number>): number {
  let node = 0
  for (;;) {
    const f = feature[node] ?? -1
    if (f < 0) return node
    const value = row[f] ?? NaN
    const goesLeft = Number.isNaN(value) ? missing[node] === 1 : value <= (threshold[node] ?? 0)
    node = (goesLeft ? left[node] : right[node]) ?? 0
  }
}

/** Nine digits: below any meaning, and a model file stays short. */
const round = (value: number): number => Number(value.toPrecision(9))

/** Bin 0 is missing; bin b holds values up to and including cut b - 1, the last those above all. */
function binsOf(column: Float64Array, cuts: Float64Array): Uint16Array {
  const bins = new Uint16Array(column.length)
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

interface Growing {
  readonly binned: readonly Uint16Array[]
  readonly cuts: readonly Float64Array[]
  readonly gradient: Float64Array
  readonly hessian: Float64Array
  readonly terms: BoostingTerms
}

interface Split {
  readonly feature: number
  /** The last bin that goes left. */
  readonly bin: number
  readonly missingLeft: boolean
  readonly gain: number
}

interface Leaf {
  readonly node: number
  readonly rows: Uint32Array
  readonly histogram: Histogram
  readonly split: Split | undefined
}

/** Grow one tree and add its answers to `logOdds`; undefined where not even one split pays. */
function grow(growing: Growing, rows: number, logOdds: Float64Array): BoostedTree | undefined {
  const { binned, cuts, gradient, hessian, terms } = growing
  const bins = cuts.map((list) => list.length + 2)
  const tree = { feature: [-1], threshold: [0], left: [0], right: [0], missing: [0], value: [0] }
  const leafFor = (node: number, members: Uint32Array, histogram: Histogram): Leaf =>
    ({ node, rows: members, histogram, split: bestSplit(histogram, bins, terms) })
  const everyone = Uint32Array.from({ length: rows }, (_, row) => row)
  let leaves = [leafFor(0, everyone, histogramOf(binned, bins, everyone, gradient, hessian))]
  while (leaves.length < terms.leaves) {
    let best: Leaf | undefined
    for (const leaf of leaves) if (leaf.split !== undefined && leaf.split.gain > (best?.split?.gain ?? 0)) best = leaf
    const split = best?.split
    if (best === undefined || split === undefined) break
    const column = binned[split.feature] ?? new Uint16Array(0)
    const goesLeft = (row: number): boolean => (column[row] === 0 ? split.missingLeft : (column[row] ?? 0) <= split.bin)
    const leftRows = best.rows.filter(goesLeft), rightRows = best.rows.filter((row) => !goesLeft(row))
    const smaller = leftRows.length <= rightRows.length ? leftRows : rightRows
    const counted = histogramOf(binned, bins, smaller, gradient, hessian)
    const rest = best.histogram.less(counted)
    const left = tree.feature.length, right = left + 1
    tree.feature[best.node] = split.feature
    tree.threshold[best.node] = cuts[split.feature]?.[split.bin - 1] ?? Number.MAX_VALUE
    tree.left[best.node] = left
    tree.right[best.node] = right
    tree.missing[best.node] = split.missingLeft ? 1 : 0
    for (let child = 0; child < 2; child++) {
      tree.feature.push(-1)
      tree.threshold.push(0)
      tree.left.push(0)
      tree.right.push(0)
      tree.missing.push(0)
      tree.value.push(0)
    }
    const isLeftSmaller = smaller === leftRows, parent = best
    leaves = leaves.filter((leaf) => leaf !== parent)
    leaves.push(leafFor(left, leftRows, isLeftSmaller ? counted : rest), leafFor(right, rightRows, isLeftSmaller ? rest : counted))
  }
  if (leaves.length === 1) return undefined
  for (const { node, rows: members } of leaves) {
    let g = 0, h = 0
    for (const row of members) {
      g += gradient[row] ?? 0
      h += hessian[row] ?? 0
    }
    const value = round((-g / (h + terms.ridge)) * terms.rate)
    tree.value[node] = value
    for (const row of members) logOdds[row] = (logOdds[row] ?? 0) + value
  }
  return tree
}

/** The split of a leaf that lowers the loss most; among equals the first feature and the lowest bin. */
function bestSplit({ gradient, hessian, count }: Histogram, bins: readonly number[], terms: BoostingTerms): Split | undefined {
  const { ridge, minHessian, minRows, minGain } = terms
  let best: Split | undefined
  let offset = 0
  for (let f = 0; f < bins.length; f++) {
    const width = bins[f] ?? 0
    let g = 0, h = 0, n = 0
    for (let b = 0; b < width; b++) {
      g += gradient[offset + b] ?? 0
      h += hessian[offset + b] ?? 0
      n += count[offset + b] ?? 0
    }
    const before = (g * g) / (h + ridge)
    const lostG = gradient[offset] ?? 0, lostH = hessian[offset] ?? 0, lostN = count[offset] ?? 0
    for (const missingLeft of lostN === 0 ? [false] : [false, true]) {
      let leftG = missingLeft ? lostG : 0, leftH = missingLeft ? lostH : 0, leftN = missingLeft ? lostN : 0
      // Past the last cut all values go left, so that what is missing stands alone.
      for (let b = 1; b < (lostN > 0 && !missingLeft ? width : width - 1); b++) {
        leftG += gradient[offset + b] ?? 0
        leftH += hessian[offset + b] ?? 0
        leftN += count[offset + b] ?? 0
        const rightH = h - leftH, rightN = n - leftN
        if (leftN < minRows || rightN < minRows || leftH < minHessian || rightH < minHessian) continue
        const rightG = g - leftG
        const gain = (leftG * leftG) / (leftH + ridge) + (rightG * rightG) / (rightH + ridge) - before
        if (gain > minGain && gain > (best?.gain ?? 0)) best = { feature: f, bin: b, missingLeft, gain }
      }
    }
    offset += width
  }
  return best
}
