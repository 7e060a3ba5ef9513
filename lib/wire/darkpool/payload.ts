/** Any recorded payload on trading off the exchanges and on short sales, told by what it holds, never by its name. */
import { Failure } from '#port/failure'
import type { Parser, Payload, Reading } from '#port/payload'
import { millisOf, type Signal, type Vanta } from '#record'
import { openCsv } from '../csv/rows.ts'
import { exactString, parseExact, type Exact } from '../json_exact.ts'
import { membersOf, wordOf } from '../json_fields.ts'
import { isBelievable } from '../market_day.ts'
import { polygonError } from '../polygon.ts'
import { textOf } from '../text.ts'
import type { Context } from './found.ts'
import { isStockgridOne, readDataLink, readList, readStockgridOne, type Placed } from './lists.ts'
import { isPolygonTrades, readPolygonTrades } from './polygon.ts'
import { printSignal, ShareBook } from './prints.ts'
import { SHARE_TABLES, type ShareTable, type TableRow } from './tables.ts'

export interface DarkpoolReading {
  /** Only these tickers; where it is one, payloads that name none are about it. */
  readonly symbols: readonly string[] | undefined
  /** The New York date of payloads that name none. */
  readonly date: string | undefined
}

export class DarkpoolParser implements Parser {
  readonly #asked: DarkpoolReading
  readonly #reading: Reading
  readonly #book = new ShareBook()

  constructor(asked: DarkpoolReading, reading: Reading) {
    this.#asked = asked
    this.#reading = reading
  }

  *read(payload: Payload): Generator<Vanta> {
    const { symbols, date } = this.#asked, { by, reject } = this.#reading
    // What a service answered was asked for, by symbol where it can be.
    const wanted = symbols === undefined ? undefined : new Set(symbols.map((symbol) => symbol.toUpperCase()))
    const met = new Map<string, number>()
    const context: Context = {
      name: payload.name, by, heardMs: payload.heardMs, url: payload.url, symbol: symbols?.length === 1 ? symbols[0] : undefined, date, reject,
      before(name) {
        const count = met.get(name) ?? 0
        met.set(name, count + 1)
        return count
      },
    }
    // A slice of a day that was cut by the moment of asking has no share of its own to tell.
    const isWhole = payload.url === undefined
    let others = 0, exchange = 0, unbelievable = 0
    for (const [place, row] of rowsIn(textOf(payload.bytes, payload.contentType), context)) {
      if (row === undefined) continue
      if (typeof row === 'string') {
        reject(place, row)
        continue
      }
      const subject = 'signal' in row ? row.signal.subject : row.print.subject
      if (wanted !== undefined && subject !== undefined && !wanted.has(subject.slice('ticker:'.length).toUpperCase())) {
        others++
        continue
      }
      if (!isBelievable('signal' in row ? millisOf(row.signal.at) : row.print.atMs, payload.heardMs)) {
        unbelievable++
        continue
      }
      if ('signal' in row) {
        yield row.signal
        continue
      }
      if (isWhole && row.print.isSelected !== true) this.#book.add(row.print)
      const signal: Signal | undefined = printSignal(row.print, by)
      if (signal === undefined) exchange++
      else yield signal
    }
    if (exchange > 0) reject(`${exchange} prints`, 'made on exchanges: counted in the day, not given')
    if (unbelievable > 0) reject(`${unbelievable} parts`, 'dated as nothing can have happened yet')
    if (others > 0) reject(`${others} parts`, 'of other tickers than --symbol')
  }

  *end(): Generator<Vanta> {
    yield* this.#book.signals(this.#reading.by)
  }
}

function rowsIn(text: string, context: Context): Iterable<Placed> {
  const { name } = context, start = text.trimStart()
  if (start === '') throw new Failure('data', `${name}: empty`)
  if (start.startsWith('<')) throw new Failure('data', `${name}: a page or XML, where prints or short volume were expected`)
  if (start.startsWith('{') || start.startsWith('[')) return answerRows(parseExact(text, name), context)
  const header = /^[^\r\n]*/.exec(start)?.[0] ?? ''
  if (header.includes('|')) return pipedRows(start, header, context)
  if (header.includes(',')) return csvRows(start, context)
  throw new Failure('data', `${name}: neither JSON nor a table of prints or short volume`)
}

function answerRows(answer: Exact, context: Context): Iterable<Placed> {
  const error = polygonError(answer) ?? finraError(answer)
  if (error !== undefined) throw new Failure('data', `${context.name}: the service answered with an error: ${error.slice(0, 200)}`)
  if (isStockgridOne(answer)) return readStockgridOne(answer, context)
  if (isPolygonTrades(answer)) return readPolygonTrades(answer, context)
  const rows = readDataLink(answer, context) ?? readList(answer, context)
  if (rows === undefined) throw new Failure('data', `${context.name}: JSON, but no prints, off-exchange or short volume`)
  return rows
}

/** FINRA's interface tells errors with a number and a text; Nasdaq Data Link with a code. */
function finraError(answer: Exact): string | undefined {
  const object = membersOf(answer)
  const coded = membersOf(object['quandl_error'])
  if ('code' in coded) return exactString(coded['message']) ?? 'an error'
  return 'statusCode' in object ? exactString(object['message']) ?? `status ${wordOf(object['statusCode']) ?? ''}` : undefined
}

function tableFor(columns: readonly string[], name: string): ShareTable {
  const table = SHARE_TABLES.find((each) => each.columns.every((column) => columns.includes(column)))
  if (table === undefined) {
    throw new Failure('data', `${name}: a table whose columns are none of prints or short volume: ${JSON.stringify(columns.join(',').slice(0, 120))}`)
  }
  return table
}

function* csvRows(text: string, context: Context): Generator<Placed> {
  const csv = openCsv(text, context.name), table = tableFor(csv.columns, context.name)
  let count = 0
  for (const row of csv.rows()) {
    count++
    yield [`line ${row.line}`, row.whole ? table.row(row, context) : `expected ${csv.columns.length} cells`]
  }
  if (count === 0) yield ['rows', 'a table without rows']
}

/** Cells between pipes, without quotes; the last line of a whole file is the number of rows before it. */
function* pipedRows(text: string, header: string, context: Context): Generator<Placed> {
  const columns = header.split('|').map((column) => column.trim()), table = tableFor(columns, context.name)
  const said = new Set<string>()
  let count = 0, line = 0, told: number | undefined
  for (const piece of text.split('\n')) {
    line++
    const whole = piece.trim(), place = `line ${line}`
    if (line === 1 || whole === '') continue
    if (/^\d+$/.test(whole)) {
      told = Number(whole)
      continue
    }
    count++
    const cells = whole.split('|')
    if (said.has(whole)) yield [place, 'said before in this file']
    else yield [place, cells.length === columns.length ? table.row(rowOf(cells, columns, line), context) : `expected ${columns.length} cells`]
    said.add(whole)
  }
  if (told !== undefined && told !== count) yield ['the last line', `it counts ${told} rows where there are ${count}: the file may be cut or joined`]
  if (count === 0) yield ['rows', 'a table without rows']
}

const rowOf = (cells: readonly string[], columns: readonly string[], line: number): TableRow => ({
  line,
  cell: (column) => cells[columns.indexOf(column)]?.trim() ?? '',
})
