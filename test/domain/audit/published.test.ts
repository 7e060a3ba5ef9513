import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { fileLogs } from '#adapter/file/logs'
import { memoryLogs, type MemoryLogs } from '#adapter/memory/logs'
import { publishEntries } from '#domain/audit/bundles'
import type { SignedCheckpoint } from '#domain/audit/checkpoint'
import { CHECKPOINT, LEAVES, LINES } from '#domain/audit/files'
import { askIndex } from '#domain/audit/index/store'
import { formatNote } from '#domain/audit/note'
import { formatProof, formatRequest, parseProof, parseRequest, proves } from '#domain/audit/proof'
import { growthSince, placeOf, proveEntry, publish, publishedOf } from '#domain/audit/published'
import { publishedFault } from '#domain/audit/published_check'
import { verifyAuditLog } from '#domain/audit/verify'
import { PowerCut, SimulatedDisk, type Fault } from '../../adapter/simulated-disk.ts'
import { failsWith } from '../../port/store.suite.ts'
import { nodeNamed, originIn, publishBy, sound } from '../../audit/signed_world.ts'
import { appendRecords, GENESIS, opened, recordOf } from './fixture.ts'
import { lineOf } from '#record'
import { openAuditLog } from '#domain/audit/log'

const node = nodeNamed('alpha.example')
/** Longer than a bundle can say. */
const LONG = `${lineOf(recordOf(300)).slice(0, -1)},"long":"${'x'.repeat(70_000)}"}`

function published(records: number): MemoryLogs {
  const logs = memoryLogs()
  appendRecords(logs, 0, records)
  publishBy(node, logs)
  return logs
}

const checkedBy = (logs: MemoryLogs): string | undefined => {
  const origin = originIn(logs), signed = publishedOf(logs, origin)
  assert.ok(signed !== undefined && !('fault' in signed))
  return publishedFault(logs, signed, [node.logKey(origin)])
}

test('every record is proved under the published checkpoint and under older ones, and the proof says so by itself', () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 700 }), fc.integer({ min: 0, max: 700 }), fc.nat(), (records, more, where) => {
    const logs = published(records)
    const older = sound(publish({ folder: logs, sign: node.signLog(originIn(logs)) }))
    appendRecords(logs, records, records + more)
    publishBy(node, logs)
    const index = where % (records + 1), line = lineOf(index === 0 ? GENESIS : recordOf(index - 1))
    const found = askIndex(logs, (lines) => lines.only(index === 0 ? GENESIS.id : recordOf(index - 1).id.slice(0, 20)))
    assert.ok('line' in found && found.line === index && found.bytes.toString() === line)
    const parsed = parseProof(formatProof(sound(proveEntry(logs, older, index, found.bytes))))
    assert.ok(typeof parsed !== 'string' && parsed.entry?.toString() === line)
    assert.deepEqual([parsed.index, parsed.checkpoint.size, proves(parsed, found.bytes)], [index, records + 1, true])
    assert.equal(proves(parsed, Buffer.from(`${line} `)), false)
    assert.equal(checkedBy(logs), undefined)
    const growth = sound(growthSince(logs, sound(publish({ folder: logs, sign: node.signLog(originIn(logs)) })), older.size))
    assert.deepEqual(parseRequest(formatRequest(growth)), growth)
  }), { numRuns: 60 })
})

test('any bit flipped in what is published is found, and the file named', () => {
  const logs = published(600), files = [...logs.files.keys()].filter((name) => name.startsWith('tlog/'))
  assert.equal(files.length, 5)
  fc.assert(fc.property(fc.constantFrom(...files), fc.nat(), fc.nat(7), (name, where, bit) => {
    const whole = Buffer.from(logs.files.get(name) ?? ''), changed = Buffer.from(whole), at = where % whole.length
    changed.writeUInt8((changed[at] ?? 0) ^ (1 << bit), at)
    logs.files.set(name, changed)
    const origin = originIn(logs), signed = publishedOf(logs, origin)
    const fault = signed === undefined ? 'missing' : 'fault' in signed ? signed.fault : publishedFault(logs, signed, [node.logKey(origin)])
    logs.files.set(name, whole)
    assert.ok(fault?.startsWith(name), `${name}, byte ${at}: ${fault}`)
    if (name.includes('tile/')) assert.match(fault ?? '', new RegExp(`was changed at hash ${Math.floor(at / 32)}$`))
  }), { numRuns: 400 })
})

