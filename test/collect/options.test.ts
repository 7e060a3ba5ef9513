import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Request } from '#port/outside'
import type { Signal, Vanta } from '#record'
import { memoryOutside, type MemoryOutside } from '#adapter/memory/outside'
import options from '../../src/collect/options.ts'
import { collected, payloadWorld } from './payload_world.ts'

const NOW = '2022-02-10T20:30:00Z'
const run = (outside: MemoryOutside, typed: Readonly<Record<string, string>>, now = NOW): Promise<Vanta[]> =>
  collected(options, { once: 'true', ...typed }, payloadWorld({}, now, outside))
const signals = (records: readonly Vanta[]): Signal[] => records.filter((record): record is Signal => record.kind === 'signal')
const types = (records: readonly Vanta[]): string[] => [...new Set(signals(records).map(({ type }) => type))].sort()

const row = (right: 'C' | 'P', strike: number, date: string, iv: number, delta: number): object => ({
  symbol: `XYZ${date.slice(2).replaceAll('-', '')}${right}00${strike}000`, underlying: 'XYZ', bid: 2.5, ask: 2.6, volume: 10, open_interest: 20,
  contract_size: 100,
  expiration_date: date, bid_date: 1644524235000, ask_date: 1644524234000, trade_date: 1644524000000, greeks: { delta, mid_iv: iv },
})

test('Tradier: the nearest expiries, one chain each, one term structure; the token is no part of the address', async () => {
  const outside = memoryOutside({
    secrets: { tradier_token: 'made-up-token' },
    answer({ url }: Request) {
      const heardMs = Date.parse(NOW)
      if (url.includes('expirations')) return { bytes: '{"expirations":{"date":["2022-05-20","2022-03-18","2023-01-20"]}}', heardMs }
      const date = /expiration=([\d-]+)/.exec(url)?.[1] ?? '', iv = date === '2022-03-18' ? 0.4 : 0.3
      return { bytes: JSON.stringify(
        { options: { option: [row('C', 100, date, iv, 0.55), row('C', 105, date, iv, 0.45), row('P', 100, date, iv, -0.45)] } },
      ), heardMs }
    },
  })
  const records = await run(outside, { service: 'tradier', symbol: 'xyz', expiries: '2' })
  assert.deepEqual(outside.asked.map(({ url }) => url.replace(/^.*options\//, '')), [
    'expirations?symbol=XYZ&includeAllRoots=true', 'chains?symbol=XYZ&expiration=2022-03-18&greeks=true', 'chains?symbol=XYZ&expiration=2022-05-20&greeks=true',
  ])
  assert.ok(outside.asked.every(
    ({ url, secret }) => url.startsWith('https://api.tradier.com/') && secret?.headers?.['authorization'] === 'Bearer made-up-token',
  ))
  assert.deepEqual(types(records), ['option_quote', 'put_call', 'term_structure'])
  const terms = signals(records).find(({ type }) => type === 'term_structure')
  assert.deepEqual([terms?.facts?.['shape'], terms?.subject, terms?.parents.length], ['backwardation', 'ticker:XYZ', 4])
})

test('Cboe: indices by their own names, answers asked for only where they have changed', async () => {
  const page = JSON.stringify({ timestamp: '2022-02-10 20:20:00', data: {
    symbol: '^SPX', current_price: 4500, options: [{ option: 'SPXW220318C04500000', bid: 1, ask: 2, volume: 1, open_interest: 2 }],
  } })
  let status = 200
  const outside = memoryOutside(
    { answer: () => ({ status, bytes: status === 304 ? '' : page, validators: { etag: '"7"' }, heardMs: Date.parse(NOW) }) },
  )
  const first = await run(outside, { symbol: 'spx,^vix' })
  assert.deepEqual(outside.asked.map(({ url }) => url.replace(/^.*\//, '')), ['_SPX.json', '_VIX.json'])
  assert.equal(signals(first)[1]?.subject, 'ticker:SPX')
  status = 304
  assert.deepEqual(signals(await run(outside, { symbol: 'spx' })), [])
  assert.deepEqual(outside.asked.at(-1)?.validators, { etag: '"7"' })
})

test('Polygon: a sweep under way at one round is said once, whole, in the next', async () => {
  const trade = (ns: string, exchange: number): string => `{"price":1.1,"size":5,"exchange":${exchange},"conditions":[219],"sip_timestamp":${ns}}`
  const all = [trade('1644525000000000000', 303), trade('1644525000050000000', 312), trade('1644525000100000000', 316)]
  let heard = '2022-02-10T20:30:00.080Z', page = all.slice(0, 2)
  const outside = memoryOutside({ secrets: { polygon_key: 'made-up-key' }, answer: () => ({
    url: 'https://api.polygon.io/v3/trades/O:XYZ220318C00100000', bytes: `{"status":"OK","results":[${page.join()}]}`, heardMs: Date.parse(heard),
  }) })
  const typed = { service: 'polygon', symbol: 'XYZ220318C00100000' }
  assert.deepEqual(types(await run(outside, typed)), ['option_print'])
  page = all
  heard = '2022-02-10T20:31:00Z'
  const second = signals(await run(outside, typed))
  assert.deepEqual(second.map(({ type }) => type), ['option_print', 'sweep'])
  assert.equal(second[1]?.facts?.['prints'], 3)
  assert.deepEqual(signals(await run(outside, typed)), [], 'and never again')
})

test('of files, only the tickers that were asked for', async () => {
  const rows = 'date,underlying,right,strike,expiry,ms,open_interest\n20140605,twx,call,60.0,20140621,23520000,211\n20140605,aapl,call,60.0,20140621,23520000,211\n'
  const world = payloadWorld({ rows })
  assert.deepEqual(signals(await collected(options, { from: 'rows', symbol: 'TWX' }, world)).map(({ subject }) => subject), ['ticker:TWX'])
  assert.match(world.said.join(), /1 parts: of other tickers than --symbol/)
})

test('what can be asked for, with limits and terms; wrong words', async () => {
  const world = payloadWorld()
  await collected(options, { listSources: 'true' }, world)
  assert.match(world.printed.join('\n'), /cboe[^]*delayed_quotes[^]*tradier[^]*limits[^]*terms/)
  await assert.rejects(run(memoryOutside(), {}), /--symbol is required/)
  await assert.rejects(run(memoryOutside(), { service: 'tradier', symbol: 'XYZ' }), /tradier_token/)
})
