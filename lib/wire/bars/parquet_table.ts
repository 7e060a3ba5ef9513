/** Bars of a Parquet file, read as the CSV file that they would be: the same columns, rules and words for what is wrong. */
import { csvCell } from '../csv/rows.ts'
import { momentText, readParquet } from '../parquet.ts'

/** The columns of {@link barTable}, under its names and those that others give them. */
const COLUMNS: Readonly<Record<string, string>> = {
  ticker: 'ticker', symbol: 'ticker', date: 'date', timestamp: 'timestamp', open_time_ms: 'open_time_ms',
  open: 'open', high: 'high', low: 'low', close: 'close', adj_close: 'adj_close', volume: 'volume',
  volume_base: 'volume_base', dividend_amount: 'dividend_amount', split_coefficient: 'split_coefficient',
}

/** Throws Failure `data` where the file cannot be read. */
export async function parquetCsv(bytes: Buffer, name: string): Promise<string> {
  const named = (column: string): string | undefined => (Object.hasOwn(COLUMNS, column.toLowerCase()) ? COLUMNS[column.toLowerCase()] : undefined)
  const { length, columns } = await readParquet(bytes, name, (column) => named(column) !== undefined)
  const names = columns.map((column) => named(column.name) ?? '')
  const lines = Array.from({ length }, (_, row) => columns.map(({ text }, i) => cellOf(names[i] ?? '', text(row))).join(','))
  return `${[names.join(','), ...lines].join('\n')}\n`
}

function cellOf(column: string, text: string): string {
  if (column === 'timestamp') return momentText(text)
  if (column === 'date') return text.slice(0, 10)
  return csvCell(text)
}
