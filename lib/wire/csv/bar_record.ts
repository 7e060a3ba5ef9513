/** Tables of bars as one stream. */
import { MINUTE_MS, type Bar, type Price } from '#record'
import { barRecord, openRecord } from '../bars/candle.ts'
import type { BarTable } from './bar_table.ts'

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
