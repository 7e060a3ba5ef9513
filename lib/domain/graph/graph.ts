/** Who has to do with whom: a graph that grows edge by edge, in typed arrays, so that millions of edges fit in little memory. */

/** What is known of one edge; edges have a direction, which most questions ignore. */
export interface Edge {
  readonly from: number
  readonly to: number
  readonly relation: string
  /** Summed over all that said it: 0 and up. */
  readonly weight: number
}

const FIRST_ROOM = 1024

/** Nodes are numbered in the order in which they were first named. The same edge said again adds to its weight. */
export class Graph {
  readonly #names: string[] = []
  readonly #nodes = new Map<string, number>()
  readonly #relations: string[] = []
  readonly #relationOf = new Map<string, number>()
  #from = new Int32Array(FIRST_ROOM)
  #to = new Int32Array(FIRST_ROOM)
  #kind = new Uint16Array(FIRST_ROOM)
  #weight = new Float32Array(FIRST_ROOM)
  /** The edge before this one of the same node, as `edge + 1`; 0 ends the list. */
  #nextOut = new Int32Array(FIRST_ROOM)
  #nextIn = new Int32Array(FIRST_ROOM)
  #lastOut = new Int32Array(FIRST_ROOM)
  #lastIn = new Int32Array(FIRST_ROOM)
  /** Edges by hash of both ends and the relation, as `edge + 1`: open addressing. */
  #slots = new Int32Array(FIRST_ROOM * 4)
  #edges = 0

  get nodes(): number {
    return this.#names.length
  }

  get edges(): number {
    return this.#edges
  }

  /** Undefined where nobody has named it. */
  numberOf(name: string): number | undefined {
    return this.#nodes.get(name)
  }

  nameOf(node: number): string {
    const name = this.#names[node]
    if (name === undefined) throw new RangeError(`no node ${node}`)
    return name
  }

  node(name: string): number {
    let node = this.#nodes.get(name)
    if (node !== undefined) return node
    node = this.#names.push(name) - 1
    this.#nodes.set(name, node)
    if (node >= this.#lastOut.length) {
      this.#lastOut = grown(this.#lastOut)
      this.#lastIn = grown(this.#lastIn)
    }
    return node
  }

  /** Add a weight above zero to an edge, which is made where it is new. */
  add(fromName: string, toName: string, relation: string, weight = 1): void {
    const from = this.node(fromName), to = this.node(toName), kind = this.#kindOf(relation)
    const slot = this.#slotOf(from, to, kind)
    const known = this.#slots[slot] ?? 0
    if (known > 0) {
      this.#weight[known - 1] = (this.#weight[known - 1] ?? 0) + weight
      return
    }
    const edge = this.#edges++
    if (edge >= this.#from.length) this.#makeRoom()
    this.#from[edge] = from
    this.#to[edge] = to
    this.#kind[edge] = kind
    this.#weight[edge] = weight
    this.#nextOut[edge] = this.#lastOut[from] ?? 0
    this.#nextIn[edge] = this.#lastIn[to] ?? 0
    this.#lastOut[from] = this.#lastIn[to] = edge + 1
    this.#slots[slot] = edge + 1
    if (this.#edges * 2 > this.#slots.length) this.#rehash()
  }

  edge(edge: number): Edge {
    if (edge < 0 || edge >= this.#edges) throw new RangeError(`no edge ${edge}`)
    return {
      from: this.#from[edge] ?? 0, to: this.#to[edge] ?? 0, relation: this.#relations[this.#kind[edge] ?? 0] ?? '', weight: this.#weight[edge] ?? 0,
    }
  }

  /** Edges of a node, out and in, the latest first. */
  *around(node: number): Generator<Edge> {
    for (let edge = this.#lastOut[node] ?? 0; edge > 0; edge = this.#nextOut[edge - 1] ?? 0) yield this.edge(edge - 1)
    for (let edge = this.#lastIn[node] ?? 0; edge > 0; edge = this.#nextIn[edge - 1] ?? 0) yield this.edge(edge - 1)
  }

  degreeOf(node: number): number {
    let degree = 0
    for (let edge = this.#lastOut[node] ?? 0; edge > 0; edge = this.#nextOut[edge - 1] ?? 0) degree++
    for (let edge = this.#lastIn[node] ?? 0; edge > 0; edge = this.#nextIn[edge - 1] ?? 0) degree++
    return degree
  }

  #kindOf(relation: string): number {
    let kind = this.#relationOf.get(relation)
    if (kind === undefined) {
      kind = this.#relations.push(relation) - 1
      this.#relationOf.set(relation, kind)
    }
    return kind
  }

  #slotOf(from: number, to: number, kind: number): number {
    const mask = this.#slots.length - 1
    let hash = Math.imul(from + 1, 0x9e3779b1) ^ Math.imul(to + 1, 0x85ebca6b) ^ Math.imul(kind + 1, 0xc2b2ae35)
    hash ^= hash >>> 15
    let slot = hash & mask
    for (;;) {
      const known = this.#slots[slot] ?? 0
      if (known === 0) return slot
      if (this.#from[known - 1] === from && this.#to[known - 1] === to && this.#kind[known - 1] === kind) return slot
      slot = (slot + 1) & mask
    }
  }

  #rehash(): void {
    this.#slots = new Int32Array(this.#slots.length * 2)
    for (let edge = 0; edge < this.#edges; edge++) {
      this.#slots[this.#slotOf(this.#from[edge] ?? 0, this.#to[edge] ?? 0, this.#kind[edge] ?? 0)] = edge + 1
    }
  }

  #makeRoom(): void {
    this.#from = grown(this.#from)
    this.#to = grown(this.#to)
    this.#nextOut = grown(this.#nextOut)
    this.#nextIn = grown(this.#nextIn)
    const kinds = new Uint16Array(this.#kind.length * 2), weights = new Float32Array(this.#weight.length * 2)
    kinds.set(this.#kind)
    weights.set(this.#weight)
    this.#kind = kinds
    this.#weight = weights
  }
}

function grown(list: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(list.length * 2)
  larger.set(list)
  return larger
}

/** The graph without directions and relations, as rows of neighbours: what walks and communities are found on. Loops are left out. */
export interface Neighbours {
  readonly nodes: number
  /** Neighbours of node n are `ends[starts[n]]` .. `ends[starts[n + 1] - 1]`, ascending. */
  readonly starts: Int32Array
  readonly ends: Int32Array
  readonly weights: Float64Array
}

export function neighboursOf(graph: Graph): Neighbours {
  const between = Array.from({ length: graph.nodes }, () => new Map<number, number>())
  for (let at = 0; at < graph.edges; at++) {
    const { from, to, weight } = graph.edge(at)
    if (from === to) continue
    between[from]?.set(to, (between[from]?.get(to) ?? 0) + weight)
    between[to]?.set(from, (between[to]?.get(from) ?? 0) + weight)
  }
  return rowsOf(between)
}

export function rowsOf(between: readonly ReadonlyMap<number, number>[]): Neighbours {
  const starts = new Int32Array(between.length + 1)
  between.forEach((row, node) => void (starts[node + 1] = (starts[node] ?? 0) + row.size))
  const ends = new Int32Array(starts.at(-1) ?? 0), weights = new Float64Array(ends.length)
  between.forEach((row, node) => {
    let at = starts[node] ?? 0
    for (const [end, weight] of [...row].sort(([a], [b]) => a - b)) {
      ends[at] = end
      weights[at++] = weight
    }
  })
  return { nodes: between.length, starts, ends, weights }
}
