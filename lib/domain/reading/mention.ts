/**
 * Which securities a text speaks of, how each was recognised and how bullish the text is about it. Words are split once; all
 * else is a look-up.
 */
import type { Mention } from '#record'
import { fingerprintOf } from './fingerprint.ts'
import type { Lexeme } from './lexeme.ts'
import { addSentiments, polarityOf } from './polarity.ts'
import { isShouting, wordsOf, type Words } from './words.ts'

export interface Text {
  readonly title?: string | undefined
  readonly text?: string | undefined
  readonly flair?: string | undefined
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
/** The mood of the whole text counts for less where the sentences that name a subject hold no opinion. */
const WHOLE_TEXT = 0.5

export function readText({ title = '', text = '', flair = '' }: Text): Reading {
  const head = wordsOf(title)
  const body = wordsOf(text, head.next)
  const found = new Map<string, Found>()
  find(head, found)
  find(body, found)
  if (found.size === 0) return { mentions: [], fingerprint: undefined }
  const sums = new Array<number>(body.next).fill(0)
  addSentiments(head, sums)
  addSentiments(body, sums)
  const prior = FLAIRS[flair] ?? 0
  let whole = 0
  for (const sum of sums) whole += sum
  const mentions: Mention[] = []
  for (const [symbol, { how, sentences }] of found) {
    let named = 0
    for (const sentence of sentences) named += sums[sentence] ?? 0
    const sum = (named === 0 ? WHOLE_TEXT * whole : named) + prior
    mentions.push({ subject: `ticker:${symbol}`, polarity: polarityOf(sum), how })
  }
  return { mentions, fingerprint: fingerprintOf(title, text) }
}

function find(words: Words, found: Map<string, Found>): void {
  const { lexemes, sentences } = words
  const shouting = isShouting(words)
  for (let i = 0; i < lexemes.length; i++) {
    const lexeme = lexemes[i]
    if (lexeme === undefined) continue
    const sentence = sentences[i] ?? 0
    const symbol = bySymbol(lexeme, shouting)
    if (symbol !== undefined) note(found, symbol, lexeme.kind === 'cashtag' ? 'cashtag' : 'symbol', sentence)
    else {
      const named = lexeme.named ?? byPhrase(lexemes, i, lexeme)
      if (named !== undefined) note(found, named, 'name', sentence)
    }
  }
}

/** Bare upper case is proof where the language has no such word; while shouting that must be certain. */
function bySymbol({ kind, symbol, proof }: Lexeme, shouting: boolean): string | undefined {
  return kind === 'cashtag' || proof === 'plain' || (proof === 'word' && !shouting) ? symbol : undefined
}

function byPhrase(lexemes: readonly Lexeme[], i: number, { phrases }: Lexeme): string | undefined {
  return phrases?.find(({ words }) => words.every((each, n) => lexemes[i + 1 + n]?.lower === each))?.symbol
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
