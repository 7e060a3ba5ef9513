/**
 * Scores of many rows by a forest, fast: no tree is walked down, but by each feature that it asks about the leaves are struck out that a row cannot
 * end in (Lucchese et al., "QuickScorer", SIGIR 2015); the first that is left is the row's.
 */
import { bisect } from '../lookup/bisect.ts'
import type { Forest } from './boosted.ts'
import type { Table } from './table.ts'
import type { BoostedTree } from './tree.ts'

/** Rows that pass through a tree together: what is known of them stays in the nearest cache. */
const BLOCK = 256
/** Leaves of one word. */
const WORD = 32
/** Most thresholds of a feature among trees of one group, so that words stay few; a tree that has more of them is a group of its own. */
const THRESHOLDS_MAX = 253
/** Most that one tree may have of a feature: as many as tell where a value lies. */
const TREE_MAX = 0xfffd

/** Up to 32 leaves of a tree, from left to right, as bits of a word. */
interface Leaves {
  /** Place of the first one's answer. */
  readonly first: number
  /** Of each feature that strikes some out, where its values are laid out, and where its words begin: none, four, six, or eight and more. */
  readonly laid: readonly number[]
  readonly words: readonly number[]
}

interface FlatTree {
  readonly score: number
  /** The last 32 leaves first, so that who is found later lies further left. */
  readonly leaves: readonly Leaves[]
}

/** Trees one after another, in which no feature has too many thresholds. */
interface Group {
  /** Of each feature ascending, filled up with infinities to a power of two: every search takes the same steps. */
  readonly thresholds: readonly Float64Array[]
  readonly counts: readonly number[]
  readonly trees: readonly FlatTree[]
  /** By feature and where its value lies: the leaves that are left. */
  readonly words: Int32Array
  readonly answers: Float64Array
}

/** The same sums, to the bit, as walking each tree for each row. */
export class Scorer {
  readonly #bases: readonly number[]
  readonly #groups: readonly Group[]
  /** Where the values of a block of rows lie, feature by feature. */
  readonly #laid: Uint16Array
  readonly #left = new Int32Array(BLOCK)
  readonly #leaf = new Int32Array(BLOCK)

  constructor({ features, bases, trees }: Forest) {
    this.#bases = bases
    this.#groups = grouped(trees.flatMap((list, score) => list.map((tree) => ({ tree, score }))), features.length)
    this.#laid = new Uint16Array(BLOCK * features.length)
  }

  /** `[k][row]`: score k of each row of the table. */
  scores({ rows, columns }: Table): Float64Array[] {
    const scores = this.#bases.map((base) => new Float64Array(rows).fill(base))
    for (let from = 0; from < rows; from += BLOCK) {
      const count = Math.min(BLOCK, rows - from), sums = scores.map((all) => all.subarray(from, from + count))
      for (const group of this.#groups) {
        group.counts.forEach((many, f) => {
          if (many > 0) layColumn(this.#laid.subarray(f * BLOCK, f * BLOCK + count), columns[f]?.subarray(from, from + count), group.thresholds[f], many)
        })
        for (const { score, leaves } of group.trees) {
          const mine = sums[score]
          if (mine !== undefined) this.#add(mine, leaves, group)
        }
      }
    }
    return scores
  }

  #add(sums: Float64Array, leaves: readonly Leaves[], { words, answers }: Group): void {
    const [only] = leaves
    if (only !== undefined && leaves.length === 1 && only.laid.length > 0) return this.#addOne(sums, only, words, answers)
    for (const one of leaves) keepFirst(this.#leaf, this.#strike(one, one.laid.length, words, sums.length), one.first)
    addAnswers(sums, answers, this.#leaf)
  }

  /** Of a tree of one word: with the last features the leaf is known, and nothing more is put down between. */
  #addOne(sums: Float64Array, leaves: Leaves, words: Int32Array, answers: Float64Array): void {
    const laid = this.#laid, { first, laid: of, words: at } = leaves
    const i = Math.max(0, of.length - 8)
    const a = of[i] ?? 0, b = of[i + 1] ?? 0, c = of[i + 2] ?? 0, d = of[i + 3] ?? 0
    const p = at[i] ?? 0, q = at[i + 1] ?? 0, r = at[i + 2] ?? 0, s = at[i + 3] ?? 0
    if (of.length === 4) return addOfFour(sums, answers, first, words, laid, a, b, c, d, p, q, r, s)
    const e = of[i + 4] ?? 0, f = of[i + 5] ?? 0, t = at[i + 4] ?? 0, u = at[i + 5] ?? 0
    if (of.length === 6) return addOfSix(sums, answers, first, words, laid, a, b, c, d, e, f, p, q, r, s, t, u)
    const g = of[i + 6] ?? 0, h = of[i + 7] ?? 0, v = at[i + 6] ?? 0, w = at[i + 7] ?? 0
    const left = i > 0 ? this.#strike(leaves, i, words, sums.length) : NONE_STRUCK
    addOfEight(sums, answers, first, left, words, laid, a, b, c, d, e, f, g, h, p, q, r, s, t, u, v, w)
  }

  /** By the first features, so many at least: whatever is struck out twice is struck out. */
  #strike({ laid, words: at }: Leaves, to: number, words: Int32Array, rows: number): Int32Array {
    this.#left.fill(-1)
    for (let next = 0; next < to; next += 4) {
      const i = Math.min(next, laid.length - 4)
      strikeFour(
        this.#left, rows, words, this.#laid, laid[i] ?? 0, laid[i + 1] ?? 0, laid[i + 2] ?? 0, laid[i + 3] ?? 0,
        at[i] ?? 0, at[i + 1] ?? 0, at[i + 2] ?? 0, at[i + 3] ?? 0,
      )
    }
    return this.#left
  }
}

