import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Fill, Order, Refusal, Vanta } from '#record'
import type { ActionWorld } from '#tool'
import { Shelf } from '#domain/execute/shelf'
import { readVault, type Vault } from '#domain/vault/vault'
import { execute as exec } from '../../src/execute/exec.ts'
import { bench, drive, ended, execValues, hourBar, openPrint, target, tick, type Bench } from './desk_world.ts'

const run = (world: ActionWorld, records: readonly Vanta[], values = {}): Promise<Vanta[]> =>
  drive(exec.open({ ...execValues, ...values }, world), records)

const orders = (out: readonly Vanta[]): Order[] => out.filter((record) => record.kind === 'order')
const fills = (out: readonly Vanta[]): Fill[] => out.filter((record) => record.kind === 'fill')
const codes = (out: readonly Vanta[]): string[] => out.filter((record): record is Refusal => record.kind === 'refusal').map(({ code }) => code)
const states = (out: readonly Vanta[]): string[] => orders(out).map(({ state }) => state)

/** 14:30 print, 15:00 decision on an 8 % target, 15:30 print: bought there. */
const entry = [
  openPrint('GME', '2021-01-15T14:30:00.000Z', '40'),
  target('GME', '2021-01-15T15:00:00.000Z', '0.08'),
  tick('2021-01-15T15:00:00.000Z'),
  openPrint('GME', '2021-01-15T15:30:00.000Z', '41'),
]
interface Vaulted { readonly ledger: { readonly balances: { readonly [account: string]: string } }; readonly acted: readonly string[] }
const coreOf = (world: Bench): Vaulted | undefined =>
  (world.store.read('ledger.json')?.memory.vaults as unknown as { core?: Vaulted } | undefined)?.core

test('an entry is intended, sent and filled at the next opening print, against us', async () => {
  const out = await run(bench(), entry)
  assert.deepEqual(states(out), ['intended', 'submitted', 'accepted', 'filled'])
  const [fill] = fills(out)
  // 8 % of 100,000 is 8,000: 200 shares at the mark of 40; filled at 41 + 5 bps; fee 1 bp of 8,204.10 rounded up.
  assert.equal(fill?.quantity, '200')
  assert.equal(fill?.price, '41.0205')
  assert.equal(fill?.fee, '0.83')
  assert.equal(fill?.at, '2021-01-15T15:30:00.000Z')
})

test('every state is a child of the one before, the fill of the order and its print, and parents come first', async () => {
  const out = await run(bench(), entry)
  const seen = new Set<string>()
  for (const record of out) {
    for (const parent of record.parents) assert.ok(seen.has(parent), `${record.kind} before its parent`)
    seen.add(record.id)
  }
  const [intended, submitted, accepted, filled] = orders(out)
  const [fill] = fills(out)
  assert.deepEqual(submitted?.parents, [intended?.id])
  assert.deepEqual(accepted?.parents, [submitted?.id])
  assert.deepEqual(fill?.parents, [accepted?.id, entry[3]?.id])
  assert.deepEqual(filled?.parents, [accepted?.id, fill?.id])
  assert.equal(new Set(orders(out).map((order) => order.client_order_id)).size, 1)
})

test('the trade log holds the very lines emitted, and the ledger balances', async () => {
  const world = bench()
  const out = await run(world, entry)
  const traded = out.filter((record) => record.kind === 'order' || record.kind === 'fill' || (record.kind === 'entry' && record.type !== 'fill'))
  assert.deepEqual([...world.journal('trade_log.jsonl').lines()], traded.map((record) => JSON.stringify(record)))
  assert.deepEqual(coreOf(world)?.ledger.balances, {
    'assets:cash': '91795.07', 'equity:capital': '-100000.00', 'assets:position:ticker:GME': '8204.10', 'expenses:fees': '0.83',
  })
})

