import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { test } from 'node:test'
import fc from 'fast-check'
import { Failure } from '#port/failure'
import type { Signal } from '#record'
import fred from '../../src/collect/fred.ts'
import { collected, payloadWorld, sharedFolder } from './payload_world.ts'

async function read(bytes: string | Buffer, series = '', now = '2026-12-01T12:00:00Z', name = 'x'): Promise<{ signals: Signal[]; said: string[] }> {
  const world = payloadWorld({ [name]: bytes }, now)
  const records = await collected(fred, { from: name, ...(series !== '' && { series }) }, world)
  return { signals: records.filter((record): record is Signal => record.kind === 'signal'), said: world.said }
}
const brief = ({ key, at, known_at, facts }: Signal): unknown[] => [key, at, known_at, facts?.['value'], facts?.['vintage']]

test('each vintage of an observation is a signal of its own, known at the end of its first day in St. Louis', async () => {
  const xml = `<?xml version="1.0"?><observations realtime_start="1776-07-04" realtime_end="9999-12-31" units="lin" output_type="1" count="3">
    <observation realtime_start="2021-01-28" realtime_end="2021-02-24" date="2020-10-01" value="21487.90"/>
    <observation realtime_start="2021-02-25" realtime_end="9999-12-31" date="2020-10-01" value="21494.7"/>
    <observation realtime_start="2021-02-25" realtime_end="9999-12-31" date="2021-01-01" value="."/></observations>`
  const json = JSON.stringify({ realtime_start: '1776-07-04', realtime_end: '9999-12-31', units: 'lin', output_type: 1, observations: [
    { realtime_start: '2021-01-28', realtime_end: '2021-02-24', date: '2020-10-01', value: '21487.90' },
    { realtime_start: '2021-02-25', realtime_end: '9999-12-31', date: '2020-10-01', value: '21494.7' },
  ] })
  const { signals, said } = await read(xml, 'GDP')
  assert.deepEqual(signals.map(brief), [
    ['fred:GDP/2020-10-01', '2020-10-01T00:00:00.000Z', '2021-01-29T06:00:00.000Z', '21487.90', '2021-01-28'],
    ['fred:GDP/2020-10-01', '2020-10-01T00:00:00.000Z', '2021-02-26T06:00:00.000Z', '21494.7', '2021-02-25'],
  ])
  assert.deepEqual((await read(json, 'GDP')).signals.map(({ id }) => id), signals.map(({ id }) => id), 'XML and JSON say the same')
  assert.match(said.join(), /observation 3: no value/)
  assert.equal((await read(xml, 'GDP', '2021-01-28T13:31:00Z')).signals[0]?.known_at, '2021-01-28T13:31:00.000Z', 'heard before the day was over')
})

test('what stood when the window opened has no vintage, and one id whenever it is asked', async () => {
  const asOf = (day: string): string => JSON.stringify({ realtime_start: day, realtime_end: day, observations: [{ realtime_start: day, realtime_end: day, date: '2020-10-01', value: '1.0' }] })
  const [first] = (await read(asOf('2021-03-01'), 'GDP')).signals, [second] = (await read(asOf('2021-03-02'), 'GDP')).signals
  assert.equal(first?.id, second?.id)
  assert.deepEqual([first?.facts, first?.known_at], [{ date: '2020-10-01', value: '1.0' }, '2021-03-02T06:00:00.000Z'])
})

test('output types: by vintage (2), new and revised (3), first release (4)', async () => {
  const two = '{"realtime_start":"2021-01-01","output_type":2,"observations":[{"date":"2020-10-01","GDP_20210128":"1.1","GDP_20210225":"1.1","GDP_20210325":"1.2"},{"date":"2021-01-01","GDP_20210128":".","GDP_20210225":"2.0"}]}'
  assert.deepEqual((await read(two)).signals.map(brief).map(([key, , , value, vintage]) => [key, value, vintage]), [
    ['fred:GDP/2020-10-01', '1.1', undefined], ['fred:GDP/2020-10-01', '1.2', '2021-03-25'], ['fred:GDP/2021-01-01', '2.0', '2021-02-25'],
  ])
  const three = '<observations realtime_start="2021-01-01" output_type="3"><observation date="2020-10-01" GDP_20210128="1.1" GDP_20210325="1.2"/></observations>'
  assert.deepEqual((await read(three)).signals.map(brief).map(([, , , value, vintage]) => [value, vintage]), [['1.1', '2021-01-28'], ['1.2', '2021-03-25']])
  const four = '{"realtime_start":"1776-07-04","output_type":4,"observations":[{"realtime_start":"2021-01-28","realtime_end":"9999-12-31","date":"2020-10-01","value":"1.1"}]}'
  assert.deepEqual((await read(four, 'GDP')).signals.map(brief).map(([, , , value, vintage]) => [value, vintage]), [['1.1', '2021-01-28']])
})

