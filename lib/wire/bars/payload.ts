/**
 * Market data of any of these formats, told by content: CSV and Parquet tables of bars, which come at the end as one stream in the order
 * in which things became known, and JSON answers and messages of Alpaca, Polygon and ccxt, each at once.
 */
import type { Signal, Vanta } from '#record'
import { Failure } from '#port/failure'
import { distinct, type Parser, type Payload, type Reading } from '#port/payload'
import { statedActions } from '../csv/bar_actions.ts'
import { barRecords, withActions } from '../csv/bar_record.ts'
import { barTable, type BarTable } from '../csv/bar_table.ts'
import { warnOfBreaks } from '../csv/bar_breaks.ts'
import { rejected } from '../csv/faults.ts'
import { isParquet } from '../parquet.ts'
import { textOf } from '../text.ts'
import { actionSignal } from './action.ts'
import { jsonRecords } from './answer.ts'
import { parquetCsv } from './parquet_table.ts'
import { Sheet, type Terms } from './sheet.ts'

export function barsParser(terms: Terms, reading: Reading): Parser {
  const tables: BarTable[] = []
  const actions: Signal[] = []
  function* keep(text: string, payload: Payload): Generator<Vanta> {
    const table = barTable(text, payload.name, { ...terms, raw: payload.raw }, rejected(reading, payload.name))
    if (table.length === 0) reading.reject('table', 'no bars of what was asked for')
    tables.push(table)
    if (table.hasActions) actions.push(...actionsOf(table, new Sheet(terms, reading, payload)))
  }
  async function* unpacked(payload: Payload): AsyncGenerator<Vanta> {
    yield* keep(await parquetCsv(payload.bytes, payload.name), payload)
  }
  return {
    read(payload) {
      const { name, bytes, contentType } = payload
      if (isParquet(bytes)) return unpacked(payload)
      const text = textOf(bytes, contentType)
      const start = /\S/.exec(text)?.[0]
      if (start === undefined) throw new Failure('data', `${name}: empty`)
      if (start === '<') throw new Failure('data', `${name}: a page or XML where market data should be`)
      return start === '{' || start === '[' ? jsonRecords(text, new Sheet(terms, reading, payload)) : keep(text, payload)
    },
    end() {
      warnOfBreaks(tables, reading.log)
      const stream = withActions(actions, barRecords(tables, terms.opens, reading.by))
      // Within a table no bar comes twice, and bars of another source are other facts.
      return new Set(tables.map(({ source }) => source)).size === tables.length ? distinct(stream) : stream
    },
  }
}

/** Splits and dividends that a table says beside its bars. */
function* actionsOf(table: BarTable, sheet: Sheet): Generator<Signal> {
  for (const action of statedActions(table)) {
    const signal = actionSignal(sheet, `${action.symbol} ${action.day}`, action)
    if (signal !== undefined) yield sheet.payload.raw === undefined ? signal : { ...signal, raw: sheet.payload.raw }
  }
}
