import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { test } from 'node:test'
import type { Signal } from '#record'
import calendar from '../../src/collect/calendar.ts'
import { collected, payloadWorld, sharedFolder } from './payload_world.ts'
import { bearsDamage } from '../wire/hostile.ts'

async function read(bytes: string | Buffer, now = '2026-08-10T12:00:00Z'): Promise<{ signals: Signal[]; said: string[] }> {
  const world = payloadWorld({ x: bytes }, now)
  const records = await collected(calendar, { from: 'x' }, world)
  return { signals: records.filter((record): record is Signal => record.kind === 'signal'), said: world.said }
}
const one = async (bytes: string | Buffer, now?: string): Promise<Signal> => {
  const { signals, said } = await read(bytes, now)
  assert.equal(signals.length, 1, said.join('\n'))
  return signals[0] ?? assert.fail()
}
const json = (fields: object): string => JSON.stringify([{ title: 'CPI m/m', country: 'USD', date: '2026-08-12T08:30:00-04:00', impact: 'High', forecast: '0.2%', previous: '', ...fields }])

test('a forecast is known when it was heard, an actual only after the event', async () => {
  const before = await one(json({}))
  assert.deepEqual([before.at, before.known_at, before.subject, before.facts], ['2026-08-12T12:30:00.000Z', '2026-08-10T12:00:00.000Z', 'event:USD/CPI m/m',
    { title: 'CPI m/m', impact: 'high', forecast: '0.2%', forecast_value: '0.2', unit: '%' }])
  const early = await one(json({ actual: '0.3%' }))
  assert.deepEqual([early.known_at, early.facts?.['surprise']], ['2026-08-12T12:30:00.000Z', '0.1'])
  assert.equal((await one(json({ actual: '0.3%' }), '2026-08-12T12:31:00Z')).known_at, '2026-08-12T12:31:00.000Z')
})

test('an event that is moved keeps its key; the next one has another; what comes weekly has one a week', async () => {
  const key = async (fields: object): Promise<string> => (await one(json(fields))).key
  const first = await key({})
  assert.equal(await key({ date: '2026-08-14T10:00:00-04:00' }), first)
  assert.equal(await key({ actual: '0.3%' }), first)
  assert.notEqual(await key({ date: '2026-09-11T08:30:00-04:00' }), first)
  const claims = { title: 'Unemployment Claims' }
  assert.equal(await key({ ...claims, date: '2026-08-13T08:30:00-04:00' }), await key({ ...claims, date: '2026-08-12T08:30:00-04:00' }))
  assert.notEqual(await key({ ...claims, date: '2026-08-13T08:30:00-04:00' }), await key({ ...claims, date: '2026-08-20T08:30:00-04:00' }))
  assert.equal(await key({ id: 144123 }), 'calendar:forexfactory/144123')
})

const week = (events: string): string => `<?xml version="1.0" encoding="windows-1252"?><weeklyevents>${events}</weeklyevents>`
const event = (title: string, date: string, time: string, currency = 'USD'): string =>
  `<event><title>${title}</title><country>${currency}</country><date><![CDATA[${date}]]></date><time><![CDATA[${time}]]></time><impact>Low</impact><forecast/></event>`

test('XML by the week is month first and at UTC unless its own figures say otherwise; by the month day first', async () => {
  const times = async (xml: string): Promise<unknown[]> => (await read(xml)).signals.map(({ at, facts }) => [at, facts?.['time'] ?? facts?.['dated']])
  assert.deepEqual(await times(week(event('OPEC Meetings', '08-02-2026', '10:00am', 'All'))), [['2026-08-02T10:00:00.000Z', 'no zone']])
  assert.deepEqual(await times(week(event('CPI m/m', '08-12-2026', '12:30pm') + event('X', '08-12-2026', '2:00pm'))), [['2026-08-12T12:30:00.000Z', undefined], ['2026-08-12T14:00:00.000Z', undefined]])
  assert.deepEqual(await times(week(event('CPI m/m', '08-12-2026', '8:30am') + event('X', '08-12-2026', '2:00pm'))), [['2026-08-12T12:30:00.000Z', undefined], ['2026-08-12T18:00:00.000Z', undefined]])
  assert.deepEqual(await times(week(event('Y', '08-12-2026', 'Tentative') + event('X', '08-12-2026', 'All Day'))), [['2026-08-12T00:00:00.000Z', 'tentative'], ['2026-08-12T00:00:00.000Z', 'all day']])
  const month = week(event('X', '01-03-2023', '4:30am', 'GBP')).replaceAll('weekly', 'monthly')
  assert.deepEqual(await times(month), [['2023-03-01T09:30:00.000Z', 'no zone']])
  assert.deepEqual(await times(week(event('X', '28-02-2023', '4:30am') + event('Y', '01-03-2023', '4:30am'))), [['2023-02-28T04:30:00.000Z', 'no zone'], ['2023-03-01T04:30:00.000Z', 'no zone']])
})

