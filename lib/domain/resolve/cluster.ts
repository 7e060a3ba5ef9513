/**
 * Which records are one, of pairs that may be: average linkage over log-odds, then single records moved to where they fit better, as in correlation
 * clustering (Bansal, Blum and Chawla, "Correlation clustering", 2004). Two clusters become one only where the mean of all pairs across them
 * speaks for it, pairs that were not even worth comparing speaking against: one wrong pair does not join what hundreds keep apart, as it
 * does where whatever is connected counts as one.
 */
import { Heap } from '../lookup/heap.ts'

export interface Pair {
  readonly left: number
  readonly right: number
  /** That the two are one. */
  readonly logOdds: number
}

export interface Merge {
  /** The smallest member names a cluster. */
  readonly into: number
  readonly from: number
  /** Mean log-odds of all pairs across. */
  readonly logOdds: number
}

/** What a pair that was never compared is taken to say. */
export const UNCOMPARED = -4
/** No single pair is surer than this. */
const SUREST = 8

export interface Clusters {
  /** Of each record, the smallest member of its cluster. */
  readonly cluster: Int32Array
  /** In the order in which they were made: undoing the last ones in turn takes clusters apart again. */
  readonly merges: readonly Merge[]
  /** Single records that fitted better elsewhere, after all merges. */
  readonly moves: readonly Move[]
}

export interface Move {
  readonly record: number
  /** Clusters by the name that they had; one not seen before for a record that stands alone from then on. */
  readonly from: number
  readonly to: number
  /** What the sum of log-odds within clusters gained. */
  readonly gain: number
}

export function clusterOf(size: number, pairs: readonly Pair[], uncompared = UNCOMPARED): Clusters {
  const cluster = Int32Array.from({ length: size }, (_, i) => i)
  const counts = new Int32Array(size).fill(1)
  const members = Array.from({ length: size }, (_, i) => [i])
  /** Sums over compared pairs, and how many, by neighbour. */
  const links = Array.from({ length: size }, () => new Map<number, { sum: number; count: number }>())
  for (const { left, right, logOdds } of pairs) {
    if (left === right) continue
    const bounded = Math.max(-SUREST, Math.min(SUREST, logOdds))
    for (const [a, b] of [[left, right], [right, left]] as const) {
      const link = links[a]?.get(b)
      if (link === undefined) links[a]?.set(b, { sum: bounded, count: 1 })
      else {
        link.sum += bounded
        link.count++
      }
    }
  }
  const meanOf = (a: number, b: number): number => {
    const link = links[a]?.get(b)
    const across = (counts[a] ?? 1) * (counts[b] ?? 1)
    return link === undefined ? uncompared : (link.sum + uncompared * Math.max(0, across - link.count)) / Math.max(across, link.count)
  }
  const queue = new Heap(isBefore)
  const offer = (a: number, b: number): void => {
    const mean = meanOf(a, b)
    if (mean > 0) queue.push({ mean, a: Math.min(a, b), b: Math.max(a, b) })
  }
  for (let a = 0; a < size; a++) for (const b of links[a]?.keys() ?? []) if (a < b) offer(a, b)
  const merges: Merge[] = []
  for (let best = queue.pop(); best !== undefined; best = queue.pop()) {
    const { a, b, mean } = best
    if (cluster[a] !== a || cluster[b] !== b || meanOf(a, b) !== mean) continue
    merges.push({ into: a, from: b, logOdds: mean })
    for (const member of members[b] ?? []) cluster[member] = a
    members[a]?.push(...(members[b] ?? []))
    members[b] = []
    links[a]?.delete(b)
    for (const [other, link] of links[b] ?? []) {
      if (other === a) continue
      const own = links[a]?.get(other)
      const joined = own === undefined ? { ...link } : { sum: own.sum + link.sum, count: own.count + link.count }
      links[a]?.set(other, joined)
      links[other]?.delete(b)
      links[other]?.set(a, joined)
    }
    links[b]?.clear()
    counts[a] = (counts[a] ?? 0) + (counts[b] ?? 0)
    for (const other of links[a]?.keys() ?? []) offer(a, other)
  }
  const moves = settle(cluster, pairs, uncompared)
  return { cluster: named(cluster), merges, moves }
}

/** Rounds over all records; each move raises the sum of log-odds within clusters, so that it ends. */
const ROUNDS = 20

function settle(cluster: Int32Array, pairs: readonly Pair[], uncompared: number): Move[] {
  const neighbours = new Map<number, Map<number, number>>()
  for (const { left, right, logOdds } of pairs) {
    if (left === right) continue
    for (const [a, b] of [[left, right], [right, left]] as const) {
      let known = neighbours.get(a)
      if (known === undefined) neighbours.set(a, (known = new Map()))
      known.set(b, Math.max(-SUREST, Math.min(SUREST, logOdds)))
    }
  }
  const sizes = new Map<number, number>()
  for (const at of cluster) sizes.set(at, (sizes.get(at) ?? 0) + 1)
  const moves: Move[] = []
  let alone = cluster.length
  for (let round = 0, moved = true; moved && round < ROUNDS; round++) {
    moved = false
    for (const [record, known] of neighbours) {
      const from = cluster[record] ?? 0
      const sums = new Map<number, { sum: number; count: number }>()
      for (const [other, logOdds] of known) {
        const at = cluster[other] ?? 0
        const one = sums.get(at) ?? { sum: 0, count: 0 }
        sums.set(at, { sum: one.sum + logOdds, count: one.count + 1 })
      }
      const fit = (at: number): number => {
        const members = (sizes.get(at) ?? 0) - (at === from ? 1 : 0)
        const { sum, count } = sums.get(at) ?? { sum: 0, count: 0 }
        return sum + uncompared * (members - count)
      }
      const here = fit(from)
      let best = { at: -1, fit: 0 }
      for (const at of sums.keys()) if (at !== from && fit(at) > best.fit) best = { at, fit: fit(at) }
      const gain = best.fit - here
      if (gain <= 1e-9 || (best.at < 0 && sizes.get(from) === 1)) continue
      const to = best.at < 0 ? alone++ : best.at
      cluster[record] = to
      sizes.set(from, (sizes.get(from) ?? 0) - 1)
      sizes.set(to, (sizes.get(to) ?? 0) + 1)
      moves.push({ record, from, to, gain })
      moved = true
    }
  }
  return moves
}

/** Every cluster by its smallest member. */
function named(cluster: Int32Array): Int32Array {
  const first = new Map<number, number>()
  cluster.forEach((at, i) => void (first.has(at) || first.set(at, i)))
  return cluster.map((at) => first.get(at) ?? at)
}

interface Offer {
  readonly mean: number
  readonly a: number
  readonly b: number
}

/** The highest mean first, among equals the lowest places. */
const isBefore = (a: Offer, b: Offer): boolean => a.mean > b.mean || (a.mean === b.mean && (a.a < b.a || (a.a === b.a && a.b < b.b)))
