/** What lies around a node, nearest first. */
import type { Graph } from './graph.ts'

export interface Near {
  readonly name: string
  /** Steps from the node asked about. */
  readonly depth: number
  /** The heaviest edge on which it was reached. */
  readonly via: { readonly from: string; readonly relation: string; readonly to: string; readonly weight: number }
}

/** All within `depth` steps, in either direction, at most `most`; by depth, then by weight, then by name. Undefined where there is no such node. */
export function nearOf(graph: Graph, name: string, depth: number, most: number): { readonly near: readonly Near[]; readonly cut: number } | undefined {
  const start = graph.numberOf(name)
  if (start === undefined) return undefined
  const reached = new Set([start])
  const near: Near[] = []
  let edge = [start]
  for (let step = 1; step <= depth && edge.length > 0; step++) {
    const found = new Map<number, Near>()
    for (const node of edge) for (const { from, to, relation, weight } of graph.around(node)) {
      const other = from === node ? to : from
      if (reached.has(other) || (found.get(other)?.via.weight ?? -1) >= weight) continue
      found.set(other, { name: graph.nameOf(other), depth: step, via: { from: graph.nameOf(from), relation, to: graph.nameOf(to), weight } })
    }
    near.push(...[...found.values()].sort((a, b) => b.via.weight - a.via.weight || (a.name < b.name ? -1 : 1)))
    edge = [...found.keys()]
    for (const node of edge) reached.add(node)
  }
  return { near: near.slice(0, most), cut: Math.max(0, near.length - most) }
}
