/** Which tickers of a sheet of daily bars were traded most. */
import { Failure } from '#port/failure'
import { openCsv, textOf } from './csv/rows.ts'

/** Share of the span's days that a ticker has bars of, at least. */
const DAYS_LEAST = 0.9

/** By money turned over (close × volume) in the span, the most first, then sorted by name. Rows that are broken count for nothing. */
export function liquidIn(
  bytes: Buffer, name: string, { since, until, most }: { readonly since: string; readonly until: string; readonly most: number },
): string[] {
  const { columns, rows } = openCsv(textOf(bytes), name)
  const place = (column: string): number => {
    const at = columns.indexOf(column)
    if (at < 0) throw new Failure('data', `${name}: no column "${column}"`)
    return at
  }
  const [ticker, date, close, volume] = [place('ticker'), place('date'), place('close'), place('volume')]
  const turned = new Map<string, { money: number; days: number }>(), days = new Set<string>()
  for (const { whole, cells } of rows()) {
    const day = cells[date] ?? '', money = Number(cells[close]) * Number(cells[volume])
    if (!whole || day < since || day >= until || !(money >= 0)) continue
    days.add(day)
    const of = cells[ticker] ?? '', one = turned.get(of)
    if (one === undefined) turned.set(of, { money, days: 1 })
    else {
      one.money += money
      one.days++
    }
  }
  return [...turned].filter(([of, one]) => of !== '' && one.days >= DAYS_LEAST * days.size)
    .sort(([a, x], [b, y]) => y.money - x.money || (a < b ? -1 : 1)).slice(0, most).map(([of]) => of).sort()
}
