import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import type { Signal } from '#record'
import { OptionsParser, type OptionsReading } from '#wire/options/payload'
import { sharedFolder } from '../collect/payload_world.ts'
import type { Payload } from '#port/payload'
import { bearsAnything, HEARD_MS, hearing, readAll, typesOf, type Heard } from './hostile.ts'

const RULES = { unusualVolume: 500, unusualRatio: 2, rate: 0 }
const opened = (asked: Partial<OptionsReading> = {}) => (
  reading: ConstructorParameters<typeof OptionsParser>[1]
) => new OptionsParser({ symbols: undefined, rules: RULES, ...asked }, reading)
const hear = (content: string | Buffer | object, asked: Partial<OptionsReading> = {}, about: Partial<Payload> = {}): Heard => hearing(opened(asked), content, about)
const types = typesOf
const only = ({ signals }: Heard, type: string): Signal => {
  const [first, ...rest] = signals.filter((signal) => signal.type === type)
  assert.ok(first !== undefined && rest.length === 0, `${type}: ${rest.length + 1}`)
  return first
}

test('Cboe: UTC above, New York below, null and nought for none', () => {
  const page = {
    timestamp: '2026-01-09 18:58:23', symbol: '_SPX', data: {
      symbol: '^SPX', current_price: 6900.5, last_trade_time: '2026-01-09T13:43:22', iv30: 14.25, prev_day_close: 0,
      options: [
        { option: 'SPXW260116C06900000', bid: 40.1, ask: 40.7, iv: 0.121, delta: 0.51, volume: 1200.0, open_interest: 300.0, last_trade_time: '2026-01-09T13:40:00', last_trade_price: 40.3 },
        { option: 'SPXW260116P06900000', bid: 39, ask: 39.5, iv: 0, delta: -0.49, volume: 0, open_interest: 0, open: 0, high: 0, low: 0, last_trade_time: null, last_trade_price: 0 },
        { option: 'nonsense' },
      ],
    },
  }
  const heard = hear(page)
  assert.deepEqual(types(heard), { underlying: 1, option_quote: 2, unusual_volume: 1, put_call: 1 })
  const [call, put] = heard.signals.filter(({ type }) => type === 'option_quote')
  assert.equal(call?.subject, 'ticker:SPX')
  assert.equal(call?.at, '2026-01-09T18:43:22.000Z', '13:43:22 in New York, in winter')
  assert.equal(call?.known_at, '2026-01-09T18:58:23.000Z')
  assert.deepEqual(call?.facts, {
    contract: 'SPXW260116C06900000', expiry: '2026-01-16', right: 'call', strike: '6900', multiplier: 100, bid: '40.1', ask: '40.7', volume: 1200,
    open_interest: 300, iv: 0.121, delta: 0.51, underlying_price: '6900.5', last: '40.3', last_at: '2026-01-09T18:40:00.000Z',
  })
  assert.deepEqual(put?.facts, {
    contract: 'SPXW260116P06900000', expiry: '2026-01-16', right: 'put', strike: '6900', multiplier: 100, bid: '39', ask: '39.5', volume: 0,
    open_interest: 0,
    delta: -0.49, underlying_price: '6900.5',
  })
  const unusual = only(heard, 'unusual_volume')
  assert.deepEqual(unusual.parents, [call?.id])
  assert.equal(unusual.facts?.['ratio'], 4)
  assert.deepEqual([unusual.facts?.['volume_of'], unusual.facts?.['open_interest_of']], ['2026-01-09', '2026-01-08'])
  assert.deepEqual(only(heard, 'put_call').facts, {
    call_volume: 1200, put_volume: 0, volume_ratio: 0, call_open_interest: 300, put_open_interest: 0, open_interest_ratio: 0, contracts: 2,
  })
  assert.deepEqual(heard.rejects.map(({ why }) => why), ['its name is no OCC symbol'])
})

test('Cboe: a page dated after it was heard is known when it was heard', () => {
  const heard = hear({ timestamp: '2099-01-09 18:58:23', data: { symbol: 'X', options: [{ option: 'X990116C00010000', bid: 1 }] } })
  assert.equal(only(heard, 'option_quote').known_at, new Date(HEARD_MS).toISOString())
})

