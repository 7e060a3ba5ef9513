/** Every check before an order leaves, by its code. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatInstant, make, millisOf, type Bar, type Json, type Order, type Refusal, type Vanta, type Warning } from '#record'
import { isOpen, tickOf, toTick } from '#domain/execute/hours'
import type { Kept } from '#domain/execute/kept'
import { PASSING, REFUSALS } from '#domain/execute/pretrade'
import { Tape } from '#domain/execute/tape'
import { covenantBreach } from '#domain/execute/rooms'
import { formatFixed, ONE, parseFixed } from '#domain/money/decimal'
import { sealed } from '#domain/vault/seal'
import { BOOK, vaultSettings, type Vault } from '#domain/vault/vault'
import { execute as exec } from '../../src/execute/exec.ts'
import type { Stage } from '#tool'
import { bench, drive, execValues, openPrint, target, tick, type Bench } from './desk_world.ts'

const NOON = '2021-01-15T17:00:00.000Z', MINUTE = 60_000
const later = (minutes: number, from = NOON): string => formatInstant(millisOf(from) + minutes * MINUTE)
/** A run that ends with the last thing it hears. */
function run(world: Bench, records: readonly Vanta[], values = {}): Promise<Vanta[]> {
  world.nowMs = Math.max(...records.map(({ known_at }) => millisOf(known_at)))
  return drive(exec.open({ ...execValues, ...values }, world), records)
}
const codes = (out: readonly Vanta[]): string[] => out.filter((record): record is Refusal => record.kind === 'refusal').map(({ code }) => code)
const intents = (out: readonly Vanta[]): Order[] => out.filter((record): record is Order => record.kind === 'order' && record.state === 'intended')
const warnings = (out: readonly Vanta[]): string[] => out.filter((record): record is Warning => record.kind === 'warning').map(({ code }) => code)

type Settings = { readonly [name: string]: Json }
/** A vault with settings in place of those that a new one has; `caps` and `stops` are completed. */
function vaulted(changes: Settings, cash = 10_000_000n, names: readonly string[] = ['core'], book?: Settings): Bench {
  const world = bench(cash)
  const standard = vaultSettings({ cash, currency: 'USD', method: 'banded' }) as unknown as { readonly [name: string]: Settings }
  const entry = { ...standard, ...changes } as { [name: string]: Json }
  for (const inner of ['caps', 'stops']) if (inner in changes) entry[inner] = { ...standard[inner], ...(changes[inner] as Settings) }
  const vaults = Object.fromEntries(names.map((name) => [name, sealed(name, entry, (text) => world.keys.sign(name, text))]))
  if (book !== undefined) world.keys.create(BOOK, '2021-01-01T00:00:00.000Z')
  const caps = book === undefined ? undefined : sealed(BOOK, book, (text) => world.keys.sign(BOOK, text))
  world.store.write('vault.json', { vaults, ...(caps !== undefined && { book: caps }) }, world.store.read('vault.json')?.version ?? 0)
  return world
}
function dayBar(ticker: string, at: string, close: string, volume: string): Bar {
  const end = formatInstant(millisOf(at) + 390 * MINUTE), stamp = { source: 'test', by: 'test/0' }
  return make('bar', { ...stamp, at, known_at: end, subject: `ticker:${ticker}`, span: '1d', open: close, high: close, low: close, close, volume, basis: 'as_traded' })
}
const halt = (ticker: string, at: string, resumes?: string): Vanta => make('signal', {
  at, known_at: at, source: 'news/nasdaqtrader.com', by: 'test/0', type: 'halt', key: `nasdaq:halt:${ticker}:${at}`, subject: `ticker:${ticker}`,
  facts: { reason_code: 'LUDP', ...(resumes !== undefined && { resumes_trading: resumes }) },
})
const wish = (ticker: string, fraction = '0.08', at = NOON, more = {}): readonly Vanta[] => [openPrint(ticker, at, '40'), target(ticker, at, fraction, more), tick(at)]

