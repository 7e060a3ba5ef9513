/** What holds for every payload: order and repetition do not matter, and nothing broken does more than be refused. */
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { Failure } from '#port/failure'
import { sharedFolder } from '../collect/payload_world.ts'
import { coverXml, feedEntry, feedXml, holdingsXml, ownershipXml, submissionText } from './filings.ts'
import { readAll, recorded, signalsOf } from './sec_reading.ts'

/** Signals, or a clear failure; anything else is a fault of ours. */
function readsOrRefuses(payload: Buffer): void {
  try {
    readAll([payload])
  } catch (error) {
    assert.ok(error instanceof Failure && error.exit === 'data', String(error))
    assert.match(error.message, /^f0[: ]/)
  }
}

const SCREEN = `<table><tr><th>X</th><th>Filing Date</th><th>Trade Date</th><th>Ticker</th><th>Insider Name</th><th>Trade Type</th><th>Price</th><th>Qty</th></tr>
<tr><td>A</td><td><a href="/Archives/edgar/data/42/000000000721000001/x.xml">2021-01-15 18:02:43</a></td><td>2021-01-13</td><td>XYZ</td><td>Doe</td>
<td>S - Sale</td><td>$1,000.50</td><td>-1,250</td></tr></table>`
const samples: readonly string[] = [
  ownershipXml(), submissionText([['4', ownershipXml()]]), submissionText([['13F-HR', coverXml()], ['INFORMATION TABLE', holdingsXml()]]),
  feedXml(feedEntry('4', '0000000007-21-000001', 'Doe (0000000007) (Reporting)')), `<html>${SCREEN}</html>`,
  '{"accessionNumber":["0000000007-21-000001"],"form":["4"],"filingDate":["2021-01-15"],"acceptanceDateTime":["2021-01-15T18:34:19.000Z"]}',
  '[{"Date":"2021-12-10","Ticker":"NKE","Client":"NIKE","Amount":"30000.10","Issue":"A"}]',
  'period_end,filing_date,manager_cik,manager,cusip,ticker,issuer,class,shares,value\n2020-12-31,,99,"Fund, LLC",037833100,,CO,COM,1000,20000\n',
  'Form Type   Company Name      CIK    Date Filed  File Name\n---------------------------\n4           DOE               7      2021-01-15  edgar/data/7/0000000007-21-000001.txt\n',
]

describe('hostile payloads', () => {
  test('every sample gives signals as it stands', () => {
    for (const sample of samples) assert.ok(signalsOf(sample).length > 0, sample.slice(0, 80))
  })
  test('cut off anywhere', () => {
    for (const sample of samples) {
      const bytes = Buffer.from(sample)
      for (let length = 0; length < bytes.length; length++) readsOrRefuses(bytes.subarray(0, length))
    }
  })
  test('with bytes changed, doubled or lost', () => {
    const change = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), byte: fc.nat(255), how: fc.constantFrom('set', 'insert', 'drop') })
    fc.assert(fc.property(fc.nat(samples.length - 1), fc.array(change, { minLength: 1, maxLength: 8 }), (which, changes) => {
      let bytes = Buffer.from(samples[which] ?? '')
      for (const { at, byte, how } of changes) {
        const place = Math.floor(at * (bytes.length - 1))
        if (how === 'set') bytes[place] = byte
        else bytes = Buffer.concat([bytes.subarray(0, place), how === 'insert' ? Buffer.from([byte, byte]) : Buffer.alloc(0), bytes.subarray(place + 1)])
      }
      readsOrRefuses(bytes)
    }), { numRuns: 1500 })
  })
  test('bombs and other encodings', () => {
    const bomb = '<!DOCTYPE b [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    for (const sample of samples.slice(0, 4)) readsOrRefuses(Buffer.from(sample.replace('?>', `?>${bomb}`)))
    readsOrRefuses(Buffer.from('['.repeat(100_000)))
    readsOrRefuses(Buffer.from(`<html>${'<table><tr><td>'.repeat(50_000)}Insider`))
    readsOrRefuses(Buffer.from(`<html>${'</td>'.repeat(200_000)}Insider`))
    readsOrRefuses(Buffer.from(`<html>Insider${'<a href="'.repeat(100_000)}`))
    const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(ownershipXml().replace('<?xml version="1.0"?>', ''), 'utf16le')])
    assert.deepEqual(signalsOf(utf16).map(({ subject }) => subject), ['ticker:XYZ'])
  })
})

const folder = sharedFolder('fixtures', 'sec')
const skip = folder === undefined ? 'needs the recorded payloads of VANTA_SHARED' : false

describe('recorded payloads', { skip }, () => {
  const files = ['fixtures/sec', 'fixtures/openinsider', 'fixtures/quiver', 'data/holdings13f'].flatMap((name) => {
    const path = sharedFolder(name)
    return path === undefined ? [] : readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name !== 'SOURCE.md').map((entry) => join(entry.parentPath, entry.name))
  })
  test('each gives signals, or says why not', () => {
    assert.ok(files.length > 50)
    for (const path of files) {
      const bytes = recorded(path)
      const refusedRightly = /error_404\.xml$|headers\.json$/.test(path)
      try {
        const { signals, rejects } = readAll([bytes])
        assert.ok(signals.length > 0 || rejects.length > 0, path)
        assert.ok(signals.length > 0 || !/\/(ownership|submission_text|13f|getcurrent)\/.*(?<!end\.html)$/.test(path), `${path}: ${rejects.join()}`)
        assert.equal(new Set(signals.map(({ id }) => id)).size, signals.length, `${path}: an id twice`)
      } catch (error) {
        assert.ok(error instanceof Failure && error.exit === 'data', `${path}: ${String(error)}`)
        assert.ok(refusedRightly, `${path}: ${error.message}`)
      }
    }
  })
  test('pages of the feed in any order, some of them twice, give the same signals', () => {
    const pages = files.filter((path) => /getcurrent\/type4.*\.atom$/.test(path)).map(recorded)
    const ids = (order: readonly number[]): string[] => signalsOf(...order.map((i) => pages[i] ?? '')).map(({ id }) => id).sort()
    const all = pages.map((_, i) => i)
    const expected = ids(all)
    fc.assert(fc.property(fc.shuffledSubarray(all, { minLength: all.length }), fc.array(fc.constantFrom(...all), { maxLength: 3 }), (order, again) => {
      assert.deepEqual(ids([...order, ...again]), expected)
    }), { numRuns: 10 })
  })
  test('cut off or damaged, they are refused at most', () => {
    const small = files.map(recorded).filter((bytes) => bytes.length < 20_000)
    fc.assert(fc.property(fc.constantFrom(...small), fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(255), fc.boolean(), (bytes, at, byte, cut) => {
      const place = Math.floor(at * (bytes.length - 1))
      const broken = Buffer.from(cut ? bytes.subarray(0, place) : bytes)
      if (!cut) broken[place] = byte
      readsOrRefuses(broken)
    }), { numRuns: 500 })
  })
})
