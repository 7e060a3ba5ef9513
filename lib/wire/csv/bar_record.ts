/** Tables of bars as one stream. */
import { MINUTE_MS, type Bar, type Millis, type Price, type Signal } from '#record'
import { formatFixed, mulDown, ONE, parseFixed } from '#domain/money/decimal'
import { barRecord, openRecord } from '../bars/candle.ts'
import type { BarTable } from './bar_table.ts'

/** The volume of the bar before, of the same ticker; in the shares of today, where they were split in between. */
export function priorVolume(table: BarTable, row: number): string | undefined {
  if (row === 0 || table.tickerOf[row - 1] !== table.tickerOf[row]) return undefined
  const volume = table.volume(row - 1)
  const ratio = table.hasActions ? parseFixed(table.row(row).splitCoefficient ?? '1') : undefined
  if (ratio === undefined || ratio === ONE || ratio <= 0n) return volume
  const shares = mulDown(parseFixed(volume) ?? 0n, ratio)
  return formatFixed(shares - (shares % ONE))
}

/** What befell a subject comes before the bars that become known at the same moment. */
export function* withActions(actions: readonly Signal[], bars: Iterable<Bar | Price>): Generator<Bar | Price | Signal> {
  const waiting = [...actions].sort((a, b) => (a.known_at < b.known_at ? -1 : a.known_at > b.known_at ? 1 : 0))
  let next = 0
  for (const bar of bars) {
    for (let action = waiting[next]; action !== undefined && action.known_at <= bar.known_at; action = waiting[++next]) yield action
    yield bar
  }
  yield* waiting.slice(next)
}

const PLACES = 2 ** 25
const NOTHING = /^0*\.?0*$/

/**
 * All bars of some tables as records in the order in which they become known, those alone that are known after a moment where one is given; with
 * `opens`, opening prices among them, but for bars in which nothing traded. What ends at a moment comes before what starts at it; else by table, then
 * ticker. Throws RangeError beyond 33 million bars.
 */
export function* barRecords(tables: readonly BarTable[], opens: boolean, by: string, afterMs: Millis = -Infinity): Generator<Bar | Price> {
  const total = tables.reduce((sum, table) => sum + table.length, 0)
  if (total > PLACES) throw new RangeError(`${total} bars are more than can be put in order at once`)
  // One double holds minute, kind and place exactly (52 bits), and doubles sort natively.
  let keys = new Float64Array(opens ? 2 * total : total)
  let count = 0
  let place = 0
  for (const table of tables) {
    for (let row = 0; row < table.length; row++, place++) {
      const endMs = table.endMs(row), startMs = table.startMs[row] ?? 0
      if (endMs > afterMs) keys[count++] = (endMs / MINUTE_MS) * 2 * PLACES + place
      if (opens && startMs > afterMs) keys[count++] = (startMs / MINUTE_MS) * 2 * PLACES + PLACES + place
    }
  }
  keys = keys.subarray(0, count).sort()
  const starts = tables.map((_, i) => tables.slice(0, i).reduce((sum, table) => sum + table.length, 0))
  for (const key of keys) {
    const tagged = key % (2 * PLACES)
    const at = tagged % PLACES
    let i = tables.length - 1
    while (i > 0 && (starts[i] ?? 0) > at) i--
    const table = tables[i]
    if (table === undefined) return
    const row = at - (starts[i] ?? 0)
    const bar = table.row(row)
    if (tagged < PLACES) yield barRecord(bar, by)
    else if (!NOTHING.test(bar.volume)) yield openRecord(bar, priorVolume(table, row), by)
  }
}
