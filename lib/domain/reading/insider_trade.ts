/** From an ownership filing to one reading of what its insiders did with their own money on the open market. */
import { make, type Signal } from '#record'
import { formatFixed, mulRound, ONE, parseFixed, roundPlaces, toNumber } from '../money/decimal.ts'

interface Totals {
  bought: bigint
  sold: bigint
}

/** USD at which a trade has a magnitude of 1; each tenfold adds 1. */
const UNIT_USD = 10_000
const LOUDEST = 4

/** log10(value / 10,000) + 1 between 0 and 4, three digits: a million USD is 3. */
export function tradeMagnitude(valueUsd: number): number {
  if (valueUsd <= 0) return 0
  const magnitude = Math.log(valueUsd / UNIT_USD) / Math.LN10 + 1
  return Math.round(1000 * Math.min(LOUDEST, Math.max(0, magnitude))) / 1000
}

/**
 * The reading of a Form 4 or 5: only codes P and S, open-market purchase and sale (SEC Form 4, General Instruction 8), are
 * decisions at a price; grants, exercises, taxes and gifts are not. Bullish where more was bought than sold. Undefined where
 * neither happened, a price or quantity is missing, or the filing names no listed security.
 */
export function insiderTrade(form: Signal, by: string): Signal | undefined {
  if (form.subject === undefined) return undefined
  const { bought, sold } = totalsOf(form.facts?.['transactions'])
  const net = bought - sold
  if (net === 0n) return undefined
  const value = net < 0n ? -net : net
  const chief = chiefOf(form.facts?.['owners'])
  return make('signal', {
    at: form.at,
    known_at: form.known_at,
    source: form.source,
    by,
    parents: [form.id],
    type: 'insider_trade',
    key: `${form.key}#${form.subject}`,
    subject: form.subject,
    ...(form.author !== undefined && { author: form.author }),
    polarity: net > 0n ? 1 : -1,
    magnitude: tradeMagnitude(toNumber(value)),
    facts: { code: net > 0n ? 'P' : 'S', value_usd: formatFixed(roundPlaces(value, 2)), ...(chief !== undefined && { chief }) },
  })
}

type Members = { readonly [name: string]: unknown }
const isMembers = (value: unknown): value is Members => typeof value === 'object' && value !== null && !Array.isArray(value)
const membersIn = (value: unknown): readonly Members[] => (Array.isArray(value) ? value.filter(isMembers) : [])

/** USD bought and sold, as counts of 10^-8. */
function totalsOf(transactions: unknown): Totals {
  const totals = { bought: 0n, sold: 0n }
  for (const { code, shares, price_per_share: price, derivative } of membersIn(transactions)) {
    if ((code !== 'P' && code !== 'S') || derivative === true) continue
    const quantity = fixedOr(shares), each = fixedOr(price)
    if (quantity === undefined || each === undefined) continue
    if (code === 'P') totals.bought += mulRound(quantity, each)
    else totals.sold += mulRound(quantity, each)
  }
  return totals
}

/** Nothing trades for nothing: a price or quantity of zero was not stated. */
function fixedOr(value: unknown): bigint | undefined {
  const fixed = typeof value === 'string' ? parseFixed(value) : undefined
  return fixed !== undefined && fixed > 0n && fixed < ONE * 10_000_000_000n ? fixed : undefined
}

/** CEO or CFO, where an owner's title says so: theirs are the purchases that tell most. */
function chiefOf(owners: unknown): 'CEO' | 'CFO' | undefined {
  for (const { title } of membersIn(owners)) {
    if (typeof title !== 'string') continue
    if (/\bCEO\b|chief executive/i.test(title)) return 'CEO'
    if (/\bCFO\b|chief financial/i.test(title)) return 'CFO'
  }
  return undefined
}
