/**
 * Money is a bigint of minor units (cents) in one currency; prices and quantities are bigints of 10^-8. Where a notional does
 * not come out in whole cents it is rounded against us: what we pay rounds up, what we receive rounds down.
 */
import { floorDiv, ONE, parseFixed } from './decimal.ts'

/** Whole cents of a currency. */
export type Cents = bigint
/** A price or quantity: a count of 10^-8. */
export type Fixed = bigint

const FIXED_PER_CENT = ONE / 100n
/** quantity (10^-8) x price (10^-8) is 10^-16 of the currency: 10^14 of these make a cent. */
const PRODUCT_PER_CENT = ONE * FIXED_PER_CENT
/** One basis point is 10^-4; in 10^-8 of a basis point, the whole is 10^12. */
const WHOLE_IN_BPS = 10_000n * ONE

/** Decimal text as cents; undefined where it is no decimal or has a fraction of a cent. */
export function parseCents(text: string): Cents | undefined {
  const fixed = parseFixed(text)
  return fixed === undefined || fixed % FIXED_PER_CENT !== 0n ? undefined : fixed / FIXED_PER_CENT
}

/** Cents as decimal text with two places: 1050n is `10.50`. */
export function formatCents(cents: Cents): string {
  const digits = (cents < 0n ? -cents : cents).toString().padStart(3, '0')
  return `${cents < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
}

/** The value of a holding or a sale, rounded down. Both arguments non-negative. */
export const proceedsCents = (quantity: Fixed, price: Fixed): Cents => floorDiv(quantity * price, PRODUCT_PER_CENT)

/** What a purchase costs, rounded up. */
export const costCents = (quantity: Fixed, price: Fixed): Cents => -floorDiv(-(quantity * price), PRODUCT_PER_CENT)

/** A charge of `bps` basis points (10^-8 of a basis point each) on a notional, at least `minimum`, rounded up. */
export function feeCents(notional: Cents, bps: Fixed, minimum: Cents = 0n): Cents {
  const fee = -floorDiv(-(notional * bps), WHOLE_IN_BPS)
  return fee > minimum ? fee : minimum
}

/** What one costs where `quantity` cost `cents`, or `fraction` (10^-8) of that, rounded down to 10^-8; throws RangeError where it is of nothing. */
export const priceOf = (cents: Cents, quantity: Fixed, fraction: Fixed = ONE): Fixed => floorDiv(cents * PRODUCT_PER_CENT * fraction, quantity * ONE)

/** The most that `budget` buys at `price`, rounded down to whole lots; 0 where the price or the budget is not above zero. */
export function quantityFor(budget: Cents, price: Fixed, lot: Fixed): Fixed {
  return price <= 0n || budget <= 0n ? 0n : wholeLots(floorDiv(budget * PRODUCT_PER_CENT, price), lot)
}

/** `quantity` without what is beyond a whole lot. */
export const wholeLots = (quantity: Fixed, lot: Fixed): Fixed => quantity - (quantity % lot)

/** A price moved against us by `bps`: a buyer pays more (rounded up to 10^-8), a seller gets less (rounded down). */
export function slipped(price: Fixed, side: 'buy' | 'sell', bps: Fixed): Fixed {
  return side === 'buy'
    ? -floorDiv(-(price * (WHOLE_IN_BPS + bps)), WHOLE_IN_BPS)
    : floorDiv(price * (WHOLE_IN_BPS - bps), WHOLE_IN_BPS)
}

/** `fraction` (10^-8) of an amount, rounded down. */
export const shareOf = (cents: Cents, fraction: Fixed): Cents => floorDiv(cents * fraction, ONE)

/** The decimal text of a price or quantity that must be there; throws RangeError where it is none (a schema has let it in). */
export function fixedOf(text: string): Fixed {
  const value = parseFixed(text)
  if (value === undefined) throw new RangeError(`"${text}" is no decimal with at most 8 places`)
  return value
}

/** Like {@link fixedOf} for an amount of money. */
export function centsOf(text: string): Cents {
  const value = parseCents(text)
  if (value === undefined) throw new RangeError(`"${text}" is no amount in whole cents`)
  return value
}
