import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Bar, Vanta } from '#record'
import { Failure } from '#port/failure'
import type { MarketCall } from '#port/exchange'
import type { Request } from '#port/outside'
import { memoryOutside, type MemoryOutside } from '#adapter/memory/outside'
import { answerTo, quietUntil } from '#wire/alpaca/follow'
import bars from '../../src/collect/bars.ts'
import { recordsIn, startTool } from '../service/process.ts'
import { startService, type Service } from '../service/service.ts'
import { collected, payloadWorld } from './payload_world.ts'

const secrets = { key_id: 'made-up-key', secret_key: 'made-up-secret' }
const bar = (time: string, close = '10.10'): string => `{"t":"2021-02-01T${time}:00Z","o":10,"h":11,"l":9.5,"c":${close},"v":100}`
const page = (rows: readonly string[], token: string | null = null, symbol = 'GME'): string => `{"bars":{"${symbol}":[${rows.join(',')}]},"next_page_token":${JSON.stringify(token)}}`
const asked = ({ asked: requests }: MemoryOutside): URLSearchParams[] => requests.map(({ url }) => new URL(url).searchParams)
const barsOf = (records: readonly Vanta[]): [string, string][] =>
  records.filter((record): record is Bar => record.kind === 'bar').map((record) => [record.at.slice(11, 16), record.known_at.slice(11, 19)])

const run = (outside: MemoryOutside, now: string, typed: Readonly<Record<string, string>> = {}): Promise<Vanta[]> =>
  collected(bars, { ticker: 'GME', once: 'true', span: '1m', ...typed }, payloadWorld({}, now, outside))
const service = (answer: (query: URLSearchParams) => string | { status: number; bytes: string }, more: object = {}): MemoryOutside => memoryOutside({
  secrets, ...more,
  answer({ url }: Request) {
    const given = answer(new URL(url).searchParams)
    return { heardMs: Date.UTC(2021, 1, 1, 16), ...(typeof given === 'string' ? { bytes: given } : given) }
  },
})

describe('rounds', () => {
  test('go on from the end of the last bar, with a few bars over; what is new among them was known late', async () => {
    const first = service(() => page([bar('15:30'), bar('15:31')]))
    assert.deepEqual(barsOf(await run(first, '2021-02-01T15:32:10Z', { since: '2021-02-01' })), [['15:30', '15:31:00'], ['15:31', '15:32:00']])
    const [query] = asked(first)
    assert.deepEqual([query?.get('symbols'), query?.get('timeframe'), query?.get('feed'), query?.get('adjustment'), query?.get('start'), query?.get('end')],
      ['GME', '1Min', 'iex', 'raw', '2021-02-01T00:00:00.000Z', '2021-02-01T15:31:00.000Z'])
    const second = service(() => page([bar('15:29'), bar('15:30', '10.20'), bar('15:31'), bar('15:32')]), { store: first.store })
    assert.deepEqual(barsOf(await run(second, '2021-02-01T15:33:05Z')), [['15:29', '15:33:05'], ['15:30', '15:33:05'], ['15:32', '15:33:00']],
      'a late bar and a corrected one are known now, a new one at its end; the one that was said is not said again')
    assert.equal(asked(second)[0]?.get('start'), '2021-02-01T15:27:00.000Z')
    assert.equal(asked(second)[0]?.get('end'), '2021-02-01T15:32:00.000Z')
  })
  test('pages may repeat, be empty and come in any order; a page that brings nothing new ends it', async () => {
    const pages: Readonly<Record<string, string>> = {
      '': page([bar('15:31')], 'a'), a: page([], 'b'), b: page([bar('15:30'), bar('15:31')], 'c'), c: page([bar('15:31')], 'd'), d: page([bar('15:33')], 'e'),
    }
    const outside = service((query) => pages[query.get('page_token') ?? ''] ?? page([]))
    assert.deepEqual(barsOf(await run(outside, '2021-02-01T15:40:00Z')).map(([at]) => at), ['15:31', '15:30'])
    assert.deepEqual(asked(outside).map((query) => query.get('page_token')), [null, 'a', 'b', 'c'])
    const circle = service((query) => page([bar(query.get('page_token') === 'x' ? '15:31' : '15:30')], 'x'))
    assert.equal(barsOf(await run(circle, '2021-02-01T15:40:00Z')).length, 2)
    assert.equal(circle.asked.length, 2)
  })
  test('a round that ends between two pages is taken up there, and a token that has gone stale is dropped', async () => {
    let down = true
    const store = memoryOutside().store
    const answer = (query: URLSearchParams): string | { status: number; bytes: string } => {
      if (query.get('page_token') === null) return page([bar('15:30')], 'next')
      if (down) throw new Failure('upstream', 'out of reach')
      return page([bar('15:31')])
    }
    await assert.rejects(run(service(answer, { store }), '2021-02-01T15:40:00Z'), /out of reach/)
    down = false
    const again = service(answer, { store })
    assert.deepEqual(barsOf(await run(again, '2021-02-01T15:50:00Z')).map(([at]) => at), ['15:31'])
    assert.deepEqual(asked(again).map((query) => [query.get('page_token'), query.get('end')]), [['next', '2021-02-01T15:39:00.000Z']])

    const stale = memoryOutside().store
    await assert.rejects(run(service((query) => (query.has('page_token') ? (() => { throw new Failure('upstream', 'x') })() : page([bar('15:30')], 'next')), { store: stale }), '2021-02-01T15:40:00Z'))
    const later = service((query) => (query.has('page_token') ? { status: 422, bytes: '{"message":"invalid page_token"}' } : page([bar('15:30'), bar('15:31')])), { store: stale })
    assert.deepEqual(barsOf(await run(later, '2021-02-01T15:40:00Z')).map(([at]) => at), ['15:31'])
  })
  test('days are asked for once they are final, splits where they are wanted', async () => {
    const outside = service((query) => (query.has('types') ? '{}' : page(['{"t":"2021-02-01T05:00:00Z","o":1,"h":2,"l":1,"c":2,"v":5}'])))
    await run(outside, '2021-02-01T22:00:00Z', { span: '1d', basis: 'split_adjusted', feed: 'sip', delay: '15m' })
    const [query] = asked(outside)
    assert.deepEqual([query?.get('timeframe'), query?.get('adjustment'), query?.get('feed'), query?.get('end')], ['1Day', 'split', 'sip', '2021-02-01T01:45:00.000Z'])
  })
  test('spans in the words of the service', async () => {
    for (const [span, timeframe] of [['1mo', '1Month'], ['1w', '1Week'], ['2h', '2Hour'], ['60m', '1Hour'], ['15m', '15Min']] as const) {
      const outside = service(() => page([]))
      await run(outside, '2021-02-01T22:00:00Z', { span })
      assert.equal(asked(outside)[0]?.get('timeframe'), timeframe)
    }
  })
  test('a hundred symbols a request', async () => {
    const symbols = Array.from({ length: 150 }, (_, i) => `S${i}`)
    const outside = service(() => page([]))
    await run(outside, '2021-02-01T22:00:00Z', { ticker: symbols.join(',') })
    assert.deepEqual(asked(outside).map((query) => query.get('symbols')?.split(',').length), [100, 50])
  })
  test('words that are missing or wrong', async () => {
    await assert.rejects(collected(bars, { once: 'true' }, payloadWorld({}, '2021-02-01T15:40:00Z', memoryOutside({ secrets }))), /--ticker says/)
    await assert.rejects(run(service(() => ''), '2021-02-01T15:40:00Z', { span: 'long' }), /--span: expected a length/)
    await assert.rejects(run(memoryOutside(), '2021-02-01T15:40:00Z'), /key_id, secret_key/)
  })
})

