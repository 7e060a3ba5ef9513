/** Prices pass by the thousand and few are traded on: the latest of each subject wait here, to be logged if one is. */
import type { Bar, Price } from '#record'

export type MarketRecord = Bar | Price

const PER_SERIES = 4

/** The latest bars and prices of each subject and span, up to `perSeries` of each. */
export class MarketHold {
  readonly #perSeries: number
  readonly #series = new Map<string, string[]>()
  readonly #byId = new Map<string, MarketRecord>()

  constructor(perSeries = PER_SERIES) {
    this.#perSeries = perSeries
  }

  /** Keeps a copy: what passes on may be noted upon. */
  hold(record: MarketRecord): void {
    if (this.#byId.has(record.id)) return
    const key = `${record.kind} ${record.span} ${record.subject}`
    let ids = this.#series.get(key)
    if (ids === undefined) this.#series.set(key, (ids = []))
    ids.push(record.id)
    this.#byId.set(record.id, { ...record })
    const oldest = ids.length > this.#perSeries ? ids.shift() : undefined
    if (oldest !== undefined) this.#byId.delete(oldest)
  }

  find(id: string): MarketRecord | undefined {
    return this.#byId.get(id)
  }
}
