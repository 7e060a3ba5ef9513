/** Reading a settings object field by field, with faults that say which field, and what was expected there. */
import { parseDuration, type Millis } from '#record'
import { parseFixed } from '../money/decimal.ts'
import { parseCents, type Cents, type Fixed } from '../money/money.ts'

export class FieldFault extends Error {}

export class Fields {
  readonly #value: { readonly [name: string]: unknown }
  readonly #path: string
  readonly #otherwise: Fields | undefined

  /** Throws FieldFault where the value is no object. */
  constructor(value: unknown, path: string, otherwise?: Fields) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new FieldFault(`${path}: expected an object`)
    this.#value = value as { readonly [name: string]: unknown }
    this.#path = path
    this.#otherwise = otherwise
  }

  /** The same, with defaults for what is absent. */
  or(otherwise: Fields): Fields {
    return new Fields(this.#value, this.#path, otherwise)
  }

  fault(name: string, expected: string): FieldFault {
    return new FieldFault(`${this.#path}: ${name}: expected ${expected}`)
  }

  #get(name: string): unknown {
    const value = this.#value[name]
    return value !== undefined || this.#otherwise === undefined ? value : this.#otherwise.#get(name)
  }

  /** An object within; absent ones are all default. */
  under(name: string): Fields {
    const value = this.#value[name] ?? {}
    const standard = this.#otherwise === undefined ? undefined : this.#otherwise.#get(name)
    const otherwise = typeof standard === 'object' && standard !== null ? new Fields(standard, '') : undefined
    return new Fields(value, this.#path === '' ? name : `${this.#path}: ${name}`, otherwise)
  }

  list(name: string, expected: string): readonly Fields[] {
    const value = this.#get(name)
    if (!Array.isArray(value)) throw this.fault(name, expected)
    return value.map((entry, i) => new Fields(entry, `${this.#path}: ${name}[${i}]`))
  }

  optional<T>(name: string, read: (fields: Fields) => T): T | undefined {
    const value = this.#get(name)
    return value === undefined || value === null ? undefined : read(this)
  }

  text(name: string): string {
    const value = this.#get(name)
    if (typeof value !== 'string' || value === '') throw this.fault(name, 'some text')
    return value
  }
  pattern(name: string, pattern: RegExp, expected: string): string {
    const value = this.#get(name)
    if (typeof value !== 'string' || !pattern.test(value)) throw this.fault(name, expected)
    return value
  }
  oneOf<const T extends string>(name: string, values: readonly T[]): T {
    const value = this.#get(name)
    const found = values.find((known) => known === value)
    if (found === undefined) throw this.fault(name, values.join(' or '))
    return found
  }
  flag(name: string): boolean {
    const value = this.#get(name)
    if (typeof value !== 'boolean') throw this.fault(name, 'true or false')
    return value
  }
  number(name: string, least: number): number {
    const value = this.#get(name)
    if (typeof value !== 'number' || !Number.isFinite(value) || value < least) throw this.fault(name, `a number of at least ${least}`)
    return value
  }
  count(name: string): number {
    const value = this.#get(name)
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1) throw this.fault(name, 'a count of at least 1')
    return value
  }
  /** A decimal in a string, not below zero, or not below `least`. */
  fraction(name: string, least: Fixed = 0n): Fixed {
    const value = this.#get(name)
    const fixed = typeof value === 'string' ? parseFixed(value) : undefined
    if (fixed === undefined || fixed < least) throw this.fault(name, `a decimal ${least > 0n ? 'above' : 'of at least'} zero, such as "0.10"`)
    return fixed
  }
  cents(name: string, { above, example }: { readonly above: Cents; readonly example: string }): Cents {
    const value = this.#get(name)
    const cents = typeof value === 'string' ? parseCents(value) : undefined
    if (cents === undefined || cents <= above) throw this.fault(name, `an amount above ${above === 0n ? 'zero' : String(above)}, such as "${example}"`)
    return cents
  }
  duration(name: string): Millis {
    const value = this.#get(name)
    const ms = typeof value === 'string' ? parseDuration(value) : undefined
    if (ms === undefined) throw this.fault(name, 'a duration like "20d"')
    return ms
  }
}
