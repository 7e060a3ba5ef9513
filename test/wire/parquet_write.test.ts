/** Parquet files that are written, read by others: hyparquet, and DuckDB, whose filters also rest on what is the least and the greatest. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { parquetMetadata, parquetReadObjects } from 'hyparquet'
import { neededModule } from '../needed.ts'
import { readParquet } from '#wire/parquet'
import { columnsOfRows, parquetOfColumns, type Column } from '#wire/parquet_write'

const words = fc.oneof(fc.constantFrom('', 'a', 'b', 'ticker:Ä', '\u{1f40e}'), fc.string({ unit: 'grapheme', maxLength: 80 }))
const wholes = fc.oneof(fc.constantFrom(0, 1, -1, 2 ** 32, -(2 ** 32) - 1), fc.maxSafeInteger())
const moments = fc.integer({ min: -62e12, max: 250e12 })
const doubles = fc.oneof(fc.constantFrom(0, -0, 1.5, Infinity, -Infinity), fc.double())
const table = fc.array(fc.record({ word: words, text: fc.option(words), moment: moments, number: doubles, whole: fc.option(wholes) }), { maxLength: 60 })
type Line = ReturnType<(typeof table)['generate']>['value'][number]

const columnsOf = (lines: readonly Line[]): readonly Column[] => [
  { name: 'word', kind: 'words', cells: lines.map(({ word }) => word) }, { name: 'text', kind: 'texts', cells: lines.map(({ text }) => text) },
  { name: 'moment', kind: 'moments', cells: Float64Array.from(lines, ({ moment }) => moment) },
  { name: 'number', kind: 'numbers', cells: Float64Array.from(lines, ({ number }) => number) },
  { name: 'whole', kind: 'wholes', cells: Float64Array.from(lines, ({ whole }) => whole ?? NaN) },
]

const saidBy = ({ word, text, moment, number, whole }: Line): unknown =>
  ({ word, text, moment: new Date(moment), number: Number.isNaN(number) ? null : number, whole: whole === null ? null : BigInt(whole) })

async function read(bytes: Buffer): Promise<readonly unknown[]> {
  const file = new Uint8Array(bytes).buffer
  return (await parquetReadObjects({ file })).map((row) => ({ ...row }))
}

test('what is written is read, each bit of it', async () => {
  await fc.assert(fc.asyncProperty(table, async (lines) => {
    assert.deepEqual(await read(parquetOfColumns(columnsOf(lines))), lines.map(saidBy))
  }))
})

/** Rows over several groups, of few values, of many, and of none in the first group. */
const LONG = 140_000
const long: readonly Column[] = [
  { name: 'few', kind: 'words', cells: Array.from({ length: LONG }, (_, i) => `w${i * 7 % 1000}`) },
  { name: 'many', kind: 'words', cells: Array.from({ length: LONG }, (_, i) => `${i * 7919 % LONG}`) },
  { name: 'hours', kind: 'moments', cells: Float64Array.from({ length: LONG }, (_, i) => 1.6e12 + (i * 31 % 5_000) * 3_600_000) },
  { name: 'each', kind: 'moments', cells: Float64Array.from({ length: LONG }, (_, i) => 1.6e12 - i * 977) },
  { name: 'late', kind: 'numbers', cells: Float64Array.from({ length: LONG }, (_, i) => (i < 70_000 || i % 3 === 0 ? NaN : i / 7)) },
  { name: 'one', kind: 'numbers', cells: new Float64Array(LONG).fill(-0.1) },
  { name: 'counts', kind: 'wholes', cells: Float64Array.from({ length: LONG }, (_, i) => (i % 11 === 0 ? NaN : i % 4_000)) },
]

test('so are columns of several groups, whether few values differ or all do', async () => {
  const bytes = parquetOfColumns(long), rows = await read(bytes)
  assert.equal(rows.length, LONG)
  for (const { name, kind, cells } of long) {
    for (const [i, row] of rows.entries()) {
      const cell = cells[i] ?? null, one = (row as Readonly<Record<string, unknown>>)[name]
      const expected = typeof cell !== 'number' ? cell : Number.isNaN(cell) ? null : kind === 'moments' ? cell : kind === 'wholes' ? BigInt(cell) : cell
      if (!Object.is(one instanceof Date ? one.getTime() : one, expected)) assert.fail(`${name}, row ${i}: ${String(one)}, expected ${String(expected)}`)
    }
  }
  assert.deepEqual(bytes, parquetOfColumns(long))
  const encodings = parquetMetadata(new Uint8Array(bytes).buffer).row_groups[0]?.columns.map(({ meta_data: about }) => about?.dictionary_page_offset !== undefined)
  assert.deepEqual(encodings, [true, false, true, false, false, true, true])
})

