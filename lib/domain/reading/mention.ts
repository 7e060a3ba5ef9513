/**
 * Which securities a text speaks of, how each was recognised and how bullish the text is about it. Words are split once; all
 * else is a look-up.
 */
import type { Mention } from '#record'
import { fingerprintOf } from './fingerprint.ts'
import { holderOf, isTraded } from './holders.ts'
import type { Lexeme } from './lexeme.ts'
import { hear, type Heard } from './polarity.ts'
import type { Phrase } from './symbols.ts'
import type { Register } from './sentiment/features.ts'
import { sharesOf } from './sentiment/scorer.ts'
import { isShouting, isWhispered, joinWords, wordsOf, type Words } from './words.ts'

export interface Text {
  readonly title?: string | undefined
  readonly text?: string | undefined
  readonly flair?: string | undefined
  /** What its author says it is: `Bullish` or `Bearish`. */
  readonly stated?: string | undefined
  /** ISO date of when it was written, for what symbols meant then. */
  readonly day?: string | undefined
  /** How it is written: talk where nothing is said. */
  readonly register?: Register | undefined
}
export interface Reading {
  /** In order of first mention, each subject once, by its strongest proof. */
  readonly mentions: Mention[]
  /** Only where there are mentions: nobody asks for the others. */
  readonly fingerprint: string | undefined
}

type How = 'cashtag' | 'symbol' | 'name'
const STRENGTH: Readonly<Record<How, number>> = { cashtag: 3, symbol: 2, name: 1 }

interface Found {
  how: How
  readonly sentences: Set<number>
}

/** What a post's flair says of its own result. */
const FLAIRS: Readonly<Record<string, number>> = { Gain: 0.5, Loss: -0.5 }
/** A name stands for one class of shares, unless the text has the other's symbol. */
const CLASSES: readonly (readonly [string, string])[] = [['GOOGL', 'GOOG'], ['BRK-B', 'BRK-A']]
/** An author's own word for his text is worth more than a reader's guess. */
const STATED: Readonly<Record<string, number>> = { Bullish: 0.8, Bearish: -0.8 }
/** The mood of the whole text counts for less where the sentences that name a subject hold no opinion. */
const WHOLE_TEXT = 0.5
/** Less is no opinion. */
const QUIET = 0.1

export function readText({ title = '', text = '', flair = '', stated = '', day, register = 'talk' }: Text): Reading {
  const head = wordsOf(title)
  const body = wordsOf(text, head.next)
  const found = new Map<string, Found>()
  find(head, found, day)
  find(body, found, day)
  for (const [name, other] of CLASSES) if (found.get(name)?.how === 'name' && found.has(other)) found.delete(name)
  if (found.size === 0) return { mentions: [], fingerprint: undefined }
  const heard = hear(joinWords(head, body))
  const prior = STATED[stated] ?? FLAIRS[flair] ?? 0
  /** By sentences: those that name one often name others. */
  const moods = new Map<string, number>()
  let whole: number | undefined
  const mentions = Array.from(found, ([symbol, { how, sentences }]) => {
    const key = [...sentences].join(' ')
    let mood = moods.get(key)
    if (mood === undefined) {
      mood = moodOf(heard, register, sentences)
      if (Math.abs(mood) < QUIET && sentences.size < heard.words.next) mood = WHOLE_TEXT * (whole ??= moodOf(heard, register))
      moods.set(key, mood)
    }
    return { subject: symbol.startsWith('coin:') ? symbol : `ticker:${symbol}`, polarity: polarityOf(mood, prior), how }
  })
  return { mentions, fingerprint: fingerprintOf(title, text) }
}

/** P(positive) - P(negative). */
function moodOf(heard: Heard, register: Register, sentences?: ReadonlySet<number>): number {
  const { negative, positive } = sharesOf(heard, register, sentences)
  return positive - negative
}

/** Three digits; the flair leans on it the less the surer it is. */
const polarityOf = (mood: number, prior: number): number => Math.round(1000 * (mood + prior * (1 - Math.abs(mood)))) / 1000 + 0

function find(words: Words, found: Map<string, Found>, day: string | undefined): void {
  const { lexemes, sentences } = words
  const add = (symbol: string, how: How, sentence: number): void => {
    // Names lead to symbols of today: Facebook was META's before there was one.
    const holder = how !== 'name' ? holderOf(symbol, day) : isTraded(symbol, day) ? symbol : undefined
    if (holder !== undefined) note(found, holder, how, sentence)
  }
  const shouting = isShouting(words), small = isWhispered(words)
  for (let i = 0; i < lexemes.length; i++) {
    const lexeme = lexemes[i]
    if (lexeme === undefined) continue
    const sentence = sentences[i] ?? 0
    const symbol = bySymbol(lexeme, shouting)
    if (symbol !== undefined) add(symbol, lexeme.kind === 'cashtag' ? 'cashtag' : 'symbol', sentence)
    else if (small && lexeme.whispered !== undefined && lexeme.named === undefined) add(lexeme.whispered, 'symbol', sentence)
    else {
      const phrase = byPhrase(lexemes, i, lexeme), named = phrase?.symbol ?? lexeme.named
      if (named !== undefined) add(named, 'name', sentence)
      i += phrase?.words.length ?? 0
    }
  }
}

/** Bare upper case is proof where the language has no such word; while shouting that must be certain. */
function bySymbol({ kind, symbol, proof }: Lexeme, shouting: boolean): string | undefined {
  return kind === 'cashtag' || proof === 'plain' || (proof === 'word' && !shouting) ? symbol : undefined
}

function byPhrase(lexemes: readonly Lexeme[], i: number, { phrases }: Lexeme): Phrase | undefined {
  return phrases?.find(({ words }) => words.every((each, n) => lexemes[i + 1 + n]?.lower === each))
}

function note(found: Map<string, Found>, symbol: string, how: How, sentence: number): void {
  const before = found.get(symbol)
  if (before === undefined) {
    found.set(symbol, { how, sentences: new Set([sentence]) })
    return
  }
  before.sentences.add(sentence)
  if (STRENGTH[how] > STRENGTH[before.how]) before.how = how
}
