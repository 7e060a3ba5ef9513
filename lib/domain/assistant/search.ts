/**
 * Ranked search: BM25 (Robertson and Zaragoza 2009, The Probabilistic Relevance Framework, with k1 1.2 and b 0.75; the weight of a word is
 * ln(1 + (N - n + 0.5) / (n + 0.5)), which is never below zero). Documents pass by once: of those that have a word of the question only counts are kept.
 */
import type { Vanta } from '#record'
import type { MemoryLine } from './sources.ts'

const K1 = 1.2
const B = 0.75
const TOKEN = /[\p{L}\p{N}]+/gu
/** Words of questions that say nothing of what is sought. */
const EMPTY = new Set(`a about all an and any are as at be but by can did do does for from had has have how i in is it its me my no not of on one or our
please show tell than that the their then there these they this to us was we were what when where which who why will with you your`.split(/\s+/))

export const tokensOf = (text: string): readonly string[] => text.toLowerCase().match(TOKEN) ?? []

/** What is sought, each word once. */
export const wordsSought = (question: string): readonly string[] => [...new Set(tokensOf(question).filter((token) => !EMPTY.has(token)))]

interface Counted<T> {
  readonly what: T
  readonly counts: readonly number[]
  readonly length: number
}

/** Documents that pass by, and which of them speak most of what is sought. */
export class Ranking<T> {
  readonly #sought: readonly string[]
  readonly #having: number[]
  readonly #found: Counted<T>[] = []
  #count = 0
  #length = 0

  constructor(sought: readonly string[]) {
    this.#sought = sought
    this.#having = sought.map(() => 0)
  }

  add(what: T, text: string): void {
    const tokens = tokensOf(text), counts = this.#sought.map(() => 0)
    let any = false
    for (const token of tokens) {
      const at = this.#sought.indexOf(token)
      if (at < 0) continue
      counts[at] = (counts[at] ?? 0) + 1
      any = true
    }
    this.#count++
    this.#length += tokens.length
    if (!any) return
    counts.forEach((count, i) => {
      if (count > 0) this.#having[i] = (this.#having[i] ?? 0) + 1
    })
    this.#found.push({ what, counts, length: tokens.length })
  }

  /** The best first; of those alike, those that came last. */
  best(most: number): readonly T[] {
    const mean = this.#length / this.#count, weights = this.#having.map((n) => Math.log(1 + (this.#count - n + 0.5) / (n + 0.5)))
    const score = ({ counts, length }: Counted<T>): number => counts.reduce(
      (sum, count, i) => sum + (weights[i] ?? 0) * ((count * (K1 + 1)) / (count + K1 * (1 - B + (B * length) / mean))), 0)
    return this.#found.map((one, nth) => ({ one, nth, score: score(one) })).sort((a, b) => b.score - a.score || b.nth - a.nth)
      .slice(0, most).map(({ one }) => one.what)
  }
}

/** The words of a record, those of others among them: everything but ids, times and numbers of its own. */
export function textOf(record: Vanta): string {
  const words: string[] = []
  const take = (value: unknown): void => {
    if (typeof value === 'string') words.push(value)
    else if (Array.isArray(value)) value.forEach(take)
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(take)
  }
  for (const [name, value] of Object.entries(record)) if (!SILENT.has(name)) take(value)
  return words.join(' ')
}

const SILENT: ReadonlySet<string> = new Set(['id', 'parents', 'at', 'known_at', 'by', 'raw', 'fingerprint', 'signature', 'signal_id', 'weighted_at'])

export const textOfLine = ({ file, path, value }: MemoryLine): string => `${file} ${path} ${value}`.replaceAll('_', ' ')

/** Words that others wrote, where a record has some. */
export function wordsOfOthers(record: Vanta): string | undefined {
  if (record.kind === 'signal') {
    const said = ['title', 'text'].map((name) => record.facts?.[name]).find((one) => typeof one === 'string' && one.trim() !== '')
    return typeof said === 'string' ? said : undefined
  }
  if (record.kind === 'control') return typeof record.facts?.['why'] === 'string' ? record.facts['why'] : undefined
  return 'detail' in record && typeof record.detail === 'string' ? record.detail : undefined
}