test('every entry of the books is a line of the journal and a record of the stream, a child of what caused it', async () => {
  const world = bench()
  const out = await run(world, entry)
  const entries = out.filter((record) => record.kind === 'entry')
  assert.deepEqual([...world.journal('ledger.ndjson').lines()], entries.map((record) => JSON.stringify(record)))
  assert.deepEqual(entries.map(({ type, sequence }) => [type, sequence]), [['open', 1], ['fill', 2]])
  const fill = fills(out)[0]
  assert.deepEqual(entries[1]?.parents, [fill?.id])
  assert.deepEqual(entries[1]?.postings, [
    { account: 'assets:position:ticker:GME', amount: '8204.10', quantity: '200', lot: fill?.id, acquired: fill?.at },
    { account: 'assets:cash', amount: '-8204.93' }, { account: 'expenses:fees', amount: '0.83' },
  ])
})

test('a journal that lost its end is written again; one that says otherwise is refused', async () => {
  const world = bench()
  await run(world, entry)
  const lines = [...world.journal('ledger.ndjson').lines()]
  const trades = [...world.journal('trade_log.jsonl').lines()]
  const vaultOf = (): Vault => readVault(world.store.read('vault.json')?.memory, 'core') as Vault
  const shelf = (kept: readonly string[]): { shelf: Shelf; entries: string[] } => {
    const entries = [...kept]
    const log = (of: string[]) => ({ append: (line: string) => void of.push(line), sync: () => undefined, lines: () => [...of] })
    return { shelf: new Shelf({ trades: log([...trades]), entries: log(entries), by: 'vanta-test/1' }, vaultOf, {}), entries }
  }
  for (let kept = 0; kept <= lines.length; kept++) {
    const opened = shelf(lines.slice(0, kept))
    opened.shelf.settle()
    assert.deepEqual(opened.entries, lines)
  }
  assert.throws(() => shelf([lines[0] ?? '', (lines[1] ?? '').replace('8204.10', '8204.11')]), /ledger journal line 2: the trade log says otherwise/)
  assert.throws(() => shelf([...lines, lines[1] ?? '']), /ledger journal line 3: the trade log knows nothing of it/)
})

test('an intent is durable before it is sent: at the sync no later state is in the log', async () => {
  const world = bench()
  const journal = world.journal('trade_log.jsonl')
  const atSync: string[][] = []
  const sync = journal.sync
  journal.sync = () => {
    atSync.push([...journal.lines()].map((line) => (JSON.parse(line) as Order)).flatMap(({ kind, state }) => (kind === 'order' ? [state] : [])))
    sync()
  }
  await run(world, entry)
  assert.deepEqual(atSync[0], ['intended'])
})

test('no fill within the latency, nor on the print the decision was made on', async () => {
  const out = await run(bench(), [
    openPrint('GME', '2021-01-15T15:00:00.000Z', '40'), target('GME', '2021-01-15T15:00:00.000Z', '0.08'), tick('2021-01-15T15:00:00.000Z'),
    openPrint('GME', '2021-01-15T15:00:00.999Z', '40'), openPrint('GME', '2021-01-15T15:00:01.000Z', '42'),
  ])
  assert.deepEqual(fills(out).map(({ at }) => at), ['2021-01-15T15:00:01.000Z'])
})

test('bars alone fill at their open, a bar whose opening print was seen does not fill again, volume 0 does not fill', async () => {
  const alone = await run(bench(), [
    hourBar('GME', '2021-01-15T14:30:00.000Z', '39', '40'), target('GME', '2021-01-15T15:30:00.000Z', '0.08'), tick('2021-01-15T15:30:00.000Z'),
    hourBar('GME', '2021-01-15T15:45:00.000Z', '41', '50', '0'), hourBar('GME', '2021-01-15T16:30:00.000Z', '42', '50'),
  ])
  assert.deepEqual(fills(alone).map(({ at, known_at, price }) => [at, known_at, price]), [])
  const later = await run(bench(), [
    hourBar('GME', '2021-01-15T14:30:00.000Z', '39', '40'), target('GME', '2021-01-15T15:30:00.000Z', '0.08'), tick('2021-01-15T15:30:00.000Z'),
    hourBar('GME', '2021-01-15T16:30:00.000Z', '42', '50'),
  ])
  assert.deepEqual(fills(later).map(({ at, known_at, price }) => [at, known_at, price]), [
    ['2021-01-15T16:30:00.000Z', '2021-01-15T17:30:00.000Z', '42.021'],
  ])
  const both = await run(bench(), [
    openPrint('GME', '2021-01-15T14:30:00.000Z', '40', '2000'), target('GME', '2021-01-15T15:00:00.000Z', '0.08'), tick('2021-01-15T15:00:00.000Z'),
    openPrint('GME', '2021-01-15T15:30:00.000Z', '41', '2000'), hourBar('GME', '2021-01-15T15:30:00.000Z', '41', '42'),
  ])
  assert.deepEqual(fills(both).map(({ quantity }) => quantity), ['100'])
})

