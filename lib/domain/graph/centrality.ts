/** How central a node is, by several meanings of the word. */
import type { Neighbours } from './graph.ts'

/**
 * The share of time that a walker spends on each node who follows edges by their weight and, now and then, starts anew anywhere (Page et al., "The
 * PageRank citation ranking", 1999). Adds up to 1.
 */
export function pageRank({ nodes, starts, ends, weights }: Neighbours, { follow = 0.85, tolerance = 1e-10, rounds = 200 } = {}): Float64Array {
  let rank = new Float64Array(nodes).fill(1 / nodes), next = new Float64Array(nodes)
  const sums = new Float64Array(nodes)
  for (let node = 0; node < nodes; node++) {
    for (let at = starts[node] ?? 0; at < (starts[node + 1] ?? 0); at++) sums[node] = (sums[node] ?? 0) + (weights[at] ?? 0)
  }
  for (let round = 0; round < rounds; round++) {
    let stuck = 0
    next.fill(0)
    for (let node = 0; node < nodes; node++) {
      if (sums[node] === 0) stuck += rank[node] ?? 0
      for (let at = starts[node] ?? 0; at < (starts[node + 1] ?? 0); at++) {
        const end = ends[at] ?? 0
        next[end] = (next[end] ?? 0) + ((rank[node] ?? 0) * (weights[at] ?? 0)) / (sums[node] ?? 1)
      }
    }
    let change = 0
    for (let node = 0; node < nodes; node++) {
      const value = (1 - follow) / nodes + follow * ((next[node] ?? 0) + stuck / nodes)
      change += Math.abs(value - (rank[node] ?? 0))
      next[node] = value
    }
    [rank, next] = [next, rank]
    if (change < tolerance) break
  }
  return rank
}

/**
 * On how many shortest ways a node lies (Brandes, "A faster algorithm for betweenness centrality", 2001), edges being of equal length; each pair once.
 * With fewer `sources` than nodes it is estimated from those and scaled up.
 */
export function betweenness({ nodes, starts, ends }: Neighbours, sources: readonly number[]): Float64Array {
  const between = new Float64Array(nodes)
  const distance = new Int32Array(nodes), ways = new Float64Array(nodes), share = new Float64Array(nodes)
  for (const source of sources) {
    distance.fill(-1)
    ways.fill(0)
    share.fill(0)
    distance[source] = 0
    ways[source] = 1
    const order = [source]
    for (let head = 0; head < order.length; head++) {
      const node = order[head] ?? 0
      for (let at = starts[node] ?? 0; at < (starts[node + 1] ?? 0); at++) {
        const end = ends[at] ?? 0
        if (distance[end] === -1) {
          distance[end] = (distance[node] ?? 0) + 1
          order.push(end)
        }
        if (distance[end] === (distance[node] ?? 0) + 1) ways[end] = (ways[end] ?? 0) + (ways[node] ?? 0)
      }
    }
    for (let i = order.length - 1; i > 0; i--) {
      const node = order[i] ?? 0
      for (let at = starts[node] ?? 0; at < (starts[node + 1] ?? 0); at++) {
        const end = ends[at] ?? 0
        if (distance[end] === (distance[node] ?? 0) - 1) share[end] = (share[end] ?? 0) + ((ways[end] ?? 0) / (ways[node] ?? 1)) * (1 + (share[node] ?? 0))
      }
      between[node] = (between[node] ?? 0) + (share[node] ?? 0)
    }
  }
  const scale = sources.length === 0 ? 0 : nodes / sources.length / 2
  return between.map((value) => value * scale)
}
