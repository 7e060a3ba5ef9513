import assert from 'node:assert/strict'
import { test } from 'node:test'
import { momentIn } from '#wire/crypto/tables'
import { bytesOf, needs, orderbooks, tables } from '../book/recordings.ts'
import { readBooks, readCrypto } from '../book/reading.ts'

test('candles: every row, exact digits, known when they closed', needs(tables), async () => {
  const { signals, rejects } = await readCrypto(bytesOf(tables, 'binance_btcusdt_1h_2017_2021.csv.gz'), { symbol: 'BTCUSDT', venue: 'binance' })
  assert.deepEqual([signals.length, rejects.length], [34_901, 0])
  assert.deepEqual([signals[0]?.at, signals[0]?.known_at, signals[0]?.subject, signals[0]?.source],
    ['2017-08-17T04:00:00.000Z', '2017-08-17T05:00:00.000Z', 'pair:BTC/USDT', 'binance/candle'])
  assert.deepEqual(signals[0]?.facts, {
    venue: 'binance', symbol: 'BTCUSDT', span: '1h', open: '16199.91', high: '16199.91', low: '4261.32', close: '4308.83', volume: '44.51',
    quote_volume: '190952.85',
  })
})

test('CryptoDataDownload as it comes: a banner, twelve hours, newest first', needs(tables), async () => {
  const { signals, rejects } = await readCrypto(bytesOf(tables, 'raw_cdd_coinbase_btcusd_1h.csv.gz'))
  assert.deepEqual([signals.length, rejects.length], [20_111, 0])
  assert.deepEqual([signals[0]?.at, signals[0]?.subject], ['2019-10-17T09:00:00.000Z', 'pair:BTC/USD'])
  assert.deepEqual(signals[0]?.facts, { venue: 'recorded', symbol: 'BTCUSD', span: '1h', open: '8051', high: '8056.83', low: '8021.23',
    close: '8035.88', volume: '61.25', quote_volume: '492394.56' })
  assert.equal(signals.at(-2)?.at, '2017-07-01T12:00:00.000Z')
})

test('several currencies side by side, some not yet listed', needs(tables), async () => {
  const { signals } = await readCrypto(bytesOf(tables, 'bitstamp_btc_eth_ltc_usd_1d.csv.gz'))
  assert.deepEqual(['BTC', 'ETH', 'LTC'].map((symbol) => signals.filter(({ facts }) => facts?.['symbol'] === symbol).length), [1865, 788, 925])
  assert.deepEqual(signals[0]?.facts, { venue: 'recorded', symbol: 'BTC', span: '1d', open: '363.59', high: '381.34', low: '360.57',
    close: '376.28', volume: '8617.15' })
})

test('funding, trades and Tardis', needs(tables), async () => {
  const funding = await readCrypto(bytesOf(tables, 'xrp_usdt_perp_funding_8h.csv.gz'))
  assert.deepEqual([funding.signals.length, funding.signals[0]?.at, funding.signals[0]?.facts?.['rate']], [91, '2021-11-18T00:00:00.017Z', '0.0001'])
  const trades = await readCrypto(bytesOf(orderbooks, 'trades_xrp_eth.csv.gz'), { symbol: 'XRPETH' })
  assert.equal(trades.signals.length, 12_477)
  assert.deepEqual(trades.signals[0]?.facts, { venue: 'recorded', symbol: 'XRPETH', trade_id: '13519807', price: '0.00141342', size: '23.0',
    side: 'sell' })
  assert.equal(trades.signals[0]?.subject, 'pair:XRP/ETH')
  const deep = await readBooks(bytesOf(orderbooks, 'tardis_deribit_incremental_book_L2_BTC-PERPETUAL.csv.gz'))
  assert.deepEqual([deep.signals.length, deep.signals[0]?.known_at, deep.signals[0]?.subject], [1, '2020-04-01T00:00:00.355Z', 'pair:BTC/USD'])
  const wide = await readBooks(bytesOf(orderbooks, 'tardis_binance-futures_book_snapshot_25_BTCUSDT.csv.gz'), { everyChange: true })
  assert.deepEqual([wide.signals.length, wide.signals[0]?.facts?.['bid'], wide.signals[0]?.facts?.['ask_size']], [10, '11657.07', '1.714'])
})

test('bad rows are named and the others read', async () => {
  const { signals, rejects } = await readCrypto('time_ms,open,high,low,close,volume\n1640995200000,1,2,0.5,1.5,7\nyesterday,1,2,0.5,1.5,7\n1640998800000,1,2\n1640998800000,,2,0.5,1.5,7\n1641002400000,1e-7,2,1e-7,1.50,7\n')
  assert.deepEqual(signals.map(({ at, facts }) => [at, facts?.['open'], facts?.['close']]),
    [['2022-01-01T00:00:00.000Z', '1', '1.5'], ['2022-01-01T02:00:00.000Z', '0.0000001', '1.50']])
  assert.deepEqual(rejects, [
    { place: 'line 3', why: 'column "time_ms": expected a moment' }, { place: 'line 4', why: 'a row of another length than the header' },
    { place: 'line 5', why: 'a candle without prices' },
  ])
})

test('moments as tables write them', () => {
  assert.deepEqual(['1675329600138', '1675329600', '1675329600138000', '2019-10-17 09-AM', '2019-10-17 12-PM', '2019-10-17 12-AM',
    '2023-02-02 09:20:00.138000+00:00', '2014-11-28', 'x', '2019-13-01'].map(momentIn), [
    1675329600138, 1675329600000, 1675329600138, Date.UTC(2019, 9, 17, 9), Date.UTC(2019, 9, 17, 12), Date.UTC(2019, 9, 17), 1675329600138,
    Date.UTC(2014, 10, 28), undefined, undefined,
  ])
})

test('the candle of now is not told before it closes', async () => {
  const { signals, rejects } = await readCrypto('[[1795348800000,"1","2","0.5","1.5","7",1795352399999,"9",3,"4","5","0"]]')
  assert.deepEqual([signals.length, rejects[0]?.why], [0, 'a candle that has not closed yet'])
})
