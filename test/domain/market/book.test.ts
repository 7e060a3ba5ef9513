import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Book } from '#domain/market/book'
import { bitfinexChecksum, crc32, krakenChecksum } from '#domain/market/book_checksum'
import { Levels, TooManyDigits, unitsText } from '#domain/market/levels'
import { viewOf } from '#domain/market/book_view'
import { parseFixed } from '#domain/money/decimal'

export function levels(...entries: readonly (readonly [price: string, size: string])[]): Levels {
  const made = new Levels()
  for (const [price, size] of entries) assert.ok(made.addText(price, size))
  return made
}
const none = levels()
const shortest = (decimal: string): string => (decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal)

/** Sums and order by bigints of hundred-millionths: the independent copy of what a book does. */
class PlainSide {
  readonly #sizes = new Map<bigint, bigint>()
  set(price: string, size: string): void {
    const key = parseFixed(price) ?? 0n, value = parseFixed(size) ?? 0n
    if (value === 0n) this.#sizes.delete(key)
    else this.#sizes.set(key, value)
  }
  best(order: 1 | -1): string[][] {
    return [...this.#sizes].sort(([a], [b]) => (a < b ? -order : order)).map(([price, size]) => [unitsText(price, 8), unitsText(size, 8)])
  }
}

const decimal = (whole: number, digits: number) => fc.tuple(fc.nat(whole), fc.stringMatching(new RegExp(`^\\d{0,${digits}}$`)))
  .map(([units, fraction]) => (fraction === '' ? String(units) : `${units}.${fraction}`))
const price = decimal(9, 2)
const size = fc.oneof(fc.constant('0'), fc.constant('0.000'), decimal(50, 8), decimal(4_000_000_000, 8))
const message = fc.record({ bids: fc.array(fc.tuple(price, size), { maxLength: 12 }), asks: fc.array(fc.tuple(price, size), { maxLength: 12 }) })

test('any snapshot and changes: every level of both sides is exact, in order, whatever digits come when', () => {
  fc.assert(fc.property(fc.array(message, { minLength: 1, maxLength: 12 }), (messages) => {
    const book = new Book(), bids = new PlainSide(), asks = new PlainSide()
    for (const [i, said] of messages.entries()) {
      if (i === 0) book.replace(levels(...said.bids), levels(...said.asks))
      else book.apply(levels(...said.bids), levels(...said.asks))
      for (const [p, s] of said.bids) bids.set(p, s)
      for (const [p, s] of said.asks) asks.set(p, s)
    }
    assert.deepEqual(book.best('bids', 1000).map((level) => [level.price, level.size]), bids.best(-1))
    assert.deepEqual(book.best('asks', 1000).map((level) => [level.price, level.size]), asks.best(1))
  }))
})

test('many levels, inserted and taken away anywhere, keep their order', () => {
  const book = new Book(), plain = new PlainSide()
  let state = 7
  const below = (n: number): number => Math.floor(((state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32) * n)
  for (let i = 0; i < 20_000; i++) {
    const p = (below(3000) / 100).toFixed(2), s = below(3) === 0 ? '0' : String(below(1000) / 8)
    plain.set(p, s)
    book.apply(levels([p, s]), none)
  }
  assert.ok(book.bids.count > 1000)
  assert.deepEqual(book.best('bids', 5000).map((level) => [level.price, level.size]), plain.best(-1))
})

test('sizes beyond 2^53 stay exact, through finer digits, sums and removal', () => {
  const book = new Book()
  book.replace(levels(['0.00000001', '123456789012345678'], ['0.00000002', '90071992.54740993']), levels(['0.00000003', '1']))
  book.apply(levels(['0.00000001', '123456789012345678.12345678']), none)
  assert.deepEqual(book.best('bids', 2), [{ price: '0.00000002', size: '90071992.54740993' },
    { price: '0.00000001', size: '123456789012345678.12345678' }])
  assert.equal(unitsText(book.bids.sizeOf(2), book.sizeDigits), '123456789102417670.67086671')
  book.apply(levels(['0.00000001', '0']), none)
  assert.equal(book.bids.count, 1)
  book.apply(levels(['0.00000001', '7']), none)
  assert.equal(book.best('bids', 2)[1]?.size, '7')
})

test('prices that a book cannot hold exactly are refused, not rounded', () => {
  assert.throws(() => new Book().replace(levels(['99999999999.123456', '1']), none), TooManyDigits)
  const book = new Book()
  book.replace(levels(['9999999999', '1']), none)
  assert.throws(() => book.apply(levels(['0.00000001', '1']), none), TooManyDigits)
  assert.equal(new Levels().addText('1e5', '1'), false)
  assert.equal(new Levels().addText('1', '-1'), false)
})

test('what a book says: spread, mid, micro-price, imbalance and depth', () => {
  const book = new Book()
  book.replace(levels(['100.0', '3'], ['99.9', '1'], ['99', '10']), levels(['100.1', '1'], ['100.2', '1.5'], ['102', '10']))
  assert.deepEqual(viewOf(book, { levels: 2, bps: 15 }), {
    bid: '100', bid_size: '3', ask: '100.1', ask_size: '1', spread: '0.1', mid: '100.05',
    // (100 x 1 + 100.1 x 3) / 4
    micro_price: '100.075', imbalance: 0.5, imbalance_deep: Math.round((1.5 / 6.5) * 1e6) / 1e6, levels: 2,
    // 99.9 is 15.0 bps below the mid of 100.05, as far as 99.899925; 100.2 lies below 100.200075.
    bid_depth: '4', ask_depth: '2.5', depth_bps: 15,
  })
  book.apply(levels(['100.0', '0'], ['99.9', '0'], ['99', '0']), none)
  assert.deepEqual(viewOf(book, { levels: 2, bps: 15 }), { ask: '100.1', ask_size: '1' })
})

test('the micro-price lies between bid and ask and the imbalance between -1 and 1; finer digits elsewhere change neither', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 50 }), decimal(999, 4), decimal(999, 4),
    (bid, spread, bidSize, askSize) => {
    fc.pre(Number(bidSize) > 0 && Number(askSize) > 0)
    const book = new Book()
    book.replace(levels([String(bid), bidSize]), levels([String(bid + spread), askSize]))
    const before = viewOf(book, { levels: 1, bps: 1 })
    assert.ok(Number(before.micro_price) >= bid && Number(before.micro_price) <= bid + spread)
    assert.ok(Math.abs(before.imbalance ?? 2) <= 1)
    const exact = (bid * Number(askSize) + (bid + spread) * Number(bidSize)) / (Number(bidSize) + Number(askSize))
    assert.ok(Math.abs(Number(before.micro_price) - exact) <= 1e-4 * 0.51 + exact * 1e-12)
    book.apply(levels(['0.00000001', '0.00000001']), none)
    book.apply(levels(['0.00000001', '0']), none)
    assert.deepEqual(viewOf(book, { levels: 1, bps: 1 }), before)
  }))
})