test('the series: of the user, of the address, of whoever kept it; none is said', async () => {
  const json = '{"realtime_start":"2021-01-01","observations":[{"realtime_start":"2021-01-01","date":"2020-10-01","value":"1.0"}]}'
  assert.match((await read(json)).said.join(), /which series it is of is not said/)
  assert.equal((await read(json, '', undefined, 'observations_series_id=DGS10&file_type=json')).signals[0]?.subject, 'series:DGS10')
  assert.equal((await read(`{"DGS2":${json}}`)).signals[0]?.key, 'fred:DGS2/2020-10-01')
  assert.equal((await read(json.replace('"observations"', '"units":"pch","observations"'), 'GDP')).signals[0]?.key, 'fred:GDP:pch/2020-10-01')
})

test('errors, pages and other lists', async () => {
  await assert.rejects(read('<?xml version="1.0"?><error code="400" message="Bad Request.\nThe series does not exist." />'), /FRED answered with an error 400: Bad Request\. The series does not exist\./)
  await assert.rejects(read('{"error_code":400,"error_message":"Bad Request."}'), /error 400: Bad Request/)
  await assert.rejects(read('<html></html>'), /an HTML page/)
  await assert.rejects(read('<observations realtime_start="2021-01-01"><observation date="2021-01-01" value="1"/>', 'X'), /broken XML/)
  await assert.rejects(read('{"quandl_error":{"code":"QECx02","message":"You have submitted an incorrect Quandl code."}}'), /incorrect Quandl code/)
  assert.match((await read('<vintage_dates realtime_start="1776-07-04"><vintage_date>2021-01-28</vintage_date></vintage_dates>')).said.join(), /a list of vintage dates, without values/)
  assert.match((await read('{"realtime_start":"2021-01-01","observations":[]}', 'X')).said.join(), /without rows/)
  const [release] = (await read('{"realtime_start":"2021-01-01","release_dates":[{"release_id":10,"release_name":"CPI","date":"2030-01-13"}]}')).signals
  assert.deepEqual([release?.key, release?.at, release?.known_at], ['fred:release/10/2030-01-13', '2030-01-13T00:00:00.000Z', '2026-12-01T12:00:00.000Z'])
})

test('tables: data sets of Nasdaq, CSV of graphs, long CSV; known when the table was made', async () => {
  const set = '{"dataset":{"dataset_code":"BIGMAC_ARG","database_code":"ECONOMIST","refreshed_at":"2022-03-15T00:00:20.381Z","column_names":["Date","dollar_price"],"data":[["2022-01-31",4.280],["2021-07-31",null]]}}'
  const { signals, said } = await read(set)
  assert.deepEqual(signals.map(brief), [['nasdaqdatalink:ECONOMIST/BIGMAC_ARG/dollar_price/2022-01-31', '2022-01-31T00:00:00.000Z', '2022-03-15T00:00:20.381Z', '4.280', undefined]])
  assert.match(said.join(), /row 2: no value/)
  assert.deepEqual((await read('observation_date,DGS10,DGS2\n2021-01-04,0.93,0.11\n2021-01-05,.,0.13\n')).signals.map(({ key }) => key), ['fred:DGS10/2021-01-04', 'fred:DGS2/2021-01-04', 'fred:DGS2/2021-01-05'])
  assert.deepEqual((await read('series_id,date,value\nDGS2,1980-01-02,11.39\n')).signals.map(brief), [['fred:DGS2/1980-01-02', '1980-01-02T00:00:00.000Z', '2026-12-01T12:00:00.000Z', '11.39', undefined]])
  assert.deepEqual((await read('observation_date,GDP_20210128\n2020-10-01,1.1\n')).signals.map(brief), [['fred:GDP/2020-10-01', '2020-10-01T00:00:00.000Z', '2021-01-29T06:00:00.000Z', '1.1', undefined]])
})

test('fear and greed: CNN\'s JSON and page, alternative.me', async () => {
  const cnn = await read('{"fear_and_greed":{"score":44.4857,"rating":"fear","timestamp":"2026-11-30T23:59:54+00:00"},"fear_and_greed_historical":{"timestamp":1796083194000.0,"score":44.4857,"rating":"fear","data":[{"x":1795996800000.0,"y":41.50,"rating":"fear"}]},"junk_bond_demand":{"timestamp":1796083194000.0,"score":80,"rating":"extreme greed","data":[{"x":1,"y":2}]}}')
  assert.deepEqual(cnn.signals.map(({ subject, at, facts }) => [subject, at, facts?.['value'], facts?.['rating']]), [
    ['series:CNN_FEAR_GREED', '2026-11-30T23:59:54.000Z', '44.4857', 'fear'], ['series:CNN_FEAR_GREED', '2026-11-30T00:00:00.000Z', '41.50', 'fear'],
    ['series:CNN_FEAR_GREED/junk_bond_demand', '2026-11-30T23:59:54.000Z', '80', 'extreme greed'],
  ])
  const crypto = await read('{"name":"Fear and Greed Index","data":[{"value":"25","value_classification":"Extreme Fear","timestamp":"1551157200"}],"metadata":{"error":null}}')
  assert.deepEqual(crypto.signals.map(({ subject, at, facts }) => [subject, at, facts?.['value']]), [['series:CRYPTO_FEAR_GREED', '2019-02-26T05:00:00.000Z', '25']])
  const page = '<!doctype html><html><li>Fear &amp; Greed Now: 38 (Extreme Fear)</li></ul><div>Last updated Mar 18 at 7:00pm</div></html>'
  assert.deepEqual((await read(page, '', '2022-03-19T12:00:00Z')).signals.map(({ at, facts }) => [at, facts]), [['2022-03-18T23:00:00.000Z', { value: '38', rating: 'extreme fear' }]])
  assert.deepEqual((await read(page)).signals.map(({ at, facts }) => [at, facts]), [['2026-12-01T00:00:00.000Z', { value: '38', rating: 'extreme fear', dated: 'hearing', stated_date: 'Mar 18 at 7:00pm' }]])
})

