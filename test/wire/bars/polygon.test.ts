import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { read, sayings } from './reading.ts'

const aggs = (more: string, ...times: readonly number[]): string =>
  `{"ticker":"AAPL",${more}"resultsCount":${times.length},"results":[${times.map((t) => `{"v":135647456,"vw":74.6099,"o":74.060,"c":75.0875,"h":75.15,"l":73.7975,"t":${t},"n":1}`).join(',')}],"status":"OK"}`

describe('Polygon', () => {
  test('aggregates: the session of their day, adjusted where the answer says so', async () => {
    const { records } = await read(aggs('"adjusted":true,', 1577941200000, 1578027600000))
    assert.deepEqual(sayings(records)[0], {
      kind: 'bar', at: '2020-01-02T14:30:00.000Z', known_at: '2020-01-02T21:00:00.000Z', source: 'polygon/bars', subject: 'ticker:AAPL', span: '1d',
      open: '74.060', high: '75.15', low: '73.7975', close: '75.0875', volume: '135647456', vwap: '74.6099', trades: 1, basis: 'split_adjusted',
    })
    assert.equal(sayings((await read(aggs('"adjusted":false,', 1577941200000), { span: '1d' })).records)[0]?.['basis'], 'as_traded')
    const url = 'https://api.polygon.io/v2/aggs/ticker/AAPL/range/5/minute/2020-01-02/2020-01-02'
    assert.equal((await read(aggs('"adjusted":true,', 1577975400000), {}, { url })).records[0]?.known_at, '2020-01-02T14:35:00.000Z')
    assert.deepEqual((await read('{"ticker":"AAPL","adjusted":true,"resultsCount":0,"status":"OK"}')).rejects, ['answer: no bars in the time asked for'])
  })
  test('grouped days and the day before, which say when they ended', async () => {
    const { records } = await read('{"adjusted":true,"resultsCount":2,"results":[{"T":"KIM","c":1,"h":2,"l":1,"o":1,"t":1602705600000,"v":4},{"T":"X:BTCUSD","c":1,"h":2,"l":1,"o":1,"t":1602633600000,"v":4.5}]}')
    assert.deepEqual(records.map((record) => ['subject' in record && record.subject, record.at, record.known_at]), [
      ['pair:BTC/USD', '2020-10-14T00:00:00.000Z', '2020-10-15T00:00:00.000Z'], ['ticker:KIM', '2020-10-14T13:30:00.000Z', '2020-10-14T20:00:00.000Z'],
    ].sort((a, b) => String(a[2]).localeCompare(String(b[2]))))
  })
  test('one day of one stock', async () => {
    const { records } = await read('{"status":"OK","from":"2023-01-09","symbol":"AAPL","open":130.465,"high":133.41,"low":129.89,"close":130.15,"volume":70790813,"afterHours":129.85,"preMarket":129.6}')
    assert.deepEqual([records[0]?.at, records[0]?.known_at], ['2023-01-09T14:30:00.000Z', '2023-01-09T21:00:00.000Z'])
  })
  test('splits, with their ratio', async () => {
    const { records } = await read('{"results":[{"execution_date":"2022-07-18","split_from":1,"split_to":20,"ticker":"GOOGL"},{"execution_date":"2022-05-20","split_from":2,"split_to":1,"ticker":"BRW"},{"execution_date":"2022-05-02","split_from":3,"split_to":4,"ticker":"CIG.C"}],"status":"OK"}')
    assert.deepEqual(sayings(records).map(({ subject, at, facts }) => [subject, at, (facts as { ratio: string }).ratio]), [
      ['ticker:GOOGL', '2022-07-18T13:30:00.000Z', '20:1'], ['ticker:BRW', '2022-05-20T13:30:00.000Z', '1:2'], ['ticker:CIG.C', '2022-05-02T13:30:00.000Z', '4:3'],
    ])
  })
  test('dividends', async () => {
    const { records } = await read('{"results":[{"cash_amount":0.220,"currency":"USD","declaration_date":"2021-10-28","dividend_type":"CD","ex_dividend_date":"2021-11-05","frequency":4,"id":"E8","pay_date":"2021-11-11","record_date":"2021-11-08","ticker":"AAPL"}]}')
    assert.deepEqual(sayings(records), [{
      kind: 'signal', at: '2021-11-05T13:30:00.000Z', known_at: '2021-10-29T04:00:00.000Z', source: 'polygon/corporate_actions', type: 'dividend', key: 'polygon:dividend:E8',
      subject: 'ticker:AAPL', facts: {
        form: 'cash', cash: '0.220', currency: 'USD', dividend_type: 'CD', frequency: 4, record_date: '2021-11-08', payable_date: '2021-11-11', day: '2021-11-05', declared: '2021-10-28',
      },
    }])
  })
  test('changes of ticker, in any order, and delistings', async () => {
    const events = ['{"ticker_change":{"ticker":"META"},"type":"ticker_change","date":"2022-06-09"}', '{"ticker_change":{"ticker":"FB"},"type":"ticker_change","date":"2012-05-18"}']
    const one = await read(`{"results":{"name":"Meta","cik":"0001326801","events":[${events.join(',')}]}}`)
    const other = await read(`{"results":{"name":"Meta","cik":"0001326801","events":[${events.reverse().join(',')}]}}`)
    assert.deepEqual(one.records, other.records)
    assert.deepEqual(sayings(one.records).map(({ subject, key, facts }) => [subject, key, (facts as { new_symbol: string }).new_symbol]), [['ticker:FB', 'polygon:symbol_change:FB:2022-06-09', 'META']])
    const gone = await read('{"results":[{"ticker":"TWTR","name":"Twitter","market":"stocks","locale":"us","active":false,"delisted_utc":"2022-11-08T05:00:00Z"},{"ticker":"A","market":"stocks","locale":"us","active":true}]}')
    assert.deepEqual(sayings(gone.records).map(({ type, subject, at }) => [type, subject, at]), [['delisting', 'ticker:TWTR', '2022-11-08T14:30:00.000Z']])
    assert.equal(gone.rejects.length, 1)
  })
  test('trades and quotes say of what only in their address', async () => {
    const trades = '{"results":[{"conditions":[12,37],"exchange":11,"id":"183276","participant_timestamp":1651181822461636600,"price":156.43,"sequence_number":1,"sip_timestamp":1651181822461979400,"size":10,"tape":3}]}'
    assert.equal((await read(trades)).rejects.length, 1)
    const { records } = await read(trades, {}, { url: 'https://api.polygon.io/v3/trades/AAPL?limit=2' })
    assert.deepEqual(sayings(records)[0]?.['facts'], { time: '1651181822461979400', price: '156.43', size: '10', exchange: '11', trade_id: '183276', conditions: ['12', '37'], tape: '3' })
    const quotes = await read('{"results":[{"ask_exchange":15,"ask_price":155.87,"ask_size":3,"bid_exchange":19,"bid_price":155.85,"bid_size":4,"sip_timestamp":1652191872800638700,"tape":3}]}', { tickers: new Set(['AAPL']) })
    assert.equal(quotes.records[0]?.at, '2022-05-10T14:11:12.800Z')
  })
  test('streams: bars of a second and a minute', async () => {
    const { records, rejects } = await read('[{"ev":"AM","sym":"GTE","v":4110,"o":0.4372,"vw":0.4488,"c":0.4488,"h":0.4488,"l":0.4372,"s":1610550600000,"e":1610550660000},{"ev":"status","status":"connected","message":"Connected Successfully"},{"ev":"LULD","sym":"X"},{"ev":"XA","pair":"BTC-USD","v":1.5,"o":1,"c":1,"h":1,"l":1,"s":1610550601000,"e":1610550602000}]')
    assert.deepEqual(records.map((record) => (record.kind === 'bar' ? [record.subject, record.span, record.at, record.known_at] : [])), [
      ['ticker:GTE', '1m', '2021-01-13T15:10:00.000Z', '2021-01-13T15:11:00.000Z'], ['pair:BTC/USD', '1s', '2021-01-13T15:10:01.000Z', '2021-01-13T15:10:02.000Z'],
    ])
    assert.equal(rejects.length, 2)
  })
})

