/** A graph as others read it: Cypher statements for Neo4j, GraphML. */
import type { Graph } from '#domain/graph/graph'

/** `ticker:GME` is a :Ticker of the name GME; the whole name is its key. */
const labelOf = (name: string): string => {
  const space = name.slice(0, name.indexOf(':'))
  return space === '' ? 'Thing' : space.charAt(0).toUpperCase() + space.slice(1)
}
const quoted = (text: string): string => `'${text.replace(/\\/g, '\\\\').replace(/'/g, "\\'").replace(/\n/g, '\\n').replace(/\r/g, '\\r')}'`
const ticked = (name: string): string => `\`${name.replace(/`/g, '``')}\``
/** Rows of one UNWIND: Neo4j plans each statement once. */
const ROWS = 500

/**
 * Statements that make or update the graph, whatever of it is there already: `cypher-shell < graph.cypher`. Labels and relation types as in the Cypher
 * manual, "Naming rules"; every value is a quoted literal.
 */
export function* cypherOf(graph: Graph): Generator<string> {
  const labels = new Map<string, string[]>()
  for (let node = 0; node < graph.nodes; node++) {
    const name = graph.nameOf(node)
    const known = labels.get(labelOf(name))
    if (known === undefined) labels.set(labelOf(name), [name])
    else known.push(name)
  }
  yield 'CREATE CONSTRAINT vanta_name IF NOT EXISTS FOR (n:Vanta) REQUIRE n.name IS UNIQUE;'
  for (const [label, names] of [...labels].sort()) for (let from = 0; from < names.length; from += ROWS) {
    const rows = names.slice(from, from + ROWS).map(quoted).join(', ')
    yield `UNWIND [${rows}] AS name MERGE (n:Vanta {name: name}) SET n:${ticked(label)};`
  }
  const relations = new Map<string, string[]>()
  for (let at = 0; at < graph.edges; at++) {
    const { from, to, relation, weight } = graph.edge(at)
    const row = `{from: ${quoted(graph.nameOf(from))}, to: ${quoted(graph.nameOf(to))}, weight: ${weight}}`
    const known = relations.get(relation)
    if (known === undefined) relations.set(relation, [row])
    else known.push(row)
  }
  for (const [relation, rows] of [...relations].sort()) for (let from = 0; from < rows.length; from += ROWS) {
    const type = ticked(relation.toUpperCase())
    yield `UNWIND [${rows.slice(from, from + ROWS).join(', ')}] AS row MATCH (a:Vanta {name: row.from}), (b:Vanta {name: row.to}) ` +
      `MERGE (a)-[r:${type}]->(b) SET r.weight = row.weight;`
  }
}

/** Without the characters that XML cannot hold. */
const escaped = (text: string): string =>
  text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
    .replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;')

/** GraphML (http://graphml.graphdrawing.org/specification.html): nodes by name, edges with relation and weight. */
export function* graphmlOf(graph: Graph): Generator<string> {
  yield '<?xml version="1.0" encoding="UTF-8"?>'
  yield '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">'
  yield '  <key id="relation" for="edge" attr.name="relation" attr.type="string"/>'
  yield '  <key id="weight" for="edge" attr.name="weight" attr.type="double"/>'
  yield '  <graph edgedefault="directed">'
  for (let node = 0; node < graph.nodes; node++) yield `    <node id="${escaped(graph.nameOf(node))}"/>`
  for (let at = 0; at < graph.edges; at++) {
    const { from, to, relation, weight } = graph.edge(at)
    yield `    <edge source="${escaped(graph.nameOf(from))}" target="${escaped(graph.nameOf(to))}">` +
      `<data key="relation">${escaped(relation)}</data><data key="weight">${weight}</data></edge>`
  }
  yield '  </graph>'
  yield '</graphml>'
}
