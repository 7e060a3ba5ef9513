import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JournalEntry, Json, Vanta } from '#record'
import type { Kept } from '#domain/execute/kept'
import { Shelf, type TradeLog } from '#domain/execute/shelf'
import { sealed } from '#domain/vault/seal'
import { readVault, type Vault } from '#domain/vault/vault'
import { execute as exec } from '../../src/execute/exec.ts'
import move from '../../src/vault/vault/move.ts'
import { bench, drive, execValues, openPrint, target, tick, type Bench } from '../execute/desk_world.ts'

const loan = { lender: 'spare', principal: '20000.00', rate: '0.073', due: '2030-01-01T00:00:00Z', covenants: { drawdown: '0.5', exposure: '2' } }
/** Two vaults, the second lends to the first; the first keeps 40 % of its profit out of trading. */
function twoVaults(): Bench {
  const world = bench(), stored = world.store.read('vault.json')
  const core = (stored?.memory['vaults'] as { core: { [field: string]: Json } }).core
  const { seal: _, ...settings } = core
  const signed = (name: string, entry: { readonly [field: string]: Json }) => sealed(name, entry, (text) => world.keys.sign(name, text))
  const vaults = { core: signed('core', { ...settings, loan, compounding: { growth: '0.60' } }), spare: signed('spare', settings) }
  world.store.write('vault.json', { ...stored?.memory, vaults }, stored?.version ?? 0)
  return world
}
const at = (world: Bench, when: string): Bench => {
  world.nowMs = Date.parse(when)
  return world
}
function moves(world: Bench, words: string, more: { [option: string]: string } = {}): Vanta[] {
  const out: Vanta[] = []
  move.act({ reason: 'because', who: 'ann', to: undefined, subject: undefined, quantity: undefined, settles: undefined, ...more } as never, words.split(' '), world, (record) => void out.push(record))
  return out
}
const balancesOf = (world: Bench, vault: string) => (world.store.read('ledger.json')?.memory as Partial<Kept>).vaults?.[vault]?.ledger.balances
const entries = (out: readonly Vanta[]): JournalEntry[] => out.filter((record) => record.kind === 'entry')

test('what moves says who and why, and its entries follow from that record', () => {
  const world = twoVaults(), out = moves(world, 'core deposit 5000')
  const [record] = out
  assert.ok(record?.kind === 'control')
  assert.deepEqual([record.type, record.facts?.['who'], record.facts?.['why']], ['movement', 'ann', 'because'])
  assert.deepEqual(entries(out).map(({ type, parents }) => [type, parents]), [['open', []], ['deposit', [record.id]]])
  assert.equal(balancesOf(world, 'core')?.['assets:cash'], '105000.00')
  assert.throws(() => moves(world, 'core withdraw 105000.01'), { exit: 'refused', message: /105000.01 to pay, 105000.00 in cash/ })
  assert.throws(() => moves(world, 'core deposit 1.001'), { exit: 'usage' })
  assert.throws(() => moves(world, 'core give 1'), { exit: 'usage' })
})

test('a transfer moves two books at once', () => {
  const world = twoVaults()
  moves(world, 'core transfer 1000', { to: 'spare' })
  assert.deepEqual(['core', 'spare'].map((vault) => balancesOf(world, vault)?.['assets:cash']), ['99000.00', '101000.00'])
  assert.throws(() => moves(world, 'core transfer 1000'), { exit: 'usage' })
})

test('cut off anywhere, a transfer is made in full or not at all', () => {
  const world = twoVaults()
  moves(world, 'core transfer 1000', { to: 'spare' })
  const lines = [...world.journal('trade_log.jsonl').lines()]
  for (let kept = 0; kept <= lines.length; kept++) {
    const trades = lines.slice(0, kept)
    const log = (of: string[]): TradeLog => ({ append: (line) => void of.push(line), sync: () => undefined, lines: () => [...of] })
    const vaultOf = (name: string): Vault => readVault(world.store.read('vault.json')?.memory, name) as Vault
    const shelf = new Shelf({ trades: log(trades), entries: log([]), by: 'vanta-test/0' }, vaultOf, {})
    shelf.finish()
    const moved = ['core', 'spare'].map((vault) => shelf.book(vault, '2021-01-16T00:00:00.000Z').ledger.cash)
    assert.ok([['10000000', '10000000'], ['9900000', '10100000']].some((cash) => cash.join() === moved.join()), `${kept}: ${moved.join()}`)
  }
})

