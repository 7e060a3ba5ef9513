import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { betweenness, pageRank } from '#domain/graph/centrality'
import { communitiesOf, modularity } from '#domain/graph/communities'
import { Graph, neighboursOf, type Neighbours } from '#domain/graph/graph'
import { node2vec } from '#domain/graph/node2vec'
import { seededRandom } from '#tool/random'

/** Zachary's karate club (Journal of Anthropological Research 33, 1977), members from 1. */
const KARATE = `2 1 3 1 3 2 4 1 4 2 4 3 5 1 6 1 7 1 7 5 7 6 8 1 8 2 8 3 8 4 9 1 9 3 10 3 11 1 11 5 11 6 12 1 13 1 13 4 14 1 14 2 14 3 14 4 17 6 17 7 18 1 18 2
20 1 20 2 22 1 22 2 26 24 26 25 28 3 28 24 28 25 29 3 30 24 30 27 31 2 31 9 32 1 32 25 32 26 32 29 33 3 33 9 33 15 33 16 33 19 33 21 33 23 33 24 33 30
33 31 33 32 34 9 34 10 34 14 34 15 34 16 34 19 34 20 34 21 34 23 34 24 34 27 34 28 34 29 34 30 34 31 34 32 34 33`

function graphOf(pairs: readonly (readonly [number, number])[]): Neighbours {
  const graph = new Graph()
  const most = pairs.reduce((high, [a, b]) => Math.max(high, a, b), 0)
  for (let node = 0; node <= most; node++) graph.node(`n:${node}`)
  for (const [a, b] of pairs) graph.add(`n:${a}`, `n:${b}`, 'knows')
  return neighboursOf(graph)
}
const karate = (): Neighbours => {
  const numbers = KARATE.split(/\s+/).map(Number)
  return graphOf(Array.from({ length: numbers.length / 2 }, (_, i) => [(numbers[2 * i] ?? 1) - 1, (numbers[2 * i + 1] ?? 1) - 1] as const))
}
const next = (seed: string) => {
  const random = seededRandom(seed, 'graph')
  return () => random.next()
}

test('karate club: the best modularity there is, 0.4198, or near', () => {
  const graph = karate()
  assert.equal(graph.ends.length, 156)
  const found = Array.from({ length: 20 }, (_, seed) => modularity(graph, communitiesOf(graph, next(String(seed)))))
  assert.ok(Math.max(...found) > 0.4197 && Math.max(...found) < 0.41979, `${Math.max(...found)}`)
  assert.ok(Math.min(...found) > 0.4, `${Math.min(...found)}`)
  const louvain = communitiesOf(graph, next('1'), { method: 'louvain', resolution: 1 })
  assert.ok(modularity(graph, louvain) > 0.39)
})

test('a ring of cliques falls into its cliques', () => {
  const pairs: [number, number][] = []
  for (let clique = 0; clique < 10; clique++) {
    for (let a = 0; a < 5; a++) for (let b = a + 1; b < 5; b++) pairs.push([clique * 5 + a, clique * 5 + b])
    pairs.push([clique * 5, ((clique + 1) % 10) * 5 + 1])
  }
  const graph = graphOf(pairs)
  for (const method of ['leiden', 'louvain'] as const) {
    const community = communitiesOf(graph, next('1'), { method, resolution: 1 })
    assert.equal(new Set(community).size, 10)
    community.forEach((own, node) => assert.equal(own, community[node - (node % 5)]))
  }
})

const graphs = fc.array(fc.tuple(fc.nat(14), fc.nat(14)), { minLength: 1, maxLength: 40 }).map(graphOf)

test('Leiden: every community is in one piece, and none is worse than all alone', () => {
  fc.assert(fc.property(graphs, fc.string(), (graph, seed) => {
    const community = communitiesOf(graph, next(seed))
    assert.ok(modularity(graph, community) >= modularity(graph, Array.from({ length: graph.nodes }, (_, i) => i)) - 1e-9)
    for (const own of new Set(community)) {
      const members = [...community.keys()].filter((node) => community[node] === own)
      const reached = new Set([members[0] ?? 0])
      for (const node of reached) for (let at = graph.starts[node] ?? 0; at < (graph.starts[node + 1] ?? 0); at++) {
        if (community[graph.ends[at] ?? 0] === own) reached.add(graph.ends[at] ?? 0)
      }
      assert.equal(reached.size, members.length)
    }
  }))
})