describe('candles of exchanges', () => {
  test('are asked for by pair, the last one over again, and given once they are closed', async () => {
    const calls: MarketCall[] = []
    const exchange = {
      has: () => true,
      async call(call: MarketCall) {
        calls.push(call)
        const result = [[1643566200000, '2600.10', '2610', '2600', '2605.5', '1.50'], [1643566260000, '2605.5', '2610', '2600', '2606', '2']]
        return { marketId: 'ETHUSDT', result, answers: [{ status: 200, url: 'https://api.binance.com/x', headers: {}, bytes: Buffer.from('[]'), heardMs: Date.UTC(2022, 0, 30, 18, 11, 30), validators: {} }] }
      },
    }
    const outside = memoryOutside({ exchange: async () => exchange })
    const once = (): Promise<Vanta[]> => collected(bars, { pair: 'ETH/USDT', span: '1m', once: 'true' }, payloadWorld({}, '2022-01-30T18:11:30Z', outside))
    const [candle, ...others] = (await once()).filter((record): record is Bar => record.kind === 'bar')
    assert.deepEqual([candle?.subject, candle?.source, candle?.at, candle?.known_at, candle?.open, candle?.volume, others.length],
      ['pair:ETH/USDT', 'binance/candles', '2022-01-30T18:10:00.000Z', '2022-01-30T18:11:00.000Z', '2600.10', '1.50', 0])
    await once()
    assert.deepEqual([calls[0]?.sinceMs, calls[0]?.symbol, calls.at(-1)?.sinceMs], [undefined, 'ETH/USDT', 1643566200000])
    await assert.rejects(collected(bars, { pair: 'ETH/USDT', exchange: 'nowhere', once: 'true' }, payloadWorld({}, '2022-01-30T18:11:30Z', outside)), /--exchange: expected one of binance/)
  })
})

