/**
 * Market data of any of these formats, told by content: CSV and Parquet tables of bars, which come at the end as one stream in the order
 * in which things became known, and JSON answers and messages of Alpaca, Polygon and ccxt, each at once.
 */
import type { Signal, Vanta } from '#record'
import { Failure } from '#port/failure'
import { distinct, type Parser, type Payload, type Reading } from '#port/payload'
import { barRecords } from '../csv/bar_record.ts'
import { barTable, rowsOf, type BarTable } from '../csv/bar_table.ts'
import { warnOfBreaks } from '../csv/bar_breaks.ts'
import { rejected } from '../csv/faults.ts'
import { isParquet } from '../parquet.ts'
import { textOf } from '../text.ts'
import { actionSignal, ratioOf, type Action } from './action.ts'
import { jsonRecords } from './answer.ts'
import { parquetCsv } from './parquet_table.ts'
import { Sheet, type Terms } from './sheet.ts'
import { newYorkDate } from '#domain/market/session'

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
      const stream = merged(actions, barRecords(tables, terms.opens, reading.by))
      // Within a table no bar comes twice, and bars of another source are other facts.
      return new Set(tables.map(({ source }) => source)).size === tables.length ? distinct(stream) : stream
    },
  }
}

/** What is known at a moment before the bars of that moment. */
function* merged(actions: readonly Signal[], bars: Iterable<Vanta>): Generator<Vanta> {
  const waiting = [...actions].sort((a, b) => (a.known_at < b.known_at ? -1 : a.known_at > b.known_at ? 1 : 0))
  let next = 0
  for (const bar of bars) {
    for (let action = waiting[next]; action !== undefined && action.known_at <= bar.known_at; action = waiting[++next]) yield action
    yield bar
  }
  yield* waiting.slice(next)
}

/** Splits and dividends that a table says beside its bars: known at the open of their day, since whoever trades then sees them. */
function* actionsOf(table: BarTable, sheet: Sheet): Generator<Signal> {
  const service = table.source
  for (const { subject, startMs, splitCoefficient = '1', dividend = '0' } of rowsOf(table)) {
    const symbol = subject.replace(/^\w+:/, ''), day = newYorkDate(startMs), place = `${symbol} ${day}`
    const of = { service, symbol, day } as const
    const ratio = Number(splitCoefficient) === 1 ? undefined : ratioOf(splitCoefficient, '1')
    const found: Action[] = []
    if (ratio !== undefined && ratio !== '1:1') found.push({ ...of, type: 'split', facts: { new_rate: splitCoefficient, old_rate: '1', ratio } })
    if (Number(dividend) > 0) found.push({ ...of, type: 'dividend', facts: { form: 'cash', cash: dividend } })
    for (const action of found) {
      const signal = actionSignal(sheet, place, action)
      if (signal !== undefined) yield sheet.payload.raw === undefined ? signal : { ...signal, raw: sheet.payload.raw }
    }
  }
}
