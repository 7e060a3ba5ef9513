import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import type { Vanta } from '#record'
import { execute as exec } from '../../src/execute/exec.ts'
import ledger from '../../src/vault/vault/ledger.ts'
import { bench, drive, execValues, hourBar, openPrint, target, tick, type Bench } from '../execute/desk_world.ts'
import { needed } from '../needed.ts'

const story = [
  openPrint('GME', '2021-01-14T14:30:00.000Z', '40'), target('GME', '2021-01-14T15:00:00.000Z', '0.08'), tick('2021-01-14T15:00:00.000Z'),
  openPrint('GME', '2021-01-14T15:30:00.000Z', '41'), hourBar('GME', '2021-01-14T15:30:00.000Z', '41', '42'),
  target('GME', '2021-01-15T14:00:00.000Z', '0.04'), tick('2021-01-15T14:00:00.000Z'), openPrint('GME', '2021-01-15T14:30:00.000Z', '45'),
]
const values = { format: undefined, since: undefined, until: undefined, check: false } as const

async function traded(): Promise<Bench> {
  const world = bench()
  await drive(exec.open(execValues, world), story)
  return world
}
function ask(world: Bench, more: Partial<{ [N in keyof typeof values]: unknown }>): { status: unknown; lines: string[]; records: Vanta[] } {
  const lines: string[] = [], records: Vanta[] = []
  const status = ledger.act({ ...values, ...more } as never, ['core'], { ...world, print: (text) => void lines.push(text) }, (record) => void records.push(record))
  return { status, lines, records }
}

test('what is told is the journal', async () => {
  const world = await traded()
  const { records } = ask(world, {})
  assert.deepEqual(records.map((record) => JSON.stringify(record)), [...world.journal('ledger.ndjson').lines()])
  assert.deepEqual(ask(world, { since: '2021-01-15' }).records.map((record) => record.kind === 'entry' && record.sequence), [3])
  assert.throws(() => ask(world, { since: 'yesterday' }), { exit: 'usage' })
})

// 200 bought at 41.0205 (fee 0.83), 105 sold at 44.9775: 4722.63 less 0.48, against 4307.16 of cost.
test('hledger checks it, and agrees on the cash', { skip: needed('hledger') }, async () => {
  const journal = `${ask(await traded(), { format: 'hledger' }).lines.join('\n')}\n`
  const checked = spawnSync('hledger', ['-f', '-', 'check', '--strict'], { input: journal, encoding: 'utf8' })
  assert.equal(checked.status, 0, checked.stderr)
  const { stdout } = spawnSync('hledger', ['-f', '-', 'balance', 'assets:cash', '--no-total'], { input: journal, encoding: 'utf8' })
  assert.match(stdout, /96517\.22 USD/)
})

test('a check says that all agree, or where they do not', async () => {
  const world = await traded()
  assert.deepEqual(ask(world, { check: true }), {
    status: 'done', records: [], lines: ['3 entries agree with the trade log; equity of core at cost 100414.16, the sum of its journal'],
  })
  const stored = world.store.read('ledger.json')
  const altered = JSON.parse(JSON.stringify(stored?.memory).replace('"assets:cash":"96517.22"', '"assets:cash":"96517.23"')) as NonNullable<typeof stored>['memory']
  world.store.write('ledger.json', altered, stored?.version ?? 0)
  assert.deepEqual(ask(world, { check: true }).lines, ['vault core: balances in memory/ledger.json are not what the trade log gives'])
  const lines = [...world.journal('ledger.ndjson').lines()]
  world.journal('ledger.ndjson').append(lines[0] ?? '')
  const again = ask(world, { check: true })
  assert.equal(again.status, 'negative')
  assert.equal(again.lines[0], 'logs/ledger.ndjson line 4: the trade log knows nothing of it')
})