test('MARKET_CLOSED: allocations wait for the session, told so once, over restarts; by default they queue at the venue', async () => {
  const night = '2021-01-15T23:00:00.000Z', holiday = '2021-01-18T15:00:00.000Z', open = '2021-01-19T14:30:00.000Z'
  const queued = await run(bench(), wish('GME', '0.08', night))
  assert.equal(intents(queued).length, 1)
  const world = bench()
  const first = await run(world, [...wish('GME', '0.08', night), tick(later(1, night))], { whenClosed: 'wait' })
  assert.deepEqual(codes(first), ['MARKET_CLOSED'])
  world.nowMs = millisOf(holiday)
  assert.deepEqual(codes(await run(world, [tick(holiday)], { whenClosed: 'wait' })), [])
  world.nowMs = millisOf(open)
  const at = await run(world, [openPrint('GME', open, '41'), tick(open)], { whenClosed: 'wait' })
  assert.deepEqual([codes(at), intents(at).length], [[], 1])
})

test('SALE_OPEN: what a sale is to pay for or make room for waits until it is filled, told once', async () => {
  for (const changes of [{ caps: { gross: '0.08' } }, { caps: { sector: '0.08' } }, { caps: { position: '1.00' } }]) {
    const [world, fraction] = 'position' in changes.caps ? [vaulted(changes), '0.98'] as const : [vaulted(changes), '0.08'] as const
    await run(world, [...wish('GME', fraction), openPrint('GME', later(5), '40')], { participation: '1' })
    const rotate = [openPrint('AMC', later(10), '40'), target('GME', later(10), '0'), target('AMC', later(10), fraction), tick(later(10)), tick(later(11))]
    const out = await run(world, rotate, { participation: '1' })
    assert.deepEqual([codes(out), intents(out).map(({ side, subject }) => `${side} ${subject}`)], [['SALE_OPEN'], ['sell ticker:GME']])
    const after = await run(world, [openPrint('GME', later(12), '40'), tick(later(13))], { participation: '1' })
    assert.deepEqual([codes(after), intents(after).map(({ side, subject }) => `${side} ${subject}`)], [[], ['buy ticker:AMC']])
  }
})

test('what is set of a vault while the executor runs counts from the next moment', async () => {
  const world = vaulted({})
  const stage = (await exec.open({ ...execValues, warnings: 'none' }, world)) as Stage
  const out: Vanta[] = []
  const feed = async (records: readonly Vanta[]): Promise<void> => {
    for (const record of records) await stage.each(record, (said) => out.push(said))
  }
  await feed(wish('GME'))
  const { vaults } = vaulted({ state: 'halted' }).store.read('vault.json')?.memory as { vaults: { core: Json } }
  world.store.write('vault.json', { vaults: { core: vaults.core } }, world.store.read('vault.json')?.version ?? 0)
  await feed(wish('AMC', '0.08', later(1)))
  assert.deepEqual([codes(out), intents(out).map(({ subject }) => subject)], [['CLOSING'], ['ticker:GME']])
})

test('a session is that of the exchange; pairs and coins are always open', () => {
  for (const [at, open] of [
    ['2021-01-15T14:29:59.999Z', false], ['2021-01-15T14:30:00.000Z', true], ['2021-01-15T20:59:59.999Z', true], ['2021-01-15T21:00:00.000Z', false],
    ['2021-01-16T17:00:00.000Z', false], ['2021-01-18T17:00:00.000Z', false], ['2021-11-26T17:59:00.000Z', true], ['2021-11-26T18:00:00.000Z', false],
    ['2021-07-01T13:30:00.000Z', true],
  ] as const) assert.deepEqual([isOpen('ticker:GME', millisOf(at)), isOpen('pair:BTC/USDT', millisOf(at)), isOpen('coin:BTC', millisOf(at))], [open, true, true], at)
})