test('a loan between vaults: drawn up to its principal, interest on both sides, paid back', async () => {
  const world = at(twoVaults(), '2021-01-15T12:00:00Z')
  moves(world, 'core draw 10000')
  assert.throws(() => moves(world, 'core draw 10000.01'), { exit: 'refused', message: /the loan is of 20000.00, 10000.00 of it is drawn/ })
  const out = await drive(exec.open(execValues, at(world, '2021-01-20T12:00:00Z')), [tick('2021-01-20T12:00:00.000Z')])
  // 2.00 a day for five days, owed by the one and to the other.
  assert.deepEqual(entries(out).map(({ vault, type, postings }) => `${vault} ${type} ${postings[0]?.account} ${postings[0]?.amount}`), [
    'core interest expenses:interest 10.00', 'spare interest assets:interest:spare-core 10.00',
  ])
  assert.match(entries(out)[0]?.parents[0] ?? '', /^[0-9a-f]{40}$/)
  moves(world, 'core repay 10010')
  assert.equal(balancesOf(world, 'core')?.['assets:cash'], '99990.00')
  assert.equal(balancesOf(world, 'spare')?.['assets:cash'], '100010.00')
  assert.deepEqual(Object.keys(balancesOf(world, 'core') ?? {}).filter((account) => account.startsWith('liabilities')), [])
})

test('of a profit realised its share goes to the reserve, which nothing is sized upon', async () => {
  const world = twoVaults()
  await drive(exec.open(execValues, world), [
    openPrint('GME', '2021-01-14T14:30:00.000Z', '40'), target('GME', '2021-01-14T15:00:00.000Z', '0.08'), tick('2021-01-14T15:00:00.000Z'),
    openPrint('GME', '2021-01-14T15:30:00.000Z', '41'), target('GME', '2021-01-14T16:00:00.000Z', '0'), tick('2021-01-14T16:00:00.000Z'),
    openPrint('GME', '2021-01-14T16:30:00.000Z', '45'),
  ])
  // 200 from 41.0205 to 44.9775 less fees of 0.83 and 0.90: 789.67, of which 315.868 are kept, rounded up.
  // The next day's first moment splits it.
  const out = await drive(exec.open(execValues, world), [tick('2021-01-15T00:00:00.000Z'), tick('2021-01-15T01:00:00.000Z')])
  assert.deepEqual(entries(out).map(({ type }) => type), ['compounding'])
  assert.equal(balancesOf(world, 'core')?.['assets:reserve'], '315.87')
  assert.throws(() => moves(world, 'core compound'), { exit: 'refused', message: /no profit was realised/ })
  const state = (world.store.read('ledger.json')?.memory as Partial<Kept>).vaults?.['core']?.ledger.marks
  assert.deepEqual([state?.['compounded'], state?.['reinvested']], ['789.67', '473.80'])
  moves(world, 'core release 15.87')
  assert.equal(balancesOf(world, 'core')?.['assets:reserve'], '300.00')
})

test('an adjustment that settles a corporate action lets its subject trade again', () => {
  const world = twoVaults()
  moves(world, 'core adjust -12.34', { settles: 'merger:ticker:GME:2021-01-15' })
  assert.equal(balancesOf(world, 'core')?.['expenses:adjustments'], '12.34')
  moves(world, 'core adjust 0', { settles: 'split:ticker:GME:2021-01-15' })
  const marks = (world.store.read('ledger.json')?.memory as Partial<Kept>).vaults?.['core']?.ledger.marks ?? {}
  assert.deepEqual(Object.keys(marks).filter((name) => name.startsWith('action:')), ['action:merger:ticker:GME:2021-01-15', 'action:split:ticker:GME:2021-01-15'])
})

test('a position is put right, with who and why: what comes costs what was paid, what goes leaves at its cost, and the journal balances', () => {
  const world = twoVaults(), of = { subject: 'ticker:GME' }
  const out = moves(world, 'core adjust -400.00', { ...of, quantity: '10' })
  const [record] = out
  assert.ok(record?.kind === 'control' && record.facts?.['who'] === 'ann')
  const lots = () => (world.store.read('ledger.json')?.memory as Partial<Kept>).vaults?.['core']?.ledger.lots['ticker:GME']
  assert.deepEqual(lots(), [{ quantity: '10', cost: '400.00', lot: record.id, acquired: record.at }])
  // A split that nobody told, as it would have been: more units, the same cost in all.
  moves(world, 'core adjust', { ...of, quantity: '10' })
  assert.equal(balancesOf(world, 'core')?.['assets:position:ticker:GME'], '400.00')
  moves(world, 'core adjust 30.00', { ...of, quantity: '-5' })
  assert.deepEqual([lots()?.[0]?.quantity, balancesOf(world, 'core')?.['assets:position:ticker:GME'], balancesOf(world, 'core')?.['expenses:adjustments']], ['5', '200.00', '170.00'])
  assert.throws(() => moves(world, 'core adjust', { ...of, quantity: '-500' }), { exit: 'refused' })
  for (const more of [{ quantity: '5' }, of, { ...of, quantity: '0' }, { subject: 'series:CPI', quantity: '1' }]) assert.throws(() => moves(world, 'core adjust', more as never), { exit: 'usage' })
  assert.throws(() => moves(world, 'core deposit 5', { ...of, quantity: '5' }), { exit: 'usage' })
  const text = [...world.journal('trade_log.jsonl').lines()]
  const sums = text.map((line) => JSON.parse(line) as Vanta).filter((one) => one.kind === 'entry').map(({ postings }) => postings.reduce((sum, { amount }) => sum + Math.round(Number(amount) * 100), 0))
  assert.ok(sums.every((sum) => sum === 0))
})
