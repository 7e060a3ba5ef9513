/** The option table of a tool: help, man page, completion, config and the types of the values all derive from it. */
import { parseDuration, parseMoment, type Millis } from '#record'

interface Described {
  readonly help: string
  /** Its name in the environment, where it is not VANTA_TOOL_OPTION. */
  readonly variable?: string
  /** It changes no record, so a record's `by` does not say it: how fast, where to, with which keys. */
  readonly aside?: true
}
interface Valued extends Described {
  /** As it would be typed. */
  readonly default?: string
  readonly required?: true
}
export type Option =
  | ({ readonly kind: 'flag' } & Described)
  | ({ readonly kind: 'text' | 'path' | 'number' | 'integer' | 'decimal' | 'duration' | 'moment' } & Valued)
  | ({
      readonly kind: 'list'
      /** Where it is typed, words that are no option are entries of it too, taken whole: what a shell makes of `--from *.xml`. */
      readonly goesOn?: true
    } & Valued)
  | ({ readonly kind: 'choice'; readonly choices: readonly string[] } & Valued)

/** Keys in camelCase: `halfLife` is typed `--half-life`, and `VANTA_DECAY_HALF_LIFE` in the environment. */
export type Options = { readonly [name: string]: Option }

interface ValueByKind {
  text: string
  path: string
  number: number
  integer: number
  /** Exact decimal text. */
  decimal: string
  duration: Millis
  moment: Millis
  list: readonly string[]
}
type Present<O, V> = O extends { readonly default: string } | { readonly required: true } ? V : V | undefined
export type ValueOf<O extends Option> = O extends { readonly kind: 'flag' }
  ? boolean
  : O extends { readonly kind: 'choice'; readonly choices: readonly (infer C)[] }
    ? Present<O, C>
    : O extends { readonly kind: keyof ValueByKind }
      ? Present<O, ValueByKind[O['kind']]>
      : never
export type ValuesOf<T extends Options> = { readonly [K in keyof T]: ValueOf<T[K]> }

export type OptionValue = string | number | boolean | readonly string[] | undefined

const DECIMAL = /^-?\d+(\.\d+)?$/

/** The value that `typed` stands for, or what was expected instead. */
export function readOption(option: Option, typed: string): { value: OptionValue } | { expected: string } {
  switch (option.kind) {
    case 'flag':
      if (typed === 'true' || typed === '1') return { value: true }
      return typed === 'false' || typed === '0' ? { value: false } : { expected: 'true or false' }
    case 'text':
    case 'path':
      return typed === '' ? { expected: 'some text' } : { value: typed }
    case 'list':
      return { value: typed.split(',').map((entry) => entry.trim()).filter((entry) => entry !== '') }
    case 'choice':
      return option.choices.includes(typed) ? { value: typed } : { expected: `one of ${option.choices.join(', ')}` }
    case 'decimal':
      return DECIMAL.test(typed) ? { value: typed } : { expected: 'a decimal number' }
    case 'number':
    case 'integer':
      return readNumber(option.kind, typed)
    case 'duration':
      return orExpected(parseDuration(typed), 'a duration like 90s, 15m, 6h or 5d')
    case 'moment':
      return orExpected(parseMoment(typed), 'a moment like 2021-01-15 or 2021-01-15T14:30:00Z')
  }
}

function readNumber(kind: 'number' | 'integer', typed: string): { value: number } | { expected: string } {
  const value = typed.trim() === '' ? NaN : Number(typed)
  if (kind === 'integer') return Number.isSafeInteger(value) ? { value } : { expected: 'a whole number' }
  return Number.isFinite(value) ? { value } : { expected: 'a number' }
}

function orExpected(value: number | undefined, expected: string): { value: number } | { expected: string } {
  return value === undefined ? { expected } : { value }
}

/** `halfLife` → `half-life`. */
export const flagOf = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