test('HALTED: entries wait until trading resumes, exits go; a halt outlives the run', async () => {
  const world = bench()
  const held = [...wish('GME'), openPrint('GME', later(5), '40')]
  await run(world, held)
  const out = await run(world, [halt('GME', later(6)), halt('AMC', later(6)), target('GME', later(7), '0'), ...wish('AMC', '0.08', later(7)), tick(later(8))])
  assert.deepEqual(codes(out), ['HALTED'])
  assert.deepEqual(intents(out).map(({ subject, side }) => `${side} ${subject}`), ['sell ticker:GME'])
  assert.deepEqual(codes(await run(world, wish('AMC', '0.05', later(20)))), ['HALTED'])
  const resumed = await run(world, [halt('AMC', later(6), later(30)), tick(later(29)), tick(later(30))])
  assert.deepEqual([codes(resumed), intents(resumed).map(({ at }) => at)], [[], [later(30)]])
})

test('TICK: a cent from one dollar up, a hundredth of one below (SEC rule 612); never worse than the price given', () => {
  const cents = fc.bigInt({ min: 1n, max: 50_000_000_000n })
  fc.assert(fc.property(cents, fc.constantFrom('buy' as const, 'sell' as const), (price, side) => {
    const limit = toTick('ticker:A', price, side)
    const [, decimals = ''] = formatFixed(limit).split('.')
    assert.ok(decimals.length <= (limit >= 100_000_000n ? 2 : 4), formatFixed(limit))
    assert.ok(side === 'buy' ? limit <= price : limit >= price)
    const apart = limit > price ? limit - price : price - limit
    assert.ok(apart < tickOf('ticker:A', price))
    assert.equal(toTick('pair:BTC/USDT', price, side), price)
  }))
})

test('limit orders are priced at the collar, to the tick; what the market asks beyond it is not filled', async () => {
  const before = (price: string) => dayBar('GME', '2021-01-14T14:30:00.000Z', price, '1000000')
  const records = [before('40'), openPrint('GME', NOON, '40.013'), target('GME', NOON, '0.08'), tick(NOON)]
  const world = bench()
  const out = await run(world, [...records, openPrint('GME', later(5), '40.90'), openPrint('GME', later(6), '40.50')], { orderType: 'limit', collar: '2' })
  assert.deepEqual(intents(out).map(({ type, limit_price: limit }) => [type, limit]), [['limit', '40.81']])
  assert.deepEqual(out.flatMap((record) => (record.kind === 'fill' ? [record.at] : [])), [later(6)])
  const tiny = [before('0.00001'), openPrint('GME', NOON, '0.00001'), target('GME', NOON, '0.08'), tick(NOON)]
  assert.deepEqual(codes(await run(bench(), tiny, { orderType: 'limit', collar: '2' })), ['TICK'])
})

test('LOT: what is left of a split is less than a lot, and is told once', async () => {
  const world = bench()
  await run(world, [...wish('GME'), openPrint('GME', later(5), '40')], { lot: '0.5' })
  const out = await run(world, [openPrint('GME', later(6), '40'), target('GME', later(7), '0'), tick(later(7)), tick(later(8)), openPrint('GME', later(9), '40'), tick(later(9))], { lot: '1000' })
  assert.deepEqual([codes(out), intents(out).length], [['LOT'], 0])
})

test('PRICE_COLLAR: a price too far from the close of an earlier day is not traded on; exits are', async () => {
  const before = dayBar('GME', '2021-01-14T14:30:00.000Z', '30', '1000000')
  assert.deepEqual(codes(await run(bench(), [before, ...wish('GME')], { collar: '20' })), ['PRICE_COLLAR'])
  assert.deepEqual(codes(await run(bench(), [before, ...wish('GME')], { collar: '34' })), [])
  assert.deepEqual(codes(await run(bench(), [before, ...wish('GME')])), [])
  const world = bench()
  await run(world, [...wish('GME'), openPrint('GME', later(5), '40')])
  const out = await run(world, [before, openPrint('GME', later(6), '40'), target('GME', later(7), '0'), tick(later(7))], { collar: '20' })
  assert.deepEqual([codes(out), intents(out).length], [[], 1])
})

