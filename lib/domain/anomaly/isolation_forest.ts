/** Isolation Forest (Liu, Ting & Zhou, "Isolation Forest", ICDM 2008): what few random cuts set apart is unlike the rest. */

/** Uniform in [0, 1). */
export type Draw = () => number

export interface ForestTerms {
  readonly trees: number
  /** Rows that each tree grows on, drawn without replacement. */
  readonly sample: number
}
/** The paper's own. */
export const FOREST: ForestTerms = { trees: 100, sample: 256 }

/** Rows of equal length, one after another. */
export interface Rows {
  readonly values: Float64Array
  readonly dimensions: number
}

const EULER = 0.5772156649015329

/** c(n): the mean length of an unsuccessful search in a binary tree of n leaves (equation 1; H(i) = ln i + Euler's constant). */
export const meanPath = (n: number): number => (n > 2 ? 2 * (Math.log(n - 1) + EULER) - (2 * (n - 1)) / n : n === 2 ? 1 : 0)

/**
 * One tree. At a node what is not greater than the cut of its feature goes on at the first of its two children, the rest at the second. A leaf cuts at
 * infinity and is its own child, so that every row makes as many steps as the tree is deep, without asking: several at once, none of them guessed wrong.
 */
export class IsolationTree {
  readonly feature: Int32Array
  readonly cut: Float64Array
  readonly children: Int32Array
  /** Of a leaf: its depth, and c(rows in it). */
  readonly length: Float64Array
  /** Most steps from the root to a leaf. */
  readonly #limit: number
  /** The least and the most of each feature among the rows of each node, where they are kept. */
  readonly #boxes: Float64Array
  readonly #dimensions: number
  #nodes = 0

  /** `places` are the rows that it grows on; they are put into another order. The height limit is ceil(log2 of their number). */
  constructor(rows: Rows, places: Int32Array, next: Draw, keepsBoxes = false) {
    const most = 2 * places.length - 1
    this.#dimensions = rows.dimensions
    this.#boxes = new Float64Array(keepsBoxes ? most * 2 * rows.dimensions : 0)
    this.feature = new Int32Array(most)
    this.cut = new Float64Array(most)
    this.children = new Int32Array(2 * most)
    this.length = new Float64Array(most)
    let limit = 0
    while (1 << limit < places.length) limit++
    this.#limit = limit
    this.#grow(rows, places, 0, places.length, 0, next)
  }

  #grow(rows: Rows, places: Int32Array, from: number, to: number, depth: number, next: Draw): void {
    const node = this.#nodes++
    const { values, dimensions } = rows
    if (this.#boxes.length > 0) this.#enclose(rows, places, from, to, node)
    const first = depth >= this.#limit || to - from <= 1 ? dimensions : 0
    // A feature at random; where it does not vary among these rows, the ones after it.
    const start = Math.floor(next() * dimensions)
    for (let tried = first; tried < dimensions; tried++) {
      const feature = (start + tried) % dimensions
      let least = Infinity, most = -Infinity
      for (let i = from; i < to; i++) {
        const value = values[(places[i] ?? 0) * dimensions + feature] ?? 0
        if (value < least) least = value
        if (value > most) most = value
      }
      if (!(least < most)) continue
      const drawn = least + next() * (most - least), cut = drawn < most ? drawn : least
      let middle = from
      for (let i = from; i < to; i++) {
        const place = places[i] ?? 0
        if ((values[place * dimensions + feature] ?? 0) > cut) continue
        places[i] = places[middle] ?? 0
        places[middle++] = place
      }
      this.feature[node] = feature
      this.cut[node] = cut
      this.children[2 * node] = this.#nodes
      this.#grow(rows, places, from, middle, depth + 1, next)
      this.children[2 * node + 1] = this.#nodes
      this.#grow(rows, places, middle, to, depth + 1, next)
      return
    }
    this.cut[node] = Infinity
    this.children.fill(node, 2 * node, 2 * node + 2)
    this.length[node] = depth + meanPath(to - from)
  }

