/** Tables to train on: Parquet, CSV or NDJSON. */
import { formatInstant } from '#record'
import { csvCell } from '../csv/rows.ts'
import { parquetOfColumns, type Column } from '../parquet_write.ts'

export const TABLE_FORMATS = ['parquet', 'csv', 'ndjson'] as const
export type TableFormat = (typeof TABLE_FORMATS)[number]

export const encodeTable = (columns: readonly Column[], format: TableFormat): Buffer =>
  format === 'parquet' ? parquetOfColumns(columns) : Buffer.concat([...textOfTable(columns, format)].map((text) => Buffer.from(`${text}\n`)))

/** So many rows to a piece of text: one of all may be longer than a string can be. */
const PIECE = 10_000

/** Lines, many at once, without the last line break of each piece. */
export function* textOfTable(columns: readonly Column[], format: 'csv' | 'ndjson'): Generator<string> {
  const length = columns[0]?.cells.length ?? 0
  if (format === 'csv') yield columns.map(({ name }) => csvCell(name)).join(',')
  for (let from = 0; from < length; from += PIECE) {
    const rows = Array.from({ length: Math.min(PIECE, length - from) }, (_, i) => from + i)
    yield rows.map((row) => (format === 'csv' ? columns.map((column) => csvCell(textAt(column, row) ?? '')).join(',') : jsonRow(columns, row))).join('\n')
  }
}

/** Cells that are all numbers as they would be written make a column of numbers, so that labels can be learned from; others stay words. */
export function columnOfCells(name: string, cells: readonly string[]): Column {
  const isNumeric = cells.some((cell) => cell !== '') && cells.every((cell) => cell === '' || NUMBER.test(cell))
  return isNumeric ? { name, kind: 'numbers', cells: Float64Array.from(cells, (cell) => (cell === '' ? NaN : Number(cell))) } : { name, kind: 'words', cells }
}
const NUMBER = /^-?(0|[1-9]\d{0,14})(\.\d{1,15})?$/

function textAt({ kind, cells }: Column, row: number): string | undefined {
  const cell = cells[row]
  if (typeof cell === 'string') return cell
  if (cell === undefined || cell === null || Number.isNaN(cell)) return undefined
  return kind === 'moments' ? formatInstant(cell) : String(cell)
}

function jsonRow(columns: readonly Column[], row: number): string {
  const members = columns.map((column) => {
    const text = textAt(column, row)
    const isNumber = column.kind === 'numbers' || column.kind === 'wholes'
    return `${JSON.stringify(column.name)}:${text === undefined ? 'null' : isNumber ? text : JSON.stringify(text)}`
  })
  return `{${members.join(',')}}`
}