test('closes and volumes are known to the next run; where they are not, a collar refuses, and so does the cap of liquidity with real money', async () => {
  assert.deepEqual(codes(await run(bench(), wish('GME'), { collar: '20' })), ['PRICE_COLLAR'])
  const world = bench()
  const bars = [dayBar('GME', '2021-01-13T14:30:00.000Z', '30', '1000'), dayBar('GME', '2021-01-14T14:30:00.000Z', '30', '3000')]
  await run(world, bars)
  assert.deepEqual(codes(await run(world, wish('GME', '0.08'), { collar: '20' })), ['PRICE_COLLAR'])
  assert.deepEqual(intents(await run(world, wish('GME', '0.08', later(5)))).map(({ quantity }) => quantity), ['100'])
  const tape = new Tape({}, (world.store.read('ledger.json')?.memory as Partial<Kept>).tape)
  assert.deepEqual([tape.averageVolume('ticker:GME', NOON), tape.averageVolume('ticker:GME'), tape.closeBefore('ticker:GME', NOON)], [200_000_000_000n, 100_000_000_000n, 3_000_000_000n])
  assert.deepEqual(new Tape({}, tape.trailsText()).trailsText(), tape.trailsText())
})

test('THROTTLE: what is over the orders of a minute waits and goes later, exits first, over restarts', async () => {
  const tickers = ['A', 'B', 'C', 'D', 'E']
  const world = bench()
  const values = { ordersPerMinute: 2 }
  const first = await run(world, [...tickers.flatMap((name) => [openPrint(name, NOON, '40'), target(name, NOON, '0.02')]), tick(NOON)], values)
  assert.deepEqual([codes(first), intents(first).length], [['THROTTLE', 'THROTTLE', 'THROTTLE'], 2])
  const soon = await run(world, [tick(formatInstant(millisOf(NOON) + 59_999))], values)
  assert.deepEqual([codes(soon), intents(soon).length], [[], 0])
  const second = await run(world, [tick(later(1)), tick(later(2))], values)
  assert.deepEqual([codes(second), intents(second).map(({ at }) => at)], [[], [later(1), later(1), later(2)]])
  const subjects = [...intents(first), ...intents(second)].map(({ subject }) => subject).sort()
  assert.deepEqual(subjects, tickers.map((name) => `ticker:${name}`))
})

test('ORDER_COUNT_CAP, TURNOVER_CAP, LIQUIDITY_CAP: entries only', async () => {
  const two = vaulted({ caps: { open_orders: 1 } })
  const both = [openPrint('A', NOON, '40'), openPrint('B', NOON, '40'), target('A', NOON, '0.02'), target('B', NOON, '0.02'), tick(NOON)]
  const counted = await run(two, both)
  assert.deepEqual([codes(counted), intents(counted).length], [['ORDER_COUNT_CAP'], 1])

  const turning = vaulted({ caps: { turnover: '0.05' } })
  const turned = await run(turning, both)
  assert.deepEqual([codes(turned), intents(turned).map(({ quantity }) => quantity)], [[], ['50', '50']])
  const more = await run(turning, [openPrint('A', later(5), '40'), openPrint('B', later(5), '40'), ...wish('C', '0.05', later(6))])
  assert.deepEqual(intents(more).map(({ quantity }) => quantity), ['24'])
  assert.deepEqual(codes(await run(turning, [openPrint('C', later(7), '40'), ...wish('D', '0.05', later(8))])), ['TURNOVER_CAP'])
  // Exits, and the next day.
  assert.equal(intents(await run(turning, [target('A', later(9), '0'), tick(later(9))])).length, 1)
  assert.deepEqual(codes(await run(turning, wish('D', '0.02', later(4 * 24 * 60)))), [])

  const bars = [dayBar('A', '2021-01-13T14:30:00.000Z', '40', '1000'), dayBar('A', '2021-01-14T14:30:00.000Z', '40', '3000')]
  const thin = await run(bench(), [...bars, dayBar('A', '2021-01-15T14:30:00.000Z', '40', '9'), ...wish('A', '0.08', later(24 * 60 * 4))])
  // 5 % of the mean of the complete days: the third is over too.
  assert.deepEqual(intents(thin).map(({ quantity }) => quantity), ['66'])
  const dry = [dayBar('A', '2021-01-13T14:30:00.000Z', '40', '19'), dayBar('A', '2021-01-14T14:30:00.000Z', '40', '19'), ...wish('A')]
  assert.deepEqual(codes(await run(bench(), dry)), ['LIQUIDITY_CAP'])
})

