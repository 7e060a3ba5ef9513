import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { WebSocket } from 'ws'
import type { Signal } from '#record'
import { Failure } from '#port/failure'
import { Book } from '#domain/market/book'
import { krakenChecksum } from '#domain/market/book_checksum'
import { Levels } from '#domain/market/levels'
import orderbook from '../../src/collect/orderbook.ts'
import { runTool, signalsIn, startTool, type Process } from '../service/process.ts'
import { startService, type Service } from '../service/service.ts'
import { collected, payloadWorld } from './payload_world.ts'

const depth = (lastUpdateId: number, bid: string): string => JSON.stringify({ lastUpdateId, bids: [[bid, '1.50']], asks: [['101.0', '2']] })
const diff = (U: number, u: number, b: [string, string][], E: number): string => JSON.stringify({ e: 'depthUpdate', E, s: 'BTCUSDT', U, u, b, a: [] })
const T0 = 1_723_161_255_000

async function read(lines: readonly string[], typed: { readonly [option: string]: string } = {}): Promise<readonly Signal[]> {
  const records = await collected(orderbook, { from: 'capture', ...typed },
    payloadWorld({ capture: `${lines.join('\n')}\n` }, '2026-11-22T00:00:00Z'))
  return records.filter((record): record is Signal => record.kind === 'signal')
}
const briefly = (signals: readonly Signal[]): unknown[] => signals.map(({ type, facts }) => [type,
  facts?.['sequence'] ?? facts?.['reason'] ?? facts?.['levels'], facts?.['bid']])

test('the last state of each interval is told, or every state', async () => {
  const lines = [depth(1, '100'), diff(2, 2, [['100.1', '1']], T0), diff(3, 3, [['100.2', '1']], T0 + 900),
    diff(4, 5, [['100.3', '1']], T0 + 1000), diff(6, 6, [['100.3', '0']], T0 + 5000)]
  // A snapshot of spot says no time of its own: it is of when it was heard.
  assert.deepEqual(briefly(await read(lines, { symbol: 'BTCUSDT' })),
    [['book', '1', '100'], ['book', '3', '100.2'], ['book', '5', '100.3'], ['book', '6', '100.2']])
  const futures = lines.map((line) => line.replace('"lastUpdateId":1,', `"lastUpdateId":1,"E":${T0 - 5000},`).replace('"U":', '"pu":0,"U":'))
  const chained = futures.map((line, i) => line.replace('"pu":0', `"pu":${[0, 1, 2, 3, 5][i] ?? 0}`))
  assert.deepEqual(briefly(await read(chained, { symbol: 'BTCUSDT' })),
    [['book', '1', '100'], ['book', '3', '100.2'], ['book', '5', '100.3'], ['book', '6', '100.2']])
  assert.deepEqual(briefly(await read(chained, { symbol: 'BTCUSDT', everyChange: 'true' })),
    [['book', '1', '100'], ['book', '2', '100.1'], ['book', '3', '100.2'], ['book', '5', '100.3'], ['book', '6', '100.2']])
  assert.deepEqual((await read(chained, { symbol: 'BTCUSDT', interval: '1h' })).length, 1)
})

test('a gap is told, nothing after it, and the return with the next snapshot', async () => {
  const signals = await read([depth(1, '100'), diff(2, 2, [['100.1', '1']], T0), diff(4, 4, [['100.2', '1']], T0 + 10),
    diff(5, 5, [['100.3', '1']], T0 + 20), depth(4, '99')], { everyChange: 'true', symbol: 'BTCUSDT' })
  assert.deepEqual(briefly(signals), [['book', '1', '100'], ['book', '2', '100.1'], ['book_gap', 'sequence', undefined],
    ['book_resync', 3, undefined], ['book', '5', '100.3']])
  assert.deepEqual(signals[2]?.facts, { venue: 'binance', symbol: 'BTCUSDT', reason: 'sequence', expected: '3', found: '4' })
})

test('a book joined to what was held is of the newest of both; a snapshot that is older than the book says nothing', async () => {
  const pu = (line: string, previous: number): string => line.replace('"U":', `"pu":${previous},"U":`)
  const at = (line: string, E: number): string => line.replace('"bids"', `"E":${E},"bids"`)
  const signals = await read([
    pu(diff(2, 2, [['100.1', '1']], T0 + 40), 1), at(depth(1, '100'), T0), at(depth(1, '99'), T0 - 5000), pu(diff(3, 3, [['100.2', '1']], T0 + 50), 2),
  ], { everyChange: 'true', symbol: 'BTCUSDT' })
  assert.deepEqual(signals.map(({ type, at, facts }) => [type, Date.parse(at) - T0, facts?.['sequence'], facts?.['bid']]), [
    ['book', 40, '2', '100.1'], ['book', 50, '3', '100.2'],
  ])
})

test('a book that crosses is lost, not told', async () => {
  const signals = await read([depth(1, '100'), diff(2, 2, [['101.5', '1']], T0)], { everyChange: 'true', symbol: 'BTCUSDT' })
  assert.deepEqual(briefly(signals), [['book', '1', '100'], ['book_gap', 'crossed', undefined]])
  assert.equal(signals[1]?.facts?.['found'], 'bid 101.5 at or above ask 101')
})

test('pairs are chosen by any of their names', async () => {
  for (const pair of ['BTC/USDT', 'btc-usdt', 'BTCUSDT']) assert.equal((await read([depth(1, '100')], { symbol: 'BTCUSDT', pair })).length, 1, pair)
  assert.equal((await read([depth(1, '100')], { symbol: 'BTCUSDT', pair: 'ETH/USDT' })).length, 0)
})

