import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { formatFixed, parseFixed } from '#domain/money/decimal'
import { DarkpoolParser, type DarkpoolReading } from '#wire/darkpool/payload'
import { sharedFolder } from '../collect/payload_world.ts'
import type { Payload } from '#port/payload'
import { bearsAnything, HEARD_MS, hearing, typesOf, type Heard } from './hostile.ts'

const opened = (asked: Partial<DarkpoolReading> = {}) => (reading: ConstructorParameters<typeof DarkpoolParser>[1]) => new DarkpoolParser(
  { symbols: undefined, date: undefined, ...asked }, reading,
)
const hear = (content: string | Buffer | object, asked: Partial<DarkpoolReading> = {}, about: Partial<Payload> = {}): Heard => hearing(opened(asked), content, about)
const types = typesOf

const DAILY = `Date|Symbol|ShortVolume|ShortExemptVolume|TotalVolume|Market\r
20260424|NFLX|5324835.125|36049|14506163.5|B,Q,N\r
20260424|AXIApC|21785|0|2230329|"Q\r
20260424|FCRS/U|0|0|0|Q\r
3\r
`

test("FINRA's daily file: fractions kept, known at six in the evening, the count at its end checked", () => {
  const heard = hear(DAILY)
  const [netflix, preferred, unit] = heard.signals
  assert.equal(heard.signals.length, 3)
  assert.deepEqual(heard.rejects, [])
  assert.deepEqual([netflix?.at, netflix?.known_at, netflix?.subject, netflix?.key], [
    '2026-04-24T20:00:00.000Z', '2026-04-24T22:00:00.000Z', 'ticker:NFLX', 'finra:short:NFLX:2026-04-24:B,Q,N',
  ])
  assert.deepEqual(netflix?.facts, {
    date: '2026-04-24', short_volume: '5324835.125', short_exempt_volume: '36049', total_volume: '14506163.5', short_ratio: 0.367074,
    markets: 'B,Q,N', off_exchange: true,
  })
  assert.equal(preferred?.subject, 'ticker:AXIApC', 'a small letter is no capital one')
  assert.equal(preferred?.facts?.['markets'], undefined, 'a cell that is cut off says nothing')
  assert.equal(unit?.facts?.['short_ratio'], undefined, 'of nothing there is no share')
})

test('heard before six it was known when heard; dated to come it is none', () => {
  assert.equal(hear(DAILY, {}, { heardMs: Date.parse('2026-04-24T21:30:00Z') }).signals[0]?.known_at, '2026-04-24T21:30:00.000Z')
  assert.deepEqual(hear(DAILY, {}, { heardMs: Date.parse('2026-04-20T21:30:00Z') }).rejects.map(({ why }) => why), [
    'its date is to come', 'its date is to come', 'its date is to come',
  ])
})

test('rows that repeat, are cut, or do not add up', () => {
  const rows = (...lines: readonly string[]): Heard => hear(`${DAILY.split('\n')[0]}\n${lines.join('\n')}\n`)
  assert.deepEqual(rows('20260424|A|1|0|2|Q', '20260424|A|1|0|2|Q', '2').rejects, [{ place: 'line 3', why: 'said before in this file' }])
  assert.deepEqual(rows('20260424|A|1|0|2|Q', '20260424|B|1|0').rejects, [{ place: 'line 3', why: 'expected 6 cells' }])
  assert.match(rows('20260424|A|1|0|2|Q', '7').rejects[0]?.why ?? '', /counts 7 rows where there are 1/)
  assert.deepEqual(rows('20260424|A|3|0|2|Q').rejects.map(({ why }) => why), ['more was sold short than sold'])
  assert.deepEqual(rows('20260424|A|x|0|2|Q', '20269924|A|1|0|2|Q', '20260424||1|0|2|Q').rejects.map(({ why }) => why), [
    'it lacks a short or a total volume', 'it has no date', 'it names no symbol',
  ])
  assert.deepEqual(rows().rejects.map(({ why }) => why), ['a table without rows'])
  assert.equal(hear(
    'Date|Symbol|ShortVolume|TotalVolume|Market\n20100104|IBM|100|300|Q\n',
  ).signals[0]?.facts?.['short_ratio'], 0.333333, 'before the exempt column')
})

