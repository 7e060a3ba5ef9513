/** One side of a book: levels in order of price, the best at the end, where nearly all changes fall. */
import { MAX_SAFE, power, TooManyDigits, type Levels } from './levels.ts'

/** Moving fewer levels than this by hand is quicker than asking the engine to. */
const FEW = 24

export class BookSide {
  /** Bids as they are, asks below zero: the best is always the largest. */
  readonly #sign: 1 | -1
  #keys = new Float64Array(64)
  #sizes = new Float64Array(64)
  #count = 0
  /** Exact sizes of 2^53 and more, by key. */
  readonly #long = new Map<number, bigint>()

  constructor(side: 'bid' | 'ask') {
    this.#sign = side === 'bid' ? 1 : -1
  }

  get count(): number {
    return this.#count
  }

  clear(): void {
    this.#count = 0
    this.#long.clear()
  }

  /** Price in units of the nth best level, from 0; NaN beyond the last. */
  price(nth: number): number {
    // Plus nought, so that there is no nought below zero.
    return nth < this.#count ? (this.#keys[this.#count - 1 - nth] ?? NaN) * this.#sign + 0 : NaN
  }

  /** Size in units of the nth best level. */
  size(nth: number): bigint {
    const place = this.#count - 1 - nth
    const size = this.#sizes[place] ?? 0
    return size > Number.MAX_SAFE_INTEGER ? (this.#long.get(this.#keys[place] ?? NaN) ?? BigInt(size)) : BigInt(size)
  }

  /** The digits of the size in units of the nth best level. */
  sizeDigits(nth: number): string {
    const size = this.#sizes[this.#count - 1 - nth] ?? 0
    return size > Number.MAX_SAFE_INTEGER ? this.size(nth).toString() : String(size)
  }

  /** Sizes of the best `levels` levels together. */
  sizeOf(levels: number): bigint {
    let sum = 0n, part = 0
    for (let place = this.#count - 1, last = Math.max(0, this.#count - levels); place >= last; place--) {
      const size = this.#sizes[place] ?? 0
      if (size > Number.MAX_SAFE_INTEGER) sum += this.size(this.#count - 1 - place)
      else if (part + size > Number.MAX_SAFE_INTEGER) {
        sum += BigInt(part)
        part = size
      } else part += size
    }
    return sum + BigInt(part)
  }

  /** How many levels are no worse than a price in units. */
  countTo(price: number): number {
    return this.#count - this.#placeOf(price * this.#sign)
  }

  /** Units become `factor` times finer. Throws TooManyDigits where a price would not be exact. */
  refine(priceFactor: number, sizeFactor: number): void {
    if (priceFactor !== 1) {
      for (let i = 0; i < this.#count; i++) {
        const key = (this.#keys[i] ?? 0) * priceFactor
        if (!Number.isSafeInteger(key)) throw new TooManyDigits('prices of more than 15 digits')
        this.#keys[i] = key
      }
      const long = [...this.#long]
      this.#long.clear()
      for (const [key, size] of long) this.#long.set(key * priceFactor, size)
    }
    if (sizeFactor === 1) return
    for (let i = 0; i < this.#count; i++) {
      const size = this.#sizes[i] ?? 0, key = this.#keys[i] ?? 0
      if (size * sizeFactor <= Number.MAX_SAFE_INTEGER) this.#sizes[i] = size * sizeFactor
      else this.#setLong(i, key, (this.#long.get(key) ?? BigInt(size)) * BigInt(sizeFactor))
    }
  }

  #setLong(place: number, key: number, exact: bigint): void {
    this.#sizes[place] = Number(exact)
    this.#long.set(key, exact)
  }

  /** Set levels whose units are so many times coarser than the side's. Throws TooManyDigits. */
  apply(levels: Levels, priceFactor: number, sizeFactor: number): void {
    const { prices, sizes, long } = levels
    for (let i = 0; i < prices.length; i++) {
      const key = (prices[i] ?? 0) * priceFactor * this.#sign, size = (sizes[i] ?? 0) * sizeFactor
      if (!(key <= Number.MAX_SAFE_INTEGER && key >= -Number.MAX_SAFE_INTEGER)) throw new TooManyDigits('prices of more than 15 digits')
      if (size <= Number.MAX_SAFE_INTEGER) this.#set(key, size)
      else {
        const exact = (long?.get(i) ?? BigInt(sizes[i] ?? 0)) * BigInt(sizeFactor)
        this.#set(key, Number(exact))
        if (exact > MAX_SAFE) this.#long.set(key, exact)
      }
    }
  }

  /** Only the best `depth` levels stay. */
  trim(depth: number): void {
    const surplus = this.#count - depth
    if (surplus <= 0) return
    if (this.#long.size > 0) for (let i = 0; i < surplus; i++) this.#long.delete(this.#keys[i] ?? NaN)
    this.#keys.copyWithin(0, surplus, this.#count)
    this.#sizes.copyWithin(0, surplus, this.#count)
    this.#count = depth
  }

  #set(key: number, size: number): void {
    const place = this.#placeOf(key)
    const held = place < this.#count && this.#keys[place] === key
    if (this.#long.size > 0) this.#long.delete(key)
    if (size > 0) {
      if (!held) this.#insert(place, key)
      this.#sizes[place] = size
    } else if (held) this.#remove(place)
  }

  /** The first place whose key is not below: searched from the best on, in strides that double. */
  #placeOf(key: number): number {
    const keys = this.#keys
    let high = this.#count, stride = 1
    let low = high - 1
    while (low >= 0 && (keys[low] ?? 0) >= key) {
      high = low
      low -= stride
      stride *= 2
    }
    if (low < 0) low = -1
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if ((keys[middle] ?? 0) >= key) high = middle
      else low = middle
    }
    return high
  }

  #insert(place: number, key: number): void {
    if (this.#count === this.#keys.length) this.#grow()
    const keys = this.#keys, sizes = this.#sizes
    if (this.#count - place < FEW) {
      for (let i = this.#count; i > place; i--) {
        keys[i] = keys[i - 1] ?? 0
        sizes[i] = sizes[i - 1] ?? 0
      }
    } else {
      keys.copyWithin(place + 1, place, this.#count)
      sizes.copyWithin(place + 1, place, this.#count)
    }
    keys[place] = key
    this.#count++
  }

  #remove(place: number): void {
    const keys = this.#keys, sizes = this.#sizes
    this.#count--
    if (this.#count - place < FEW) {
      for (let i = place; i < this.#count; i++) {
        keys[i] = keys[i + 1] ?? 0
        sizes[i] = sizes[i + 1] ?? 0
      }
    } else {
      keys.copyWithin(place, place + 1, this.#count + 1)
      sizes.copyWithin(place, place + 1, this.#count + 1)
    }
  }

  #grow(): void {
    const keys = new Float64Array(this.#keys.length * 2), sizes = new Float64Array(this.#keys.length * 2)
    keys.set(this.#keys)
    sizes.set(this.#sizes)
    this.#keys = keys
    this.#sizes = sizes
  }
}

/** The factor between units of so many digits and finer ones. */
export const finer = (from: number, to: number): number => power(to - from)
