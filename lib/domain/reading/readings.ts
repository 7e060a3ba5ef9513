/** From signals to readings: a word on a subject, which way it points and how loudly. Which reader hears which type of signal. */
import { make, type Signal } from '#record'
import { Chatter, type ChatterOptions } from './chatter.ts'
import { bookPressure, exchangeFlow, fundingPressure, supplyChange } from './coin_flow.ts'
import type { Finding, Reader } from './finding.ts'
import { HoldingChanges, type Change } from './holding_change.ts'
import { insiderTrade } from './insider_trade.ts'
import { darkPrint, darkTilt, shortPressure } from './off_exchange.ts'
import { optionFlow, optionTilt } from './option_flow.ts'
import { haltOf, marketEvent, memberTrade } from './public_events.ts'
import { Scales } from './scales.ts'

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['sweep', optionFlow], ['block', optionFlow], ['flow_alert', optionFlow], ['unusual_volume', optionFlow], ['put_call', optionTilt], ['skew', optionTilt],
  ['short_volume', shortPressure], ['off_exchange_print', darkPrint], ['dark_share', darkTilt],
  ['transfer', exchangeFlow], ['mint', supplyChange], ['burn', supplyChange], ['funding', fundingPressure], ['book', bookPressure],
  ['event', marketEvent], ['halt', haltOf], ['congress_trade', memberTrade],
])

export class Readings {
  readonly #by: string
  readonly #chatter: Chatter
  readonly #holdings = new HoldingChanges()
  readonly #scales = new Scales()

  constructor(options: ChatterOptions) {
    this.#by = options.by
    this.#chatter = new Chatter(options)
  }

  /** The readings that a signal gives, some of them of what was heard before. */
  of(signal: Signal): readonly Signal[] {
    const changes = this.#changes(this.#holdings.hear(signal), signal.known_at)
    const own = this.#own(signal)
    return changes.length === 0 ? own : [...changes, ...own]
  }

  end(): readonly Signal[] {
    return this.#changes(this.#holdings.end(), undefined)
  }

  #own(signal: Signal): readonly Signal[] {
    switch (signal.type) {
      case 'post':
      case 'comment':
      case 'tweet':
      case 'message':
      case 'edit':
      case 'article':
        return this.#chatter.text(signal)
      case 'snapshot':
        return this.#chatter.snapshot(signal)
      case 'form4':
      case 'form5': {
        const trade = insiderTrade(signal, this.#by)
        return trade === undefined ? [] : [trade]
      }
      default: {
        const reader = READERS.get(signal.type)
        return reader === undefined ? [] : reader(signal, this.#scales).map((finding) => this.#reading(finding, signal, signal.known_at, [signal.id]))
      }
    }
  }

  /** Known when the table was known to be whole. */
  #changes(found: Iterable<Change>, knownAt: string | undefined): readonly Signal[] {
    return Array.from(found, ({ from, parents, ...finding }) => this.#reading(finding, from, knownAt ?? from.known_at, parents))
  }

  #reading(finding: Finding, from: Pick<Signal, 'at' | 'source' | 'key' | 'author'>, known_at: string, parents: readonly string[]): Signal {
    const { type, subject, key, polarity, magnitude, author, entities, facts } = finding
    const who = author ?? from.author
    return make('signal', {
      at: from.at, known_at, source: from.source, by: this.#by, parents: [...parents], type,
      key: key === undefined ? `${from.key}#${subject}` : `${key}#${type}`, subject,
      ...(who !== undefined && { author: who }), polarity: polarity + 0, ...(magnitude !== undefined && { magnitude }),
      ...(entities !== undefined && entities.length > 0 && { entities: [...entities] }), ...(facts !== undefined && { facts }),
    })
  }
}
