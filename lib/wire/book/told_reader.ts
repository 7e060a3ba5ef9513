/** Reads {@link Told} from bytes. Its oracle is JSON.parse: what that refuses is refused here, and all else is read alike. */
import { Failure } from '#port/failure'
import { Levels, power, TooManyDigits } from '#domain/market/levels'
import { Numeral } from '../json_exact.ts'
import type { Told, ToldObject } from './told.ts'

const MAX_DEPTH = 100
/** Members that hold one side of a book, by the names that venues give them. */
const SIDES: ReadonlySet<string> = new Set(['b', 'a', 'bids', 'asks', 'bs', 'as'])

const QUOTE = 34, BACKSLASH = 92, OPEN_BRACE = 123, CLOSE_BRACE = 125, OPEN_BRACKET = 91, CLOSE_BRACKET = 93
const COMMA = 44, COLON = 58, MINUS = 45, POINT = 46, ZERO = 48, NINE = 57, SPACE = 32

/** One JSON text of `bytes`, between two places. Throws Failure `data` where it is none. */
export function readTold(bytes: Buffer, from: number, to: number, name: string): Told {
  return new Reader(bytes, to, name).whole(from)
}

class Reader {
  readonly #bytes: Buffer
  readonly #end: number
  readonly #name: string
  #at = 0

  constructor(bytes: Buffer, end: number, name: string) {
    this.#bytes = bytes
    this.#end = end
    this.#name = name
  }

  whole(from: number): Told {
    this.#at = from
    const value = this.#value(0)
    if (this.#next() >= 0) this.#refuse('the end')
    return value
  }

  /** The next byte that is no blank, and stand there; -1 at the end. */
  #next(): number {
    while (this.#at < this.#end) {
      const byte = this.#bytes[this.#at] ?? -1
      if (byte > SPACE || (byte !== SPACE && byte !== 10 && byte !== 13 && byte !== 9)) return byte
      this.#at++
    }
    return -1
  }

