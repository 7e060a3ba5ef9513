/** The ticker of a CUSIP, as far as recorded holdings state both: the table models/cusips.json, made by scripts/cusips.mjs. */
import cusips from '../../../models/cusips.json' with { type: 'json' }

let tickers: Map<string, string> | undefined

/** Undefined where the table does not know it: nine characters, upper case. */
export function tickerOfCusip(cusip: string): string | undefined {
  tickers ??= new Map(cusips.tickers.split(' ').map((entry): [string, string] => [entry.slice(0, 9), entry.slice(10)]))
  return tickers.get(cusip)
}

/** Whether the ninth digit checks the eight before (ANSI X9.6: modulus 10, double add double; letters are 10 to 35). */
export function isCusip(text: string): boolean {
  if (!/^[0-9A-Z]{8}\d$/.test(text)) return false
  let sum = 0
  for (let i = 0; i < 8; i++) {
    const value = parseInt(text.charAt(i), 36) * (i % 2 === 0 ? 1 : 2)
    sum += Math.floor(value / 10) + (value % 10)
  }
  return (10 - (sum % 10)) % 10 === Number(text.charAt(8))
}
