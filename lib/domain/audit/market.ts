/** Prices pass by the thousand and few are traded on: the latest of each subject wait here, to be logged if one is. */
import type { Bar, Price } from '#record'

export type MarketRecord = Bar | Price

const PER_SERIES = 4

/** Subject → its latest records, oldest first. */
type Series = Map<string, MarketRecord[]>

/** The latest bars and prices of each subject and span, up to `perSeries` of each. Neither kind can be noted upon: no copies. */
export class MarketHold {
  readonly #perSeries: number
  readonly #bySpan: Readonly<Record<MarketRecord['kind'], Map<string, Series>>> = { bar: new Map(), price: new Map() }

  constructor(perSeries = PER_SERIES) {
    this.#perSeries = perSeries
  }

  hold(record: MarketRecord): void {
    const spans = this.#bySpan[record.kind]
    let series = spans.get(record.span)
    if (series === undefined) spans.set(record.span, (series = new Map()))
    const held = series.get(record.subject)
    if (held === undefined) series.set(record.subject, [record])
    else if (!held.some(({ id }) => id === record.id)) {
      held.push(record)
      if (held.length > this.#perSeries) held.shift()
    }
  }

  /** Looks through all: prices pass a thousand times for each that is asked for. */
  find(id: string): MarketRecord | undefined {
    for (const spans of Object.values(this.#bySpan)) {
      for (const series of spans.values()) {
        for (const held of series.values()) {
          const found = held.find((record) => record.id === id)
          if (found !== undefined) return found
        }
      }
    }
    return undefined
  }
}
