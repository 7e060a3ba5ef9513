/**
 * A text as the features that its mood is told by: words and pairs of words, and the beginnings, ends and middles of words, which stand for
 * forms never seen; each is hashed to a place, and which word it was is not kept. Beside them what the lexicon and the figures say.
 */
import type { Lexeme } from '../lexeme.ts'
import { leaningOf, type Heard } from '../polarity.ts'
import type { Words } from '../words.ts'
import { countFigures, FIGURES } from './figures.ts'

/** Places of hashed features; a power of two. */
export const PLACES = 1 << 16

/** How a text is written: a headline, prose of editors and companies, or talk. */
export type Register = 'headline' | 'prose' | 'talk'
export const REGISTERS: readonly Register[] = ['headline', 'prose', 'talk']

/** After the hashed places: what the lexicon says, what the figures say, the registers. */
export const LEXICON_AT = PLACES
export const FIGURES_AT = LEXICON_AT + 1
export const REGISTER_AT = FIGURES_AT + FIGURES
export const FEATURES = REGISTER_AT + REGISTERS.length

/**
 * What a form says by itself, the same where it is denied, and the number that stands for it in pairs. Each feature has a place that all registers
 * share and one of its register, so that a word may mean something else in talk (Daume, "Frustratingly Easy Domain Adaptation", ACL 2007).
 */
export interface Form {
  readonly own: readonly number[]
  readonly denied: readonly number[]
  /** Beginnings, ends and middles; they say less than the word. */
  readonly parts: readonly number[]
  readonly hash: number
  /** Holds no opinion: a company. */
  readonly mute: boolean
}

/** What a part counts for where a word or pair counts 1. */
export const PART = 0.3
const SHORTEST = 3, LONGEST = 5
/** Shorter words are all there is to them. */
const LEAST = 4

export function formOf(lexeme: Lexeme, register: Register): Form {
  const text = shapeOf(lexeme)
  const salt = saltOf(register)
  const hash = hashOf(1, text)
  const parts: number[] = []
  if (lexeme.kind === 'word' && text.length >= LEAST) {
    const framed = `<${text}>`
    for (let size = SHORTEST; size <= LONGEST; size++) {
      for (let i = 0; i + size <= framed.length; i++) parts.push(...placesOf(hashOf(3, framed.slice(i, i + size)), salt))
    }
  }
  return { own: placesOf(hash, salt), denied: placesOf(hashOf(4, text), salt), parts, hash, mute: text === '$' }
}

export const saltOf = (register: Register): number => hashOf(5, register)
/** The place that all registers share, and the register's own. */
const placesOf = (hash: number, salt: number): readonly [number, number] => [fold(hash), fold(Math.imul(hash ^ salt, 0x9e3779b1))]

const AMOUNT = /^([+-]?)(\$?)[\d.,/]+([a-z%]{0,2})[a-z]*$/

/** Companies are all alike, lest their names be taken for a mood; amounts are told by sign, dollar and unit. */
function shapeOf({ kind, lower, proof, named }: Lexeme): string {
  if (kind === 'cashtag' || named !== undefined || proof === 'plain') return '$'
  if (kind === 'number') {
    const [, sign = '', dollar = '', unit = ''] = AMOUNT.exec(lower) ?? []
    return `${sign}${dollar}0${unit}`
  }
  return lower.replace('’', "'").replace(/(.)\1{2,}/g, '$1$1')
}

/** FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/). */
function hashOf(kind: number, text: string): number {
  let hash = 0x811c9dc5 ^ kind
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash
}

const fold = (hash: number): number => (hash ^ (hash >>> 15)) & (PLACES - 1)
/** The number of two forms, one after the other. */
const pairOf = (before: number, after: number): number => Math.imul(Math.imul(before, 0x85ebca6b) ^ after, 0xc2b2ae35)

/** What stands before the first word of a sentence. */
const START = 7
const DENIED = 0x5bd1e995
/** Words that a denial reaches. */
const REACH = 4
/** Of one emoji in a row only so many count. */
const EMOJI_MOST = 3
/** Forms beyond are not looked at. */
const MOST = 400