test('weekly summaries: known from their publication, dated by their week', () => {
  const row = { issueSymbolIdentifier: 'TSLA', totalWeeklyShareQuantity: 69039455, totalWeeklyTradeCount: 1812409, weekStartDate: '2021-11-01', summaryTypeCode: 'ATS_W_SMBL_FIRM', tierIdentifier: 'T1', MPID: 'UBSA', marketParticipantName: 'UBS ATS', initialPublishedDate: '2021-11-22', lastUpdateDate: '2021-11-29' }
  const [week] = hear([row]).signals
  assert.deepEqual([week?.at, week?.known_at], ['2021-11-05T20:00:00.000Z', '2021-11-30T05:00:00.000Z'])
  assert.deepEqual([week?.key, week?.author, week?.subject], ['finra:weekly:TSLA:2021-11-01:UBSA:ATS_W_SMBL_FIRM:T1', 'finra:UBSA', 'ticker:TSLA'])
  assert.deepEqual([week?.facts?.['shares'], week?.facts?.['trades'], week?.facts?.['published']], ['69039455', 1812409, '2021-11-22'])
  const heardMs = Date.parse('2021-11-29T15:00:00Z')
  assert.equal(hear([row], {}, { heardMs }).signals[0]?.known_at, '2021-11-29T15:00:00.000Z', 'heard on the day of publication')
  const csv = 'issueSymbolIdentifier,totalWeeklyShareQuantity,totalWeeklyTradeCount,weekStartDate,summaryTypeCode,tierIdentifier,MPID,marketParticipantName,initialPublishedDate,lastUpdateDate\n' +
    'TSLA,69039455,1812409,2021-11-01,ATS_W_SMBL_FIRM,T1,UBSA,UBS ATS,2021-11-22,2021-11-29\n'
  assert.equal(hear(csv).signals[0]?.id, week?.id, 'the same as CSV')
  assert.equal(hear([{ ...row, lastUpdateDate: undefined, initialPublishedDate: undefined }]).signals[0]?.known_at, new Date(HEARD_MS).toISOString())
  assert.deepEqual(hear('[]').rejects, [{ place: 'list', why: 'an empty list' }])
  assert.match(hear({ statusCode: 400, message: 'Bad filter' }).failure?.message ?? '', /Bad filter/)
})

test('prints: executed, received, told; late; cancelled; nanoseconds kept', () => {
  const text = '{"status":"OK","results":[' +
    '{"price":156.430,"size":1000,"exchange":4,"trf_id":202,"conditions":[2,22],"id":"7","participant_timestamp":1651181822000000000,"trf_timestamp":1651181842000000000,"sip_timestamp":1651181842461979400},' +
    '{"price":156.43,"size":10,"exchange":11,"conditions":[37],"id":"8","participant_timestamp":1651181842461900000,"sip_timestamp":1651181842461979400},' +
    '{"price":156.43,"size":50,"exchange":4,"trf_id":201,"conditions":[10],"id":"9","correction":8,"participant_timestamp":1651181842461900000,"sip_timestamp":1651181842461979400},' +
    '{"price":1.1,"size":5,"exchange":303,"sip_timestamp":1651181842461979400}]}'
  const heard = hear(text, { symbols: ['AAPL'] })
  assert.deepEqual(types(heard), { off_exchange_print: 2, dark_share: 1 })
  const [late, cancelled, share] = heard.signals
  assert.deepEqual([late?.at, late?.known_at, late?.subject], ['2022-04-28T21:37:02.000Z', '2022-04-28T21:37:22.461Z', 'ticker:AAPL'])
  assert.deepEqual(late?.facts, {
    price: '156.43', shares: '1000', value: '156430', exchange: '4', told_by: 'both', conditions: ['2', '22'],
    condition_names: ['average_price', 'prior_reference_price'],
    reported_after_ms: 20461, late: true, facility: '202', trf_timestamp: '1651181842000000000', participant_timestamp: '1651181822000000000',
    sip_timestamp: '1651181842461979400', id: '7',
  })
  assert.deepEqual([
    cancelled?.facts?.['correction'], cancelled?.facts?.['condition_names'], cancelled?.facts?.['late'],
  ], ['cancelled_later', ['derivatively_priced'], undefined])
  assert.deepEqual(share?.facts, {
    date: '2022-04-28', share: 0.990099, off_exchange_volume: '1000', volume: '1010', off_exchange_prints: 1, prints: 2, not_counted: 1,
    not_counted_volume: '50', from: '2022-04-28T21:37:02.000Z',
  })
  assert.deepEqual(
    heard.rejects.map(({ why }) => why), ['a trade in options, which vanta-options reads', 'made on exchanges: counted in the day, not given'],
  )
  // A slice of the day that a service was asked for says nothing of the day.
  assert.deepEqual(types(hear(text, {}, { url: 'https://api.polygon.io/v3/trades/AAPL?timestamp.gte=1' })), { off_exchange_print: 2 })
})

