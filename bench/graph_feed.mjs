// What bench/graph.mjs runs in a process of its own: one graph of so many nodes and edges, made up; what each step cost, as JSON.
import graphology from 'graphology'
import louvain from 'graphology-communities-louvain'
import { communitiesOf, modularity } from '#domain/graph/communities'
import { Graph, neighboursOf } from '#domain/graph/graph'

const [, , way = '', nodes = '1000', edges = '5000'] = process.argv
const NODES = Number(nodes), EDGES = Number(edges), DAY = 10_000
// Nodes that mostly have to do with one another.
const CIRCLE = 50

let state = 1
const next = () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32
// Few are in much.
const some = () => Math.floor(NODES * next() * next())

function eachEdge(count, take) {
  for (let i = 0; i < count; i++) {
    const from = some(), to = next() < 0.8 ? from - (from % CIRCLE) + Math.floor(next() * CIRCLE) : some()
    if (from !== to) take(`author:${from}`, `author:${to}`)
  }
}

const steps = []
function step(name, work) {
  const before = process.cpuUsage(), result = work(), { user, system } = process.cpuUsage(before)
  steps.push({ name, cpuMs: (user + system) / 1000, rssMiB: process.memoryUsage.rss() / 2 ** 20 })
  return result
}

const ways = {
  ours() {
    const graph = new Graph(), add = (from, to) => graph.add(from, to, 'speaks_of', 1)
    step('built', () => eachEdge(EDGES, add))
    const size = { nodes: graph.nodes, edges: graph.edges }
    step('a day more', () => eachEdge(DAY, add))
    const rows = step('as neighbours', () => neighboursOf(graph))
    const communities = step('communities', () => communitiesOf(rows, next))
    return { ...size, modularity: modularity(rows, communities) }
  },
  graphology() {
    const graph = new graphology.UndirectedGraph()
    const add = (from, to) => void graph.updateEdge(from, to, ({ weight = 0 }) => ({ weight: weight + 1 }))
    step('built', () => eachEdge(EDGES, add))
    const size = { nodes: graph.order, edges: graph.size }
    step('a day more', () => eachEdge(DAY, add))
    const found = step('communities', () => louvain.detailed(graph, { rng: next }))
    return { ...size, modularity: found.modularity }
  },
}

const size = ways[way]?.()
console.log(JSON.stringify({ ...size, steps, peakMiB: process.resourceUsage().maxRSS / 1024 }))