const tradierRow = (right: 'C' | 'P', strike: number, iv: number, delta: number): object => ({
  symbol: `AAPL220225${right}00${strike}000`, underlying: 'AAPL', strike, bid: 2.5, ask: 2.6, last: 2.55, volume: 10, open_interest: 20,
  contract_size: 100,
  expiration_date: '2022-02-25', option_type: right === 'C' ? 'call' : 'put', root_symbol: 'AAPL', bid_date: 1644524235000, ask_date: 1644524234000,
  trade_date: 1644524000000,
  greeks: { delta, mid_iv: iv, bid_iv: iv - 0.01, ask_iv: iv + 0.01, updated_at: '2022-02-10 20:00:03' },
})

test('Tradier: a chain with greeks, its skew; a list of one; none', () => {
  const chain = { options: { option: [tradierRow('C', 175, 0.3, 0.5), tradierRow('C', 180, 0.28, 0.3), tradierRow('C', 185, 0.27, 0.2), tradierRow(
    'P', 175, 0.31, -0.5,
  ), tradierRow('P', 170, 0.33, -0.3), tradierRow('P', 165, 0.35, -0.2)] } }
  const heard = hear(chain)
  assert.deepEqual(types(heard), { option_quote: 6, put_call: 1, skew: 1 })
  const quote = heard.signals[0]
  assert.deepEqual([quote?.at, quote?.subject, quote?.key], ['2022-02-10T20:17:15.000Z', 'ticker:AAPL', 'tradier:AAPL220225C00175000'])
  assert.deepEqual([quote?.facts?.['iv'], quote?.facts?.['bid_iv'], quote?.facts?.['greeks_at']], [0.3, 0.29, '2022-02-10T20:00:03.000Z'])
  const skew = only(heard, 'skew')
  assert.deepEqual(
    [skew.facts?.['call_iv'], skew.facts?.['put_iv'], skew.facts?.['risk_reversal'], skew.facts?.['basis']], [0.275, 0.34, -0.065, 'delta'],
  )
  assert.equal(skew.parents.length, 4)
  assert.deepEqual(types(hear({ options: { option: tradierRow('C', 175, 0.3, 0.5) } })), { option_quote: 1 })
  assert.deepEqual(hear({ options: null }).rejects, [{ place: 'options', why: 'no such options' }])
  assert.match(hear({ fault: { faultstring: 'Invalid Access Token' } }).failure?.message ?? '', /Invalid Access Token/)
})

test('Tradier: events of the stream', () => {
  const events = [
    { type: 'timesale', symbol: 'TSLA250516C00355000', exch: 'Q', bid: '0.07', ask: '0.08', last: '0.08', size: '600', date: '1747419592926', seq: 1, cancel: false, correction: false },
    { type: 'timesale', symbol: 'TSLA250516C00355000', exch: 'Q', bid: '0.07', ask: '0.08', last: '0.08', size: '600', date: '1747419592927', seq: 2, cancel: true },
    { type: 'trade', symbol: 'TSLA250516C00355000', exch: 'C', price: '0.07', size: '1', cvol: '17', date: '1747419592930' },
    { type: 'trade', symbol: 'TSLA', price: '340', size: '100', date: '1747419592930' },
    { type: 'quote', symbol: 'TSLA250516C00355000', bid: 0.07, bidsz: 5, bidexch: 'Q', biddate: '1747419592000', ask: 0.08, asksz: 9, askexch: 'C', askdate: '1747419593000' },
    { type: 'summary', symbol: 'TSLA250516C00355000', open: '0.1' },
  ]
  const heard = hear(events.map((event) => JSON.stringify(event)).join('\n'))
  assert.deepEqual(types(heard), { option_print: 3, block: 1, option_quote: 1 })
  assert.deepEqual(
    heard.signals.map(({ facts }) => facts?.['side']), ['buy', 'buy', 'buy', undefined, undefined], 'a trade without its quote has no side',
  )
  assert.equal(heard.signals.filter(({ facts }) => facts?.['cancelled'] === true).length, 1)
  assert.equal(only(heard, 'block').facts?.['premium'], '4800')
  assert.equal(heard.rejects.length, 2)
})

