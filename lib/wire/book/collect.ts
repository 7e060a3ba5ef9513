/** What the collector of order books makes of payloads: states of books, gaps and returns. Trades and tickers are the other collector's. */
import type { Signal } from '#record'
import type { Parser, Payload, Reading } from '#port/payload'
import { Books, type BookTerms } from './books.ts'
import { ExchangePayloads } from './payload.ts'
import type { PayloadTerms } from './said.ts'
import { pairFilter } from './pairs.ts'

export interface CollectTerms extends BookTerms, PayloadTerms {
  /** Only these pairs, as `BTC/USDT` or as the venue writes them; undefined: all. */
  readonly pairs: readonly string[] | undefined
}

/** What becomes of changes, so many of a market, whose book never had a snapshot. */
export const NO_SNAPSHOT = 'changes of a book without a snapshot to stand on'

/** Kept from a socket: what was heard within one interval. */
export const isBatch = ({ url }: Payload): boolean => url !== undefined && /^wss?:/.test(url)

export class BookParser implements Parser {
  readonly #payloads: ExchangePayloads
  readonly #books: Books
  readonly #reading: Reading
  readonly #wanted: ReturnType<typeof pairFilter>

  constructor(terms: CollectTerms, reading: Reading) {
    this.#payloads = new ExchangePayloads(terms)
    this.#books = new Books(terms, reading)
    this.#reading = reading
    this.#wanted = pairFilter(terms.pairs)
  }

  *read(payload: Payload): Generator<Signal> {
    const { reject } = this.#reading
    for (const heard of this.#payloads.read(payload)) {
      if ('why' in heard) {
        reject(heard.place, heard.why)
        continue
      }
      const { said, place, localMs } = heard
      const hearing = { heardMs: payload.heardMs, localMs }
      switch (said.type) {
        case 'control': reject(place, said.what); break
        case 'error': reject(place, `the exchange refuses: ${said.what}`); break
        case 'fact': reject(place, `a ${said.kind.replace('_', ' ')}, no order book: vanta-crypto reads it`); break
        case 'break': yield* this.#books.break(said, hearing); break
        default:
          if (this.#wanted(said.market)) yield* this.#books.take(said, hearing, isBatch(payload))
          else reject(place, 'of a pair that was not asked for')
      }
    }
    yield* this.#books.rest()
  }

  *end(): Generator<Signal> {
    for (const { market, changes } of this.#books.waiting()) {
      this.#reading.reject(`${market.venue} ${market.symbol ?? ''}: ${changes}`, NO_SNAPSHOT)
    }
  }
}