test('figures whose marks of CDATA were escaped; two exports joined', async () => {
  const { signals, said } = await read(`${week(event('A', '08-12-2026', '10:00am'))}\n<event><title>B</title><currency>&lt;![CDATA[EUR]]&gt;</currency><date>&lt;![CDATA[08-13-2026]]&gt;</date>` +
    '<time>&lt;![CDATA[2:00am]]&gt;</time><forecast>&lt;![CDATA[-0.5%]]&gt;</forecast></event>')
  assert.deepEqual(signals.map(({ subject, at, facts }) => [subject, at, facts?.['forecast_value']]), [['event:USD/A', '2026-08-12T10:00:00.000Z', undefined], ['event:EUR/B', '2026-08-13T02:00:00.000Z', '-0.5']])
  assert.match(said.join(), /not well formed/)
})

test('dividends are known by the end of the day of their announcement; flotations, earnings, holidays', async () => {
  const dividend = await one('{"data":{"calendar":{"headers":{"dividend_Ex_Date":"x"},"rows":[{"symbol":"XYZ","dividend_Ex_Date":"01/11/2022","dividend_Rate":0.0870,"announcement_Date":"12/16/2021","payment_Date":"N/A"}]}}}')
  assert.deepEqual([dividend.at, dividend.known_at, dividend.subject, dividend.facts], ['2022-01-11T14:30:00.000Z', '2021-12-17T05:00:00.000Z', 'ticker:XYZ',
    { ex_date: '2022-01-11', amount: '0.0870', announced: '2021-12-16' }])
  const ipo = async (date: string) => one(`{"ipoCalendar":[{"date":"${date}","name":"X Corp","symbol":null,"price":"10.00-12.00","numberOfShares":20000000,"status":"expected"}]}`)
  assert.equal((await ipo('2026-09-01')).key, (await ipo('2026-09-03')).key)
  assert.deepEqual((await ipo('2026-09-01')).facts, { date: '2026-09-01', name: 'X Corp', status: 'expected', price: '10.00-12.00', shares: '20000000' })
  const earnings = await one('{"earningsCalendar":[{"date":"2026-08-11","symbol":"XYZ","year":2026,"quarter":2,"hour":"amc","epsEstimate":1.10,"epsActual":1.2}]}')
  assert.deepEqual([earnings.key, earnings.known_at, earnings.facts?.['eps_forecast']], ['finnhub:earnings/XYZ/2026Q2', '2026-08-11T13:30:00.000Z', '1.10'])
  const holiday = await one('[{"exchange":"NYSE","name":"Thanksgiving","date":"2022-11-25","status":"early-close","open":"2022-11-25T14:30:00.000Z","close":"2022-11-25T18:00:00.000Z"}]')
  assert.deepEqual([holiday.at, holiday.subject, holiday.facts?.['closes']], ['2022-11-25T05:00:00.000Z', 'market:NYSE', '2022-11-25T18:00:00.000Z'])
})

test('records of the past are known from the events they tell', async () => {
  const rows = async (csv: string): Promise<unknown[]> => (await read(csv)).signals.map(({ at, known_at, key, facts }) => [at, known_at, key, facts?.['time'] ?? facts?.['surprise']])
  assert.deepEqual(await rows('date,time_et,country,event,actual,consensus,previous\n2022-01-12,09:30,United States,CPI,0.5%,0.4%,0.8%\n2022-01-12,09:30,United States,CPI,7.0%,7.0%,6.8%\n2022-07-13,08:30,United States,CPI,9.1%,8.8%,-\n'), [
    ['2022-01-12T13:30:00.000Z', '2022-01-12T13:30:00.000Z', 'calendar:history/USD/CPI/2022-01', '0.1'],
    ['2022-01-12T13:30:00.000Z', '2022-01-12T13:30:00.000Z', 'calendar:history/USD/CPI/2022-01/2', '0'],
    ['2022-07-13T12:30:00.000Z', '2022-07-13T12:30:00.000Z', 'calendar:history/USD/CPI/2022-07', '0.3'],
  ])
  assert.deepEqual(await rows('ts_utc,ccy,event\n2022-01-07T00:00:00Z,USD,NFP\n2030-01-07T13:30:00Z,USD,NFP\n'), [
    ['2022-01-07T00:00:00.000Z', '2022-01-08T00:00:00.000Z', 'calendar:history/USD/NFP/2022-01', 'day'],
    ['2030-01-07T13:30:00.000Z', '2026-08-10T12:00:00.000Z', 'calendar:history/USD/NFP/2030-01', undefined],
  ])
  assert.deepEqual(await rows('date,time,currency,event,time_zone,time_utc\n2025-10-01,1:00am,JPY,X,IST,19:30\n'), [
    ['2025-09-30T19:30:00.000Z', '2025-09-30T19:30:00.000Z', 'calendar:history/JPY/X/2025-09', undefined],
  ])
})