test('words that make no sense are refused', async () => {
  for (const typed of [{ levels: '0' }, { bps: '0' }, { bps: '20000' }]) {
    await assert.rejects(read([depth(1, '100')], typed), (error) => error instanceof Failure && error.exit === 'usage')
  }
})

test('what it can read is listed', async () => {
  const world = payloadWorld()
  await collected(orderbook, { listSources: 'true' }, world)
  assert.match(world.printed.join('\n'), /binance-futures[\s\S]*wss:\/\/fstream\.binance\.com/)
})

let service: Service
let scratch: string
before(async () => {
  service = await startService()
  scratch = mkdtempSync(join(tmpdir(), 'orderbook-'))
})
after(async () => {
  await service.close()
  rmSync(scratch, { recursive: true, force: true })
})

let homes = 0
const home = (): { readonly VANTA_HOME: string } => ({ VANTA_HOME: join(scratch, `home-${homes}`) })
function listen(...words: readonly string[]): Process {
  homes++
  return startTool('vanta-orderbook', [...words, '--endpoint', service.endpoint, '--interval', '50ms', '--every', '50ms', '--patience', '3s'], home())
}
/** What was kept, read again, says what was said. */
async function saidAgain(signals: readonly Signal[]): Promise<void> {
  const { status, out, err } = await runTool('vanta-orderbook', ['--again', '--interval', '50ms'], home())
  assert.equal(status, 0, err)
  assert.deepEqual(signalsIn(out).map(({ id, type, facts }) => [id, type, facts]), signals.map(({ id, type, facts }) => [id, type, facts]))
}
/** Signals so far, once some of them are there; a tool that ends before says why. */
async function until(tool: Process, enough: (signals: readonly Signal[]) => boolean): Promise<readonly Signal[]> {
  let ended: string | undefined
  void tool.ended.then(({ err }) => (ended = err))
  for (;;) {
    const out = tool.out(), signals = signalsIn(out.slice(0, out.lastIndexOf('\n') + 1))
    if (enough(signals)) return signals
    assert.equal(ended, undefined)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
async function stopped(tool: Process): Promise<void> {
  tool.child.kill('SIGTERM')
  assert.equal((await tool.ended).status, 143)
}

test('live, Binance: changes first, then the snapshot; a gap brings another snapshot', async () => {
  service.reset()
  let socket: WebSocket | undefined
  let snapshots = 0
  const now = Date.now()
  const say = (U: number, u: number, bid: string): void => socket?.send(JSON.stringify({ stream: 'btcusdt@depth@100ms',
    data: JSON.parse(diff(U, u, [[bid, '1']], now)) }))
  service.sockets = (_, opened) => {
    socket = opened
    say(9, 10, '99.9')
    say(11, 12, '100.1')
  }
  service.routes = { '/api/v3/depth': () => ({ body: depth(++snapshots === 1 ? 10 : 20, '100') }) }
  const tool = listen('--venue', 'binance', '--pair', 'BTC/USDT')
  const first = await until(tool, (signals) => signals.some(({ facts }) => facts?.['sequence'] === '12'))
  assert.deepEqual(briefly(first.filter(({ type }) => type === 'book')).at(-1), ['book', '12', '100.1'])
  say(15, 16, '100.2')
  say(17, 21, '100.3')
  const all = await until(tool, (signals) => signals.some(({ facts }) => facts?.['sequence'] === '21'))
  assert.deepEqual(all.map(({ type }) => type).filter((type) => type !== 'book'), ['book_gap', 'book_resync'])
  assert.equal(snapshots, 2)
  assert.ok(all.every((signal) => 'raw' in signal), 'each names the payload that it was read from')
  assert.deepEqual(service.asked.map(({ url }) => url.split('?')[0]), ['/stream', '/api/v3/depth', '/api/v3/depth'])
  await stopped(tool)
  await saidAgain(all)
})

test('live, Kraken: a checksum that is not ours opens the stream anew', async () => {
  service.reset()
  const levels = (...entries: [string, string][]): Levels => {
    const made = new Levels()
    for (const entry of entries) made.addText(...entry)
    return made
  }
  const book = new Book()
  book.replace(levels(['100.1', '2.00000000'], ['100.0', '1.00000000']), levels(['101.0', '1.00000000']))
  const right = krakenChecksum(book, { priceDigits: 1, sizeDigits: 8 })
  let opened = 0
  const said: string[] = []
  service.sockets = (_, socket) => {
    const nth = ++opened, seconds = String(Date.now() / 1000)
    socket.on('message', (data) => {
      said.push(String(data))
      socket.send(JSON.stringify([7, { as: [['101.0', '1.00000000', seconds]], bs: [['100.0', '1.00000000', seconds]] }, 'book-100', 'XBT/USD']))
      socket.send(JSON.stringify([7, { b: [['100.1', '2.00000000', seconds]], c: String(nth === 1 ? 1 : right) }, 'book-100', 'XBT/USD']))
    })
  }
  const tool = listen('--venue', 'kraken', '--pair', 'BTC/USD')
  const signals = await until(tool, (all) => all.some(({ facts }) => facts?.['bid'] === '100.1'))
  assert.deepEqual(signals.map(({ type }) => type), ['book_gap', 'book_resync', 'book'])
  assert.deepEqual([signals[0]?.facts?.['reason'], signals[0]?.facts?.['expected']], ['checksum', '1'])
  assert.deepEqual(JSON.parse(said[0] ?? ''), { event: 'subscribe', pair: ['XBT/USD'], subscription: { name: 'book', depth: 100 } })
  assert.equal(opened, 2)
  await stopped(tool)
  await saidAgain(signals)
})
