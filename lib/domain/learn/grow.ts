/** One tree after another over the same table, each grown leaf by leaf where the loss falls most. */
import { Histogram, type Binned } from './histogram.ts'
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
  /** Rows by leaf, rising within each, so that every sum runs in one order; and their derivatives, in the same places. */
  readonly #order: Uint32Array
  readonly #gradient: Float64Array
  readonly #hessian: Float64Array
  /** The same of those that go right, while rows are parted. */
  readonly #right: { readonly order: Uint32Array; readonly gradient: Float64Array; readonly hessian: Float64Array }
  readonly #spare: Histogram[] = []

  constructor(table: Binned, terms: GrowthTerms) {
    this.#table = table
    this.#terms = terms
    this.#order = new Uint32Array(table.rows)
    this.#gradient = new Float64Array(table.rows)
    this.#hessian = new Float64Array(table.rows)
    this.#right = { order: new Uint32Array(table.rows), gradient: new Float64Array(table.rows), hessian: new Float64Array(table.rows) }
  }

  /** Grow one tree and add its answers to `scores`; undefined where not even one split pays. */
  grow(gradient: Float64Array, hessian: Float64Array, scores: Float64Array): BoostedTree | undefined {
    const { leaves: most, rate, ridge, covers = false, rising, unseenWithMost = false } = this.#terms
    const { rows, cuts } = this.#table
    const draft = new TreeDraft()
    for (let row = 0; row < rows; row++) this.#order[row] = row
    this.#gradient.set(gradient)
    this.#hessian.set(hessian)
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
      const [g, h] = this.#sums(begin, end)
      const value = nineDigits(answerOf(g, h, ridge, bounds) * rate)
      draft.answer(node, value, nineDigits(h))
      this.#add(scores, begin, end, value)
    }
    return draft.tree(covers)
  }

  #sums(begin: number, end: number): readonly [gradient: number, hessian: number] {
    const gradient = this.#gradient, hessian = this.#hessian
    let g = 0, h = 0
    for (let i = begin; i < end; i++) {
      g += gradient[i] ?? 0
      h += hessian[i] ?? 0
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
    const split = end - begin < 2 * this.#terms.minRows ? undefined : bestSplit(histogram, this.#table, this.#terms, bounds)
    if (split === undefined) this.#spare.push(histogram)
    return { node, begin, end, bounds, histogram: split === undefined ? undefined : histogram, split }
  }

  #count(histogram: Histogram, begin: number, end: number): void {
    histogram.fill(this.#table, this.#order.subarray(begin, end), this.#gradient.subarray(begin, end), this.#hessian.subarray(begin, end))
  }

  /** Those that go left before those that go right, each in their order; the answer is where the second begin. */
  #part({ begin, end }: Leaf, { feature, bin, missingLeft }: Split): number {
    const column = this.#table.columns[feature] ?? new Uint8Array(0), order = this.#order, gradient = this.#gradient, hessian = this.#hessian
    const aside = this.#right
    let left = begin, right = 0
    for (let i = begin; i < end; i++) {
      const row = order[i] ?? 0, is = column[row] ?? 0
      if (is === 0 ? missingLeft : is <= bin) {
        order[left] = row
        gradient[left] = gradient[i] ?? 0
        hessian[left] = hessian[i] ?? 0
        left++
      } else {
        aside.order[right] = row
        aside.gradient[right] = gradient[i] ?? 0
        aside.hessian[right] = hessian[i] ?? 0
        right++
      }
    }
    order.set(aside.order.subarray(0, right), left)
    gradient.set(aside.gradient.subarray(0, right), left)
    hessian.set(aside.hessian.subarray(0, right), left)
    return left
  }
}