test('a print fills a share of the volume known before it; the rest waits, then expires', async () => {
  const out = await run(bench(), [
    openPrint('GME', '2021-01-15T14:30:00.000Z', '40', '2000'), target('GME', '2021-01-15T15:00:00.000Z', '0.08'), tick('2021-01-15T15:00:00.000Z'),
    openPrint('GME', '2021-01-15T15:30:00.000Z', '40', '1000'), openPrint('GME', '2021-01-15T16:30:00.000Z', '40', '2399'),
    tick('2021-01-18T15:00:00.000Z'),
  ])
  assert.deepEqual(fills(out).map(({ quantity }) => quantity), ['50', '119'])
  assert.deepEqual(states(out), ['intended', 'submitted', 'accepted', 'partly_filled', 'partly_filled', 'expired'])
  assert.equal(orders(out).at(-1)?.filled, '169')
})

test('an exit sells all, realises the difference and needs no fresh price', async () => {
  const world = bench()
  const out = await run(world, [
    ...entry, target('GME', '2021-01-25T16:00:00.000Z', '0', { reason: 'expired' }), tick('2021-01-25T16:00:00.000Z'),
    openPrint('GME', '2021-01-25T16:30:00.000Z', '50'),
  ])
  const sale = fills(out)[1]
  assert.deepEqual([sale?.side, sale?.quantity, sale?.price, sale?.sequence], ['sell', '200', '49.975', 2])
  assert.equal(coreOf(world)?.ledger.balances['income:realised'], '-1790.90')
})

test('an exit that expires unfilled is tried again once the subject has traded', async () => {
  const out = await run(bench(), [
    ...entry, target('GME', '2021-01-15T16:00:00.000Z', '0'), tick('2021-01-15T16:00:00.000Z'),
    tick('2021-01-18T16:00:00.000Z'), tick('2021-01-19T14:00:00.000Z'), openPrint('GME', '2021-01-19T14:30:00.000Z', '45'),
    tick('2021-01-19T15:00:00.000Z'), openPrint('GME', '2021-01-19T15:30:00.000Z', '46'),
  ])
  const exits = orders(out).filter(({ leg }) => leg === 'exit')
  assert.deepEqual(exits.map(({ state, generation }) => `${state} ${generation}`), [
    'intended 0', 'submitted 0', 'accepted 0', 'expired 0', 'intended 1', 'submitted 1', 'accepted 1', 'filled 1',
  ])
  assert.equal(new Set(exits.map((order) => order.client_order_id)).size, 2)
})

test('refusals carry their codes', async () => {
  const at = '2021-01-15T15:00:00.000Z'
  const print = openPrint('GME', '2021-01-15T14:30:00.000Z', '40')
  const refused = async (allocation: Vanta, before: Vanta[] = [print]): Promise<string[]> =>
    codes(await run(bench(), [...before, allocation, tick(at)]))
  assert.deepEqual(await refused(target('GME', at, '0.08', { expires_at: at })), ['EXPIRED'])
  assert.deepEqual(await refused(target('GME', at, '0.08'), []), ['NO_PRICE'])
  assert.deepEqual(await refused(target('GME', at, '0.08'), [openPrint('GME', '2021-01-10T14:30:00.000Z', '40')]), ['STALE_PRICE'])
  assert.deepEqual(await refused(target('GME', at, '0.11')), ['POSITION_CAP'])
  assert.deepEqual(await refused(target('GME', at, '0.08', { direction: 'down' })), ['SHORT'])
  assert.deepEqual(await refused(target('GME', at, '0.0004')), ['DUST'])
  assert.deepEqual(await refused(target('GME', at, '0.08')), [])
})

