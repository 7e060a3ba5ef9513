/**
 * Bitfinex's second WebSocket protocol: lists under channel numbers that `subscribed` events explain (https://docs.bitfinex.com/docs/ws-general).
 * A level is `[price, orders, amount]`, asks below zero, gone where no orders are left. With flag 65536 each message ends in a number that counts
 * over the connection, with 131072 checksums (`cs`) come between.
 */
import { bitfinexChecksum } from '#domain/market/book_checksum'
import type { Book } from '#domain/market/book'
import { Levels } from '#domain/market/levels'
import { marketsOf, pairOf } from './markets.ts'
import { millisIn } from './moments.ts'
import { ANSWERED, control, diff, fact, HEARTBEAT, snapshot, UNFINISHED, type BookSaid, type Market, type Said, type Venue } from './said.ts'
import { decimalOf, idOf, listOf, objectOf, stringOf, wholeOf, type Told, type ToldObject } from './told.ts'

interface Channel {
  readonly kind: string
  readonly market: Market
  /** P0 to P4: levels; R0: single orders. */
  readonly precision: string
  readonly depth: number | undefined
}

const VENUE = 'bitfinex'
const SEQUENCED = 65_536
/** What Bitfinex calls UST is Tether's dollar. */
const nameOf = (symbol: string): string | undefined => pairOf(symbol.replace(/UST(?=F0$|$)/, 'USDT'))
/** Told apart at most: more channels no connection has. */
const MOST_CHANNELS = 10_000

export function bitfinex(): Venue {
  const marketOf = marketsOf(VENUE, nameOf)
  const channels = new Map<string, Channel>()
  let counts = false
  let last: number | undefined
  return {
    read(message, { url }) {
      const list = listOf(message)
      if (list !== undefined) return readList(list) ?? readBook(list, url)
      const said = objectOf(message)
      const event = said?.['event']
      return said === undefined || typeof event !== 'string' ? undefined : readEvent(event, said)
    },
  }

  function readEvent(event: string, said: ToldObject): readonly Said[] | undefined {
    switch (event) {
      case 'subscribed': {
        const id = idOf(said['chanId']), symbol = stringOf(said['symbol']) ?? stringOf(said['key'])
        if (id === undefined) return undefined
        if (channels.size < MOST_CHANNELS) {
          channels.set(id, {
            kind: stringOf(said['channel']) ?? '', market: marketOf(symbol), precision: stringOf(said['prec']) ?? 'P0', depth: wholeOf(said['len']),
          })
        }
        return control(ANSWERED)
      }
      case 'info':
        if (!('version' in said)) return 'code' in said ? control(ANSWERED) : undefined
        // The first words of a new connection, which counts from one and knows no channels.
        channels.clear()
        counts = false
        last = undefined
        return control(ANSWERED)
      case 'conf':
        counts = ((wholeOf(said['flags']) ?? 0) & SEQUENCED) !== 0
        return control(ANSWERED)
      // A client's own words, and their answers; other venues have events of these names with other members.
      case 'subscribe': return 'symbol' in said || 'key' in said ? control(ANSWERED) : undefined
      case 'pong': case 'unsubscribed': return 'cid' in said || 'chanId' in said ? control(ANSWERED) : undefined
      case 'error': return typeof said['msg'] === 'string' && 'code' in said ? [{ type: 'error', what: said['msg'].slice(0, 200) }] : undefined
      default: return undefined
    }
  }

  function readList(list: readonly Told[]): readonly Said[] | undefined {
    const id = idOf(list[0])
    const channel = id === undefined ? undefined : channels.get(id)
    if (channel === undefined) return id !== undefined && list[1] === 'hb' ? [...missed(list), ...control(HEARTBEAT)] : undefined
    const before = missed(list)
    if (list[1] === 'hb') return [...before, ...control(HEARTBEAT)]
    if (list[1] === 'cs') return [...before, checkOf(channel, wholeOf(list[2]))]
    const read = readChannel(channel, list)
    return read === undefined ? undefined : [...before, ...read]
  }

  /** An answer of REST is told by its address alone. */
  function readBook(list: readonly Told[], url: string | undefined): readonly Said[] | undefined {
    const symbol = /\/v2\/book\/(t[A-Z0-9:]+)\/P\d/.exec(url ?? '')?.[1]
    return symbol === undefined ? undefined : bookOf({ kind: 'book', market: marketOf(symbol), precision: 'P0', depth: undefined }, list)
  }

  /** The number that ends a message, where it has one: one more than that of the message before. */
  function missed(list: readonly Told[]): readonly Said[] {
    const number = counts && list.length > 2 ? wholeOf(list.at(-1)) : undefined
    if (number === undefined) return []
    const expected = last === undefined ? number : last + 1
    last = number
    if (number === expected) return []
    return [{ type: 'break', venue: VENUE, loss: { reason: 'sequence', expected: String(expected), found: String(number) } }]
  }

  function readChannel(channel: Channel, list: readonly Told[]): readonly Said[] | undefined {
    const { kind, market } = channel
    const body = listOf(list[1])
    switch (kind) {
      case 'book': return channel.precision.startsWith('R') ? control('single orders (level 3): not read') : bookOf(channel, body)
      case 'trades': {
        if (body !== undefined) return body.flatMap((entry) => tradeOf(listOf(entry), market))
        // Each trade is executed (te), then updated (tu) with the same id.
        return list[1] === 'te' ? tradeOf(listOf(list[2]), market) : list[1] === 'tu' ? control('a trade said a second time (tu)') : undefined
      }
      case 'ticker': return body === undefined ? undefined : [tickerOf(body, market)]
      case 'candles': return control(UNFINISHED)
      case 'status': return control('a status that is not read')
      default: return undefined
    }
  }
}

