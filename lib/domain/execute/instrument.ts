/** What a subject is to a venue, told by its namespace. */
import type { Fixed } from '../money/money.ts'

export type Instrument =
  | { readonly kind: 'equity'; readonly symbol: string }
  /** `occ`: the symbol of the Options Clearing Corporation without blanks, `AAPL250117C00150000`. */
  | { readonly kind: 'option'; readonly occ: string; readonly root: string }
  | { readonly kind: 'pair'; readonly base: string; readonly quote: string }

/** Root, day (yymmdd), right, strike in thousandths. A root that ends in a digit is of an adjusted contract, which is no hundred shares. */
const OCC = /^([A-Z]{1,6})\d{6}[CP]\d{8}$/
const TICKER = /^[A-Z][A-Z0-9]*(?:[./-][A-Z]+)?$/
const PAIR = /^([A-Z0-9]{1,20})\/([A-Z0-9]{1,20})$/

/** Shares in one contract of an option: its venues quote and count by the share. */
export const SHARES_PER_CONTRACT = 100n

/** Price of one unit of a subject, such as a contract, whose venue quotes it by the share. */
export const priceOf = (subject: string, quoted: Fixed): Fixed => (subject.startsWith('option:') ? quoted * SHARES_PER_CONTRACT : quoted)

/** Undefined where the subject is nothing that is traded, or an option of no standard size. */
export function instrumentOf(subject: string): Instrument | undefined {
  const colon = subject.indexOf(':')
  const space = subject.slice(0, colon), name = subject.slice(colon + 1)
  if (space === 'ticker') return TICKER.test(name) ? { kind: 'equity', symbol: name } : undefined
  if (space === 'option') {
    const root = OCC.exec(name)?.[1]
    return root === undefined ? undefined : { kind: 'option', occ: name, root }
  }
  const [, base, quote] = (space === 'pair' ? PAIR.exec(name) : undefined) ?? []
  return base === undefined || quote === undefined ? undefined : { kind: 'pair', base, quote }
}

/** `AAPL` or `AAPL250117C00150000` as a venue of shares and options writes both, as a subject. */
export const listedSubject = (symbol: string): string => (OCC.test(symbol) ? `option:${symbol}` : `ticker:${symbol}`)
