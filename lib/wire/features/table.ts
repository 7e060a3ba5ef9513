/** A table that asks for features: rows of an entity, a moment and whatever else, as CSV, NDJSON or Parquet, told by content. */
import { parseMoment, type Millis } from '#record'
import { Failure } from '#port/failure'
import { openCsv, textOf } from '../csv/rows.ts'
import { isParquet, momentText, readParquet, type TextColumn, type TextTable } from '../parquet.ts'

export interface AskedTable {
  readonly entities: readonly string[]
  readonly asOfMs: Float64Array
  /** All other columns, as they were: labels, weights. Empty where there is none. */
  readonly others: ReadonlyMap<string, readonly string[]>
}

/** Throws Failure `data` naming the row without an entity or a moment, `usage` where there are no such columns. */
export async function readAsked(bytes: Buffer, name: string, columns: { readonly entity: string; readonly time: string }): Promise<AskedTable> {
  const isJson = /^\s*\{/.test(bytes.toString('latin1', 0, 256))
  const table = isParquet(bytes) ? await readParquet(bytes, name, () => true) : isJson ? jsonTable(bytes, name) : csvTable(bytes, name)
  const entity = columnOf(table, columns.entity, name), time = columnOf(table, columns.time, name)
  const entities = textsOf(table, entity).map((text) => text.trim()), nobody = entities.indexOf('')
  if (nobody >= 0) throw new Failure('data', `${name}: row ${nobody + 1}: no ${columns.entity}`)
  const asOfMs = new Float64Array(table.length)
  for (let row = 0; row < asOfMs.length; row++) asOfMs[row] = time.instant(row) ?? momentOf(time.text(row).trim(), `${name}: row ${row + 1}`, columns.time)
  const others = table.columns.filter((column) => column !== entity && column !== time)
  return { entities, asOfMs, others: new Map(others.map((column) => [column.name, textsOf(table, column)])) }
}

function columnOf({ columns }: TextTable, wanted: string, name: string): TextColumn {
  const column = columns.find((one) => one.name === wanted)
  if (column === undefined) throw new Failure('usage', `${name}: no column "${wanted}"; it has ${columns.map((one) => one.name).join(', ')}`)
  return column
}

function momentOf(text: string, place: string, column: string): Millis {
  const ms = parseMoment(text) ?? parseMoment(momentText(text))
  if (ms === undefined) throw new Failure('data', `${place}: expected a moment like 2021-01-15T14:30:00Z in "${column}", got "${text}"`)
  return ms
}

const textsOf = ({ length }: TextTable, { text }: TextColumn): string[] => Array.from({ length }, (_, row) => text(row))

function tableOf(header: readonly string[], rows: readonly (readonly string[])[]): TextTable {
  const columns = header.map((name, at): TextColumn => ({ name, text: (row) => rows[row]?.[at] ?? '', instant: () => undefined }))
  return { length: rows.length, columns }
}

function csvTable(bytes: Buffer, name: string): TextTable {
  const csv = openCsv(textOf(bytes), name), rows: (readonly string[])[] = []
  for (const row of csv.rows()) {
    if (!row.whole) throw new Failure('data', `${name}:${row.line}: ${row.cells.length} cells, the header has ${csv.columns.length}`)
    rows.push(row.cells)
  }
  return tableOf(csv.columns, rows)
}

function jsonTable(bytes: Buffer, name: string): TextTable {
  const objects = textOf(bytes).split('\n').flatMap((line, nth) => (line.trim() === '' ? [] : [objectOf(line, `${name}:${nth + 1}`)]))
  const header = [...new Set(objects.flatMap((object) => Object.keys(object)))]
  return tableOf(header, objects.map((object) => header.map((column) => cellOf(object[column]))))
}

function objectOf(line: string, place: string): { readonly [field: string]: unknown } {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (error) {
    throw new Failure('data', `${place}: not valid JSON: ${error instanceof Error ? error.message : String(error)}`, error)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Failure('data', `${place}: expected an object`)
  return value as { readonly [field: string]: unknown }
}

const cellOf = (value: unknown): string => (value === undefined || value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value))
