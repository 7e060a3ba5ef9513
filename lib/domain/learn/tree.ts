/** Trees as flat lists, ours and those read from other libraries' files. */

/** Node 0 is the root; a leaf has feature -1 and its score in `value`. */
export interface BoostedTree {
  readonly feature: readonly number[]
  /** Values up to and including it go left. */
  readonly threshold: readonly number[]
  readonly left: readonly number[]
  readonly right: readonly number[]
  /** Whether a missing value goes left: 1 or 0. */
  readonly missing: readonly number[]
  readonly value: readonly number[]
  /** How much of what was learned from came by each node (the sum of second derivatives), where explanations will be asked for. */
  readonly cover?: readonly number[]
}

/** A tree that says nothing. */
export const SILENT: BoostedTree = { feature: [-1], threshold: [0], left: [0], right: [0], missing: [0], value: [0], cover: [0] }

/** The leaf that `row` ends in; NaN is a missing value. */
export function leafOf({ feature, threshold, left, right, missing }: BoostedTree, row: ArrayLike<number>): number {
  let node = 0
  for (;;) {
    const f = feature[node] ?? -1
    if (f < 0) return node
    const value = row[f] ?? NaN
    const goesLeft = Number.isNaN(value) ? missing[node] === 1 : value <= (threshold[node] ?? 0)
    node = (goesLeft ? left[node] : right[node]) ?? 0
  }
}

/** A tree under construction. */
export class TreeDraft {
  readonly #feature = [-1]
  readonly #threshold = [0]
  readonly #left = [0]
  readonly #right = [0]
  readonly #missing = [0]
  readonly #value = [0]
  readonly #cover = [0]

  /** Make a leaf an inner node; the answer is its left child, the right one comes next. */
  split(node: number, feature: number, threshold: number, missingLeft: boolean): number {
    const left = this.#feature.length
    this.#feature[node] = feature
    this.#threshold[node] = threshold
    this.#left[node] = left
    this.#right[node] = left + 1
    this.#missing[node] = missingLeft ? 1 : 0
    for (let child = 0; child < 2; child++) {
      for (const list of [this.#threshold, this.#left, this.#right, this.#missing, this.#value, this.#cover]) list.push(0)
      this.#feature.push(-1)
    }
    return left
  }

  answer(leaf: number, value: number, cover: number): void {
    this.#value[leaf] = value
    this.#cover[leaf] = cover
  }

  tree(withCover: boolean): BoostedTree {
    const tree = {
      feature: this.#feature, threshold: this.#threshold, left: this.#left, right: this.#right, missing: this.#missing, value: this.#value,
    }
    return withCover ? { ...tree, cover: this.#covers() } : tree
  }

  /** Children stand behind their parents. */
  #covers(): number[] {
    const cover = [...this.#cover]
    for (let node = cover.length - 1; node >= 0; node--) {
      if ((this.#feature[node] ?? -1) >= 0) cover[node] = (cover[this.#left[node] ?? 0] ?? 0) + (cover[this.#right[node] ?? 0] ?? 0)
    }
    return cover
  }
}
