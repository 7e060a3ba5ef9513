/** What bench/orderbook.mjs runs in a process of its own: one way of reading a capture of an order book, several passes; CPU ms of each as JSON. */
import { readFileSync } from 'node:fs'
import { SyncedBook } from '#domain/market/book_sync'
import { BookParser } from '#wire/book/collect'
import { framesOf } from '#wire/book/frames'
import { anyVenue } from '#wire/book/venues'

const [, , way = '', file = '', passes = '4'] = process.argv
const bytes = readFileSync(file)
const lines = bytes.toString().split('\n').filter((line) => line !== '')

/** Messages to books, every link and checksum judged; no signals. */
function books(): number {
  const venue = anyVenue(), known = new Map<unknown, SyncedBook>()
  let changes = 0
  for (const frame of framesOf(bytes, 'capture')) {
    if ('why' in frame) continue
    for (const said of venue.read(frame.message, { url: frame.url }) ?? []) {
      if (said.type !== 'snapshot' && said.type !== 'diff') continue
      let synced = known.get(said.market)
      if (synced === undefined) known.set(said.market, (synced = new SyncedBook()))
      const taken = said.type === 'snapshot' ? synced.start(said) : synced.take(said)
      if (typeof taken === 'object' || said.check?.(synced.book) !== undefined) throw new Error('a gap')
      changes += said.bids.count + said.asks.count
    }
  }
  return changes
}

/** The collector itself: signals of every second, as lines. */
function collector(): number {
  const log = { debug() {}, info() {}, warn() {}, error() {} }
  const terms = { levels: 10, bps: 10, intervalMs: 1000, everyChange: false, symbol: 'BTCUSDT', day: undefined, pairs: undefined, venue: 'recorded' }
  const parser = new BookParser(terms, { by: 'bench/0', log, reject: () => undefined })
  let length = 0
  for (const signal of parser.read({ name: 'capture', bytes, heardMs: Date.now() })) length += JSON.stringify(signal).length
  return length
}

interface Depth {
  readonly b?: readonly (readonly [string, string])[]
  readonly a?: readonly (readonly [string, string])[]
}
const depthOf = (line: string): Depth => {
  const { msg } = JSON.parse(line) as { msg: { data?: Depth; bids?: Depth['b']; asks?: Depth['a'] } }
  return msg.data ?? { b: msg.bids ?? [], a: msg.asks ?? [] }
}

function parseOnly(): number {
  let changes = 0
  for (const line of lines) changes += depthOf(line).b?.length ?? 0
  return changes
}

/** Sizes by price, as text: no order, so no best price. */
function maps(): number {
  const bids = new Map<string, string>(), asks = new Map<string, string>()
  for (const line of lines) {
    const { b = [], a = [] } = depthOf(line)
    for (const [price, size] of b) if (Number(size) === 0) bids.delete(price); else bids.set(price, size)
    for (const [price, size] of a) if (Number(size) === 0) asks.delete(price); else asks.set(price, size)
  }
  return bids.size + asks.size
}

/** Sorted arrays of doubles, places found by halves. */
function arrays(): number {
  const prices: number[][] = [[], []], sizes: number[][] = [[], []]
  const set = (side: 0 | 1, price: number, size: number): void => {
    const at = prices[side] ?? [], of = sizes[side] ?? []
    let low = 0, high = at.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((at[middle] ?? 0) < price) low = middle + 1
      else high = middle
    }
    const held = at[low] === price
    if (size > 0 && held) of[low] = size
    else if (size > 0) at.splice(low, 0, price), of.splice(low, 0, size)
    else if (held) at.splice(low, 1), of.splice(low, 1)
  }
  for (const line of lines) {
    const { b = [], a = [] } = depthOf(line)
    for (const [price, size] of b) set(0, Number(price), Number(size))
    for (const [price, size] of a) set(1, -Number(price), Number(size))
  }
  return (prices[0]?.length ?? 0) + (prices[1]?.length ?? 0)
}

interface CcxtBook {
  readonly bids: { storeArray(level: readonly [number, number]): void; length: number }
  readonly asks: { storeArray(level: readonly [number, number]): void; length: number }
}
async function ccxt(): Promise<() => number> {
  const { OrderBook } = (await import(process.argv[5] ?? '')) as { OrderBook: new (snapshot: object, depth: number) => CcxtBook }
  return () => {
    const book = new OrderBook({}, 100_000)
    for (const line of lines) {
      const { b = [], a = [] } = depthOf(line)
      for (const [price, size] of b) book.bids.storeArray([Number(price), Number(size)])
      for (const [price, size] of a) book.asks.storeArray([Number(price), Number(size)])
    }
    return book.bids.length + book.asks.length
  }
}

const ways: { readonly [name: string]: () => number | Promise<number> } = { books, collector, parse: parseOnly, maps, arrays }
const run = way === 'ccxt' ? await ccxt() : (ways[way] ?? parseOnly)
const cpu: number[] = []
for (let pass = 0; pass < Number(passes); pass++) {
  const before = process.cpuUsage()
  await run()
  const { user, system } = process.cpuUsage(before)
  cpu.push((user + system) / 1000)
}
console.log(JSON.stringify({ cpuMs: cpu[0], warmMs: Math.min(...cpu.slice(1)) }))
