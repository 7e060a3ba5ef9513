/**
 * JSON whose numbers keep their source text: a double loses the digits of long ids, and 1.10 loses its nought. Everything else is
 * as JSON.parse gives it, but that nesting is bounded, so that hostile brackets cannot exhaust the stack of whoever walks the value.
 */
import { Failure } from '#port/failure'

/** A number as it was written: `1.10`, `-0`, `1e-7`, `12345678901234567890`. */
export class Numeral {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

export type Exact = null | boolean | string | Numeral | readonly Exact[] | ExactObject
export interface ExactObject {
  readonly [key: string]: Exact | undefined
}

/** Deeper than any payload of a service. */
const MAX_DEPTH = 100

/**
 * Parse one JSON text (RFC 8259), `name` being what messages call it. Of two members of one name the last counts, as in
 * JSON.parse. Throws Failure `data`, with the place, where it is no JSON, or is nested deeper than 100.
 */
export function parseExact(text: string, name: string): Exact {
  return new Reader(text, name).whole()
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const RAW_CONTROL = /[\u0000-\u001f]/

class Reader {
  readonly #text: string
  readonly #name: string
  #at = 0

  constructor(text: string, name: string) {
    this.#text = text
    this.#name = name
  }

  whole(): Exact {
    this.#skipBlanks()
    const value = this.#value(0)
    this.#skipBlanks()
    if (this.#at < this.#text.length) this.#refuse('the end')
    return value
  }

  /** The value at the place where we stand, which is no blank. */
  #value(depth: number): Exact {
    if (depth > MAX_DEPTH) throw new Failure('data', `${this.#name}: JSON nested deeper than ${MAX_DEPTH}`)
    switch (this.#text[this.#at]) {
      case '{': return this.#object(depth)
      case '[': return this.#list(depth)
      case '"': return this.#string()
      case 't': return this.#word('true', true)
      case 'f': return this.#word('false', false)
      case 'n': return this.#word('null', null)
      default: return this.#number()
    }
  }

  #object(depth: number): ExactObject {
    const object: { [key: string]: Exact } = {}
    if (this.#opensEmpty('}')) return object
    do {
      this.#skipBlanks()
      if (this.#text[this.#at] !== '"') this.#refuse('the name of a member')
      const key = this.#string()
      this.#skipBlanks()
      if (this.#text[this.#at] !== ':') this.#refuse('a colon')
      this.#at++
      this.#skipBlanks()
      const value = this.#value(depth + 1)
      // Assigning to this one name would set the prototype instead.
      if (key === '__proto__') Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true })
      else object[key] = value
    } while (this.#goesOn('}'))
    return object
  }

  #list(depth: number): readonly Exact[] {
    const list: Exact[] = []
    if (this.#opensEmpty(']')) return list
    do {
      this.#skipBlanks()
      list.push(this.#value(depth + 1))
    } while (this.#goesOn(']'))
    return list
  }

  #opensEmpty(close: string): boolean {
    this.#at++
    this.#skipBlanks()
    if (this.#text[this.#at] !== close) return false
    this.#at++
    return true
  }

  #goesOn(close: string): boolean {
    this.#skipBlanks()
    const next = this.#text[this.#at]
    if (next !== ',' && next !== close) this.#refuse(`a comma or ${close}`)
    this.#at++
    return next === ','
  }

  /** Most strings have no escapes and are cut out of the text; JSON.parse knows the others. */
  #string(): string {
    const text = this.#text, open = this.#at
    let close = text.indexOf('"', open + 1)
    while (close >= 0 && isEscaped(text, close)) close = text.indexOf('"', close + 1)
    if (close < 0) this.#refuse('a closing quote', text.length)
    this.#at = close + 1
    const inside = text.slice(open + 1, close)
    if (!inside.includes('\\')) {
      const control = RAW_CONTROL.exec(inside)
      if (control !== null) this.#refuse('control characters to be escaped', open + 1 + control.index)
      return inside
    }
    try {
      return String(JSON.parse(text.slice(open, close + 1)))
    } catch {
      return this.#refuse('a string with valid escapes', open)
    }
  }

  #word<T extends boolean | null>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) this.#refuse('a value')
    this.#at += word.length
    return value
  }

  #number(): Numeral {
    NUMBER.lastIndex = this.#at
    const match = NUMBER.exec(this.#text)
    if (match === null) return this.#refuse('a value')
    this.#at = NUMBER.lastIndex
    return new Numeral(match[0])
  }

  #skipBlanks(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at)
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return
      this.#at++
    }
  }

