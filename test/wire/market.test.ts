import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Log } from '#port/log'
import { barRecords, withActions } from '#wire/csv/bar_record'
import { readBenchmark, within } from '#wire/benchmark'
import { readMarket } from '#wire/market'

const said: string[] = []
const log: Log = { debug: () => undefined, info: (text) => said.push(text), warn: (text) => said.push(text), error: (text) => said.push(text) }

const HEAD = 'date,ticker,open,high,low,close,adj_close,volume\n'
const day = (date: string, ticker: string, price: number, volume = 1000): string => `${date},${ticker},${price},${price + 1},${price - 1},${price},${price},${volume}\n`
const hour = (time: string, ticker: string, price: number): string => `${time},${ticker},${price},${price},${price},${price},4000\n`

const files: Readonly<Record<string, string>> = {
  'd/bars/daily_us_x.csv': HEAD + day('2021-01-04', 'AAA', 10) + day('2021-01-05', 'AAA', 11) + day('2021-01-04', 'BBB', 50),
  'd/bars/daily_insider_smallcaps_x.csv': HEAD + day('2021-01-04', 'BBB', 99) + day('2021-01-04', 'CCC', 7),
  'd/bars/daily_delisted_x.csv': 'date,ticker,open,high,low,close,adj_close,volume,dividend_amount,split_coefficient\n' +
    '2021-01-04,DDD,100,101,99,100,1,10,0,1\n2021-01-05,DDD,50,51,49,50,1,20,0,2\n',
  'd/bars/hourly_x.csv': 'timestamp,ticker,open,high,low,close,volume\n' +
    hour('2021-01-04T14:30:00-05:00', 'AAA', 39) + hour('2021-01-04T15:30:00-05:00', 'AAA', 40) + hour('2021-01-05T15:30:00-05:00', 'AAA', 44) +
    hour('2021-01-04T15:30:00-05:00', 'ZZZ', 1),
  'd/bars/spy_daily_adj_x.csv': HEAD + day('2020-12-30', 'SPY', 99) + day('2020-12-31', 'SPY', 100) + day('2021-01-04', 'SPY', 110),
}
const folder = {
  read: (path: string) => (files[path] === undefined ? undefined : Buffer.from(files[path])),
  list: (path: string) => Object.keys(files).filter((name) => name.startsWith(`${path}/`)).map((name) => name.slice(path.length + 1)).sort(),
}
const query = { folder: 'd', tickers: undefined, sinceMs: 0, untilMs: Date.UTC(2022, 0, 1), silentLoss: 30_000_000n }
const closes = (ticker: string, span: string): string[] => {
  const records = [...barRecords(readMarket(query, folder, log, 't/1').tables, false, 't/1')]
  return records.flatMap((record) => (record.kind === 'bar' && record.subject === `ticker:${ticker}` && record.span === span ? [`${record.at.slice(0, 10)} ${record.close} ${record.volume} ${record.basis}`] : []))
}

test('a ticker comes from the first daily file that has it', () => {
  assert.deepEqual(closes('BBB', '1d'), ['2021-01-04 50 1000 split_adjusted'])
  assert.deepEqual(closes('CCC', '1d'), ['2021-01-04 7 1000 split_adjusted'])
})

test('hours as traded are brought to the daily basis by the days before: a quarter of the price, four times the shares', () => {
  assert.deepEqual(closes('AAA', '1h'), ['2021-01-05 11 16000 split_adjusted'])
})

test('hours of a ticker without daily bars are left out, and that is said', () => {
  said.length = 0
  assert.deepEqual(closes('ZZZ', '1h'), [])
  assert.ok(said.some((text) => text.includes('ZZZ left out')), said.join('\n'))
})

test('prices as traded stay so, and their splits are events, known at the open, before the print', () => {
  assert.deepEqual(closes('DDD', '1d'), ['2021-01-04 100 10 as_traded', '2021-01-05 50 20 as_traded'])
  const { tables, actions } = readMarket(query, folder, log, 't/1')
  const split = actions.find(({ type }) => type === 'split')
  assert.deepEqual([split?.subject, split?.known_at, split?.facts?.['ratio']], ['ticker:DDD', '2021-01-05T14:30:00.000Z', '2:1'])
  const records = [...withActions(actions, barRecords(tables, true, 't/1'))]
  const print = records.findIndex((record) => record.kind === 'price' && record.subject === 'ticker:DDD' && record.price === '50')
  assert.ok(records.indexOf(split ?? assert.fail()) < print)
  // Ten shares of the day before are twenty now.
  const opened = records[print]
  assert.equal(opened?.kind === 'price' ? opened.prior_volume : undefined, '20')
})

test('only the tickers asked for, and a folder without bars is an empty market', () => {
  const { tables } = readMarket({ ...query, tickers: new Set(['CCC']) }, folder, log, 't/1')
  assert.deepEqual(new Set(tables.flatMap((table) => [...table.ranges.keys()])), new Set(['CCC']))
  said.length = 0
  assert.deepEqual(readMarket({ ...query, folder: 'nowhere' }, folder, log, 't/1'), { tables: [], actions: [] })
  assert.ok(said.some((text) => text.includes('no daily bars')))
})

test('the benchmark starts from the last close before the span', () => {
  const days = readBenchmark('d', '2021-01-31', folder)
  assert.deepEqual(days, [{ day: '2020-12-30', value: 99 }, { day: '2020-12-31', value: 100 }, { day: '2021-01-04', value: 110 }])
  assert.deepEqual(within(days, '2021-01-01'), [{ day: '2020-12-31', value: 100 }, { day: '2021-01-04', value: 110 }])
  assert.deepEqual(readBenchmark('nowhere', '2021-01-31', folder), [])
})
