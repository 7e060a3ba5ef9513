/**
 * What each feature adds to a sum of trees, exactly: Shapley values of the game in which an absent feature goes both ways, in the shares that came by
 * each (Lundberg, Erion and Lee, "Consistent individualized feature attribution for tree ensembles", arXiv 1802.03888, algorithm 2).
 */
import type { BoostedTree } from './tree.ts'

/** The features on a way down the tree, each once, and how many subsets of each size let a row pass with and without it. */
class Path {
  readonly #feature: Int32Array
  readonly #zero: Float64Array
  readonly #one: Float64Array
  readonly #weight: Float64Array

  constructor(length: number) {
    this.#feature = new Int32Array(length)
    this.#zero = new Float64Array(length)
    this.#one = new Float64Array(length)
    this.#weight = new Float64Array(length)
  }

  copy(from: number, to: number, length: number): void {
    for (const list of [this.#feature, this.#zero, this.#one, this.#weight]) list.copyWithin(to, from, from + length)
  }

  /** Put a feature behind the `depth` there are from `at`: the share of rows that passes without it, and whether this row passes with it. */
  extend(at: number, depth: number, zero: number, one: number, feature: number): void {
    const weight = this.#weight
    this.#feature[at + depth] = feature
    this.#zero[at + depth] = zero
    this.#one[at + depth] = one
    weight[at + depth] = depth === 0 ? 1 : 0
    for (let i = depth - 1; i >= 0; i--) {
      weight[at + i + 1] = (weight[at + i + 1] ?? 0) + (one * (weight[at + i] ?? 0) * (i + 1)) / (depth + 1)
      weight[at + i] = (zero * (weight[at + i] ?? 0) * (depth - i)) / (depth + 1)
    }
  }

  /** Take the feature at place `k` away again; `depth` are those behind the first. */
  unwind(at: number, depth: number, k: number): void {
    const weight = this.#weight, one = this.#one[at + k] ?? 0, zero = this.#zero[at + k] ?? 0
    let next = weight[at + depth] ?? 0
    for (let i = depth - 1; i >= 0; i--) {
      const before = weight[at + i] ?? 0
      if (one !== 0) {
        weight[at + i] = (next * (depth + 1)) / ((i + 1) * one)
        next = before - ((weight[at + i] ?? 0) * zero * (depth - i)) / (depth + 1)
      } else weight[at + i] = (before * (depth + 1)) / (zero * (depth - i))
    }
    for (let i = k; i < depth; i++) {
      this.#feature[at + i] = this.#feature[at + i + 1] ?? 0
      this.#zero[at + i] = this.#zero[at + i + 1] ?? 0
      this.#one[at + i] = this.#one[at + i + 1] ?? 0
    }
  }

  /** The place of a feature behind the first; 0 where it is not there. */
  find(at: number, depth: number, feature: number): number {
    for (let i = 1; i <= depth; i++) if (this.#feature[at + i] === feature) return i
    return 0
  }

  zeroOf(place: number): number {
    return this.#zero[place] ?? 0
  }

  oneOf(place: number): number {
    return this.#one[place] ?? 0
  }

  /** Add to each feature what the leaf at the end of the way does. */
  settle(at: number, depth: number, value: number, phi: Float64Array): void {
    for (let k = 1; k <= depth; k++) {
      const one = this.#one[at + k] ?? 0, zero = this.#zero[at + k] ?? 0, feature = this.#feature[at + k] ?? 0
      phi[feature] = (phi[feature] ?? 0) + this.#unwoundSum(at, depth, one, zero) * (one - zero) * value
    }
  }

  #unwoundSum(at: number, depth: number, one: number, zero: number): number {
    const weight = this.#weight
    let next = weight[at + depth] ?? 0, sum = 0
    for (let i = depth - 1; i >= 0; i--) {
      if (one !== 0) {
        const is = (next * (depth + 1)) / ((i + 1) * one)
        sum += is
        next = (weight[at + i] ?? 0) - (is * zero * (depth - i)) / (depth + 1)
      } else sum += ((weight[at + i] ?? 0) * (depth + 1)) / (zero * (depth - i))
    }
    return sum
  }
}

export class TreeShap {
  readonly #trees: readonly BoostedTree[]
  readonly #path: Path
  /** What the trees say on average of what they were learned from. */
  readonly expected: number

  /** Throws RangeError where a tree does not say what came by each of its nodes. */
  constructor(trees: readonly BoostedTree[]) {
    for (const tree of trees) {
      if (tree.feature.length > 1 && (tree.cover === undefined || tree.cover.some((cover) => !(cover > 0)))) {
        throw new RangeError('its trees do not say what came by each node, so that what is absent cannot be weighed')
      }
    }
    const deepest = trees.reduce((most, tree) => Math.max(most, depthOf(tree, 0)), 0)
    this.#trees = trees
    this.#path = new Path(((deepest + 2) * (deepest + 3)) / 2)
    this.expected = trees.reduce((sum, tree) => sum + meanOf(tree, 0), 0)
  }

  /** Add to `phi`, a place a feature, what each does for this row; with `expected` that sums up to what the trees say of it. */
  add(row: ArrayLike<number>, phi: Float64Array): void {
    for (const tree of this.#trees) if (tree.feature.length > 1) this.#descend(tree, row, phi, 0, 0, 0, 0, 1, 1, -1)
  }

  #descend(
    tree: BoostedTree, row: ArrayLike<number>, phi: Float64Array, node: number, from: number, at: number, depth: number,
    zero: number, one: number, feature: number,
  ): void {
    const path = this.#path
    if (from !== at) path.copy(from, at, depth)
    path.extend(at, depth, zero, one, feature)
    const f = tree.feature[node] ?? -1
    if (f < 0) return path.settle(at, depth, tree.value[node] ?? 0, phi)
    const value = row[f] ?? NaN, left = tree.left[node] ?? 0, right = tree.right[node] ?? 0
    const goesLeft = Number.isNaN(value) ? tree.missing[node] === 1 : value <= (tree.threshold[node] ?? 0)
    const hot = goesLeft ? left : right, cold = goesLeft ? right : left
    const known = path.find(at, depth, f)
    let allZero = 1, allOne = 1, behind = depth
    if (known > 0) {
      allZero = path.zeroOf(at + known)
      allOne = path.oneOf(at + known)
      path.unwind(at, depth, known)
      behind--
    }
    const share = (child: number): number => (tree.cover?.[child] ?? 0) / (tree.cover?.[node] ?? 1)
    this.#descend(tree, row, phi, hot, at, at + behind + 1, behind + 1, allZero * share(hot), allOne, f)
    this.#descend(tree, row, phi, cold, at, at + behind + 1, behind + 1, allZero * share(cold), 0, f)
  }
}

function depthOf(tree: BoostedTree, node: number): number {
  return (tree.feature[node] ?? -1) < 0 ? 0 : 1 + Math.max(depthOf(tree, tree.left[node] ?? 0), depthOf(tree, tree.right[node] ?? 0))
}

function meanOf(tree: BoostedTree, node: number): number {
  if ((tree.feature[node] ?? -1) < 0) return tree.value[node] ?? 0
  const cover = tree.cover?.[node] ?? 1
  return [tree.left[node] ?? 0, tree.right[node] ?? 0].reduce((sum, child) => sum + ((tree.cover?.[child] ?? 0) / cover) * meanOf(tree, child), 0)
}
