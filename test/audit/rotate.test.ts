/** A log is closed and another goes on from it; whatever step it is cut short at, it can be ended, and the chain holds. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileLogs } from '#adapter/file/logs'
import { memoryMachine } from '#adapter/memory/machine'
import { memoryFolder } from '#adapter/memory/folder'
import { memoryJournal } from '#adapter/memory/journal'
import { memoryKeys } from '#adapter/memory/keys'
import { memoryLogs } from '#adapter/memory/logs'
import { memoryOutside } from '#adapter/memory/outside'
import { memoryStore } from '#adapter/memory/store'
import { verifyChain, type Link } from '#domain/audit/chain'
import { parseSigned } from '#domain/audit/checkpoint'
import { LINES, PREDECESSOR } from '#domain/audit/files'
import { FOLDER } from '#domain/audit/index/manifest'
import type { Logs } from '#domain/audit/logs'
import { openAuditLog } from '#domain/audit/log'
import { ED25519 } from '#domain/audit/note'
import { AuditRecorder } from '#domain/audit/recorder'
import { heardAgain, startBefore } from '#domain/audit/replay/survey'
import type { Anchor } from '#domain/audit/verify'
import { WholeLog } from '#domain/audit/whole'
import type { ActionWorld } from '#tool'
import { makeNodeKey } from '#tool/node'
import { lineOf, type Control } from '#record'
import rotate from '../../src/audit/audit/rotate.ts'
import { PowerCut, SimulatedDisk } from '../adapter/simulated-disk.ts'
import { tick } from '../execute/desk_world.ts'
import { appendRecords, GENESIS, opened, recordOf } from '../domain/audit/fixture.ts'
import { failsWith } from '../port/store.suite.ts'
import { NOW } from './signed_world.ts'

function worldOf(logs: Logs): { readonly world: ActionWorld; readonly printed: string[] } {
  const printed: string[] = [], silent = (): void => undefined, none = (): never => assert.fail('rotation needs no such thing')
  const world: ActionWorld = {
    clock: { now: () => Date.parse(NOW) }, log: { debug: silent, info: silent, warn: silent, error: silent }, random: none, by: 'test/1', past: () => [],
    logs, logsIn: none, objects: none, online: none, outside: memoryOutside(), machine: memoryMachine(), serve: () => Promise.reject(new Error('nobody listens')), alarm: () => Promise.reject(new Error('nobody waits')), home: '/home', root: '/', folder: memoryFolder(), store: memoryStore(), keys: memoryKeys('1', memoryStore()),
    nodeKeys: memoryKeys('1', memoryStore(), 'node'), journal: memoryJournal, broker: none, certificateKeys: { certify: none, certificates: none, sign: none }, inference: { open: none }, prophet: { fit: none }, xgboost: { learn: none }, bus: none, simulate: none, stopwatch: none, print: (text) => void printed.push(text),
    progress: silent, hear: silent, as: () => world,
  }
  makeNodeKey('alpha.example', world)
  return { world, printed }
}

const turn = (world: ActionWorld): unknown => rotate.act({}, [], world, () => undefined)

const chainOf = ({ logs, nodeKeys }: ActionWorld, anchors: readonly Anchor[] = []): readonly Link[] | string => verifyChain(logs, {
  anchors, keys: (origin) => [...nodeKeys.publicKeys().values()].map(({ key }) => ({ name: origin, type: ED25519, key })),
})

test('three logs in a row, each with a key of its own; a checkpoint of any of them is held against it', () => {
  const logs = memoryLogs(), { world, printed } = worldOf(logs)
  for (let log = 0; log < 3; log++) {
    appendRecords(logs, log * 100, log * 100 + 30)
    turn(world)
  }
  const links = chainOf(world)
  assert.ok(typeof links !== 'string', String(links))
  assert.deepEqual(links.map(({ size, signed }) => [size, signed]), [[1, 1], [31, 31], [31, 31], [31, 31]])
  assert.equal(new Set(links.map(({ origin }) => origin)).size, 4)
  assert.equal(world.nodeKeys.publicKeys().size, 4)
  const first = parseSigned(`${printed[0] ?? ''}\n`)
  assert.ok(typeof first !== 'string')
  assert.ok(typeof chainOf(world, [{ ...first, name: 'cp' }]) !== 'string')
  assert.match(String(chainOf(world, [{ ...first, size: 2, name: 'cp' }])), /^archive\/\w+\/the log's first 2 lines are not those of cp: its past was rewritten/)
  assert.match(String(chainOf(world, [{ ...first, origin: 'elsewhere', name: 'cp' }])), /^cp is of another log, elsewhere/)
})

test('what is changed in a log of the past, or taken away, is found from the newest', () => {
  const logs = memoryLogs(), { world } = worldOf(logs)
  appendRecords(logs, 0, 30)
  turn(world)
  const archived = [...logs.files.keys()].filter((name) => name.startsWith('archive/') && !name.includes(FOLDER))
  assert.equal(archived.length, 3)
  for (const name of archived) {
    const whole = Buffer.from(logs.files.get(name) ?? '')
    for (const change of [Buffer.concat([whole.subarray(0, 50), Buffer.of((whole[50] ?? 0) ^ 1), whole.subarray(51)]), Buffer.alloc(0)]) {
      logs.files.set(name, change)
      assert.match(String(chainOf(world)), /^archive\//)
    }
    logs.files.set(name, whole)
  }
  assert.ok(typeof chainOf(world) !== 'string')
  // A shorter, whole log in its place.
  const shorter = memoryLogs()
  appendRecords(shorter, 0, 20)
  for (const name of archived) logs.files.set(name, shorter.files.get(name.slice(name.lastIndexOf('/') + 1)) ?? Buffer.alloc(0))
  assert.match(String(chainOf(world)), /says 31 lines, the log has 21: its end was cut off/)
})

test('an appender at work goes on in the new log; one that comes while the closing was cut short is refused', () => {
  const logs = memoryLogs(), { world } = worldOf(logs)
  const log = opened(openAuditLog({ folder: logs, genesis: GENESIS, shareMs: 0 }))
  turn(world)
  assert.equal(log.enter(), undefined)
  log.append(lineOf(recordOf(1)), recordOf(1).id)
  assert.equal(log.close().size, 2)
  const [newest, oldest] = chainOf(world) as readonly Link[]
  assert.deepEqual([newest?.size, oldest?.size], [2, 1])
  logs.replace(PREDECESSOR, `${logs.read('audit.checkpoint')?.toString() ?? ''}\u2014 x AAAAAAA=\n`)
  const refused = openAuditLog({ folder: logs, genesis: GENESIS })
  assert.ok('fault' in refused && refused.exit === 'refused')
})

test('a run during which its log is closed tells what it heard again by where it stands, in whichever log', () => {
  const logs = memoryLogs(), { world } = worldOf(logs), log = opened(openAuditLog({ folder: logs, genesis: GENESIS, shareMs: 0 }))
  const recorder = new AuditRecorder({
    by: 'test/1', clock: () => 0, carried: [], tape: new Map(), group: 100, open: () => log, enter: (shared) => assert.equal(shared.enter(), undefined),
  })
  const moment = (minute: number): Control => tick(`2021-01-15T14:3${minute}:00.000Z`)
  const hear = (...records: readonly Control[]): void => records.forEach((record) => recorder.take({ ...record }))
  hear(recordOf(1), recordOf(2), moment(1))
  // Heard again before the closing, and told after it.
  hear(recordOf(1), moment(1))
  turn(world)
  hear(recordOf(2), recordOf(3), moment(2), recordOf(3), recordOf(1), recordOf(4), moment(3))
  recorder.close()
  const whole = new WholeLog(logs), lines = [...whole.selected({})].map(({ record }) => record as Control)
  whole.close()
  const starts = whole.parts.map(({ from }) => from), ids = lines.map(({ id }) => id)
  const heard = lines.flatMap((record, at) => (record.type !== 'again' ? [] : [[...heardAgain(record, startBefore(starts, at + 1))].map(({ line }) => ids[line - 1])]))
  assert.deepEqual(heard, [[recordOf(1).id, moment(1).id, recordOf(2).id], [recordOf(3).id, recordOf(1).id]])
  assert.equal(new Set(ids).size, ids.length)
  assert.deepEqual(starts, [0, 4])
})

test('whichever operation fails, and whatever a crash takes, rotating again ends it, and the chain holds every record', () => {
  for (const fault of ['EIO', 'crash'] as const) {
    let failedAt = 0
    for (let nth = 1, done = false; !done; nth++) {
      const disk = new SimulatedDisk(), logs = fileLogs('/home/logs', { disk }), { world } = worldOf(logs)
      appendRecords(logs, 0, 30)
      disk.failAfter(nth, fault)
      try {
        turn(world)
      } catch (error) {
        assert.ok(error instanceof PowerCut || failsWith('output')(error) || (error instanceof Error && error.cause instanceof PowerCut), String(error))
      }
      done = disk.faults === 0
      if (!done) failedAt = nth
      let draw = nth
      disk.crash((below) => (draw = (draw * 1_103_515_245 + 12_345) % 2_147_483_648) % below)
      turn(world)
      const links = chainOf(world)
      assert.ok(typeof links !== 'string', `${fault} at ${nth}: ${String(links)}`)
      const lines = links.flatMap(({ folder }) => {
        const tape = folder.open(LINES), bytes = Buffer.alloc(tape.size())
        tape.read(0, bytes)
        return bytes.toString().trimEnd().split('\n')
      })
      for (let n = 0; n < 30; n++) assert.ok(lines.includes(lineOf(recordOf(n))), `${fault} at ${nth}: record ${n} is lost`)
      assert.ok(links.length >= 2 && links.length <= 3)
    }
    assert.ok(failedAt > 40, `failed only up to operation ${failedAt}`)
  }
})
