import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { check, DAY_MS, formatInstant, make, type Signal } from '#record'
import { NO_EVIDENCE, priorOfReading } from '#domain/conviction/priors'
import { HoldingChanges } from '#domain/reading/holding_change'
import { Readings } from '#domain/reading/readings'
import { FURTHEST, LEAST_LOUD, LEAST_USUAL, Scales } from '#domain/reading/scales'

const START = Date.UTC(2021, 0, 4, 15)
let turn = 0
function heard(type: string, facts: { [name: string]: unknown }, more: Partial<Signal> = {}): Signal {
  const at = formatInstant(START + 1000 * turn++)
  return make('signal', { at, known_at: at, source: 'made/up', by: 'test/0', type, key: `made:${turn}`, facts, ...more })
}
const readings = (): Readings => new Readings({ by: 'test/1', restate: 0.2, forgetMs: DAY_MS })
const of = (all: Readings, signal: Signal): [string, string, number][] => all.of(signal).map(({ type, subject = '', polarity = NaN }) => [type, subject, polarity])

test('law: loudness and surprise are what the plain formulas over all values before say', () => {
  const values = fc.array(fc.double({ min: 0.001, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 60 })
  fc.assert(fc.property(values, (given) => {
    const loud = new Scales(), usual = new Scales()
    for (const [i, value] of given.entries()) {
      const past = given.slice(0, i), logs = past.map(Math.log)
      const mean = (all: readonly number[]): number => all.reduce((sum, each) => sum + each, 0) / all.length
      const loudness = loud.loudness('a', value), surprise = usual.surprise('a', value)
      if (i < LEAST_LOUD) assert.equal(loudness, undefined)
      else assert.ok(Math.abs((loudness ?? NaN) - Math.min(FURTHEST, Math.log2(1 + value / Math.exp(mean(logs))))) < 1e-3)
      const spread = Math.sqrt(mean(past.map((each) => (each - mean(past)) ** 2)))
      if (i < LEAST_USUAL) assert.equal(surprise, undefined)
      else if (spread > 1e-6 * Math.abs(mean(past))) {
        assert.ok(Math.abs((surprise ?? NaN) - Math.max(-FURTHEST, Math.min(FURTHEST, (value - mean(past)) / spread))) < 2e-3)
      }
    }
  }))
})

test('scales forget the series not heard of for longest', () => {
  const scales = new Scales(2)
  for (let i = 0; i < LEAST_LOUD; i++) for (const series of ['a', 'b']) scales.loudness(series, 1)
  scales.loudness('c', 1)
  assert.equal(scales.size, 2)
  assert.equal(scales.loudness('b', 1), 1)
  assert.equal(scales.loudness('a', 1), undefined)
})

test('options: calls bought and puts sold are bullish; who bought is not always known', () => {
  const all = readings(), subject = 'ticker:AAA'
  assert.deepEqual(of(all, heard('sweep', { right: 'call', side: 'buy', premium: '1000' }, { subject })), [['option_flow', subject, 1]])
  assert.deepEqual(of(all, heard('sweep', { right: 'put', side: 'buy', premium: '1000' }, { subject })), [['option_flow', subject, -1]])
  assert.deepEqual(of(all, heard('block', { right: 'put', side: 'sell', contracts: 500 }, { subject })), [['option_flow', subject, 1]])
  assert.deepEqual(of(all, heard('unusual_volume', { right: 'call', ratio: 4 }, { subject })), [['option_flow', subject, 0.3]])
  assert.deepEqual(of(all, heard('flow_alert', { right: 'put', ask_side_premium: '75', bid_side_premium: '25' }, { subject })), [['option_flow', subject, -0.5]])
  assert.deepEqual(of(all, heard('sweep', { right: 'call', premium: '1000' }, { subject })), [], 'between bid and ask')
  assert.deepEqual(of(all, heard('sweep', { right: 'call', side: 'buy' })), [], 'of nothing')
  assert.deepEqual(of(all, heard('block', { chain: 'ethereum', transactions: 1 }, { subject: 'coin:ETH' })), [], 'a block of a chain')
})

test('what has a past is told by it: short sales, funding, puts for each call, skew', () => {
  const cases = [
    ['short_volume', 'short_ratio', 'short_pressure', -1], ['funding', 'rate', 'funding_pressure', -1], ['put_call', 'volume_ratio', 'option_tilt', -1],
    ['skew', 'risk_reversal', 'option_tilt', 1], ['book', 'imbalance_deep', 'book_pressure', 1],
  ] as const
  for (const [type, fact, reading, sign] of cases) {
    const all = readings(), subject = 'ticker:AAA'
    for (let i = 0; i < LEAST_USUAL; i++) assert.deepEqual(of(all, heard(type, { [fact]: 0.4 + 0.01 * (i % 2) }, { subject })), [], type)
    const [first, ...rest] = of(all, heard(type, { [fact]: 0.9 }, { subject }))
    assert.deepEqual([first?.[0], first?.[1], Math.sign(first?.[2] ?? 0), rest.length], [reading, subject, sign, 0], type)
  }
})

test('coins: to an exchange is bearish, from it bullish; dollars are there to buy with', () => {
  const all = readings(), facts = { chain: 'ethereum', from: '0xaa', to: '0xbb', amount: '5', exchange: 'binance' }
  assert.deepEqual(of(all, heard('transfer', { ...facts, flow: 'exchange_inflow' }, { subject: 'coin:ETH' })), [['exchange_flow', 'coin:ETH', -1]])
  assert.deepEqual(of(all, heard('transfer', { ...facts, flow: 'exchange_outflow' }, { subject: 'coin:ETH' })), [['exchange_flow', 'coin:ETH', 1]])
  assert.deepEqual(of(all, heard('transfer', { ...facts, flow: 'exchange_inflow' }, { subject: 'coin:USDT' })), [['exchange_flow', 'market:crypto', 1]])
  assert.deepEqual(of(all, heard('transfer', { ...facts, flow: 'exchange_internal' }, { subject: 'coin:ETH' })), [])
  assert.deepEqual(of(all, heard('mint', facts, { subject: 'coin:USDC' })), [['supply_change', 'market:crypto', 1]])
  assert.deepEqual(of(all, heard('burn', facts, { subject: 'coin:ETH' })), [['supply_change', 'coin:ETH', 1]])
  assert.deepEqual(of(all, heard('mint', facts, { subject: 'token:ethereum:0x1' })), [])
  assert.deepEqual(all.of(heard('mint', { ...facts, from: `0x${'0'.repeat(40)}` }, { subject: 'coin:USDC' }))[0]?.entities, ['wallet:ethereum:0xbb'])
})

test('figures, dates, halts, trades of congress', () => {
  const all = readings()
  const event = (title: string, facts: { [name: string]: unknown }): Signal => heard('event', { title, ...facts }, { subject: `event:USD/${title}` })
  assert.deepEqual(of(all, event('CPI m/m', { actual: '0.3%', surprise: '0.1' })), [['macro_surprise', 'market:US', -0.3]])
  assert.deepEqual(of(all, event('Nonfarm Payrolls', { actual: '300', surprise: '50' })), [['macro_surprise', 'market:US', 0.3]])
  assert.deepEqual(of(all, event('FOMC Minutes', { impact: 'high' })), [['market_event', 'market:US', 0]])
  assert.deepEqual(of(all, event('FOMC Minutes', { actual: 'x' })), [])
  assert.deepEqual(of(all, heard('halt', { reason_code: 'T1' }, { subject: 'ticker:AAA' })), [['trading_halt', 'ticker:AAA', 0]])
  assert.deepEqual(of(all, heard('halt', { reason_code: 'H10' }, { subject: 'ticker:AAA' })), [['trading_halt', 'ticker:AAA', -1]])
  const trade = (transaction: string): Signal => heard('congress_trade', { transaction, member: 'A', amount_min: '1001', amount_max: '15000' }, { subject: 'ticker:AAA' })
  assert.deepEqual(of(all, trade('sale (partial)')), [['member_trade', 'ticker:AAA', -1]])
  assert.deepEqual(of(all, trade('exchange')), [])
})

interface Position { readonly name: string; readonly amount: number }

/** A filing's rows, known at the same time; some positions in two rows. */
function filing(period: string, knownMs: number, positions: readonly Position[]): Signal[] {
  const known_at = formatInstant(knownMs)
  return positions.flatMap(({ name, amount }, i) => (amount > 1 && i % 2 === 0 ? [Math.floor(amount / 3), amount - Math.floor(amount / 3)] : [amount]).map((part, n) =>
    make('signal', {
      at: known_at, known_at, source: 'sec/edgar', by: 'test/0', type: 'form13f', key: `f${period}#${i}.${n}`, author: 'sec:1', subject: `ticker:${name}`,
      facts: { period, amount: String(part), value: String(part * 10) },
    })))
}

test('law: changes of holdings are those of two tables held against one another, said once the later one is whole', () => {
  const book = fc.uniqueArray(fc.record({ name: fc.constantFrom('A', 'B', 'C', 'D', 'E'), amount: fc.integer({ min: 1, max: 5000 }) }), { selector: ({ name }) => name })
  fc.assert(fc.property(book, book, fc.boolean(), (before, after, quarter) => {
    const changes = new HoldingChanges()
    const first = filing('2020-09-30', START, before), second = filing(quarter ? '2020-12-31' : '2021-03-31', START + 92 * DAY_MS, after)
    const early = [...first, ...second].flatMap((row) => [...changes.hear(row)])
    assert.deepEqual(early, [])
    const later = [...changes.hear(heard('post', {}, { known_at: formatInstant(START + 93 * DAY_MS) }))]
    const expected = !quarter || before.length === 0 || after.length === 0 ? [] : ['A', 'B', 'C', 'D', 'E'].flatMap((name) => {
      const had = before.find((each) => each.name === name)?.amount ?? 0, has = after.find((each) => each.name === name)?.amount ?? 0
      return Math.abs(has - had) / Math.max(has, had) < 0.01 || had === has ? [] : [[name, had === 0 ? 'new' : has === 0 ? 'closed' : has > had ? 'added' : 'reduced', Math.sign(has - had)]]
    })
    const said = later.map(({ subject, facts, polarity }) => [subject.slice(7), facts?.['change'], polarity])
    assert.deepEqual(said.sort(), expected.sort())
    assert.deepEqual([...changes.end()], [])
  }))
})

test('a split is no purchase; a put is held against the price', () => {
  const row = (period: string, days: number, amount: number, value: number, more = {}): Signal => heard('form13f', { period, amount: String(amount), value: String(value), ...more }, {
    subject: 'ticker:A', author: 'sec:1', known_at: formatInstant(START + days * DAY_MS) })
  const split = new HoldingChanges()
  assert.deepEqual([row('2020-09-30', 0, 100, 5000), row('2020-12-31', 92, 400, 5200)].flatMap((each) => [...split.hear(each)]).concat([...split.end()]), [])
  const bought = new HoldingChanges()
  const said = [row('2020-09-30', 0, 100, 5000), row('2020-12-31', 92, 400, 20000)].flatMap((each) => [...bought.hear(each)]).concat([...bought.end()])
  assert.deepEqual(said.map(({ polarity, facts }) => [polarity, facts?.['change']]), [[1, 'added']])
  const puts = new HoldingChanges()
  const put = [row('2020-09-30', 0, 100, 5000, { put_call: 'Put' }), row('2020-12-31', 92, 500, 21000, { put_call: 'Put' })].flatMap((each) => [...puts.hear(each)]).concat([...puts.end()])
  assert.deepEqual(put.map(({ polarity }) => polarity), [-1])
})

test('law: whatever facts are, readings are sound, and each type is evidence for one maker or says why for none', () => {
  const value = fc.oneof(fc.double(), fc.constantFrom('1', '-2.5', 'x', '', 'call', 'put', 'buy', 'sell', 'exchange_inflow', null), fc.boolean(), fc.object())
  const names = ['right', 'side', 'premium', 'ratio', 'short_ratio', 'value', 'share', 'flow', 'amount', 'rate', 'imbalance', 'title', 'surprise', 'impact', 'transaction',
    'reason_code', 'period', 'put_call', 'text', 'summary', 'volume_ratio', 'risk_reversal']
  const types = ['sweep', 'block', 'flow_alert', 'unusual_volume', 'put_call', 'skew', 'short_volume', 'off_exchange_print', 'dark_share', 'transfer', 'mint', 'burn', 'funding', 'book',
    'event', 'halt', 'congress_trade', 'form13f', 'tweet', 'article', 'snapshot', 'edit']
  const given = fc.record({
    type: fc.constantFrom(...types), subject: fc.constantFrom('ticker:AAA', 'coin:ETH', 'event:USD/CPI', undefined),
    facts: fc.dictionary(fc.constantFrom(...names), value),
  })
  fc.assert(fc.property(fc.array(given, { maxLength: 60 }), (all) => {
    const reader = readings()
    for (const { type, facts, subject } of all) {
      const signal = heard(type, JSON.parse(JSON.stringify(facts)), subject === undefined ? {} : { subject })
      for (const reading of [...reader.of(signal), ...reader.end()]) {
        assert.ok('record' in check(JSON.parse(JSON.stringify(reading))), JSON.stringify(reading))
        assert.ok(reading.parents.length > 0)
        assert.notEqual(priorOfReading(reading.type) === undefined, NO_EVIDENCE[reading.type] === undefined, reading.type)
      }
    }
  }))
})