test('what is no calendar is refused, what has no entries said', async () => {
  await assert.rejects(read('<html><title>Request denied</title></html>'), /an HTML page/)
  await assert.rejects(read('{"error":"Invalid API key"}'), /answered with an error: Invalid API key/)
  await assert.rejects(read('{"hello":1}'), /no calendar/)
  await assert.rejects(read(''), /empty/)
  assert.match((await read('[]')).said.join(), /without entries/)
})

const folder = sharedFolder('fixtures', 'calendar')
const skip = folder === undefined ? 'the shared recordings are absent' : false

test('recorded calendars: every entry, or why not', { skip }, async () => {
  const counts: { [file: string]: number } = {}
  for (const file of readdirSync(folder ?? '')) {
    if (file.endsWith('.md')) continue
    const bytes = readFileSync(join(folder ?? '', file))
    const { signals, said } = await read(file.endsWith('.gz') ? gunzipSync(bytes) : bytes)
    counts[file] = signals.length
    if (!file.includes('multi_month')) assert.deepEqual(said, [], file)
  }
  // 1483 events in two joined exports, 10 of them without a title; 678 of the others are told twice with the same words.
  assert.deepEqual(counts, {
    'api_calendar_dividends_date=MOCK_DATE.json': 11, 'api_v1_calendar_ipo_from=MOCK_FROM_to=MOCK_TO.json': 8, 'ff_calendar_multi_month.xml.gz': 795,
    'ff_calendar_thisweek.json': 100, 'ff_calendar_thisweek_vike.json': 4,
  })
})

test('recorded calendars: the clocks of a monthly export are New York\'s', { skip }, async () => {
  const { signals } = await read(gunzipSync(readFileSync(join(folder ?? '', 'ff_calendar_multi_month.xml.gz'))))
  const at = (subject: string): string[] => signals.filter((signal) => signal.subject === subject && signal.facts?.['actual'] === undefined).map((signal) => signal.at)
  // The Bureau of Labor Statistics published at 08:30 New York time on these days, before and after the clocks changed on 12 March.
  assert.ok(at('event:USD/CPI m/m').includes('2023-02-14T13:30:00.000Z') && at('event:USD/CPI m/m').includes('2023-03-14T12:30:00.000Z'), String(at('event:USD/CPI m/m')))
  assert.ok(at('event:USD/Non-Farm Employment Change').includes('2023-03-10T13:30:00.000Z'))
})

test('bytes changed or cut anywhere are read or refused, never more', { skip }, () => {
  const payloads = ['ff_calendar_thisweek_vike.json', 'api_v1_calendar_ipo_from=MOCK_FROM_to=MOCK_TO.json'].map((file) => readFileSync(join(folder ?? '', file)))
  payloads.push(Buffer.from(week(event('CPI m/m', '08-12-2026', '8:30am') + event('X', '08-12-2026', 'All Day'))))
  return bearsDamage((bytes) => read(bytes), payloads.map((payload) => payload.subarray(0, 1600)), 150)
})

const macro = sharedFolder('data', 'macro')
test('histories as they were recorded', { skip: macro === undefined ? 'the shared history is absent' : false }, async () => {
  const rows = async (file: string): Promise<Signal[]> => (await read(gunzipSync(readFileSync(join(macro ?? '', file))), '2026-12-01T00:00:00Z')).signals
  const us = await rows('calendar_us_2022_01_08.csv.gz')
  assert.equal(us.length, 3057)
  // Known releases: payrolls 199K against 400K on 7 January at 08:30 New York, though the file's clock shows 09:30.
  const payrolls = us.find(({ subject, at }) => subject === 'event:USD/Nonfarm Payrolls' && at === '2022-01-07T13:30:00.000Z')
  assert.equal(payrolls?.facts?.['surprise'], '-201000')
  assert.equal((await rows('forexfactory_sample_2025_11.csv.gz')).length, 126)
  assert.equal((await rows('fxstreet_high_impact_2014_2019.csv.gz')).length, 912)
  assert.equal((await rows('us_event_dates_2022_2024.csv.gz')).length, 211)
})