describe('candles', () => {
  test('of ccxt, by pair and exchange', async () => {
    const lists = '[[1502942400000,16199.910,16199.91,4261.32,4308.83,44.51],[1502946000000,4308.83,4328.69,4291.37,4315.32,1e-7]]'
    const { records } = await read(lists, { pair: 'BTC/USDT', exchange: 'binance' })
    assert.deepEqual(sayings(records)[0], {
      kind: 'bar', at: '2017-08-17T04:00:00.000Z', known_at: '2017-08-17T05:00:00.000Z', source: 'binance/candles', subject: 'pair:BTC/USDT', span: '1h',
      open: '16199.910', high: '16199.91', low: '4261.32', close: '4308.83', volume: '44.51', basis: 'as_traded',
    })
    assert.equal(sayings(records)[1]?.['volume'], '0.0000001')
    assert.deepEqual((await read(lists)).rejects, [1, 2].map((n) => `candle ${n}: a candle that does not say of what: --pair says it`))
  })
  test('of ccxt with the question they answer', async () => {
    const { records } = await read('{"ccxt":{"exchange":"kraken","method":"fetchOHLCV","symbol":"BTC/USDT:USDT","market":"x","span":"1h"},"result":[[1502942400000,"1.10","2","1","1.5","7.00"]],"answers":[]}')
    assert.deepEqual(sayings(records).map(({ subject, source, span, open, volume }) => [subject, source, span, open, volume]), [['pair:BTC/USDT', 'kraken/candles', '1h', '1.10', '7.00']])
  })
  test('with members by name, one a line too', async () => {
    const rows = ['{"start":"1712192400","low":"66055.14","high":"66331.99","open":"66312.4","close":"66181.60","volume":"355.8"}', '{"start":"1712188800","low":"65857.35","high":"66387.77","open":"65984.18","close":"66314.59","volume":"358.7"}']
    const whole = await read(`{"candles":[${rows.join(',')}]}`, { pair: 'BTC/USD' }), lines = await read(rows.join('\n'), { pair: 'BTC/USD', span: '1h' })
    assert.deepEqual(whole.records.map(({ id }) => id).sort(), lines.records.map(({ id }) => id).sort())
    assert.equal(whole.records.length, 2)
  })
})
