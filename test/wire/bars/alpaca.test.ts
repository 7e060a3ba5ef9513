import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { read, sayings } from './reading.ts'

const BAR = '{"t":"2021-02-01T16:01:00Z","o":133.32,"h":133.740,"l":133.31,"c":133.5,"v":9876,"n":12,"vw":133.4}'
const NEXT = '{"t":"2021-02-01T16:02:00Z","o":133.5,"h":133.58,"l":133.44,"c":133.58,"v":3567}'

describe('Alpaca answers', () => {
  test('bars: digits as written, known at their end, the span by their distance', async () => {
    const { records, rejects } = await read(`{"bars":[${BAR},${NEXT}],"symbol":"AAPL","next_page_token":"MjAyMQ=="}`)
    assert.deepEqual(rejects, [])
    assert.deepEqual(sayings(records)[0], {
      kind: 'bar', at: '2021-02-01T16:01:00.000Z', known_at: '2021-02-01T16:02:00.000Z', source: 'alpaca/bars', subject: 'ticker:AAPL', span: '1m',
      open: '133.32', high: '133.740', low: '133.31', close: '133.5', volume: '9876', vwap: '133.4', trades: 12, basis: 'as_traded',
    })
    assert.deepEqual(records.map(({ at }) => at.slice(11, 16)), ['16:01', '16:02'])
  })
  test('bars of several symbols, with their opening prices, by what was known when', async () => {
    const { records } = await read(`{"bars":{"MSFT":[${BAR}],"AAPL":[${BAR},${NEXT}]},"next_page_token":null}`, { span: '1m', opens: true })
    assert.deepEqual(records.map((record) => `${record.known_at.slice(11, 16)} ${record.kind} ${'subject' in record ? record.subject : ''}`), [
      '16:01 price ticker:MSFT', '16:01 price ticker:AAPL', '16:02 bar ticker:MSFT', '16:02 bar ticker:AAPL', '16:02 price ticker:AAPL', '16:03 bar ticker:AAPL',
    ])
    const prices = records.filter((record) => record.kind === 'price')
    assert.deepEqual(prices.map(({ price, prior_volume: before }) => [price, before]), [['133.32', undefined], ['133.32', undefined], ['133.5', '9876']])
  })
  test('the address says what the answer does not: span, feed and adjustment', async () => {
    const url = 'https://data.alpaca.markets/v2/stocks/bars?symbols=AAPL&timeframe=1Day&feed=iex&adjustment=split'
    const { records } = await read('{"bars":{"AAPL":[{"t":"2020-11-27T05:00:00Z","o":1.10,"h":2,"l":1,"c":2,"v":5}]}}', {}, { url })
    const [bar] = sayings(records)
    // The day after Thanksgiving closes at 13:00.
    assert.deepEqual([bar?.['at'], bar?.['known_at'], bar?.['span'], bar?.['source'], bar?.['basis'], bar?.['open']],
      ['2020-11-27T14:30:00.000Z', '2020-11-27T18:00:00.000Z', '1d', 'alpaca/bars/iex', 'split_adjusted', '1.10'])
  })
  test('one bar alone does not say how long it is', async () => {
    const one = `{"bars":[${BAR}],"symbol":"AAPL"}`
    assert.deepEqual((await read(one)).rejects, ['bar 1 of AAPL: a bar that does not say how long it is: --span says it'])
    assert.equal((await read(one, { span: '5m' })).records[0]?.known_at, '2021-02-01T16:06:00.000Z')
  })
  test('the latest bar is a minute, of one symbol or of several', async () => {
    const one = await read(`{"symbol":"AAPL","bar":${BAR}}`), many = await read(`{"bars":{"AAPL":${BAR},"GME":null}}`)
    assert.deepEqual(one.records, many.records)
    assert.deepEqual(many.rejects, ['bar 1 of GME: expected a bar'])
  })
  test('a bar whose end is still to come is not given', async () => {
    const heardMs = Date.UTC(2021, 1, 1, 16, 2, 30)
    const { records, rejects } = await read(`{"bars":[${BAR},${NEXT}],"symbol":"AAPL"}`, {}, { heardMs })
    assert.deepEqual([records.length, rejects], [1, ['bar 2 of AAPL: a bar that is still forming']])
    // Trades after the close still count into the volume of the day.
    const day = '{"bars":[{"t":"2021-02-01T05:00:00Z","o":1,"h":2,"l":1,"c":2,"v":5}],"symbol":"AAPL"}'
    assert.equal((await read(day, { span: '1d' }, { heardMs: Date.UTC(2021, 1, 1, 22) })).records.length, 0)
    assert.equal((await read(day, { span: '1d' }, { heardMs: Date.UTC(2021, 1, 2, 1, 1) })).records[0]?.known_at, '2021-02-01T21:00:00.000Z')
  })
  test('bars outside the session are said, and read where they are wanted', async () => {
    const early = `{"bars":[${BAR.replace('16:01', '12:01')}],"symbol":"AAPL"}`
    assert.deepEqual((await read(early, { span: '1m' })).rejects, ['bar 1 of AAPL: outside the regular session, which --extended reads'])
    assert.equal((await read(early, { span: '1m', extended: true })).records.length, 1)
    // Hours begin on the hour: that of the open has half an hour of the session.
    assert.equal((await read(`{"bars":[${BAR.replace('16:01', '14:00')}],"symbol":"AAPL"}`, { span: '1h' })).records[0]?.known_at, '2021-02-01T15:00:00.000Z')
  })
  test('weeks and months run over their sessions', async () => {
    const bars = (t: string): string => `{"bars":[${BAR.replace('2021-02-01T16:01:00Z', t)}],"symbol":"AAPL"}`
    const [week] = (await read(bars('2021-01-18T05:00:00Z'), { span: '1w' })).records
    // Monday was a holiday.
    assert.deepEqual([week?.at, week?.known_at], ['2021-01-19T14:30:00.000Z', '2021-01-22T21:00:00.000Z'])
    const [month] = (await read(bars('2021-05-01T04:00:00Z'), { span: '1mo' })).records
    assert.deepEqual([month?.at, month?.known_at], ['2021-05-03T13:30:00.000Z', '2021-05-28T20:00:00.000Z'])
  })
  test('bars of pairs never sleep', async () => {
    const { records } = await read('{"bars":{"BTC/USD":[{"t":"2022-05-28T05:00:00Z","o":28999,"h":29e3,"l":28000.5,"c":28888,"v":0.00000012}]}}', { span: '1d' })
    const [bar] = sayings(records)
    assert.deepEqual([bar?.['subject'], bar?.['at'], bar?.['known_at'], bar?.['high'], bar?.['volume']],
      ['pair:BTC/USD', '2022-05-28T05:00:00.000Z', '2022-05-29T05:00:00.000Z', '29000', '0.00000012'])
  })
  test('trades and quotes keep nanoseconds, ids of any length and codes', async () => {
    const { records } = await read('{"trades":[{"t":"2021-02-06T13:04:56.334320128Z","x":"C","p":387.620,"s":100,"c":[" ","T"],"i":52983525029461123456,"z":"B"}],"symbol":"SPY"}')
    assert.deepEqual(sayings(records), [{
      kind: 'signal', at: '2021-02-06T13:04:56.334Z', known_at: '2021-02-06T13:04:56.334Z', source: 'alpaca/trades', type: 'trade',
      key: 'alpaca:trade:SPY:2021-02-06T13:04:56.334320128Z:C:52983525029461123456', subject: 'ticker:SPY',
      facts: {
        time: '2021-02-06T13:04:56.334320128Z', price: '387.620', size: '100', exchange: 'C', trade_id: '52983525029461123456', conditions: [' ', 'T'], tape: 'B',
      },
    }])
    const quote = await read('{"symbol":"AAPL","quote":{"t":"2022-04-12T17:16:36.39Z","ax":"V","ap":170.34,"as":1,"bx":"V","bp":0,"bs":0,"c":["R"],"z":"C"}}')
    assert.deepEqual(sayings(quote.records)[0]?.['facts'], { time: '2022-04-12T17:16:36.39Z', ask: '170.34', ask_size: '1', ask_exchange: 'V', conditions: ['R'], tape: 'C' })
    const none = await read('{"symbol":"AAPL","quote":{"t":"2022-04-13T20:00:00.06Z","ax":"V","ap":0,"as":0,"bx":"V","bp":0,"bs":0}}')
    assert.deepEqual(none.rejects, ['quote 1 of AAPL: a quote with neither bid nor ask'])
  })
  test('of a snapshot, bars that ended before its last quote', async () => {
    const bar = (t: string): string => BAR.replace('2021-02-01T16:01:00Z', t)
    const snapshot = (quoted: string): string => JSON.stringify({ AAPL: 'X' }).replace('"X"', `{"latestTrade":{"t":"2021-05-03T14:45:50.456Z","x":"D","p":133.55,"s":200,"i":6},
      "latestQuote":{"t":"${quoted}","ap":133.55,"as":7,"bp":133.54,"bs":9},"minuteBar":${bar('2021-05-03T14:45:00Z')},
      "dailyBar":${bar('2021-05-03T04:00:00Z')},"prevDailyBar":${bar('2021-04-30T04:00:00Z')}}`)
    const { records, rejects } = await read(snapshot('2021-05-03T14:46:01Z'))
    assert.deepEqual(records.map((record) => (record.kind === 'bar' ? `${record.span} ${record.at}` : record.kind)),
      ['signal', 'signal', '1d 2021-04-30T13:30:00.000Z', '1m 2021-05-03T14:45:00.000Z'])
    assert.deepEqual(rejects, ['dailyBar of AAPL: a bar that is still forming'])
    assert.equal((await read(snapshot('2021-05-03T14:45:59Z'))).rejects.length, 2)
    // A day's bar is whole once the hours after the close are over.
    assert.deepEqual((await read(snapshot('2021-05-04T00:00:01Z'))).rejects, [])
  })
  test('times without a zone, of the future and of no calendar give nothing', async () => {
    for (const [t, why] of [['2021-04-20T13:01:57.123', 'with its zone'], ['2031-04-20T13:01:57Z', 'still to come'], ['2021-02-30T13:01:57Z', 'with its zone'], ['0001-01-01T00:00:00Z', 'with its zone']]) {
      const { records, rejects } = await read(`{"symbol":"AAPL","quote":{"t":"${t ?? ''}","ap":1,"bp":1}}`)
      assert.equal(records.length, 0)
      assert.match(rejects[0] ?? '', new RegExp(why ?? ''))
    }
  })
})