describe('the stream', () => {
  const keys = { key: 'made-up-key', secret: 'made-up-secret' }
  test('is told who and what, in answer to its words', () => {
    const sent: string[] = []
    const say = (text: string): string => answerTo({ bytes: Buffer.from(text), send: (answer) => void sent.push(answer) }, 'stream', ['GME'], keys)
    assert.equal(say('[{"T":"success","msg":"connected"}]'), 'words')
    assert.equal(say('[{"T":"success","msg":"authenticated"}]'), 'words')
    assert.equal(say('[{"T":"subscription","bars":["GME"]}]'), 'subscribed')
    assert.equal(say('[{"T":"b","S":"GME"}]'), 'data')
    assert.deepEqual(sent.map((text) => JSON.parse(text) as unknown), [
      { action: 'auth', key: 'made-up-key', secret: 'made-up-secret' }, { action: 'subscribe', bars: ['GME'], updatedBars: ['GME'], statuses: ['GME'] },
    ])
  })
  test('errors end it with the exit that fits', () => {
    const exits: Readonly<Record<number, string>> = { 401: 'config', 402: 'config', 405: 'config', 409: 'config', 410: 'config', 404: 'upstream', 406: 'again', 407: 'again', 500: 'upstream' }
    for (const [code, exit] of Object.entries(exits)) {
      const bytes = Buffer.from(`[{"T":"error","code":${code},"msg":"made up"}]`)
      assert.throws(() => answerTo({ bytes, send: () => undefined }, 'stream', ['GME'], keys), (error) => error instanceof Failure && error.exit === exit && error.message.includes(`error ${code}: made up`))
    }
  })
  test('may be silent from the close to the next open', () => {
    const minutes = (text: string): number => quietUntil(Date.parse(text), 60_000) / 60_000
    assert.equal(minutes('2021-02-01T15:00:00Z'), 1)
    assert.equal(minutes('2021-02-01T14:00:00Z'), 31)
    // Thanksgiving: from Wednesday's close to Friday's open.
    assert.equal(minutes('2020-11-25T21:00:00Z'), 41.5 * 60 + 1)
  })
})

describe('the stream on the wire', () => {
  let alpaca: Service
  let scratch: string
  before(async () => {
    alpaca = await startService({ '/v2/stocks/bars': { body: page([bar('15:30')]) } })
    scratch = mkdtempSync(join(tmpdir(), 'vanta-bars-'))
    writeFileSync(join(scratch, 'credentials'), JSON.stringify(secrets), { mode: 0o600 })
  })
  after(async () => {
    await alpaca.close()
    rmSync(scratch, { recursive: true, force: true })
  })
  test('what is past, then what comes; what it says of us shows nowhere', async () => {
    const heard: string[] = []
    alpaca.sockets = ({ url }, socket) => {
      const say = (message: object): void => socket.send(JSON.stringify([message]))
      heard.push(url)
      say({ T: 'success', msg: 'connected' })
      socket.on('message', (data: Buffer) => {
        const { action } = JSON.parse(data.toString()) as { action: string }
        heard.push(action)
        if (action === 'auth') say({ T: 'success', msg: 'authenticated' })
        if (action !== 'subscribe') return
        say({ T: 'subscription', bars: ['GME'] })
        socket.send(`[{"T":"b","S":"GME",${bar('15:31').slice(1)}]`)
        socket.send(`[{"T":"u","S":"GME",${bar('15:31', '10.20').slice(1)}]`)
        setTimeout(() => socket.close(1000), 200)
      })
    }
    const { ended } = startTool('vanta-bars', [
      '--ticker', 'GME', '--since', '2021-02-01', '--stream', '--once', '--endpoint', alpaca.endpoint, '--credentials', join(scratch, 'credentials'), '--verbose',
    ], { VANTA_HOME: join(scratch, 'home') })
    const { status, out, err } = await ended
    assert.equal(status, 0, err)
    assert.deepEqual(heard, ['/v2/iex', 'auth', 'subscribe'])
    const found = recordsIn(out).filter((record): record is Bar => record.kind === 'bar')
    assert.deepEqual(found.map(({ at, close, source }) => [at.slice(11, 16), close, source]), [
      ['15:30', '10.10', 'alpaca/bars/iex'], ['15:31', '10.10', 'alpaca/bars/iex'], ['15:31', '10.20', 'alpaca/bars/iex'],
    ])
    assert.ok(found[2] !== undefined && found[2].known_at > '2026', 'a correction is known when it is heard')
    assert.ok(!`${out}${err}`.includes('made-up-secret'))
    alpaca.reset()
    const next = await startTool('vanta-bars', [
      '--ticker', 'GME', '--once', '--endpoint', alpaca.endpoint, '--credentials', join(scratch, 'credentials'),
    ], { VANTA_HOME: join(scratch, 'home') }).ended
    assert.equal(next.status, 0, next.err)
    assert.match(alpaca.asked[0]?.url ?? '', /start=2021-02-01T15%3A27/, 'what the stream said is not asked for again')
    assert.equal(recordsIn(next.out).filter(({ kind }) => kind === 'bar').length, 0)
  })
  test('an error in the stream ends the run with its exit', async () => {
    alpaca.sockets = (_, socket) => socket.send('[{"T":"error","code":402,"msg":"auth failed"}]')
    const { ended } = startTool('vanta-bars', [
      '--ticker', 'GME', '--since', '2021-02-01', '--stream', '--once', '--endpoint', alpaca.endpoint, '--credentials', join(scratch, 'credentials'),
    ], { VANTA_HOME: join(scratch, 'other') })
    const { status, err } = await ended
    assert.equal(status, 78, err)
    assert.match(err, /the stream answered with error 402: auth failed/)
  })
})
