/** Rebuilt books against what the venues themselves say the books were. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Book } from '#domain/market/book'
import { SyncedBook } from '#domain/market/book_sync'
import { Levels, unitsText } from '#domain/market/levels'
import { lobsterRows } from '#wire/book/lobster'
import type { Said } from '#wire/book/said'
import { bytesOf, fixtures, needs, orderbooks, saidIn } from './recordings.ts'

const shortest = (decimal: unknown): string => String(decimal).replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '')
const touchOf = ({ book }: SyncedBook): string[] => [...book.best('bids', 1), ...book.best('asks', 1)].flatMap(({ price, size }) => [price, size])

/** Of one market: every state against the newest best prices that are no later than it. */
function compare(said: Iterable<Said>, symbol: string) {
  const synced = new SyncedBook()
  const quotes: { readonly u: number; readonly touch: readonly string[] }[] = [],
    states: { readonly u: number; readonly touch: readonly string[] }[] = []
  let losses = 0
  for (const one of said) {
    if (!('market' in one) || (one.market.symbol !== symbol && one.market.symbol !== undefined)) continue
    if (one.type === 'fact' && one.kind === 'quote') {
      const { sequence, bid, bid_size, ask, ask_size } = one.facts
      quotes.push({ u: Number(sequence), touch: [bid, bid_size, ask, ask_size].map(shortest) })
    } else if (one.type === 'snapshot') losses += synced.start(one) === 'applied' ? 0 : 1
    else if (one.type === 'diff') {
      const taken = synced.take(one)
      if (typeof taken === 'object') losses++
      if (taken === 'applied') states.push({ u: synced.sequence ?? NaN, touch: touchOf(synced) })
    }
  }
  let at = 0, compared = 0, different = 0
  for (const { u, touch } of states) {
    while (at < quotes.length && (quotes[at]?.u ?? Infinity) <= u) at++
    const quote = quotes[at - 1]
    if (quote === undefined) continue
    compared++
    if (quote.touch.join() !== touch.join()) different++
  }
  return { states: states.length, quotes: quotes.length, compared, different, losses }
}

test('Binance spot: each of 3448 states has the best prices and sizes of bookTicker at its update id', needs(orderbooks), () => {
  const counts = compare(saidIn(bytesOf(orderbooks, 'binance_spot_btcusdt_20240808.ndjson.gz')), 'BTCUSDT')
  assert.deepEqual(counts, { states: 3448, quotes: 28040, compared: 3448, different: 0, losses: 0 })
})

test('Binance futures: each of 6545 states too', needs(orderbooks), () => {
  const counts = compare(saidIn(bytesOf(orderbooks, 'binance_usdm_btcusdt_20240808.ndjson.gz')), 'BTCUSDT')
  assert.deepEqual(counts, { states: 6545, quotes: 66089, compared: 6545, different: 0, losses: 0 })
})

function* both(rest: string, socket: string): Generator<Said> {
  yield* saidIn(bytesOf(fixtures, 'cryptofeed', rest))
  yield* saidIn(bytesOf(fixtures, 'cryptofeed', socket))
}
test('Binance: snapshots by REST joined to streams of eight markets', needs(fixtures), () => {
  const spot = ['NKNUSDT', 'BLZETH', 'LRCBTC', 'RUNEEUR'].map((symbol) => compare(both('BINANCE.http.0.0.capture.txt',
    'BINANCE.ws.1.0.capture.txt'), symbol))
  const futures = ['SUSHIUSDT', 'AKROUSDT', 'KEEPUSDT', 'CTKUSDT']
    .map((symbol) => compare(both('BINANCE_FUTURES.http.0.0.capture.txt', 'BINANCE_FUTURES.ws.1.0.capture.txt.gz'), symbol))
  const sum = (all: readonly ReturnType<typeof compare>[], name: 'compared' | 'different' | 'losses' | 'states'): number => all.reduce((total,
    each) => total + each[name], 0)
  assert.deepEqual(['states', 'compared', 'different', 'losses'].map((name) => sum(spot, name as 'states')), [172, 159, 0, 0])
  assert.deepEqual(['states', 'compared', 'different', 'losses'].map((name) => sum(futures, name as 'states')), [749, 743, 0, 0])
})

test('Kraken: the checksum of each of 4269 changes of ten books is ours', needs(fixtures), () => {
  const books = new Map<string | undefined, SyncedBook>()
  let checked = 0, wrong = 0
  for (const said of saidIn(bytesOf(fixtures, 'cryptofeed', 'KRAKEN.ws.50.0.capture.txt.gz'))) {
    if (said.type !== 'snapshot' && said.type !== 'diff') continue
    let synced = books.get(said.market.symbol)
    if (synced === undefined) books.set(said.market.symbol, (synced = new SyncedBook()))
    if (said.type === 'snapshot') synced.start(said)
    else synced.take(said)
    if (said.check === undefined) continue
    checked++
    if (said.check(synced.book) !== undefined) wrong++
    assert.ok(synced.book.bids.count <= 1000 && synced.book.asks.count <= 1000)
  }
  assert.deepEqual({ books: books.size, checked, wrong }, { books: 10, checked: 4269, wrong: 0 })
})

test('Kraken: a book that lacks one level, or has one size wrong, fails its checksum', needs(fixtures), () => {
  let synced: SyncedBook | undefined
  for (const said of saidIn(bytesOf(fixtures, 'cryptofeed', 'KRAKEN.ws.50.0.capture.txt.gz'))) {
    if (said.type === 'snapshot' && said.market.symbol === 'XMR/USD') (synced = new SyncedBook()).start(said)
    if (said.type !== 'diff' || said.market.symbol !== 'XMR/USD' || synced === undefined) continue
    const [best] = synced.book.best('bids', 1), none = new Levels(), broken = new Levels()
    broken.addText(best?.price ?? '', '0')
    synced.book.apply(broken, none)
    synced.take(said)
    assert.equal(said.check?.(synced.book)?.reason, 'checksum')
    return
  }
  assert.fail('no change of XMR/USD')
})