  #refuse(expected: string, at = this.#at): never {
    const found = at >= this.#text.length ? 'it ends' : `it has ${JSON.stringify(this.#text.slice(at, at + 12))}`
    throw new Failure('data', `${this.#name}: no JSON: expected ${expected} at character ${at + 1}, where ${found}`)
  }
}

function isEscaped(text: string, quote: number): boolean {
  let first = quote
  while (text[first - 1] === '\\') first--
  return (quote - first) % 2 === 1
}

/** The members of an object; undefined for anything else. */
export function exactObject(value: Exact | undefined): ExactObject | undefined {
  return typeof value === 'object' && value !== null && !(value instanceof Numeral) && !isList(value) ? value : undefined
}

export function exactList(value: Exact | undefined): readonly Exact[] | undefined {
  return typeof value === 'object' && value !== null && isList(value) ? value : undefined
}

/** The objects of a list; what else is in it is left out. */
export function exactObjects(value: Exact | undefined): readonly ExactObject[] {
  return (exactList(value) ?? []).map(exactObject).filter((each) => each !== undefined)
}

const isList = (value: object): value is readonly Exact[] => Array.isArray(value)

/** A string that says something: not empty. */
export function exactString(value: Exact | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** An id, which services write as a number or a string: its exact digits. */
export function exactId(value: Exact | undefined): string | undefined {
  if (value instanceof Numeral) return /^\d+$/.test(value.text) ? value.text : undefined
  return exactString(value)
}

/**
 * A number, or a string that holds one, as a plain decimal with every digit that was written (`1.10` stays `1.10`): exponents are written
 * out, `-0` is `0`. Undefined for anything else, and beyond 100 digits.
 */
export function exactDecimal(value: Exact | undefined): string | undefined {
  const text = value instanceof Numeral ? value.text : value
  return typeof text === 'string' ? plainDecimal(text) : undefined
}

/** The nearest double, for counts and measures without a unit: a number, or a string that holds one. */
export function exactNumber(value: Exact | undefined): number | undefined {
  const decimal = exactDecimal(value)
  return decimal === undefined ? undefined : Number(decimal)
}

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,4}))?$/
const MOST_DIGITS = 100

function plainDecimal(text: string): string | undefined {
  const match = text.length > MOST_DIGITS ? null : DECIMAL.exec(text)
  if (match === null) return undefined
  const [, sign = '', whole = '', fraction = '', exponent] = match
  const plain = exponent === undefined ? undotted(whole, fraction, whole.length) : undotted(whole, fraction, whole.length + Number(exponent))
  if (plain === undefined) return undefined
  return sign === '-' && /[1-9]/.test(plain) ? `-${plain}` : plain
}

/** The digits with the point after the first `places` of them. */
function undotted(whole: string, fraction: string, places: number): string | undefined {
  const digits = whole + fraction
  if (Math.abs(places) > MOST_DIGITS) return undefined
  const padded = places <= 0 ? '0'.repeat(1 - places) + digits : digits.padEnd(places, '0')
  const point = Math.max(places, 1)
  const head = padded.slice(0, point).replace(/^0+(?=\d)/, '')
  return point < padded.length ? `${head}.${padded.slice(point)}` : head
}
