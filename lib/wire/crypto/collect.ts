/**
 * What the collector of crypto makes of payloads: what exchanges say (trades, quotes, tickers, candles, funding, and the books they stand
 * beside), and of what happens on chains the part that is a market: pools, swaps, value locked, staking, the mempool.
 */
import type { Signal, Vanta } from '#record'
import type { Parser, Payload, Reading } from '#port/payload'
import { Books } from '../book/books.ts'
import { isBatch, NO_SNAPSHOT, type CollectTerms } from '../book/collect.ts'
import type { Hearing } from '../book/naming.ts'
import { pairFilter } from '../book/pairs.ts'
import { ExchangePayloads, UnknownPayload } from '../book/payload.ts'
import type { FactKind, Said } from '../book/said.ts'
import { chainParser } from '../chain/payload.ts'
import { factSignal } from './facts.ts'
import { unified } from './unified.ts'

export interface CryptoTerms extends CollectTerms {
  /** Only these, `trade`, `ticker`, `book` ...; undefined: all. */
  readonly kinds: readonly string[] | undefined
}

const EXCHANGE_KINDS: readonly (FactKind | 'book')[] = [
  'trade', 'quote', 'ticker', 'candle', 'funding', 'mark_price', 'open_interest', 'liquidation', 'book',
]
const CHAIN_KINDS = ['swap', 'dex_flow', 'pool', 'volume', 'tvl', 'stake', 'unstake', 'validator', 'mempool', 'fees']
export const KINDS: readonly string[] = [...EXCHANGE_KINDS, ...CHAIN_KINDS]

export class CryptoParser implements Parser {
  readonly #payloads: ExchangePayloads
  readonly #books: Books
  readonly #chains: Parser
  readonly #reading: Reading
  readonly #kinds: ReadonlySet<string>
  readonly #wanted: ReturnType<typeof pairFilter>

  constructor(terms: CryptoTerms, reading: Reading) {
    this.#payloads = new ExchangePayloads(terms, unified())
    this.#books = new Books(terms, reading)
    this.#reading = reading
    this.#kinds = new Set(terms.kinds ?? KINDS)
    // `quote` is a price of DefiLlama's there, as it is one of an exchange's here.
    this.#chains = chainParser({ wanted: new Set([...CHAIN_KINDS, 'quote'].filter((kind) => this.#kinds.has(kind))) }, reading)
    this.#wanted = pairFilter(terms.pairs)
  }

  async *read(payload: Payload): AsyncGenerator<Vanta> {
    try {
      yield* this.#exchange(payload)
    } catch (error) {
      if (!(error instanceof UnknownPayload)) throw error
      yield* this.#chains.read(payload)
    }
  }

  *#exchange(payload: Payload): Generator<Signal> {
    const { reject } = this.#reading
    for (const heard of this.#payloads.read(payload)) {
      if ('why' in heard) reject(heard.place, heard.why)
      else yield* this.#signals(heard.said, heard.place, { heardMs: payload.heardMs, localMs: heard.localMs }, isBatch(payload))
    }
    yield* this.#books.rest()
  }

  *#signals(said: Said, place: string, hearing: Hearing, inBatch: boolean): Generator<Signal> {
    const { reject, by } = this.#reading
    if (said.type === 'control') return reject(place, said.what)
    if (said.type === 'error') return reject(place, `the exchange refuses: ${said.what}`)
    if (said.type === 'break') return yield* this.#books.break(said, hearing)
    const kind = said.type === 'fact' ? said.kind : 'book'
    if (!this.#kinds.has(kind)) return reject(place, `a ${kind.replace('_', ' ')}, which was not asked for`)
    if (!this.#wanted(said.market)) return reject(place, 'of a pair that was not asked for')
    if (said.type !== 'fact') return yield* this.#books.take(said, hearing, inBatch)
    const signal = factSignal(said, hearing, by)
    if (typeof signal === 'string') reject(place, signal)
    else yield signal
  }

  *end(): Generator<Vanta> {
    yield* this.#chains.end?.() ?? []
    for (const { market, changes } of this.#books.waiting()) {
      this.#reading.reject(`${market.venue} ${market.symbol ?? ''}: ${changes}`, NO_SNAPSHOT)
    }
  }
}
