/**
 * A text as words, cashtags, numbers and emoji, each with the number of its sentence. One pass; links and user names are left
 * out.
 */
import { lexemeAt, type Lexeme, type WordKind } from './lexeme.ts'

export interface Words {
  readonly lexemes: readonly Lexeme[]
  /** The number of the sentence of each. */
  readonly sentences: readonly number[]
  /** The number that the sentence after the last would have. */
  readonly next: number
}

const OTHER = 0, LETTER = 1, DIGIT = 2, STOP = 3, NEWLINE = 4, DOLLAR = 5, JOINER = 6, SLASH = 7, AT = 8
/** What each ASCII character does; everything above is OTHER but emoji and the typographic apostrophe. */
const CLASSES = new Uint8Array(128)
const classify = (characters: string, as: number): void => {
  for (const character of characters) CLASSES[character.charCodeAt(0)] = as
}
classify('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_', LETTER)
classify('0123456789', DIGIT)
classify('.!?', STOP)
classify('\n', NEWLINE)
classify('$', DOLLAR)
classify("'&", JOINER)
classify('/', SLASH)
classify('@', AT)
const APOSTROPHE = 0x2019
const ELLIPSIS = 0x2026
const FIRST_EMOJI = 0xd83c, LAST_EMOJI = 0xd83e

/** 0 beyond the end: a read out of bounds makes engines give up on their fastest code. */
const codeAt = (text: string, i: number): number => (i < text.length ? text.charCodeAt(i) : 0)
const classAt = (text: string, i: number): number => {
  const code = codeAt(text, i)
  if (code < 128) return CLASSES[code] ?? OTHER
  return code === APOSTROPHE ? JOINER : OTHER
}

/** Split a text; its first sentence gets the number `sentence`. Emoji after a full stop belong to the sentence they follow. */
export function wordsOf(text: string, sentence = 0): Words {
  const lexemes: Lexeme[] = []
  const sentences: number[] = []
  let current = sentence
  let ended = false
  const add = (kind: WordKind, from: number, to: number): void => {
    if (kind !== 'emoji') {
      if (ended && lexemes.length > 0) current++
      ended = false
    }
    lexemes.push(lexemeAt(kind, text, from, to))
    sentences.push(current)
  }
  let i = 0
  while (i < text.length) {
    const code = codeAt(text, i)
    const from = i
    switch (classAt(text, i)) {
      case LETTER:
        i = endOfWord(text, i)
        if (isAddress(text, from, i)) i = endOfAddress(text, i)
        else add('word', from, i)
        break
      case DIGIT:
        i = endOfNumber(text, i)
        add('number', isSigned(text, from) ? from - 1 : from, i)
        break
      case DOLLAR:
        i = endAfterDollar(text, i)
        if (i === from + 1) break
        // Within a word it stands for an S; before an ellipsis the symbol is cut off, as at the end of a tweet that was sent on.
        if (from > 0 && classAt(text, from - 1) === LETTER && classAt(text, from + 1) === LETTER) break
        if (codeAt(text, i) === ELLIPSIS) break
        if (classAt(text, from + 1) === DIGIT) add('number', from, i)
        else add('cashtag', from + 1, i)
        break
      case STOP:
        i++
        if (i >= text.length || codeAt(text, i) <= 32 || codeAt(text, i) >= FIRST_EMOJI) ended = true
        break
      case NEWLINE:
        i++
        ended = true
        break
      case AT:
        i++
        // The name of someone at a service, unless it is within an address of mail.
        if (from === 0 || codeAt(text, from - 1) < 48) while (classAt(text, i) === LETTER || classAt(text, i) === DIGIT) i++
        break
      default:
        i++
        if (code < FIRST_EMOJI || code > LAST_EMOJI) break
        i++
        add('emoji', from, i)
    }
  }
  return { lexemes, sentences, next: lexemes.length === 0 ? sentence : current + 1 }
}

