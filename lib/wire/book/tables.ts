/** Recorded markets as tables (CSV), told by their columns. */
import { openCsv } from '../csv/rows.ts'
import { isCandles, isFunding, isTrades, candleRows, fundingRows, tradeRows } from '../crypto/tables.ts'
import { lobsterKind, lobsterRows } from './lobster.ts'
import type { PayloadTerms, SaidAt } from './said.ts'
import { isTardis, tardisRows } from './tardis.ts'

export interface TableContext extends PayloadTerms {
  /** Of the payload, for messages. */
  readonly name: string
}

/** Undefined where the text is no table that is known. */
export function tableRows(text: string, context: TableContext): Iterable<SaidAt> | undefined {
  const firstLine = text.slice(0, Math.min(MOST_HEADER, endOfLine(text)))
  const lobster = lobsterKind(firstLine)
  if (lobster !== undefined) return lobsterRows(text, lobster, context)
  if (!firstLine.includes(',') || /[{}[\]"]/.test(firstLine.replace(/\[\d+\]/g, ''))) return undefined
  // CryptoDataDownload's files begin with a line of their own.
  const body = /^(?:Timestamps are UTC timezone,)?https?:\/\/\S*CryptoDataDownload/i.test(firstLine) ? text.slice(endOfLine(text) + 1) : text
  const csv = openCsv(body, context.name)
  const { columns } = csv
  if (isTardis(columns)) return tardisRows(csv)
  if (isTrades(columns)) return tradeRows(csv, context)
  if (isFunding(columns)) return fundingRows(csv, context)
  return isCandles(columns) ? candleRows(csv, context) : undefined
}

const MOST_HEADER = 1 << 16

function endOfLine(text: string): number {
  const end = text.indexOf('\n')
  return end < 0 ? text.length : end
}
