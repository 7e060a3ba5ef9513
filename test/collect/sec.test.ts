import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { check, identify, type Json, type Vanta } from '#record'
import { Failure } from '#tool'
import { memoryOutside, type MemoryOutside, type MemoryService } from '#adapter/memory/outside'
import { memoryStore } from '#adapter/memory/store'
import sec from '../../src/collect/sec.ts'
import { coverXml, feedEntry, feedXml, holdingsXml, ownershipXml, submissionText } from '../wire/filings.ts'
import { collected, payloadWorld, sharedFolder } from './payload_world.ts'

const LIST = 'filing_date,trade_date,ticker,insider_name,title,trade_type,qty,owned_after,value\n'
const files = {
  'ceo.csv': `${LIST}2021-01-14,2021-01-13,XYZ,Doe J,CEO,P - Purchase,10,20,125\n2021-01-19,2021-01-13,ABC,Roe R,CFO,P - Purchase,10,20,125\n`,
  'cfo.csv': `${LIST}2021-01-19,2021-01-13,ABC,Roe R,CFO,P - Purchase,10,20,125\n`,
  'filing.txt': submissionText([['4', ownershipXml()]]),
  'bare.xml': ownershipXml(),
  'page.html': '<html></html>',
  'cover.xml': coverXml(),
  'table.xml': holdingsXml(),
}

describe('from files', () => {
  test('payloads of all shapes, each fact once, each signal naming the payload it was read from', async () => {
    const world = payloadWorld(files)
    const records = await collected(sec, { from: 'bare.xml,ceo.csv,filing.txt,cfo.csv,table.xml,cover.xml' }, world)
    assert.deepEqual(records.map((record) => [record.known_at.slice(0, 16), record.kind === 'signal' ? record.subject : '']), [
      ['2026-01-01T00:00', 'ticker:XYZ'], ['2021-01-15T03:00', 'ticker:XYZ'], ['2021-01-20T03:00', 'ticker:ABC'], ['2021-01-15T21:07', 'ticker:XYZ'],
      ['2026-01-01T00:00', undefined], ['2026-01-01T00:00', 'cusip:01234567A'],
    ])
    for (const record of records) {
      assert.ok('record' in check(record))
      assert.equal(identify(record), record.id)
    }
    const named = records.slice(-2).map(({ raw = '' }) => world.outside.payloads.get(raw)?.toString())
    assert.deepEqual(named, [files['cover.xml'], files['table.xml']], 'the table came first and is its own payload')
  })

  test('the same payload gives the same ids whenever it is read', async () => {
    const ids = (now: string): Promise<string[]> =>
      collected(sec, { from: 'bare.xml,filing.txt' }, payloadWorld(files, now)).then((records) => records.map(({ id }) => id).sort())
    assert.deepEqual(await ids('2026-01-01T00:00:00Z'), await ids('2027-01-01T00:00:00Z'))
  })

  test('a payload that cannot be read is named after the others have been', async () => {
    const world = payloadWorld(files)
    await assert.rejects(collected(sec, { from: 'page.html,none.txt,ceo.csv' }, world), (error) =>
      error instanceof Failure && error.exit === 'data' && error.message === 'none.txt: there is no such file')
    assert.match(world.said[0] ?? '', /page\.html:1: an HTML page/)
  })
})

/** EDGAR in memory: answers by the part of the address after the origin. */
interface Edgar {
  readonly answers: Record<string, string>
  readonly outside: MemoryOutside
  run(typed?: Record<string, string>): Promise<Vanta[]>
  cursor(stream: string): Json | undefined
}

function edgar(answers: Record<string, string>): Edgar {
  const store = memoryStore()
  const answer: MemoryService['answer'] = ({ url, accepts = [] }) => {
    const body = answers[url.replace(/^https:\/\/(www|data)\.sec\.gov/, '')]
    if (body !== undefined) return { bytes: body, heardMs: Date.parse('2021-03-01T00:00:00Z') }
    if (accepts.includes(404)) return { status: 404, bytes: '' }
    throw new Failure('upstream', `${url}: HTTP 404`)
  }
  const outside = memoryOutside({ answer, store })
  return {
    answers, outside,
    run: (typed = {}) => collected(sec, { once: 'true', forms: '4', ...typed }, payloadWorld({}, '2021-03-01T00:00:00Z', outside)),
    cursor(stream) {
      const streams = store.read('cursor_sec.json')?.memory['streams'] as { readonly [name: string]: Json } | undefined
      return streams?.[stream]
    },
  }
}

