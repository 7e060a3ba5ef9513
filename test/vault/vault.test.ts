import assert from 'node:assert/strict'
import { test } from 'node:test'
import { make, type Allocation, type Conviction, type Vanta } from '#record'
import { QUEUE_FILE, VAULT_FILE } from '#domain/vault/vault'
import { memoryStore } from '#adapter/memory/store'
import tool from '../../src/vault/vault.ts'
import { bench, drive, openPrint, tick } from '../execute/desk_world.ts'
import { OVERLAY_FILE } from '#domain/vault/overlay'

const { init, show, allocate } = tool.verbs
const initValues = { cash: '2500.50', currency: 'USD', method: 'banded', force: false } as const

function act(verb: typeof init, values: object, operands: readonly string[], world = bench()): Vanta[] {
  if (verb?.kind !== 'command') throw new Error('not a command')
  const out: Vanta[] = []
  void verb.act(values as never, operands, world, (record) => out.push(record))
  return out
}
const open = (world = bench(), vault = 'core', priced = false) => {
  if (allocate?.kind !== 'action') throw new Error('not an action')
  return allocate.open({ vault, priced } as never, world)
}
const at = '2021-01-15T15:00:00.000Z'
function conviction(ticker: string, score: number, when = at): Conviction {
  return make('conviction', {
    at: when, known_at: when, source: 'test', by: 'test/0', signal_id: '0'.repeat(40), subject: `ticker:${ticker}`, direction: 'up', conviction_score: score,
    log_odds: Math.log(score / (1 - score)), reason_vector: [{ term: 'test', log_odds: Math.log(score / (1 - score)), evidence: [] }],
    contributing_models: ['chatter', 'insider'], horizon: '5d', ttl: 86_400, routing_tags: [],
  })
}

test('init writes the vault and an overlay that lets trade; again it refuses, unless forced', () => {
  const world = { ...bench(), store: memoryStore() }
  act(init, initValues, ['spare'], world)
  assert.deepEqual(world.store.read(OVERLAY_FILE)?.memory.kill, false)
  assert.throws(() => act(init, initValues, ['spare'], world), { exit: 'refused' })
  act(init, { ...initValues, cash: '9', force: true }, ['spare'], world)
  act(init, initValues, ['other'], world)
  assert.equal(world.store.read(VAULT_FILE)?.version, 3)
  assert.deepEqual(act(show, {}, [], world).map((record) => ('capital' in record ? record.capital : '')), ['9.00', '2500.50'])
})

test('init does not lift a kill switch', () => {
  const world = bench()
  world.store.write(OVERLAY_FILE, { kill: true }, 1)
  act(init, initValues, ['spare'], world)
  assert.equal(world.store.read(OVERLAY_FILE)?.memory.kill, true)
})

test('a missing or spoilt vault is a matter of configuration', () => {
  assert.throws(() => open(bench(), 'spare'), { exit: 'config', message: "no vault 'spare': run vanta-vault init spare" })
  assert.throws(() => act(show, {}, ['spare']), { exit: 'config' })
  const world = bench()
  world.store.write(VAULT_FILE, { vaults: { core: { capital: '1.005' } } }, 1)
  assert.throws(() => open(world), { exit: 'config', message: /capital: expected/ })
})

test('allocations come before the tick that closes their moment, after their convictions', async () => {
  const out = await drive(open(), [conviction('GME', 0.7), tick(at)])
  assert.deepEqual(out.map(({ kind }) => kind), ['conviction', 'allocation', 'control'])
  const allocation = out[1] as Allocation
  assert.deepEqual([allocation.maker, allocation.at, allocation.expires_at], ['chatter+insider', at, '2021-01-16T15:00:00.000Z'])
})

test('without a tick the end of input is the moment', async () => {
  const out = await drive(open(), [conviction('GME', 0.7)])
  assert.equal(out.find(({ kind }) => kind === 'allocation')?.at, '2021-01-15T23:00:00.000Z')
})

test('one allocator a vault: a second is told to try again, one of another vault is not', async () => {
  const world = bench()
  act(init, initValues, ['other'], world)
  const first = open(world)
  assert.throws(() => open(world), { exit: 'again' })
  await drive(open(world, 'other'), [conviction('AMC', 0.7), tick(at)])
  await drive(first, [conviction('GME', 0.7), tick(at)])
  await drive(open(world), [])
  assert.deepEqual(Object.keys(world.store.read(QUEUE_FILE)?.memory.vaults as object).sort(), ['core', 'other'])
})

test('targets survive a restart: nothing is asked for twice, and exits still come', async () => {
  const world = bench()
  await drive(open(world), [conviction('GME', 0.7), tick(at)])
  assert.deepEqual(Object.keys(world.store.read(QUEUE_FILE)?.memory.vaults as object), ['core'])
  const again = await drive(open(world), [conviction('GME', 0.71, '2021-01-15T16:00:00.000Z'), tick('2021-01-15T16:00:00.000Z')])
  assert.deepEqual(again.map(({ kind }) => kind), ['conviction', 'control'])
  const later = await drive(open(world), [tick('2021-01-16T16:00:00.000Z')])
  assert.deepEqual(later.map((record) => (record.kind === 'allocation' ? record.reason : record.kind)), ['expired', 'control'])
})

test('with --priced, places go only to what can be traded', async () => {
  const records = [
    openPrint('OLD', '2021-01-10T14:59:59.000Z', '1'), openPrint('NEW', '2021-01-10T15:00:00.000Z', '1'),
    conviction('OLD', 0.7), conviction('NEW', 0.7), conviction('NONE', 0.7), tick(at),
  ]
  const subjects = (out: readonly Vanta[]): string[] => out.flatMap((record) => (record.kind === 'allocation' ? [record.subject] : []))
  assert.deepEqual(subjects(await drive(open(bench(), 'core', true), records)), ['ticker:NEW'])
  assert.equal(subjects(await drive(open(), records)).length, 3)
})
