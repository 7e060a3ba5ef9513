/** What holds of every payload: recorded ones, and what becomes of them when they are cut, mutated, repeated and shuffled. */
import assert from 'node:assert/strict'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { millisOf } from '#record'
import { ratioOf } from '#wire/bars/action'
import { boundsOfStock, inferSpan, readSpan, spanMs } from '#wire/bars/span'
import { sharedFolder } from '../../collect/payload_world.ts'
import { HEARD_MS, bytesOf, read } from './reading.ts'

const filesBelow = (path: string): string[] =>
  statSync(path).isFile() ? [path] : readdirSync(path).sort().flatMap((name) => filesBelow(join(path, name)))

const folders = ['alpaca', 'polygon', 'tradier'].map((name) => sharedFolder('fixtures', name)).filter((folder) => folder !== undefined)
const skip = folders.length === 0 ? 'needs the recordings of VANTA_SHARED' : false
const payloads = folders.flatMap(filesBelow).filter((path) => !path.endsWith('SOURCE.md')).map((path) => ({ path, bytes: bytesOf(path) }))

describe('recorded payloads', { skip }, () => {
  test('each gives records, or says why not', async (t) => {
    const counts = { files: 0, withRecords: 0, records: 0, rejects: 0, refused: 0 }
    for (const { path, bytes } of payloads) {
      const { records, rejects, failure } = await read(bytes)
      assert.ok(records.length > 0 || rejects.length > 0 || failure !== undefined, path)
      for (const record of records) assert.ok(record.kind === 'signal' || millisOf(record.at) < millisOf(record.known_at), path)
      for (const record of records) assert.ok(millisOf(record.known_at) <= HEARD_MS, path)
      counts.files++
      counts.records += records.length
      counts.rejects += rejects.length
      if (records.length > 0) counts.withRecords++
      if (failure !== undefined) counts.refused++
    }
    t.diagnostic(JSON.stringify(counts))
  })
  test('prices stand in the payload digit by digit', async () => {
    for (const { path, bytes } of payloads.filter(({ path }) => path.endsWith('.json'))) {
      const text = bytes.toString('utf8')
      for (const record of (await read(bytes)).records) {
        const texts = record.kind === 'bar' ? [record.open, record.high, record.low, record.close, record.volume]
          : record.kind === 'signal' ? ['price', 'bid', 'ask', 'size', 'cash'].map((name) => record.facts?.[name]).filter((value) => typeof value === 'string') : []
        for (const price of texts) assert.ok(text.includes(price), `${path}: ${price}`)
      }
    }
  })
  test('cut anywhere, or with any byte changed, they give records, rejects or a named failure', async () => {
    const small = payloads.filter(({ bytes }) => bytes.length < 20_000)
    await fc.assert(fc.asyncProperty(fc.constantFrom(...small), fc.nat(), fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 4 }), async ({ bytes }, cut, changes) => {
      const mutated = Buffer.from(bytes)
      for (const [at, byte] of changes) mutated[at % mutated.length] = byte
      await read(mutated)
      await read(bytes.subarray(0, cut % (bytes.length + 1)))
    }), { numRuns: 400 })
  })
  test('split events, dividends and ticker changes as recorded', async () => {
    const folder = sharedFolder('fixtures', 'polygon') ?? ''
    const splits = await read(bytesOf(join(folder, 'v3_reference_splits.json')))
    assert.deepEqual(splits.records.map((record) => (record.kind === 'signal' ? `${record.subject} ${String(record.facts?.['day'])} ${String(record.facts?.['ratio'])}` : '')), [
      'ticker:GOOGL 2022-07-18 20:1', 'ticker:GOOG 2022-07-18 20:1', 'ticker:CTO 2022-07-01 3:1', 'ticker:SHOP 2022-06-29 10:1', 'ticker:SHOP 2022-06-22 10:1',
      'ticker:DXCM 2022-06-10 4:1', 'ticker:AMZN 2022-06-06 20:1', 'ticker:BRW 2022-05-20 1:2', 'ticker:CM 2022-05-16 2:1', 'ticker:CIG.C 2022-05-02 4:3',
    ])
  })
})

