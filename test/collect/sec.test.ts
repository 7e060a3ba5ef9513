import assert from 'node:assert/strict'
import { test } from 'node:test'
import { check, identify, type Vanta } from '#record'
import { Failure } from '#tool'
import sec from '../../src/collect/sec.ts'
import { ownershipXml, submissionText } from '../wire/filings.ts'
import { collected, payloadWorld, sharedFolder } from './payload_world.ts'

const LIST = 'filing_date,trade_date,ticker,insider_name,title,trade_type,qty,owned_after,value\n'
const files = {
  'ceo.csv': `${LIST}2021-01-14,2021-01-13,XYZ,Doe J,CEO,P - Purchase,10,20,125\n2021-01-19,2021-01-13,ABC,Roe R,CFO,P - Purchase,10,20,125\n`,
  'cfo.csv': `${LIST}2021-01-19,2021-01-13,ABC,Roe R,CFO,P - Purchase,10,20,125\n`,
  'filing.txt': submissionText([['4', ownershipXml()]]),
  'bare.xml': ownershipXml(),
  'page.html': '<html></html>',
}

test('payloads of all shapes become one stream in the order in which they became known, each fact once', async () => {
  const records = await collected(sec, { from: 'bare.xml,ceo.csv,filing.txt,cfo.csv' }, payloadWorld(files))
  assert.deepEqual(records.map((record) => [record.known_at.slice(0, 16), 'subject' in record && record.subject]), [
    ['2021-01-15T03:00', 'ticker:XYZ'], ['2021-01-15T21:07', 'ticker:XYZ'], ['2021-01-20T03:00', 'ticker:ABC'],
    ['2026-01-01T00:00', 'ticker:XYZ'],
  ])
  for (const record of records) {
    assert.ok('record' in check(record))
    assert.equal(identify(record), record.id)
  }
})

test('the same payload gives the same ids whenever it is read', async () => {
  const ids = (now: string): Promise<string[]> =>
    collected(sec, { from: 'bare.xml,filing.txt' }, payloadWorld(files, now)).then((records) => records.map(({ id }) => id).sort())
  assert.deepEqual(await ids('2026-01-01T00:00:00Z'), await ids('2027-01-01T00:00:00Z'))
})

test('a payload that cannot be read is named after the others have been', async () => {
  const world = payloadWorld(files)
  const values = { from: ['page.html', 'none.txt', 'ceo.csv'] }
  const records: Vanta[] = []
  assert.throws(() => {
    for (const record of sec.collect(values, world) as Iterable<Vanta>) records.push(record)
  }, (error) => error instanceof Failure && error.exit === 'data' && error.message === 'none.txt: there is no such file')
  assert.equal(records.length, 2)
  assert.match(world.said[0] ?? '', /page\.html:1: an HTML page/)
})

const folder = sharedFolder('data', 'insider')
test('the recorded lists: every row is a signal, or is counted', {
  skip: folder === undefined ? 'needs the recorded lists of VANTA_SHARED' : false,
}, async () => {
  const expected = { openinsider_ceo_buys_2012_2021: 4202, openinsider_cfo_buys_2017_2021: 1436, form4_nvda_2022_2025: 266, form4_finnhub_2021_2022: 4887 }
  for (const [name, count] of Object.entries(expected)) {
    const records = await collected(sec, { from: `${folder}/${name}.csv.gz` }, payloadWorld())
    assert.equal(records.length, count, name)
    assert.ok(records.every((record) => record.kind === 'signal' && record.type === 'form4' && record.at <= record.known_at), name)
  }
})
