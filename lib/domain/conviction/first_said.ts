/** Who said a text first of a subject: whoever says it after that, by any source and to any maker, adds nothing, even once the first has faded. */
import type { Millis } from '#record'
import type { Evidence } from './evidence.ts'

interface Saying {
  readonly key: string
  readonly id: string
  readonly atMs: Millis
  readonly knownAtMs: Millis
}

/** By when it happened, then by when it was known, then by id. */
const isEarlier = (a: Saying, b: Saying): boolean =>
  a.atMs !== b.atMs ? a.atMs < b.atMs : a.knownAtMs !== b.knownAtMs ? a.knownAtMs < b.knownAtMs : a.id < b.id

export class FirstSaid {
  readonly #windowMs: Millis
  /** By subject and fingerprint: earliest first, each known before those ahead of it. Two generations, so that what is not said again is forgotten. */
  #young = new Map<string, Saying[]>()
  #old = new Map<string, Saying[]>()
  #turnMs = -Infinity

  /** What was said is remembered for at least `windowMs` after it was last said. */
  constructor(windowMs: Millis) {
    this.#windowMs = windowMs
  }

  /** Take note of what was said; true where others have said the same, so that there is something to be told apart. */
  hear({ subject, fingerprint, key, id, atMs, knownAtMs }: Evidence): boolean {
    if (fingerprint === undefined) return false
    this.#turn(knownAtMs)
    const said = this.#at(subject, fingerprint)
    const restated = said.find((one) => one.key === key)
    if (restated !== undefined) return said.length > 1
    const saying = { key, id, atMs, knownAtMs }
    const place = said.findIndex((one) => isEarlier(saying, one))
    const ahead = said.slice(0, place < 0 ? said.length : place)
    // One that was both earlier and known sooner is never second to it.
    if (ahead.some((one) => one.knownAtMs <= knownAtMs)) return true
    const behind = said.slice(ahead.length).filter((one) => one.knownAtMs < knownAtMs)
    said.splice(0, said.length, ...ahead, saying, ...behind)
    return said.length > 1 || place >= 0
  }

  /** It was taken back: the first to say it after that is the first. */
  unsay({ subject, fingerprint, key }: Evidence): void {
    if (fingerprint === undefined) return
    const said = this.#at(subject, fingerprint)
    const place = said.findIndex((one) => one.key === key)
    if (place >= 0) said.splice(place, 1)
  }

  /** Whether it is the first of its text that was known at a moment, and until when that is so. */
  isFirst({ subject, fingerprint, key }: Evidence, momentMs: Millis): { readonly first: boolean; readonly untilMs: Millis } {
    if (fingerprint === undefined) return ALWAYS
    const said = this.#at(subject, fingerprint)
    const known = said.findIndex(({ knownAtMs }) => knownAtMs <= momentMs)
    if (said.length === 0 || known < 0) return ALWAYS
    const untilMs = said.slice(0, known).reduce((least, one) => Math.min(least, one.knownAtMs - 1), Infinity)
    return { first: said[known]?.key === key, untilMs }
  }

  #at(subject: string, fingerprint: string): Saying[] {
    const name = `${subject}\n${fingerprint}`
    let said = this.#young.get(name)
    if (said === undefined) this.#young.set(name, (said = this.#old.get(name) ?? []))
    return said
  }

  #turn(nowMs: Millis): void {
    if (nowMs < this.#turnMs) return
    this.#old = this.#turnMs + this.#windowMs <= nowMs ? new Map() : this.#young
    this.#young = new Map()
    this.#turnMs = nowMs + this.#windowMs
  }
}

const ALWAYS = { first: true, untilMs: Infinity } as const