/** Hears of a form, whether it is denied, and the two places of it and the one before. */
export type See = (form: Form, denied: boolean, pair: number, ownPair: number) => void

/** Calls `see` for every form of the sentences asked for, in order. */
export function walk(
  { lexemes, sentences }: Words, wanted: ReadonlySet<number> | undefined, salt: number, forms: (lexeme: Lexeme) => Form, see: See,
): void {
  let seen = 0, sentence = -1, before = START, denied = 0, repeats = 0
  for (let i = 0; i < lexemes.length && seen < MOST; i++) {
    const lexeme = lexemes[i]
    const at = sentences[i] ?? 0
    if (lexeme === undefined || (wanted !== undefined && !wanted.has(at))) continue
    if (at !== sentence) {
      sentence = at
      before = START
      denied = 0
    }
    repeats = lexeme.kind === 'emoji' && lexemes[i - 1] === lexeme ? repeats + 1 : 1
    if (repeats > EMOJI_MOST) continue
    const form = forms(lexeme)
    const now = denied > 0 ? form.hash ^ DENIED : form.hash
    const pair = pairOf(before, now)
    see(form, denied > 0, fold(pair), fold(Math.imul(pair ^ salt, 0x9e3779b1)))
    before = now
    denied = lexeme.negates ? REACH : denied - 1
    seen++
  }
}

/** What the figures of the sentences asked for say, each between 0 and 1. */
export function figuresOf({ lexemes, sentences }: Words, wanted: ReadonlySet<number> | undefined): Float64Array {
  const counts = new Float64Array(FIGURES)
  for (let from = 0, to = 0; from < lexemes.length; from = to) {
    const sentence = sentences[from] ?? 0
    while (to < lexemes.length && sentences[to] === sentence) to++
    if (wanted === undefined || wanted.has(sentence)) countFigures(lexemes, from, to, counts)
  }
  for (let k = 0; k < FIGURES; k++) counts[k] = (counts[k] ?? 0) / (1 + (counts[k] ?? 0))
  return counts
}

/** What the lexicon says of the sentences asked for, from -1 to 1; `sums` by sentence. */
export function lexiconOf(sums: readonly number[], wanted: ReadonlySet<number> | undefined): number {
  let sum = 0
  for (let sentence = 0; sentence < sums.length; sentence++) if (wanted === undefined || wanted.has(sentence)) sum += sums[sentence] ?? 0
  return leaningOf(sum)
}

/** Squares of a form's features, the pair included: one for all registers, one for its own. */
export const massOf = ({ parts }: Form): number => 4 + PART * PART * parts.length
/** Forms fewer than these say as little as each alone: what all features are divided by has this floor. */
const LEAST_MASS = 10
/** Of the squares of all features. */
export const spreadOf = (mass: number): number => 1 / Math.sqrt(Math.max(mass, LEAST_MASS))

/** The features of a text as a row to learn from, by the same walk. */
export function rowOf({ words, sums }: Heard, register: Register): { readonly places: number[]; readonly values: number[] } {
  const counts = new Map<number, number>()
  const add = (place: number, value: number): void => { counts.set(place, (counts.get(place) ?? 0) + value) }
  let mass = 0
  walk(words, undefined, saltOf(register), (lexeme) => formOf(lexeme, register), (form, denied, pair, ownPair) => {
    for (const place of denied ? form.denied : form.own) add(place, 1)
    for (const place of form.parts) add(place, PART)
    add(pair, 1)
    add(ownPair, 1)
    mass += massOf(form)
  })
  const spread = spreadOf(mass)
  for (const [place, count] of counts) counts.set(place, count * spread)
  counts.set(LEXICON_AT, lexiconOf(sums, undefined))
  figuresOf(words, undefined).forEach((value, k) => { if (value !== 0) counts.set(FIGURES_AT + k, value) })
  counts.set(REGISTER_AT + REGISTERS.indexOf(register), 1)
  const sorted = [...counts].sort(([a], [b]) => a - b)
  return { places: sorted.map(([place]) => place), values: sorted.map(([, value]) => value) }
}
