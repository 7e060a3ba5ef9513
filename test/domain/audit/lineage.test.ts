import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { memoryLogs } from '#adapter/memory/logs'
import { LINES } from '#domain/audit/files'
import { lineageOf } from '#domain/audit/lineage'
import { treeOf } from '#domain/audit/tree'
import type { Bytes } from '#domain/audit/lines'
import { lineOf, type Control, type Vanta } from '#record'
import { recordOf } from './fixture.ts'

function logOf(records: readonly Vanta[]): Bytes {
  const logs = memoryLogs()
  logs.files.set(LINES, Buffer.from(records.map((record) => `${lineOf(record)}\n`).join('')))
  return logs.open(LINES)
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

/** Fewest steps from `root` to each ancestor, by walking breadth first. */
function stepsFrom(root: Control, records: readonly Control[]): Map<string, number> {
  const byId = new Map(records.map((record) => [record.id, record]))
  const steps = new Map([[root.id, 0]])
  for (const [id, depth] of steps) {
    for (const parent of byId.get(id)?.parents ?? []) if (!steps.has(parent)) steps.set(parent, depth + 1)
  }
  return steps
}

test('finds all ancestors and no one else, children first, each once, with the fewest steps', () => {
  fc.assert(fc.property(dag, fc.nat(), fc.integer({ min: 0, max: 6 }), (records, which, depth) => {
    const root = records[which % records.length]
    assert.ok(root)
    const found = lineageOf(logOf(records), root.id, depth)
    assert.ok('ancestors' in found)
    assert.deepEqual(found.missing, [])
    const expected = [...stepsFrom(root, records)].filter(([, steps]) => steps <= depth)
    const actual = found.ancestors.map(({ record, depth: steps }): [string, number] => [record.id, steps])
    assert.deepEqual([...actual].sort(), expected.sort())
    const places = actual.map(([id]) => records.findIndex((record) => record.id === id))
    assert.deepEqual(places, [...places].sort((a, b) => b - a))
    for (const { record } of found.ancestors) assert.ok(records.some((one) => lineOf(one) === lineOf(record)))
  }))
})

test('the beginning of an id will do where it is the only one; otherwise the candidates are named', () => {
  const records = Array.from({ length: 200 }, (_, n) => recordOf(n))
  const log = logOf(records)
  const ids = records.map(({ id }) => id)
  for (const length of [1, 2, 3, 4, 8, 40]) {
    for (const id of ids.slice(0, 20)) {
      const alike = ids.filter((one) => one.startsWith(id.slice(0, length)))
      const found = lineageOf(log, id.slice(0, length))
      if (alike.length === 1) assert.deepEqual('ancestors' in found && found.ancestors.map(({ record }) => record.id), [id])
      else assert.deepEqual('candidates' in found && found.candidates, alike.reverse().slice(0, 20))
    }
  }
  assert.deepEqual(lineageOf(log, '0'.repeat(40)), { candidates: [] })
})

test('parents that the log does not hold are named; lines that are no records are passed over', () => {
  const lost = recordOf(1), child = recordOf(2, [lost.id])
  const logs = memoryLogs()
  logs.files.set(LINES, Buffer.from(`nonsense\n{"id":7}\n${lineOf(child)}\n{"kind":"control","id":"${'0'.repeat(40)}"}\n`))
  const found = lineageOf(logs.open(LINES), child.id)
  assert.deepEqual('missing' in found && found.missing, [lost.id])
  assert.deepEqual(lineageOf(logs.open(LINES), '0'.repeat(40)), { ancestors: [], missing: ['0'.repeat(40)] })
})

test('fields in another order, and spaces, do not hide a record', () => {
  const record = recordOf(3)
  const { id, kind, ...rest } = record
  const logs = memoryLogs()
  logs.files.set(LINES, Buffer.from(`${JSON.stringify({ note: '"id":"x"', ...rest, kind, id }).replaceAll(',', ' , ')}\n`))
  const found = lineageOf(logs.open(LINES), id)
  assert.equal('ancestors' in found && found.ancestors[0]?.record.id, id)
})

test('the tree tells each record once, parents below their child, and shortens long rows of siblings', () => {
  const shared = recordOf(0)
  const sources = Array.from({ length: 8 }, (_, n) => recordOf(n + 1, n === 7 ? [] : [shared.id]))
  const root = recordOf(9, sources.map(({ id }) => id))
  const found = lineageOf(logOf([shared, ...sources, root]), root.id)
  assert.ok('ancestors' in found)
  const short = ({ id, at, type }: Control): string => `control ${id.slice(0, 12)}  ${at}  ${type}`
  const [a, b, c, d, e] = sources.map(short)
  assert.deepEqual([...treeOf(found.ancestors, { all: false })], [
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
    const lineage = lineageOf(logOf(records), last.id)
    assert.ok('ancestors' in lineage)
    const lines = [...treeOf(lineage.ancestors, { all: true })].filter((line) => !line.includes('told above'))
    const told = lines.map((line) => /control ([0-9a-f]{12})/.exec(line)?.[1])
    assert.deepEqual(told.sort(), lineage.ancestors.map(({ record }) => record.id.slice(0, 12)).sort())
  }))
})
