/** Vectors of nodes, near for nodes that keep like company: biased walks (Grover and Leskovec, "node2vec", KDD 2016) read as sentences. */
import { skipgram, type SkipgramTerms } from '../learn/skipgram.ts'
import type { Neighbours } from './graph.ts'
import { bisect } from '../lookup/bisect.ts'

export interface WalkTerms {
  /** Walks from each node, and nodes on each. */
  readonly walks: number
  readonly length: number
  /** How unlikely a step back is (p), and a step further away (q); 1 and 1 is a plain walk. */
  readonly back: number
  readonly away: number
}
const WALKS: WalkTerms = { walks: 10, length: 40, back: 1, away: 1 }

export function walksOf(graph: Neighbours, next: () => number, terms: Partial<WalkTerms> = {}): Int32Array[] {
  const { walks, length, back, away } = { ...WALKS, ...terms }
  const { nodes, starts, ends, weights } = graph
  const all: Int32Array[] = []
  for (let round = 0; round < walks; round++) for (let first = 0; first < nodes; first++) {
    const walk = [first]
    let before = -1
    while (walk.length < length) {
      const node = walk[walk.length - 1] ?? 0
      const from = starts[node] ?? 0, to = starts[node + 1] ?? 0
      if (from === to) break
      const bias = (end: number): number => (before < 0 ? 1 : end === before ? 1 / back : isNeighbour(graph, before, end) ? 1 : 1 / away)
      let sum = 0
      for (let at = from; at < to; at++) sum += (weights[at] ?? 0) * bias(ends[at] ?? 0)
      let draw = next() * sum
      let step = ends[to - 1] ?? 0
      for (let at = from; at < to; at++) {
        draw -= (weights[at] ?? 0) * bias(ends[at] ?? 0)
        if (draw < 0) {
          step = ends[at] ?? 0
          break
        }
      }
      before = node
      walk.push(step)
    }
    if (walk.length > 1) all.push(Int32Array.from(walk))
  }
  return all
}

/** Neighbours stand ascending. */
function isNeighbour({ starts, ends }: Neighbours, node: number, other: number): boolean {
  const until = starts[node + 1] ?? 0, place = bisect(starts[node] ?? 0, until, (at) => (ends[at] ?? 0) < other)
  return place < until && ends[place] === other
}

export function node2vec(graph: Neighbours, next: () => number, walks: Partial<WalkTerms> = {}, terms: Partial<SkipgramTerms> = {}): Float32Array {
  return skipgram(walksOf(graph, next, walks), graph.nodes, next, terms)
}