test('a crossed or locked book is told; one side alone is not', () => {
  const book = new Book()
  book.replace(levels(['1.5', '1']), none)
  assert.equal(book.isCrossed, false)
  book.apply(none, levels(['1.6', '1']))
  assert.equal(book.isCrossed, false)
  book.apply(levels(['1.60', '1']), none)
  assert.equal(book.isCrossed, true)
})

test('the depth that a venue tells of is kept, the rest is out of sight', () => {
  const book = new Book()
  book.replace(levels(['1', '1'], ['3', '1'], ['2', '90071992547409920']), levels(['4', '1'], ['6', '1'], ['5', '1']))
  book.trim(2)
  assert.deepEqual([book.best('bids', 9), book.best('asks', 9)].map((side) => side.map((level) => level.price)), [['3', '2'], ['4', '5']])
  assert.equal(book.best('bids', 9)[1]?.size, '90071992547409920')
})

test('checksums: CRC-32 of its standard; Kraken’s of its own example', () => {
  assert.equal(crc32('123456789'), 0xcbf43926)
  assert.equal(crc32(''), 0)
  // The example of Kraken's guide to checksums: ten asks and ten bids around 0.05.
  const asks = ['0.05005', '0.05010', '0.05015', '0.05020', '0.05025', '0.05030', '0.05035', '0.05040', '0.05045', '0.05050']
  const bids = ['0.05000', '0.04995', '0.04990', '0.04980', '0.04975', '0.04970', '0.04965', '0.04960', '0.04955', '0.04950']
  const book = new Book()
  book.replace(levels(...bids.map((p): [string, string] => [p, '0.00000500'])), levels(...asks.map((p): [string, string] => [p, '0.00000500'])))
  assert.equal(krakenChecksum(book, { priceDigits: 5, sizeDigits: 8 }), 974_947_235)
  const small = new Book()
  small.replace(levels(['6000', '1.5']), levels(['6001.5', '0.25']))
  assert.equal(bitfinexChecksum(small), crc32('6000:1.5:6001.5:-0.25') | 0)
})

test('the shortest decimals of a count of units', () => {
  assert.deepEqual([unitsText(0, 8), unitsText(100, 2), unitsText(6183763, 2), unitsText(-5n, 3), unitsText(120, 1), unitsText(7, 0)],
    ['0', '1', '61837.63', '-0.005', '12', '7'])
  fc.assert(fc.property(decimal(1_000_000, 8), (text) => {
    const [whole = '', fraction = ''] = text.split('.')
    assert.equal(unitsText(BigInt(whole + fraction), fraction.length), shortest(text))
  }))
})