const signals = (records: readonly Vanta[]): string[] => records.flatMap((record) => (record.kind === 'signal' ? [`${record.type} ${record.key}`] : []))
const feedAt = (start: number, type = '4'): string => `/cgi-bin/browse-edgar?action=getcurrent&count=100&start=${start}&type=${type}&owner=include&output=atom`
const numbered = (n: number): string => `0000000007-21-${String(n).padStart(6, '0')}`
const folderOf = (n: number, cik = 7): string => `/Archives/edgar/data/${cik}/${numbered(n).replaceAll('-', '')}`
const entry = (n: number, form = '4', minute = n): string =>
  feedEntry(form, numbered(n), 'Doe (0000000007) (Reporting)', `2021-01-15T18:${String(minute).padStart(2, '0')}:00-05:00`)
const filing = (n: number): string => submissionText([['4', ownershipXml()]]).replaceAll('0000000042-21-000001', numbered(n))
const PAST_END = '<!DOCTYPE html><html><head><title>SEC.gov | File Unavailable</title></head></html>'

describe('live', () => {
  test('one poll: pages until HTML comes, filings oldest first, other forms passed over, the cursor behind them', async () => {
    const service = edgar({
      [feedAt(0)]: feedXml(entry(3), entry(9, '424B2'), entry(2)), [feedAt(100)]: feedXml(entry(2), entry(1)), [feedAt(200)]: PAST_END,
      [`${folderOf(1)}/${numbered(1)}.txt`]: filing(1), [`${folderOf(2)}/${numbered(2)}.txt`]: filing(2), [`${folderOf(3)}/${numbered(3)}.txt`]: filing(3),
    })
    assert.deepEqual(signals(await service.run()), [1, 2, 3].flatMap((n) => [`filing ${numbered(n)}`, `form4 ${numbered(n)}`]))
    assert.deepEqual(Object.keys((service.cursor('current/4') as { done: Json }).done as object), [1, 2, 3].map(numbered))
    assert.deepEqual(signals(await service.run()), [], 'nothing twice')
    assert.equal(service.outside.asked.filter(({ url }) => url.includes('start=200')).length, 1, 'a page with nothing new ends the second poll')
  })

  test('a filing that is new in a later poll is found behind known ones; a page that says the same again ends the paging', async () => {
    const service = edgar({
      [feedAt(0)]: feedXml(entry(1)), [feedAt(100)]: feedXml(entry(1)), [feedAt(200)]: feedXml(entry(5)), [`${folderOf(1)}/${numbered(1)}.txt`]: filing(1),
    })
    assert.equal(signals(await service.run()).length, 2)
    service.answers[feedAt(0)] = feedXml(entry(4, '4', 0), entry(1))
    service.answers[`${folderOf(4)}/${numbered(4)}.txt`] = filing(4)
    assert.deepEqual(signals(await service.run()), [`filing ${numbered(4)}`, `form4 ${numbered(4)}`], 'accepted before the newest, and seen after it')
  })

  test('what is missing or broken does not hold up the rest, is tried again, and ends the run with what it was', async () => {
    const service = edgar({
      [feedAt(0)]: feedXml(entry(2), entry(1)), [feedAt(0, '5')]: PAST_END, [`${folderOf(2)}/${numbered(2)}.txt`]: filing(2),
    })
    const records: string[] = []
    const run = async (forms: string): Promise<void> => void records.push(...signals(await service.run({ forms })))
    await assert.rejects(run('5,4'), (error) => error instanceof Failure && error.exit === 'upstream' && /0000000007-21-000001\.txt: HTTP 404/.test(error.message))
    service.answers[`${folderOf(1)}/${numbered(1)}.txt`] = filing(1)
    await run('4')
    assert.deepEqual(records, [`form4 ${numbered(1)}`])
  })

  test('without a submission text, the documents that the folder lists, known from the acceptance in their header', async () => {
    const header = `<html><!--\n${filing(1).slice(filing(1).indexOf('<SEC-HEADER>')).split('<DOCUMENT>')[0] ?? ''}--></html>`
    const service = edgar({
      [feedAt(0)]: feedXml(entry(1)), [`${folderOf(1)}/index.json`]: '{"directory":{"item":[{"name":"../../x.xml"},{"name":"form4.xml"},{"name":"form4.html"}]}}',
      [`${folderOf(1)}/${numbered(1)}-index-headers.html`]: header, [`${folderOf(1)}/form4.xml`]: ownershipXml(),
    })
    const form4 = (await service.run()).find((record) => record.kind === 'signal' && record.type === 'form4')
    assert.equal(form4?.known_at, '2021-01-15T21:07:30.000Z')
    assert.equal(form4?.kind === 'signal' ? form4.key : '', numbered(1))
  })

  test('the filings of a company, by its ticker, as far back as is asked', async () => {
    const list = (numbers: readonly number[]): string => JSON.stringify({
      accessionNumber: numbers.map(numbered), form: numbers.map((n) => (n === 3 ? '8-K' : '4')), filingDate: numbers.map((n) => `2021-01-${10 + n}`),
      acceptanceDateTime: numbers.map((n) => `2021-01-${10 + n}T08:00:00.000Z`), reportDate: numbers.map(() => ''),
    })
    const service = edgar({
      '/files/company_tickers.json': '{"0":{"cik_str":42,"ticker":"BRK-B","title":"Example"}}',
      '/submissions/CIK0000000042.json':
        `{"cik":42,"name":"Example","filings":{"recent":${list([4, 3, 2])},"files":[{"name":"CIK0000000042-submissions-001.json","filingTo":"2021-01-11"},{"name":"../x.json"}]}}`,
      '/submissions/CIK0000000042-submissions-001.json': list([1]),
      ...Object.fromEntries([1, 2, 4].map((n) => [`${folderOf(n, 42)}/${numbered(n)}.txt`, filing(n)])),
    })
    assert.deepEqual(signals(await service.run({ ticker: 'brk.b' })), [2, 4].flatMap((n) => [`filing ${numbered(n)}`, `form4 ${numbered(n)}`]))
    assert.deepEqual(signals(await service.run({ cik: '42', since: '2021-01-01' })).filter((said) => said.endsWith('1')), [`filing ${numbered(1)}`, `form4 ${numbered(1)}`])
    await assert.rejects(service.run({ ticker: 'NONE' }), /the SEC lists no "NONE"/)
    await assert.rejects(service.run({ cik: 'x' }), /--cik: expected up to ten digits/)
    await assert.rejects(service.run({ forms: '8-K' }), /--forms: expected 3, 4, 5 or 13F/)
  })

  test('a filing from the future does not make all others old', async () => {
    const service = edgar({
      [feedAt(0)]: feedXml(feedEntry('4', numbered(2), 'Doe (0000000007) (Reporting)', '2022-01-15T18:00:00-05:00')), [`${folderOf(2)}/${numbered(2)}.txt`]: filing(2),
    })
    assert.equal(signals(await service.run()).length, 2)
    service.answers[feedAt(0)] = feedXml(feedEntry('4', numbered(3), 'Doe (0000000007) (Reporting)', '2021-02-28T18:59:00-05:00'))
    service.answers[`${folderOf(3)}/${numbered(3)}.txt`] = filing(3)
    assert.equal(signals(await service.run()).length, 2)
  })

  test('a service in maintenance is no end of a list', async () => {
    await assert.rejects(edgar({ [feedAt(0)]: PAST_END }).run(), (error) => error instanceof Failure && error.exit === 'data' && /File Unavailable/.test(error.message))
  })
})

const folder = sharedFolder('data', 'insider')
test('the recorded lists: every row is a signal, or is counted', {
  skip: folder === undefined ? 'needs the recorded lists of VANTA_SHARED' : false,
}, async () => {
  const expected = {
    openinsider_ceo_buys_2012_2021: 4202, openinsider_cfo_buys_2017_2021: 1436, form4_nvda_2022_2025: 266, form4_finnhub_2021_2022: 4887,
    form4_sp500_2025_2026: 10_513,
  }
  for (const [name, count] of Object.entries(expected)) {
    const records = await collected(sec, { from: `${folder}/${name}.csv.gz` }, payloadWorld({}, '2026-11-01T00:00:00Z'))
    assert.equal(records.length, count, name)
    assert.ok(records.every((record) => record.kind === 'signal' && record.type === 'form4' && record.at <= record.known_at), name)
  }
})
