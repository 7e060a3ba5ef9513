/**
 * How bullish or bearish a text is, by a linear model that the project has learned (scripts/train/sentiment.ts): P(positive) and P(negative) by what
 * its words, their parts, pairs of them, its figures and the lexicon say. What a form adds is looked up once and kept.
 */
import model from '../../../../models/sentiment.json' with { type: 'json' }
import type { Lexeme } from '../lexeme.ts'
import type { Heard } from '../polarity.ts'
import {
  FIGURES_AT, figuresOf, formOf, LEXICON_AT, lexiconOf, massOf, PART, PLACES, REGISTER_AT, REGISTERS, saltOf, spreadOf, walk, type Form, type Register,
} from './features.ts'

/** Classes of the model; the weights of the middle one are 0, the others are relative to it. */
export const NEGATIVE = 0, NEUTRAL = 1, POSITIVE = 2

export interface SentimentModel {
  /** A signed byte for each place of each class but neutral, base64. */
  readonly places: { readonly negative: string; readonly positive: string }
  /** What a byte is worth. */
  readonly unit: number
  /** Weights of the features after the hashed ones; intercepts of negative and positive. */
  readonly dense: { readonly negative: readonly number[]; readonly positive: readonly number[] }
  readonly intercepts: readonly number[]
}

export interface Shares {
  readonly negative: number
  readonly positive: number
}

const NOTHING: Shares = { negative: 0, positive: 0 }

/** Of the sentences asked for; of all of them otherwise. */
export type Score = (heard: Heard, register: Register, wanted?: ReadonlySet<number>) => Shares

/** The sums of a form's weights: by itself and denied, each negative and positive, with its parts. */
interface Known {
  readonly form: Form
  readonly plain: readonly [number, number]
  readonly denied: readonly [number, number]
  readonly mass: number
}

export function scorerOf(given: SentimentModel): Score {
  const negative = bytesOf(given.places.negative), positive = bytesOf(given.places.positive)
  const { unit, dense, intercepts } = given
  const sum = (bytes: Int8Array, places: readonly number[]): number => {
    let total = 0
    for (const place of places) total += bytes[place] ?? 0
    return unit * total
  }
  const known = REGISTERS.map(() => new WeakMap<Lexeme, Known>())
  const knownOf = (lexeme: Lexeme, register: Register, kept: WeakMap<Lexeme, Known>): Known => {
    let found = kept.get(lexeme)
    if (found === undefined) {
      const form = formOf(lexeme, register)
      const parts = [PART * sum(negative, form.parts), PART * sum(positive, form.parts)] as const
      const both = (places: readonly number[]): [number, number] => [sum(negative, places) + parts[0], sum(positive, places) + parts[1]]
      kept.set(lexeme, (found = { form, plain: both(form.own), denied: both(form.denied), mass: massOf(form) }))
    }
    return found
  }
  return ({ words, sums }, register, wanted) => {
    const at = REGISTERS.indexOf(register)
    const kept = known[at] ?? new WeakMap<Lexeme, Known>()
    let low = 0, high = 0, mass = 0, spoken = false
    let last: Known | undefined
    walk(words, wanted, saltOf(register), (lexeme) => (last = knownOf(lexeme, register, kept)).form, ({ mute }, denied, pair, ownPair) => {
      if (last === undefined) return
      const [less, more] = denied ? last.denied : last.plain
      low += less + unit * ((negative[pair] ?? 0) + (negative[ownPair] ?? 0))
      high += more + unit * ((positive[pair] ?? 0) + (positive[ownPair] ?? 0))
      mass += last.mass
      if (!mute) spoken = true
    })
    if (!spoken) return NOTHING
    const spread = spreadOf(mass)
    low = low * spread + (intercepts[0] ?? 0)
    high = high * spread + (intercepts[1] ?? 0)
    const add = (feature: number, value: number): void => {
      low += value * (dense.negative[feature - PLACES] ?? 0)
      high += value * (dense.positive[feature - PLACES] ?? 0)
    }
    add(LEXICON_AT, lexiconOf(sums, wanted))
    figuresOf(words, wanted).forEach((value, k) => { add(FIGURES_AT + k, value) })
    add(REGISTER_AT + at, 1)
    const most = Math.max(0, low, high)
    const n = Math.exp(low - most), p = Math.exp(high - most), all = n + p + Math.exp(-most)
    return { negative: n / all, positive: p / all }
  }
}

function bytesOf(base64: string): Int8Array {
  const bytes = Buffer.from(base64, 'base64')
  return new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length)
}

let shipped: Score | undefined
/** By models/sentiment.json. */
export const sharesOf: Score = (heard, register, wanted) => (shipped ??= scorerOf(model))(heard, register, wanted)
