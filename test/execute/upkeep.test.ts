/** Corporate actions, dividends and interest in the executor: booked before the first trade of their day, never twice, not lost by a kill. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { make, type Fill, type JournalEntry, type Json, type Price, type Refusal, type Signal, type Vanta } from '#record'
import type { Kept } from '#domain/execute/kept'
import { Shelf } from '#domain/execute/shelf'
import { deposit, loanDraw } from '#domain/money/movements'
import { sealed } from '#domain/vault/seal'
import { readVault, type Vault } from '#domain/vault/vault'
import { execute as exec } from '../../src/execute/exec.ts'
import { bench, drive, execValues, hourBar, openPrint, target, tick, type Bench } from './desk_world.ts'

const run = (world: Bench, records: readonly Vanta[], end = true): Promise<Vanta[]> => drive(exec.open(execValues, world), records, end)
const entries = (out: readonly Vanta[]): JournalEntry[] => out.filter((record) => record.kind === 'entry')
const fills = (out: readonly Vanta[]): Fill[] => out.filter((record) => record.kind === 'fill')
const codes = (out: readonly Vanta[]): string[] => out.filter((record): record is Refusal => record.kind === 'refusal').map(({ code }) => code)
const kept = (world: Bench): Partial<Kept> => (world.store.read('ledger.json')?.memory ?? {}) as Partial<Kept>
const ledgerOf = (world: Bench) => kept(world).vaults?.['core']?.ledger
const heldOf = (world: Bench, subject: string): string[] => (ledgerOf(world)?.lots[subject] ?? []).map(({ quantity, cost }) => `${quantity}@${cost}`)

function action(type: string, facts: { [name: string]: string }, at: string, more: Partial<Signal> = {}): Signal {
  return make('signal', {
    at, known_at: at, source: 'alpaca/corporate_actions', by: 'test/0', type, key: `alpaca:${type}:${facts['day'] ?? ''}`, subject: 'ticker:GME', facts, ...more,
  })
}
const raw = (record: Price): Price => ({ ...record, basis: 'as_traded' })
/** 200 bought at 41.0205 on the 14th. */
const bought = [
  raw(openPrint('GME', '2021-01-14T14:30:00.000Z', '40')), target('GME', '2021-01-14T15:00:00.000Z', '0.08'), tick('2021-01-14T15:00:00.000Z'),
  raw(openPrint('GME', '2021-01-14T15:30:00.000Z', '41')),
]
const split = action('split', { ratio: '4:1', day: '2021-01-15' }, '2021-01-14T18:00:00.000Z')
const nextOpen = raw(openPrint('GME', '2021-01-15T14:30:00.000Z', '10.5'))
const sale = [
  target('GME', '2021-01-15T14:00:00.000Z', '0', { reason: 'expired' }), tick('2021-01-15T14:00:00.000Z'), nextOpen,
]

test('a split is booked before the first print of its day, and the sale of that day sells the new shares', async () => {
  const world = bench()
  const out = await run(world, [...bought, split, ...sale])
  assert.deepEqual(entries(out).map(({ type }) => type), ['open', 'fill', 'split', 'fill'])
  assert.deepEqual(fills(out).map(({ side, quantity }) => `${side} ${quantity}`), ['buy 200', 'sell 800'])
  assert.deepEqual(entries(out)[2]?.parents, [split.id])
  assert.deepEqual(heldOf(world, 'ticker:GME'), [])
})

test('heard only when the day has come, it is booked before the print that follows', async () => {
  const world = bench()
  await run(world, [...bought, action('split', { ratio: '4:1', day: '2021-01-15' }, '2021-01-15T14:30:00.000Z'), nextOpen])
  assert.deepEqual(heldOf(world, 'ticker:GME'), ['800@8204.10'])
})

test('said again, by the same or another service, it is not booked again; in another run neither', async () => {
  const world = bench()
  const other = action('split', { ratio: '4:1', day: '2021-01-15', id: 'x' }, '2021-01-14T19:00:00.000Z', { source: 'polygon/corporate_actions' })
  await run(world, [...bought, split, other, nextOpen, split, other])
  await run(world, [split, other, raw(openPrint('GME', '2021-01-15T15:30:00.000Z', '10.6'))])
  assert.deepEqual(heldOf(world, 'ticker:GME'), ['800@8204.10'])
})

