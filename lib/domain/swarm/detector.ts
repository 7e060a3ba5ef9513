/**
 * How likely it is that a text is part of a swarm: authors that act as one, or programs. Only what was known before counts, so the first of a swarm
 * is not yet told from an honest voice; memory is bounded by the time of the stream.
 */
import { millisOf, SECOND_MS, type Millis, type Signal } from '#record'
import { bandsOf, rowsFor } from '../dedup/minhash.ts'
import { shinglesOfSignal } from '../dedup/near.ts'
import { jaccard } from '../dedup/shingles.ts'

/** What is seen of one text; each of them 0 where there is nothing to see. */
export interface Sight {
  /** Other authors who said nearly the same within the window. */
  readonly copiers: number
  /** Words and pairs of words that this text shares with the first: a few repeat by chance. And the share that they are of both. */
  readonly shared: number
  readonly likeness: number
  /** Time from the first of them to this one, and between the last two. */
  readonly spanMs: Millis
  readonly gapMs: Millis
  /** Share of the copiers, this author counted, who had said nothing else before. */
  readonly freshShare: number
  /** How even the gaps between this author's texts are: 1 is a clock, 0 is chance or too few. */
  readonly evenness: number
  /** Texts of this author within the window. */
  readonly texts: number
  /** Other texts that the same authors shared before: those who copy one another again and again. */
  readonly together: number
}

/** Least likeness of texts that may be one: lower than for echoes, since those who hide reword. */
const LIKENESS = 0.4
const CANDIDATES = 48
const GAPS = 12
/** Gaps longer than this are nights and weekends. */
const GAP_MOST_MS = 6 * 3_600_000
const FEWEST_GAPS = 5

interface Text {
  readonly shingles: Uint32Array
  readonly bands: Uint32Array
  readonly firstMs: Millis
  lastMs: Millis
  /** Authors, in the order of saying it. */
  readonly authors: Set<string>
  /** Those of whom nothing had been heard before. */
  fresh: number
}

interface Author {
  lastMs: Millis
  readonly gapsMs: number[]
  texts: number
  /** Shared texts that this author had a part in. */
  readonly shared: Set<Text>
}

class Generation {
  readonly bands = new Map<number, Text[]>()
  readonly authors = new Map<string, Author>()
}

export class Swarms {
  readonly #windowMs: Millis
  readonly #rows = rowsFor(LIKENESS)
  #young = new Generation()
  #old = new Generation()
  #turnMs = -Infinity

  constructor(windowMs: Millis) {
    this.#windowMs = windowMs
  }

  /** What is seen of a raw signal with an author; undefined where there is nothing to judge. It is from then on remembered. */
  see(signal: Signal): Sight | undefined {
    const { author } = signal
    if (author === undefined) return undefined
    const nowMs = millisOf(signal.known_at), atMs = Math.min(nowMs, millisOf(signal.at))
    this.#pass(nowMs)
    const isFresh = this.#young.authors.get(author) === undefined && this.#old.authors.get(author) === undefined
    const known = this.#authorOf(author, atMs)
    const shingles = shinglesOfSignal(signal)
    if (shingles === undefined) return { ...NOTHING, evenness: evennessOf(known.gapsMs), texts: known.texts }
    const like = this.#like(shingles)
    if (like === undefined) {
      this.#remember({ shingles, bands: bandsOf(shingles, this.#rows), firstMs: atMs, lastMs: atMs, authors: new Set([author]), fresh: isFresh ? 1 : 0 })
      return { ...NOTHING, evenness: evennessOf(known.gapsMs), texts: known.texts }
    }
    const { text, likeness } = like
    const others = [...text.authors].filter((other) => other !== author)
    const gapMs = Math.max(0, atMs - text.lastMs)
    if (!text.authors.has(author) && isFresh) text.fresh++
    text.authors.add(author)
    text.lastMs = Math.max(text.lastMs, atMs)
    const together = others.length === 0 ? 0 : this.#together(known, others, text)
    known.shared.add(text)
    for (const other of others) this.#find(other)?.shared.add(text)
    if (!this.#young.bands.has(text.bands[0] ?? 0)) this.#remember(text)
    return {
      copiers: others.length, shared: Math.round((likeness / (1 + likeness)) * (shingles.length + text.shingles.length)), likeness,
      spanMs: Math.max(0, atMs - text.firstMs), gapMs,
      freshShare: text.fresh / text.authors.size, evenness: evennessOf(known.gapsMs), texts: known.texts, together,
    }
  }

  #find(author: string): Author | undefined {
    return this.#young.authors.get(author) ?? this.#old.authors.get(author)
  }

  #authorOf(name: string, atMs: Millis): Author {
    let author = this.#find(name)
    if (author === undefined) author = { lastMs: atMs, gapsMs: [], texts: 0, shared: new Set() }
    else {
      const gapMs = atMs - author.lastMs
      if (gapMs > SECOND_MS && gapMs <= GAP_MOST_MS) {
        author.gapsMs.push(gapMs)
        if (author.gapsMs.length > GAPS) author.gapsMs.shift()
      }
      author.lastMs = Math.max(author.lastMs, atMs)
    }
    author.texts++
    this.#young.authors.set(name, author)
    return author
  }

  /** Other shared texts in which this author and any of the others had a part. */
  #together(author: Author, others: readonly string[], text: Text): number {
    let count = 0
    for (const shared of author.shared) if (shared !== text && others.some((other) => shared.authors.has(other))) count++
    return count
  }

  #like(shingles: Uint32Array): { readonly text: Text; readonly likeness: number } | undefined {
    const tried = new Set<Text>()
    let best: Text | undefined, most = LIKENESS
    const bands = bandsOf(shingles, this.#rows)
    for (const { bands: known } of [this.#young, this.#old]) for (const band of bands) {
      const alike = known.get(band)
      if (alike === undefined) continue
      for (let i = alike.length - 1; i >= Math.max(0, alike.length - CANDIDATES); i--) {
        const text = alike[i]
        if (text === undefined || tried.has(text)) continue
        tried.add(text)
        const likeness = jaccard(shingles, text.shingles)
        if (likeness >= most) [best, most] = [text, likeness]
      }
    }
    return best && { text: best, likeness: most }
  }

  #remember(text: Text): void {
    for (const band of text.bands) {
      const alike = this.#young.bands.get(band)
      if (alike === undefined) this.#young.bands.set(band, [text])
      else alike.push(text)
    }
  }

  #pass(nowMs: Millis): void {
    if (nowMs < this.#turnMs) return
    this.#old = this.#turnMs + this.#windowMs <= nowMs ? new Generation() : this.#young
    this.#young = new Generation()
    this.#turnMs = nowMs + this.#windowMs
  }
}

const NOTHING: Sight = { copiers: 0, shared: 0, likeness: 0, spanMs: 0, gapMs: 0, freshShare: 0, evenness: 0, texts: 0, together: 0 }

/** One less the spread of the gaps over their mean, where there are enough of them: people are uneven. */
function evennessOf(gapsMs: readonly number[]): number {
  if (gapsMs.length < FEWEST_GAPS) return 0
  const mean = gapsMs.reduce((sum, gap) => sum + gap, 0) / gapsMs.length
  const spread = Math.sqrt(gapsMs.reduce((sum, gap) => sum + (gap - mean) * (gap - mean), 0) / gapsMs.length)
  return Math.max(0, 1 - spread / mean)
}
