import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { test } from 'node:test'
import { check, identify } from '#record'
import bars from '../../src/collect/bars.ts'
import { collected, payloadWorld, sharedFolder } from './payload_world.ts'

const HEADER = 'date,ticker,open,high,low,close,volume\n'
const files = {
  'a.csv': `${HEADER}2021-01-04,A,1,2,1,2,5\n2021-01-05,A,2,3,2,3,6\n2021-01-06,A,0,3,2,3,6\n`,
  'b.csv': `${HEADER}2021-01-04,B,1,2,1,2,5\n2021-01-05,B,2,3,2,3,6\n`,
}

test('several files become one stream in the order in which things became known', async () => {
  const world = payloadWorld(files)
  const records = await collected(bars, { from: 'a.csv,b.csv', opens: 'true' }, world)
  assert.deepEqual(records.map((record) => record.known_at), records.map((record) => record.known_at).sort())
  assert.equal(records.length, 8)
  for (const record of records) {
    assert.ok('record' in check(record))
    assert.equal(identify(record), record.id)
    assert.equal(record.by, 'test/0')
  }
  assert.deepEqual(new Set(records.map((record) => record.source)), new Set(['bars/a', 'bars/b']))
  assert.equal(new Set(records.map((record) => record.id)).size, records.length)
  assert.match(world.said.join('\n'), /a\.csv: line 4: expected prices above zero/)
})

test('tickers, moments and basis are chosen', async () => {
  const world = payloadWorld(files)
  const records = await collected(bars, { from: 'a.csv,b.csv', ticker: 'B', since: '2021-01-05', basis: 'split_adjusted' }, world)
  assert.deepEqual(records.map((record) => [record.kind, record.at, 'basis' in record && record.basis]),
    [['bar', '2021-01-05T14:30:00.000Z', 'split_adjusted']])
  assert.deepEqual(await collected(bars, { from: 'a.csv', until: '2021-01-04' }, world), [])
})

test('a file that is not there is named', async () => {
  await assert.rejects(collected(bars, { from: 'a.csv,none.csv' }, payloadWorld(files)), /none\.csv: there is no such file/)
})

const hourly = sharedFolder('data', 'bars', 'hourly_2021_h1.csv.gz')
test('the split that the recorded hourly bars miss is named', {
  skip: hourly === undefined ? 'needs the recorded bars of VANTA_SHARED' : false,
}, async () => {
  const world = payloadWorld()
  const records = await collected(bars, { from: hourly ?? '', ticker: 'NVDA,GME' }, world)
  assert.ok(records.length > 2000)
  assert.ok(records.every((record) => record.kind === 'bar' && record.basis === 'as_traded' && record.span === '1h'))
  assert.deepEqual(world.said.length, 1)
  assert.match(world.said[0] ?? '', /NVDA goes from 801\.\d+ to 201\.\d+ .* like a 4:1 split/)
})

const delisted = sharedFolder('data', 'bars', 'daily_delisted_2014_2020.csv.gz')
test('splits and dividends that recorded bars carry are signals, known at the open of their day', {
  skip: delisted === undefined ? 'needs the recorded bars of VANTA_SHARED' : false,
}, async () => {
  const records = await collected(bars, { from: delisted ?? '' }, payloadWorld())
  const signals = records.filter((record) => record.kind === 'signal')
  assert.equal(records.length - signals.length, 45_500)
  const count = (type: string): number => signals.filter((signal) => signal.type === type).length
  const rows = gunzipSync(readFileSync(delisted ?? '')).toString('utf8').trim().split('\n').slice(1).map((line) => line.split(','))
  assert.equal(count('dividend'), rows.filter((cells) => Number(cells[8]) > 0).length)
  assert.equal(count('split'), rows.filter((cells) => Number(cells[9]) !== 1).length)
  assert.ok(signals.every((signal) => signal.known_at === signal.at && signal.at.endsWith(':30:00.000Z')))
  assert.deepEqual(records.map((record) => record.known_at), records.map((record) => record.known_at).sort())
})

const crypto = sharedFolder('data', 'crypto')
test('recorded candles of a pair: every row a bar or named, each known at its end', {
  skip: crypto === undefined ? 'needs the recorded candles of VANTA_SHARED' : false,
}, async () => {
  const cases: readonly (readonly [file: string, pair: string, span: string, bars: number])[] = [
    ['binance_btcusdt_1h_2022_2024h1.csv.gz', 'BTC/USDT', '1h', 21_887], ['binance_ethusdt_1d_2022_2024h1.csv.gz', 'ETH/USDT', '1d', 912],
    ['binance_bnbusdt_1h_2020_2022.csv.gz', 'BNB/USDT', '1h', 16_319], ['binanceus_btcusd_1m_2023_usdc_depeg.csv.gz', 'BTC/USD', '1m', 30_240],
    ['xmr_btc_5m.csv.gz', 'XMR/BTC', '5m', 0],
  ]
  for (const [file, pair, span, expected] of cases) {
    const path = join(crypto ?? '', file), world = payloadWorld()
    const records = (await collected(bars, { from: path, pair }, world)).filter((record) => record.kind === 'bar')
    const rows = gunzipSync(readFileSync(path)).toString('utf8').trim().split('\n').slice(1)
    assert.equal(records.length, expected || rows.length, file)
    assert.ok(records.every((record) => record.span === span && record.subject === `pair:${pair}`))
    const [first = ''] = rows
    assert.deepEqual([String(Date.parse(records[0]?.at ?? '')), records[0]?.open, records[0]?.volume], [0, 1, 5].map((cell) => first.split(',')[cell]))
  }
})