test('an order at rest is ended before its shares change', async () => {
  const world = bench()
  const out = await run(world, [...bought, target('GME', '2021-01-14T20:00:00.000Z', '0'), tick('2021-01-14T20:00:00.000Z'), split, nextOpen, tick('2021-01-15T15:00:00.000Z'), raw(openPrint('GME', '2021-01-15T15:30:00.000Z', '10.6'))])
  const states = out.flatMap((record) => (record.kind === 'order' ? [`${record.side} ${record.quantity} ${record.state}`] : []))
  assert.ok(states.indexOf('sell 200 cancelled') > 0)
  assert.ok(states.includes('sell 800 filled'))
  assert.deepEqual(heldOf(world, 'ticker:GME'), [])
})

test('prices that are adjusted for splits need no split', async () => {
  const world = bench()
  const out = await run(world, [...bought.map((record) => (record.kind === 'price' ? { ...record, basis: 'split_adjusted' as const } : record)), split, nextOpen])
  assert.deepEqual(heldOf(world, 'ticker:GME'), ['200@8204.10'])
  assert.equal(entries(out)[2]?.detail, 'prices are adjusted for it already')
})

test('services that contradict one another stop the trade in it, and nothing else', async () => {
  const world = bench()
  const other = action('split', { ratio: '5:1', day: '2021-01-15' }, '2021-01-14T19:00:00.000Z', { source: 'polygon/corporate_actions' })
  const out = await run(world, [...bought, split, other, raw(openPrint('AMC', '2021-01-15T14:30:00.000Z', '5')), nextOpen, target('GME', '2021-01-15T15:00:00.000Z', '0'), target('AMC', '2021-01-15T15:00:00.000Z', '0.05'), tick('2021-01-15T15:00:00.000Z'), raw(openPrint('AMC', '2021-01-15T15:30:00.000Z', '5'))])
  assert.deepEqual(codes(out), ['CORPORATE_ACTION'])
  assert.deepEqual(fills(out).map(({ subject, side }) => `${side} ${subject}`), ['buy ticker:GME', 'buy ticker:AMC'])
})

test('what becomes known only after the shares were traded since is not guessed', async () => {
  const world = bench()
  const late = action('split', { ratio: '4:1', day: '2021-01-14' }, '2021-01-14T18:00:00.000Z')
  const early = raw(openPrint('GME', '2021-01-13T14:30:00.000Z', '40'))
  const out = await run(world, [
    early, target('GME', '2021-01-13T15:00:00.000Z', '0.04'), tick('2021-01-13T15:00:00.000Z'), raw(openPrint('GME', '2021-01-13T15:30:00.000Z', '41')),
    target('GME', '2021-01-14T15:00:00.000Z', '0.08'), tick('2021-01-14T15:00:00.000Z'), raw(openPrint('GME', '2021-01-14T15:30:00.000Z', '41')),
    late, target('GME', '2021-01-14T19:00:00.000Z', '0'), tick('2021-01-14T19:00:00.000Z'),
  ])
  assert.equal(fills(out).length, 2)
  assert.deepEqual(codes(out), ['CORPORATE_ACTION'])
})

test('a dividend is earned on its ex date and paid on its day; the profit of the day is that of the books', async () => {
  const world = bench()
  const dividend = action('dividend', { form: 'cash', cash: '0.25', day: '2021-01-15', payable_date: '2021-01-20' }, '2021-01-14T18:00:00.000Z')
  const out = await run(world, [...bought, dividend, nextOpen, hourBar('GME', '2021-01-15T14:30:00.000Z', '10.5', '10.5'), tick('2021-01-20T15:00:00.000Z')])
  assert.deepEqual(entries(out).map(({ type, at }) => `${type} ${at.slice(0, 10)}`).slice(2), ['dividend 2021-01-15', 'dividend_paid 2021-01-20'])
  const balances = ledgerOf(world)?.balances
  assert.equal(balances?.['income:dividends'], '-50.00')
  assert.equal(balances?.['assets:receivable:ticker:GME'], undefined)
  assert.equal(balances?.['assets:cash'], '91845.07')
})