const NONE_STRUCK = new Int32Array(BLOCK).fill(-1)
function strikeFour(
  left: Int32Array, rows: number, words: Int32Array, laid: Uint16Array,
  a: number, b: number, c: number, d: number, p: number, q: number, r: number, s: number,
): void {
  for (let row = 0; row < rows; row++) {
    left[row] = (left[row] ?? 0) & (words[p + (laid[a + row] ?? 0)] ?? 0) & (words[q + (laid[b + row] ?? 0)] ?? 0)
      & (words[r + (laid[c + row] ?? 0)] ?? 0) & (words[s + (laid[d + row] ?? 0)] ?? 0)
  }
}

function addOfFour(
  sums: Float64Array, answers: Float64Array, first: number, words: Int32Array, laid: Uint16Array,
  a: number, b: number, c: number, d: number, p: number, q: number, r: number, s: number,
): void {
  for (let row = 0; row < sums.length; row++) {
    const left = (words[p + (laid[a + row] ?? 0)] ?? 0) & (words[q + (laid[b + row] ?? 0)] ?? 0)
      & (words[r + (laid[c + row] ?? 0)] ?? 0) & (words[s + (laid[d + row] ?? 0)] ?? 0)
    sums[row] = (sums[row] ?? 0) + (answers[first + Math.clz32(left)] ?? 0)
  }
}

function addOfSix(
  sums: Float64Array, answers: Float64Array, first: number, words: Int32Array, laid: Uint16Array,
  a: number, b: number, c: number, d: number, e: number, f: number, p: number, q: number, r: number, s: number, t: number, u: number,
): void {
  for (let row = 0; row < sums.length; row++) {
    const left = (words[p + (laid[a + row] ?? 0)] ?? 0) & (words[q + (laid[b + row] ?? 0)] ?? 0)
      & (words[r + (laid[c + row] ?? 0)] ?? 0) & (words[s + (laid[d + row] ?? 0)] ?? 0)
      & (words[t + (laid[e + row] ?? 0)] ?? 0) & (words[u + (laid[f + row] ?? 0)] ?? 0)
    sums[row] = (sums[row] ?? 0) + (answers[first + Math.clz32(left)] ?? 0)
  }
}

function addOfEight(
  sums: Float64Array, answers: Float64Array, first: number, struck: Int32Array, words: Int32Array, laid: Uint16Array,
  a: number, b: number, c: number, d: number, e: number, f: number, g: number, h: number,
  p: number, q: number, r: number, s: number, t: number, u: number, v: number, w: number,
): void {
  for (let row = 0; row < sums.length; row++) {
    const left = (struck[row] ?? 0) & (words[p + (laid[a + row] ?? 0)] ?? 0) & (words[q + (laid[b + row] ?? 0)] ?? 0)
      & (words[r + (laid[c + row] ?? 0)] ?? 0) & (words[s + (laid[d + row] ?? 0)] ?? 0)
      & (words[t + (laid[e + row] ?? 0)] ?? 0) & (words[u + (laid[f + row] ?? 0)] ?? 0)
      & (words[v + (laid[g + row] ?? 0)] ?? 0) & (words[w + (laid[h + row] ?? 0)] ?? 0)
    sums[row] = (sums[row] ?? 0) + (answers[first + Math.clz32(left)] ?? 0)
  }
}

/** Where a leaf is left of a word, it lies before all that were looked at. */
function keepFirst(leaf: Int32Array, left: Int32Array, first: number): void {
  for (let row = 0; row < left.length; row++) {
    const is = left[row] ?? 0
    if (is !== 0) leaf[row] = first + Math.clz32(is)
  }
}

function addAnswers(sums: Float64Array, answers: Float64Array, leaf: Int32Array): void {
  for (let row = 0; row < sums.length; row++) sums[row] = (sums[row] ?? 0) + (answers[leaf[row] ?? 0] ?? 0)
}

