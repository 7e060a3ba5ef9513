/** One tree after another over the same table, each grown leaf by leaf where the loss falls most. */
import { Addends, Histogram, type Binned } from './histogram.ts'
import { answerOf, bestSplit, boundsBelow, UNBOUND, type Bounds, type Split, type SplitTerms } from './split.ts'
import { TreeDraft, type BoostedTree } from './tree.ts'

export interface GrowthTerms extends SplitTerms {
  /** Most leaves of one tree. */
  readonly leaves: number
  /** Share of each tree's answer that is taken (shrinkage). */
  readonly rate: number
  /** Where no value was missing, one that is goes the way of most rows; else to the right. */
  readonly unseenWithMost?: boolean
  /** Whether trees say how much came by each node. */
  readonly covers?: boolean
}

/** Nine digits: below any meaning, and a model file stays short. */
export const nineDigits = (value: number): number => Number(value.toPrecision(9))

interface Leaf {
  readonly node: number
  /** Its rows stand at these places of the order. */
  readonly begin: number
  readonly end: number
  readonly bounds: Bounds
  /** Undefined where it will not be divided. */
  readonly histogram: Histogram | undefined
  readonly split: Split | undefined
}

export class Grower {
  readonly #table: Binned
  readonly #terms: GrowthTerms
  /** Rows by leaf, rising within each. */
  readonly #order: Uint32Array
  /** Those that go right, while rows are parted. */
  readonly #right: Uint32Array
  readonly #addends: Addends
  /** Addends of the rows that are counted, side by side. */
  readonly #gradient: Float64Array
  readonly #packed: Float64Array
  readonly #spare: Histogram[] = []

  constructor(table: Binned, terms: GrowthTerms) {
    this.#table = table
    this.#terms = terms
    this.#order = new Uint32Array(table.rows)
    this.#right = new Uint32Array(table.rows)
    this.#addends = new Addends(table.rows)
    this.#gradient = new Float64Array(table.rows)
    this.#packed = new Float64Array(table.rows)
  }

  /** Grow one tree and add its answers to `scores`; undefined where not even one split pays. */
  grow(gradient: Float64Array, hessian: Float64Array, scores: Float64Array): BoostedTree | undefined {
    const { leaves: most, rate, ridge, covers = false, rising, unseenWithMost = false } = this.#terms
    const { rows, cuts } = this.#table
    const draft = new TreeDraft()
    for (let row = 0; row < rows; row++) this.#order[row] = row
    this.#addends.set(gradient, hessian)
    const whole = this.#spare.pop() ?? new Histogram(this.#table.bins)
    this.#count(whole, 0, rows)
    const leaves: Leaf[] = [this.#leaf(0, 0, rows, UNBOUND, whole)]
    while (leaves.length < most) {
      let at = -1
      leaves.forEach((leaf, i) => {
        if (leaf.split !== undefined && leaf.split.gain > (leaves[at]?.split?.gain ?? 0)) at = i
      })
      const parent = leaves[at], split = parent?.split, mine = parent?.histogram
      if (parent === undefined || split === undefined || mine === undefined) break
      const threshold = cuts[split.feature]?.[split.bin - 1] ?? Number.MAX_VALUE
      const missingLeft = split.unseen && unseenWithMost ? 2 * split.leftRows > parent.end - parent.begin : split.missingLeft
      const left = draft.split(parent.node, split.feature, threshold, missingLeft)
      const middle = this.#part(parent, split)
      const [boundsLeft, boundsRight] = boundsBelow(split, parent.bounds, rising)
      leaves.splice(at, 1)
      if (leaves.length + 2 === most) {
        // Nothing is divided any more: no one will ask for their sums.
        leaves.push({ node: left, begin: parent.begin, end: middle, bounds: boundsLeft, histogram: undefined, split: undefined })
        leaves.push({ node: left + 1, begin: middle, end: parent.end, bounds: boundsRight, histogram: undefined, split: undefined })
        this.#spare.push(mine)
        break
      }
      const isLeftSmaller = middle - parent.begin <= parent.end - middle
      const counted = this.#spare.pop() ?? new Histogram(this.#table.bins)
      this.#count(counted, isLeftSmaller ? parent.begin : middle, isLeftSmaller ? middle : parent.end)
      mine.subtract(counted)
      leaves.push(this.#leaf(left, parent.begin, middle, boundsLeft, isLeftSmaller ? counted : mine))
      leaves.push(this.#leaf(left + 1, middle, parent.end, boundsRight, isLeftSmaller ? mine : counted))
    }
    for (const { histogram } of leaves) if (histogram !== undefined) this.#spare.push(histogram)
    if (leaves.length === 1) return undefined
    for (const { node, begin, end, bounds } of leaves) {
      const [g, h] = this.#sums(gradient, hessian, begin, end)
      const value = nineDigits(answerOf(g, h, ridge, bounds) * rate)
      draft.answer(node, value, nineDigits(h))
      this.#add(scores, begin, end, value)
    }
    return draft.tree(covers)
  }

  /** Not of addends, whose second derivatives are rounded: what a leaf answers shall be exact. */
  #sums(gradient: Float64Array, hessian: Float64Array, begin: number, end: number): readonly [gradient: number, hessian: number] {
    const order = this.#order
    let g = 0, h = 0
    for (let i = begin; i < end; i++) {
      const row = order[i] ?? 0
      g += gradient[row] ?? 0
      h += hessian[row] ?? 0
    }
    return [g, h]
  }

  #add(scores: Float64Array, begin: number, end: number, value: number): void {
    const order = this.#order
    for (let i = begin; i < end; i++) {
      const row = order[i] ?? 0
      scores[row] = (scores[row] ?? 0) + value
    }
  }

  /** What is too small to be divided gives its histogram back at once. */
  #leaf(node: number, begin: number, end: number, bounds: Bounds, histogram: Histogram): Leaf {
    const split = end - begin < 2 * this.#terms.minRows ? undefined : bestSplit(histogram, this.#addends.one, this.#table, this.#terms, bounds)
    if (split === undefined) this.#spare.push(histogram)
    return { node, begin, end, bounds, histogram: split === undefined ? undefined : histogram, split }
  }

  #count(histogram: Histogram, begin: number, end: number): void {
    const rows = this.#order.subarray(begin, end), { gradient, packed } = this.#addends, gradients = this.#gradient, packs = this.#packed
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] ?? 0
      gradients[i] = gradient[row] ?? 0
      packs[i] = packed[row] ?? 0
    }
    histogram.fill(this.#table, rows, gradients, packs)
  }

  /** Those that go left before those that go right, each in their order; the answer is where the second begin. */
  #part({ begin, end }: Leaf, { feature, bin, missingLeft }: Split): number {
    const four = this.#table.fours[feature >> 2] ?? new Uint32Array(0), shift = 8 * (feature & 3), order = this.#order, aside = this.#right
    const goesLeft = Uint8Array.from({ length: 256 }, (_, is) => Number(is === 0 ? missingLeft : is <= bin))
    let left = begin, right = 0
    // Each row is written to both sides and counts on one: no branch is to be guessed.
    for (let i = begin; i < end; i++) {
      const row = order[i] ?? 0, goes = goesLeft[((four[row] ?? 0) >>> shift) & 255] ?? 0
      order[left] = row
      aside[right] = row
      left += goes
      right += 1 - goes
    }
    order.set(aside.subarray(0, right), left)
    return left
  }
}
