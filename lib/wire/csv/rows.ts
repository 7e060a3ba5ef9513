/**
 * CSV after RFC 4180: quoted fields may hold commas, doubled quotes and line breaks. Every row knows its line, so that a bad
 * one can be named; a row with too many or too few cells is given as it stands, for the reader to judge.
 */
import { Failure } from '#port/failure'

/** The largest row, in characters: a quote that is never closed must not swallow a whole file in silence. */
const MAX_ROW = 1 << 20

export interface CsvRow {
  /** The line it starts on, counted from 1. */
  readonly line: number
  /** True where the row has as many cells as the header. */
  readonly whole: boolean
  /** The trimmed cell of a column; empty where the row or the file has none. */
  cell(column: string): string
  readonly cells: readonly string[]
}

export interface Csv {
  readonly columns: readonly string[]
  rows(): Generator<CsvRow>
}

/** A cell as it is written: quoted where it would not be read as it is. */
export const csvCell = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

/** The text of a payload: UTF-8, a byte order mark dropped. */
export function textOf(bytes: Buffer): string {
  const text = bytes.toString('utf8')
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
}

/** `name` is what messages call the file. Throws Failure `data` where there is no header, or a quote is never closed. */
export function openCsv(text: string, name: string): Csv {
  const header: string[] = []
  const body = splitRow(text, 0, header)
  if (body < 0 || header.every((cell) => cell.trim() === '')) throw new Failure('data', `${name}:1: expected a CSV header`)
  const columns = header.map((cell) => cell.trim())
  const places = new Map(columns.map((column, place) => [column, place]))
  return {
    columns,
    *rows() {
      let line = 1 + linesIn(text, 0, body)
      for (let from = body; from < text.length;) {
        const cells: string[] = []
        const next = splitRow(text, from, cells)
        if (next < 0) throw unclosed(name, line)
        if (cells.length > 1 || cells[0] !== '') {
          const cell = (column: string): string => cells[places.get(column) ?? -1]?.trim() ?? ''
          yield { line, whole: cells.length === columns.length, cell, cells }
        }
        line += linesIn(text, from, next)
        from = next
      }
    },
  }
}

export const unclosed = (name: string, line: number): Failure => new Failure('data', `${name}:${line}: a quote is never closed`)

/** Line breaks between two places of a text. */
export function linesIn(text: string, from: number, to: number): number {
  let lines = 0
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) lines++
  return lines
}

/** Put the cells of the row at `from` into `cells`; returns where the next row starts, or -1 where a quote is never closed. */
export function splitRow(text: string, from: number, cells: string[]): number {
  const newline = text.indexOf('\n', from)
  const next = newline < 0 ? text.length : newline + 1
  const end = newline < 0 ? text.length : newline
  const row = text.slice(from, end > from && text.charCodeAt(end - 1) === 13 ? end - 1 : end)
  if (row.includes('"')) return splitQuoted(text, from, cells)
  for (let at = 0; ;) {
    const comma = row.indexOf(',', at)
    if (comma < 0) {
      cells.push(row.slice(at))
      return next
    }
    cells.push(row.slice(at, comma))
    at = comma + 1
  }
}

/** One cell of the row at `from`; empty where it has none. */
export function cellAt(text: string, from: number, place: number): string {
  const newline = text.indexOf('\n', from), end = newline < 0 ? text.length : newline
  let start = from
  for (let skipped = 0; skipped <= place; skipped++) {
    const comma = text.indexOf(',', start), stop = comma < 0 || comma > end ? end : comma
    if (text.charCodeAt(start) === QUOTE) return quotedCell(text, from, place)
    if (skipped === place) return text.slice(start, text.charCodeAt(stop - 1) === RETURN ? stop - 1 : stop)
    if (stop === end) break
    start = stop + 1
  }
  return ''
}
const QUOTE = 34, RETURN = 13

function quotedCell(text: string, from: number, place: number): string {
  const cells: string[] = []
  splitRow(text, from, cells)
  return cells[place] ?? ''
}

function splitQuoted(text: string, from: number, cells: string[]): number {
  let at = from
  for (;;) {
    let cell = ''
    while (text[at] === '"') {
      const close = closingQuote(text, at, from)
      if (close < 0) return -1
      cell += text.slice(at + 1, close).replaceAll('""', '"')
      at = close + 1
    }
    const start = at
    while (at < text.length && text[at] !== ',' && text[at] !== '\n') at++
    cell += text.slice(start, at)
    if (text[at] === ',') {
      cells.push(cell)
      at++
      continue
    }
    cells.push(cell.endsWith('\r') ? cell.slice(0, -1) : cell)
    return Math.min(at + 1, text.length)
  }
}

function closingQuote(text: string, open: number, rowStart: number): number {
  let at = text.indexOf('"', open + 1)
  while (at >= 0 && text[at + 1] === '"') at = text.indexOf('"', at + 2)
  return at - rowStart > MAX_ROW ? -1 : at
}
