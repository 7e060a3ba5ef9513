import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { fileLogs } from '#adapter/file/logs'
import { memoryLogs } from '#adapter/memory/logs'
import { archiveAuditLog, auditStateOf, genesisOf } from '#domain/audit/archive'
import { CHECKPOINT, LEAVES, LINES } from '#domain/audit/files'
import { genesisRecord } from '#domain/audit/genesis'
import { openAuditLog, type AuditLog } from '#domain/audit/log'
import { verifyAuditLog } from '#domain/audit/verify'
import { Frontier, hexOf, leafHash } from '#domain/audit/merkle'
import { lineOf } from '#record'
import { PowerCut, SimulatedDisk, type Fault } from '../../adapter/simulated-disk.ts'
import { failsWith } from '../../port/store.suite.ts'
import { appendRecords, GENESIS, opened, recordOf } from './fixture.ts'

test('a log is its lines, their leaf hashes, and a checkpoint in the C2SP form', () => {
  const logs = memoryLogs()
  const state = appendRecords(logs, 0, 5)
  const lines = [GENESIS, ...[0, 1, 2, 3, 4].map((n) => recordOf(n))].map(lineOf)
  assert.equal(logs.files.get(LINES)?.toString(), `${lines.join('\n')}\n`)
  const leaves = lines.map((line) => leafHash(Buffer.from(line)))
  assert.equal(logs.files.get(LEAVES)?.toString('latin1'), leaves.join(''))
  const frontier = new Frontier()
  for (const leaf of leaves) frontier.append(leaf)
  assert.deepEqual(state, { size: 6, rootHex: hexOf(frontier.root()) })
  const root = Buffer.from(frontier.root(), 'latin1').toString('base64')
  assert.equal(logs.files.get(CHECKPOINT)?.toString(), `vanta/audit/${hexOf(leaves[0] ?? '').slice(0, 16)}\n6\n${root}\n\n`)
  assert.deepEqual(auditStateOf(logs), state)
  assert.deepEqual(verifyAuditLog(logs), { intact: true, ...state })
})

test('the same records give the same root, whatever the groups and however often the log is reopened', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 9 }), fc.array(fc.nat(30), { maxLength: 4 }), (group, stops) => {
    const logs = memoryLogs()
    for (const stop of [...stops.sort((a, b) => a - b), 30]) appendRecords(logs, 0, stop, group)
    assert.deepEqual(auditStateOf(logs), appendRecords(memoryLogs(), 0, 30))
    assert.ok(verifyAuditLog(logs).intact)
  }), { numRuns: 30 })
})

test('an id is logged once', () => {
  const logs = memoryLogs()
  const log = opened(openAuditLog({ folder: logs, genesis: GENESIS }))
  const record = recordOf(1)
  assert.equal(log.has(record.id), false)
  assert.equal(log.append(lineOf(record), record.id), true)
  assert.equal(log.append(lineOf(record), record.id), false)
  assert.equal(log.has(record.id), true)
  log.close()
  const again = opened(openAuditLog({ folder: logs, genesis: GENESIS }))
  assert.equal(again.append(lineOf(record), record.id), false)
  assert.throws(() => again.append('{}\n{}', recordOf(2).id), RangeError)
  assert.equal(again.close().size, 2)
})

test('one writer at a time; a verifier does not mind the writer', () => {
  const logs = memoryLogs()
  appendRecords(logs, 0, 3)
  const log = opened(openAuditLog({ folder: logs, genesis: GENESIS, group: 100 }))
  assert.throws(() => openAuditLog({ folder: logs, genesis: GENESIS }), failsWith('again'))
  for (const n of [3, 4, 5]) log.append(lineOf(recordOf(n)), recordOf(n).id)
  assert.equal(logs.files.get(LINES)?.toString().split('\n').length, 8)
  assert.ok(verifyAuditLog(logs).intact)
  log.close()
  assert.ok(verifyAuditLog(logs).intact)
})

test('a log names its world from its first record on', () => {
  const logs = memoryLogs()
  assert.equal(genesisOf(logs), undefined)
  const genesis = genesisRecord({ world: 'replay', at: '2020-11-25T00:00:00.000Z', by: 'test/1' })
  opened(openAuditLog({ folder: logs, genesis })).close()
  assert.deepEqual(genesisOf(logs), { genesis, world: 'replay' })
  assert.equal(opened(openAuditLog({ folder: logs, genesis: GENESIS })).world, 'replay')
  logs.files.set(LINES, Buffer.from('{"kind":"control"}\n'))
  assert.match(JSON.stringify(genesisOf(logs)), /does not begin with a genesis/)
  logs.files.set(LINES, Buffer.alloc(0))
  assert.match(JSON.stringify(genesisOf(logs)), /has lost its first line/)
})

test('an archived log is intact where it lies, and makes room for a new one', () => {
  const logs = memoryLogs()
  assert.equal(archiveAuditLog(logs), undefined)
  const { rootHex } = appendRecords(logs, 0, 5)
  const place = `archive/${rootHex.slice(0, 16)}`
  // An archiving cut short after the first file is taken up again.
  logs.move(LEAVES, `${place}/${LEAVES}`)
  assert.equal(archiveAuditLog(logs), place)
  assert.deepEqual([...logs.files.keys()].sort(), [CHECKPOINT, LINES, LEAVES].map((name) => `${place}/${name}`).sort())
  assert.equal(genesisOf(logs), undefined)
  appendRecords(logs, 0, 5)
  assert.equal(archiveAuditLog(logs), place, 'the same log again replaces its equal')
  const moved = memoryLogs()
  for (const name of [LINES, LEAVES, CHECKPOINT]) moved.files.set(name, logs.files.get(`${place}/${name}`) ?? Buffer.alloc(0))
  assert.ok(verifyAuditLog(moved).intact)
})

