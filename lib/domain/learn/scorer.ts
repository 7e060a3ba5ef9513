/** Scores of many rows by a forest, fast: trees as typed arrays, rows walked down side by side. */
import type { Forest } from './boosted.ts'
import type { Table } from './table.ts'
import type { BoostedTree } from './tree.ts'

/** Rows whose values are laid out at a time: they stay in the nearest cache while all trees pass over them. */
const BLOCK = 128

interface FlatTree {
  /** Steps from the root to the deepest leaf. A leaf leads to itself, so that all rows may take as many. */
  readonly depth: number
  /** Where its nodes begin among those of all trees. */
  readonly root: number
}

/**
 * The same sums, to the bit, as walking each tree for each row. A value that is missing is laid out twice, as less than anything
 * where it is to go left and as more than anything where it is to go right, so that a step down is one comparison.
 */
export class Scorer {
  readonly #features: number
  readonly #bases: readonly number[]
  readonly #trees: readonly (readonly FlatTree[])[]
  readonly #place: Int32Array
  readonly #threshold: Float64Array
  readonly #left: Int32Array
  readonly #value: Float64Array
  readonly #laid: Float64Array

  constructor({ features, bases, trees }: Forest) {
    const nodes = trees.flat().reduce((sum, { feature }) => sum + feature.length, 0)
    this.#features = features.length
    this.#bases = bases
    this.#place = new Int32Array(nodes)
    this.#threshold = new Float64Array(nodes)
    this.#left = new Int32Array(nodes)
    this.#value = new Float64Array(nodes)
    this.#laid = new Float64Array(BLOCK * 2 * features.length)
    let next = 0
    this.#trees = trees.map((list) => list.map((tree) => {
      const root = next
      next += tree.feature.length
      return { root, depth: this.#lay(tree, root) }
    }))
  }

  /** `[k][row]`: score k of each row of the table. */
  scores({ rows, columns }: Table): Float64Array[] {
    const scores = this.#bases.map((base) => new Float64Array(rows).fill(base))
    for (let from = 0; from < rows; from += BLOCK) {
      const count = Math.min(BLOCK, rows - from)
      this.#layRows(columns, from, count)
      this.#trees.forEach((trees, k) => {
        const score = scores[k]
        if (score !== undefined) for (const { root, depth } of trees) this.#walk(root, depth, count, score, from)
      })
    }
    return scores
  }

  #layRows(columns: readonly ArrayLike<number>[], from: number, count: number): void {
    const width = 2 * this.#features, laid = this.#laid
    for (let f = 0; f < this.#features; f++) {
      const column = columns[f]
      for (let i = 0, at = f; i < count; i++, at += width) {
        const value = column?.[from + i] ?? NaN
        const missing = Number.isNaN(value)
        laid[at] = missing ? -Infinity : value
        laid[at + this.#features] = missing ? Infinity : value
      }
    }
  }

  #walk(root: number, depth: number, count: number, score: Float64Array, from: number): void {
    const place = this.#place, threshold = this.#threshold, left = this.#left, value = this.#value, laid = this.#laid
    const width = 2 * this.#features
    let i = 0
    for (; i + 8 <= count; i += 8) {
      let a = root, b = root, c = root, d = root, e = root, f = root, g = root, h = root
      const at = i * width, bt = at + width, ct = bt + width, dt = ct + width, et = dt + width, ft = et + width, gt = ft + width, ht = gt + width
      // Nodes stand behind their parents: the sum stays the same only where all rows do.
      for (let step = 0, sum = -1; step < depth; step++) {
        a = (left[a] ?? 0) + Number((laid[at + (place[a] ?? 0)] ?? 0) > (threshold[a] ?? 0))
        b = (left[b] ?? 0) + Number((laid[bt + (place[b] ?? 0)] ?? 0) > (threshold[b] ?? 0))
        c = (left[c] ?? 0) + Number((laid[ct + (place[c] ?? 0)] ?? 0) > (threshold[c] ?? 0))
        d = (left[d] ?? 0) + Number((laid[dt + (place[d] ?? 0)] ?? 0) > (threshold[d] ?? 0))
        e = (left[e] ?? 0) + Number((laid[et + (place[e] ?? 0)] ?? 0) > (threshold[e] ?? 0))
        f = (left[f] ?? 0) + Number((laid[ft + (place[f] ?? 0)] ?? 0) > (threshold[f] ?? 0))
        g = (left[g] ?? 0) + Number((laid[gt + (place[g] ?? 0)] ?? 0) > (threshold[g] ?? 0))
        h = (left[h] ?? 0) + Number((laid[ht + (place[h] ?? 0)] ?? 0) > (threshold[h] ?? 0))
        const now = a + b + c + d + e + f + g + h
        if (now === sum) break
        sum = now
      }
      score[from + i + 0] = (score[from + i + 0] ?? 0) + (value[a] ?? 0)
      score[from + i + 1] = (score[from + i + 1] ?? 0) + (value[b] ?? 0)
      score[from + i + 2] = (score[from + i + 2] ?? 0) + (value[c] ?? 0)
      score[from + i + 3] = (score[from + i + 3] ?? 0) + (value[d] ?? 0)
      score[from + i + 4] = (score[from + i + 4] ?? 0) + (value[e] ?? 0)
      score[from + i + 5] = (score[from + i + 5] ?? 0) + (value[f] ?? 0)
      score[from + i + 6] = (score[from + i + 6] ?? 0) + (value[g] ?? 0)
      score[from + i + 7] = (score[from + i + 7] ?? 0) + (value[h] ?? 0)
    }
    for (; i < count; i++) {
      let a = root
      const at = i * width
      for (let step = 0; step < depth; step++) a = (left[a] ?? 0) + Number((laid[at + (place[a] ?? 0)] ?? 0) > (threshold[a] ?? 0))
      score[from + i] = (score[from + i] ?? 0) + (value[a] ?? 0)
    }
  }

  /** Lay a tree out with the children of a node side by side; the answer is its depth. */
  #lay({ feature, threshold, left, right, missing, value }: BoostedTree, root: number): number {
    let next = root + 1, deepest = 0
    const ahead: (readonly [node: number, at: number, depth: number])[] = [[0, root, 0]]
    for (let one = ahead.pop(); one !== undefined; one = ahead.pop()) {
      const [node, at, depth] = one
      deepest = Math.max(deepest, depth)
      const f = feature[node] ?? -1
      this.#value[at] = value[node] ?? 0
      if (f < 0) {
        // Nothing is more than this: the row stays where it is.
        this.#threshold[at] = Infinity
        this.#left[at] = at
        continue
      }
      this.#place[at] = missing[node] === 1 ? f : f + this.#features
      this.#threshold[at] = threshold[node] ?? 0
      this.#left[at] = next
      ahead.push([left[node] ?? 0, next, depth + 1], [right[node] ?? 0, next + 1, depth + 1])
      next += 2
    }
    return deepest
  }
}
