/**
 * What has been said and still stands. A conviction is good for its `ttl`: it is said again when it has changed, or is about
 * to expire, and not at every moment that passes.
 */
import { millisOf, SECOND_MS, type Conviction, type Millis } from '#record'

/** Until when a conviction stands. */
export const expiryOf = ({ at, ttl }: Pick<Conviction, 'at' | 'ttl'>): Millis => millisOf(at) + ttl * SECOND_MS

/** A subject at a moment, as far as it decides whether there is something to say. */
export interface Reading {
  /** Log-odds of a rise. */
  readonly rise: number
  /** Sum of the sizes of all that the rise is made of. */
  readonly strength: number
  /** The shortest half-life among it. */
  readonly halfLifeMs: Millis
}

interface Said {
  readonly rise: number
  readonly expiresMs: Millis
}

export class Statements {
  readonly #restate: number
  readonly #minLogOdds: number
  readonly #said = new Map<string, Said>()
  /** Until when a subject cannot have news but by new evidence. */
  readonly #quietUntil = new Map<string, Millis>()

  /** `restate`: a change in log-odds worth saying; `minLogOdds`: a conviction worth stating at all. */
  constructor(restate: number, minLogOdds: number) {
    this.#restate = restate
    this.#minLogOdds = minLogOdds
  }

  /** Something new has been heard of a subject. */
  wake(subject: string): void {
    this.#quietUntil.delete(subject)
  }

  /** Something has changed for all of them. */
  wakeAll(): void {
    this.#quietUntil.clear()
  }

  /** Whether something was said that still stands, and that a reading no longer bears out: it has grown faint, or says the contrary. */
  isContradicted(subject: string, reading: Reading, momentMs: Millis): boolean {
    const said = this.#said.get(subject)
    if (said === undefined || said.expiresMs <= momentMs) return false
    return !this.stands(reading) || reading.rise > 0 !== said.rise > 0
  }

  /** Whether it is certain, without looking, that there is nothing to say. */
  isQuiet(subject: string, momentMs: Millis): boolean {
    return (this.#quietUntil.get(subject) ?? -Infinity) > momentMs
  }

  /**
   * Whether to say it at this moment. One that has fallen below the least worth stating is said a last time, so that whoever
   * holds to it learns of it. `leadMs`: the time to the next moment, which a statement must outlast.
   */
  isNews(subject: string, reading: Reading, momentMs: Millis, leadMs: Millis): boolean {
    const { rise } = reading
    const said = this.#said.get(subject)
    const faint = !this.stands(reading)
    if (said === undefined || said.expiresMs <= momentMs) return !faint
    return faint || Math.abs(rise - said.rise) >= this.#restate || said.expiresMs <= momentMs + leadMs
  }

  /** Whether a statement made now stands, or only takes back the one before. */
  stands({ rise }: Reading): boolean {
    return Math.abs(rise) >= this.#minLogOdds
  }

  note({ subject, direction, log_odds: logOdds, at, ttl }: Conviction): void {
    if (logOdds < this.#minLogOdds) this.#said.delete(subject)
    else this.#said.set(subject, { rise: direction === 'up' ? logOdds : -logOdds, expiresMs: expiryOf({ at, ttl }) })
  }

  /**
   * Nothing but decay will change the subject until it is woken. Decay by a share s of everything moves the rise by at most
   * s x strength, so it cannot reach the next threshold before that share has decayed at the shortest half-life.
   */
  rest(subject: string, { rise, strength, halfLifeMs }: Reading, momentMs: Millis, leadMs: Millis): void {
    const said = this.#said.get(subject)
    const toFaint = Math.abs(Math.abs(rise) - this.#minLogOdds)
    const margin = said === undefined ? toFaint : Math.min(toFaint, this.#restate - Math.abs(rise - said.rise))
    const share = margin / strength
    const untilMs = share >= 1 ? Infinity : momentMs + (halfLifeMs * -Math.log(1 - share)) / Math.LN2
    this.#quietUntil.set(subject, Math.min(untilMs, said === undefined ? Infinity : said.expiresMs - leadMs))
  }
}
