import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { memoryLogs, type MemoryLogs } from '#adapter/memory/logs'
import { LINES } from '#domain/audit/files'
import { dotOf, graphOf, mermaidOf } from '#domain/audit/graph'
import { askIndex } from '#domain/audit/index/store'
import { lineageOf, type Lineage, type Trace } from '#domain/audit/lineage'
import { treeOf } from '#domain/audit/tree'
import { lineOf, make, type Control, type Vanta } from '#record'
import { recordOf } from './fixture.ts'

function logsOf(lines: readonly string[]): MemoryLogs {
  const logs = memoryLogs()
  logs.files.set(LINES, Buffer.from(lines.map((line) => `${line}\n`).join('')))
  return logs
}

const trace = (logs: MemoryLogs, prefix: string, how: Partial<Trace> = {}): ReturnType<typeof lineageOf> =>
  askIndex(logs, (index) => lineageOf(index, prefix, { up: true, down: true, ...how }))

function traced(logs: MemoryLogs, prefix: string, how: Partial<Trace> = {}): Lineage {
  const found = trace(logs, prefix, how)
  assert.ok('root' in found, 'candidates' in found ? found.candidates.join() : '')
  return found
}

/** Records of which each may have any earlier ones as parents. */
const dag = fc.array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 1, maxLength: 25 }).map((links) => {
  const records: Control[] = []
  links.forEach((link, n) => {
    const parents = n === 0 ? [] : [...new Set(link.map((one) => records[one % n]?.id ?? ''))]
    records.push(recordOf(n, parents))
  })
  return records
})

/** Fewest steps from `root` to each that `next` leads to, by walking breadth first over records in memory. */
function stepsFrom(root: Control, next: (id: string) => readonly string[]): Map<string, number> {
  const steps = new Map([[root.id, 0]])
  for (const [id, depth] of steps) for (const one of next(id)) if (!steps.has(one)) steps.set(one, depth + 1)
  steps.delete(root.id)
  return steps
}

test('finds all ancestors and descendants and no one else, each once, with the fewest steps, in the order of the log', () => {
  fc.assert(fc.property(dag, fc.nat(), fc.integer({ min: 0, max: 6 }), (records, which, depth) => {
    const root = records[which % records.length]
    assert.ok(root)
    const found = traced(logsOf(records.map(lineOf)), root.id, { depth })
    assert.deepEqual([found.missing, lineOf(found.root.record)], [[], lineOf(root)])
    const byId = new Map(records.map((record) => [record.id, record]))
    const ways = [
      { traced: found.ancestors, next: (id: string) => byId.get(id)?.parents ?? [], sign: -1 },
      { traced: found.descendants, next: (id: string) => records.filter(({ parents }) => parents.includes(id)).map((record) => record.id), sign: 1 },
    ]
    for (const { traced: one, next, sign } of ways) {
      const expected: [string, number][] = [...stepsFrom(root, next)].filter(([, steps]) => steps <= depth)
      const actual: [string, number][] = one.map(({ record, depth: steps }) => [record.id, steps])
      assert.deepEqual([...actual].sort(), expected.sort())
      const places = actual.map(([id]) => records.findIndex((record) => record.id === id))
      assert.deepEqual(places, [...places].sort((a, b) => sign * (a - b)))
      for (const { record } of one) assert.ok(records.some((other) => lineOf(other) === lineOf(record)))
    }
  }))
})

test('the beginning of an id will do where it is the only one; otherwise the candidates are named, latest first', () => {
  const records = Array.from({ length: 200 }, (_, n) => recordOf(n))
  const logs = logsOf(records.map(lineOf))
  const ids = records.map(({ id }) => id)
  for (const length of [1, 2, 3, 4, 8, 16, 17, 40]) {
    for (const id of ids.slice(0, 20)) {
      const alike = ids.filter((one) => one.startsWith(id.slice(0, length)))
      const found = trace(logs, id.slice(0, length))
      if (alike.length === 1) assert.equal('root' in found && found.root.record.id, id)
      else assert.deepEqual('candidates' in found && found.candidates, alike.reverse().slice(0, 20))
    }
  }
  assert.deepEqual(trace(logs, '0'.repeat(40)), { candidates: [] })
})

