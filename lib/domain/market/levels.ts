/**
 * Price levels as whole numbers. A price is a count of 10^-priceDigits, a size one of 10^-sizeDigits, each in a double that holds it
 * exactly (below 2^53); larger sizes are kept as bigints beside. Noughts at the end of a fraction say nothing and are not counted,
 * so that `0.00001200` and `0.000012` are one number and books of eight written decimals stay small.
 */

/** 10^0 to 10^22: every one of them is exact in a double. */
export const POWERS: readonly number[] = Array.from({ length: 23 }, (_, n) => Number(`1e${n}`))

/** Prices of one message need more digits than a book can hold exactly. */
export class TooManyDigits extends RangeError {}

/** Of a double. */
const MOST_DIGITS = 15

/** The levels of one side of one message, in the order in which they came. A size of zero takes its level away. */
export class Levels {
  priceDigits = 0
  sizeDigits = 0
  /** Decimals as they were written, noughts included: what checksums of a venue are made of. */
  writtenPriceDigits = 0
  writtenSizeDigits = 0
  /** The largest third number among the levels, where venues write when a level changed; NaN where there is none. */
  newest = NaN
  readonly prices: number[] = []
  readonly sizes: number[] = []
  /** Some price or size does not fit: no book can take these levels. */
  tooLong = false
  /** Exact sizes of 2^53 and more, by index; `sizes` has the nearest double there. */
  long: Map<number, bigint> | undefined

  get count(): number {
    return this.prices.length
  }

  /** Both numbers below 2^53 and without noughts at the end of their fractions. Throws TooManyDigits. */
  add(price: number, priceDigits: number, size: number, sizeDigits: number): void {
    if (priceDigits > this.priceDigits) this.#refinePrices(priceDigits)
    if (sizeDigits > this.sizeDigits) this.#refineSizes(sizeDigits)
    const units = price * power(this.priceDigits - priceDigits)
    if (!(units <= Number.MAX_SAFE_INTEGER && units >= -Number.MAX_SAFE_INTEGER)) throw new TooManyDigits('prices of more than 15 digits')
    const amount = size * power(this.sizeDigits - sizeDigits)
    if (amount > Number.MAX_SAFE_INTEGER) this.#addLong(BigInt(size) * tenTo(this.sizeDigits - sizeDigits))
    this.prices.push(units)
    this.sizes.push(amount)
  }

  /** From plain decimal text. False where it is none, or the size is below zero; digits that do not fit make the whole `tooLong`. */
  addText(price: string, size: string): boolean {
    const p = split(price), s = split(size)
    if (p === undefined || s === undefined || s.units < 0) return false
    this.writtenPriceDigits = Math.max(this.writtenPriceDigits, p.written)
    this.writtenSizeDigits = Math.max(this.writtenSizeDigits, s.written)
    try {
      this.#addExact(p, s)
    } catch (error) {
      if (!(error instanceof TooManyDigits)) throw error
      this.tooLong = true
    }
    return true
  }

  #addExact(price: Split, size: Split): void {
    if (price.long !== undefined || price.digits > MOST_DIGITS) throw new TooManyDigits('prices of more than 15 digits')
    if (size.long === undefined && size.digits <= MOST_DIGITS) {
      this.add(price.units, price.digits, size.units, size.digits)
      return
    }
    if (size.digits > 2 * MOST_DIGITS) throw new TooManyDigits('sizes of more than 30 decimals')
    this.add(price.units, price.digits, 0, 0)
    if (size.digits > this.sizeDigits) this.#refineSizes(size.digits)
    const exact = (size.long ?? BigInt(size.units)) * tenTo(this.sizeDigits - size.digits), last = this.sizes.length - 1
    this.sizes[last] = Number(exact)
    if (exact > MAX_SAFE) (this.long ??= new Map()).set(last, exact)
  }

  #addLong(exact: bigint): void {
    (this.long ??= new Map()).set(this.sizes.length, exact)
  }

  #refinePrices(digits: number): void {
    const factor = power(digits - this.priceDigits)
    for (let i = 0; i < this.prices.length; i++) {
      const units = (this.prices[i] ?? 0) * factor
      if (!Number.isSafeInteger(units)) throw new TooManyDigits('prices of more than 15 digits')
      this.prices[i] = units
    }
    this.priceDigits = digits
  }

  #refineSizes(digits: number): void {
    const factor = power(digits - this.sizeDigits)
    for (let i = 0; i < this.sizes.length; i++) {
      const size = this.sizes[i] ?? 0
      if (size * factor <= Number.MAX_SAFE_INTEGER) this.sizes[i] = size * factor
      else {
        const exact = (this.long?.get(i) ?? BigInt(size)) * tenTo(digits - this.sizeDigits)
        this.sizes[i] = Number(exact)
        if (exact > MAX_SAFE) (this.long ??= new Map()).set(i, exact)
      }
    }
    this.sizeDigits = digits
  }
}

export const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER)

/** 10^n in a double; infinite where it would not be exact. */
export const power = (n: number): number => POWERS[n] ?? Infinity
export const tenTo = (n: number): bigint => BigInt('1'.padEnd(n + 1, '0'))

/** A decimal as a count of 10^-digits, noughts at the end of the fraction left out. */
interface Split {
  /** The nearest double where it is `long`, else exact. */
  readonly units: number
  readonly long: bigint | undefined
  readonly digits: number
  readonly written: number
}

const POINT = 46, MINUS = 45, ZERO = 48, NINE = 57

/** Read digit by digit: a pattern and a bigint would cost five times as much. */
function split(text: string): Split | undefined {
  const first = text.charCodeAt(0) === MINUS ? 1 : 0, end = text.length
  let units = 0, at = first, digits = 0, written = 0
  let code = text.charCodeAt(at)
  while (code >= ZERO && code <= NINE) {
    units = units * 10 + code - ZERO
    code = text.charCodeAt(++at)
  }
  if (at === first) return undefined
  if (code === POINT) {
    const point = at
    code = text.charCodeAt(++at)
    while (code >= ZERO && code <= NINE) {
      if (code !== ZERO) {
        const more = at - point - digits
        units = units * power(more) + code - ZERO
        digits += more
      }
      code = text.charCodeAt(++at)
    }
    written = at - point - 1
    if (written === 0) return undefined
  }
  if (at !== end) return undefined
  if (units > Number.MAX_SAFE_INTEGER) {
    const long = BigInt(text.slice(0, end - written + digits).replace('.', ''))
    return { units: Number(long), long, digits, written }
  }
  // No nought below zero.
  return { units: first === 0 || units === 0 ? units : -units, long: undefined, digits, written }
}

/** The shortest exact decimal of a count of 10^-digits: `61837.63`, `0`. */
export function unitsText(units: number | bigint, digits: number): string {
  const sign = units < 0 ? '-' : ''
  const text = (units < 0 ? -units : units).toString().padStart(digits + 1, '0')
  if (digits === 0) return sign + text
  let end = text.length
  const point = text.length - digits
  while (end > point && text.charCodeAt(end - 1) === 48) end--
  return end === point ? sign + text.slice(0, point) : `${sign}${text.slice(0, point)}.${text.slice(point, end)}`
}
