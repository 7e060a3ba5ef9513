/**
 * Groups of nodes that have more to do with one another than chance would have it: Louvain (Blondel et al., "Fast unfolding of communities in large
 * networks", 2008) and Leiden (Traag, Waltman and van Eck, "From Louvain to Leiden", Scientific Reports 9, 2019), whose communities never fall
 * apart. Both raise modularity (Newman and Girvan, 2004); the order in which nodes are looked at comes from `next`.
 */
import { rowsOf, type Neighbours } from './graph.ts'

/** Share of weight within communities less what it would be if edges were laid at random; `resolution` above 1 makes smaller ones. */
export function modularity({ nodes, starts, ends, weights }: Neighbours, community: ArrayLike<number>, resolution = 1): number {
  const within = new Map<number, number>(), degree = new Map<number, number>()
  let all = 0
  for (let node = 0; node < nodes; node++) {
    const own = community[node] ?? 0
    for (let at = starts[node] ?? 0; at < (starts[node + 1] ?? 0); at++) {
      const weight = weights[at] ?? 0
      all += weight
      degree.set(own, (degree.get(own) ?? 0) + weight)
      if (community[ends[at] ?? 0] === own) within.set(own, (within.get(own) ?? 0) + weight)
    }
  }
  let sum = 0
  for (const [own, total] of degree) sum += (within.get(own) ?? 0) / all - resolution * (total / all) * (total / all)
  return all === 0 ? 0 : sum
}

/** A graph whose nodes stand for several; `loops` is the weight within each, both ways. */
interface Level {
  readonly graph: Neighbours
  readonly loops: Float64Array
}

export interface CommunityTerms {
  readonly method: 'leiden' | 'louvain'
  readonly resolution: number
}

/** The community of each node, numbered from 0 in the order of their first members. */
export function communitiesOf(graph: Neighbours, next: () => number, terms: CommunityTerms = { method: 'leiden', resolution: 1 }): Int32Array {
  let found = iterated(graph, Int32Array.from({ length: graph.nodes }, (_, i) => i), next, terms), best = modularity(graph, found, terms.resolution)
  if (terms.method === 'louvain') return found
  for (let round = 1; round < ROUNDS; round++) {
    const again = iterated(graph, found, next, terms), better = modularity(graph, again, terms.resolution)
    if (better <= best) return found
    if (better < best + LEAST_GAIN) return again
    found = again
    best = better
  }
  return found
}

/** Leiden goes over all again from what it found, so often at most, until that raises modularity by less. */
const ROUNDS = 8, LEAST_GAIN = 0.001

function iterated(graph: Neighbours, from: Int32Array, next: () => number, { method, resolution }: CommunityTerms): Int32Array {
  let level: Level = { graph, loops: new Float64Array(graph.nodes) }
  /** Of each original node, its node at this level. */
  let at: Int32Array = Int32Array.from({ length: graph.nodes }, (_, i) => i)
  let community: Int32Array = from.slice()
  for (;;) {
    const moved = settle(level, community, resolution, next)
    const parts = method === 'leiden' ? refine(level, community, resolution, next) : numbered(community)
    const count = 1 + parts.reduce((most, part) => Math.max(most, part), -1)
    at = at.map((node) => parts[node] ?? 0)
    if (!moved || count === level.graph.nodes) {
      const final = numbered(community)
      // `at` names parts of the last level: their communities are those of any of their nodes.
      const ofPart = new Int32Array(count)
      parts.forEach((part, node) => void (ofPart[part] = final[node] ?? 0))
      return numbered(at.map((part) => ofPart[part] ?? 0))
    }
    const ofPart = new Int32Array(count)
    parts.forEach((part, node) => void (ofPart[part] = community[node] ?? 0))
    level = together(level, parts, count)
    community = method === 'leiden' ? numbered(ofPart) : Int32Array.from({ length: count }, (_, i) => i)
  }
}

const degreesOf = ({ graph: { nodes, starts, weights }, loops }: Level): Float64Array => {
  const degrees = new Float64Array(nodes)
  for (let node = 0; node < nodes; node++) {
    let sum = loops[node] ?? 0
    for (let at = starts[node] ?? 0; at < (starts[node + 1] ?? 0); at++) sum += weights[at] ?? 0
    degrees[node] = sum
  }
  return degrees
}