test('SECTOR_CAP, SOURCE_CAP and NET_CAP: of what is held, ordered and planned, whatever the allocations say', async () => {
  const three = (caps: Settings, sectors: Settings = {}): Promise<Vanta[]> => {
    const world = vaulted({ caps })
    world.store.write('sectors.json', { sectors }, 0)
    return run(world, [...['A', 'B', 'C'].flatMap((name) => [openPrint(name, NOON, '40'), target(name, NOON, '0.05', { maker: name === 'C' ? 'x+y' : 'x' })]), tick(NOON)])
  }
  const sector = await three({ sector: '0.10' }, { 'ticker:A': 'retail', 'ticker:B': 'retail', 'ticker:C': 'retail' })
  assert.deepEqual([codes(sector), intents(sector).length], [['SECTOR_CAP'], 2])
  assert.deepEqual(codes(await three({ sector: '0.10' }, { 'ticker:A': 'retail', 'ticker:B': 'retail', 'ticker:C': 'energy' })), [])
  const source = await three({ source: '0.12' })
  assert.deepEqual([codes(source), intents(source).map(({ quantity }) => quantity)], [[], ['125', '125', '50']])
  assert.deepEqual(codes(await three({ source: '0.10' })), ['SOURCE_CAP'])
  assert.deepEqual(codes(await three({ net: '0.10' })), ['NET_CAP'])
})

test('CLOSING: a closing vault only leaves, a halted one does nothing', async () => {
  const world = vaulted({})
  await run(world, [...wish('A'), openPrint('A', later(5), '40')])
  const state = (name: string): void => {
    const entry = sealed('core', { ...vaultSettings({ cash: 10_000_000n, currency: 'USD', method: 'banded' }), state: name }, (text) => world.keys.sign('core', text))
    world.store.write('vault.json', { vaults: { core: entry } }, world.store.read('vault.json')?.version ?? 0)
  }
  state('halted')
  const nothing = await run(world, [openPrint('A', later(6), '40'), target('A', later(6), '0'), ...wish('B', '0.02', later(6))])
  assert.deepEqual([codes(nothing), intents(nothing).length], [['CLOSING', 'CLOSING'], 0])
  state('closing')
  // The exit that could not be then is made up for.
  const leaving = await run(world, [openPrint('A', later(7), '40'), ...wish('B', '0.02', later(7))])
  assert.deepEqual([codes(leaving), intents(leaving).map(({ side }) => side)], [['CLOSING'], ['sell']])
})

test('PDT and WASH_SALE are warnings, children of the order, and refuse nothing', async () => {
  const world = bench(2_000_000n)
  const out: Vanta[] = []
  for (const [i, name] of ['A', 'B', 'C', 'D'].entries()) {
    const at = later(i * 20)
    out.push(...await run(world, [...wish(name, '0.08', at), openPrint(name, later(5, at), '40'), target(name, later(6, at), '0'), tick(later(6, at)), openPrint(name, later(9, at), '39')], { warnings: 'all' }))
  }
  assert.deepEqual(warnings(out), ['PDT'])
  const [warning] = out.filter((record): record is Warning => record.kind === 'warning')
  const warned = out.find(({ id }) => id === warning?.parents[0])
  assert.ok(warned?.kind === 'order' && warned.subject === 'ticker:D' && warned.side === 'sell')
  const again = await run(world, wish('A', '0.08', later(60 * 24 * 29)), { warnings: 'all' })
  assert.deepEqual([warnings(again), intents(again).length], [['WASH_SALE'], 1])
  assert.deepEqual(warnings(await run(world, wish('B', '0.08', later(60 * 24 * 31)), { warnings: 'all' })), [])
})