test('Bitfinex and Coinbase: no message is missed, no book ever crosses', needs(fixtures), () => {
  for (const file of ['BITFINEX.ws.11.0.capture.txt', 'COINBASE.ws.28.0.capture.txt.gz']) {
    const books = new Map<string | undefined, SyncedBook>()
    let changes = 0
    for (const said of saidIn(bytesOf(fixtures, 'cryptofeed', file))) {
      assert.notEqual(said.type, 'break')
      if (said.type !== 'snapshot' && said.type !== 'diff') continue
      let synced = books.get(said.market.symbol)
      if (synced === undefined) books.set(said.market.symbol, (synced = new SyncedBook()))
      if (said.type === 'snapshot') assert.equal(synced.start(said), 'applied')
      else assert.equal(synced.take(said), 'applied')
      assert.equal(synced.book.isCrossed, false)
      changes++
    }
    assert.deepEqual([books.size, changes], file.startsWith('BIT') ? [7, 1600] : [10, 9729])
  }
})

test('Coinbase: best prices that the ticker tells are in the rebuilt book', needs(fixtures), () => {
  // The first ticker of each market tells of a trade from before the connection.
  const books = new Map<string | undefined, SyncedBook>()
  let compared = 0, same = 0, firstMs = Infinity
  for (const said of saidIn(bytesOf(fixtures, 'cryptofeed', 'COINBASE.ws.28.0.capture.txt.gz'))) {
    if (said.type === 'snapshot') (books.get(said.market.symbol) ?? books.set(said.market.symbol,
      new SyncedBook()).get(said.market.symbol))?.start(said)
    else if (said.type === 'diff') {
      firstMs = Math.min(firstMs, said.atMs ?? Infinity)
      books.get(said.market.symbol)?.take(said)
    } else if (said.type === 'fact' && said.kind === 'ticker' && (said.atMs ?? 0) >= firstMs) {
      const synced = books.get(said.market.symbol)
      if (synced === undefined) continue
      compared++
      const [bid, , ask] = touchOf(synced)
      if (bid === shortest(said.facts['bid']) && ask === shortest(said.facts['ask'])) same++
    }
  }
  assert.deepEqual({ compared, same }, { compared: 97, same: 97 })
})

test('Bybit: 50 messages of 500 levels, against a book of sorted entries', needs(orderbooks), () => {
  const plain = { b: new Map<string, string>(), a: new Map<string, string>() }
  const synced = new SyncedBook()
  const lines = bytesOf(orderbooks, 'bybit_xrpusdt_ob500.ndjson.gz').toString().trim().split('\n')
  let compared = 0
  for (const line of lines) {
    const { type, data } = JSON.parse(line) as { type: string; data: { b: [string, string][]; a: [string, string][] } }
    if (type === 'snapshot') plain.b.clear(), plain.a.clear()
    for (const side of ['b', 'a'] as const) for (const [price, size] of data[side]) Number(size) === 0 ? plain[side].delete(price)
      : plain[side].set(price, size)
    for (const said of saidIn(Buffer.from(line))) {
      if (said.type === 'snapshot') assert.equal(synced.start(said), 'applied')
      else if (said.type === 'diff') assert.equal(synced.take(said), 'applied')
    }
    for (const [side, name, order] of [['b', 'bids', -1], ['a', 'asks', 1]] as const) {
      const expected = [...plain[side]].sort(([p], [q]) => order * (Number(p) - Number(q))).slice(0, 500).map(([p, s]) => [shortest(p), shortest(s)])
      assert.deepEqual(synced.book.best(name, 500).map(({ price, size }) => [price, size]), expected)
    }
    compared++
  }
  assert.equal(compared, 50)
})

/**
 * The recorded level 1 has a row for each message that changes the best level, and for each execution of a hidden order. Its messages are not at
 * hand, but those of the first half hour of the same day are, with fifty levels.
 */
test('LOBSTER: level 1 rebuilt from 30 minutes of messages is the recorded one, row by row', needs(orderbooks), () => {
  const messages = bytesOf(orderbooks, 'lobster_aapl_20120621_message50_0930_1000.csv.gz').toString()
  const truth = bytesOf(orderbooks, 'lobster_aapl_20120621_orderbook1_first40k.csv.gz').toString().trim().split('\n').slice(1)
  const book = new Book()
  const rebuilt: string[] = []
  let before = ''
  for (const row of lobsterRows(messages, 'messages', { symbol: 'AAPL', day: '2012-06-21', name: 'messages', venue: 'nasdaq' })) {
    const isHidden = 'why' in row && row.why.startsWith('a hidden order')
    if ('why' in row) assert.ok(isHidden, row.why)
    else if (row.said.type === 'snapshot') {
      book.replace(row.said.bids, row.said.asks)
      continue
    } else if (row.said.type === 'diff') book.apply(row.said.bids, row.said.asks)
    const [ask] = book.best('asks', 1), [bid] = book.best('bids', 1)
    const cents = (price: string | undefined): string => unitsText(Math.round(Number(price) * 10_000), 0)
    const now = [cents(ask?.price), ask?.size, cents(bid?.price), bid?.size].join()
    if (isHidden || now !== before) rebuilt.push(now)
    before = now
  }
  const different = rebuilt.filter((row, i) => row !== truth[i]).length
  assert.deepEqual({ compared: rebuilt.length, different }, { compared: 14205, different: 0 })
})