/** Move nodes to the community that gains most, until none gains; whether any moved. */
function settle(level: Level, community: Int32Array, resolution: number, next: () => number): boolean {
  const { graph: { nodes, starts, ends, weights } } = level
  const degrees = degreesOf(level)
  const all = degrees.reduce((sum, degree) => sum + degree, 0)
  const totals = new Float64Array(nodes)
  for (let node = 0; node < nodes; node++) totals[community[node] ?? 0] = (totals[community[node] ?? 0] ?? 0) + (degrees[node] ?? 0)
  const queue = shuffled(nodes, next)
  const waiting = new Uint8Array(nodes).fill(1)
  let moved = false
  const links = new Map<number, number>()
  for (let head = 0; head < queue.length; head++) {
    const node = queue[head] ?? 0
    waiting[node] = 0
    const own = community[node] ?? 0, degree = degrees[node] ?? 0
    links.clear()
    links.set(own, 0)
    for (let at = starts[node] ?? 0; at < (starts[node + 1] ?? 0); at++) {
      const other = community[ends[at] ?? 0] ?? 0
      links.set(other, (links.get(other) ?? 0) + (weights[at] ?? 0))
    }
    totals[own] = (totals[own] ?? 0) - degree
    const gainOf = (to: number): number => (links.get(to) ?? 0) - (resolution * degree * (totals[to] ?? 0)) / all
    let best = own, most = gainOf(own)
    for (const to of links.keys()) {
      const gain = gainOf(to)
      if (gain > most + 1e-12) [best, most] = [to, gain]
    }
    totals[best] = (totals[best] ?? 0) + degree
    if (best === own) continue
    community[node] = best
    moved = true
    for (let at = starts[node] ?? 0; at < (starts[node + 1] ?? 0); at++) {
      const other = ends[at] ?? 0
      if (waiting[other] === 1 || community[other] === best) continue
      waiting[other] = 1
      queue.push(other)
    }
  }
  return moved
}

/**
 * Leiden's refinement: within each community nodes start alone again and join only a part that they are linked to and that is itself well linked
 * to the rest, so that a part is always in one piece.
 */
function refine(level: Level, community: Int32Array, resolution: number, next: () => number): Int32Array {
  const { graph: { nodes, starts, ends, weights } } = level
  const degrees = degreesOf(level)
  const all = degrees.reduce((sum, degree) => sum + degree, 0)
  const part = Int32Array.from({ length: nodes }, (_, i) => i)
  const totals = degrees.slice(), sizes = new Int32Array(nodes).fill(1)
  const outward = new Float64Array(nodes)
  const whole = new Map<number, number>()
  for (let node = 0; node < nodes; node++) {
    const own = community[node] ?? 0
    whole.set(own, (whole.get(own) ?? 0) + (degrees[node] ?? 0))
    for (let at = starts[node] ?? 0; at < (starts[node + 1] ?? 0); at++) {
      if (community[ends[at] ?? 0] === own) outward[node] = (outward[node] ?? 0) + (weights[at] ?? 0)
    }
  }
  for (const node of shuffled(nodes, next)) {
    const own = community[node] ?? 0, degree = degrees[node] ?? 0, total = whole.get(own) ?? 0
    if (sizes[part[node] ?? 0] !== 1 || (outward[node] ?? 0) < (resolution * degree * (total - degree)) / all) continue
    const links = new Map<number, number>()
    for (let at = starts[node] ?? 0; at < (starts[node + 1] ?? 0); at++) {
      const end = ends[at] ?? 0
      if (community[end] === own) links.set(part[end] ?? 0, (links.get(part[end] ?? 0) ?? 0) + (weights[at] ?? 0))
    }
    let best = part[node] ?? 0, most = 0
    for (const [to, link] of links) {
      if (to === part[node] || (outward[to] ?? 0) < (resolution * (totals[to] ?? 0) * (total - (totals[to] ?? 0))) / all) continue
      const gain = link - (resolution * degree * (totals[to] ?? 0)) / all
      if (gain > most + 1e-12) [best, most] = [to, gain]
    }
    const alone = part[node] ?? 0
    if (best === alone) continue
    const joint = links.get(best) ?? 0
    outward[best] = (outward[best] ?? 0) + (outward[alone] ?? 0) - 2 * joint
    totals[best] = (totals[best] ?? 0) + degree
    totals[alone] = 0
    sizes[best] = (sizes[best] ?? 0) + 1
    sizes[alone] = 0
    part[node] = best
  }
  return numbered(part)
}

function together({ graph: { nodes, starts, ends, weights }, loops }: Level, part: Int32Array, count: number): Level {
  const between = Array.from({ length: count }, () => new Map<number, number>())
  const within = new Float64Array(count)
  for (let node = 0; node < nodes; node++) {
    const own = part[node] ?? 0
    within[own] = (within[own] ?? 0) + (loops[node] ?? 0)
    for (let at = starts[node] ?? 0; at < (starts[node + 1] ?? 0); at++) {
      const other = part[ends[at] ?? 0] ?? 0, weight = weights[at] ?? 0
      if (other === own) within[own] = (within[own] ?? 0) + weight
      else between[own]?.set(other, (between[own]?.get(other) ?? 0) + weight)
    }
  }
  return { graph: rowsOf(between), loops: within }
}

function shuffled(count: number, next: () => number): number[] {
  const order = Array.from({ length: count }, (_, i) => i)
  for (let i = count - 1; i > 0; i--) {
    const other = Math.floor(next() * (i + 1));
    [order[i], order[other]] = [order[other] ?? 0, order[i] ?? 0]
  }
  return order
}

function numbered(list: Int32Array): Int32Array {
  const numbers = new Map<number, number>()
  return list.map((value) => {
    const known = numbers.get(value)
    if (known !== undefined) return known
    numbers.set(value, numbers.size)
    return numbers.size - 1
  })
}