test('the same allocation is not acted on twice, nor after a restart', async () => {
  const world = bench()
  const again = [entry[1], tick('2021-01-15T16:00:00.000Z')].filter((record) => record !== undefined)
  assert.deepEqual(codes(await run(world, [...entry, ...again])), ['DUPLICATE'])
  assert.deepEqual(codes(await run(world, again)), ['DUPLICATE'])
})

test('a new target cancels what is still open before it is sized', async () => {
  const out = await run(bench(), [
    ...entry.slice(0, 3), target('GME', '2021-01-15T15:10:00.000Z', '0.04'), tick('2021-01-15T15:10:00.000Z'),
    openPrint('GME', '2021-01-15T15:30:00.000Z', '40'),
  ])
  assert.deepEqual(states(out), ['intended', 'submitted', 'accepted', 'cancelled', 'intended', 'submitted', 'accepted', 'filled'])
  assert.deepEqual(fills(out).map(({ quantity }) => quantity), ['100'])
})

test('purchases stop at the cash there is; what is left over is said', async () => {
  const at = '2021-01-15T15:00:00.000Z'
  const names = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K']
  const out = await run(bench(), [
    ...names.map((name) => openPrint(name, '2021-01-15T14:30:00.000Z', '99')), ...names.map((name) => target(name, at, '0.10')), tick(at),
    ...names.map((name) => openPrint(name, '2021-01-15T15:30:00.000Z', '99')),
  ])
  assert.deepEqual(codes(out), ['INSUFFICIENT_CASH'])
  const intended = orders(out).filter(({ state }) => state === 'intended')
  assert.equal(intended[0]?.quantity, '101')
  assert.equal(intended[0]?.left_over, '1.00')
})

test('open orders have their cash set aside: a later moment cannot spend it again', async () => {
  const at = '2021-01-15T15:00:00.000Z', later = '2021-01-15T15:10:00.000Z'
  const names = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J']
  const out = await run(bench(), [
    ...[...names, 'K'].map((name) => openPrint(name, '2021-01-15T14:30:00.000Z', '99')), ...names.map((name) => target(name, at, '0.10')), tick(at),
    target('K', later, '0.10'), tick(later),
  ])
  assert.deepEqual(codes(out), ['INSUFFICIENT_CASH'])
})

test('a switch thrown while the intents are being written still stops them', async () => {
  const world = bench()
  const journal = world.journal('trade_log.jsonl')
  const sync = journal.sync
  journal.sync = () => {
    sync()
    const stored = world.store.read('vault_overlay.json')
    if (stored?.memory.kill === false) world.store.write('vault_overlay.json', { kill: true }, stored.version)
  }
  const out: Vanta[] = []
  const stage = await exec.open(execValues, world)
  for (const record of entry) await stage.each(record as never, (one) => void out.push(one))
  assert.deepEqual(states(out), ['intended', 'cancelled'])
})

test('kill: refused, resting orders cancelled, nothing sent, exit refused', async () => {
  const world = bench()
  const kill = (value: boolean): void => {
    const stored = world.store.read('vault_overlay.json')
    world.store.write('vault_overlay.json', { kill: value, reason: 'drill' }, stored?.version ?? 0)
  }
  await run(world, entry.slice(0, 3))
  kill(true)
  const out: Vanta[] = []
  const stage = await exec.open(execValues, world)
  const emit = (record: Vanta): void => void out.push(record)
  const at = '2021-01-15T15:20:00.000Z'
  for (const record of [target('AMC', at, '0.08'), tick(at)]) await stage.each(record, emit)
  await assert.rejects(ended(stage, emit), { exit: 'refused', message: /drill/ })
  assert.deepEqual(states(out), ['cancelled'])
  assert.deepEqual(codes(out), ['KILL'])
  kill(false)
  assert.deepEqual(fills(await run(world, entry.slice(3))), [])
})