test('Polygon: snapshots, trades of the contract that was asked for, errors', () => {
  const trade = (at: string, exchange: number, more: object = {}): object => (
    { conditions: [219], exchange, price: 1.1, sip_timestamp: at, size: 5, sequence_number: 7, ...more }
  )
  const results = [trade('1651181822461979400', 303), trade('1651181822471979400', 312), trade('1651181822481979400', 316), trade(
    '1651181822481979400', 316, { conditions: [201] },
  )]
  const text = JSON.stringify({ status: 'OK', results }).replaceAll(/"(\d{19})"/g, '$1')
  const url = 'https://api.polygon.io/v3/trades/O:AAPL230616C00150000?limit=50000'
  const heard = hear(text, {}, { url })
  assert.deepEqual(types(heard), { option_print: 4, sweep: 1 })
  const sweep = only(heard, 'sweep')
  assert.deepEqual(sweep.facts, {
    contract: 'AAPL230616C00150000', expiry: '2023-06-16', right: 'call', strike: '150', multiplier: 100, contracts: 15, prints: 3,
    exchanges: ['303', '312', '316'],
    price_low: '1.1', price_high: '1.1', premium: '1650', intermarket_prints: 3, from: '2022-04-28T21:37:02.461Z', span_ms: 20,
    rule: { gap_ms: 100, window_ms: 1000 },
  })
  assert.deepEqual(sweep.parents, heard.signals.slice(0, 3).map(({ id }) => id))
  assert.equal(heard.signals[0]?.facts?.['sip_timestamp'], '1651181822461979400', 'to the nanosecond')
  assert.deepEqual(types(hear(text, { symbols: ['O:AAPL230616C00150000'] })), { option_print: 4, sweep: 1 })
  assert.equal(hear(text).rejects[0]?.why, 'a trade that does not say in which contract: --symbol can')
  assert.match(hear({ status: 'ERROR', error: 'Unknown API Key' }).failure?.message ?? '', /Unknown API Key/)
  assert.deepEqual(hear({ status: 'OK', results: [] }).rejects, [{ place: 'results', why: 'an answer without results' }])
  // A run that may still grow is not said yet.
  assert.deepEqual(types(hear(text, {}, { url, heardMs: 1651181823000 })), { option_print: 4 })
})

test('Polygon: a chain over two pages gives one skew, whatever their order', () => {
  const row = (right: 'C' | 'P', strike: number, iv: number, delta: number): object => ({
    details: { contract_type: right, ticker: `O:AAPL230616${right}00${strike}000`, shares_per_contract: 100 }, greeks: { delta },
    implied_volatility: iv, open_interest: 10,
    day: { volume: 5 }, underlying_asset: { ticker: 'AAPL', price: 160 },
  })
  const pages = [[row('C', 160, 0.3, 0.5), row('C', 170, 0.28, 0.25)], [row('P', 160, 0.31, -0.5), row('P', 150, 0.33, -0.25)]]
    .map((results) => ({ bytes: Buffer.from(
      JSON.stringify({ status: 'OK', request_id: 'x', results, next_url: 'https://elsewhere.example/?cursor=x' }),
    ), heardMs: Date.UTC(2023, 4, 1) }))
  const ids = (order: readonly number[]): string[] => readAll(
    opened(), order.map((i) => pages[i] ?? { bytes: Buffer.alloc(0) }),
  ).records.map(({ id }) => id).sort()
  const whole = readAll(opened(), pages).records.filter((record) => record.kind === 'signal')
  assert.equal(whole.find(({ type }) => type === 'skew')?.facts?.['risk_reversal'], -0.05)
  assert.deepEqual(ids([1, 0]), ids([0, 1]))
  assert.deepEqual([...new Set(ids([0, 1, 0, 1]))], ids([0, 1]), 'a page that comes twice says nothing new')
})

