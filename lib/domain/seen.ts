/** What has been heard before: the memory of a deduplication, bounded by time. */
import { formatInstant, millisOf, parseInstant, type Millis, type Signal } from '#record'
import { idWords, IdSet, readId } from './id_set.ts'
import { ID_AT, SignalScan } from './signal_scan.ts'

/** `again`: this very record. `repost`: the same text about the same subject, under another key. */
export type Heard = 'new' | 'again' | 'repost'

interface Generation {
  readonly ids: IdSet
  /** The key under which a text about a subject was first heard. */
  readonly texts: Map<string, string>
}
const generation = (): Generation => ({ ids: new IdSet(), texts: new Map() })

/** Instants of this length order as text. */
const INSTANT_LENGTH = 24

/**
 * Remembers for at least one window of the stream's own time, and at most two: there are two generations, and each time the
 * younger one has lasted a window the older is forgotten at once. Every record costs the same.
 */
export class Seen {
  readonly #windowMs: Millis
  readonly #scan = new SignalScan()
  readonly #id = idWords()
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
    return this.#judge(key, subject, fingerprint)
  }

  /** The same of a line that has not been parsed; undefined, and nothing remembered, where it is no plain line of a signal. */
  line(line: string): Heard | undefined {
    const scan = this.#scan
    if (!scan.read(line) || scan.knownAt.length !== INSTANT_LENGTH || !readId(line, ID_AT, this.#id)) return undefined
    if (scan.knownAt >= this.#turn && parseInstant(scan.knownAt) === undefined) return undefined
    this.#pass(scan.knownAt)
    return this.#judge(scan.key, scan.subject, scan.fingerprint)
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

  #judge(key: string, subject: string | undefined, fingerprint: string | undefined): Heard {
    if (!this.#young.ids.add(this.#id) || this.#old.ids.has(this.#id)) return 'again'
    if (fingerprint === undefined) return 'new'
    const text = `${fingerprint.length} ${fingerprint}${subject ?? ''}`
    let first = this.#young.texts.get(text)
    if (first === undefined) {
      first = this.#old.texts.get(text) ?? key
      this.#young.texts.set(flat(text), flat(first))
    }
    return first === key ? 'new' : 'repost'
  }
}

/** A text of its own: a slice would keep all of the input that it was cut from in memory. */
const flat = (text: string): string => ` ${text}`.slice(1)