  #value(depth: number): Told {
    if (depth > MAX_DEPTH) throw new Failure('data', `${this.#name}: JSON nested deeper than ${MAX_DEPTH}`)
    const byte = this.#next()
    switch (byte) {
      case OPEN_BRACE: return this.#object(depth)
      case OPEN_BRACKET: return this.#list(depth)
      case QUOTE: return this.#string()
      case 116: return this.#word('true', true)
      case 102: return this.#word('false', false)
      case 110: return this.#word('null', null)
      default: return this.#number(byte)
    }
  }

  #object(depth: number): ToldObject {
    const object: { [key: string]: Told } = {}
    this.#at++
    if (this.#next() === CLOSE_BRACE) {
      this.#at++
      return object
    }
    for (;;) {
      if (this.#next() !== QUOTE) this.#refuse('the name of a member')
      const key = this.#string(true)
      if (this.#next() !== COLON) this.#refuse('a colon')
      this.#at++
      const value = (SIDES.has(key) && this.#next() === OPEN_BRACKET ? this.#levels() : undefined) ?? this.#value(depth + 1)
      // Assigning to this one name would set the prototype instead.
      if (key === '__proto__') Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true })
      else object[key] = value
      const next = this.#next()
      if (next !== COMMA && next !== CLOSE_BRACE) this.#refuse('a comma or }')
      this.#at++
      if (next === CLOSE_BRACE) return object
    }
  }

  #list(depth: number): readonly Told[] {
    const list: Told[] = []
    this.#at++
    if (this.#next() === CLOSE_BRACKET) {
      this.#at++
      return list
    }
    for (;;) {
      list.push(this.#value(depth + 1))
      const next = this.#next()
      if (next !== COMMA && next !== CLOSE_BRACKET) this.#refuse('a comma or ]')
      this.#at++
      if (next === CLOSE_BRACKET) return list
    }
  }

  /**
   * `[["61837.63","0.5"],...]`, strings or numbers, whatever stands after the first two in each. Undefined, and we stand where we stood,
   * where it is anything else; the general reader then says what.
   */
  #levels(): Levels | undefined {
    const start = this.#at, bytes = this.#bytes
    const levels = new Levels()
    this.#at++
    if (this.#next() === CLOSE_BRACKET) {
      this.#at++
      return levels
    }
    for (;;) {
      if (this.#next() !== OPEN_BRACKET) break
      this.#at++
      if (this.#next() < 0 || !this.#decimal()) break
      const price = this.#mantissa, priceDigits = this.#digits
      if (this.#written > levels.writtenPriceDigits) levels.writtenPriceDigits = this.#written
      if (this.#next() !== COMMA) break
      this.#at++
      if (this.#next() < 0 || !this.#decimal()) break
      if (this.#written > levels.writtenSizeDigits) levels.writtenSizeDigits = this.#written
      try {
        levels.add(price, priceDigits, this.#mantissa, this.#digits)
      } catch (error) {
        if (error instanceof TooManyDigits) break
        throw error
      }
      if (bytes[this.#at] !== CLOSE_BRACKET && !this.#rest(levels)) break
      this.#at++
      const next = this.#next()
      if (next !== COMMA && next !== CLOSE_BRACKET) break
      this.#at++
      if (next === CLOSE_BRACKET) return levels
      this.#next()
    }
    this.#at = start
    return undefined
  }

  #mantissa = 0
  #digits = 0
  #written = 0

  /** A number from nought to below 2^53, in quotes or not, without an exponent, into the fields above. */
  #decimal(): boolean {
    const bytes = this.#bytes
    let at = this.#at
    const quoted = bytes[at] === QUOTE
    if (quoted) at++
    const first = at
    let mantissa = 0, byte = bytes[at] ?? 0
    while (byte >= ZERO && byte <= NINE) {
      mantissa = mantissa * 10 + byte - ZERO
      byte = bytes[++at] ?? 0
    }
    if (at === first || (!quoted && at > first + 1 && bytes[first] === ZERO)) return false
    let digits = 0, written = 0
    if (byte === POINT) {
      const point = at
      // Noughts count only once another digit follows them.
      byte = bytes[++at] ?? 0
      while (byte >= ZERO && byte <= NINE) {
        if (byte !== ZERO) {
          const more = at - point - digits
          mantissa = mantissa * power(more) + byte - ZERO
          digits += more
        }
        byte = bytes[++at] ?? 0
      }
      written = at - point - 1
      if (written === 0) return false
    }
    if (quoted) {
      if (byte !== QUOTE) return false
      at++
    }
    if (mantissa > Number.MAX_SAFE_INTEGER || at > this.#end) return false
    this.#at = at
    this.#mantissa = mantissa
    this.#digits = digits
    this.#written = written
    return true
  }

  /** Whatever plain values stand before the bracket that closes a level; we then stand on it. */
  #rest(levels: Levels): boolean {
    for (let place = 2; ; place++) {
      const next = this.#next()
      if (next === CLOSE_BRACKET) return true
      if (next !== COMMA) return false
      this.#at++
      const byte = this.#next()
      if (byte === OPEN_BRACE || byte === OPEN_BRACKET) return false
      if (place === 2 && this.#decimal()) {
        const third = this.#mantissa / power(this.#digits)
        if (!(third <= levels.newest)) levels.newest = third
      } else this.#value(MAX_DEPTH)
    }
  }

  #string(isName = false): string {
    const bytes = this.#bytes, open = this.#at + 1
    let at = open, plain = true
    for (;;) {
      const byte = at < this.#end ? (bytes[at] ?? 0) : -1
      if (byte === QUOTE) break
      if (byte < SPACE) this.#refuse(byte < 0 ? 'a closing quote' : 'control characters to be escaped', at)
      if (byte > 126 || byte === BACKSLASH) {
        plain = false
        if (byte === BACKSLASH) at++
      }
      at++
    }
    this.#at = at + 1
    if (plain) return isName && at - open <= SHORT ? nameOf(bytes, open, at) : bytes.toString('latin1', open, at)
    const text = bytes.toString('utf8', open - 1, at + 1)
    if (!text.includes('\\')) return text.slice(1, -1)
    try {
      return String(JSON.parse(text))
    } catch {
      return this.#refuse('a string with valid escapes', open - 1)
    }
  }

  #word<T extends boolean | null>(word: string, value: T): T {
    if (this.#bytes.toString('latin1', this.#at, Math.min(this.#end, this.#at + word.length)) !== word) this.#refuse('a value')
    this.#at += word.length
    return value
  }

  #number(first: number): Numeral {
    if (first !== MINUS && !(first >= ZERO && first <= NINE)) this.#refuse('a value')
    let end = this.#at + 1
    while (end < this.#end && NUMERIC[this.#bytes[end] ?? 0] === 1) end++
    const text = this.#bytes.toString('latin1', this.#at, end)
    if (!NUMBER.test(text)) this.#refuse('a number')
    this.#at = end
    return new Numeral(text)
  }

  #refuse(expected: string, at = this.#at): never {
    const found = at >= this.#end ? 'it ends' : `it has ${JSON.stringify(this.#bytes.toString('utf8', at, Math.min(this.#end, at + 12)))}`
    throw new Failure('data', `${this.#name}: no JSON: expected ${expected} at byte ${at + 1}, where ${found}`)
  }
}

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/
const NUMERIC = Uint8Array.from({ length: 256 }, (_, byte) => (/[\d.eE+-]/.test(String.fromCharCode(byte)) ? 1 : 0))

/** Names of this length and shorter are remembered by their bytes: the same few come again and again. */
const SHORT = 6
const MOST_NAMES = 4096
const names = new Map<number, string>()

function nameOf(bytes: Buffer, from: number, to: number): string {
  let code = 1
  for (let at = from; at < to; at++) code = code * 128 + (bytes[at] ?? 0)
  let name = names.get(code)
  if (name === undefined) {
    name = bytes.toString('latin1', from, to)
    if (names.size < MOST_NAMES) names.set(code, name)
  }
  return name
}