test('Unusual Whales: a trade, as JSON and as a Python program logs it', () => {
  const row = { id: 'a1', underlying_symbol: 'TSLA', executed_at: 1747419592926, nbbo_bid: '0.07', nbbo_ask: '0.08', size: 1, price: '0.070', option_symbol: 'TSLA250516C00355000', created_at: 1747419592968, trade_code: 'auto', exchange: 'GMNI', premium: '7.00', tags: ['bid_side'] }
  const python = JSON.stringify(row).replaceAll('"', "'").replace(/}$/, ", 'note': \"it's \\u00e9\", 'none': None, 'yes': True}")
  const json = hear(row), logged = hear(
    `2025-05-16 13:19:51.885894|option_trades:TSLA|{'response': {}, 'status': 'ok'}\n2025-05-16 13:19:51.910894|option_trades:TSLA|${python}\n`,
  )
  assert.deepEqual(logged.signals.map(({ id }) => id), json.signals.map(({ id }) => id))
  const print = only(json, 'option_print')
  assert.deepEqual([print.at, print.known_at], ['2025-05-16T18:19:52.926Z', '2025-05-16T18:19:52.968Z'])
  assert.deepEqual([print.facts?.['price'], print.facts?.['premium'], print.facts?.['side']], ['0.07', '7', 'sell'])
  assert.deepEqual(logged.rejects, [{ place: 'line 1', why: 'the answer to a subscription' }])
  assert.deepEqual(
    hear(JSON.stringify(['option_trades:TSLA', row])).signals.map(({ id }) => id), json.signals.map(({ id }) => id), 'as the socket frames it',
  )
  assert.deepEqual(hear({ data: [row] }).signals.map(({ id }) => id), json.signals.map(({ id }) => id), 'as the interface answers')
})

test('screens: stated ratios beside exact counts', () => {
  const heard = hear({ current_page: 0, data: [
    { a: 0.11, b: 0.07, expiry: '2021-12-31', iv: 34.36, oi: 131, op: 0.08, po: 0.59, s: 3360, t: 'C', tk: 'AMZN', v: 7867, 'vol/oi': 60.1 },
  ] })
  assert.deepEqual(only(heard, 'unusual_volume').facts, {
    contract: 'AMZN211231C03360000', expiry: '2021-12-31', right: 'call', strike: '3360', volume: 7867, open_interest: 131, ratio: 60.0534, at_is: 'heard',
    bid: '0.07', ask: '0.11', last: '0.08', iv: 0.3436, out_of_the_money_percent: '0.59', stated_ratio: '60.1',
  })
  const shown = hear({ count: 1, data: [{ baseSymbol: 'BRK.B', symbolType: 'Put', strikePrice: '1,350.00', expirationDate: '01/21/22', volume: '12,345', openInterest: '1,000', volatility: '40.50%', volumeOpenInterestRatio: '12.35' }] })
  assert.deepEqual(only(shown, 'unusual_volume').facts, {
    contract: 'BRKB220121P01350000', expiry: '2022-01-21', right: 'put', strike: '1350', volume: 12345, open_interest: 1000, ratio: 12.345, at_is: 'heard',
    iv: 0.405, stated_ratio: '12.35',
  })
  assert.equal(only(shown, 'unusual_volume').subject, 'ticker:BRK.B')
  const csv = 'Symbol,Price,Type,Strike,"Exp Date",DTE,Bid,Midpoint,Ask,Last,Volume,"Open Int",Vol/OI,IV,Delta,Time\nAAPL,170.33,Call,175.00,02/18/22,3,1.2,1.25,1.3,1.25,"10,500","2,100",5.00,31.20%,0.31,02/15/22\n'
  assert.deepEqual([only(hear(csv), 'unusual_volume').facts?.['ratio'], only(hear(csv), 'unusual_volume').facts?.['iv']], [5, 0.312])
})

test('tables: bars of a minute in New York, prices in ten-thousandths', () => {
  const heard = hear('date,underlying,right,strike,expiry,ms,open_e4,high_e4,low_e4,close_e4,volume\n20140606,aapl,call,500.0,20160115,54540000,1620000,1620000,1619900,1620000,1\n20140606,aapl,call,,20160115,54540000,1,1,1,1,1\n')
  const bar = only(heard, 'option_bar')
  assert.deepEqual([bar.at, bar.known_at, bar.subject], ['2014-06-06T19:09:00.000Z', '2014-06-06T19:10:00.000Z', 'ticker:AAPL'])
  assert.deepEqual(bar.facts, { contract: 'AAPL160115C00500000', expiry: '2016-01-15', right: 'call', strike: '500', multiplier: 100, span: '1m', open: '162', high: '162', low: '161.99', close: '162', volume: 1 })
  assert.deepEqual(heard.rejects, [{ place: 'line 3', why: 'it lacks an expiry, a right or a strike' }])
})

