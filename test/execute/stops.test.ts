/** Stops against a replay that knows nothing of the code that trades: positions, averages and highs by plain numbers. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatInstant, make, millisOf, type Control, type Json, type Price, type Refusal, type Vanta } from '#record'
import { Dispatch } from '#domain/execute/dispatch'
import { Guard } from '#domain/execute/guard'
import type { Kept } from '#domain/execute/kept'
import { Shelf } from '#domain/execute/shelf'
import { sealed } from '#domain/vault/seal'
import { readVault, vaultSettings, type Vault } from '#domain/vault/vault'
import { execute as exec } from '../../src/execute/exec.ts'
import type { Stage } from '#tool'
import { bench, drive, ended, execValues, FREE, onceInto, openPrint, target, tick, type Bench } from './desk_world.ts'

const START = '2021-01-15T14:30:00.000Z', MINUTE = 60_000
const later = (minutes: number): string => formatInstant(millisOf(START) + minutes * MINUTE)
const values = { ...execValues, slippage: '0', fee: '0', participation: '1' }

function guarded(stops: { readonly [name: string]: Json }): Bench {
  const world = bench(1_000_000n)
  const standard = vaultSettings({ cash: 1_000_000n, currency: 'USD', method: 'banded' })
  const entry = sealed('core', { ...standard, stops: { ...standard.stops, ...stops } }, (text) => world.keys.sign('core', text))
  world.store.write('vault.json', { vaults: { core: entry } }, world.store.read('vault.json')?.version ?? 0)
  return world
}
function run(world: Bench, records: readonly Vanta[], end = true): Promise<Vanta[]> {
  world.nowMs = Math.max(...records.map(({ known_at }) => millisOf(known_at)))
  return drive(exec.open(values, world), records, end)
}
const stopsOf = (out: readonly Vanta[]): Control[] => out.filter((record): record is Control => record.kind === 'control' && record.type === 'stop')
const codes = (out: readonly Vanta[]): string[] => out.filter((record): record is Refusal => record.kind === 'refusal').map(({ code }) => code)
const entered = [openPrint('A', START, '10'), target('A', later(1), '0.10'), tick(later(1)), openPrint('A', later(2), '10')]

test('a fall to the level below the average cost: a stop record, the parent of the order, and a child of the purchase', async () => {
  const world = guarded({ loss: '0.10' })
  await run(world, [...entered, openPrint('A', later(3), '9.01'), tick(later(3))])
  const out = await run(world, [openPrint('A', later(4), '9.00'), tick(later(4)), openPrint('A', later(5), '8.90'), tick(later(6))])
  const [stop, ...others] = stopsOf(out)
  assert.equal(others.length, 0)
  assert.deepEqual(stop?.facts, {
    vault: 'core', subject: 'ticker:A', rule: 'loss', quantity: '100', entry: '10', level: '9', mark: '9', high: '10', since: later(2), cooldown_until: later(4 + 1440),
  })
  const sold = out.filter((record) => record.kind === 'order' && record.state === 'intended')
  assert.deepEqual(sold.map((order) => order.parents), [[stop.id]])
  const bought = [...world.journal('trade_log.jsonl').lines()].map((line) => JSON.parse(line) as Vanta).filter((record) => record.kind === 'fill')
  assert.equal(stop.parents[0], bought[0]?.id)
  assert.deepEqual(out.flatMap((record) => (record.kind === 'fill' ? [[record.side, record.quantity, record.price]] : [])), [['sell', '100', '8.9']])
})

test('COOLDOWN: no re-entry until it ends, over restarts; an exit is let through', async () => {
  const world = guarded({ loss: '0.10', cooldown: '2h' })
  const out = await run(world, [...entered, openPrint('A', later(4), '9'), tick(later(4)), target('A', later(5), '0.05'), tick(later(5)), openPrint('A', later(6), '9')])
  assert.deepEqual([stopsOf(out).length, codes(out)], [1, ['COOLDOWN']])
  assert.deepEqual(codes(await run(world, [openPrint('A', later(7), '9'), target('A', later(123), '0.05'), tick(later(123))])), ['COOLDOWN'])
  const back = await run(world, [openPrint('A', later(124), '9'), target('A', later(124), '0.05'), tick(later(124))])
  assert.deepEqual([codes(back), back.some((record) => record.kind === 'order' && record.side === 'buy')], [[], true])
})

test('what is open in the subject goes, and the stop is pursued until nothing is held', async () => {
  const world = guarded({ trailing: '0.10', cooldown: '1m' })
  const thin = (at: string, price: string): Vanta => openPrint('A', at, price, '30')
  const out = await run(world, [
    ...entered, openPrint('A', later(3), '12'), tick(later(3)), target('A', later(4), '0.05'), tick(later(4)),
    openPrint('B', later(5), '1'), thin(later(6), '10.8'), tick(later(6)),
    thin(later(7), '10'), tick(later(7)), thin(later(8), '13'), tick(later(8)), thin(later(9), '9'), thin(later(10), '9'), tick(later(11)),
  ])
  const [stop, ...more] = stopsOf(out)
  assert.deepEqual([stop?.facts?.['rule'], stop?.facts?.['level'], more.length], ['trailing', '10.8', 0])
  const left = out.filter((record) => record.kind === 'fill').reduce((sum, { side, quantity }) => sum + (side === 'buy' ? 1 : -1) * Number(quantity), 0)
  assert.equal(left, 0)
})

test('a mark of before the high that a killed run wrote down pulls no stop', async () => {
  const world = guarded({ trailing: '0.10' })
  await run(world, [...entered, openPrint('A', later(3), '10'), tick(later(3))])
  await run(world, [openPrint('A', later(4), '20'), tick(later(4))], false)
  world.die()
  assert.deepEqual(stopsOf(await run(world, [tick(later(5))])), [])
  assert.equal(stopsOf(await run(world, [openPrint('A', later(6), '18'), tick(later(6))])).length, 1)
})

test('while a split is not booked its price neither stops nor counts as a high', async () => {
  const world = guarded({ loss: '0.10', trailing: '0.10' })
  await run(world, [...entered, openPrint('A', later(3), '10'), tick(later(3))])
  const vault = readVault(world.store.read('vault.json')?.memory, 'core') as Vault, vaultOf = (): Vault => vault
  const shelf = new Shelf({ trades: world.journal('trade_log.jsonl'), by: 'test/0' }, vaultOf, (world.store.read('ledger.json')?.memory ?? {}) as Partial<Kept>)
  const price = (at: string, of: string) => openPrint('A', at, of) as Price, high = () => shelf.books.get('core')?.watch.holdings.get('ticker:A')?.high
  const guard = async (why: string | undefined): Promise<boolean> => {
    const broker = await world.broker({ name: 'paper', latencyMs: 0, costs: FREE, participation: 1n, lot: 1n })
    const terms = { broker, by: 'test/0', orderTtlMs: 0, clock: () => 0, timeInForce: 'day' as const, halted: () => undefined, diagnose: () => undefined }
    return new Guard(shelf, new Dispatch(terms, shelf), { unsettled: () => why, isBeforeDividend: () => false }, vaultOf).isDue(millisOf(later(9)))
  }
  shelf.mark(price(later(4), '20'), () => true)
  assert.equal(high(), 1_000_000_000n)
  shelf.mark(price(later(5), '5'), () => true)
  assert.deepEqual([await guard('a split of today'), await guard(undefined)], [false, true])
  shelf.mark(price(later(6), '11'))
  assert.equal(high(), 1_100_000_000n)
})

test('an allocation that is handed in again, while nothing may be traded, brings back no exit and overrules none', async () => {
  const world = guarded({})
  const overlay = (kill: boolean): unknown => world.store.write('vault_overlay.json', { kill }, world.store.read('vault_overlay.json')?.version ?? 0)
  const leave = target('A', later(3), '0'), thin = (at: string): Vanta => openPrint('A', at, '10', '40')
  await run(world, [...entered, leave, tick(later(3)), thin(later(4))])
  overlay(true)
  await run(world, [leave, tick(later(5))]).catch(() => [])
  overlay(false)
  await run(world, [thin(later(6)), tick(later(6)), thin(later(7)), tick(later(7)), thin(later(8)), tick(later(9))])
  const lines = [...world.journal('trade_log.jsonl').lines()].map((line) => JSON.parse(line) as Vanta)
  const intents = lines.flatMap((record) => (record.kind === 'order' && record.state === 'intended' ? [record.client_order_id] : []))
  assert.equal(new Set(intents).size, intents.length)
  assert.ok(intents.length >= 3)
})

const sales = (out: readonly Vanta[]): unknown[] =>
  out.flatMap((record) => (record.kind === 'order' && record.state === 'intended' && record.side === 'sell' ? [[record.at, record.quantity]] : []))

test('an allocation that is turned away holds up no exit of the same moment', async () => {
  const world = guarded({ loss: '0.10' })
  const out = await run(world, [...entered, openPrint('A', later(4), '9'), target('A', later(4), '0.05'), tick(later(4))])
  assert.deepEqual([codes(out), sales(out)], [['COOLDOWN'], [[later(4), '100']]])
})

test('an allocation that a switch turns away does not lift a stop', async () => {
  const world = guarded({ loss: '0.10' })
  const overlay = (kill: boolean): unknown => world.store.write('vault_overlay.json', { kill }, world.store.read('vault_overlay.json')?.version ?? 0)
  await run(world, [...entered, openPrint('A', later(4), '9'), tick(later(4))])
  overlay(true)
  assert.deepEqual(codes(await run(world, [target('A', later(5), '0.05'), tick(later(5))]).catch(() => [])), [])
  overlay(false)
  const out = await run(world, [openPrint('A', later(6), '12'), tick(later(6))])
  assert.deepEqual(sales(out), [[later(6), '100']])
})

test('an exit that a new allocation would overrule goes on where a stop is reached', async () => {
  const world = guarded({ loss: '0.10' })
  await run(world, [...entered, tick(later(3))])
  world.store.write('vault_overlay.json', { kill: true }, world.store.read('vault_overlay.json')?.version ?? 0)
  await run(world, [target('A', later(4), '0'), tick(later(4))]).catch(() => [])
  world.store.write('vault_overlay.json', { kill: false }, world.store.read('vault_overlay.json')?.version ?? 0)
  const out = await run(world, [openPrint('A', later(5), '9'), target('A', later(5), '0.05'), tick(later(5))])
  assert.deepEqual([codes(out), sales(out)], [['COOLDOWN'], [[later(5), '100']]])
})

test('bars of before the entry, told again at a start, are no highs', async () => {
  const world = guarded({ trailing: '0.10' })
  await run(world, [...entered, tick(later(3))])
  const at = '2021-01-13T14:30:00.000Z', day = { at, known_at: '2021-01-13T21:00:00.000Z', source: 't', by: 't/0', span: '1d', basis: 'as_traded' } as const
  const bar = make('bar', { ...day, subject: 'ticker:A', open: '20', high: '20', low: '20', close: '20', volume: '1000' })
  assert.deepEqual(stopsOf(await run(world, [bar, openPrint('A', later(4), '10'), tick(later(4))])), [])
})

interface Step { readonly ticker: string; readonly cents: number; readonly want: number | undefined; readonly tells: boolean; readonly crash: 'no' | 'end' | 'kill' }
const step: fc.Arbitrary<Step> = fc.record({
  ticker: fc.constantFrom('A', 'B'), cents: fc.integer({ min: 700, max: 1300 }), want: fc.option(fc.integer({ min: 0, max: 10 }), { nil: undefined, freq: 3 }), tells: fc.boolean(),
  crash: fc.constantFrom('no' as const, 'no' as const, 'no' as const, 'end' as const, 'kill' as const),
})

/** What must be stopped, by the fills that came out and the prices that went in. */
class Oracle {
  readonly #held = new Map<string, { shares: number; cost: number; sinceMs: number; high: number; written: number }>()
  readonly #marks = new Map<string, number>()
  readonly #stopped = new Set<string>()
  readonly #stops: { readonly loss: number; readonly trailing: number; readonly timeMs: number }

