import { command, Failure, verbs } from '#tool'
import { columns } from '#domain/report/columns'
import { betweenness, pageRank } from '#domain/graph/centrality'
import { communitiesOf, modularity } from '#domain/graph/communities'
import { neighboursOf } from '#domain/graph/graph'
import { node2vec } from '#domain/graph/node2vec'
import { nearOf } from '#domain/graph/near'
import { cypherOf, graphmlOf } from '#wire/graph/out'
import features from './graph/features.ts'
import { graphOfHome, taken, updated } from './graph/home.ts'
import join from './graph/join.ts'

const SEEN = 'vanta-graph neighbours ticker:GME --home /nowhere'

const update = command({
  name: 'vanta-graph update',
  summary: 'Take what the audit log says of who has to do with whom into the graph, from where it left off.',
  about:
    'Every other verb does so first. The graph is logs/graph.ndjson, edges by batches, each closed by how far in logs/audit.jsonl it goes; what a crash ' +
    'leaves unfinished is void and done again.',
  options: {},
  examples: ['vanta-graph update --home /nowhere'],
  act(_, __, world) {
    const { graph, added } = updated(world)
    world.print(`${added} edges said anew; ${graph.nodes} nodes, ${graph.edges} edges`)
  },
})

const neighbours = command({
  name: 'vanta-graph neighbours',
  summary: 'What lies around a node: who speaks of it, trades it, holds it, belongs to it, and what those have to do with.',
  operands: 'NAME',
  options: {
    depth: { kind: 'integer', default: '1', help: 'steps, in either direction' },
    most: { kind: 'integer', default: '50', help: 'how many at most, the nearest and heaviest' },
    table: { kind: 'flag', help: 'a table for people' },
  },
  examples: [{ run: SEEN, note: 'nobody has named it', status: 1 }],
  act({ depth, most, table }, [name], world) {
    if (name === undefined) throw new Failure('usage', 'around which node?')
    const found = nearOf(graphOfHome(world), name, depth, most)
    if (found === undefined) throw new Failure('negative', `the graph has no node ${name}`)
    if (table) {
      const rows = found.near.map(({ depth: steps, name: other, via: { from, relation, to, weight } }) =>
        [String(steps), other, `${from === other ? 'it' : from} ${relation} ${to === other ? 'it' : to}`, weight.toFixed(2)])
      for (const line of columns([['STEPS', 'NODE', 'BY', 'WEIGHT'], ...rows], new Set([0, 3]))) world.print(line)
    } else for (const near of found.near) world.print(JSON.stringify(near))
    if (found.cut > 0) world.log.info(`${found.cut} more: --most`, { cut: found.cut })
  },
})

const out = command({
  name: 'vanta-graph export',
  summary: 'The graph for others: Cypher statements for Neo4j, or GraphML.',
  options: { format: { kind: 'choice', choices: ['cypher', 'graphml'], default: 'cypher', help: 'what to write' } },
  examples: ['vanta-graph export --format graphml --home /nowhere | head -2'],
  act({ format }, _, world) {
    const graph = graphOfHome(world)
    for (const line of format === 'cypher' ? cypherOf(graph) : graphmlOf(graph)) world.print(line)
  },
})

const take = command({
  name: 'vanta-graph import',
  summary: 'Add the edges of a GraphML file, or of Neo4j\'s JSON export, to the graph.',
  operands: 'FILE',
  options: {},
  examples: [
    'vanta-graph export --format graphml --home /nowhere > /tmp/g.graphml && vanta-graph import /tmp/g.graphml',
  ],
  act(_, [file], world) {
    if (file === undefined) throw new Failure('usage', 'which file?')
    world.print(`${taken(file, world)} edges taken in`)
  },
})

const communities = command({
  name: 'vanta-graph communities',
  summary: 'Groups of nodes that have more to do with one another than chance would have it.',
  options: {
    method: { kind: 'choice', choices: ['leiden', 'louvain'], default: 'leiden', help: 'how they are found' },
    resolution: { kind: 'number', default: '1', help: 'above 1 makes smaller ones' },
  },
  examples: ['vanta-graph communities --home /nowhere'],
  act({ method, resolution }, _, world) {
    const graph = graphOfHome(world)
    const rows = neighboursOf(graph)
    const random = world.random('communities')
    const community = communitiesOf(rows, () => random.next(), { method, resolution })
    community.forEach((own, node) => world.print(JSON.stringify({ node: graph.nameOf(node), community: own })))
    world.log.info(`${new Set(community).size} communities, modularity ${modularity(rows, community, resolution).toFixed(4)}`)
  },
})

const centrality = command({
  name: 'vanta-graph centrality',
  summary: 'How central each node is: edges, PageRank, betweenness.',
  options: {
    sources: { kind: 'integer', default: '200', help: 'nodes that betweenness is counted from (all of them: exact)' },
    most: { kind: 'integer', default: '50', help: 'how many, by PageRank' },
    table: { kind: 'flag', help: 'a table for people' },
  },
  examples: ['vanta-graph centrality --home /nowhere'],
  act({ sources, most, table }, _, world) {
    const graph = graphOfHome(world)
    const rows = neighboursOf(graph)
    const rank = pageRank(rows)
    const random = world.random('sources')
    const chosen = sources >= graph.nodes ? [...rank.keys()] : [...new Set(Array.from({ length: sources }, () => random.integer(graph.nodes)))]
    const between = betweenness(rows, chosen)
    const order = [...rank.keys()].sort((a, b) => (rank[b] ?? 0) - (rank[a] ?? 0) || a - b).slice(0, most)
    const told = order.map((node) => ({ node: graph.nameOf(node), degree: graph.degreeOf(node), page_rank: rank[node] ?? 0, betweenness: between[node] ?? 0 }))
    if (table) {
      const cells = told.map(({ node, degree, page_rank: page, betweenness: ways }) => [node, String(degree), page.toFixed(6), ways.toFixed(1)])
      for (const line of columns([['NODE', 'EDGES', 'PAGERANK', 'BETWEENNESS'], ...cells], new Set([1, 2, 3]))) world.print(line)
    } else for (const one of told) world.print(JSON.stringify(one))
  },
})

const embed = command({
  name: 'vanta-graph embed',
  summary: 'A vector for each node, near for nodes that keep like company (node2vec).',
  options: {
    dimensions: { kind: 'integer', default: '32', help: 'length of each vector' },
    walks: { kind: 'integer', default: '10', help: 'walks from each node' },
    length: { kind: 'integer', default: '40', help: 'nodes on each walk' },
    back: { kind: 'number', default: '1', help: 'p: how unlikely a step back is' },
    away: { kind: 'number', default: '1', help: 'q: how unlikely a step further away is' },
  },
  examples: ['vanta-graph embed --home /nowhere'],
  act({ dimensions, walks, length, back, away }, _, world) {
    const graph = graphOfHome(world)
    const random = world.random('embed')
    const vectors = node2vec(neighboursOf(graph), () => random.next(), { walks, length, back, away }, { dimensions })
    for (let node = 0; node < graph.nodes; node++) {
      const vector = [...vectors.subarray(node * dimensions, (node + 1) * dimensions)].map((value) => Math.round(value * 1e6) / 1e6)
      world.print(JSON.stringify({ node: graph.nameOf(node), vector }))
    }
  },
})

export default verbs({
  name: 'vanta-graph',
  summary: 'Who has to do with whom: neighbours, communities, centrality, vectors, features to learn from; for Neo4j and from it.',
  verbs: { update, neighbours, export: out, import: take, communities, centrality, embed, features, join },
})
