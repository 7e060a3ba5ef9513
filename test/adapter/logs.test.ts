import assert from 'node:assert/strict'
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileLogs } from '#adapter/file/logs'
import { memoryLogs } from '#adapter/memory/logs'
import { logsSuite } from '../port/logs.suite.ts'
import { SimulatedDisk } from './simulated-disk.ts'

const freshFolder = (): string => join(fs.mkdtempSync(join(tmpdir(), 'vanta-logs-')), 'logs')

logsSuite('file logs', () => fileLogs(freshFolder()))
logsSuite('file logs that do not wait', () => fileLogs(freshFolder(), { waits: false }))
logsSuite('memory logs', () => memoryLogs())
logsSuite('file logs on a simulated disk', () => fileLogs('/home/logs', { disk: new SimulatedDisk() }))

test('logs that do not wait still make closed tapes durable', () => {
  const disk = new SimulatedDisk()
  const tape = fileLogs('/logs', { disk, waits: false }).open('a')
  tape.append(Buffer.from('kept'))
  tape.close()
  disk.crash(() => 0)
  assert.equal(disk.content('/logs/a')?.toString(), 'kept')
})

test('log files are for their owner only', () => {
  const folder = freshFolder()
  const tape = fileLogs(folder).open('a')
  tape.append(Buffer.from('x'))
  tape.close()
  assert.equal(fs.statSync(join(folder, 'a')).mode & 0o777, 0o600)
})