test('COVENANT: a vault whose loan is in breach takes on no new exposure', async () => {
  const loan = { lender: 'bank', principal: '1000.00', rate: '0.05', due: '2030-01-01T00:00:00Z', covenants: { drawdown: '0.10', exposure: '0.12' } }
  const world = vaulted({ loan })
  const out = await run(world, [...wish('A'), openPrint('A', later(5), '40'), ...wish('B', '0.08', later(6)), openPrint('B', later(7), '40'), ...wish('C', '0.08', later(8))])
  // 8 % each: the second gets what is left of 12 %, the third nothing.
  assert.deepEqual([codes(out), intents(out).map(({ quantity }) => quantity)], [['COVENANT'], ['200', '99']])
})

test('COVENANT: nor does one whose equity fell too far below its highest', async () => {
  const loan = { lender: 'bank', principal: '1000.00', rate: '0.05', due: '2030-01-01T00:00:00Z', covenants: { drawdown: '0.10', exposure: '2' } }
  const fallen = async (price: string) => {
    const world = vaulted({ loan, caps: { position: '0.50' } })
    const out = await run(world, [
      ...wish('A', '0.40'), openPrint('A', later(5), '40'), tick(later(6)), openPrint('A', later(10), price), ...wish('B', '0.08', later(11)), openPrint('B', later(12), '40'),
    ])
    return out.filter((record) => record.kind === 'refusal').map(({ code, detail }) => `${code} ${/below its highest/.test(detail) ? 'drawdown' : ''}`)
  }
  // Two fifths of the equity in A: down by a fifth costs 8 % of it, down by a half 20 %.
  assert.deepEqual(await fallen('32'), [])
  assert.deepEqual(await fallen('20'), ['COVENANT drawdown'])
})

test('COVENANT: capital, a sale and a price between two moments are highest points too', async () => {
  const loan = { lender: 'bank', principal: '1000.00', rate: '0.05', due: '2030-01-01T00:00:00Z', covenants: { drawdown: '0.10', exposure: '2' } }
  const asked = async (...records: readonly Vanta[]) => codes(await run(vaulted({ loan, caps: { position: '0.50' } }), [...wish('A', '0.40'), openPrint('A', later(5), '40'), ...records]))
  const wanted = (minutes: number) => wish('B', '0.08', later(minutes))
  // No moment between the fill and the fall: the capital was the highest.
  assert.deepEqual(await asked(openPrint('A', later(6), '20'), ...wanted(11)), ['COVENANT'])
  // Nor between the rise and the fall back to what was paid.
  assert.deepEqual(await asked(openPrint('A', later(6), '60'), openPrint('A', later(7), '40'), ...wanted(11)), ['COVENANT'])
  // Nor after all was sold high; then a loss, of which each half alone would be no breach.
  const sold = [openPrint('A', later(6), '50'), target('A', later(7), '0'), tick(later(7)), openPrint('A', later(9), '50')]
  assert.deepEqual(await asked(...sold, ...wanted(11)), [])
  const lost = (price: string) => [target('A', later(10), '0.40', { reason: 'resize' }), tick(later(10)), openPrint('A', later(12), '50'), openPrint('A', later(13), price)]
  assert.deepEqual(await asked(...sold, ...lost('40'), ...wanted(21)), [])
  assert.deepEqual(await asked(...sold, ...lost('36'), ...wanted(21)), ['COVENANT'])
})

