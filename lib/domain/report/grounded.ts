/** Whether another wording of a text says nothing that the text does not: no number and no name of its own. */

/** With the minus before it, which is none inside a word or a date. */
const FIGURE = /(?:(?<![\p{L}\p{N}])[-\u2212])?\d+(?:[.,:]\d+)*/gu
/** Numbers, dates and times as they stand in a text, whichever minus was written. */
export const figuresIn = (text: string): readonly string[] => (text.match(FIGURE) ?? []).map((figure) => figure.replace('\u2212', '-'))

const WORD = /\$?[\p{L}][\p{L}\p{N}'’&.-]*/gu
/** Words that may begin a sentence, and `I`: capitals that name nobody. */
const BEGINNINGS = new Set(`a about after all also although an and as at because before but by despite for from given has here however if in it its more most
moreover no none not of on one only or our over overall since so some such that the their then there these they this those though to together two under until
we what when where whether which while who with without you your both each evidence expected meanwhile additionally
buy consider exit hold keep leave let note sell stay stop wait watch`.split(/\s+/))

/** Plain text of at most `most` characters, without what a terminal or a page would act on; undefined where nothing is left or it is longer. */
export function plainText(text: string, most: number): string | undefined {
  const plain = text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e]+/g, ' ').trim()
  return plain === '' || plain.length > most ? undefined : plain
}

/** The first number or name of `text` that is not in `source`; undefined where there is none. Names are words with a capital. */
export function ungrounded(text: string, source: string): string | undefined {
  const figures = new Set(figuresIn(source)), loose = figuresIn(text).find((figure) => !figures.has(figure))
  if (loose !== undefined) return loose
  const words = new Set((source.match(WORD) ?? []).map(bare))
  for (const found of text.matchAll(WORD)) {
    const word = found[0]
    if (!/\p{Lu}/u.test(word) || words.has(bare(word))) continue
    const begins = /(?:^|[.!?:;•*-]\s*|["“(]\s*)$/u.test(text.slice(0, found.index))
    if (!(begins && BEGINNINGS.has(bare(word)))) return word.replace(/[.'’-]+$/, '')
  }
  return undefined
}

const bare = (word: string): string => word.toLowerCase().replace(/^\$/, '').replace(/['’]s$|[.'’-]+$/g, '')