test('a log whose files disagree is not appended to', () => {
  const broken: [string, (content: Buffer) => Buffer | undefined][] = [
    [LINES, (content) => content.subarray(0, content.lastIndexOf(10, -2) + 1)],
    [LINES, () => undefined],
    [LEAVES, (content) => Buffer.concat([content.subarray(0, 40), Buffer.of(0), content.subarray(41)])],
    [CHECKPOINT, () => undefined],
    [CHECKPOINT, () => Buffer.from('nonsense')],
    [CHECKPOINT, (content) => Buffer.from(content.toString().replace('\n6\n', '\n7\n'))],
  ]
  for (const [name, change] of broken) {
    const logs = memoryLogs()
    appendRecords(logs, 0, 5)
    const content = change(logs.files.get(name) ?? Buffer.alloc(0))
    if (content === undefined) logs.files.delete(name)
    else logs.files.set(name, content)
    const result = openAuditLog({ folder: logs, genesis: GENESIS })
    assert.ok('fault' in result && result.exit === 'data', name)
    assert.equal(logs.isLocked('audit'), false)
  }
})

test('lost leaves are rebuilt from the lines, and the checkpoint vouches for them', () => {
  const logs = memoryLogs()
  const state = appendRecords(logs, 0, 20)
  const leaves = logs.files.get(LEAVES)
  logs.files.set(LEAVES, Buffer.from(leaves?.subarray(0, 100) ?? []))
  assert.deepEqual(opened(openAuditLog({ folder: logs, genesis: GENESIS })).close(), state)
  assert.deepEqual(logs.files.get(LEAVES), leaves)
})

test('leaves that outlived their lines are set aside, and the log goes on', () => {
  const logs = memoryLogs()
  appendRecords(logs, 0, 5)
  logs.files.set(LEAVES, Buffer.concat([logs.files.get(LEAVES) ?? Buffer.alloc(0), Buffer.alloc(70, 1)]))
  assert.deepEqual(appendRecords(logs, 0, 9), appendRecords(memoryLogs(), 0, 9))
  assert.ok(verifyAuditLog(logs).intact)
  assert.equal(logs.files.get(`${LEAVES}.torn-${6 * 32}`)?.length, 64)
})

const TOTAL = 14
/** What cannot be written is said; after a power cut nothing can be said any more. */
const isTold = (error: unknown): boolean => error instanceof PowerCut || failsWith('output')(error) || causeOf(error) instanceof PowerCut
const causeOf = (error: unknown): unknown => (error instanceof Error ? error.cause : undefined)

/** Append until something fails; how many lines were acknowledged. */
function appendUntilFault(disk: SimulatedDisk, isShared: boolean): number {
  let acknowledged = 0
  let log: AuditLog | undefined
  try {
    log = opened(openAuditLog({ folder: fileLogs('/home/logs', { disk }), genesis: GENESIS, group: 1000, ...(isShared && { shareMs: 0 }) }))
    acknowledged = log.size
    for (let n = 0; n < TOTAL; n++) {
      if (isShared && n % 4 === 0) assert.equal(log.enter(), undefined)
      log.append(lineOf(recordOf(n)), recordOf(n).id)
      if (n % 4 !== 3) continue
      if (isShared) log.leave()
      else log.commit()
      acknowledged = log.size
    }
    return log.close().size
  } catch (error) {
    assert.ok(isTold(error), String(error))
    return log === undefined ? acknowledged : closeAfterFault(log, acknowledged)
  }
}

/** Closing lets go of the lock; where it claims success (only the checkpoint had failed), it is held to it. */
function closeAfterFault(log: AuditLog, acknowledged: number): number {
  try {
    return log.close().size
  } catch (error) {
    assert.ok(isTold(error), String(error))
    return acknowledged
  }
}

for (const isShared of [false, true]) test(`whichever operation fails, and whatever a crash takes, the log opens, holds all acknowledged lines, and verifies${isShared ? ', written by several' : ''}`, () => {
  for (const fault of ['ENOSPC', 'EIO', 'short', 'crash'] satisfies Fault[]) {
    let failedAt = 0
    for (let nth = 1, done = false; !done; nth++) {
      fc.assert(fc.property(fc.array(fc.nat(), { minLength: 5, maxLength: 12 }), (draws) => {
        let draw = 0
        const choose = (below: number): number => (draws[draw++ % draws.length] ?? 0) % below
        const disk = new SimulatedDisk()
        disk.failAfter(nth, fault)
        const acknowledged = appendUntilFault(disk, isShared)
        done = disk.faults === 0
        if (!done) failedAt = nth
        disk.crash(choose, { holes: nth % 2 === 0 })
        const folder = fileLogs('/home/logs', { disk })
        const log = opened(openAuditLog({ folder, genesis: GENESIS }))
        assert.ok(log.size >= acknowledged, `${acknowledged} acknowledged, ${log.size} survived`)
        log.close()
        const lines = disk.content(`/home/logs/${LINES}`)?.toString().trimEnd().split('\n') ?? []
        lines.forEach((line, i) => assert.equal(line, lineOf(i === 0 ? GENESIS : recordOf(i - 1))))
        assert.equal(lines.length, log.size)
        assert.ok(verifyAuditLog(folder).intact)
        assert.equal(appendUntilFault(disk, isShared), TOTAL + 1)
        assert.ok(verifyAuditLog(folder).intact)
      }), { numRuns: 12, seed: nth, verbose: 0, includeErrorInReport: true })
    }
    assert.ok(failedAt >= 20, `${fault}: failed only up to operation ${failedAt}`)
  }
})