test('law: the highest equity is that of the moment after whichever event, restarts or not, and the drawdown is measured from it', async () => {
  const loan = { lender: 'bank', principal: '1000.00', rate: '0.05', due: '2030-01-01T00:00:00Z', covenants: { drawdown: '0.10', exposure: '9' } }
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.record({ what: fc.constant('price' as const), name: fc.constantFrom('A', 'B'), price: fc.integer({ min: 20, max: 60 }) }) },
    { weight: 2, arbitrary: fc.record({ what: fc.constant('want' as const), name: fc.constantFrom('A', 'B'), percent: fc.integer({ min: 0, max: 40 }) }) },
    fc.constant({ what: 'moment' as const }), fc.constant({ what: 'restart' as const }),
  )
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
    const world = vaulted({ loan, caps: { position: '0.50' } }), out: Vanta[] = []
    let heard: Vanta[] = [...wish('A', '0.40'), openPrint('B', NOON, '30')]
    const flush = async (): Promise<void> => void out.push(...await run(world, heard.splice(0)))
    for (const [nth, one] of steps.entries()) {
      const at = later(2 + 2 * nth)
      if (one.what === 'price') heard.push(openPrint(one.name, at, String(one.price)))
      else if (one.what === 'want') heard.push(target(one.name, at, String(one.percent / 100)), tick(at))
      else if (one.what === 'moment') heard.push(tick(at))
      else if (heard.length > 0) await flush()
    }
    const end = later(100)
    heard = [...heard, openPrint('Z', end, '10'), target('Z', end, '0.01'), tick(end)]
    const before = out.length
    await flush()
    let highest = 0n, cash = 0n, equity = 0n
    const held = new Map<string, bigint>(), prices = new Map<string, bigint>()
    for (const record of out) {
      if (record.kind === 'price') prices.set(record.subject, BigInt(Math.round(Number(record.price) * 100)))
      else if (record.kind === 'entry') {
        for (const { account, amount } of record.postings) if (account === 'assets:cash') cash += BigInt(amount.replace('.', ''))
      } else if (record.kind === 'fill') held.set(record.subject, (held.get(record.subject) ?? 0n) + BigInt(record.quantity) * (record.side === 'buy' ? 1n : -1n))
      // A fill is told before its entry.
      if (record.kind !== 'price' && record.kind !== 'entry') continue
      equity = [...held].reduce((sum, [subject, quantity]) => sum + quantity * (prices.get(subject) ?? 0n), cash)
      if (equity > highest) highest = equity
    }
    const { vaults } = world.store.read('ledger.json')?.memory as unknown as Kept
    assert.equal(vaults['core']?.watch?.peak?.replace('.', ''), String(highest))
    const refused = out.slice(before).some((record) => record.kind === 'refusal' && record.subject === 'ticker:Z' && record.code === 'COVENANT')
    assert.equal(refused, highest - equity > highest / 10n)
  }))
})

test('law: a covenant holds exactly as far as it says', () => {
  const cents = fc.bigInt({ min: 1n, max: 10n ** 12n }), percent = fc.bigInt({ min: 1n, max: 100n })
  fc.assert(fc.property(cents, cents, cents, percent, percent, (equity, gross, peak, drawdown, exposure) => {
    const loan = { covenants: { drawdown: drawdown * (ONE / 100n), exposure: exposure * (ONE / 100n) } } as NonNullable<Vault['loan']>
    const breach = covenantBreach({ loan } as Vault, equity, gross, peak)
    const tooMuch = gross * 100n > equity * exposure, tooLow = (peak - equity) * 100n > peak * drawdown
    // Shares of whole cents are rounded against us, by less than one.
    const clear = (gap: bigint): boolean => gap > 100n || gap < -100n
    if (clear(gross * 100n - equity * exposure) && clear((peak - equity) * 100n - peak * drawdown)) assert.equal(breach !== undefined, tooMuch || tooLow)
    if (tooMuch && clear(gross * 100n - equity * exposure)) assert.match(breach ?? '', /exposure/)
  }))
})