  #enclose({ values, dimensions }: Rows, places: Int32Array, from: number, to: number, node: number): void {
    const boxes = this.#boxes, box = node * 2 * dimensions
    boxes.fill(Infinity, box, box + dimensions).fill(-Infinity, box + dimensions, box + 2 * dimensions)
    for (let i = from; i < to; i++) {
      const row = (places[i] ?? 0) * dimensions
      for (let f = 0; f < dimensions; f++) {
        const value = values[row + f] ?? 0
        if (value < (boxes[box + f] ?? 0)) boxes[box + f] = value
        if (value > (boxes[box + dimensions + f] ?? 0)) boxes[box + dimensions + f] = value
      }
    }
  }

  /**
   * The path length that the row is expected to have had, had it been one of those that the tree grew on: at each node the cut would have fallen between
   * it and all the others with the chance of the room between them (as a robust random cut forest inserts a point; Guha et al., ICML 2016). Without that,
   * nothing beyond what was seen is any further off than the last of it. Only for trees that keep boxes.
   */
  joinedPathLength(values: Float64Array, at: number): number {
    const { feature, cut, children, length: lengths } = this, boxes = this.#boxes, dimensions = this.#dimensions
    let node = 0, depth = 0, alone = 1, length = 0
    for (;;) {
      const box = node * 2 * dimensions
      let apart = 0, cuttable = 0
      for (let f = 0; f < dimensions; f++) {
        const value = values[at + f] ?? 0, least = boxes[box + f] ?? 0, most = boxes[box + dimensions + f] ?? 0
        const room = value < least ? least - value : value > most ? value - most : 0
        const width = most - least + room
        if (width > 0) cuttable++
        if (room > 0) apart += room / width
      }
      const chance = cuttable === 0 ? 0 : apart / cuttable
      length += alone * chance * (depth + 1)
      alone *= 1 - chance
      const bound = cut[node] ?? Infinity
      if (bound === Infinity) return length + alone * (lengths[node] ?? 0)
      if (alone < 1e-9) return length
      node = children[2 * node + Number((values[at + (feature[node] ?? 0)] ?? 0) > bound)] ?? 0
      depth++
    }
  }

  /** Add to each sum the path length of its row: cuts until it stands alone, and the mean of those that were not made. Four rows go side by side. */
  addPathLengths(values: Float64Array, sums: Float64Array): void {
    const { length } = this, d = this.#dimensions, rows = sums.length
    let row = 0
    for (; row + 3 < rows; row += 4) this.#walkFour(values, row * d, sums, row)
    for (; row < rows; row++) sums[row] = (sums[row] ?? 0) + (length[this.#leafOf(values, row * d)] ?? 0)
  }

  #leafOf(values: Float64Array, at: number): number {
    const { feature, cut, children } = this
    let node = 0
    for (let step = 0; step < this.#limit; step++) node = children[2 * node + Number((values[at + (feature[node] ?? 0)] ?? 0) > (cut[node] ?? 0))] ?? 0
    return node
  }

  #walkFour(values: Float64Array, at: number, sums: Float64Array, row: number): void {
    const { feature, cut, children, length } = this, d = this.#dimensions
    const b = at + d, c = b + d, e = c + d
    let i = 0, j = 0, k = 0, l = 0
    for (let step = 0; step < this.#limit; step++) {
      i = children[2 * i + Number((values[at + (feature[i] ?? 0)] ?? 0) > (cut[i] ?? 0))] ?? 0
      j = children[2 * j + Number((values[b + (feature[j] ?? 0)] ?? 0) > (cut[j] ?? 0))] ?? 0
      k = children[2 * k + Number((values[c + (feature[k] ?? 0)] ?? 0) > (cut[k] ?? 0))] ?? 0
      l = children[2 * l + Number((values[e + (feature[l] ?? 0)] ?? 0) > (cut[l] ?? 0))] ?? 0
    }
    sums[row] = (sums[row] ?? 0) + (length[i] ?? 0)
    sums[row + 1] = (sums[row + 1] ?? 0) + (length[j] ?? 0)
    sums[row + 2] = (sums[row + 2] ?? 0) + (length[k] ?? 0)
    sums[row + 3] = (sums[row + 3] ?? 0) + (length[l] ?? 0)
  }
}

/** `count` of `rows` places without replacement, by Floyd's algorithm, in the order drawn. */
export function drawPlaces(rows: number, count: number, next: Draw): Int32Array {
  const taken = new Set<number>()
  for (let j = rows - count; j < rows; j++) {
    const place = Math.floor(next() * (j + 1))
    taken.add(taken.has(place) ? j : place)
  }
  return Int32Array.from(taken)
}

/** Equation 2: 2^(-mean path length / c(sample)). Near 1 is an anomaly, well below 0.5 is none. */
export const forestScore = (meanLength: number, sample: number): number => Math.exp((-meanLength / (sample > 1 ? meanPath(sample) : 1)) * Math.LN2)

export class IsolationForest {
  readonly trees: readonly IsolationTree[]
  /** Rows that each tree grew on: as asked, or all there were. */
  readonly sample: number
  readonly #dimensions: number

  /** Throws RangeError where there are no rows. */
  constructor(rows: Rows, next: Draw, terms: Partial<ForestTerms> = {}) {
    const { trees, sample } = { ...FOREST, ...terms }
    const n = rows.values.length / rows.dimensions
    if (!(n >= 1)) throw new RangeError('a forest needs rows')
    this.sample = Math.min(sample, n)
    this.#dimensions = rows.dimensions
    this.trees = Array.from({ length: trees }, () => new IsolationTree(rows, drawPlaces(n, this.sample, next), next))
  }

  /** The score of each row. */
  scores({ values }: Rows): Float64Array {
    const n = values.length / this.#dimensions
    const sums = new Float64Array(n)
    // Tree by tree: a tree fits into the nearest cache, all of them do not.
    for (const tree of this.trees) tree.addPathLengths(values, sums)
    return sums.map((sum) => forestScore(sum / this.trees.length, this.sample))
  }
}
