/** The graph of a home: a journal of edges that follows the audit log. */
import { Failure, type ActionWorld } from '#tool'
import { BATCH, edgesOf, graphOfLines, lineOfEdge, lineOfMark, type EdgeSaid } from '#domain/graph/edges'
import type { Graph } from '#domain/graph/graph'
import { LINES } from '#domain/audit/files'
import { WholeLog } from '#domain/audit/whole'
import { LineCursor } from '#domain/audit/lines'
import { recordOfLine } from '#domain/audit/links'
import { readNamed } from '#port/folder'
import { edgesIn } from '#wire/graph/in'

const JOURNAL = 'graph.ndjson'
/** Edges of one batch: a crash costs no more than this. */
const EDGES = 100_000

type Home = Pick<ActionWorld, 'journal' | 'logs' | 'folder' | 'log'>

export const graphOfHome = (world: Home): Graph => updated(world).graph

/** The graph with all that the audit log says by now. */
export function updated(world: Home): { readonly graph: Graph; readonly added: number } {
  const journal = world.journal(JOURNAL)
  const { graph, upto } = loaded(world)
  const lines = new WholeLog(world.logs)
  let added = 0
  try {
    if (lines.size() < upto) throw new Failure('data', `logs/${JOURNAL} goes further than logs/${LINES}: it belongs to another log; move it away`)
    const cursor = new LineCursor(lines, upto)
    let batch = new Map<string, EdgeSaid>()
    const close = (): void => {
      if (batch.size === 0) return
      journal.append(BATCH)
      for (const edge of batch.values()) {
        journal.append(lineOfEdge(edge))
        graph.add(edge.from, edge.to, edge.relation, edge.weight)
        added++
      }
      journal.append(lineOfMark(cursor.nextOffset))
      journal.sync()
      batch = new Map()
    }
    while (cursor.next()) {
      const record = recordOfLine(cursor.text())
      if (record === undefined) continue
      for (const edge of edgesOf(record)) {
        const key = JSON.stringify([edge.from, edge.relation, edge.to])
        batch.set(key, { ...edge, weight: edge.weight + (batch.get(key)?.weight ?? 0) })
      }
      if (batch.size >= EDGES) close()
    }
    close()
  } finally {
    lines.close()
  }
  return { graph, added }
}

/** Add the edges of a file; how many there were. */
export function taken(path: string, world: Home): number {
  const edges = edgesIn(readNamed(world.folder, path), path)
  const journal = world.journal(JOURNAL)
  const { upto } = loaded(world)
  if (edges.length === 0) return 0
  journal.append(BATCH)
  for (const edge of edges) journal.append(lineOfEdge(edge))
  journal.append(lineOfMark(upto))
  journal.sync()
  return edges.length
}

function loaded(world: Home): ReturnType<typeof graphOfLines> {
  try {
    return graphOfLines(world.journal(JOURNAL).lines())
  } catch (error) {
    if (error instanceof RangeError) throw new Failure('data', `logs/${JOURNAL}: ${error.message}`)
    throw error
  }
}
