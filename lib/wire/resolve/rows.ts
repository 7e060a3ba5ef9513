/** Records and pairs of records that a user wants told apart: CSV with a header, or a JSON object a line. */
import { Failure } from '#port/failure'
import type { Fields } from '#domain/resolve/corpus'
import type { LabelledPair, RecordPair } from '#domain/resolve/matcher'
import { openCsv, textOf } from '../csv/rows.ts'

export interface Row {
  /** Its place in the file, from 1. */
  readonly number: number
  readonly fields: Fields
}

/** Every row of a file. Throws Failure `data` with the line where one cannot be read. */
export function rowsOf(bytes: Buffer, name: string): readonly Row[] {
  const text = textOf(bytes)
  if (/^\s*\{/.test(text)) return jsonLines(text, name).map(({ number, value }) => ({ number, fields: fieldsOf(value, `${name}:${number}`) }))
  const csv = openCsv(text, name)
  return [...csv.rows()].map((row, i) => {
    if (!row.whole) throw new Failure('data', `${name}:${row.line}: expected ${csv.columns.length} cells, got ${row.cells.length}`)
    return { number: i + 1, fields: Object.fromEntries(csv.columns.map((column) => [column, row.cell(column)])) }
  })
}

export interface Named {
  readonly id: string
  readonly fields: Fields
}

/**
 * The rows of a file by the column that names them, which is no evidence of what they are: `idColumn`, else one called id, or whose name ends so,
 * with a value of its own in every row; rows go by number where there is none.
 */
export function namedRowsOf(bytes: Buffer, name: string, idColumn: string | undefined): readonly Named[] {
  const rows = rowsOf(bytes, name)
  if (idColumn !== undefined && rows.some(({ fields }) => fields[idColumn] === undefined)) throw new Failure('data', `${name}: no column "${idColumn}"`)
  const column = idColumn ?? columnOfIds(rows)
  return rows.map(({ number, fields }) => {
    if (column === undefined) return { id: String(number), fields }
    const { [column]: id = String(number), ...rest } = fields
    return { id, fields: rest }
  })
}

function columnOfIds(rows: readonly Row[]): string | undefined {
  return Object.keys(rows[0]?.fields ?? {}).find((column) => {
    const values = new Set(rows.map(({ fields }) => fields[column] ?? ''))
    return /(^|_)id$/i.test(column) && values.size === rows.length && !values.has('')
  })
}

/** Lines of `{"left": {...}, "right": {...}}`, each with the object that it was. */
export function pairsOf(bytes: Buffer, name: string): readonly (RecordPair & { readonly given: { readonly [field: string]: unknown } })[] {
  return jsonLines(textOf(bytes), name).map(({ number, value }) => ({
    left: fieldsOf(value['left'], `${name}:${number}: left`), right: fieldsOf(value['right'], `${name}:${number}: right`), given: value,
  }))
}

/** The same with `"match": 0` or `1`. */
export function labelledPairsOf(bytes: Buffer, name: string): readonly LabelledPair[] {
  return pairsOf(bytes, name).map(({ left, right, given }, i) => {
    const match = Number(given['match'])
    if (match !== 0 && match !== 1) throw new Failure('data', `${name}:${i + 1}: field "match": expected 0 or 1`)
    return { left, right, match }
  })
}

function jsonLines(text: string, name: string): { readonly number: number; readonly value: { readonly [field: string]: unknown } }[] {
  return text.split('\n').flatMap((line, i) => {
    if (line.trim() === '') return []
    const value = objectOf(line)
    if (value === undefined) throw new Failure('data', `${name}:${i + 1}: expected a JSON object`)
    return [{ number: i + 1, value }]
  })
}

function objectOf(line: string): { readonly [field: string]: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

const isObject = (value: unknown): value is { readonly [field: string]: unknown } => typeof value === 'object' && value !== null && !Array.isArray(value)

function fieldsOf(value: unknown, place: string): Fields {
  if (!isObject(value)) throw new Failure('data', `${place}: expected an object of fields`)
  const fields: { [field: string]: string } = {}
  for (const [field, one] of Object.entries(value)) {
    if (one === null) continue
    const plain = typeof one === 'string' || typeof one === 'number' || typeof one === 'boolean'
    if (!plain) throw new Failure('data', `${place}: field "${field}": expected a text or number`)
    fields[field] = String(one)
  }
  return fields
}