test('trades alike to the last digit are two, however often the file is read', () => {
  const row = '2018-01-02 09:30:05.957,D,XXX,4 B,100,158.5,0'
  const table = (count: number): Heard => hear(`time_et,ex,symbol,cond,size,price,corr\n${`${row}\n`.repeat(count)}`)
  assert.deepEqual(types(table(2)), { off_exchange_print: 2, dark_share: 1 })
  assert.equal(new Set(table(3).signals.map(({ id }) => id)).size, 4)
  assert.equal(table(1).signals[0]?.id, table(2).signals[0]?.id)
  assert.deepEqual([table(1).signals[0]?.at, table(1).signals[0]?.facts?.['conditions']], ['2018-01-02T14:30:05.957Z', '4 B'])
})

test('ticks that name neither stock nor day need to be told', () => {
  const ticks = 'ms,price_e4,size,exchange,cond,suspicious\n34217147,1820000,100,D,1,0\n34217148,1820000,300,N,20000020,0\n'
  assert.match(hear(ticks).rejects[0]?.why ?? '', /--symbol and --date/)
  const heard = hear(ticks, { symbols: ['IBM'], date: '2013-10-07' })
  assert.deepEqual(types(heard), { off_exchange_print: 1, dark_share: 1 })
  assert.deepEqual(
    [heard.signals[0]?.at, heard.signals[0]?.facts?.['price'], heard.signals[1]?.facts?.['share']], ['2013-10-07T13:30:17.147Z', '182', 0.25],
  )
})

test('lists of others: Stockgrid, Quiver, Data Link, Unusual Whales', () => {
  const [stockgrid] = hear({ data: [{ 'Dark Pools Position': -75301.0, 'Dark Pools Position $': -747031.2147, Date: '2021-12-15', 'Net Short Volume': -999.0, 'Net Short Volume $': -9860.13, 'Short Volume': 1.0, 'Short Volume %': 0.000999001, Ticker: 'GACQ', index: 1 }] }).signals
  assert.deepEqual([stockgrid?.type, stockgrid?.facts], ['dark_pool_position', { date: '2021-12-15', position: '-75301', position_usd: '-747031.2147', short_volume: '1', short_ratio: 0.000999001, net_short_volume: '-999', net_short_volume_usd: '-9860.13' }])
  const [quiver] = hear([{ Ticker: 'AAPL', Date: '2021-12-15', OTC_Short: 20000000, OTC_Total: 50000000, DPI: 0.4 }]).signals
  assert.deepEqual(
    [quiver?.type, quiver?.subject, quiver?.facts?.['short_ratio'], quiver?.facts?.['stated_ratio']], ['short_volume', 'ticker:AAPL', 0.4, '0.4'],
  )
  const set = { dataset: { dataset_code: 'FNSQ_PM', database_code: 'FINRA', column_names: [
    'Date', 'ShortVolume', 'ShortExemptVolume', 'TotalVolume',
  ], data: [['2013-04-01', 316626.0, 200.0, 610922.0]] } }
  const [link] = hear(set).signals
  assert.deepEqual([link?.subject, link?.facts?.['facility'], link?.facts?.['short_ratio']], ['ticker:PM', 'FNSQ', 0.518276])
  const { dataset_code: _, ...unnamed } = set.dataset
  assert.equal(hear({ dataset_data: unnamed }).signals[0]?.subject, undefined)
  assert.equal(hear({ dataset_data: unnamed }, { symbols: ['PM'] }).signals[0]?.subject, 'ticker:PM')
  assert.equal(hear(
    { dataset_data: unnamed }, {}, { url: 'https://data.nasdaq.com/api/v3/datasets/FINRA/FNYX_PM/data?order=asc' },
  ).signals[0]?.facts?.['facility'], 'FNYX')
  const [print, ...rest] = hear({ data: [{ tracking_id: 71984388012245, ticker: 'QID', price: '25.30', size: 6400, executed_at: '2023-02-16T00:59:44Z', market_center: 'L', trade_code: 'derivative_priced', sale_cond_codes: null, canceled: false, nbbo_bid: '25.26', nbbo_ask: '25.32' }] }).signals
  assert.deepEqual([print?.key, print?.facts?.['value'], print?.facts?.['condition_names']], [
    'unusual_whales:print:71984388012245', '161920', ['derivatively_priced'],
  ])
  assert.deepEqual(rest, [], 'of a list of such prints alone there is no share')
})

