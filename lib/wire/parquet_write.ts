/** Rows as a Parquet file (https://parquet.apache.org/docs/file-format): a column a field, text, whole numbers and doubles; what is missing is null. */
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
