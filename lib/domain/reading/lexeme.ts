/**
 * One written form of a word with all that is known of it: looked up once, then shared by every text that uses it. Most words
 * of most texts are a few thousand forms, so that reading a text is one look-up a word.
 */
import { degreeOf, isNegation, leadsPair, weightOfEmoji, weightOfNumber, weightOfWord } from './lexicon.ts'
import { coinNamed, coinOfCashtag } from './coins.ts'
import { phrasesFrom, proofOf, symbolNamed, type Phrase, type Proof } from './symbols.ts'

export type WordKind = 'word' | 'cashtag' | 'number' | 'emoji'

export interface Lexeme {
  readonly kind: WordKind
  /** As written; a cashtag without its `$`. Empty where the word means nothing here. */
  readonly text: string
  readonly lower: string
  /** A word of two letters and more; `upper`: all of them in upper case. */
  readonly counts: boolean
  readonly upper: boolean
  readonly weight: number | undefined
  readonly leads: boolean
  readonly negates: boolean
  readonly degree: number
  /** The listed symbol that it may stand for, of today or of then, and how much proof that needs; of a cashtag also a coin. */
  readonly symbol: string | undefined
  readonly proof: Proof | undefined
  /** The listed symbol of three letters and more, no word, that it would be in upper case. */
  readonly whispered: string | undefined
  /** The symbol of the company, or the coin, that it names. */
  readonly named: string | undefined
  readonly phrases: readonly Phrase[] | undefined
}

const SLOTS = 1 << 17
/** Slots that a form may stand in; where all are taken it takes over the first. */
const NEIGHBOURS = 8
const table = new Array<Lexeme | undefined>(SLOTS)
/** Two hashes of the form in each slot: 64 bits stand for the form itself, so that the usual hit reads no other memory. */
const firsts = new Int32Array(SLOTS), seconds = new Int32Array(SLOTS)
const SALTS: Readonly<Record<WordKind, number>> = { word: 1, cashtag: 36, number: 48, emoji: 64 }

/**
 * The lexeme written in `text` from `from` to `to`. A table of our own, so that a known word costs neither a new string nor
 * a string hash; its size bounds the memory.
 */
export function lexemeAt(kind: WordKind, text: string, from: number, to: number): Lexeme {
  let first = SALTS[kind], second = to - from
  for (let i = from; i < to; i++) {
    const code = text.charCodeAt(i)
    first = (Math.imul(first, 31) + code) | 0
    second = Math.imul(second ^ code, 0x01000193)
  }
  const home = (second ^ (second >>> 15)) & (SLOTS - 1)
  let slot = home
  for (let n = 0; n < NEIGHBOURS; n++) {
    const near = (home + n) & (SLOTS - 1)
    const lexeme = table[near]
    if (lexeme === undefined) {
      slot = near
      break
    }
    if (firsts[near] === first && seconds[near] === second) return lexeme
  }
  const lexeme = describe(kind, text.slice(from, to))
  firsts[slot] = first
  seconds[slot] = second
  table[slot] = lexeme
  return lexeme
}

const WEIGHERS: Readonly<Record<WordKind, (lower: string) => number | undefined>> = {
  word: weightOfWord, emoji: weightOfEmoji, number: weightOfNumber, cashtag: () => undefined,
}

function describe(kind: WordKind, text: string): Lexeme {
  const lower = text.toLowerCase()
  const isWord = kind === 'word'
  const counts = isWord && text.length > 1
  const symbol = kind === 'cashtag' ? text.toUpperCase().replace('.', '-') : counts ? bareSymbol(text) : undefined
  const proof = symbol === undefined ? undefined : proofOf(symbol)
  const lexeme: Lexeme = {
    kind, text, lower, counts, proof,
    upper: counts && text === text.toUpperCase() && text !== lower,
    weight: WEIGHERS[kind](lower),
    leads: isWord && leadsPair(lower),
    negates: isWord && isNegation(lower),
    degree: isWord ? degreeOf(lower) : 1,
    symbol: symbol === undefined || proof === undefined ? (kind === 'cashtag' ? coinOfCashtag(lower) : undefined) : symbol,
    whispered: counts ? whispered(text) : undefined,
    named: isWord ? named(text, lower) ?? coinNamed(lower) : undefined,
    phrases: isWord ? phrasesFrom(lower) : undefined,
  }
  return lexeme
}

/** Upper case of two to five letters, also in `GME's`. */
const BARE = /^([A-Z]{2,5})(?:['’][sS]?)?$/
const bareSymbol = (text: string): string | undefined => (isUpper(text.charCodeAt(1)) ? BARE.exec(text)?.[1] : undefined)
const isUpper = (code: number): boolean => code >= 65 && code <= 90

const SMALL = /^([a-z]{3,5})(?:['’]s)?$/

function whispered(text: string): string | undefined {
  const symbol = SMALL.exec(text)?.[1]?.toUpperCase()
  return symbol !== undefined && proofOf(symbol) === 'plain' ? symbol : undefined
}

const POSSESSIVE = /['’]s?$/
const APOSTROPHE = /['’]/

/** Macy's is macys in the table, Tesla's is tesla. */
function named(text: string, lower: string): string | undefined {
  const capital = text.charAt(0) !== lower.charAt(0)
  const direct = byName(lower, capital)
  if (direct !== undefined || !APOSTROPHE.test(lower)) return direct
  return byName(lower.replace(APOSTROPHE, ''), capital) ?? byName(lower.replace(POSSESSIVE, ''), capital)
}

function byName(lower: string, capital: boolean): string | undefined {
  return symbolNamed(lower) ?? (capital ? symbolNamed(lower.charAt(0).toUpperCase() + lower.slice(1)) : undefined)
}
