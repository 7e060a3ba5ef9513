/** Quantities of chains: integers of up to 256 bits, written in hex or decimal, and the decimal amounts that they stand for. Exact throughout. */

/** The widest text of an integer that is read: 2^256 has 78 decimal digits. */
const LONGEST = 100
const INTEGER = /^(?:0x[0-9a-fA-F]*|\d+)$/

/** A whole number as chains write it: `0x1f`, `31`; the `0x` of some explorers is nought. Undefined for anything else. */
export function integerOf(text: string): bigint | undefined {
  if (text.length > LONGEST || !INTEGER.test(text)) return undefined
  return text === '0x' ? 0n : BigInt(text)
}

/** More decimals than any token has; ERC-20 states them in 8 bits, and nonsense there must not make texts of any length. */
const MOST_DECIMALS = 77

/**
 * `units` with the point `decimals` places from the right, as the shortest decimal: 1500000 of 6 decimals is `1.5`. Undefined beyond 77 decimals.
 */
export function scaled(units: bigint, decimals: number): string | undefined {
  if (!Number.isInteger(decimals) || decimals < 0 || decimals > MOST_DECIMALS) return undefined
  const sign = units < 0n ? '-' : ''
  const digits = (units < 0n ? -units : units).toString().padStart(decimals + 1, '0')
  const point = digits.length - decimals
  const fraction = digits.slice(point).replace(/0+$/, '')
  return `${sign}${digits.slice(0, point)}${fraction === '' ? '' : `.${fraction}`}`
}

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/

/** A plain decimal as a count of 10^-places; undefined where it is none. */
function counted(decimal: string, places: number): bigint | undefined {
  const match = DECIMAL.exec(decimal)
  if (match === null) return undefined
  const [, sign = '', whole = '', fraction = ''] = match
  const count = BigInt(whole + fraction.padEnd(places, '0'))
  return sign === '-' ? -count : count
}

const placesOf = (decimal: string): number => (decimal.includes('.') ? decimal.length - decimal.indexOf('.') - 1 : 0)

/** a - b of plain decimals, exactly; undefined where one is none. */
export function minus(a: string, b: string): string | undefined {
  const places = Math.max(placesOf(a), placesOf(b))
  const left = counted(a, places), right = counted(b, places)
  return left === undefined || right === undefined ? undefined : scaled(left - right, places)
}

/** The shortest writing of a plain decimal: `1.50` is `1.5`. */
export const shortest = (decimal: string): string | undefined => minus(decimal, '0')

/** Whether a >= b; false where one is no plain decimal. */
export const isAtLeast = (a: string, b: string): boolean => minus(a, b)?.startsWith('-') === false

/** The 32-byte words of ABI-encoded data (https://docs.soliditylang.org/en/latest/abi-spec.html); undefined where it is no hex of whole words. */
export function wordsOf(data: string): readonly bigint[] | undefined {
  if (!/^0x(?:[0-9a-fA-F]{64})*$/.test(data)) return undefined
  const words: bigint[] = []
  for (let from = 2; from < data.length; from += 64) words.push(BigInt(`0x${data.slice(from, from + 64)}`))
  return words
}

/** A word read as a signed number in two's complement. */
export const signedWord = (word: bigint): bigint => BigInt.asIntN(256, word)
