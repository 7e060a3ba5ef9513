/** Daily bars of one file, as the records that vanta-bars makes of it, in the order in which they became known. */
import type { Bar, Vanta } from '#record'
import type { Payload, Reading } from '#port/payload'
import { barsParser } from './payload.ts'
import type { Terms } from './sheet.ts'

/** Throws Failure `data` where the file is none of bars. */
export async function dailyBars(payload: Payload, terms: Pick<Terms, 'tickers' | 'sinceMs' | 'untilMs'>, reading: Reading): Promise<Bar[]> {
  const parser = barsParser({ ...terms, opens: false, extended: false }, reading), bars: Bar[] = []
  const keep = (record: Vanta): void => {
    if (record.kind === 'bar' && record.span === '1d') bars.push(record)
  }
  for await (const record of parser.read(payload)) keep(record)
  for (const record of parser.end?.() ?? []) keep(record)
  return bars
}