/** Shortest ways by trying all: for each pair, the share of them that passes each node. */
function betweennessSlowly(graph: Neighbours): number[] {
  const neighbours = (node: number): number[] => [...graph.ends.subarray(graph.starts[node] ?? 0, graph.starts[node + 1] ?? 0)]
  const out = new Array<number>(graph.nodes).fill(0)
  for (let a = 0; a < graph.nodes; a++) for (let b = a + 1; b < graph.nodes; b++) {
    let ways: number[][] = [[a]]
    for (let step = 0; step < graph.nodes && ways.length > 0 && !ways.some((way) => way.at(-1) === b); step++) {
      const seen = new Set(ways.flat())
      ways = ways.flatMap((way) => neighbours(way.at(-1) ?? 0).filter((end) => !seen.has(end)).map((end) => [...way, end]))
    }
    const found = ways.filter((way) => way.at(-1) === b)
    for (const way of found) for (const node of way.slice(1, -1)) out[node] = (out[node] ?? 0) + 1 / found.length
  }
  return out
}

test('betweenness, against trying all ways', () => {
  const small = fc.array(fc.tuple(fc.nat(7), fc.nat(7)), { minLength: 1, maxLength: 14 }).map(graphOf)
  fc.assert(fc.property(small, (graph) => {
    const said = betweenness(graph, [...Array(graph.nodes).keys()])
    betweennessSlowly(graph).forEach((truth, node) => assert.ok(Math.abs(truth - (said[node] ?? 0)) < 1e-9))
  }))
})

test('PageRank adds up to one and is where following it once more leads', () => {
  fc.assert(fc.property(graphs, (graph) => {
    const rank = pageRank(graph)
    assert.ok(Math.abs(rank.reduce((sum, each) => sum + each, 0) - 1) < 1e-9)
    for (let node = 0; node < graph.nodes; node++) {
      let sum = 0
      for (let other = 0; other < graph.nodes; other++) {
        let own = 0, all = 0
        for (let at = graph.starts[other] ?? 0; at < (graph.starts[other + 1] ?? 0); at++) {
          all += graph.weights[at] ?? 0
          if (graph.ends[at] === node) own += graph.weights[at] ?? 0
        }
        sum += (rank[other] ?? 0) * (all === 0 ? 1 / graph.nodes : own / all)
      }
      assert.ok(Math.abs((rank[node] ?? 0) - (0.15 / graph.nodes + 0.85 * sum)) < 1e-8)
    }
  }), { numRuns: 50 })
})

test('edges said again add up, whatever the order; a graph of many edges finds each', () => {
  const graph = new Graph()
  for (let i = 0; i < 5000; i++) graph.add(`a:${i % 71}`, `b:${i % 53}`, i % 2 === 0 ? 'x' : 'y', 0.5)
  assert.equal(graph.nodes, 124)
  let sum = 0
  for (let at = 0; at < graph.edges; at++) sum += graph.edge(at).weight
  assert.equal(sum, 2500)
  const node = graph.numberOf('a:0') ?? -1
  assert.equal([...graph.around(node)].length, graph.degreeOf(node))
  assert.ok([...graph.around(node)].every(({ from }) => from === node))
})

test('node2vec: nodes of one block are near', () => {
  const random = seededRandom('1', 'blocks')
  const pairs: [number, number][] = []
  for (let a = 0; a < 60; a++) for (let b = a + 1; b < 60; b++) if (random.next() < (Math.floor(a / 20) === Math.floor(b / 20) ? 0.4 : 0.02)) pairs.push([a, b])
  const graph = graphOf(pairs)
  const dimensions = 16
  const vectors = node2vec(graph, next('1'), { walks: 10, length: 20 }, { dimensions, epochs: 5, rate: 0.05 })
  const near = (a: number): number => {
    let best = -1, most = -Infinity
    for (let b = 0; b < graph.nodes; b++) {
      let dot = 0, left = 0, right = 0
      for (let d = 0; d < dimensions; d++) {
        dot += (vectors[a * dimensions + d] ?? 0) * (vectors[b * dimensions + d] ?? 0)
        left += (vectors[a * dimensions + d] ?? 0) * (vectors[a * dimensions + d] ?? 0)
        right += (vectors[b * dimensions + d] ?? 0) * (vectors[b * dimensions + d] ?? 0)
      }
      if (b !== a && dot / Math.sqrt(left * right) > most) [best, most] = [b, dot / Math.sqrt(left * right)]
    }
    return best
  }
  const right = Array.from({ length: 60 }, (_, a) => a).filter((a) => Math.floor(near(a) / 20) === Math.floor(a / 20)).length
  assert.ok(right >= 57, `${right} of 60`)
})