test('an absent or unreadable overlay halts', async () => {
  const world = bench()
  const { store } = world
  for (const read of [() => undefined, () => { throw new Error('torn') }]) {
    const broken = { ...world, store: { ...store, read: (name: string) => (name === 'vault_overlay.json' ? read() : store.read(name)) } }
    await assert.rejects(run(broken, entry), { exit: 'refused' })
  }
})

test('a run cut in two gives the same orders and fills, whether it ended or was killed', async () => {
  const story = [
    openPrint('GME', '2021-01-15T14:30:00.000Z', '40', '2000'), target('GME', '2021-01-15T15:00:00.000Z', '0.08'),
    tick('2021-01-15T15:00:00.000Z'), openPrint('GME', '2021-01-15T15:30:00.000Z', '41', '2000'),
    openPrint('GME', '2021-01-15T16:30:00.000Z', '42', '2000'), target('GME', '2021-01-15T17:00:00.000Z', '0'),
    tick('2021-01-15T17:00:00.000Z'), openPrint('GME', '2021-01-15T17:30:00.000Z', '43', '2000'),
    openPrint('GME', '2021-01-15T18:30:00.000Z', '44', '2000'),
  ]
  const traded = (out: readonly Vanta[]): string[] => out.filter(({ kind }) => kind === 'order' || kind === 'fill').map((r) => JSON.stringify(r))
  const whole = traded(await run(bench(), story))
  assert.equal(whole.filter((line) => line.startsWith('{"kind":"fill"')).length, 4)
  for (let cut = 3; cut <= story.length; cut++) {
    // Between an allocation and its tick an end of input is itself the moment of decision.
    if (story[cut - 1]?.kind === 'allocation') continue
    for (const ended of [true, false]) {
      const world = bench()
      const first = await drive(exec.open(execValues, world), story.slice(0, cut), ended)
      world.die()
      const second = await drive(exec.open(execValues, world), story.slice(cut))
      assert.deepEqual([...new Set([...traded(first), ...traded(second)])], whole, `cut at ${cut}, ${ended ? 'ended' : 'killed'}`)
    }
  }
})

test('killed anywhere and told it all again, it tells what it wrote down, decides nothing in the past, and no print fills twice', async () => {
  const story = [
    openPrint('GME', '2021-01-15T14:30:00.000Z', '40', '2000'), tick('2021-01-15T14:31:00.000Z'), target('GME', '2021-01-15T15:00:00.000Z', '0.08'),
    tick('2021-01-15T15:00:00.000Z'), openPrint('GME', '2021-01-15T15:30:00.000Z', '41', '2000'), tick('2021-01-15T16:00:00.000Z'),
    openPrint('GME', '2021-01-15T16:30:00.000Z', '42', '2000'), target('GME', '2021-01-15T17:00:00.000Z', '0'), tick('2021-01-15T17:00:00.000Z'),
    openPrint('GME', '2021-01-15T17:30:00.000Z', '43', '2000'), openPrint('GME', '2021-01-15T18:30:00.000Z', '44', '2000'),
  ]
  const traded = (out: readonly Vanta[]): Set<string> =>
    new Set(out.filter(({ kind }) => kind === 'order' || kind === 'fill' || kind === 'entry').map((r) => JSON.stringify(r)))
  const whole = traded(await run(bench(), story))
  for (let cut = 1; cut <= story.length; cut++) {
    const world = bench()
    // What it emitted is lost with it; that nothing comes at first gives the dead no time of its own.
    await drive(exec.open(execValues, world), story.slice(0, cut), false)
    world.die()
    world.nowMs = 0
    const idle = cut % 2 === 0 ? await drive(exec.open(execValues, world), []) : []
    assert.deepEqual(traded([...idle, ...await drive(exec.open(execValues, world), story)]), whole, `cut at ${cut}`)
  }
})