test('what is dated as nothing can have happened yet is said, and left out', () => {
  const print = { id: 'x', option_symbol: 'TSLA250516C00355000', executed_at: 4102444800000, price: 1, size: 1 }
  assert.deepEqual(hear(print).rejects, [{ place: '1 parts', why: 'dated as nothing can have happened yet' }])
  assert.deepEqual(hear({ ...print, executed_at: 0 }).rejects.map(({ why }) => why), ['it lacks a time, a price or a size'])
  const [quote] = hear({ quotes: { quote: { symbol: 'TSLA250516C00355000', bid: 1, bid_date: 4102444800000 } } }).signals
  assert.deepEqual([quote?.at, quote?.facts?.['at_is']], [new Date(HEARD_MS).toISOString(), 'heard'])
})

test('what is no payload of options is refused, with what it is', () => {
  const refused = (content: string | Buffer, message: RegExp): void => assert.match(hear(content).failure?.message ?? 'it was read', message)
  refused('', /empty/)
  refused('<!doctype html><html></html>', /a page or XML/)
  refused('{"options":', /no JSON/)
  refused('{"a":1}', /no chain/)
  refused('a,b\n1,2\n', /columns are none of options/)
  refused('hello', /neither JSON nor a table/)
  refused(`${'['.repeat(50_000)}`, /nested deeper/)
  refused(Buffer.from([0, 1, 2, 255]), /neither/)
})

const fixtures = sharedFolder('fixtures'), data = sharedFolder('data', 'options')
const OURS = ['cboe', 'polygon', 'tradier', 'options_flow', 'unusual_whales']
const fileOf = (path: string): Buffer => (path.endsWith('.gz') ? gunzipSync(readFileSync(path)) : readFileSync(path))
const recorded = fixtures === undefined ? [] : OURS.flatMap(
  (folder) => readdirSync(join(fixtures, folder)).map((name) => join(fixtures, folder, name)),
)
const skip = fixtures === undefined ? 'no folder of shared recordings: set VANTA_SHARED' : false

test('every recorded payload gives signals, or says why not', { skip }, () => {
  for (const path of recorded) {
    const { records, rejects, failure } = hear(fileOf(path))
    assert.ok(records.length > 0 || rejects.length > 0 || failure !== undefined, path)
  }
  const told = (folder: string, name: RegExp): Record<string, number> => types(
    hear(fileOf(recorded.find((path) => path.includes(`/${folder}/`) && name.test(path)) ?? '')),
  )
  assert.deepEqual(told('cboe', /AAPL/), { underlying: 1, option_quote: 5, put_call: 1 })
  assert.deepEqual(told('options_flow', /unusualvolume/), { unusual_volume: 20 })
  assert.deepEqual(told('options_flow', /ops\.json/), { option_quote: 100, unusual_volume: 1 })
  assert.deepEqual(told('options_flow', /historical_PM220107C/), { option_quote: 60 })
  assert.deepEqual(told('polygon', /contracts_cursor/), { option_contract: 10 })
  assert.deepEqual(told('unusual_whales', /demo_optiontrades/), { option_print: 17 })
  assert.deepEqual(told('unusual_whales', /demo_flowalerts/), { flow_alert: 17, unusual_volume: 2 })
  assert.deepEqual(told('unusual_whales', /ndjson/), { flow_alert: 6 })
})

test('a stream of messages says the same as NDJSON and as its program printed it', { skip }, () => {
  const of = (name: string): string[] => hear(readFileSync(join(fixtures ?? '', 'unusual_whales', name))).signals.map(({ id }) => id)
  assert.deepEqual(of('flow_alerts_stream.ndjson'), of('sample_flow_alerts_from_stream.txt'))
})