function bookOf({ market, depth }: Channel, body: readonly Told[] | undefined): readonly Said[] | undefined {
  if (body === undefined) return undefined
  const isWhole = body.length === 0 || listOf(body[0]) !== undefined
  const bids = new Levels(), asks = new Levels()
  for (const entry of isWhole ? body : [body]) {
    const [price, orders, amount] = listOf(entry) ?? []
    const p = decimalOf(price), n = wholeOf(orders), a = decimalOf(amount)
    if (p === undefined || n === undefined || a === undefined) return undefined
    const isAsk = a.startsWith('-')
    if (!(isAsk ? asks : bids).addText(p, n === 0 ? '0' : isAsk ? a.slice(1) : a)) return undefined
  }
  const said: Omit<BookSaid, 'type' | 'market'> = { bids, asks }
  return [isWhole ? snapshot(market, { ...said, depth }) : diff(market, said)]
}

/** A change that changes nothing, after which the book must have this checksum. */
function checkOf({ market }: Channel, checksum: number | undefined): Said {
  return diff(market, {
    bids: new Levels(), asks: new Levels(),
    check(book: Book) {
      const own = bitfinexChecksum(book)
      return checksum === undefined || own === checksum ? undefined : { reason: 'checksum', expected: String(checksum), found: String(own) }
    },
  })
}

/** `[id, milliseconds, amount, price]`; the amount is below zero where the taker sold. */
function tradeOf(row: readonly Told[] | undefined, market: Market): readonly Said[] {
  if (row === undefined) return []
  const [id, time, amount, price] = row
  const size = decimalOf(amount)
  return [fact('trade', market, {
    atMs: millisIn(time), id: idOf(id),
    facts: { price: decimalOf(price), size: size?.replace('-', ''), side: size === undefined ? undefined : size.startsWith('-') ? 'sell' : 'buy' },
  })]
}

/** `[bid, bid size, ask, ask size, change, relative change, last, volume, high, low]`; of pairs, not of funding currencies. */
function tickerOf(row: readonly Told[], market: Market): Said {
  if (row.length !== 10) return { type: 'control', what: 'a ticker of funding: not read' }
  const [bid, bidSize, ask, askSize, change, , last, volume, high, low] = row.map(decimalOf)
  return fact('ticker', market, { facts: { last, bid, bid_size: bidSize, ask, ask_size: askSize, change, volume, high, low, span: '24h' } })
}
