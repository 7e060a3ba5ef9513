import type { Kind } from '#record'
import { dotOf, graphOf, mermaidOf, type LineageGraph } from '#domain/audit/graph'
import { treeOf } from '#domain/audit/tree'
import { command, Failure } from '#tool'
import { prefixIn, traced } from '#tool/asking'
import { kindsOf } from './selecting.ts'

export default command({
  name: 'vanta-audit lineage',
  summary: 'Everything a record was made from, from a fill up to the raw signals, and everything that was made from it.',
  about: [
    'The record comes first, then with --up what it was made from, latest first, and with --down what came of it, earliest first. An index beside',
    'the log (logs/audit.index, which can be removed at any time) leads to the lines; what it says is held against them. It is extended as',
    'the log grows: by a question, or ahead of it by vanta-audit index.',
  ].join(' '),
  options: {
    up: { kind: 'flag', help: 'what it was made from; so too where neither way is named' },
    down: { kind: 'flag', help: 'what was made from it' },
    depth: { kind: 'integer', help: 'go no further than this many steps' },
    kind: { kind: 'list', help: `show only records of these kinds, such as fill,order, beside the one asked for` },
    format: {
      kind: 'choice', choices: ['ndjson', 'tree', 'dot', 'mermaid'], default: 'ndjson',
      help: 'the records; a tree for people; a graph for Graphviz, or for Mermaid',
    },
    all: { kind: 'flag', help: 'with --format tree: show every sibling, however many' },
  },
  operands: 'ID',
  examples: [
    { run: 'vanta-audit lineage 3f2a9c --format tree --home /nowhere', note: 'the beginning of an id will do', status: 1 },
    { run: 'vanta-audit lineage 3f2a9c --down --kind fill --home /nowhere', note: 'every fill that a signal had a part in', status: 1 },
  ],
  act({ up, down, depth, kind, format, all }, operands, world, emit) {
    const prefix = prefixIn(operands)
    if (depth !== undefined && depth < 0) throw new Failure('usage', `--depth: expected 0 or more, got ${depth}`)
    const kinds = kind === undefined ? undefined : kindsOf(kind)
    const ways = { up: up || !down, down }
    const found = traced(prefix, { ...ways, ...(depth !== undefined && { depth }) }, world)
    const { missing, ancestors, descendants } = found
    if (missing.length > 0) world.log.warn(`${missing.length} parents are not in the log`, { first: missing[0] })
    if (format === 'ndjson') {
      const isShown = (one: Kind): boolean => kinds === undefined || kinds.includes(one)
      emit(found.root.record)
      for (const { record } of [...ancestors, ...descendants]) if (isShown(record.kind)) emit(record)
      return
    }
    const graph = graphOf(found, kinds)
    const lines = format === 'tree' ? treesOf(graph, ways, all) : format === 'dot' ? dotOf(graph) : mermaidOf(graph)
    for (const line of lines) world.print(line)
  },
})

function* treesOf({ root, parentsOf, childrenOf }: LineageGraph, { up, down }: { up: boolean; down: boolean }, all: boolean): Generator<string> {
  if (up && down) yield 'made from:'
  if (up) yield* treeOf(root, parentsOf, { all })
  if (up && down) yield 'led to:'
  if (down) yield* treeOf(root, childrenOf, { all })
}
