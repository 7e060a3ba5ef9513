/** vanta-exit: the plan's numbers are the books', whoever words them. */
import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, test } from 'node:test'
import { type ExitPlan, type Vanta } from '#record'
import { memoryOutside } from '#adapter/memory/outside'
import type { Memory } from '#port/store'
import { reworded } from '#domain/execute/exit_plan'
import exit from '../../src/execute/exit.ts'
import exec from '../../src/execute/exec.ts'
import vault from '../../src/vault/vault.ts'
import type { AnyCommand, AnyStreaming } from '#tool'
import { recordsIn, runTool } from '../service/process.ts'
import { startService, type Service } from '../service/service.ts'
import { bench, drive, execValues, openPrint, target, tick, type Bench } from './desk_world.ts'

const values = { llm: false, api: 'openai', endpoint: undefined, model: 'm', credentials: undefined, timeout: 2000 } as const

/** A home that has bought 200 GME at 41.0205, with a loss stop at 8 %, a trailing one at 10 % and one by time. */
async function homeWithPosition(): Promise<Bench> {
  const world = bench()
  const { set } = vault.verbs
  void (set as AnyCommand).act({} as never, ['core', 'stops.loss=0.08', 'stops.trailing=0.10', 'stops.time=20d'], world, () => undefined)
  await drive((exec.main as AnyStreaming).open(execValues as never, world) as never, [
    openPrint('GME', '2021-01-15T14:30:00.000Z', '40'), target('GME', '2021-01-15T15:00:00.000Z', '0.08'),
    tick('2021-01-15T15:00:00.000Z'), openPrint('GME', '2021-01-15T15:30:00.000Z', '41'),
  ])
  world.die()
  return world
}

const plansOf = (out: readonly Vanta[]): ExitPlan[] => out.filter((record): record is ExitPlan => record.kind === 'exit_plan')

test('every position has its plan: levels, distances and the reason, to the cent', async () => {
  const world = await homeWithPosition()
  const [plan] = plansOf(await drive(exit.open(values, world), [openPrint('GME', '2021-01-15T16:30:00.000Z', '44')]))
  assert.ok(plan !== undefined)
  assert.deepEqual([plan.subject, plan.quantity, plan.entry, plan.mark, plan.value, plan.written_by], ['ticker:GME', '200', '41.0205', '44', '8800.00', 'template'])
  // 8 % below 41.0205; 44 less that, times 200.
  assert.deepEqual(plan.rules.find(({ rule }) => rule === 'loss'), { rule: 'loss', level: '37.73886', percent: '14.23', money: '1252.23' })
  assert.deepEqual(plan.rules.map(({ rule }) => rule), ['loss', 'trailing', 'time'])
  assert.match(plan.rationale, /^Vault core holds 200 of ticker:GME, bought at 41\.0205 on average, now at 44\. No conviction stands behind it\. It is left at 37\.73886 or below/)
})

test('no position, no plan', async () => {
  assert.deepEqual(plansOf(await drive(exit.open(values, bench()), [])), [])
})

test('a wording with a number of its own, without text or without end is not taken', async () => {
  const [plan] = plansOf(await drive(exit.open(values, await homeWithPosition()), []))
  if (plan === undefined) return assert.fail()
  assert.equal(reworded(plan, 'We hold 200 shares and leave at 37.73886.')?.rationale, 'We hold 200 shares and leave at 37.73886.')
  for (const wrong of ['', ' \n ', 'We hold 201 shares.', 'Sell at 37.73.', 'x'.repeat(3000)]) assert.equal(reworded(plan, wrong), undefined, wrong.slice(0, 20))
  assert.equal(reworded(plan, 'Hold\u001b[31m 200')?.rationale, undefined, 'the 31 of the escape is a number that the plan does not have')
  assert.equal(reworded(plan, 'Hold\u0007 200')?.rationale, 'Hold  200')
})

let service: Service
before(async () => (service = await startService()))
after(() => service.close())
beforeEach(() => service.reset())

/** The home on disk, for the tool as a process. */
async function homeOnDisk(overlay: Memory): Promise<string> {
  const home = mkdtempSync(join(tmpdir(), 'vanta-exit-'))
  const world = await homeWithPosition()
  const { fileStore } = await import('#adapter/file/store')
  const store = fileStore(join(home, 'memory'))
  for (const name of ['ledger.json', 'vault.json', 'vault_keys.json']) store.write(name, world.store.read(name)?.memory ?? {}, 0)
  store.write('vault_overlay.json', overlay, 0)
  writeFileSync(join(home, 'key'), '{"key": "sk-very-secret"}', { mode: 0o600 })
  return home
}
const OPEN: Memory = { kill: false, calls_disabled: false }

async function worded(home: string): Promise<{ plan: ExitPlan | undefined; status: number; err: string }> {
  const words = ['--llm', '--endpoint', service.endpoint, '--credentials', join(home, 'key'), '--timeout', '2s', '/dev/null']
  const { status, out, err } = await runTool('vanta-exit', words, { VANTA_HOME: home })
  assert.ok(!`${out}${err}`.includes('sk-very-secret'))
  return { plan: plansOf(recordsIn(out))[0], status, err }
}
const answer = (content: string): { body: string } => ({ body: JSON.stringify({ choices: [{ message: { role: 'assistant', content } }] }) })

test("a model's words are taken where its numbers are the plan's, and the key goes in a header only", async () => {
  service.routes = { '/v1/chat/completions': answer('Two hundred shares? No: 200, entered at 41.0205.') }
  const { plan, status } = await worded(await homeOnDisk(OPEN))
  assert.deepEqual([status, plan?.written_by, plan?.rationale], [0, 'model', 'Two hundred shares? No: 200, entered at 41.0205.'])
  assert.deepEqual(service.asked.map(({ method, url, headers }) => [method, url, headers.authorization]), [['POST', '/v1/chat/completions', 'Bearer sk-very-secret']])
})

test('a wrong number, a failing service, a page, and calls that are disabled leave the template, with a warning and status 0', async () => {
  const home = await homeOnDisk(OPEN)
  const cases: [string, () => void][] = [
    ['a wrong number', () => (service.routes = { '/v1/chat/completions': answer('We hold 999.') })],
    ['500', () => (service.misbehave = () => ({ kind: 'status', status: 500 }))],
    ['401', () => (service.misbehave = () => ({ kind: 'status', status: 401 }))],
    ['a page', () => (service.misbehave = () => ({ kind: 'page' }))],
    ['cut', () => (service.misbehave = () => ({ kind: 'cut' }))],
  ]
  for (const [what, arrange] of cases) {
    service.reset()
    arrange()
    const { plan, status, err } = await worded(home)
    assert.deepEqual([status, plan?.written_by], [0, 'template'], what)
    assert.match(err, /template stays/, what)
  }
  for (const overlay of [{ kill: false, calls_disabled: true }, { kill: false }]) {
    service.reset()
    const { plan, err } = await worded(await homeOnDisk(overlay))
    assert.equal(plan?.written_by, 'template')
    assert.match(err, /calls are disabled/)
    assert.equal(service.asked.length, 0)
  }
})

test('nothing is asked without --llm', async () => {
  const outside = memoryOutside()
  await drive(exit.open(values, { ...(await homeWithPosition()), outside }), [])
  assert.equal(outside.asked.length, 0)
})