test('what is no payload of ours is refused, with what it is', () => {
  const refused = (content: string, message: RegExp): void => assert.match(hear(content).failure?.message ?? 'it was read', message)
  refused('', /empty/)
  refused('<html>', /a page or XML/)
  refused('[{"Representative":"x"}]', /no prints/)
  refused('{"results":[]', /no JSON/)
  refused('a|b\n1|2\n', /columns are none of prints/)
  refused('hello', /neither JSON nor a table/)
})

test('the volumes of a file add up to its share, whatever the order of its prints', () => {
  const rows = fc.array(fc.record(
    { ms: fc.integer({ min: 34_200_000, max: 57_600_000 }), shares: fc.integer({ min: 1, max: 100_000 }), exchange: fc.constantFrom('D', 'N', 'Q') },
  ), { minLength: 1, maxLength: 50 })
  fc.assert(fc.property(rows.chain(
    (list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
  ), ([list, shuffled]) => {
    const heard = (of: typeof list): Heard => hear(`ms,price_e4,size,exchange,cond\n${of.map(({ ms, shares, exchange }) => `${ms},100000,${shares},${exchange},1`).join('\n')}\n`, { symbols: ['X'], date: '2020-01-02' })
    const share = heard(list).signals.at(-1)?.facts
    assert.equal(share?.['volume'], String(list.reduce((sum, { shares }) => sum + shares, 0)))
    assert.equal(share?.['off_exchange_volume'], String(list.filter(({ exchange }) => exchange === 'D').reduce((sum, { shares }) => sum + shares, 0)))
    assert.deepEqual(heard(shuffled).signals.map(({ id }) => id).sort(), heard(list).signals.map(({ id }) => id).sort())
  }))
})

const fixtures = sharedFolder('fixtures'), data = sharedFolder('data', 'darkpool')
const fileOf = (path: string): Buffer => (path.endsWith('.gz') ? gunzipSync(readFileSync(path)) : readFileSync(path))
const recorded = fixtures === undefined ? [] : ['finra', 'stockgrid', 'quiver', 'polygon'].flatMap(
  (folder) => readdirSync(join(fixtures, folder)).map((name) => join(fixtures, folder, name)),
)
const skip = fixtures === undefined ? 'no folder of shared recordings: set VANTA_SHARED' : false

test('every recorded payload gives signals, or says why not', { skip }, () => {
  for (const path of recorded) {
    const { records, rejects, failure } = hear(fileOf(path))
    assert.ok(records.length > 0 || rejects.length > 0 || failure !== undefined, path)
  }
  const told = (name: RegExp): Record<string, number> => types(hear(fileOf(recorded.find((path) => name.test(path)) ?? '')))
  assert.deepEqual(told(/CNMSshvol20260424/), { short_volume: 399 })
  assert.deepEqual(told(/derived_short_volume/), { short_volume: 10132 })
  assert.deepEqual(told(/FNSQ_PM/), { short_volume: 2193 })
  assert.deepEqual(told(/FNYX_PM/), { short_volume: 2191 })
  assert.deepEqual(told(/RTAT10/), { retail_activity: 10000 })
  assert.deepEqual(told(/ats_01/), { off_exchange_week: 10 })
  assert.deepEqual(told(/individual_data_ticker=PM/), { short_volume: 200, dark_pool_position: 252 })
  assert.deepEqual(told(/get_dark_pool_data/), { dark_pool_position: 200 })
  assert.deepEqual(told(/get_short_interest/), { short_interest: 164 })
})

test('sums of recorded files are those that awk and jq find', { skip }, () => {
  const total = (name: RegExp, fact: string): string =>
    formatFixed(hear(fileOf(recorded.find((path) => name.test(path)) ?? '')).signals.reduce(
      (sum, { facts }) => sum + (parseFixed(String(facts?.[fact] ?? '0')) ?? 0n), 0n,
    ))
  assert.equal(total(/CNMSshvol20260424/, 'short_volume'), SUMS.cnmsShort)
  assert.equal(total(/CNMSshvol20260424/, 'total_volume'), SUMS.cnmsTotal)
  assert.equal(total(/FNSQ_PM/, 'short_volume'), SUMS.fnsqShort)
  assert.equal(total(/ats_01/, 'shares'), SUMS.atsShares)
})

test('broken bytes are borne', { skip }, () => {
  for (const path of recorded.filter((each) => /CNMS|ats_01|FNSQ|get_dark_pool_data|individual_data|v3_trades/.test(each))) bearsAnything(opened(), fileOf(path), 40)
  bearsAnything(opened(), Buffer.from('time_et,ex,symbol,cond,size,price,corr\n2018-01-02 09:30:05.957,D,XXX,4 B,100,158.5,0\n'))
})

const skipData = data === undefined ? 'no folder of shared data: set VANTA_SHARED' : false

test("a day of prints: awk's counts and volumes, tick by tick", { skip: skipData }, () => {
  const day = (name: string, symbol: string, date: string): { readonly [fact: string]: unknown } | undefined => hear(
    fileOf(join(data ?? '', name)), { symbols: [symbol], date },
  ).signals.at(-1)?.facts
  const ibm = day('ticks_ibm_20131007.csv.gz', 'IBM', '2013-10-07')
  // Of 24,293 prints with 3,960,352 shares, 7,458 with 1,228,746 were off the exchanges; two of the official open and close do not count.
  assert.deepEqual([ibm?.['off_exchange_volume'], ibm?.['off_exchange_prints'], ibm?.['prints'], ibm?.['not_counted']], ['1228746', 7458, 24291, 2])
  assert.equal(Number(ibm?.['volume']) + Number(ibm?.['not_counted_volume']), 3960352)
  const xxx = day('taq_xxx_trades_2018-01-02.csv.gz', 'XXX', '2018-01-02')
  assert.deepEqual([xxx?.['off_exchange_volume'], xxx?.['off_exchange_prints']], ['2223276', 12619])
  assert.equal(Number(xxx?.['volume']) + Number(xxx?.['not_counted_volume']), 5553205)
})

test('Reg SHO by venue: facilities are off the exchanges, exchanges are not', { skip: skipData }, () => {
  const { signals } = hear(fileOf(join(data ?? '', 'regsho_short_volume_xrt_iwm_vti_ijr_vxf.csv.gz')), { symbols: ['XRT'] })
  const off = signals.filter(({ facts }) => facts?.['off_exchange'] === true)
  assert.equal(signals.length, SUMS.xrtRows)
  assert.equal(off.length, SUMS.xrtOff)
  assert.ok(off.every(({ facts }) => String(facts?.['venue']).startsWith('TRF_')))
})

/** Recomputed from the recordings with awk and jq. */
const SUMS = { cnmsShort: '383187268', cnmsTotal: '1306184147', fnsqShort: '878581298', atsShares: '2054', xrtRows: 26969, xrtOff: 6273 }