/** Letters and digits; `don't`, `S&P` and `GME's` are one word. */
function endOfWord(text: string, from: number): number {
  let i = from
  for (;;) {
    const kind = classAt(text, i)
    if (kind === LETTER || kind === DIGIT) i++
    else if (kind === JOINER && classAt(text, i + 1) === LETTER) i += 2
    else return i
    if (i >= text.length) return text.length
  }
}

/** A plus or minus before a number, and nothing before that. */
function isSigned(text: string, from: number): boolean {
  const mark = codeAt(text, from - 1)
  return from > 0 && (mark === 43 || mark === 45) && (from === 1 || codeAt(text, from - 2) <= 40)
}

/** Prices, dates and strikes: 1,000.50 and 12/18 and 50c and 5%. */
function endOfNumber(text: string, from: number): number {
  let i = from
  for (;;) {
    const code = codeAt(text, i)
    const inside = code === 44 || code === 46 || code === 47
    if (classAt(text, i) === DIGIT || (inside && classAt(text, i + 1) === DIGIT)) i++
    else break
  }
  while (classAt(text, i) === LETTER) i++
  return codeAt(text, i) === 37 ? i + 1 : i
}

const LONGEST_CASHTAG = 5

/** The end of a price or cashtag that starts with the dollar at `from`; just behind the dollar where it is neither. */
function endAfterDollar(text: string, from: number): number {
  const first = classAt(text, from + 1)
  if (first === DIGIT) return endOfNumber(text, from + 1)
  if (first !== LETTER) return from + 1
  const end = endOfWord(text, from + 1)
  let letters = from + 1
  while (letters < end && classAt(text, letters) === LETTER) letters++
  const tail = letters < end && classAt(text, letters) !== JOINER
  if (tail || letters - from - 1 > LONGEST_CASHTAG) return from + 1
  // Share classes: $BRK.B and $BRK-B.
  const mark = codeAt(text, letters)
  const classed = (mark === 46 || mark === 45) && classAt(text, letters + 1) === LETTER && classAt(text, letters + 2) !== LETTER
  return classed ? letters + 2 : letters
}

/** Links, u/names and r/forums are no speech. */
function isAddress(text: string, from: number, to: number): boolean {
  if (to - from === 1) {
    const letter = codeAt(text, from) | 32
    return (letter === 117 || letter === 114) && classAt(text, to) === SLASH && classAt(text, to + 1) === LETTER
  }
  return codeAt(text, to) === 58 && text.startsWith('://', to)
}

function endOfAddress(text: string, from: number): number {
  let i = from
  for (; i < text.length; i++) {
    const code = codeAt(text, i)
    if (code <= 32 || code === 41 || code === 93) break
  }
  return i
}

/** One text out of two that follow one another. */
export function joinWords(first: Words, second: Words): Words {
  if (second.lexemes.length === 0) return first
  if (first.lexemes.length === 0) return second
  return { lexemes: [...first.lexemes, ...second.lexemes], sentences: [...first.sentences, ...second.sentences], next: second.next }
}

const SHOUTING_SHARE = 0.6
const SHOUTING_WORDS = 3

/** Whether most words of two letters and more, symbols left out, are in upper case: then upper case says nothing about a word. */
export function isShouting({ lexemes }: Words): boolean {
  let all = 0, upper = 0
  for (const lexeme of lexemes) {
    if (!lexeme.counts || lexeme.proof === 'plain' || lexeme.proof === 'word') continue
    all++
    if (lexeme.upper) upper++
  }
  return all >= SHOUTING_WORDS && upper > SHOUTING_SHARE * all
}

const WHISPERED_WORDS = 3

/** Whether nothing is in upper case where something might be: then lower case says nothing about a word. */
export function isWhispered({ lexemes }: Words): boolean {
  let all = 0
  for (const lexeme of lexemes) {
    if (lexeme.kind === 'cashtag') return false
    if (lexeme.kind !== 'word') continue
    if (lexeme.text !== lexeme.lower) return false
    if (lexeme.counts) all++
  }
  return all >= WHISPERED_WORDS
}