test('under a new symbol it is sold by that', async () => {
  const world = bench()
  const renamed = action('symbol_change', { new_symbol: 'GMX', day: '2021-01-15' }, '2021-01-14T18:00:00.000Z')
  const out = await run(world, [
    ...bought, target('GME', '2021-01-14T20:00:00.000Z', '0'), tick('2021-01-14T20:00:00.000Z'), renamed,
    raw(openPrint('GMX', '2021-01-15T14:30:00.000Z', '42')), tick('2021-01-15T15:00:00.000Z'), raw(openPrint('GMX', '2021-01-15T15:30:00.000Z', '42')),
  ])
  assert.deepEqual(fills(out).map(({ subject, side, quantity }) => `${side} ${quantity} ${subject}`), ['buy 200 ticker:GME', 'sell 200 ticker:GMX'])
})

test('the last price goes with the shares, once, however many vaults hold them and whatever is killed', async () => {
  const world = bench(), stored = world.store.read('vault.json')
  const { core } = stored?.memory['vaults'] as { core: { [field: string]: Json } }
  const { seal: _, ...settings } = core
  const spare = sealed('spare', settings, (text) => world.keys.sign('spare', text))
  world.store.write('vault.json', { ...stored?.memory, vaults: { core, spare } }, stored?.version ?? 0)
  const both = [...bought.slice(0, 2), target('GME', '2021-01-14T15:00:00.000Z', '0.04', { vault: 'spare' }), ...bought.slice(2)]
  await run(world, [...both, split])
  await run(world, [tick('2021-01-15T14:00:00.000Z')], false)
  world.die()
  await run(world, [tick('2021-01-15T14:10:00.000Z')])
  assert.deepEqual(['core', 'spare'].map((vault) => kept(world).vaults?.[vault]?.ledger.lots['ticker:GME']?.[0]?.quantity), ['800', '400'])
  assert.equal(kept(world).marks?.['ticker:GME']?.price, '10.25')
})

test('killed at any record, the next run books the same', async () => {
  const story = [...bought, split, action('dividend', { form: 'cash', cash: '0.25', day: '2021-01-15', payable_date: '2021-01-18' }, '2021-01-14T18:00:00.000Z'), nextOpen, tick('2021-01-15T15:00:00.000Z'), tick('2021-01-19T15:00:00.000Z')]
  const whole = bench()
  await run(whole, story)
  for (let cut = bought.length; cut <= story.length; cut++) {
    const world = bench()
    await run(world, story.slice(0, cut), false)
    world.die()
    await run(world, story.slice(cut))
    const { marks: _, ...books } = ledgerOf(world) ?? { marks: {} }
    const { marks: __, ...expected } = ledgerOf(whole) ?? { marks: {} }
    assert.deepEqual(books, expected, `cut after ${cut} records`)
    assert.deepEqual([...world.journal('ledger.ndjson').lines()].map((line) => (JSON.parse(line) as JournalEntry).type), ['open', 'fill', 'split', 'dividend', 'dividend_paid'])
  }
})

test('interest is booked day by day, and what is lent is not mistaken for the venue\'s money', async () => {
  const world = bench()
  await run(world, bought)
  const vaultOf = (): Vault => readVault(world.store.read('vault.json')?.memory, 'core') as Vault
  const shelf = new Shelf({ trades: world.journal('trade_log.jsonl'), entries: world.journal('ledger.ndjson'), by: 'test/0' }, vaultOf, kept(world))
  const ref = make('control', { type: 'loan', at: '2021-01-14T21:00:00.000Z', known_at: '2021-01-14T21:00:00.000Z', source: 'test', by: 'test/0' }).id
  const cause = { ref, at: '2021-01-14T21:00:00.000Z' }, book = shelf.books.get('core')
  assert.ok(book !== undefined)
  shelf.post('core', loanDraw(book.ledger, 'L1', 1_000_000n, '0.073', cause), { knownAt: cause.at })
  shelf.post('core', deposit(5000n, cause), { knownAt: cause.at })
  shelf.settle()
  const out = await run(world, [tick('2021-01-15T15:00:00.000Z'), tick('2021-01-16T15:00:00.000Z'), tick('2021-01-18T15:00:00.000Z')])
  // 10,000.00 at 7.3 % of a year are 2.00 a day.
  // Whoever wrote down the others did not live to say them.
  assert.deepEqual(entries(out).map(({ type, postings }) => `${type} ${postings[0]?.amount}`), ['loan_draw 10000.00', 'deposit 50.00', 'interest 2.00', 'interest 2.00', 'interest 4.00'])
  assert.equal(ledgerOf(world)?.balances['liabilities:interest:L1'], '-8.00')
})

