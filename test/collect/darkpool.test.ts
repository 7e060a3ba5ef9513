import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Request } from '#port/outside'
import type { Signal, Vanta } from '#record'
import { Failure } from '#tool'
import { memoryOutside, type MemoryOutside } from '#adapter/memory/outside'
import darkpool from '../../src/collect/darkpool.ts'
import { collected, payloadWorld } from './payload_world.ts'

/** A Tuesday after a holiday, before and after six in the evening in New York. */
const AFTERNOON = '2021-01-19T20:00:00Z', EVENING = '2021-01-19T23:30:00Z'
const file = (date: string): string => `Date|Symbol|ShortVolume|ShortExemptVolume|TotalVolume|Market\n${date}|XYZ|1|0|2|Q\n1\n`

/** A service that has the files of these days, and answers 403 for all others. */
function files(there: ReadonlySet<string>): MemoryOutside {
  return memoryOutside({
    answer({ url }: Request) {
      const date = /CNMSshvol(\d{8})\.txt$/.exec(url)?.[1] ?? ''
      return there.has(date) ? { bytes: file(date), heardMs: Date.parse(EVENING) } : { status: 403, bytes: '<Error>AccessDenied</Error>' }
    },
  })
}
const run = (outside: MemoryOutside, now: string, typed: Readonly<Record<string, string>> = {}): Promise<Vanta[]> =>
  collected(darkpool, { once: 'true', ...typed }, payloadWorld({}, now, outside))
const days = (records: readonly Vanta[]): unknown[] =>
  records.filter((record): record is Signal => record.kind === 'signal').map(({ facts }) => facts?.['date'])
const asked = (outside: MemoryOutside): string[] => outside.asked.splice(0).map(({ url }) => /shvol(\d+)/.exec(url)?.[1] ?? url)

test('one file a trading day; today only once it is due', async () => {
  const there = new Set(['20210113', '20210114', '20210115', '20210119'])
  const outside = files(there)
  assert.deepEqual(days(await run(outside, AFTERNOON)), ['2021-01-13', '2021-01-14', '2021-01-15'])
  assert.deepEqual(asked(outside), ['20210112', '20210113', '20210114', '20210115'], 'neither the weekend nor the holiday nor today')
  assert.deepEqual(days(await run(outside, EVENING)), ['2021-01-19'])
})

test('a file that is not there yet is no failure; it is asked for again while others go on, and nothing is lost', async () => {
  const there = new Set(['20210114', '20210119'])
  const outside = files(there)
  assert.deepEqual(days(await run(outside, EVENING, { since: '2021-01-14' })), ['2021-01-14', '2021-01-19'])
  asked(outside)
  assert.deepEqual(days(await run(outside, EVENING)), [])
  assert.deepEqual(asked(outside), ['20210115'])
  there.add('20210115')
  assert.deepEqual(days(await run(outside, '2021-01-20T12:00:00Z')), ['2021-01-15'])
  asked(outside)
  await run(outside, '2021-01-20T12:00:00Z')
  assert.deepEqual(asked(outside), [], 'it has come')
})

test('after two weeks a file that never came is given up, and said', async () => {
  const outside = files(new Set())
  await run(outside, EVENING, { since: '2021-01-19' })
  const world = payloadWorld({}, '2021-02-02T20:00:00Z', outside)
  asked(outside)
  await collected(darkpool, { once: 'true', until: '2021-01-19' }, world)
  assert.deepEqual(asked(outside), ['20210119'])
  await collected(darkpool, { once: 'true', until: '2021-01-19' }, payloadWorld({}, '2021-02-03T20:00:00Z', outside))
  await collected(darkpool, { once: 'true', until: '2021-01-19' }, world)
  assert.deepEqual(asked(outside), ['20210119'], 'once more, and then never again')
})

test('a broken file holds up no other, ends the round with 65, and is asked for again', async () => {
  let broken = true
  const outside = memoryOutside({
    answer({ url }: Request) {
      const date = /CNMSshvol(\d{8})/.exec(url)?.[1] ?? ''
      return { bytes: broken && date === '20210114' ? '<html>maintenance</html>' : file(date), heardMs: Date.parse(EVENING) }
    },
  })
  const records: Vanta[] = []
  await assert.rejects(async () => {
    for await (const record of darkpool.collect(await values({ since: '2021-01-14' }), payloadWorld({}, EVENING, outside))) records.push(record)
  }, (error: unknown) => error instanceof Failure && error.exit === 'data')
  assert.deepEqual(days(records), ['2021-01-15', '2021-01-19'])
  broken = false
  assert.deepEqual(days(await run(outside, EVENING)), ['2021-01-14'])
})

