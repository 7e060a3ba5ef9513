/**
 * Which words stand for a listed security: the table models/symbols.json, made by scripts/symbols.mjs. A symbol is `plain`
 * where upper case alone is proof, `word` where the language writes it too, `cashtag` where only `$A` or the company's name
 * proves it. Filters load this table at every start, so it stays text: symbols are searched where they stand, names become a
 * map at the first word.
 */
import symbols from '../../../models/symbols.json' with { type: 'json' }

export type Proof = 'plain' | 'word' | 'cashtag'

/** A name of several words: those after its first. */
export interface Phrase {
  readonly words: readonly string[]
  readonly symbol: string
}

const PROOFS = ['plain', 'word', 'cashtag'] as const

/** How much proof an upper-case symbol needs; undefined where nothing of that name is listed. */
export function proofOf(symbol: string): Proof | undefined {
  return PROOFS.find((proof) => isListed(symbols[proof], symbol))
}

/** Binary search in words that are sorted by code unit and separated by one space. */
function isListed(sorted: string, word: string): boolean {
  let low = 0, high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    const start = Math.max(low, sorted.lastIndexOf(' ', middle) + 1)
    const space = sorted.indexOf(' ', start)
    const end = space < 0 ? sorted.length : space
    const found = sorted.slice(start, end)
    if (found === word) return true
    if (found < word) low = end + 1
    else high = start - 1
  }
  return false
}

interface Names {
  readonly single: Map<string, string>
  readonly phrases: Map<string, Phrase[]>
}

let names: Names | undefined

function readNames(): Names {
  const single = new Map<string, string>(), phrases = new Map<string, Phrase[]>()
  for (const entry of symbols.names.split(',')) {
    const equals = entry.indexOf('=')
    const name = entry.slice(0, equals), symbol = entry.slice(equals + 1)
    if (!name.includes(' ')) {
      single.set(name, symbol)
      continue
    }
    const [first = '', ...words] = name.split(' ')
    const known = phrases.get(first)
    if (known === undefined) phrases.set(first, [{ words, symbol }])
    else known.push({ words, symbol })
  }
  // The longest first: "clean energy fuels" is not "clean energy".
  for (const known of phrases.values()) known.sort((a, b) => b.words.length - a.words.length)
  return { single, phrases }
}

/** The symbol of a company by one word of its name: all lower case, or with a capital where prose also has the word small. */
export const symbolNamed = (name: string): string | undefined => (names ??= readNames()).single.get(name)
/** Names of several words that begin with this one (lower case). */
export const phrasesFrom = (first: string): readonly Phrase[] | undefined => (names ??= readNames()).phrases.get(first)
