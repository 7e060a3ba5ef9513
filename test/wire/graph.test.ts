import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { BATCH, graphOfLines, lineOfEdge, lineOfMark, type EdgeSaid } from '#domain/graph/edges'
import { Graph } from '#domain/graph/graph'
import { nearOf } from '#domain/graph/near'
import { edgesIn } from '#wire/graph/in'
import { cypherOf, graphmlOf } from '#wire/graph/out'

const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 }).map((text) => `ticker:${text.trim() || 'x'}`)
const edges = fc.array(fc.record({ from: name, to: name, relation: fc.constantFrom('peer', 'holds'), weight: fc.integer({ min: 1, max: 9 }) }), { maxLength: 20 })
const graphOf = (list: readonly EdgeSaid[]): Graph => {
  const graph = new Graph()
  for (const { from, to, relation, weight } of list) graph.add(from, to, relation, weight)
  return graph
}
const told = (graph: Graph): string[] => Array.from({ length: graph.edges }, (_, at) => {
  const { from, to, relation, weight } = graph.edge(at)
  return JSON.stringify([graph.nameOf(from), relation, graph.nameOf(to), weight])
}).sort()

test('GraphML out and in again is the same graph', () => {
  fc.assert(fc.property(edges, (list) => {
    const graph = graphOf(list.filter(({ from, to }) => !/[\u0000-\u0020\ufffe\uffff\ud800-\udfff]/.test(from + to)))
    const text = [...graphmlOf(graph)].join('\n')
    assert.deepEqual(told(graphOf(edgesIn(Buffer.from(text), 'x'))), told(graph))
  }))
})

test('Cypher quotes whatever a name holds', () => {
  const lines = [...cypherOf(graphOf([{ from: "ticker:'; MATCH (n) DETACH DELETE n //", to: 'person:a\\', relation: 'od`d', weight: 1 }]))]
  assert.ok(lines.some((line) => line.includes("'ticker:\\'; MATCH (n) DETACH DELETE n //'") && line.includes('MERGE')))
  assert.ok(lines.some((line) => line.includes('[r:`OD``D`]') && line.includes("'person:a\\\\'")))
})

test('what Neo4j exports as JSON lines is taken in; what is neither is named', () => {
  const lines = [
    { type: 'node', id: '0', labels: ['Vanta'], properties: { name: 'ticker:GME' } }, { type: 'node', id: '1', properties: { name: 'person:a' } },
    { type: 'relationship', id: '0', label: 'INSIDER_OF', properties: { weight: 2 }, start: { id: '1' }, end: { id: '0' } },
  ].map((line) => JSON.stringify(line)).join('\n')
  assert.deepEqual(edgesIn(Buffer.from(lines), 'x'), [{ from: 'person:a', to: 'ticker:GME', relation: 'insider_of', weight: 2 }])
  assert.throws(() => edgesIn(Buffer.from('{"type":"other"}'), 'x'), /x:1: expected a node or a relationship/)
  assert.throws(() => edgesIn(Buffer.from('<a/>'), 'x'), /expected <graphml>/)
  assert.throws(() => edgesIn(Buffer.from('{"type":"relationship","start":{"id":1},"end":{"id":2}}'), 'x'), /x:1: expected ends like/)
})

test('a journal: unfinished batches are void, finished ones add up', () => {
  const edge = lineOfEdge({ from: 'a:1', to: 'a:2', relation: 'x', weight: 1 })
  const { graph, upto } = graphOfLines([BATCH, edge, lineOfMark(10), BATCH, edge, BATCH, edge, lineOfMark(20), BATCH, edge])
  assert.deepEqual([told(graph), upto], [['["a:1","x","a:2",2]'], 20])
  assert.throws(() => graphOfLines([BATCH, '{}']), /line 2: neither an edge nor a mark/)
})

test('neighbours: each once, by the fewest steps, the heaviest first', () => {
  const graph = graphOf([['a', 'b', 1], ['c', 'a', 5], ['b', 'c', 9], ['c', 'd', 1], ['d', 'e', 1]].map(([from, to, weight]) =>
    ({ from: `n:${from}`, to: `n:${to}`, relation: 'x', weight: Number(weight) })))
  assert.deepEqual(nearOf(graph, 'n:a', 2, 9)?.near.map(({ name: other, depth }) => `${other} ${depth}`), ['n:c 1', 'n:b 1', 'n:d 2'])
  assert.equal(nearOf(graph, 'n:a', 9, 2)?.cut, 2)
  assert.equal(nearOf(graph, 'n:z', 1, 1), undefined)
})