/** Values of the options as the runner would read them. */
async function values(typed: Readonly<Record<string, string>>): Promise<Parameters<typeof darkpool.collect>[0]> {
  let found: Parameters<typeof darkpool.collect>[0] | undefined
  const spy = { ...darkpool, collect: (given: Parameters<typeof darkpool.collect>[0]) => ((found = given), []) }
  await collected(spy as never, { once: 'true', ...typed }, payloadWorld())
  if (found === undefined) throw new Error('not called')
  return found
}

test('weekly: new weeks only, page after page until one is not full or says the same again', async () => {
  const rows = (week: string, from: number, count: number): object[] => Array.from({ length: count }, (_, i) => (
    { issueSymbolIdentifier: `S${from + i}`, totalWeeklyShareQuantity: 10 + i, totalWeeklyTradeCount: 1, weekStartDate: week, lastUpdateDate: '2021-12-20' }))
  let weeks = ['2021-11-15', '2021-11-22']
  const bodies: { readonly offset: number; readonly week: string | undefined }[] = []
  const outside = memoryOutside({
    answer({ url, body = '{}' }: Request) {
      const { offset, compareFilters } = JSON.parse(body) as { offset: number; compareFilters: { fieldName: string; fieldValue: string }[] }
      if (url.endsWith('weeklyDownloadDetails')) return { bytes: JSON.stringify(weeks.map((weekStartDate) => ({ weekStartDate }))) }
      const week = compareFilters.find(({ fieldName }) => fieldName === 'weekStartDate')?.fieldValue ?? ''
      bodies.push({ offset, week })
      return {
        bytes: JSON.stringify(offset === 0 ? rows(week, 0, 5000) : offset === 5000 ? rows(week, 5000, 3) : []), heardMs: Date.parse('2022-01-01'),
      }
    },
  })
  const first = await run(outside, '2022-01-01T00:00:00Z', { ask: 'weekly', since: '2021-11-15' })
  assert.equal(first.filter(({ kind }) => kind === 'signal').length, 2 * 5003)
  assert.deepEqual(
    bodies.splice(0), [['2021-11-15', 0], ['2021-11-15', 5000], ['2021-11-22', 0], ['2021-11-22', 5000]].map(([week, offset]) => ({ offset, week })),
  )
  weeks = ['2021-11-22', '2021-11-29', '2021-11-15']
  await run(outside, '2022-01-01T00:00:00Z', { ask: 'weekly' })
  assert.deepEqual(bodies.map(({ week }) => week), ['2021-11-29', '2021-11-29'])
})

test('trades go on a little before the last one heard, and say none twice', async () => {
  const trade = (ns: string): string => `{"price":10,"size":1,"exchange":4,"trf_id":201,"id":"${ns}","sip_timestamp":${ns}}`
  let page = [trade('1651181842461979400')]
  const outside = memoryOutside({ secrets: { polygon_key: 'made-up-key' }, answer: () => (
    { bytes: `{"status":"OK","results":[${page.join()}]}`, heardMs: Date.parse('2022-04-28T21:40:00Z') }
  ) })
  const typed = { ask: 'trades', symbol: 'XYZ' }
  const count = (records: readonly Vanta[]): number => records.filter(({ kind }) => kind === 'signal').length
  assert.equal(count(await run(outside, '2022-04-28T21:40:00Z', typed)), 1)
  page = [trade('1651181842461979400'), trade('1651181850000000000')]
  assert.equal(count(await run(outside, '2022-04-28T21:41:00Z', typed)), 1)
  assert.deepEqual(outside.asked.map(({ url }) => /gte=(\d+)/.exec(url)?.[1]), [
    '1651118400000000000', '1651181840461979400',
  ], 'midnight in New York, then two seconds back')
  assert.ok(outside.asked.every(({ url, secret }) => !url.includes('made-up-key') && secret?.query?.['apiKey'] === 'made-up-key'))
})

test('what can be asked for, with limits and terms; wrong words', async () => {
  const world = payloadWorld()
  await collected(darkpool, { listSources: 'true' }, world)
  assert.match(world.printed.join('\n'), /finra daily[^]*cdn\.finra\.org[^]*limits[^]*terms/)
  await assert.rejects(
    collected(darkpool, { from: 'x', date: 'tuesday' }, payloadWorld({ x: 'ms,price_e4,size,exchange,cond\n' })), /--date: expected a day/,
  )
  await assert.rejects(run(memoryOutside(), EVENING, { ask: 'trades' }), /--symbol is required/)
})
