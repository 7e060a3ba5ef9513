/**
 * Prices pass by the thousand and few are decided on. Logged is what a decision may rest on: of subjects that are spoken of or held all that
 * passes from then on and the latest before it, and of all others only what moves the time on.
 */
import { DAY_MS, formatInstant, isAfter, millisOf, type Bar, type Millis, type Price, type Vanta } from '#record'

export type MarketRecord = Bar | Price

/** A conviction is judged by what follows, over up to 20 sessions (`vanta-track`): four weeks, holidays among them. */
const JUDGED_MS = 32 * DAY_MS

/** Held of one subject and span: bars of so many days as volume is averaged over, and the latest prices. */
const HELD: Readonly<Record<MarketRecord['kind'], number>> = { bar: 24, price: 4 }

interface Held {
  readonly record: MarketRecord
  /** In the order of hearing. */
  readonly nth: number
}

/** Kind and span → latest records, oldest first. */
type Series = Map<string, Held[]>

/** The latest bars and prices of each subject. Neither kind can be noted upon: no copies. */
export class MarketHold {
  readonly #subjects = new Map<string, Series>()
  #heard = 0

  hold(record: MarketRecord): void {
    const { subject, span, kind } = record
    let series = this.#subjects.get(subject)
    if (series === undefined) this.#subjects.set(subject, (series = new Map()))
    const name = `${kind} ${span}`
    const held = series.get(name)
    const one = { record, nth: this.#heard++ }
    if (held === undefined) series.set(name, [one])
    else if (!isSame(held.at(-1)?.record, record)) {
      held.push(one)
      if (held.length > HELD[kind]) held.shift()
    }
  }

  /** Looks through all: prices pass a thousand times for each that is asked for. */
  find(id: string): MarketRecord | undefined {
    for (const series of this.#subjects.values()) {
      for (const held of series.values()) {
        const found = held.find(({ record }) => record.id === id)
        if (found !== undefined) return found.record
      }
    }
    return undefined
  }

  /** What is held of a subject, in the order of hearing; it is held no longer. */
  take(subject: string): readonly MarketRecord[] {
    const series = this.#subjects.get(subject)
    if (series === undefined) return []
    this.#subjects.delete(subject)
    return [...series.values()].flat().sort((a, b) => a.nth - b.nth).map(({ record }) => record)
  }
}

interface Spoken {
  untilMs: Millis
  /** Vaults that want to hold it. */
  readonly vaults: Set<string>
}

/** The subjects that decisions may be made on. */
export class Watch {
  readonly #spoken = new Map<string, Spoken>()

  /** Subjects that were held or ordered before. */
  constructor(carried: Iterable<string>) {
    for (const subject of carried) this.#spoken.set(subject, { untilMs: Infinity, vaults: new Set() })
  }

  /** The subject that a record brings into view; undefined where it was in view, or there is none. */
  hear(record: Vanta): string | undefined {
    if (record.kind === 'conviction') return this.#see(record.subject, millisOf(record.at) + Math.max(record.ttl * 1000, JUDGED_MS), record.at)
    if (record.kind !== 'allocation' && record.kind !== 'order') return undefined
    const { subject, vault, expires_at } = record
    const fresh = this.#see(subject, millisOf(expires_at), record.at)
    if (record.kind === 'allocation') {
      const vaults = this.#spoken.get(subject)?.vaults
      if (Number(record.fraction) === 0) vaults?.delete(vault)
      else vaults?.add(vault)
    }
    return fresh
  }

  #see(subject: string, untilMs: Millis, at: string): string | undefined {
    const spoken = this.#spoken.get(subject)
    const was = spoken !== undefined && this.sees(subject, at)
    if (spoken === undefined) this.#spoken.set(subject, { untilMs, vaults: new Set() })
    else spoken.untilMs = Math.max(spoken.untilMs, untilMs)
    return was ? undefined : subject
  }

  sees(subject: string, at: string): boolean {
    const spoken = this.#spoken.get(subject)
    return spoken !== undefined && (spoken.vaults.size > 0 || millisOf(at) <= spoken.untilMs)
  }
}

/** Whether a record is known later than all before it, of bars and of prices. */
export class Advance {
  readonly #latest: Record<MarketRecord['kind'], string> = { bar: formatInstant(0), price: formatInstant(0) }

  moves({ kind, known_at }: MarketRecord): boolean {
    if (!isAfter(known_at, this.#latest[kind])) return false
    this.#latest[kind] = known_at
    return true
  }
}

/** Told twice, it has the same time both times: ids are worked out only then. */
const isSame = (one: MarketRecord | undefined, other: MarketRecord): boolean =>
  one === other || (one !== undefined && one.at === other.at && one.id === other.id)