  constructor(stops: { readonly loss: number; readonly trailing: number; readonly timeMs: number }) {
    this.#stops = stops
  }

  price(subject: string, cents: number): void {
    this.#marks.set(subject, cents)
    const held = this.#held.get(subject)
    if (held !== undefined) held.high = Math.max(held.high, cents)
  }

  fill(subject: string, side: 'buy' | 'sell', shares: number, cents: number, atMs: number): void {
    const held = this.#held.get(subject) ?? { shares: 0, cost: 0, sinceMs: atMs, high: 0, written: 0 }
    // First in, first out makes another average than the mean: the lots of one price a step are kept as their sum.
    if (side === 'buy') [held.shares, held.cost] = [held.shares + shares, held.cost + shares * cents]
    else throw new Error('sold in part')
    this.#held.set(subject, held)
  }

  sold(subject: string): void {
    this.#held.delete(subject)
    this.#stopped.delete(subject)
  }

  /** What is written down survives everything; the rest is what the next prices say. */
  noted(): void {
    for (const held of this.#held.values()) held.written = held.high
  }
  killed(): void {
    for (const [subject, held] of this.#held) held.high = Math.max(held.written, this.#marks.get(subject) ?? 0)
  }

  /** Rules reached at a moment, by subject; each position once, whether or not it is being left. */
  due(nowMs: number): Map<string, string> {
    const due = new Map<string, string>()
    for (const [subject, { shares, cost, sinceMs, high }] of this.#held) {
      const mark = this.#marks.get(subject) ?? 0
      if (this.#stopped.has(subject)) continue
      if (mark * shares * 100 <= cost * (100 - this.#stops.loss)) due.set(subject, 'loss')
      else if (mark * 100 <= high * (100 - this.#stops.trailing)) due.set(subject, 'trailing')
      else if (nowMs >= sinceMs + this.#stops.timeMs) due.set(subject, 'time')
      if (due.has(subject)) this.#stopped.add(subject)
    }
    return due
  }
}

test('stops are those of a brute-force replay, whatever crashes in between', async () => {
  const settings = fc.record({ loss: fc.integer({ min: 2, max: 25 }), trailing: fc.integer({ min: 2, max: 25 }), timeMs: fc.integer({ min: 5, max: 60 }).map((m) => m * MINUTE) })
  let seen = 0
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), settings, async (steps, stops) => {
    const world = guarded({ loss: (stops.loss / 100).toFixed(2), trailing: (stops.trailing / 100).toFixed(2), time: `${stops.timeMs / MINUTE}m`, cooldown: '10m' })
    const oracle = new Oracle(stops)
    const out: Vanta[] = []
    const emit = onceInto(out)
    let stage = (await exec.open(values, world)) as Stage
    const cooling = new Map<string, number>()
    const shares = new Map<string, number>(), prices = new Map<string, string>()
    const said = { source: 't', by: 't/0', type: 'last' as const, span: '1m', basis: 'as_traded' as const }
    let read = 0
    for (const [i, { ticker, cents, want, tells, crash }] of steps.entries()) {
      const at = later(i), subject = `ticker:${ticker}`, nowMs = millisOf(at)
      world.nowMs = nowMs
      await stage.each(openPrint(ticker, at, (cents / 100).toFixed(2)), emit)
      prices.set(ticker, (cents / 100).toFixed(2))
      // Fills of this print first, then the mark it makes.
      for (const record of out.slice(read)) {
        if (record.kind !== 'fill') continue
        const count = (shares.get(record.subject) ?? 0) + (record.side === 'buy' ? 1 : -1) * Number(record.quantity)
        shares.set(record.subject, count)
        if (record.side === 'buy') oracle.fill(record.subject, 'buy', Number(record.quantity), Math.round(Number(record.price) * 100), nowMs)
        else if (count === 0) oracle.sold(record.subject)
      }
      read = out.length
      oracle.price(subject, cents)
      // Only entries and full exits: what a sale in part leaves of an average is the ledger's affair.
      const held = shares.get(subject) ?? 0
      const asks = want !== undefined && (want === 0 || held === 0) ? want : undefined
      if (asks !== undefined) await stage.each(target(ticker, at, (asks / 100).toFixed(2)), emit)
      if (tells || asks !== undefined) {
        const due = oracle.due(nowMs)
        await stage.each(tick(at), emit)
        const fresh = out.slice(read)
        assert.deepEqual(new Map(stopsOf(fresh).map(({ facts }) => [facts?.['subject'], facts?.['rule']])), due, `step ${i}`)
        oracle.noted()
        seen += due.size
        for (const stopped of due.keys()) cooling.set(stopped, nowMs + 10 * MINUTE)
        for (const record of fresh) {
          if (record.kind === 'order' && record.state === 'intended' && record.side === 'buy') assert.ok((cooling.get(record.subject) ?? 0) <= nowMs, 'bought while cooling')
        }
      }
      read = out.length
      if (crash === 'no') continue
      if (crash === 'end') {
        // The end of input is a moment where a stop is reached.
        const due = oracle.due(nowMs)
        await ended(stage, emit)
        assert.deepEqual(new Map(stopsOf(out.slice(read)).map(({ facts }) => [facts?.['subject'], facts?.['rule']])), due, `end ${i}`)
        oracle.noted()
        for (const stopped of due.keys()) cooling.set(stopped, nowMs + 10 * MINUTE)
      }
      read = out.length
      world.die()
      stage = (await exec.open(values, world)) as Stage
      // Prices pass again for whoever comes anew.
      for (const [name, price] of prices) await stage.each(make('price', { ...said, at, known_at: at, subject: `ticker:${name}`, price }), emit)
      if (crash === 'kill') oracle.killed()
    }
  }), { numRuns: 80 })
  assert.ok(seen > 40, String(seen))
})

test('marks known later do not stop, and neither do marks of what is not held', async () => {
  const world = guarded({ loss: '0.10' })
  const early = make('price', { at: later(3), known_at: later(9), source: 't', by: 't/0', subject: 'ticker:A', type: 'last', price: '5', span: '1m', basis: 'as_traded' })
  const out = await run(world, [...entered, early, openPrint('B', later(4), '1'), tick(later(5))], false)
  assert.deepEqual(stopsOf(out), [])
})
