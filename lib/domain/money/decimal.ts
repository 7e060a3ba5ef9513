/**
 * Exact fixed-point decimals: a bigint that counts hundred-millionths (10^-8). Money, prices and quantities are decimal text
 * on the wire and these inside; nothing here passes through a binary float.
 */

/** Digits after the point. */
const SCALE_DIGITS = 8
/** One, in units of 10^-8. */
export const ONE = 100_000_000n

const DECIMAL = /^-?\d+(?:\.\d+)?$/
const WIDEST_SMALL = 15
/** A unit of each decimal place, 0 to 8, as a count of 10^-8. */
const UNIT = [ONE, 10_000_000n, 1_000_000n, 100_000n, 10_000n, 1_000n, 100n, 10n, 1n] as const

function unitOf(places: number): bigint {
  const unit = UNIT[places]
  if (unit === undefined) throw new RangeError(`${places} is no number of decimals from 0 to ${SCALE_DIGITS}`)
  return unit
}

/**
 * Decimal text as a count of 10^-8. Undefined where it is no plain decimal (`1e5`, `.5`, `+1`, a blank) or has a digit other
 * than zero beyond the eighth place: nothing is rounded in silence.
 */
export function parseFixed(text: string): bigint | undefined {
  if (!DECIMAL.test(text)) return undefined
  const point = text.indexOf('.')
  const whole = point < 0 ? text : text.slice(0, point)
  let fraction = point < 0 ? '' : text.slice(point + 1)
  if (fraction.length > SCALE_DIGITS) {
    if (/[1-9]/.test(fraction.slice(SCALE_DIGITS))) return undefined
    fraction = fraction.slice(0, SCALE_DIGITS)
  }
  const digits = whole + fraction.padEnd(SCALE_DIGITS, '0')
  // Up to 15 digits a double is exact, and several times faster to make a bigint from than text is.
  return digits.length <= WIDEST_SMALL ? BigInt(Number(digits)) : BigInt(digits)
}

/** The shortest decimal text of a count of 10^-8: no trailing zeros, no bare point, `0` for zero. */
export function formatFixed(value: bigint): string {
  const sign = value < 0n ? '-' : ''
  const digits = (value < 0n ? -value : value).toString().padStart(SCALE_DIGITS + 1, '0')
  const whole = digits.slice(0, -SCALE_DIGITS)
  const fraction = digits.slice(-SCALE_DIGITS).replace(/0+$/, '')
  return fraction === '' ? sign + whole : `${sign}${whole}.${fraction}`
}

/** a/b rounded towards negative infinity. Throws RangeError where b is zero. */
export function floorDiv(a: bigint, b: bigint): bigint {
  const quotient = a / b
  return a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient
}

/** a/b rounded to the nearest, halves away from zero. Throws RangeError where b is zero. */
export function roundDiv(a: bigint, b: bigint): bigint {
  const [n, d] = b < 0n ? [-a, -b] : [a, b]
  return n < 0n ? -((-2n * n + d) / (2n * d)) : (2n * n + d) / (2n * d)
}

/** The product of two fixed-point numbers, rounded towards negative infinity: never more than the exact one. */
export const mulDown = (a: bigint, b: bigint): bigint => floorDiv(a * b, ONE)

/** The product rounded towards positive infinity: never less than the exact one. */
export const mulUp = (a: bigint, b: bigint): bigint => -floorDiv(-(a * b), ONE)

/** The product rounded to the nearest 10^-8, halves away from zero. */
export const mulRound = (a: bigint, b: bigint): bigint => roundDiv(a * b, ONE)

/** The quotient of two fixed-point numbers rounded to the nearest 10^-8, halves away from zero. Throws RangeError where b is zero. */
export const divRound = (a: bigint, b: bigint): bigint => roundDiv(a * ONE, b)

/** `value` rounded to `places` decimals (0..8), halves away from zero; still a count of 10^-8. Throws RangeError. */
export function roundPlaces(value: bigint, places: number): bigint {
  const step = unitOf(places)
  return roundDiv(value, step) * step
}

/** The nearest double, for measures that are no money (ratios, statistics, charts). */
export const toNumber = (value: bigint): number => Number(value) / Number(ONE)
