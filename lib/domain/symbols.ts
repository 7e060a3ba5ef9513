/**
 * Which words stand for a listed security: the table models/symbols.json (made by scripts/symbols.mjs) as maps. A symbol is
 * `plain` where upper case alone is proof, `word` where the language writes it too, `cashtag` where only `$A` or the
 * company's name proves it.
 */
import symbols from '../../models/symbols.json' with { type: 'json' }

export type Proof = 'plain' | 'word' | 'cashtag'

/** A name of several words: those after its first. */
export interface Phrase {
  readonly words: readonly string[]
  readonly symbol: string
}

const proofs: ReadonlyMap<string, Proof> = new Map([
  ...split(symbols.plain, 'plain'), ...split(symbols.word, 'word'), ...split(symbols.cashtag, 'cashtag'),
])

function split(list: string, proof: Proof): (readonly [string, Proof])[] {
  return list.split(' ').map((symbol) => [symbol, proof] as const)
}

const renamed: ReadonlyMap<string, string> = new Map(Object.entries(symbols.renamed))
const names = new Map<string, string>()
const phrases = new Map<string, Phrase[]>()
for (const entry of symbols.names.split(',')) {
  const equals = entry.indexOf('=')
  const symbol = entry.slice(equals + 1)
  const [first = '', ...rest] = entry.slice(0, equals).split(' ')
  if (rest.length === 0) names.set(first, symbol)
  else phrases.set(first, [...(phrases.get(first) ?? []), { words: rest, symbol }])
}

/** How much proof an upper-case symbol needs; undefined where nothing of that name is listed. */
export const proofOf = (symbol: string): Proof | undefined => proofs.get(symbol)
/** The symbol that bars and filings use today: FB → META. */
export const currentSymbol = (symbol: string): string => renamed.get(symbol) ?? symbol
/** The symbol of a company by one word of its name: all lower case, or with a capital where prose also has the word small. */
export const symbolNamed = (name: string): string | undefined => names.get(name)
/** Names of several words that begin with this one (lower case). */
export const phrasesFrom = (first: string): readonly Phrase[] | undefined => phrases.get(first)
