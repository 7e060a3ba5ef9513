import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lineOf, parseInstant, type Json, type Vanta } from '#record'
import { memoryMachine } from '#adapter/memory/machine'
import { memoryFolder, type MemoryFolder } from '#adapter/memory/folder'
import { memoryJournal } from '#adapter/memory/journal'
import { memoryLogs, type MemoryLogs } from '#adapter/memory/logs'
import { memoryStore } from '#adapter/memory/store'
import { LINES } from '#domain/audit/files'
import { genesisRecord } from '#domain/audit/genesis'
import { openAuditLog } from '#domain/audit/log'
import { Failure, type ActionWorld } from '#tool'
import type { Journal } from '#port/journal'
import type { Memory } from '#port/store'
import summary from '../../src/audit/summary.ts'
import { season } from '../domain/report/season.ts'
import { memoryKeys } from '#adapter/memory/keys'
import { memoryOutside } from '#adapter/memory/outside'

const NOW = '2021-02-01T06:00:00.000Z'

interface Home {
  readonly world: ActionWorld
  readonly logs: MemoryLogs
  readonly folder: MemoryFolder
  readonly printed: string[]
  readonly journals: Map<string, Journal>
}

function homeWith(records: readonly Vanta[], memories: { readonly [name: string]: Memory } = {}): Home {
  const printed: string[] = [], journals = new Map<string, Journal>()
  const logs = memoryLogs(), folder = memoryFolder()
  const none = (): never => assert.fail('a report needs no such thing'), silent = (): void => undefined
  const world: ActionWorld = {
    clock: { now: () => parseInstant(NOW) ?? 0 },
    log: { debug: silent, info: silent, warn: silent, error: silent },
    random: none, by: 'vanta-summary/1', past: () => [], outside: memoryOutside(), logs, logsIn: memoryLogs, objects: none, online: none, folder, store: memoryStore(memories), keys: memoryKeys('1', memoryStore()), nodeKeys: memoryKeys('1', memoryStore(), 'node'), machine: memoryMachine(), serve: () => Promise.reject(new Error('nobody listens')), alarm: () => Promise.reject(new Error('nobody waits')), home: '/home', root: '/',
    broker: none, certificateKeys: { certify: none, certificates: none, sign: none }, inference: { open: none }, prophet: { fit: none }, xgboost: { learn: none }, bus: none, simulate: none, stopwatch: none, hear: () => undefined, as: () => world, progress: none, print: (text) => void printed.push(text),
    journal(name) {
      const journal = journals.get(name) ?? memoryJournal()
      journals.set(name, journal)
      return journal
    },
  }
  if (records.length > 0) write(records, logs)
  return { world, logs, folder, printed, journals }
}

function write(records: readonly Vanta[], logs: MemoryLogs): void {
  const opened = openAuditLog({ folder: logs, genesis: genesisRecord({ world: 'replay', at: NOW, by: 'test/1' }) })
  assert.ok('log' in opened)
  for (const record of records.slice(1)) opened.log.append(lineOf(record), record.id)
  opened.log.close()
}

type Options = Parameters<typeof summary.act>[0]
const act = (home: Home, options: Partial<Options> = {}, operands: readonly string[] = []) =>
  summary.act({ out: undefined, topTrades: 30, title: undefined, ...options }, operands, home.world, () => assert.fail('no record is made'))

const made = season({ from: '2020-11-25', days: 30 })
const memories = { 'pnl_summary.json': made.pnl, 'summary.json': made.summary }

test('writes the page into the home, says where, and appends a line to the digest', async () => {
  const home = homeWith(made.records, memories)
  assert.equal(await act(home), 'done')
  assert.deepEqual(home.printed, ['/home/report.html'])
  const page = home.folder.files.get('/home/report.html')?.toString('utf8') ?? ''
  assert.ok(page.startsWith('<!doctype html>') && page.endsWith('</html>\n'), page.slice(-20))
  const checkpoint = home.logs.read('audit.checkpoint')?.toString('utf8').split('\n') ?? []
  assert.ok(page.includes(Buffer.from(checkpoint[2] ?? '', 'base64').toString('hex')), `the root of the log: ${checkpoint.join(' ')}`)

  const [line = '', ...more] = [...(home.journals.get('reflection_digest.log')?.lines() ?? [])]
  assert.equal(more.length, 0)
  const digest = JSON.parse(line) as { [field: string]: Json } & { sentences: { text: string; records: string[] }[] }
  assert.equal(digest.at, NOW)
  assert.equal(digest.return, made.pnl.return)
  assert.equal(digest.precision_at_5, 0.534)
  assert.equal(digest.report, '/home/report.html')
  const known = new Set([...made.records.map(({ id }) => id), made.summary.id])
  const { sentences } = digest
  assert.ok(sentences.length > 5)
  for (const { text, records } of sentences) {
    assert.notEqual(text, '')
    for (const id of records) assert.ok(known.has(id), `${text}: ${id}`)
  }
  assert.ok(sentences.filter(({ records }) => records.length > 0).length >= 4)
})

test('--out and --title are taken, and the record is left as it was', async () => {
  const home = homeWith(made.records, memories)
  const before = Buffer.from(home.logs.read(LINES) ?? '')
  await act(home, { out: '/tmp/x.html', title: 'A quiet season' })
  const page = home.folder.files.get('/tmp/x.html')?.toString('utf8') ?? ''
  assert.ok(page.includes('<h1>A quiet season</h1>') && page.includes('<title>A quiet season</title>'))
  assert.deepEqual(home.printed, ['/tmp/x.html'])
  assert.deepEqual(home.logs.read(LINES), before)
})

test('memory without a log, and a log without memory, make a page', async () => {
  for (const home of [homeWith([], memories), homeWith(made.records)]) assert.equal(await act(home), 'done')
})

test('a home without a record is a negative answer; words that mean nothing are wrong usage', async () => {
  const fails = async (call: () => Promise<unknown>, exit: string): Promise<void> =>
    assert.rejects(call, (error: unknown) => error instanceof Failure && error.exit === exit)
  const home = homeWith([])
  await fails(async () => act(home), 'negative')
  assert.equal(home.folder.files.size, 0)
  await fails(async () => act(homeWith(made.records), {}, ['x']), 'usage')
  await fails(async () => act(homeWith(made.records), { topTrades: -1 }), 'usage')
})
