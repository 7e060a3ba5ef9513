/** What a run decided, as one digest a record, so that two runs can be compared byte by byte. */
import { lineOf, type Kind, type Vanta } from '#record'
import { sha256Of } from '#record/sha256'

/** Everything that comes from outside, or is only read from it; all other kinds are made by the tools. */
const HEARD: ReadonlySet<Kind> = new Set<Kind>(['signal', 'bar', 'price'])

/**
 * What a tool read in memory is told, but not decided. The executor's state holds the volumes of whatever was played, and before its first signal a
 * ticker is played only where the record already shows that there will be one.
 */
const isDecided = (record: Vanta): boolean => !HEARD.has(record.kind) && !(record.kind === 'control' && record.type === 'memory')

export class Decisions {
  readonly #digests: string[] = []

  get count(): number {
    return this.#digests.length
  }

  take(record: Vanta): void {
    if (isDecided(record)) this.#digests.push(digestOf(record))
  }

  at(place: number): string | undefined {
    return this.#digests[place]
  }
}

/** Follows another run against a first, and remembers where it was unlike it. */
export class Comparison {
  readonly #first: Decisions
  compared = 0
  unlike = 0
  /** The first that is unlike, in words. */
  firstUnlike: string | undefined

  constructor(first: Decisions) {
    this.#first = first
  }

  take(record: Vanta): void {
    if (!isDecided(record)) return
    if (this.#first.at(this.compared) !== digestOf(record)) this.#note(`${record.kind} ${record.id} of ${record.known_at} (${record.source})`)
    this.compared += 1
  }

  /** After the end of both. */
  end(): void {
    if (this.#first.count > this.compared) this.#note(`${this.#first.count - this.compared} decisions that are missing at the end`)
  }

  #note(what: string): void {
    this.unlike += 1
    this.firstUnlike ??= what
  }
}

const digestOf = (record: Vanta): string => sha256Of(lineOf(record)).slice(0, 24)