test('a log is never signed with another past, nor when it is shorter than what was signed', () => {
  const logs = published(300), origin = originIn(logs), sign = node.signLog(origin)
  const rewritten = memoryLogs()
  for (const records of [[...Array(300).keys()].map((n) => (n === 290 ? 9999 : n)), [5000, ...Array(700).keys()]]) {
    rewritten.files.clear()
    const log = opened(openAuditLog({ folder: rewritten, genesis: GENESIS }))
    for (const n of records) log.append(lineOf(recordOf(n)), recordOf(n).id)
    log.close()
    for (const name of [LINES, LEAVES, CHECKPOINT]) logs.files.set(name, rewritten.files.get(name) ?? Buffer.alloc(0))
    const before = logs.files.get(`${placeOf(origin)}/checkpoint`)
    const result = publish({ folder: logs, sign })
    assert.ok('fault' in result && /past was rewritten|do not lead to the root/.test(result.fault))
    assert.deepEqual(logs.files.get(`${placeOf(origin)}/checkpoint`), before)
  }
  const short = memoryLogs()
  appendRecords(short, 0, 200)
  for (const name of [LINES, LEAVES, CHECKPOINT]) logs.files.set(name, short.files.get(name) ?? Buffer.alloc(0))
  const result = publish({ folder: logs, sign })
  assert.ok('fault' in result && result.exit === 'refused' && result.fault === '301 lines were signed, and the log has 201: its end was cut off')
  const signed = publishedOf(logs, origin)
  assert.ok(signed !== undefined && !('fault' in signed))
  assert.match(JSON.stringify(verifyAuditLog(logs, [{ ...signed, name: 'what was signed' }])), /what was signed says 301 lines, the log has 201: its end was cut off/)
})

test('partial tiles stay until the whole one comes, and go then', () => {
  const logs = memoryLogs(), partials = (): string[] => [...logs.files.keys()].filter((name) => name.includes('/000.p/')).sort()
  for (const size of [10, 20, 250]) {
    appendRecords(logs, 0, size - 1)
    publishBy(node, logs)
    publishEntries(logs, publishBy(node, logs))
  }
  assert.equal(partials().length, 6)
  appendRecords(logs, 0, 299)
  publishEntries(logs, publishBy(node, logs))
  assert.deepEqual(partials().map((name) => name.slice(name.indexOf('tile/'))), ['tile/1/000.p/1'])
})

test('an entry too long for a bundle leaves its bundle out, by name, and the others in', () => {
  const logs = memoryLogs()
  const log = opened(openAuditLog({ folder: logs, genesis: GENESIS }))
  for (let n = 0; n < 600; n++) log.append(n === 300 ? LONG : lineOf(recordOf(n)), recordOf(n).id)
  log.close()
  const signed = publishBy(node, logs), place = placeOf(signed.origin)
  assert.deepEqual(publishEntries(logs, signed), [`${place}/tile/entries/001`])
  assert.deepEqual(logs.files.has(`${place}/tile/entries/000`) && logs.files.has(`${place}/tile/entries/002.p/89`), true)
  const proof = sound(proveEntry(logs, signed, 301, Buffer.from(LONG)))
  assert.equal(proof.checkpoint.note, signed.note)
  assert.equal(formatNote(signed.note).split('\n').length, 6)
})

test('whichever operation fails while it is published, and whatever a crash takes: what is signed is whole, and publishing goes on', () => {
  for (const fault of ['ENOSPC', 'short', 'crash'] satisfies Fault[]) {
    let failedAt = 0
    for (let nth = 1, done = false; !done; nth++) {
      const disk = new SimulatedDisk(), logs = fileLogs('/home/logs', { disk })
      appendRecords(logs, 0, 250)
      const first = publishBy(node, logs)
      appendRecords(logs, 250, 600)
      disk.failAfter(nth, fault)
      let second: SignedCheckpoint | undefined
      try {
        second = publishBy(node, logs)
      } catch (error) {
        assert.ok(error instanceof PowerCut || failsWith('output')(error) || (error instanceof Error && error.cause instanceof PowerCut), String(error))
      }
      done = disk.faults === 0
      if (!done) failedAt = nth
      let draw = nth
      disk.crash((below) => (draw = (draw * 1_103_515_245 + 12_345) % 2_147_483_648) % below, { holes: true })
      const stands = publishedOf(logs, first.origin)
      assert.ok(stands !== undefined && !('fault' in stands))
      assert.ok(stands.size >= (second?.size ?? first.size), 'what was signed and told is lost')
      assert.equal(publishedFault(logs, stands, [node.logKey(first.origin)]), undefined, `${fault} at ${nth}`)
      assert.equal(publishBy(node, logs).size, 601)
      const again = publishedOf(logs, first.origin)
      assert.ok(again !== undefined && !('fault' in again) && publishedFault(logs, again, [node.logKey(first.origin)]) === undefined)
    }
    assert.ok(failedAt > 15, `failed only up to operation ${failedAt}`)
  }
})
