/** What has been heard before: the memory of a deduplication, bounded by time. */
import { formatInstant, millisOf, parseInstant, type Millis, type Signal } from '#record'
import { ID_AT, SignalScan } from './signal_scan.ts'
import { hashInto, readId, WordMap, words } from '../lookup/word_map.ts'

/** `again`: this very record. `repost`: the same text about the same subject, under another key. */
export type Heard = 'new' | 'again' | 'repost'

/** Words of an entry that are a text and its subject; the next two are the key under which it was first heard. */
const TEXT_WORDS = 2

interface Generation {
  readonly ids: WordMap
  readonly texts: WordMap
}
const generation = (): Generation => ({ ids: new WordMap(), texts: new WordMap(TEXT_WORDS) })

/** Instants of this length order as text. */
const INSTANT_LENGTH = 24

/**
 * Remembers for at least one window of the stream's own time, and at most two: there are two generations, and each time the
 * younger one has lasted a window the older is forgotten at once. Every record costs the same.
 */
export class Seen {
  readonly #windowMs: Millis
  readonly #scan = new SignalScan()
  readonly #id = words()
  readonly #text = words()
  #young = generation()
  #old = generation()
  /** When the younger generation becomes the older one. */
  #turn = ''

  constructor(windowMs: Millis) {
    this.#windowMs = windowMs
  }

  /** Whether a signal is news; it is from then on remembered. */
  record({ id, known_at, key, subject, fingerprint }: Signal): Heard {
    if (!readId(id, 0, this.#id)) throw new RangeError(`not a record id: ${id}`)
    this.#pass(known_at.length === INSTANT_LENGTH ? known_at : formatInstant(millisOf(known_at)))
    const scan = this.#scan
    scan.key.whole(key)
    scan.subject.whole(subject)
    scan.fingerprint.whole(fingerprint)
    return this.#judge(scan)
  }

  /** The same of a line that has not been parsed; undefined, and nothing remembered, where it is no plain line of a signal. */
  line(line: string): Heard | undefined {
    const scan = this.#scan
    if (!scan.read(line) || !readId(line, ID_AT, this.#id)) return undefined
    const knownAt = line.slice(scan.knownAt.from, scan.knownAt.to)
    if (knownAt.length !== INSTANT_LENGTH || (knownAt >= this.#turn && parseInstant(knownAt) === undefined)) return undefined
    this.#pass(knownAt)
    return this.#judge(scan)
  }

  /** Time passes with the stream. */
  #pass(knownAt: string): void {
    if (knownAt < this.#turn) return
    const nowMs = millisOf(knownAt)
    const lapsed = this.#turn !== '' && nowMs >= millisOf(this.#turn) + this.#windowMs
    this.#old = lapsed ? generation() : this.#young
    this.#young = generation()
    this.#turn = formatInstant(nowMs + this.#windowMs)
  }

  #judge({ key, subject, fingerprint }: SignalScan): Heard {
    if (!this.#young.ids.put(this.#id) || this.#old.ids.find(this.#id)) return 'again'
    if (!fingerprint.present) return 'new'
    const text = this.#text
    hashInto(text, 0, fingerprint, subject)
    hashInto(text, TEXT_WORDS, key)
    const left = text[TEXT_WORDS]
    const right = text[TEXT_WORDS + 1]
    if (!this.#young.texts.find(text)) {
      this.#old.texts.find(text)
      this.#young.texts.put(text)
    }
    return text[TEXT_WORDS] === left && text[TEXT_WORDS + 1] === right ? 'new' : 'repost'
  }
}
