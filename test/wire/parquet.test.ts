import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { Failure } from '#port/failure'
import { readParquet } from '#wire/parquet'
import { read, sayings } from './bars/reading.ts'
import { parquetFile, type Column } from './parquet_file.ts'

/** Row by row. */
async function texts(columns: readonly Column[], gzip = false): Promise<readonly (readonly string[])[]> {
  const { length, columns: read } = await readParquet(parquetFile(columns, gzip), 'x', () => true)
  return Array.from({ length }, (_, row) => read.map(({ text }) => text(row)))
}

describe('Parquet as exact text', () => {
  test('decimals of every storage, digit by digit', async () => {
    const wide = (value: bigint): Buffer => Buffer.from(BigInt.asUintN(128, value).toString(16).padStart(32, '0'), 'hex')
    assert.deepEqual(await texts([
      { name: 'a', type: 'INT32', converted: 5, scale: 2, precision: 9, values: [110, -5, null] },
      { name: 'b', type: 'INT64', converted: 5, scale: 8, precision: 18, values: [123456789012345678n, -1n, 0n] },
      { name: 'c', type: 'FIXED', length: 16, converted: 5, scale: 10, precision: 38, values: [wide(123456789012345678901234567890n), wide(-10n), wide(0n)] },
    ]), [['1.10', '1234567890.12345678', '12345678901234567890.1234567890'], ['-0.05', '-0.00000001', '-0.0000000010'], ['', '0.00000000', '0.0000000000']])
  })
  test('64-bit numbers, floats by their shortest text, strings, nulls', async () => {
    assert.deepEqual(await texts([
      { name: 'a', type: 'INT64', values: [9007199254740993n, -1n] }, { name: 'b', type: 'FLOAT', values: [1.1, null] }, { name: 'c', type: 'DOUBLE', values: [0.1, 1e-7] },
      { name: 'd', type: 'BYTE_ARRAY', converted: 0, values: ['Ä,"x"', ''] }, { name: 'e', type: 'BYTE_ARRAY', values: ['raw', null] }, { name: 'f', type: 'DOUBLE', values: [NaN, Infinity] },
    ], true), [['9007199254740993', '1.1', '0.1', 'Ä,"x"', 'raw', ''], ['-1', '', '0.0000001', '', '', '']])
  })
  test('times of any unit, and days', async () => {
    const ms = Date.UTC(2021, 0, 4, 14, 30), julian = Buffer.alloc(12)
    julian.writeBigUInt64LE(BigInt(14.5 * 3600) * 1_000_000_000n)
    julian.writeUInt32LE(2459219, 8)
    assert.deepEqual(await texts([
      { name: 'a', type: 'INT64', converted: 9, values: [BigInt(ms)] }, { name: 'b', type: 'INT64', converted: 10, values: [BigInt(ms) * 1000n] },
      { name: 'c', type: 'INT64', timestamp: ['NANOS', true], values: [BigInt(ms) * 1_000_000n] }, { name: 'd', type: 'INT64', timestamp: ['MICROS', false], values: [BigInt(ms) * 1000n] },
      { name: 'e', type: 'INT32', converted: 6, values: [18631] }, { name: 'f', type: 'INT96', values: [julian] },
    ]), [['2021-01-04T14:30:00Z', '2021-01-04T14:30:00Z', '2021-01-04T14:30:00Z', '2021-01-04T14:30:00', '2021-01-04', '2021-01-04T14:30:00Z']])
  })
  test('only the columns that are wanted are read', async () => {
    const file = parquetFile([{ name: 'a', type: 'INT32', values: [1] }, { name: 'b', type: 'INT32', values: [2] }])
    const { length, columns } = await readParquet(file, 'x', (name) => name === 'b')
    assert.deepEqual([length, columns.map(({ name, text }) => [name, text(0)])], [1, [['b', '2']]])
  })
  test('a broken file is named, whatever is broken', async () => {
    const file = parquetFile([{ name: 'a', type: 'INT64', values: [1n, 2n] }, { name: 'b', type: 'BYTE_ARRAY', converted: 0, values: ['x', 'y'] }], true)
    await fc.assert(fc.asyncProperty(fc.nat(file.length), fc.nat(file.length - 1), fc.integer({ min: 0, max: 255 }), async (cut, at, byte) => {
      const mutated = Buffer.from(file)
      mutated[at] = byte
      for (const bytes of [file.subarray(0, cut), mutated]) {
        try {
          await readParquet(Buffer.from(bytes), 'x', () => true)
        } catch (error) {
          assert.ok(error instanceof Failure && error.exit === 'data', String(error))
        }
      }
    }), { numRuns: 300 })
  })
})

describe('bars of Parquet', () => {
  const COLUMNS = (ticker: readonly string[], date: readonly number[], price: readonly number[]): Column[] => [
    { name: 'date', type: 'INT32', converted: 6, values: date }, { name: 'ticker', type: 'BYTE_ARRAY', converted: 0, values: ticker },
    ...['open', 'high', 'low', 'close'].map((name) => ({ name, type: 'INT64', converted: 5, scale: 2, precision: 18, values: price.map(BigInt) }) as const),
    { name: 'volume', type: 'INT64', values: price.map(() => 9007199254740993n) },
  ]
  test('are those of the same CSV', async () => {
    const columns = COLUMNS(['GME', 'GME', 'A,"B'], [18631, 18632, 18631], [1725, 1737, 110])
    const csv = 'date,ticker,open,high,low,close,volume\n2021-01-04,GME,17.25,17.25,17.25,17.25,9007199254740993\n2021-01-05,GME,17.37,17.37,17.37,17.37,9007199254740993\n' +
      '2021-01-04,"A,""B",1.10,1.10,1.10,1.10,9007199254740993\n'
    const fromParquet = await read(parquetFile(columns, true), { opens: true }), fromCsv = await read(csv, { opens: true })
    assert.deepEqual(fromParquet.records, fromCsv.records)
    assert.equal(fromParquet.records.length, 6)
  })
  test('a timestamp of any unit, or plain digits, is the start', async () => {
    const ms = BigInt(Date.UTC(2021, 0, 4, 15, 30))
    for (const time of [
      { type: 'INT64', timestamp: ['NANOS', true], values: [ms * 1_000_000n] }, { type: 'INT64', converted: 9, values: [ms] }, { type: 'INT64', values: [ms / 1000n] },
      // A clock that the file does not place is New York's, as in CSV.
      { type: 'INT64', timestamp: ['MILLIS', false], values: [ms - 5n * 3_600_000n] },
    ] as const) {
      const [, ...rest] = COLUMNS(['A'], [0], [100])
      const { records, rejects } = await read(parquetFile([{ name: 'timestamp', ...time }, ...rest]))
      assert.deepEqual([sayings(records)[0]?.['at'], rejects], ['2021-01-04T15:30:00.000Z', []])
    }
  })
  test('what is no table of bars is refused', async () => {
    assert.match((await read(parquetFile([{ name: 'a', type: 'INT32', values: [1] }]))).failure ?? '', /no bars here|expected a CSV header/)
  })
})