test('pages in any order, and twice, give the same ids', async () => {
  const row = fc.record({ realtime_start: fc.constantFrom('2021-01-28', '2021-02-25', '2021-03-25'), date: fc.constantFrom('2020-07-01', '2020-10-01'), value: fc.constantFrom('1.0', '1.1', '.') })
  const ids = async (rows: readonly object[]): Promise<string[]> => {
    const { signals } = await read(JSON.stringify({ realtime_start: '1776-07-04', observations: rows }), 'X')
    return signals.map(({ id }) => id).sort()
  }
  await fc.assert(fc.asyncProperty(fc.array(row, { maxLength: 8 }), async (rows) => {
    assert.deepEqual(await ids([...rows].reverse().concat(rows)), await ids(rows))
  }), { numRuns: 50 })
})

const folder = sharedFolder('fixtures')
const skip = folder === undefined ? 'the shared recordings are absent' : false
const fixture = (...path: string[]): Buffer => readFileSync(join(folder ?? '', ...path))

test('recorded answers: values as they stand in them', { skip }, async () => {
  const cpi = await read(fixture('fred', 'fred_observations_cpi_4xprima.json'), 'CPIAUCSL')
  assert.deepEqual(cpi.signals.map(({ facts }) => facts?.['value']), ['319.123', '320.014', '320.812', '321.554'])
  assert.equal(cpi.signals[0]?.known_at, '2026-06-25T05:00:00.000Z')
  const kept = await read(fixture('fred', 'observations_sovereign_monitor.json'))
  assert.deepEqual([kept.signals.length, kept.said.length, kept.signals[0]?.subject], [8, 2, 'series:BAMLEMCBPIOAS'])
  const sp500 = await read(fixture('fred', 'fredapi_00.xml'), 'SP500')
  assert.deepEqual(sp500.signals.map(brief).map(([, , known, value]) => [known, value]), [['2015-06-29T05:00:00.000Z', '2002.28'], ['2015-06-29T05:00:00.000Z', '2000.72'], ['2015-06-29T05:00:00.000Z', '1997.65'], ['2015-06-29T05:00:00.000Z', '2007.71']])
  assert.equal((await read(fixture('fred', 'fredapi_01.xml'))).signals.length, 3)
  const bigMac = await read(fixture('finra', 'api_v3_datasets_ECONOMIST_BIGMAC_ARG_column_index=3.json'))
  assert.deepEqual([bigMac.signals.length, bigMac.signals[0]?.facts?.['value']], [36, '4.28504092214081'])
  assert.deepEqual((await read(fixture('fear_greed', 'data_fear-and-greed.html'), '', '2022-03-20T12:00:00Z')).signals.map(({ at, facts }) => [at, facts?.['value']]), [['2022-03-18T23:00:00.000Z', '38']])
})

test('bytes changed or cut anywhere are read or refused, never more', { skip }, async () => {
  const payloads = [fixture('fred', 'fred_observations_cpi_4xprima.json'), fixture('fred', 'fredapi_00.xml'), fixture('fred', 'fredapi_03.xml'), fixture('fear_greed', 'fear_greed_min.json')]
  const change = fc.record({ at: fc.nat(1200), by: fc.nat(255) })
  await fc.assert(fc.asyncProperty(fc.constantFrom(...payloads), fc.array(change, { maxLength: 6 }), fc.nat(1200), async (payload, changes, end) => {
    const bytes = Buffer.from(payload.subarray(0, Math.min(end, payload.length)))
    for (const { at, by } of changes) if (at < bytes.length) bytes[at] = by
    try {
      await read(bytes, 'X')
    } catch (error) {
      if (!(error instanceof Failure)) throw error
    }
  }), { numRuns: 300 })
})

const macro = sharedFolder('data', 'macro')
test('a long history', { skip: macro === undefined ? 'the shared history is absent' : false }, async () => {
  const { signals } = await read(gunzipSync(readFileSync(join(macro ?? '', 'fred_long_to_2021.csv.gz'))))
  assert.equal(signals.length, 88_460)
})