describe('laws', () => {
  const bar = fc.record({ minute: fc.integer({ min: 0, max: 300 }), price: fc.integer({ min: 1, max: 99_999 }), volume: fc.nat(1_000_000) })
  const rowOf = ({ minute, price, volume }: { minute: number; price: number; volume: number }): string => {
    const t = new Date(Date.UTC(2021, 1, 1, 14, 30) + minute * 60_000).toISOString().replace('.000', '')
    const p = (price / 100).toFixed(2)
    return `{"t":"${t}","o":${p},"h":${p},"l":${p},"c":${p},"v":${volume}}`
  }
  const page = (rows: readonly string[]): string => `{"bars":{"A":[${rows.join(',')}]},"next_page_token":null}`
  test('the order and number of pages changes no id', async () => {
    await fc.assert(fc.asyncProperty(fc.array(bar, { minLength: 1, maxLength: 20 }), fc.infiniteStream(fc.nat()), async (bars, picks) => {
      const rows = bars.map(rowOf)
      const whole = await read(page(rows), { span: '1m' })
      const ids = new Set<string>()
      for (let i = 0; i < rows.length * 3; i++) {
        const at = (picks.next().value ?? 0) % rows.length
        for (const { id } of (await read(page(rows.slice(at, at + 3)), { span: '1m' })).records) ids.add(id)
      }
      for (const row of rows) for (const { id } of (await read(page([row]), { span: '1m' })).records) ids.add(id)
      assert.deepEqual([...ids].sort(), [...new Set(whole.records.map(({ id }) => id))].sort())
    }))
  })
  test('no opening price depends on a later bar', async () => {
    await fc.assert(fc.asyncProperty(fc.uniqueArray(bar, { selector: ({ minute }) => minute, minLength: 2, maxLength: 20 }), async (bars) => {
      const rows = [...bars].sort((a, b) => a.minute - b.minute).map(rowOf)
      const all = await read(page(rows), { span: '1m', opens: true })
      const some = await read(page(rows.slice(0, -1)), { span: '1m', opens: true })
      assert.deepEqual(some.records.map(({ id }) => id).filter((id) => !all.records.some((record) => record.id === id)), [])
    }))
  })
  test('HTML, bombs and nonsense are named', async () => {
    const cases: readonly (readonly [string, RegExp])[] = [
      ['', /x: empty/], ['  \n', /x: empty/], ['<html>', /a page or XML/], ['['.repeat(100_000), /nested deeper/], ['{"a":', /no JSON/], ['{"code":40010000,"message":"no"}', /answered with an error: no/],
      ['{"status":"NOT_AUTHORIZED","request_id":"x","message":"You are not entitled"}', /not entitled/], ['{"hello":1}', /neither bars/], ['a,b\n1,2\n', /no bars here/],
      ['PAR1garbage-garbage-PAR1', /no Parquet file that can be read/],
    ]
    for (const [text, message] of cases) assert.match((await read(text)).failure ?? '', message)
  })
  test('ratios in smallest whole numbers', () => {
    const cases: readonly (readonly [string, string, string | undefined])[] = [
      ['20', '1', '20:1'], ['0.1', '1', '1:10'], ['1.0', '2.50', '2:5'], ['3', '2', '3:2'], ['0', '1', undefined], ['1e3', '1', undefined], ['1', '', undefined],
    ]
    for (const [fresh, old, ratio] of cases) assert.equal(ratioOf(fresh, old), ratio)
    fc.assert(fc.property(fc.integer({ min: 1, max: 9999 }), fc.integer({ min: 1, max: 9999 }), fc.integer({ min: 1, max: 99 }), (a, b, k) => {
      assert.equal(ratioOf(String(a * k), String(b * k)), ratioOf(`${a}.0`, `${b}.00`))
    }))
  })
  test('spans are read in everybody\'s words', () => {
    const words: Readonly<Record<string, string | undefined>> = {
      '1Min': '1m', '5T': '5m', '60Min': '1h', '1Hour': '1h', '1H': '1h', '1Day': '1d', '1D': '1d', '1Week': '1w', '7d': '1w', '1Month': '1mo', '1M': '1mo', '1m': '1m', '5minute': '5m',
      '2hours': '2h', '1day': '1d', 'day': undefined, '0m': undefined, '': undefined, '1y': undefined, '3M': undefined,
    }
    for (const [word, span] of Object.entries(words)) assert.equal(readSpan(word), span, word)
    assert.equal(inferSpan([0, 86_400_000 * 3]), '1d')
    assert.equal(inferSpan([0]), undefined)
    fc.assert(fc.property(fc.constantFrom('1m', '5m', '15m', '1h', '1d', '1w', '1mo'), fc.integer({ min: 1e12, max: 1.8e12 }), (span, startMs) => {
      const { startMs: from, endMs, finalMs } = boundsOfStock(startMs - (startMs % 60_000), span)
      assert.ok(from < endMs && endMs <= finalMs && endMs - from <= spanMs(span) + 86_400_000)
    }))
  })
})
