/** The index on the disk against a walk of all lines: grown, spoilt, of another log, half written, on a disk that fails. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { fileLogs } from '#adapter/file/logs'
import { memoryLogs } from '#adapter/memory/logs'
import { LINES } from '#domain/audit/files'
import { askIndex, updateIndex, type Asking } from '#domain/audit/index/store'
import type { LineIndex } from '#domain/audit/index/line_index'
import { FOLDER, INDEX_LOCK, MANIFEST } from '#domain/audit/index/manifest'
import type { Logs } from '#domain/audit/logs'
import { identify, lineOf, make, type Control } from '#record'
import { SimulatedDisk, type Fault } from '../../adapter/simulated-disk.ts'
import { failsWith } from '../../port/store.suite.ts'
import { recordOf } from './fixture.ts'

/** Nearly every line has a segment of its own, so that a few hundred lines are many merges. */
const SMALL: Asking = { layout: { looseBytes: 300, segmentLines: 7 } }

/** Records of which each names earlier ones: many name the same, as every order does its vault. */
function recordsOf(count: number, salt: number): Control[] {
  const records: Control[] = []
  for (let n = 0; n < count; n++) {
    const parents = [records[0], records[(n * 7919 + salt) % Math.max(n, 1)], records[n - 1]].slice(0, (n + salt) % 4)
    records.push(recordOf(n + salt * 1_000_000, [...new Set(parents.flatMap((one) => one?.id ?? []))]))
  }
  return records
}

const textOf = (records: readonly Control[]): Buffer => Buffer.from(records.map((record) => `${lineOf(record)}\n`).join(''))

/** Everything that can be asked of a log. */
function answersOf(index: LineIndex, records: readonly Control[], prefixes: readonly string[]): unknown {
  return {
    size: index.size,
    lines: records.map(({ id }) => index.find(id)).map((found) => found && [found.line, found.bytes.toString(), [...found.parents]]),
    children: records.map(({ id }) => index.children(id).map(({ line }) => line)),
    prefixes: prefixes.map((prefix) => {
      const found = index.only(prefix)
      return 'candidates' in found ? [...found.candidates] : found.id
    }),
  }
}

/** The same by looking at every line. */
function walked(records: readonly Control[], asked: readonly Control[], prefixes: readonly string[]): unknown {
  const lines = new Map<string, number>(), children = new Map<string, number[]>()
  for (const [line, { id, parents }] of records.entries()) {
    lines.set(id, line)
    for (const parent of parents) {
      const known = children.get(parent)
      if (known === undefined) children.set(parent, [line])
      else known.push(line)
    }
  }
  return {
    size: records.length,
    lines: asked.map((record) => (lines.has(record.id) ? [lines.get(record.id), lineOf(record), record.parents] : undefined)),
    children: asked.map(({ id }) => children.get(id) ?? []),
    prefixes: prefixes.map((prefix) => {
      const alike = records.filter(({ id }) => id.startsWith(prefix)).map(({ id }) => id).reverse()
      return alike.length === 1 ? alike[0] : alike.slice(0, 20)
    }),
  }
}

const prefixesOf = (records: readonly Control[]): string[] =>
  records.slice(0, 20).flatMap(({ id }) => [id.slice(0, 2), id.slice(0, 4), id.slice(0, 17)])

function holds(logs: Logs, records: readonly Control[], also: readonly Control[] = [], asking = SMALL): void {
  const asked = [...records, ...also], prefixes = prefixesOf(asked)
  assert.deepEqual(askIndex(logs, (index) => answersOf(index, asked, prefixes), asking), walked(records, asked, prefixes))
}

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('grow' as const), by: fc.integer({ min: 1, max: 60 }) }) },
  fc.record({ do: fc.constant('flip' as const), file: fc.nat(), at: fc.nat(), bit: fc.nat(7) }),
  fc.record({ do: fc.constant('cut' as const), file: fc.nat(), to: fc.nat() }),
  fc.record({ do: fc.constant('remove' as const), file: fc.nat() }),
  fc.record({ do: fc.constant('swap' as const), file: fc.nat(), with: fc.nat() }),
  fc.record({ do: fc.constant('shorten' as const), to: fc.nat() }),
  fc.record({ do: fc.constant('other' as const), salt: fc.integer({ min: 1, max: 9 }) }),
)

test('however a log grows, and whatever befalls its index, answers are those of a walk through the log', () => {
  fc.assert(fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
    const logs = memoryLogs()
    let salt = 0, records: Control[] = [], gone: Control[] = []
    for (const one of steps) {
      const files = [...logs.files.keys()].filter((name) => name.startsWith(`${FOLDER}/`)).sort()
      const name = 'file' in one ? files[one.file % Math.max(files.length, 1)] : undefined
      const content = Buffer.from((name === undefined ? undefined : logs.files.get(name)) ?? '')
      if (one.do === 'grow') records = recordsOf(records.length + one.by, salt)
      else if (one.do === 'shorten') [records, gone] = [records.slice(0, one.to % (records.length + 1)), records.slice(one.to % (records.length + 1))]
      else if (one.do === 'other') [records, gone, salt] = [recordsOf(records.length, one.salt), records, one.salt]
      else if (name === undefined) continue
      else if (one.do === 'flip') {
        const at = one.at % content.length
        content.writeUInt8((content[at] ?? 0) ^ (1 << one.bit), at)
        logs.files.set(name, content)
      } else if (one.do === 'cut') logs.files.set(name, content.subarray(0, one.to % content.length))
      else if (one.do === 'swap') logs.files.set(name, logs.files.get(files[one.with % files.length] ?? '') ?? content)
      else logs.files.delete(name)
      logs.files.set(LINES, textOf(records))
      holds(logs, records, gone.filter(({ id }) => !records.some((record) => record.id === id)))
    }
  }), { numRuns: 150 })
})