test('rows are columns of what they hold', () => {
  const columns = columnsOfRows([{ id: 'a', share: 0.5, count: 3 }, { id: 'b', note: 'x', share: 1, count: undefined }, { id: 'c', share: null, count: -1 }])
  assert.deepEqual(columns.map(({ name, kind, cells }) => [name, kind, [...cells]]), [
    ['id', 'texts', ['a', 'b', 'c']], ['share', 'numbers', [0.5, 1, NaN]], ['count', 'wholes', [3, NaN, -1]], ['note', 'texts', [null, 'x', null]],
  ])
})

const CODE = `
import json, sys, duckdb
path, asked = sys.argv[1], json.loads(sys.argv[2])
out = [duckdb.execute(f"SELECT {asked['sums']} FROM '{path}'").fetchone()]
out += [duckdb.execute(f"SELECT count(*) FROM '{path}' WHERE {one}").fetchone() for one in asked['where']]
print(json.dumps(out))`

test('DuckDB reads it, and its filters find what is there', { skip: neededModule('duckdb') }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'vanta-parquet-')), path = join(folder, 'long.parquet')
  writeFileSync(path, parquetOfColumns(long))
  const numbersOf = (name: string): number[] => [...(long.find((column) => column.name === name)?.cells ?? [])].filter((cell) => typeof cell === 'number' && !Number.isNaN(cell)) as number[]
  const asked = {
    sums: 'count(*), count(late), sum(counts)::BIGINT, max(late), min(one), max(epoch_ms(hours)), min(epoch_ms("each")), count(DISTINCT few), count(DISTINCT many)',
    where: [`few = 'w999'`, `late = ${numbersOf('late').at(-1)}`, 'one < 0', 'one = -0.1', 'counts = 3999', `many = '139999'`, `hours >= '1960-01-01' AND hours < '2020-09-13 13:00:00'`],
  }
  const { stdout, stderr } = spawnSync('python3', ['-c', CODE, path, JSON.stringify(asked)], { encoding: 'utf8' })
  rmSync(folder, { recursive: true })
  const least = (cells: readonly number[]): number => cells.reduce((a, b) => Math.min(a, b)), most = (cells: readonly number[]): number => cells.reduce((a, b) => Math.max(a, b))
  const counts = numbersOf('counts'), hours = numbersOf('hours')
  assert.deepEqual(JSON.parse(stdout === '' ? assert.fail(stderr) : stdout), [
    [LONG, numbersOf('late').length, counts.reduce((a, b) => a + b, 0), most(numbersOf('late')), -0.1, most(hours), least(numbersOf('each')), 1000, LONG],
    [LONG / 1000], [1], [LONG], [LONG], [counts.filter((one) => one === 3_999).length], [1], [hours.filter((ms) => ms < Date.UTC(2020, 8, 13, 13)).length],
  ])
})

const WRITE = `
import sys, duckdb
row = "'ticker:SPY' AS entity, TIMESTAMPTZ '2021-01-15 15:00:00Z' AS time, DATE '2021-01-14' AS day, 1.50::DECIMAL(9,2) AS price, true AS is_new"
for name, columns, how in [('plain', '', ''), ('packed', '', ', COMPRESSION zstd'), ('newer', '', ', PARQUET_VERSION v2'),
                           ('nested', ", [1, 2] AS day_list, {'entity': 'inside'} AS fields", '')]:
    duckdb.execute(f"COPY (SELECT {row}{columns} FROM range(3)) TO '{sys.argv[1]}/{name}.parquet' (FORMAT parquet{how})")`

test('what DuckDB writes is read; a column that is a list or has fields is refused where it is wanted', { skip: neededModule('duckdb') }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vanta-parquet-'))
  const { status, stderr } = spawnSync('python3', ['-c', WRITE, folder], { encoding: 'utf8' })
  assert.equal(status, 0, stderr)
  const file = (name: string): Buffer => readFileSync(join(folder, `${name}.parquet`)), flat = ['entity', 'time', 'day', 'price', 'is_new']
  for (const name of ['plain', 'packed', 'newer', 'nested']) {
    const { length, columns } = await readParquet(file(name), name, (column) => flat.includes(column))
    assert.deepEqual([length, columns.map((column) => column.text(2))], [3, ['ticker:SPY', '2021-01-15T15:00:00Z', '2021-01-14', '1.50', 'true']], name)
    assert.equal(columns[1]?.instant(0), Date.UTC(2021, 0, 15, 15))
  }
  await assert.rejects(readParquet(file('nested'), 'nested', () => true), { exit: 'data', message: /^nested: .*column "day_list" is a list or has fields/ })
  rmSync(folder, { recursive: true })
})
