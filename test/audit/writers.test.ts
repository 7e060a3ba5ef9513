/** Several processes append to one home at once; some are killed. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { memoryLogs } from '#adapter/memory/logs'
import { fileLogs } from '#adapter/file/logs'
import { LINES } from '#domain/audit/files'
import { openAuditLog } from '#domain/audit/log'
import { verifyAuditLog } from '#domain/audit/verify'
import { lineOf } from '#record'
import { GENESIS, opened, recordOf } from '../domain/audit/fixture.ts'

const room = mkdtempSync(join(tmpdir(), 'vanta-writers-'))
after(() => rmSync(room, { recursive: true, force: true }))
const program = fileURLToPath(new URL('../../bin/vanta-audit', import.meta.url))

const TICK = 7
const idsOf = (text: string): string[] => text.trimEnd().split('\n').map((line) => (JSON.parse(line) as { id: string }).id)

test('writers that take turns in any order each find what the others wrote, and the log is whole after each turn', () => {
  fc.assert(fc.property(fc.array(fc.record({ writer: fc.nat(2), records: fc.array(fc.nat(40), { maxLength: 6 }) }), { maxLength: 15 }), (turns) => {
    const logs = memoryLogs(), expected = [GENESIS.id]
    const writers = [0, 1, 2].map(() => opened(openAuditLog({ folder: logs, genesis: GENESIS, shareMs: 0 })))
    for (const { writer, records } of turns) {
      const log = writers[writer]
      assert.ok(log !== undefined && log.enter() === undefined)
      assert.equal(log.size, expected.length)
      for (const n of records) {
        const { id } = recordOf(n), isNew = !expected.includes(id)
        assert.equal(log.append(lineOf(recordOf(n)), id), isNew)
        if (isNew) expected.push(id)
      }
      log.leave()
      assert.deepEqual(idsOf(logs.files.get(LINES)?.toString() ?? ''), expected)
      assert.deepEqual(verifyAuditLog(logs).intact, true)
    }
  }), { numRuns: 60 })
})

test('a line is never written to a log that others may write', () => {
  const log = opened(openAuditLog({ folder: memoryLogs(), genesis: GENESIS, shareMs: 0 }))
  assert.throws(() => log.append(lineOf(recordOf(1)), recordOf(1).id), /others may write/)
})

interface Writer {
  readonly done: Promise<number | null>
  /** Ids that left the process. */
  readonly said: () => string[]
  kill(): void
}

function writer(home: string, from: number, count: number): Writer {
  const child = spawn(program, ['append', '--commit', String(TICK)], { env: { ...process.env, VANTA_HOME: home }, stdio: ['pipe', 'pipe', 'inherit'] })
  let out = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stdin.on('error', () => undefined)
  child.stdin.end(Array.from({ length: count }, (_, i) => `${lineOf(recordOf(from + i))}\n`).join(''))
  return { done: once(child, 'close').then(([code]) => code as number | null), said: () => idsOf(out), kill: () => void child.kill('SIGKILL') }
}

test('four processes at once: nothing is lost, nothing is twice, each keeps its order', async () => {
  const home = join(room, 'four')
  const writers = [0, 1, 2, 3].map((i) => writer(home, i * 10_000, 300))
  assert.deepEqual(await Promise.all(writers.map(({ done }) => done)), [0, 0, 0, 0])
  const logged = idsOf(readFileSync(join(home, 'logs', LINES), 'utf8'))
  assert.equal(new Set(logged).size, logged.length)
  for (let i = 0; i < 4; i++) {
    const own = Array.from({ length: 300 }, (_, n) => recordOf(i * 10_000 + n).id)
    assert.deepEqual(logged.filter((id) => own.includes(id)), own)
  }
  assert.equal(verifyAuditLog(fileLogs(join(home, 'logs'))).intact, true)
})

test('writers killed at any moment leave a log that the others go on with', async () => {
  const home = join(room, 'killed')
  for (let round = 0; round < 4; round++) {
    const victims = [0, 1].map((i) => writer(home, 100_000 * round + i * 10_000, 2000)), survivor = writer(home, 100_000 * round + 50_000, 400)
    for (const victim of victims) setTimeout(() => victim.kill(), 350 + 130 * round)
    assert.equal(await survivor.done, 0)
    await Promise.all(victims.map(({ done }) => done))
    const logged = idsOf(readFileSync(join(home, 'logs', LINES), 'utf8'))
    assert.equal(new Set(logged).size, logged.length)
    const own = Array.from({ length: 400 }, (_, n) => recordOf(100_000 * round + 50_000 + n).id)
    assert.deepEqual(logged.filter((id) => own.includes(id)), own)
  }
  const log = opened(openAuditLog({ folder: fileLogs(join(home, 'logs')), genesis: GENESIS }))
  log.close()
  assert.equal(verifyAuditLog(fileLogs(join(home, 'logs'))).intact, true)
})