test('whichever byte of the manifest changes, answers stay the same', () => {
  const records = recordsOf(30, 5), logs = memoryLogs()
  logs.files.set(LINES, textOf(records))
  holds(logs, records)
  const sound = Buffer.from(logs.files.get(MANIFEST) ?? '')
  assert.ok(sound.length > 200)
  for (let at = 0; at < sound.length; at++) {
    const changed = Buffer.from(sound)
    changed.writeUInt8((changed[at] ?? 0) ^ 1, at)
    logs.files.set(MANIFEST, changed)
    holds(logs, records)
  }
})

test('a log of tens of thousands of lines, in one segment and in many', () => {
  const records = recordsOf(30_000, 3), some = records.filter((_, n) => n % 997 === 0 || n < 3)
  const prefixes = prefixesOf(some)
  for (const segmentLines of [100_000, 4_000]) {
    const logs = memoryLogs()
    logs.files.set(LINES, textOf(records))
    const asking = { layout: { looseBytes: 0, segmentLines } }
    assert.equal(updateIndex(logs, asking), records.length)
    // Nearly all name the first record: its children fill pages.
    assert.deepEqual(askIndex(logs, (index) => answersOf(index, some, prefixes), asking), walked(records, some, prefixes))
    const size = [...logs.files].filter(([name]) => name.endsWith('.segment')).length
    assert.ok(size >= 1 && size <= 4, `${size} segments`)
  }
})

test('a short log is not indexed on the disk, a long one once', () => {
  const logs = memoryLogs()
  logs.files.set(LINES, textOf(recordsOf(50, 0)))
  askIndex(logs, (index) => index.size)
  assert.equal(logs.files.has(MANIFEST), false)
  askIndex(logs, (index) => index.size, SMALL)
  const manifest = logs.files.get(MANIFEST)
  assert.ok(manifest !== undefined)
  askIndex(logs, (index) => index.size, SMALL)
  assert.equal(logs.files.get(MANIFEST), manifest)
  assert.equal(updateIndex(memoryLogs()), 0)
})

test('a line that was changed where it stands is noticed once it is asked for', () => {
  const records = recordsOf(60, 1), logs = memoryLogs()
  logs.files.set(LINES, textOf(records))
  holds(logs, records)
  const [first, second, third] = [records[10], records[11], records[12]]
  assert.ok(first && second && third)
  const other = make('control', { ...first, type: first.type.replace(/\d$/, (digit) => String((Number(digit) + 1) % 10)), parents: first.parents })
  assert.equal(other.id, identify(other))
  const changed = records.map((record) => (record === first ? other : record))
  logs.files.set(LINES, textOf(changed))
  assert.equal(askIndex(logs, (index) => index.find(first.id), SMALL), undefined)
  holds(logs, changed, [first])
})

test('where the index cannot be kept, the answer is the same, and why is said', () => {
  const records = recordsOf(80, 2), reasons: string[] = []
  const asking = { ...SMALL, unkept: (reason: Error) => void reasons.push(reason.message) }
  const logs = memoryLogs()
  logs.files.set(LINES, textOf(records))
  const release = logs.lock(INDEX_LOCK)
  holds(logs, records, [], asking)
  assert.deepEqual(reasons, [`${INDEX_LOCK}: held already`])
  assert.throws(() => updateIndex(logs, asking), failsWith('again'))
  release()
  holds(logs, records, [], asking)
  assert.equal(reasons.length, 1)
})

test('a disk that fails or loses power at any moment of indexing costs the index at most', () => {
  const HOME = '/home/logs', FAULTS: readonly Fault[] = ['crash', 'EIO', 'ENOSPC', 'short']
  let faults = 0
  const draws = fc.array(fc.nat(), { minLength: 1, maxLength: 40 })
  fc.assert(fc.property(fc.constantFrom(...FAULTS), fc.integer({ min: 1, max: 60 }), draws, (fault, nth, drawn) => {
    const disk = new SimulatedDisk(), logs = fileLogs(HOME, { disk })
    let records = recordsOf(25, 4)
    const grow = (count: number): void => {
      const before = textOf(records).length
      records = recordsOf(records.length + count, 4)
      const tape = logs.open(LINES)
      tape.append(textOf(records).subarray(tape.size() === 0 ? 0 : before))
      tape.close()
    }
    grow(20)
    holds(logs, records)
    grow(20)
    disk.failAfter(nth, fault)
    try {
      holds(logs, records)
    } catch (error) {
      if (fault !== 'crash' || disk.faults === 0) throw error
    }
    faults += disk.faults
    let draw = 0
    if (fault === 'crash') disk.crash((below) => (drawn[draw++ % drawn.length] ?? 0) % below)
    else disk.failAfter(Infinity, fault)
    const after = fileLogs(HOME, { disk })
    holds(after, records)
    assert.equal(updateIndex(after, SMALL), records.length)
    holds(after, records)
  }), { numRuns: 300 })
  assert.ok(faults > 100, `only ${faults} faults struck`)
})
