/**
 * What the graph says of each node at a moment, as features to learn from. A moment knows the edges that were known by then and nothing else, so that
 * no later edge changes what was said. Vectors go on from those of the moment before (Mahdavi et al., "dynnode2vec", IEEE Big Data 2018): what a place
 * of a vector means stays what it was, as a model needs that was learned on earlier moments.
 */
import { skipgramFrom, type Company } from '../learn/skipgram.ts'
import { pageRank } from './centrality.ts'
import { communitiesOf } from './communities.ts'
import type { EdgeSaid } from './edges.ts'
import { Graph, neighboursOf, type Neighbours } from './graph.ts'
import { walksOf } from './node2vec.ts'

/** Plain JSON: a row, whose `entity` and `at` are what it is looked up by. */
export interface NodeFeatures {
  readonly entity: string
  readonly neighbours: number
  /** Of its edges, summed. */
  readonly weight: number
  /** Times the number of nodes: 1 is what a node has on average. */
  readonly page_rank: number
  /** Named by the node of its own that has the most of `page_rank`. */
  readonly community: string
  readonly community_size: number
  /** Share of `weight` that goes to its own community. */
  readonly within: number
  readonly vector: readonly number[]
}

export interface FeatureTerms {
  readonly dimensions: number
  readonly walks: number
  readonly length: number
}
export const FEATURES: FeatureTerms = { dimensions: 8, walks: 10, length: 20 }

export class GraphFeatures {
  readonly #graph = new Graph()
  readonly #terms: FeatureTerms
  #company: Company | undefined

  constructor(terms: FeatureTerms = FEATURES) {
    this.#terms = terms
  }

  /** Known from now on. */
  add({ from, to, relation, weight }: EdgeSaid): void {
    this.#graph.add(from, to, relation, weight)
  }

  /** Of all nodes, in the order in which they were first named. `next` draws uniform numbers in [0, 1) for this moment alone. */
  now(next: () => number): NodeFeatures[] {
    const { dimensions, walks, length } = this.#terms, graph = neighboursOf(this.#graph)
    const rank = pageRank(graph), community = communitiesOf(graph, next)
    const company = skipgramFrom(walksOf(graph, next, { walks, length }), graph.nodes, next, { dimensions }, this.#company)
    this.#company = company
    const size = new Map<number, number>(), first = new Map<number, number>()
    community.forEach((own, node) => {
      size.set(own, (size.get(own) ?? 0) + 1)
      if ((rank[node] ?? 0) > (rank[first.get(own) ?? -1] ?? -1)) first.set(own, node)
    })
    return Array.from({ length: graph.nodes }, (_, node) => {
      const own = community[node] ?? 0, { weight, inside } = weightsOf(graph, community, node)
      return {
        entity: this.#graph.nameOf(node), neighbours: (graph.starts[node + 1] ?? 0) - (graph.starts[node] ?? 0), weight: six(weight),
        page_rank: six((rank[node] ?? 0) * graph.nodes), community: this.#graph.nameOf(first.get(own) ?? node), community_size: size.get(own) ?? 1,
        within: weight === 0 ? 1 : six(inside / weight),
        vector: Array.from(company.vectors.subarray(node * dimensions, (node + 1) * dimensions), six),
      }
    })
  }
}

function weightsOf({ starts, ends, weights }: Neighbours, community: Int32Array, node: number): { readonly weight: number; readonly inside: number } {
  let weight = 0, inside = 0
  for (let at = starts[node] ?? 0; at < (starts[node + 1] ?? 0); at++) {
    weight += weights[at] ?? 0
    if (community[ends[at] ?? 0] === community[node]) inside += weights[at] ?? 0
  }
  return { weight, inside }
}

const six = (value: number): number => Math.round(value * 1e6) / 1e6