describe('Alpaca streams', () => {
  test('a minute, its correction (known when it was heard), and word of the stream', async () => {
    const heardMs = Date.UTC(2021, 1, 22, 19, 16, 31)
    const { records, rejects } = await read(`[{"T":"b","S":"SPY","o":388.985,"h":389.13,"l":388.975,"c":389.12,"v":49378,"t":"2021-02-22T19:15:00Z","n":1,"vw":389.0},
      {"T":"u","S":"SPY","o":388.985,"h":389.13,"l":388.970,"c":389.12,"v":49400,"t":"2021-02-22T19:15:00Z"},
      {"T":"d","S":"SPY","o":388.985,"h":389.13,"l":388.975,"c":389.12,"v":9,"t":"2021-02-22T05:00:00Z"},
      {"T":"subscription","bars":["SPY"]},{"T":"success","msg":"connected"},{"T":"l","S":"SPY","u":1,"d":1,"t":"2021-02-22T19:15:00Z"}]`, {}, { heardMs })
    assert.deepEqual(records.map((record) => [record.kind, record.at, record.known_at]), [
      ['bar', '2021-02-22T19:15:00.000Z', '2021-02-22T19:16:00.000Z'], ['bar', '2021-02-22T19:15:00.000Z', '2021-02-22T19:16:31.000Z'],
    ])
    assert.notEqual(records[0]?.id, records[1]?.id)
    assert.equal(rejects.length, 4)
  })
  test('halts', async () => {
    const { records } = await read('[{"T":"s","S":"GME","sc":"H","sm":"Trading Halt","rc":"LUDP","rm":"Volatility Trading Pause","t":"2021-01-28T15:28:11.5Z","z":"A"}]')
    const [halt] = sayings(records)
    assert.deepEqual([halt?.['type'], halt?.['at'], halt?.['facts']], ['trading_status', '2021-01-28T15:28:11.500Z',
      { time: '2021-01-28T15:28:11.5Z', status: 'H', status_message: 'Trading Halt', reason: 'LUDP', reason_message: 'Volatility Trading Pause', tape: 'A' }])
  })
  test('errors by their code', async () => {
    assert.equal((await read('[{"T":"error","code":406,"msg":"connection limit exceeded"}]')).failure, 'x: the stream answered with error 406: connection limit exceeded')
  })
})

