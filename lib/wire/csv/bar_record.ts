/** Bars and opening prices as records. */
import { MINUTE_MS, formatInstant, make, type Bar, type Millis, type Price } from '#record'
import type { BarRow, BarTable } from './bar_table.ts'

const written = new Map<Millis, string>()

/** Bars share few moments, and writing one is a fifth of the work of making a record. */
function instant(ms: Millis): string {
  let text = written.get(ms)
  if (text === undefined) {
    if (written.size > 1000) written.clear()
    written.set(ms, (text = formatInstant(ms)))
  }
  return text
}

/** A bar: happened at its start, known at its end. */
export function barRecord(row: BarRow, by: string): Bar {
  return make('bar', {
    at: instant(row.startMs),
    known_at: instant(row.endMs),
    source: row.source,
    by,
    subject: `ticker:${row.ticker}`,
    span: row.span,
    open: row.open,
    high: row.high,
    low: row.low,
    close: row.close,
    volume: row.volume,
    basis: row.basis,
  })
}

/** The opening print of a bar, known as it happens, with the volume of the bar before: all that is known of liquidity then. */
export function openRecord(row: BarRow, priorVolume: string | undefined, by: string): Price {
  const at = instant(row.startMs)
  return make('price', {
    at,
    known_at: at,
    source: row.source,
    by,
    subject: `ticker:${row.ticker}`,
    type: 'open',
    price: row.open,
    ...(priorVolume !== undefined && { prior_volume: priorVolume }),
    span: row.span,
    basis: row.basis,
  })
}

/** The volume of the bar before, of the same ticker. */
export function priorVolume(table: BarTable, row: number): string | undefined {
  return row > 0 && table.tickerOf[row - 1] === table.tickerOf[row] ? table.row(row - 1).volume : undefined
}

const PLACES = 2 ** 25

/**
 * All bars of some tables as records in the order in which they become known; with `opens`, opening prices among them. What
 * ends at a moment comes before what starts at it; else by table, then ticker. Throws RangeError beyond 33 million bars.
 */
export function* barRecords(tables: readonly BarTable[], opens: boolean, by: string): Generator<Bar | Price> {
  const total = tables.reduce((sum, table) => sum + table.length, 0)
  if (total > PLACES) throw new RangeError(`${total} bars are more than can be put in order at once`)
  // One double holds minute, kind and place exactly (52 bits), and doubles sort natively.
  const keys = new Float64Array(opens ? 2 * total : total)
  let count = 0
  let place = 0
  for (const table of tables) {
    for (let row = 0; row < table.length; row++, place++) {
      keys[count++] = (table.endMs(row) / MINUTE_MS) * 2 * PLACES + place
      if (opens) keys[count++] = ((table.startMs[row] ?? 0) / MINUTE_MS) * 2 * PLACES + PLACES + place
    }
  }
  keys.sort()
  const starts = tables.map((_, i) => tables.slice(0, i).reduce((sum, table) => sum + table.length, 0))
  for (const key of keys) {
    const tagged = key % (2 * PLACES)
    const at = tagged % PLACES
    let i = tables.length - 1
    while (i > 0 && (starts[i] ?? 0) > at) i--
    const table = tables[i]
    if (table === undefined) return
    const row = at - (starts[i] ?? 0)
    yield tagged >= PLACES ? openRecord(table.row(row), priorVolume(table, row), by) : barRecord(table.row(row), by)
  }
}
