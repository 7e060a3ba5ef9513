/**
 * Parquet files (https://parquet.apache.org/docs/file-format) of columns as they are; what is missing is null. What differs in few rows is written once
 * and numbered, all else plain, nothing is compressed: such a file is read and written at the speed of memory.
 */
import { binary, i32, i64, list, struct, yes, type Thrift } from './thrift.ts'
import { chunkOf, RLE, type Chunk } from './parquet_chunk.ts'

/** Words and moments (milliseconds since 1970) are there in each row; texts may be null; of numbers and whole numbers (up to 2^53) NaN is none. */
export type Column = { readonly name: string } & (
  | { readonly kind: 'words'; readonly cells: readonly string[] }
  | { readonly kind: 'texts'; readonly cells: readonly (string | null)[] }
  | { readonly kind: 'moments' | 'numbers' | 'wholes'; readonly cells: Float64Array }
)

const ROW_GROUP = 65_536
const MAGIC = Buffer.from('PAR1')
const MADE_BY = 'vanta version 1'
const DATA_PAGE = 0, DICTIONARY_PAGE = 2, PLAIN = 0, RLE_DICTIONARY = 8, UNCOMPRESSED = 0

/** Columns of the same length. The same columns give the same bytes. */
export function parquetOfColumns(columns: readonly Column[]): Buffer {
  const length = columns[0]?.cells.length ?? 0, parts: Uint8Array[] = [MAGIC], groups: Thrift[] = []
  let at = MAGIC.length
  for (let from = 0; from < length; from += ROW_GROUP) {
    const to = Math.min(length, from + ROW_GROUP), chunks: Thrift[] = []
    let groupBytes = 0
    for (const column of columns) {
      const written = pagesOf(chunkOf(column, from, to), column, to - from, at)
      parts.push(...written.pages)
      chunks.push(written.about)
      at += written.bytes
      groupBytes += written.bytes
    }
    groups.push(struct([[1, list(chunks)], [2, i64(groupBytes)], [3, i64(to - from)]]))
  }
  const root = struct([[4, binary('schema')], [5, i32(columns.length)]])
  const { bytes: footer } = struct([
    [1, i32(2)], [2, list([root, ...columns.map(elementOf)])], [3, i64(length)], [4, list(groups)], [6, binary(MADE_BY)],
    [7, list(columns.map(() => struct([[1, struct([])]])))],
  ])
  const end = Buffer.alloc(4)
  end.writeUInt32LE(footer.length)
  return Buffer.concat([...parts, footer, end, MAGIC])
}

const INT64 = 2, DOUBLE = 5, BYTE_ARRAY = 6
const isText = ({ kind }: Column): boolean => kind === 'words' || kind === 'texts'
const physical = (column: Column): number => (isText(column) ? BYTE_ARRAY : column.kind === 'numbers' ? DOUBLE : INT64)

/** The converted types are for readers from before there were logical ones. */
function elementOf(column: Column): Thrift {
  const UTF8 = 0, TIMESTAMP_MILLIS = 9, { kind } = column
  const millis = struct([[8, struct([[1, yes], [2, struct([[1, struct([])]])]])]]), text = struct([[1, struct([])]])
  const [converted, logical] = isText(column) ? [i32(UTF8), text] : kind === 'moments' ? [i32(TIMESTAMP_MILLIS), millis] : []
  return struct([[1, i32(physical(column))], [3, i32(kind === 'moments' || kind === 'words' ? 0 : 1)], [4, binary(column.name)], [6, converted], [10, logical]])
}

interface WrittenChunk {
  readonly pages: readonly Uint8Array[]
  readonly bytes: number
  readonly about: Thrift
}

function pagesOf({ dictionary, levels, values, nulls, least, most }: Chunk, column: Column, rows: number, at: number): WrittenChunk {
  const encoding = dictionary === undefined ? PLAIN : RLE_DICTIONARY, dataBytes = (levels?.length ?? 0) + values.length
  const pages: Uint8Array[] = []
  if (dictionary !== undefined) {
    const { length } = dictionary.values
    pages.push(struct([[1, i32(DICTIONARY_PAGE)], [2, i32(length)], [3, i32(length)], [7, struct([[1, i32(dictionary.count)], [2, i32(PLAIN)]])]]).bytes)
    pages.push(dictionary.values)
  }
  const dataAt = at + bytesIn(pages)
  const data = struct([[1, i32(rows)], [2, i32(encoding)], [3, i32(RLE)], [4, i32(RLE)]])
  pages.push(struct([[1, i32(DATA_PAGE)], [2, i32(dataBytes)], [3, i32(dataBytes)], [5, data]]).bytes)
  if (levels !== undefined) pages.push(levels)
  pages.push(values)
  const bytes = bytesIn(pages), bound = (value: Buffer | undefined): Thrift | undefined => (value === undefined ? undefined : binary(value))
  const about = struct([
    [1, i32(physical(column))], [2, list([...new Set([PLAIN, RLE, encoding])].map(i32))], [3, list([binary(column.name)])], [4, i32(UNCOMPRESSED)],
    [5, i64(rows)], [6, i64(bytes)], [7, i64(bytes)], [9, i64(dataAt)], [11, dictionary === undefined ? undefined : i64(at)],
    [12, struct([[3, i64(nulls)], [5, bound(most)], [6, bound(least)]])],
  ])
  return { pages, bytes, about: struct([[2, i64(dataAt)], [3, about]]) }
}

const bytesIn = (parts: readonly Uint8Array[]): number => parts.reduce((sum, { length }) => sum + length, 0)

export interface Row {
  readonly [column: string]: string | number | null | undefined
}

/** Rows as columns, in the order in which they first name them; what is missing is null. Whole numbers only make a column of whole numbers. */
export function columnsOfRows(rows: readonly Row[]): readonly Column[] {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  return names.map((name): Column => {
    const cells = rows.map((row) => row[name] ?? null), known = cells.filter((cell) => cell !== null)
    if (known.length === 0 || known.some((cell) => typeof cell === 'string')) {
      return { name, kind: 'texts', cells: cells.map((cell) => (cell === null ? null : String(cell))) }
    }
    const numbers = Float64Array.from(cells, (cell) => (cell === null ? NaN : Number(cell)))
    return { name, kind: known.every(Number.isSafeInteger) ? 'wholes' : 'numbers', cells: numbers }
  })
}
