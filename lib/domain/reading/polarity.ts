/**
 * How bullish or bearish words sound, sentence by sentence: weights from the lexicon, with negation and intensifiers after the
 * manner of rule-based sentiment (Taboada et al. 2011, "Lexicon-Based Methods for Sentiment Analysis").
 */
import { weightOfWord } from './lexicon.ts'
import type { Lexeme } from './lexeme.ts'
import type { Words } from './words.ts'

const NEGATED = -0.7
const NEGATION_REACH = 3
const DEGREE_REACH = 2
/** Of one emoji in a row only so many count. */
const EMOJI_MOST = 3

/** A text with the weights of each of its sentences, by sentence number. */
export interface Heard {
  readonly words: Words
  readonly sums: readonly number[]
}

export function hear(words: Words): Heard {
  const { lexemes, sentences } = words
  const sums = new Array<number>(words.next).fill(0)
  let repeats = 0
  for (let i = 0; i < lexemes.length; i++) {
    const lexeme = lexemes[i]
    if (lexeme === undefined) continue
    const sentence = sentences[i] ?? 0
    if (lexeme.kind === 'emoji') {
      repeats = lexemes[i - 1] === lexeme ? repeats + 1 : 1
      if (repeats <= EMOJI_MOST) sums[sentence] = (sums[sentence] ?? 0) + (lexeme.weight ?? 0)
      continue
    }
    const next = lexemes[i + 1]
    const paired = lexeme.leads && next !== undefined && sentences[i + 1] === sentence
    const pair = paired ? weightOfWord(`${lexeme.lower} ${next.lower}`) : undefined
    const weight = pair ?? lexeme.weight
    if (weight !== undefined) sums[sentence] = (sums[sentence] ?? 0) + weight * context(lexemes, sentences, i)
    if (pair !== undefined) i++
  }
  return { words, sums }
}

/** What the words just before do to a weight: turn it, strengthen it, weaken it. */
function context(lexemes: readonly Lexeme[], sentences: readonly number[], i: number): number {
  let factor = 1
  for (let back = 1; back <= NEGATION_REACH; back++) {
    const before = lexemes[i - back]
    if (before === undefined || sentences[i - back] !== sentences[i]) break
    if (before.negates) return factor * NEGATED
    if (back <= DEGREE_REACH) factor *= before.degree
  }
  return factor
}

/** The square of the sum of weights at which a leaning is about 0.7. */
const SQUARE = 4

/** A sum of weights as a leaning from -1 to 1. */
export const leaningOf = (sum: number): number => sum / Math.sqrt(sum * sum + SQUARE)
