/**
 * Kraken's first WebSocket protocol: `[channel id, data ..., channel name, pair]`. A book begins with `as` and `bs`; changes have `a` or `b` or
 * both, in one object or two, and the checksum `c` of what results. Levels beyond the depth that was asked for fall out of sight.
 */
import { krakenChecksum, type Written } from '#domain/market/book_checksum'
import type { Book } from '#domain/market/book'
import type { Loss } from '#domain/market/book_sync'
import { Levels } from '#domain/market/levels'
import { readAnswer, tickerFacts } from './kraken_rest.ts'
import { marketsOf } from './markets.ts'
import { newestOf, secondsIn } from './moments.ts'
import { ANSWERED, control, diff, fact, HEARTBEAT, snapshot, UNFINISHED, type BookSaid, type Market, type Said, type Venue } from './said.ts'
import { decimalOf, idOf, levelsOf, listOf, objectOf, stringOf, type Told, type ToldObject } from './told.ts'

const CHECKED: ReadonlySet<string> = new Set(['heartbeat', 'systemStatus', 'subscriptionStatus', 'pong'])

/** Decimals of each pair as they are written, learnt from what is heard. */
export class WrittenDigits {
  readonly #bySymbol = new Map<string | undefined, Written>()

  learn(symbol: string | undefined, sides: readonly Levels[], anew: boolean): Written {
    const before = anew ? undefined : this.#bySymbol.get(symbol)
    const written = {
      priceDigits: Math.max(before?.priceDigits ?? 0, ...sides.map(({ writtenPriceDigits }) => writtenPriceDigits)),
      sizeDigits: Math.max(before?.sizeDigits ?? 0, ...sides.map(({ writtenSizeDigits }) => writtenSizeDigits)),
    }
    this.#bySymbol.set(symbol, written)
    return written
  }
}

/** Undefined where the book has this checksum. */
export function krakenLoss(book: Book, written: Written, checksum: number): Loss | undefined {
  const own = krakenChecksum(book, written)
  return own === checksum ? undefined : { reason: 'checksum', expected: String(checksum), found: String(own) }
}

export function kraken(): Venue {
  const marketOf = marketsOf('kraken')
  const digits = new WrittenDigits()
  return {
    read(message) {
      const list = listOf(message)
      if (list !== undefined) return readChannel(list)
      const said = objectOf(message)
      if (said === undefined) return undefined
      const event = said['event']
      if (typeof event === 'string' && CHECKED.has(event)) {
        if (stringOf(said['errorMessage']) !== undefined) return [{ type: 'error', what: String(said['errorMessage']).slice(0, 200) }]
        return control(event === 'heartbeat' ? HEARTBEAT : ANSWERED)
      }
      return readAnswer(said, marketOf)
    },
  }

  function readChannel(list: readonly Told[]): readonly Said[] | undefined {
    const channel = list.at(-2), symbol = list.at(-1)
    if (list.length < 4 || typeof channel !== 'string' || typeof symbol !== 'string' || idOf(list[0]) === undefined) return undefined
    const market = marketOf(symbol)
    const [name = '', detail] = channel.split('-')
    switch (name) {
      case 'book': return bookOf(list.slice(1, -2).map((part) => objectOf(part) ?? {}), market, detail)
      case 'trade': return tradesOf(list[1], market)
      case 'ticker': return tickerOf(objectOf(list[1]), market)
      case 'spread': return spreadOf(listOf(list[1]), market)
      case 'ohlc': return control(UNFINISHED)
      default: return undefined
    }
  }

  function bookOf(parts: readonly ToldObject[], market: Market, depth: string | undefined): readonly Said[] | undefined {
    const first = parts[0] ?? {}
    const isWhole = 'as' in first || 'bs' in first
    const side = (name: string): Levels | undefined => {
      const found = parts.find((part) => name in part)?.[name]
      return found === undefined ? new Levels() : levelsOf(found)
    }
    const asks = side(isWhole ? 'as' : 'a'), bids = side(isWhole ? 'bs' : 'b')
    if (asks === undefined || bids === undefined) return undefined
    const written = digits.learn(market.symbol, [asks, bids], isWhole)
    const checksum = parts.map((part) => decimalOf(part['c'])).find((text) => text !== undefined)
    const said = {
      bids, asks, atMs: newestOf(bids, asks),
      ...(checksum !== undefined && { check: (book: Book) => krakenLoss(book, written, Number(checksum)) }),
    } satisfies Partial<BookSaid>
    return [isWhole ? snapshot(market, { ...said, depth: Number(depth) || 10 }) : diff(market, said)]
  }

  function tradesOf(told: Told | undefined, market: Market): readonly Said[] | undefined {
    return listOf(told)?.flatMap((entry): readonly Said[] => {
      const row = listOf(entry)
      const [price, size, time, side] = row ?? []
      const atMs = secondsIn(time)
      return [fact('trade', market, {
        atMs,
        // It has no id of its own here: moment, price, size and side tell it apart.
        id: `${stringOf(time) ?? ''}-${decimalOf(price) ?? ''}-${decimalOf(size) ?? ''}-${stringOf(side) ?? ''}`,
        facts: { price: decimalOf(price), size: decimalOf(size), side: side === 'b' ? 'buy' : side === 's' ? 'sell' : undefined },
      })]
    })
  }

  function tickerOf(said: ToldObject | undefined, market: Market): readonly Said[] | undefined {
    return said === undefined ? undefined : [fact('ticker', market, { facts: tickerFacts(said) })]
  }

  function spreadOf(row: readonly Told[] | undefined, market: Market): readonly Said[] | undefined {
    if (row === undefined) return undefined
    const [bid, ask, time, bidSize, askSize] = row
    return [fact('quote', market, {
      atMs: secondsIn(time),
      facts: { bid: decimalOf(bid), bid_size: decimalOf(bidSize), ask: decimalOf(ask), ask_size: decimalOf(askSize) },
    })]
  }
}