test('what trades no more ends at its value: orders in it go, it is held no longer, and is refused from then on', async () => {
  const world = bench()
  const end = action('delisting', { form: 'silent', cash: '28.7', day: '2021-01-22', last_close: '41' }, '2021-01-22T21:00:00.000Z')
  const out = await run(world, [
    ...bought, target('GME', '2021-01-14T20:00:00.000Z', '0'), tick('2021-01-14T20:00:00.000Z'), end, tick('2021-01-22T21:00:00.000Z'),
    target('GME', '2021-01-22T22:00:00.000Z', '0.08'), tick('2021-01-22T22:00:00.000Z'),
  ])
  assert.deepEqual(entries(out).map(({ type }) => type), ['open', 'fill', 'delisting'])
  assert.deepEqual(entries(out)[2]?.parents, [end.id])
  assert.ok(out.some((record) => record.kind === 'order' && record.side === 'sell' && (record.state === 'cancelled' || record.state === 'expired')))
  assert.deepEqual(heldOf(world, 'ticker:GME'), [])
  // 200 at 28.70 came in for what had cost 8,204.10.
  assert.equal(ledgerOf(world)?.balances['income:realised'], '2464.10')
  assert.equal(ledgerOf(world)?.balances['assets:cash'], '97535.07')
  assert.deepEqual(codes(out), ['DELISTED'])
})

test('an order sized in shares of before a split does not outlive it, though nothing is held', async () => {
  const world = bench()
  const reverse = action('split', { ratio: '1:10', day: '2021-01-15' }, '2021-01-15T14:30:00.000Z')
  const out = await run(world, [...bought.slice(0, 3), reverse, raw(openPrint('GME', '2021-01-15T14:30:00.000Z', '400'))])
  assert.deepEqual(fills(out), [])
  assert.ok(out.some((record) => record.kind === 'order' && record.state === 'cancelled'))
})

test('a split neither makes nor loses money: equity at the first price of the new shares is that at the last of the old', async () => {
  const sizes = fc.record({ fresh: fc.integer({ min: 1, max: 20 }), old: fc.integer({ min: 1, max: 20 }), cents: fc.integer({ min: 100, max: 40_000 }) })
  await fc.assert(fc.asyncProperty(sizes, async ({ fresh, old, cents }) => {
    const world = bench()
    // A price that both bases can write, and shares that come out whole or are paid out.
    const before = (cents * fresh) / 100, after = (cents * old) / 100
    const stream = [
      raw(openPrint('GME', '2021-01-14T14:30:00.000Z', String(before))), target('GME', '2021-01-14T15:00:00.000Z', '0.08'), tick('2021-01-14T15:00:00.000Z'),
      raw(openPrint('GME', '2021-01-14T15:30:00.000Z', String(before), '1000000000')),
    ]
    await run(world, stream)
    const worth = (price: number): number => {
      const shares = (ledgerOf(world)?.lots['ticker:GME'] ?? []).reduce((sum, { quantity }) => sum + Number(quantity), 0)
      return Number(ledgerOf(world)?.balances['assets:cash']) + shares * price
    }
    const was = worth(before)
    const ratio = action('split', { ratio: `${fresh}:${old}`, day: '2021-01-15' }, '2021-01-15T14:30:00.000Z')
    await run(world, [ratio, raw(openPrint('GME', '2021-01-15T14:30:00.000Z', String(after)))])
    const now = worth(after)
    // Rounding is against us, and takes less than two cents.
    assert.ok(now <= was + 1e-6 && now > was - 0.02 - 1e-6, `${fresh}:${old} at ${before}: ${was} became ${now}`)
  }), { numRuns: 60 })
})
