/** Texts that say nearly what another said before: who said it first, and how often since, within a bounded time. */
import { formatInstant, millisOf, type Millis, type Signal } from '#record'
import { bandsOf, rowsFor } from './minhash.ts'
import { jaccard, shinglesOf } from './shingles.ts'

/** A text as it was first said. */
export interface First {
  readonly id: string
  readonly key: string
  readonly source: string
  readonly author: string | undefined
  readonly at: string
  /** How often it has been said, the first time counted. */
  times: number
}

export interface Echo {
  readonly first: First
  /** Shared part of the words and word pairs of the two: at least the threshold, exact. */
  readonly likeness: number
}

interface Entry extends First {
  readonly shingles: Uint32Array
  readonly bands: Uint32Array
  /** What was read in it or its echoes: the same reading of an echo is no news, one of another subject is. */
  readonly subjects: Set<string>
  /** In the order of hearing. */
  readonly sequence: number
}

/** Looked at in one band at most: the latest. A band that thousands share tells nothing. */
const CANDIDATES = 64

class Generation {
  readonly entries = new Map<string, Entry>()
  readonly bands = new Map<number, Entry[]>()
  /** Echoes by id and by key: what follows from them is known for what it is. */
  readonly echoes = new Map<string, Entry>()
  readonly echoKeys = new Map<string, Entry>()

  add(entry: Entry): void {
    this.entries.set(entry.id, entry)
    for (const band of entry.bands) {
      const alike = this.bands.get(band)
      if (alike === undefined) this.bands.set(band, [entry])
      else alike.push(entry)
    }
  }
}

/**
 * Remembers texts for at least one window of the stream's own time and at most two, by two generations as `Seen` has them; what is
 * echoed is remembered from its last echo on. An echo is compared with firsts only, so that likeness does not drift from copy to copy.
 */
export class NearTexts {
  readonly #threshold: number
  readonly #rows: number
  readonly #windowMs: Millis
  #young = new Generation()
  #old = new Generation()
  #turn = ''
  #sequence = 0

  /** `threshold` is the least likeness of an echo, above 0 and at most 1. */
  constructor(threshold: number, windowMs: Millis) {
    this.#threshold = threshold
    this.#rows = rowsFor(threshold)
    this.#windowMs = windowMs
  }

  /** Texts and echoes held, for tests of the bound. */
  get size(): number {
    return this.#young.entries.size + this.#old.entries.size + this.#young.echoes.size + this.#old.echoes.size
  }

  /** Hear a raw signal; an echo is told with its first. Undefined where it has no text to speak of, or is news. */
  text(signal: Signal): Echo | undefined {
    this.#pass(signal.known_at)
    const { id, key, source, author, at } = signal
    const shingles = shinglesOfSignal(signal)
    if (shingles === undefined) return undefined
    const bands = bandsOf(shingles, this.#rows)
    const best = this.#nearest(shingles, bands)
    if (best === undefined || best.entry.key === key) {
      if (best === undefined) this.#young.add({ id, key, source, author, at, times: 1, shingles, bands, subjects: new Set(), sequence: this.#sequence++ })
      else this.#keep(best.entry, id)
      return undefined
    }
    const { entry, likeness } = best
    // Said again under its own key it is one echo, heard twice.
    if (this.#young.echoKeys.get(key) !== entry && this.#old.echoKeys.get(key) !== entry) entry.times++
    this.#keep(entry, entry.id)
    this.#young.echoes.set(id, entry)
    this.#young.echoKeys.set(key, entry)
    return { first: entry, likeness }
  }

  /** Hear a reading of texts; false where it only repeats what was read in the first of an echo. */
  reading({ known_at, parents, subject = '' }: Signal): boolean {
    this.#pass(known_at)
    for (const parent of parents) {
      const echoed = this.#young.echoes.get(parent) ?? this.#old.echoes.get(parent)
      if (echoed !== undefined) {
        if (echoed.subjects.has(subject)) return false
        echoed.subjects.add(subject)
        return true
      }
      const entry = this.#young.entries.get(parent) ?? this.#old.entries.get(parent)
      if (entry !== undefined) {
        entry.subjects.add(subject)
        return true
      }
    }
    return true
  }

  #nearest(shingles: Uint32Array, bands: Uint32Array): { readonly entry: Entry; readonly likeness: number } | undefined {
    const tried = new Set<Entry>()
    let best: { readonly entry: Entry; readonly likeness: number } | undefined
    for (const generation of [this.#young, this.#old]) {
      for (const band of bands) {
        const alike = generation.bands.get(band)
        if (alike === undefined) continue
        for (let i = alike.length - 1; i >= Math.max(0, alike.length - CANDIDATES); i--) {
          const entry = alike[i]
          if (entry === undefined || tried.has(entry)) continue
          tried.add(entry)
          const likeness = jaccard(shingles, entry.shingles)
          if (likeness < this.#threshold) continue
          const better = best === undefined || likeness > best.likeness || (likeness === best.likeness && entry.sequence < best.entry.sequence)
          if (better) best = { entry, likeness }
        }
      }
    }
    return best
  }

  /** What is heard again is young again, under the id of its latest version too. */
  #keep(entry: Entry, id: string): void {
    if (!this.#young.entries.has(entry.id)) this.#young.add(entry)
    if (id !== entry.id) this.#young.entries.set(id, entry)
  }

  #pass(knownAt: string): void {
    if (knownAt < this.#turn) return
    const nowMs = millisOf(knownAt)
    const lapsed = this.#turn !== '' && nowMs >= millisOf(this.#turn) + this.#windowMs
    this.#old = lapsed ? new Generation() : this.#young
    this.#young = new Generation()
    this.#turn = formatInstant(nowMs + this.#windowMs)
  }
}

/** Where a signal keeps its words; undefined where it has too few to speak of. */
export function shinglesOfSignal({ facts }: Signal): Uint32Array | undefined {
  if (facts === undefined) return undefined
  const { title, text, summary } = facts
  const body = typeof text === 'string' ? text : summary
  const parts = [title, body].filter((part): part is string => typeof part === 'string')
  return parts.length === 0 ? undefined : shinglesOf(...parts)
}
