/** Parquet files (https://parquet.apache.org/docs/file-format) of rows, or of columns as they are; what is missing is null. */
export type Cell = string | number | boolean | null | undefined
export interface Row {
  readonly [column: string]: Cell
}

/** Columns in the order in which rows first name them; the same rows give the same bytes. Whole numbers only make a column of 64 bits. */
export async function parquetOf(rows: readonly Row[]): Promise<Buffer> {
  const { parquetWriteBuffer } = await import('hyparquet-writer')
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const columnData = names.map((name) => columnOf(name, rows.map((row) => row[name] ?? null)))
  return Buffer.from(parquetWriteBuffer({ columnData, codec: 'UNCOMPRESSED' }))
}

function columnOf(name: string, cells: readonly (string | number | boolean | null)[]) {
  const known = cells.filter((cell) => cell !== null)
  if (known.every((cell) => typeof cell === 'number' && Number.isSafeInteger(cell)) && known.length > 0) {
    return { name, type: 'INT64' as const, nullable: true, data: cells.map((cell) => (typeof cell === 'number' ? BigInt(cell) : null)) }
  }
  if (known.every((cell) => typeof cell === 'number') && known.length > 0) return { name, type: 'DOUBLE' as const, nullable: true, data: [...cells] }
  if (known.every((cell) => typeof cell === 'boolean') && known.length > 0) return { name, type: 'BOOLEAN' as const, nullable: true, data: [...cells] }
  return { name, type: 'STRING' as const, nullable: true, data: cells.map((cell) => (cell === null ? null : String(cell))) }
}

/** Words, of which few differ or each does; milliseconds since 1970; doubles, NaN where there is none. */
export type Column = { readonly name: string } & (
  | { readonly kind: 'words' | 'names'; readonly cells: readonly string[] }
  | { readonly kind: 'moments' | 'numbers'; readonly cells: Float64Array }
)

const ROW_GROUP = 65_536

/** Columns of the same length, packed. The same columns give the same bytes. */
export async function parquetOfColumns(columns: readonly Column[]): Promise<Buffer> {
  const { parquetWriteBuffer } = await import('hyparquet-writer')
  return Buffer.from(parquetWriteBuffer({ columnData: columns.map(sourceOf), rowGroupSize: ROW_GROUP }))
}

/** Looking for what repeats, and for the least and the greatest, is most of the work: it is left out where it would find nothing. */
function sourceOf(column: Column) {
  const { name } = column
  switch (column.kind) {
    case 'words': return { name, type: 'STRING' as const, nullable: false, data: [...column.cells] }
    case 'names': {
      return { name, type: 'STRING' as const, nullable: false, encoding: 'PLAIN' as const, statistics: false, offsetIndex: false, data: [...column.cells] }
    }
    case 'moments': {
      const data = Array.from(column.cells, (ms) => new Date(ms))
      return { name, type: 'TIMESTAMP' as const, nullable: false, encoding: 'DELTA_BINARY_PACKED' as const, data }
    }
    case 'numbers': {
      const data = column.cells.some(Number.isNaN) ? Array.from(column.cells, (value) => (Number.isNaN(value) ? null : value)) : column.cells
      return { name, type: 'DOUBLE' as const, nullable: true, encoding: 'PLAIN' as const, data }
    }
  }
}
