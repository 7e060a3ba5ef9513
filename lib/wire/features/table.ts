/** A table that asks for features: rows of an entity, a moment and whatever else, as CSV, NDJSON or Parquet, told by content. */
import { parseMoment } from '#record'
import { Failure } from '#port/failure'
import { openCsv, textOf } from '../csv/rows.ts'
import { isParquet, momentText, readParquet } from '../parquet.ts'

export interface AskedTable {
  readonly entities: readonly string[]
  readonly asOfMs: Float64Array
  /** All other columns, as they were: labels, weights. Empty where there is none. */
  readonly others: ReadonlyMap<string, readonly string[]>
}

/** Throws Failure `data` naming the row without an entity or a moment, `usage` where there are no such columns. */
export async function readAsked(bytes: Buffer, name: string, columns: { readonly entity: string; readonly time: string }): Promise<AskedTable> {
  const isJson = /^\s*\{/.test(bytes.toString('latin1', 0, 256))
  const { header, rows } = isParquet(bytes) ? await parquetRows(bytes, name) : isJson ? jsonRows(bytes, name) : csvRows(bytes, name)
  const entityAt = header.indexOf(columns.entity), timeAt = header.indexOf(columns.time)
  for (const [at, column] of [[entityAt, columns.entity], [timeAt, columns.time]] as const) {
    if (at < 0) throw new Failure('usage', `${name}: no column "${column}"; it has ${header.join(', ')}`)
  }
  const entities: string[] = [], asOfMs = new Float64Array(rows.length)
  const others = header.flatMap((column, at): [string, string[], number][] => (at === entityAt || at === timeAt ? [] : [[column, [], at]]))
  for (const [nth, row] of rows.entries()) {
    const entity = row[entityAt]?.trim() ?? '', time = row[timeAt]?.trim() ?? '', ms = parseMoment(time) ?? parseMoment(momentText(time))
    if (entity === '') throw new Failure('data', `${name}: row ${nth + 1}: no ${columns.entity}`)
    if (ms === undefined) throw new Failure('data', `${name}: row ${nth + 1}: expected a moment like 2021-01-15T14:30:00Z in "${columns.time}", got "${time}"`)
    entities.push(entity)
    asOfMs[nth] = ms
    for (const [, cells, at] of others) cells.push(row[at] ?? '')
  }
  return { entities, asOfMs, others: new Map(others.map(([column, cells]) => [column, cells])) }
}

interface Cells {
  readonly header: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

async function parquetRows(bytes: Buffer, name: string): Promise<Cells> {
  const { columns, rows } = await readParquet(bytes, name, () => true)
  return { header: columns, rows }
}

function csvRows(bytes: Buffer, name: string): Cells {
  const csv = openCsv(textOf(bytes), name), rows: (readonly string[])[] = []
  for (const row of csv.rows()) {
    if (!row.whole) throw new Failure('data', `${name}:${row.line}: ${row.cells.length} cells, the header has ${csv.columns.length}`)
    rows.push(row.cells)
  }
  return { header: csv.columns, rows }
}

function jsonRows(bytes: Buffer, name: string): Cells {
  const objects = textOf(bytes).split('\n').flatMap((line, nth) => (line.trim() === '' ? [] : [objectOf(line, `${name}:${nth + 1}`)]))
  const header = [...new Set(objects.flatMap((object) => Object.keys(object)))]
  return { header, rows: objects.map((object) => header.map((column) => cellOf(object[column]))) }
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