test('ids that begin alike, however long, are told apart', () => {
  const ids = ['a'.repeat(40), `${'a'.repeat(39)}b`, `${'a'.repeat(16)}${'0'.repeat(24)}`, `${'a'.repeat(15)}b${'0'.repeat(24)}`]
  const [first = '', second = ''] = ids
  const made = [
    ...ids.map((id) => ({ ...recordOf(1), id })), { ...recordOf(2, [first]), id: 'c'.repeat(40) }, { ...recordOf(3, [second]), id: 'd'.repeat(40) },
  ]
  const logs = logsOf(made.map((record) => JSON.stringify(record)))
  for (const id of ids) assert.equal(traced(logs, id).root.record.id, id)
  assert.deepEqual(traced(logs, first).descendants.map(({ record }) => record.id), ['c'.repeat(40)])
  assert.deepEqual(traced(logs, second).descendants.map(({ record }) => record.id), ['d'.repeat(40)])
  assert.deepEqual(traced(logs, 'd'.repeat(40)).ancestors.map(({ record }) => record.id), [second])
  assert.deepEqual(trace(logs, 'a'.repeat(16)), { candidates: [2, 1, 0].map((n) => ids[n]) })
  assert.deepEqual(trace(logs, 'a'.repeat(39)), { candidates: [second, first] })
})

test('parents that the log does not hold, or not as records, are named; lines that are no records are passed over', () => {
  const lost = recordOf(1), odd = '0'.repeat(40), child = recordOf(2, [lost.id, odd])
  const logs = logsOf(['nonsense', '{"id":7}', lineOf(child), `{"kind":"control","id":"${odd}"}`])
  assert.deepEqual([...traced(logs, child.id).missing].sort(), [odd, lost.id].sort())
  assert.deepEqual(trace(logs, odd), { candidates: [] })
})

test('a torn tail is no line yet', () => {
  const [a, b] = [recordOf(1), recordOf(2)]
  const logs = logsOf([lineOf(a)])
  logs.files.set(LINES, Buffer.concat([logs.files.get(LINES) ?? Buffer.alloc(0), Buffer.from(lineOf(b))]))
  assert.equal(traced(logs, a.id).root.record.id, a.id)
  assert.deepEqual(trace(logs, b.id), { candidates: [] })
  assert.deepEqual(trace(memoryLogs(), a.id), { candidates: [] })
})

test('fields in another order, and spaces, do not hide a record or its parents', () => {
  const parent = recordOf(2), record = recordOf(3, [parent.id])
  const { id, kind, parents, ...rest } = record
  const written = [
    JSON.stringify({ note: '"id":"x"', ...rest, parents, kind, id }).replaceAll(',', ' , '),
    JSON.stringify({ kind, id, ...rest, parents }),
    JSON.stringify({ kind, id, parents, ...rest }).replace('":["', '": [ "'),
    JSON.stringify({ kind, id, parents, ...rest }).replace(`["${parent.id}"]`, `["${parent.id}" ]`),
  ]
  for (const line of written) {
    const logs = logsOf([lineOf(parent), line])
    assert.deepEqual(traced(logs, id).ancestors.map((one) => one.record.id), [parent.id], line)
    assert.deepEqual(traced(logs, parent.id).descendants.map((one) => one.record.id), [id], line)
  }
})

test('who names a parent twice is one child', () => {
  const parent = recordOf(1), child = recordOf(2, [parent.id, parent.id])
  const found = traced(logsOf([parent, child].map(lineOf)), parent.id)
  assert.deepEqual(found.descendants.map(({ record }) => record.id), [child.id])
})

const parentsIn = (records: readonly Vanta[]) => ({ parents }: Vanta): readonly Vanta[] =>
  parents.flatMap((id) => records.find((record) => record.id === id) ?? [])

test('the tree tells each record once, parents below their child, and shortens long rows of siblings', () => {
  const shared = recordOf(0)
  const sources = Array.from({ length: 8 }, (_, n) => recordOf(n + 1, n === 7 ? [] : [shared.id]))
  const root = recordOf(9, sources.map(({ id }) => id))
  const short = ({ id, at, type }: Control): string => `control ${id.slice(0, 12)}  ${at}  ${type}`
  const [a, b, c, d, e] = sources.map(short)
  assert.deepEqual([...treeOf(root, parentsIn([shared, ...sources]), { all: false })], [
    short(root),
    `├─ ${a}`,
    `│  └─ ${short(shared)}`,
    `├─ ${b}`,
    '│  └─ … 1 told above',
    `├─ ${c}`,
    '│  └─ … 1 told above',
    `├─ ${d}`,
    '│  └─ … 1 told above',
    `├─ ${e}`,
    '│  └─ … 1 told above',
    '└─ … 3 more controls (--all shows them)',
  ])
  fc.assert(fc.property(dag, (records) => {
    const last = records.at(-1)
    assert.ok(last)
    const lineage = traced(logsOf(records.map(lineOf)), last.id), graph = graphOf(lineage)
    const lines = [...treeOf(graph.root, graph.parentsOf, { all: true })].filter((line) => !line.includes('told above'))
    const told = lines.map((line) => /control ([0-9a-f]{12})/.exec(line)?.[1])
    assert.deepEqual(told.sort(), [lineage.root, ...lineage.ancestors].map(({ record }) => record.id.slice(0, 12)).sort())
  }))
})