describe('Alpaca corporate actions', () => {
  test('by kind, ratios exact, known from when they took effect or were heard', async () => {
    const { records, rejects } = await read(`{"corporate_actions":{
      "reverse_splits":[{"id":"r1","symbol":"AMC","old_rate":10,"new_rate":1,"process_date":"2023-08-24","ex_date":"2023-08-24","old_cusip":"a","new_cusip":"b"}],
      "forward_splits":[{"id":"f1","symbol":"XYZ","old_rate":2.5,"new_rate":3,"process_date":"2027-01-04","ex_date":"2027-01-04","record_date":"2027-01-02"}],
      "cash_dividends":[{"id":"d1","symbol":"AAPL","rate":0.240,"special":false,"foreign":false,"process_date":"2023-08-17","ex_date":"2023-08-11","record_date":"2023-08-14","payable_date":"2023-08-17"}],
      "spin_offs":[{"id":"s1","source_symbol":"MMM","source_rate":4,"new_symbol":"SOLV","new_rate":1,"process_date":"2024-04-01","ex_date":"2024-04-01"}],
      "stock_and_cash_mergers":[{"id":"m1","acquirer_symbol":"AAA","acquirer_rate":0.75,"acquiree_symbol":"BBB","acquiree_rate":1.0,"cash_rate":4.25,"process_date":"2024-08-14","effective_date":"2024-08-15"}],
      "name_changes":[{"id":"n1","old_symbol":"FB","new_symbol":"META","process_date":"2022-06-09"}],
      "worthless_removals":[{"id":"w1","symbol":"BBBY","process_date":"2023-09-29"}],
      "mystery":[{"id":"z"}],"stock_dividends":[{"id":"e1","rate":1,"ex_date":"2024-01-02"}]},"next_page_token":null}`)
    assert.deepEqual(records.map((record) => (record.kind === 'signal' ? `${record.type} ${record.subject} ${record.key} ${String(record.facts?.['ratio'] ?? record.facts?.['cash'])}` : '')), [
      'split ticker:AMC alpaca:split:r1 1:10', 'split ticker:XYZ alpaca:split:f1 6:5', 'dividend ticker:AAPL alpaca:dividend:d1 0.240',
      'spin_off ticker:MMM alpaca:spin_off:s1 1:4', 'merger ticker:BBB alpaca:merger:m1 3:4', 'symbol_change ticker:FB alpaca:symbol_change:n1 undefined',
      'delisting ticker:BBBY alpaca:delisting:w1 undefined',
    ])
    assert.deepEqual([records[0]?.at, records[0]?.known_at], ['2023-08-24T13:30:00.000Z', '2023-08-24T13:30:00.000Z'])
    assert.deepEqual([records[1]?.at, records[1]?.known_at], ['2027-01-04T14:30:00.000Z', '2026-11-01T00:00:00.000Z'], 'not before it was heard')
    assert.deepEqual(sayings(records)[2]?.['facts'], {
      form: 'cash', process_date: '2023-08-17', ex_date: '2023-08-11', record_date: '2023-08-14', payable_date: '2023-08-17', rate: '0.240', special: false,
      foreign: false, cash: '0.240', day: '2023-08-11',
    })
    assert.deepEqual(rejects, ['mystery 1: a corporate action of a kind that is not read', 'stock_dividends 1: a dividend that does not say of what'])
  })
  test('announcements are known from the end of the day they were declared', async () => {
    const { records, rejects } = await read(JSON.stringify([
      { id: 'be3c', corporate_action_id: 'F58684224_XY37', ca_type: 'dividend', ca_sub_type: 'cash', initiating_symbol: 'MLLAX', target_symbol: 'MLLAX', declaration_date: '2021-01-05',
        ex_date: '2021-01-12', record_date: '2021-01-13', payable_date: '2021-01-14', cash: '0.018', old_rate: '1', new_rate: '1' },
      { id: 'x', corporate_action_id: 'S', ca_type: 'split', ca_sub_type: 'stock_split', initiating_symbol: 'TSLA', declaration_date: '2022-08-05', ex_date: '2022-08-25', cash: '0', old_rate: '1', new_rate: '3' },
      { ca_type: 'tender', initiating_symbol: 'X' },
    ]))
    assert.deepEqual(records.map(({ at, known_at: known }) => [at, known]), [
      ['2021-01-12T14:30:00.000Z', '2021-01-06T05:00:00.000Z'], ['2022-08-25T13:30:00.000Z', '2022-08-06T04:00:00.000Z'],
    ])
    assert.deepEqual(sayings(records)[1]?.['facts'], {
      form: 'stock_split', announcement: 'x', new_rate: '3', old_rate: '1', ratio: '3:1', ex_date: '2022-08-25', day: '2022-08-25', declared: '2022-08-05',
    })
    assert.equal(rejects.length, 1)
  })
  test('nothing in the time asked for is said', async () => {
    assert.deepEqual((await read('{"corporate_actions":{},"next_page_token":null}')).rejects, ['answer: no corporate actions in the time asked for'])
    assert.deepEqual((await read('{"bars":{},"next_page_token":null}')).rejects, ['answer: no bars in the time asked for'])
    assert.deepEqual((await read('{"bars":null,"symbol":"AAPL","next_page_token":null}')).rejects, ['AAPL: no bars in the time asked for'])
  })
})