test('BOOK_CAP holds over all vaults, however their allocations interleave', async () => {
  const one = fc.record({
    vault: fc.constantFrom('core', 'spare'), name: fc.constantFrom('A', 'B', 'C'), percent: fc.integer({ min: 0, max: 10 }), price: fc.integer({ min: 1000, max: 5000 }),
    tells: fc.boolean(), fills: fc.boolean(),
  })
  await fc.assert(fc.asyncProperty(fc.array(one, { minLength: 4, maxLength: 30 }), async (steps) => {
    const world = vaulted({}, 1_000_000n, ['core', 'spare'], { position: '0.06', gross: '0.10', net: '0.10' })
    const shares = new Map<string, number>(), prices = new Map<string, number>(), open = new Map<string, { name: string; left: number }>()
    let cash = 2_000_000
    for (const [i, { vault, name, percent, price, tells, fills }] of steps.entries()) {
      const at = later(i * 2)
      prices.set(name, price)
      const print = fills ? openPrint(name, at, (price / 100).toFixed(2)) : make('price', { at, known_at: at, source: 't', by: 't/0', subject: `ticker:${name}`, type: 'last', price: (price / 100).toFixed(2), span: '1m', basis: 'as_traded' })
      const records = [print, target(name, at, (percent / 100).toFixed(2), { vault }), ...(tells ? [tick(at)] : [])]
      for (const record of await run(world, records)) {
        if (record.kind === 'fill') {
          const sign = record.side === 'buy' ? 1 : -1
          shares.set(record.subject, (shares.get(record.subject) ?? 0) + sign * Number(record.quantity))
          cash -= sign * Number(record.quantity) * Number(record.price) * 100 + Number(record.fee) * 100
          const order = open.get(record.client_order_id)
          if (order !== undefined) order.left -= Number(record.quantity)
        }
        if (record.kind !== 'order') continue
        if (['filled', 'cancelled', 'expired', 'rejected'].includes(record.state)) open.delete(record.client_order_id)
        if (record.state !== 'intended' || record.side !== 'buy') continue
        open.set(record.client_order_id, { name: record.subject, left: Number(record.quantity) })
        const worth = (subject: string, count: number): number => count * (prices.get(subject.slice('ticker:'.length)) ?? 0)
        let gross = 0, equity = cash, inOne = 0
        for (const [subject, count] of shares) {
          equity += worth(subject, count)
          gross += worth(subject, count)
          if (subject === record.subject) inOne += worth(subject, count)
        }
        for (const order of open.values()) {
          gross += worth(order.name, order.left)
          if (order.name === record.subject) inOne += worth(order.name, order.left)
        }
        assert.ok(inOne <= 0.06 * equity + 2 && gross <= 0.1 * equity + 2, `${inOne} and ${gross} of ${equity}`)
      }
    }
  }), { numRuns: 60 })
  const world = vaulted({}, 1_000_000n, ['core', 'spare'], { position: '0.06', gross: '0.10', net: '0.10' })
  const out = await run(world, [openPrint('A', NOON, '10'), target('A', NOON, '0.10'), target('A', NOON, '0.10', { vault: 'spare' }), tick(NOON), tick(later(1))])
  assert.deepEqual([codes(out), intents(out).map(({ vault, quantity }) => [vault, quantity])], [[], [['core', '100'], ['spare', '20']]])
})

test('the average volume is that of complete days, each counted once, whatever the span of the bars', () => {
  const day = fc.record({ volumes: fc.array(fc.integer({ min: 0, max: 10_000 }), { minLength: 1, maxLength: 6 }) })
  fc.assert(fc.property(fc.array(day, { minLength: 1, maxLength: 30 }), (days) => {
    const tape = new Tape()
    const sums: number[] = []
    for (const [d, { volumes }] of days.entries()) {
      const start = millisOf('2021-02-01T14:30:00.000Z') + d * 86_400_000
      for (const [i, volume] of volumes.entries()) {
        const bar = { ...dayBar('A', formatInstant(start + i * 3_600_000), '1', String(volume)), span: '1h' }
        tape.see(bar)
        tape.see(bar)
      }
      tape.see(dayBar('A', formatInstant(start), '1', String(volumes.reduce((a, b) => a + b))))
      sums.push(volumes.reduce((a, b) => a + b))
    }
    const complete = sums.slice(0, -1).slice(-20)
    const mean = complete.length === 0 ? undefined : complete.reduce((a, b) => a + b) / complete.length
    const average = tape.averageVolume('ticker:A')
    assert.equal(average === undefined, mean === undefined)
    if (average !== undefined && mean !== undefined) assert.ok(Math.abs(Number(average) / 1e8 - mean) < 1e-6)
  }))
})

test('every code has its words, and what passes is among them', () => {
  for (const code of PASSING) assert.ok(code in REFUSALS)
  assert.equal(parseFixed('0.01'), tickOf('ticker:A', parseFixed('1') ?? 0n))
})