/** What leads to a record through none of the kinds that are shown, by trying every way. */
function waysThroughHidden(from: Vanta, to: Vanta, byId: ReadonlyMap<string, Vanta>, isShown: (record: Vanta) => boolean): boolean {
  return from.parents.some((id) => {
    const parent = byId.get(id)
    if (parent === undefined) return false
    return parent.id === to.id || (!isShown(parent) && waysThroughHidden(parent, to, byId, isShown))
  })
}

const AT = '2021-01-15T14:30:00.000Z'
const signalOf = (n: number, parents: string[]): Vanta =>
  make('signal', { parents, at: AT, known_at: AT, source: 'test', by: 'test/1', type: 'post', key: `k"${n}\\<b>\n_` })

test('a graph of some kinds leads through those that are hidden; both ways of drawing it say the same nodes and edges', () => {
  const some = fc.array(fc.tuple(fc.boolean(), fc.array(fc.nat(), { maxLength: 3 })), { minLength: 1, maxLength: 12 })
  fc.assert(fc.property(some, fc.nat(), (links, which) => {
    const records: Vanta[] = []
    for (const [n, [isSignal, link]] of links.entries()) {
      const parents = n === 0 ? [] : [...new Set(link.map((one) => records[one % n]?.id ?? ''))]
      records.push(isSignal ? signalOf(n, parents) : recordOf(n, parents))
    }
    const root = records[which % records.length]
    assert.ok(root)
    const lineage = traced(logsOf(records.map(lineOf)), root.id), graph = graphOf(lineage, ['signal'])
    const all = [lineage.root, ...lineage.ancestors, ...lineage.descendants].map(({ record }) => record)
    const byId = new Map(all.map((record) => [record.id, record]))
    const isShown = (record: Vanta): boolean => record.kind === 'signal' || record.id === root.id
    const nodes = all.filter(isShown)
    const leads = (parent: Vanta, child: Vanta): boolean => waysThroughHidden(child, parent, byId, isShown)
    const edges = nodes.flatMap((child) => nodes.filter((parent) => leads(parent, child)).map((parent) => `${parent.id} ${child.id}`))
    assert.deepEqual(graph.records.map(({ id }) => id).sort(), nodes.map(({ id }) => id).sort())
    assert.deepEqual(graph.records.flatMap((child) => graph.parentsOf(child).map(({ id }) => `${id} ${child.id}`)).sort(), edges.sort())
    assert.deepEqual(graph.records.flatMap((parent) => graph.childrenOf(parent).map(({ id }) => `${parent.id} ${id}`)).sort(), edges)
    const drawn = (lines: Iterable<string>, node: RegExp, edge: RegExp): string[] => {
      const text = [...lines], names = new Map<string, string>()
      for (const found of text.map((line) => node.exec(line))) if (found !== null) names.set(found[1] ?? '', found[2] ?? '')
      const full = (short = ''): string => all.find(({ id }) => id.startsWith(names.get(short) ?? '-'))?.id ?? ''
      assert.equal(names.size, nodes.length)
      return text.flatMap((line) => [edge.exec(line)].flatMap((found) => (found === null ? [] : [`${full(found[1])} ${full(found[2])}`]))).sort()
    }
    const dot = drawn(dotOf(graph), /^  (n\d+) \[label="\w+ ([0-9a-f]{12})\\n(?:[^"\\\n]|\\.)*"(?:, penwidth=2)?\]$/, /^  (n\d+) -> (n\d+)$/)
    assert.deepEqual(dot, edges)
    assert.deepEqual(drawn(mermaidOf(graph), /^  (n\d+)\["\w+ ([0-9a-f]{12})<br\/>(?:[^"#&<>\n]|<br\/>|#\d+;)*"\]$/, /^  (n\d+) --> (n\d+)$/), edges)
  }))
})
