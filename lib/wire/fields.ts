/**
 * Rows to learn from, as fields of numbers or of words: CSV with a header, or a JSON object a line, told apart by the first character.
 * An empty cell, `?`, null and an absent member are missing values. A field is of numbers where all its values read as such.
 */
import { Failure } from '#port/failure'
import { isMissing, type Field } from '#domain/learn/coding'
import { openCsv, textOf } from './csv/rows.ts'

type Value = number | string | undefined

/** Throws Failure `data` where a row cannot be read, naming its line; `name` is what messages call the file. */
export function fieldsIn(bytes: Buffer, name: string): { readonly fields: readonly Field[]; readonly rows: number } {
  const text = textOf(bytes)
  const columns = text.trimStart().startsWith('{') ? fromLines(text, name) : fromCsv(text, name)
  const rows = columns.values().next().value?.length ?? 0
  if (rows === 0) throw new Failure('data', `${name}: no rows`)
  return { rows, fields: [...columns].map(([field, values]) => fieldOf(field, values)) }
}

function fromCsv(text: string, name: string): Map<string, Value[]> {
  const { columns, rows } = openCsv(text, name)
  const values = columns.map((): Value[] => [])
  for (const { line, whole, cells } of rows()) {
    if (!whole) throw new Failure('data', `${name}:${line}: ${cells.length} cells, the header has ${columns.length}`)
    cells.forEach((cell, i) => values[i]?.push(isMissing(cell.trim()) ? undefined : cell.trim()))
  }
  const byName = new Map(columns.map((column, i) => [column, values[i] ?? []]))
  if (byName.size < columns.length) throw new Failure('data', `${name}:1: two columns of one name`)
  return byName
}

function fromLines(text: string, name: string): Map<string, Value[]> {
  const byName = new Map<string, Value[]>()
  let rows = 0
  text.split('\n').forEach((line, i) => {
    if (line.trim() === '') return
    const place = `${name}:${i + 1}`
    for (const [field, value] of Object.entries(objectIn(line, place))) {
      const is = cellOf(value)
      if (is === 'neither') throw new Failure('data', `${place}: field "${field}" is neither a number nor a word`)
      let values = byName.get(field)
      if (values === undefined) byName.set(field, (values = []))
      while (values.length < rows) values.push(undefined)
      values.push(is.value)
    }
    rows++
  })
  for (const values of byName.values()) while (values.length < rows) values.push(undefined)
  return byName
}

function objectIn(line: string, place: string): object {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (error) {
    throw new Failure('data', `${place}: not JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Failure('data', `${place}: not a JSON object`)
  return value
}

/** A value of JSON as one of a field; truth is a word. */
export function cellOf(value: unknown): { readonly value: Value } | 'neither' {
  if (value === undefined || value === null) return { value: undefined }
  if (typeof value === 'number') return { value }
  if (typeof value === 'boolean') return { value: String(value) }
  return typeof value === 'string' ? { value: isMissing(value.trim()) ? undefined : value.trim() } : 'neither'
}

/** What a row has for a field of a model, or why that is none of its kind. */
export function cellFor(
  row: { readonly [name: string]: unknown }, { name, kind }: Pick<Field, 'name' | 'kind'>,
): { readonly cell: Value } | { readonly fault: string } {
  const is = cellOf(Object.hasOwn(row, name) ? row[name] : undefined)
  if (is === 'neither') return { fault: `field "${name}": neither a number nor a word` }
  if (kind === 'word' || is.value === undefined) return { cell: is.value }
  const number = numberOf(is.value)
  return number === undefined ? { fault: `field "${name}": not a number: ${JSON.stringify(is.value)}` } : { cell: number }
}

/** Fields as a model has them: those it does not know left out, those that are not there all missing. Throws Failure `data` where words should be numbers. */
export function fieldsFor(fields: readonly Field[], wanted: readonly Pick<Field, 'name' | 'kind'>[], name: string): Field[] {
  const rows = fields[0]?.values.length ?? 0
  return wanted.map(({ name: wants, kind }) => {
    const field = fields.find((one) => one.name === wants)
    if (kind === 'number') {
      if (field?.kind === 'word') throw new Failure('data', `${name}: field "${wants}" has values that are no numbers`)
      return { name: wants, kind, values: field?.values ?? new Float64Array(rows).fill(NaN) }
    }
    const values = Array.from({ length: rows }, (_, row) => field?.values[row])
    return { name: wants, kind, values: values.map((value) => (value === undefined || Number.isNaN(value) ? undefined : String(value))) }
  })
}

/** The number that a value stands for; undefined where it stands for none. */
export function numberOf(value: number | string): number | undefined {
  const number = typeof value === 'number' ? value : NUMBER.test(value) ? Number(value) : NaN
  return Number.isFinite(number) ? number : undefined
}
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

function fieldOf(name: string, values: readonly Value[]): Field {
  const numbers = new Float64Array(values.length)
  const isOfNumbers = values.every((value, row) => {
    const number = value === undefined ? NaN : numberOf(value)
    numbers[row] = number ?? NaN
    return number !== undefined
  })
  if (isOfNumbers) return { name, kind: 'number', values: numbers }
  return { name, kind: 'word', values: values.map((value) => (value === undefined ? undefined : String(value))) }
}
