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

const LEAF = -1

/** One tree, its nodes in order of depth first: what is not greater than the cut goes on at the next node, the rest at `right`. */
export class IsolationTree {
  readonly feature: Int32Array
  /** Where an inner node cuts; of a leaf, its path length: its depth and c(rows in it). */
  readonly cut: Float64Array
  readonly right: Int32Array
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
    this.right = new Int32Array(most)
    let limit = 0
    while (1 << limit < places.length) limit++
    this.#grow(rows, places, 0, places.length, 0, limit, next)
  }

  get nodes(): number {
    return this.#nodes
  }

  #grow(rows: Rows, places: Int32Array, from: number, to: number, depth: number, limit: number, next: Draw): void {
    const node = this.#nodes++
    const { values, dimensions } = rows
    if (this.#boxes.length > 0) this.#enclose(rows, places, from, to, node)
    const first = depth >= limit || to - from <= 1 ? dimensions : 0
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
      this.#grow(rows, places, from, middle, depth + 1, limit, next)
      this.right[node] = this.#nodes
      this.#grow(rows, places, middle, to, depth + 1, limit, next)
      return
    }
    this.feature[node] = LEAF
    this.cut[node] = depth + meanPath(to - from)
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
    const { feature, cut, right } = this, boxes = this.#boxes, dimensions = this.#dimensions
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
      const f = feature[node] ?? LEAF
      if (f === LEAF) return length + alone * (cut[node] ?? 0)
      if (alone < 1e-9) return length
      node = (values[at + f] ?? 0) > (cut[node] ?? 0) ? (right[node] ?? 0) : node + 1
      depth++
    }
  }

  /** The path length of the row that begins at `at`: cuts until it stands alone, and the mean of those that were not made. */
  pathLength(values: Float64Array, at: number): number {
    const { feature, cut, right } = this
    let node = 0
    for (let f = feature[0] ?? LEAF; f !== LEAF; f = feature[node] ?? LEAF) {
      node = (values[at + f] ?? 0) > (cut[node] ?? 0) ? (right[node] ?? 0) : node + 1
    }
    return cut[node] ?? 0
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
    for (const tree of this.trees) for (let i = 0; i < n; i++) sums[i] = (sums[i] ?? 0) + tree.pathLength(values, i * this.#dimensions)
    return sums.map((sum) => forestScore(sum / this.trees.length, this.sample))
  }
}
