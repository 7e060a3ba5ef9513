/** A lineage as a graph, for the tools that draw graphs: Graphviz (https://graphviz.org/doc/info/lang.html) and Mermaid (https://mermaid.js.org). */
import type { Kind, Vanta } from '#record'
import type { Lineage } from './lineage.ts'
import { partsOf } from './tree.ts'

export interface LineageGraph {
  readonly root: Vanta
  /** Those shown, latest first. */
  readonly records: readonly Vanta[]
  /** Of each shown record those it was made from, through any that are not shown. */
  parentsOf(record: Vanta): readonly Vanta[]
  childrenOf(record: Vanta): readonly Vanta[]
}

/** Of the lineage the record asked for, and those of these kinds; all, where none are named. */
export function graphOf({ root, ancestors, descendants }: Lineage, kinds: readonly Kind[] = []): LineageGraph {
  const all = [...descendants.toReversed(), root, ...ancestors].map(({ record }) => record)
  const byId = new Map(all.map((record) => [record.id, record]))
  const isShown = (record: Vanta): boolean => record === root.record || kinds.length === 0 || kinds.includes(record.kind)
  const records = all.filter(isShown)
  const parents = new Map(records.map((record) => [record.id, nearest(record)]))
  const children = new Map<string, Vanta[]>()
  for (const record of records.toReversed()) {
    for (const { id } of parents.get(record.id) ?? []) {
      const known = children.get(id)
      if (known === undefined) children.set(id, [record])
      else known.push(record)
    }
  }
  return { root: root.record, records, parentsOf: ({ id }) => parents.get(id) ?? [], childrenOf: ({ id }) => children.get(id) ?? [] }

  function nearest(record: Vanta): readonly Vanta[] {
    const found = new Set<Vanta>(), seen = new Set([record.id])
    const open = [...record.parents].reverse()
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      const parent = byId.get(id)
      if (parent === undefined || seen.has(id)) continue
      seen.add(id)
      if (isShown(parent)) found.add(parent)
      else open.push(...parent.parents.toReversed())
    }
    return [...found]
  }
}

const LABEL_CHARACTERS = 60

const labelOf = (record: Vanta): readonly string[] =>
  partsOf(record).map((part) => (part.length > LABEL_CHARACTERS ? `${part.slice(0, LABEL_CHARACTERS - 1)}…` : part))

/** Causes stand above what was made of them. */
export function* dotOf(graph: LineageGraph): Generator<string> {
  yield 'digraph lineage {'
  yield '  node [shape=box, fontname="sans-serif", fontsize=10]'
  const names = namesOf(graph)
  for (const record of graph.records) {
    const label = labelOf(record).map((part) => part.replace(/[\\"]/g, '\\$&').replace(/\s+/g, ' ')).join('\\n')
    yield `  ${names.get(record.id)} [label="${label}"${record === graph.root ? ', penwidth=2' : ''}]`
  }
  for (const [from, to] of edgesOf(graph)) yield `  ${names.get(from.id)} -> ${names.get(to.id)}`
  yield '}'
}

/** Characters that Mermaid or Markdown may read as more than text, as entities. */
const entities = (part: string): string => part.replace(/\s+/g, ' ').replace(/["#&<>[\]{}()|`\\*_~]/g, (one) => `#${one.charCodeAt(0)};`)

export function* mermaidOf(graph: LineageGraph): Generator<string> {
  yield 'flowchart TD'
  const names = namesOf(graph)
  for (const record of graph.records) {
    yield `  ${names.get(record.id)}["${labelOf(record).map(entities).join('<br/>')}"]`
  }
  for (const [from, to] of edgesOf(graph)) yield `  ${names.get(from.id)} --> ${names.get(to.id)}`
  yield `  style ${names.get(graph.root.id)} stroke-width:3px`
}

const namesOf = ({ records }: LineageGraph): ReadonlyMap<string, string> => new Map(records.map(({ id }, nth) => [id, `n${nth}`]))

function* edgesOf({ records, parentsOf }: LineageGraph): Generator<readonly [from: Vanta, to: Vanta]> {
  for (const record of records) for (const parent of parentsOf(record)) yield [parent, record]
}