test('the side we tell is never another than the one the service tells', { skip }, () => {
  const prints = hear(readFileSync(join(fixtures ?? '', 'unusual_whales', 'demo_optiontrades_20250516_131951.txt'))).signals
  for (const { facts } of prints) {
    const tags = facts?.['tags'] as string[]
    if (facts?.['side'] === 'buy') assert.ok(tags.includes('ask_side'))
    if (facts?.['side'] === 'sell') assert.ok(tags.includes('bid_side'))
  }
  // Trades at 7.27 in 7.20-7.40 and 17.22 in 17.10-17.35 are nearer the bid, which the service takes for its side; we do not.
  assert.deepEqual(prints.filter(
    ({ facts }) => facts?.['side'] === undefined && !(facts?.['tags'] as string[]).includes('mid_side'),
  ).map(({ facts }) => facts?.['price']), ['7.27', '17.22'])
})

test('broken bytes are borne', { skip }, () => {
  for (const path of recorded.filter((each) => /AAPL_trimmed|O_AAPL|quotes_symbols|unusualvolume|demo_option|stream\.txt|ndjson/.test(each))) bearsAnything(opened(), fileOf(path), 40)
  bearsAnything(opened(), Buffer.from('date,underlying,right,strike,expiry,ms,open_interest\n20140605,twx,call,60.0,20140621,23520000,211\n'))
})

const skipData = data === undefined ? 'no folder of shared data: set VANTA_SHARED' : false

test('a chain of an exchange, summed by hand: 1,400,237 calls and 920,230 puts open in AAPL', { skip: skipData }, () => {
  const heard = hear(fileOf(join(data ?? '', 'chain_aapl_20140605_20140616.csv.gz')), { symbols: ['AAPL'] })
  // On the other three days too few of the volatilities go with the prices beside them.
  assert.deepEqual(types(heard), { underlying: 4, option_quote: 15124, unusual_volume: 17, put_call: 4, skew: 1, term_structure: 1 })
  const putCall = heard.signals.find(({ type }) => type === 'put_call')
  // awk over the rows of 20140605 with a strike: volume and open interest by right.
  assert.deepEqual(putCall?.facts, {
    call_volume: 328599, put_volume: 196684, volume_ratio: 0.5986,
    call_open_interest: 1400237, put_open_interest: 920230, open_interest_ratio: 0.6572, contracts: 2352,
  })
  assert.deepEqual([putCall?.at, putCall?.known_at, putCall?.subject], ['2014-06-04T20:00:00.000Z', '2014-06-05T13:30:00.000Z', 'ticker:AAPL'])
})

test('a volatility that cannot be that of its own price goes into nothing: GOOG shows a skew like any share', { skip: skipData }, () => {
  const { signals } = hear(fileOf(join(data ?? '', 'chain_goog_20151224_20151230.csv.gz')), { symbols: ['GOOG'] })
  const reversals = signals.filter(({ type }) => type === 'skew').map(({ facts }) => Number(facts?.['risk_reversal']))
  assert.equal(reversals.length, 12)
  assert.ok(reversals.every((reversal) => Math.abs(reversal) < 0.1), String(reversals))
})

test('Deribit states no volatility: ours are those of 60-digit arithmetic', { skip: skipData }, () => {
  const heard = hear(fileOf(join(data ?? '', 'deribit_eth_chain_20240108.csv.gz')))
  const year = heard.signals.find(({ type, facts }) => type === 'skew' && facts?.['expiry'] === '2024-12-27')
  type Face = { readonly contract: string; readonly iv: number; readonly residual: number }
  const ivs = ['call', 'put'].flatMap((right) => year?.facts?.[right] as Face[])
  // Python's decimal, bisection to 1e-36, forward 2458.12, 354 days less the hours to 08:00 UTC.
  const oracle: Record<string, number> = {
    'ETH-27DEC24-5500-C': 0.761886769261, 'ETH-27DEC24-5000-C': 0.752989838627, 'ETH-27DEC24-1900-P': 0.690996167752, 'ETH-27DEC24-2000-P': 0.690960508603,
  }
  assert.equal(ivs.length, 4)
  for (const { contract, iv, residual } of ivs) {
    assert.ok(Math.abs(iv - (oracle[contract] ?? 0)) <= 5.1e-7, `${contract}: ${iv}`)
    assert.ok(Math.abs(residual) < 0.001, `${contract}: ${residual}`)
  }
  assert.deepEqual([year?.facts?.['iv_how'], year?.facts?.['rate'], year?.facts?.['forward']], ['black76', 0, 2458.12])
  assert.equal(only(heard, 'term_structure').facts?.['shape'], 'backwardation')
})
