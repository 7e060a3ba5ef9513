/**
 * Tables of candles, trades and funding rates as they are passed around (CryptoDataDownload, freqtrade, dumps of exchanges): columns by many
 * names, newest or oldest first. Most do not say what they are of.
 */
import { parseInstant, type Millis } from '#record'
import type { Csv, CsvRow } from '../csv/rows.ts'
import { commonStep, spanOf } from '../book/candles.ts'
import { marketsOf } from '../book/markets.ts'
import { fact, type SaidAt } from '../book/said.ts'
import type { TableContext } from '../book/tables.ts'
import { decimalOf } from '../book/told.ts'

const AT = ['open_time_ms', 'time_ms', 'timestamp', 'open_time', 'unix', 'time', 'date']
const has = (columns: readonly string[], ...names: readonly string[]): boolean => names.every((name) => columns.includes(name))
const atColumn = (columns: readonly string[]): string | undefined => AT.find((name) => columns.includes(name))

/** `open,high,low,close`, or the same for several currencies, `BTC:open`. */
export const isCandles = (columns: readonly string[]): boolean => atColumn(columns) !== undefined && basesOf(columns).length > 0
export const isTrades = (columns: readonly string[]): boolean =>
  atColumn(columns) !== undefined && has(columns, 'price', 'side') && (has(columns, 'amount') || has(columns, 'size'))
export const isFunding = (columns: readonly string[]): boolean => atColumn(columns) !== undefined && has(columns, 'funding_rate')

/** What stands before `open`: nothing, or each currency and a colon. */
const basesOf = (columns: readonly string[]): readonly string[] => columns.flatMap((column) => {
  const base = /^(.*:)?open$/.exec(column)
  const prefix = base === null ? undefined : (base[1] ?? '')
  return prefix !== undefined && has(columns, `${prefix}high`, `${prefix}low`, `${prefix}close`) ? [prefix] : []
})

/** Seconds or milliseconds since 1970, an instant, a day, or CryptoDataDownload's `2019-10-17 09-AM`. */
export function momentIn(text: string): Millis | undefined {
  if (/^\d{9,10}(\.\d+)?$/.test(text)) return Math.floor(Number(text) * 1000)
  if (/^\d{12,13}(\.0+)?$/.test(text)) return Number(text)
  if (/^\d{15,16}$/.test(text)) return Number(text.slice(0, -3))
  const twelve = /^(\d{4}-\d\d-\d\d) (\d\d)-([AP])M$/.exec(text)
  if (twelve !== null) {
    const hour = (Number(twelve[2]) % 12) + (twelve[3] === 'P' ? 12 : 0)
    return parseInstant(`${twelve[1]}T${String(hour).padStart(2, '0')}:00:00Z`)
  }
  const iso = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(?:Z|\+00:?00)?)?$/.exec(text)
  if (iso === null) return undefined
  const time = iso[2] ?? '00:00:00'
  return parseInstant(`${iso[1]}T${time.length === 5 ? `${time}:00` : time}Z`)
}

const cellOf = (row: CsvRow, ...names: readonly string[]): string | undefined =>
  names.map((name) => decimalOf(row.cell(name))).find((decimal) => decimal !== undefined)

/** Volumes are named by their currency (`volume_btc`, `Volume USDT`) or by their part of the pair. */
function volumeColumns(columns: readonly string[], base: string): { readonly ofBase: readonly string[]; readonly ofQuote: readonly string[] } {
  const own = columns.filter((column) => column.startsWith(base) && /^volume/i.test(column.slice(base.length)))
  const ofQuote = own.filter((column) => /^volume[_ ](quote|usd)/i.test(column.slice(base.length)))
  const named = own.filter((column) => !ofQuote.includes(column) && /^volume[_ ]/i.test(column.slice(base.length)))
  const bare = own.filter((column) => column.slice(base.length).toLowerCase() === 'volume')
  return { ofBase: named.length > 0 ? named : bare, ofQuote: ofQuote.length > 0 ? ofQuote : named.length > 0 ? bare : [] }
}

/** A row is read once its moment is: what is wrong else. */
type Timed = { readonly row: CsvRow; readonly place: string; readonly atMs: Millis } | { readonly place: string; readonly why: string }

function* timedRows(csv: Csv): Generator<Timed> {
  const column = atColumn(csv.columns) ?? ''
  for (const row of csv.rows()) {
    const place = `line ${row.line}`, atMs = momentIn(row.cell(column))
    if (!row.whole) yield { place, why: 'a row of another length than the header' }
    else if (atMs === undefined) yield { place, why: `column "${column}": expected a moment` }
    else yield { row, place, atMs }
  }
}

export function* candleRows(csv: Csv, { symbol, venue }: TableContext): Generator<SaidAt> {
  const marketOf = marketsOf(venue)
  const timed = [...timedRows(csv)]
  const stepMs = commonStep(timed.flatMap((entry) => ('row' in entry ? [entry.atMs] : [])))
  const bases = basesOf(csv.columns)
  for (const entry of timed) {
    if ('why' in entry) {
      yield entry
      continue
    }
    const { row, place, atMs } = entry
    let any = false
    for (const base of bases) {
      const at = (name: string): string | undefined => cellOf(row, base + name)
      const [open, high, low, close] = [at('open'), at('high'), at('low'), at('close')]
      if (open === undefined || high === undefined || low === undefined || close === undefined) continue
      any = true
      const { ofBase, ofQuote } = volumeColumns(csv.columns, base), trades = cellOf(row, 'trades', 'tradecount')
      const named = base === '' ? row.cell('symbol') || symbol : base.slice(0, -1)
      yield {
        place, localMs: undefined,
        said: fact('candle', marketOf(named), {
          atMs, saidMs: stepMs === undefined ? undefined : atMs + stepMs,
          facts: {
            span: stepMs === undefined ? undefined : spanOf(stepMs), open, high, low, close, volume: cellOf(row, ...ofBase),
            quote_volume: cellOf(row, ...ofQuote), trades: trades === undefined ? undefined : Number(trades),
          },
        }),
      }
    }
    if (!any) yield { place, why: 'a candle without prices' }
  }
}

export function* tradeRows(csv: Csv, { symbol, venue }: TableContext): Generator<SaidAt> {
  const market = marketsOf(venue)(symbol)
  for (const entry of timedRows(csv)) {
    if ('why' in entry) {
      yield entry
      continue
    }
    const { row, place, atMs } = entry
    const price = cellOf(row, 'price'), size = cellOf(row, 'amount', 'size'), side = row.cell('side').toLowerCase()
    if (price === undefined || size === undefined) yield { place, why: 'a trade without a price or a size' }
    else {
      yield {
        place, localMs: undefined,
        said: fact('trade', market, {
          atMs, id: row.cell('id') || undefined, facts: { price, size, side: side === 'buy' || side === 'sell' ? side : undefined },
        }),
      }
    }
  }
}

export function* fundingRows(csv: Csv, { symbol, venue }: TableContext): Generator<SaidAt> {
  const market = marketsOf(venue)(symbol)
  for (const entry of timedRows(csv)) {
    if ('why' in entry) yield entry
    else {
      const rate = cellOf(entry.row, 'funding_rate')
      if (rate === undefined) yield { place: entry.place, why: 'a funding period without a rate' }
      else yield { place: entry.place, localMs: undefined, said: fact('funding', market, { atMs: entry.atMs, facts: { rate } }) }
    }
  }
}
