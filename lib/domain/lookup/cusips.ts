/** The ticker of a CUSIP, as far as recorded holdings state both: the table models/cusips.json, made by scripts/cusips.mjs. */
import cusips from '../../../models/cusips.json' with { type: 'json' }

let tickers: Map<string, string> | undefined

/** Undefined where the table does not know it: nine characters, upper case. */
export function tickerOfCusip(cusip: string): string | undefined {
  tickers ??= new Map(cusips.tickers.split(' ').map((entry): [string, string] => [entry.slice(0, 9), entry.slice(10)]))
  return tickers.get(cusip)
}
