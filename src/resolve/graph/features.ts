import { formatInstant, millisOf, type Millis } from '#record/time'
import { command, Failure, type ActionWorld } from '#tool'
import { edgesOf, type EdgeSaid } from '#domain/graph/edges'
import { FEATURES, GraphFeatures } from '#domain/graph/features'
import { LineCursor } from '#domain/audit/lines'
import { recordOfLine } from '#domain/audit/links'
import { WholeLog } from '#domain/audit/whole'

export default command({
  name: 'vanta-graph features',
  summary: 'What the graph says of each node at moments, as features for vanta-train and vanta-classify: only what was known by then.',
  about: [
    'Neighbours, weight, PageRank, community (Leiden; named by its most central node) and a vector (node2vec, going on from the moment before), a row for',
    'each node and moment. Edges are those of records in the audit log, by their known_at; imported ones have none and are left out. What is said of a',
    'moment never changes: a later --to adds rows, if --from, --every and --seed stay. vanta-graph join puts them beside rows of any kind.',
  ].join(' '),
  options: {
    from: { kind: 'moment', help: 'the first moment (default: --to, the only one)' },
    to: { kind: 'moment', help: 'the last moment (default: now)' },
    every: { kind: 'duration', default: '7d', help: 'from one moment to the next' },
    only: { kind: 'text', help: 'say rows only of nodes whose names begin so, such as ticker:' },
    dimensions: { kind: 'integer', default: String(FEATURES.dimensions), help: 'length of the vectors' },
    walks: { kind: 'integer', default: String(FEATURES.walks), help: 'walks from each node' },
    length: { kind: 'integer', default: String(FEATURES.length), help: 'nodes on each walk' },
  },
  examples: ['vanta-graph features --to 2021-02-01 --home /nowhere'],
  act({ from, to: until, every, only = '', dimensions, walks, length }, _, world) {
    const to = until ?? world.clock.now(), first = from ?? to
    if (first > to) throw new Failure('usage', '--from: expected no later than --to')
    if (every <= 0) throw new Failure('usage', '--every: expected more than nothing')
    for (const [name, value] of Object.entries({ dimensions, walks, length })) if (value < 1) throw new Failure('usage', `--${name}: expected 1 or more`)
    const features = new GraphFeatures({ dimensions, walks, length }), known = knownEdges(world, to)
    let next = 0
    for (let moment = first; moment <= to; moment += every) {
      for (let one = known[next]; one !== undefined && one.knownMs <= moment; one = known[++next]) features.add(one.edge)
      const at = formatInstant(moment), random = world.random(`features ${at}`)
      for (const { entity, ...said } of features.now(() => random.next())) {
        if (entity.startsWith(only)) world.print(JSON.stringify({ entity, at, ...said }))
      }
    }
  },
})

interface Known {
  readonly knownMs: Millis
  readonly edge: EdgeSaid
}

/** Edges known by a moment, in the order in which they were known; of those at once in that of the log. */
function knownEdges(world: ActionWorld, untilMs: Millis): Known[] {
  const lines = new WholeLog(world.logs), known: Known[] = []
  try {
    for (const cursor = new LineCursor(lines); cursor.next(); ) {
      const record = recordOfLine(cursor.text())
      if (record === undefined) continue
      const knownMs = millisOf(record.known_at)
      if (knownMs <= untilMs) for (const edge of edgesOf(record)) known.push({ knownMs, edge })
    }
  } finally {
    lines.close()
  }
  return known.sort((a, b) => a.knownMs - b.knownMs)
}