/** How many thresholds lie below each value; one more than there are where it is missing. */
function layColumn(laid: Uint16Array, column: Float64Array | undefined, thresholds: Float64Array | undefined, many: number): void {
  if (column === undefined || thresholds === undefined) return void laid.fill(many + 1)
  for (let row = 0; row < laid.length; row++) {
    const value = column[row] ?? NaN
    let below = 0
    for (let step = thresholds.length >> 1; step > 0; step >>= 1) below += Number(value > (thresholds[below + step - 1] ?? 0)) * step
    laid[row] = Number.isNaN(value) ? many + 1 : below
  }
}

interface Placed {
  readonly tree: BoostedTree
  readonly score: number
}

function grouped(all: readonly Placed[], features: number): Group[] {
  const groups: Group[] = []
  let sets = Array.from({ length: features }, () => new Set<number>()), mine: Placed[] = []
  const close = (): void => {
    if (mine.length > 0) groups.push(groupOf(mine, sets.map((set) => Float64Array.from(set).sort())))
    sets = Array.from({ length: features }, () => new Set<number>())
    mine = []
  }
  for (const placed of all) {
    const add = (): void => placed.tree.feature.forEach((f, node) => void sets[f]?.add(placed.tree.threshold[node] ?? 0))
    add()
    if (mine.length > 0 && sets.some(({ size }) => size > THRESHOLDS_MAX)) {
      for (const set of sets) set.clear()
      for (const { tree } of mine) tree.feature.forEach((f, node) => void sets[f]?.add(tree.threshold[node] ?? 0))
      close()
      add()
    }
    if (sets.some(({ size }) => size > TREE_MAX)) throw new RangeError(`a tree of more than ${TREE_MAX} thresholds of one feature`)
    mine.push(placed)
  }
  close()
  return groups
}

function groupOf(placed: readonly Placed[], thresholds: readonly Float64Array[]): Group {
  const words: number[] = [], answers: number[] = []
  const trees = placed.map(({ tree, score }) => ({ score, leaves: leavesOf(tree, thresholds, words, answers) }))
  const padded = thresholds.map((list) => {
    let length = 1
    while (length <= list.length) length *= 2
    const filled = new Float64Array(length).fill(Infinity)
    filled.set(list)
    return filled
  })
  return { thresholds: padded, counts: thresholds.map(({ length }) => length), trees, words: Int32Array.from(words), answers: Float64Array.from(answers) }
}

function leavesOf(tree: BoostedTree, thresholds: readonly Float64Array[], words: number[], answers: number[]): Leaves[] {
  const first = answers.length, spans: { readonly node: number; readonly begin: number; readonly middle: number }[] = []
  // Leaves from left to right; of each node those that go when a row goes right.
  const ahead: (readonly [node: number, begin: number | undefined])[] = [[0, undefined]]
  for (let one = ahead.pop(); one !== undefined; one = ahead.pop()) {
    const [node, begin] = one, there = answers.length - first
    if ((tree.feature[node] ?? -1) < 0) answers.push(tree.value[node] ?? 0)
    else if (begin === undefined) ahead.push([node, there], [tree.left[node] ?? 0, undefined])
    else {
      spans.push({ node, begin, middle: there })
      ahead.push([tree.right[node] ?? 0, undefined])
    }
  }
  const leaves: Leaves[] = []
  for (let from = (Math.ceil((answers.length - first) / WORD) - 1) * WORD; from >= 0; from -= WORD) {
    const there = Math.min(WORD, answers.length - first - from), byFeature = new Map<number, number>()
    for (const { node, begin, middle } of spans) {
      const low = Math.max(0, begin - from), high = Math.min(there, middle - from)
      if (low >= high) continue
      const f = tree.feature[node] ?? 0, list = thresholds[f] ?? new Float64Array(0), limit = tree.threshold[node] ?? 0
      let at = byFeature.get(f)
      if (at === undefined) {
        byFeature.set(f, (at = words.length))
        for (let lies = 0; lies < list.length + 2; lies++) words.push(firstBits(there))
      }
      const kept = ~(firstBits(high) & ~firstBits(low)), rank = bisect(0, list.length, (k) => (list[k] ?? 0) < limit)
      for (let lies = rank + 1; lies <= list.length; lies++) words[at + lies] = (words[at + lies] ?? 0) & kept
      if (tree.missing[node] !== 1) words[at + list.length + 1] = (words[at + list.length + 1] ?? 0) & kept
    }
    const struck = [...byFeature]
    // Fours, six or eight at the last: some are repeated.
    while (struck.length > 0 && (struck.length < 4 || struck.length === 5 || struck.length === 7)) struck.push(...struck.slice(-1))
    leaves.push({ first: first + from, laid: struck.map(([f]) => f * BLOCK), words: struck.map(([, at]) => at) })
  }
  return leaves
}

/** A word of so many bits, from the highest. */
const firstBits = (count: number): number => (count === 0 ? 0 : -1 << (WORD - count))
